//! Consolidation: the agreement and its amendments as one text per interval between effective dates.
//!
//! Data flow: deal and binding -> dates of the amendments -> their signing order -> the boundaries they make -> one text a boundary, made
//! anew from the base by applying every known amendment in effect there, in signing order -> faults between versions (`dangling`).
//! Invariant: versions are in order of time and touch; an amendment never changes a version before its effective date. An amendment's
//! faults are those of the first version that it shapes, the text it amends; where an amendment that was signed before it takes effect
//! after it, [`crate::orders`] says so.

use crate::amend::{self, Ctx, Text};
use crate::binding::reckoning;
use crate::date::Reckoning;
use crate::deal::{AmendmentDates, Binding, Consolidated, Deal, Version, VersionClause};
use crate::elaborate::{DateRole, DateScope, elaborate_date};
use crate::expr::DateValue;
use crate::value::AmendmentId;
use habendum_syntax::{Checked, Diagnostic};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Consolidates a deal under a binding.
#[must_use]
pub fn consolidate(deal: &Deal, binding: &Binding) -> Checked<Consolidated> {
    let mut diags = Vec::new();
    let (reckoning, effective) = match reckoning(deal, binding) {
        Ok(r) => r,
        Err(ds) => {
            let empty = Consolidated {
                effective: DateValue::Fixed(Date::constant(1, 1, 1)),
                versions: Vec::new(),
                amendments: Vec::new(),
            };
            return Checked { value: empty, diagnostics: ds };
        }
    };
    let amendments = dates(deal, binding, &reckoning, &effective, &mut diags);
    let order = signing_order(&amendments);
    crate::orders::check(deal, &amendments, &order, &mut diags);
    let mut versions = Vec::new();
    let mut judged = BTreeSet::new();
    for (from, applied) in boundaries(&effective, &amendments, &order) {
        let (version, faults) = version(deal, binding, &reckoning, &effective, &amendments, from, applied);
        for (id, found) in faults {
            if judged.insert(id) {
                diags.extend(found);
            }
        }
        versions.push(version);
    }
    close(&mut versions);
    crate::dangling::check(deal, &versions, &mut diags);
    dedupe(&mut diags);
    Checked { value: Consolidated { effective, versions, amendments }, diagnostics: diags }
}

/// Signature and effect of each amendment.
fn dates(
    deal: &Deal,
    binding: &Binding,
    reckoning: &Reckoning,
    effective: &DateValue,
    diags: &mut Vec<Diagnostic>,
) -> Vec<AmendmentDates> {
    let value = |p| binding.value(p);
    let mut out: Vec<AmendmentDates> = Vec::new();
    for a in &deal.amendments {
        let mut scope = DateScope {
            symbols: &deal.symbols,
            reckoning,
            value: &value,
            effective: Some(effective.clone()),
            signature: None,
            rounding: None,
        };
        let node = &a.ast.node;
        let signed = node.signed.as_ref().map(|d| elaborate_date(&scope, d, DateRole::First));
        let signed = take(signed, diags);
        scope.signature.clone_from(&signed);
        let from = node.effective.as_ref().map(|d| elaborate_date(&scope, d, DateRole::First));
        let from = take(from, diags);
        let (from, signed) = match (from, signed) {
            (Some(f), Some(s)) => (f, s),
            (Some(f), None) => (f.clone(), f),
            (None, Some(s)) => (s.clone(), s),
            (None, None) => {
                diags.push(
                    Diagnostic::error("N012", format!("the {} does not say when it takes effect", node.title.node), node.id.span, "add `effective from DATE`")
                        .help("a date that is not known is a parameter: `parameter effective_date: date \"not public\"`"),
                );
                (effective.clone(), effective.clone())
            }
        };
        if let (Some(f), Some(b)) = (from.fixed(), effective.fixed())
            && f < b
        {
            diags.push(
                Diagnostic::error(
                    "C016",
                    format!(
                        "the {} takes effect on {f}, before the agreement begins on {b}",
                        node.title.node
                    ),
                    node.id.span,
                    "nothing to amend yet",
                )
                .label(deal.symbols.agreement.span, "the agreement"),
            );
        }
        let retroactive = matches!((from.fixed(), signed.fixed()), (Some(f), Some(s)) if f < s);
        let known = match (binding.known_as_of, signed.fixed()) {
            (Some(limit), Some(s)) => s <= limit,
            (Some(_), None) => false,
            (None, _) => true,
        };
        out.push(AmendmentDates { signed, effective: from, retroactive, known });
    }
    out
}

fn take(v: Option<Result<DateValue, Vec<Diagnostic>>>, diags: &mut Vec<Diagnostic>) -> Option<DateValue> {
    match v {
        None => None,
        Some(Ok(v)) => Some(v),
        Some(Err(ds)) => {
            diags.extend(ds);
            None
        }
    }
}

/// Amendments in the order of their signature: known days sort; the others follow, in the order of the files.
fn signing_order(amendments: &[AmendmentDates]) -> Vec<AmendmentId> {
    let mut order: Vec<AmendmentId> = (0..amendments.len()).map(AmendmentId::at).collect();
    order.sort_by_key(|id| {
        let signed = amendments[id.ix()].signed.fixed();
        (signed.is_none(), signed)
    });
    order
}

/// First days of the versions with the amendments that shape each, in signing order.
fn boundaries(
    effective: &DateValue,
    amendments: &[AmendmentDates],
    order: &[AmendmentId],
) -> Vec<(DateValue, Vec<AmendmentId>)> {
    let known: Vec<AmendmentId> = order.iter().copied().filter(|id| amendments[id.ix()].known).collect();
    let begins = |id: &AmendmentId| amendments[id.ix()].effective.fixed();
    let start = effective.fixed();
    let days: BTreeSet<Date> =
        known.iter().filter_map(begins).filter(|d| start.is_none_or(|s| *d > s)).collect();
    let at = |day: Option<Date>| -> Vec<AmendmentId> {
        known.iter().copied().filter(|id| matches!((begins(id), day), (Some(f), Some(d)) if f <= d)).collect()
    };
    let mut out = vec![(effective.clone(), at(start))];
    for d in days {
        out.push((DateValue::Fixed(d), at(Some(d))));
    }
    // Open dates stand after every known one, among themselves in signing order.
    let mut open: BTreeSet<AmendmentId> = BTreeSet::new();
    for id in known.iter().filter(|id| begins(id).is_none()) {
        open.insert(*id);
        let applied = known.iter().copied().filter(|k| begins(k).is_some() || open.contains(k)).collect();
        out.push((amendments[id.ix()].effective.clone(), applied));
    }
    out
}

/// The text that some amendments make of the base, with what each of them got wrong.
fn version(
    deal: &Deal,
    binding: &Binding,
    reckoning: &Reckoning,
    effective: &DateValue,
    amendments: &[AmendmentDates],
    from: DateValue,
    applied: Vec<AmendmentId>,
) -> (Version, Vec<(AmendmentId, Vec<Diagnostic>)>) {
    let value = |p| binding.value(p);
    let scope = DateScope {
        symbols: &deal.symbols,
        reckoning,
        value: &value,
        effective: Some(effective.clone()),
        signature: None,
        rounding: None,
    };
    let mut text = Text::default();
    for c in &deal.clauses {
        let Some(id) = deal.symbols.clause(&c.node.id.node) else { continue };
        text.clauses.push(VersionClause {
            id,
            clause: c.clone(),
            provenance: Vec::new(),
            suspensions: Vec::new(),
        });
    }
    let mut faults = Vec::new();
    for id in &applied {
        let d = &amendments[id.ix()];
        let mut ctx = Ctx {
            deal,
            id: *id,
            ast: &deal.amendments[id.ix()].ast,
            effective: &d.effective,
            signed: &d.signed,
            dates: &scope,
            diags: Vec::new(),
        };
        amend::apply(&mut text, &mut ctx);
        faults.push((*id, ctx.diags));
    }
    let version = Version {
        from,
        through: None,
        amendments: applied,
        clauses: text.clauses,
        struck: text.struck,
        set: text.set,
        set_by: text.set_by,
    };
    (version, faults)
}

/// Each version ends the day before the next begins.
fn close(versions: &mut [Version]) {
    for i in 1..versions.len() {
        versions[i - 1].through = versions[i].from.fixed().and_then(|d| d.yesterday().ok());
    }
}

fn dedupe(diags: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    diags.retain(|d| seen.insert((d.code.clone(), d.span(), d.message.clone())));
}
