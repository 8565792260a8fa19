//! Where the bytes of an output go: a file by either policy, compressed where its name says so.

use super::Growth;
use super::file::{AtomicFile, GrowingFile};
use crate::error::InputError;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// A destination of bytes.
pub enum OutFile {
    /// Whole or absent.
    Plain(AtomicFile),
    /// Written in place.
    Growing(GrowingFile),
    /// Whole or absent, compressed with gzip.
    Gzip(Box<GzEncoder<AtomicFile>>),
    /// Whole or absent, compressed with zstd.
    Zstd(Box<zstd::stream::write::Encoder<'static, AtomicFile>>),
}

impl OutFile {
    /// A file by the policy asked for.
    ///
    /// # Errors
    /// Where it cannot be written, or is shorter than it has to be.
    pub fn open(path: &str, growth: Growth) -> Result<Self, InputError> {
        Ok(match growth {
            Growth::Whole => OutFile::whole(path)?,
            Growth::Anew => OutFile::Growing(GrowingFile::open(path, None)?),
            Growth::From(length) => OutFile::Growing(GrowingFile::open(path, Some(length))?),
        })
    }

    /// A whole file, compressed where its name ends in `.gz` or `.zst`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn whole(path: &str) -> Result<Self, InputError> {
        let file = AtomicFile::create(path)?;
        let lower = path.to_ascii_lowercase();
        Ok(if lower.ends_with(".gz") {
            OutFile::Gzip(Box::new(GzEncoder::new(file, Compression::default())))
        } else if lower.ends_with(".zst") || lower.ends_with(".zstd") {
            let encoder = zstd::stream::write::Encoder::new(file, 3)
                .map_err(|e| InputError::at(path, format!("cannot be written: {e}")))?;
            OutFile::Zstd(Box::new(encoder))
        } else {
            OutFile::Plain(file)
        })
    }

    /// True where the name asks for compression.
    #[must_use]
    pub fn compresses(path: &str) -> bool {
        let lower = path.to_ascii_lowercase();
        [".gz", ".zst", ".zstd"].iter().any(|e| lower.ends_with(e))
    }

    /// Gives the file its name; a growing one is brought to the disk.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn commit(self, path: &str) -> Result<(), InputError> {
        let fail = |e: std::io::Error| InputError::at(path, format!("cannot be written: {e}"));
        match self {
            OutFile::Plain(f) => f.commit(),
            OutFile::Growing(mut f) => f.flush().and_then(|()| f.sync()).map_err(fail),
            OutFile::Gzip(f) => f.finish().map_err(fail)?.commit(),
            OutFile::Zstd(f) => f.finish().map_err(fail)?.commit(),
        }
    }

    /// Brings what was flushed to the disk and says how long the file is; none for a file that appears at the end.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn sync(&self) -> std::io::Result<Option<u64>> {
        match self {
            OutFile::Growing(f) => {
                f.sync()?;
                Ok(Some(f.length()))
            }
            OutFile::Plain(_) | OutFile::Gzip(_) | OutFile::Zstd(_) => Ok(None),
        }
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            OutFile::Plain(f) => f.write(bytes),
            OutFile::Growing(f) => f.write(bytes),
            OutFile::Gzip(f) => f.write(bytes),
            OutFile::Zstd(f) => f.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            OutFile::Plain(f) => f.flush(),
            OutFile::Growing(f) => f.flush(),
            OutFile::Gzip(f) => f.flush(),
            OutFile::Zstd(f) => f.flush(),
        }
    }
}
