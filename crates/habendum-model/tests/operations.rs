//! Each operation of an amendment, read back from the consolidated text.
#![allow(clippy::unwrap_used, reason = "tests")]

use habendum_model::binding::off_source;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::{Choices, bind, consolidate, resolve, show, summary};
use habendum_syntax::{FileId, parse_file, print};
use jiff::civil::date;
use proptest::prelude::*;

const BASE: &str = r#"
agreement deal "A deal" { parties Alpha, Beta  others Gamma  effective from 2026-01-01  currency USD  zone "UTC" }
event Sale { by: party  amount: money }
parameter rate: percent = 10%
clause fee § 1 "Fee" { text "Alpha pays a tenth."  Alpha pays Beta rate of amount on each Sale through 2030 }
clause ban § 2 "Ban" { Alpha must not Sale where amount is more than 100 USD unless big: amount is more than 1000 USD }
clause use § 3 "License" { Alpha grants Beta an exclusive license to Use Asset worldwide, any field through 2032 }
"#;

fn build(text: &str) -> (Deal, Binding, Consolidated) {
    let parsed = parse_file(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let resolved = resolve(&[parsed.value]);
    assert!(resolved.diagnostics.is_empty(), "{:?}", resolved.diagnostics);
    let deal = resolved.value.unwrap();
    let binding = bind(&deal, &Choices::default()).unwrap();
    let texts = consolidate(&deal, &binding);
    assert!(!texts.has_errors(), "{:?}", texts.diagnostics);
    (deal, binding, texts.value)
}

fn amended(ops: &str) -> (Deal, Binding, Consolidated) {
    build(&format!(
        "{BASE}\namendment first \"First amendment\" to deal {{ effective from 2026-07-01  signed 2026-06-01 {ops} }}"
    ))
}

/// The clause of a version, printed on one line.
fn clause(deal: &Deal, texts: &Consolidated, version: usize, id: &str) -> String {
    let id = deal.symbols.clause(id).unwrap();
    texts.versions[version]
        .clauses
        .iter()
        .find(|c| c.id == id)
        .map(|c| print::print_clause(&c.clause.node).split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

#[test]
fn versions_touch_and_the_old_one_stays() {
    let (deal, _, texts) = amended("vary fee { amount 5% of amount }");
    assert_eq!(texts.versions.len(), 2);
    assert_eq!(texts.versions[0].through, Some(date(2026, 6, 30)));
    assert_eq!(texts.versions[1].from.fixed(), Some(date(2026, 7, 1)));
    assert!(clause(&deal, &texts, 0, "fee").contains("rate of amount"));
    assert!(clause(&deal, &texts, 1, "fee").contains("5% of amount"));
}

#[test]
fn vary_puts_adds_and_removes() {
    let (deal, _, texts) = amended(
        "vary fee { term from 2026-08-01 through 2031  cap 500 USD in total counting from effective  text \"New.\"  title \"Share\" }
         vary ban { remove unless big  add unless small: amount is less than 2 USD  where amount is more than 50 USD }
         vary use { exclusivity sole  party Gamma instead of Beta }",
    );
    let fee = clause(&deal, &texts, 1, "fee");
    assert!(
        fee.contains("from 2026-08-01") && fee.contains("through 2031") && !fee.contains("2030"),
        "{fee}"
    );
    assert!(fee.contains("counting from 2026-07-01"), "`effective` is the amendment's: {fee}");
    assert!(fee.contains("\"New.\"") && fee.contains("\"Share\""), "{fee}");
    let ban = clause(&deal, &texts, 1, "ban");
    assert!(
        ban.contains("small:") && !ban.contains("big:") && ban.contains("50 USD") && !ban.contains("100 USD"),
        "{ban}"
    );
    let lic = clause(&deal, &texts, 1, "use");
    assert!(lic.contains("grants Gamma a sole license"), "{lic}");
    assert!(clause(&deal, &texts, 0, "use").contains("grants Beta an exclusive license"));
}

#[test]
fn strike_insert_replace_renumber_extend_suspend_affirm_set() {
    let (deal, _, texts) = amended(
        "strike ban
         insert levy § 2.1 before use \"Levy\" { Alpha pays Beta 1 USD on each Sale }
         replace use with { Alpha grants Beta a non-exclusive license to Use Asset worldwide, any field }
         renumber fee as § 7
         extend fee by 2 years
         suspend fee from 2026-09-01 through 2026-09-30 clocks stop
         affirm fee
         set rate = 12%",
    );
    let v = &texts.versions[1];
    let order: Vec<&str> = v.clauses.iter().map(|c| deal.symbols.clause_name(c.id)).collect();
    assert_eq!(order, ["fee", "levy", "use"]);
    let ban = deal.symbols.clause("ban").unwrap();
    assert!(v.struck[&ban].saving);
    let fee = &v.clauses[0];
    let how: Vec<&str> = fee.provenance.iter().map(|p| p.how).collect();
    assert_eq!(how, ["renumbered", "extended", "suspended", "affirmed"]);
    assert_eq!(fee.suspensions[0].through.as_ref().unwrap().fixed(), Some(date(2026, 9, 30)));
    assert!(fee.suspensions[0].clocks_stop);
    assert!(clause(&deal, &texts, 1, "fee").contains("through 2030 plus 2 years"));
    let lic = clause(&deal, &texts, 1, "use");
    assert!(
        lic.contains("§ 3") && lic.contains("\"License\"") && lic.contains("non-exclusive"),
        "kept number and title: {lic}"
    );
    assert_eq!(v.set.len(), 1);
    assert!(texts.versions[0].set.is_empty());
}

#[test]
fn restate_starts_anew_and_restating_all_strikes_the_rest() {
    let (deal, _, texts) = build(&format!(
        "{BASE}
        amendment first \"First amendment\" to deal {{ effective from 2026-07-01  strike fee }}
        amendment second \"Second amendment\" to deal {{ effective from 2026-08-01  restate fee {{ Alpha pays Beta 1% of amount on each Sale }} }}
        amendment third \"Third amendment\" to deal {{ effective from 2026-09-01  restate agreement {{ clause ban § 1 {{ Beta must not Sale }} }} }}"
    ));
    assert_eq!(clause(&deal, &texts, 1, "fee"), "");
    let fee = clause(&deal, &texts, 2, "fee");
    assert!(fee.contains("1% of amount") && fee.contains("§ 1"), "{fee}");
    let last = &texts.versions[3];
    assert_eq!(last.clauses.len(), 1);
    assert_eq!(last.struck.len(), 2);
    assert!(clause(&deal, &texts, 3, "ban").contains("Beta must not Sale"));
}

#[test]
fn a_retroactive_amendment_applies_in_signing_order() {
    let (deal, _, texts) = build(&format!(
        "{BASE}
        amendment first \"First amendment\" to deal {{ effective from 2026-07-01  signed 2026-06-01  vary fee {{ amount 5% of amount }} }}
        amendment back \"Retroactive amendment\" to deal {{ effective from 2026-03-01  signed 2026-08-01  vary fee {{ amount 7% of amount }} }}"
    ));
    assert!(texts.amendments[1].retroactive && !texts.amendments[0].retroactive);
    assert!(clause(&deal, &texts, 0, "fee").contains("rate of amount"));
    assert!(clause(&deal, &texts, 1, "fee").contains("7% of amount"));
    // Signed last, it has the last word from July on too; the report says that the orders disagree.
    assert!(clause(&deal, &texts, 2, "fee").contains("7% of amount"));
}

#[test]
fn known_as_of_leaves_out_what_was_signed_later() {
    let text = format!(
        "{BASE}\namendment first \"First amendment\" to deal {{ effective from 2026-07-01  signed 2026-06-01  strike fee }}"
    );
    let parsed = parse_file(FileId(0), &text);
    let deal = resolve(&[parsed.value]).value.unwrap();
    let on = |d| {
        let b = bind(&deal, &Choices { known_as_of: Some(d), ..Choices::default() }).unwrap();
        consolidate(&deal, &b).value.versions.len()
    };
    assert_eq!(on(date(2026, 5, 31)), 1);
    assert_eq!(on(date(2026, 6, 1)), 2);
}

#[test]
fn an_open_effective_date_makes_an_open_version() {
    let (_, _, texts) = build(&format!(
        "{BASE}\nparameter start: date \"not public\"\namendment first \"First amendment\" to deal {{ effective from start  signed 2026-06-01  strike fee }}"
    ));
    assert_eq!(texts.versions.len(), 2);
    assert_eq!(texts.versions[1].from.fixed(), None);
    assert_eq!(texts.versions[0].through, None);
}

#[test]
fn the_redline_marks_what_changed() {
    let (deal, binding, texts) =
        amended("strike ban  vary fee { text \"Alpha pays a fifth.\"  amount 20% of amount }");
    let d = show::redline(&deal, &texts, &binding, 0, 1);
    let text = show::text(&d, false);
    assert!(text.contains("Alpha pays a [-tenth.-]{+fifth.+}"), "{text}");
    assert!(
        text.contains("(struck)")
            && text.contains("struck by the First amendment; what has accrued stays owed"),
        "{text}"
    );
    let html = show::html(&d);
    assert!(
        html.contains("<del>tenth.</del><ins>fifth.</ins>")
            || html.contains("<del>tenth</del><ins>fifth</ins>."),
        "{html}"
    );
    let md = show::markdown(&d);
    assert!(md.contains("~~tenth.~~**fifth.**"), "{md}");
}

#[test]
fn the_summary_computes_key_terms() {
    let (deal, binding, texts) = build(&format!(
        "{BASE}
        key \"Kind\" shows exclusivity of use
        key \"Until\" shows term of use
        key \"Fee\" shows payment of fee
        amendment first \"First amendment\" to deal {{ effective from 2026-07-01  vary use {{ exclusivity non-exclusive }}  strike fee }}"
    ));
    let rows = summary::summary(&deal, &texts, &binding, 0, 1);
    assert_eq!((rows[0].before.as_str(), rows[0].now.as_str()), ("exclusive", "non-exclusive"));
    assert_eq!(rows[0].changed_by, ["First amendment"]);
    assert_eq!((rows[1].before.as_str(), rows[1].now.as_str()), ("through 2032", "through 2032"));
    assert_eq!(rows[2].now, "none (struck by the First amendment)");
    assert!(rows[2].before.starts_with("Alpha pays Beta rate of amount"), "{}", rows[2].before);
}

#[test]
fn amendments_apply_in_the_order_of_their_bound_signatures() {
    let (deal, _, texts) = build(&format!(
        "{BASE}
        parameter first_day: date = 2026-03-01
        amendment late \"Late amendment\" to deal {{ effective from 2026-09-01  vary fee {{ amount 9% of amount }} }}
        amendment early \"Early amendment\" to deal {{ effective from first_day  vary fee {{ amount 3% of amount }} }}"
    ));
    assert!(clause(&deal, &texts, 1, "fee").contains("3% of amount"));
    assert!(clause(&deal, &texts, 2, "fee").contains("9% of amount"));
}

#[test]
fn one_person_stands_for_another_all_through_a_clause() {
    let (deal, _, texts) = build(&format!(
        "{BASE}
        event Pay {{ by: party }}
        clause duty {{ Alpha must Pay within 3 days of Sale where by is Alpha otherwise Alpha pays Beta 5 USD }}
        clause shared {{ Beta grants Gamma a co-exclusive with Alpha license to Use Asset worldwide, any field may sublicense to Alpha }}
        amendment first \"First amendment\" to deal {{
            effective from 2026-07-01
            vary duty {{ party Gamma instead of Alpha }}
            vary shared {{ party Beta instead of Alpha }}
        }}"
    ));
    let duty = clause(&deal, &texts, 1, "duty");
    assert!(
        !duty.contains("Alpha")
            && duty.contains("by is Gamma")
            && duty.contains("otherwise Gamma pays Beta 5 USD"),
        "{duty}"
    );
    let shared = clause(&deal, &texts, 1, "shared");
    assert!(shared.contains("co-exclusive with Beta") && shared.contains("sublicense to Beta"), "{shared}");
}

#[test]
fn a_clause_that_is_started_anew_stands_where_it_stood() {
    let (deal, _, texts) = build(&format!(
        "{BASE}
        amendment first \"First amendment\" to deal {{ effective from 2026-07-01  strike fee  strike ban }}
        amendment second \"Second amendment\" to deal {{ effective from 2026-08-01  restate ban {{ Beta must not Sale }} }}
        amendment third \"Third amendment\" to deal {{ effective from 2026-09-01  restate fee {{ Alpha pays Beta 1 USD on each Sale }} }}"
    ));
    let order = |v: usize| -> Vec<&str> {
        texts.versions[v].clauses.iter().map(|c| deal.symbols.clause_name(c.id)).collect()
    };
    assert_eq!(order(2), ["ban", "use"]);
    assert_eq!(order(3), ["fee", "ban", "use"]);
}

#[test]
fn what_is_shown_has_the_figures_of_its_day() {
    let (deal, binding, texts) =
        amended("set rate = 12%  suspend ban from 2026-09-01 through 2026-09-30 clocks stop");
    let at = |v| show::text(&show::document(&deal, &texts, &binding, v), false);
    assert!(at(0).contains("rate is 10% (declaration)"), "{}", at(0));
    assert!(at(1).contains("rate is 12% (set by the First amendment)"), "{}", at(1));
    let line = "suspended from 2026-09-01 through 2026-09-30, deadlines stand still by the First amendment";
    assert!(at(1).contains(line), "{}", at(1));
    let change = show::text(&show::redline(&deal, &texts, &binding, 0, 1), false);
    assert!(change.contains("rate is 12% (set by the First amendment; 10% before)"), "{change}");
}

#[test]
fn the_summary_of_a_deal_without_key_terms_shows_what_changed() {
    let (deal, binding, texts) =
        amended("set rate = 12%  vary ban { where amount is more than 50 USD }  suspend use  affirm fee");
    let rows = summary::summary(&deal, &texts, &binding, 0, 1);
    let features: Vec<&str> = rows.iter().map(|r| r.feature.as_str()).collect();
    assert_eq!(features, ["Fee", "Ban", "License"]);
    // The prose of the fee is the same: the figure is what changed.
    assert!(rows[0].before.contains("rate is 10%") && rows[0].now.contains("rate is 12%"), "{:?}", rows[0]);
    assert_eq!(rows[0].changed_by, ["First amendment"]);
    assert!(rows[1].before.contains("100 USD") && rows[1].now.contains("50 USD"), "{:?}", rows[1]);
    assert!(rows[2].now.ends_with("(suspended from 2026-07-01)"), "{:?}", rows[2]);
}

#[test]
fn a_reading_is_one_that_the_clause_declares() {
    let text = format!(
        "{BASE}
        clause ship {{
            reading strict {{ Alpha must not Sale }}
            reading mild {{ Beta must not Sale }}
        }}"
    );
    let deal = resolve(&[parse_file(FileId(0), &text).value]).value.unwrap();
    let choose = |clause: &str, reading: &str| {
        let readings = vec![(off_source(clause), off_source(reading))];
        bind(&deal, &Choices { readings, ..Choices::default() })
            .map(|b| b.readings)
            .map_err(|ds| (ds[0].code.clone(), ds[0].help.clone()))
    };
    assert_eq!(choose("ship", "mild").unwrap().values().collect::<Vec<_>>(), ["mild"]);
    let (code, help) = choose("ship", "wild").unwrap_err();
    assert_eq!((code.as_str(), help), ("T067", vec!["its readings: strict, mild".to_owned()]));
    assert_eq!(choose("fee", "mild").unwrap_err().0, "T067");
    assert_eq!(choose("ships", "mild").unwrap_err().0, "N010");
}

fn operation() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("strike ban".to_owned()),
        (1..99u32).prop_map(|n| format!("vary fee {{ amount {n}% of amount }}")),
        (2033..2090u32).prop_map(|y| format!("vary use {{ term through {y} }}")),
        Just("vary use { exclusivity sole }".to_owned()),
        (1..9u32).prop_map(|n| format!("extend fee by {n} years")),
        (1..9u32).prop_map(|n| format!("renumber fee as § {n}.{n}")),
        Just("suspend fee".to_owned()),
        (1..9u32)
            .prop_map(|n| format!("insert levy{n} § 9 after fee {{ Alpha pays Beta {n} USD on each Sale }}")),
        (1..99u32).prop_map(|n| format!("set rate = {n}%")),
        Just("restate agreement { clause fee { Alpha pays Beta 1 USD on each Sale } }".to_owned()),
    ]
}

proptest! {
    /// Amending never changes what is read as of before the effective date.
    #[test]
    fn amending_leaves_the_past_alone(ops in proptest::collection::vec(operation(), 1..4), month in 2..12u32) {
        let text = format!("{BASE}\namendment a \"An amendment\" to deal {{ effective from 2026-{month:02}-15  {} }}", ops.join("  "));
        let parsed = parse_file(FileId(0), &text);
        prop_assert!(parsed.diagnostics.is_empty());
        let deal = resolve(&[parsed.value]).value.unwrap();
        let binding = bind(&deal, &Choices::default()).unwrap();
        let texts = consolidate(&deal, &binding).value;
        let before = show::version_on(&texts, date(2026, i8::try_from(month).unwrap(), 14)).unwrap();
        let (base, b, old) = build(BASE);
        prop_assert_eq!(
            show::document(&deal, &texts, &binding, before).sections,
            show::document(&base, &old, &b, 0).sections
        );
    }
}
