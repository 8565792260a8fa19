//! Payments that time brings: periods, days, damages, floors, falling due.
//!
//! Data flow: agenda -> what is closed, assessed or due on the day -> `post`. Invariant: a period and a floor are closed once per term,
//! on the last day that both the period and the term reach.

use super::account::Whose;
use super::agenda::{Item, Stage};
use super::days::known_days;
use super::measures::Key;
use super::payment::{self, PayChange, Special, at};
use super::plan::{PlanNorm, VersionPlan};
use super::{Interpreter, earlier};
use crate::accrual::close_floor;
use crate::eval::{Scene, fault, figure};
use crate::ir::{Basis, Body};
use crate::ledger::due_day;
use crate::outcome::{ClockEvent, Component, EvalError};
use crate::trace;
use habendum_model::date::{DateError, period_of, plus_days};
use habendum_model::value::Value;
use habendum_syntax::ast::{Period, SumOf};
use jiff::civil::Date;
use std::sync::Arc;

impl Interpreter {
    /// Files what time has to do for a payment's instance. Filing twice is harmless.
    pub(super) fn begin_payment(&mut self, n: &PlanNorm, key: &Key, first: Date, known: bool) {
        let Body::Payment(p) = &n.norm.body else { return };
        let last_day = self.end_of(n);
        let within = |d: Date| last_day.map_or(d, |l| l.min(d));
        let reckoning = self.program.reckoning.clone();
        let of = |d: Date, per: Period| period_of(d, per, &reckoning).ok().flatten();
        match &p.basis {
            Basis::Period(per, advance) => {
                let Some(mut period) = of(first, *per) else { return };
                // A term that has yet to begin has paid for none of the period that its first day cuts.
                let begins = n.first_day.is_some_and(|d| d == first && d > self.state.today);
                if *advance && known && period.0 < first && !begins {
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
        key: &Key,
        day: Date,
        last: Option<Date>,
    ) -> Result<Option<Date>, EvalError> {
        if self.state.norms[n.slot].cut.get(key) == Some(&day) {
            return Ok(Some(day));
        }
        let mut end = self.state.norms[n.slot].last_day;
        if end == Some(day)
            && let Some(renewed) = self.renews(version, n, day)?
        {
            end = Some(renewed);
        }
        Ok(earlier(last, earlier(end, n.struck_after)))
    }

    /// The last day of a sentence as it now stands: of its term, or before an amendment strikes it.
    fn end_of(&self, n: &PlanNorm) -> Option<Date> {
        earlier(self.state.norms[n.slot].last_day, n.struck_after)
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
        if n.ghost || self.over(n, &key, day) {
            return Ok(());
        }
        // An amendment may have changed the period since this was filed.
        if period_of(period.0, per, &self.program.reckoning).ok().flatten() != Some(period) {
            return Ok(());
        }
        let item = Item::PeriodPayment { first: period.0, last: period.1 };
        if !advance {
            match self.closes(version, n, &key, day, Some(period.1))? {
                Some(d) if d != day => {
                    if d > day {
                        self.state.agenda.put(d, Stage::Period, n.slot, key, item);
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        if advance && p.prorated {
            self.ahead_by_days(version, n, &key, day, period)?;
        } else if advance {
            self.ahead_whole(version, n, &key, day, period)?;
        } else {
            self.assess_by_time(version, n, &key, day, Some(period), None)?;
        }
        let next = plus_days(period.1, 1).map_err(|x| fault(x.to_string(), n.norm.span))?;
        let reckoned = period_of(next, per, &self.program.reckoning);
        if let Some((first, last)) = reckoned.map_err(|x| fault(x.to_string(), n.norm.span))? {
            let item = Item::PeriodPayment { first, last };
            let end = self.end_of(n);
            let (stage, d) = if advance {
                (Stage::Open, first)
            } else {
                (Stage::Period, end.filter(|e| *e >= first).map_or(last, |e| e.min(last)))
            };
            self.state.agenda.put(d, stage, n.slot, key, item);
        }
        Ok(())
    }

    /// A period paid for in advance as a whole: once, whatever an amendment makes of its text within the period.
    fn ahead_whole(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        period: (Date, Date),
    ) -> Result<(), EvalError> {
        let before = self.state.norms[n.slot].covered.insert(key.clone(), period.1);
        if before.is_some_and(|d| d >= period.0) {
            return Ok(());
        }
        self.assess_by_time(version, n, key, day, Some(period), None)
    }

    /// A period paid for in advance by days: those known to be in force and not paid for. Where days are left, each later day of
    /// the period, and the end of its last, asks again: a renewal, an extension or a resumption adds to what is known.
    fn ahead_by_days(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        period: (Date, Date),
    ) -> Result<(), EvalError> {
        let reckon = |x: DateError| fault(x.to_string(), n.norm.span);
        let v = self.view(version);
        let stands = v.stands(n, key, day) && !v.suspended(n, day, false);
        let known = if stands { known_days(&v, n, key, period).map_err(reckon)? } else { None };
        if let Some((days, last)) = known {
            // The mark is set even where a condition stands in the way: it is asked once for these days.
            self.state.norms[n.slot].covered.insert(key.clone(), last);
            self.assess_by_time(version, n, key, day, Some(period), Some(days))?;
        }
        let covered = self.state.norms[n.slot].covered.get(key);
        if day < period.1 && covered.is_none_or(|d| *d < period.1) {
            let item = Item::PeriodPayment { first: period.0, last: period.1 };
            let next = plus_days(day, 1).map_err(reckon)?;
            self.state.agenda.put(next, Stage::Open, n.slot, key.clone(), item.clone());
            self.state.agenda.put(period.1, Stage::Period, n.slot, key.clone(), item);
        }
        Ok(())
    }

    /// Ended for good before a day, as far as the clock is concerned.
    fn over(&self, n: &PlanNorm, key: &Key, day: Date) -> bool {
        let ns = &self.state.norms[n.slot];
        let ended =
            ns.ended || self.state.clauses[n.norm.id.clause.ix()].ended || ns.ended_keys.contains(key);
        ended && ns.cut.get(key) != Some(&day)
    }

    /// What ends a payment early makes the day at hand the last of its term: the period and the floors are closed at its end.
    pub(super) fn cut(&mut self, slot: usize, only: Option<&Key>) {
        self.cut_on(slot, only, false);
    }

    /// The same where what time brings ends an instance. Of that day a part is over: what has been closed in it is not closed again.
    pub(super) fn cut_by_time(&mut self, slot: usize, key: &Key) {
        self.cut_on(slot, Some(key), true);
    }

    fn cut_on(&mut self, slot: usize, only: Option<&Key>, by_time: bool) {
        let plan = Arc::clone(&self.plan);
        let Some(version) = self.state.version.and_then(|v| plan.versions.get(v)) else { return };
        let Some(n) = version.by_slot[slot].map(|i| &version.norms[i]) else { return };
        let Body::Payment(p) = &n.norm.body else { return };
        let day = self.state.today;
        let keys: Vec<Key> = match only {
            Some(k) => vec![k.clone()],
            None => self.state.norms[slot].instances.keys().cloned().collect(),
        };
        for key in keys {
            if !self.view(version).stands(n, &key, day) {
                continue;
            }
            self.state.norms[slot].cut.insert(key.clone(), day);
            let last_day = self.state.norms[slot].last_day;
            let waits = |s: &Self, item: &Item| !by_time || s.state.agenda.holds(slot, &key, item);
            let of = |per: Period, s: &Self| period_of(day, per, &s.program.reckoning).ok().flatten();
            if let Basis::Period(per, false) = p.basis
                && let Some((first, last)) = of(per, self)
            {
                let item = Item::PeriodPayment { first, last };
                if waits(self, &item) {
                    self.state.agenda.put(day, Stage::Period, slot, key.clone(), item);
                }
            }
            for (index, f) in p.floors.iter().enumerate() {
                let period = of(f.per, self);
                let item = Item::Floor { index, period };
                // Of the whole life of a term without a last day nothing waits.
                let whole = f.per == Period::InTotal && last_day != Some(day);
                if whole || (period.is_some() || f.per == Period::InTotal) && waits(self, &item) {
                    self.state.agenda.put(day, Stage::Floor, slot, key.clone(), item);
                }
            }
        }
    }

    fn on_day(&mut self, version: &VersionPlan, n: &PlanNorm, key: Key, day: Date) -> Result<(), EvalError> {
        match &n.norm.body {
            Body::Payment(p) if matches!(&p.basis, Basis::On(d) if d.fixed() == Some(day)) => {
                self.assess_by_time(version, n, &key, day, None, None)
            }
            _ => Ok(()),
        }
    }

    /// Assesses a payment that no event brings, if it is in force; in advance, for so many days of the period.
    fn assess_by_time(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: &Key,
        day: Date,
        period: Option<(Date, Date)>,
        days: Option<i64>,
    ) -> Result<(), EvalError> {
        let Some(i) = version.by_slot[n.slot] else { return Ok(()) };
        let v = self.view(version);
        let scene = v.scene(n, key);
        // By the day, what stands suspended at the end still owes for the days before.
        let by_days =
            matches!(&n.norm.body, Body::Payment(p) if p.prorated && period.is_some() && days.is_none());
        let in_force = if by_days { v.stood_on_day(n, key)? } else { v.in_force_on_day(n, key)? };
        let explain = self.explains(day, n);
        if !in_force || !payment::repairs(&v, n, &scene)? {
            let told = if explain { trace::by_time(&v, n, &scene, in_force, None) } else { Vec::new() };
            self.time_trace.extend(told);
            return Ok(());
        }
        let special = Special { period, days, explain, ..Special::default() };
        let c = payment::change(&v, i, key, &scene, None, Component::Principal, special)?;
        let told = if explain { trace::by_time(&v, n, &scene, true, Some(&c)) } else { Vec::new() };
        self.time_trace.extend(told);
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
        let explain = self.explains(day, n);
        if !payment::repairs(&v, n, &scene)? {
            let told = if explain { trace::by_time(&v, n, &scene, true, None) } else { Vec::new() };
            self.time_trace.extend(told);
            return Ok(());
        }
        let special = Special { explain, ..Special::default() };
        let c = payment::change(&v, i, key, &scene, None, Component::Damages, special)?;
        let told = if explain { trace::by_time(&v, n, &scene, true, Some(&c)) } else { Vec::new() };
        self.time_trace.extend(told);
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
        if n.ghost || self.over(n, &key, day) {
            return Ok(());
        }
        // An amendment may have changed the period since this was filed.
        let still = period.map_or(f.per == Period::InTotal, |p| {
            period_of(p.0, f.per, &self.program.reckoning).ok().flatten() == Some(p)
        });
        if !still {
            return Ok(());
        }
        match self.closes(version, n, &key, day, period.map(|(_, last)| last))? {
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
        if v.in_force_on_day(n, &key)? {
            let least = figure(&f.amount, &v.scene(n, &key))?;
            let due = due_day(p.due.as_ref(), day, p.months, &self.program.reckoning).map_err(at(span))?;
            let held = self.state.norms[n.slot].pay.get(&key);
            let mut counts = held.map_or_else(|| self.plan.fresh(n.slot), |s| s.counts.clone());
            let top_up = close_floor(plan, &mut counts, index, day, least, &self.program.reckoning);
            let top_up = top_up.map_err(at(span))?;
            if self.explains(day, n) {
                let told = trace::of_floor(&v, n, &v.scene(n, &key), f, (least, top_up));
                self.time_trace.extend(told);
            }
            let account = self.account(n.slot, &key);
            account.counts = counts;
            if top_up != 0 {
                self.book(version, n, &key, top_up, due)?;
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
            let end = self.end_of(n);
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
        let Some(account) = self.state.norms[n.slot].pay.get_mut(&key) else { return Ok(()) };
        if account.filed == Some(day) {
            account.filed = None;
        }
        let every: Vec<Whose> = account.ledgers().map(|(whose, _)| whose).collect();
        for whose in every {
            let ledger = self.account(n.slot, &key).ledger_mut(whose);
            let fell = ledger.lapse(day).map_err(at(n.norm.span))?;
            if fell.amount != 0 {
                self.outcome(day, n.norm.id, key.clone(), ClockEvent::FellDue { amount: fell.amount });
            }
            self.feed(n, &key, SumOf::Due, fell.amount, day);
            if fell.credit > 0 {
                self.set_off(version, n, &key, (fell.credit, whose), day)?;
            }
        }
        self.feed_overdue(n, &key, day);
        if self.program.payments_tracked && !unpaid_of(&self.state.norms[n.slot], &key, day).is_empty() {
            self.state.agenda.put(day, Stage::Deadline, n.slot, key, Item::Unpaid);
        }
        Ok(())
    }

    fn unpaid(&mut self, n: &PlanNorm, key: Key, day: Date) {
        for amount in unpaid_of(&self.state.norms[n.slot], &key, day) {
            self.count_breach(n, &key, day);
            self.outcome(day, n.norm.id, key.clone(), ClockEvent::Unpaid { amount });
        }
    }
}

/// What is unpaid of what fell due on a day, between any two persons.
fn unpaid_of(ns: &super::state::NormState, key: &Key, day: Date) -> Vec<i128> {
    let all = ns.pay.get(key).into_iter().flat_map(super::account::PayState::ledgers);
    all.map(|(_, l)| l.unpaid_of(day)).filter(|amount| *amount > 0).collect()
}
