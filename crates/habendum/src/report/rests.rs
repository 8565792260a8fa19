//! What results rest on: assumptions, reported figures, reported texts, readings. Only what a result used counts.

use super::RestsOn;
use crate::names::Names;
use crate::norms::NormIndex;
use crate::receipt::{ParameterRecord, status_word};
use habendum_model::deal::Bound;
use habendum_model::value::ParamId;
use habendum_norm::ir::NormId;
use habendum_norm::run::Runner;
use habendum_syntax::ast::SourceStatus;
use std::collections::BTreeSet;

/// What the results of some norms rest on.
pub(super) fn rests_on(
    used: &BTreeSet<NormId>,
    runner: &Runner,
    names: &Names,
    norms: &NormIndex,
) -> RestsOn {
    let mut out = RestsOn::default();
    let mut params: BTreeSet<ParamId> = BTreeSet::new();
    for id in used {
        // What decided is named by clause and part; the desugared norms of that part share its figures.
        for (other, facts) in norms.of_clause(id.clause).filter(|(o, _)| o.part == id.part) {
            params.extend(&facts.params);
            for a in &facts.assumptions {
                if let Some((name, a)) = names.symbols.assumptions.get_index(a.ix()) {
                    out.assumptions.insert(name.clone(), a.node.text.node.clone());
                }
            }
            if let Some(s) = &facts.source {
                out.reported_clauses
                    .insert(names.symbols.clause_name(other.clause).to_owned(), s.citation.clone());
            }
        }
    }
    if let Some(program) = runner.program() {
        for (id, bound) in &program.bound {
            if params.contains(id) && is_reported(bound) {
                out.reported_figures.push(figure(*id, bound, names));
            }
        }
    }
    for run in runner.readings() {
        for (clause, reading) in &run.readings {
            let all = out.readings.entry(names.symbols.clause_name(*clause).to_owned()).or_default();
            if !all.contains(reading) {
                all.push(reading.clone());
            }
        }
    }
    out
}

fn is_reported(b: &Bound) -> bool {
    b.source.as_ref().is_some_and(|s| s.status == SourceStatus::Reported)
}

fn figure(id: ParamId, b: &Bound, names: &Names) -> ParameterRecord {
    ParameterRecord {
        name: names.symbols.params.get_index(id.ix()).map_or("?", |(n, _)| n).to_owned(),
        value: names.param_value(id, &b.value),
        origin: b.origin.clone(),
        status: b.source.as_ref().map(|s| status_word(s.status).to_owned()),
        citation: b.source.as_ref().map(|s| s.citation.clone()),
    }
}
