//! Rows of a table taken together: as numbers all at once, and each as an event where that is asked for.
//!
//! Invariant: the event of a row, its place and its text are those that reading row by row gives.

use super::column::Column;
use super::scan::Scan;
use super::{raw, typed};
use crate::names::Names;
use crate::read::typed::Typing;
use crate::read::{Fault, RowFault};
use habendum_norm::event::Event;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Some rows of a file, before they have their place in the stream.
pub(in crate::read) struct Part {
    pub(super) scan: Scan,
    pub(super) columns: Vec<Column>,
    /// Rows of the file before them.
    pub(super) first: u64,
}

/// Some rows of a table.
pub struct Block {
    /// Its rows as numbers.
    pub scan: Scan,
    columns: Vec<Column>,
    pub(in crate::read) zone: TimeZone,
    ignore_unknown: bool,
    file: Arc<str>,
    /// Rows of the stream, and of the file, before it.
    before: (u64, u64),
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block {{ {} rows of {} after {} }}", self.rows(), self.file, self.before.0)
    }
}

impl Block {
    pub(in crate::read) fn new(
        part: Part,
        file: Arc<str>,
        row: u64,
        zone: TimeZone,
        ignore_unknown: bool,
    ) -> Self {
        let before = (row, part.first);
        Block { scan: part.scan, columns: part.columns, zone, ignore_unknown, file, before }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.scan.slow.len()
    }

    /// The number of a row in the stream, from 1.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        self.before.0 + row as u64 + 1
    }

    /// A row as an event. Strangers that it names have been met.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn event(&mut self, row: usize, names: &mut Names) -> Result<Event, Box<RowFault>> {
        let zone = self.zone.clone();
        let mut typing = Typing { names, zone: &zone, ignore_unknown: self.ignore_unknown };
        match typed(&mut self.columns, row, &mut typing) {
            Ok(t) => Ok(Event {
                row: self.number(row),
                date: t.date,
                instant: t.instant,
                kind: t.kind,
                fields: t.fields,
            }),
            Err(Fault { column, field, message, help }) => {
                Err(Box::new(RowFault { column, field, message, help, ..self.place(row) }))
            }
        }
    }

    /// Where a row stands, for a fault that shows only when it is judged. Without a message.
    #[must_use]
    pub fn place(&self, row: usize) -> RowFault {
        RowFault {
            file: self.file.to_string(),
            row: self.number(row),
            line: self.before.1 + row as u64 + 1,
            is_table: true,
            column: None,
            field: None,
            message: String::new(),
            help: None,
        }
    }

    /// A row as it was written, for a quarantine.
    #[must_use]
    pub fn raw(&self, row: usize) -> String {
        raw(&self.columns, row)
    }
}
