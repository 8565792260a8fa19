//! Showing: a version, or the way from one to another, as a document for people.
//!
//! Data flow: versions -> [`Document`] (paragraphs of runs) -> `text`, `markdown`, `html`.
//! Invariant: the document holds everything that is shown; a renderer adds marks and nothing else.

mod html;
mod markdown;
mod text;

pub use html::html;
pub use markdown::markdown;
pub use text::text;

use crate::deal::{Binding, Consolidated, Deal, Suspension, Version, VersionClause};
use crate::elaborate::show_typed;
use crate::expr::DateValue;
use crate::redline::{Run, runs};
use crate::value::{ParamId, Value};
use crate::walk::{Use, walk_through};
use habendum_syntax::ast::{Line, SourceStatus};
use habendum_syntax::print;
use std::collections::BTreeSet;

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Title.
    pub title: String,
    /// What it shows: `as in force from ...`.
    pub subtitle: String,
    /// Clauses in order.
    pub sections: Vec<Section>,
}

/// Whether a whole clause came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands in both, or only one version is shown.
    Kept,
    /// It came in.
    Inserted,
    /// It was struck.
    Struck,
}

/// A clause of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Stable id.
    pub id: String,
    /// Display number, with the section sign; empty where it has none.
    pub number: Vec<Run>,
    /// Title.
    pub title: Vec<Run>,
    /// Came or went.
    pub standing: Standing,
    /// The prose.
    pub prose: Vec<Run>,
    /// The sentences.
    pub sentences: Vec<Vec<Run>>,
    /// Where it comes from, what it rests on, whose figures it uses.
    pub notes: Vec<String>,
}

/// The words of one clause, before comparing.
#[derive(Default)]
struct Words {
    number: String,
    title: String,
    prose: String,
    sentences: Vec<String>,
}

/// One version as a document.
#[must_use]
pub fn document(deal: &Deal, texts: &Consolidated, binding: &Binding, version: usize) -> Document {
    let Some(v) = texts.versions.get(version) else { return empty(deal) };
    let sections = v
        .clauses
        .iter()
        .map(|c| {
            let w = words(c);
            section(deal, (v, None), c, binding, Standing::Kept, &w, &w)
        })
        .collect();
    Document { title: deal.symbols.agreement.title.clone(), subtitle: in_force(v), sections }
}

/// The way from one version to another, marked as a lawyer would.
#[must_use]
pub fn redline(deal: &Deal, texts: &Consolidated, binding: &Binding, from: usize, to: usize) -> Document {
    let (Some(a), Some(b)) = (texts.versions.get(from), texts.versions.get(to)) else { return empty(deal) };
    let mut sections = Vec::new();
    let mut shown = BTreeSet::new();
    for (i, c) in b.clauses.iter().enumerate() {
        // What was struck stands where it stood: before the first clause that followed it and is still there.
        struck_before(deal, a, b, i, binding, &mut shown, &mut sections);
        let new = words(c);
        match a.clauses.iter().find(|o| o.id == c.id) {
            Some(o) => {
                sections.push(section(deal, (b, Some(a)), c, binding, Standing::Kept, &words(o), &new))
            }
            None => {
                let none = Words::default();
                sections.push(section(deal, (b, None), c, binding, Standing::Inserted, &none, &new));
            }
        }
    }
    struck_before(deal, a, b, b.clauses.len(), binding, &mut shown, &mut sections);
    let subtitle = format!("redline: {} to {}", in_force(a), in_force(b));
    Document { title: deal.symbols.agreement.title.clone(), subtitle, sections }
}

fn struck_before(
    deal: &Deal,
    a: &Version,
    b: &Version,
    next: usize,
    binding: &Binding,
    shown: &mut BTreeSet<crate::value::ClauseId>,
    out: &mut Vec<Section>,
) {
    let limit = match b.clauses.get(next) {
        None => a.clauses.len(),
        Some(c) => match a.clauses.iter().position(|o| o.id == c.id) {
            Some(i) => i,
            None => return,
        },
    };
    for o in &a.clauses[..limit] {
        if !b.clauses.iter().any(|c| c.id == o.id) && shown.insert(o.id) {
            let mut s = section(deal, (a, None), o, binding, Standing::Struck, &words(o), &Words::default());
            if let Some(x) = b.struck.get(&o.id) {
                let by = &deal.amendments[x.amendment.ix()].ast.node.title.node;
                let saving = if x.saving { "what has accrued stays owed" } else { "without saving" };
                s.notes.push(format!("struck by the {by}; {saving}"));
            }
            out.push(s);
        }
    }
}

fn empty(deal: &Deal) -> Document {
    Document {
        title: deal.symbols.agreement.title.clone(),
        subtitle: "no such version".into(),
        sections: Vec::new(),
    }
}

/// The version in force on a day; none before the agreement begins. Versions on an open date are never in force.
#[must_use]
pub fn version_on(texts: &Consolidated, day: jiff::civil::Date) -> Option<usize> {
    texts.versions.iter().rposition(|v| v.from.fixed().is_some_and(|f| f <= day))
}

/// `in force from D`, `in force from D through D`, `in force from effective_date (open)`.
#[must_use]
pub fn in_force(v: &Version) -> String {
    let from = match &v.from {
        DateValue::Fixed(d) => d.to_string(),
        DateValue::Open { text, .. } => format!("{text} (open)"),
    };
    match v.through {
        Some(d) => format!("in force from {from} through {d}"),
        None => format!("in force from {from}"),
    }
}

fn words(c: &VersionClause) -> Words {
    let p = &c.clause.node.parts;
    let mut w = Words {
        number: p.number.as_ref().map_or(String::new(), |n| format!("§ {}", n.node)),
        title: p.title.as_ref().map_or(String::new(), |t| t.node.clone()),
        ..Words::default()
    };
    if let Some(k) = &p.key {
        let fields: Vec<&str> = k.node.fields.iter().map(|f| f.node.as_str()).collect();
        let table = k.node.table.as_ref().map_or(String::new(), |t| format!(" in {}", t.node));
        w.sentences.push(format!("For each {}{table}:", fields.join(", ")));
    }
    for l in &p.body {
        match &l.node {
            Line::Text(t) => w.prose.clone_from(&t.node),
            Line::Statement(s) => w.sentences.push(print::print_statement(s)),
            Line::Reading(r) => {
                let note = r.note.as_ref().map_or(String::new(), |n| format!(" ({})", n.node));
                w.sentences.push(format!("Reading {}{note}:", r.name.node));
                w.sentences.extend(r.statements.iter().map(|s| print::print_statement(&s.node)));
            }
            Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
    w
}

/// `within` is the version that the clause stands in, with the one that it is compared to.
fn section(
    deal: &Deal,
    within: (&Version, Option<&Version>),
    c: &VersionClause,
    binding: &Binding,
    standing: Standing,
    old: &Words,
    new: &Words,
) -> Section {
    Section {
        id: deal.symbols.clause_name(c.id).to_owned(),
        number: runs(&old.number, &new.number),
        title: runs(&old.title, &new.title),
        standing,
        prose: runs(&old.prose, &new.prose),
        sentences: pair(&old.sentences, &new.sentences),
        notes: notes(deal, within, c, binding),
    }
}

/// Sentences side by side: those in the same place are compared word by word.
fn pair(old: &[String], new: &[String]) -> Vec<Vec<Run>> {
    let none = String::new();
    (0..old.len().max(new.len()))
        .map(|i| runs(old.get(i).unwrap_or(&none), new.get(i).unwrap_or(&none)))
        .collect()
}

fn status_word(s: SourceStatus) -> &'static str {
    match s {
        SourceStatus::Own => "the parties'",
        SourceStatus::Reported => "reported, not confirmed",
        SourceStatus::Other => "other",
    }
}

fn notes(
    deal: &Deal,
    (v, before): (&Version, Option<&Version>),
    c: &VersionClause,
    binding: &Binding,
) -> Vec<String> {
    let mut out = Vec::new();
    if c.provenance.is_empty() {
        out.push("from the agreement".to_owned());
    }
    for p in &c.provenance {
        let by = &deal.amendments[p.amendment.ix()].ast.node.title.node;
        let lasting: Vec<String> = match p.how {
            "suspended" => {
                c.suspensions.iter().filter(|x| x.amendment == p.amendment).map(suspension).collect()
            }
            _ => Vec::new(),
        };
        let how = if lasting.is_empty() { p.how.to_owned() } else { lasting.join(" and ") };
        out.push(format!("{how} by the {by}"));
    }
    for l in &c.clause.node.parts.body {
        match &l.node {
            Line::Source(s) => out.push(format!("source ({}): {}", status_word(s.status), s.citation)),
            Line::RestsOn(names) => {
                for n in names {
                    if let Some(a) = deal.symbols.assumptions.get(&n.node) {
                        out.push(format!("assumes: {}", a.node.text.node));
                    }
                }
            }
            Line::Waive(w) => out.push(format!(
                "waived {} through {}: {}",
                w.code.node,
                print::print_date(w.expires.node),
                w.reason.node
            )),
            Line::Text(_) | Line::Reading(_) | Line::Statement(_) => {}
        }
    }
    let mut seen = BTreeSet::new();
    walk_through(&deal.symbols, &c.clause.node.parts, &mut |u| {
        if let Use::Name(n) = u
            && seen.insert(n.to_owned())
            && let Some(note) = figure(deal, binding, v, before, n)
        {
            out.push(note);
        }
    });
    out
}

/// What is known of a parameter in a version: its value with where it comes from, or that it is open. Where `before` held another, that too.
pub(crate) fn figure(
    deal: &Deal,
    binding: &Binding,
    v: &Version,
    before: Option<&Version>,
    name: &str,
) -> Option<String> {
    let (i, _, p) = deal.symbols.params.get_full(name)?;
    let id = ParamId::at(i);
    let value = |v: &Version| v.set.get(&id).or_else(|| binding.values.get(&id).map(|b| &b.value)).cloned();
    let word = |x: &Option<Value>| {
        x.as_ref().map_or_else(|| "open".to_owned(), |x| show_typed(&deal.symbols, x, p.ty))
    };
    let now = value(v);
    let was = match before.map(value) {
        Some(old) if old != now => format!("; {} before", word(&old)),
        Some(_) | None => String::new(),
    };
    let origin = match (v.set_by.get(&id), binding.values.get(&id)) {
        (Some(by), _) => format!("set by the {}", deal.amendments[by.amendment.ix()].ast.node.title.node),
        (None, Some(b)) => {
            let status = b.source.as_ref().map_or(String::new(), |s| format!(", {}", status_word(s.status)));
            format!("{}{status}", b.origin)
        }
        (None, None) => {
            let note = p.ast.node.note.as_ref().map_or(String::new(), |n| format!(": {}", n.node));
            return Some(format!("{name} is open{note}{was}"));
        }
    };
    Some(format!("{name} is {} ({origin}{was})", word(&now)))
}

/// `suspended from D through D (deadlines stand still)`.
pub(crate) fn suspension(x: &Suspension) -> String {
    let day = |d: &DateValue| match d {
        DateValue::Fixed(d) => d.to_string(),
        DateValue::Open { text, .. } => format!("{text} (open)"),
    };
    let end = x.through.as_ref().map_or(String::new(), |d| format!(" through {}", day(d)));
    let clocks = if x.clocks_stop { ", deadlines stand still" } else { "" };
    format!("suspended from {}{end}{clocks}", day(&x.from))
}
