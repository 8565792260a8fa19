//! Consolidation: the agreement and its amendments as one text per interval between effective dates.
//!
//! Data flow: deal and binding -> dates of the amendments -> the boundaries they make -> one text a boundary, made anew from the base by
//! applying every known amendment in effect there, in signing order -> faults between versions (`dangling`).
//! Invariant: versions are in order of time and touch; an amendment never changes a version before its effective date.

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
    orders(deal, &amendments, &mut diags);
    let mut versions = Vec::new();
    for (from, applied) in boundaries(&effective, &amendments) {
        versions.push(version(deal, binding, &reckoning, &effective, &amendments, from, applied, &mut diags));
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

/// First days of the versions with the amendments that shape each, in signing order.
fn boundaries(effective: &DateValue, amendments: &[AmendmentDates]) -> Vec<(DateValue, Vec<AmendmentId>)> {
    let known: Vec<(usize, &AmendmentDates)> =
        amendments.iter().enumerate().filter(|(_, a)| a.known).collect();
    let start = effective.fixed();
    let mut days: BTreeSet<Date> = known
        .iter()
        .filter_map(|(_, a)| a.effective.fixed())
        .filter(|d| start.is_none_or(|s| *d > s))
        .collect();
    let at = |day: Option<Date>| -> Vec<AmendmentId> {
        known
            .iter()
            .filter(|(_, a)| matches!((a.effective.fixed(), day), (Some(f), Some(d)) if f <= d))
            .map(|(i, _)| AmendmentId::at(*i))
            .collect()
    };
    if let Some(s) = start {
        days.remove(&s);
    }
    let mut out = vec![(effective.clone(), at(start))];
    for d in days {
        out.push((DateValue::Fixed(d), at(Some(d))));
    }
    // Open dates stand in signing order after every known one.
    let mut applied: Vec<AmendmentId> = known
        .iter()
        .filter(|(_, a)| a.effective.fixed().is_some())
        .map(|(i, _)| AmendmentId::at(*i))
        .collect();
    for (i, a) in &known {
        if a.effective.fixed().is_none() {
            applied.push(AmendmentId::at(*i));
            applied.sort();
            out.push((a.effective.clone(), applied.clone()));
        }
    }
    out
}

#[allow(clippy::too_many_arguments, reason = "one call site; the arguments are the pass's inputs")]
fn version(
    deal: &Deal,
    binding: &Binding,
    reckoning: &Reckoning,
    effective: &DateValue,
    amendments: &[AmendmentDates],
    from: DateValue,
    applied: Vec<AmendmentId>,
    diags: &mut Vec<Diagnostic>,
) -> Version {
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
        diags.append(&mut ctx.diags);
    }
    Version {
        from,
        through: None,
        amendments: applied,
        clauses: text.clauses,
        struck: text.struck,
        set: text.set,
    }
}

/// Each version ends the day before the next begins.
fn close(versions: &mut [Version]) {
    for i in 1..versions.len() {
        versions[i - 1].through = versions[i].from.fixed().and_then(|d| d.yesterday().ok());
    }
}

/// C016 where two amendments of one clause take effect on one day, or where signing and effect disagree on their order. C023 where two share a title.
fn orders(deal: &Deal, dates: &[AmendmentDates], diags: &mut Vec<Diagnostic>) {
    for (j, b) in deal.amendments.iter().enumerate() {
        for (i, a) in deal.amendments.iter().enumerate().take(j) {
            if !(dates[i].known && dates[j].known) {
                continue;
            }
            if a.ast.node.title.node == b.ast.node.title.node {
                diags.push(
                    Diagnostic::error(
                        "C023",
                        "two amendments have one title",
                        b.ast.node.title.span,
                        "again here",
                    )
                    .label(a.ast.node.title.span, "first here")
                    .note("a later document that names it would not say which is meant"),
                );
            }
            let (Some(first), Some(second)) = (dates[i].effective.fixed(), dates[j].effective.fixed()) else {
                continue;
            };
            let touched = amend::changed(&a.ast.node);
            for (clause, at) in amend::changed(&b.ast.node) {
                let Some(before) = touched.get(clause) else { continue };
                let message = if first == second {
                    format!("two amendments change `{clause}` from one day, {first}")
                } else if first > second {
                    format!(
                        "`{clause}`: the {} was signed later and takes effect earlier ({second}) than the {} ({first})",
                        b.ast.node.title.node, a.ast.node.title.node
                    )
                } else {
                    continue;
                };
                diags.push(
                    Diagnostic::warning("C016", message, at, "changed here")
                        .label(*before, "and here")
                        .note("amendments apply in signing order, each from its effective date")
                        .help("let the later amendment say that it replaces the earlier one's change"),
                );
            }
        }
    }
}

fn dedupe(diags: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    diags.retain(|d| seen.insert((d.code.clone(), d.span(), d.message.clone())));
}
