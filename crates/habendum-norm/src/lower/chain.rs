//! Sublicenses by clause: whom a text's own grants bring under a license that bars use.
//!
//! Data flow: the licenses of a version -> for each, the licensees of the clauses that pass it on as its right to sublicense
//! allows -> spared in the guard of its bar. Invariant: only the text decides, so every engine reads it from the guard.

use crate::ir::{Body, License, Norm, NormId, Who};
use habendum_model::deal::Symbols;
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{PartyId, TermId, Value};
use std::collections::{BTreeSet, VecDeque};

/// Spares in each bar those to whom clauses of the version pass the license on.
pub(super) fn spare_sublicensees(symbols: &Symbols, norms: &mut [Norm]) {
    let licenses: Vec<(NormId, License)> =
        norms.iter().filter_map(|n| Some((n.id, n.body.license()?.clone()))).collect();
    for n in norms {
        let span = n.span;
        let Body::Rule(rule) = &mut n.body else { continue };
        let Who::OutsideLicense { license, .. } = &rule.who else { continue };
        let Some(actor) = symbols.event_info(rule.event).actor else { continue };
        let under = sublicensees(symbols, *license, &licenses);
        if under.is_empty() {
            continue;
        }
        let value = Expr { kind: ExprKind::Field(actor), ty: Type::Party, span };
        let members = under.into_iter().map(Value::Party).collect();
        let inside = Expr { kind: ExprKind::OneOf(Box::new(value), members), ty: Type::Bool, span };
        rule.guard = super::term::and(rule.guard.take(), super::term::not(inside));
    }
}

/// Those who hold under a license by clauses, nearest links first.
fn sublicensees(symbols: &Symbols, head: NormId, all: &[(NormId, License)]) -> BTreeSet<PartyId> {
    let mut out = BTreeSet::new();
    let Some((_, top)) = all.iter().find(|(id, _)| *id == head) else { return out };
    let Some(right) = &top.sublicense else { return out };
    let mut seen: BTreeSet<NormId> = [head].into();
    let mut open: VecDeque<(PartyId, u32)> = [(top.licensee, 0)].into();
    while let Some((by, depth)) = open.pop_front() {
        if right.depth.is_some_and(|most| depth >= most) {
            continue;
        }
        for (id, l) in all {
            let passed = l.licensor == by
                && l.event == top.event
                && (right.to.is_empty() || right.to.contains(&l.licensee))
                && within(symbols, l, top);
            if !passed || !seen.insert(*id) {
                continue;
            }
            out.insert(l.licensee);
            if l.sublicense.is_some() {
                open.push_back((l.licensee, depth + 1));
            }
        }
    }
    out
}

fn within(symbols: &Symbols, inner: &License, outer: &License) -> bool {
    let all = |a: &[TermId], b: &[TermId]| a.iter().all(|x| b.iter().any(|y| symbols.is_under(*x, *y)));
    all(&inner.assets, &outer.assets)
        && all(&inner.territories, &outer.territories)
        && all(&inner.fields, &outer.fields)
}
