//! What was known when: retroactive amendments, and the adjustments that they post at signature.
//!
//! Data flow: one interpreter per state of knowledge that ends at the signature of a retroactive amendment, oldest first, runs beside the
//! one of the final text. Until such a signature the amounts are those of the older text; on its day the difference is posted.
//! Invariant: what was accrued and adjusted under one clause, key and pair adds up to what the final text accrues.

use super::RunError;
use crate::event::Event;
use crate::interpret::Interpreter;
use crate::ir::NormId;
use crate::outcome::{Accrual, ClockEvent, ClockOutcome, Component, EvalError, Outcome};
use habendum_model::deal::Consolidated;
use habendum_model::value::{ClauseId, CurrencyId, PartyId, Value};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Under which clause, for whom.
type Account = (ClauseId, Vec<Value>, PartyId, PartyId, CurrencyId);

/// Totals accrued so far.
type Totals = BTreeMap<Account, i128>;

/// A state of knowledge that ends.
#[derive(Clone, Debug)]
struct Earlier {
    /// Day of the signature that ends it.
    until: Date,
    interpreter: Interpreter,
    totals: Totals,
}

/// Every earlier state of knowledge, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    earlier: Vec<Earlier>,
    totals: Totals,
    pending: Vec<ClockOutcome>,
}

impl Knowledge {
    /// The states that end at the signatures of retroactive amendments. `build` makes the interpreter of what was known by a day.
    pub fn new(
        texts: &Consolidated,
        build: impl Fn(Date) -> Result<Interpreter, RunError>,
    ) -> Result<Self, RunError> {
        let signatures: BTreeSet<Date> = texts
            .amendments
            .iter()
            .filter(|a| a.retroactive && a.known)
            .filter_map(|a| a.signed.fixed())
            .collect();
        let mut earlier = Vec::new();
        for until in signatures {
            let before = until.yesterday().unwrap_or(until);
            earlier.push(Earlier { until, interpreter: build(before)?, totals: Totals::new() });
        }
        Ok(Knowledge { earlier, ..Knowledge::default() })
    }

    /// Judges a row. The error says whether any interpreter had taken the row already.
    pub fn step(&mut self, last: &mut Interpreter, e: &Event) -> Result<Outcome, (EvalError, bool)> {
        self.turn(last, e.date).map_err(|x| (x, false))?;
        let mut outcome = last.step(e).map_err(|x| (x, false))?;
        add(&mut self.totals, &outcome.accruals);
        for (i, k) in self.earlier.iter_mut().enumerate() {
            let o = k.interpreter.step(e).map_err(|x| (x, true))?;
            add(&mut k.totals, &o.accruals);
            if i == 0 {
                // The oldest state that has not ended is what was known on this day.
                outcome.accruals = o.accruals;
            }
        }
        Ok(outcome)
    }

    pub fn advance(&mut self, last: &mut Interpreter, to: Date) -> Result<(), EvalError> {
        self.turn(last, to)?;
        last.advance(to)?;
        for k in &mut self.earlier {
            k.interpreter.advance(to)?;
        }
        Ok(())
    }

    pub fn close(&mut self, last: &mut Interpreter, day: Date) -> Result<(), EvalError> {
        self.turn(last, day)?;
        last.close(day)?;
        for k in &mut self.earlier {
            k.interpreter.close(day)?;
        }
        Ok(())
    }

    /// What time brought: money as known on its day, everything else by the final text.
    pub fn take_clock(&mut self, last: &mut Interpreter) -> Vec<ClockOutcome> {
        let mut out = std::mem::take(&mut self.pending);
        let brought = last.take_clock();
        out.extend(self.sort_out(brought));
        out
    }

    fn sort_out(&mut self, brought: Vec<ClockOutcome>) -> Vec<ClockOutcome> {
        clocked(&mut self.totals, &brought);
        if self.earlier.is_empty() {
            return brought;
        }
        let mut out: Vec<ClockOutcome> = brought.into_iter().filter(|c| !is_money(c)).collect();
        for (i, k) in self.earlier.iter_mut().enumerate() {
            let own = k.interpreter.take_clock();
            clocked(&mut k.totals, &own);
            if i == 0 {
                out.extend(own.into_iter().filter(is_money));
            }
        }
        out.sort_by_key(|c| c.date);
        out
    }

    pub fn finish(
        &mut self,
        last: &mut Interpreter,
        clock: Option<Date>,
    ) -> Result<Vec<ClockOutcome>, EvalError> {
        if let Some(day) = clock {
            self.turn(last, day)?;
        }
        let mut brought = last.take_clock();
        brought.extend(last.finish(clock)?);
        for (i, k) in self.earlier.iter_mut().enumerate() {
            let own = k.interpreter.finish(clock)?;
            if i == 0 {
                self.pending.extend(own.into_iter().filter(is_money));
            }
        }
        let mut out = std::mem::take(&mut self.pending);
        out.extend(self.sort_out(brought));
        out.sort_by_key(|c| c.date);
        Ok(out)
    }

    /// Passes the signatures up to a day: older states end, and the difference to the next is posted.
    fn turn(&mut self, last: &mut Interpreter, day: Date) -> Result<(), EvalError> {
        while self.earlier.first().is_some_and(|k| k.until <= day) {
            let until = self.earlier[0].until;
            last.advance(until)?;
            for k in &mut self.earlier {
                k.interpreter.advance(until)?;
            }
            let brought = last.take_clock();
            let sorted = self.sort_out(brought);
            self.pending.extend(sorted);
            let old = self.earlier.remove(0);
            let next = self.earlier.first().map_or(&self.totals, |k| &k.totals);
            self.pending.extend(differences(&old.totals, next, until)?);
        }
        Ok(())
    }
}

fn is_money(c: &ClockOutcome) -> bool {
    match &c.what {
        ClockEvent::Accrued(_) | ClockEvent::FellDue { .. } | ClockEvent::Unpaid { .. } => true,
        ClockEvent::Opened { .. } | ClockEvent::Lapsed { .. } | ClockEvent::Effect(_) => false,
    }
}

fn account(a: &Accrual) -> Account {
    (a.norm.clause, a.key.clone(), a.payer, a.payee, a.currency)
}

/// Interest is reckoned at payment and bears no adjustment of its own.
fn counts(a: &Accrual) -> bool {
    match a.component {
        Component::Principal | Component::TopUp | Component::Damages | Component::Adjustment => true,
        Component::Interest => false,
    }
}

fn add(totals: &mut Totals, accruals: &[Accrual]) {
    for a in accruals.iter().filter(|a| counts(a)) {
        *totals.entry(account(a)).or_default() += i128::from(a.amount);
    }
}

fn clocked(totals: &mut Totals, brought: &[ClockOutcome]) {
    for c in brought {
        match &c.what {
            ClockEvent::Accrued(a) => add(totals, std::slice::from_ref(a)),
            ClockEvent::Opened { .. }
            | ClockEvent::Lapsed { .. }
            | ClockEvent::FellDue { .. }
            | ClockEvent::Unpaid { .. }
            | ClockEvent::Effect(_) => {}
        }
    }
}

/// What the newer text accrues beyond the older one, account by account.
fn differences(old: &Totals, new: &Totals, date: Date) -> Result<Vec<ClockOutcome>, EvalError> {
    let accounts: BTreeSet<&Account> = old.keys().chain(new.keys()).collect();
    let mut out = Vec::new();
    for account in accounts {
        let difference = new.get(account).unwrap_or(&0) - old.get(account).unwrap_or(&0);
        if difference == 0 {
            continue;
        }
        let amount = i64::try_from(difference).map_err(|_| EvalError {
            row: None,
            field: None,
            message: format!("the adjustment at the signature of {date} is beyond 64 bits"),
            span: None,
        })?;
        let (clause, key, payer, payee, currency) = account.clone();
        let norm = NormId { clause, part: 0, sub: 0 };
        let accrual = Accrual {
            norm,
            key: key.clone(),
            payer,
            payee,
            amount,
            currency,
            component: Component::Adjustment,
            reason: Some(format!("recomputed under the amendment signed on {date}")),
        };
        out.push(ClockOutcome { date, norm, key, what: ClockEvent::Accrued(accrual) });
    }
    Ok(out)
}
