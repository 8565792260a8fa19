//! Tidiness: what no compiler checks. Every rule here is one that the project's pages state.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below a folder with one of these endings, sorted; build output left out.
fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(d) = todo.pop() {
        for e in std::fs::read_dir(&d).into_iter().flatten() {
            let p = e.unwrap().path();
            let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if p.is_dir() {
                if !["target", "node_modules", "__pycache__", "corpus", "artifacts"].contains(&name.as_str())
                    && !name.starts_with('.')
                {
                    todo.push(p);
                }
            } else if endings.iter().any(|x| name.ends_with(x)) {
                out.push(p);
            }
        }
    }
    out.sort();
    out
}

fn rust() -> Vec<PathBuf> {
    let mut out = files(&root().join("crates"), &[".rs"]);
    out.extend(files(&root().join("benches"), &[".rs"]));
    out
}

fn read(p: &Path) -> String {
    std::fs::read_to_string(p).unwrap()
}

fn shown(p: &Path) -> String {
    p.strip_prefix(root()).unwrap_or(p).display().to_string()
}

#[test]
fn files_are_rooms_not_halls() {
    let mut bad = String::new();
    for p in rust() {
        let n = read(&p).lines().count();
        if n > 500 {
            let _ = writeln!(bad, "{}: {n} lines; find the seam", shown(&p));
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn files_open_by_telling_what_they_are() {
    let mut bad = String::new();
    for p in rust() {
        let text = read(&p);
        // Lists that another file includes have no inner documentation.
        if !text.starts_with("//!") && !p.ends_with("explain/list.rs") {
            let _ = writeln!(bad, "{}: no //! at the top", shown(&p));
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = ["todo!(", "unimplemented!(", "#[ignore", "FIXME", "XXX"];
    let mut bad = String::new();
    for p in rust().into_iter().filter(|p| !p.ends_with("tests/tidy.rs")) {
        for (i, line) in read(&p).lines().enumerate() {
            if let Some(m) = marks.iter().find(|m| line.contains(**m)) {
                let _ = writeln!(bad, "{}:{}: {m}", shown(&p), i + 1);
            }
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn no_machine_is_spoken_of() {
    let marks = [concat!("/wor", "k/"), concat!("/ro", "ot/"), concat!("/tmp/", "bash")];
    let mut bad = String::new();
    for p in files(&root(), &[".rs", ".md", ".term", ".toml", ".py", ".pest", ".out", ".ndjson"]) {
        let text = read(&p);
        if let Some(m) = marks.iter().find(|m| text.contains(**m)) {
            let _ = writeln!(bad, "{}: {m}", shown(&p));
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Codes that the sources emit.
fn emitted() -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for p in rust().into_iter().filter(|p| p.components().any(|c| c.as_os_str() == "src")) {
        let text = read(&p);
        for (i, _) in text.match_indices('"') {
            let Some(word) = text.get(i + 1..i + 5) else { continue };
            let closes = text[i + 5..].starts_with('"');
            let mut c = word.chars();
            let code = c.next().is_some_and(|k| "SNTC".contains(k)) && c.all(|d| d.is_ascii_digit());
            if closes && code && !p.ends_with("explain/list.rs") {
                out.insert(word.to_owned());
            }
        }
    }
    out
}

#[test]
fn every_code_has_a_page() {
    let pages: BTreeSet<String> = habendum::explain::pages().map(|p| p.code.to_owned()).collect();
    let missing: Vec<String> = emitted().into_iter().filter(|c| !pages.contains(c)).collect();
    assert!(missing.is_empty(), "no page for {missing:?}");
}

/// Codes that no text can bring about, since an earlier pass says it first: they guard against a disagreement between passes.
const INTERNAL: [&str; 7] = ["N007", "S099", "T012", "T020", "T021", "T024", "T025"];

#[test]
fn every_code_has_a_case() {
    let mut seen = String::new();
    for p in files(&root().join("tests"), &[".term", ".out"]) {
        seen.push_str(&read(&p));
    }
    for p in rust().into_iter().filter(|p| p.components().any(|c| c.as_os_str() == "tests")) {
        seen.push_str(&read(&p));
    }
    for p in files(&root().join("book"), &[".md"]) {
        seen.push_str(&read(&p));
    }
    let missing: Vec<String> = emitted()
        .into_iter()
        .filter(|c| !seen.contains(c.as_str()) && !INTERNAL.contains(&c.as_str()))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}
