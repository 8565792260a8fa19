//! Rows that come twice, and rows that come too late.

use crate::{judge, text};
use habendum::evaluate::{BadRows, Order};
use habendum::report::Report;
use std::path::Path;

const DEAL: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
event Sale { by: party  amount: money  number: int optional }
event Other { by: party }
clause fee § 1 "Fee" { Shop pays Owner amount on each Sale }
"#;

fn row(day: u32, number: Option<u32>, amount: u32) -> String {
    let number = number.map(|n| format!(",\"number\":{n}")).unwrap_or_default();
    format!(
        "{{\"kind\":\"Sale\",\"date\":\"2026-03-{day:02}\",\"by\":\"Shop\",\"amount\":{amount}{number}}}\n"
    )
}

fn run(dir: &Path, rows: &[String], order: Order) -> Result<Report, String> {
    let (deal, events) = (dir.join("deal.term"), dir.join("e.ndjson"));
    std::fs::write(&deal, DEAL).unwrap();
    std::fs::write(&events, rows.concat()).unwrap();
    judge(&deal, Order { events: vec![text(&events)], ..order }).map(|e| e.report)
}

fn fees(r: &Report) -> &str {
    &r.readings[0].amounts[0].sums.accrued
}

#[test]
fn a_row_that_comes_twice_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    // Numbers 1 and 2 come twice, once out of order; rows without a number are all different.
    let rows = [
        row(1, Some(1), 10),
        row(2, Some(2), 20),
        row(2, Some(2), 20),
        row(3, None, 5),
        row(3, None, 5),
        row(1, Some(1), 10),
        row(4, Some(3), 40),
    ];
    let dedupe = || Order { dedupe: Some("number".to_owned()), ..Order::default() };
    let r = run(dir.path(), &rows, dedupe()).unwrap();
    // 10 + 20 + 5 + 5 + 40
    assert_eq!((fees(&r), r.rows.duplicates, r.rows.judged), ("80.00", 2, 5));
    // Two keys are remembered: when number 1 comes again, 2 and 3 are, so that it is a row of its own, and late.
    let rows = [
        row(1, Some(1), 10),
        row(2, Some(2), 20),
        row(3, Some(3), 30),
        row(3, Some(2), 20),
        row(3, Some(1), 10),
    ];
    let r = run(dir.path(), &rows, Order { dedupe_window: Some(2), ..dedupe() }).unwrap();
    // 10 + 20 + 30 + 10
    assert_eq!((fees(&r), r.rows.duplicates), ("70.00", 1));
    let wrong = Order { dedupe: Some("numbre".to_owned()), ..Order::default() };
    assert!(run(dir.path(), &rows, wrong).unwrap_err().contains("did you mean `number`?"));
}

#[test]
fn the_key_may_be_of_several_fields() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [row(1, Some(1), 10), row(1, Some(1), 11), row(1, Some(1), 10)];
    let order = Order { dedupe: Some("number, amount".to_owned()), ..Order::default() };
    let r = run(dir.path(), &rows, order).unwrap();
    assert_eq!((fees(&r), r.rows.duplicates), ("21.00", 1));
}

#[test]
fn late_rows_have_a_policy_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [row(2, None, 10), row(1, None, 20), row(3, None, 40)];
    let said = run(dir.path(), &rows, Order::default()).unwrap_err();
    assert!(said.contains("row 2, field `date`: out of order"), "{said}");
    let bad = run(dir.path(), &rows, Order { bad_rows: BadRows::Skip, ..Order::default() }).unwrap();
    assert_eq!((fees(&bad), bad.rows.bad, bad.rows.late), ("50.00", 1, 0));
    let kept = text(&dir.path().join("late.ndjson"));
    let order = Order { late_rows: Some(BadRows::Quarantine(kept.clone())), ..Order::default() };
    let late = run(dir.path(), &rows, order).unwrap();
    assert_eq!((fees(&late), late.rows.bad, late.rows.late), ("50.00", 0, 1));
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(kept.contains("out of order") && kept.contains(r#"\"amount\":20"#), "{kept}");
    // A late row that may be left out does not let a bad one through.
    let rows = [row(2, None, 10), row(1, None, 20), "{\"kind\":\"Sael\"}\n".to_owned()];
    let order = Order { late_rows: Some(BadRows::Skip), ..Order::default() };
    assert!(run(dir.path(), &rows, order).unwrap_err().contains("Sael"));
}
