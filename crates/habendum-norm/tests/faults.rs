//! File cases of faults: `tests/cases/{names,types,amend,bands}/NAME.term` with `NAME.out`, from parsing through lowering.
//!
//! Marks are written by hand: `//~ C016` at the end of a line says that a diagnostic of that code stands there. `UPDATE=1` rewrites the
//! `.out` files, never the marks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use habendum_model::{Choices, bind, consolidate, resolve};
use habendum_norm::lower::lower;
use habendum_syntax::{Diagnostic, Sources, parse_file};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn findings(sources: &Sources) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut files = Vec::new();
    for (id, s) in sources.iter() {
        let parsed = parse_file(id, &s.text);
        out.extend(parsed.diagnostics);
        files.push(parsed.value);
    }
    let resolved = resolve(&files);
    out.extend(resolved.diagnostics);
    let Some(deal) = resolved.value else { return out };
    match bind(&deal, &Choices::default()) {
        Err(ds) => out.extend(ds),
        Ok(b) => {
            let texts = consolidate(&deal, &b);
            out.extend(texts.diagnostics);
            out.extend(lower(&deal, &texts.value, &b).diagnostics);
        }
    }
    // What two passes find at one place is said once, as the pipeline says it.
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|d| seen.insert((d.code.clone(), d.span())));
    out
}

fn marks(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if let Some((_, m)) = line.split_once("//~") {
            out.extend(m.split_whitespace().map(|c| (i + 1, c.to_owned())));
        }
    }
    out.sort();
    out
}

fn render(d: &Diagnostic, sources: &Sources) -> String {
    let mut s = format!("{} {:?} {}\n", d.code, d.severity, d.message);
    for l in &d.labels {
        let (line, col) = sources.line_col(l.span);
        let _ = writeln!(
            s,
            "  {line}:{col} {:?}: {}",
            sources.text(l.span).lines().next().unwrap_or(""),
            l.message
        );
    }
    for n in &d.notes {
        let _ = writeln!(s, "  note: {n}");
    }
    for h in &d.help {
        let _ = writeln!(s, "  help: {h}");
    }
    s
}

fn run(stage: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(stage);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == "term"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", root.display());
    let mut bad = String::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut sources = Sources::default();
        sources.add(name.clone(), text.clone());
        let found = findings(&sources);
        let mut got: Vec<(usize, String)> =
            found.iter().map(|d| (sources.line_col(d.span()).0, d.code.clone())).collect();
        got.sort();
        if got != marks(&text) {
            let _ = writeln!(bad, "{name}: marked {:?}, found {got:?}", marks(&text));
        }
        let shown: String = found.iter().map(|d| render(d, &sources)).collect();
        let out = path.with_extension("out");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&out, &shown).unwrap();
        } else if std::fs::read_to_string(&out).unwrap_or_default() != shown {
            let _ = writeln!(bad, "{name}: {} differs:\n{shown}", out.display());
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn names() {
    run("names");
}

#[test]
fn types() {
    run("types");
}

#[test]
fn bands() {
    run("bands");
}

#[test]
fn amend() {
    run("amend");
}
