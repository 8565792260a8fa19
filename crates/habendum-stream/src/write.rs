//! Outcome files: NDJSON and CSV, one record an event and one a dated outcome of the clock, in the order of time.
//!
//! Invariant: a file is complete or absent: records go to a temporary file beside it, renamed when the run is over.

use crate::error::InputError;
use crate::names::Names;
use crate::norms::NormIndex;
use crate::read::{Format, by_ending};
use crate::receipt::Receipt;
use crate::record::{
    AccrualRecord, ClockRecord, DutyRecord, EventRecord, OutcomeLine, RunRecord, SCHEMA_VERSION,
};
use habendum_norm::outcome::{ClockOutcome, Outcome};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The columns of a CSV of outcomes.
pub const COLUMNS: [&str; 14] = [
    "record", "row", "date", "kind", "verdict", "clauses", "reason", "duties", "accruals", "what", "key",
    "amount", "currency", "effects",
];

/// A file that appears whole or not at all.
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Opens a temporary file beside the target.
    ///
    /// # Errors
    /// Where the folder is missing or not writable.
    pub fn create(path: &str) -> Result<Self, InputError> {
        let path = PathBuf::from(path);
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let refused =
            |why: String| InputError::at(path.display().to_string(), format!("cannot be written: {why}"));
        if !folder.is_dir() {
            return Err(refused(format!("there is no folder {}", folder.display())));
        }
        if path.is_dir() {
            return Err(refused("it is a folder".to_owned()));
        }
        // The name of the temporary file is of no use to anyone; the kind of the error is.
        let file = NamedTempFile::new_in(folder).map_err(|e| refused(e.kind().to_string()))?;
        Ok(AtomicFile { path, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the disk is full or the target cannot be replaced; the temporary file is removed then.
    pub fn commit(self) -> Result<(), InputError> {
        let path = self.path;
        let fail =
            |e: std::io::Error| InputError::at(path.display().to_string(), format!("cannot be written: {e}"));
        let file = self.file.into_inner().map_err(|e| fail(e.into_error()))?;
        file.as_file().sync_all().map_err(fail)?;
        share(&file).map_err(fail)?;
        file.persist(&path).map_err(|e| fail(e.error))?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Temporary files are private; a result is as readable as any file of its owner.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_file: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Writes outcomes.
pub struct OutcomeWriter {
    sink: Sink,
    path: String,
}

enum Sink {
    Ndjson(AtomicFile),
    Csv(Box<csv::Writer<AtomicFile>>),
}

impl OutcomeWriter {
    /// Opens a file; its ending names the format.
    ///
    /// # Errors
    /// Another ending than `.ndjson`, `.jsonl` or `.csv`; a folder that cannot be written.
    pub fn create(path: &str, receipt: &Receipt) -> Result<Self, InputError> {
        let format = by_ending(path).ok_or_else(|| {
            InputError::at(path, "outcomes are written as NDJSON or CSV")
                .help("end the name in .ndjson or .csv")
        })?;
        let file = AtomicFile::create(path)?;
        let mut writer = match format {
            Format::Ndjson => OutcomeWriter { sink: Sink::Ndjson(file), path: path.to_owned() },
            Format::Csv => OutcomeWriter {
                sink: Sink::Csv(Box::new(csv::Writer::from_writer(file))),
                path: path.to_owned(),
            },
        };
        match &mut writer.sink {
            Sink::Csv(w) => w.write_record(COLUMNS).map_err(|e| fail(path, &e.into()))?,
            Sink::Ndjson(_) => {
                let run = RunRecord { schema_version: SCHEMA_VERSION, receipt: receipt.clone() };
                writer.line(&OutcomeLine::Run(Box::new(run)))?;
            }
        }
        Ok(writer)
    }

    /// Writes what came of an event.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn event(&mut self, o: &Outcome, names: &Names) -> Result<(), InputError> {
        self.line(&OutcomeLine::Event(EventRecord::of(o, names)))
    }

    /// Writes what came of time passing.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn clock(&mut self, c: &ClockOutcome, names: &Names, norms: &NormIndex) -> Result<(), InputError> {
        self.line(&OutcomeLine::Clock(Box::new(ClockRecord::of(c, names, norms))))
    }

    fn line(&mut self, line: &OutcomeLine) -> Result<(), InputError> {
        let path = &self.path;
        match &mut self.sink {
            Sink::Ndjson(w) => {
                serde_json::to_writer(&mut *w, line).map_err(|e| fail(path, &e.into()))?;
                w.write_all(b"\n").map_err(|e| fail(path, &e))
            }
            Sink::Csv(w) => match line {
                OutcomeLine::Run(_) => Ok(()),
                OutcomeLine::Event(e) => w.write_record(event_row(e)).map_err(|e| fail(path, &e.into())),
                OutcomeLine::Clock(c) => w.write_record(clock_row(c)).map_err(|e| fail(path, &e.into())),
            },
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn commit(self) -> Result<(), InputError> {
        match self.sink {
            Sink::Ndjson(f) => f.commit(),
            Sink::Csv(w) => w
                .into_inner()
                .map_err(|e| fail(&self.path, &std::io::Error::other(e.error().to_string())))?
                .commit(),
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
