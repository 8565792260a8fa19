//! A stream judged: events in, outcomes to files, a report at the end.
//!
//! Data flow: [`Feed`] -> [`Gate`] -> [`Runner`] -> [`OutcomeWriter`]s and [`Collector`] -> [`Evaluation`]. Invariant: files
//! appear only where the whole run succeeded, or grow beside a saved state; memory does not grow with the number of events.

mod dense;
mod engine;
mod quarantine;
mod rows;
mod run;
mod save;
mod ways;

use crate::error::InputError;
use crate::event_read::{EventReader, Format, ReadOptions, RowFault, Tail, files};
use crate::outcome_write::{Growth, OutcomeWriter};
use crate::pipeline::{Error, Opened, Prepared};
use crate::receipt::Receipt;
use crate::record::EventRecord;
use crate::report::{Collector, Report};
use engine::Engine;
pub use engine::EngineKind;
use habendum_model::binding::Choices;
use habendum_model::deal::Deal;
use habendum_model::value::ClauseId;
use habendum_norm::TimeWanted;
use habendum_norm::outcome::EvalError;
use habendum_norm::run::{Choices as RunChoices, RunError, Runner};
use habendum_stream::feed::{Feed, FeedOptions, Marks};
use habendum_stream::gate::{Dedupe, Gate, WINDOW};
use jiff::civil::Date;
use quarantine::Quarantine;
use run::Run;
use save::{Counts, Saved};
use std::time::Duration;

/// How often a state is saved where nothing else is said.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// What to do with a stream.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Files and patterns, in order of time.
    pub events: Vec<String>,
    /// How rows are taken.
    pub reading: ReadOptions,
    /// Outcome files.
    pub out: Vec<String>,
    /// Their format, where their names do not say it.
    pub out_format: Option<Format>,
    /// Time runs through this day.
    pub clock: Option<Date>,
    /// Every event is judged by the text of this day.
    pub text_as_of: Option<Date>,
    /// What to explain.
    pub explain: Option<Explain>,
    /// What to do with bad rows.
    pub bad_rows: BadRows,
    /// What to do with rows that come after a row of a later day; as with bad rows where nothing is said.
    pub late_rows: Option<BadRows>,
    /// Fields that make two rows the same, separated by commas.
    pub dedupe: Option<String>,
    /// How many distinct rows are remembered for that.
    pub dedupe_window: Option<usize>,
    /// Run under every combination of readings that is left open.
    pub all_readings: bool,
    /// A file that keeps the state between runs.
    pub state: Option<String>,
    /// Save it after so many rows, instead of from time to time.
    pub save_every: Option<u64>,
    /// Follow the last file as it grows, until told to stop.
    pub follow: Option<Tail>,
    /// Threads to use: with more than one, rows are read on a thread of their own.
    pub threads: usize,
    /// What judges rows; the results are the same.
    pub engine: EngineKind,
    /// Rows judged together; the results are the same.
    pub batch: Option<usize>,
}

/// What to explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explain {
    /// A row.
    Row(u64),
    /// The payments that a day brings, of one clause or of all.
    Day(Date, Option<String>),
}

/// What to do with a row that cannot be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// End the run with an error.
    #[default]
    Stop,
    /// Count it and go on.
    Skip,
    /// Count it, write it to a file with the reason, and go on.
    Quarantine(String),
}

/// A stream judged.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The summary.
    pub report: Report,
    /// The deal it was judged by.
    pub prepared: Prepared,
    /// The first bad rows that were left out.
    pub bad_shown: Vec<RowFault>,
    /// The explanation asked for.
    pub explained: Option<Explained>,
}

/// Why a row came out as it did, or what a day brought.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The row's outcome; none of a day.
    pub outcome: Option<EventRecord>,
    /// Steps, nested.
    pub steps: Vec<ExplainedStep>,
}

/// A step of an explanation.
#[derive(Clone, Debug)]
pub struct ExplainedStep {
    /// Nesting.
    pub depth: u8,
    /// What was asked and found.
    pub text: String,
    /// `file:line:column` and the words that stand there.
    pub place: Option<(String, String)>,
}

/// Judges a stream. `seen` is called after each row with the number of bytes read.
///
/// # Errors
/// Faults of the deal, parameters without a value, input that cannot be read, a bad row where these stop the run, a state that
/// is not of this run or cannot be saved.
pub fn evaluate(
    opened: &Opened,
    choices: &Choices,
    order: &Order,
    seen: &mut dyn FnMut(u64),
) -> Result<Evaluation, Error> {
    order.check()?;
    let deal = opened.sound()?;
    let mut prepared = opened.prepare(choices)?;
    prepared.need_values(deal)?;
    let mut receipt = prepared.receipt(opened, deal);
    receipt.clock = order.clock.map(|d| d.to_string());
    receipt.text_as_of = order.text_as_of.map(|d| d.to_string());
    receipt.flags = order.flags();
    let identity = save::identity(&prepared, &receipt, order)?;
    let run_choices = RunChoices { all_readings: order.all_readings, text_as_of: order.text_as_of };
    let runner = Runner::new(deal, &prepared.binding, &run_choices).map_err(|e| match e {
        RunError::Faults(d) => opened.faults(d),
        RunError::Eval(e) => Error::Input(at_deal(&e, opened)),
    })?;
    let window = order.dedupe_window.unwrap_or(WINDOW);
    let dedupe = order.dedupe.as_ref().map(|d| Dedupe::of(d, window, &prepared.names)).transpose()?;
    let quarantines = order.quarantines();
    let growing: Vec<&String> = order.out.iter().chain(quarantines.iter().copied()).collect();
    let saved = match &order.state {
        Some(path) => save::load(path, &identity, &growing)?,
        None => None,
    };
    let mut reader =
        EventReader::new(files(&order.events)?, &prepared.names)?.with(order.reading).in_any_order();
    if let Some(tail) = &order.follow {
        reader = reader.following(tail.clone());
    }
    if let Some(s) = &saved {
        reader.resume(s.position.clone())?;
        prepared.names.meet(s.strangers.iter().cloned());
    }
    let engine = Engine::new(&runner, order.engine);
    // What makes two rows one is asked of events.
    let blocks = engine.takes_blocks() && dedupe.is_none();
    let feed = Feed::new(reader, prepared.names.clone(), order.feed(blocks));
    let (writers, quarantines) = open_files(order, &receipt, &prepared, &quarantines, saved.as_ref())?;
    let mut run = Run {
        feed,
        writers,
        collector: Collector::default(),
        gate: Gate::new(dedupe),
        quarantines,
        counts: Counts::default(),
        bad_shown: Vec::new(),
        explained: None,
        identity,
        inputs: Vec::new(),
        prepared,
        engine,
        runner,
        opened,
        order,
    };
    if let (Some(path), Some(saved)) = (&order.state, saved) {
        run.take_up(path, saved)?;
    }
    if let Some(Explain::Day(day, clause)) = &order.explain {
        let clause = clause.as_ref().map(|c| clause_of(deal, c)).transpose()?;
        run.runner.explain_time(TimeWanted { day: Some(*day), clause });
    }
    run.rows(seen)?;
    run.finish(receipt)
}

/// A clause by its id.
fn clause_of(deal: &Deal, name: &str) -> Result<ClauseId, Error> {
    let found = deal.symbols.clauses.get_index_of(name).map(ClauseId::at);
    found.ok_or_else(|| InputError::new(format!("--explain: the deal has no clause `{name}`")).into())
}

/// The files that a run writes, fresh or as they were when a state was saved.
fn open_files(
    order: &Order,
    receipt: &Receipt,
    prepared: &Prepared,
    quarantines: &[&String],
    saved: Option<&Saved<'_>>,
) -> Result<(Vec<OutcomeWriter>, Vec<Quarantine>), InputError> {
    let growth = |i: usize| match (saved.and_then(|s| s.lengths.get(i)), order.grows()) {
        (Some((_, length)), _) => Growth::From(*length),
        (None, true) => Growth::Anew,
        (None, false) => Growth::Whole,
    };
    let mut writers = Vec::with_capacity(order.out.len());
    for (i, path) in order.out.iter().enumerate() {
        writers.push(OutcomeWriter::create(path, order.out_format, growth(i), receipt, &prepared.names)?);
    }
    let mut kept = Vec::with_capacity(quarantines.len());
    for (i, path) in quarantines.iter().enumerate() {
        kept.push(Quarantine::create(path, growth(order.out.len() + i))?);
    }
    Ok((writers, kept))
}

impl Order {
    /// Whether files are written in place, record by record.
    fn grows(&self) -> bool {
        self.state.is_some() || self.follow.is_some()
    }

    /// What cannot be asked for together.
    fn check(&self) -> Result<(), InputError> {
        if self.explain.is_some() && self.state.is_some() {
            return Err(InputError::new(
                "--explain and --state do not go together: what is asked for may be of an earlier run",
            )
            .help("leave --state out: the whole stream is judged anew, and nothing is saved"));
        }
        for (i, path) in self.out.iter().enumerate() {
            if self.out.iter().skip(i + 1).chain(self.quarantines()).chain(&self.state).any(|p| p == path) {
                return Err(InputError::at(path, "is to hold two things at once"));
            }
        }
        Ok(())
    }

    /// Files for rows left out, each once.
    fn quarantines(&self) -> Vec<&String> {
        let mut all = Vec::new();
        for rows in [Some(&self.bad_rows), self.late_rows.as_ref()].into_iter().flatten() {
            if let BadRows::Quarantine(path) = rows
                && !all.contains(&path)
            {
                all.push(path);
            }
        }
        all
    }

    fn feed(&self, blocks: bool) -> FeedOptions {
        let marks = self.save_every.map_or(Marks::Every(SAVE_EVERY), Marks::Rows);
        FeedOptions {
            apart: self.threads > 1 || self.follow.is_some(),
            each_row: self.follow.is_some(),
            keep_raw: !self.quarantines().is_empty(),
            marks: self.state.is_some().then_some(marks),
            rows: self.batch,
            blocks,
        }
    }

    /// Flags that bear on the result and are not told otherwise, as they would be given again.
    fn flags(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.reading.ignore_unknown {
            all.push("--unknown-fields=ignore".to_owned());
        }
        if self.reading.money == crate::event_read::MoneyUnit::Minor {
            all.push("--money-unit=minor".to_owned());
        }
        // Which file keeps a row bears on no result.
        let word = |rows: &BadRows| if *rows == BadRows::Stop { "stop" } else { "skip" };
        if self.bad_rows != BadRows::Stop {
            all.push(format!("--on-bad-row={}", word(&self.bad_rows)));
        }
        if let Some(rows) = &self.late_rows {
            all.push(format!("--on-late={}", word(rows)));
        }
        let format = self.out_format.map(|f| match f {
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::ArrowFile => "arrow",
            Format::ArrowStream => "arrows",
        });
        all.extend(format.map(|f| format!("--out-format={f}")));
        if let Some(fields) = &self.dedupe {
            all.push(format!("--dedupe={fields}"));
            all.extend(self.dedupe_window.map(|n| format!("--dedupe-window={n}")));
        }
        all
    }
}

/// An evaluation that could not go on, at the place in the deal that it names.
fn at_deal(e: &EvalError, opened: &Opened) -> InputError {
    match e.span {
        Some(s) => InputError::at(opened.loaded.sources.place(s), e.to_string()),
        None => InputError::new(e.to_string()),
    }
}
