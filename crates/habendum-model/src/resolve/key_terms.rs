//! Whether what a key term asks for can be said of its clauses.
//!
//! Data flow: a `key` item and every text of its clauses, in the agreement and in amendments -> T071.
//! Invariant: only what no text of any of the clauses could ever say is a fault; a clause that comes or goes says "none".

use crate::deal::Deal;
use habendum_syntax::ast::{Aspect, ClauseParts, Head, KeyTerm, Line, Operation, Statement};
use habendum_syntax::{Diagnostic, Sp};

pub(super) fn check(deal: &Deal, k: &Sp<KeyTerm>, diags: &mut Vec<Diagnostic>) {
    let (word, lacks, fits): (_, _, fn(&Head) -> bool) = match k.node.aspect.node {
        Aspect::Exclusivity => ("exclusivity", "grants a license", |h| matches!(h, Head::Grants { .. })),
        Aspect::Payment => ("payment", "pays anything", |h| matches!(h, Head::Pays { .. })),
        Aspect::Term | Aspect::Status | Aspect::Rule => return,
    };
    let known = k.node.clauses.iter().all(|c| deal.symbols.clause(&c.node).is_some());
    let says = k.node.clauses.iter().any(|c| heads(deal, &c.node, fits));
    if known && !says {
        let message = format!("`{word}` is asked of clauses of which none {lacks}");
        diags.push(Diagnostic::error("T071", message, k.node.aspect.span, "nothing to show").help(
            "show the `rule`, the `term` or the `status` of the clause, or name the clause that is meant",
        ));
    }
}

/// Whether a sentence of any text of a clause is of a kind.
fn heads(deal: &Deal, id: &str, fits: fn(&Head) -> bool) -> bool {
    let own = deal.clauses.iter().filter(|c| c.node.id.node == id).map(|c| &c.node.parts);
    let operations = deal.amendments.iter().flat_map(|a| &a.ast.node.operations);
    let texts: Vec<&ClauseParts> = operations
        .flat_map(|op| match &op.node {
            Operation::Insert { clause, .. } if clause.id.node == id => vec![&clause.parts],
            Operation::Replace { target, with } | Operation::Restate { target, with }
                if target.node == id =>
            {
                vec![with]
            }
            Operation::RestateAll(all) => {
                all.iter().filter(|c| c.node.id.node == id).map(|c| &c.node.parts).collect()
            }
            Operation::Insert { .. }
            | Operation::Replace { .. }
            | Operation::Restate { .. }
            | Operation::Vary { .. }
            | Operation::Strike { .. }
            | Operation::Suspend { .. }
            | Operation::Extend { .. }
            | Operation::Renumber { .. }
            | Operation::Affirm(_)
            | Operation::Set { .. }
            | Operation::Recites { .. } => Vec::new(),
        })
        .chain(own)
        .collect();
    texts.iter().flat_map(|p| &p.body).flat_map(|l| sentences(&l.node)).any(|s| fits(&s.head))
}

fn sentences(l: &Line) -> Vec<&Statement> {
    match l {
        Line::Statement(s) => vec![s],
        Line::Reading(r) => r.statements.iter().map(|s| &s.node).collect(),
        Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => Vec::new(),
    }
}
