//! The receipt of a deal: what [`Receipt`] says before any event is read.

use crate::load::Loaded;
use crate::names::Names;
use crate::pipeline::CONFIGURED;
use habendum_model::deal::Deal;
use habendum_model::value::{AmendmentId, ParamId};
use habendum_norm::ir::Program;
pub use habendum_stream::receipt::*;
use habendum_syntax::ast::{Operation, SourceStatus};
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

/// The values of the parameters: as bound, and after it what amendments made of each, in the order of time.
fn parameters(deal: &Deal, program: &Program, names: &Names) -> Vec<ParameterRecord> {
    let mut all = Vec::new();
    for (i, name) in names.symbols.params.keys().enumerate() {
        let id = ParamId::at(i);
        let mut value = program.bound.get(&id).map(|b| b.value.clone());
        all.extend(program.bound.get(&id).map(|b| ParameterRecord {
            name: name.clone(),
            value: names.param_value(id, &b.value),
            origin: b.origin.clone(),
            status: b.source.as_ref().map(|s| status_word(s.status).to_owned()),
            citation: b.source.as_ref().map(|s| s.citation.clone()),
        }));
        let mut older: &[AmendmentId] = &[];
        for v in &program.versions {
            let now = v.params.get(i).cloned().flatten();
            if let Some(new) = now.filter(|n| value.as_ref() != Some(n)) {
                let by =
                    v.amendments.iter().filter(|a| !older.contains(a)).filter_map(|a| setter(deal, *a, name));
                let from = v.from.fixed().map(|d| format!(", from {d}")).unwrap_or_default();
                all.push(ParameterRecord {
                    name: name.clone(),
                    value: names.param_value(id, &new),
                    origin: format!("amendment {}{from}", by.collect::<Vec<_>>().join(", ")),
                    status: None,
                    citation: None,
                });
                value = Some(new);
            }
            older = &v.amendments;
        }
    }
    all
}

/// The id of an amendment that sets a parameter.
fn setter<'a>(deal: &'a Deal, id: AmendmentId, parameter: &str) -> Option<&'a str> {
    let a = &deal.amendments.get(id.ix())?.ast.node;
    let sets =
        a.operations.iter().any(|o| matches!(&o.node, Operation::Set { name, .. } if name.node == parameter));
    sets.then_some(a.id.node.as_str())
}

/// The hash over all sources of a deal, and that of each. What flags and the configuration say is listed with the parameters;
/// the files alone are the sources.
#[must_use]
pub fn source_hashes(loaded: &Loaded) -> (String, Vec<FileHash>) {
    let mut all = Sha256::new();
    let mut sources = Vec::new();
    let given = |name: &str| name.starts_with("--") || name == CONFIGURED;
    for (_, s) in loaded.sources.iter().filter(|(_, s)| !given(&s.name)) {
        let one = Sha256::digest(s.text.as_bytes());
        all.update(s.name.as_bytes());
        all.update([0]);
        all.update(one);
        sources.push(FileHash { name: s.name.clone(), sha256: hex(&one) });
    }
    (hex(&all.finalize()), sources)
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
    let (sources_sha256, sources) = source_hashes(loaded);
    let parameters = parameters(deal, program, names);
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
        sources_sha256,
        sources,
        schedules: schedules.to_vec(),
        parameters,
        amendments,
        known_as_of: None,
        clock: None,
        text_as_of: None,
        readings: Vec::new(),
        flags: Vec::new(),
        inputs: Vec::new(),
        outcomes: Vec::new(),
    }
}
