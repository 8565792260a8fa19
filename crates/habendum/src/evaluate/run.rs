//! The run itself: batches of rows judged one by one, written, gathered, and saved.

use super::engine::Engine;
use super::quarantine::Quarantine;
use super::rows::Numbers;
use super::save::Counts;
use super::{BadRows, Evaluation, Explain, Explained, ExplainedStep, Order, at_deal};
use crate::error::InputError;
use crate::event_read::RowFault;
use crate::outcome_write::OutcomeWriter;
use crate::pipeline::{Error, Opened, Prepared};
use crate::receipt::{FileHash, Receipt};
use crate::record::EventRecord;
use crate::report::{Collector, LeftOut};
use habendum_model::date::{day_number, plus_days};
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_norm::run::Runner;
use habendum_stream::feed::{Batch, Feed, Next, Row};
use habendum_stream::gate::{Gate, Passage};
use habendum_stream::read::Block;
use habendum_syntax::Span;
use jiff::civil::Date;
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
        if let Some(block) = batch.block {
            self.block(block, batch.bytes, seen)?;
        }
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

    /// Judges a block: by numbers alone where the bits of a row say what comes of it.
    fn block(&mut self, mut block: Block, bytes: u64, seen: &mut dyn FnMut(u64)) -> Result<(), Error> {
        self.engine.take_block(&mut block, &mut self.prepared.names);
        let mut day = (i64::MIN, Date::ZERO);
        let mut passed = None;
        for i in 0..block.rows() {
            let number = block.scan.days.get(i).copied().unwrap_or(i64::MIN);
            if number != day.0
                && let Some(date) = date_of(number)
            {
                day = (number, date);
            }
            if number == day.0 && self.quick(&mut block, i, day.1)? {
                passed = Some(block.number(i));
            } else {
                passed = None;
                let event = block.event(i, &mut self.prepared.names);
                let raw = if self.quarantines.is_empty() { String::new() } else { block.raw(i) };
                self.row(Row { event, place: block.place(i), raw }, i)?;
            }
            seen(bytes);
        }
        if let Some(row) = passed {
            self.runner.pass_by(row);
        }
        Ok(())
    }

    /// Judges a row of a block without making an event of it; false where that cannot be done.
    fn quick(&mut self, block: &mut Block, i: usize, date: Date) -> Result<bool, Error> {
        let row = block.number(i);
        let asked = self.order.explain == Some(Explain::Row(row));
        let slow = block.scan.slow.get(i).copied().unwrap_or(true);
        if slow || asked || self.order.clock.is_some_and(|c| date > c) || !self.gate.lets_pass(date) {
            return Ok(false);
        }
        if !self.engine.is_at(date) {
            if !self.engine.pass_time(&mut self.runner, date).map_err(|e| at_deal(&e, self.opened))? {
                return Ok(false);
            }
            let clock = self.runner.take_clock();
            self.clock(&clock)?;
        }
        let Some(slot) = self.engine.quick(&self.runner, i, date) else { return Ok(false) };
        let mut numbers = Numbers { block, names: &mut self.prepared.names };
        if !self.engine.accrue(&mut self.runner, slot, &mut numbers, i, date) {
            return Ok(false);
        }
        let told = !self.writers.is_empty() || (self.engine.is_notable(slot) && !self.collector.is_full());
        if let (true, Some(outcome)) = (told, self.engine.outcome_of(slot, row, date)) {
            self.outcome(&outcome, false)?;
        } else {
            self.engine.count(slot);
            self.collector.on(date);
        }
        Ok(true)
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
        self.engine.post(&mut self.runner, None).map_err(|e| at_deal(&e, self.opened))?;
        let clock = self.runner.finish(self.order.clock).map_err(|e| at_deal(&e, self.opened))?;
        self.clock(&clock)?;
        if let Some(Explain::Day(..)) = &self.order.explain {
            let steps = self.runner.take_time_trace();
            self.explained = Some(Explained { outcome: None, steps: self.placed(steps) });
        }
        self.engine.tell(&mut self.collector);
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

/// The day of a number, where the calendar has it.
fn date_of(number: i64) -> Option<Date> {
    plus_days(Date::ZERO, number.checked_sub(day_number(Date::ZERO))?).ok()
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
