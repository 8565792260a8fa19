//! Time: takes what is due from the agenda, in order, and lets it happen.

use super::Interpreter;
use super::agenda::{Entry, Item, Stage};
use super::duty;
use super::measures::Key;
use super::plan::{PlanNorm, VersionPlan};
use super::power;
use super::reach::Moved;
use super::relief;
use crate::eval::{fault, truth};
use crate::ir::{Body, NormId, Opening};
use crate::outcome::{ClockEvent, ClockOutcome, Effect, EvalError};
use crate::trace;
use habendum_model::date::{self, add, period_of, plus_days};
use habendum_model::value::Value;
use jiff::civil::Date;
use std::sync::Arc;

impl Interpreter {
    /// Lets everything happen up to a stage of a day.
    pub(super) fn pass(&mut self, to: Date, stage: Stage) -> Result<(), EvalError> {
        let plan = Arc::clone(&self.plan);
        while let Some(entry) = self.state.agenda.take((to, stage)) {
            let day = self.state.today.max(entry.date);
            self.state.today = day;
            let moved = if matches!(entry.item, Item::Version(_)) { Moved::Text } else { Moved::Time };
            // What falls due is owed all the same.
            self.standing += u64::from(entry.item != Item::FallDue);
            let done = self.happen(entry).and_then(|()| {
                let mut effects = Vec::new();
                if let Some(version) = self.state.version.and_then(|v| plan.versions.get(v)) {
                    self.reach(version, moved, &mut effects)?;
                }
                self.tell(day, effects);
                Ok(())
            });
            if let Err(e) = done {
                self.broken = Some(e.clone());
                return Err(e);
            }
        }
        self.state.today = self.state.today.max(to);
        Ok(())
    }

    /// Records effects of time.
    pub(super) fn tell(&mut self, date: Date, effects: Vec<Effect>) {
        for x in effects {
            let Some(norm) = x.norm else { continue };
            self.outcome(date, norm, Vec::new(), ClockEvent::Effect(x));
        }
    }

    /// Records an outcome of time.
    pub(super) fn outcome(&mut self, date: Date, norm: NormId, key: Key, what: ClockEvent) {
        self.clock.push(ClockOutcome { date, norm, key, what });
    }

    fn happen(&mut self, entry: Entry) -> Result<(), EvalError> {
        let plan = Arc::clone(&self.plan);
        if let Item::Version(i) = entry.item {
            return self.enter(i, entry.date);
        }
        let Some(version) = self.state.version.and_then(|v| plan.versions.get(v)) else { return Ok(()) };
        let Some(n) = version.by_slot[entry.slot].map(|i| &version.norms[i]) else { return Ok(()) };
        let (day, key) = (entry.date, entry.key);
        if entry.item.serves_an_instance() && !self.state.norms[n.slot].instances.contains_key(&key) {
            return Ok(());
        }
        match entry.item {
            Item::Version(_) => Ok(()),
            Item::OpenDuty => self.open_by_time(version, n, key, day),
            Item::Deadline(id) => self.deadline(version, n, key, id, day),
            Item::TermEnd => self.term_end(version, n, day),
            Item::ReliefEnd(i) => {
                self.relief_end(i, day);
                Ok(())
            }
            Item::Power { by, to } => {
                let Body::Power(p) = &n.norm.body else { return Ok(()) };
                let does = power::effects(&self.view(version), n, p, by, to)?;
                let mut effects = Vec::new();
                self.act(n.norm.id, does, day, &mut effects);
                self.tell(day, effects);
                Ok(())
            }
            Item::PeriodPayment { .. }
            | Item::DayPayment
            | Item::Damages { .. }
            | Item::Floor { .. }
            | Item::FallDue
            | Item::Unpaid => self.pay_by_time(version, n, key, day, entry.item),
        }
    }

    fn relief_end(&mut self, i: usize, day: Date) {
        let Some(r) = self.state.reliefs.get_mut(i).filter(|r| !r.over) else { return };
        r.over = true;
        let id = r.norm;
        let text = format!("relief under {} ends", self.program.symbols.clause_name(id.clause));
        self.tell(day, vec![Effect { text, norm: Some(id) }]);
    }

    /// A duty that opens by its day or period, or stands from the start.
    fn open_by_time(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        day: Date,
    ) -> Result<(), EvalError> {
        let Body::Duty(d) = &n.norm.body else { return Ok(()) };
        if n.ghost || self.state.norms[n.slot].ended || self.state.clauses[n.norm.id.clause.ix()].ended {
            return Ok(());
        }
        let v = self.view(version);
        let scene = v.scene(n, &key);
        let open = v.in_force(n, &key)? && !v.excepted(&n.norm.exceptions, &scene)?;
        let span = n.norm.span;
        let opened = self.state.norms[n.slot].opened.get(&key).copied();
        let (deadline, end) = match &d.opening {
            Opening::By(d) => match d.fixed() {
                Some(d) if d >= day && opened.is_none() => (Some(d), None),
                _ => return Ok(()),
            },
            Opening::NoDeadline if opened.is_some() => return Ok(()),
            Opening::NoDeadline => (None, None),
            Opening::Each(p) | Opening::AfterEach(p, _) => {
                let Some((_, last)) =
                    period_of(day, *p, &self.program.reckoning).map_err(|x| fault(x.to_string(), span))?
                else {
                    return Ok(());
                };
                if self.state.norms[n.slot].last_day.is_some_and(|end| end < last)
                    || opened.is_some_and(|o| o >= last)
                {
                    return Ok(());
                }
                match &d.opening {
                    Opening::AfterEach(..) if day < last => {
                        self.state.agenda.put(last, Stage::Open, n.slot, key, Item::OpenDuty);
                        return Ok(());
                    }
                    Opening::AfterEach(_, length) => {
                        let due = add(last, *length, &self.program.reckoning, d.months);
                        (Some(due.map_err(|x| fault(x.to_string(), span))?), Some(last))
                    }
                    Opening::Within { .. }
                    | Opening::By(_)
                    | Opening::Each(_)
                    | Opening::NoDeadline
                    | Opening::OnBreach(_) => (Some(last), Some(last)),
                }
            }
            Opening::Within { .. } | Opening::OnBreach(_) => return Ok(()),
        };
        let waits = !open && end.is_none() && v.stands(n, &key, day);
        let told = if self.explains(day, n) { trace::of_duty(&v, n, &scene) } else { Vec::new() };
        if open {
            let o = duty::fresh(d, &scene, None, deadline)?;
            self.state.norms[n.slot].opened.insert(key.clone(), end.or(deadline).unwrap_or(day));
            let obligation = self.open(n.slot, key.clone(), o);
            self.outcome(day, n.norm.id, key.clone(), ClockEvent::Opened { obligation, deadline });
        }
        self.time_trace.extend(told);
        // The next period's; or, where the clause is only suspended or its condition unmet, the next day's chance.
        if let Some(d) = end.or(waits.then_some(day)) {
            let next = plus_days(d, 1).map_err(|x| fault(x.to_string(), span))?;
            self.state.agenda.put(next, Stage::Open, n.slot, key, Item::OpenDuty);
        }
        Ok(())
    }

    /// A term that goes on may hold the end of a period that its old end cut: the duty for it opens now.
    pub(super) fn open_anew(&mut self, slot: usize, day: Date) {
        let keys: Vec<Key> = self.state.norms[slot].instances.keys().cloned().collect();
        for key in keys {
            self.state.agenda.put(day, Stage::Open, slot, key, Item::OpenDuty);
        }
    }

    fn deadline(
        &mut self,
        version: &VersionPlan,
        n: &PlanNorm,
        key: Key,
        id: u64,
        day: Date,
    ) -> Result<(), EvalError> {
        let all = self.state.norms[n.slot].duties.get(&key);
        let Some(o) = all.and_then(|a| a.iter().find(|o| o.id == id && !o.lapsed)) else { return Ok(()) };
        let v = self.view(version);
        let Some(last) = duty::deadline(&v, n, &key, o) else { return Ok(()) };
        // None passes while clocks stand still, not even on the day of the cause.
        let last = if duty::stands_still(&v, n, &key, o) {
            last.max(plus_days(day, 1).unwrap_or(last))
        } else {
            last
        };
        if last > day {
            self.state.agenda.put(last, Stage::Deadline, n.slot, key, Item::Deadline(id));
            return Ok(());
        }
        let (opened_by, trigger) = (o.opened_by, o.trigger.clone());
        let excused_by = relief::at_work(&v, n, &key, &trigger, false).map(|r| r.norm);
        let what = ClockEvent::Lapsed { obligation: id, opened_by, excused_by };
        self.outcome(day, n.norm.id, key.clone(), what);
        if let Some(all) = self.state.norms[n.slot].duties.get_mut(&key) {
            if excused_by.is_some() {
                all.retain(|o| o.id != id);
            } else if let Some(o) = all.iter_mut().find(|o| o.id == id) {
                // What stops clocks from now on no longer moves it.
                (o.lapsed, o.deadline) = (true, Some(last));
            }
            if all.is_empty() {
                self.state.norms[n.slot].duties.remove(&key);
            }
        }
        if excused_by.is_some() {
            return Ok(());
        }
        self.count_breach(n, &key, day);
        match n.otherwise.and_then(|s| version.by_slot[s]) {
            Some(repair) => self.repair_after(version, &version.norms[repair], key, trigger, day),
            None => Ok(()),
        }
    }

    /// Starts the reparation of a lapsed obligation: damages on the day after, a duty from that day on.
    fn repair_after(
        &mut self,
        version: &VersionPlan,
        repair: &PlanNorm,
        key: Key,
        trigger: Vec<Value>,
        day: Date,
    ) -> Result<(), EvalError> {
        match &repair.norm.body {
            Body::Duty(_) => self.open_repair(version, repair, key, &trigger, day),
            Body::Payment(_) => {
                let after = plus_days(day, 1).map_err(|x| fault(x.to_string(), repair.norm.span))?;
                self.state.agenda.put(after, Stage::Period, repair.slot, key, Item::Damages { trigger });
                Ok(())
            }
            Body::Rule(_)
            | Body::Keep(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => Ok(()),
        }
    }

    /// Opens the duty that repairs a breach.
    fn open_repair(
        &mut self,
        version: &VersionPlan,
        repair: &PlanNorm,
        key: Key,
        trigger: &[Value],
        day: Date,
    ) -> Result<(), EvalError> {
        let v = self.view(version);
        let Some(o) = duty::repair(&v, repair, &key, trigger, day, None)? else { return Ok(()) };
        let deadline = o.deadline;
        let obligation = self.open(repair.slot, key.clone(), o);
        self.outcome(day, repair.norm.id, key, ClockEvent::Opened { obligation, deadline });
        Ok(())
    }

    /// Whether a term that ends today is renewed.
    pub(super) fn renews(
        &self,
        version: &VersionPlan,
        n: &PlanNorm,
        day: Date,
    ) -> Result<Option<Date>, EvalError> {
        let Some(r) = &n.norm.term.renews else { return Ok(None) };
        let ns = &self.state.norms[n.slot];
        if ns.ended || n.ghost || ns.outlasts.is_some() || r.times.is_some_and(|t| ns.renewals >= t) {
            return Ok(None);
        }
        let v = self.view(version);
        if let Some(c) = &r.condition
            && !truth(c, &v.scene(n, &[]))?
        {
            return Ok(None);
        }
        let reckon = || {
            let next = plus_days(day, 1)?;
            plus_days(date::add(next, r.length, &self.program.reckoning, None)?, -1)
        };
        reckon().map(Some).map_err(|x| fault(x.to_string(), n.norm.span))
    }

    fn term_end(&mut self, version: &VersionPlan, n: &PlanNorm, day: Date) -> Result<(), EvalError> {
        let ns = &self.state.norms[n.slot];
        if n.ghost || ns.ended || ns.last_day != Some(day) {
            return Ok(());
        }
        if self.state.clauses[n.norm.id.clause.ix()].ended {
            return Ok(());
        }
        let name = self.program.symbols.clause_name(n.norm.id.clause).to_owned();
        let text = match self.renews(version, n, day)? {
            Some(last) => {
                let next = plus_days(day, 1).map_err(|x| fault(x.to_string(), n.norm.span))?;
                let ns = &mut self.state.norms[n.slot];
                ns.last_day = Some(last);
                ns.term_start = next;
                ns.renewals += 1;
                self.state.agenda.put(last, Stage::Term, n.slot, Vec::new(), Item::TermEnd);
                self.open_anew(n.slot, next);
                if matches!(n.norm.body, Body::Payment(_)) {
                    for key in self.state.norms[n.slot].instances.clone().into_keys() {
                        self.begin_payment(n, &key, next, true);
                    }
                }
                format!("{name} renewed through {last}")
            }
            None => {
                self.state.norms[n.slot].ended = true;
                format!("{name} ended with its term")
            }
        };
        // The sentences of one clause end together; it is told once.
        let told =
            |o: &ClockOutcome| o.date == day && matches!(&o.what, ClockEvent::Effect(x) if x.text == text);
        if !self.clock.iter().rev().take(64).any(told) {
            self.tell(day, vec![Effect { text, norm: Some(n.norm.id) }]);
        }
        Ok(())
    }
}
