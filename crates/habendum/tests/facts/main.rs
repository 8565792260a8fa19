//! What a checker must find when the facts behind the reference deal are laid over each other (K1 to K10): on the deal
//! itself, on edits of it, and on small deals that hold the fact alone. Each found where it exists, absent where not, and
//! with its dates.

#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

mod clouds;
mod licenses;
mod readings;
mod shares;

use habendum::check::{self, Checkup, Order};
use habendum::pipeline::{Error, Wants, open};
use habendum::render;
use std::path::{Path, PathBuf};

/// The day of announcement, taken as the day of effect.
const EFFECTIVE: &str = "effective_date=2026-04-27";

/// One reading of each clause that has two.
const FREELY: [&str; 2] = ["any-cloud=freely", "azure-first=parties"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/microsoft-openai")
}

/// The amendment in effect on the day of its announcement, under these readings.
fn wants(readings: &[&str]) -> Wants {
    Wants {
        set: vec![EFFECTIVE.to_owned()],
        readings: readings.iter().map(|r| (*r).to_owned()).collect(),
        ..Wants::default()
    }
}

/// A copy of the reference deal with places of its files replaced, and a file more; scenarios left out.
fn edited(edits: &[(&str, &str, &str)], more: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["words.term", "agreement.term", "statement-2026.term", "amendment-2026.term"] {
        let mut text = std::fs::read_to_string(folder().join(file)).unwrap();
        for (_, from, to) in edits.iter().filter(|(f, _, _)| *f == file) {
            assert!(text.contains(from), "{file} has no `{from}`");
            text = text.replace(from, to);
        }
        std::fs::write(dir.path().join(file), text).unwrap();
    }
    if !more.is_empty() {
        std::fs::write(dir.path().join("more.term"), more).unwrap();
    }
    dir
}

fn small(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("deal.term"), text).unwrap();
    dir
}

fn checked(path: &Path, wants: &Wants) -> Checkup {
    let mut opened = open(path.to_str().unwrap(), wants).unwrap();
    let order = Order { today: habendum::Date::constant(2026, 6, 1), scenarios: false, conflicts: true };
    check::check(&mut opened, wants, &order)
        .map_err(|e| match e {
            Error::Input(e) => e.to_string(),
            Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
        })
        .unwrap()
}

/// What tells against a deal: `CODE clauses: verdict, from..through`, in order.
fn told(c: &Checkup) -> Vec<String> {
    let counts = |f: &&habendum::findings::Finding| f.severity != "info";
    c.findings.findings.iter().filter(counts).map(line).collect()
}

/// All of a code, information included.
fn of_code(c: &Checkup, code: &str) -> Vec<String> {
    c.findings.findings.iter().filter(|f| f.code == code).map(line).collect()
}

fn line(f: &habendum::findings::Finding) -> String {
    let Some(d) = &f.conflict else { return format!("{} {}", f.code, f.message) };
    let days: Vec<String> =
        d.intervals.iter().map(|i| format!("{}..{}", i.from, i.through.as_deref().unwrap_or(""))).collect();
    format!("{} {}: {}, {}", f.code, d.clauses.join(" "), d.verdict, days.join(" "))
}

/// What an amendment creates, and what it cures.
fn effect(c: &Checkup, amendment: &str) -> (Vec<String>, Vec<String>) {
    let found = c.findings.amendments.iter().find(|a| a.amendment == amendment).unwrap();
    let said = |list: &[habendum::conflicts::Affected]| {
        list.iter().map(|x| format!("{} {}", x.code, x.clauses.join(" "))).collect()
    };
    (said(&found.creates), said(&found.cures))
}

/// The rows of the example of each finding of a code and main clause.
fn examples(c: &Checkup, code: &str, clause: &str) -> Vec<String> {
    let of = c.findings.findings.iter().filter(|f| f.code == code).filter_map(|f| f.conflict.as_ref());
    let of = of.filter(|d| d.clauses.first().is_some_and(|n| n == clause));
    of.filter_map(|d| d.witness.as_ref()).map(|w| w.events.join("; ")).collect()
}
