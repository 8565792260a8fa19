//! Literals, and constants folded to values.

use crate::deal::Symbols;
use crate::expr::{Expr, ExprKind, Type};
use crate::value::{Currency, CurrencyId, Exact, Length, UnitId, Value};
use habendum_syntax::ast::{self, BinaryOp, DurationCount, Scale};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Scope, elaborate_expr, fail};

/// The value and type of a literal.
pub(super) fn literal(s: &Symbols, e: &Sp<ast::Expr>) -> Result<(Value, Type), Vec<Diagnostic>> {
    use ast::Expr as E;
    match &e.node {
        E::Bool(b) => Ok((Value::Bool(*b), Type::Bool)),
        E::Number(n) => {
            let v = digits(n, e.span)?;
            Ok((Value::Number(v), if n.contains('.') { Type::Decimal(None) } else { Type::Int }))
        }
        E::Percent(n) => Ok((Value::Number(scaled(digits(n, e.span)?, 1, 100, e.span)?), Type::Percent)),
        E::Money { number, scale, currency, per } => match (&per, unit_alone(s, currency)) {
            // Three capitals read as a currency; where the deal declares them as a unit, they are that.
            (None, Some(u)) => quantity(number, *scale, u, e.span),
            _ => money(s, number, *scale, currency, per.as_ref(), e.span),
        },
        E::Quantity { number, scale, unit } => match s.units.get_index_of(&unit.node) {
            Some(u) => quantity(number, *scale, UnitId::at(u), e.span),
            None => Err(vec![
                crate::suggest::unknown("unit", unit, s.units.keys().map(String::as_str), s)
                    .help(format!("declare it: `unit {}`", unit.node)),
            ]),
        },
        E::Duration(d) => match &d.count {
            DurationCount::Literal(count) => {
                Ok((Value::Duration(Length { count: *count, unit: d.unit }), Type::Duration))
            }
            DurationCount::Param(p) => {
                fail("T020", "a length in an expression needs a number", p.span, "write the number")
            }
        },
        E::Date(d) => Ok((Value::Date(date(d, e.span)?), Type::Date)),
        E::Instant(t) => Ok((Value::Instant(instant(t, &s.agreement.zone, e.span)?), Type::Instant)),
        E::Text(t) => Ok((Value::Text(t.as_str().into()), Type::Text)),
        E::Name(_)
        | E::Dotted(..)
        | E::Lookup { .. }
        | E::Not(_)
        | E::Neg(_)
        | E::And(_)
        | E::Or(_)
        | E::Compare(..)
        | E::OneOf { .. }
        | E::In { .. }
        | E::IsParty { .. }
        | E::Stated { .. }
        | E::Binary(..)
        | E::If(..)
        | E::Greater(_)
        | E::Lesser(_)
        | E::Between { .. }
        | E::DatePart(..)
        | E::Sum { .. }
        | E::Occurred(_) => fail("T021", "expected a literal", e.span, "not a literal"),
    }
}

fn digits(text: &str, span: Span) -> Result<Exact, Vec<Diagnostic>> {
    match Exact::parse(text) {
        Some(v) => Ok(v),
        None => fail("T022", "the number is beyond 128 bits", span, "too large"),
    }
}

fn factor(scale: Option<Scale>) -> i128 {
    match scale {
        None => 1,
        Some(Scale::Thousand) => 1_000,
        Some(Scale::Million) => 1_000_000,
        Some(Scale::Billion) => 1_000_000_000,
    }
}

fn scaled(v: Exact, times: i128, over: i128, span: Span) -> Result<Exact, Vec<Diagnostic>> {
    v.mul(Exact::int(times))
        .and_then(|v| v.div(Exact::int(over)))
        .or_else(|_| fail("T022", "the number is beyond 128 bits", span, "too large"))
}

/// A unit of the deal that is no currency of its header.
fn unit_alone(s: &Symbols, name: &str) -> Option<UnitId> {
    let currency = s.agreement.currencies.iter().any(|k| k.code == name);
    s.units.get_index_of(name).filter(|_| !currency).map(UnitId::at)
}

fn quantity(
    number: &str,
    scale: Option<Scale>,
    unit: UnitId,
    span: Span,
) -> Result<(Value, Type), Vec<Diagnostic>> {
    let v = scaled(digits(number, span)?, factor(scale), 1, span)?;
    Ok((Value::Number(v), Type::Decimal(Some(unit))))
}

fn money(
    s: &Symbols,
    number: &str,
    scale: Option<Scale>,
    currency: &str,
    per: Option<&ast::Name>,
    span: Span,
) -> Result<(Value, Type), Vec<Diagnostic>> {
    let Some(c) = s.agreement.currencies.iter().position(|k| k.code == currency) else {
        let known: Vec<&str> = s.agreement.currencies.iter().map(|k| k.code.as_str()).collect();
        let message = format!("the deal has no currency {currency}");
        let d = Diagnostic::error("T002", message, span, "not in its header")
            .help(format!("the header lists: {}", known.join(", ")));
        let unit = Currency::of(currency).is_none();
        return Err(vec![match unit {
            true => d.help(format!("for a quantity, declare the unit: `unit {currency}`")),
            false => d,
        }]);
    };
    let unit = match per {
        None => None,
        Some(u) => match s.units.get_index_of(&u.node) {
            Some(i) => Some(UnitId::at(i)),
            None => {
                return Err(vec![crate::suggest::unknown("unit", u, s.units.keys().map(String::as_str), s)]);
            }
        },
    };
    let cur = &s.agreement.currencies[c];
    let minor = scaled(digits(number, span)?, factor(scale) * cur.scale(), 1, span)?;
    if unit.is_none() && !minor.is_integer() {
        return Err(vec![
            Diagnostic::error(
                "T023",
                format!("{number} {currency} is finer than the currency's minor unit"),
                span,
                format!("{currency} has {} decimals", cur.exponent),
            )
            .help("a price below the minor unit is written per a unit: `0.045 USD per kWh`"),
        ]);
    }
    Ok((Value::Money(minor, CurrencyId::at(c)), Type::Money(CurrencyId::at(c), unit)))
}

/// A civil date of the syntax.
pub(crate) fn date(d: &ast::Date, span: Span) -> Result<Date, Vec<Diagnostic>> {
    let made = Date::new(d.year, i8::try_from(d.month).unwrap_or(0), i8::try_from(d.day).unwrap_or(0));
    made.or_else(|_| {
        fail("T024", format!("{:04}-{:02}-{:02} is no date", d.year, d.month, d.day), span, "no such day")
    })
}

/// Nanoseconds since the epoch of an instant as written; without an offset it is local to the deal's zone.
pub fn instant(text: &str, zone: &str, span: Span) -> Result<i128, Vec<Diagnostic>> {
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Ok(t.as_nanosecond());
    }
    let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    match text.parse::<DateTime>().ok().and_then(|d| tz.to_timestamp(d).ok()) {
        Some(t) => Ok(t.as_nanosecond()),
        None => fail("T025", format!("`{text}` is no instant"), span, "write 2026-06-01T09:00"),
    }
}

/// The value of a constant expression of a type.
///
/// # Errors
/// Where it is ill-typed, or hangs on anything but literals.
pub fn const_value(s: &Symbols, e: &Sp<ast::Expr>, ty: Type) -> Result<Value, Vec<Diagnostic>> {
    let typed = elaborate_expr(&Scope::constant(s), e, Some(ty))?;
    match fold(&typed) {
        Some(v) => Ok(v),
        None => {
            fail("T026", "a constant is needed here", e.span, "hangs on something that is not known here")
        }
    }
}

/// The value of an expression made of constants alone.
#[must_use]
pub fn fold(e: &Expr) -> Option<Value> {
    match &e.kind {
        ExprKind::Const(v) => Some(v.clone()),
        ExprKind::Neg(x) => match fold(x)? {
            Value::Number(n) => Some(Value::Number(n.neg())),
            Value::Money(m, c) => Some(Value::Money(m.neg(), c)),
            Value::Bool(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Duration(_)
            | Value::Text(_)
            | Value::Party(_)
            | Value::Term(_)
            | Value::Clause(_)
            | Value::Absent => None,
        },
        ExprKind::Binary(op, a, b) => fold_binary(*op, &fold(a)?, &fold(b)?, e.ty),
        ExprKind::Field(_)
        | ExprKind::Trigger(_)
        | ExprKind::Today
        | ExprKind::Param(_)
        | ExprKind::Lookup { .. }
        | ExprKind::KeyColumn(..)
        | ExprKind::Not(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(..)
        | ExprKind::Under(..)
        | ExprKind::Overlaps(..)
        | ExprKind::OneOf(..)
        | ExprKind::InRegister(..)
        | ExprKind::IsParty(_)
        | ExprKind::Stated(_)
        | ExprKind::If(..)
        | ExprKind::Greater(_)
        | ExprKind::Lesser(_)
        | ExprKind::Between { .. }
        | ExprKind::DatePart(..)
        | ExprKind::Sum(..)
        | ExprKind::Occurred(_) => None,
    }
}

fn fold_binary(op: BinaryOp, a: &Value, b: &Value, ty: Type) -> Option<Value> {
    let (x, cx) = number(a)?;
    let (y, cy) = number(b)?;
    let r = match op {
        BinaryOp::Add => x.add(y),
        BinaryOp::Sub => x.sub(y),
        BinaryOp::Mul | BinaryOp::Of => x.mul(y),
        BinaryOp::Div => x.div(y),
    }
    .ok()?;
    match ty {
        Type::Money(..) => Some(Value::Money(r, cx.or(cy)?)),
        Type::Bool
        | Type::Int
        | Type::Decimal(_)
        | Type::Percent
        | Type::Date
        | Type::Instant
        | Type::Duration
        | Type::Text
        | Type::Party
        | Type::Clause
        | Type::Term(_) => Some(Value::Number(r)),
    }
}

fn number(v: &Value) -> Option<(Exact, Option<CurrencyId>)> {
    match v {
        Value::Number(n) => Some((*n, None)),
        Value::Money(m, c) => Some((*m, Some(*c))),
        Value::Bool(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Text(_)
        | Value::Party(_)
        | Value::Term(_)
        | Value::Clause(_)
        | Value::Absent => None,
    }
}
