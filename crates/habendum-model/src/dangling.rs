//! C017: what an amendment leaves without its object: a reference to a struck clause, a definition that nothing uses any more.

use crate::deal::{Deal, Version};
use crate::walk::{Use, walk_clause, walk_expr};
use habendum_syntax::Diagnostic;
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
        walk_clause(&c.clause.node.parts, &mut |u| {
            let Use::Clause(n) = u else { return };
            let Some(struck) = deal.symbols.clause(&n.node).and_then(|id| v.struck.get(&id)) else { return };
            let by = &deal.amendments[struck.amendment.ix()].ast.node.title.node;
            diags.push(
                Diagnostic::warning(
                    "C017",
                    format!(
                        "`{}` still refers to `{}`, which the {by} struck",
                        c.clause.node.id.node, n.node
                    ),
                    n.span,
                    "left dangling",
                )
                .label(struck.span, "struck here")
                .label(struck.clause.node.id.span, "the clause it was")
                .help(format!(
                    "vary `{}` in the same amendment, or keep what it refers to",
                    c.clause.node.id.node
                )),
            );
        });
    }
}

/// Definitions and totals that a version uses, through others too.
fn used(deal: &Deal, v: &Version) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut todo = Vec::new();
    for c in &v.clauses {
        walk_clause(&c.clause.node.parts, &mut |u| push(u, &mut todo));
    }
    while let Some(n) = todo.pop() {
        if !out.insert(n.clone()) {
            continue;
        }
        if let Some(d) = deal.symbols.defines.get(&n) {
            walk_expr(&d.node.value.node, &mut |u| push(u, &mut todo));
        }
        if let Some(t) = deal.symbols.totals.get(&n) {
            walk_expr(&t.node.value.node, &mut |u| push(u, &mut todo));
            if let Some(g) = &t.node.on.guard {
                walk_expr(&g.node, &mut |u| push(u, &mut todo));
            }
        }
    }
    out
}

fn push(u: Use<'_>, todo: &mut Vec<String>) {
    match u {
        Use::Name(n) => todo.push(n.to_owned()),
        Use::Total(n) => todo.push(n.node.clone()),
        Use::Clause(_) | Use::Event(_) => {}
    }
}

fn orphans(deal: &Deal, before: &Version, after: &Version, diags: &mut Vec<Diagnostic>) {
    let (old, new) = (used(deal, before), used(deal, after));
    let Some(last) = after.amendments.last() else { return };
    let amendment = &deal.amendments[last.ix()].ast.node;
    let places = deal
        .symbols
        .defines
        .iter()
        .map(|(n, d)| (n, d.node.name.span))
        .chain(deal.symbols.totals.iter().map(|(n, t)| (n, t.node.name.span)));
    for (name, place) in places {
        if old.contains(name) && !new.contains(name) {
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
