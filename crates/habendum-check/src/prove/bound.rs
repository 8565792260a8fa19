//! `at most MONEY owed by P [to Q] [under CLAUSE] [per PERIOD]`: caps prove it, a history refutes it.
//!
//! Invariant: a proof rests on caps whose amounts are constants, that count all that accrues, and that no floor or reparation
//! goes beyond.

use super::{Days, Proof, left_open};
use crate::case::Case;
use crate::explore::{Budget, search_pool};
use crate::finding::Witness;
use crate::pool::Pool;
use habendum_model::date::period_of;
use habendum_model::elaborate::{Scope, elaborate_expr};
use habendum_model::expr::ExprKind;
use habendum_model::value::{ClauseId, Exact, PartyId, Value};
use habendum_norm::ir::{Body, Norm, Payment};
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome, Component, Outcome};
use habendum_norm::reads::otherwise;
use habendum_syntax::ast::{self, Name, Period, SumOf};
use habendum_syntax::{Diagnostic, Sp};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What is asked.
pub(super) struct Asked<'a> {
    pub amount: &'a Sp<ast::Expr>,
    pub payer: &'a Name,
    pub payee: Option<&'a Name>,
    pub clause: Option<&'a Name>,
    pub per: Option<&'a Sp<Period>>,
}

/// The question in ids.
struct Limit {
    most: i128,
    payer: PartyId,
    payee: Option<PartyId>,
    clause: Option<ClauseId>,
    per: Period,
}

/// Decides a bound on what is owed, late interest aside.
pub(super) fn at_most(case: &Case<'_>, asked: &Asked<'_>, days: Days) -> Result<Proof, Vec<Diagnostic>> {
    let s = case.symbols();
    let person = |n: &Name| s.parties.get_index_of(n.node.as_str()).map(PartyId::at);
    let typed = elaborate_expr(&Scope::constant(s), asked.amount, None)?;
    let most = match &typed.kind {
        ExprKind::Const(Value::Money(n, _)) => n.numer() / n.denom(),
        _ => return Ok(left_open("a bound that is not an amount of money")),
    };
    let Some(payer) = person(asked.payer) else { return Ok(left_open("a person that is not declared")) };
    let limit = Limit {
        most,
        payer,
        payee: asked.payee.and_then(person),
        clause: asked.clause.and_then(|c| s.clause(&c.node)),
        per: asked.per.map_or(Period::InTotal, |p| p.node),
    };
    if days.from.is_none() && days.through.is_none() && capped(case, &limit) {
        return Ok(Proof::Proved);
    }
    Ok(refuted(case, &limit, days))
}

fn pays<'n>(n: &'n Norm, limit: &Limit) -> Option<&'n Payment> {
    match &n.body {
        Body::Payment(p)
            if p.payer == limit.payer
                && limit.payee.is_none_or(|q| q == p.payee)
                && limit.clause.is_none_or(|c| c == n.id.clause) =>
        {
            Some(p)
        }
        _ => None,
    }
}

/// Whether constant caps keep the sum within the limit, in every version.
fn capped(case: &Case<'_>, limit: &Limit) -> bool {
    let mut total: i128 = 0;
    let mut seen: BTreeMap<(ClauseId, u16), i128> = BTreeMap::new();
    for version in &case.program.versions {
        for n in &version.norms {
            // A reparation, and a payment by whoever stands in for a party, is not looked at: no proof.
            if otherwise(n).is_some_and(|o| pays(o, limit).is_some()) {
                return false;
            }
            if matches!(&n.body, Body::Power(p) if p.act == ast::PowerAct::Assign) {
                return false;
            }
            let Some(p) = pays(n, limit) else { continue };
            let of = |c: &habendum_norm::ir::Cap| {
                let whole = c.counting == SumOf::Accrued
                    && c.from.is_none()
                    && !c.refunds_restore
                    && c.per == limit.per;
                let amount = match crate::encode::fixed(&c.amount, &version.params) {
                    Some(Value::Money(m, _)) => Some(*m),
                    _ => None,
                };
                amount.filter(|_| whole)
            };
            let least = p.caps.iter().filter_map(of).min();
            let (Some(m), true, true) = (least, p.floors.is_empty(), n.key.is_none()) else { return false };
            let (mode, _) = p.rounding;
            let Some(whole) = up(m, mode) else { return false };
            let most = seen.entry((n.id.clause, n.id.part)).or_insert(whole);
            *most = (*most).max(whole);
        }
    }
    for m in seen.values() {
        total = total.saturating_add(*m);
    }
    total <= limit.most
}

fn up(m: Exact, mode: ast::RoundingMode) -> Option<i128> {
    // Rounding by event could pass a cap by a unit an event; whole caps are not passed.
    m.is_integer().then(|| m.round(mode))
}

fn refuted(case: &Case<'_>, limit: &Limit, days: Days) -> Proof {
    let reckoning = &case.program.reckoning;
    let inside = |d: Date| days.from.is_none_or(|f| f <= d) && days.through.is_none_or(|t| d <= t);
    let mut worst: i128 = 0;
    let mut goal = |rows: &[Outcome], clock: &[ClockOutcome]| {
        let mut sums: BTreeMap<Option<Date>, i128> = BTreeMap::new();
        let mut add = |d: Date, a: &Accrual| {
            let ours = a.payer == limit.payer
                && limit.payee.is_none_or(|q| q == a.payee)
                && limit.clause.is_none_or(|c| c == a.norm.clause)
                && a.component != Component::Interest
                && inside(d);
            if ours {
                let first = period_of(d, limit.per, reckoning).ok().flatten().map(|(first, _)| first);
                *sums.entry(first).or_default() += i128::from(a.amount);
            }
        };
        for o in rows {
            o.accruals.iter().for_each(|a| add(o.date, a));
        }
        for c in clock {
            if let ClockEvent::Accrued(a) = &c.what {
                add(c.date, a);
            }
        }
        let most = sums.values().copied().max().unwrap_or(0);
        worst = worst.max(most);
        most > limit.most
    };
    let slice = limit.clause.map(|c| std::collections::BTreeSet::from([c]));
    let budget = Budget { depth: 3, steps: 60_000, ..Budget::default() };
    let found = case.start(&BTreeMap::new()).and_then(|run| {
        let mut pool = Pool::of(run.program(), slice.as_ref());
        days.add_to(&mut pool);
        search_pool(&pool, run, Witness::default(), &mut goal, budget).witness
    });
    match found {
        Some(w) => Proof::Refuted(Box::new(w), Vec::new()),
        None => {
            let money = case.symbols().agreement.currencies.first().map(|c| c.show(worst));
            left_open(format!(
                "no cap proves it; the most that a short history reaches is {}",
                money.unwrap_or_else(|| worst.to_string())
            ))
        }
    }
}
