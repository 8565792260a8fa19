//! Bad input of every kind: a clear error with its place, the documented exit code, no panic, nothing half written.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

const DEAL: &str = r#"agreement deal "A deal" { parties Alpha, Beta  effective from 2026-01-01  currency USD  zone "UTC" }
event Sale { by: party  amount: money }
clause fee § 1 "Fee" { Alpha pays Beta 10% of amount on each Sale }
"#;

/// Exit code, standard output and standard error.
fn run(args: &[&str]) -> (i32, String, String) {
    let out =
        Command::new(env!("CARGO_BIN_EXE_habendum")).args(args).env_remove("NO_COLOR").output().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    let (stdout, stderr) = (text(out.stdout), text(out.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!stdout.contains('\u{1b}') && !stderr.contains('\u{1b}'), "colour in a pipe: {stdout}{stderr}");
    (out.status.code().unwrap(), stdout, stderr)
}

/// Checks a deal that stands in one file; what is said must hold every one of the words.
fn check(text: impl AsRef<[u8]>, code: i32, words: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deal.term");
    std::fs::write(&file, text).unwrap();
    let (got, stdout, stderr) = run(&["check", file.to_str().unwrap()]);
    let said = stdout + &stderr;
    for w in words {
        assert!(said.contains(w), "`{w}` is missing from:\n{said}");
    }
    assert_eq!(got, code, "{said}");
}

/// Evaluates a stream under the deal; the run must stop with exit code 2, and no file be left.
fn stream(name: &str, rows: &str, words: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: &str| dir.path().join(n).display().to_string();
    std::fs::write(at("deal.term"), DEAL).unwrap();
    std::fs::write(at(name), rows).unwrap();
    let (got, stdout, stderr) = run(&["eval", &at("deal.term"), &at(name), "--out", &at("out.ndjson")]);
    for w in words {
        assert!(stderr.contains(w), "`{w}` is missing from:\n{stderr}");
    }
    assert_eq!(got, 2, "{stdout}{stderr}");
    let mut left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let mut kept = vec!["deal.term".to_owned(), name.to_owned()];
    kept.sort();
    assert_eq!(left, kept, "something half written was left");
}

#[test]
fn an_unknown_word() {
    check(
        DEAL.replace("10% of amount", "10% of amuont"),
        1,
        &["deal.term:3:", "amuont", "did you mean `amount`?"],
    );
    check(DEAL.replace("clause fee", "claws fee"), 1, &["deal.term:3:1", "claws"]);
}

#[test]
fn a_missing_brace() {
    check(DEAL.replace("amount: money }", "amount: money"), 1, &["deal.term:2:", "brace"]);
}

#[test]
fn a_date_that_is_none() {
    check(DEAL.replace("2026-01-01", "2026-02-30"), 1, &["deal.term:1:", "2026-02-30"]);
}

#[test]
fn a_currency_mix_in_the_text() {
    check(DEAL.replace("10% of amount", "amount + 5 EUR"), 1, &["deal.term:3:", "EUR"]);
}

#[test]
fn a_deep_nest() {
    let deep = format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000));
    check(DEAL.replace("on each Sale", &format!("on each Sale where {deep}")), 1, &["deal.term:3:", "deep"]);
}

#[test]
fn not_utf8_empty_and_missing() {
    let mut bytes = DEAL.as_bytes().to_vec();
    bytes.extend(b"// \xff\n");
    check(bytes, 2, &["deal.term:4", "UTF-8"]);
    check("", 2, &["deal.term", "empty"]);
    let dir = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(&["check", dir.path().to_str().unwrap()]);
    assert_eq!(code, 2, "{stderr}");
    let missing = Path::new("no-such-deal").display().to_string();
    let (code, _, stderr) = run(&["check", &missing]);
    assert!(code == 2 && stderr.contains("no-such-deal"), "{stderr}");
}

#[test]
fn rows_that_cannot_be_taken() {
    let good = r#"{"kind":"Sale","date":"2026-02-01","by":"Alpha","amount":"5.00"}"#;
    let cases: [(&str, &[&str]); 9] = [
        (
            r#"{"kind":"Sail","date":"2026-02-02","by":"Alpha","amount":"5.00"}"#,
            &["row 2", "field `kind`", "Sail"],
        ),
        (r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha"}"#, &["row 2", "amount"]),
        (
            r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha","amount":"5.00 EUR"}"#,
            &["row 2", "amount", "EUR"],
        ),
        (r#"{"kind":"Sale","date":"2026-01-31","by":"Alpha","amount":"5.00"}"#, &["row 2", "2026-01-31"]),
        (r#"{"kind":"Sale","date":"2026-02-31","by":"Alpha","amount":"5.00"}"#, &["row 2", "date"]),
        (
            r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha","amount":"99999999999999999999"}"#,
            &["row 2", "amount", "64 bits"],
        ),
        (r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha","amount":"5.001"}"#, &["row 2", "amount"]),
        (
            r#"{"kind":"Sale","date":"2026-02-02","by":"Alfa","amount":"5.00"}"#,
            &["row 2", "field `by`", "Alfa"],
        ),
        (
            r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha","amount":"5.00","amount":"6.00"}"#,
            &["row 2", "amount"],
        ),
    ];
    for (row, words) in cases {
        let mut all = vec!["events.ndjson:2"];
        all.extend(words);
        stream("events.ndjson", &format!("{good}\n{row}\n"), &all);
    }
    stream("events.ndjson", &format!("{good}\n{{\"kind\":\n"), &["events.ndjson:2"]);
    stream("events.csv", "kind,date,by\nSale,2026-02-01,Alpha\n", &["events.csv", "amount"]);
    stream("events.csv", "kind,date,by,amount\nSale,2026-02-01,Alpha,many\n", &["events.csv:2", "amount"]);
}

#[test]
fn bad_rows_are_skipped_or_kept_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: &str| dir.path().join(n).display().to_string();
    std::fs::write(at("deal.term"), DEAL).unwrap();
    let good = r#"{"kind":"Sale","date":"2026-02-01","by":"Alpha","amount":"5.00"}"#;
    let bad = r#"{"kind":"Sale","date":"2026-02-02","by":"Alpha"}"#;
    std::fs::write(at("events.ndjson"), format!("{good}\n{bad}\n{good}\n")).unwrap();
    let (code, stdout, stderr) =
        run(&["eval", &at("deal.term"), &at("events.ndjson"), "--on-bad-row", "skip"]);
    assert_eq!(code, 0, "{stderr}");
    // Two sales of 5.00 at a tenth.
    assert!(stdout.contains("1.00 USD"), "{stdout}");
    let quarantine = format!("quarantine={}", at("bad.ndjson"));
    let (code, _, stderr) =
        run(&["eval", &at("deal.term"), &at("events.ndjson"), "--on-bad-row", &quarantine]);
    assert_eq!(code, 0, "{stderr}");
    assert!(std::fs::read_to_string(at("bad.ndjson")).unwrap().contains("2026-02-02"));
}

#[test]
fn a_parameter_without_a_value_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: &str| dir.path().join(n).display().to_string();
    let text = DEAL.replace("10% of amount", "rate of amount") + "parameter rate: percent \"not public\"\n";
    std::fs::write(at("deal.term"), text).unwrap();
    std::fs::write(at("events.ndjson"), "").unwrap();
    let (code, _, stderr) = run(&["eval", &at("deal.term"), &at("events.ndjson")]);
    assert!(code == 2 && stderr.contains("rate") && stderr.contains("--set"), "{stderr}");
}
