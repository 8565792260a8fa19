//! Figures as the reports tell them: what runs on, what amendments set, what time brought and why; and what is refused for it.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{put, run};

const HEAD: &str = "agreement a \"A\" { parties A, B effective from 2026-01-01 currency EUR others any }\n";

fn deal(folder: &Path, text: &str) {
    put(folder, "x.term", format!("{HEAD}{text}"));
}

/// 1,000.00 ordered on 1 February and due on 3 March; on 1 July, 120 days later, 18 weeks have begun: 0.5 % of each is 90.00, capped at
/// 5 %, 50.00.
#[test]
fn damages_that_run_on_are_reported_and_have_not_accrued() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "event Order { by: party  number: int  value: money }
         event Deliver { by: party  number: int }
         clause delivery {
             A must Deliver within 30 days of Order of the same number
                 otherwise { A pays B 0.5% of Order.value per started week of delay cap 5% of Order.value per event } }",
    );
    put(d, "e.ndjson", r#"{"kind":"Order","date":"2026-02-01","by":"B","number":1,"value":"1000"}"#);
    let told = run(d, &["eval", "x.term", "e.ndjson", "--clock", "2026-07-01", "--output", "json"]);
    let report: Value = serde_json::from_str(&told.out).unwrap();
    let amounts = &report["readings"][0]["amounts"][0];
    assert_eq!(
        (&amounts["provisional"], &amounts["accrued"]),
        (&"50.00".into(), &"0.00".into()),
        "{}",
        told.out
    );
    assert_eq!(report["clauses"][0]["accruals"], 0);
    let text = run(d, &["eval", "x.term", "e.ndjson", "--clock", "2026-07-01"]).out;
    assert!(text.contains("provisional") && text.contains("50.00 EUR"), "{text}");
}

#[test]
fn the_receipt_names_what_an_amendment_set() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "parameter fee: money = 10 EUR
         event Use1 { by: party }
         clause f { A pays B fee on each Use1 }
         amendment x \"Extension\" to a { effective from 2026-06-01 set fee = 12 EUR }",
    );
    put(d, "e.ndjson", r#"{"kind":"Use1","date":"2026-07-01","by":"A"}"#);
    let told = run(d, &["eval", "x.term", "e.ndjson"]).out;
    assert!(told.contains("fee = 10.00 EUR (declaration)"), "{told}");
    assert!(told.contains("fee = 12.00 EUR (amendment x, from 2026-06-01)"), "{told}");
}

/// 2 % of 5,000.00 is 100.00, of which 30.00 is left under the cap: 10 % of 300.00 is 30.00.
#[test]
fn what_a_day_brought_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "event Sale { by: party  amount: money }
         total sales = amount on Sale
         parameter base: money = 300 EUR
         define ceiling = 10% of base
         clause rent { A pays B 2% of sales this month each month cap ceiling per year }
         clause least { A pays B 1% of sales this month each month floor 80 EUR per month }
         clause off { A pays B 10 EUR each month unless busy: sales this month is more than 1_000 EUR }",
    );
    put(d, "e.ndjson", r#"{"kind":"Sale","date":"2026-01-05","by":"A","amount":"5000"}"#);
    let explain =
        |what: &str| run(d, &["eval", "x.term", "e.ndjson", "--clock", "2026-03-31", "--explain", what]);
    let all = explain("2026-01-31").out;
    for part in [
        "rent: a payment that time brings",
        "sales this month = 5,000.00 EUR",
        "base: 100.00 EUR",
        "cap: 30.00 EUR per year (ceiling (ceiling = 30.00 EUR, base = 300.00 EUR)), 0.00 EUR counted before, 30.00 EUR left; lets \
         through 30.00 EUR",
        "top-up 30.00 EUR",
        "unless busy: sales this month is more than 1,000.00 EUR: true",
        "does not apply",
    ] {
        let flat = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(part), "{part}\n{all}");
    }
    let one = explain("rent@2026-01-31").out;
    assert!(one.contains("rent: a payment") && !one.contains("least: a payment"), "{one}");
    assert!(explain("2026-01-30").out.contains("none that day"));
    assert_eq!(explain("rant@2026-01-31").code, 2);
    assert_eq!(explain("yesterday").code, 2);
    let row = explain("1").out;
    assert!(row.contains("adds 5,000.00 EUR to sales"), "{row}");
}

#[test]
fn coverage_sees_what_payments_of_time_meet() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "event Leave { by: party }
         clause q { A pays B 10 EUR each month unless left: Leave has occurred }
         scenario \"s\" { 2026-02-10 Leave { by A }  clock 2026-12-31  expect accrued q is 10 EUR }",
    );
    let told = run(d, &["test", "x.term", "--coverage"]);
    assert!(!told.out.contains("not reached") && told.out.contains("2 of 2"), "{}{}", told.out, told.err);
}

#[test]
fn a_row_after_the_clock_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(d, "event Stop { by: party }\n clause s { A must Stop by 2026-03-01 }");
    put(d, "e.ndjson", r#"{"kind":"Stop","date":"2026-06-01","by":"A"}"#);
    let told = run(d, &["eval", "x.term", "e.ndjson", "--clock", "2026-01-05"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("row 1 is of 2026-06-01, after the clock, 2026-01-05"), "{}", told.err);
    assert_eq!(run(d, &["eval", "x.term", "e.ndjson", "--clock", "2026-06-01"]).code, 0);
}

#[test]
fn hours_of_dates_are_refused_once_and_a_length_after_surviving_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "event N { by: party  aware: date  sent: instant }
         clause c { A must not N where started hours from aware to sent is more than 72 }",
    );
    let told = run(d, &["check", "x.term"]);
    let text = told.out + &told.err;
    assert!(text.contains("hours count between two instants, and this is a date"), "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    let power = |order: &str| {
        format!(
            "event Term {{ by: party }} event Publish {{ by: party }}
             clause s {{ A must not Publish }}
             clause e {{ A may terminate the agreement exercised by Term {order} }}"
        )
    };
    deal(d, &power("surviving s for 90 days"));
    let told = run(d, &["check", "x.term"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    deal(d, &power("for 2 years surviving s"));
    assert_eq!(run(d, &["check", "x.term"]).code, 0);
}

/// 6 % of 600.00 and 5 %: bounds at 10,000.00 and 12,000.00. A total of 11,000.00 lies between them; 9,000.00 does not.
#[test]
fn a_total_in_a_gap_of_computed_bands_stops_the_run_in_money() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    deal(
        d,
        "event Order { by: party  value: money }
         parameter base: money = 600 EUR
         clause w { A pays B whole tiers of value per year { up to base / 6%: 1%  more than base / 5%: 6% } on each Order }",
    );
    let order = |value: &str| format!(r#"{{"kind":"Order","date":"2026-02-01","by":"B","value":"{value}"}}"#);
    put(d, "e.ndjson", order("9000"));
    assert_eq!(run(d, &["eval", "x.term", "e.ndjson"]).code, 0);
    put(d, "e.ndjson", order("11000"));
    let told = run(d, &["eval", "x.term", "e.ndjson"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("no band holds a total of 11,000.00 EUR"), "{}", told.err);
    assert!(told.err.contains("more than base / 5%: 6%"), "{}", told.err);
}
