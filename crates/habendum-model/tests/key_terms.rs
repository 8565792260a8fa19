//! The table of key terms and the redline where an amendment sets parameters: dates, and figures behind definitions.
//! Every expected text is written by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::{Choices, bind, consolidate, resolve, show, summary};
use habendum_syntax::{FileId, parse_file};

const DEAL: &str = r#"
agreement deal "A deal" { parties Alpha, Beta  effective from 2026-01-01  currency EUR  months rounding down }
parameter last_day: date = 2026-12-31
parameter fee: money = 10 EUR
parameter grace: int = 30
define rent = fee * 2
event Use1 { by: party }
event Sale { by: party }
clause use § 1 { Alpha may Use1 through last_day }
clause rent-due § 2 { text "Alpha pays the rent."
    Alpha pays Beta rent each month in advance prorated by days through last_day due within grace days late interest 6% per year actual/365 }
clause fixed § 3 { Alpha pays Beta 5 EUR each month for 12 months }
clause half § 4 { Beta pays Alpha fee on each Sale crediting accrued fixed up to 50% cap 900 EUR per year }
key "Term of use"  shows term of use
key "Rule of use"  shows rule of use
key "Rent"         shows payment of rent-due
key "Rule of rent" shows rule of rent-due
key "Term of fixed" shows term of fixed
key "Fixed"        shows payment of fixed
key "Half"         shows payment of half
amendment first "Extension" to deal { effective from 2026-06-01  set last_day = 2028-12-31 }
amendment second "Raise" to deal { effective from 2026-09-01  set fee = 12 EUR  vary fixed { text "Five euros." } }
amendment third "Leave" to deal { effective from 2026-10-01  set grace = 45 }
"#;

fn built() -> (Deal, Binding, Consolidated) {
    let parsed = parse_file(FileId(0), DEAL);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let deal = resolve(&[parsed.value]).value.unwrap();
    let binding = bind(&deal, &Choices::default()).unwrap();
    let texts = consolidate(&deal, &binding);
    assert!(!texts.has_errors(), "{:?}", texts.diagnostics);
    (deal, binding, texts.value)
}

/// Feature, now, before, changed by.
fn rows(before: usize, now: usize) -> Vec<(String, String, String, String)> {
    let (deal, binding, texts) = built();
    summary::summary(&deal, &texts, &binding, before, now)
        .into_iter()
        .map(|r| (r.feature, r.now, r.before, r.changed_by.join(", ")))
        .collect()
}

fn expect(rows: &[(String, String, String, String)], feature: &str, now: &str, before: &str, by: &str) {
    let (_, n, b, c) = rows.iter().find(|r| r.0 == feature).unwrap();
    assert_eq!((n.as_str(), b.as_str(), c.as_str()), (now, before, by), "{feature}");
}

#[test]
fn a_date_that_an_amendment_sets_is_shown_now_and_before() {
    let rows = rows(0, 3);
    let old = "last_day is 2026-12-31 (declaration)";
    let new = "last_day is 2028-12-31 (set by the Extension)";
    expect(
        &rows,
        "Term of use",
        &format!("through last_day [{new}]"),
        &format!("through last_day [{old}]"),
        "Extension",
    );
    expect(
        &rows,
        "Rule of use",
        &format!("Alpha may Use1 through last_day [{new}]"),
        &format!("Alpha may Use1 through last_day [{old}]"),
        "Extension",
    );
}

#[test]
fn a_payment_says_when_and_how_and_with_which_figures() {
    let rows = rows(0, 3);
    let said = "Alpha pays Beta rent each month in advance prorated by days, through last_day, \
                due within grace days, late interest 6% per year actual/365";
    let old =
        "[fee is 10.00 EUR (declaration); last_day is 2026-12-31 (declaration); grace is 30 (declaration)]";
    let new = "[fee is 12.00 EUR (set by the Raise); last_day is 2028-12-31 (set by the Extension); \
               grace is 45 (set by the Leave)]";
    let all = "Extension, Raise, Leave";
    expect(&rows, "Rent", &format!("{said} {new}"), &format!("{said} {old}"), all);
    expect(
        &rows,
        "Half",
        "Beta pays Alpha fee on each Sale, at most 900 EUR per year, crediting accrued fixed up to 50% \
         [fee is 12.00 EUR (set by the Raise)]",
        "Beta pays Alpha fee on each Sale, at most 900 EUR per year, crediting accrued fixed up to 50% \
         [fee is 10.00 EUR (declaration)]",
        "Raise",
    );
    // The prose is the same: the sentence with its figures shows what changed.
    let (_, now, before, by) = rows.iter().find(|r| r.0 == "Rule of rent").unwrap();
    assert!(now.ends_with(new) && before.ends_with(old), "{now}\n{before}");
    assert_eq!(by, all);
}

#[test]
fn a_row_that_did_not_change_names_no_amendment() {
    let rows = rows(0, 3);
    expect(&rows, "Term of fixed", "for 12 months", "for 12 months", "");
    let fixed = "Alpha pays Beta 5 EUR each month, for 12 months";
    expect(&rows, "Fixed", fixed, fixed, "");
    for (feature, now, before, by) in &rows {
        assert_eq!(now == before, by.is_empty(), "{feature}");
    }
}

#[test]
fn each_step_names_its_own_amendment() {
    let step = rows(1, 2);
    let (_, now, before, by) = step.iter().find(|r| r.0 == "Rent").unwrap();
    assert!(now.contains("fee is 12.00 EUR") && before.contains("fee is 10.00 EUR"), "{now}\n{before}");
    assert_eq!(by, "Raise");
    assert!(step.iter().find(|r| r.0 == "Term of use").unwrap().3.is_empty());
}

#[test]
fn the_redline_says_which_figures_moved() {
    let (deal, binding, texts) = built();
    let text = show::text(&show::redline(&deal, &texts, &binding, 0, 3), false);
    for line in [
        "last_day is 2028-12-31 (set by the Extension; 2026-12-31 before)",
        "fee is 12.00 EUR (set by the Raise; 10.00 EUR before)",
        "grace is 45 (set by the Leave; 30 before)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
