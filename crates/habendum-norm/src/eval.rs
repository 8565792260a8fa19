//! Expressions: their value for an event, a day and the state before the row.
//!
//! Data flow: a typed [`Expr`] and a [`Scene`] -> a [`Value`]. Invariant: pure; nothing is rounded here; an absent optional
//! value makes every comparison false and every sum or product absent.

use crate::interpret::measures::Measures;
use crate::outcome::EvalError;
use habendum_model::date::{self, DateError, Reckoning};
use habendum_model::deal::Symbols;
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{Exact, Length, Overflow, ParamId, PartyId, TermId, Value};
use habendum_syntax::Span;
use habendum_syntax::ast::{BinaryOp, CompareOp, DatePart};
use jiff::civil::Date;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Everything an expression may ask about.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Names and tables.
    pub symbols: &'a Symbols,
    /// How dates are reckoned.
    pub reckoning: &'a Reckoning,
    /// Fields of the event at hand; none where a period or a day is assessed.
    pub fields: &'a [Value],
    /// Fields of the event that opened the obligation or caused the relief.
    pub trigger: &'a [Value],
    /// The day at hand.
    pub today: Date,
    /// Parameter values of the version.
    pub params: &'a [Option<Value>],
    /// The instance key of the norm.
    pub key: &'a [Value],
    /// Names of the fields that make the key.
    pub key_fields: &'a [String],
    /// First day of the norm's current term.
    pub term_start: Date,
    /// Running sums.
    pub measures: &'a Measures,
    /// Members of the registers.
    pub registers: &'a [BTreeSet<Value>],
}

/// An error at a place.
pub(crate) fn fault(message: impl Into<String>, span: Span) -> EvalError {
    EvalError { row: None, field: None, message: message.into(), span: Some(span) }
}

fn over(span: Span) -> impl Fn(Overflow) -> EvalError {
    move |o| fault(o.to_string(), span)
}

fn dated(span: Span) -> impl Fn(DateError) -> EvalError {
    move |o| fault(o.to_string(), span)
}

/// Whether a condition holds.
///
/// # Errors
/// As [`eval`].
pub fn truth(e: &Expr, s: &Scene<'_>) -> Result<bool, EvalError> {
    match &e.kind {
        ExprKind::And(all) => {
            for x in all {
                if !truth(x, s)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        ExprKind::Or(any) => {
            for x in any {
                if truth(x, s)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        ExprKind::Not(x) => Ok(!truth(x, s)?),
        ExprKind::Compare(op, a, b) => compare(*op, a, b, s),
        ExprKind::Under(x, ranges) => with(x, s, |v| match v {
            Value::Term(t) => ranges.iter().any(|(lo, hi)| lo <= t && t <= hi),
            _ => false,
        }),
        ExprKind::Overlaps(x, terms) => with(x, s, |v| match v {
            Value::Term(t) => terms.iter().any(|u| related(s.symbols, *t, *u)),
            _ => false,
        }),
        ExprKind::OneOf(x, set) => with(x, s, |v| *v != Value::Absent && set.contains(v)),
        ExprKind::InRegister(x, r) => {
            with(x, s, |v| s.registers.get(r.ix()).is_some_and(|members| in_register(s.symbols, members, v)))
        }
        ExprKind::IsParty(x) => with(x, s, |v| matches!(v, Value::Party(p) if s.symbols.is_party(*p))),
        ExprKind::Stated(x) => with(x, s, |v| *v != Value::Absent),
        ExprKind::Occurred(m) => {
            let n = s.measures.total(*m, s.key_fields, s.key).map_err(over(e.span))?;
            Ok(!n.is_zero() && !n.is_negative())
        }
        _ => match eval(e, s)? {
            Value::Bool(b) => Ok(b),
            Value::Absent => Ok(false),
            v => Err(fault(format!("a condition came out as {v:?}"), e.span)),
        },
    }
}

/// True where two terms are equal or one lies above the other.
#[must_use]
pub fn related(symbols: &Symbols, a: TermId, b: TermId) -> bool {
    symbols.is_under(a, b) || symbols.is_under(b, a)
}

/// Membership: the value itself, or (for terms) a term above it.
fn in_register(symbols: &Symbols, members: &BTreeSet<Value>, v: &Value) -> bool {
    match v {
        Value::Term(t) => members.iter().any(|m| matches!(m, Value::Term(u) if symbols.is_under(*t, *u))),
        _ => members.contains(v),
    }
}

/// A value that can be looked at in place, without evaluation.
fn peek<'a>(e: &'a Expr, s: &Scene<'a>) -> Option<&'a Value> {
    match &e.kind {
        ExprKind::Const(v) => Some(v),
        ExprKind::Field(f) => s.fields.get(f.ix()).filter(|v| in_currency(e, v)),
        ExprKind::Trigger(f) => s.trigger.get(f.ix()).filter(|v| in_currency(e, v)),
        ExprKind::Param(p) => s.params.get(p.ix()).and_then(Option::as_ref),
        _ => None,
    }
}

/// Whether a field's value is in the currency that the text takes it for. A `Payment` is in that of the clause it is for,
/// so its amount can be in another than the deal's own.
fn in_currency(e: &Expr, v: &Value) -> bool {
    match (e.ty, v) {
        (Type::Money(c, _), Value::Money(_, d)) => c == *d,
        _ => true,
    }
}

/// The value of a field; an amount in another currency than the text takes it for is a fault.
fn same_currency(e: &Expr, v: &Value, s: &Scene<'_>) -> Result<Value, EvalError> {
    if in_currency(e, v) {
        return Ok(v.clone());
    }
    let message = format!(
        "currencies never mix: the payment is of {}, and this is asked of another currency",
        show(s.symbols, v)
    );
    Err(fault(message, e.span))
}

fn with<T>(e: &Expr, s: &Scene<'_>, f: impl FnOnce(&Value) -> T) -> Result<T, EvalError> {
    match peek(e, s) {
        Some(v) => Ok(f(v)),
        None => Ok(f(&eval(e, s)?)),
    }
}

fn compare(op: CompareOp, a: &Expr, b: &Expr, s: &Scene<'_>) -> Result<bool, EvalError> {
    let held_a;
    let va = match peek(a, s) {
        Some(v) => v,
        None => {
            held_a = eval(a, s)?;
            &held_a
        }
    };
    let held_b;
    let vb = match peek(b, s) {
        Some(v) => v,
        None => {
            held_b = eval(b, s)?;
            &held_b
        }
    };
    if *va == Value::Absent || *vb == Value::Absent {
        return Ok(false);
    }
    let ord = match (va, vb) {
        (Value::Duration(x), Value::Duration(y)) => x.order(*y).ok_or_else(|| unlike(*x, *y, a.span))?,
        (x, y) => order(x, y),
    };
    Ok(match op {
        CompareOp::Is => ord == Ordering::Equal,
        CompareOp::IsNot => ord != Ordering::Equal,
        CompareOp::AtLeast => ord != Ordering::Less,
        CompareOp::MoreThan => ord == Ordering::Greater,
        CompareOp::UpTo => ord != Ordering::Greater,
        CompareOp::LessThan => ord == Ordering::Less,
    })
}

fn unlike(a: Length, b: Length, span: Span) -> EvalError {
    let said = |l: Length| format!("{} {:?}", l.count, l.unit).to_lowercase();
    let text =
        format!("{} and {} cannot be compared: months differ, and so do business days", said(a), said(b));
    fault(text, span)
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Money(x, _), Value::Money(y, _)) => x.cmp(y),
        (Value::Number(x), Value::Number(y)) => x.cmp(y),
        _ => a.cmp(b),
    }
}

/// The value of an expression.
///
/// # Errors
/// A parameter without a value, a table without the key, a figure beyond 128 bits, a date that cannot be reckoned.
pub fn eval(e: &Expr, s: &Scene<'_>) -> Result<Value, EvalError> {
    match &e.kind {
        ExprKind::Const(v) => Ok(v.clone()),
        ExprKind::Field(f) => match s.fields.get(f.ix()) {
            Some(v) => same_currency(e, v, s),
            None => Err(fault("no event is at hand whose field could be read", e.span)),
        },
        ExprKind::Trigger(f) => match s.trigger.get(f.ix()) {
            Some(v) => same_currency(e, v, s),
            None => Err(fault("no triggering event is at hand whose field could be read", e.span)),
        },
        ExprKind::Today => Ok(Value::Date(s.today)),
        ExprKind::Param(p) => param(*p, s, e.span),
        ExprKind::Lookup { table, key, column } => {
            let k = eval(key, s)?;
            let info = s.symbols.tables.get_index(table.ix());
            let found = info.and_then(|(_, t)| t.rows.get(&k)).and_then(|row| row.get(column.ix()));
            found.cloned().ok_or_else(|| no_row(s, info.map_or("?", |(n, _)| n.as_str()), &k, e.span))
        }
        ExprKind::KeyColumn(table, column) => key_column(e, *table, *column, s),
        ExprKind::Not(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(..)
        | ExprKind::Under(..)
        | ExprKind::Overlaps(..)
        | ExprKind::OneOf(..)
        | ExprKind::InRegister(..)
        | ExprKind::IsParty(_)
        | ExprKind::Stated(_)
        | ExprKind::Occurred(_) => truth(e, s).map(Value::Bool),
        ExprKind::Binary(op, a, b) => binary(*op, eval(a, s)?, eval(b, s)?, e, s),
        ExprKind::Neg(x) => Ok(match eval(x, s)? {
            Value::Number(n) => Value::Number(n.neg()),
            Value::Money(n, c) => Value::Money(n.neg(), c),
            other => other,
        }),
        ExprKind::If(c, a, b) => {
            if truth(c, s)? {
                eval(a, s)
            } else {
                eval(b, s)
            }
        }
        ExprKind::Greater(all) => pick(all, s, Ordering::Greater),
        ExprKind::Lesser(all) => pick(all, s, Ordering::Less),
        ExprKind::Between { started, unit, from, to } => match (eval(from, s)?, eval(to, s)?) {
            (Value::Date(a), Value::Date(b)) => {
                let n = date::units_between(a, b, *unit, *started, s.reckoning).map_err(dated(e.span))?;
                Ok(Value::Number(Exact::int(i128::from(n))))
            }
            (Value::Instant(a), Value::Instant(b)) => {
                Ok(Value::Number(Exact::int(date::hours_between(a, b, *started))))
            }
            _ => Ok(Value::Absent),
        },
        ExprKind::DatePart(part, x) => Ok(match eval(x, s)? {
            Value::Date(d) => Value::Number(Exact::int(match part {
                DatePart::Year => i128::from(d.year()),
                DatePart::Month => i128::from(d.month()),
                DatePart::Day => i128::from(d.day()),
            })),
            _ => Value::Absent,
        }),
        ExprKind::Sum(m, window) => {
            let n = s.measures.window(*m, window, s).map_err(|f| f.at(e.span))?;
            Ok(match e.ty {
                Type::Money(c, _) => Value::Money(n, c),
                _ => Value::Number(n),
            })
        }
    }
}

fn param(p: ParamId, s: &Scene<'_>, span: Span) -> Result<Value, EvalError> {
    s.params.get(p.ix()).cloned().flatten().ok_or_else(|| {
        let name = s.symbols.params.get_index(p.ix()).map_or("?", |(n, _)| n.as_str());
        fault(
            format!("parameter `{name}` has no value: give one with a schedule or with --set {name}=..."),
            span,
        )
    })
}

fn no_row(s: &Scene<'_>, table: &str, key: &Value, span: Span) -> EvalError {
    fault(format!("table `{table}` has no row for {}", show(s.symbols, key)), span)
}

fn key_column(
    e: &Expr,
    table: habendum_model::value::TableId,
    column: habendum_model::value::FieldId,
    s: &Scene<'_>,
) -> Result<Value, EvalError> {
    let Some((name, info)) = s.symbols.tables.get_index(table.ix()) else {
        return Err(fault("no such table", e.span));
    };
    // The key field of the table's own name speaks; else the first one.
    let at = s.key_fields.iter().position(|f| *f == info.key).unwrap_or(0);
    let k = s.key.get(at).ok_or_else(|| fault(format!("no instance key for table `{name}`"), e.span))?;
    let found = info.rows.get(k).and_then(|row| row.get(column.ix()));
    found.cloned().ok_or_else(|| no_row(s, name, k, e.span))
}

fn pick(all: &[Expr], s: &Scene<'_>, want: Ordering) -> Result<Value, EvalError> {
    let mut best: Option<Value> = None;
    for x in all {
        let v = eval(x, s)?;
        if v == Value::Absent {
            return Ok(v);
        }
        best = match best {
            Some(b) if order(&v, &b) != want => Some(b),
            Some(_) | None => Some(v),
        };
    }
    Ok(best.unwrap_or(Value::Absent))
}

fn binary(op: BinaryOp, a: Value, b: Value, e: &Expr, s: &Scene<'_>) -> Result<Value, EvalError> {
    let err = over(e.span);
    let calc = |x: Exact, y: Exact| match op {
        BinaryOp::Add => x.add(y),
        BinaryOp::Sub => x.sub(y),
        BinaryOp::Mul | BinaryOp::Of => x.mul(y),
        BinaryOp::Div => x.div(y),
    };
    let as_type = |n: Exact| match e.ty {
        Type::Money(c, _) => Value::Money(n, c),
        _ => Value::Number(n),
    };
    match (a, b) {
        (Value::Absent, _) | (_, Value::Absent) => Ok(Value::Absent),
        (Value::Number(x), Value::Number(y))
        | (Value::Number(x), Value::Money(y, _))
        | (Value::Money(x, _), Value::Number(y))
        | (Value::Money(x, _), Value::Money(y, _)) => Ok(as_type(calc(x, y).map_err(err)?)),
        (Value::Date(d), Value::Duration(l)) => if op == BinaryOp::Sub {
            date::sub(d, l, s.reckoning, None)
        } else {
            date::add(d, l, s.reckoning, None)
        }
        .map(Value::Date)
        .map_err(dated(e.span)),
        (Value::Date(d), Value::Number(n)) => shift(d, n, op, e.span),
        (Value::Number(n), Value::Date(d)) => shift(d, n, op, e.span),
        (x, y) => Err(fault(format!("{x:?} and {y:?} do not combine"), e.span)),
    }
}

/// A date and a whole number of days.
fn shift(d: Date, n: Exact, op: BinaryOp, span: Span) -> Result<Value, EvalError> {
    let days = i64::try_from(n.numer()).map_err(|_| fault("so many days lead out of the calendar", span))?;
    let days = if op == BinaryOp::Sub { -days } else { days };
    date::plus_days(d, days).map(Value::Date).map_err(dated(span))
}

/// The figure of an amount: money or a number.
///
/// # Errors
/// As [`eval`]; an absent value has no figure.
pub fn figure(e: &Expr, s: &Scene<'_>) -> Result<Exact, EvalError> {
    match eval(e, s)? {
        Value::Money(n, _) | Value::Number(n) => Ok(n),
        Value::Absent => Err(fault("the amount hangs on a field that the event leaves out", e.span)),
        v => Err(fault(format!("an amount came out as {v:?}"), e.span)),
    }
}

/// A value for people.
#[must_use]
pub fn show(symbols: &Symbols, v: &Value) -> String {
    match v {
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::Money(n, c) => match symbols.agreement.currencies.get(c.ix()) {
            Some(cur) if n.is_integer() => cur.show(n.numer()),
            Some(cur) => Exact::ratio(1, cur.scale())
                .and_then(|unit| n.mul(unit))
                .map_or_else(|_| n.to_string(), |major| format!("{major} {}", cur.code)),
            None => n.to_string(),
        },
        Value::Date(d) => d.to_string(),
        Value::Instant(n) => n.to_string(),
        Value::Duration(l) => format!("{} {:?}", l.count, l.unit).to_lowercase(),
        Value::Text(t) => format!("{t:?}"),
        Value::Party(p) => person(symbols, *p),
        Value::Term(t) => symbols.terms.get(t.ix()).map_or_else(|| "?".into(), |t| t.name.clone()),
        Value::Clause(c) => symbols.clause_name(*c).to_owned(),
        Value::Absent => "(not stated)".into(),
    }
}

/// A person for people.
#[must_use]
pub fn person(symbols: &Symbols, p: PartyId) -> String {
    symbols.party_name(p).map_or_else(|| format!("stranger {}", p.0), str::to_owned)
}
