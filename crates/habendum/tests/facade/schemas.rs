//! Every JSON output of every example holds to its published schema.

use crate::shown;
use crate::validate::holds;
use habendum::Date;
use habendum::check::{self, check};
use habendum::evaluate::{Order, evaluate};
use habendum::findings::sarif;
use habendum::pipeline::{Wants, open};
use habendum::scenario;
use habendum::schema::{SCHEMAS, schema};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn folder(deal: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(deal)
}

fn published(name: &str) -> Value {
    serde_json::from_str(&schema(name).unwrap()).unwrap()
}

fn written(data: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(data).unwrap()).unwrap()
}

/// Evaluates a deal's stream; holds the report and every line of the outcomes.
fn evaluated(deal: &str) {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut o = open(folder(deal).to_str().unwrap(), &wants).unwrap();
    let choices = o.choices(&wants).map_err(shown).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.ndjson");
    let order = Order {
        events: vec![folder(deal).join("events.ndjson").to_str().unwrap().to_owned()],
        out: vec![out.to_str().unwrap().to_owned()],
        all_readings: true,
        ..Order::default()
    };
    let e = evaluate(&o, &choices, &order, &mut |_| {}).map_err(shown).unwrap();
    holds(&published("eval"), &written(&e.report));
    let schema = published("outcome");
    let text = std::fs::read_to_string(&out).unwrap();
    for (i, line) in text.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        holds(&schema, &line);
        assert_eq!(line["record"] == "run", i == 0, "the run comes first");
    }
    assert!(text.lines().count() > 2);
}

#[test]
fn outcomes_and_reports() {
    // Between them: readings, keys, duties, tops-ups, interest, adjustments, sublicenses.
    for deal in ["microsoft-openai", "film-distribution", "building-contract", "loan", "power-purchase"] {
        evaluated(deal);
    }
}

#[test]
fn tests_and_checks() {
    let text = r#"agreement shop "Shop" {
    parties Shop, Owner
    effective from 2026-01-01
    currency EUR
    zone "UTC"
}
event Sale { by: party  amount: money }
clause fee § 1 {
    waive C018 because "looked at" until 2030-01-01
    Shop pays Owner 5% of amount on each Sale
}
scenario "wrong & <odd>" {
    2026-03-01 Sale { by Shop, amount 100 EUR }
    expect accrues 6 EUR under fee
}
scenario "right" {
    2026-03-01 Sale { by Shop, amount 100 EUR }
    expect accrues 5 EUR under fee
}
prove "open" { never undetermined }
"#;
    let (_dir, mut o) = crate::deal(text);
    let order = check::Order { today: Date::constant(2026, 6, 1), scenarios: true, conflicts: true };
    let c = check(&mut o, &Wants::default(), &order).map_err(shown).unwrap();
    let findings = written(&c.findings);
    holds(&published("check"), &findings);
    assert_eq!(findings["counts"]["error"], 1);
    assert_eq!(findings["inconclusive"], 1);
    assert_eq!(findings["findings"][0]["labels"][0]["line"], 14);

    let t = scenario::test(&mut o, &Wants::default(), None).map_err(shown).unwrap();
    let report = written(&t.report("shop", &o.loaded.sources));
    holds(&published("test"), &report);
    assert_eq!(report["scenarios"][0]["outcome"], "failed");
    assert_eq!(report["scenarios"][1]["outcome"], "passed");
    assert_eq!(report["properties"][0]["outcome"], "inconclusive");

    let log: Value = serde_json::from_str(&sarif(&c.findings)).unwrap();
    let run = &log["runs"][0];
    let rules: Vec<&Value> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|r| &r["id"]).collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings["findings"].as_array().unwrap().len());
    for r in results {
        assert!(rules.contains(&&r["ruleId"]), "a rule for {}", r["ruleId"]);
        assert!(["error", "warning", "note"].contains(&r["level"].as_str().unwrap()));
        assert!(r["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
    }
}

#[test]
fn every_schema_is_one() {
    for (name, what) in SCHEMAS {
        let s = published(name);
        assert!(s["$schema"].as_str().unwrap().contains("json-schema.org"), "{name}");
        assert!(what.starts_with("habendum") || what.starts_with("each line of habendum"), "{what}");
    }
    assert_eq!(schema("nothing"), None);
}

#[test]
#[should_panic(expected = "is not in the schema")]
fn a_field_that_no_schema_lists_is_found() {
    let mut findings = serde_json::json!({
        "schema_version": 1, "deal": "x", "findings": [],
        "counts": { "error": 0, "warning": 0, "info": 0 }, "inconclusive": 0,
    });
    holds(&published("check"), &findings);
    findings["surprise"] = Value::Bool(true);
    holds(&published("check"), &findings);
}
