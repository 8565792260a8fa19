//! Bad input: a clear message with its place, the documented exit code, nothing half written.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

mod support;

use std::path::Path;
use support::{DEAL, files, put, run};

/// `check` of a text is a finding (1) and `eval` of it is refused (2), both at the place and with the words.
fn faulty_text(text: &str, words: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "x.term", text);
    put(dir.path(), "e.ndjson", GOOD_ROW);
    let checked = run(dir.path(), &["check", "x.term"]);
    assert_eq!(checked.code, 1, "{}", checked.out);
    let judged = run(dir.path(), &["eval", "x.term", "e.ndjson", "--out", "o.ndjson"]);
    assert_eq!(judged.code, 2, "{}", judged.err);
    assert_eq!(files(dir.path()), ["e.ndjson", "x.term"]);
    for w in words {
        assert!(checked.out.contains(w), "{w} in\n{}", checked.out);
        assert!(judged.err.contains(w), "{w} in\n{}", judged.err);
    }
}

#[test]
fn an_unknown_word() {
    faulty_text(&DEAL.replace("pays Ben", "payz Ben"), &["[S008]", "x.term:15:10", "did you mean `pays`?"]);
}

#[test]
fn an_unknown_name() {
    faulty_text(&DEAL.replace("pays Ben", "pays Bern"), &["[N010]", "x.term:15:15", "did you mean `Ben`?"]);
}

#[test]
fn a_missing_brace() {
    let open = DEAL.trim_end().strip_suffix('}').unwrap().to_owned();
    faulty_text(&open, &["[S004]", "x.term:15:", "a closing brace is missing"]);
}

#[test]
fn a_date_that_is_not() {
    faulty_text(&DEAL.replace("2026-01-01", "2026-02-30"), &["[S009]", "x.term:3:20", "2026-02-28"]);
}

#[test]
fn a_currency_that_the_deal_has_not() {
    faulty_text(&DEAL.replace("amount * 10%", "amount * 10% + 1 USD"), &["[T002]", "x.term:15:34", "USD"]);
}

#[test]
fn currencies_that_mix() {
    let two = DEAL.replace("currency EUR", "currency EUR, USD");
    faulty_text(&two.replace("amount * 10%", "amount * 10% + 1 USD"), &["x.term:15:", "USD", "EUR"]);
}

#[test]
fn ten_thousand_brackets() {
    let n = 10_000;
    let deep = format!("{}amount{}", "(".repeat(n), ")".repeat(n));
    faulty_text(&DEAL.replace("amount * 10%", &deep), &["[S006]", "x.term:15:", "nested more than 64 deep"]);
}

/// An input that stands in the way of everything: exit code 2, the words on standard error, nothing on standard output.
fn refused(dir: &Path, args: &[&str], words: &[&str]) {
    let before = files(dir);
    let ran = run(dir, args);
    assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "", "{args:?}");
    for w in words {
        assert!(ran.err.contains(w), "{args:?}: {w} in\n{}", ran.err);
    }
    assert_eq!(files(dir), before, "{args:?} left a file");
}

#[test]
fn paths_and_files() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    put(d, "latin.term", b"agreement \xE9");
    put(d, "empty.term", "");
    std::fs::create_dir(d.join("folder")).unwrap();
    refused(d, &["check", "latin.term"], &["latin.term:1", "not UTF-8: byte 0xE9 at offset 10"]);
    refused(d, &["check", "empty.term"], &["empty.term", "the file is empty"]);
    refused(d, &["check", "folder"], &["folder", "no `.term` file"]);
    refused(d, &["check", "nowhere"], &["nowhere", "no such file or folder"]);
    std::fs::write(d.join("folder/x.term"), DEAL).unwrap();
    std::fs::write(d.join("folder/habendum.toml"), "schedulez = 1").unwrap();
    refused(d, &["check", "folder"], &["folder/habendum.toml:1", "schedulez"]);
}

const GOOD_ROW: &str = "{\"date\":\"2026-01-05\",\"kind\":\"Sale\",\"by\":\"Anna\",\"amount\":\"1.00\"}\n";

/// A stream that stops at a row.
fn stopped(name: &str, stream: impl AsRef<[u8]>, words: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "x.term", DEAL);
    put(dir.path(), name, stream);
    refused(dir.path(), &["eval", "x.term", name, "--out", "o.ndjson", "--out", "o.csv"], words);
}

#[test]
fn rows() {
    let row = |from: &str, to: &str| format!("{GOOD_ROW}{}", GOOD_ROW.replace(from, to));
    let bad = |stream: String, words: &[&str]| stopped("e.ndjson", stream, words);
    bad(row("Sale", "Sail"), &["e.ndjson:2:29", "row 2, field `kind`", "`Sail`"]);
    bad(row(",\"amount\":\"1.00\"", ""), &["e.ndjson:2", "field `amount`", "missing"]);
    bad(
        row("1.00", "1.00 USD"),
        &["e.ndjson:2:57", "field `amount`", "currency USD where the field is in EUR"],
    );
    bad(row("2026-01-05", "2026-13-05"), &["e.ndjson:2:9", "field `date`", "2026-13-05"]);
    bad(row("2026-01-05", "2026-01-04"), &["e.ndjson:2", "out of order", "2026-01-04", "2026-01-05"]);
    // 2^63 minor units: one more than 64 bits hold.
    bad(row("1.00", "92233720368547758.08"), &["e.ndjson:2:57", "field `amount`", "beyond 64 bits"]);
    bad(row("Anna", "Carl"), &["e.ndjson:2", "field `by`", "`Carl`"]);
    bad(
        row("\"kind\"", "\"date\":\"2026-01-06\",\"kind\""),
        &["e.ndjson:2", "the key \"date\" stands twice"],
    );
    bad(row("\"amount\"", "\"amout\""), &["e.ndjson:2", "field `amout`", "did you mean `amount`?"]);
    bad(row("}", ""), &["e.ndjson:2", "not a JSON object"]);
}

#[test]
fn a_row_that_is_not_utf8() {
    let mut stream = GOOD_ROW.as_bytes().to_vec();
    stream.extend_from_slice(b"{\"date\":\"\xFF\"}\n");
    stopped("e.ndjson", stream, &["e.ndjson:2", "not UTF-8: byte 0xFF"]);
}

#[test]
fn tables_of_rows() {
    stopped("e.csv", "", &["e.csv:1", "the file is empty"]);
    stopped("e.csv", "kind,by,amount\nSale,Anna,1.00\n", &["e.csv:1", "neither `date` nor `at`"]);
    stopped("e.csv", "date,kind,by\n2026-01-05,Sale,Anna\n", &["e.csv:2", "field `amount`", "missing"]);
    stopped("e.csv", "date,kind,buy\n2026-01-05,Sale,Anna\n", &["e.csv:1", "`buy`", "did you mean `by`?"]);
    stopped("e.csv", "date,kind,by,by\n", &["e.csv:1", "`by` stands twice"]);
}

#[test]
fn places_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    put(d, "x.term", DEAL);
    put(d, "e.ndjson", GOOD_ROW);
    std::fs::create_dir(d.join("taken.ndjson")).unwrap();
    let eval = |out: &'static str| ["eval", "x.term", "e.ndjson", "--out", out];
    refused(d, &eval("none/o.ndjson"), &["none/o.ndjson: cannot be written: there is no folder none"]);
    refused(d, &eval("taken.ndjson"), &["taken.ndjson: cannot be written: it is a folder"]);
    refused(d, &eval("o.txt"), &["o.txt", "end the name in .ndjson, .csv, .parquet, .arrow or .arrows"]);
    refused(d, &["sample", "x.term", "--out", "none/o.csv"], &["none/o.csv", "cannot be written"]);
    refused(d, &["check", "x.term", "--output", "json=none/o.json"], &["none/o.json", "cannot be written"]);
}

#[test]
fn what_a_flag_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    put(d, "x.term", DEAL);
    put(d, "e.ndjson", GOOD_ROW);
    let eval = |flag: &'static str, value: &'static str| ["eval", "x.term", "e.ndjson", flag, value];
    refused(d, &eval("--set", "nothing=1"), &["[N010]", "no parameter is called `nothing`"]);
    assert!(
        !run(d, &eval("--set", "nothing=1")).err.contains("x.term:1:1"),
        "no place that it does not stand at"
    );
    refused(d, &eval("--set", "nothing"), &["--set nothing: wanted NAME=VALUE"]);
    refused(d, &eval("--schedule", "s1"), &["no schedule is called `s1`"]);
    refused(
        d,
        &eval("--reading", "rent=a"),
        &["[T067]", "--reading:1:1", "clause `rent` has no reading `a`", "declares no readings"],
    );
    refused(d, &eval("--explain", "7"), &["no such row"]);
    refused(d, &eval("--on-bad-row", "maybe"), &["`maybe`", "stop, skip, quarantine=FILE"]);
    refused(d, &eval("--clock", "2026-02-30"), &["--clock 2026-02-30", "not a date"]);
    refused(d, &["check", "x.term", "--output", "xml"], &["`xml`", "one of human"]);
    refused(d, &["show", "x.term", "--redline", "a..b"], &["--redline a..b", "`a` is no date"]);
    refused(d, &["show", "x.term", "--text-as-of", "2025-12-31"], &["2025-12-31", "begins on 2026-01-01"]);
    refused(d, &["summary", "x.term", "--before", "2025-12-31"], &["2025-12-31", "begins on 2026-01-01"]);
    refused(d, &["sample", "x.term", "--breach-rate", "2"], &["--breach-rate 2"]);
    refused(d, &["sample", "x.term", "--from", "2025-12-31"], &["--from 2025-12-31", "begins on 2026-01-01"]);
    refused(d, &["explain", "Z999"], &["no code `Z999`"]);
    refused(d, &["schema", "nothing"], &["no schema `nothing`"]);
}
