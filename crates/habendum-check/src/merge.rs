//! Findings of several versions, cases and readings brought together: one finding per fault, with every interval in which
//! it holds.
//!
//! Invariant: what is certain in every case where its clauses stand is certain; what holds in some only is possible.

use crate::case::Case;
use crate::finding::{Finding, Interval, Standing};
use habendum_model::value::{ClauseId, Value};
use habendum_norm::ir::Version;
use habendum_syntax::{Severity, Span};
use jiff::civil::Date;

/// The days of a version, further bounded by a first and a last day of the fault.
#[must_use]
pub fn interval(version: &Version, from: Option<Date>, through: Option<Date>) -> Option<Interval> {
    let start = version.from.fixed()?;
    let from = from.map_or(start, |d| d.max(start));
    let through = match (version.through, through) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let empty = through.is_some_and(|t| t < from);
    (!empty).then(|| Interval { from, through, amendments: version.amendments.clone() })
}

/// Code, clauses, main place and words.
pub(crate) type Likeness = (String, Vec<ClauseId>, Option<Span>, String);

/// What makes two findings one.
pub(crate) fn likeness(f: &Finding) -> Likeness {
    let d = &f.diagnostic;
    (d.code.clone(), f.clauses.clone(), d.labels.first().map(|l| l.span), d.message.clone())
}

/// Joins equal findings of one case: intervals that touch become one.
#[must_use]
pub fn join(found: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for f in found {
        match out.iter_mut().find(|g| likeness(g) == likeness(&f)) {
            None => out.push(f),
            Some(g) => {
                for i in f.intervals {
                    add(&mut g.intervals, i);
                }
                for l in f.diagnostic.labels {
                    if !g.diagnostic.labels.contains(&l) {
                        g.diagnostic.labels.push(l);
                    }
                }
                if g.witness.is_none() {
                    g.witness = f.witness;
                }
            }
        }
    }
    out
}

fn add(to: &mut Vec<Interval>, i: Interval) {
    let touches = |last: &Interval| {
        last.through.and_then(|t| t.tomorrow().ok()).is_some_and(|t| t >= i.from) && last.from <= i.from
    };
    match to.last_mut() {
        Some(last) if touches(last) => {
            last.through = match (last.through, i.through) {
                (Some(a), Some(b)) => Some(a.max(b)),
                _ => None,
            };
            for a in i.amendments {
                if !last.amendments.contains(&a) {
                    last.amendments.push(a);
                }
            }
        }
        _ => to.push(i),
    }
}

/// Joins the findings of all cases. One that some case does not share is possible, not certain.
#[must_use]
pub fn across(cases: &[Case<'_>], found: Vec<Vec<Finding>>) -> Vec<Finding> {
    let mut out: Vec<(Finding, usize)> = Vec::new();
    for (case, of_case) in cases.iter().zip(found) {
        for mut f in of_case {
            if let Some(w) = &mut f.witness {
                let days = case.assumed.iter().map(|(p, d)| (*p, Value::Date(*d)));
                w.values.extend(days);
            }
            match out.iter_mut().find(|(g, _)| likeness(g) == likeness(&f)) {
                None => out.push((f, 1)),
                Some((g, n)) => {
                    *n += 1;
                    if g.witness.is_none() {
                        g.witness = f.witness;
                    }
                }
            }
        }
    }
    out.into_iter()
        .filter(|(f, n)| !matches!(f.standing, Standing::Disjoint(_)) || *n >= holding(cases, f))
        .map(|(mut f, n)| {
            if n < cases.len() && f.standing == Standing::Conflict {
                f.standing = Standing::Possible;
                f.diagnostic.severity = f.diagnostic.severity.min(Severity::Warning);
                f.diagnostic = f.diagnostic.note(some_only(cases));
            }
            f
        })
        .collect()
}

/// In how many cases the sentence at a finding's place stands. What says that something never happens counts only where it
/// never does in any of them.
fn holding(cases: &[Case<'_>], f: &Finding) -> usize {
    let at = f.diagnostic.span();
    let holds = |s: Span| s.file == at.file && s.start <= at.start && at.end <= s.end;
    let stands = |c: &&Case<'_>| c.program.versions.iter().any(|v| v.norms.iter().any(|n| holds(n.span)));
    match cases.iter().filter(stands).count() {
        // A place in what an amendment varies lies in no sentence.
        0 => cases.len(),
        n => n,
    }
}

/// Why a finding that some cases lack is not certain.
fn some_only(cases: &[Case<'_>]) -> &'static str {
    let first = cases.first();
    let dates = cases.iter().any(|c| Some(&c.assumed) != first.map(|f| &f.assumed));
    let readings = cases.iter().any(|c| Some(&c.binding.readings) != first.map(|f| &f.binding.readings));
    match (dates, readings) {
        (true, true) => "under some readings and orders of the open dates only",
        (true, false) => "under some orders of the open dates only",
        (false, _) => "under some readings only",
    }
}
