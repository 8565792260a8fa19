//! Walks over syntax: every name that an expression or a clause uses, by the part it plays.
//!
//! Invariant: every variant that holds a name reports it; a new variant does not compile until it does.

use crate::deal::Symbols;
use habendum_syntax::Sp;
use habendum_syntax::ast::*;
use std::collections::BTreeSet;

/// Bare names of an expression (fields, parameters, definitions, terms).
pub fn names(e: &Expr, out: &mut Vec<String>) {
    walk_expr(e, &mut |u| {
        if let Use::Name(n) = u {
            out.push(n.to_owned());
        }
    });
}

/// A name and the part it plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Use<'a> {
    /// A bare name in an expression.
    Name(&'a str),
    /// A declared total.
    Total(&'a Name),
    /// A clause.
    Clause(&'a Name),
    /// An event kind.
    Event(&'a Name),
}

/// Visits the names of an expression.
pub fn walk_expr<'a>(e: &'a Expr, f: &mut dyn FnMut(Use<'a>)) {
    match e {
        Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Percent(_)
        | Expr::Money { .. }
        | Expr::Quantity { .. }
        | Expr::Date(_)
        | Expr::Instant(_)
        | Expr::Text(_)
        | Expr::Dotted(..) => {}
        Expr::Name(n) => f(Use::Name(n)),
        Expr::Duration(d) => walk_length(d, f),
        Expr::Lookup { key, .. } => walk_expr(&key.node, f),
        Expr::Not(x) | Expr::Neg(x) | Expr::DatePart(_, x) => walk_expr(&x.node, f),
        Expr::And(xs) | Expr::Or(xs) | Expr::Greater(xs) | Expr::Lesser(xs) => {
            for x in xs {
                walk_expr(&x.node, f);
            }
        }
        Expr::Compare(_, a, b) | Expr::Binary(_, a, b) | Expr::Between { from: a, to: b, .. } => {
            walk_expr(&a.node, f);
            walk_expr(&b.node, f);
        }
        Expr::OneOf { value, set, .. } => {
            walk_expr(&value.node, f);
            for x in set {
                walk_expr(&x.node, f);
            }
        }
        Expr::In { value, .. } | Expr::IsParty { value, .. } | Expr::Stated { value, .. } => {
            walk_expr(&value.node, f)
        }
        Expr::If(c, a, b) => {
            for x in [c, a, b] {
                walk_expr(&x.node, f);
            }
        }
        Expr::Sum { what, window } => {
            match what {
                SumWhat::Total(n) => f(Use::Total(n)),
                SumWhat::Count(r) => walk_event(r, f),
                SumWhat::Payment(_, n) | SumWhat::Breaches(n) => f(Use::Clause(n)),
            }
            match &window.node {
                Window::Trailing(d) => walk_length(d, f),
                Window::Since(d) => walk_date(&d.node, f),
                Window::This(_) | Window::Last(_) | Window::InTotal | Window::OfTheTerm => {}
            }
        }
        Expr::Occurred(r) => walk_event(r, f),
    }
}

/// Visits the parameter that a length counts by.
pub fn walk_length<'a>(d: &'a Duration, f: &mut dyn FnMut(Use<'a>)) {
    match &d.count {
        DurationCount::Param(n) => f(Use::Name(&n.node)),
        DurationCount::Literal(_) => {}
    }
}

/// Visits the parameters of a date position.
pub fn walk_date<'a>(d: &'a DateExpr, f: &mut dyn FnMut(Use<'a>)) {
    match &d.base {
        DateBase::Param(n) => f(Use::Name(&n.node)),
        DateBase::Day(_)
        | DateBase::Month { .. }
        | DateBase::Year(_)
        | DateBase::Effective
        | DateBase::Signature => {}
    }
    if let Some((_, length)) = &d.offset {
        walk_length(&length.node, f);
    }
}

/// Visits the names of an event reference.
pub fn walk_event<'a>(r: &'a EventRef, f: &mut dyn FnMut(Use<'a>)) {
    f(Use::Event(&r.event));
    if let Some(g) = &r.guard {
        walk_expr(&g.node, f);
    }
}

/// Visits the names of a clause's sentences, all readings included.
pub fn walk_clause<'a>(c: &'a ClauseParts, f: &mut dyn FnMut(Use<'a>)) {
    for line in &c.body {
        match &line.node {
            Line::Statement(s) => walk_statement(s, f),
            Line::Reading(r) => {
                for s in &r.statements {
                    walk_statement(&s.node, f);
                }
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
}

/// Visits the names of a sentence.
pub fn walk_statement<'a>(s: &'a Statement, f: &mut dyn FnMut(Use<'a>)) {
    match &s.head {
        Head::May { event, .. }
        | Head::MustNot { event, .. }
        | Head::Must { event, .. }
        | Head::Grants { event, .. } => {
            f(Use::Event(event));
        }
        Head::Keep { condition, on, .. } => {
            walk_expr(&condition.node, f);
            walk_event(on, f);
        }
        Head::Power { targets, .. } => match targets {
            Targets::Agreement => {}
            Targets::Clauses(ids) => clauses(ids, f),
        },
        Head::Excuses { cause, targets } => {
            walk_event(cause, f);
            clauses(targets, f);
        }
        Head::ExtendsTime { cause, targets, by } => {
            walk_event(cause, f);
            clauses(targets, f);
            walk_expr(&by.node, f);
        }
        Head::Pays { amount, .. } => walk_amount(&amount.node, f),
        Head::Holding { share, .. } => {
            if let Some(x) = share {
                walk_expr(&x.node, f);
            }
        }
        Head::Recital(_) | Head::Undertaking { .. } => {}
    }
    for m in &s.modifiers {
        walk_modifier(&m.node, f);
    }
}

fn clauses<'a>(ids: &'a [Name], f: &mut dyn FnMut(Use<'a>)) {
    for n in ids {
        f(Use::Clause(n));
    }
}

/// Visits the names of an amount.
pub fn walk_amount<'a>(a: &'a Amount, f: &mut dyn FnMut(Use<'a>)) {
    match a {
        Amount::Expr(e) => walk_expr(e, f),
        Amount::Tiers(t) => {
            walk_expr(&t.base.node, f);
            for b in &t.bands {
                for (e, _) in b.node.lower.iter().chain(&b.node.upper) {
                    walk_expr(&e.node, f);
                }
                walk_expr(&b.node.rate.node, f);
            }
        }
    }
}

fn exception<'a>(x: &'a Exception, f: &mut dyn FnMut(Use<'a>)) {
    walk_expr(&x.condition.node, f);
    for y in &x.unless {
        exception(y, f);
    }
}

/// Visits the names of a modifier.
pub fn walk_modifier<'a>(m: &'a Modifier, f: &mut dyn FnMut(Use<'a>)) {
    let sp = |e: &'a Sp<Expr>, f: &mut dyn FnMut(Use<'a>)| walk_expr(&e.node, f);
    match m {
        Modifier::Where(e)
        | Modifier::OnlyIf(e)
        | Modifier::While(e)
        | Modifier::When(e)
        | Modifier::ExclusiveWhile(e)
        | Modifier::Totalling { amount: e, .. }
        | Modifier::LateInterest { rate: e, .. } => sp(e, f),
        Modifier::Unless(x) => exception(x, f),
        Modifier::SubjectTo(ids) | Modifier::Notwithstanding(ids) | Modifier::WithoutPrejudice(ids) => {
            clauses(ids, f);
        }
        Modifier::Surviving { ids, lasting } => {
            clauses(ids, f);
            lasting.iter().for_each(|l| walk_length(&l.node, f));
        }
        Modifier::Before(r)
        | Modifier::Until(r)
        | Modifier::OnEach(r)
        | Modifier::OnFirst(r)
        | Modifier::ExercisedBy(r) => walk_event(r, f),
        Modifier::Within { length, of } => {
            walk_length(&length.node, f);
            walk_event(of, f);
        }
        Modifier::UntilReaches { sum, level } => {
            sp(sum, f);
            sp(level, f);
        }
        Modifier::Renews { length, condition, .. } => {
            walk_length(&length.node, f);
            if let Some(e) = condition {
                sp(e, f);
            }
        }
        Modifier::Otherwise(s) => walk_statement(&s.node, f),
        Modifier::Cap(c) => {
            sp(&c.amount, f);
            if let Some(d) = &c.from {
                walk_date(&d.node, f);
            }
        }
        Modifier::Floor(c) => {
            sp(&c.amount, f);
            if let Some(d) = &c.carry {
                walk_length(&d.node, f);
            }
        }
        Modifier::Due(d) => match &d.node {
            Due::AfterEach(l, _) | Due::After(l) => walk_length(&l.node, f),
            Due::On(d) => walk_date(&d.node, f),
            Due::AtOnce => {}
        },
        Modifier::Crediting { clause, up_to, .. } => {
            f(Use::Clause(clause));
            if let Some(e) = up_to {
                sp(e, f);
            }
        }
        Modifier::BeforeDate(d)
        | Modifier::From(d)
        | Modifier::Through(d)
        | Modifier::By(d)
        | Modifier::OnDate(d) => walk_date(&d.node, f),
        Modifier::Lasting(d) | Modifier::Notice(d) | Modifier::WithinEach { length: d, .. } => {
            walk_length(&d.node, f)
        }
        Modifier::Each(_)
        | Modifier::NoDeadline
        | Modifier::PerDelay { .. }
        | Modifier::Rounded { .. }
        | Modifier::Prorated
        | Modifier::InAdvance(_)
        | Modifier::MaySublicense { .. }
        | Modifier::NonTransferable
        | Modifier::Clocks(_)
        | Modifier::MonthRounding(_) => {}
    }
}

/// Visits the names of a clause's sentences, and those of the definitions and totals that they rest on, each once. A definition's name is
/// visited before what it holds.
pub fn walk_through<'a>(s: &'a Symbols, c: &'a ClauseParts, f: &mut dyn FnMut(Use<'a>)) {
    let mut todo: Vec<Use<'a>> = Vec::new();
    walk_clause(c, &mut |u| todo.push(u));
    open(s, todo, f);
}

/// The same of one sentence.
pub fn walk_statement_through<'a>(s: &'a Symbols, of: &'a Statement, f: &mut dyn FnMut(Use<'a>)) {
    let mut todo: Vec<Use<'a>> = Vec::new();
    walk_statement(of, &mut |u| todo.push(u));
    open(s, todo, f);
}

/// The same of one modifier.
pub fn walk_modifier_through<'a>(s: &'a Symbols, of: &'a Modifier, f: &mut dyn FnMut(Use<'a>)) {
    let mut todo: Vec<Use<'a>> = Vec::new();
    walk_modifier(of, &mut |u| todo.push(u));
    open(s, todo, f);
}

/// The same of an event reference: its kind and its guard.
pub fn walk_event_through<'a>(s: &'a Symbols, r: &'a EventRef, f: &mut dyn FnMut(Use<'a>)) {
    let mut todo: Vec<Use<'a>> = Vec::new();
    walk_event(r, &mut |u| todo.push(u));
    open(s, todo, f);
}

fn open<'a>(s: &'a Symbols, mut todo: Vec<Use<'a>>, f: &mut dyn FnMut(Use<'a>)) {
    let mut opened = BTreeSet::new();
    todo.reverse();
    while let Some(u) = todo.pop() {
        f(u);
        let name = match u {
            Use::Name(n) => n,
            Use::Total(n) => n.node.as_str(),
            Use::Clause(_) | Use::Event(_) => continue,
        };
        if !opened.insert(name) {
            continue;
        }
        let mut held = Vec::new();
        if let Some(d) = s.defines.get(name) {
            walk_expr(&d.node.value.node, &mut |u| held.push(u));
        }
        if let Some(t) = s.totals.get(name) {
            walk_expr(&t.node.value.node, &mut |u| held.push(u));
            walk_event(&t.node.on, &mut |u| held.push(u));
        }
        todo.extend(held.into_iter().rev());
    }
}
