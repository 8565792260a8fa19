//! Rows left out, kept in a file with the reason.

use crate::error::InputError;
use crate::event_read::RowFault;
use crate::outcome_write::{Growth, OutFile};
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Quarantined<'a> {
    file: &'a str,
    row: u64,
    line: u64,
    field: Option<&'a str>,
    error: &'a str,
    raw: &'a str,
}

/// A file of rows left out.
pub(super) struct Quarantine {
    path: String,
    file: OutFile,
}

impl Quarantine {
    pub(super) fn create(path: &str, growth: Growth) -> Result<Self, InputError> {
        Ok(Quarantine { path: path.to_owned(), file: OutFile::open(path, growth)? })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn add(&mut self, fault: &RowFault, raw: &str) -> Result<(), InputError> {
        let record = Quarantined {
            file: &fault.file,
            row: fault.row,
            line: fault.line,
            field: fault.field.as_deref(),
            error: &fault.message,
            raw,
        };
        let fail = |e: std::io::Error| InputError::new(format!("the quarantine cannot be written: {e}"));
        serde_json::to_writer(&mut self.file, &record).map_err(|e| fail(e.into()))?;
        self.file.write_all(b"\n").map_err(fail)
    }

    pub(super) fn flush(&mut self) -> Result<(), InputError> {
        self.file.flush().map_err(|e| InputError::at(&self.path, format!("cannot be written: {e}")))
    }

    pub(super) fn sync(&mut self) -> Result<u64, InputError> {
        self.flush()?;
        let length = self.file.sync();
        let fail = |e| InputError::at(&self.path, format!("cannot be written: {e}"));
        Ok(length.map_err(fail)?.unwrap_or(0))
    }

    pub(super) fn commit(self) -> Result<(), InputError> {
        self.file.commit(&self.path)
    }
}
