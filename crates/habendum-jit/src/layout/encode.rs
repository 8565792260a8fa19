//! From values to the numbers of a column, and from sets of values to sets of those numbers.
//!
//! Invariant: a value belongs to a set of values exactly where its number belongs to the set of numbers; codes that stand for many
//! values (other texts, strangers, days beyond the window) stand only for values that no predicate tells apart.

use super::{ABSENT, Class, Column, Repr};
use crate::predicate::Ranges;
use habendum_model::date::day_number;
use habendum_model::deal::Symbols;
use habendum_model::value::{Exact, Value};
use jiff::civil::Date;

/// Figures beyond this, either way, escape; sums lower it.
pub(crate) const NUMBER_LIMIT: i64 = 1 << 62;
/// Days beyond this, either way, escape where days are reckoned with: some years short of where the calendar ends.
pub(crate) const DATE_LIMIT: i64 = 2_500_000;
/// No day has a number so far out: these are ends of open ranges.
pub(crate) const NO_DAY: u64 = 1 << 40;
/// How far the window of a 16-bit date column reaches before the first day that is asked about.
const MARGIN: i64 = 4;

/// Chooses how a column lies in memory. `edges` are the least and the greatest day that predicates ask about.
pub(super) fn settle(c: &mut Column, symbols: &Symbols, summed: bool, edges: Option<(i64, i64)>) {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let codes = match c.class {
        Class::Kind => count(symbols.events.len()),
        Class::Term(v) => {
            let of = symbols
                .vocabularies
                .get_index(v.ix())
                .and_then(|(_, i)| symbols.terms.get(i.root.ix()).map(|r| (i.root, r.last)));
            of.map_or(1, |(root, last)| i64::from(last.0) - i64::from(root.0) + 1)
        }
        Class::Party => count(symbols.parties.len()).saturating_add(1),
        Class::Bool | Class::Derived => 2,
        Class::Text => count(c.texts.len()).saturating_add(1),
        Class::Day | Class::Date => return settle_days(c, summed, edges),
        Class::Number(_) | Class::Money(..) | Class::Instant => return,
    };
    c.limit = if summed { i64::from(u32::MAX) } else { codes };
    c.repr = match c.limit {
        0..=0xff => Repr::U8,
        0x100..=0xffff => Repr::U16,
        _ => Repr::U32,
    };
}

fn settle_days(c: &mut Column, summed: bool, edges: Option<(i64, i64)>) {
    c.limit = if summed { DATE_LIMIT } else { i64::from(i32::MAX) };
    c.repr = Repr::I32;
    let (first, last) = edges.unwrap_or((0, 0));
    if !summed && last - first < i64::from(u16::MAX) - 2 * MARGIN {
        c.repr = Repr::U16;
        c.base = first - MARGIN;
    }
}

/// The numbers that a row can hold where a predicate asks it: absent only where a kind may leave the field out. Rows of other kinds hold
/// anything: a test asks the kind beside its columns.
fn domain(c: &Column) -> (i64, i64) {
    let (lo, hi) = c.repr.span();
    let lo = if c.optional || matches!(c.class, Class::Kind | Class::Derived) { lo } else { lo + 1 };
    match (c.class, c.repr) {
        (Class::Kind, _) => (0, (c.limit - 1).max(0)),
        (Class::Day | Class::Date, _) | (_, Repr::I32 | Repr::I64) => (lo, hi),
        (_, Repr::U8 | Repr::U16 | Repr::U32) => (lo, c.limit),
    }
}

/// A set that says the same of every number that a row can hold, with open ends where the others do not matter: less to compare.
pub(super) fn eased(c: &Column, numbers: &Ranges) -> Ranges {
    let ((lo, hi), span) = (domain(c), c.repr.span());
    let held = numbers.intersect(&Ranges::between(lo, hi));
    held.map(|(a, b)| Some((if *a == lo { span.0 } else { *a }, if *b == hi { span.1 } else { *b })))
}

/// A set of values in the numbers of a column.
pub(super) fn set(c: &Column, values: &Ranges) -> Ranges {
    match (c.class, c.repr) {
        (Class::Day | Class::Date, Repr::U16) => {
            let max = i64::from(u16::MAX);
            let days = values.map(|(lo, hi)| {
                let (lo, hi) = ((*lo).max(ABSENT + 1), *hi);
                let hi = hi.saturating_sub(c.base).min(max);
                (hi >= 1).then(|| (lo.saturating_sub(c.base).clamp(1, max), hi))
            });
            if values.contains(ABSENT) { days.union(&Ranges::one(0)) } else { days }
        }
        (Class::Day | Class::Date, _) => {
            let (min, max) = (i64::from(i32::MIN), i64::from(i32::MAX));
            let days = values.map(|(lo, hi)| {
                let (lo, hi) = ((*lo).max(ABSENT + 1), *hi);
                (hi > min).then(|| (lo.clamp(min + 1, max), hi.min(max)))
            });
            if values.contains(ABSENT) { days.union(&Ranges::one(min)) } else { days }
        }
        (_, Repr::U8 | Repr::U16 | Repr::U32) => {
            values.map(|(lo, hi)| (*hi >= 0 && *lo <= c.limit).then(|| ((*lo).max(0), (*hi).min(c.limit))))
        }
        (_, Repr::I32 | Repr::I64) => values.clone(),
    }
}

/// The number of a value; none where it escapes.
pub(super) fn number(c: &Column, symbols: &Symbols, v: &Value) -> Option<i64> {
    let scaled = |n: &Exact, scale: i64| {
        let n = n.mul(Exact::int(i128::from(scale))).ok().filter(|n| n.is_integer())?;
        i64::try_from(n.numer()).ok().filter(|n| n.unsigned_abs() <= c.limit.unsigned_abs())
    };
    match (c.class, v) {
        (_, Value::Absent) => Some(c.absent()),
        (Class::Date, Value::Date(d)) => self::day(c, *d),
        (Class::Term(_), Value::Term(t)) => {
            let root = symbols.terms.get(t.ix()).and_then(|i| symbols.vocabularies.get_index(i.vocab.ix()));
            root.map(|(_, r)| i64::from(t.0) - i64::from(r.root.0) + 1)
        }
        (Class::Party, Value::Party(p)) => Some((i64::from(p.0) + 1).min(c.limit)),
        (Class::Bool, Value::Bool(b)) => Some(i64::from(*b) + 1),
        (Class::Text, Value::Text(t)) => {
            Some(c.texts.get_index_of(t).and_then(|i| i64::try_from(i + 1).ok()).unwrap_or(c.limit))
        }
        (Class::Number(s), Value::Number(n)) | (Class::Money(_, s), Value::Money(n, _)) => scaled(n, s),
        (Class::Instant, Value::Instant(n)) => {
            i64::try_from(*n).ok().filter(|n| n.unsigned_abs() <= c.limit.unsigned_abs())
        }
        (
            Class::Kind
            | Class::Day
            | Class::Date
            | Class::Term(_)
            | Class::Party
            | Class::Bool
            | Class::Text
            | Class::Number(_)
            | Class::Money(..)
            | Class::Instant
            | Class::Derived,
            _,
        ) => None,
    }
}

/// The number of a day; none where it escapes.
pub(super) fn day(c: &Column, d: Date) -> Option<i64> {
    let n = day_number(d);
    match c.repr {
        Repr::U16 => Some((n - c.base).clamp(1, i64::from(u16::MAX))),
        Repr::U8 | Repr::U32 | Repr::I32 | Repr::I64 => (n.abs() <= c.limit).then_some(n),
    }
}
