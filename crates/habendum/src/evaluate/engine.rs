//! Who judges a row: the bits of the kernel alone, or the state machine.
//!
//! Data flow: rows of a batch -> columns and bits of every program of the run -> [`Engine::outcome`], row by row: where the bits say that
//! nothing of state bears on a row, what came of an earlier row of the same bits; else [`Runner::push`]. Invariant: the outcome, and
//! what the run has to remember, are those of the interpreter alone.

use habendum_jit::{Bearing, Bits, Columns, Kernel, bearings, changes_by_day};
use habendum_model::value::{EventId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{NormId, Program};
use habendum_norm::outcome::{EvalError, Outcome};
use habendum_norm::run::Runner;
use habendum_syntax::ast::Verdict;
use indexmap::IndexSet;
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

/// Sets of bits that are known by number before they are forgotten together.
const MOST: usize = 1 << 12;

/// The bits of one program.
struct Lane {
    kernel: Kernel,
    columns: Columns,
    bits: Bits,
    /// By test: a set bit is the answer and moves nothing.
    alike: Vec<bool>,
    /// The number of its first test among those of all lanes.
    first: u32,
}

/// How a row of a batch is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By its set of bits, known by this number.
    Bits(usize),
    /// By the state machine.
    State,
}

/// What rows of equal bits come to.
#[derive(Clone, Debug, PartialEq)]
struct Plain {
    verdict: Verdict,
    deciding: Vec<NormId>,
    reason: Option<String>,
}

/// Judges the rows of a run.
pub(super) struct Engine {
    lanes: Vec<Lane>,
    program: Option<Arc<Program>>,
    /// A text suspends a clause from one day to another, without anything that happens.
    by_day: bool,
    ways: Vec<Way>,
    /// Sets of bits by number.
    sets: IndexSet<Vec<u32>>,
    /// By kind and actor, then by set of bits.
    known: Vec<Vec<Option<Plain>>>,
    standing: u64,
    /// The day for which time is known to bring nothing more before a row.
    idle: Option<Date>,
}

/// Who acts, as far as a verdict tells actors of equal bits apart.
fn actor(program: &Program, e: &Event) -> usize {
    match program.symbols.event_info(e.kind).actor.and_then(|f| e.fields.get(f.ix())) {
        Some(Value::Party(p)) if program.symbols.is_party(*p) => 2,
        Some(Value::Party(_)) => 1,
        Some(_) | None => 0,
    }
}

impl Engine {
    /// An engine for a run. Where no code can be made on this machine, tables answer.
    pub(super) fn new(runner: &Runner, kind: EngineKind) -> Self {
        let mut lanes = Vec::new();
        let mut first = 0;
        if kind == EngineKind::Kernel {
            for p in runner.programs() {
                let Ok(kernel) = Kernel::compile(p).or_else(|_| Kernel::tables(p)) else {
                    // A date that hangs on a figure without a value: such a program cannot run at all.
                    lanes.clear();
                    break;
                };
                let alike = bearings(kernel.tests(), p).iter().map(|b| *b == Bearing::Alike).collect();
                let columns = kernel.columns(p);
                let tests = u32::try_from(kernel.tests().len()).unwrap_or(u32::MAX);
                lanes.push(Lane { kernel, columns, bits: Bits::new(), alike, first });
                first += tests;
            }
        }
        let program = runner.program().filter(|_| !lanes.is_empty()).cloned();
        let kinds = program.as_ref().map_or(0, |p| p.symbols.events.len());
        Engine {
            lanes,
            program,
            by_day: runner.programs().any(|p| changes_by_day(p)),
            ways: Vec::new(),
            sets: IndexSet::from([Vec::new()]),
            known: vec![Vec::new(); kinds * 3],
            standing: runner.standing(),
            idle: None,
        }
    }

    /// Takes the rows of the next batch, in order.
    pub(super) fn take<'a>(&mut self, rows: impl Iterator<Item = &'a Event> + Clone) {
        self.ways.clear();
        if self.sets.len() > MOST {
            self.sets = IndexSet::from([Vec::new()]);
            self.forget();
        }
        for lane in &mut self.lanes {
            lane.columns.clear();
            rows.clone().for_each(|e| lane.columns.push(e));
            if lane.kernel.run(&lane.columns, &mut lane.bits).is_err() {
                // Columns of another kernel: never, and judged by the state machine alone if it were so.
                return;
            }
        }
        self.find_ways();
    }

    fn find_ways(&mut self) {
        let Some(rows) = self.lanes.first().map(|l| l.columns.rows()) else { return };
        self.ways.resize(rows, Way::Bits(0));
        let mut held = Vec::new();
        for block in 0..rows.div_ceil(habendum_jit::bits::BLOCK) {
            let (mut any, mut state) = (0_u64, 0_u64);
            for l in &self.lanes {
                for (w, alike) in l.bits.block(block).iter().zip(&l.alike) {
                    any |= w;
                    state |= if *alike { 0 } else { *w };
                }
            }
            while any != 0 {
                let bit = any.trailing_zeros() as usize;
                any &= any - 1;
                let Some(way) = self.ways.get_mut(block * habendum_jit::bits::BLOCK + bit) else { break };
                *way = if state >> bit & 1 == 1 {
                    Way::State
                } else {
                    held.clear();
                    for l in &self.lanes {
                        let set =
                            l.bits.block(block).iter().zip(l.first..).filter(|(w, _)| *w >> bit & 1 == 1);
                        held.extend(set.map(|(_, t)| t));
                    }
                    let known = self.sets.get_index_of(&held);
                    Way::Bits(known.unwrap_or_else(|| self.sets.insert_full(held.clone()).0))
                };
            }
        }
        for l in &self.lanes {
            // Of a value that its column cannot hold the bits say nothing.
            for row in l.columns.escaped() {
                if let Some(way) = self.ways.get_mut(*row) {
                    *way = Way::State;
                }
            }
        }
    }

    fn forget(&mut self) {
        self.known.iter_mut().for_each(Vec::clear);
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
        let way = self.ways.get(at).copied().filter(|_| !alone);
        let (Some(Way::Bits(set)), Some(program)) = (way, &self.program) else {
            self.idle = None;
            return runner.push(e);
        };
        let place = e.kind.ix() * 3 + actor(program, e);
        if self.idle != Some(e.date) && runner.is_idle_on(e.date) {
            let standing = runner.standing();
            if standing != self.standing || self.by_day {
                self.forget();
                self.standing = standing;
            }
            self.idle = Some(e.date);
        }
        if self.idle == Some(e.date)
            && let Some(plain) = self.known.get(place).and_then(|k| k.get(set)).and_then(Option::as_ref)
        {
            runner.pass_by(e.row);
            return Ok(plain.of(e));
        }
        let idle = self.idle == Some(e.date);
        self.idle = None;
        let outcome = runner.push(e)?;
        if idle && outcome.changes_nothing() {
            self.learn(place, set, &outcome);
        }
        Ok(outcome)
    }

    fn learn(&mut self, place: usize, set: usize, o: &Outcome) {
        let Some(known) = self.known.get_mut(place) else { return };
        if known.len() <= set {
            known.resize(set + 1, None);
        }
        let (verdict, deciding, reason) = (o.verdict, o.deciding.clone(), o.reason.clone());
        known[set] = Some(Plain { verdict, deciding, reason });
    }
}

impl Plain {
    fn of(&self, e: &Event) -> Outcome {
        let kind: EventId = e.kind;
        Outcome {
            row: e.row,
            date: e.date,
            kind,
            verdict: self.verdict,
            deciding: self.deciding.clone(),
            reason: self.reason.clone(),
            duties: Vec::new(),
            accruals: Vec::new(),
            effects: Vec::new(),
        }
    }
}
