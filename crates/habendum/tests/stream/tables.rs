//! Columns of tables: which types hold which fields, exactly; and what is said of the others.

use crate::{judge, text};
use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow_ipc::writer::FileWriter;
use habendum::evaluate::{BadRows, Order};
use habendum::event_read::{MoneyUnit, ReadOptions};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

const DEAL: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    effective from 2026-01-01
    currency  EUR, JPY
    zone      "Europe/Berlin"
}
vocabulary Place { Europe { Germany France }  Brazil }
event Sale { by: party  amount: money  yen: money JPY optional  count: int optional  share: percent optional
             done: bool optional  where_to: Place optional  note: text optional  at_sea: instant optional }
event Rest { by: party  count: text }
clause fee § 1 "Fee" { Shop pays Owner amount on each Sale }
clause far § 2 "Far" { Shop must not Sale where where_to is Germany and done and count is more than 2 }
"#;

type Named = (&'static str, ArrayRef);

fn deal() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("deal.term");
    std::fs::write(&file, DEAL).unwrap();
    (dir, file)
}

fn texts(v: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(v.to_vec()))
}

/// 2026-03-01 is day 20513 since 1970: 56 years with 14 leap days are 20454 days, and 31 + 28 more.
const DAY: i32 = 20_513;

/// A table of sales by Shop on 1 March, with some columns more.
fn table(rows: usize, more: Vec<Named>) -> RecordBatch {
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("kind", texts(&vec![Some("Sale"); rows])),
        ("date", Arc::new(Date32Array::from(vec![DAY; rows]))),
        ("by", texts(&vec![Some("Shop"); rows])),
    ];
    columns.retain(|(n, _)| more.iter().all(|(m, _)| m != n));
    columns.extend(more);
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap()
}

/// What is due for fees, or what is wrong.
fn fees(batch: &RecordBatch, order: Order) -> Result<String, String> {
    let (dir, deal) = deal();
    let file = dir.path().join("t.arrow");
    let mut w = FileWriter::try_new(std::fs::File::create(&file).unwrap(), &batch.schema()).unwrap();
    w.write(batch).unwrap();
    w.finish().unwrap();
    let e = judge(&deal, Order { events: vec![text(&file)], ..order });
    let e = e.map_err(|e| e.replace(&text(&file), "t.arrow"))?;
    let accrued = e.report.readings[0].amounts.first().map(|a| a.sums.accrued.clone());
    Ok(accrued.unwrap_or_default())
}

#[track_caller]
fn refused(batch: &RecordBatch, words: &[&str]) {
    let said = fees(batch, Order::default()).unwrap_err();
    for w in words {
        assert!(said.contains(w), "`{w}` is missing from: {said}");
    }
}

fn decimals(v: Vec<i128>, scale: i8) -> ArrayRef {
    Arc::new(Decimal128Array::from(v).with_precision_and_scale(30, scale).unwrap())
}

#[test]
fn money_is_exact_in_every_type_that_can_hold_it() {
    // 1.50 + 2.25 = 3.75, whatever the scale of the column.
    for (digits, scale) in [(vec![150, 225], 2), (vec![1_500_000, 2_250_000], 6), (vec![15_000, 22_500], 4)] {
        let t = table(2, vec![("amount", decimals(digits, scale))]);
        assert_eq!(fees(&t, Order::default()).unwrap(), "3.75", "scale {scale}");
    }
    let t = table(2, vec![("amount", texts(&[Some("1.50"), Some("2.25 EUR")]))]);
    assert_eq!(fees(&t, Order::default()).unwrap(), "3.75");
    // Whole numbers count euros, as in NDJSON; cents where that is said.
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![150, 225]));
    let t = table(2, vec![("amount", whole)]);
    assert_eq!(fees(&t, Order::default()).unwrap(), "375.00");
    let reading = ReadOptions { money: MoneyUnit::Minor, ..ReadOptions::default() };
    assert_eq!(fees(&t, Order { reading, ..Order::default() }).unwrap(), "3.75");
}

#[test]
fn money_that_is_not_exact_is_refused() {
    let float: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
    refused(
        &table(1, vec![("amount", float)]),
        &["t.arrow: column `amount`", "Float64", "exactly", "decimal(18, 2)"],
    );
    let t = table(2, vec![("amount", decimals(vec![1500, 1501], 3))]);
    refused(&t, &["t.arrow: row 2, field `amount`", "more decimals"]);
    let t = table(1, vec![("amount", decimals(vec![10_i128.pow(25)], 2))]);
    refused(&t, &["row 1, field `amount`", "64 bits"]);
    let big: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX]));
    refused(&table(1, vec![("amount", big)]), &["row 1, field `amount`", "64 bits"]);
    refused(&table(1, vec![("amount", texts(&[Some("5 JPY")]))]), &["row 1, field `amount`", "JPY"]);
}

#[test]
fn texts_come_in_every_layout() {
    let amount = || decimals(vec![100, 100], 2);
    let place = ["Germany", "Brazil"];
    let layouts: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(place.to_vec())),
        Arc::new(LargeStringArray::from(place.to_vec())),
        Arc::new(StringViewArray::from(place.to_vec())),
        Arc::new(place.iter().copied().collect::<DictionaryArray<Int32Type>>()),
        Arc::new(place.iter().copied().collect::<DictionaryArray<Int8Type>>()),
    ];
    for where_to in layouts {
        let layout = where_to.data_type().clone();
        let done: ArrayRef = Arc::new(BooleanArray::from(vec![true, true]));
        let count = texts(&[Some("3"), Some("3")]);
        let t =
            table(2, vec![("amount", amount()), ("where_to", where_to), ("done", done), ("count", count)]);
        let (dir, deal) = deal();
        let file = dir.path().join("t.arrow");
        let mut w = FileWriter::try_new(std::fs::File::create(&file).unwrap(), &t.schema()).unwrap();
        w.write(&t).unwrap();
        w.finish().unwrap();
        let e = judge(&deal, Order { events: vec![text(&file)], ..Order::default() }).unwrap();
        assert_eq!(e.report.verdicts.get("breach"), Some(&1), "{layout}");
    }
}

#[test]
fn moments_are_read_in_their_zone_or_in_that_of_the_deal() {
    // 22:30 UTC on 28 February is 23:30 in Berlin, that day; 23:30 UTC is half past midnight of 1 March.
    let second = |h: i64, m: i64| (i64::from(DAY) * 24 * 3600 - 24 * 3600 + h * 3600 + m * 60) * 1_000_000;
    let at = |zone: Option<&str>, v: Vec<i64>| -> ArrayRef {
        let a = TimestampMicrosecondArray::from(v);
        Arc::new(match zone {
            Some(z) => a.with_timezone(z),
            None => a,
        })
    };
    let rows = |at: ArrayRef, day: i32| {
        let date: ArrayRef = Arc::new(Date32Array::from(vec![day]));
        table(1, vec![("amount", decimals(vec![100], 2)), ("at", at), ("date", date)])
    };
    assert_eq!(
        fees(&rows(at(Some("UTC"), vec![second(22, 30)]), DAY - 1), Order::default()).unwrap(),
        "1.00"
    );
    assert_eq!(fees(&rows(at(Some("UTC"), vec![second(23, 30)]), DAY), Order::default()).unwrap(), "1.00");
    assert_eq!(fees(&rows(at(None, vec![second(23, 30)]), DAY - 1), Order::default()).unwrap(), "1.00");
    refused(&rows(at(Some("UTC"), vec![second(23, 30)]), DAY - 1), &["row 1, field `at`", "2026-03-01"]);
}

#[test]
fn columns_that_are_missing_strange_or_misspelt() {
    let amount = || ("amount", decimals(vec![100], 2));
    let odd = || -> Named { ("amuont", decimals(vec![100], 2)) };
    refused(&table(1, vec![amount(), odd()]), &["t.arrow: column `amuont`", "did you mean `amount`?"]);
    let reading = ReadOptions { ignore_unknown: true, ..ReadOptions::default() };
    let order = Order { reading, ..Order::default() };
    assert_eq!(fees(&table(1, vec![amount(), odd()]), order).unwrap(), "1.00");
    let bare = table(1, vec![amount()]).project(&[1, 2, 3]).unwrap();
    refused(&bare, &["t.arrow: ", "`kind`"]);
    refused(&table(1, vec![amount(), ("kind", texts(&[None]))]), &["row 1", "no `kind`"]);
    refused(&table(1, vec![amount(), ("kind", texts(&[Some("Sael")]))]), &["row 1, field `kind`", "`Sale`"]);
    refused(&table(1, vec![amount(), ("by", texts(&[Some("Shoop")]))]), &["row 1, field `by`", "`Shop`"]);
    refused(&table(1, vec![("amount", texts(&[None]))]), &["row 1, field `amount`", "missing"]);
    let count: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    refused(&table(1, vec![amount(), ("count", count)]), &["column `count`", "Boolean", "cannot hold"]);
    // A rest has no amount.
    let rest = vec![amount(), ("kind", texts(&[Some("Rest")])), ("count", texts(&[Some("two")]))];
    refused(&table(1, rest), &["row 1, field `amount`", "Rest has no such field"]);
}

#[test]
fn one_column_serves_kinds_that_read_it_by_unlike_types() {
    let kinds = texts(&[Some("Sale"), Some("Rest"), Some("Sale")]);
    let count = texts(&[Some("3"), Some("three"), Some("4")]);
    let amount = texts(&[Some("1"), None, Some("2")]);
    let t = table(3, vec![("kind", kinds), ("count", count), ("amount", amount)]);
    assert_eq!(fees(&t, Order::default()).unwrap(), "3.00");
}

#[test]
fn bad_rows_of_tables_are_quarantined_with_their_cells() {
    let t = table(2, vec![("amount", texts(&[Some("oops"), Some("2")]))]);
    let dir = TempDir::new().unwrap();
    let q = dir.path().join("bad.ndjson");
    let order = Order { bad_rows: BadRows::Quarantine(text(&q)), ..Order::default() };
    assert_eq!(fees(&t, order).unwrap(), "2.00");
    let kept = std::fs::read_to_string(q).unwrap();
    assert!(kept.contains(r#"\"amount\":\"oops\""#) && kept.contains(r#""row":1"#), "{kept}");
}
