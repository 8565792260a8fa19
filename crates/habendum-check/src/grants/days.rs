//! Days on which a sentence stands in a version: its text's days, cut to its term, less its suspensions.
//!
//! Invariant: lists of days are in order and do not touch one another.

use crate::case::Case;
use crate::encode::{Past, past};
use habendum_model::date::{add, plus_days};
use habendum_norm::ir::{Norm, Version};
use jiff::civil::Date;

/// A run of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    /// First day.
    pub from: Date,
    /// Last day; none where open.
    pub through: Option<Date>,
}

/// The earlier of two last days, where none is never.
pub(crate) fn earlier(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Days {
    /// The days in both.
    pub(crate) fn meet(self, o: Days) -> Option<Days> {
        let (from, through) = (self.from.max(o.from), earlier(self.through, o.through));
        through.is_none_or(|t| from <= t).then_some(Days { from, through })
    }

    /// What is left of these days without others.
    fn less(self, o: Days) -> Vec<Days> {
        if self.meet(o).is_none() {
            return vec![self];
        }
        let mut out = Vec::new();
        if self.from < o.from
            && let Ok(eve) = plus_days(o.from, -1)
        {
            out.push(Days { from: self.from, through: Some(eve) });
        }
        if let Some(last) = o.through
            && self.through.is_none_or(|t| last < t)
            && let Ok(next) = plus_days(last, 1)
        {
            out.push(Days { from: next, through: self.through });
        }
        out
    }
}

/// The days in both lists.
pub(crate) fn common(a: &[Days], b: &[Days]) -> Vec<Days> {
    let mut all: Vec<Days> = a.iter().flat_map(|x| b.iter().filter_map(|y| x.meet(*y))).collect();
    all.sort_by_key(|d| d.from);
    all
}

/// What is left of a list without the days of another.
pub(crate) fn without(a: &[Days], b: &[Days]) -> Vec<Days> {
    b.iter().fold(a.to_vec(), |left, o| left.into_iter().flat_map(|d| d.less(*o)).collect())
}

/// The days of a version; none where its first day is open.
pub(crate) fn of_version(v: &Version) -> Option<Days> {
    let from = v.from.fixed()?;
    v.through.is_none_or(|t| from <= t).then_some(Days { from, through: v.through })
}

/// The days on which a sentence stands in a version. Renewals count as far as they may go.
pub(crate) fn days_of(case: &Case<'_>, version: usize, norm: &Norm) -> Vec<Days> {
    let Some(v) = case.program.versions.get(version) else { return Vec::new() };
    let Some(all) = of_version(v) else { return Vec::new() };
    // What had run out before its text came stays out.
    if past(&case.program, v, norm) == Past::Over {
        return Vec::new();
    }
    let first = match &norm.term.from {
        Some(d) => d.fixed(),
        None => Some(all.from),
    };
    let last = norm.term.through.as_ref().map(|d| d.fixed());
    let (Some(from), false) = (first, last == Some(None)) else { return Vec::new() };
    let written = last.flatten();
    if written.is_some_and(|t| t < from) {
        return Vec::new();
    }
    let Some(days) = all.meet(Days { from, through: renewed(case, norm, written) }) else {
        return Vec::new();
    };
    let out: Vec<Days> = norm
        .term
        .suspensions
        .iter()
        .filter_map(|s| {
            let from = s.from.fixed()?;
            let through = match &s.through {
                Some(t) => Some(t.fixed()?),
                None => None,
            };
            Some(Days { from, through })
        })
        .collect();
    without(&[days], &out)
}

/// The last day to which renewals may carry a term.
fn renewed(case: &Case<'_>, norm: &Norm, written: Option<Date>) -> Option<Date> {
    let (Some(mut last), Some(r)) = (written, &norm.term.renews) else { return written };
    for _ in 0..r.times? {
        // A term ends on the eve of the day on which the next would end, counted from the day after it.
        let next = plus_days(last, 1).ok()?;
        let then = add(next, r.length, &case.program.reckoning, None).ok()?;
        last = plus_days(then, -1).ok()?;
    }
    Some(last)
}
