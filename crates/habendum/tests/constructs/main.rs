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
    (
        "check",
        "the checker reads constructs through the norms; its rules have cases under `tests/cases/conflict`",
    ),
    ("kernel", "what a predicate cannot ask is left to the interpreter; `eval` does not use the kernel yet"),
    ("diff", "norms are compared, not constructs; what is neither proved nor shown is listed as undecided"),
];

fn found(schema: &Schema, c: &Case) -> BTreeSet<String> {
    let mut set = BTreeSet::new();
    schema.walk(&serde_json::to_value(&c.file).unwrap(), "File", &mut set);
    set
}

/// The cases of a construct with the stages that each is handled by, the best first: the book before a test case before an example,
/// short ones first.
type Shown = BTreeMap<String, Vec<(String, BTreeSet<Stage>)>>;

fn covering(schema: &Schema, list: &[Case]) -> Shown {
    let rank = |c: &Case| {
        let place = ["book/", "tests/", "examples/"].iter().position(|p| c.path.starts_with(p));
        (c.path == "tests/cases/syntax/everything.term", place, c.size, c.path.clone())
    };
    let mut order: Vec<&Case> = list.iter().collect();
    order.sort_by_key(|c| rank(c));
    let mut shown = Shown::new();
    for c in order {
        for construct in found(schema, c) {
            let cases = shown.entry(construct).or_default();
            match cases.iter_mut().find(|(path, _)| *path == c.path) {
                Some((_, stages)) => stages.extend(&c.stages),
                None => cases.push((c.path.clone(), c.stages.iter().copied().collect())),
            }
        }
    }
    shown
}

/// The stages that have to know a construct.
fn needed(construct: &str) -> BTreeSet<Stage> {
    STAGES.into_iter().filter(|s| aside(construct, *s).is_none()).collect()
}

/// The fewest cases, taken from the best, that show a construct to every stage that has to know it; none where a stage is left.
fn few(construct: &str, cases: &[(String, BTreeSet<Stage>)]) -> Option<Vec<String>> {
    let all = needed(construct);
    if let Some((path, _)) = cases.iter().find(|(_, stages)| stages.is_superset(&all)) {
        return Some(vec![path.clone()]);
    }
    let mut left = all;
    let mut out = Vec::new();
    for (path, stages) in cases {
        let before = left.len();
        left.retain(|s| !stages.contains(s));
        if left.len() < before {
            out.push(path.clone());
        }
    }
    left.is_empty().then_some(out)
}

#[test]
fn every_construct_has_a_case_in_every_stage() {
    let schema = Schema::read(&root().join("crates/habendum-syntax/src/ast"));
    let constructs = schema.constructs();
    assert!(constructs.len() > 250, "the tree was not read: {} constructs", constructs.len());
    let shown = covering(&schema, &cases(&root()));
    let mut missing = String::new();
    let mut best = BTreeMap::new();
    for (construct, _) in &constructs {
        let cases = shown.get(construct).map_or(&[][..], Vec::as_slice);
        match few(construct, cases) {
            Some(paths) => {
                best.insert(construct.clone(), paths);
            }
            None => {
                for s in needed(construct).iter().filter(|s| !cases.iter().any(|(_, of)| of.contains(s))) {
                    let _ = writeln!(missing, "{construct}: no case for {s:?}");
                }
            }
        }
    }
    assert!(missing.is_empty(), "\n{missing}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join(PAGE), page(&constructs, &best)).unwrap();
        return;
    }
    // A row may lead to any cases that together show it to every stage, so that a new case does not make the page stale.
    let old = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let kept = linked(&old);
    for (construct, paths) in &kept {
        let cases = shown.get(construct).map_or(&[][..], Vec::as_slice);
        let linked: Vec<_> = cases.iter().filter(|(p, _)| paths.contains(p)).cloned().collect();
        assert!(
            linked.len() == paths.len(),
            "{PAGE}: {construct} leads to a case that does not hold it: {paths:?}"
        );
        assert!(
            few(construct, &linked).is_some(),
            "{PAGE}: {paths:?} do not show {construct} to every stage"
        );
    }
    assert!(old == page(&constructs, &kept), "{PAGE} is not up to date: UPDATE=1 rewrites it");
}

const PAGE: &str = "book/src/constructs.md";

/// The rows of a page and where they lead.
fn linked(page: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut group = "";
    for line in page.lines() {
        if let Some(g) = line.strip_prefix("## ") {
            group = g;
        }
        let Some(row) = line.strip_prefix("| ") else { continue };
        let parts: Vec<&str> = row.split(" | ").collect();
        let Some(links) = parts.last().filter(|l| l.contains("](")) else { continue };
        let sign = if parts[0].starts_with('.') || parts[0].contains("::") { "" } else { "::" };
        let targets = links.split("](").skip(1).filter_map(|t| t.split_once(')')).map(|(t, _)| t);
        let paths = targets
            .map(|t| t.strip_prefix("../../").map_or_else(|| format!("book/src/{t}"), str::to_owned))
            .collect();
        found.insert(format!("{group}{sign}{}", parts[0]), paths);
    }
    found
}

/// The page of the table.
fn page(constructs: &[(String, String)], shown: &BTreeMap<String, Vec<String>>) -> String {
    let mut notes: Vec<&str> = Vec::new();
    let names: Vec<String> = STAGES.iter().map(|s| format!("`{}`", word(*s))).collect();
    let mut out = format!(
        "# Constructs and stages\n\n\
         Nothing parses without meaning: a construct that a stage cannot handle is an error there, never ignored. This page\n\
         holds us to it. A test generates it from the source of the syntax tree and from every case of the project, and fails\n\
         where a construct has no case for a stage.\n\n\
         The stages are {}. *all*: each of them handles the construct, in\n\
         the cases that the last column leads to (an example of this book where there is one). A letter gives the reason why a\n\
         stage has nothing to do with it; the reasons are at the end. A dot marks an option or a flag of a construct.\n",
        names.join(", ")
    );
    let mut last = "";
    for (construct, form) in constructs {
        let group = construct.split(['.', ':']).next().unwrap();
        if group != last {
            let _ =
                write!(out, "\n## {group}\n\n| construct | form | stages | shown in |\n|---|---|---|---|\n");
            last = group;
        }
        let name = construct.strip_prefix(group).unwrap().trim_start_matches("::");
        let without: Vec<String> = STAGES
            .iter()
            .filter_map(|s| Some((s, aside(construct, *s)?)))
            .map(|(s, why)| {
                let at = notes.iter().position(|n| *n == why).unwrap_or_else(|| {
                    notes.push(why);
                    notes.len() - 1
                });
                format!("{} <sup>{}</sup>", word(*s), letter(at))
            })
            .collect();
        let stages =
            if without.is_empty() { "all".to_owned() } else { format!("all but {}", without.join(", ")) };
        let links: Vec<String> =
            shown.get(construct).map_or(&[][..], Vec::as_slice).iter().map(|p| link(p)).collect();
        let _ = writeln!(out, "| {name} | {} | {stages} | {} |", form.replace('|', "\\|"), links.join(", "));
    }
    out.push_str("\n## Reasons\n\n");
    for (i, n) in notes.iter().enumerate() {
        let _ = writeln!(out, "- <sup>{}</sup> {n}", letter(i));
    }
    out.push_str("\n## Stages to come\n\n");
    for (name, why) in LATER {
        let _ = writeln!(out, "- `{name}`: {why}");
    }
    out
}

fn word(s: Stage) -> String {
    format!("{s:?}").to_lowercase()
}

fn letter(i: usize) -> char {
    char::from(b'a' + u8::try_from(i).unwrap())
}

/// A link from the page to a file of the project, by its name alone.
fn link(path: &str) -> String {
    let target = path.strip_prefix("book/src/").map_or_else(|| format!("../../{path}"), str::to_owned);
    let name = Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
    format!("[{name}]({target})")
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
