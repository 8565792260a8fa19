//! Which way each row of a batch goes: by its set of bits, or to the state machine.
//!
//! Data flow: rows -> columns and bits of every program of the run -> [`Way`] by row, and its place: kind and actor. Invariant: a row that
//! goes by its bits has no bit of a test that asks the state, and every number of it is exact.

use super::rows::Numbers;
use habendum_jit::bits::BLOCK;
use habendum_jit::layout::Rows as _;
use habendum_jit::{Ask, Bearing, Bits, Columns, Kernel, Options, Test, bearings};
use habendum_model::value::{PartyId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{NormId, Program};
use habendum_norm::run::Runner;
use habendum_stream::read::ABSENT;
use indexmap::IndexSet;
use std::sync::Arc;

/// Sets of bits that are known by number before they are forgotten together.
const MOST: usize = 1 << 12;

/// Rows after which it is decided whether code leaves a test early.
const SAMPLE: u64 = 1 << 15;
/// Where more than this share of tests holds of any of sixteen rows, leaving them early costs more in branches foretold wrong than it
/// saves.
const DENSE: f64 = 0.025;

/// The bits of one program.
struct Lane {
    program: Arc<Program>,
    kernel: Kernel,
    columns: Columns,
    bits: Bits,
    /// By test: a set bit is the answer and moves nothing.
    alike: Vec<bool>,
    /// The number of its first test among those of all lanes.
    first: u32,
    /// Rows seen, and tests over sixteen rows each that held, until it is decided how the code is made.
    sample: Option<(u64, u64, u64)>,
}

/// How a row of a batch is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By its set of bits, known by this number.
    Bits(usize),
    /// By the state machine.
    State,
}

impl Lane {
    /// Once enough rows were seen: where hits are common, the code is made anew without leaving tests early.
    fn adapt(&mut self) {
        let Some((rows, hit, all)) = &mut self.sample else { return };
        let (h, a) = self.bits.groups();
        *rows += self.bits.rows() as u64;
        (*hit, *all) = (*hit + h, *all + a);
        if *rows < SAMPLE {
            return;
        }
        let dense = *hit as f64 > DENSE * *all as f64;
        self.sample = None;
        if dense && self.kernel.is_code() {
            let options = Options { skip: false, ..Options::default() };
            if let Ok(kernel) = Kernel::compile_with(&self.program, &options) {
                self.columns = kernel.columns(&self.program);
                self.kernel = kernel;
            }
        }
    }
}

/// The ways of the rows of a batch.
pub(super) struct Ways {
    lanes: Vec<Lane>,
    rows: Vec<Way>,
    /// Sets of bits by number.
    sets: IndexSet<Vec<u32>>,
    /// By row of a block: kind and actor.
    places: Vec<u32>,
}

/// Who acts, as far as a verdict tells actors of equal bits apart.
pub(super) fn actor(program: &Program, e: &Event) -> usize {
    match program.symbols.event_info(e.kind).actor.and_then(|f| e.fields.get(f.ix())) {
        Some(Value::Party(p)) => acting(program, *p),
        Some(_) | None => 0,
    }
}

fn acting(program: &Program, p: PartyId) -> usize {
    if program.symbols.is_party(p) { 2 } else { 1 }
}

/// By test: rows with its bit may come out alike. A payment's amounts may be reckoned apart from its state, where one program runs.
fn alike(kernel: &Kernel, program: &Program, is_sole: bool) -> Vec<bool> {
    let metered = |t: &Test| is_sole && t.is_exact() && matches!(t.ask, Ask::Accrues(_));
    let tests = kernel.tests().iter().zip(bearings(kernel.tests(), program));
    tests.map(|(t, b)| b == Bearing::Alike || metered(t)).collect()
}

impl Ways {
    /// The kernels of a run; none where nothing is compiled. Where no code can be made on this machine, tables answer.
    pub(super) fn of(runner: &Runner) -> Option<Self> {
        let mut lanes = Vec::new();
        let mut first = 0;
        for p in runner.programs() {
            // A date that hangs on a figure without a value: such a program cannot run at all.
            let kernel = Kernel::compile(p).or_else(|_| Kernel::tables(p)).ok()?;
            let alike = alike(&kernel, p, runner.is_sole());
            let columns = kernel.columns(p);
            let tests = u32::try_from(kernel.tests().len()).unwrap_or(u32::MAX);
            let (program, sample) = (Arc::clone(p), Some((0, 0, 0)));
            lanes.push(Lane { program, kernel, columns, bits: Bits::new(), alike, first, sample });
            first += tests;
        }
        let sets = IndexSet::from([Vec::new()]);
        Some(Ways { lanes, rows: Vec::new(), sets, places: Vec::new() })
    }

    /// Begins a batch. True where the numbers of sets of bits are given anew.
    pub(super) fn begin(&mut self) -> bool {
        self.rows.clear();
        let anew = self.sets.len() > MOST;
        if anew {
            self.sets = IndexSet::from([Vec::new()]);
        }
        anew
    }

    /// The way of a row.
    pub(super) fn way(&self, at: usize) -> Option<Way> {
        self.rows.get(at).copied()
    }

    /// Kind and actor of a row of a block.
    pub(super) fn place(&self, at: usize) -> Option<usize> {
        self.places.get(at).map(|p| *p as usize)
    }

    /// The payments that a set of bits names, of the first program.
    pub(super) fn payments(&self, set: usize) -> impl Iterator<Item = NormId> {
        let tests = self.lanes.first().map_or(&[][..], |l| l.kernel.tests());
        let bits = self.sets.get_index(set).into_iter().flatten();
        bits.filter_map(|t| match tests.get(*t as usize) {
            Some(Test { ask: Ask::Accrues(norm), .. }) => Some(*norm),
            Some(_) | None => None,
        })
    }

    /// Takes the rows of the next batch, in order.
    pub(super) fn take<'a>(&mut self, rows: impl Iterator<Item = &'a Event> + Clone) {
        for lane in &mut self.lanes {
            lane.columns.clear();
            rows.clone().for_each(|e| lane.columns.push(e));
        }
        self.run();
    }

    /// Takes the rows of a block.
    pub(super) fn take_block(&mut self, program: &Program, numbers: &mut Numbers<'_>) {
        for lane in &mut self.lanes {
            lane.columns.fill(numbers);
        }
        self.run();
        self.find_places(program, numbers);
        for (way, slow) in self.rows.iter_mut().zip(&numbers.block.scan.slow) {
            if *slow {
                *way = Way::State;
            }
        }
    }

    /// Finds kind and actor of each row of a block.
    fn find_places(&mut self, program: &Program, numbers: &Numbers<'_>) {
        let actors: Vec<Option<&[i64]>> = program
            .symbols
            .events
            .values()
            .map(|info| {
                let (name, _) = info.fields.get_index(info.actor?.ix())?;
                numbers.field(name).map(|g| g.numbers)
            })
            .collect();
        let parties: Vec<u32> = (0..program.symbols.parties.len())
            .map(|p| u32::try_from(acting(program, PartyId::at(p))).unwrap_or(0))
            .collect();
        self.places.clear();
        self.places.extend(numbers.kinds().iter().enumerate().map(|(row, kind)| {
            let kind = usize::try_from(*kind).unwrap_or(0);
            let by = actors.get(kind).copied().flatten().and_then(|n| n.get(row).copied());
            let who = match by {
                None | Some(ABSENT) => 0,
                Some(p) => usize::try_from(p).ok().and_then(|p| parties.get(p).copied()).unwrap_or(1),
            };
            u32::try_from(kind * 3).unwrap_or(0) + who
        }));
    }

    fn run(&mut self) {
        for lane in &mut self.lanes {
            if lane.kernel.run(&lane.columns, &mut lane.bits).is_err() {
                // Columns of another kernel: never, and judged by the state machine alone if it were so.
                return;
            }
        }
        self.find_ways();
        self.lanes.iter_mut().for_each(Lane::adapt);
    }

    fn find_ways(&mut self) {
        let Some(rows) = self.lanes.first().map(|l| l.columns.rows()) else { return };
        self.rows.resize(rows, Way::Bits(0));
        let mut held = Vec::new();
        for block in 0..rows.div_ceil(BLOCK) {
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
                let Some(way) = self.rows.get_mut(block * BLOCK + bit) else { break };
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
                if let Some(way) = self.rows.get_mut(*row) {
                    *way = Way::State;
                }
            }
        }
    }
}
