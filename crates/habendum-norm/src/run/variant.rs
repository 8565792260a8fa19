//! One reading, run by the text known in the end and by the texts known before each retroactive amendment was signed.
//!
//! Data flow: each row and each day goes to every variant; verdicts, duties and effects are those of the final text; amounts
//! are those of the text known on their day; on a day of signature the difference is posted as adjustments.
//! Invariant: what has been emitted for a clause by the end of a day equals the sum that [`ReadingRun::sums`] gives then.

use super::{RunError, interpreter};
use crate::event::Event;
use crate::interpret::{Decided, Interpreter, KeySums, Snapshot};
use crate::ir::{NormId, Program};
use crate::outcome::{Accrual, ClockEvent, ClockOutcome, Component, EvalError, Outcome};
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::value::{ClauseId, CurrencyId, PartyId, Value};
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One combination of readings with its interpreter of the final text.
#[derive(Clone, Debug)]
pub struct ReadingRun {
    /// Clause and reading; empty where the deal has none.
    pub readings: Vec<(ClauseId, String)>,
    /// The interpreter of the text known in the end.
    pub interpreter: Interpreter,
    /// The texts known before each signature that reaches back, in order of these signatures that are still to come.
    earlier: Vec<Earlier>,
    clock: Vec<ClockOutcome>,
    /// What the final text has accrued, while a signature is still to come.
    tally: Tally,
    /// What the texts that are no longer asked have counted; see [`ReadingRun::standing`].
    stood: u64,
}

/// A text as known before a retroactive amendment was signed.
#[derive(Clone, Debug)]
struct Earlier {
    /// The day of that signature: from it on the next text is known.
    until: Date,
    /// The amendments signed on it that reach back, by title.
    by: String,
    interpreter: Interpreter,
    /// What it has accrued.
    tally: Tally,
}

/// What has accrued by line, with a norm to name the line by. Persons are those of each accrual, not of the moment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Tally(BTreeMap<Line, (NormId, i128)>);

impl Tally {
    fn add<'a>(&mut self, accruals: impl Iterator<Item = &'a Accrual>) {
        for a in accruals.filter(|a| a.component != Component::Interest) {
            let line = (a.norm.clause, a.key.clone(), a.payer, a.payee, a.currency);
            self.0.entry(line).or_insert((a.norm, 0)).1 += i128::from(a.amount);
        }
    }

    fn add_clock(&mut self, clock: &[ClockOutcome]) {
        self.add(clock.iter().filter_map(|c| c.what.accrued()));
    }
}

/// What a row changes in each variant.
#[derive(Debug)]
pub(super) struct Prepared {
    last: Decided,
    earlier: Vec<Decided>,
}

impl Prepared {
    /// The verdict of the text known in the end.
    pub(super) fn verdict(&self) -> Verdict {
        self.last.verdict()
    }
}

/// What a reading has to remember.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved<'a> {
    readings: Cow<'a, [(ClauseId, String)]>,
    last: Snapshot<'a>,
    earlier: Vec<(Date, Snapshot<'a>, Cow<'a, Tally>)>,
    clock: Cow<'a, [ClockOutcome]>,
    tally: Cow<'a, Tally>,
}

/// What an adjustment is kept apart by.
type Line = (ClauseId, Vec<Value>, PartyId, PartyId, CurrencyId);

impl ReadingRun {
    /// A reading at the first day of the agreement.
    pub(super) fn new(
        deal: &Deal,
        texts: &Consolidated,
        binding: &Binding,
        readings: Vec<(ClauseId, String)>,
    ) -> Result<Self, RunError> {
        let mut signed: BTreeMap<Date, Vec<&str>> = BTreeMap::new();
        for (dates, amendment) in texts.amendments.iter().zip(&deal.amendments) {
            if let (true, true, Some(day)) = (dates.retroactive, dates.known, dates.signed.fixed()) {
                signed.entry(day).or_default().push(&amendment.ast.node.title.node);
            }
        }
        let mut earlier = Vec::with_capacity(signed.len());
        for (until, titles) in signed {
            let Ok(eve) = until.yesterday() else { continue };
            let known = Binding { known_as_of: Some(eve), ..binding.clone() };
            let texts = consolidate(deal, &known);
            if texts.has_errors() {
                return Err(RunError::Faults(texts.diagnostics));
            }
            let interpreter = interpreter(deal, &texts.value, &known)?;
            earlier.push(Earlier { until, by: titles.join(", "), interpreter, tally: Tally::default() });
        }
        let interpreter = interpreter(deal, texts, binding)?;
        let (clock, tally) = (Vec::new(), Tally::default());
        Ok(ReadingRun { readings, interpreter, earlier, clock, tally, stood: 0 })
    }

    /// The programs of all its texts.
    pub(super) fn programs(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.interpreters().map(Interpreter::program)
    }

    fn interpreters(&self) -> impl Iterator<Item = &Interpreter> {
        std::iter::once(&self.interpreter).chain(self.earlier.iter().map(|e| &e.interpreter))
    }

    /// See [`Interpreter::standing`].
    pub(super) fn standing(&self) -> u64 {
        self.interpreters().map(Interpreter::standing).fold(self.stood, u64::wrapping_add)
    }

    /// See [`Interpreter::is_idle_on`].
    pub(super) fn is_idle_on(&self, day: Date) -> bool {
        self.clock.is_empty()
            && self.earlier.first().is_none_or(|e| e.until > day)
            && self.interpreters().all(|i| i.is_idle_on(day))
    }

    /// See [`Interpreter::pass_by`].
    pub(super) fn pass_by(&mut self, row: u64) {
        self.interpreter.pass_by(row);
        self.earlier.iter_mut().for_each(|e| e.interpreter.pass_by(row));
    }

    /// The state at hand; none where time could not run on.
    pub(super) fn snapshot(&self) -> Option<Saved<'_>> {
        let earlier = self
            .earlier
            .iter()
            .map(|e| e.interpreter.snapshot().map(|s| (e.until, s, Cow::Borrowed(&e.tally))));
        Some(Saved {
            readings: Cow::Borrowed(&self.readings),
            last: self.interpreter.snapshot()?,
            earlier: earlier.collect::<Option<_>>()?,
            clock: Cow::Borrowed(&self.clock),
            tally: Cow::Borrowed(&self.tally),
        })
    }

    /// Takes a saved state of the same reading; false where it is another's, and the run is of no use then.
    pub(super) fn restore(&mut self, saved: Saved<'_>) -> bool {
        if self.readings != *saved.readings || !self.interpreter.restore(saved.last) {
            return false;
        }
        // What was signed before the state was saved is over.
        let first = saved.earlier.first().map(|(until, ..)| *until);
        self.earlier.retain(|e| first.is_some_and(|f| f <= e.until));
        if self.earlier.len() != saved.earlier.len() {
            return false;
        }
        for (e, (until, snapshot, tally)) in self.earlier.iter_mut().zip(saved.earlier) {
            if e.until != until || !e.interpreter.restore(snapshot) {
                return false;
            }
            e.tally = tally.into_owned();
        }
        self.clock = saved.clock.into_owned();
        self.tally = saved.tally.into_owned();
        true
    }

    /// The sums of a clause by what is known on the day that time has reached.
    #[must_use]
    pub fn sums(&self, clause: ClauseId) -> Vec<KeySums> {
        self.earlier.first().map_or(&self.interpreter, |e| &e.interpreter).sums(clause)
    }

    /// Damages that run on, by what is known on the day that time has reached.
    #[must_use]
    pub fn running_damages(&self) -> Vec<Accrual> {
        self.earlier.first().map_or(&self.interpreter, |e| &e.interpreter).running_damages()
    }

    /// Decides what a row changes in every variant; time runs up to its day, nothing else changes.
    pub(super) fn prepare(&mut self, e: &Event) -> Result<Prepared, EvalError> {
        self.sign(e.date)?;
        let last = self.interpreter.prepare(e)?;
        let earlier = self.earlier.iter_mut().map(|x| x.interpreter.prepare(e)).collect::<Result<_, _>>()?;
        Ok(Prepared { last, earlier })
    }

    /// Applies what was decided.
    pub(super) fn commit(&mut self, e: &Event, p: Prepared) -> Result<Outcome, EvalError> {
        let mut outcome = self.interpreter.commit(e, p.last)?;
        if !self.earlier.is_empty() {
            self.tally.add(outcome.accruals.iter());
        }
        for (i, (x, decided)) in self.earlier.iter_mut().zip(p.earlier).enumerate() {
            let then = x.interpreter.commit(e, decided)?;
            x.tally.add(then.accruals.iter());
            if i == 0 {
                outcome.accruals = then.accruals;
            }
        }
        self.collect();
        Ok(outcome)
    }

    /// See [`Interpreter::advance`].
    pub(super) fn advance(&mut self, to: Date) -> Result<(), EvalError> {
        self.sign(to)?;
        self.each(|i| i.advance(to))
    }

    /// See [`Interpreter::close`].
    pub(super) fn close(&mut self, day: Date) -> Result<(), EvalError> {
        self.sign(day)?;
        self.each(|i| i.close(day))
    }

    /// See [`Interpreter::finish`].
    pub(super) fn finish(&mut self, clock: Option<Date>) -> Result<(), EvalError> {
        if let Some(to) = clock {
            self.sign(to)?;
        }
        let last = self.interpreter.finish(clock)?;
        let mut then = Vec::new();
        for (i, x) in self.earlier.iter_mut().enumerate() {
            let found = x.interpreter.finish(clock)?;
            if i == 0 {
                then = found;
            }
        }
        self.add(last, then);
        Ok(())
    }

    /// What time brought since the last call.
    pub(super) fn take_clock(&mut self) -> Vec<ClockOutcome> {
        self.collect();
        std::mem::take(&mut self.clock)
    }

    fn each(&mut self, f: impl Fn(&mut Interpreter) -> Result<(), EvalError>) -> Result<(), EvalError> {
        f(&mut self.interpreter)?;
        self.earlier.iter_mut().try_for_each(|x| f(&mut x.interpreter))?;
        self.collect();
        Ok(())
    }

    /// Lets the signatures up to a day happen: the amounts accrued before each are set right on its day.
    fn sign(&mut self, to: Date) -> Result<(), EvalError> {
        while let Some(until) = self.earlier.first().map(|e| e.until).filter(|u| *u <= to) {
            let Ok(eve) = until.yesterday() else { return Ok(()) };
            self.each(|i| i.close(eve))?;
            let then = self.earlier.remove(0);
            self.stood = self.stood.wrapping_add(then.interpreter.standing()).wrapping_add(1);
            let now = self.earlier.first().map_or(&self.tally, |e| &e.tally);
            self.clock.extend(adjustments(&then, now)?);
        }
        Ok(())
    }

    fn collect(&mut self) {
        let last = self.interpreter.take_clock();
        if !self.earlier.is_empty() {
            self.tally.add_clock(&last);
        }
        let mut then = Vec::new();
        for (i, x) in self.earlier.iter_mut().enumerate() {
            let found = x.interpreter.take_clock();
            x.tally.add_clock(&found);
            if i == 0 {
                then = found;
            }
        }
        self.add(last, then);
    }

    /// Adds what time brought: money by the text then known, the rest by the final text.
    fn add(&mut self, last: Vec<ClockOutcome>, then: Vec<ClockOutcome>) {
        if self.earlier.is_empty() {
            self.clock.extend(last);
            return;
        }
        let mut both: Vec<ClockOutcome> = last.into_iter().filter(|c| !is_money(&c.what)).collect();
        both.extend(then.into_iter().filter(|c| is_money(&c.what)));
        both.sort_by_key(|c| c.date);
        self.clock.extend(both);
    }
}

fn is_money(what: &ClockEvent) -> bool {
    match what {
        ClockEvent::Accrued(_) | ClockEvent::FellDue { .. } | ClockEvent::Unpaid { .. } => true,
        ClockEvent::Lapsed { .. } | ClockEvent::Opened { .. } | ClockEvent::Effect(_) => false,
    }
}

/// The differences between what has been accrued and what the text now known makes of the same past.
fn adjustments(then: &Earlier, now: &Tally) -> Result<Vec<ClockOutcome>, EvalError> {
    let mut lines = now.0.clone();
    for (line, (norm, amount)) in &then.tally.0 {
        lines.entry(line.clone()).or_insert((*norm, 0)).1 -= amount;
    }
    let mut out = Vec::new();
    for ((_, key, payer, payee, currency), (norm, amount)) in lines {
        if amount == 0 {
            continue;
        }
        let amount = i64::try_from(amount).map_err(|_| EvalError {
            row: None,
            field: None,
            message: format!("the adjustment by {} is beyond 64 bits", then.by),
            span: None,
        })?;
        let reason = Some(format!("what had accrued, recomputed under {}", then.by));
        let accrual = Accrual {
            norm,
            key: key.clone(),
            payer,
            payee,
            amount,
            currency,
            component: Component::Adjustment,
            reason,
        };
        out.push(ClockOutcome { date: then.until, norm, key, what: ClockEvent::Accrued(accrual) });
    }
    Ok(out)
}
