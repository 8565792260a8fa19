//! Writes and compares the table of constructs against stages, and the table of modifiers against sentences.
//!
//! Data flow: the syntax tree's source (`schema`) and the cases of the project (`stages`) -> a cell per construct and
//! stage -> `book/src/constructs.md`. `UPDATE=1` rewrites the pages.
//! Invariant: a construct that a stage should know and no case shows is a failure, not an empty cell.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

mod schema;
mod stages;

use habendum_syntax::ast::{Head, Item, Line, ModifierKind};
use habendum_syntax::{FileId, parse_file};
use schema::Schema;
use stages::{Case, STAGES, Stage, cases};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Why a stage does not have to know a construct.
fn aside(construct: &str, stage: Stage) -> Option<&'static str> {
    let of = |list: &[&str]| list.iter().any(|p| construct.starts_with(p));
    match stage {
        Stage::Parse | Stage::Print | Stage::Resolve | Stage::Lower => None,
        Stage::Interpret if of(&["Property", "Outcome", "Item::Prove", "Prove"]) => {
            Some("a claim about all events, for the checker")
        }
        Stage::Interpret if of(&["Aspect", "Item::KeyTerm"]) => Some("chooses what the summary shows"),
        Stage::Interpret if of(&["Line::Waive"]) => Some("concerns findings, not events"),
        Stage::Interpret => None,
        Stage::Show if of(&["Step", "Expectation", "Verdict", "DutyEvent", "Item::Scenario"]) => {
            Some("a test, not a text")
        }
        Stage::Show if of(&["Property", "Outcome", "Item::Prove", "Prove"]) => Some("a claim, not a text"),
        Stage::Show => None,
    }
}

/// What the stages to come say in their cells.
const LATER: [(&str, &str); 3] = [
    ("check", "the checker's overlap and conflict rules are not built yet"),
    ("kernel", "the compiler to native code is not built yet"),
    ("diff", "the semantic diff is not built yet"),
];

fn found(schema: &Schema, c: &Case) -> BTreeSet<String> {
    let mut set = BTreeSet::new();
    schema.walk(&serde_json::to_value(&c.file).unwrap(), "File", &mut set);
    set
}

/// The cases of each construct and stage, the best first: a test case before the book before an example, short ones first.
fn covering(schema: &Schema, list: &[Case]) -> BTreeMap<(String, Stage), Vec<String>> {
    let rank = |c: &Case| {
        let place = ["tests/", "book/", "examples/"].iter().position(|p| c.path.starts_with(p));
        (c.path == "tests/cases/syntax/everything.term", place, c.size, c.path.clone())
    };
    let mut order: Vec<&Case> = list.iter().collect();
    order.sort_by_key(|c| rank(c));
    let mut cells = BTreeMap::new();
    for c in order {
        for construct in found(schema, c) {
            for s in &c.stages {
                let paths: &mut Vec<String> = cells.entry((construct.clone(), *s)).or_default();
                if !paths.contains(&c.path) {
                    paths.push(c.path.clone());
                }
            }
        }
    }
    cells
}

#[test]
fn every_construct_has_a_case_in_every_stage() {
    let schema = Schema::read(&root().join("crates/habendum-syntax/src/ast"));
    let constructs = schema.constructs();
    assert!(constructs.len() > 250, "the tree was not read: {} constructs", constructs.len());
    let cells = covering(&schema, &cases(&root()));
    let mut missing = String::new();
    for (construct, _) in &constructs {
        for s in STAGES {
            if aside(construct, s).is_none() && !cells.contains_key(&(construct.clone(), s)) {
                let _ = writeln!(missing, "{construct}: no case for {s:?}");
            }
        }
    }
    assert!(missing.is_empty(), "\n{missing}");
    if std::env::var_os("UPDATE").is_some() {
        let first = cells.iter().map(|(k, paths)| (k.clone(), paths[0].clone())).collect();
        std::fs::write(root().join(PAGE), page(&constructs, &first)).unwrap();
        return;
    }
    // A cell may lead to any case that covers it, so that a new case does not make the page stale.
    let old = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let mut shown = BTreeMap::new();
    for (at, path) in linked(&old) {
        let covers = cells.get(&at).is_some_and(|paths| paths.contains(&path));
        assert!(covers, "{PAGE}: {} has a link to {path}, which does not show it to {:?}", at.0, at.1);
        shown.insert(at, path);
    }
    assert!(old == page(&constructs, &shown), "{PAGE} is not up to date: UPDATE=1 rewrites it");
}

const PAGE: &str = "book/src/constructs.md";

/// The cells of a page and where they lead.
fn linked(page: &str) -> Vec<((String, Stage), String)> {
    let mut found = Vec::new();
    let mut group = "";
    for line in page.lines() {
        if let Some(g) = line.strip_prefix("## ") {
            group = g;
        }
        let Some(row) = line.strip_prefix("| ") else { continue };
        let parts: Vec<&str> = row.split(" | ").collect();
        let Some(cells) = parts.len().checked_sub(STAGES.len() + LATER.len()) else { continue };
        let sign = if parts[0].starts_with('.') || parts[0].contains("::") { "" } else { "::" };
        for (s, cell) in STAGES.iter().zip(&parts[cells..]) {
            let target = cell.split_once("](").and_then(|(_, t)| t.strip_suffix(')'));
            if let Some(t) = target {
                let path = t.strip_prefix("../../").map_or_else(|| format!("book/src/{t}"), str::to_owned);
                found.push(((format!("{group}{sign}{}", parts[0]), *s), path));
            }
        }
    }
    found
}

/// The page of the table.
fn page(constructs: &[(String, String)], cells: &BTreeMap<(String, Stage), String>) -> String {
    let mut files: Vec<&String> = cells.values().collect::<BTreeSet<_>>().into_iter().collect();
    files.sort();
    let number = |path: &String| files.iter().position(|f| *f == path).unwrap() + 1;
    let mut notes: Vec<&str> = Vec::new();
    let mut out = String::from(
        "# Constructs and stages\n\n\
         Nothing parses without meaning: a construct that a stage cannot handle is an error there, never ignored. This table\n\
         holds us to it. It is generated by a test from the source of the syntax tree and from every case of the project: the\n\
         number in a cell leads to a case that contains the construct and that the stage handles without a fault. A dash means\n\
         that the stage has nothing to do with the construct, with the reason below. A construct without a case fails the test.\n\n\
         A dot marks an option or a flag of a construct. `interpret` asks that every scenario of the case passes.\n",
    );
    let mut last = "";
    for (construct, form) in constructs {
        let group = construct.split(['.', ':']).next().unwrap();
        if group != last {
            let _ = write!(out, "\n## {group}\n\n| construct | form |");
            let mut rule = String::from("|---|---|");
            for s in STAGES {
                let _ = write!(out, " {} |", format!("{s:?}").to_lowercase());
                rule.push_str("---|");
            }
            for (name, _) in LATER {
                let _ = write!(out, " {name} |");
                rule.push_str("---|");
            }
            let _ = write!(out, "\n{rule}\n");
            last = group;
        }
        let name = construct.strip_prefix(group).unwrap().trim_start_matches("::");
        let _ = write!(out, "| {name} | {} |", form.replace('|', "\\|"));
        for s in STAGES {
            match (aside(construct, s), cells.get(&(construct.clone(), s))) {
                (None, Some(path)) => {
                    let _ = write!(out, " [{}]({}) |", number(path), link(path));
                }
                (why, _) => {
                    let why = why.unwrap();
                    let at = notes.iter().position(|n| *n == why).unwrap_or_else(|| {
                        notes.push(why);
                        notes.len() - 1
                    });
                    let _ = write!(out, " - <sup>{}</sup> |", letter(at));
                }
            }
        }
        out.push_str(&" - |".repeat(LATER.len()));
        out.push('\n');
    }
    out.push_str("\n## Reasons\n\n");
    for (i, n) in notes.iter().enumerate() {
        let _ = writeln!(out, "- <sup>{}</sup> {n}", letter(i));
    }
    for (name, why) in LATER {
        let _ = writeln!(out, "- `{name}`: {why}");
    }
    out.push_str("\n## Cases\n\n");
    for f in files.iter() {
        let _ = writeln!(out, "{}. [{f}]({})", number(f), link(f));
    }
    out
}

fn letter(i: usize) -> char {
    char::from(b'a' + u8::try_from(i).unwrap())
}

/// From the page to a file of the project.
fn link(path: &str) -> String {
    path.strip_prefix("book/src/").map_or_else(|| format!("../../{path}"), str::to_owned)
}

fn compare(path: &str, text: &str) {
    let at = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&at, text).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&at).unwrap_or_default();
    let first = old.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(old == text, "{path} is not up to date (UPDATE=1 rewrites it): {first:?}");
}

/// One sentence of each kind, with its column.
const SENTENCES: [(&str, &str); 12] = [
    ("may", "A may E"),
    ("not", "A must not E"),
    ("must", "A must E no deadline"),
    ("keep", "A must keep true on each E"),
    ("power", "A may terminate c"),
    ("exc", "E excuses c"),
    ("ext", "E extends c by 1 day"),
    ("grant", "A grants B a sole license to Use X worldwide, any field"),
    ("pays", "A pays B 1 USD"),
    ("und", "undertaking A to \"x\""),
    ("hold", "holding A in B as \"x\""),
    ("rec", "recital \"x\""),
];

fn head(sentence: &str) -> Head {
    let parsed = parse_file(FileId(0), &format!("clause c {{ {sentence} }}"));
    match &parsed.value.items[0].node {
        Item::Clause(c) => match &c.parts.body[0].node {
            Line::Statement(s) => s.head.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_page_of_modifiers_is_up_to_date() {
    let schema = Schema::read(&root().join("crates/habendum-syntax/src/ast"));
    let heads: Vec<(&str, Head)> = SENTENCES.iter().map(|(n, s)| (*n, head(s))).collect();
    let mut table = String::from("| modifier |");
    for (name, _) in &heads {
        let _ = write!(table, " {name} |");
    }
    let _ = write!(table, "\n|---|{}\n", "---|".repeat(heads.len()));
    for v in &schema.enums["ModifierKind"].variants {
        let kind: ModifierKind = serde_json::from_value(serde_json::Value::String(v.name.clone())).unwrap();
        let _ = write!(table, "| `{}` |", habendum_norm::lower::modifier_word(kind).replace('|', "\\|"));
        for (_, h) in &heads {
            let _ = write!(table, " {} |", if habendum_norm::lower::goes_with(h, kind) { "yes" } else { "" });
        }
        table.push('\n');
    }
    let path = "book/src/language/modifiers.md";
    let old = std::fs::read_to_string(root().join(path)).unwrap();
    let (from, to) = ("<!-- table -->\n", "<!-- end of table -->");
    let start = old.find(from).unwrap() + from.len();
    let end = old.find(to).unwrap();
    compare(path, &format!("{}\n{table}\n{}", &old[..start], &old[end..]));
}
