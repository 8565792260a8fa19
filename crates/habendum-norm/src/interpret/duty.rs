//! Obligations: what opens them, what performs them, when they lapse.
//!
//! Data flow: [`View`] + event -> [`DutyMove`]s, decided on the state before the row and applied after it.
//! Invariant: obligations of an instance are kept oldest first; one that is performed or excused is dropped.

use super::measures::Key;
use super::plan::PlanNorm;
use super::relief;
use super::state::Obligation;
use super::view::View;
use crate::eval::{Scene, fault, figure};
use crate::event::Event;
use crate::ir::{Body, Duty, Opening};
use crate::outcome::EvalError;
use habendum_model::date::{self, days_between, plus_days};
use habendum_model::value::{Exact, Value};
use jiff::civil::Date;

/// What an event does to an obligation.
#[derive(Debug)]
pub(crate) enum DutyMove {
    /// Performance in time; what is left afterwards (zero: discharged).
    Performs {
        /// Index of the duty in the version.
        norm: usize,
        /// Instance.
        key: Key,
        /// The obligation.
        id: u64,
        /// What is left, where it has a quantity.
        left: Option<Exact>,
    },
    /// Performance after the deadline; what is left afterwards.
    Late {
        /// Index of the duty in the version.
        norm: usize,
        /// Instance.
        key: Key,
        /// The obligation.
        id: u64,
        /// What is left, where it has a quantity.
        left: Option<Exact>,
    },
    /// A new obligation.
    Opens {
        /// Index of the duty in the version.
        norm: usize,
        /// Instance.
        key: Key,
        /// It; its number is given when it is applied.
        obligation: Obligation,
    },
}

/// When an obligation's clock has stood still, by relief and by suspensions that stop clocks: (the day from whose end, the day
/// to whose end; none while it still does).
fn still(v: &View<'_>, n: &PlanNorm, key: &[Value], o: &Obligation) -> Vec<(Date, Option<Date>)> {
    let mut spans: Vec<(Date, Option<Date>)> = Vec::new();
    for r in &v.state.reliefs {
        if v.norm(r.slot).is_some_and(|rn| relief::bears_on(rn, r, n, key, &o.trigger, true)) {
            spans.push((r.from, r.through));
        }
    }
    for s in v.state.clauses[n.norm.id.clause.ix()].suspensions.iter().filter(|s| s.clocks_stop) {
        spans.push((s.since, s.until));
    }
    for s in n.norm.term.suspensions.iter().filter(|s| s.clocks_stop) {
        if let Some(from) = s.from.fixed() {
            // Both named days are out of force, so the clock stands from the evening before.
            let before = plus_days(from, -1).unwrap_or(from);
            spans.push((before, s.through.as_ref().and_then(|t| t.fixed())));
        }
    }
    spans
}

/// Whether an obligation's clock stands still at the end of the day at hand.
pub(crate) fn stands_still(v: &View<'_>, n: &PlanNorm, key: &[Value], o: &Obligation) -> bool {
    let at_work = |(from, to): (Date, Option<Date>)| from <= v.today && to.is_none_or(|t| v.today < t);
    still(v, n, key, o).into_iter().any(at_work)
}

/// The days by which an obligation's clock has stood still, overlaps counted once.
fn stopped(v: &View<'_>, n: &PlanNorm, key: &[Value], o: &Obligation) -> i64 {
    let mut spans: Vec<(Date, Date)> = still(v, n, key, o)
        .into_iter()
        .map(|(from, to)| (from.max(o.opened), to.unwrap_or(v.today).min(v.today)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let (mut total, mut reached) = (0, Date::MIN);
    for (a, b) in spans {
        let a = a.max(reached);
        if a < b {
            total += days_between(a, b);
            reached = b;
        }
    }
    total
}

/// The last day of an obligation's window as it stands today.
pub(crate) fn deadline(v: &View<'_>, n: &PlanNorm, key: &[Value], o: &Obligation) -> Option<Date> {
    let written = o.deadline?;
    if o.lapsed {
        return Some(written);
    }
    plus_days(written, stopped(v, n, key, o)).ok().or(Some(Date::MAX))
}

/// What an event performs, oldest obligation first.
///
/// # Errors
/// Where a guard cannot be evaluated.
pub(crate) fn performances(v: &View<'_>, e: &Event, into: &mut Vec<DutyMove>) -> Result<(), EvalError> {
    let actor = v.actor(e);
    for &norm in &v.version.events[e.kind.ix()].performs {
        let n = &v.version.norms[norm];
        let Body::Duty(d) = &n.norm.body else { continue };
        if v.state.norms[n.slot].duties.is_empty() || !may_perform(v, n, d, actor) {
            continue;
        }
        let Some(key) = v.key_of(n, e) else { continue };
        performs(v, e, norm, d, &key, into)?;
    }
    Ok(())
}

/// An event without an actor performs for whoever is bound.
fn may_perform(v: &View<'_>, n: &PlanNorm, d: &Duty, actor: Option<habendum_model::value::PartyId>) -> bool {
    actor.is_none_or(|a| v.among(&d.who, n.norm.id.clause, a))
}

fn performs(
    v: &View<'_>,
    e: &Event,
    norm: usize,
    d: &Duty,
    key: &Key,
    into: &mut Vec<DutyMove>,
) -> Result<(), EvalError> {
    let n = &v.version.norms[norm];
    let Some(all) = v.state.norms[n.slot].duties.get(key) else { return Ok(()) };
    let mut rest = match &d.quantity {
        Some((_, field)) => match e.fields.get(field.ix()) {
            Some(Value::Number(x) | Value::Money(x, _)) => Some(*x),
            _ => return Ok(()),
        },
        None => None,
    };
    // Open ones in time come first, then lapsed ones; each oldest first.
    for late in [false, true] {
        for o in all {
            let in_time = !o.lapsed && deadline(v, n, key, o).is_none_or(|last| e.date <= last);
            if in_time == late || (late && !o.lapsed) || !fits(v, e, n, d, key, o)? {
                continue;
            }
            let (done, left) = match (rest, o.left) {
                (Some(have), Some(need)) => {
                    if have.is_negative() || have.is_zero() {
                        return Ok(());
                    }
                    let used = have.min(need);
                    let err = |x: habendum_model::value::Overflow| fault(x.to_string(), n.norm.span);
                    rest = Some(have.sub(used).map_err(err)?);
                    let left = need.sub(used).map_err(err)?;
                    (rest.is_none_or(Exact::is_zero), Some(left))
                }
                _ => (true, None),
            };
            let (key, id) = (key.clone(), o.id);
            into.push(if late {
                DutyMove::Late { norm, key, id, left }
            } else {
                DutyMove::Performs { norm, key, id, left }
            });
            if done {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether an event is a performance of this very obligation: equal fields, and the guard.
fn fits(
    v: &View<'_>,
    e: &Event,
    n: &PlanNorm,
    d: &Duty,
    key: &[Value],
    o: &Obligation,
) -> Result<bool, EvalError> {
    if let Opening::Within { trigger, .. } = &d.opening
        && !relief::same(&trigger.same, &e.fields, &o.trigger)
    {
        return Ok(false);
    }
    let scene = Scene { trigger: &o.trigger, ..v.at(n, key, e) };
    v.guard(d.guard.as_ref(), &scene)
}

/// The obligations that an event opens.
///
/// # Errors
/// Where a guard, a quantity or a deadline cannot be evaluated.
pub(crate) fn openings(v: &View<'_>, e: &Event, into: &mut Vec<DutyMove>) -> Result<(), EvalError> {
    for &norm in &v.version.events[e.kind.ix()].opens {
        let n = &v.version.norms[norm];
        let Body::Duty(d) = &n.norm.body else { continue };
        let Opening::Within { trigger, length } = &d.opening else { continue };
        let Some(key) = v.key_of(n, e) else { continue };
        let scene = Scene { trigger: &e.fields, ..v.at(n, &key, e) };
        if !v.stands(n, &key, v.today)
            || !v.guard(trigger.guard.as_ref(), &scene)?
            || v.excepted(&n.norm.exceptions, &scene)?
            || !v.in_force_at(n, &key, e)?
        {
            continue;
        }
        let deadline = date::add(e.date, *length, &v.program.reckoning, d.months)
            .map_err(|x| fault(x.to_string(), n.norm.span))?;
        let obligation = fresh(d, &scene, Some(e.row), Some(deadline))?;
        into.push(DutyMove::Opens { norm, key, obligation });
    }
    Ok(())
}

/// A new obligation in a scene whose trigger fields are those of the opening event.
///
/// # Errors
/// Where the quantity cannot be evaluated.
pub(crate) fn fresh(
    d: &Duty,
    s: &Scene<'_>,
    opened_by: Option<u64>,
    deadline: Option<Date>,
) -> Result<Obligation, EvalError> {
    let left = d.quantity.as_ref().map(|(n, _)| figure(n, s)).transpose()?;
    Ok(Obligation {
        id: 0,
        opened_by,
        opened: s.today,
        deadline,
        trigger: s.trigger.to_vec(),
        left,
        lapsed: false,
    })
}

/// The obligation that repairs a breach of a day; none where the reparation is no obligation.
///
/// # Errors
/// Where its deadline or quantity cannot be evaluated.
pub(crate) fn repair(
    v: &View<'_>,
    n: &PlanNorm,
    key: &Key,
    trigger: &[Value],
    day: Date,
    row: Option<u64>,
) -> Result<Option<Obligation>, EvalError> {
    let Body::Duty(d) = &n.norm.body else { return Ok(None) };
    let length = match &d.opening {
        Opening::OnBreach(length) => *length,
        Opening::Within { .. }
        | Opening::By(_)
        | Opening::Each(_)
        | Opening::AfterEach(..)
        | Opening::NoDeadline => None,
    };
    let add = |l| date::add(day, l, &v.program.reckoning, d.months);
    let deadline = length.map(add).transpose().map_err(|x| fault(x.to_string(), n.norm.span))?;
    let scene = Scene { fields: trigger, trigger, today: day, ..v.scene(n, key) };
    fresh(d, &scene, row, deadline).map(Some)
}
