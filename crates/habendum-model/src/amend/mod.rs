//! Amendments: typed operations on the clauses of a text.
//!
//! Data flow: `consolidate` gives a [`Text`] and an amendment; [`apply`] changes the text, operation by operation.
//! Invariant: an operation that cannot be done is a diagnostic with both places and changes nothing.

mod dates;
mod fault;
mod ops;
mod parts;
mod vary;

use crate::deal::{Deal, Provenance, Struck, VersionClause};
use crate::elaborate::DateScope;
use crate::expr::DateValue;
use crate::value::{AmendmentId, ClauseId, ParamId, Value};
use habendum_syntax::ast::{self, Operation};
use habendum_syntax::{Diagnostic, Sp, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The text being consolidated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub clauses: Vec<VersionClause>,
    pub struck: BTreeMap<ClauseId, Struck>,
    pub set: BTreeMap<ParamId, Value>,
    pub set_by: BTreeMap<ParamId, Provenance>,
}

/// The amendment being applied.
pub(crate) struct Ctx<'a> {
    pub deal: &'a Deal,
    pub id: AmendmentId,
    pub ast: &'a Sp<ast::Amendment>,
    pub effective: &'a DateValue,
    pub signed: &'a DateValue,
    /// Dates of base clauses; `effective` is the agreement's.
    pub dates: &'a DateScope<'a>,
    pub diags: Vec<Diagnostic>,
}

impl Ctx<'_> {
    pub(crate) fn touch(&self, how: &'static str, span: Span) -> Provenance {
        Provenance { amendment: self.id, how, span }
    }

    pub(crate) fn title(&self) -> &str {
        &self.ast.node.title.node
    }
}

/// Applies every operation of an amendment. What it recites is the text before its own changes, wherever the recital stands.
pub(crate) fn apply(text: &mut Text, ctx: &mut Ctx<'_>) {
    let recital = |op: &&Sp<Operation>| matches!(op.node, Operation::Recites { .. });
    let all = &ctx.ast.node.operations;
    for op in all.iter().filter(recital).chain(all.iter().filter(|op| !recital(op))) {
        let op = dates::anchored(op, ctx.effective, ctx.signed, ctx.deal);
        ops::apply(text, ctx, &op);
    }
}

/// The clauses that an operation touches, by name.
pub(crate) fn targets(op: &Operation) -> Vec<&ast::Name> {
    match op {
        Operation::Replace { target, .. }
        | Operation::Strike { target, .. }
        | Operation::Vary { target, .. }
        | Operation::Extend { target, .. }
        | Operation::Renumber { target, .. }
        | Operation::Restate { target, .. } => vec![target],
        Operation::Insert { clause, .. } => vec![&clause.id],
        Operation::Suspend { targets, .. } => targets.iter().collect(),
        Operation::RestateAll(clauses) => clauses.iter().map(|c| &c.node.id).collect(),
        Operation::Affirm(_) | Operation::Set { .. } | Operation::Recites { .. } => Vec::new(),
    }
}

/// The clauses that an amendment changes, each once, with the place.
pub(crate) fn changed(a: &ast::Amendment) -> BTreeMap<&str, Span> {
    let mut out = BTreeMap::new();
    for op in &a.operations {
        for n in targets(&op.node) {
            out.entry(n.node.as_str()).or_insert(n.span);
        }
    }
    out
}

/// The parameters that an amendment sets, with the place.
pub(crate) fn set(a: &ast::Amendment) -> BTreeMap<&str, Span> {
    let mut out = BTreeMap::new();
    for op in &a.operations {
        if let Operation::Set { name, .. } = &op.node {
            out.entry(name.node.as_str()).or_insert(name.span);
        }
    }
    out
}

/// Ids that amendments bring in by `insert` or `restate agreement`.
#[must_use]
pub fn introduced(a: &ast::Amendment) -> Vec<&ast::Name> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for op in &a.operations {
        match &op.node {
            Operation::Insert { clause, .. } => out.push(&clause.id),
            Operation::RestateAll(cs) => out.extend(cs.iter().map(|c| &c.node.id)),
            Operation::Replace { .. }
            | Operation::Strike { .. }
            | Operation::Vary { .. }
            | Operation::Suspend { .. }
            | Operation::Extend { .. }
            | Operation::Renumber { .. }
            | Operation::Affirm(_)
            | Operation::Restate { .. }
            | Operation::Set { .. }
            | Operation::Recites { .. } => {}
        }
    }
    out.retain(|n| seen.insert(n.node.as_str()));
    out
}
