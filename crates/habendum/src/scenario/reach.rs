//! Coverage: which clauses, exceptions and bands no scenario reaches.
//!
//! Invariant: what counts is the latest text of each version; a clause that nothing can show (recital, undertaking,
//! holding) does not count.

use super::{Base, CoverageRecord, ScenarioResult, UnreachedRecord};
use crate::pipeline::{Error, Opened};
use habendum_model::value::ClauseId;
use habendum_norm::ir::{Amount, Body, Exception, Norm, NormId};
use habendum_norm::reads::otherwise;
use habendum_syntax::{Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What scenarios reach and what they do not.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How many clauses, exceptions and bands there are.
    pub total: usize,
    /// Those that none reaches, in document order.
    pub unreached: Vec<Unreached>,
}

/// Something that no scenario reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// `clause`, `exception`, `band`.
    pub what: &'static str,
    /// The clause.
    pub clause: String,
    /// Its place.
    pub span: Span,
}

/// What the scenarios of a deal reach.
///
/// # Errors
/// Faults of the deal.
pub(super) fn coverage(opened: &Opened, base: &Base, ran: &[ScenarioResult]) -> Result<Coverage, Error> {
    let prepared = opened.prepare(base)?;
    let norms: BTreeSet<NormId> = ran.iter().flat_map(|s| s.reached.norms.iter().copied()).collect();
    let spans: BTreeSet<Span> = ran.iter().flat_map(|s| s.reached.spans.iter().copied()).collect();
    let clauses: BTreeSet<ClauseId> = norms.iter().map(|n| n.clause).collect();
    let mut wanted: BTreeMap<(Span, &'static str), (ClauseId, bool)> = BTreeMap::new();
    let mut of_clause: BTreeMap<ClauseId, Span> = BTreeMap::new();
    for norm in prepared.program.versions.iter().flat_map(|v| &v.norms) {
        if matches!(norm.body, Body::Inert(_)) {
            continue;
        }
        of_clause.entry(norm.id.clause).or_insert(norm.span);
        branches(norm, &spans, &mut wanted);
    }
    let symbols = &prepared.names.symbols;
    let mut out = Coverage { total: of_clause.len() + wanted.len(), unreached: Vec::new() };
    for (clause, span) in of_clause {
        if !clauses.contains(&clause) {
            let clause = symbols.clause_name(clause).to_owned();
            out.unreached.push(Unreached { what: "clause", clause, span });
        }
    }
    for ((span, what), (clause, reached)) in wanted {
        if !reached {
            out.unreached.push(Unreached { what, clause: symbols.clause_name(clause).to_owned(), span });
        }
    }
    out.unreached.sort_by_key(|u| (u.span, u.what));
    Ok(out)
}

/// Exceptions and bands of a norm and of its reparation.
fn branches(
    norm: &Norm,
    spans: &BTreeSet<Span>,
    wanted: &mut BTreeMap<(Span, &'static str), (ClauseId, bool)>,
) {
    let mut note = |span: Span, what: &'static str| {
        let slot = wanted.entry((span, what)).or_insert((norm.id.clause, false));
        slot.1 |= spans.contains(&span);
    };
    let mut open: Vec<&Exception> = norm.exceptions.iter().collect();
    while let Some(e) = open.pop() {
        note(e.condition.span, "exception");
        open.extend(&e.unless);
    }
    if let Body::Payment(p) = &norm.body
        && let Amount::Tiers { bands, .. } = &p.amount
    {
        for b in bands {
            note(b.span, "band");
        }
    }
    if let Some(o) = otherwise(norm) {
        branches(o, spans, wanted);
    }
}

impl Coverage {
    /// The coverage as data.
    #[must_use]
    pub fn record(&self, sources: &Sources) -> CoverageRecord {
        CoverageRecord {
            reached: self.total.saturating_sub(self.unreached.len()),
            total: self.total,
            unreached: self
                .unreached
                .iter()
                .map(|u| UnreachedRecord {
                    what: u.what.to_owned(),
                    clause: u.clause.clone(),
                    place: sources.place(u.span),
                })
                .collect(),
        }
    }
}
