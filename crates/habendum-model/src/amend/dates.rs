//! Inside an amendment, `effective` and `signature` mean the amendment's own.

use crate::deal::Deal;
use crate::expr::DateValue;
use habendum_syntax::Sp;
use habendum_syntax::ast::*;

use super::parts::{self, Part};

/// The operation with its own `effective` and `signature` written out.
pub(super) fn anchored(
    op: &Sp<Operation>,
    effective: &DateValue,
    signed: &DateValue,
    deal: &Deal,
) -> Sp<Operation> {
    let mut op = op.clone();
    let base = |v: &DateValue| match v {
        DateValue::Fixed(d) => DateBase::Day(Date {
            year: d.year(),
            month: d.month().unsigned_abs(),
            day: d.day().unsigned_abs(),
        }),
        DateValue::Open { param, .. } => {
            let name = deal.symbols.params.get_index(param.ix()).map_or(String::new(), |(n, _)| n.clone());
            DateBase::Param(Sp::bare(name))
        }
    };
    let (e, s) = (base(effective), base(signed));
    let mut fix = |d: &mut DateExpr| match d.base {
        DateBase::Effective => d.base = e.clone(),
        DateBase::Signature => d.base = s.clone(),
        DateBase::Day(_) | DateBase::Month { .. } | DateBase::Year(_) | DateBase::Param(_) => {}
    };
    operation(&mut op.node, &mut fix);
    op
}

type Fix<'a> = &'a mut dyn FnMut(&mut DateExpr);

fn operation(op: &mut Operation, f: Fix<'_>) {
    match op {
        Operation::Replace { with, .. } | Operation::Restate { with, .. } => lines(with, f),
        Operation::Insert { clause, .. } => lines(&mut clause.parts, f),
        Operation::Vary { changes, .. } => {
            for c in changes {
                change(&mut c.node, f);
            }
        }
        Operation::Suspend { from, through, .. } => {
            for d in from.iter_mut().chain(through) {
                f(&mut d.node);
            }
        }
        Operation::Extend { to: Extension::Through(d), .. } => f(&mut d.node),
        Operation::RestateAll(cs) => {
            for c in cs {
                lines(&mut c.node.parts, f);
            }
        }
        Operation::Extend { to: Extension::By(_), .. }
        | Operation::Strike { .. }
        | Operation::Renumber { .. }
        | Operation::Affirm(_)
        | Operation::Set { .. }
        | Operation::Recites { .. } => {}
    }
}

fn change(c: &mut Change, f: Fix<'_>) {
    match c {
        Change::Term { from, through } => {
            for d in from.iter_mut().chain(through) {
                f(&mut d.node);
            }
        }
        Change::Amount(a) => parts::amount(&mut a.node, &mut dates(f)),
        Change::Add(m) | Change::Put(m) => parts::modifier(&mut m.node, &mut dates(f)),
        Change::Exclusivity(_)
        | Change::Remove { .. }
        | Change::Text(_)
        | Change::Title(_)
        | Change::Party { .. } => {}
    }
}

fn lines(p: &mut ClauseParts, f: Fix<'_>) {
    for l in &mut p.body {
        match &mut l.node {
            Line::Statement(s) => parts::statement(s, &mut dates(f)),
            Line::Reading(r) => {
                for s in &mut r.statements {
                    parts::statement(&mut s.node, &mut dates(f));
                }
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
}

/// Of all parts, the dates.
fn dates(f: Fix<'_>) -> impl FnMut(Part<'_>) {
    move |p| match p {
        Part::Date(d) => f(d),
        Part::Person(_) | Part::Word(_) => {}
    }
}
