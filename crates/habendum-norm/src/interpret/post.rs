//! Payments, the posting side: accounts, dues, measures, and what time brings to them.

use super::Interpreter;
use super::agenda::{Item, Stage};
use super::measures::{Key, project};
use super::payment::{self, PayChange, PayState, Special, at};
use super::plan::{PlanNorm, VersionPlan};
use super::report::{CapRoom, KeySums};
use super::settle::Part;
use crate::accrual::{CapFigure, close_floor};
use crate::eval::{Scene, fault, figure};
use crate::ir::{Basis, Body, Payment};
use crate::ledger::{Ledger, due_day};
use crate::outcome::{Accrual, ClockEvent, Component, EvalError};
use habendum_model::date::{period_of, plus_days};
use habendum_model::value::{ClauseId, Exact, Value};
use habendum_syntax::ast::{Period, SumOf};
use jiff::civil::Date;
use std::sync::Arc;

impl Interpreter {
    fn account(&mut self, slot: usize, key: &Key) -> &mut PayState {
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
        let span = n.norm.span;
        let mut told = Vec::new();
        let account = self.account(n.slot, &c.key);
        account.counts = c.counts;
        let kinds = [(c.component, c.amount), (Component::TopUp, c.top_up)];
        for (component, amount) in kinds {
            if component == Component::TopUp && amount == 0 {
                continue;
            }
            self.account(n.slot, &c.key).ledger.accrue(amount, c.due).map_err(at(span))?;
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

    fn file_due(&mut self, slot: usize, key: &Key, due: Date) {
        let account = self.account(slot, key);
        if account.filed != Some(due) {
            account.filed = Some(due);
            self.state.agenda.put(due, Stage::FallDue, slot, key.clone(), Item::FallDue);
        }
    }

    fn accrual(
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

    fn persons(
        &self,
        n: &PlanNorm,
        p: &Payment,
    ) -> (habendum_model::value::PartyId, habendum_model::value::PartyId) {
        let moved = &self.state.clauses[n.norm.id.clause.ix()].stands_for;
        let now = |who| moved.iter().find(|(text, _)| *text == who).map_or(who, |(_, now)| *now);
        (now(p.payer), now(p.payee))
    }

    /// Adds to the sums that ask about a payment clause.
    fn feed(&mut self, n: &PlanNorm, key: &Key, what: SumOf, amount: i128, day: Date) {
        let plan = Arc::clone(&self.plan);
        for (of, m) in plan.payment_feeds.get(&n.norm.id.clause).map_or(&[][..], Vec::as_slice) {
            if *of == what && amount != 0 {
                let key = project(&plan.shapes[m.ix()].key, &n.key_names, key);
                let fits = self.state.measures.add(*m, key, day, Exact::int(amount)).is_ok();
                self.state.sums_moved |= fits;
            }
        }
    }

    fn feed_overdue(&mut self, n: &PlanNorm, key: &Key, day: Date) {
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

    /// Files what time has to do for a payment's instance. Filing twice is harmless.
    pub(super) fn begin_payment(&mut self, n: &PlanNorm, key: &Key, first: Date, known: bool) {
        let Body::Payment(p) = &n.norm.body else { return };
        let last_day = self.state.norms[n.slot].last_day;
        let within = |d: Date| last_day.map_or(d, |l| l.min(d));
        let reckoning = self.program.reckoning.clone();
        let of = |d: Date, per: Period| period_of(d, per, &reckoning).ok().flatten();
        match &p.basis {
            Basis::Period(per, advance) => {
                let Some(mut period) = of(first, *per) else { return };
                if *advance && known && period.0 < first {
                    match plus_days(period.1, 1).ok().and_then(|d| of(d, *per)) {
                        Some(next) => period = next,
                        None => return,
                    }
                }
                let (stage, day) = if *advance {
                    (Stage::Open, period.0.max(first))
                } else {
                    (Stage::Period, within(period.1))
                };
                let item = Item::PeriodPayment { first: period.0, last: period.1 };
                self.state.agenda.put(day, stage, n.slot, key.clone(), item);
            }
            Basis::On(d) => {
                if let Some(d) = d.fixed().filter(|d| first <= *d) {
                    self.state.agenda.put(d, Stage::Period, n.slot, key.clone(), Item::DayPayment);
                }
            }
            Basis::Each(_) | Basis::First(_) | Basis::Breach | Basis::Delay { .. } => {}
        }
        for (index, f) in p.floors.iter().enumerate() {
            let (day, period) = match of(first, f.per) {
                Some(period) => (within(period.1), Some(period)),
                None if f.per == Period::InTotal => match last_day {
                    Some(l) => (l, None),
                    None => continue,
                },
                None => continue,
            };
            let item = Item::Floor { index, period };
            self.state.agenda.put(day, Stage::Floor, n.slot, key.clone(), item);
        }
    }

    /// What time brings to a payment.
    pub(super) fn pay_by_time(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        day: Date,
        item: Item,
    ) -> Result<(), EvalError> {
        match item {
            Item::PeriodPayment { first, last } => self.period(version, n, key, day, (first, last)),
            Item::DayPayment => self.on_day(version, n, key, day),
            Item::Damages { trigger } => self.damages(version, n, &key, day, &trigger),
            Item::Floor { index, period } => self.floor(version, n, key, day, index, period),
            Item::FallDue => self.fall_due(version, n, key, day),
            Item::Unpaid => {
                self.unpaid(n, key, day);
                Ok(())
            }
            Item::Version(_)
            | Item::OpenDuty
            | Item::Deadline(_)
            | Item::Power { .. }
            | Item::ReliefEnd(_)
            | Item::TermEnd => Ok(()),
        }
    }

    /// The day on which a period is closed as the term now stands; none while a renewal carries the term on.
    fn closes(
        &self,
        version: &VersionPlan,
        n: &PlanNorm,
        day: Date,
        last: Option<Date>,
    ) -> Result<Option<Date>, EvalError> {
        let mut end = self.state.norms[n.slot].last_day;
        if end == Some(day)
            && let Some(renewed) = self.renews(version, n, day)?
        {
            end = Some(renewed);
        }
        Ok(match (last, end) {
            (Some(l), Some(e)) => Some(l.min(e)),
            (l, e) => l.or(e),
        })
    }

    fn period(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        day: Date,
        period: (Date, Date),
    ) -> Result<(), EvalError> {
        let Body::Payment(p) = &n.norm.body else { return Ok(()) };
        let Basis::Period(per, advance) = p.basis else { return Ok(()) };
        if n.ghost || self.over(n) {
            return Ok(());
        }
        let item = Item::PeriodPayment { first: period.0, last: period.1 };
        if !advance {
            match self.closes(version, n, day, Some(period.1))? {
                Some(d) if d != day => {
                    if d > day {
                        self.state.agenda.put(d, Stage::Period, n.slot, key, item);
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        self.assess_by_time(version, n, &key, day, Some(period), Component::Principal)?;
        let next = plus_days(period.1, 1).map_err(|x| fault(x.to_string(), n.norm.span))?;
        let reckoned = period_of(next, per, &self.program.reckoning);
        if let Some((first, last)) = reckoned.map_err(|x| fault(x.to_string(), n.norm.span))? {
            let item = Item::PeriodPayment { first, last };
            let end = self.state.norms[n.slot].last_day;
            let (stage, d) = if advance {
                (Stage::Open, first)
            } else {
                (Stage::Period, end.filter(|e| *e >= first).map_or(last, |e| e.min(last)))
            };
            self.state.agenda.put(d, stage, n.slot, key, item);
        }
        Ok(())
    }

    /// Ended for good, as far as the clock is concerned.
    fn over(&self, n: &PlanNorm) -> bool {
        self.state.norms[n.slot].ended || self.state.clauses[n.norm.id.clause.ix()].ended
    }

    fn on_day(&mut self, version: &VersionPlan, n: &PlanNorm, key: Key, day: Date) -> Result<(), EvalError> {
        match &n.norm.body {
            Body::Payment(p) if matches!(&p.basis, Basis::On(d) if d.fixed() == Some(day)) => {
                self.assess_by_time(version, n, &key, day, None, Component::Principal)
            }
            _ => Ok(()),
        }
    }

    /// Assesses a payment that no event brings, if it is in force.
    fn assess_by_time(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        period: Option<(Date, Date)>,
        component: Component,
    ) -> Result<(), EvalError> {
        let Some(i) = version.by_slot[n.slot] else { return Ok(()) };
        let v = self.view(version);
        let scene = v.scene(n, key);
        if !v.in_force(n, key)? || !payment::repairs(&v, n, &scene)? {
            return Ok(());
        }
        let special = Special { period, ..Special::default() };
        let c = payment::change(&v, i, key, &scene, None, component, special)?;
        self.post_by_time(version, n, key, day, c)
    }

    fn post_by_time(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        c: PayChange,
    ) -> Result<(), EvalError> {
        for a in self.post(version, c, day)? {
            self.outcome(day, n.norm.id, key.clone(), ClockEvent::Accrued(a));
        }
        Ok(())
    }

    /// Damages for a breach, on the day after it. They survive the end of their clause, as the breach does.
    fn damages(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        trigger: &[Value],
    ) -> Result<(), EvalError> {
        let Some(i) = version.by_slot[n.slot] else { return Ok(()) };
        let Body::Payment(p) = &n.norm.body else { return Ok(()) };
        if matches!(p.basis, Basis::Delay { .. }) {
            return Ok(());
        }
        let v = self.view(version);
        let scene = Scene { fields: trigger, trigger, ..v.scene(n, key) };
        if !payment::repairs(&v, n, &scene)? {
            return Ok(());
        }
        let c = payment::change(&v, i, key, &scene, None, Component::Damages, Special::default())?;
        self.post_by_time(version, n, key, day, c)
    }

    fn floor(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        day: Date,
        index: usize,
        period: Option<(Date, Date)>,
    ) -> Result<(), EvalError> {
        let (Body::Payment(p), Some(plan)) = (&n.norm.body, &n.pay) else { return Ok(()) };
        let Some(f) = p.floors.get(index) else { return Ok(()) };
        if n.ghost || self.over(n) {
            return Ok(());
        }
        match self.closes(version, n, day, period.map(|(_, last)| last))? {
            Some(d) if d == day => {}
            Some(d) => {
                if d > day {
                    self.state.agenda.put(d, Stage::Floor, n.slot, key, Item::Floor { index, period });
                }
                return Ok(());
            }
            None => return Ok(()),
        }
        let span = f.span;
        let v = self.view(version);
        if v.in_force(n, &key)? {
            let least = figure(&f.amount, &v.scene(n, &key))?;
            let due = due_day(p.due.as_ref(), day, p.months, &self.program.reckoning).map_err(at(span))?;
            let held = self.state.norms[n.slot].pay.get(&key);
            let mut counts = held.map_or_else(|| self.plan.fresh(n.slot), |s| s.counts.clone());
            let top_up = close_floor(plan, &mut counts, index, day, least, &self.program.reckoning);
            let top_up = top_up.map_err(at(span))?;
            let account = self.account(n.slot, &key);
            account.counts = counts;
            if top_up != 0 {
                account.ledger.accrue(top_up, due).map_err(at(span))?;
                let told = self.accrual(n, p, &key, top_up, Component::TopUp, None);
                self.feed(n, &key, SumOf::Accrued, i128::from(top_up), day);
                self.file_due(n.slot, &key, due);
                self.outcome(day, n.norm.id, key.clone(), ClockEvent::Accrued(told));
            }
        }
        let Some((_, last)) = period else { return Ok(()) };
        let next = plus_days(last, 1).map_err(|x| fault(x.to_string(), span))?;
        let reckoned = period_of(next, f.per, &self.program.reckoning);
        if let Some(period) = reckoned.map_err(|x| fault(x.to_string(), span))? {
            let end = self.state.norms[n.slot].last_day;
            let d = end.filter(|e| *e >= period.0).map_or(period.1, |e| e.min(period.1));
            let item = Item::Floor { index, period: Some(period) };
            self.state.agenda.put(d, Stage::Floor, n.slot, key, item);
        }
        Ok(())
    }

    fn fall_due(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        day: Date,
    ) -> Result<(), EvalError> {
        let Body::Payment(p) = &n.norm.body else { return Ok(()) };
        let late = payment::late(&self.view(version), n, &key)?;
        let Some(account) = self.state.norms[n.slot].pay.get_mut(&key) else { return Ok(()) };
        if account.filed == Some(day) {
            account.filed = None;
        }
        let fell = account.ledger.fall_due(day, late).map_err(at(n.norm.span))?;
        let unpaid = account.ledger.unpaid_of(day);
        if fell.amount != 0 {
            self.outcome(day, n.norm.id, key.clone(), ClockEvent::FellDue { amount: fell.amount });
        }
        self.feed(n, &key, SumOf::Due, fell.amount, day);
        self.feed_overdue(n, &key, day);
        if fell.set_off.interest != 0 {
            let told = self.accrual(n, p, &key, fell.set_off.interest, Component::Interest, None);
            self.outcome(day, n.norm.id, key.clone(), ClockEvent::Accrued(told));
        }
        if self.program.payments_tracked && unpaid > 0 {
            self.state.agenda.put(day, Stage::Deadline, n.slot, key, Item::Unpaid);
        }
        Ok(())
    }

    fn unpaid(&mut self, n: &PlanNorm, key: Key, day: Date) {
        let amount = self.state.norms[n.slot].pay.get(&key).map_or(0, |s| s.ledger.unpaid_of(day));
        if amount > 0 {
            self.count_breach(n, &key, day);
            self.outcome(day, n.norm.id, key, ClockEvent::Unpaid { amount });
        }
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

    /// What is still running at the clock: damages for delay, late interest. Told, not posted.
    pub(super) fn provisional(&mut self, day: Date) -> Result<(), EvalError> {
        let plan = Arc::clone(&self.plan);
        let Some(version) = self.state.version.and_then(|v| plan.versions.get(v)) else { return Ok(()) };
        let mut told = Vec::new();
        let v = self.view(version);
        for n in &version.norms {
            for (key, all) in &self.state.norms[n.slot].duties {
                for o in all.iter().filter(|o| o.lapsed) {
                    if let Some(c) = payment::delay(&v, n, key, o, day, None)? {
                        let rn = &version.norms[c.norm];
                        told.push((rn, c.key, c.amount, Component::Damages));
                    }
                }
            }
            let Body::Payment(_) = &n.norm.body else { continue };
            for (key, s) in &self.state.norms[n.slot].pay {
                let interest = self.running(&v, n, key, s)?;
                if interest != 0 {
                    let fits = i64::try_from(interest).map_err(|_| fault("beyond 64 bits", n.norm.span))?;
                    told.push((n, key.clone(), fits, Component::Interest));
                }
            }
        }
        for (n, key, amount, component) in told {
            let Body::Payment(p) = &n.norm.body else { continue };
            let a = self.accrual(n, p, &key, amount, component, Some("provisional".into()));
            self.outcome(day, n.norm.id, key, ClockEvent::Accrued(a));
        }
        Ok(())
    }

    /// Late interest that runs on at the day at hand.
    fn running(
        &self,
        v: &super::view::View<'_>,
        n: &PlanNorm,
        key: &Key,
        s: &PayState,
    ) -> Result<i128, EvalError> {
        let Some(late) = payment::late(v, n, key)? else { return Ok(0) };
        let parts = s.ledger.running_interest(v.today, late).map_err(at(n.norm.span))?;
        Ok(parts.iter().map(|p| i128::from(p.interest)).sum())
    }

    /// Sums per payment norm of a clause and instance key. Interest includes what runs on where the day at hand is over.
    #[must_use]
    pub fn sums(&self, clause: ClauseId) -> Vec<KeySums> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut all = Vec::new();
        for n in version.norms.iter().filter(|n| n.norm.id.clause == clause) {
            let Body::Payment(p) = &n.norm.body else { continue };
            let (payer, payee) = self.persons(n, p);
            for (key, s) in &self.state.norms[n.slot].pay {
                let running = if self.over { self.running(&v, n, key, s).unwrap_or(0) } else { 0 };
                all.push(KeySums {
                    norm: n.norm.id,
                    key: key.clone(),
                    payer,
                    payee,
                    currency: p.currency,
                    accrued: s.ledger.accrued(),
                    due: s.ledger.due(),
                    paid: s.ledger.paid(),
                    overdue: s.ledger.overdue(),
                    interest: s.ledger.interest() + running,
                });
            }
        }
        all
    }

    /// The room under every cap of the version in force, in the period of the day at hand.
    #[must_use]
    pub fn cap_rooms(&self) -> Vec<CapRoom> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut all = Vec::new();
        for n in version.norms.iter().filter(|n| !n.ghost) {
            let (Body::Payment(p), Some(plan)) = (&n.norm.body, &n.pay) else { continue };
            let mut keys: Vec<Key> = self.state.norms[n.slot].pay.keys().cloned().collect();
            if keys.is_empty() && n.key_names.is_empty() {
                keys.push(Vec::new());
            }
            for key in keys {
                let held = self.state.norms[n.slot].pay.get(&key);
                let fresh = held.is_none().then(|| self.plan.fresh(n.slot));
                let Some(counts) = held.map(|s| &s.counts).or(fresh.as_ref()) else { continue };
                for (i, c) in p.caps.iter().enumerate() {
                    let cap = figure(&c.amount, &v.scene(n, &key)).ok();
                    let counted = payment::counted(&v, c, held.map(|s| &s.ledger)).unwrap_or(None);
                    let known = CapFigure { limit: cap.unwrap_or(Exact::ZERO), counted };
                    let r = &self.program.reckoning;
                    let used = counts.counted(plan, i, known, v.today, r).unwrap_or(Exact::ZERO);
                    let left = cap.and_then(|c| c.sub(used).ok()).map(|l| l.max(Exact::ZERO));
                    let period = crate::print::period(c.per);
                    all.push(CapRoom { norm: n.norm.id, key: key.clone(), period, cap, used, left });
                }
            }
        }
        all
    }
}
