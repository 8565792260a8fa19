//! The receipt of a result: hashes of everything that went into it, so that a figure can be traced and re-made.
//!
//! Invariant: two runs with equal receipts give equal results.

use crate::load::Loaded;
use crate::names::Names;
use crate::pipeline::CONFIGURED;
use habendum_model::deal::Deal;
use habendum_norm::ir::Program;
use habendum_syntax::ast::SourceStatus;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What went into a result.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
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
    /// Event files, once read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<FileHash>,
}

/// A file and its hash.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FileHash {
    /// Name as given.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A parameter's value in a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Serialize, JsonSchema)]
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

/// The word of a source's status.
#[must_use]
pub fn status_word(s: SourceStatus) -> &'static str {
    match s {
        SourceStatus::Own => "own",
        SourceStatus::Reported => "reported",
        SourceStatus::Other => "other",
    }
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

/// The receipt of a program made from sources, before any event.
#[must_use]
pub fn receipt(
    loaded: &Loaded,
    deal: &Deal,
    program: &Program,
    names: &Names,
    schedules: &[String],
) -> Receipt {
    let mut all = Sha256::new();
    let mut sources = Vec::new();
    // What flags and the configuration say is listed with the parameters; the files alone are the sources.
    let given = |name: &str| name.starts_with("--") || name == CONFIGURED;
    for (_, s) in loaded.sources.iter().filter(|(_, s)| !given(&s.name)) {
        let one = Sha256::digest(s.text.as_bytes());
        all.update(s.name.as_bytes());
        all.update([0]);
        all.update(one);
        sources.push(FileHash { name: s.name.clone(), sha256: hex(&one) });
    }
    let parameters = program
        .bound
        .iter()
        .map(|(id, b)| ParameterRecord {
            name: names.symbols.params.get_index(id.ix()).map_or("?", |(n, _)| n).to_owned(),
            value: names.param_value(*id, &b.value),
            origin: b.origin.clone(),
            status: b.source.as_ref().map(|s| status_word(s.status).to_owned()),
            citation: b.source.as_ref().map(|s| s.citation.clone()),
        })
        .collect();
    let amendments = deal
        .amendments
        .iter()
        .zip(&program.amendments)
        .filter(|(_, d)| d.known)
        .map(|(a, d)| AmendmentRecord {
            id: a.ast.node.id.node.clone(),
            effective: d.effective.fixed().map(|d| d.to_string()),
            signed: d.signed.fixed().map(|d| d.to_string()),
        })
        .collect();
    Receipt {
        compiler: format!("habendum {}", env!("CARGO_PKG_VERSION")),
        deal: loaded.name.clone(),
        sources_sha256: hex(&all.finalize()),
        sources,
        schedules: schedules.to_vec(),
        parameters,
        amendments,
        known_as_of: None,
        clock: None,
        text_as_of: None,
        inputs: Vec::new(),
    }
}
