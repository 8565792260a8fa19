//! The parts of a sentence that an amendment can change all through it: dates, persons, words of expressions.
//!
//! Invariant: every variant that holds such a part visits it; a new variant does not compile until it does.

use habendum_syntax::ast::*;

/// A part, to be changed in place.
pub(super) enum Part<'a> {
    /// A date position.
    Date(&'a mut DateExpr),
    /// A place for a person (or a register of persons).
    Person(&'a mut Name),
    /// A bare name in an expression.
    Word(&'a mut String),
}

/// What is done to each part.
pub(super) type Visit<'a> = &'a mut dyn FnMut(Part<'_>);

/// Visits the parts of a sentence.
pub(super) fn statement(s: &mut Statement, f: Visit<'_>) {
    match &mut s.head {
        Head::Keep { who: w, condition, on } => {
            who(&mut w.node, f);
            expr(&mut condition.node, f);
            event(on, f);
        }
        Head::Excuses { cause, .. } => event(cause, f),
        Head::ExtendsTime { cause, by, .. } => {
            event(cause, f);
            expr(&mut by.node, f);
        }
        Head::Pays { payer, payee, amount: a } => {
            persons([payer, payee], f);
            amount(&mut a.node, f);
        }
        Head::May { who: w, .. }
        | Head::MustNot { who: w, .. }
        | Head::Must { who: w, .. }
        | Head::Power { who: w, .. }
        | Head::Undertaking { who: w, .. } => who(&mut w.node, f),
        Head::Grants { licensor, licensee, exclusivity, .. } => {
            persons([licensor, licensee], f);
            if let Exclusivity::CoExclusive(names) = &mut exclusivity.node {
                persons(names, f);
            }
        }
        Head::Holding { holder, in_, share, .. } => {
            persons([holder, in_], f);
            if let Some(x) = share {
                expr(&mut x.node, f);
            }
        }
        Head::Recital(_) => {}
    }
    for m in &mut s.modifiers {
        modifier(&mut m.node, f);
    }
}

/// Visits the parts of an amount.
pub(super) fn amount(a: &mut Amount, f: Visit<'_>) {
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

fn persons<'a>(names: impl IntoIterator<Item = &'a mut Name>, f: Visit<'_>) {
    for n in names {
        f(Part::Person(n));
    }
}

fn who(w: &mut Who, f: Visit<'_>) {
    match w {
        Who::Named(names) | Who::AnyoneExcept(names) => persons(names, f),
        Who::AnyParty | Who::Anyone => {}
    }
}

fn event(r: &mut EventRef, f: Visit<'_>) {
    if let Some(g) = &mut r.guard {
        expr(&mut g.node, f);
    }
}

fn exception(x: &mut Exception, f: Visit<'_>) {
    expr(&mut x.condition.node, f);
    for y in &mut x.unless {
        exception(y, f);
    }
}

/// Visits the parts of a modifier.
pub(super) fn modifier(m: &mut Modifier, f: Visit<'_>) {
    match m {
        Modifier::BeforeDate(d)
        | Modifier::From(d)
        | Modifier::Through(d)
        | Modifier::By(d)
        | Modifier::OnDate(d) => {
            f(Part::Date(&mut d.node));
        }
        Modifier::Due(d) => match &mut d.node {
            Due::On(d) => f(Part::Date(&mut d.node)),
            Due::AtOnce | Due::AfterEach(..) | Due::After(_) => {}
        },
        Modifier::Cap(c) => {
            expr(&mut c.amount.node, f);
            if let Some(d) = &mut c.from {
                f(Part::Date(&mut d.node));
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
        Modifier::MaySublicense { to, .. } => persons(to, f),
        Modifier::Renews { condition: None, .. }
        | Modifier::Crediting { up_to: None, .. }
        | Modifier::SubjectTo(_)
        | Modifier::Notwithstanding(_)
        | Modifier::WithoutPrejudice(_)
        | Modifier::Lasting(_)
        | Modifier::WithinEach { .. }
        | Modifier::Each(_)
        | Modifier::NoDeadline
        | Modifier::PerDelay { .. }
        | Modifier::Rounded { .. }
        | Modifier::Prorated
        | Modifier::InAdvance(_)
        | Modifier::Notice(_)
        | Modifier::Surviving { .. }
        | Modifier::NonTransferable
        | Modifier::Clocks(_)
        | Modifier::MonthRounding(_) => {}
    }
}

fn expr(e: &mut Expr, f: Visit<'_>) {
    match e {
        Expr::Sum { what, window } => {
            if let SumWhat::Count(r) = what {
                event(r, f);
            }
            if let Window::Since(d) = &mut window.node {
                f(Part::Date(&mut d.node));
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
        Expr::Name(n) => f(Part::Word(n)),
        Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Percent(_)
        | Expr::Money { .. }
        | Expr::Quantity { .. }
        | Expr::Duration(_)
        | Expr::Date(_)
        | Expr::Instant(_)
        | Expr::Text(_)
        | Expr::Dotted(..) => {}
    }
}
