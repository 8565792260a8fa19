//! The table of key terms: feature, term now, term before, changed by.
//!
//! Data flow: `key` items ask for an aspect of a clause; `say` computes the aspect from the clause's syntax and the figures of a version;
//! what a row was changed by is found by walking the versions from the earlier one to the later one.
//! Invariant: nothing in the table is written by hand but the names of the features, and a row names an amendment only where its texts differ.

mod say;

use crate::deal::{Binding, Consolidated, Deal, Version, VersionClause};
use crate::value::{AmendmentId, ClauseId, ParamId};
use crate::walk::{Use, walk_through};
use habendum_syntax::ast::Aspect;
use std::collections::BTreeSet;

/// A row.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Row {
    /// Feature.
    pub feature: String,
    /// In the later version.
    pub now: String,
    /// In the earlier version.
    pub before: String,
    /// Titles of the amendments that changed it between the two; empty where the two are the same.
    pub changed_by: Vec<String>,
}

/// What a row shows, in any version.
struct Feature<'a> {
    deal: &'a Deal,
    binding: &'a Binding,
    aspect: Aspect,
    ids: &'a [ClauseId],
}

/// The table between two versions. Without `key` items: the rule of every clause that changed.
#[must_use]
pub fn summary(deal: &Deal, texts: &Consolidated, binding: &Binding, before: usize, now: usize) -> Vec<Row> {
    let (Some(a), Some(b)) = (texts.versions.get(before), texts.versions.get(now)) else { return Vec::new() };
    let between = texts.versions.get(before..=now).unwrap_or(&[]);
    if deal.key_terms.is_empty() {
        return changed(deal, (a, b), between, binding);
    }
    let mut rows = Vec::new();
    for k in &deal.key_terms {
        let ids: Vec<ClauseId> = k.node.clauses.iter().filter_map(|n| deal.symbols.clause(&n.node)).collect();
        let f = Feature { deal, binding, aspect: k.node.aspect.node, ids: &ids };
        rows.push(row(&f, (a, b), between, k.node.feature.node.clone()));
    }
    rows
}

fn row(f: &Feature<'_>, (a, b): (&Version, &Version), between: &[Version], feature: String) -> Row {
    // The prose of a rule does not always show what changed: the sentences do, or the figures that they use.
    let depth = say::DEPTHS.into_iter().find(|d| say::value(f, b, *d) != say::value(f, a, *d));
    let shown = depth.unwrap_or(say::Depth::Prose);
    Row {
        feature,
        now: say::value(f, b, shown),
        before: say::value(f, a, shown),
        changed_by: depth.map_or_else(Vec::new, |d| changed_by(f, between, d)),
    }
}

/// A row for each clause whose rule is not what it was.
fn changed(deal: &Deal, (a, b): (&Version, &Version), between: &[Version], binding: &Binding) -> Vec<Row> {
    let ids: BTreeSet<ClauseId> = a.clauses.iter().chain(&b.clauses).map(|c| c.id).collect();
    ids.into_iter()
        .map(|id| {
            let title = find(b, id)
                .or_else(|| find(a, id))
                .and_then(|c| c.clause.node.parts.title.as_ref())
                .map_or_else(|| deal.symbols.clause_name(id).to_owned(), |t| t.node.clone());
            row(&Feature { deal, binding, aspect: Aspect::Rule, ids: &[id] }, (a, b), between, title)
        })
        .filter(|r| r.now != r.before)
        .collect()
}

fn find(v: &Version, id: ClauseId) -> Option<&VersionClause> {
    v.clauses.iter().find(|c| c.id == id)
}

/// The amendments of each step between versions at which the feature changed, where they touched its clauses or their figures.
fn changed_by(f: &Feature<'_>, between: &[Version], depth: say::Depth) -> Vec<String> {
    let mut out = Vec::new();
    for step in between.windows(2) {
        let [old, new] = step else { continue };
        if say::value(f, old, depth) == say::value(f, new, depth) {
            continue;
        }
        for id in touched_by(f, new) {
            let title = &f.deal.amendments[id.ix()].ast.node.title.node;
            if !old.amendments.contains(&id) && !out.contains(title) {
                out.push(title.clone());
            }
        }
    }
    out
}

/// The amendments that had a hand in the clauses of a version, or in the figures that these use.
fn touched_by(f: &Feature<'_>, v: &Version) -> Vec<AmendmentId> {
    let mut out = Vec::new();
    for id in f.ids {
        if let Some(c) = find(v, *id) {
            let hands = c.provenance.iter().filter(|p| p.how != "affirmed" && p.how != "renumbered");
            out.extend(hands.map(|p| p.amendment));
            walk_through(&f.deal.symbols, &c.clause.node.parts, &mut |u| {
                if let Use::Name(n) = u
                    && let Some(i) = f.deal.symbols.params.get_index_of(n)
                    && let Some(by) = v.set_by.get(&ParamId::at(i))
                {
                    out.push(by.amendment);
                }
            });
        }
        out.extend(v.struck.get(id).map(|s| s.amendment));
    }
    out
}
