//! CSV: a header with `kind`, `date` or `at`, and field names; then a record a row. An empty cell is an absent value.
//!
//! Invariant: the header is checked once, so that a misspelt column is an error before any row is judged.

use super::cell::{Cell, Form};
use super::typed::{Typed, Typing};
use super::{Fault, Mark, Rows, RowsError};
use crate::error::nearest;
use csv::{ByteRecord, ReaderBuilder};
use std::borrow::Cow;
use std::io::BufRead;

/// Records of a source.
pub(super) struct CsvRows {
    reader: csv::Reader<Box<dyn BufRead + Send>>,
    header: Option<Vec<String>>,
    record: ByteRecord,
    line: u64,
}

impl CsvRows {
    pub(super) fn new(source: Box<dyn BufRead + Send>) -> Self {
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
        CsvRows { reader, header: None, record: ByteRecord::new(), line: 0 }
    }

    /// Reads the next record that is not blank; false at the end.
    fn fill(&mut self) -> Result<bool, RowsError> {
        let more =
            self.reader.read_byte_record(&mut self.record).map_err(|e| RowsError::Io(e.to_string()))?;
        self.line = self.record.position().map_or(self.line, csv::Position::line);
        Ok(more)
    }

    fn read_header(&mut self, typing: &Typing<'_>) -> Result<(), RowsError> {
        if !self.fill()? {
            return Err(RowsError::Header(
                Fault::new("the file is empty: a CSV begins with a header")
                    .help("the first line names the columns: kind,date,FIELD,…"),
            ));
        }
        let mut header = Vec::with_capacity(self.record.len());
        for (i, cell) in self.record.iter().enumerate() {
            let cell = if i == 0 { cell.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(cell) } else { cell };
            let name = String::from_utf8_lossy(cell).trim().to_owned();
            if header.contains(&name) {
                return Err(RowsError::Header(Fault::new(format!("the column `{name}` stands twice"))));
            }
            check_column(&name, typing)?;
            header.push(name);
        }
        let has = |n: &str| header.iter().any(|h| h == n);
        if !has("kind") || !(has("date") || has("at")) {
            return Err(RowsError::Header(
                Fault::new("the header has no column `kind`, or neither `date` nor `at`")
                    .help("the first line names the columns: kind,date,FIELD,…"),
            ));
        }
        self.header = Some(header);
        Ok(())
    }
}

/// A column must be a field of some kind.
fn check_column(name: &str, typing: &Typing<'_>) -> Result<(), RowsError> {
    if typing.ignore_unknown || matches!(name, "kind" | "date" | "at") {
        return Ok(());
    }
    let events = &typing.names.symbols.events;
    if events.values().any(|e| e.fields.contains_key(name)) {
        return Ok(());
    }
    let known = events.values().flat_map(|e| e.fields.keys().map(String::as_str));
    let mut fault = Fault::new(format!("no event kind has a field `{name}`"));
    if let Some(n) = nearest(name, known.chain(["kind", "date", "at"])) {
        fault = fault.help(format!("did you mean `{n}`?"));
    }
    Err(RowsError::Header(fault))
}

impl Rows for CsvRows {
    fn next_row(&mut self, typing: &mut Typing<'_>) -> Option<Result<Typed, RowsError>> {
        if self.header.is_none()
            && let Err(e) = self.read_header(typing)
        {
            return Some(Err(e));
        }
        match self.fill() {
            Ok(true) => {}
            Ok(false) => return None,
            Err(e) => return Some(Err(e)),
        }
        let header = self.header.as_deref().unwrap_or_default();
        Some(cells(header, &self.record).and_then(|c| typing.row(c)).map_err(RowsError::Row))
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn mark(&self) -> Mark {
        Mark { bytes: self.reader.position().byte(), line: self.reader.position().line() }
    }

    fn skip_to(&mut self, mark: Mark, typing: &mut Typing<'_>) -> Result<(), RowsError> {
        if mark.bytes == 0 {
            return Ok(());
        }
        self.read_header(typing)?;
        while self.reader.position().byte() < mark.bytes && self.fill()? {}
        Ok(())
    }

    fn raw(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = writer.write_byte_record(&self.record).is_ok();
        let bytes = writer.into_inner().unwrap_or_default();
        if written { String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned() } else { String::new() }
    }
}

fn cells<'a>(header: &'a [String], record: &'a ByteRecord) -> Result<Vec<(Cow<'a, str>, Cell<'a>)>, Fault> {
    if record.len() != header.len() {
        return Err(Fault::new(format!(
            "{} cells where the header has {} columns",
            record.len(),
            header.len()
        )));
    }
    let mut cells = Vec::with_capacity(header.len());
    for (name, bytes) in header.iter().zip(record.iter()) {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault {
            field: Some(name.clone()),
            ..Fault::new("not UTF-8").help("write the stream as UTF-8")
        })?;
        if !text.is_empty() {
            cells.push((
                Cow::Borrowed(name.as_str()),
                Cell { text: Cow::Borrowed(text), form: Form::Untyped, column: None },
            ));
        }
    }
    Ok(cells)
}
