//! A comparison for people: a line a change, with its example, then clauses and what is open.

use super::{ChangeRecord, Comparison, Replay};
use std::fmt::Write;

/// A comparison as plain text.
#[must_use]
pub fn human(c: &Comparison) -> String {
    let mut out = String::new();
    for change in &c.changes {
        one(&mut out, change);
    }
    for change in &c.waived {
        let _ = writeln!(out, "waived: {} {}: {}", change.code, change.kind, change.sentence);
    }
    if !c.clauses.is_empty() {
        out.push_str("Clauses\n");
        let width = c.clauses.iter().map(|x| x.clause.chars().count()).max().unwrap_or(0);
        for x in &c.clauses {
            let _ = writeln!(out, "  {:width$}  {}", x.clause, x.relation);
        }
        out.push('\n');
    }
    if !c.vocabulary.is_empty() {
        out.push_str("Words\n");
        for v in &c.vocabulary {
            let _ = writeln!(out, "  {v}");
        }
        out.push('\n');
    }
    if !c.undecided.is_empty() {
        out.push_str("Not decided\n");
        for u in &c.undecided {
            let _ = writeln!(out, "  {}: {}", u.about, u.why);
        }
        out.push('\n');
    }
    if let Some(r) = &c.replay {
        replayed(&mut out, r);
    }
    let _ = writeln!(out, "{}", summary(c));
    out
}

fn replayed(out: &mut String, r: &Replay) {
    let _ = writeln!(out, "The stream: {} rows, {} judged otherwise", r.rows, r.changed);
    for v in &r.verdicts {
        let by = if v.clauses.is_empty() { String::new() } else { format!(" ({})", v.clauses.join(", ")) };
        let _ = writeln!(
            out,
            "  {} {}: {} -> {}{by}, first row {}",
            v.rows, v.kind, v.before, v.after, v.first_row
        );
    }
    for a in &r.amounts {
        let _ = writeln!(
            out,
            "  {}: {} owes {} {} {} instead of {}",
            a.clause, a.payer, a.payee, a.after, a.currency, a.before
        );
    }
    out.push('\n');
}

/// One line for the whole.
#[must_use]
pub(super) fn summary(c: &Comparison) -> String {
    let n = c.changes.len() + c.waived.len();
    match c.verdict.as_str() {
        "equivalent" => format!("{} and {}: equivalent, proved", c.base, c.head),
        "inconclusive" => {
            format!("{} and {}: no change found, and equivalence is not proved", c.base, c.head)
        }
        _ => format!(
            "{} to {}: {n} change{}{}",
            c.base,
            c.head,
            if n == 1 { "" } else { "s" },
            if c.waived.is_empty() { String::new() } else { format!(", {} waived", c.waived.len()) }
        ),
    }
}

fn one(out: &mut String, c: &ChangeRecord) {
    let _ = writeln!(out, "{} {}: {}", c.code, c.kind, c.sentence);
    for (n, v) in &c.example.values {
        let _ = writeln!(out, "    with {n} = {v}");
    }
    for e in &c.example.events {
        let _ = writeln!(out, "    {e}");
    }
    if let Some(day) = &c.example.clock {
        let _ = writeln!(out, "    clock {day}");
    }
    if !c.loses.is_empty() {
        let _ = writeln!(out, "    worse off: {}", c.loses.join(", "));
    }
    if !c.gains.is_empty() {
        let _ = writeln!(out, "    better off: {}", c.gains.join(", "));
    }
    let places: Vec<String> = c.base_place.iter().chain(&c.head_place).cloned().collect();
    if !places.is_empty() {
        let _ = writeln!(out, "    at {}", places.join(" and "));
    }
    out.push('\n');
}
