//! Rows of record batches (Parquet, Arrow IPC): one wide table with `kind`, `date` or `at`, and a column a field.
//!
//! Data flow: schema -> columns that the deal's events have ([`Wanted`]) -> batches -> cells, or values by short ways
//! (`cell`), each distinct text typed once (`memo`) -> [`Typed`]. Invariant: a column is checked against the declarations
//! before any row is judged; a null is an absent value; no amount goes through a binary fraction.

mod block;
mod cell;
mod column;
pub(super) mod ipc;
mod memo;
pub(super) mod parquet;
mod scan;

pub use block::Block;
pub use cell::MoneyUnit;
pub use scan::{ABSENT, Cells, PARTS, Scan};

use super::typed::{Typed, Typing, missing, unknown_field};
use super::{Fault, Mark, ReadOptions, Rows, RowsError};
use crate::error::nearest;
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
pub(super) use block::Part;
use column::{Column, Role};
use habendum_model::value::Value;
use std::sync::Arc;

/// Batches of a file, columns in the order of [`Wanted::columns`].
pub(super) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>> + Send>;

/// Rows of one batch when the reader may choose.
pub(super) const BATCH: usize = 8192;

/// The columns of a file that are read.
pub(super) struct Wanted {
    /// Their places in the file.
    pub places: Vec<usize>,
    columns: Vec<Column>,
}

impl Wanted {
    /// What of a schema the deal's events have; faults name the column.
    pub(super) fn of(schema: &Schema, typing: &Typing<'_>, options: ReadOptions) -> Result<Self, Fault> {
        let mut wanted = Wanted { places: Vec::new(), columns: Vec::new() };
        for (place, field) in schema.fields().iter().enumerate() {
            let name = field.name();
            let at = |f: Fault| Fault { field: Some(name.clone()), ..f };
            if wanted.columns.iter().any(|c| c.name == *name) {
                return Err(at(Fault::new("the column stands twice")));
            }
            match Column::of(field, typing, options.money).map_err(at)? {
                Some(column) => {
                    wanted.places.push(place);
                    wanted.columns.push(column);
                }
                None if options.ignore_unknown => {}
                None => return Err(at(unknown_column(name, typing))),
            }
        }
        let has = |role: Role| wanted.columns.iter().any(|c| c.role == role);
        if !has(Role::Kind) || !(has(Role::Date) || has(Role::At)) {
            return Err(Fault::new("the table has no column `kind`, or neither `date` nor `at`")
                .help("one row an event: columns kind, date, and the fields of every kind, null where a kind has none"));
        }
        Ok(wanted)
    }
}

fn unknown_column(name: &str, typing: &Typing<'_>) -> Fault {
    let known = typing.names.symbols.events.values().flat_map(|e| e.fields.keys().map(String::as_str));
    let fault = Fault::new("no event kind has a field of this name");
    match nearest(name, known.chain(["kind", "date", "at"])) {
        Some(n) => fault.help(format!("did you mean `{n}`?")),
        None => fault.help("--unknown-fields ignore leaves such columns unread"),
    }
}

/// What opens a file once the deal's columns are known.
pub(super) trait Opening: Send {
    /// The schema of the file, whole.
    fn schema(&self) -> SchemaRef;
    /// The batches of some of its columns.
    fn batches(self: Box<Self>, places: &[usize]) -> Result<Batches, String>;
}

enum Stage {
    Closed(Option<Box<dyn Opening>>),
    Open(Batches),
}

/// Rows of a file of batches.
pub(super) struct TableRows {
    stage: Stage,
    options: ReadOptions,
    columns: Vec<Column>,
    batch: Option<RecordBatch>,
    at: usize,
    row: u64,
    skip: u64,
}

impl TableRows {
    pub(super) fn new(opening: Box<dyn Opening>, options: ReadOptions) -> Self {
        let stage = Stage::Closed(Some(opening));
        TableRows { stage, options, columns: Vec::new(), batch: None, at: 0, row: 0, skip: 0 }
    }

    fn open(&mut self, typing: &Typing<'_>) -> Result<(), RowsError> {
        let Stage::Closed(opening) = &mut self.stage else { return Ok(()) };
        let Some(opening) = opening.take() else { return Err(RowsError::Io("already refused".to_owned())) };
        let wanted = Wanted::of(&opening.schema(), typing, self.options).map_err(RowsError::Header)?;
        self.stage = Stage::Open(opening.batches(&wanted.places).map_err(RowsError::Io)?);
        self.columns = wanted.columns;
        Ok(())
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, RowsError> {
        self.at += 1;
        while self.batch.as_ref().is_none_or(|b| self.at >= b.num_rows()) {
            let Stage::Open(batches) = &mut self.stage else { return Ok(false) };
            // A decoder that meets what no writer writes may panic; that is a fault of the file, not of the run.
            let next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| batches.next()))
                .map_err(|_| RowsError::Io(format!("after row {}: the file is corrupt", self.row)))?;
            match next {
                None => {
                    self.batch = None;
                    return Ok(false);
                }
                Some(Err(e)) => return Err(RowsError::Io(format!("after row {}: {e}", self.row))),
                Some(Ok(batch)) => {
                    let rows = batch.num_rows();
                    let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rows);
                    self.skip -= passed as u64;
                    self.row += passed as u64;
                    self.at = passed;
                    for (c, array) in self.columns.iter_mut().zip(batch.columns()) {
                        c.take(array);
                    }
                    self.batch = Some(batch);
                }
            }
        }
        self.row += 1;
        Ok(true)
    }
}

/// Types a row of a batch.
fn typed(columns: &mut [Column], row: usize, typing: &mut Typing<'_>) -> Result<Typed, Fault> {
    let symbols = Arc::clone(&typing.names.symbols);
    let find = |columns: &[Column], role: Role| columns.iter().position(|c| c.role == role);
    let Some(i) = find(columns, Role::Kind) else { return Err(Fault::new("no column `kind`")) };
    let kind = columns[i].kind(row, typing)?;
    let info = symbols.event_info(kind);
    let day = find(columns, Role::Date).and_then(|i| columns[i].day(row));
    let at = find(columns, Role::At).and_then(|i| columns[i].cell(row));
    let (date, instant) = match (day, &at) {
        (Some(day), None) => (day, None),
        (_, at) => {
            let date = find(columns, Role::Date).and_then(|i| columns[i].cell(row));
            typing.when(date.as_ref(), at.as_ref())?
        }
    };
    let mut fields = vec![Value::Absent; info.fields.len()];
    for c in columns {
        if c.is_null(row) {
            continue;
        }
        let Some((field, target)) = c.of_kind(kind) else {
            if typing.ignore_unknown || c.role != Role::Field {
                continue;
            }
            return Err(unknown_field(&c.name, symbols.event_name(kind), info, None));
        };
        let value = c.value(target, row, typing).map_err(|f| Fault { field: Some(c.name.clone()), ..f })?;
        if let Some(slot) = fields.get_mut(field) {
            *slot = value;
        }
    }
    missing(info, &fields, symbols.event_name(kind))?;
    Ok(Typed { date, instant, kind, fields })
}

/// A row as it was written, for a quarantine.
fn raw(columns: &[Column], row: usize) -> String {
    let mut object = serde_json::Map::new();
    for c in columns {
        if let Some(cell) = c.cell(row) {
            object.insert(c.name.clone(), serde_json::Value::String(cell.text.into_owned()));
        }
    }
    serde_json::Value::Object(object).to_string()
}

impl Rows for TableRows {
    fn next_row(&mut self, typing: &mut Typing<'_>) -> Option<Result<Typed, RowsError>> {
        if let Err(e) = self.open(typing) {
            return Some(Err(e));
        }
        match self.advance() {
            Ok(true) => Some(typed(&mut self.columns, self.at, typing).map_err(RowsError::Row)),
            Ok(false) => None,
            Err(e) => Some(Err(e)),
        }
    }

    fn line(&self) -> u64 {
        self.row
    }

    fn raw(&self) -> String {
        raw(&self.columns, self.at)
    }

    fn next_block(&mut self, typing: &mut Typing<'_>, most: usize) -> Option<Result<Part, RowsError>> {
        let begun = self.open(typing).and_then(|()| self.advance());
        match begun {
            Ok(true) => {}
            Ok(false) => return None,
            Err(e) => return Some(Err(e)),
        }
        let left = self.batch.as_ref().map_or(1, |b| b.num_rows() - self.at);
        let (first, rows) = (self.row - 1, left.min(most.max(1)));
        let whole = rows == self.batch.as_ref().map_or(0, RecordBatch::num_rows);
        let mut columns: Vec<Column> = self.columns.iter().map(|c| c.part(self.at, rows)).collect();
        let scan = if whole {
            scan::scan(&mut self.columns, rows, typing, |c, row, t| drop(typed(c, row, t)))
        } else {
            scan::scan(&mut columns, rows, typing, |c, row, t| drop(typed(c, row, t)))
        };
        self.at += rows - 1;
        self.row += (rows - 1) as u64;
        Some(Ok(Part { scan, columns, first }))
    }

    fn is_table(&self) -> bool {
        true
    }

    fn mark(&self) -> Mark {
        Mark { bytes: 0, line: self.row }
    }

    fn skip_to(&mut self, mark: Mark, _typing: &mut Typing<'_>) -> Result<(), RowsError> {
        self.skip = mark.line;
        Ok(())
    }
}
