//! Readings side by side: where they agree, where they part, and a row that only one of them refuses.

#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use habendum_model::binding::{self, bind};
use habendum_model::deal::Deal;
use habendum_model::resolve::resolve;
use habendum_model::value::{ClauseId, CurrencyId, Exact, PartyId, Value};
use habendum_norm::event::Event;
use habendum_norm::run::{Choices, RunError, Runner};
use habendum_syntax::ast::Verdict;
use habendum_syntax::{Sources, parse_file};
use jiff::civil::date;

const RATES: &str = r#"
agreement d "Deal" { parties A, B  effective from 2026-01-01  currency USD  zone "UTC" }
event Sale { of: party  amount: money }
clause share {
    reading net   { A pays B 10% of amount on each Sale }
    reading gross { A pays B 10 * amount on each Sale where amount is more than 1 USD }
}
"#;

fn deal(text: &str) -> Deal {
    let mut sources = Sources::default();
    let file = sources.add("t.term", text);
    let parsed = parse_file(file, text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let resolved = resolve(&[parsed.value]);
    assert!(resolved.diagnostics.is_empty(), "{:?}", resolved.diagnostics);
    resolved.value.unwrap()
}

fn runner(deal: &Deal) -> Result<Runner, RunError> {
    let binding = bind(deal, &binding::Choices::default()).unwrap();
    Runner::new(deal, &binding, &Choices { all_readings: true, text_as_of: None })
}

fn sale(deal: &Deal, row: u64, minor: i128) -> Event {
    let amount = Value::Money(Exact::int(minor), CurrencyId(0));
    let fields = vec![Value::Party(PartyId(0)), amount];
    Event { row, date: date(2026, 2, 1), instant: None, kind: deal.symbols.event("Sale").unwrap(), fields }
}

fn accrued(r: &Runner) -> Vec<i128> {
    r.readings().iter().map(|x| x.sums(ClauseId(0)).iter().map(|s| s.accrued).sum()).collect()
}

#[test]
fn amounts_that_part_are_undetermined_with_their_range() {
    let deal = deal(RATES);
    let mut r = runner(&deal).unwrap();
    let o = r.push(&sale(&deal, 1, 10_000)).unwrap();
    // 10 % of 100.00; ten times 100.00
    assert_eq!(o.verdict, Verdict::Undetermined);
    let reason = o.reason.unwrap();
    assert!(reason.contains("10.00 USD") && reason.contains("1,000.00 USD"), "{reason}");
    assert_eq!(o.accruals[0].reason.as_deref(), Some("by reading, from 10.00 USD to 1,000.00 USD"));
    assert_eq!(accrued(&r), [1_000, 100_000]);
}

#[test]
fn a_row_that_one_reading_refuses_changes_none() {
    let deal = deal(RATES);
    let mut r = runner(&deal).unwrap();
    r.push(&sale(&deal, 1, 10_000)).unwrap();
    // A tenth fits 64 bits, ten times it does not.
    let refused = r.push(&sale(&deal, 2, i128::from(i64::MAX) / 2));
    assert_eq!(refused.unwrap_err().row, Some(2));
    assert_eq!(accrued(&r), [1_000, 100_000], "as before the row");
    r.push(&sale(&deal, 3, 200)).unwrap();
    // 0.20 and 20.00 more
    assert_eq!(accrued(&r), [1_020, 102_000]);
}

#[test]
fn readings_that_agree_give_the_verdict() {
    let deal = deal(
        r#"
        agreement d "Deal" { parties A, B  effective from 2026-01-01  currency USD  zone "UTC" }
        event Go { by: party  far: bool  fast: bool }
        clause rule {
            reading both   { A must not Go where far and fast }
            reading either { A must not Go where far or fast }
        }
        "#,
    );
    let mut r = runner(&deal).unwrap();
    let go = |row, far, fast| Event {
        row,
        date: date(2026, 2, 1),
        instant: None,
        kind: deal.symbols.event("Go").unwrap(),
        fields: vec![Value::Party(PartyId(0)), Value::Bool(far), Value::Bool(fast)],
    };
    assert_eq!(r.push(&go(1, true, true)).unwrap().verdict, Verdict::Breach);
    assert_eq!(r.push(&go(2, false, false)).unwrap().verdict, Verdict::Silent);
    let parted = r.push(&go(3, true, false)).unwrap();
    assert_eq!(parted.verdict, Verdict::Undetermined);
    let reason = parted.reason.unwrap();
    assert!(
        reason.contains("silent where rule = both") && reason.contains("breach of rule where rule = either"),
        "{reason}"
    );
}

#[test]
fn too_many_combinations_have_to_be_narrowed() {
    let clauses: String = (0..7)
        .map(|i| format!("clause c{i} {{ reading x {{ A may Go }} reading y {{ A must not Go }} }}\n"))
        .collect();
    let head = r#"agreement d "Deal" { parties A, B  effective from 2026-01-01  currency USD  zone "UTC" } event Go { by: party }"#;
    let deal = deal(&format!("{head}\n{clauses}"));
    // 2 to the 7th is 128
    match runner(&deal) {
        Err(RunError::Eval(e)) => assert!(e.message.contains("--reading CLAUSE=NAME, of c0, c1"), "{e}"),
        other => assert!(other.is_err(), "too many combinations were taken"),
    }
}
