//! Events from files: NDJSON, CSV, Parquet, Arrow IPC, row by row, typed exactly against the deal's declarations.
//!
//! Data flow: bytes -> `open` -> `ndjson` or `csv_rows` (cells with their columns) or `table` (columns) -> `typed` (values) ->
//! [`Event`].
//! Invariant: a row is read whole or refused with its row, line, column where known, and field; memory is flat in the
//! number of rows; nothing is guessed.

mod blocks;
mod cell;
mod csv_rows;
mod files;
mod hashing;
mod ndjson;
mod open;
mod table;
mod tail;
mod typed;

pub use files::files;
pub use hashing::Proof;
pub use open::by_ending;
pub use table::{ABSENT, Block, Cells, MoneyUnit, PARTS, Scan};
pub use tail::Tail;

use crate::error::InputError;
use crate::names::Names;
use crate::receipt::FileHash;
use habendum_norm::event::Event;
use hashing::{Hashing, Tally};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{BufReader, Read};
use std::sync::Arc;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// A header line, then a row a record.
    Csv,
    /// Parquet.
    Parquet,
    /// Arrow IPC with a footer (`.arrow`, `.feather`).
    ArrowFile,
    /// Arrow IPC as a stream (`.arrows`).
    ArrowStream,
}

/// How rows are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Fields that the kind of a row does not have are left unread, instead of being a fault.
    pub ignore_unknown: bool,
    /// What whole numbers of Parquet and Arrow columns of money count.
    pub money: MoneyUnit,
}

/// A row that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// The file as named on the command line.
    pub file: String,
    /// Row of the stream, from 1, over all files.
    pub row: u64,
    /// Line of the file, from 1; of a table, its row of the file.
    pub line: u64,
    /// Parquet and Arrow IPC have rows and no lines.
    pub is_table: bool,
    /// Column of the line, from 1, in characters, where known.
    pub column: Option<usize>,
    /// The field to blame, where one is.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What helps.
    pub help: Option<String>,
}

impl RowFault {
    /// `file:line` or `file:line:column`; of a table, the file.
    #[must_use]
    pub fn place(&self) -> String {
        match self.column {
            _ if self.is_table => self.file.clone(),
            Some(c) => format!("{}:{}:{c}", self.file, self.line),
            None => format!("{}:{}", self.file, self.line),
        }
    }
}

impl RowFault {
    /// What is wrong, with its row and field.
    #[must_use]
    pub fn said(&self) -> String {
        let within = if self.is_table && self.line != self.row {
            format!(" (row {} of the file)", self.line)
        } else {
            String::new()
        };
        let field = self.field.as_ref().map(|f| format!(", field `{f}`")).unwrap_or_default();
        format!("row {}{within}{field}: {}", self.row, self.message)
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.said())
    }
}

/// What is wrong with a cell or a row, before it has a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    pub column: Option<usize>,
    pub field: Option<String>,
    pub message: String,
    pub help: Option<String>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Fault { message: message.into(), ..Fault::default() }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why the next row is not there.
#[derive(Clone, Debug)]
pub enum ReadError {
    /// The row is bad; the next one can be read.
    Row(Box<RowFault>),
    /// The file cannot be read on.
    Fatal(InputError),
}

/// Rows of one file, as cells.
trait Rows {
    /// Reads the next row and types it; `None` at the end of the file.
    fn next_row(&mut self, typing: &mut typed::Typing<'_>) -> Option<Result<typed::Typed, RowsError>>;
    /// Reads some rows of a table together; `None` at the end of the file, and of a text.
    fn next_block(
        &mut self,
        _typing: &mut typed::Typing<'_>,
        _most: usize,
    ) -> Option<Result<table::Part, RowsError>> {
        None
    }
    /// Line on which the last row began.
    fn line(&self) -> u64;
    /// The last row as it was written.
    fn raw(&self) -> String;
    /// Where the next row begins.
    fn mark(&self) -> Mark;
    /// Passes over what stands before a mark of the same file. Called before any row is read.
    fn skip_to(&mut self, mark: Mark, typing: &mut typed::Typing<'_>) -> Result<(), RowsError>;
    /// True where the file has rows and no lines.
    fn is_table(&self) -> bool {
        false
    }
}

/// A place between two rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Bytes before it, after any decompression; not used for tables.
    pub bytes: u64,
    /// Lines before it; rows, of a table.
    pub line: u64,
}

/// How far a stream has been read: everything needed to go on in another run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Files read to their ends, in order, and then the one at hand.
    pub files: Vec<Proof>,
    /// Where in the last of them.
    pub mark: Mark,
    /// Whether that is its end.
    pub at_end: bool,
    /// Rows of the stream so far.
    pub row: u64,
}

enum RowsError {
    Row(Fault),
    Io(String),
    Header(Fault),
}

/// A stream of events over any number of files.
pub struct EventReader {
    pending: std::vec::IntoIter<String>,
    current: Option<(Arc<str>, Box<dyn Rows + Send>)>,
    /// Files that an earlier run has read.
    before: Vec<Proof>,
    resume: Option<(Proof, Mark)>,
    tallies: Vec<Tally>,
    options: ReadOptions,
    tail: Option<Tail>,
    zone: TimeZone,
    row: u64,
    line: u64,
    is_table: bool,
    file: Arc<str>,
    mark: Mark,
    at_end: bool,
    /// The last day, where the order of dates is held here.
    last: Option<Date>,
    any_order: bool,
}

impl EventReader {
    /// A stream over files, in the order given; `-` is standard input. Files are opened as they are reached.
    ///
    /// # Errors
    /// Where the deal's zone is unknown on this machine.
    pub fn new(files: Vec<String>, names: &Names) -> Result<Self, InputError> {
        let zone = &names.symbols.agreement.zone;
        let zone = if zone.is_empty() {
            TimeZone::UTC
        } else {
            TimeZone::get(zone).map_err(|e| InputError::new(format!("time zone `{zone}`: {e}")))?
        };
        Ok(EventReader {
            pending: files.into_iter(),
            current: None,
            before: Vec::new(),
            resume: None,
            tallies: Vec::new(),
            options: ReadOptions::default(),
            tail: None,
            zone,
            row: 0,
            line: 0,
            is_table: false,
            file: Arc::from(""),
            mark: Mark::default(),
            at_end: true,
            last: None,
            any_order: false,
        })
    }

    /// Sets how rows are taken.
    #[must_use]
    pub fn with(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self
    }

    /// Follows the last file as it grows.
    #[must_use]
    pub fn following(mut self, tail: Tail) -> Self {
        self.tail = Some(tail);
        self
    }

    /// Leaves the order of dates to whoever takes the events.
    #[must_use]
    pub fn in_any_order(mut self) -> Self {
        self.any_order = true;
        self
    }

    /// Goes on where another run stopped. Files that it read to their ends need not be there any more.
    ///
    /// # Errors
    /// Where the file within which it stopped is not among the files.
    pub fn resume(&mut self, position: Position) -> Result<(), InputError> {
        let Position { mut files, mark, at_end, row } = position;
        self.row = row;
        let Some(last) = files.pop() else { return Ok(()) };
        let mut given: Vec<String> = self.pending.by_ref().collect();
        given.retain(|g| !files.iter().any(|f| f.name == *g));
        if given.first() == Some(&last.name) {
            self.resume = Some((last, mark));
        } else if at_end && !given.contains(&last.name) {
            files.push(last);
            self.at_end = true;
        } else {
            let name = last.name;
            return Err(InputError::new(format!(
                "the state stopped within {name}, which is not the next of the files given"
            ))
            .help("give the same files again, in the same order; further ones may follow"));
        }
        self.before = files;
        self.pending = given.into_iter();
        Ok(())
    }

    /// A stream over one open source, for tests and for other sources than files.
    ///
    /// # Errors
    /// As [`EventReader::new`].
    pub fn from_reader(
        name: &str,
        format: Format,
        source: Box<dyn Read + Send>,
        names: &Names,
    ) -> Result<Self, InputError> {
        let mut reader = EventReader::new(Vec::new(), names)?;
        let tally = Tally::new(name);
        reader.tallies.push(tally.clone());
        let source = BufReader::new(Hashing { source, tally });
        reader.current = Some((Arc::from(name), open::rows(format, Box::new(source))));
        Ok(reader)
    }

    /// Opens the next file where none is at hand; `None` where there is none.
    fn at_rows(&mut self, names: &mut Names) -> Option<Result<(), InputError>> {
        if self.current.is_some() {
            return Some(Ok(()));
        }
        let file = self.pending.next()?;
        Some(self.open(&file, names))
    }

    /// The next event; `None` at the end.
    pub fn next_event(&mut self, names: &mut Names) -> Option<Result<Event, ReadError>> {
        loop {
            if let Err(e) = self.at_rows(names)? {
                return Some(Err(ReadError::Fatal(e)));
            }
            let (file, rows) = self.current.as_mut()?;
            let ignore_unknown = self.options.ignore_unknown;
            let mut typing = typed::Typing { names, zone: &self.zone, ignore_unknown };
            let next = rows.next_row(&mut typing);
            self.mark = rows.mark();
            match next {
                None => {
                    self.current = None;
                    self.at_end = true;
                }
                Some(Err(RowsError::Io(e))) => {
                    return Some(Err(ReadError::Fatal(cannot_be_read(file, &e))));
                }
                Some(Err(RowsError::Header(f))) => {
                    return Some(Err(ReadError::Fatal(bad_header(file, rows.is_table(), f))));
                }
                Some(Ok(typed)) => {
                    self.count();
                    return Some(self.place(Ok(typed)));
                }
                Some(Err(RowsError::Row(fault))) => {
                    self.count();
                    return Some(self.place(Err(fault)));
                }
            }
        }
    }

    fn open(&mut self, file: &str, names: &mut Names) -> Result<(), InputError> {
        let tally = Tally::new(file);
        self.tallies.push(tally.clone());
        let resume = self.resume.take();
        if let Some((proof, _)) = &resume {
            tally.expect(proof.clone());
        }
        let tail = self.tail.clone().filter(|_| self.pending.as_slice().is_empty());
        let mut rows = open::open(file, &tally, self.options, tail)?;
        self.at_end = false;
        self.mark = Mark::default();
        if let Some((_, mark)) = resume {
            let ignore_unknown = self.options.ignore_unknown;
            let mut typing = typed::Typing { names, zone: &self.zone, ignore_unknown };
            rows.skip_to(mark, &mut typing).map_err(|e| of_file(file, rows.is_table(), e))?;
            self.mark = mark;
        }
        self.file = Arc::from(file);
        self.current = Some((Arc::clone(&self.file), rows));
        Ok(())
    }

    fn count(&mut self) {
        self.row += 1;
        if let Some((_, rows)) = &self.current {
            self.line = rows.line();
            self.is_table = rows.is_table();
        }
    }

    /// Bytes read so far, over all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.tallies.iter().map(Tally::bytes).sum()
    }

    /// The hash of each file, of what has been read of it.
    #[must_use]
    pub fn hashes(&self) -> Vec<FileHash> {
        let before = self.before.iter().map(|p| FileHash { name: p.name.clone(), sha256: p.sha256.clone() });
        before.chain(self.tallies.iter().map(Tally::hash)).collect()
    }

    /// How far the stream has been read.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            files: self.before.iter().cloned().chain(self.tallies.iter().map(Tally::proof)).collect(),
            mark: self.mark,
            at_end: self.at_end,
            row: self.row,
        }
    }

    /// The last row as it was written, for a quarantine.
    #[must_use]
    pub fn raw(&self) -> String {
        self.current.as_ref().map(|(_, r)| r.raw()).unwrap_or_default()
    }

    /// The place of the last row, for a fault that shows only when it is judged.
    #[must_use]
    pub fn fault(&self, field: Option<String>, message: String) -> RowFault {
        let file = self.current.as_ref().map(|(f, _)| f.to_string()).unwrap_or_default();
        let (row, line, is_table) = (self.row, self.line, self.is_table);
        RowFault { file, row, line, is_table, column: None, field, message, help: None }
    }

    /// Gives the row its number and holds it to the order of dates.
    fn place(&mut self, result: Result<typed::Typed, Fault>) -> Result<Event, ReadError> {
        let fault = |f: Fault| {
            let fault = self.fault(f.field, f.message);
            ReadError::Row(Box::new(RowFault { column: f.column, help: f.help, ..fault }))
        };
        let typed = result.map_err(fault)?;
        if let Some(last) = self.last.filter(|last| !self.any_order && typed.date < *last) {
            return Err(fault(out_of_order(typed.date, last, typed.instant.is_some())));
        }
        self.last = Some(typed.date);
        Ok(Event {
            row: self.row,
            date: typed.date,
            instant: typed.instant,
            kind: typed.kind,
            fields: typed.fields,
        })
    }
}

/// What is wrong with a row that comes after one of a later day.
pub(crate) fn out_of_order(date: Date, last: Date, has_instant: bool) -> Fault {
    Fault {
        field: Some(if has_instant { "at" } else { "date" }.to_owned()),
        ..Fault::new(format!("out of order: {date} comes after a row of {last}"))
    }
    .help("sort the stream by date; rows of one day count in the order given")
}

fn cannot_be_read(file: &str, e: &str) -> InputError {
    InputError::at(file, format!("cannot be read: {e}"))
}

/// A fault of a file, not of one of its rows.
fn of_file(file: &str, is_table: bool, e: RowsError) -> InputError {
    match e {
        RowsError::Io(e) => cannot_be_read(file, &e),
        RowsError::Header(f) | RowsError::Row(f) => bad_header(file, is_table, f),
    }
}

fn bad_header(file: &str, is_table: bool, f: Fault) -> InputError {
    let mut e = match (&f.field, is_table) {
        (Some(column), true) => InputError::at(file, format!("column `{column}`: {}", f.message)),
        (None, true) => InputError::at(file, f.message),
        (_, false) => InputError::at(format!("{file}:1"), f.message),
    };
    e.help.extend(f.help);
    e
}
