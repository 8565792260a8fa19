//! NDJSON: one object a line, blank lines skipped. Numbers keep their digits; a key that stands twice is an error.

use super::cell::{Cell, Form};
use super::typed::{Typed, Typing};
use super::{Fault, Mark, Rows, RowsError};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, Read};

/// The longest line that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Lines of a source.
pub(super) struct Ndjson {
    source: Box<dyn BufRead + Send>,
    buffer: Vec<u8>,
    line: u64,
    bytes: u64,
}

impl Ndjson {
    pub(super) fn new(source: Box<dyn BufRead + Send>) -> Self {
        Ndjson { source, buffer: Vec::new(), line: 0, bytes: 0 }
    }

    /// Reads up to the next line that is not blank; false at the end.
    fn fill(&mut self) -> Result<bool, RowsError> {
        loop {
            self.buffer.clear();
            let n = (&mut self.source)
                .take(LONGEST)
                .read_until(b'\n', &mut self.buffer)
                .map_err(|e| RowsError::Io(e.to_string()))?;
            if n == 0 {
                return Ok(false);
            }
            self.line += 1;
            self.bytes += n as u64;
            if n as u64 == LONGEST && self.buffer.last() != Some(&b'\n') {
                return Err(RowsError::Io(format!("line {} is longer than {LONGEST} bytes", self.line)));
            }
            if self.line == 1 && self.buffer.starts_with(b"\xEF\xBB\xBF") {
                self.buffer.drain(..3);
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}

impl Rows for Ndjson {
    fn next_row(&mut self, typing: &mut Typing<'_>) -> Option<Result<Typed, RowsError>> {
        match self.fill() {
            Ok(true) => Some(parse(&self.buffer, typing).map_err(RowsError::Row)),
            Ok(false) => None,
            Err(e) => Some(Err(e)),
        }
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn mark(&self) -> Mark {
        Mark { bytes: self.bytes, line: self.line }
    }

    fn skip_to(&mut self, mark: Mark, _typing: &mut Typing<'_>) -> Result<(), RowsError> {
        let passed = std::io::copy(&mut (&mut self.source).take(mark.bytes), &mut std::io::sink());
        self.bytes = passed.map_err(|e| RowsError::Io(e.to_string()))?;
        self.line = mark.line;
        Ok(())
    }

    fn raw(&self) -> String {
        String::from_utf8_lossy(self.buffer.trim_ascii_end()).into_owned()
    }
}

/// Types one line.
fn parse(line: &[u8], typing: &mut Typing<'_>) -> Result<Typed, Fault> {
    let text = std::str::from_utf8(line).map_err(|e| {
        let byte = line.get(e.valid_up_to()).copied().unwrap_or(0);
        Fault {
            column: Some(e.valid_up_to() + 1),
            ..Fault::new(format!("not UTF-8: byte 0x{byte:02X}")).help("write the stream as UTF-8")
        }
    })?;
    let object: Object<'_> = serde_json::from_str(text).map_err(|e| json_fault(&e, text))?;
    let mut cells = Vec::with_capacity(object.0.len());
    for (key, raw) in object.0 {
        // The raw value is a slice of the line, so its address tells its column.
        let at = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let column = Some(text.get(..at).map_or(at, |s| s.chars().count()) + 1);
        if let Some(cell) = cell(raw.get(), column) {
            cells.push((key, cell));
        }
    }
    typing.row(cells)
}

fn json_fault(e: &serde_json::Error, text: &str) -> Fault {
    let message = e.to_string();
    let message = message.split(" at line ").next().unwrap_or("not JSON").to_owned();
    let trimmed = text.trim_start();
    let column = Some(e.column().max(1));
    let fault = Fault { column, ..Fault::new(format!("not a JSON object: {message}")) };
    if trimmed.starts_with('{') {
        fault
    } else {
        fault.help("one object a line, such as {\"kind\":\"Launch\",\"date\":\"2026-06-01\",…}")
    }
}

/// The cell of a raw value; none for `null`.
fn cell(raw: &str, column: Option<usize>) -> Option<Cell<'_>> {
    let (text, form) = match raw.as_bytes().first() {
        Some(b'n') | None => return None,
        Some(b'"') => (unquote(raw), Form::String),
        Some(b't' | b'f') => (Cow::Borrowed(raw), Form::Bool),
        Some(b'[' | b'{') => (Cow::Borrowed(raw), Form::Nested),
        Some(_) => (Cow::Borrowed(raw), Form::Number),
    };
    Some(Cell { text, form, column })
}

fn unquote(raw: &str) -> Cow<'_, str> {
    if raw.contains('\\') {
        // The deserializer has checked the text, so this cannot fail; the raw text is the honest fallback.
        serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(raw), Cow::Owned)
    } else {
        Cow::Borrowed(raw.get(1..raw.len().saturating_sub(1)).unwrap_or(""))
    }
}

/// A flat object with its keys in order.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut entries: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some((Key(k), v)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    if entries.iter().any(|(e, _)| *e == k) {
                        return Err(serde::de::Error::custom(format!("the key \"{k}\" stands twice")));
                    }
                    entries.push((k, v));
                }
                Ok(Object(entries))
            }
        }
        d.deserialize_map(Keys)
    }
}

/// A key, borrowed from the line where it has no escape.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(v.to_owned())))
            }
        }
        d.deserialize_str(Text)
    }
}
