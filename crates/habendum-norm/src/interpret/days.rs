//! Proration: on how many days of a period a payment stands.
//!
//! Data flow: [`View`] + norm + instance + period -> a count of days, or their share of the period. Invariant: a day that a payment in
//! advance has been counted for is not counted again.

use super::measures::Key;
use super::plan::PlanNorm;
use super::power;
use super::view::View;
use crate::accrual::{AccrualError, share_of_days};
use crate::ir::Body;
use habendum_model::date::{DateError, days_between, plus_days};
use habendum_model::value::Exact;
use habendum_syntax::ast::PowerAct;
use jiff::civil::Date;

/// The first day of a payment's instance.
fn begins(v: &View<'_>, n: &PlanNorm, key: &Key) -> Date {
    let ns = &v.state.norms[n.slot];
    let first = n.first_day.unwrap_or(Date::MIN).max(ns.since.unwrap_or(Date::MIN));
    // Without a key the sentence itself is the instance.
    if n.key_names.is_empty() { first } else { ns.instances.get(key).map_or(first, |d| first.max(*d)) }
}

/// The share of a period's days that is paid for. In advance: so many as are known to be in force. In arrears: those of the term,
/// less the suspended ones.
///
/// # Errors
/// A day beyond the calendar.
pub(super) fn share(
    v: &View<'_>,
    n: &PlanNorm,
    key: &Key,
    period: (Date, Date),
    in_advance: Option<i64>,
) -> Result<Exact, AccrualError> {
    if let Some(days) = in_advance {
        let all = days_between(period.0, period.1) + 1;
        return Ok(Exact::ratio(i128::from(days), i128::from(all))?);
    }
    let ns = &v.state.norms[n.slot];
    let first = begins(v, n, key);
    // By now it is known whether an amendment has struck the sentence.
    let last = [ns.last_day, ns.cut.get(key).copied(), n.struck_after].into_iter().flatten().min();
    let of_the_term = share_of_days(period, (first, last))?;
    let mut day = period.0.max(first);
    let through = last.map_or(period.1, |l| l.min(period.1));
    let mut lost = Exact::ZERO;
    while v.ever_suspended(n) && day <= through {
        if v.suspended(n, day, false) {
            lost = lost.add(share_of_days(period, (day, Some(day)))?)?;
        }
        day = plus_days(day, 1)?;
    }
    Ok(of_the_term.sub(lost)?)
}

/// The days of a period that are not yet paid for and on which a payment in advance is known to stand: how many, and the last.
/// Known is the term as it stands, and what notices given so far will end, suspend and resume.
///
/// # Errors
/// A day beyond the calendar.
pub(crate) fn known_days(
    v: &View<'_>,
    n: &PlanNorm,
    key: &Key,
    period: (Date, Date),
) -> Result<Option<(i64, Date)>, DateError> {
    let ns = &v.state.norms[n.slot];
    let mut first = begins(v, n, key).max(period.0);
    if let Some(covered) = ns.covered.get(key) {
        first = first.max(plus_days(*covered, 1)?);
    }
    let mut last = period.1;
    for end in [ns.last_day, ns.cut.get(key).copied()].into_iter().flatten() {
        last = last.min(end);
    }
    let mut turns: Vec<(Date, bool)> = Vec::new();
    for (date, slot) in v.state.agenda.powers_by(period.1) {
        let Some(Body::Power(p)) = v.norm(slot).map(|by| &by.norm.body) else { continue };
        if !power::bears_on(v, p, n.norm.id.clause) {
            continue;
        }
        match p.act {
            PowerAct::Terminate => last = last.min(date),
            PowerAct::Suspend => turns.push((date, true)),
            PowerAct::Resume => turns.push((date, false)),
            PowerAct::Extend | PowerAct::Assign => {}
        }
    }
    if !v.ever_suspended(n) && turns.is_empty() {
        return Ok((first <= last).then(|| (days_between(first, last) + 1, last)));
    }
    let (mut found, mut day) = (None, first);
    while day <= last {
        let stopped = match turns.iter().rev().find(|(from, _)| *from <= day) {
            Some((_, true)) => true,
            Some((_, false)) => v.suspended_by_text(n, day, false),
            None => v.suspended(n, day, false),
        };
        if !stopped {
            found = Some((found.map_or(1, |(count, _)| count + 1), day));
        }
        day = plus_days(day, 1)?;
    }
    Ok(found)
}
