//! One cell of an Arrow array: as the text that its format would have in CSV, and by short ways as a value.
//!
//! Invariant: a short way gives what the text would have given, or nothing; so every fault comes from one place.

use crate::read::Fault;
use crate::read::cell::{Cell, Form};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, Exact, Value};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::borrow::Cow;

/// What a whole number in a column of money counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoneyUnit {
    /// Major units, as everywhere else: 12 is 12.00.
    #[default]
    Major,
    /// Minor units: 1200 is 12.00.
    Minor,
}

/// The type of the values, where a column has a dictionary.
pub(super) fn plain(t: &DataType) -> &DataType {
    match t {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

/// Whether a column can hold values of a type at all.
pub(super) fn check(column: &DataType, ty: Type) -> Result<(), Fault> {
    let numeric = matches!(ty, Type::Int | Type::Decimal(_) | Type::Percent | Type::Money(..));
    let what = match ty {
        Type::Bool => "true or false",
        Type::Int => "whole numbers",
        Type::Decimal(_) => "numbers",
        Type::Percent => "percentages",
        Type::Money(..) => "money",
        Type::Date => "dates",
        Type::Instant => "instants",
        Type::Duration => "lengths of time",
        Type::Text => "texts",
        Type::Party => "persons",
        Type::Clause => "clauses",
        Type::Term(_) => "terms of a vocabulary",
    };
    let column = plain(column);
    let holds = match column {
        DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Boolean => ty == Type::Bool,
        DataType::Date32 | DataType::Date64 => ty == Type::Date,
        DataType::Timestamp(..) => ty == Type::Instant,
        DataType::Float16 | DataType::Float32 | DataType::Float64 if numeric => {
            return Err(Fault::new(format!("a column of {column} cannot hold {what} exactly"))
                .help("write it as a decimal, such as decimal(18, 2), as whole numbers, or as text"));
        }
        t => numeric && (t.is_integer() || t.is_decimal()),
    };
    if holds {
        return Ok(());
    }
    let fault = Fault::new(format!("a column of {column} cannot hold {what}"));
    Err(match (column, ty) {
        (DataType::Timestamp(..), Type::Date) => fault.help("cast it to a date"),
        (DataType::Binary | DataType::LargeBinary | DataType::BinaryView, _) => {
            fault.help("mark the column as a string")
        }
        _ => fault,
    })
}

/// The text of a cell; none where it is null, or of a type that [`check`] refuses.
pub(super) fn cell(array: &dyn Array, row: usize) -> Option<Cell<'_>> {
    if array.is_null(row) {
        return None;
    }
    let number = |n: String| (Cow::Owned(n), Form::Number);
    let own = |t: String| (Cow::Owned(t), Form::Untyped);
    let (text, form) = match array.data_type() {
        DataType::Dictionary(..) => {
            let (key, values) = key(array, row)?;
            return cell(values.as_ref(), key);
        }
        DataType::Boolean => {
            (Cow::Borrowed(if array.as_boolean().value(row) { "true" } else { "false" }), Form::Bool)
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            (Cow::Borrowed(text(array, row)?), Form::Untyped)
        }
        DataType::Decimal32(..) => number(array.as_primitive::<Decimal32Type>().value_as_string(row)),
        DataType::Decimal64(..) => number(array.as_primitive::<Decimal64Type>().value_as_string(row)),
        DataType::Decimal128(..) => number(array.as_primitive::<Decimal128Type>().value_as_string(row)),
        DataType::Decimal256(..) => number(array.as_primitive::<Decimal256Type>().value_as_string(row)),
        DataType::Date32 | DataType::Date64 => {
            own(day(array, row).map_or_else(|| "a day beyond the calendar".to_owned(), |d| d.to_string()))
        }
        DataType::Timestamp(_, zone) => own(moment(array, row, zone.is_some())?),
        t if t.is_integer() => number(integer(array, row)?.to_string()),
        _ => return None,
    };
    Some(Cell { text, form, column: None })
}

/// The text of a cell of text.
pub(super) fn text(array: &dyn Array, row: usize) -> Option<&str> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(array.as_string_view().value(row)),
        _ => None,
    }
}

fn integer(array: &dyn Array, row: usize) -> Option<i128> {
    Some(match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        _ => return None,
    })
}

/// Unscaled digits and decimals of a number of a column of numbers.
fn scaled(array: &dyn Array, row: usize) -> Option<(i128, u32)> {
    let (digits, scale) = match array.data_type() {
        DataType::Decimal32(_, s) => (array.as_primitive::<Decimal32Type>().value(row).into(), *s),
        DataType::Decimal64(_, s) => (array.as_primitive::<Decimal64Type>().value(row).into(), *s),
        DataType::Decimal128(_, s) => (array.as_primitive::<Decimal128Type>().value(row), *s),
        _ => (integer(array, row)?, 0),
    };
    Some((digits, u32::try_from(scale).ok()?))
}

/// The value of a cell that is not null, where that takes no names; within 64 bits, else nothing.
pub(super) fn quick(
    array: &dyn Array,
    row: usize,
    ty: Type,
    unit: MoneyUnit,
    exponent: impl Fn(CurrencyId) -> Option<u32>,
) -> Option<Value> {
    match ty {
        Type::Bool if *array.data_type() == DataType::Boolean => {
            Some(Value::Bool(array.as_boolean().value(row)))
        }
        Type::Int => {
            let (digits, scale) = scaled(array, row)?;
            let scale = 10_i128.checked_pow(scale)?;
            (digits % scale == 0).then(|| whole(digits / scale)).flatten().map(Value::Number)
        }
        Type::Money(currency, _) => {
            let (digits, mut scale) = scaled(array, row)?;
            let exponent = exponent(currency)?;
            if unit == MoneyUnit::Minor && array.data_type().is_integer() {
                scale = exponent;
            }
            let minor = if scale <= exponent {
                digits.checked_mul(10_i128.checked_pow(exponent - scale)?)?
            } else {
                let part = 10_i128.checked_pow(scale - exponent)?;
                (digits % part == 0).then_some(digits / part)?
            };
            whole(minor).map(|m| Value::Money(m, currency))
        }
        Type::Date => day(array, row).map(Value::Date),
        Type::Decimal(_) | Type::Percent => {
            let (digits, scale) = scaled(array, row)?;
            let n = Exact::ratio(digits, 10_i128.checked_pow(scale)?).ok()?;
            i64::try_from(n.numer() / n.denom()).ok().map(|_| Value::Number(n))
        }
        Type::Bool
        | Type::Instant
        | Type::Duration
        | Type::Text
        | Type::Party
        | Type::Clause
        | Type::Term(_) => None,
    }
}

fn whole(n: i128) -> Option<Exact> {
    i64::try_from(n).ok().map(|_| Exact::int(n))
}

/// The day of a cell of dates, within the calendar of the streams (years 1 to 9999).
pub(super) fn day(array: &dyn Array, row: usize) -> Option<Date> {
    const MS: i64 = 86_400_000;
    let days = match array.data_type() {
        DataType::Date32 => i64::from(array.as_primitive::<Date32Type>().value(row)),
        DataType::Date64 => {
            let ms = array.as_primitive::<Date64Type>().value(row);
            (ms % MS == 0).then_some(ms / MS)?
        }
        _ => return None,
    };
    let date = Date::constant(1970, 1, 1).checked_add(i32::try_from(days).ok()?.days()).ok()?;
    (date.year() >= 1).then_some(date)
}

/// A timestamp as text: with `Z` where it is anchored to a zone, as a wall-clock time where it is not.
fn moment(array: &dyn Array, row: usize, anchored: bool) -> Option<String> {
    let DataType::Timestamp(unit, _) = array.data_type() else { return None };
    let (ticks, per_second) = match unit {
        TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().value(row), 1),
        TimeUnit::Millisecond => (array.as_primitive::<TimestampMillisecondType>().value(row), 1_000),
        TimeUnit::Microsecond => (array.as_primitive::<TimestampMicrosecondType>().value(row), 1_000_000),
        TimeUnit::Nanosecond => (array.as_primitive::<TimestampNanosecondType>().value(row), 1_000_000_000),
    };
    let nanos = i32::try_from(ticks.rem_euclid(per_second) * (1_000_000_000 / per_second)).ok()?;
    let since = SignedDuration::new(ticks.div_euclid(per_second), nanos);
    let Ok(at) = Timestamp::UNIX_EPOCH.checked_add(since) else {
        return Some("an instant beyond the calendar".to_owned());
    };
    let text = at.to_string();
    Some(if anchored { text } else { text.trim_end_matches('Z').to_owned() })
}

/// Key of a cell in its column's dictionary.
pub(super) fn key(array: &dyn Array, row: usize) -> Option<(usize, &ArrayRef)> {
    let DataType::Dictionary(..) = array.data_type() else { return None };
    let d = array.as_any_dictionary_opt()?;
    let keys = d.keys();
    if keys.is_null(row) {
        return None;
    }
    let at = usize::try_from(integer(keys, row)?).ok()?;
    (at < d.values().len()).then_some((at, d.values()))
}
