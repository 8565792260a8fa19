//! Explanations of amounts: the formula, bands, caps, credits, rounding, floors; of events and of time.

use super::Trace;
use crate::accrual::{CapFigure, PaymentState};
use crate::eval::{Scene, figure, show};
use crate::interpret::changes::Changes;
use crate::interpret::payment::{self, PayChange};
use crate::interpret::plan::PlanNorm;
use crate::interpret::view::View;
use crate::ir::{Amount, Basis, Body, Floor, Payment};
use crate::outcome::{EvalError, TraceStep};
use crate::print::Words;
use habendum_model::expr::{ExprKind, MeasureWhat, Type};
use habendum_model::value::{CurrencyId, EventId, Exact, Value};
use jiff::civil::Date;

/// Explains what time makes of a payment: why nothing, or its conditions and its amount. Without a change, the conditions alone.
pub(crate) fn by_time(
    v: &View<'_>,
    n: &PlanNorm,
    scene: &Scene<'_>,
    in_force: bool,
    change: Option<&PayChange>,
) -> Vec<TraceStep> {
    let mut t = Trace { v, e: None, steps: Vec::new() };
    let Body::Payment(p) = &n.norm.body else { return t.steps };
    let key: Vec<String> = scene.key.iter().map(|k| show(&v.program.symbols, k)).collect();
    let of = if key.is_empty() { String::new() } else { format!(" [{}]", key.join(", ")) };
    let head = format!("{} {}{of}: a payment that time brings", v.today, t.name(n));
    t.say(0, head, Some(n.norm.span));
    if !in_force {
        t.say(1, "not in force", None);
        return t.steps;
    }
    let asked = t.conjuncts(p.guard.as_ref(), None, scene, "").and_then(|holds| {
        let excepted = holds && t.exceptions(&n.norm.exceptions, None, scene, 1)?;
        Ok(holds && !excepted)
    });
    match asked {
        Ok(true) => {}
        Ok(false) => t.say(1, "does not apply", None),
        Err(fault) => t.say(1, format!("the rest was not asked: {}", fault.message), fault.span),
    }
    if let Some(c) = change {
        t.payment(c, Some(scene));
    }
    t.steps
}

/// Explains which exceptions keep an obligation from opening by time.
pub(crate) fn of_duty(v: &View<'_>, n: &PlanNorm, scene: &Scene<'_>) -> Vec<TraceStep> {
    let mut t = Trace { v, e: None, steps: Vec::new() };
    if n.norm.exceptions.is_empty() {
        return t.steps;
    }
    let head = format!("{} {}: an obligation that time opens", v.today, t.name(n));
    t.say(0, head, Some(n.norm.span));
    match t.exceptions(&n.norm.exceptions, None, scene, 1) {
        Ok(true) => t.say(1, "does not open", None),
        Ok(false) => {}
        Err(fault) => t.say(1, format!("the rest was not asked: {}", fault.message), fault.span),
    }
    t.steps
}

/// Explains the closing of a floor: `total` is what its period has come to, in minor units.
pub(crate) fn of_floor(
    v: &View<'_>,
    n: &PlanNorm,
    scene: &Scene<'_>,
    f: &Floor,
    (least, top_up): (Exact, i64),
) -> Vec<TraceStep> {
    let mut t = Trace { v, e: None, steps: Vec::new() };
    let Body::Payment(p) = &n.norm.body else { return t.steps };
    let head = format!("{} {}: the floor per {} is closed", v.today, t.name(n), crate::print::period(f.per));
    t.say(0, head, Some(f.span));
    let least = t.money(least, p.currency);
    let text = format!("at least {least}: {}{}", t.expr(&f.amount, None), t.values(&f.amount, None, scene));
    t.say(1, text, Some(f.amount.span));
    let top_up = t.money(Exact::int(i128::from(top_up)), p.currency);
    t.say(1, format!("top-up {top_up}"), None);
    t.steps
}

impl Trace<'_, '_> {
    fn money(&self, n: Exact, currency: CurrencyId) -> String {
        show(&self.v.program.symbols, &Value::Money(n, currency))
    }

    /// The steps of an amount. The scene is that in which its formula was asked, where it is at hand.
    pub(super) fn payment(&mut self, p: &PayChange, scene: Option<&Scene<'_>>) {
        let n = &self.v.version.norms[p.norm];
        let Body::Payment(pay) = &n.norm.body else { return };
        let amount = self.money(Exact::int(i128::from(p.amount) + i128::from(p.top_up)), pay.currency);
        let head = format!("{} accrues {amount}, due on {}", self.name(n), p.due);
        self.say(0, head, Some(n.norm.span));
        let event = match &pay.basis {
            Basis::Each(t) | Basis::First(t) => Some(t.event),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => None,
        };
        if let (Amount::Expr(e), Some(scene)) = (&pay.amount, scene) {
            let text = format!("{}{}", self.expr(e, event), self.values(e, event, scene));
            self.say(1, text, Some(e.span));
        }
        for s in &p.steps {
            let bare = matches!(&pay.amount, Amount::Tiers { base, .. } if !matches!(base.ty, Type::Money(..)))
                && matches!(s.label, "base" | "prorated by days");
            let shown = if bare { s.amount.to_string() } else { self.money(s.amount, pay.currency) };
            let which = if s.which > 0 { format!(" {}", s.which + 1) } else { String::new() };
            let limit = match (s.label, scene) {
                // The cap has been evaluated by the assessment: it cannot fail here.
                ("cap", Some(scene)) => self.cap(n, pay, p, s.which, (scene, event)).unwrap_or_default(),
                _ => String::new(),
            };
            self.say(1, format!("{}{which}: {limit}{shown}", s.label), None);
        }
        if let Some(scene) = scene {
            // So have the bands.
            let _ = self.bands(n, pay, p, scene, event);
        }
        if let Some(why) = &p.reason {
            self.say(1, why.clone(), None);
        }
    }

    /// A cap: how much it is and why, what it had counted, and the room that was left.
    fn cap(
        &self,
        n: &PlanNorm,
        pay: &Payment,
        p: &PayChange,
        which: usize,
        (scene, event): (&Scene<'_>, Option<EventId>),
    ) -> Result<String, EvalError> {
        let (Some(cap), Some(plan)) = (pay.caps.get(which), &n.pay) else { return Ok(String::new()) };
        let held = self.v.state.norms[n.slot].pay.get(&p.key);
        let counted = payment::counted(self.v, cap, held)?;
        let figure = CapFigure { limit: figure(&cap.amount, scene)?, counted };
        let fresh = held.is_none().then(|| self.v.plan.fresh(n.slot));
        let counts: Option<&PaymentState> = held.map(|s| &s.counts).or(fresh.as_ref());
        let r = &self.v.program.reckoning;
        let used = counts.and_then(|c| c.counted(plan, which, figure, self.v.today, r).ok());
        let used = used.unwrap_or(Exact::ZERO);
        let left = figure.limit.sub(used).unwrap_or(Exact::ZERO).max(Exact::ZERO);
        let money = |x: Exact| self.money(x, pay.currency);
        let formula = if matches!(cap.amount.kind, ExprKind::Const(_)) {
            String::new()
        } else {
            let values = self.values(&cap.amount, event, scene);
            format!(" ({}{values})", self.expr(&cap.amount, event))
        };
        Ok(format!(
            "{} per {}{formula}, {} counted before, {} left; lets through ",
            money(figure.limit),
            crate::print::period(cap.per),
            money(used),
            money(left),
        ))
    }

    /// The bands that this part of the running base lies in.
    fn bands(
        &mut self,
        n: &PlanNorm,
        pay: &Payment,
        p: &PayChange,
        scene: &Scene<'_>,
        event: Option<EventId>,
    ) -> Result<(), EvalError> {
        let (Amount::Tiers { bands, .. }, Some(plan)) = (&pay.amount, &n.pay) else { return Ok(()) };
        let Some((_, count)) = plan.tiers else { return Ok(()) };
        let r = &self.v.program.reckoning;
        let sum = |s: &PaymentState| {
            s.tiers.get(count).and_then(|t| t.sum(self.v.today, r).ok()).unwrap_or(Exact::ZERO)
        };
        let before = self.v.state.norms[n.slot].pay.get(&p.key).map_or(Exact::ZERO, |s| sum(&s.counts));
        let after = sum(&p.counts);
        let (low, high) = (before.min(after), before.max(after));
        for b in bands {
            let from = figure(&b.lower.0, scene)?;
            let to = b.upper.as_ref().map(|(u, _)| figure(u, scene)).transpose()?;
            if from < high && to.is_none_or(|t| low < t) {
                let text = format!("in the band at {}", self.words(event).expr(&b.rate));
                self.say(1, text, Some(b.span));
            }
        }
        Ok(())
    }

    /// What the row adds to running sums.
    pub(super) fn sums(&mut self, c: &Changes) {
        for (m, _, n) in &c.sums {
            let MeasureWhat::Total(t) = &self.v.program.measures[m.ix()].what else { continue };
            let words = Words { program: self.v.program, event: None, trigger: None };
            let added = match self.v.program.totals.get(t.ix()).map(|d| d.value.ty) {
                Some(Type::Money(currency, None)) => self.money(*n, currency),
                Some(_) | None => n.to_string(),
            };
            let text = format!("adds {added} to {}", words.measure(*m));
            if !self.steps.iter().any(|s| s.text == text) {
                self.say(0, text, None);
            }
        }
    }
}

/// Which of what time brings is to be explained: of a day, of a clause, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeWanted {
    /// On this day alone.
    pub day: Option<Date>,
    /// Of this clause alone.
    pub clause: Option<habendum_model::value::ClauseId>,
}

impl TimeWanted {
    /// Whether what a clause brings on a day is among it.
    #[must_use]
    pub fn holds(&self, day: Date, clause: habendum_model::value::ClauseId) -> bool {
        self.day.is_none_or(|d| d == day) && self.clause.is_none_or(|c| c == clause)
    }
}
