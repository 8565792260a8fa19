//! Names: from parsed files to a [`Deal`].
//!
//! Data flow: items are sorted by kind, then declared in the order in which they can refer to each other:
//! header, vocabularies, units, events, parameters, tables; then every name inside clauses is checked.
//! Invariant: a `Deal` is always made (as far as it could be); what could not be is a diagnostic.

mod builtin;
mod declare;
mod header;
mod key_terms;
mod names;
mod paid;

use crate::deal::{Amendment, Deal, Symbols};
use crate::value::AmendmentId;
use habendum_syntax::ast::{self, File, Item};
use habendum_syntax::{Checked, Diagnostic, Sp, Span};
use indexmap::IndexMap;

/// Items by kind, in file order.
#[derive(Default)]
struct Sorted<'a> {
    agreements: Vec<(&'a ast::Agreement, Span)>,
    amendments: Vec<&'a Sp<Item>>,
    vocabularies: Vec<(&'a ast::Vocabulary, Span)>,
    units: Vec<&'a ast::Name>,
    events: Vec<(&'a ast::Event, Span)>,
    parameters: Vec<Sp<ast::Parameter>>,
    tables: Vec<(&'a ast::Table, Span)>,
    rest: Vec<&'a Sp<Item>>,
}

/// Resolves the files of a deal.
#[must_use]
pub fn resolve(files: &[File]) -> Checked<Option<Deal>> {
    let sorted = sort(files);
    let mut diags = Vec::new();
    let Some(agreement) = the_agreement(&sorted, &mut diags) else {
        return Checked { value: None, diagnostics: diags };
    };
    let mut symbols = header::symbols(agreement, &mut diags);
    declare::vocabularies(&mut symbols, &sorted.vocabularies, &mut diags);
    declare::units(&mut symbols, &sorted.units, &mut diags);
    builtin::events(&mut symbols);
    declare::events(&mut symbols, &sorted.events, &mut diags);
    header::defaults(&mut symbols, agreement, &mut diags);
    declare::parameters(&mut symbols, &sorted.parameters, &mut diags);
    declare::tables(&mut symbols, &sorted.tables, &mut diags);
    let mut deal = Deal {
        symbols,
        clauses: Vec::new(),
        amendments: Vec::new(),
        schedules: IndexMap::new(),
        scenarios: Vec::new(),
        proves: Vec::new(),
        key_terms: Vec::new(),
    };
    declare::rest(&mut deal, &sorted.rest, &mut diags);
    amendments(&mut deal, &sorted.amendments, &mut diags);
    builtin::payment_keys(&mut deal);
    header::business(&mut deal.symbols, agreement, &mut diags);
    declare::clashes(&deal.symbols, &mut diags);
    declare::define_cycles(&deal.symbols, &mut diags);
    paid::currencies(&mut deal);
    names::check(&deal, &mut diags);
    diags.sort_by_key(|d| (d.span(), d.code.clone()));
    Checked { value: Some(deal), diagnostics: diags }
}

fn sort(files: &[File]) -> Sorted<'_> {
    let mut s = Sorted::default();
    for item in files.iter().flat_map(|f| &f.items) {
        match &item.node {
            Item::Agreement(a) => s.agreements.push((a, item.span)),
            Item::Amendment(_) => s.amendments.push(item),
            Item::Vocabulary(v) => s.vocabularies.push((v, item.span)),
            Item::Unit(u) => s.units.push(u),
            Item::Event(e) => s.events.push((e, item.span)),
            Item::Parameter(p) => s.parameters.push(Sp::new(p.clone(), item.span)),
            Item::Table(t) => s.tables.push((t, item.span)),
            Item::Schedule(_)
            | Item::Define(_)
            | Item::Total(_)
            | Item::Register(_)
            | Item::Assumption(_)
            | Item::Calendar(_)
            | Item::Clause(_)
            | Item::KeyTerm(_)
            | Item::Scenario(_)
            | Item::Prove(_) => s.rest.push(item),
        }
    }
    s
}

fn the_agreement<'a>(s: &Sorted<'a>, diags: &mut Vec<Diagnostic>) -> Option<(&'a ast::Agreement, Span)> {
    let first = s.agreements.first().copied();
    for (extra, span) in s.agreements.iter().skip(1) {
        let mut d = Diagnostic::error(
            "N001",
            format!("a deal has one agreement; `{}` is a second one", extra.id.node),
            *span,
            "second agreement",
        )
        .help("put each agreement in a folder of its own");
        if let Some((a, at)) = first {
            d = d.label(at, format!("`{}` is the first", a.id.node));
        }
        diags.push(d);
    }
    if first.is_none() {
        diags.push(
            Diagnostic::error("N002", "the deal has no agreement", Span::default(), "nothing to build on")
                .help("start with `agreement id \"Title\" { parties A, B  effective from 2026-01-01  currency USD  zone \"UTC\" }`"),
        );
    }
    first
}

/// Amendments in signing order: known signature days sort, the others keep their place in the files after them.
fn amendments(deal: &mut Deal, items: &[&Sp<Item>], diags: &mut Vec<Diagnostic>) {
    let mut list: Vec<Sp<ast::Amendment>> = Vec::new();
    for item in items {
        if let Item::Amendment(a) = &item.node {
            list.push(Sp::new(a.clone(), item.span));
        }
    }
    let known = |a: &Sp<ast::Amendment>| {
        let d = a.node.signed.as_ref().or(a.node.effective.as_ref())?;
        declare::literal_day(&d.node)
    };
    list.sort_by_key(|a| (known(a).is_none(), known(a)));
    let mut seen: IndexMap<String, Span> = IndexMap::new();
    for (i, a) in list.into_iter().enumerate() {
        if a.node.to.node != deal.symbols.agreement.id {
            diags.push(
                Diagnostic::error(
                    "N003",
                    format!(
                        "amendment `{}` amends `{}`, which is not this deal's agreement",
                        a.node.id.node, a.node.to.node
                    ),
                    a.node.to.span,
                    "no such agreement here",
                )
                .label(
                    deal.symbols.agreement.span,
                    format!("the agreement is `{}`", deal.symbols.agreement.id),
                ),
            );
        }
        if let Some(first) = seen.insert(a.node.id.node.clone(), a.node.id.span) {
            diags.push(declare::duplicate("amendment", &a.node.id, first));
        }
        for n in crate::amend::introduced(&a.node) {
            deal.symbols.clauses.entry(n.node.clone()).or_insert(n.span);
        }
        deal.amendments.push(Amendment { id: AmendmentId::at(i), ast: a });
    }
}

/// What the resolver's parts share: a name that is not there, with the nearest ones.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &ast::Name,
    known: impl Iterator<Item = &'a str>,
    symbols: &Symbols,
) -> Diagnostic {
    crate::suggest::unknown(what, name, known, symbols)
}
