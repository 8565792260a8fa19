//! Payments, the deciding side: from an event, a day, a period or a breach to what accrues. Changes nothing.
//!
//! Data flow: [`View`] + norm + scene -> evaluated [`Figures`] -> `accrual::assess` on a copy of the counts -> [`PayChange`].

use super::account::PayState;
use super::credits::credits;
use super::days::share;
use super::duty::{self, DutyMove};
use super::measures::Key;
use super::plan::PlanNorm;
use super::view::View;
use crate::accrual::{
    AccrualError, Assessed, BandFault, BandFigure, Base, CapFigure, Figures, PaymentState, Rate, Step, assess,
};
use crate::eval::{Scene, fault, figure};
use crate::event::Event;
use crate::ir::{Amount, Band, Basis, Body, Cap, Payment};
use crate::ledger::{LateTerms, Ledger, due_day};
use crate::outcome::{Component, EvalError};
use habendum_model::date::{self, DateError, period_of, plus_days, units_between};
use habendum_model::expr::Type;
use habendum_model::value::{Exact, Length, Value};
use habendum_syntax::Span;
use habendum_syntax::ast::{DurationUnit, MonthRounding, Period, SumOf};
use jiff::civil::Date;

/// What one assessment will post.
#[derive(Clone, Debug)]
pub(crate) struct PayChange {
    /// Index of the payment in the version.
    pub norm: usize,
    /// Instance.
    pub key: Key,
    /// Counts after it.
    pub counts: PaymentState,
    /// Amount of the payment itself, and of a floor per event.
    pub amount: i64,
    /// Top-up of a floor per event.
    pub top_up: i64,
    /// What kind of money the amount is.
    pub component: Component,
    /// Why it is what it is.
    pub reason: Option<String>,
    /// Due day.
    pub due: Date,
    /// The steps, where they were asked for.
    pub steps: Vec<Step>,
}

/// How an assessment departs from a plain one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Special<'a> {
    /// Multiplies the base (units of delay).
    pub times: Option<i64>,
    /// First and last day of the period, where it is prorated.
    pub period: Option<(Date, Date)>,
    /// How many of its days are paid for, where that is in advance.
    pub days: Option<i64>,
    /// What the same row has accrued so far, and not yet posted.
    pub pending: &'a [PayChange],
    /// Notes the steps.
    pub explain: bool,
}

/// A fault of figures at a place.
pub(crate) fn at(span: Span) -> impl Fn(AccrualError) -> EvalError {
    move |e| fault(e.to_string(), span)
}

/// What accrues on an event.
///
/// # Errors
/// Where a figure cannot be evaluated or does not fit.
pub(crate) fn on_event(v: &View<'_>, e: &Event, into: &mut Vec<PayChange>) -> Result<(), EvalError> {
    for &i in &v.version.events[e.kind.ix()].payments {
        let n = &v.version.norms[i];
        let Body::Payment(p) = &n.norm.body else { continue };
        let Some(key) = v.key_of(n, e) else { continue };
        let scene = v.at(n, &key, e);
        let test = match &p.basis {
            Basis::Each(t) => t,
            Basis::First(t) if !v.state.norms[n.slot].done.contains(&key) => t,
            Basis::First(_) | Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => {
                continue;
            }
        };
        if !v.stands(n, &key, v.today)
            || !v.guard(test.guard.as_ref(), &scene)?
            || !v.guard(p.guard.as_ref(), &scene)?
            || v.excepted(&n.norm.exceptions, &scene)?
            || !v.in_force_at(n, &key, e)?
        {
            continue;
        }
        let special = Special { explain: v.explain, pending: into.as_slice(), ..Special::default() };
        let c = change(v, i, &key, &scene, None, Component::Principal, special)?;
        into.push(c);
    }
    Ok(())
}

/// Damages that an event's breach of a maintenance duty starts at once.
///
/// # Errors
/// As [`on_event`].
pub(crate) fn on_breach(
    v: &View<'_>,
    repair: usize,
    key: &Key,
    e: &Event,
    into: &mut Vec<PayChange>,
) -> Result<(), EvalError> {
    let n = &v.version.norms[repair];
    let scene = Scene { trigger: &e.fields, ..v.at(n, key, e) };
    if repairs(v, n, &scene)? {
        let special = Special { explain: v.explain, pending: into.as_slice(), ..Special::default() };
        let c = change(v, repair, key, &scene, None, Component::Damages, special)?;
        into.push(c);
    }
    Ok(())
}

/// Whether a reparation's own conditions let it run.
pub(crate) fn repairs(v: &View<'_>, n: &PlanNorm, scene: &Scene<'_>) -> Result<bool, EvalError> {
    let Body::Payment(p) = &n.norm.body else { return Ok(false) };
    Ok(v.guard(p.guard.as_ref(), scene)? && !v.excepted(&n.norm.exceptions, scene)?)
}

/// Damages for delay that late performances bring.
///
/// # Errors
/// As [`on_event`].
pub(crate) fn on_late(
    v: &View<'_>,
    moves: &[DutyMove],
    day: Date,
    into: &mut Vec<PayChange>,
) -> Result<(), EvalError> {
    for m in moves {
        let DutyMove::Late { norm, key, id, left } = m else { continue };
        if left.is_some_and(|l| !l.is_zero()) {
            continue;
        }
        let n = &v.version.norms[*norm];
        let all = v.state.norms[n.slot].duties.get(key);
        let Some(o) = all.and_then(|a| a.iter().find(|o| o.id == *id)) else { continue };
        let known = into
            .iter()
            .rev()
            .find(|c| n.otherwise.is_some_and(|s| v.version.norms[c.norm].slot == s) && c.key == *key);
        let prior = known.map(|c| c.counts.clone());
        if let Some(c) = delay(v, n, key, o, day, prior, into.as_slice())? {
            into.push(c);
        }
    }
    Ok(())
}

/// Damages for the delay of an obligation up to a day; none where its reparation is not by delay.
///
/// # Errors
/// As [`on_event`].
pub(crate) fn delay(
    v: &View<'_>,
    n: &PlanNorm,
    key: &Key,
    o: &super::state::Obligation,
    day: Date,
    prior: Option<PaymentState>,
    pending: &[PayChange],
) -> Result<Option<PayChange>, EvalError> {
    let Some(repair) = n.otherwise.and_then(|s| v.version.by_slot[s]) else { return Ok(None) };
    let rn = &v.version.norms[repair];
    let Body::Payment(p) = &rn.norm.body else { return Ok(None) };
    let Basis::Delay { started, unit } = p.basis else { return Ok(None) };
    let Some(deadline) = duty::deadline(v, n, key, o) else { return Ok(None) };
    let scene = Scene { fields: &o.trigger, trigger: &o.trigger, ..v.scene(rn, key) };
    if !repairs(v, rn, &scene)? {
        return Ok(None);
    }
    let units = units_between(deadline, day, unit, started, &v.program.reckoning)
        .map_err(|x| fault(x.to_string(), rn.norm.span))?;
    let special = Special { times: Some(units), explain: v.explain, pending, ..Special::default() };
    change(v, repair, key, &scene, prior, Component::Damages, special).map(Some)
}

/// One assessment: evaluates every figure on the state before it, and takes the steps on a copy of the counts.
///
/// # Errors
/// As [`on_event`].
pub(crate) fn change(
    v: &View<'_>,
    norm: usize,
    key: &Key,
    scene: &Scene<'_>,
    prior: Option<PaymentState>,
    component: Component,
    special: Special<'_>,
) -> Result<PayChange, EvalError> {
    let n = &v.version.norms[norm];
    let span = n.norm.span;
    let (Body::Payment(p), Some(plan)) = (&n.norm.body, &n.pay) else {
        return Err(fault("no payment stands here", span));
    };
    let held = v.state.norms[n.slot].pay.get(key);
    let mut counts = match (prior, held) {
        (Some(c), _) => c,
        (None, Some(s)) => s.counts.clone(),
        (None, None) => v.plan.fresh(n.slot),
    };
    let mut bands = Vec::new();
    let base = base(p, scene, special, &mut bands, span)?;
    let prorated = match special.period {
        Some(period) if p.prorated => Some(share(v, n, key, period, special.days).map_err(at(span))?),
        Some(_) | None => None,
    };
    let caps = caps(v, p, held, scene)?;
    let credits = credits(v, n, p, key, scene, special.pending)?;
    let mut floors = Vec::with_capacity(p.floors.len());
    for (i, f) in p.floors.iter().enumerate() {
        let wanted = counts.wants_floor(plan, i);
        floors.push(if wanted { Some(figure(&f.amount, scene)?) } else { None });
    }
    let figures = Figures { base, prorated, caps: &caps, credits: &credits, floors: &floors };
    let r = &v.program.reckoning;
    let done = assess(plan, &mut counts, v.today, &figures, r, special.explain)
        .map_err(|x| unmet(v, p, &bands_of(&figures), x, span))?;
    let due = due_day(p.due.as_ref(), v.today, p.months, r).map_err(at(span))?;
    let reason = reason(v, &done);
    Ok(PayChange {
        norm,
        key: key.clone(),
        counts,
        amount: done.amount,
        top_up: done.top_up,
        component,
        reason,
        due,
        steps: done.steps,
    })
}

fn reason(v: &View<'_>, done: &Assessed) -> Option<String> {
    let words: Vec<String> =
        done.reasons.iter().map(|r| r.text(|c| v.program.symbols.clause_name(c))).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn base<'b>(
    p: &Payment,
    scene: &Scene<'_>,
    special: Special<'_>,
    bands: &'b mut Vec<BandFigure>,
    span: Span,
) -> Result<Base<'b>, EvalError> {
    let times = |n: Exact| match special.times {
        Some(t) => n.mul(Exact::int(i128::from(t))).map_err(|x| fault(x.to_string(), span)),
        None => Ok(n),
    };
    match &p.amount {
        Amount::Expr(e) => Ok(Base::Amount(times(figure(e, scene)?)?)),
        Amount::Tiers { base, bands: written, .. } => {
            for b in written {
                bands.push(band(b, base.ty, scene)?);
            }
            Ok(Base::Tiers { base: times(figure(base, scene)?)?, bands })
        }
    }
}

/// A sum of money without a unit is a fixed sum, unless the base is a bare number that it prices.
pub(crate) fn is_fixed_sum(rate: Type, base: Type) -> bool {
    match (rate, base) {
        (Type::Money(_, None), Type::Int | Type::Decimal(None)) => false,
        (Type::Money(_, None), _) => true,
        _ => false,
    }
}

fn band(b: &Band, base: Type, scene: &Scene<'_>) -> Result<BandFigure, EvalError> {
    let rate = figure(&b.rate, scene)?;
    let fixed = is_fixed_sum(b.rate.ty, base);
    Ok(BandFigure {
        lower: (figure(&b.lower.0, scene)?, b.lower.1),
        upper: match &b.upper {
            Some((u, included)) => Some((figure(u, scene)?, *included)),
            None => None,
        },
        rate: if fixed { Rate::Fixed(rate) } else { Rate::Times(rate) },
    })
}

fn caps(
    v: &View<'_>,
    p: &Payment,
    held: Option<&PayState>,
    scene: &Scene<'_>,
) -> Result<Vec<CapFigure>, EvalError> {
    let mut all = Vec::with_capacity(p.caps.len());
    for c in &p.caps {
        all.push(CapFigure { limit: figure(&c.amount, scene)?, counted: counted(v, c, held)? });
    }
    Ok(all)
}

/// What a cap counts where that is not what has accrued: what has fallen due or been paid in its period.
///
/// # Errors
/// Where the period cannot be reckoned.
pub(crate) fn counted(v: &View<'_>, c: &Cap, held: Option<&PayState>) -> Result<Option<Exact>, EvalError> {
    let sum = match c.counting {
        SumOf::Accrued => return Ok(None),
        SumOf::Overdue => held.map_or(0, |s| s.sum(Ledger::overdue)),
        SumOf::Due | SumOf::Paid => {
            let (first, last) = window(v, c.per, c.span)?;
            let first = c.from.as_ref().and_then(|d| d.fixed()).map_or(first, |d| d.max(first));
            held.map_or(0, |s| match c.counting {
                SumOf::Due => s.sum(|l| l.due_between(first, last)),
                SumOf::Paid | SumOf::Accrued | SumOf::Overdue => s.sum(|l| l.paid_between(first, last)),
            })
        }
    };
    Ok(Some(Exact::int(sum)))
}

/// The days of a cap's period up to today.
fn window(v: &View<'_>, per: Period, span: Span) -> Result<(Date, Date), EvalError> {
    let r = &v.program.reckoning;
    let days = || match per {
        Period::Event => Ok((Date::MAX, Date::MIN)),
        Period::InTotal => Ok((Date::MIN, v.today)),
        Period::Rolling(count) => {
            let l = Length { count, unit: DurationUnit::Months };
            let out = date::sub(v.today, l, r, Some(MonthRounding::Down))?;
            Ok((plus_days(out, 1)?, v.today))
        }
        Period::Day
        | Period::Week
        | Period::Month
        | Period::Quarter
        | Period::Year
        | Period::FiscalYear
        | Period::ContractYear => {
            Ok(period_of(v.today, per, r)?.map_or((Date::MIN, v.today), |(first, _)| (first, v.today)))
        }
    };
    days().map_err(|x: DateError| fault(x.to_string(), span))
}

fn bands_of(figures: &Figures<'_>) -> Vec<BandFigure> {
    match figures.base {
        Base::Tiers { bands, .. } => bands.to_vec(),
        Base::Amount(_) => Vec::new(),
    }
}

/// A fault of an assessment at its place; of bands, in the measure of their base, at the band that begins after the fault.
fn unmet(v: &View<'_>, p: &Payment, figures: &[BandFigure], x: AccrualError, span: Span) -> EvalError {
    let (AccrualError::Bands(f), Amount::Tiers { base, bands, .. }) = (&x, &p.amount) else {
        return at(span)(x);
    };
    let show = |n: Exact| match base.ty {
        Type::Money(c, _) => crate::eval::show(&v.program.symbols, &Value::Money(n, c)),
        _ => n.to_string(),
    };
    let place = match f {
        BandFault::Gap(total) => figures.iter().position(|b| b.lower.0 >= *total),
        BandFault::Overlap(total) => figures.iter().rposition(|b| b.lower.0 <= *total),
        BandFault::FixedInMarginal => None,
    };
    let at = place.and_then(|i| bands.get(i)).map_or(span, |b| b.span);
    fault(f.text(show), at)
}

/// The late interest of a payment as evaluated today.
///
/// # Errors
/// Where the rate cannot be evaluated.
pub(crate) fn late(v: &View<'_>, n: &PlanNorm, key: &Key) -> Result<Option<LateTerms>, EvalError> {
    let Body::Payment(p) = &n.norm.body else { return Ok(None) };
    match &p.late {
        None => Ok(None),
        Some((rate, count)) => Ok(Some(LateTerms { rate: figure(rate, &v.scene(n, key))?, count: *count })),
    }
}
