//! What payments ask: the figures at which a band, a cap, a floor or a level of a sum is reached, and at which rounding shows.
//!
//! Invariant: a figure is exact where the amount is linear in one field of the event; refunds are tried beside accruals.

use super::facts::Facts;
use super::gather::place;
use super::linear::{At, Atom, Env, Linear, linear};
use super::slice::Slice;
use habendum_model::expr::{Expr, MeasureWhat};
use habendum_model::value::{Exact, FieldId};
use habendum_norm::ir::{Amount, Basis, Body, Due, Payment, Program};
use habendum_syntax::ast::RoundingMode;
use std::collections::BTreeSet;

/// How far a tie of rounding is looked for.
const TIES: i128 = 20_000;

/// Notes what a payment asks.
pub(super) fn payment(facts: &mut Facts<'_>, p: &Payment, at: At, repairs: At) {
    match &p.basis {
        Basis::Each(t) | Basis::First(t) => facts.test(t, repairs.trigger, repairs.trigger),
        Basis::On(d) => facts.day(d),
        Basis::Period(period, _) => facts.period(*period),
        Basis::Delay { unit, .. } => {
            facts.lengths.insert(habendum_model::value::Length { count: 1, unit: *unit });
        }
        Basis::Breach => {}
    }
    p.guard.iter().for_each(|g| facts.expr(g, at));
    if let Amount::Tiers { base, bands, per, .. } = &p.amount {
        facts.period(*per);
        for b in bands {
            turns(facts, base, &b.lower.0, at);
            b.upper.iter().for_each(|(u, _)| turns(facts, base, u, at));
            facts.expr(&b.rate, at);
        }
    }
    for c in &p.caps {
        facts.period(c.per);
        c.from.iter().for_each(|d| facts.day(d));
        reaches(facts, p, &c.amount, at);
    }
    for f in &p.floors {
        facts.period(f.per);
        reaches(facts, p, &f.amount, at);
    }
    facts.period(p.rounding.1);
    if let Amount::Expr(e) = &p.amount {
        facts.expr(e, at);
        facts.each_env(|facts, env| {
            if let Some(form) = linear(e, at, env) {
                ties(facts, &form);
            }
        });
    }
    match &p.due {
        Some(Due::AfterEach(l, period)) => {
            facts.period(*period);
            facts.lengths.insert(*l);
        }
        Some(Due::After(l)) => {
            facts.lengths.insert(*l);
        }
        Some(Due::On(d)) => facts.day(d),
        Some(Due::AtOnce) | None => {}
    }
    p.late.iter().for_each(|(e, _)| facts.expr(e, at));
    p.credits.iter().filter_map(|c| c.up_to.as_ref()).for_each(|e| facts.expr(e, at));
    if facts.program.symbols.agreement.payments_tracked
        && let Some(paid) = facts.program.symbols.event("Payment")
    {
        facts.kinds.insert(paid);
        let fields = facts.program.symbols.event_info(paid).fields.len();
        for f in (0..fields).map(FieldId::at) {
            facts.read(Some(paid), f);
        }
    }
}

/// A comparison of two expressions that is not written as one.
pub(super) fn turns(facts: &mut Facts<'_>, a: &Expr, b: &Expr, at: At) {
    facts.expr(a, at);
    facts.expr(b, at);
    facts.each_env(|facts, env| {
        if let (Some(x), Some(y)) = (linear(a, at, env), linear(b, at, env))
            && let Some(d) = x.minus(&y)
        {
            facts.turn(&d);
        }
    });
}

/// The figures at which one event's accrual comes to a level.
fn reaches(facts: &mut Facts<'_>, p: &Payment, level: &Expr, at: At) {
    facts.expr(level, at);
    facts.each_env(|facts, env| {
        if let Some(to) = linear(level, at, env).filter(|l| l.factors.is_empty()) {
            comes_to(facts, p, to.constant, at, env);
        }
    });
}

fn comes_to(facts: &mut Facts<'_>, p: &Payment, level: Exact, at: At, env: &Env<'_>) {
    let to = Linear::constant(level);
    match &p.amount {
        Amount::Expr(e) => {
            if let Some(d) = linear(e, at, env).and_then(|x| x.minus(&to)) {
                facts.turn(&d);
                refund(facts, &d);
            }
        }
        Amount::Tiers { base, bands, .. } => {
            for b in bands {
                let rate = linear(&b.rate, at, env).filter(|r| r.factors.is_empty());
                let needs = rate.and_then(|r| level.div(r.constant).ok()).map(Linear::constant);
                if let Some(d) = needs.and_then(|n| linear(base, at, env)?.minus(&n)) {
                    facts.turn(&d);
                }
            }
        }
    }
}

/// The figure that takes back what comes to a level.
fn refund(facts: &mut Facts<'_>, d: &Linear) {
    if let [(Atom::Field(p), _)] = d.factors.iter().map(|(a, k)| (*a, *k)).collect::<Vec<_>>()[..]
        && let Some(zero) = d.zero_in(Atom::Field(p))
        && let Some(f) = facts.read(Some(p.0), p.1)
    {
        f.exact.insert(zero.neg());
    }
}

/// Figures at which a rounding mode shows: the first ties to an even and to an odd floor, the first that round down and up.
fn ties(facts: &mut Facts<'_>, form: &Linear) {
    let [(Atom::Field(p), k)] = form.factors.iter().map(|(a, k)| (*a, *k)).collect::<Vec<_>>()[..] else {
        return;
    };
    if k.denom() == 1 || k.denom() > TIES {
        return;
    }
    let Ok(half) = Exact::ratio(1, 2) else { return };
    let mut seen = BTreeSet::new();
    for x in 1..=k.denom() * 4 {
        let Ok(y) = k.mul(Exact::int(x)).and_then(|y| y.add(form.constant)) else { return };
        let floor = y.round(RoundingMode::Down);
        let Ok(rest) = y.sub(Exact::int(floor)) else { return };
        let kind = if rest == half { 2 + floor.rem_euclid(2) } else { i128::from(rest > half) };
        if !rest.is_zero() && seen.insert(kind) {
            if let Some(f) = facts.read(Some(p.0), p.1) {
                f.exact.insert(Exact::int(x));
            }
            if seen.len() == 4 {
                return;
            }
        }
    }
}

/// The figures of an event by which a sum comes to a level that something asks about.
pub(super) fn levels(facts: &mut Facts<'_>, slice: &Slice) {
    let program: &Program = facts.program;
    for (m, levels) in facts.levels.clone() {
        let Some(measure) = program.measures.get(m.ix()) else { continue };
        for level in levels {
            facts.each_env(|facts, env| match &measure.what {
                MeasureWhat::Total(t) => {
                    let Some(def) = program.totals.get(t.ix()) else { return };
                    let at = At { event: Some(def.on.event), trigger: None };
                    let form = linear(&def.value, at, env);
                    if let Some(d) = form.and_then(|f| f.minus(&Linear::constant(level))) {
                        facts.turn(&d);
                    }
                }
                MeasureWhat::Payment(_, c) => {
                    let all = program.versions.iter().flat_map(|v| &v.norms);
                    for n in all.filter(|n| n.id.clause == *c && slice.clauses.contains(c)) {
                        if let Body::Payment(p) = &n.body {
                            comes_to(facts, p, level, place(n, At::default()), env);
                        }
                    }
                }
                MeasureWhat::Count { .. } | MeasureWhat::Breaches(_) => {}
            });
        }
    }
}
