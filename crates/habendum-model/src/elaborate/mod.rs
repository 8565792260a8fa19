//! Types: from syntactic to typed expressions, in a scope.
//!
//! Data flow: a [`Scope`] says what names can mean; [`elaborate_expr`] gives an [`Expr`] or diagnostics.
//! Invariant: an `Expr` that is returned is well typed, and its names are resolved. Names are sought in this order: field of the
//! event at hand, `date`, parameter, definition, then term, party or clause by the type that is expected.

mod compare;
mod constant;
mod dates;
mod names;
mod sums;
mod types;

pub use constant::{const_value, fold};
pub use dates::{DateRole, DateScope, elaborate_date, elaborate_length};
pub use types::{show_type, show_typed, show_value};

use crate::deal::Symbols;
use crate::expr::{Expr, ExprKind, Measure, Type};
use crate::value::{EventId, TableId, Value};
use habendum_syntax::ast::{self, BinaryOp};
use habendum_syntax::{Diagnostic, Sp, Span};
use std::cell::RefCell;

/// Result of typing: the expression, or what is wrong with it.
pub type Typed = Result<Expr, Vec<Diagnostic>>;

/// What names can mean at a place.
#[derive(Clone)]
pub struct Scope<'a> {
    /// Every name of the deal.
    pub symbols: &'a Symbols,
    /// The event whose fields are at hand.
    pub event: Option<EventId>,
    /// The event that opened the obligation or caused the relief; its fields are written `Kind.field`.
    pub trigger: Option<EventId>,
    /// Instance key of the clause: field names, and the table of its figures.
    pub key: Option<(Vec<String>, Option<TableId>)>,
    /// Interner of running measures; none where sums have no meaning (constants, tables).
    pub measures: Option<&'a RefCell<Vec<Measure>>>,
    /// How dates are reckoned, for `since DATE`; none where dates have no meaning.
    pub dates: Option<&'a DateScope<'a>>,
    /// Definitions being opened, so that a cycle ends.
    pub(crate) opening: Vec<String>,
}

impl<'a> Scope<'a> {
    /// A scope without an event.
    #[must_use]
    pub fn new(symbols: &'a Symbols) -> Self {
        Scope {
            symbols,
            event: None,
            trigger: None,
            key: None,
            measures: None,
            dates: None,
            opening: Vec::new(),
        }
    }

    /// The scope of constants: parameters' values, tables, schedules.
    #[must_use]
    pub fn constant(symbols: &'a Symbols) -> Self {
        Scope::new(symbols)
    }

    /// The same scope over the fields of an event kind.
    #[must_use]
    pub fn over(&self, event: EventId) -> Self {
        Scope { event: Some(event), ..self.clone() }
    }

    /// The same scope with a trigger.
    #[must_use]
    pub fn triggered_by(&self, event: EventId) -> Self {
        Scope { trigger: Some(event), ..self.clone() }
    }
}

/// One diagnostic as a failed typing.
pub(crate) fn fail<T>(
    code: &str,
    message: impl Into<String>,
    span: Span,
    label: &str,
) -> Result<T, Vec<Diagnostic>> {
    Err(vec![Diagnostic::error(code, message, span, label)])
}

/// Types an expression; `expected` decides between terms of several vocabularies, and is checked where given.
///
/// # Errors
/// Unknown names (`N010`), ill-typed operations (`T010` and on).
pub fn elaborate_expr(scope: &Scope<'_>, e: &Sp<ast::Expr>, expected: Option<Type>) -> Typed {
    if let (Some(Type::Percent), ast::Expr::Number(n)) = (expected, &e.node)
        && n != "0"
    {
        return Err(vec![types::percent_without_sign(n, e.span)]);
    }
    let typed = infer(scope, e, expected)?;
    match expected {
        Some(ty) if !types::fits(typed.ty, ty) => fail(
            "T010",
            format!(
                "expected {}, found {}",
                show_type(scope.symbols, ty),
                show_type(scope.symbols, typed.ty)
            ),
            e.span,
            "of the wrong type",
        )
        .map_err(|d| types::money_help(d, e, ty, scope)),
        _ => Ok(typed),
    }
}

/// Types a guard.
///
/// # Errors
/// As [`elaborate_expr`], and where it is not a condition.
pub fn elaborate_guard(scope: &Scope<'_>, e: &Sp<ast::Expr>) -> Typed {
    elaborate_expr(scope, e, Some(Type::Bool))
}

fn infer(scope: &Scope<'_>, e: &Sp<ast::Expr>, expected: Option<Type>) -> Typed {
    use ast::Expr as E;
    let make = |kind, ty| Ok(Expr { kind, ty, span: e.span });
    match &e.node {
        E::Bool(_)
        | E::Number(_)
        | E::Percent(_)
        | E::Money { .. }
        | E::Quantity { .. }
        | E::Duration(_)
        | E::Date(_)
        | E::Instant(_)
        | E::Text(_) => {
            let (v, ty) = constant::literal(scope.symbols, e)?;
            make(ExprKind::Const(v), ty)
        }
        E::Name(n) => names::name(scope, &Sp::new(n.clone(), e.span), expected),
        E::Dotted(a, b) => names::dotted(scope, a, b, e.span),
        E::Lookup { table, key, column } => names::lookup(scope, table, key, column.as_ref(), e.span),
        E::Not(x) => {
            let x = elaborate_guard(scope, x)?;
            make(ExprKind::Not(Box::new(x)), Type::Bool)
        }
        E::And(xs) => make(ExprKind::And(all(scope, xs, Some(Type::Bool))?), Type::Bool),
        E::Or(xs) => make(ExprKind::Or(all(scope, xs, Some(Type::Bool))?), Type::Bool),
        E::Compare(op, a, b) => compare::compare(scope, *op, a, b, e.span),
        E::OneOf { value, set, negated } => compare::one_of(scope, value, set, *negated, e.span),
        E::In { value, register, negated } => compare::in_register(scope, value, register, *negated, e.span),
        E::IsParty { value, party } => {
            let v = elaborate_expr(scope, value, Some(Type::Party))?;
            compare::negate_if(
                !*party,
                v.clone(),
                Expr { kind: ExprKind::IsParty(Box::new(v)), ty: Type::Bool, span: e.span },
                scope,
            )
        }
        E::Stated { value, negated } => {
            let v = infer(scope, value, None)?;
            let stated = Expr { kind: ExprKind::Stated(Box::new(v)), ty: Type::Bool, span: e.span };
            if *negated { make(ExprKind::Not(Box::new(stated)), Type::Bool) } else { Ok(stated) }
        }
        E::Neg(x) => {
            let x = infer(scope, x, expected)?;
            if !types::is_numeric(x.ty) {
                return fail("T011", "only numbers and money have a negative", e.span, "not a number");
            }
            let ty = x.ty;
            make(ExprKind::Neg(Box::new(x)), ty)
        }
        E::Binary(op, a, b) => binary(scope, *op, a, b, e.span),
        E::If(c, a, b) => {
            let c = elaborate_guard(scope, c)?;
            let mut both = alike(scope, &[&**a, &**b], expected, e.span)?;
            let (ty, b, a) = (both.0, both.1.pop(), both.1.pop());
            match (a, b) {
                (Some(a), Some(b)) => make(ExprKind::If(Box::new(c), Box::new(a), Box::new(b)), ty),
                _ => fail("T012", "a choice needs two sides", e.span, "incomplete"),
            }
        }
        E::Greater(xs) | E::Lesser(xs) => {
            let refs: Vec<_> = xs.iter().collect();
            let (ty, typed) = alike(scope, &refs, expected, e.span)?;
            if !types::is_ordered(ty) {
                return fail(
                    "T013",
                    "greater and lesser need amounts, numbers or dates",
                    e.span,
                    "cannot be ordered",
                );
            }
            let greater = matches!(e.node, E::Greater(_));
            make(if greater { ExprKind::Greater(typed) } else { ExprKind::Lesser(typed) }, ty)
        }
        E::Between { started, unit, from, to } => {
            let side = |x: &Sp<ast::Expr>| match unit {
                ast::DurationUnit::Hours => instant_side(scope, x),
                _ => elaborate_expr(scope, x, Some(Type::Date)),
            };
            let (from, to) = (Box::new(side(from)?), Box::new(side(to)?));
            make(ExprKind::Between { started: *started, unit: *unit, from, to }, Type::Int)
        }
        E::DatePart(part, d) => {
            let d = elaborate_expr(scope, d, Some(Type::Date))?;
            make(ExprKind::DatePart(*part, Box::new(d)), Type::Int)
        }
        E::Sum { what, window } => sums::sum(scope, what, window, e.span, expected),
        E::Occurred(r) => sums::occurred(scope, r, e.span),
    }
}

/// A side of `started hours from A to B`: hours need a time of day.
fn instant_side(scope: &Scope<'_>, x: &Sp<ast::Expr>) -> Typed {
    let e = elaborate_expr(scope, x, None)?;
    if e.ty == Type::Instant {
        return Ok(e);
    }
    let message =
        format!("hours count between two instants, and this is {}", types::show_type(scope.symbols, e.ty));
    let d = Diagnostic::error("T010", message, x.span, "no time of day is known here")
        .help("declare the field as `instant`, or count in `days`");
    Err(vec![d])
}

fn all(
    scope: &Scope<'_>,
    xs: &[Sp<ast::Expr>],
    expected: Option<Type>,
) -> Result<Vec<Expr>, Vec<Diagnostic>> {
    let mut out = Vec::with_capacity(xs.len());
    let mut bad = Vec::new();
    for x in xs {
        match elaborate_expr(scope, x, expected) {
            Ok(t) => out.push(t),
            Err(d) => bad.extend(d),
        }
    }
    if bad.is_empty() { Ok(out) } else { Err(bad) }
}

/// Types several operands alike; the first that can be typed alone lends its type to the others.
pub(crate) fn alike(
    scope: &Scope<'_>,
    xs: &[impl std::borrow::Borrow<Sp<ast::Expr>>],
    expected: Option<Type>,
    span: Span,
) -> Result<(Type, Vec<Expr>), Vec<Diagnostic>> {
    let mut out: Vec<Expr> = Vec::new();
    let mut lead = expected;
    for x in xs {
        let t = infer(scope, x.borrow(), lead)?;
        lead = lead.or(Some(t.ty));
        out.push(t);
    }
    let mut ty = out.first().map_or(Type::Bool, |t| t.ty);
    for t in &out[1..] {
        match types::join(ty, t.ty) {
            Some(j) => ty = j,
            None => {
                return Err(vec![
                    Diagnostic::error(
                        "T014",
                        format!(
                            "{} and {} do not go together",
                            show_type(scope.symbols, ty),
                            show_type(scope.symbols, t.ty)
                        ),
                        span,
                        "these must be alike",
                    )
                    .label(out[0].span, show_type(scope.symbols, ty))
                    .label(t.span, show_type(scope.symbols, t.ty)),
                ]);
            }
        }
    }
    Ok((ty, out))
}

fn binary(scope: &Scope<'_>, op: BinaryOp, a: &Sp<ast::Expr>, b: &Sp<ast::Expr>, span: Span) -> Typed {
    let ta = infer(scope, a, None)?;
    let tb = infer(scope, b, None)?;
    match types::arithmetic(op, ta.ty, tb.ty) {
        Some(ty) => {
            if matches!(&tb.kind, ExprKind::Const(Value::Number(n) | Value::Money(n, _)) if n.is_zero() && op == BinaryOp::Div)
            {
                return fail("T016", "division by zero", tb.span, "zero");
            }
            Ok(Expr { kind: ExprKind::Binary(op, Box::new(ta), Box::new(tb)), ty, span })
        }
        None => {
            let (sa, sb) = (show_type(scope.symbols, ta.ty), show_type(scope.symbols, tb.ty));
            let mut d =
                Diagnostic::error("T015", types::arithmetic_fault(op, &sa, &sb), span, "cannot be computed")
                    .label(ta.span, sa)
                    .label(tb.span, sb);
            if let (Type::Money(x, _), Type::Money(y, _)) = (ta.ty, tb.ty)
                && x != y
            {
                d = d.note("currencies never mix: convert by a rate that the contract names, as a parameter");
            }
            Err(vec![d])
        }
    }
}
