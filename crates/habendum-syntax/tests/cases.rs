//! File cases: `tests/cases/syntax/NAME.term` with marks (`//~ S012`) on the lines where diagnostics must stand, and
//! `NAME.out` with what is shown. `UPDATE=1` rewrites the `.out` files; marks are written by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use habendum_syntax::render::{render, render_concise};
use habendum_syntax::{Sources, parse_file};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/syntax")
}

/// Each mark of a text: line and code.
fn marks(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if let Some((_, codes)) = line.split_once("//~ ") {
            out.extend(
                codes.split_whitespace().take_while(|c| c.starts_with('S')).map(|c| (i + 1, c.to_owned())),
            );
        }
    }
    out.sort();
    out
}

/// Runs one case; the fault found, if any.
fn run(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut sources = Sources::default();
    let id = sources.add(name.clone(), text.clone());
    let found = parse_file(id, &text).diagnostics;
    let mut places: Vec<(usize, String)> =
        found.iter().map(|d| (sources.line_col(d.span()).0, d.code.clone())).collect();
    places.sort();
    let expected = marks(&text);
    if places != expected {
        return Some(format!(
            "{name}: marks {expected:?}\n    found {places:?}\n{}",
            render_concise(&found, &sources)
        ));
    }
    let shown = format!("{}\n{}", render_concise(&found, &sources), render(&found, &sources, false));
    let out = path.with_extension("out");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&out, &shown).unwrap();
    }
    let kept = std::fs::read_to_string(&out).unwrap_or_default();
    (kept != shown)
        .then(|| format!("{name}: the output differs from {}; UPDATE=1 rewrites it:\n{shown}", out.display()))
}

fn all() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "term"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_case_gives_its_marks_and_its_output() {
    let faults: Vec<String> = all().iter().filter_map(|p| run(p)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_code_of_the_crate_has_a_case() {
    let mut written = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            for (at, _) in source.match_indices("\"S0") {
                written.insert(source[at + 1..at + 5].to_owned());
            }
        }
    }
    // S099 says that grammar and builders disagree: no text can make it.
    written.remove("S099");
    let marked: BTreeSet<String> = all()
        .iter()
        .flat_map(|p| marks(&std::fs::read_to_string(p).unwrap()))
        .map(|(_, code)| code)
        .collect();
    assert_eq!(written, marked);
}
