//! A stream judged: events in, outcomes to files, a report at the end.
//!
//! Data flow: [`EventReader`] -> [`Runner`] -> [`OutcomeWriter`]s and [`Collector`] -> [`Evaluation`]. Invariant: files
//! appear only where the whole run succeeded; memory does not grow with the number of events.

use crate::error::InputError;
use crate::event_read::{EventReader, ReadError, RowFault};
use crate::outcome_write::{AtomicFile, OutcomeWriter};
use crate::pipeline::{Error, Opened, Prepared};
use crate::receipt::Receipt;
use crate::record::EventRecord;
use crate::report::{Collector, Report};
use habendum_model::binding::Choices;
use habendum_model::deal::Deal;
use habendum_model::value::ClauseId;
use habendum_norm::TimeWanted;
use habendum_norm::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_norm::run::{Choices as RunChoices, RunError, Runner};
use habendum_syntax::Span;
use jiff::civil::Date;
use serde::Serialize;
use std::io::Write;

/// How many bad rows are shown one by one.
const BAD_SHOWN: usize = 10;

/// What to do with a stream.
#[derive(Clone, Debug)]
pub struct Order {
    /// Files, in order of time.
    pub events: Vec<String>,
    /// Outcome files.
    pub out: Vec<String>,
    /// Time runs through this day.
    pub clock: Option<Date>,
    /// Every event is judged by the text of this day.
    pub text_as_of: Option<Date>,
    /// What to explain.
    pub explain: Option<Explain>,
    /// What to do with bad rows.
    pub bad_rows: BadRows,
    /// Run under every combination of readings that is left open.
    pub all_readings: bool,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRows {
    /// End the run with an error.
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

#[derive(Serialize)]
struct Quarantined<'a> {
    file: &'a str,
    row: u64,
    line: u64,
    field: Option<&'a str>,
    error: &'a str,
    raw: &'a str,
}

struct Run<'a> {
    prepared: Prepared,
    runner: Runner,
    reader: EventReader,
    writers: Vec<OutcomeWriter>,
    collector: Collector,
    quarantine: Option<AtomicFile>,
    bad: u64,
    bad_shown: Vec<RowFault>,
    explained: Option<Explained>,
    opened: &'a Opened,
    order: &'a Order,
}

/// Judges a stream. `seen` is called after each row with the number of bytes read.
///
/// # Errors
/// Faults of the deal, parameters without a value, input that cannot be read, a bad row where these stop the run.
pub fn evaluate(
    opened: &Opened,
    choices: &Choices,
    order: &Order,
    seen: &mut dyn FnMut(u64),
) -> Result<Evaluation, Error> {
    let deal = opened.sound()?;
    let prepared = opened.prepare(choices)?;
    prepared.need_values(deal)?;
    let mut receipt = prepared.receipt(opened, deal);
    receipt.clock = order.clock.map(|d| d.to_string());
    receipt.text_as_of = order.text_as_of.map(|d| d.to_string());
    let run_choices = RunChoices { all_readings: order.all_readings, text_as_of: order.text_as_of };
    let runner = Runner::new(deal, &prepared.binding, &run_choices).map_err(|e| match e {
        RunError::Faults(d) => opened.faults(d),
        RunError::Eval(e) => Error::Input(at_deal(&e, opened)),
    })?;
    let mut run = Run {
        reader: EventReader::new(order.events.clone(), &prepared.names)?,
        writers: order.out.iter().map(|o| OutcomeWriter::create(o, &receipt)).collect::<Result<_, _>>()?,
        collector: Collector::default(),
        quarantine: match &order.bad_rows {
            BadRows::Quarantine(file) => Some(AtomicFile::create(file)?),
            BadRows::Stop | BadRows::Skip => None,
        },
        bad: 0,
        bad_shown: Vec::new(),
        explained: None,
        prepared,
        runner,
        opened,
        order,
    };
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

impl Run<'_> {
    fn rows(&mut self, seen: &mut dyn FnMut(u64)) -> Result<(), Error> {
        while let Some(next) = self.reader.next_event(&mut self.prepared.names) {
            match next {
                Err(ReadError::Fatal(e)) => return Err(e.into()),
                Err(ReadError::Row(fault)) => self.bad_row(*fault)?,
                Ok(event) => {
                    self.within_clock(&event)?;
                    let explain = self.order.explain == Some(Explain::Row(event.row));
                    if explain {
                        self.runner.explain_next();
                    }
                    match self.runner.push(&event) {
                        Ok(outcome) => self.outcome(&outcome, explain)?,
                        Err(e) => {
                            let fault = self.reader.fault(e.field.clone(), e.message.clone());
                            let fault = RowFault { help: self.points_at(&e), ..fault };
                            self.bad_row(fault)?;
                        }
                    }
                }
            }
            seen(self.reader.bytes());
        }
        Ok(())
    }

    /// A row after the day through which time was to run would take time further than was asked.
    fn within_clock(&self, e: &habendum_norm::event::Event) -> Result<(), Error> {
        match self.order.clock {
            Some(clock) if e.date > clock => {
                let fault = self.reader.fault(None, String::new());
                let message = format!("row {} is of {}, after the clock, {clock}", e.row, e.date);
                let help = "--clock runs time on past the last row; leave it out, or give the rows up to that day alone";
                Err(InputError::at(fault.place(), message).help(help).into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn outcome(&mut self, o: &Outcome, explain: bool) -> Result<(), Error> {
        let clock = self.runner.take_clock();
        self.clock(&clock)?;
        self.collector.event(o, &self.prepared.names);
        for w in &mut self.writers {
            w.event(o, &self.prepared.names)?;
        }
        if explain {
            let steps = self.runner.take_trace();
            let outcome = Some(EventRecord::of(o, &self.prepared.names));
            self.explained = Some(Explained { outcome, steps: self.placed(steps) });
        }
        Ok(())
    }

    /// Steps with their places in words.
    fn placed(&self, steps: Vec<TraceStep>) -> Vec<ExplainedStep> {
        let sources = &self.opened.loaded.sources;
        let place = |s: Span| (sources.place(s), one_line(sources.text(s)));
        let step = |t: TraceStep| ExplainedStep { depth: t.depth, text: t.text, place: t.span.map(place) };
        steps.into_iter().map(step).collect()
    }

    fn clock(&mut self, clock: &[ClockOutcome]) -> Result<(), Error> {
        for c in clock {
            self.collector.clock(c, &self.prepared.names, &self.prepared.norms);
            for w in &mut self.writers {
                w.clock(c, &self.prepared.names, &self.prepared.norms)?;
            }
        }
        Ok(())
    }

    fn bad_row(&mut self, fault: RowFault) -> Result<(), Error> {
        if self.order.bad_rows == BadRows::Stop {
            return Err(stopping(&fault).into());
        }
        self.bad += 1;
        if let Some(q) = &mut self.quarantine {
            let raw = self.reader.raw();
            let record = Quarantined {
                file: &fault.file,
                row: fault.row,
                line: fault.line,
                field: fault.field.as_deref(),
                error: &fault.message,
                raw: &raw,
            };
            let fail = |e: std::io::Error| InputError::new(format!("the quarantine cannot be written: {e}"));
            serde_json::to_writer(&mut *q, &record).map_err(|e| fail(e.into()))?;
            q.write_all(b"\n").map_err(fail)?;
        }
        if self.bad_shown.len() < BAD_SHOWN {
            self.bad_shown.push(fault);
        }
        Ok(())
    }

    /// Where in the deal an evaluation could not go on.
    fn points_at(&self, e: &EvalError) -> Option<String> {
        let sources = &self.opened.loaded.sources;
        e.span.map(|s| format!("{}: `{}`", sources.place(s), one_line(sources.text(s))))
    }

    fn finish(mut self, mut receipt: Receipt) -> Result<Evaluation, Error> {
        let clock = self.runner.finish(self.order.clock).map_err(|e| at_deal(&e, self.opened))?;
        self.clock(&clock)?;
        if let Some(Explain::Day(..)) = &self.order.explain {
            let steps = self.runner.take_time_trace();
            self.explained = Some(Explained { outcome: None, steps: self.placed(steps) });
        }
        receipt.inputs = self.reader.hashes();
        for w in self.writers {
            w.commit()?;
        }
        if let Some(q) = self.quarantine {
            q.commit()?;
        }
        let p = &self.prepared;
        let report = self.collector.finish(&self.runner, &p.names, &p.norms, &p.titles, receipt, self.bad);
        Ok(Evaluation {
            report,
            prepared: self.prepared,
            bad_shown: self.bad_shown,
            explained: self.explained,
        })
    }
}

/// A bad row that ends the run.
fn stopping(f: &RowFault) -> InputError {
    let field = f.field.as_ref().map(|n| format!(", field `{n}`")).unwrap_or_default();
    let mut e = InputError::at(f.place(), format!("row {}{field}: {}", f.row, f.message));
    e.help.extend(f.help.clone());
    e.help("--on-bad-row skip leaves bad rows out; --on-bad-row quarantine=FILE keeps them in a file")
}

/// An evaluation that could not go on, at the place in the deal that it names.
fn at_deal(e: &EvalError, opened: &Opened) -> InputError {
    match e.span {
        Some(s) => InputError::at(opened.loaded.sources.place(s), e.to_string()),
        None => InputError::new(e.to_string()),
    }
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 100 { line.chars().take(99).chain(['…']).collect() } else { line }
}
