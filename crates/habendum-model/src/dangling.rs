//! C017: what an amendment leaves without its object: a reference to a struck clause, a definition that nothing uses any more.

use crate::deal::{Deal, Version};
use crate::walk::{Use, walk_event_through, walk_through};
use habendum_syntax::{Diagnostic, Span};
use std::collections::BTreeSet;

/// Checks each version against what was struck from it, and against the version before.
pub(crate) fn check(deal: &Deal, versions: &[Version], diags: &mut Vec<Diagnostic>) {
    for (i, v) in versions.iter().enumerate() {
        references(deal, v, diags);
        if i > 0 {
            orphans(deal, &versions[i - 1], v, diags);
        }
    }
}

fn references(deal: &Deal, v: &Version, diags: &mut Vec<Diagnostic>) {
    for c in &v.clauses {
        let id = &c.clause.node.id;
        walk_through(&deal.symbols, &c.clause.node.parts, &mut |u| {
            let Use::Clause(n) = u else { return };
            let Some(struck) = deal.symbols.clause(&n.node).and_then(|id| v.struck.get(&id)) else { return };
            let by = &deal.amendments[struck.amendment.ix()].ast.node.title.node;
            let mut d = Diagnostic::warning(
                "C017",
                format!("`{}` still refers to `{}`, which the {by} struck", id.node, n.node),
                n.span,
                "left dangling",
            )
            .label(struck.span, "struck here")
            .label(struck.clause.node.id.span, "the clause it was");
            if in_definition(deal, n.span) {
                d = d.label(id.span, "the clause that rests on this definition");
            }
            diags
                .push(d.help(format!("vary `{}` in the same amendment, or keep what it refers to", id.node)));
        });
    }
}

fn in_definition(deal: &Deal, at: Span) -> bool {
    let s = &deal.symbols;
    s.defines
        .values()
        .map(|d| d.span)
        .chain(s.totals.values().map(|t| t.span))
        .any(|d| d.file == at.file && d.start <= at.start && at.end <= d.end)
}

/// Definitions and totals that a version uses, through others too; registers use theirs in every version.
fn used<'a>(deal: &'a Deal, v: &'a Version) -> BTreeSet<&'a str> {
    let s = &deal.symbols;
    let mut out = BTreeSet::new();
    let mut add = |u: Use<'a>| match u {
        Use::Name(n) => {
            out.insert(n);
        }
        Use::Total(n) => {
            out.insert(n.node.as_str());
        }
        Use::Clause(_) | Use::Event(_) => {}
    };
    for c in &v.clauses {
        walk_through(s, &c.clause.node.parts, &mut add);
    }
    for r in s.registers.values() {
        for change in r.node.adds.iter().chain(&r.node.removes) {
            walk_event_through(s, &change.on, &mut add);
        }
    }
    out
}

fn orphans(deal: &Deal, before: &Version, after: &Version, diags: &mut Vec<Diagnostic>) {
    let (old, new) = (used(deal, before), used(deal, after));
    let fresh = after.amendments.iter().rev().find(|a| !before.amendments.contains(a));
    let Some(last) = fresh.or(after.amendments.last()) else { return };
    let amendment = &deal.amendments[last.ix()].ast.node;
    let places = deal
        .symbols
        .defines
        .iter()
        .map(|(n, d)| (n, d.node.name.span))
        .chain(deal.symbols.totals.iter().map(|(n, t)| (n, t.node.name.span)));
    for (name, place) in places {
        if old.contains(name.as_str()) && !new.contains(name.as_str()) {
            diags.push(
                Diagnostic::warning(
                    "C017",
                    format!("after the {} nothing uses the definition `{name}`", amendment.title.node),
                    place,
                    "orphaned",
                )
                .label(amendment.id.span, "by this amendment")
                .help("strike the definition too, or check that the new text was to use it"),
            );
        }
    }
}
