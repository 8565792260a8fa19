//! Events from files: NDJSON and CSV, row by row, typed exactly against the deal's declarations.
//!
//! Data flow: bytes -> `ndjson` or `csv_rows` (cells with their columns) -> `typed` (values) -> [`Event`].
//! Invariant: a row is read whole or refused with its row, line, column where known, and field; memory is flat in the
//! number of rows; nothing is guessed.

mod cell;
mod csv_rows;
mod hashing;
mod ndjson;
mod typed;

use crate::error::InputError;
use crate::names::Names;
use crate::receipt::FileHash;
use habendum_norm::event::Event;
use hashing::{Hashing, Tally};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;
use std::io::{BufRead, BufReader, Read};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// A header line, then a row a record.
    Csv,
}

/// A row that cannot be taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The file as named on the command line.
    pub file: String,
    /// Row of the stream, from 1, over all files.
    pub row: u64,
    /// Line of the file, from 1.
    pub line: u64,
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
    /// `file:line` or `file:line:column`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.column {
            Some(c) => format!("{}:{}:{c}", self.file, self.line),
            None => format!("{}:{}", self.file, self.line),
        }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: row {}", self.place(), self.row)?;
        if let Some(field) = &self.field {
            write!(f, ", field `{field}`")?;
        }
        write!(f, ": {}", self.message)
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
    /// Line on which the last row began.
    fn line(&self) -> u64;
    /// The last row as it was written.
    fn raw(&self) -> String;
}

enum RowsError {
    Row(Fault),
    Io(String),
    Header(Fault),
}

/// A stream of events over any number of files.
pub struct EventReader {
    pending: std::vec::IntoIter<String>,
    current: Option<(String, Box<dyn Rows + Send>)>,
    tallies: Vec<Tally>,
    zone: TimeZone,
    row: u64,
    line: u64,
    last: Option<Date>,
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
            tallies: Vec::new(),
            zone,
            row: 0,
            line: 0,
            last: None,
        })
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
        reader.current = Some((name.to_owned(), rows(format, Box::new(source))));
        Ok(reader)
    }

    /// The next event; `None` at the end.
    pub fn next_event(&mut self, names: &mut Names) -> Option<Result<Event, ReadError>> {
        loop {
            if self.current.is_none() {
                let file = self.pending.next()?;
                let tally = Tally::new(&file);
                self.tallies.push(tally.clone());
                match open(&file, tally) {
                    Ok(rows) => self.current = Some((file, rows)),
                    Err(e) => return Some(Err(ReadError::Fatal(e))),
                }
            }
            let (file, rows) = self.current.as_mut()?;
            let mut typing = typed::Typing { names, zone: &self.zone };
            match rows.next_row(&mut typing) {
                None => self.current = None,
                Some(Err(RowsError::Io(e))) => {
                    let e = InputError::at(file.clone(), format!("cannot be read: {e}"));
                    return Some(Err(ReadError::Fatal(e)));
                }
                Some(Err(RowsError::Header(f))) => {
                    let mut e = InputError::at(format!("{file}:1"), f.message);
                    e.help.extend(f.help);
                    return Some(Err(ReadError::Fatal(e)));
                }
                Some(result) => {
                    self.row += 1;
                    self.line = rows.line();
                    let file = file.clone();
                    return Some(self.place(
                        file,
                        result.map_err(|e| match e {
                            RowsError::Row(f) | RowsError::Header(f) => f,
                            RowsError::Io(m) => Fault::new(m),
                        }),
                    ));
                }
            }
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
        self.tallies.iter().map(Tally::hash).collect()
    }

    /// The last row as it was written, for a quarantine.
    #[must_use]
    pub fn raw(&self) -> String {
        self.current.as_ref().map(|(_, r)| r.raw()).unwrap_or_default()
    }

    /// The place of the last row, for a fault that shows only when it is judged.
    #[must_use]
    pub fn fault(&self, field: Option<String>, message: String) -> RowFault {
        let file = self.current.as_ref().map(|(f, _)| f.clone()).unwrap_or_default();
        RowFault { file, row: self.row, line: self.line, column: None, field, message, help: None }
    }

    /// Gives the row its number and holds it to the order of dates.
    fn place(&mut self, file: String, result: Result<typed::Typed, Fault>) -> Result<Event, ReadError> {
        let fault = |f: Fault| {
            ReadError::Row(Box::new(RowFault {
                file: file.clone(),
                row: self.row,
                line: self.line,
                column: f.column,
                field: f.field,
                message: f.message,
                help: f.help,
            }))
        };
        let typed = result.map_err(fault)?;
        if let Some(last) = self.last
            && typed.date < last
        {
            return Err(fault(
                Fault {
                    field: Some(if typed.instant.is_some() { "at" } else { "date" }.to_owned()),
                    ..Fault::new(format!("out of order: {} comes after a row of {last}", typed.date))
                }
                .help("sort the stream by date; rows of one day count in the order given"),
            ));
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

fn rows(format: Format, source: Box<dyn BufRead + Send>) -> Box<dyn Rows + Send> {
    match format {
        Format::Ndjson => Box::new(ndjson::Ndjson::new(source)),
        Format::Csv => Box::new(csv_rows::CsvRows::new(source)),
    }
}

/// Opens a file, or standard input, and finds its format: by the ending, else by its first byte.
fn open(file: &str, tally: Tally) -> Result<Box<dyn Rows + Send>, InputError> {
    let fail = |e: std::io::Error| {
        if e.kind() == std::io::ErrorKind::NotFound {
            InputError::at(file, "no such file").help("name an NDJSON or CSV file, or - for standard input")
        } else {
            InputError::at(file, format!("cannot be read: {e}"))
        }
    };
    let source: Box<dyn Read + Send> = if file == "-" {
        Box::new(std::io::stdin())
    } else {
        let f = std::fs::File::open(file).map_err(fail)?;
        if f.metadata().map_err(fail)?.is_dir() {
            return Err(InputError::at(file, "is a folder, not a file of events"));
        }
        Box::new(f)
    };
    let mut source = BufReader::with_capacity(1 << 16, Hashing { source, tally });
    let format = match by_ending(file) {
        Some(f) => f,
        None => {
            let first = source.fill_buf().map_err(fail)?;
            let first = first.iter().find(|b| !b.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(b));
            if first.is_none_or(|b| *b == b'{') { Format::Ndjson } else { Format::Csv }
        }
    };
    Ok(rows(format, Box::new(source)))
}

/// The format that a file's ending names.
#[must_use]
pub fn by_ending(file: &str) -> Option<Format> {
    let (_, ending) = file.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "csv" => Some(Format::Csv),
        "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
        _ => None,
    }
}
