//! The receipt of a result: hashes of everything that went into it, so that a figure can be traced and re-made.
//!
//! Invariant: two runs with equal receipts give equal results.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::Read;

/// What went into a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// Program and version that made the result.
    pub compiler: String,
    /// The deal as asked for.
    pub deal: String,
    /// Hash over all sources in order.
    pub sources_sha256: String,
    /// Each source.
    pub sources: Vec<FileHash>,
    /// Schedules applied, in order.
    pub schedules: Vec<String>,
    /// Parameters that have a value.
    pub parameters: Vec<ParameterRecord>,
    /// Amendments known, in signing order.
    pub amendments: Vec<AmendmentRecord>,
    /// Amendments signed after this day were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_as_of: Option<String>,
    /// How far time ran, where asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Every event was judged by the text of this day, where asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_as_of: Option<String>,
    /// Readings that were chosen, `clause=reading`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
    /// Flags that bear on how rows are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Event files, once read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<FileHash>,
    /// Files of outcomes, once written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<FileHash>,
}

/// A file and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileHash {
    /// Name as given.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl FileHash {
    /// The hash of a file at hand.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of_file(path: &str) -> std::io::Result<Self> {
        let mut file = std::fs::File::open(path)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(FileHash { name: path.to_owned(), sha256: hex(&hash.finalize()) }),
                n => hash.update(buffer.get(..n).unwrap_or_default()),
            }
        }
    }
}

/// A parameter's value in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParameterRecord {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Where it comes from: `declaration`, `schedule …`, `--set`.
    pub origin: String,
    /// `own`, `reported` or `other`, where its source says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
}

/// An amendment in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmendmentRecord {
    /// Id.
    pub id: String,
    /// First day of its effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<String>,
    /// Day of signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        // Writing to a string cannot fail.
        let _ = write!(s, "{b:02x}");
        s
    })
}
