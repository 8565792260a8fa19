//! Outcome files: NDJSON, CSV, Parquet, Arrow IPC; one record an event and one a dated outcome of the clock, in the order of
//! time. Events as tables.
//!
//! Data flow: outcome -> `record` -> lines, or batches (`outcomes`) -> `table` -> `pack` -> `file`. Invariant: a file is
//! complete or absent, unless a state is kept beside it.

mod arrays;
mod events;
mod file;
mod outcomes;
mod pack;
mod table;

use crate::error::InputError;
use crate::names::Names;
use crate::norms::NormIndex;
use crate::read::{Format, by_ending};
use crate::receipt::Receipt;
use crate::record::{
    AccrualRecord, ClockRecord, DutyRecord, EventRecord, OutcomeLine, RunRecord, SCHEMA_VERSION,
};
use arrow_schema::SchemaRef;
pub use events::EventTable;
pub use file::{AtomicFile, GrowingFile};
use habendum_norm::outcome::{ClockOutcome, Outcome};
use jiff::civil::Date;
pub use pack::OutFile;
use std::io::Write;
use table::TableFile;

/// Days since 1970-01-01.
fn days_of(date: Date) -> i32 {
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    // The calendar has some three million days.
    i32::try_from(days).unwrap_or(i32::MAX)
}

/// The columns of a CSV of outcomes.
pub const COLUMNS: [&str; 14] = [
    "record", "row", "date", "kind", "verdict", "clauses", "reason", "duties", "accruals", "what", "key",
    "amount", "currency", "effects",
];

/// Writes outcomes.
pub struct OutcomeWriter {
    sink: Sink,
    path: String,
}

enum Sink {
    Ndjson(OutFile),
    Csv(Box<csv::Writer<OutFile>>),
    Table(Box<Table>),
}

/// Records that wait for their batch to fill.
struct Table {
    file: TableFile,
    schema: SchemaRef,
    scale: u32,
    waiting: Vec<OutcomeLine>,
}

impl Table {
    fn flush(&mut self) -> Result<(), String> {
        let batch = outcomes::batch(&self.waiting, &self.schema, self.scale).map_err(|e| e.to_string())?;
        self.waiting.clear();
        self.file.write(&batch)
    }
}

/// How a file of outcomes comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Whole or not at all.
    Whole,
    /// In place from nothing, record by record.
    Anew,
    /// In place, from the length that it had when a state was saved.
    From(u64),
}

/// The format of a file of outcomes: as asked, else by its ending.
///
/// # Errors
/// An ending that names none; a format that cannot grow, where it has to.
pub fn format_of(path: &str, asked: Option<Format>, growth: Growth) -> Result<Format, InputError> {
    let format = asked.or_else(|| by_ending(path)).ok_or_else(|| {
        InputError::at(path, "outcomes are written as NDJSON, CSV, Parquet or Arrow IPC")
            .help("end the name in .ndjson, .csv, .parquet, .arrow or .arrows, or say --out-format")
    })?;
    let is_text = matches!(format, Format::Ndjson | Format::Csv);
    if growth != Growth::Whole && (!is_text || OutFile::compresses(path)) {
        return Err(InputError::at(
            path,
            "a file that grows while a run is followed or saved is plain NDJSON or CSV",
        )
        .help("end the name in .ndjson or .csv; any format can be made of it when the run is over"));
    }
    Ok(format)
}

impl OutcomeWriter {
    /// Opens a file; its ending names the format where none is asked for.
    ///
    /// # Errors
    /// As [`format_of`]; a folder that cannot be written.
    pub fn create(
        path: &str,
        asked: Option<Format>,
        growth: Growth,
        receipt: &Receipt,
        names: &Names,
    ) -> Result<Self, InputError> {
        let format = format_of(path, asked, growth)?;
        let to = OutFile::open(path, growth)?;
        let run = RunRecord { schema_version: SCHEMA_VERSION, receipt: receipt.clone() };
        let sink = match format {
            Format::Ndjson => Sink::Ndjson(to),
            Format::Csv => Sink::Csv(Box::new(csv::Writer::from_writer(to))),
            Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
                let run = serde_json::to_string(&run).map_err(|e| fail(path, &e.into()))?;
                let scale = outcomes::scale(&names.symbols);
                let schema = outcomes::schema(scale, run);
                let file = TableFile::begin(to, format, &schema).map_err(|e| InputError::at(path, e))?;
                Sink::Table(Box::new(Table { file, schema, scale, waiting: Vec::new() }))
            }
        };
        let mut writer = OutcomeWriter { sink, path: path.to_owned() };
        if matches!(growth, Growth::From(_)) {
            return Ok(writer);
        }
        match &mut writer.sink {
            Sink::Csv(w) => w.write_record(COLUMNS).map_err(|e| fail(path, &e.into()))?,
            Sink::Ndjson(_) => writer.line(OutcomeLine::Run(Box::new(run)))?,
            Sink::Table(_) => {}
        }
        Ok(writer)
    }

    /// Writes what came of an event.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn event(&mut self, o: &Outcome, names: &Names) -> Result<(), InputError> {
        self.line(OutcomeLine::Event(EventRecord::of(o, names)))
    }

    /// Writes what came of time passing.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn clock(&mut self, c: &ClockOutcome, names: &Names, norms: &NormIndex) -> Result<(), InputError> {
        self.line(OutcomeLine::Clock(Box::new(ClockRecord::of(c, names, norms))))
    }

    fn line(&mut self, line: OutcomeLine) -> Result<(), InputError> {
        let path = &self.path;
        match &mut self.sink {
            Sink::Ndjson(w) => {
                serde_json::to_writer(&mut *w, &line).map_err(|e| fail(path, &e.into()))?;
                w.write_all(b"\n").map_err(|e| fail(path, &e))
            }
            Sink::Csv(w) => match &line {
                OutcomeLine::Run(_) => Ok(()),
                OutcomeLine::Event(e) => w.write_record(event_row(e)).map_err(|e| fail(path, &e.into())),
                OutcomeLine::Clock(c) => w.write_record(clock_row(c)).map_err(|e| fail(path, &e.into())),
            },
            Sink::Table(t) => {
                t.waiting.push(line);
                if t.waiting.len() >= table::BATCH {
                    t.flush().map_err(|e| InputError::at(path, format!("cannot be written: {e}")))?;
                }
                Ok(())
            }
        }
    }

    /// Lets a reader of a growing file see what has been written.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn flush(&mut self) -> Result<(), InputError> {
        let done = match &mut self.sink {
            Sink::Ndjson(w) => w.flush(),
            Sink::Csv(w) => w.flush(),
            Sink::Table(_) => Ok(()),
        };
        done.map_err(|e| fail(&self.path, &e))
    }

    /// Brings a growing file to the disk and says how long it is.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn sync(&mut self) -> Result<u64, InputError> {
        self.flush()?;
        let length = match &mut self.sink {
            Sink::Ndjson(w) => w.sync(),
            Sink::Csv(w) => w.get_ref().sync(),
            Sink::Table(_) => Ok(None),
        };
        length.map(|l| l.unwrap_or(0)).map_err(|e| fail(&self.path, &e))
    }

    /// Ends the file; one that appears whole gets its name.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn commit(self) -> Result<(), InputError> {
        let path = self.path;
        match self.sink {
            Sink::Ndjson(f) => f.commit(&path),
            Sink::Csv(w) => w
                .into_inner()
                .map_err(|e| fail(&path, &std::io::Error::other(e.error().to_string())))?
                .commit(&path),
            Sink::Table(mut t) => {
                let refused = |e: String| InputError::at(&path, format!("cannot be written: {e}"));
                t.flush().map_err(refused)?;
                t.file.end().map_err(refused)?.commit(&path)
            }
        }
    }
}

fn fail(path: &str, e: &std::io::Error) -> InputError {
    InputError::at(path, format!("cannot be written: {e}"))
}

fn event_row(e: &EventRecord) -> [String; 14] {
    [
        "event".to_owned(),
        e.row.to_string(),
        e.date.clone(),
        e.kind.clone(),
        e.verdict.clone(),
        e.clauses.join("; "),
        e.reason.clone().unwrap_or_default(),
        e.duties.iter().map(duty).collect::<Vec<_>>().join("; "),
        e.accruals.iter().map(accrual).collect::<Vec<_>>().join("; "),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        e.effects.join("; "),
    ]
}

fn clock_row(c: &ClockRecord) -> [String; 14] {
    let amount = c.amount.clone().or_else(|| c.accrual.as_ref().map(|a| a.amount.clone()));
    let currency = c.currency.clone().or_else(|| c.accrual.as_ref().map(|a| a.currency.clone()));
    [
        "clock".to_owned(),
        c.opened_by.map(|r| r.to_string()).unwrap_or_default(),
        c.date.clone(),
        String::new(),
        c.verdict.clone().unwrap_or_default(),
        c.clause.clone(),
        c.excused_by.as_ref().map(|e| format!("excused by {e}")).unwrap_or_default(),
        c.obligation.map(|o| format!("{} #{o}", c.what)).unwrap_or_default(),
        c.accrual.as_ref().map(accrual).unwrap_or_default(),
        c.what.clone(),
        c.key.join("; "),
        amount.unwrap_or_default(),
        currency.unwrap_or_default(),
        c.text.clone().unwrap_or_default(),
    ]
}

fn duty(d: &DutyRecord) -> String {
    let deadline = d.deadline.as_ref().map(|d| format!(" by {d}")).unwrap_or_default();
    format!("{} {} #{}{deadline}", d.what, d.clause, d.obligation)
}

fn accrual(a: &AccrualRecord) -> String {
    let key = if a.key.is_empty() { String::new() } else { format!("[{}]", a.key.join(",")) };
    format!("{}{key} {} {}", a.clause, a.amount, a.currency)
}
