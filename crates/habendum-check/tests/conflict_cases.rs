//! File cases: `tests/cases/conflict/NAME.term` with marks (`//~ C002`) on the lines where the main place of a finding must
//! stand, and `NAME.out` with findings, days and replayed witnesses. `UPDATE=1` rewrites the `.out` files; marks are
//! written by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use habendum_check::case::{Case, split};
use habendum_check::finding::{Finding, Interval, Standing};
use habendum_check::{merge, rules};
use habendum_model::binding::{Choices, bind};
use habendum_model::deal::Deal;
use habendum_model::resolve::resolve;
use habendum_model::value::Value;
use habendum_norm::eval::show;
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockEvent, ClockOutcome, Outcome};
use habendum_syntax::render::render_concise;
use habendum_syntax::{Diagnostic, Severity, Sources, parse_file};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/conflict")
}

fn marks(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if let Some((_, codes)) = line.split_once("//~ ") {
            let codes = codes.split_whitespace().take_while(|c| c.starts_with('C'));
            out.extend(codes.map(|c| (i + 1, c.to_owned())));
        }
    }
    out.sort();
    out
}

fn open(name: &str, text: &str) -> (Deal, Sources) {
    let mut sources = Sources::default();
    let id = sources.add(name.to_owned(), text.to_owned());
    let parsed = parse_file(id, text);
    assert!(!parsed.has_errors(), "{}", render_concise(&parsed.diagnostics, &sources));
    let resolved = resolve(&[parsed.value]);
    assert!(!resolved.has_errors(), "{}", render_concise(&resolved.diagnostics, &sources));
    (resolved.value.unwrap(), sources)
}

fn words_of(deal: &Deal, e: &Event) -> String {
    let info = deal.symbols.event_info(e.kind);
    let stated: Vec<String> = info
        .fields
        .keys()
        .zip(&e.fields)
        .filter(|(_, v)| **v != Value::Absent)
        .map(|(n, v)| format!("{n} {}", show(&deal.symbols, v)))
        .collect();
    format!("{} {} {{ {} }}", e.date, deal.symbols.event_name(e.kind), stated.join(", "))
}

fn came_to(deal: &Deal, o: &Outcome) -> String {
    let mut names: Vec<&str> = o.deciding.iter().map(|d| deal.symbols.clause_name(d.clause)).collect();
    names.dedup();
    let verdict = format!("{:?}", o.verdict).to_lowercase();
    let of = if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) };
    let why = o.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    format!("{verdict}{of}{why}")
}

fn when(deal: &Deal, i: &Interval) -> String {
    let through = i.through.map_or_else(|| "on".to_owned(), |d| format!("through {d}"));
    let text: Vec<&str> =
        i.amendments.iter().map(|a| deal.amendments[a.ix()].ast.node.id.node.as_str()).collect();
    let text = if text.is_empty() { "the agreement".to_owned() } else { format!("with {}", text.join(", ")) };
    format!("from {} {through}, {text}", i.from)
}

fn said(sources: &Sources, d: &Diagnostic) -> String {
    let mut out = format!("{} {:?} {}\n", d.code, d.severity, d.message);
    for l in &d.labels {
        let (line, column) = sources.line_col(l.span);
        let _ = writeln!(out, "  {line}:{column} {}", l.message);
    }
    for (word, lines) in [("note", &d.notes), ("help", &d.help)] {
        lines.iter().for_each(|l| {
            let _ = writeln!(out, "  {word}: {l}");
        });
    }
    out
}

fn told(deal: &Deal, cases: &[Case<'_>], sources: &Sources, f: &Finding) -> String {
    let mut out = said(sources, &f.diagnostic);
    let _ = writeln!(out, "  {:?}", f.standing);
    for i in &f.intervals {
        let _ = writeln!(out, "  {}", when(deal, i));
    }
    let Some(w) = &f.witness else { return out };
    let _ = writeln!(out, "  witness: {}", w.shows);
    let replayed = cases.iter().find_map(|c| {
        let from = c.program.effective.fixed()?;
        let day = w.events.first().map(|e| e.date);
        (day.is_none_or(|d| from <= d)).then(|| c.replay(w).ok()).flatten()
    });
    let replayed = replayed.unwrap_or_else(|| panic!("the witness does not replay: {w:?}"));
    for (e, o) in w.events.iter().zip(&replayed.rows) {
        let _ = writeln!(out, "    {}\n      {}", words_of(deal, e), came_to(deal, o));
    }
    let close = |c: &&ClockOutcome| {
        matches!(&c.what, ClockEvent::Accrued(_)) && w.clock.is_some() && f.clauses.contains(&c.norm.clause)
    };
    let lapsed = |c: &&ClockOutcome| matches!(c.what, ClockEvent::Lapsed { .. });
    if let (Some(c), Some(_)) = (replayed.clock.iter().find(lapsed), w.clock) {
        let _ = writeln!(out, "    {} {} lapses", c.date, deal.symbols.clause_name(c.norm.clause));
    }
    if let Some(c) = replayed.clock.iter().rfind(close)
        && let ClockEvent::Accrued(a) = &c.what
    {
        let clause = deal.symbols.clause_name(c.norm.clause);
        let amount = deal.symbols.agreement.currencies[a.currency.ix()].show(i128::from(a.amount));
        let _ = writeln!(out, "    {} {amount} accrues under {clause}", c.date);
    }
    out
}

fn find(deal: &Deal) -> (Vec<Case<'_>>, Vec<Finding>) {
    let binding = bind(deal, &Choices::default()).unwrap();
    let (cases, _) = split(deal, &binding).unwrap();
    let found = cases.iter().map(rules::find).collect();
    let found = merge::across(&cases, found);
    (cases, found)
}

/// Runs one case; the fault found, if any.
fn run(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let (deal, sources) = open(&name, &text);
    let (cases, mut found) = find(&deal);
    // Information is looked at in the cases of its own code.
    let own = name.split('-').next().unwrap_or_default().to_uppercase();
    found.retain(|f| f.diagnostic.severity > Severity::Info || f.diagnostic.code == own);
    let mut places: Vec<(usize, String)> =
        found.iter().map(|f| (sources.line_col(f.diagnostic.span()).0, f.diagnostic.code.clone())).collect();
    places.sort();
    let shown: Vec<String> = found.iter().map(|f| told(&deal, &cases, &sources, f)).collect();
    let shown = shown.join("\n");
    if found.iter().any(|f| f.witness.is_none() && f.standing == Standing::Conflict) {
        return Some(format!("{name}: a certain finding without a witness\n{shown}"));
    }
    let expected = marks(&text);
    if places != expected {
        return Some(format!("{name}: marks {expected:?}\n    found {places:?}\n{shown}"));
    }
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
    let only = std::env::var("ONLY").unwrap_or_default();
    let faults: Vec<String> =
        all().iter().filter(|p| p.to_string_lossy().contains(&only)).filter_map(|p| run(p)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What the rules about licenses say of the examples: each line looked at as a lawyer would, and no other may come.
#[test]
fn examples_have_no_false_finding_about_licenses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut said = Vec::new();
    let mut deals: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    deals.sort();
    for folder in deals {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "term"));
        paths.sort();
        let mut sources = Sources::default();
        let mut files = Vec::new();
        for p in &paths {
            let text = std::fs::read_to_string(p).unwrap();
            let id = sources.add(p.display().to_string(), text.clone());
            files.push(parse_file(id, &text).value);
        }
        let deal = resolve(&files).value.unwrap();
        let (_, found) = find(&deal);
        for f in found {
            if ABOUT_LICENSES.contains(&f.diagnostic.code.as_str()) {
                let name = folder.file_name().unwrap().to_string_lossy().into_owned();
                said.push(format!("{name}: {} {}", f.diagnostic.code, f.diagnostic.message));
            }
        }
    }
    // The royalty's monthly minimum has no end, and the franchise has one: at the latest with 2028, after two renewals.
    let known =
        ["franchise: C019 Vermeer goes on paying CrumbAndKettle under `royalty` when `territory` has ended"];
    assert_eq!(said, known);
}

const ABOUT_LICENSES: [&str; 8] = ["C001", "C002", "C003", "C004", "C005", "C006", "C010", "C019"];

#[test]
fn every_rule_has_three_cases() {
    for rule in rules::RULES {
        let stem = rule.code.to_lowercase();
        let named = |p: &&PathBuf| p.file_stem().unwrap().to_string_lossy().starts_with(&stem);
        let n = all().iter().filter(named).count();
        assert!(n >= 3, "{}: {n} cases named {stem}-...", rule.code);
    }
}
