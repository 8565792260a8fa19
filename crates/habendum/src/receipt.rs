//! The receipt of a deal: what [`Receipt`] says before any event is read.

use crate::load::Loaded;
use crate::names::Names;
use crate::pipeline::CONFIGURED;
use habendum_model::deal::Deal;
use habendum_norm::ir::Program;
pub use habendum_stream::receipt::*;
use habendum_syntax::ast::SourceStatus;
use sha2::{Digest, Sha256};

/// The word of a source's status.
#[must_use]
pub fn status_word(s: SourceStatus) -> &'static str {
    match s {
        SourceStatus::Own => "own",
        SourceStatus::Reported => "reported",
        SourceStatus::Other => "other",
    }
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
