//! Who judges a row: the bits of the kernel alone, or the state machine.
//!
//! Data flow: rows of a batch -> [`Ways`] -> [`Engine::outcome`], row by row: where the bits say that
//! nothing of state bears on a row, what came of an earlier row of the same bits; else [`Runner::push`]. Invariant: the outcome, and
//! what the run has to remember, are those of the interpreter alone.

use super::dense::Dense;
use super::rows::Numbers;
use super::ways::{Way, Ways, actor};
use crate::names::Names;
use crate::report::Collector;
use habendum_jit::changes_by_day;
use habendum_model::value::{ClauseId, EventId};
use habendum_norm::event::Event;
use habendum_norm::ir::{NormId, Program};
use habendum_norm::outcome::{Accrual, Component, EvalError, Outcome};
use habendum_norm::run::Runner;
use habendum_stream::read::Block;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use std::sync::Arc;

/// What judges rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// Bits from compiled code, and the state machine where they ask for it.
    #[default]
    Kernel,
    /// The state machine alone.
    Interpreter,
}

/// What rows of equal bits come to.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    verdict: Verdict,
    deciding: Vec<NormId>,
    reason: Option<String>,
    /// Payments that accrue, by lane, with what an accrual of theirs says beside key, amount and reason.
    accruals: Vec<(usize, Accrual)>,
    /// Rows that came to it and have not been told to the summary.
    untold: u64,
}

/// What is known of rows of equal bits.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// They come out alike.
    Alike(Plain),
    /// Each is for the state machine.
    Apart,
}

impl Known {
    fn plain(&self) -> Option<&Plain> {
        match self {
            Known::Alike(p) => Some(p),
            Known::Apart => None,
        }
    }
}

/// Where what rows of equal bits come to is kept: kind and actor, set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize, usize);

/// Judges the rows of a run.
pub(super) struct Engine {
    /// None where the state machine judges alone.
    ways: Option<Ways>,
    program: Option<Arc<Program>>,
    /// A text suspends a clause from one day to another, without anything that happens.
    by_day: bool,
    /// By kind and actor, then by set of bits.
    known: Vec<Vec<Option<Known>>>,
    standing: u64,
    /// The day for which time is known to bring nothing more before a row.
    idle: Option<Date>,
    /// Forgotten, with rows that have not been told to the summary.
    untold: Vec<Plain>,
    dense: Dense,
}

impl Engine {
    /// An engine for a run. Where no code can be made on this machine, tables answer.
    pub(super) fn new(runner: &Runner, kind: EngineKind) -> Self {
        let ways = if kind == EngineKind::Kernel { Ways::of(runner) } else { None };
        let program = runner.program().filter(|_| ways.is_some()).cloned();
        let kinds = program.as_ref().map_or(0, |p| p.symbols.events.len());
        Engine {
            ways,
            program,
            by_day: runner.programs().any(|p| changes_by_day(p)),
            known: vec![Vec::new(); kinds * 3],
            standing: runner.standing(),
            idle: None,
            untold: Vec::new(),
            dense: Dense::default(),
        }
    }

    /// Whether blocks are of any use: there is a kernel.
    pub(super) fn takes_blocks(&self) -> bool {
        self.ways.is_some()
    }

    /// Takes the rows of the next batch, in order.
    pub(super) fn take<'a>(&mut self, rows: impl Iterator<Item = &'a Event> + Clone) {
        if self.begin()
            && let Some(w) = &mut self.ways
        {
            w.take(rows);
        }
    }

    /// Takes the rows of a block.
    pub(super) fn take_block(&mut self, block: &mut Block, names: &mut Names) {
        if self.begin()
            && let (Some(w), Some(program)) = (&mut self.ways, &self.program)
        {
            w.take_block(program, &mut Numbers { block, names });
            self.dense.take(block);
        }
    }

    /// Begins a batch; false where everything is for the state machine.
    fn begin(&mut self) -> bool {
        let Some(w) = &mut self.ways else { return false };
        if w.begin() {
            self.forget();
        }
        true
    }

    fn forget(&mut self) {
        for known in self.known.iter_mut().flat_map(|k| k.drain(..)).flatten() {
            match known {
                Known::Alike(plain) if plain.untold > 0 => self.untold.push(plain),
                Known::Alike(_) | Known::Apart => {}
            }
        }
        if self.dense.is_posted() {
            self.dense.forget();
        }
    }

    /// Posts to the state machine what has been reckoned apart from it.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub(super) fn post(&mut self, runner: &mut Runner, of: Option<&[ClauseId]>) -> Result<(), EvalError> {
        match runner.sole() {
            Some(i) => self.dense.post(i, of),
            None => Ok(()),
        }
    }

    /// Whether time is known to have reached a day, and to bring nothing more before a row of it.
    pub(super) fn is_at(&self, date: Date) -> bool {
        self.idle == Some(date)
    }

    /// Lets time run to a day before its first row, where that is to be done; false where the row has to be judged by the state
    /// machine, which says why.
    pub(super) fn pass_time(&mut self, runner: &mut Runner, date: Date) -> Result<bool, EvalError> {
        if !runner.is_idle_on(date) {
            let mut dues = runner.sole().and_then(|i| i.only_dues_before(date));
            if let Some(clauses) = &mut dues {
                clauses.extend(self.dense.due_before(date));
            }
            self.post(runner, dues.as_deref())?;
            return Ok(runner.advance(date).is_ok());
        }
        Ok(true)
    }

    /// What is known of rows of a kind, actor and set of bits on a day; none where it has to be found out. `Err` where time, or what
    /// was left by other rows, comes before the row.
    fn look(&mut self, runner: &Runner, place: usize, set: usize, date: Date) -> Result<Option<Slot>, ()> {
        if self.idle != Some(date) {
            if !runner.is_idle_on(date) {
                return Err(());
            }
            let standing = runner.standing();
            if standing != self.standing || self.by_day {
                self.forget();
                self.standing = standing;
            }
            self.idle = Some(date);
        }
        match self.known.get(place).and_then(|k| k.get(set)).and_then(Option::as_ref) {
            Some(Known::Alike(_)) => Ok(Some(Slot(place, set))),
            Some(Known::Apart) => Err(()),
            None => Ok(None),
        }
    }

    fn plain(&self, slot: Slot) -> Option<&Plain> {
        self.known.get(slot.0)?.get(slot.1)?.as_ref()?.plain()
    }

    /// What a row of the block comes to, where that is known without an event: its day, and its place among those taken.
    pub(super) fn quick(&mut self, runner: &Runner, at: usize, date: Date) -> Option<Slot> {
        let w = self.ways.as_ref()?;
        let (Way::Bits(set), place) = (w.way(at)?, w.place(at)?) else { return None };
        self.look(runner, place, set, date).ok().flatten()
    }

    /// Reckons what accrues on a row of the block that came to this, and keeps it. False where the state machine has to.
    pub(super) fn accrue(
        &mut self,
        runner: &mut Runner,
        slot: Slot,
        numbers: &mut Numbers<'_>,
        at: usize,
        date: Date,
    ) -> bool {
        let Some(Some(Known::Alike(plain))) = self.known.get(slot.0).and_then(|k| k.get(slot.1)) else {
            return false;
        };
        self.dense.amounts.clear();
        if plain.accruals.is_empty() {
            return true;
        }
        let Some(i) = runner.sole() else { return false };
        let lanes = plain.accruals.iter().map(|(lane, _)| *lane);
        let done = self.dense.reckon(i, lanes, numbers, at, date);
        if done {
            self.dense.keep(date);
        }
        done
    }

    /// Counts a row among those that came to this.
    pub(super) fn count(&mut self, slot: Slot) {
        if let Some(Some(Known::Alike(plain))) = self.known.get_mut(slot.0).and_then(|k| k.get_mut(slot.1)) {
            plain.untold += 1;
        }
    }

    /// Whether rows that come to this call for a look.
    pub(super) fn is_notable(&self, slot: Slot) -> bool {
        self.plain(slot).is_some_and(Plain::is_notable)
    }

    /// What came of a row that came to this; its amounts are those reckoned last.
    pub(super) fn outcome_of(&self, slot: Slot, row: u64, date: Date) -> Option<Outcome> {
        let plain = self.plain(slot)?;
        let mut outcome = plain.of(row, date, EventId::at(slot.0 / 3));
        for (a, amount) in outcome.accruals.iter_mut().zip(&self.dense.amounts) {
            a.key = self.dense.key(amount).to_vec();
            a.amount = amount.minor;
            a.reason = amount.reason.map(|r| r.text(|_| ""));
        }
        Some(outcome)
    }

    /// Tells the summary of the rows that were counted.
    pub(super) fn tell(&mut self, collector: &mut Collector) {
        let known = self.known.iter_mut().flatten().flatten().filter_map(|k| match k {
            Known::Alike(plain) => Some(plain),
            Known::Apart => None,
        });
        for plain in known.chain(&mut self.untold) {
            if plain.untold > 0 {
                collector.counted(&plain.of(0, Date::ZERO, EventId(0)), plain.untold);
                plain.untold = 0;
            }
        }
        self.untold.clear();
    }

    /// What comes of a row of the batch: `at` is its place among those taken. `alone` leaves it to the state machine.
    ///
    /// # Errors
    /// As [`Runner::push`].
    pub(super) fn outcome(
        &mut self,
        runner: &mut Runner,
        e: &Event,
        at: usize,
        alone: bool,
    ) -> Result<Outcome, EvalError> {
        let way = self.ways.as_ref().and_then(|w| w.way(at)).filter(|_| !alone);
        let (Some(Way::Bits(set)), Some(program)) = (way, &self.program) else {
            return self.push(runner, e);
        };
        let place = e.kind.ix() * 3 + actor(program, e);
        let look = self.look(runner, place, set, e.date);
        if let Ok(Some(slot)) = look
            && self.plain(slot).is_some_and(|p| p.accruals.is_empty())
            && let Some(outcome) = self.outcome_of(slot, e.row, e.date)
        {
            runner.pass_by(e.row);
            return Ok(outcome);
        }
        let outcome = self.push(runner, e)?;
        if look == Ok(None) {
            self.learn(runner, place, set, &outcome);
        }
        Ok(outcome)
    }

    fn push(&mut self, runner: &mut Runner, e: &Event) -> Result<Outcome, EvalError> {
        self.idle = None;
        self.post(runner, None)?;
        runner.push(e)
    }

    /// Learns what rows of a kind, actor and set of bits come to, from the first of them.
    fn learn(&mut self, runner: &mut Runner, place: usize, set: usize, o: &Outcome) {
        let accruals = self.metered(runner, set, o);
        let learned = match accruals {
            Some(accruals) if o.duties.is_empty() && o.effects.is_empty() => {
                let (verdict, deciding, reason) = (o.verdict, o.deciding.clone(), o.reason.clone());
                Known::Alike(Plain { verdict, deciding, reason, accruals, untold: 0 })
            }
            Some(_) | None => Known::Apart,
        };
        let Some(known) = self.known.get_mut(place) else { return };
        if known.len() <= set {
            known.resize(set + 1, None);
        }
        known[set] = Some(learned);
    }

    /// The lanes of what accrued; none where one of the payments that the bits name is not one that can be reckoned apart.
    fn metered(&mut self, runner: &mut Runner, set: usize, o: &Outcome) -> Option<Vec<(usize, Accrual)>> {
        for norm in self.ways.as_ref()?.payments(set) {
            self.dense.lane(runner.sole()?, norm, o.kind)?;
        }
        let mut accruals = Vec::new();
        for a in &o.accruals {
            let lane = self.dense.lane(runner.sole()?, a.norm, o.kind)?;
            if a.component != Component::Principal {
                return None;
            }
            accruals.push((lane, Accrual { key: Vec::new(), amount: 0, reason: None, ..a.clone() }));
        }
        Some(accruals)
    }
}

impl Plain {
    fn is_notable(&self) -> bool {
        crate::report::is_notable(self.verdict)
    }

    fn of(&self, row: u64, date: Date, kind: EventId) -> Outcome {
        Outcome {
            row,
            date,
            kind,
            verdict: self.verdict,
            deciding: self.deciding.clone(),
            reason: self.reason.clone(),
            duties: Vec::new(),
            accruals: self.accruals.iter().map(|(_, a)| a.clone()).collect(),
            effects: Vec::new(),
        }
    }
}
