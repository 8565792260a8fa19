//! A comparison as Markdown that fits a comment on a pull request.

use super::{ChangeRecord, Comparison};
use std::fmt::Write;

/// A comparison as Markdown.
#[must_use]
pub fn markdown(c: &Comparison) -> String {
    let mut out = format!("### Contract diff\n\n{}\n", super::text::summary(c));
    let (denied, others): (Vec<_>, Vec<_>) = c.changes.iter().partition(|x| x.denied);
    table(&mut out, "Denied", &denied);
    table(&mut out, if denied.is_empty() { "Changes" } else { "Other changes" }, &others);
    if !c.waived.is_empty() {
        table(&mut out, "Waived", &c.waived.iter().collect::<Vec<_>>());
    }
    if !c.clauses.is_empty() {
        out.push_str("\n| clause | |\n|---|---|\n");
        for x in &c.clauses {
            let _ = writeln!(out, "| `{}` | {} |", x.clause, x.relation);
        }
    }
    if !c.vocabulary.is_empty() {
        let _ = writeln!(out, "\nWords: {}", c.vocabulary.join("; "));
    }
    if !c.undecided.is_empty() {
        out.push_str("\nNot decided:\n");
        for u in &c.undecided {
            let _ = writeln!(out, "- `{}`: {}", u.about, u.why);
        }
    }
    out
}

fn table(out: &mut String, title: &str, changes: &[&ChangeRecord]) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n**{title}**\n\n| | what | worse off | better off |\n|---|---|---|---|");
    for c in changes {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            c.kind,
            cell(&c.sentence),
            cell(&c.loses.join(", ")),
            cell(&c.gains.join(", "))
        );
    }
    out.push_str("\n<details><summary>Examples</summary>\n\n```term\n");
    for c in changes {
        let _ = writeln!(out, "// {}", c.sentence);
        for (n, v) in &c.example.values {
            let _ = writeln!(out, "// with {n} = {v}");
        }
        for e in &c.example.events {
            let _ = writeln!(out, "{e}");
        }
        if let Some(day) = &c.example.clock {
            let _ = writeln!(out, "clock {day}");
        }
    }
    out.push_str("```\n\n</details>\n");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
