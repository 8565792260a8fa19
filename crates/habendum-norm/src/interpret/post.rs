//! Payments, the posting side: accounts, dues, measures, settlement.

use super::Interpreter;
use super::agenda::{Item, Stage};
use super::measures::{Key, project};
use super::payment::{self, PayChange, PayState, at};
use super::plan::{PlanNorm, VersionPlan};
use super::settle::{self, Part};
use crate::eval::fault;
use crate::ir::{Basis, Body, Payment};
use crate::ledger::Ledger;
use crate::outcome::{Accrual, ClockEvent, Component, EvalError};
use habendum_model::value::Exact;
use habendum_syntax::ast::SumOf;
use jiff::civil::Date;
use std::sync::Arc;

impl Interpreter {
    pub(super) fn account(&mut self, slot: usize, key: &Key) -> &mut PayState {
        let plan = Arc::clone(&self.plan);
        self.state.norms[slot].pay.entry(key.clone()).or_insert_with(|| PayState {
            counts: plan.fresh(slot),
            ledger: Ledger::default(),
            overdue_told: 0,
            filed: None,
        })
    }

    /// Posts an assessment: counts, ledger, due day, sums; and tells it.
    pub(super) fn post(
        &mut self,
        version: &VersionPlan,
        c: PayChange,
        day: Date,
    ) -> Result<Vec<Accrual>, EvalError> {
        let n = &version.norms[c.norm];
        let Body::Payment(p) = &n.norm.body else { return Ok(Vec::new()) };
        let mut told = Vec::new();
        let account = self.account(n.slot, &c.key);
        account.counts = c.counts;
        let kinds = [(c.component, c.amount), (Component::TopUp, c.top_up)];
        for (component, amount) in kinds {
            if component == Component::TopUp && amount == 0 {
                continue;
            }
            self.book(version, n, &c.key, amount, c.due)?;
            let reason = c.reason.clone().filter(|_| component == c.component);
            told.push(self.accrual(n, p, &c.key, amount, component, reason));
            self.feed(n, &c.key, SumOf::Accrued, i128::from(amount), day);
        }
        if matches!(p.basis, Basis::First(_)) {
            self.state.norms[n.slot].done.insert(c.key.clone());
        }
        self.file_due(n.slot, &c.key, c.due);
        Ok(told)
    }

    /// Books an accrual. What was paid ahead, or set off, beside it settles it at once.
    pub(super) fn book(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        amount: i64,
        due: Date,
    ) -> Result<(), EvalError> {
        let ledger = &mut self.account(n.slot, key).ledger;
        ledger.accrue(amount, due).map_err(at(n.norm.span))?;
        let mut left = ledger.left_of(due);
        let beside = version.by_slot[n.slot].map_or(&[][..], |i| &version.beside[i]);
        for &i in beside {
            let there = self.state.norms[version.norms[i].slot].pay.get_mut(key);
            let taken = there.map_or(0, |s| s.ledger.take_ahead(left));
            if taken > 0 {
                left -= taken;
                self.account(n.slot, key).ledger.settle_ahead(due, taken);
            }
        }
        Ok(())
    }

    /// Sets off what fell due below zero, as if paid that day: against the oldest due of the clause between the two persons, then
    /// what is not yet due. What is left over waits for what accrues next.
    pub(super) fn set_off(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        credit: i128,
        day: Date,
    ) -> Result<(), EvalError> {
        let Some(own) = version.by_slot[n.slot] else { return Ok(()) };
        let mut accounts: Vec<usize> = version.beside[own].iter().copied().chain([own]).collect();
        accounts.sort_by_key(|i| version.norms[*i].slot);
        let held = |i: &usize| self.state.norms[version.norms[*i].slot].pay.get(key);
        let (parts, rest) = settle::spread(accounts.iter().map(held), credit);
        let own = accounts.iter().position(|i| *i == own).unwrap_or(0);
        for (place, amount) in parts.into_iter().chain((rest > 0).then_some((own, rest))) {
            let m = &version.norms[accounts[place]];
            let Body::Payment(p) = &m.norm.body else { continue };
            let late = payment::late(&self.view(version), m, key)?;
            let ledger = &mut self.account(m.slot, key).ledger;
            let settled = ledger.set_off(day, amount, late).map_err(at(m.norm.span))?;
            self.feed_overdue(m, key, day);
            if settled.interest != 0 {
                let told = self.accrual(m, p, key, settled.interest, Component::Interest, None);
                self.outcome(day, m.norm.id, key.clone(), ClockEvent::Accrued(told));
            }
        }
        Ok(())
    }

    pub(super) fn file_due(&mut self, slot: usize, key: &Key, due: Date) {
        let account = self.account(slot, key);
        if account.filed != Some(due) {
            account.filed = Some(due);
            self.state.agenda.put(due, Stage::FallDue, slot, key.clone(), Item::FallDue);
        }
    }

    pub(super) fn accrual(
        &self,
        n: &PlanNorm,
        p: &Payment,
        key: &Key,
        amount: i64,
        component: Component,
        reason: Option<String>,
    ) -> Accrual {
        let (payer, payee) = self.persons(n, p);
        Accrual {
            norm: n.norm.id,
            key: key.clone(),
            payer,
            payee,
            amount,
            currency: p.currency,
            component,
            reason,
        }
    }

    pub(super) fn persons(
        &self,
        n: &PlanNorm,
        p: &Payment,
    ) -> (habendum_model::value::PartyId, habendum_model::value::PartyId) {
        let moved = &self.state.clauses[n.norm.id.clause.ix()].stands_for;
        let now = |who| moved.iter().find(|(text, _)| *text == who).map_or(who, |(_, now)| *now);
        (now(p.payer), now(p.payee))
    }

    /// Adds to the sums that ask about a payment clause.
    pub(super) fn feed(&mut self, n: &PlanNorm, key: &Key, what: SumOf, amount: i128, day: Date) {
        let plan = Arc::clone(&self.plan);
        for (of, m) in plan.payment_feeds.get(&n.norm.id.clause).map_or(&[][..], Vec::as_slice) {
            if *of == what && amount != 0 {
                let key = project(&plan.shapes[m.ix()].key, &n.key_names, key);
                let fits = self.state.measures.add(*m, key, day, Exact::int(amount)).is_ok();
                self.state.sums_moved |= fits;
            }
        }
    }

    pub(super) fn feed_overdue(&mut self, n: &PlanNorm, key: &Key, day: Date) {
        let Some(s) = self.state.norms[n.slot].pay.get_mut(key) else { return };
        let now = s.ledger.overdue();
        let moved = now - std::mem::replace(&mut s.overdue_told, now);
        self.feed(n, key, SumOf::Overdue, moved, day);
    }

    /// Posts a part of a payment, and the late interest that it ends.
    pub(super) fn settle(
        &mut self,
        version: &VersionPlan,
        part: &Part,
        day: Date,
    ) -> Result<Option<Accrual>, EvalError> {
        let n = &version.norms[part.norm];
        let Body::Payment(p) = &n.norm.body else { return Ok(None) };
        let account = self.account(n.slot, &part.key);
        let paid = account.ledger.pay(day, part.amount, part.late).map_err(at(n.norm.span))?;
        self.feed(n, &part.key, SumOf::Paid, i128::from(part.amount), day);
        self.feed_overdue(n, &part.key, day);
        let told = self.accrual(n, p, &part.key, paid.interest, Component::Interest, None);
        Ok((paid.interest != 0).then_some(told))
    }

    /// Takes back what has accrued and not fallen due: struck without saving.
    pub(super) fn forfeit(&mut self, n: &PlanNorm, day: Date) -> Result<(), EvalError> {
        let Body::Payment(p) = &n.norm.body else { return Ok(()) };
        let keys: Vec<Key> = self.state.norms[n.slot].pay.keys().cloned().collect();
        for key in keys {
            let taken = self.account(n.slot, &key).ledger.reverse_undue().map_err(at(n.norm.span))?;
            if taken == 0 {
                continue;
            }
            let amount = i64::try_from(-taken).map_err(|_| fault("beyond 64 bits", n.norm.span))?;
            let reason = Some("struck without saving".to_owned());
            let told = self.accrual(n, p, &key, amount, Component::Principal, reason);
            self.feed(n, &key, SumOf::Accrued, -taken, day);
            self.outcome(day, n.norm.id, key, ClockEvent::Accrued(told));
        }
        Ok(())
    }
}
