//! `CLAUSE is independent of EVENT[.FIELD]`: proved where no path leads from the event to the clause; refuted by two
//! histories that differ in that event alone, and in what the clause makes of them.

use super::dependence::{Question, dependence};
use super::{Days, Proof, left_open};
use crate::case::Case;
use crate::explore::combos::combos;
use crate::finding::Witness;
use crate::pool::{KindPool, Pool};
use habendum_model::expr::DateValue;
use habendum_model::value::{ClauseId, EventId, FieldId};
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockEvent, ClockOutcome, Outcome};
use habendum_syntax::ast::Name;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Rows tried of the event in question, and of what follows it.
const MOST: (usize, usize) = (6, 24);
/// Days tried for each.
const MOST_DAYS: usize = 10;

/// Decides independence in a case.
pub(super) fn independent(
    case: &Case<'_>,
    clause: &Name,
    event: &Name,
    field: Option<&Name>,
    days: Days,
) -> Proof {
    let s = case.symbols();
    let (Some(c), Some(e)) = (s.clause(&clause.node), s.event(&event.node)) else {
        return left_open("a name that is not declared");
    };
    let f = match field {
        None => None,
        Some(f) => match s.event_info(e).fields.get_index_of(&f.node) {
            Some(i) => Some(FieldId::at(i)),
            None => return left_open("a field that is not declared"),
        },
    };
    let fixed = |d: Option<Date>| d.map(DateValue::Fixed);
    let q = Question { clause: c, event: e, field: f, from: fixed(days.from), through: fixed(days.through) };
    let Some(path) = dependence(&case.program, q) else { return Proof::Proved };
    let path = path.into_iter().map(|s| (s.span, s.text)).collect();
    match apart(case, c, e, f, days) {
        Some(w) => Proof::Refuted(Box::new(w), path),
        None => Proof::Open {
            why: "there is a path of dependence, and no short history shows that it matters".into(),
            path,
        },
    }
}

/// Two histories that differ in one event, and in what the clause makes of them.
fn apart(case: &Case<'_>, c: ClauseId, e: EventId, f: Option<FieldId>, days: Days) -> Option<Witness> {
    let run = case.start(&Default::default())?;
    let mut pool = Pool::of(run.program(), Some(&BTreeSet::from([c])));
    days.add_to(&mut pool);
    let asked = pool.kind(e)?;
    let inside = |d: &Date| days.from.is_none_or(|x| x <= *d) && days.through.is_none_or(|x| *d <= x);
    let step = pool.days.len().div_ceil(MOST_DAYS).max(1);
    let bounds = [days.from, days.through];
    let on: BTreeSet<Date> =
        pool.days.iter().copied().step_by(step).chain(bounds.into_iter().flatten()).collect();
    for first in rows(asked, MOST.0) {
        for d1 in on.iter().copied().filter(|d| inside(d)) {
            for (with, without) in ends(asked, &first, d1, f) {
                for kind in &pool.kinds {
                    for later in rows(kind, MOST.1) {
                        for d2 in on.iter().copied().filter(|d| *d >= d1) {
                            let last = row(kind, &later, d2, 2);
                            let w = differs(case, c, &with, without.as_ref(), &last, pool.horizon);
                            if w.is_some() {
                                return w;
                            }
                        }
                    }
                }
            }
        }
    }
    None
}

fn rows(kind: &KindPool, most: usize) -> Vec<Vec<usize>> {
    let sizes: Vec<usize> = kind.fields.iter().map(Vec::len).collect();
    combos(&sizes, most).rows.into_iter().take(most).collect()
}

fn row(kind: &KindPool, at: &[usize], on: Date, n: u64) -> Event {
    let value = |(all, i): (&Vec<crate::pool::Slot>, &usize)| {
        all.get(*i).map_or(habendum_model::value::Value::Absent, |s| s.on(on))
    };
    let fields = kind.fields.iter().zip(at).map(value).collect();
    Event { row: n, date: on, instant: None, kind: kind.kind, fields }
}

/// The event, and what stands in its place: nothing, or the same with another value of the field.
fn ends(kind: &KindPool, at: &[usize], on: Date, f: Option<FieldId>) -> Vec<(Event, Option<Event>)> {
    let with = row(kind, at, on, 1);
    let Some(f) = f else { return vec![(with, None)] };
    let others = 0..kind.fields.get(f.ix()).map_or(0, Vec::len);
    others
        .filter(|i| *i != at[f.ix()])
        .map(|i| {
            let mut other = at.to_vec();
            other[f.ix()] = i;
            (with.clone(), Some(row(kind, &other, on, 1)))
        })
        .collect()
}

fn differs(
    case: &Case<'_>,
    c: ClauseId,
    with: &Event,
    without: Option<&Event>,
    last: &Event,
    horizon: Date,
) -> Option<Witness> {
    let history = |first: Option<&Event>| Witness {
        events: first.into_iter().chain([last]).cloned().collect(),
        clock: Some(horizon),
        ..Witness::default()
    };
    let (a, b) = (history(Some(with)), history(without));
    let (x, y) = (case.replay(&a).ok()?, case.replay(&b).ok()?);
    let (own, other) = (says(c, &x.rows, &x.clock), says(c, &y.rows, &y.clock));
    if own == other {
        return None;
    }
    let name = case.symbols().clause_name(c);
    let kind = case.symbols().event_name(with.kind);
    let instead = if without.is_some() { "with another value of the field" } else { "without it" };
    let mut w = a;
    w.shows = format!("after this {kind}, `{name}` comes to {own}; {instead}, to {other}");
    Some(w)
}

/// What a clause makes of a history: its sums, its verdicts on the last row, its deadlines.
fn says(c: ClauseId, rows: &[Outcome], clock: &[ClockOutcome]) -> String {
    let mut sum: i128 = 0;
    let mut lapsed = 0;
    let mut opened = 0;
    for o in rows {
        sum += o.accruals.iter().filter(|a| a.norm.clause == c).map(|a| i128::from(a.amount)).sum::<i128>();
        opened += o.duties.iter().filter(|d| d.norm.clause == c).count();
    }
    for k in clock.iter().filter(|k| k.norm.clause == c) {
        match &k.what {
            ClockEvent::Accrued(a) => sum += i128::from(a.amount),
            ClockEvent::Lapsed { .. } => lapsed += 1,
            ClockEvent::Opened { .. } => opened += 1,
            ClockEvent::FellDue { .. } | ClockEvent::Unpaid { .. } | ClockEvent::Effect(_) => {}
        }
    }
    let decides = rows.last().is_some_and(|o| o.deciding.iter().any(|id| id.clause == c));
    format!(
        "{sum} minor units accrued, {opened} obligations touched, {lapsed} deadlines missed{}",
        if decides { ", and it decides on the last event" } else { "" }
    )
}
