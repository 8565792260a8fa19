//! C014: circles. Sentences that each give way to the other; acts each of which may only follow the other; payments each of
//! which is credited against the other. Definitions in a circle are found where names are resolved.
//!
//! Data flow: who yields to whom -> circles; what may lawfully come first, kind by kind, until no kind is added -> what is
//! left waits for itself. Invariant: of acts it is said only where they could come about, had one of them come already, and
//! a first one is replayed to a breach.

use super::scope::{amended, can, finding, never};
use crate::case::Case;
use crate::encode::{Feeds, History, Moment, Verdicts, verdicts};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::words;
use crate::merge::join;
use crate::shown::{Shown, row};
use crate::solver::Formula;
use habendum_model::expr::MeasureWhat;
use habendum_model::value::{ClauseId, EventId};
use habendum_norm::ir::{Body, Norm, Program, Version};
use habendum_norm::outcome::Outcome;
use habendum_norm::reads::{Read, each_expr, reads};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The code.
pub const CODE: &str = "C014";

/// Circles.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        for c in precedences(version) {
            found.extend(precedence(case, version, &c));
        }
        for c in circles(version, credits) {
            found.extend(credited(case, version, &c));
        }
        found.extend(waiting(case, version));
    }
    join(found)
}

/// Whether `a` gives way to `b`: opposite rules of one kind, by the words of either.
fn yields(a: &Norm, b: &Norm) -> bool {
    let opposite = match (&a.body, &b.body) {
        (Body::Rule(x), Body::Rule(y)) => x.permits != y.permits && x.event == y.event,
        _ => false,
    };
    opposite && (a.subject_to.contains(&b.id.clause) || b.notwithstanding.contains(&a.id.clause))
}

fn credits(a: &Norm, b: &Norm) -> bool {
    match (&a.body, &b.body) {
        (Body::Payment(p), Body::Payment(_)) => p.credits.iter().any(|c| c.clause == b.id.clause),
        _ => false,
    }
}

/// Rules that give way to each other, at once or through others: what nothing ranks for that reason.
pub(super) fn precedences(version: &Version) -> Vec<Vec<usize>> {
    circles(version, yields)
}

/// The sets of sentences each of which reaches every other along the edges.
fn circles(version: &Version, edge: impl Fn(&Norm, &Norm) -> bool) -> Vec<Vec<usize>> {
    let all = &version.norms;
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // Only sentences that name another, or that another names, have edges.
    let named: BTreeSet<ClauseId> = all.iter().flat_map(|n| n.notwithstanding.iter().copied()).collect();
    let has = |n: &Norm| {
        let credits = matches!(&n.body, Body::Payment(p) if !p.credits.is_empty());
        credits || !n.subject_to.is_empty() || named.contains(&n.id.clause)
    };
    for (i, a) in all.iter().enumerate().filter(|(_, n)| has(n)) {
        let to: Vec<usize> = all.iter().enumerate().filter(|(_, b)| edge(a, b)).map(|(j, _)| j).collect();
        if !to.is_empty() {
            next.insert(i, to);
        }
    }
    let reach = |from: usize| {
        let mut seen = BTreeSet::new();
        let mut todo = next.get(&from).cloned().unwrap_or_default();
        while let Some(x) = todo.pop() {
            if seen.insert(x) {
                todo.extend(next.get(&x).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<usize, BTreeSet<usize>> = next.keys().map(|i| (*i, reach(*i))).collect();
    let mut out: Vec<Vec<usize>> = Vec::new();
    for (i, r) in reached.iter().filter(|(i, r)| r.contains(i)) {
        let with: Vec<usize> =
            r.iter().copied().filter(|j| reached.get(j).is_some_and(|s| s.contains(i))).collect();
        if !out.contains(&with) {
            out.push(with);
        }
    }
    out
}

fn clauses(of: &[&Norm]) -> Vec<ClauseId> {
    let mut out = Vec::new();
    for n in of {
        if !out.contains(&n.id.clause) {
            out.push(n.id.clause);
        }
    }
    out
}

fn names(case: &Case<'_>, of: &[&Norm]) -> String {
    let all: Vec<String> = clauses(of).into_iter().map(|c| words::clause(case.symbols(), c)).collect();
    words::list(&all)
}

/// Rules that give way in a circle, where all of it can apply at once.
fn precedence(case: &Case<'_>, version: &Version, circle: &[usize]) -> Option<Finding> {
    let of: Vec<&Norm> = circle.iter().map(|i| &version.norms[*i]).collect();
    let Body::Rule(r) = &of.first()?.body else { return None };
    let mut m = Moment::new(&case.program, r.event, History::Empty);
    let v = verdicts(&mut m, version);
    let all: Vec<Formula> =
        v.speaks.iter().filter(|s| circle.contains(&s.norm)).map(|s| s.stands.clone()).collect();
    let hold = [v.within.clone(), Formula::and(all)];
    let wanted =
        |o: &Outcome| o.verdict == Verdict::Conflict && of.iter().all(|n| o.deciding.contains(&n.id));
    let witness = match row(case, &mut m, &hold, &wanted) {
        Shown::Row(w) => {
            let shows = format!("{} all stand, and none prevails", names(case, &of));
            Some(Witness { shows, ..*w })
        }
        Shown::Never | Shown::Open(_) => None,
    };
    let message = format!("{} give way to one another in a circle", names(case, &of));
    let certain = witness.as_ref().is_some_and(|w| w.values.is_empty());
    let make = if certain { Diagnostic::error } else { Diagnostic::warning };
    let mut d = make(CODE, message, of.first()?.span, "gives way".to_owned());
    for n in of.iter().skip(1) {
        d = d.label(n.span, "gives way too");
    }
    let d = amended(case, d, &of)
        .note("where all of them apply, none prevails, and the event is a conflict")
        .help("strike one `subject to` or `notwithstanding`");
    let standing = if certain { Standing::Conflict } else { Standing::Possible };
    finding(version, None, d, clauses(&of), standing, witness)
}

/// Payments that are credited against one another.
fn credited(case: &Case<'_>, version: &Version, circle: &[usize]) -> Option<Finding> {
    let of: Vec<&Norm> = circle.iter().map(|i| &version.norms[*i]).collect();
    let message = if clauses(&of).len() == 1 {
        format!("{} is credited against itself", names(case, &of))
    } else {
        format!("{} are credited against one another in a circle", names(case, &of))
    };
    let mut d = Diagnostic::warning(CODE, message, of.first()?.span, "credits the other");
    for n in of.iter().skip(1) {
        d = d.label(n.span, "credits it in turn");
    }
    let d = amended(case, d, &of)
        .note("each is reduced by what the other comes to, so that the order in which they accrue decides")
        .help("let one of the two stand by itself");
    finding(version, None, d, clauses(&of), Standing::Possible, None)
}

/// Kinds of act each of which may lawfully come only after another of them.
fn waiting(case: &Case<'_>, version: &Version) -> Vec<Finding> {
    let mut waits: BTreeSet<EventId> = BTreeSet::new();
    for n in &version.norms {
        if let Body::Rule(r) = &n.body
            && !named(&case.program, n).is_empty()
        {
            waits.insert(r.event);
        }
    }
    if waits.len() < 2
        && !waits.iter().any(|k| of_kind(version, *k).any(|n| named(&case.program, n).contains(k)))
    {
        return Vec::new();
    }
    // What may come first: everything but what waits, then what waits for that, and so on.
    let mut stuck = waits.clone();
    loop {
        let freed: Vec<EventId> =
            stuck.iter().copied().filter(|k| lawful(case, version, *k, &stuck)).collect();
        if freed.is_empty() {
            break;
        }
        stuck.retain(|k| !freed.contains(k));
    }
    // What could not come even after all the others is no circle.
    stuck.retain(|k| lawful(case, version, *k, &BTreeSet::new()));
    if stuck.is_empty() { Vec::new() } else { told(case, version, &stuck).into_iter().collect() }
}

fn of_kind(version: &Version, k: EventId) -> impl Iterator<Item = &Norm> {
    version.norms.iter().filter(move |n| matches!(&n.body, Body::Rule(r) if r.event == k))
}

/// Kinds whose earlier occurrence a rule asks about.
fn named(program: &Program, n: &Norm) -> BTreeSet<EventId> {
    let mut out = BTreeSet::new();
    for r in reads(n) {
        match r {
            Read::Test(t) => {
                if matches!(&n.body, Body::Rule(x) if x.before.as_ref().is_some_and(|b| b.event == t.event)) {
                    out.insert(t.event);
                }
            }
            Read::Expr(e) => each_expr(e, &mut |x| {
                if let habendum_model::expr::ExprKind::Occurred(m) = x.kind
                    && let Some(MeasureWhat::Count { event, .. }) =
                        program.measures.get(m.ix()).map(|m| &m.what)
                {
                    out.insert(*event);
                }
            }),
            Read::Date(_) => {}
        }
    }
    out
}

/// Some event of the kind is no wrong, none of these kinds having occurred.
fn lawful(case: &Case<'_>, version: &Version, k: EventId, not_yet: &BTreeSet<EventId>) -> bool {
    let program = &case.program;
    let tag = |e: EventId| format!(" \u{1}{}\u{1}", e.0);
    let mark = |f: Feeds<'_>| match f {
        Feeds::Test(t) => tag(t.event),
        Feeds::Measure(m) => match program.measures.get(m.ix()).map(|m| &m.what) {
            Some(MeasureWhat::Count { event, .. }) => tag(*event),
            _ => String::new(),
        },
        Feeds::Clause(_) | Feeds::Acts(_) | Feeds::Register(_) | Feeds::Figure => String::new(),
    };
    let mut m = Moment::new(program, k, History::Any);
    m.turn(program, k, None, &mark);
    let v: Verdicts = verdicts(&mut m, version);
    let unseen: Vec<Formula> = m
        .states
        .iter()
        .filter(|(name, _)| name.starts_with("seen before") || name.contains(" occurred "))
        .filter(|(name, _)| not_yet.iter().any(|e| name.ends_with(&tag(*e))))
        .map(|(_, f)| Formula::not(f.clone()))
        .collect();
    let open = program.default_permits.get(k.ix()).copied().unwrap_or(true);
    let bidden = version.norms.iter().any(|n| matches!(&n.body, Body::Duty(d) if d.event == k));
    let speaks = if open || bidden { Formula::Const(true) } else { v.permitted() };
    let free =
        Formula::and([Formula::not(v.forbidden()), speaks, Formula::not(v.unkept()), Formula::and(unseen)]);
    let f = Formula::and([v.within.clone(), v.by_party.clone(), free]);
    !never(&mut m, &f)
}

fn told(case: &Case<'_>, version: &Version, stuck: &BTreeSet<EventId>) -> Option<Finding> {
    let s = case.symbols();
    let of: Vec<&Norm> = stuck
        .iter()
        .flat_map(|k| of_kind(version, *k))
        .filter(|n| named(&case.program, n).iter().any(|e| stuck.contains(e)))
        .collect();
    let kinds: Vec<String> = stuck.iter().map(|k| s.event_name(*k).to_owned()).collect();
    let first = *stuck.first()?;
    let mut m = Moment::new(&case.program, first, History::Empty);
    let v = verdicts(&mut m, version);
    let hold = [v.within.clone(), v.by_party.clone()];
    let mut witness = None;
    if can(&mut m, &Formula::and(hold.clone()))
        && let Shown::Row(w) = row(case, &mut m, &hold, &|o| o.verdict == Verdict::Breach)
    {
        let shows = format!("no {} can come first", words::list(&kinds).replace(" and ", " or "));
        witness = Some(Witness { shows, ..*w });
    }
    let message = match kinds.as_slice() {
        [one] => format!("{one} is allowed only after {one}"),
        all => format!("{} each wait for one another: none may come first", words::list(all)),
    };
    let mut d = Diagnostic::error(CODE, message, of.first()?.span, "waits");
    for n in of.iter().skip(1) {
        d = d.label(n.span, "waits in turn");
    }
    if witness.is_none() {
        d.severity = habendum_syntax::Severity::Warning;
    }
    let d = amended(case, d, &of)
        .note("no party may lawfully take the first step")
        .help("let one of the acts be done without the other");
    let standing = if witness.is_some() { Standing::Conflict } else { Standing::Possible };
    finding(version, None, d, clauses(&of), standing, witness)
}
