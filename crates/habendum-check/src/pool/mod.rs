//! Pools: for each event kind that matters, the field values that stand for all others; and the days that matter.
//!
//! Data flow: program + [`Slice`] -> `gather` ([`facts::Facts`]) -> `values` -> [`Pool`]. Invariant: deterministic, the
//! simplest value first; a comparison with a constant is met at the constant and on either side of it. A pool is a choice of
//! what to try, never a proof that nothing else matters.

mod facts;
mod gather;
mod linear;
mod paid;
mod slice;
pub(crate) mod values;

pub use slice::Slice;

use facts::Facts;
use habendum_model::date::{period_of, plus_days};
use habendum_model::deal::{FieldInfo, Symbols};
use habendum_model::value::{ClauseId, EventId, FieldId, Length, PartyId, Value};
use habendum_norm::ir::{Body, Program};
use habendum_syntax::ast::{MonthRounding, Period};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// More values of a field than this are thinned out.
const MOST_VALUES: usize = 32;
/// More days than this are thinned out.
const MOST_DAYS: usize = 96;
/// Days beyond the last one named for which time is let run.
const BEYOND: i64 = 400;

/// A value of a field, or how to make it from the event's day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// A value.
    Value(Value),
    /// So many days after the event's own.
    DaysOff(i64),
    /// Noon, universal time, of the event's day.
    Noon,
}

impl Slot {
    /// The value for an event of a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Value {
        match self {
            Slot::Value(v) => v.clone(),
            Slot::DaysOff(n) => Value::Date(plus_days(day, *n).unwrap_or(day)),
            Slot::Noon => {
                let noon = jiff::tz::TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0));
                noon.map_or(Value::Absent, |t| Value::Instant(t.as_nanosecond()))
            }
        }
    }
}

/// The pool of one event kind.
#[derive(Clone, Debug, PartialEq)]
pub struct KindPool {
    /// Kind.
    pub kind: EventId,
    /// Values per field, the simplest first. Index is `FieldId`.
    pub fields: Vec<Vec<Slot>>,
}

/// What to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Kinds that matter, in order of declaration.
    pub kinds: Vec<KindPool>,
    /// Days that matter by name, in order.
    pub days: Vec<Date>,
    /// Lengths after an event at which something turns.
    pub lengths: Vec<Length>,
    /// Periods whose beginnings matter after an event.
    pub periods: Vec<Period>,
    /// Time is let run through this day.
    pub horizon: Date,
    /// Some values or days were left out.
    pub thinned: bool,
}

impl Pool {
    /// The pool of a program's clauses; its parameters must all have values. All clauses where no slice is given.
    #[must_use]
    pub fn of(program: &Program, slice: Option<&BTreeSet<ClauseId>>) -> Self {
        let slice = match slice {
            Some(asked) => Slice::of(program, asked),
            None => Slice::whole(program),
        };
        let mut facts = gather::gather(program, &slice);
        name_payments(&mut facts, &slice);
        share(&mut facts);
        let mut thinned = false;
        let mut kinds = Vec::new();
        for kind in facts.kinds.iter().copied() {
            let Some((_, info)) = program.symbols.events.get_index(kind.ix()) else { continue };
            let mut fields = Vec::new();
            for (i, f) in info.fields.values().enumerate() {
                let mut all = values::values(&program.symbols, f, facts.fields.get(&(kind, FieldId::at(i))));
                thinned |= thin(&mut all, MOST_VALUES);
                fields.push(all);
            }
            kinds.push(KindPool { kind, fields });
        }
        let mut days: Vec<Date> = days(&facts).into_iter().collect();
        thinned |= thin(&mut days, MOST_DAYS);
        let last = days.last().copied().unwrap_or(Date::constant(2030, 1, 1));
        let longest = facts.lengths.iter().map(|l| linear::length_in_days(*l)).max().unwrap_or(0);
        let beyond = i64::try_from(longest).unwrap_or(0).min(4_000) + BEYOND;
        Pool {
            kinds,
            days,
            lengths: facts.lengths.into_iter().collect(),
            periods: facts.periods,
            horizon: plus_days(last, beyond).unwrap_or(last),
            thinned,
        }
    }

    /// Adds a value to try for a field, as the simplest but one.
    pub fn add(&mut self, kind: EventId, field: FieldId, value: Value) {
        let all = self.kinds.iter_mut().find(|k| k.kind == kind).and_then(|k| k.fields.get_mut(field.ix()));
        if let Some(all) = all
            && !all.contains(&Slot::Value(value.clone()))
        {
            all.insert(all.len().min(1), Slot::Value(value));
        }
    }

    /// Sets the values of a kind.
    pub fn put(&mut self, kind: EventId, fields: Vec<Vec<Slot>>) {
        match self.kinds.binary_search_by_key(&kind, |k| k.kind) {
            Ok(i) => self.kinds[i].fields = fields,
            Err(i) => self.kinds.insert(i, KindPool { kind, fields }),
        }
    }

    /// Adds a day to try.
    pub fn add_day(&mut self, day: Date) {
        if let Err(at) = self.days.binary_search(&day) {
            self.days.insert(at, day);
            self.horizon = self.horizon.max(plus_days(day, BEYOND).unwrap_or(day));
        }
    }

    /// The values of a kind.
    #[must_use]
    pub fn kind(&self, kind: EventId) -> Option<&KindPool> {
        self.kinds.iter().find(|k| k.kind == kind)
    }
}

/// The one value of a field that nothing reads.
#[must_use]
pub fn usual(symbols: &Symbols, field: &FieldInfo) -> Vec<Slot> {
    values::values(symbols, field, None)
}

/// Keeps the first of a list, and of the rest as many as there is room for, evenly.
fn thin<T>(all: &mut Vec<T>, most: usize) -> bool {
    if all.len() <= most {
        return false;
    }
    let step = all.len().div_ceil(most);
    let mut i = 0;
    all.retain(|_| {
        i += 1;
        (i - 1) % step == 0
    });
    true
}

/// What a `Payment` can name: the clauses of the slice that are paid.
fn name_payments(facts: &mut Facts<'_>, slice: &Slice) {
    let program = facts.program;
    let Some(kind) = program.symbols.event("Payment").filter(|k| facts.kinds.contains(k)) else { return };
    let pays: BTreeSet<ClauseId> = program
        .versions
        .iter()
        .flat_map(|v| &v.norms)
        .filter(|n| slice.clauses.contains(&n.id.clause) && matches!(n.body, Body::Payment(_)))
        .map(|n| n.id.clause)
        .collect();
    let info = program.symbols.event_info(kind);
    if let Some(f) = info.fields.get_index_of("for").map(FieldId::at)
        && let Some(f) = facts.read(Some(kind), f)
    {
        f.constants.extend(pays.into_iter().map(Value::Clause));
    }
}

/// Gives fields that are held against each other each other's values.
fn share(facts: &mut Facts<'_>) {
    let links = facts.links.clone();
    for (a, b) in links.iter().flat_map(|(a, b)| [(a, b), (b, a)]) {
        let Some(from) = facts.fields.get(b).cloned() else { continue };
        let Some(to) = facts.fields.get_mut(a) else { continue };
        to.constants.extend(from.constants.into_iter().filter(|v| !matches!(v, Value::Party(PartyId(_)))));
        to.turns.extend(from.turns);
        to.exact.extend(from.exact);
        to.ranges.extend(from.ranges);
        to.related.extend(from.related);
    }
}

/// The days named, with the day before and the day after; the ends of the periods in which they lie.
fn days(facts: &Facts<'_>) -> BTreeSet<Date> {
    let mut out = BTreeSet::new();
    let mut near = |d: Date| out.extend([-1, 0, 1].iter().filter_map(|n| plus_days(d, *n).ok()));
    let mut ends: BTreeMap<Date, ()> = BTreeMap::new();
    for d in &facts.days {
        near(*d);
        for p in &facts.periods {
            if let Ok(Some((_, last))) = period_of(*d, *p, &facts.program.reckoning) {
                ends.insert(last, ());
            }
        }
        for l in &facts.lengths {
            let then = habendum_model::date::add(*d, *l, &facts.program.reckoning, Some(MonthRounding::Down));
            ends.extend(then.ok().map(|d| (d, ())));
        }
    }
    for last in ends.into_keys() {
        out.insert(last);
        out.extend(plus_days(last, 1));
    }
    out
}
