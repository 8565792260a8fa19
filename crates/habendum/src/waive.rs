//! Waivers and lint levels: which findings count, and how much.
//!
//! Data flow: diagnostics + the deal's waivers + a day -> what stays, what is waived, what is wrong with the waivers.
//! Invariant: an expired waiver waives nothing; a waiver never hides an error of syntax, names or types.

use crate::config::{Config, Level};
use habendum_syntax::ast::{Clause, File, Item, Line, Operation, Waiver};
use habendum_syntax::{Diagnostic, Severity, Span};
use jiff::civil::Date;

/// A finding that its authors accept.
#[derive(Clone, Debug)]
pub struct Waived {
    /// The finding.
    pub finding: Diagnostic,
    /// Why it is accepted.
    pub reason: String,
    /// Until when.
    pub expires: Date,
}

struct Found<'a> {
    waiver: &'a Waiver,
    span: Span,
    clause: Span,
    used: bool,
}

/// Applies the waivers of a deal's files as of a day.
#[must_use]
pub fn waive(found: Vec<Diagnostic>, files: &[File], today: Date) -> (Vec<Diagnostic>, Vec<Waived>) {
    let mut waivers: Vec<Found<'_>> = files.iter().flat_map(waivers_of).collect();
    let (mut kept, mut waived) = (Vec::new(), Vec::new());
    for d in found {
        let hit = waivers.iter_mut().find(|w| d.code.starts_with(['C', 'D']) && covers(w, &d));
        match hit {
            Some(w) => {
                w.used = true;
                match day(w.waiver) {
                    Some(expires) if today < expires => {
                        waived.push(Waived { finding: d, reason: w.waiver.reason.node.clone(), expires });
                    }
                    Some(expires) => kept.push(d.note(format!("a waiver of this expired on {expires}"))),
                    None => kept.push(d),
                }
            }
            None => kept.push(d),
        }
    }
    kept.extend(waivers.iter().filter_map(|w| complaint(w, today)));
    (kept, waived)
}

fn covers(w: &Found<'_>, d: &Diagnostic) -> bool {
    let inside = |s: Span| s.file == w.clause.file && w.clause.start <= s.start && s.end <= w.clause.end;
    w.waiver.code.node == d.code && d.labels.iter().any(|l| inside(l.span))
}

fn complaint(w: &Found<'_>, today: Date) -> Option<Diagnostic> {
    let code = &w.waiver.code.node;
    if day(w.waiver).is_some_and(|e| e <= today) {
        let d =
            Diagnostic::warning("C026", format!("the waiver of {code} has expired"), w.span, "this waiver");
        return Some(d.help("mend what it waives, or give it a later day after a fresh look"));
    }
    if w.used {
        return None;
    }
    let d =
        Diagnostic::info("C025", format!("the waiver of {code} matches no finding"), w.span, "this waiver");
    Some(d.help("remove it; or wait for the rule, where a later version of the checker finds it"))
}

fn day(w: &Waiver) -> Option<Date> {
    let d = w.expires.node;
    Date::new(d.year, i8::try_from(d.month).ok()?, i8::try_from(d.day).ok()?).ok()
}

/// Every waiver of a file with the clause it stands in.
fn waivers_of(file: &File) -> Vec<Found<'_>> {
    let mut out = Vec::new();
    for item in &file.items {
        match &item.node {
            Item::Clause(c) => lines(&c.parts.body, item.span, &mut out),
            Item::Amendment(a) => {
                for op in &a.operations {
                    match &op.node {
                        Operation::Replace { with, .. } | Operation::Restate { with, .. } => {
                            lines(&with.body, op.span, &mut out);
                        }
                        Operation::Insert { clause, .. } => lines(&clause.parts.body, op.span, &mut out),
                        Operation::RestateAll(clauses) => {
                            for c in clauses {
                                let clause: &Clause = &c.node;
                                lines(&clause.parts.body, c.span, &mut out);
                            }
                        }
                        Operation::Strike { .. }
                        | Operation::Vary { .. }
                        | Operation::Suspend { .. }
                        | Operation::Extend { .. }
                        | Operation::Renumber { .. }
                        | Operation::Affirm(_)
                        | Operation::Set { .. }
                        | Operation::Recites { .. } => {}
                    }
                }
            }
            Item::Agreement(_)
            | Item::Schedule(_)
            | Item::Vocabulary(_)
            | Item::Unit(_)
            | Item::Event(_)
            | Item::Parameter(_)
            | Item::Table(_)
            | Item::Define(_)
            | Item::Total(_)
            | Item::Register(_)
            | Item::Assumption(_)
            | Item::Calendar(_)
            | Item::KeyTerm(_)
            | Item::Scenario(_)
            | Item::Prove(_) => {}
        }
    }
    out
}

fn lines<'a>(body: &'a [habendum_syntax::Sp<Line>], clause: Span, out: &mut Vec<Found<'a>>) {
    for line in body {
        if let Line::Waive(waiver) = &line.node {
            out.push(Found { waiver, span: line.span, clause, used: false });
        }
    }
}

/// Applies the lint levels of a configuration to findings about contracts (`C...`); other errors keep their weight.
#[must_use]
pub fn levels(found: Vec<Diagnostic>, config: &Config) -> Vec<Diagnostic> {
    found
        .into_iter()
        .filter_map(|mut d| {
            let level = if d.code.starts_with(['C', 'D']) { config.lint.get(&d.code) } else { None };
            match level {
                Some(Level::Off) => return None,
                Some(Level::Info) => d.severity = Severity::Info,
                Some(Level::Warning) => d.severity = Severity::Warning,
                Some(Level::Error) => d.severity = Severity::Error,
                None => {}
            }
            Some(d)
        })
        .collect()
}
