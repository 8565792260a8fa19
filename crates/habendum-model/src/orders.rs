//! Amendments beside each other: one title used twice (C023), one clause or parameter changed from one day, or in an order of signing
//! that is not the order of effect (C016).

use crate::amend;
use crate::deal::{AmendmentDates, Deal};
use crate::value::AmendmentId;
use habendum_syntax::{Diagnostic, Span, ast};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Compares every two known amendments; `order` is that of signature.
pub(crate) fn check(
    deal: &Deal,
    dates: &[AmendmentDates],
    order: &[AmendmentId],
    diags: &mut Vec<Diagnostic>,
) {
    let known: Vec<AmendmentId> = order.iter().copied().filter(|id| dates[id.ix()].known).collect();
    for (n, second) in known.iter().enumerate() {
        for first in &known[..n] {
            let (a, b) = (&deal.amendments[first.ix()].ast.node, &deal.amendments[second.ix()].ast.node);
            titles(a, b, diags);
            let effective = |id: &AmendmentId| dates[id.ix()].effective.fixed();
            if let (Some(x), Some(y)) = (effective(first), effective(second)) {
                pair((a, x), (b, y), diags);
            }
        }
    }
}

fn titles(a: &ast::Amendment, b: &ast::Amendment, diags: &mut Vec<Diagnostic>) {
    if a.title.node == b.title.node {
        diags.push(
            Diagnostic::error("C023", "two amendments have one title", b.title.span, "again here")
                .label(a.title.span, "first here")
                .note("a later document that names it would not say which is meant"),
        );
    }
}

/// What an amendment touches: clauses and parameters by name, and everything where it restates the whole.
struct Touch<'a> {
    clauses: BTreeMap<&'a str, Span>,
    params: BTreeMap<&'a str, Span>,
    whole: Option<Span>,
}

fn touch(a: &ast::Amendment) -> Touch<'_> {
    let whole =
        a.operations.iter().find(|op| matches!(op.node, ast::Operation::RestateAll(_))).map(|op| op.span);
    Touch { clauses: amend::changed(a), params: amend::set(a), whole }
}

/// The `first` was signed before the `second`.
fn pair(
    (first, x): (&ast::Amendment, Date),
    (second, y): (&ast::Amendment, Date),
    diags: &mut Vec<Diagnostic>,
) {
    if x < y {
        return;
    }
    let (a, b) = (touch(first), touch(second));
    let mut say = |what: &str, before: Span, at: Span| {
        let message = if x == y {
            format!("two amendments change {what} from one day, {x}")
        } else {
            format!(
                "{what}: the {} was signed later and takes effect earlier ({y}) than the {} ({x})",
                second.title.node, first.title.node
            )
        };
        diags.push(
            Diagnostic::warning("C016", message, at, "changed here")
                .label(before, "and here")
                .note("amendments apply in signing order, each from its effective date")
                .help("let the later amendment say that it replaces the earlier one's change"),
        );
    };
    for (clause, at) in &b.clauses {
        if let Some(before) = a.clauses.get(clause).or(a.whole.as_ref()) {
            say(&format!("`{clause}`"), *before, *at);
        }
    }
    if let Some(whole) = b.whole {
        for (clause, before) in a.clauses.iter().filter(|(c, _)| !b.clauses.contains_key(*c)) {
            say(&format!("`{clause}`"), *before, whole);
        }
    }
    for (param, at) in &b.params {
        if let Some(before) = a.params.get(param) {
            say(&format!("the parameter `{param}`"), *before, *at);
        }
    }
}
