//! The days that a duty leaves its bearer, and what of them is taken by a run of forbidden days.
//!
//! Data flow: what opens a duty + the days of its sentence + a [`Run`] -> [`Taken`]. Invariant: `Whole` names a window every
//! day of which is in the run.

use super::blocked::Run;
use crate::case::Case;
use crate::grants::days::Days;
use habendum_model::date::{add, days_between, period_of, plus_days, sub};
use habendum_model::expr::DateValue;
use habendum_model::value::Length;
use habendum_norm::ir::{Duty, Opening};
use habendum_syntax::ast::{MonthRounding, Period};
use jiff::civil::Date;

/// No more periods than this are looked at.
const MOST: usize = 400;

/// Days before a run in which a window that reaches it may have opened.
const BEFORE: i64 = 800;

/// What a run of forbidden days takes of a duty's window.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    /// Nothing.
    Nothing,
    /// So many days of so many, in the window that it takes most of.
    Part {
        /// That window.
        window: Days,
        /// Days left.
        left: i64,
        /// Days of the window.
        of: i64,
    },
    /// All of it: the windows that open on these days; the first ends on the day named.
    Whole {
        /// Days on which such a window opens.
        opens: Days,
        /// Last day of the first one; none without a deadline.
        until: Option<Date>,
    },
}

/// What a run takes. `days` are those on which the duty's sentence stands, in order, and `written` is the last of its term: an
/// obligation that a period has opened outlives the text.
pub(super) fn taken(case: &Case<'_>, duty: &Duty, days: &[Days], written: Option<Date>, run: &Run) -> Taken {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Taken::Nothing };
    match &duty.opening {
        Opening::By(day) => match day {
            DateValue::Fixed(d) if *d >= first.from => {
                part(Days { from: first.from, through: Some(*d) }, run.days)
            }
            DateValue::Fixed(_) | DateValue::Open { .. } => Taken::Nothing,
        },
        Opening::NoDeadline | Opening::OnBreach(None) => {
            if run.days.from <= first.from && run.days.through.is_none() {
                Taken::Whole { opens: Days { from: first.from, through: last.through }, until: None }
            } else {
                Taken::Nothing
            }
        }
        Opening::Within { length, .. } | Opening::OnBreach(Some(length)) => {
            days.iter().map(|d| moving(case, duty, *d, *length, run)).fold(Taken::Nothing, worse)
        }
        Opening::Each(p) => days
            .iter()
            .map(|d| recurring(case, duty, (*p, None), (*d, written), run))
            .fold(Taken::Nothing, worse),
        Opening::AfterEach(p, length) => {
            let by = (*p, Some(*length));
            days.iter().map(|d| recurring(case, duty, by, (*d, written), run)).fold(Taken::Nothing, worse)
        }
    }
}

/// The one that takes more.
pub(super) fn worse(a: Taken, b: Taken) -> Taken {
    let rank = |t: &Taken| match t {
        Taken::Nothing => i64::MIN,
        Taken::Part { left, .. } => -*left,
        Taken::Whole { .. } => i64::MAX,
    };
    if rank(&b) > rank(&a) { b } else { a }
}

fn length_of(d: Days) -> Option<i64> {
    Some(days_between(d.from, d.through?) + 1)
}

/// What a run takes of one window.
fn part(window: Days, run: Days) -> Taken {
    let Some(both) = window.meet(run) else { return Taken::Nothing };
    let (Some(of), Some(gone)) = (length_of(window), length_of(both)) else { return Taken::Nothing };
    if gone == of {
        let opens = Days { from: window.from, through: Some(window.from) };
        return Taken::Whole { opens, until: window.through };
    }
    Taken::Part { window, left: of - gone, of }
}

/// Windows of a length that open on any of these days.
fn moving(case: &Case<'_>, duty: &Duty, days: Days, length: Length, run: &Run) -> Taken {
    let end =
        |d: Date| add(d, length, &case.program.reckoning, duty.months.or(Some(MonthRounding::Down))).ok();
    let earliest = days.from.max(run.days.from);
    let latest = match run.days.through {
        None => Some(None),
        Some(t) => sub(t, length, &case.program.reckoning, Some(MonthRounding::Down)).ok().and_then(|d| {
            // Months are uneven: the last day whose window is over by then is near.
            (0..7)
                .filter_map(|n| plus_days(d, 3 - n).ok())
                .find(|d| end(*d).is_some_and(|e| e <= t))
                .map(Some)
        }),
    };
    if let Some(latest) = latest {
        let last = match (latest, days.through) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if last.is_none_or(|l| earliest <= l) && days.through.is_none_or(|t| earliest <= t) {
            return Taken::Whole { opens: Days { from: earliest, through: last }, until: end(earliest) };
        }
    }
    // The window that loses most opens where the run begins, or where the sentence does.
    if days.through.is_some_and(|t| t < earliest) {
        return Taken::Nothing;
    }
    part(Days { from: earliest, through: end(earliest) }, run.days)
}

/// The periods whose last day is among these days; with a length, the window begins on that day and runs so long after it.
fn recurring(
    case: &Case<'_>,
    duty: &Duty,
    (p, after): (Period, Option<Length>),
    (days, written): (Days, Option<Date>),
    run: &Run,
) -> Taken {
    let r = &case.program.reckoning;
    let mut worst = Taken::Nothing;
    // A window may have opened, in a period before, when the run begins.
    let back = if after.is_some() { BEFORE } else { 0 };
    let mut day = days.from.max(plus_days(run.days.from, -back).unwrap_or(days.from));
    for _ in 0..MOST {
        let Ok(Some((from, end))) = period_of(day, p, r) else { break };
        let window = match after {
            None => Some(Days { from: from.max(days.from), through: Some(end) }),
            Some(length) => {
                let last = add(end, length, r, duty.months.or(Some(MonthRounding::Down)));
                last.ok().map(|l| Days { from: end, through: Some(l) })
            }
        };
        let Some(window) = window else { break };
        let over = written.is_some_and(|t| t < end) || days.through.is_some_and(|t| t < window.from);
        if over || run.days.through.is_some_and(|t| t < window.from) {
            break;
        }
        worst = worse(worst, part(window, run.days));
        if matches!(worst, Taken::Whole { .. }) {
            break;
        }
        let Ok(next) = plus_days(end, 1) else { break };
        day = next;
    }
    worst
}
