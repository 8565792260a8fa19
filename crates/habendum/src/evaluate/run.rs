//! The run itself: batches of rows judged one by one, written, gathered, and saved.

use super::engine::Engine;
use super::quarantine::Quarantine;
use super::save::Counts;
use super::{BadRows, Evaluation, Explain, Explained, ExplainedStep, Order, at_deal};
use crate::error::InputError;
use crate::event_read::RowFault;
use crate::outcome_write::OutcomeWriter;
use crate::pipeline::{Error, Opened, Prepared};
use crate::receipt::{FileHash, Receipt};
use crate::record::EventRecord;
use crate::report::{Collector, LeftOut};
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_norm::run::Runner;
use habendum_stream::feed::{Batch, Feed, Next, Row};
use habendum_stream::gate::{Gate, Passage};
use habendum_syntax::Span;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How many bad rows are shown one by one.
const BAD_SHOWN: usize = 10;
/// Outcomes of a followed stream are seen after this time at most.
const SEEN_AFTER: Duration = Duration::from_millis(250);

pub(super) struct Run<'a> {
    pub prepared: Prepared,
    pub runner: Runner,
    pub engine: Engine,
    pub feed: Feed,
    pub gate: Gate,
    pub writers: Vec<OutcomeWriter>,
    pub collector: Collector,
    pub quarantines: Vec<Quarantine>,
    pub counts: Counts,
    pub bad_shown: Vec<RowFault>,
    pub explained: Option<Explained>,
    pub identity: String,
    pub inputs: Vec<FileHash>,
    pub opened: &'a Opened,
    pub order: &'a Order,
}

impl Run<'_> {
    pub(super) fn rows(&mut self, seen: &mut dyn FnMut(u64)) -> Result<(), Error> {
        let mut flushed = Instant::now();
        loop {
            let over = match self.feed.next(SEEN_AFTER)? {
                Next::Batch(batch) => self.batch(*batch, seen)?,
                // A file that is followed ends by itself once it is told to stop; standard input does not.
                Next::Waiting => self.is_stopped() && flushed.elapsed() >= 2 * SEEN_AFTER,
            };
            if self.order.follow.is_some() && flushed.elapsed() >= SEEN_AFTER {
                self.flush()?;
                if !self.is_stopped() {
                    flushed = Instant::now();
                }
            }
            if over {
                return Ok(());
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.order.follow.as_ref().is_some_and(|t| t.stop.load(Ordering::Relaxed))
    }

    /// Judges a batch; true where it is the last.
    fn batch(&mut self, batch: Batch, seen: &mut dyn FnMut(u64)) -> Result<bool, Error> {
        self.prepared.names.meet(batch.strangers);
        self.engine.take(batch.rows.iter().filter_map(|r| r.event.as_ref().ok()));
        let mut at = 0;
        for row in batch.rows {
            let place = at;
            at += usize::from(row.event.is_ok());
            self.row(row, place)?;
            seen(batch.bytes);
        }
        if let Some(e) = batch.fatal {
            return Err(e.into());
        }
        if let (Some(path), Some(position)) = (&self.order.state, batch.position) {
            self.save(path, position)?;
        }
        let over = batch.end.is_some();
        self.inputs = batch.end.unwrap_or_default();
        Ok(over)
    }

    /// `at` is the place of the row among the whole rows of its batch.
    fn row(&mut self, row: Row, at: usize) -> Result<(), Error> {
        let event = match row.event {
            Ok(event) => event,
            Err(fault) => {
                self.counts.bad += 1;
                return self.left_out(&self.order.bad_rows, *fault, &row.raw);
            }
        };
        match self.gate.pass(&event, &self.prepared.names) {
            Passage::Passes => self.judge(&event, at, row.place, &row.raw),
            Passage::Duplicate => {
                self.counts.duplicates += 1;
                Ok(())
            }
            Passage::Late { field, message, help } => {
                let fault = RowFault { field: Some(field), message, help, ..row.place };
                match &self.order.late_rows {
                    None => {
                        self.counts.bad += 1;
                        self.left_out(&self.order.bad_rows, fault, &row.raw)
                    }
                    Some(policy) => {
                        self.counts.late += 1;
                        self.left_out(policy, fault, &row.raw)
                    }
                }
            }
        }
    }

    fn judge(&mut self, event: &Event, at: usize, place: RowFault, raw: &str) -> Result<(), Error> {
        self.within_clock(event, &place)?;
        let explain = self.order.explain == Some(Explain::Row(event.row));
        if explain {
            self.runner.explain_next();
        }
        match self.engine.outcome(&mut self.runner, event, at, explain) {
            Ok(outcome) => self.outcome(&outcome, explain),
            Err(e) => {
                let help = self.points_at(&e);
                let fault = RowFault { field: e.field, message: e.message, help, ..place };
                self.counts.bad += 1;
                self.left_out(&self.order.bad_rows, fault, raw)
            }
        }
    }

    /// A row after the day through which time was to run would take time further than was asked.
    fn within_clock(&self, e: &Event, place: &RowFault) -> Result<(), Error> {
        match self.order.clock {
            Some(clock) if e.date > clock => {
                let message = format!("row {} is of {}, after the clock, {clock}", e.row, e.date);
                let help = "--clock runs time on past the last row; leave it out, or give the rows up to that day alone";
                Err(InputError::at(place.place(), message).help(help).into())
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

    fn left_out(&mut self, policy: &BadRows, fault: RowFault, raw: &str) -> Result<(), Error> {
        match policy {
            BadRows::Stop => return Err(stopping(&fault).into()),
            BadRows::Skip => {}
            BadRows::Quarantine(path) => {
                if let Some(q) = self.quarantines.iter_mut().find(|q| q.path() == path) {
                    q.add(&fault, raw)?;
                }
            }
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

    fn flush(&mut self) -> Result<(), Error> {
        for w in &mut self.writers {
            w.flush()?;
        }
        for q in &mut self.quarantines {
            q.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self, mut receipt: Receipt) -> Result<Evaluation, Error> {
        let clock = self.runner.finish(self.order.clock).map_err(|e| at_deal(&e, self.opened))?;
        self.clock(&clock)?;
        if let Some(Explain::Day(..)) = &self.order.explain {
            let steps = self.runner.take_time_trace();
            self.explained = Some(Explained { outcome: None, steps: self.placed(steps) });
        }
        receipt.inputs = self.inputs;
        for w in self.writers {
            w.commit()?;
        }
        for q in self.quarantines {
            q.commit()?;
        }
        for path in &self.order.out {
            receipt.outcomes.push(hash_of(path)?);
        }
        let p = &self.prepared;
        let Counts { bad, late, duplicates } = self.counts;
        let left_out = LeftOut { bad, late, duplicates };
        let report = self.collector.finish(&self.runner, &p.names, &p.norms, &p.titles, receipt, left_out);
        Ok(Evaluation {
            report,
            prepared: self.prepared,
            bad_shown: self.bad_shown,
            explained: self.explained,
        })
    }
}

fn hash_of(path: &str) -> Result<FileHash, InputError> {
    FileHash::of_file(path).map_err(|e| InputError::at(path, format!("cannot be read again: {e}")))
}

/// A bad row that ends the run.
fn stopping(f: &RowFault) -> InputError {
    let mut e = InputError::at(f.place(), f.said());
    e.help.extend(f.help.clone());
    e.help("--on-bad-row skip leaves bad rows out; --on-bad-row quarantine=FILE keeps them in a file")
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 100 { line.chars().take(99).chain(['…']).collect() } else { line }
}
