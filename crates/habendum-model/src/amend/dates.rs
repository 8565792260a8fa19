//! Inside an amendment, `effective` and `signature` mean the amendment's own.

use crate::deal::Deal;
use crate::expr::DateValue;
use habendum_syntax::Sp;
use habendum_syntax::ast::*;

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
        Operation::Replace { with, .. } | Operation::Restate { with, .. } => parts(with, f),
        Operation::Insert { clause, .. } => parts(&mut clause.parts, f),
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
                parts(&mut c.node.parts, f);
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
        Change::Amount(a) => amount(&mut a.node, f),
        Change::Add(m) | Change::Put(m) => modifier(&mut m.node, f),
        Change::Exclusivity(_)
        | Change::Remove { .. }
        | Change::Text(_)
        | Change::Title(_)
        | Change::Party { .. } => {}
    }
}

fn parts(p: &mut ClauseParts, f: Fix<'_>) {
    for l in &mut p.body {
        match &mut l.node {
            Line::Statement(s) => statement(s, f),
            Line::Reading(r) => {
                for s in &mut r.statements {
                    statement(&mut s.node, f);
                }
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
}

fn statement(s: &mut Statement, f: Fix<'_>) {
    match &mut s.head {
        Head::Keep { condition, on, .. } => {
            expr(&mut condition.node, f);
            event(on, f);
        }
        Head::Excuses { cause, .. } => event(cause, f),
        Head::ExtendsTime { cause, by, .. } => {
            event(cause, f);
            expr(&mut by.node, f);
        }
        Head::Pays { amount: a, .. } => amount(&mut a.node, f),
        Head::May { .. }
        | Head::MustNot { .. }
        | Head::Must { .. }
        | Head::Power { .. }
        | Head::Grants { .. }
        | Head::Recital(_)
        | Head::Undertaking { .. }
        | Head::Holding { .. } => {}
    }
    for m in &mut s.modifiers {
        modifier(&mut m.node, f);
    }
}

fn amount(a: &mut Amount, f: Fix<'_>) {
    match a {
        Amount::Expr(e) => expr(e, f),
        Amount::Tiers(t) => {
            expr(&mut t.base.node, f);
            for b in &mut t.bands {
                for (e, _) in b.node.lower.iter_mut().chain(&mut b.node.upper) {
                    expr(&mut e.node, f);
                }
                expr(&mut b.node.rate.node, f);
            }
        }
    }
}

fn event(r: &mut EventRef, f: Fix<'_>) {
    if let Some(g) = &mut r.guard {
        expr(&mut g.node, f);
    }
}

fn exception(x: &mut Exception, f: Fix<'_>) {
    expr(&mut x.condition.node, f);
    for y in &mut x.unless {
        exception(y, f);
    }
}

fn modifier(m: &mut Modifier, f: Fix<'_>) {
    match m {
        Modifier::BeforeDate(d)
        | Modifier::From(d)
        | Modifier::Through(d)
        | Modifier::By(d)
        | Modifier::OnDate(d) => {
            f(&mut d.node);
        }
        Modifier::Due(d) => match &mut d.node {
            Due::On(d) => f(&mut d.node),
            Due::AtOnce | Due::AfterEach(..) | Due::After(_) => {}
        },
        Modifier::Cap(c) => {
            expr(&mut c.amount.node, f);
            if let Some(d) = &mut c.from {
                f(&mut d.node);
            }
        }
        Modifier::Floor(c) => expr(&mut c.amount.node, f),
        Modifier::Where(e)
        | Modifier::OnlyIf(e)
        | Modifier::While(e)
        | Modifier::When(e)
        | Modifier::ExclusiveWhile(e)
        | Modifier::Totalling { amount: e, .. }
        | Modifier::LateInterest { rate: e, .. } => expr(&mut e.node, f),
        Modifier::Unless(x) => exception(x, f),
        Modifier::Before(r)
        | Modifier::Until(r)
        | Modifier::Within { of: r, .. }
        | Modifier::OnEach(r)
        | Modifier::OnFirst(r)
        | Modifier::ExercisedBy(r) => event(r, f),
        Modifier::UntilReaches { sum, level } => {
            expr(&mut sum.node, f);
            expr(&mut level.node, f);
        }
        Modifier::Renews { condition: Some(e), .. } | Modifier::Crediting { up_to: Some(e), .. } => {
            expr(&mut e.node, f)
        }
        Modifier::Otherwise(s) => statement(&mut s.node, f),
        Modifier::Renews { condition: None, .. }
        | Modifier::Crediting { up_to: None, .. }
        | Modifier::SubjectTo(_)
        | Modifier::Notwithstanding(_)
        | Modifier::WithoutPrejudice(_)
        | Modifier::Lasting(_)
        | Modifier::Each(_)
        | Modifier::NoDeadline
        | Modifier::PerDelay { .. }
        | Modifier::Rounded { .. }
        | Modifier::Prorated
        | Modifier::InAdvance(_)
        | Modifier::Notice(_)
        | Modifier::Surviving(_)
        | Modifier::MaySublicense { .. }
        | Modifier::NonTransferable
        | Modifier::Clocks(_)
        | Modifier::MonthRounding(_) => {}
    }
}

fn expr(e: &mut Expr, f: Fix<'_>) {
    match e {
        Expr::Sum { what, window } => {
            if let SumWhat::Count(r) = what {
                event(r, f);
            }
            if let Window::Since(d) = &mut window.node {
                f(&mut d.node);
            }
        }
        Expr::Occurred(r) => event(r, f),
        Expr::Lookup { key: x, .. } | Expr::Not(x) | Expr::Neg(x) | Expr::DatePart(_, x) => {
            expr(&mut x.node, f)
        }
        Expr::In { value: x, .. } | Expr::IsParty { value: x, .. } | Expr::Stated { value: x, .. } => {
            expr(&mut x.node, f)
        }
        Expr::And(xs) | Expr::Or(xs) | Expr::Greater(xs) | Expr::Lesser(xs) => {
            for x in xs {
                expr(&mut x.node, f);
            }
        }
        Expr::OneOf { value, set, .. } => {
            expr(&mut value.node, f);
            for x in set {
                expr(&mut x.node, f);
            }
        }
        Expr::Compare(_, a, b) | Expr::Binary(_, a, b) | Expr::Between { from: a, to: b, .. } => {
            expr(&mut a.node, f);
            expr(&mut b.node, f);
        }
        Expr::If(c, a, b) => {
            for x in [c, a, b] {
                expr(&mut x.node, f);
            }
        }
        Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Percent(_)
        | Expr::Money { .. }
        | Expr::Quantity { .. }
        | Expr::Duration(_)
        | Expr::Date(_)
        | Expr::Instant(_)
        | Expr::Text(_)
        | Expr::Name(_)
        | Expr::Dotted(..) => {}
    }
}
