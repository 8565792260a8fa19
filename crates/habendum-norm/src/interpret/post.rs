//! Payments, the posting side: accounts, dues, measures, settlement.

use super::Interpreter;
use super::account::{Between, PayState, Whose};
use super::agenda::{Item, Stage};
use super::measures::{Key, project};
use super::payment::{self, PayChange, at};
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
        self.state.norms[slot].pay.entry(key.clone()).or_insert_with(|| PayState::fresh(plan.fresh(slot)))
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
        let Some(own) = version.by_slot[n.slot] else { return Ok(()) };
        let others: Vec<(usize, Whose)> = match super::account::of_text(n) {
            Some(between) if self.state.clauses[n.norm.id.clause.ix()].persons_replaced => {
                self.owing(version, n, key, between).into_iter().filter(|o| *o != (own, None)).collect()
            }
            _ => version.beside[own].iter().map(|i| (*i, None)).collect(),
        };
        for (i, whose) in others {
            let there = self.state.norms[version.norms[i].slot].pay.get_mut(key);
            let taken = there.map_or(0, |s| s.ledger_mut(whose).take_ahead(left));
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
        (credit, whose): (i128, Whose),
        day: Date,
    ) -> Result<(), EvalError> {
        let (Some(own), Some(text)) = (version.by_slot[n.slot], super::account::of_text(n)) else {
            return Ok(());
        };
        let between = self.account(n.slot, key).between(whose, text);
        let accounts = self.owing(version, n, key, between);
        let held = |(i, whose): &(usize, Whose)| {
            self.state.norms[version.norms[*i].slot].pay.get(key).and_then(|s| s.ledger(*whose))
        };
        let (parts, rest) = settle::spread(accounts.iter().map(held), credit);
        let own = accounts.iter().position(|a| *a == (own, whose)).unwrap_or(0);
        for (place, amount) in parts.into_iter().chain((rest > 0).then_some((own, rest))) {
            let (i, whose) = accounts[place];
            let m = &version.norms[i];
            let Body::Payment(p) = &m.norm.body else { continue };
            let late = payment::late(&self.view(version), m, key)?;
            let ledger = self.account(m.slot, key).ledger_mut(whose);
            let settled = ledger.set_off(day, amount, late).map_err(at(m.norm.span))?;
            self.feed_overdue(m, key, day);
            if settled.interest != 0 {
                let told = self.accrual(m, p, key, settled.interest, Component::Interest, None);
                let told = self.between(m, told, between);
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
        self.persons_now(n, (p.payer, p.payee))
    }

    /// Who stands now for two persons whom a text names.
    pub(super) fn persons_now(&self, n: &PlanNorm, between: Between) -> Between {
        let moved = &self.state.clauses[n.norm.id.clause.ix()].stands_for;
        let now = |who| moved.iter().find(|(text, _)| *text == who).map_or(who, |(_, now)| *now);
        (now(between.0), now(between.1))
    }

    /// An accrual as one between the persons of a ledger.
    pub(super) fn between(&self, n: &PlanNorm, a: Accrual, between: Between) -> Accrual {
        let (payer, payee) = self.persons_now(n, between);
        Accrual { payer, payee, ..a }
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
        let now = s.sum(Ledger::overdue);
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
        let between = account.between(part.whose, (p.payer, p.payee));
        let ledger = account.ledger_mut(part.whose);
        let paid = ledger.pay(day, part.amount, part.late).map_err(at(n.norm.span))?;
        self.feed(n, &part.key, SumOf::Paid, i128::from(part.amount), day);
        self.feed_overdue(n, &part.key, day);
        let told = self.accrual(n, p, &part.key, paid.interest, Component::Interest, None);
        let told = self.between(n, told, between);
        Ok((paid.interest != 0).then_some(told))
    }

    /// Takes back what has accrued and not fallen due: struck without saving.
    pub(super) fn forfeit(&mut self, n: &PlanNorm, day: Date) -> Result<(), EvalError> {
        let Body::Payment(p) = &n.norm.body else { return Ok(()) };
        let of = |(k, s): (&Key, &PayState)| s.ledgers().map(|(w, _)| (k.clone(), w)).collect::<Vec<_>>();
        let all: Vec<(Key, Whose)> = self.state.norms[n.slot].pay.iter().flat_map(of).collect();
        for (key, whose) in all {
            let account = self.account(n.slot, &key);
            let between = account.between(whose, (p.payer, p.payee));
            let taken = account.ledger_mut(whose).reverse_undue().map_err(at(n.norm.span))?;
            if taken == 0 {
                continue;
            }
            let amount = i64::try_from(-taken).map_err(|_| fault("beyond 64 bits", n.norm.span))?;
            let reason = Some("struck without saving".to_owned());
            let told = self.accrual(n, p, &key, amount, Component::Principal, reason);
            let told = self.between(n, told, between);
            self.feed(n, &key, SumOf::Accrued, -taken, day);
            self.outcome(day, n.norm.id, key, ClockEvent::Accrued(told));
        }
        Ok(())
    }
}
