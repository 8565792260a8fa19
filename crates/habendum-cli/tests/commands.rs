//! Every command and every output format: well-formed, with the fields that the published schemas ask for, without colours.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

mod support;

use serde_json::Value;
use support::{DEAL, Ran, example, put, run};

fn here(args: &[&str]) -> Ran {
    run(std::path::Path::new("."), args)
}

/// The keys that a schema requires are there, at the top and in what it defines.
fn fits(json: &str, schema: &str) {
    let (value, schema): (Value, Value) =
        (serde_json::from_str(json).unwrap(), serde_json::from_str(&here(&["schema", schema]).out).unwrap());
    required(&value, &schema, &schema);
}

fn required(value: &Value, node: &Value, root: &Value) {
    let node = match node["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        Some(name) => &root["$defs"][name],
        None => node,
    };
    for key in node["required"].as_array().into_iter().flatten() {
        assert!(value.get(key.as_str().unwrap()).is_some(), "{key} is missing in {value}");
    }
    for (key, part) in node["properties"].as_object().into_iter().flatten() {
        if let Some(v) = value.get(key) {
            required(v, part, root);
        }
    }
    for v in value.as_array().into_iter().flatten() {
        required(v, &node["items"], root);
    }
}

/// Tags open and close in pairs.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in xml.split('<').skip(1).map(|t| t.split('>').next().unwrap()) {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.starts_with('?') && !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty() && xml.contains("<testsuite"), "{open:?}");
}

#[test]
fn formats_of_check() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "x.term", DEAL.replace("pays Ben", "pays Bern"));
    let check = |format: &str| run(dir.path(), &["check", "x.term", "--output", format]).out;
    fits(&check("json"), "check");
    let sarif: Value = serde_json::from_str(&check("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "N010");
    well_formed(&check("junit"));
    assert!(check("concise").starts_with("x.term:15:15"), "{}", check("concise"));
    assert!(check("github").starts_with("::error file=x.term,line=15"), "{}", check("github"));
}

#[test]
fn no_colour_reaches_a_pipe() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "x.term", DEAL.replace("pays Ben", "pays Bern"));
    put(dir.path(), "e.ndjson", "");
    for args in [
        &["check", "x.term"][..],
        &["check", "x.term", "--output", "human=file.txt"],
        &["eval", "x.term", "e.ndjson"],
        &["test", "x.term"],
        &["show", "x.term"],
    ] {
        let ran = run(dir.path(), args);
        assert!(!(ran.out + &ran.err).contains('\u{1b}'), "{args:?}");
    }
    let file = std::fs::read_to_string(dir.path().join("file.txt")).unwrap();
    assert!(file.contains("[N010]") && !file.contains('\u{1b}'), "{file}");
    let show = here(&["show", &example("microsoft-openai"), "--redline", "base..last"]);
    assert!(show.out.contains("[-") && !show.out.contains('\u{1b}'));
}

#[test]
fn a_new_deal_checks_tests_and_evaluates() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    assert_eq!(run(d, &["new", "lease"]).code, 0);
    assert_eq!(run(d, &["check", "lease"]).code, 0);
    assert_eq!(run(d, &["test", "lease"]).code, 0);
    fits(&run(d, &["test", "lease", "--output", "json"]).out, "test");
    well_formed(&run(d, &["test", "lease", "--output", "junit"]).out);
    let eval = ["eval", "lease", "lease/events.ndjson", "--output", "json", "--out", "o.ndjson"];
    let ran = run(d, &eval);
    assert_eq!(ran.code, 0, "{}", ran.err);
    fits(&ran.out, "eval");
    let lines = std::fs::read_to_string(d.join("o.ndjson")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["record"], "run");
    assert_eq!(run(d, &["new", "lease"]).code, 2, "a folder is not made twice");
}

/// Of three rows one names no event kind: two are judged; the tenth of 1.00 and of 3.00 is 0.40.
#[test]
fn bad_rows_are_left_out_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    put(d, "x.term", DEAL);
    let row = |kind: &str, amount: &str| {
        format!("{{\"date\":\"2026-01-05\",\"kind\":\"{kind}\",\"by\":\"Anna\",\"amount\":\"{amount}\"}}\n")
    };
    put(d, "e.ndjson", row("Sale", "1.00") + &row("Sail", "2.00") + &row("Sale", "3.00"));
    for what in ["skip", "quarantine=q.ndjson"] {
        let args = ["eval", "x.term", "e.ndjson", "--output", "json", "--on-bad-row", what];
        let ran = run(d, &args);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((&report["rows"]["judged"], &report["rows"]["bad"]), (&2.into(), &1.into()), "{what}");
        assert!(ran.err.contains("e.ndjson:2"), "{}", ran.err);
        assert!(ran.out.contains("\"0.40\""), "{}", ran.out);
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(d.join("q.ndjson")).unwrap()).unwrap();
    assert_eq!((&kept["row"], &kept["field"]), (&2.into(), &"kind".into()));
    let explained = run(d, &["eval", "x.term", "e.ndjson", "--on-bad-row", "skip", "--explain", "3"]);
    assert!(explained.out.starts_with("Row 3: Sale on 2026-01-05"), "{}", explained.out);
}

#[test]
fn the_seven_rows_of_the_reference_deal() {
    let ran = here(&["summary", &example("microsoft-openai"), "--output", "json"]);
    fits(&ran.out, "summary");
    let s: Value = serde_json::from_str(&ran.out).unwrap();
    let rows = s["rows"].as_array().unwrap();
    let features: Vec<&str> = rows.iter().map(|r| r["feature"].as_str().unwrap()).collect();
    assert_eq!(features.len(), 7, "{features:?}");
    let license = rows.iter().find(|r| r["feature"] == "License Type").unwrap();
    assert_eq!(license["now"], "non-exclusive");
    assert_eq!(license["changed_by"][0], "2026 amendment");
    let human = here(&["summary", &example("microsoft-openai")]).out;
    assert!(human.lines().all(|l| l.chars().count() <= 120));
    assert!(
        here(&["summary", &example("microsoft-openai"), "--output", "markdown"])
            .out
            .contains("| License Type | non-exclusive |")
    );
}

#[test]
fn texts_on_a_day_and_as_known_on_a_day() {
    let deal = example("microsoft-openai");
    let old = here(&["show", &deal, "--text-as-of", "2025-11-01"]).out;
    let new = here(&["show", &deal]).out;
    assert_ne!(old, new);
    // The amendment of April 2026 was not signed yet, so the last known text is an earlier one.
    let known = here(&["show", &deal, "--known-as-of", "2026-03-01"]).out;
    assert!(!known.contains("in force from 2026-04-27") && new.contains("in force from 2026-04-27"));
    let html = here(&["show", &deal, "--redline", "2025-11-01..last", "--output", "html"]).out;
    assert!(html.starts_with("<!doctype html>") && html.contains("<ins>") && html.contains("<del>"));
    let markdown = here(&["show", &deal, "--output", "markdown"]).out;
    assert!(markdown.starts_with("# "), "{markdown}");
}

#[test]
fn one_reading_or_all_of_them() {
    let deal = example("microsoft-openai");
    let events = format!("{deal}/events.ndjson");
    let count = |more: &[&str]| {
        let args: Vec<&str> =
            ["eval", &deal, &events, "--output", "json"].iter().chain(more).copied().collect();
        let report: Value = serde_json::from_str(&here(&args).out).unwrap();
        report["readings"].as_array().unwrap().len()
    };
    // Choosing one of the two readings of a clause halves the combinations.
    assert_eq!(count(&[]), 2 * count(&["--reading", "azure-first=parties"]));
}

#[test]
fn completions_and_manuals() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(here(&["completions", shell]).out.contains("habendum"), "{shell}");
    }
    assert!(here(&["man"]).out.contains(".TH habendum"));
    assert!(here(&["man", "sample"]).out.contains("breach\\-rate"));
    assert_eq!(here(&["explain", "S004"]).code, 0);
}
