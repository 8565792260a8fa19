//! Relief: what excuses a breach, and what moves a deadline.

use super::measures::Key;
use super::plan::PlanNorm;
use super::state::ActiveRelief;
use super::view::{View, key_from};
use crate::eval::{eval, fault};
use crate::event::Event;
use crate::ir::{Body, NormId, ReliefEffect};
use crate::outcome::EvalError;
use habendum_model::date;
use habendum_model::value::Value;
use habendum_syntax::Span;
use jiff::civil::Date;

/// The relief that excuses a breach of a norm by an event, if any.
///
/// # Errors
/// None today; a guard is evaluated when the relief begins.
pub(crate) fn excuses(v: &View<'_>, norm: usize, e: &Event) -> Result<Option<NormId>, EvalError> {
    if v.state.reliefs.is_empty() {
        return Ok(None);
    }
    let n = &v.version.norms[norm];
    let key = v.key_of(n, e).unwrap_or_default();
    Ok(at_work(v, n, &key, &e.fields, false).map(|r| r.norm))
}

/// The first relief at work for a norm's instance; with `clocks_stop`, the kind that moves deadlines; else the kind that
/// excuses. `facts` are the fields that `of the same` compares with those of the cause.
pub(crate) fn at_work<'a>(
    v: &View<'a>,
    n: &PlanNorm,
    key: &[Value],
    facts: &[Value],
    clocks: bool,
) -> Option<&'a ActiveRelief> {
    v.state.reliefs.iter().find(|r| {
        !r.over
            && v.today >= r.from
            && r.through.is_none_or(|d| v.today <= d)
            && v.norm(r.slot).is_some_and(|rn| bears_on(rn, r, n, key, facts, clocks))
    })
}

/// Whether relief bears on a norm's instance.
pub(crate) fn bears_on(
    rn: &PlanNorm,
    r: &ActiveRelief,
    n: &PlanNorm,
    key: &[Value],
    facts: &[Value],
    clocks: bool,
) -> bool {
    let Body::Relief(relief) = &rn.norm.body else { return false };
    let ReliefEffect::Excuse { clocks_stop, .. } = &relief.effect else { return false };
    *clocks_stop == clocks
        && relief.targets.contains(&n.norm.id.clause)
        && same(&relief.cause.same, facts, &r.cause)
        && same_instance(rn, &relief.cause, r, n, key)
}

/// Whether the named fields agree: (of the facts at hand, of the cause). Absent values agree with nothing.
pub(crate) fn same(
    pairs: &[(habendum_model::value::FieldId, habendum_model::value::FieldId)],
    facts: &[Value],
    cause: &[Value],
) -> bool {
    pairs.iter().all(|(f, c)| {
        let (f, c) = (facts.get(f.ix()), cause.get(c.ix()));
        f.is_some() && f == c && f != Some(&Value::Absent)
    })
}

/// Relief of a keyed clause reaches only the instance of its own key, where the norm is kept by the same fields.
fn same_instance(
    rn: &PlanNorm,
    cause: &crate::ir::EventTest,
    r: &ActiveRelief,
    n: &PlanNorm,
    key: &[Value],
) -> bool {
    if rn.key_names.is_empty() || rn.key_names != n.key_names {
        return true;
    }
    let Some(Some(fields)) = rn.key_fields.get(cause.event.ix()) else { return true };
    let at_hand = Event { row: 0, date: r.from, instant: None, kind: cause.event, fields: r.cause.clone() };
    key_from(fields, &at_hand).is_none_or(|k| k == key)
}

/// What an event does to relief.
#[derive(Debug)]
pub(crate) enum ReliefChange {
    /// Relief begins: index of its norm, and its last day where it ends by time.
    Begins(usize, Option<Date>),
    /// Relief ends: index among the reliefs.
    Ends(usize),
    /// A deadline moves.
    Moves {
        /// Index of the relief's norm in the version.
        by: usize,
        /// Slot of the duty.
        slot: usize,
        /// Instance.
        key: Key,
        /// The obligation.
        id: u64,
        /// Its new written deadline.
        deadline: Date,
    },
}

/// By how much time is extended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    /// So many days.
    Days(i64),
    /// A length.
    Length(habendum_model::value::Length),
}

/// The relief that an event begins, ends, or gives.
///
/// # Errors
/// Where a guard, a length or a date cannot be evaluated.
pub(crate) fn changes(v: &View<'_>, e: &Event, into: &mut Vec<ReliefChange>) -> Result<(), EvalError> {
    let plan = &v.version.events[e.kind.ix()];
    ends(v, e, into)?;
    for &i in &plan.reliefs {
        let n = &v.version.norms[i];
        let Body::Relief(relief) = &n.norm.body else { continue };
        let Some(key) = v.key_of(n, e) else { continue };
        let scene = v.at(n, &key, e);
        if !v.guard(relief.cause.guard.as_ref(), &scene)?
            || v.excepted(&n.norm.exceptions, &scene)?
            || !v.in_force_at(n, &key, e)?
        {
            continue;
        }
        let span = n.norm.span;
        match &relief.effect {
            ReliefEffect::Excuse { lasting, .. } => {
                let day = |l| date::add(e.date, l, &v.program.reckoning, None);
                let through = lasting.map(day).transpose().map_err(|x| fault(x.to_string(), span))?;
                into.push(ReliefChange::Begins(i, through));
            }
            ReliefEffect::Extend(by) => moves(v, e, i, length(eval(by, &scene)?, by.span)?, into)?,
        }
    }
    Ok(())
}

/// The relief at work that an event ends.
fn ends(v: &View<'_>, e: &Event, into: &mut Vec<ReliefChange>) -> Result<(), EvalError> {
    for (i, r) in v.state.reliefs.iter().enumerate().filter(|(_, r)| !r.over) {
        let Some(n) = v.norm(r.slot) else { continue };
        let Body::Relief(relief) = &n.norm.body else { continue };
        let ReliefEffect::Excuse { until, .. } = &relief.effect else { continue };
        let key = v.key_of(n, e).unwrap_or_default();
        for t in until {
            if t.event == e.kind
                && v.guard(t.guard.as_ref(), &v.at(n, &key, e))?
                && t.same.iter().all(|(c, f)| r.cause.get(c.ix()) == e.fields.get(f.ix()))
            {
                into.push(ReliefChange::Ends(i));
                break;
            }
        }
    }
    Ok(())
}

/// The deadlines that an extension of time moves: those of open obligations of its targets.
fn moves(
    v: &View<'_>,
    e: &Event,
    by_norm: usize,
    by: By,
    into: &mut Vec<ReliefChange>,
) -> Result<(), EvalError> {
    let rn = &v.version.norms[by_norm];
    let Body::Relief(relief) = &rn.norm.body else { return Ok(()) };
    for n in v.version.norms.iter().filter(|n| relief.targets.contains(&n.norm.id.clause)) {
        let rounding = match &n.norm.body {
            Body::Duty(d) => d.months,
            _ => continue,
        };
        for (key, all) in &v.state.norms[n.slot].duties {
            if !rn.key_names.is_empty()
                && rn.key_names == n.key_names
                && v.key_of(rn, e).as_ref() != Some(key)
            {
                continue;
            }
            for o in all.iter().filter(|o| !o.lapsed && same(&relief.cause.same, &o.trigger, &e.fields)) {
                let Some(old) = o.deadline else { continue };
                let moved = match by {
                    By::Days(n) => date::plus_days(old, n),
                    By::Length(l) => date::add(old, l, &v.program.reckoning, rounding),
                };
                let deadline = moved.map_err(|x| fault(x.to_string(), rn.norm.span))?;
                let (slot, key, id) = (n.slot, key.clone(), o.id);
                into.push(ReliefChange::Moves { by: by_norm, slot, key, id, deadline });
            }
        }
    }
    Ok(())
}

fn length(v: Value, span: Span) -> Result<By, EvalError> {
    match v {
        Value::Duration(l) => Ok(By::Length(l)),
        Value::Number(n) if n.is_integer() => i64::try_from(n.numer())
            .map(By::Days)
            .map_err(|_| fault("so many days lead out of the calendar", span)),
        Value::Number(n) => Err(fault(format!("{n} is no whole number of days"), span)),
        Value::Absent => Ok(By::Days(0)),
        other => Err(fault(format!("{other:?} is no length of time"), span)),
    }
}
