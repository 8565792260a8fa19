//! Opening a file of events, or standard input: what it is compressed with and what it holds, by its first bytes.
//!
//! Data flow: bytes -> hash -> gzip or zstd, where they begin so -> Parquet, Arrow IPC, or text by the file's ending and
//! first character. Invariant: nothing is held in memory; what must be read from its end goes through a temporary file.

use super::hashing::{Hashing, Tally};
use super::table::TableRows;
use super::table::ipc::{IpcFile, IpcStream};
use super::table::parquet::ParquetFile;
use super::tail::Tail;
use super::{Format, ReadOptions, Rows, csv_rows, ndjson};
use crate::error::InputError;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek};

/// Bytes that tell what a file holds.
const MAGIC: usize = 8;

type Source = Box<dyn BufRead + Send>;

/// What a file begins as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Gzip,
    Zstd,
    Parquet,
    ArrowFile,
    ArrowStream,
    Text,
}

fn found(first: &[u8]) -> Found {
    if first.starts_with(b"\x1F\x8B") {
        Found::Gzip
    } else if first.starts_with(b"\x28\xB5\x2F\xFD") {
        Found::Zstd
    } else if first.starts_with(b"PAR1") {
        Found::Parquet
    } else if first.starts_with(b"ARROW1") {
        Found::ArrowFile
    } else if first.starts_with(b"\xFF\xFF\xFF\xFF") {
        Found::ArrowStream
    } else {
        Found::Text
    }
}

/// Opens a file, or standard input.
pub(super) fn open(
    name: &str,
    tally: &Tally,
    options: ReadOptions,
    tail: Option<Tail>,
) -> Result<Box<dyn Rows + Send>, InputError> {
    let fail = |e: std::io::Error| unreadable(name, &e);
    if name == "-" {
        let hashed = Hashing { source: std::io::stdin(), tally: tally.clone() };
        return source(name, Box::new(BufReader::with_capacity(1 << 16, hashed)), options);
    }
    let mut file = File::open(name).map_err(fail)?;
    if file.metadata().map_err(fail)?.is_dir() {
        return Err(InputError::at(name, "is a folder, not a file of events"));
    }
    let first = peek(&mut file).map_err(fail)?;
    let kind = found(&first);
    if matches!(kind, Found::Parquet | Found::ArrowFile) {
        // Read from its end: it is hashed by itself.
        tally.whole(File::open(name).map_err(fail)?).map_err(fail)?;
        file.rewind().map_err(fail)?;
        return random(name, kind, file, options);
    }
    // A pipe cannot go back, so that what was looked at is put in front.
    let front = Cursor::new(first);
    let hashed: Source = match tail {
        Some(tail) => {
            let source = front.chain(tail.of(file, std::path::Path::new(name)));
            Box::new(BufReader::with_capacity(1 << 16, Hashing { source, tally: tally.clone() }))
        }
        None => Box::new(BufReader::with_capacity(
            1 << 16,
            Hashing { source: front.chain(file), tally: tally.clone() },
        )),
    };
    source(name, hashed, options)
}

fn unreadable(name: &str, e: &std::io::Error) -> InputError {
    if e.kind() == std::io::ErrorKind::NotFound {
        InputError::at(name, "no such file")
            .help("name a file of events (NDJSON, CSV, Parquet, Arrow IPC), or - for standard input")
    } else {
        InputError::at(name, format!("cannot be read: {e}"))
    }
}

/// The first bytes of a source; fewer where it is shorter.
fn peek(source: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(MAGIC);
    source.take(MAGIC as u64).read_to_end(&mut first)?;
    Ok(first)
}

/// What is read from its end.
fn random(name: &str, kind: Found, file: File, o: ReadOptions) -> Result<Box<dyn Rows + Send>, InputError> {
    let refused = |e: String| InputError::at(name, e);
    Ok(Box::new(if kind == Found::Parquet {
        TableRows::new(Box::new(ParquetFile::open(file).map_err(refused)?), o)
    } else {
        TableRows::new(Box::new(IpcFile::open(file).map_err(refused)?), o)
    }))
}

/// What is read from its beginning.
fn source(name: &str, mut source: Source, o: ReadOptions) -> Result<Box<dyn Rows + Send>, InputError> {
    let fail = |e: std::io::Error| unreadable(name, &e);
    let first = peek(&mut source).map_err(fail)?;
    let mut kind = found(&first);
    let mut source: Source = Box::new(Cursor::new(first.clone()).chain(source));
    let mut first = first;
    if matches!(kind, Found::Gzip | Found::Zstd) {
        source = if kind == Found::Gzip {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(source)))
        } else {
            let decoder = zstd::stream::read::Decoder::with_buffer(source).map_err(fail)?;
            Box::new(BufReader::with_capacity(1 << 16, decoder))
        };
        first = peek(&mut source).map_err(fail)?;
        kind = found(&first);
        source = Box::new(Cursor::new(first.clone()).chain(source));
    }
    match kind {
        Found::Parquet | Found::ArrowFile => {
            let mut file = tempfile::tempfile().map_err(fail)?;
            std::io::copy(&mut source, &mut file).map_err(fail)?;
            file.rewind().map_err(fail)?;
            random(name, kind, file, o)
        }
        Found::ArrowStream => {
            let stream = IpcStream::open(source).map_err(|e| InputError::at(name, e))?;
            Ok(Box::new(TableRows::new(Box::new(stream), o)))
        }
        Found::Gzip | Found::Zstd => Err(InputError::at(name, "is compressed twice")),
        Found::Text => match text_format(name, &first) {
            Ok(format) => Ok(rows(format, source)),
            Err(wanted) => {
                Err(InputError::at(name, format!("is no {wanted} file, for all that its name ends so")))
            }
        },
    }
}

/// The format of a text: by the ending, else by the first character. `Err` where the ending names a format of another kind.
fn text_format(name: &str, first: &[u8]) -> Result<Format, &'static str> {
    match by_ending(name) {
        Some(Format::Parquet) => Err("Parquet"),
        Some(Format::ArrowFile | Format::ArrowStream) if !first.is_empty() => Err("Arrow IPC"),
        Some(f @ (Format::Ndjson | Format::Csv)) => Ok(f),
        Some(Format::ArrowFile | Format::ArrowStream) | None => {
            let first = first.iter().find(|b| !b.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(b));
            Ok(if first.is_none_or(|b| *b == b'{') { Format::Ndjson } else { Format::Csv })
        }
    }
}

/// Rows of a text.
pub(super) fn rows(format: Format, source: Source) -> Box<dyn Rows + Send> {
    match format {
        Format::Csv => Box::new(csv_rows::CsvRows::new(source)),
        Format::Ndjson | Format::Parquet | Format::ArrowFile | Format::ArrowStream => {
            Box::new(ndjson::Ndjson::new(source))
        }
    }
}

/// The format that a file's ending names, whatever it is compressed with.
#[must_use]
pub fn by_ending(file: &str) -> Option<Format> {
    let lower = file.to_ascii_lowercase();
    let plain = [".gz", ".zst", ".zstd"].iter().find_map(|e| lower.strip_suffix(e)).unwrap_or(&lower);
    let (_, ending) = plain.rsplit_once('.')?;
    match ending {
        "csv" => Some(Format::Csv),
        "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
        "parquet" | "pq" => Some(Format::Parquet),
        "arrow" | "feather" | "ipc" => Some(Format::ArrowFile),
        "arrows" => Some(Format::ArrowStream),
        _ => None,
    }
}
