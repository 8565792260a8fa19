//! Which types go together, and their names in contract words.

use crate::deal::Symbols;
use crate::expr::Type;
use crate::value::{Exact, Value};
use habendum_syntax::ast::{self, BinaryOp, DurationUnit};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::Scope;

/// The name of a type as a reader would say it.
#[must_use]
pub fn show_type(s: &Symbols, ty: Type) -> String {
    let unit = |u: Option<crate::value::UnitId>, word: &str| {
        u.and_then(|u| s.units.get_index(u.ix())).map_or(String::new(), |(n, _)| format!("{word}{n}"))
    };
    match ty {
        Type::Bool => "a condition".into(),
        Type::Int => "a whole number".into(),
        Type::Decimal(u) => format!("a number{}", unit(u, " of ")),
        Type::Percent => "a percentage".into(),
        Type::Money(c, u) => {
            let code = s.agreement.currencies.get(c.ix()).map_or("?", |c| c.code.as_str());
            format!("an amount in {code}{}", unit(u, " per "))
        }
        Type::Date => "a date".into(),
        Type::Instant => "an instant".into(),
        Type::Duration => "a length of time".into(),
        Type::Text => "a text".into(),
        Type::Party => "a person".into(),
        Type::Clause => "a clause".into(),
        Type::Term(v) => {
            format!("a term of {}", s.vocabularies.get_index(v.ix()).map_or("?", |(n, _)| n.as_str()))
        }
    }
}

/// A value as a reader would write it.
#[must_use]
pub fn show_value(s: &Symbols, v: &Value) -> String {
    match v {
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Money(m, c) => match s.agreement.currencies.get(c.ix()) {
            Some(cur) if m.is_integer() => cur.show(m.numer()),
            Some(cur) => match m.div(crate::value::Exact::int(cur.scale())) {
                Ok(major) => format!("{major} {}", cur.code),
                Err(_) => format!("{m} minor units of {}", cur.code),
            },
            None => m.to_string(),
        },
        Value::Date(d) => d.to_string(),
        Value::Instant(n) => {
            jiff::Timestamp::from_nanosecond(*n).map_or_else(|_| n.to_string(), |t| t.to_string())
        }
        Value::Duration(l) => {
            let word = match l.unit {
                DurationUnit::Hours => "hour",
                DurationUnit::Days => "day",
                DurationUnit::BusinessDays => "business day",
                DurationUnit::Weeks => "week",
                DurationUnit::Months => "month",
                DurationUnit::Quarters => "quarter",
                DurationUnit::Years => "year",
            };
            format!("{} {word}{}", l.count, if l.count == 1 { "" } else { "s" })
        }
        Value::Text(t) => t.to_string(),
        Value::Party(p) => s.party_name(*p).unwrap_or("a stranger").to_owned(),
        Value::Term(t) => s.terms.get(t.ix()).map_or("?", |t| t.name.as_str()).to_owned(),
        Value::Clause(c) => s.clause_name(*c).to_owned(),
        Value::Absent => "not stated".into(),
    }
}

/// A value of a type as a reader would write it: with its percent sign or unit.
#[must_use]
pub fn show_typed(s: &Symbols, v: &Value, ty: Type) -> String {
    let unit = |u: Option<crate::value::UnitId>, word: &str| {
        u.and_then(|u| s.units.get_index(u.ix())).map_or(String::new(), |(n, _)| format!("{word}{n}"))
    };
    match (v, ty) {
        (Value::Number(n), Type::Percent) => match n.mul(crate::value::Exact::int(100)) {
            Ok(n) => format!("{n}%"),
            Err(_) => n.to_string(),
        },
        (_, Type::Decimal(u)) => format!("{}{}", show_value(s, v), unit(u, " ")),
        (_, Type::Money(_, u)) => format!("{}{}", show_value(s, v), unit(u, " per ")),
        (
            _,
            Type::Percent
            | Type::Bool
            | Type::Int
            | Type::Date
            | Type::Instant
            | Type::Duration
            | Type::Text
            | Type::Party
            | Type::Clause
            | Type::Term(_),
        ) => show_value(s, v),
    }
}

/// Plain numbers: they mix in arithmetic and comparison.
fn is_plain(t: Type) -> bool {
    matches!(t, Type::Int | Type::Decimal(None) | Type::Percent)
}

pub(super) fn is_numeric(t: Type) -> bool {
    matches!(t, Type::Int | Type::Decimal(_) | Type::Percent | Type::Money(..))
}

pub(super) fn is_ordered(t: Type) -> bool {
    is_numeric(t) || matches!(t, Type::Date | Type::Instant | Type::Duration)
}

/// A value of `found` may stand where `expected` is asked for.
pub(super) fn fits(found: Type, expected: Type) -> bool {
    found == expected
        || match expected {
            Type::Decimal(None) | Type::Percent => is_plain(found),
            Type::Decimal(Some(_)) => false,
            Type::Bool
            | Type::Int
            | Type::Money(..)
            | Type::Date
            | Type::Instant
            | Type::Duration
            | Type::Text
            | Type::Party
            | Type::Clause
            | Type::Term(_) => false,
        }
}

/// The type of two values side by side.
pub(super) fn join(a: Type, b: Type) -> Option<Type> {
    if a == b {
        Some(a)
    } else if is_plain(a) && is_plain(b) {
        Some(Type::Decimal(None))
    } else {
        None
    }
}

/// The type of an operation, where it has one.
pub(super) fn arithmetic(op: BinaryOp, a: Type, b: Type) -> Option<Type> {
    use Type::{Decimal, Int, Money};
    match op {
        BinaryOp::Add | BinaryOp::Sub => match (a, b) {
            (Int, Int) => Some(Int),
            _ if is_numeric(a) && is_numeric(b) => join(a, b),
            _ => None,
        },
        BinaryOp::Mul | BinaryOp::Of => match (a, b) {
            (Int, Int) => Some(Int),
            (Money(c, Some(u)), Decimal(Some(v))) | (Decimal(Some(v)), Money(c, Some(u))) if u == v => {
                Some(Money(c, None))
            }
            (Money(c, u), n) | (n, Money(c, u)) if is_plain(n) => Some(Money(c, u)),
            (Decimal(Some(u)), n) | (n, Decimal(Some(u))) if is_plain(n) => Some(Decimal(Some(u))),
            _ if is_plain(a) && is_plain(b) => Some(Decimal(None)),
            _ => None,
        },
        BinaryOp::Div => match (a, b) {
            (Money(c, u), Money(d, v)) if c == d && u == v => Some(Decimal(None)),
            (Money(c, None), Decimal(Some(u))) => Some(Money(c, Some(u))),
            (Money(c, u), n) if is_plain(n) => Some(Money(c, u)),
            (Decimal(Some(u)), Decimal(Some(v))) if u == v => Some(Decimal(None)),
            (Decimal(Some(u)), n) if is_plain(n) => Some(Decimal(Some(u))),
            _ if is_plain(a) && is_plain(b) => Some(Decimal(None)),
            _ => None,
        },
    }
}

pub(super) fn arithmetic_fault(op: BinaryOp, a: &str, b: &str) -> String {
    match op {
        BinaryOp::Add => format!("{a} and {b} cannot be added"),
        BinaryOp::Sub => format!("{b} cannot be taken from {a}"),
        BinaryOp::Mul => format!("{a} cannot be multiplied by {b}"),
        BinaryOp::Div => format!("{a} cannot be divided by {b}"),
        BinaryOp::Of => format!("{a} of {b} has no meaning"),
    }
}

/// A bare number where a percentage stands: `5` would be 500 percent, which hardly anyone means.
pub(super) fn percent_without_sign(n: &str, span: Span) -> Diagnostic {
    let d = Diagnostic::error(
        "T010",
        format!("a percentage is written with its sign, and `{n}` has none"),
        span,
        "of what?",
    )
    .help(format!("write `{n}%` where {n} in a hundred is meant"));
    let hundredfold = |x: Exact| x.mul(Exact::int(100)).ok().filter(|x| x.is_integer()).map(|x| x.numer());
    match Exact::parse(n).and_then(hundredfold) {
        Some(h) => d.help(format!("write `{h}%` where {n} times the whole is meant")),
        None => d,
    }
}

/// A bare number where money stands: say how money is written.
pub(super) fn money_help(
    mut ds: Vec<Diagnostic>,
    e: &Sp<ast::Expr>,
    ty: Type,
    scope: &Scope<'_>,
) -> Vec<Diagnostic> {
    if let (ast::Expr::Number(n), Type::Money(c, _)) = (&e.node, ty)
        && let Some(cur) = scope.symbols.agreement.currencies.get(c.ix())
        && let Some(d) = ds.pop()
    {
        ds.push(d.help(format!("name the currency: `{n} {}`", cur.code)));
    }
    ds
}
