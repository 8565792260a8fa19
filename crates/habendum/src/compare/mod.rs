//! What a change of a contract really changes, as findings for people and data for machines.
//!
//! Data flow: two deals (folders, git revisions, or two days of one) -> [`habendum_check::diff::diff`] -> [`Comparison`].
//! Invariant: a change is listed with a history that was replayed on both sides; the verdict `equivalent` is a proof.

mod markdown;
mod replay;
mod text;

pub use markdown::markdown;
pub use replay::{AmountChange, Replay, VerdictChange, replay};
pub use text::human;

use crate::conflicts::{Example, example};
use crate::findings::Findings;
use crate::pipeline::{Error, Opened, Wants};
use crate::record::SCHEMA_VERSION;
use crate::waive::{Waived, waive};
pub use habendum_check::diff::ChangeKind;

use habendum_check::diff::{Change, Diff, Side, diff};
use habendum_model::deal::Deal;
use habendum_syntax::{Diagnostic, Severity, Sources, Span};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What to compare and how.
#[derive(Clone, Debug)]
pub struct Order {
    /// The text of the base in force on this day alone.
    pub from: Option<Date>,
    /// The text of the head in force on this day alone.
    pub to: Option<Date>,
    /// Kinds of change that fail the run; none where any change does.
    pub deny: Option<BTreeSet<ChangeKind>>,
    /// The day by which waivers expire.
    pub today: Date,
}

/// The outcome of a comparison.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// Version of this format.
    pub schema_version: u32,
    /// The base as asked for.
    pub base: String,
    /// The head as asked for.
    pub head: String,
    /// `equivalent` (proved), `changed` or `inconclusive`.
    pub verdict: String,
    /// Changes of outcomes and amounts.
    pub changes: Vec<ChangeRecord>,
    /// Changes that a waiver in the head's text accepts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<ChangeRecord>,
    /// Clauses that are not the same to the letter.
    pub clauses: Vec<ClauseRecord>,
    /// Event kinds, fields, terms and persons that only one side has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vocabulary: Vec<String>,
    /// What could be neither proved nor shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<UndecidedRecord>,
    /// Changes of a kind that is denied, waived ones left out.
    pub denied: u64,
    /// One stream under both sides, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

/// A change of outcomes or amounts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeRecord {
    /// Code of its kind: `D001` to `D008`.
    pub code: String,
    /// `newly-breached`, `newly-permitted`, ...
    pub kind: String,
    /// The event kind, or the clause that pays or obliges.
    pub about: String,
    /// Clauses that decide in the base.
    pub base_clauses: Vec<String>,
    /// Clauses that decide in the head.
    pub head_clauses: Vec<String>,
    /// What happens in the base.
    pub before: String,
    /// What happens in the head.
    pub after: String,
    /// Who is better off.
    pub gains: Vec<String>,
    /// Who is worse off.
    pub loses: Vec<String>,
    /// One sentence.
    pub sentence: String,
    /// A history that shows it.
    pub example: Example,
    /// `file:line:column` in the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_place: Option<String>,
    /// `file:line:column` in the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_place: Option<String>,
    /// Its kind is denied.
    pub denied: bool,
}

/// How a clause stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClauseRecord {
    /// Its name.
    pub clause: String,
    /// `equivalent`, `words only`, `narrower`, `broader`, `incomparable`, `added`, `removed` or `unknown`.
    pub relation: String,
}

/// Something not decided.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UndecidedRecord {
    /// The event kind or the clause.
    pub about: String,
    /// What it hangs on.
    pub why: String,
}

/// A comparison with its findings in the head's text.
#[derive(Clone, Debug)]
pub struct Compared {
    /// As data.
    pub comparison: Comparison,
    /// As findings, for the formats of findings.
    pub findings: Findings,
    /// As diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts of the head.
    pub sources: Sources,
}

/// The code of a kind of change.
#[must_use]
pub fn code(kind: ChangeKind) -> String {
    let at = ChangeKind::ALL.iter().position(|k| *k == kind).unwrap_or(0);
    format!("D{:03}", at + 1)
}

/// The kind of a word of `--deny`.
#[must_use]
pub fn kind(word: &str) -> Option<ChangeKind> {
    ChangeKind::ALL.into_iter().find(|k| k.word() == word)
}

/// Compares two deals, or two texts of one.
///
/// # Errors
/// Faults of either; values that cannot be bound.
pub fn compare(
    (base, base_wants): (&mut Opened, &Wants),
    (head, head_wants): (&mut Opened, &Wants),
    order: &Order,
) -> Result<Compared, Error> {
    let bind = |o: &mut Opened, wants: &Wants| {
        let choices = o.choices(wants)?;
        o.prepare(&choices)?;
        let deal = o.sound()?;
        o.bound(deal, &choices)
    };
    let (left, right) = (bind(base, base_wants)?, bind(head, head_wants)?);
    let (a, b) = (base.sound()?, head.sound()?);
    let sides = (
        Side { deal: a, binding: left, text_as_of: order.from },
        Side { deal: b, binding: right, text_as_of: order.to },
    );
    let found = diff(&sides.0, &sides.1).map_err(|d| head.faults(d))?;
    Ok(told(&found, (base, a), (head, b), order))
}

fn told(found: &Diff, (base, a): (&Opened, &Deal), (head, b): (&Opened, &Deal), order: &Order) -> Compared {
    let denied = |k: ChangeKind| order.deny.as_ref().is_none_or(|d| d.contains(&k));
    let said: Vec<Diagnostic> = found.changes.iter().map(|c| diagnostic(c, b, denied(c.kind))).collect();
    let (diagnostics, waived) = waive(said.clone(), &head.files, order.today);
    let is_waived = |d: &Diagnostic| waived.iter().any(|w: &Waived| w.finding == *d);
    let record = |c: &Change| record(c, (base, a), (head, b), denied(c.kind));
    let (mut changes, mut accepted) = (Vec::new(), Vec::new());
    for (c, d) in found.changes.iter().zip(&said) {
        let to = if is_waived(d) { &mut accepted } else { &mut changes };
        to.push(record(c));
    }
    let verdict = if !found.changes.is_empty() {
        "changed"
    } else if found.undecided.is_empty() {
        "equivalent"
    } else {
        "inconclusive"
    };
    let comparison = Comparison {
        schema_version: SCHEMA_VERSION,
        base: titled(&base.loaded.name, order.from),
        head: titled(&head.loaded.name, order.to),
        verdict: verdict.to_owned(),
        denied: changes.iter().filter(|c| c.denied).count() as u64,
        changes,
        waived: accepted,
        clauses: found
            .clauses
            .iter()
            .map(|c| ClauseRecord { clause: c.clause.clone(), relation: c.relation.word().to_owned() })
            .collect(),
        vocabulary: found.vocabulary.clone(),
        replay: None,
        undecided: found
            .undecided
            .iter()
            .map(|u| UndecidedRecord { about: u.about.clone(), why: u.why.clone() })
            .collect(),
    };
    // Waivers of other codes are the business of `check`.
    let diagnostics: Vec<Diagnostic> = diagnostics.into_iter().filter(|d| d.code.starts_with('D')).collect();
    let sources = head.loaded.sources.clone();
    let open = found.undecided.len() as u64;
    let findings = Findings::of(&head.loaded.name, &diagnostics, &waived, open, &sources);
    Compared { comparison, findings, diagnostics, sources }
}

fn titled(name: &str, day: Option<Date>) -> String {
    day.map_or_else(|| name.to_owned(), |d| format!("{name} as of {d}"))
}

fn diagnostic(c: &Change, head: &Deal, denied: bool) -> Diagnostic {
    let span = c.places.1.unwrap_or(head.symbols.agreement.span);
    let label = if c.places.1.is_some() { "in the head" } else { "the head has no such text" };
    let mut d = Diagnostic::error(&code(c.kind), c.sentence.clone(), span, label);
    d.severity = if denied { Severity::Error } else { Severity::Info };
    let list = |names: &[String]| names.join(", ");
    if !c.loses.is_empty() {
        d = d.note(format!("worse off: {}", list(&c.loses)));
    }
    if !c.gains.is_empty() {
        d = d.note(format!("better off: {}", list(&c.gains)));
    }
    d
}

fn record(
    c: &Change,
    (base, a): (&Opened, &Deal),
    (head, _): (&Opened, &Deal),
    denied: bool,
) -> ChangeRecord {
    ChangeRecord {
        code: code(c.kind),
        kind: c.kind.word().to_owned(),
        about: c.about.clone(),
        base_clauses: c.base.clone(),
        head_clauses: c.head.clone(),
        before: c.outcomes.0.clone(),
        after: c.outcomes.1.clone(),
        gains: c.gains.clone(),
        loses: c.loses.clone(),
        sentence: c.sentence.clone(),
        example: example(a, &c.witness),
        base_place: c.places.0.map(|s| place(&base.loaded.sources, s)),
        head_place: c.places.1.map(|s| place(&head.loaded.sources, s)),
        denied,
    }
}

fn place(sources: &Sources, span: Span) -> String {
    let (line, column) = sources.line_col(span);
    format!("{}:{line}:{column}", sources.get(span.file).name)
}
