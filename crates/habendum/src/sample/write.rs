//! Sampled rows as NDJSON, CSV, Parquet or Arrow IPC. Invariant: what is written reads back as the same event.

use crate::error::InputError;
use crate::event_read::{Format, by_ending};
use crate::names::Names;
use crate::outcome_write::{AtomicFile, EventTable};
use habendum_model::expr::Type;
use habendum_model::value::{Exact, Value};
use habendum_norm::event::Event;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

/// Where rows go: a file that appears whole or not at all, or a temporary one for standard output.
pub struct Sink {
    path: Option<String>,
    format: Format,
    columns: Vec<String>,
    to: To,
}

enum To {
    Nowhere,
    File(Box<AtomicFile>),
    Temporary(BufWriter<File>),
    /// Begun once the columns are known.
    Table(Option<Box<EventTable>>),
}

impl Sink {
    /// A file whose ending names the format; a temporary file, in NDJSON, without one.
    ///
    /// # Errors
    /// An ending that names no format; a folder that cannot be written.
    pub fn create(path: Option<&str>) -> Result<Self, InputError> {
        let (format, to) = match path {
            Some(p) => {
                let format = by_ending(p).ok_or_else(|| {
                    InputError::at(p, "events are written as NDJSON, CSV, Parquet or Arrow IPC")
                        .help("end the name in .ndjson, .csv, .parquet, .arrow or .arrows")
                })?;
                let to = match format {
                    Format::Ndjson | Format::Csv => To::File(Box::new(AtomicFile::create(p)?)),
                    Format::Parquet | Format::ArrowFile | Format::ArrowStream => To::Table(None),
                };
                (format, to)
            }
            None => (Format::Ndjson, temporary()?),
        };
        Ok(Sink { path: path.map(str::to_owned), format, columns: Vec::new(), to })
    }

    /// A sink that keeps nothing, for a trial.
    pub(super) fn none() -> Self {
        Sink { path: None, format: Format::Ndjson, columns: Vec::new(), to: To::Nowhere }
    }

    /// Begins again with nothing written.
    pub(super) fn clear(&mut self) -> Result<(), InputError> {
        match (&mut self.to, &self.path) {
            (To::File(f), Some(p)) => **f = AtomicFile::create(p)?,
            (To::Temporary(_), _) => self.to = temporary()?,
            (To::Table(t), _) => *t = None,
            (To::Nowhere, _) | (To::File(_), None) => {}
        }
        Ok(())
    }

    /// The header, where the format has one: the fields of every kind, each once.
    pub(super) fn begin(&mut self, names: &Names) -> Result<(), InputError> {
        self.columns = vec!["date".to_owned(), "kind".to_owned()];
        for name in names.symbols.events.values().flat_map(|e| e.fields.keys()) {
            if !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
        match self.format {
            Format::Csv => self.line(&csv_line(self.columns.iter().map(String::as_str))),
            Format::Ndjson => Ok(()),
            Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
                if let (To::Table(t), Some(path)) = (&mut self.to, &self.path) {
                    *t = Some(Box::new(EventTable::create(path, self.format, names)?));
                }
                Ok(())
            }
        }
    }

    /// One row.
    pub(super) fn event(&mut self, e: &Event, names: &Names) -> Result<(), InputError> {
        match &mut self.to {
            To::Nowhere => return Ok(()),
            To::Table(t) => return t.as_mut().map_or(Ok(()), |t| t.event(e, names)),
            To::File(_) | To::Temporary(_) => {}
        }
        let info = names.symbols.event_info(e.kind);
        let kind = names.symbols.event_name(e.kind);
        let given = info
            .fields
            .iter()
            .zip(&e.fields)
            .filter(|((n, _), v)| !matches!(v, Value::Absent) && *n != "date");
        let line = match self.format {
            Format::Ndjson | Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
                let mut line = format!("{{\"date\":\"{}\",\"kind\":{}", e.date, quoted(kind));
                for ((name, f), v) in given {
                    let cell = cell(v, f.ty, names);
                    let bare = matches!((f.ty, v), (Type::Bool | Type::Int | Type::Decimal(_), _));
                    let cell = if bare { cell } else { quoted(&cell) };
                    line.push_str(&format!(",{}:{cell}", quoted(name)));
                }
                line.push_str("}\n");
                line
            }
            Format::Csv => {
                let mut cells = vec![String::new(); self.columns.len()];
                let mut put = |name: &str, text: String| {
                    if let Some(i) = self.columns.iter().position(|c| c == name) {
                        cells[i] = text;
                    }
                };
                put("date", e.date.to_string());
                put("kind", kind.to_owned());
                for ((name, f), v) in given {
                    put(name, cell(v, f.ty, names));
                }
                csv_line(cells.iter().map(String::as_str))
            }
        };
        self.line(&line)
    }

    fn line(&mut self, line: &str) -> Result<(), InputError> {
        let written = match &mut self.to {
            To::Nowhere | To::Table(_) => Ok(()),
            To::File(f) => f.write_all(line.as_bytes()),
            To::Temporary(f) => f.write_all(line.as_bytes()),
        };
        written.map_err(|e| failed(self.path.as_deref(), &e))
    }

    /// After the last row, with the names of all of them.
    pub(super) fn end(&mut self, names: &Names) -> Result<(), InputError> {
        match &mut self.to {
            To::Table(t) => t.take().map_or(Ok(()), |t| t.finish(names)),
            To::Nowhere | To::File(_) | To::Temporary(_) => Ok(()),
        }
    }

    /// Gives the file its name; copies what went to a temporary one to `out`.
    ///
    /// # Errors
    /// Where the disk or the copy refuses.
    pub fn finish(self, out: &mut dyn Write) -> Result<(), InputError> {
        let fail = |e: std::io::Error| failed(None, &e);
        match self.to {
            To::Nowhere | To::Table(_) => Ok(()),
            To::File(f) => f.commit(),
            To::Temporary(f) => {
                let mut file = f.into_inner().map_err(|e| fail(e.into_error()))?;
                file.rewind().map_err(fail)?;
                let mut from = BufReader::with_capacity(1 << 16, file);
                let mut buffer = vec![0; 1 << 16];
                loop {
                    match from.read(&mut buffer).map_err(fail)? {
                        0 => return out.flush().or_else(closed).map_err(fail),
                        n => match out.write_all(buffer.get(..n).unwrap_or_default()) {
                            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                            other => other.map_err(fail)?,
                        },
                    }
                }
            }
        }
    }
}

/// A reader that closed the pipe has seen enough.
fn closed(e: std::io::Error) -> std::io::Result<()> {
    if e.kind() == std::io::ErrorKind::BrokenPipe { Ok(()) } else { Err(e) }
}

fn temporary() -> Result<To, InputError> {
    let file =
        tempfile::tempfile().map_err(|e| InputError::new(format!("a temporary file cannot be made: {e}")))?;
    Ok(To::Temporary(BufWriter::with_capacity(1 << 16, file)))
}

fn failed(path: Option<&str>, e: &std::io::Error) -> InputError {
    InputError::at(path.unwrap_or("standard output"), format!("cannot be written: {e}"))
}

/// A value as events write it.
fn cell(v: &Value, ty: Type, names: &Names) -> String {
    match (v, ty) {
        (Value::Number(n), Type::Percent) => match n.mul(Exact::int(100)) {
            Ok(n) => format!("{n}%"),
            Err(_) => n.to_string(),
        },
        (Value::Money(m, c), _) if m.is_integer() => names.plain_money(m.numer(), *c),
        _ => names.value(v),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn csv_line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut line = cells.map(csv_cell).collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
