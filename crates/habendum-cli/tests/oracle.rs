//! The oracle against the binary: a naive evaluator in Python (`tests/oracle`), written from the semantics and not from
//! this code, plays whole histories anew. Needs `python3`; without it each test says so and proves nothing, and the
//! build of record (`.ci/run`) requires it.
#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where a result is missing"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// Runs a script of the oracle; its output where it fails.
fn oracle(script: &str, args: &[&str]) {
    let python = Command::new("python3").arg("--version").output();
    if !python.is_ok_and(|o| o.status.success()) {
        eprintln!("\n*** NOT RUN: {script} needs python3, which is not here. Nothing was compared. ***\n");
        return;
    }
    let out = Command::new("python3")
        .arg(root().join("tests/oracle").join(script))
        .args(args)
        .env("HABENDUM", env!("CARGO_BIN_EXE_habendum"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(root())
        .output()
        .expect("python3 runs");
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    assert!(out.status.success(), "{script} {}\n{}{}", args.join(" "), text(&out.stdout), text(&out.stderr));
}

/// What a folder holds, sorted, filtered.
fn entries(folder: &str, keep: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(root().join(folder)).expect(folder).map(|e| e.unwrap().path()).collect();
    all.retain(|p| keep(p));
    all.sort();
    assert!(!all.is_empty(), "{folder} holds nothing to compare");
    all
}

#[test]
fn the_oracle_holds_to_hand_arithmetic() {
    oracle("test_oracle.py", &[]);
}

#[test]
fn the_oracle_meets_the_scenarios_of_every_example_and_case() {
    let mut deals = entries("examples", Path::is_dir);
    for stage in ["pay", "eval"] {
        deals
            .extend(entries(&format!("tests/cases/{stage}"), |p| p.extension().is_some_and(|e| e == "term")));
    }
    let names: Vec<&str> = deals.iter().map(|d| d.to_str().unwrap()).collect();
    oracle("scenarios.py", &names);
}

#[test]
fn both_agree_on_the_events_of_every_example() {
    let mut compared = 0;
    for deal in entries("examples", Path::is_dir) {
        for events in ["events.ndjson", "events.csv"].map(|f| deal.join(f)) {
            if events.is_file() {
                oracle("compare.py", &["--all", deal.to_str().unwrap(), events.to_str().unwrap()]);
                compared += 1;
            }
        }
    }
    assert!(compared > 0, "no example has events");
}

#[test]
fn both_agree_on_random_histories() {
    oracle("random_histories.py", &["--seed", "2026", "--count", "90"]);
}
