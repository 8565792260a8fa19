//! Outcomes as a table: one row a record, with the fields of the NDJSON record; lists and structs where it has them.
//!
//! Invariant: days are dates, amounts are decimals of the deal's finest currency, everything else is as in NDJSON.

use super::arrays::{coded, coded_type, decimal_type, decimals, lists, optional_structs, structs, texts};
use crate::record::{AccrualRecord, ClockRecord, DutyRecord, EventRecord, OutcomeLine};
use arrow_array::{ArrayRef, Date32Array, RecordBatch, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use habendum_model::deal::Symbols;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// Digits of an amount.
const PRECISION: u8 = 38;

/// The decimals of the finest currency of a deal.
pub(super) fn scale(symbols: &Symbols) -> u32 {
    symbols.agreement.currencies.iter().map(|c| c.exponent).max().unwrap_or(0)
}

fn strings() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

fn duty_fields() -> Fields {
    Fields::from(vec![
        Field::new("clause", coded_type(), false),
        Field::new("key", strings(), false),
        Field::new("obligation", DataType::UInt64, false),
        Field::new("what", coded_type(), false),
        Field::new("deadline", DataType::Date32, true),
    ])
}

fn accrual_fields(scale: u32) -> Fields {
    Fields::from(vec![
        Field::new("clause", coded_type(), true),
        Field::new("key", strings(), true),
        Field::new("payer", coded_type(), true),
        Field::new("payee", coded_type(), true),
        Field::new("amount", decimal_type(PRECISION, scale), true),
        Field::new("currency", coded_type(), true),
        Field::new("component", coded_type(), true),
        Field::new("reason", DataType::Utf8, true),
    ])
}

/// The schema of a table of outcomes; `run` is the record of the run, as JSON.
pub(super) fn schema(scale: u32, run: String) -> SchemaRef {
    let items = |fields| DataType::List(Arc::new(Field::new("item", DataType::Struct(fields), true)));
    let fields = vec![
        Field::new("record", coded_type(), false),
        Field::new("row", DataType::UInt64, true),
        Field::new("date", DataType::Date32, false),
        Field::new("kind", coded_type(), true),
        Field::new("verdict", coded_type(), true),
        Field::new("clauses", strings(), false),
        Field::new("reason", DataType::Utf8, true),
        Field::new("duties", items(duty_fields()), false),
        Field::new("accruals", items(accrual_fields(scale)), false),
        Field::new("effects", strings(), false),
        Field::new("what", coded_type(), true),
        Field::new("clause", coded_type(), true),
        Field::new("key", strings(), false),
        Field::new("obligation", DataType::UInt64, true),
        Field::new("deadline", DataType::Date32, true),
        Field::new("opened_by", DataType::UInt64, true),
        Field::new("excused_by", coded_type(), true),
        Field::new("accrual", DataType::Struct(accrual_fields(scale)), true),
        Field::new("amount", decimal_type(PRECISION, scale), true),
        Field::new("currency", coded_type(), true),
        Field::new("text", DataType::Utf8, true),
    ];
    let metadata = HashMap::from([("habendum.run".to_owned(), run)]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

enum Line<'a> {
    Event(&'a EventRecord),
    Clock(&'a ClockRecord),
}

impl<'a> Line<'a> {
    fn event(&self) -> Option<&'a EventRecord> {
        match self {
            Line::Event(e) => Some(e),
            Line::Clock(_) => None,
        }
    }

    fn clock(&self) -> Option<&'a ClockRecord> {
        match self {
            Line::Clock(c) => Some(c),
            Line::Event(_) => None,
        }
    }
}

/// The batch of some records.
pub(super) fn batch(
    records: &[OutcomeLine],
    schema: &SchemaRef,
    scale: u32,
) -> Result<RecordBatch, ArrowError> {
    let lines: Vec<Line<'_>> = records
        .iter()
        .filter_map(|r| match r {
            OutcomeLine::Run(_) => None,
            OutcomeLine::Event(e) => Some(Line::Event(e)),
            OutcomeLine::Clock(c) => Some(Line::Clock(c)),
        })
        .collect();
    let events = || lines.iter().map(Line::event);
    let clocks = || lines.iter().map(Line::clock);
    let is_event = |l: &Line<'_>| l.event().is_some();
    let either = |l: &Line<'_>| match l {
        Line::Event(e) => e.verdict.clone().into(),
        Line::Clock(c) => c.verdict.clone(),
    };
    let verdicts: Vec<Option<String>> = lines.iter().map(either).collect();
    let accrual: Vec<Option<&AccrualRecord>> = clocks().map(|c| c.and_then(|c| c.accrual.as_ref())).collect();
    let columns: Vec<ArrayRef> = vec![
        coded(lines.iter().map(|l| Some(if is_event(l) { "event" } else { "clock" }))),
        Arc::new(events().map(|e| e.map(|e| e.row)).collect::<UInt64Array>()),
        days(
            lines
                .iter()
                .map(|l| Some(l.event().map_or_else(|| l.clock().map_or("", |c| &c.date), |e| &e.date))),
        )?,
        coded(events().map(|e| e.map(|e| e.kind.as_str()))),
        coded(verdicts.iter().map(Option::as_deref)),
        lists(events().map(|e| e.map_or(&[][..], |e| &e.clauses)))?,
        texts(events().map(|e| e.and_then(|e| e.reason.as_deref()))),
        duties(events().map(|e| e.map_or(&[][..], |e| &e.duties)))?,
        accruals(events().map(|e| e.map_or(&[][..], |e| &e.accruals)), scale)?,
        lists(events().map(|e| e.map_or(&[][..], |e| &e.effects)))?,
        coded(clocks().map(|c| c.map(|c| c.what.as_str()))),
        coded(clocks().map(|c| c.map(|c| c.clause.as_str()))),
        lists(clocks().map(|c| c.map_or(&[][..], |c| &c.key)))?,
        Arc::new(clocks().map(|c| c.and_then(|c| c.obligation)).collect::<UInt64Array>()),
        days(clocks().map(|c| c.and_then(|c| c.deadline.as_deref())))?,
        Arc::new(clocks().map(|c| c.and_then(|c| c.opened_by)).collect::<UInt64Array>()),
        coded(clocks().map(|c| c.and_then(|c| c.excused_by.as_deref()))),
        optional_structs(
            accrual_fields(scale),
            accrual.iter().map(Option::is_some).collect(),
            accrual_columns(&accrual, scale)?,
        )?,
        amounts(clocks().map(|c| c.and_then(|c| c.amount.as_deref())), scale)?,
        coded(clocks().map(|c| c.and_then(|c| c.currency.as_deref()))),
        texts(clocks().map(|c| c.and_then(|c| c.text.as_deref()))),
    ];
    RecordBatch::try_new(SchemaRef::clone(schema), columns)
}

fn days<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Result<ArrayRef, ArrowError> {
    let days = texts.map(|t| t.map(day).transpose()).collect::<Result<Date32Array, _>>()?;
    Ok(Arc::new(days))
}

/// Days since 1970.
fn day(text: &str) -> Result<i32, ArrowError> {
    let date: Date = text.parse().map_err(|_| ArrowError::ParseError(text.to_owned()))?;
    Ok(super::days_of(date))
}

fn amounts<'a>(texts: impl Iterator<Item = Option<&'a str>>, scale: u32) -> Result<ArrayRef, ArrowError> {
    let digits: Vec<Option<i128>> =
        texts.map(|t| t.map(|t| digits(t, scale)).transpose()).collect::<Result<_, _>>()?;
    decimals(digits.into_iter(), PRECISION, scale)
}

/// The digits of a plain decimal, at a scale that is not below its own.
fn digits(text: &str, scale: u32) -> Result<i128, ArrowError> {
    let bad = || ArrowError::ParseError(format!("amount {text}"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(fraction.len()).map_err(|_| bad())?;
    let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
    let more = scale.checked_sub(places).ok_or_else(bad)?;
    digits.checked_mul(10_i128.checked_pow(more).ok_or_else(bad)?).ok_or_else(bad)
}

fn duties<'a>(rows: impl Iterator<Item = &'a [DutyRecord]>) -> Result<ArrayRef, ArrowError> {
    let (mut lengths, mut flat) = (Vec::new(), Vec::new());
    for row in rows {
        lengths.push(row.len());
        flat.extend(row);
    }
    let columns: Vec<ArrayRef> = vec![
        coded(flat.iter().map(|d| Some(d.clause.as_str()))),
        lists(flat.iter().map(|d| d.key.as_slice()))?,
        Arc::new(flat.iter().map(|d| Some(d.obligation)).collect::<UInt64Array>()),
        coded(flat.iter().map(|d| Some(d.what.as_str()))),
        days(flat.iter().map(|d| d.deadline.as_deref()))?,
    ];
    structs(duty_fields(), &lengths, columns)
}

fn accruals<'a>(rows: impl Iterator<Item = &'a [AccrualRecord]>, scale: u32) -> Result<ArrayRef, ArrowError> {
    let (mut lengths, mut flat) = (Vec::new(), Vec::new());
    for row in rows {
        lengths.push(row.len());
        flat.extend(row.iter().map(Some));
    }
    structs(accrual_fields(scale), &lengths, accrual_columns(&flat, scale)?)
}

fn accrual_columns(rows: &[Option<&AccrualRecord>], scale: u32) -> Result<Vec<ArrayRef>, ArrowError> {
    let of = |f: fn(&AccrualRecord) -> &str| coded(rows.iter().map(|a| a.map(f)));
    Ok(vec![
        of(|a| &a.clause),
        lists(rows.iter().map(|a| a.map_or(&[][..], |a| &a.key)))?,
        of(|a| &a.payer),
        of(|a| &a.payee),
        amounts(rows.iter().map(|a| a.map(|a| a.amount.as_str())), scale)?,
        of(|a| &a.currency),
        of(|a| &a.component),
        texts(rows.iter().map(|a| a.and_then(|a| a.reason.as_deref()))),
    ])
}
