//! Date positions and lengths.

use crate::date::{self, DateError, Reckoning};
use crate::deal::Symbols;
use crate::expr::{DateValue, Type};
use crate::value::{Length, ParamId, Value};
use habendum_syntax::ast::{DateBase, DateExpr, Duration, DurationCount, MonthRounding};
use habendum_syntax::{Diagnostic, Sp, print};
use jiff::civil::Date;

use super::{constant, fail};

/// Whether a year or month stands for its first or its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateRole {
    /// After `from`, `since`, `counting from`, `effective from`, `on`.
    First,
    /// After `through`, `by`.
    Last,
}

/// What dates hang on.
pub struct DateScope<'a> {
    /// Every name of the deal.
    pub symbols: &'a Symbols,
    /// How the deal reckons.
    pub reckoning: &'a Reckoning,
    /// Values of parameters.
    pub value: &'a dyn Fn(ParamId) -> Option<Value>,
    /// What `effective` means here.
    pub effective: Option<DateValue>,
    /// What `signature` means here.
    pub signature: Option<DateValue>,
    /// Rounding of month arithmetic that the clause names.
    pub rounding: Option<MonthRounding>,
}

/// The date of a date position.
///
/// # Errors
/// Unknown or ill-typed parameter, no such day, ambiguous month arithmetic (`T050`).
pub fn elaborate_date(
    scope: &DateScope<'_>,
    d: &Sp<DateExpr>,
    role: DateRole,
) -> Result<DateValue, Vec<Diagnostic>> {
    let base = base(scope, d, role)?;
    let Some((plus, length)) = &d.node.offset else { return Ok(base) };
    let day = match base {
        DateValue::Fixed(day) => day,
        // Still open, and another day than the one it is reckoned from.
        DateValue::Open { param, text } => {
            let word = if *plus { "plus" } else { "minus" };
            let text = format!("{text} {word} {}", print::print_duration(&length.node));
            return Ok(DateValue::Open { param, text });
        }
    };
    let l = elaborate_length(scope, length)?;
    let moved = if *plus {
        date::add(day, l, scope.reckoning, scope.rounding)
    } else {
        date::sub(day, l, scope.reckoning, scope.rounding)
    };
    moved.map(DateValue::Fixed).map_err(|e| vec![date_fault(&e, length)])
}

/// The diagnostic of date arithmetic that cannot be done; ambiguous months offer both readings.
pub fn date_fault(e: &DateError, at: &Sp<Duration>) -> Diagnostic {
    let d = Diagnostic::error("T050", e.to_string(), at.span, "this length");
    match e {
        DateError::Ambiguous { .. } => d
            .note("a month later is not always a day of the month later; the contract has to say which")
            .help("`rounding down`: the last day of the month")
            .help("`rounding up`: the first day of the next month")
            .help("for the whole deal: `months rounding down` in the agreement's header"),
        DateError::NoCalendar(_) => d.help(
            "declare a `calendar` that covers these days and name it in the header: `business days by NAME`",
        ),
        DateError::OutOfRange | DateError::Hours => d,
    }
}

fn base(scope: &DateScope<'_>, d: &Sp<DateExpr>, role: DateRole) -> Result<DateValue, Vec<Diagnostic>> {
    let bad = |what: String| fail("T024", format!("{what} is no date"), d.span, "no such day");
    Ok(match &d.node.base {
        DateBase::Day(day) => DateValue::Fixed(constant::date(day, d.span)?),
        DateBase::Month { year, month } => match Date::new(*year, i8::try_from(*month).unwrap_or(0), 1) {
            Ok(first) => {
                DateValue::Fixed(if role == DateRole::First { first } else { first.last_of_month() })
            }
            Err(_) => return bad(format!("{year:04}-{month:02}")),
        },
        DateBase::Year(y) => match Date::new(*y, 1, 1) {
            Ok(first) => DateValue::Fixed(if role == DateRole::First { first } else { first.last_of_year() }),
            Err(_) => return bad(format!("{y:04}")),
        },
        DateBase::Effective => known(scope.effective.as_ref(), d, "effective")?,
        DateBase::Signature => known(scope.signature.as_ref(), d, "signature")?,
        DateBase::Param(n) => match scope.symbols.params.get_full(&n.node) {
            Some((i, _, p)) if p.ty == Type::Date => match (scope.value)(ParamId::at(i)) {
                Some(Value::Date(day)) => DateValue::Fixed(day),
                Some(_) | None => DateValue::Open { param: ParamId::at(i), text: n.node.clone() },
            },
            Some((_, _, p)) => {
                return Err(vec![
                    Diagnostic::error("T051", format!("`{}` is no date", n.node), n.span, "a date is needed")
                        .label(
                            p.ast.node.name.span,
                            format!("declared as {}", super::show_type(scope.symbols, p.ty)),
                        ),
                ]);
            }
            None => {
                let dates =
                    scope.symbols.params.iter().filter(|(_, p)| p.ty == Type::Date).map(|(n, _)| n.as_str());
                return Err(vec![crate::suggest::unknown("date parameter", n, dates, scope.symbols)]);
            }
        },
    })
}

fn known(v: Option<&DateValue>, d: &Sp<DateExpr>, word: &str) -> Result<DateValue, Vec<Diagnostic>> {
    match v {
        Some(v) => Ok(v.clone()),
        None => fail("T052", format!("`{word}` has no date here"), d.span, "write the date"),
    }
}

/// The length of a duration.
///
/// # Errors
/// A count that is no bound, whole, small parameter.
pub fn elaborate_length(scope: &DateScope<'_>, d: &Sp<Duration>) -> Result<Length, Vec<Diagnostic>> {
    let count = match &d.node.count {
        DurationCount::Literal(n) => *n,
        DurationCount::Param(n) => {
            let Some((i, _, p)) = scope.symbols.params.get_full(&n.node) else {
                let ints =
                    scope.symbols.params.iter().filter(|(_, p)| p.ty == Type::Int).map(|(n, _)| n.as_str());
                return Err(vec![crate::suggest::unknown("whole-number parameter", n, ints, scope.symbols)]);
            };
            if p.ty != Type::Int {
                return fail(
                    "T053",
                    format!("`{}` is no whole number", n.node),
                    n.span,
                    "counts are whole numbers",
                );
            }
            match (scope.value)(ParamId::at(i)) {
                Some(Value::Number(x)) if x.is_integer() => match u32::try_from(x.numer()) {
                    Ok(c) => c,
                    Err(_) => {
                        return fail("T053", format!("`{}` is no length", n.node), n.span, "out of range");
                    }
                },
                Some(_) | None => {
                    return fail("T054", format!("`{}` has no value", n.node), n.span, "a length needs one")
                        .map_err(|d| {
                            d.into_iter()
                                .map(|d| d.help(format!("`--set {}=30`, or a schedule", n.node)))
                                .collect()
                        });
                }
            }
        }
    };
    Ok(Length { count, unit: d.node.unit })
}
