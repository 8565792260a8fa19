//! C012: a sentence that can never apply: no event satisfies its conditions, its days are over before its text begins, or
//! others always override it.
//!
//! Invariant: each is a proof: no state, figure or history brings the sentence to bear. A term whose ends are the wrong way
//! round is said while the text is lowered.

use super::scope::{amended, bears, can, finding, kind, moment, never, of_license};
use crate::case::Case;
use crate::encode::{History, Moment, verdicts};
use crate::finding::{Finding, Standing};
use crate::grants::days::days_of;
use crate::grants::words;
use crate::merge::join;
use crate::solver::Formula;
use habendum_model::value::EventId;
use habendum_norm::ir::{Body, Norm, Version};
use habendum_syntax::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// The code.
pub const CODE: &str = "C012";

/// Idle sentences.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (v, version) in case.program.versions.iter().enumerate() {
        let mut moments = BTreeMap::new();
        for n in version.norms.iter().filter(|n| !matches!(n.body, Body::License(_))) {
            let spent = days_of(case, v, n).is_empty();
            found.extend(over(case, v, n));
            if !spent {
                found.extend(conditions(case, version, n, &mut moments));
            }
        }
        let kinds: BTreeSet<EventId> =
            version.norms.iter().filter_map(|n| Some(n.body.rule()?.event)).collect();
        for k in kinds {
            found.extend(overridden(case, version, k));
        }
    }
    join(found)
}

/// A last day before the first day of every text that holds the sentence.
fn over(case: &Case<'_>, v: usize, n: &Norm) -> Option<Finding> {
    let last = n.term.through.as_ref()?.fixed()?;
    let all = &case.program.versions;
    let stands = all.iter().enumerate().flat_map(|(i, w)| w.norms.iter().map(move |x| (i, x)));
    let mut same = stands.filter(|(_, x)| x.id == n.id && x.span == n.span);
    let first = same.clone().next()?;
    if first.0 != v || n.id.sub > 0 || same.any(|(i, x)| !days_of(case, i, x).is_empty()) {
        return None;
    }
    let version = &all[v];
    let begins = version.from.fixed()?;
    if last >= begins {
        return None;
    }
    let name = words::clause(case.symbols(), n.id.clause);
    let message = format!("{name} is over before it begins");
    let d = Diagnostic::warning(CODE, message, n.span, format!("its last day is {last}"))
        .note(format!("the text that holds it begins on {begins}"))
        .help("mend the last day, or strike the clause");
    let why = Standing::Disjoint("time".into());
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None)
}

/// Conditions that exclude each other.
fn conditions<'c>(
    case: &'c Case<'_>,
    version: &Version,
    n: &Norm,
    moments: &mut BTreeMap<EventId, Moment<'c>>,
) -> Option<Finding> {
    // The second half of `may ... only if` has a condition of its own making.
    if of_license(version, n) || n.id.sub > 0 {
        return None;
    }
    let event = kind(n)?;
    let m = moments.entry(event).or_insert_with(|| moment(case, event, History::Any));
    let bears = bears(m, version, n);
    if !never(m, &bears) {
        return None;
    }
    let s = case.symbols();
    let name = words::clause(s, n.id.clause);
    let what = s.event_name(m.event).to_owned();
    let message = format!("{name} can never apply: no {what} satisfies its conditions");
    let d = Diagnostic::warning(CODE, message, n.span, "never comes to bear")
        .note("its conditions exclude each other, whatever happened before and whatever the open figures are")
        .help("mend the condition, or strike the sentence");
    let why = Standing::Disjoint("guard".into());
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None)
}

/// Rules of a kind that apply to some event, and are dropped by the ranking whenever they do.
fn overridden(case: &Case<'_>, version: &Version, event: EventId) -> Vec<Finding> {
    let ranked = version.norms.iter().any(|n| {
        n.body.rule().is_some_and(|r| r.event == event)
            && !(n.subject_to.is_empty() && n.notwithstanding.is_empty())
    });
    if !ranked {
        return Vec::new();
    }
    let mut m = Moment::new(&case.program, event, History::Any);
    let v = verdicts(&mut m, version);
    m.solver.assert(v.within.clone());
    let mut out = Vec::new();
    for s in &v.speaks {
        if version.norms[s.norm].id.sub > 0
            || s.applies == s.stands
            || !can(&mut m, &s.applies)
            || !never(&mut m, &s.stands)
        {
            continue;
        }
        let n = &version.norms[s.norm];
        let over: Vec<&Norm> = v
            .speaks
            .iter()
            .filter(|o| o.permits != s.permits && crate::grants::ranked(n, &version.norms[o.norm]))
            .filter(|o| can(&mut m, &Formula::and([s.applies.clone(), o.stands.clone()])))
            .map(|o| &version.norms[o.norm])
            .collect();
        out.extend(dropped(case, version, n, &over));
    }
    out
}

fn dropped(case: &Case<'_>, version: &Version, n: &Norm, over: &[&Norm]) -> Option<Finding> {
    let s = case.symbols();
    let name = words::clause(s, n.id.clause);
    let mut names: Vec<String> = over.iter().map(|o| words::clause(s, o.id.clause)).collect();
    names.dedup();
    let by = words::list(&names);
    let message = format!("{name} never has its way: {by} prevails wherever it applies");
    let mut d = Diagnostic::warning(CODE, message, n.span, "always overridden");
    for o in over {
        d = d.label(o.span, "this prevails");
    }
    let mut all = vec![n];
    all.extend(over);
    let d = amended(case, d, &all).help(format!("turn the ranking round, narrow {by}, or strike {name}"));
    let mut clauses = vec![n.id.clause];
    clauses.extend(over.iter().map(|o| o.id.clause));
    clauses.dedup();
    finding(version, None, d, clauses, Standing::Disjoint("ranking".into()), None)
}
