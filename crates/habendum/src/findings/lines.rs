//! One line a finding: for people in a hurry, and for GitHub's annotations.

use super::{Finding, Findings};
use crate::conflicts::Affected;
use std::fmt::Write;

/// `file:line:column: error[C016]: message`, and a count.
#[must_use]
pub fn concise(f: &Findings) -> String {
    let mut out = String::new();
    for x in &f.findings {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}: {}[{}]: {}", x.place(), x.severity, x.code, x.message);
    }
    let _ = writeln!(out, "{}", counted(f));
    out
}

/// What each amendment creates and cures: a line for each, and one below it for each code and clauses.
#[must_use]
pub fn amendments(f: &Findings) -> String {
    let mut out = String::new();
    for a in f.amendments.iter().filter(|a| !a.creates.is_empty() || !a.cures.is_empty()) {
        let count = |list: &[Affected]| match list.len() {
            0 => "none".to_owned(),
            n => n.to_string(),
        };
        let _ = writeln!(out, "{} creates {} and cures {}:", a.amendment, count(&a.creates), count(&a.cures));
        for (verb, list) in [("creates", &a.creates), ("cures", &a.cures)] {
            let mut lines: Vec<(String, usize)> = Vec::new();
            for x in list {
                let line = format!("{} {}", x.code, x.clauses.join(", "));
                match lines.iter_mut().find(|(l, _)| *l == line) {
                    Some((_, n)) => *n += 1,
                    None => lines.push((line, 1)),
                }
            }
            for (line, n) in lines {
                let times = if n > 1 { format!(" ({n} sentences)") } else { String::new() };
                let _ = writeln!(out, "  {verb} {line}{times}");
            }
        }
    }
    out
}

/// `2 errors, 1 warning` or `no findings`.
#[must_use]
pub fn counted(f: &Findings) -> String {
    let part = |n: u64, word: &str| (n > 0).then(|| format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
    let mut parts: Vec<String> = [
        part(f.counts.error, "error"),
        part(f.counts.warning, "warning"),
        (f.counts.info > 0).then(|| format!("{} info", f.counts.info)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    if !f.waived.is_empty() {
        parts.push(format!("{} waived", f.waived.len()));
    }
    if f.inconclusive > 0 {
        parts.push(format!("{} inconclusive", f.inconclusive));
    }
    parts.join(", ")
}

/// Workflow commands that GitHub shows beside the lines of a change.
#[must_use]
pub fn github(f: &Findings) -> String {
    let mut out = String::new();
    for x in &f.findings {
        let level = match x.severity.as_str() {
            "error" => "error",
            "warning" => "warning",
            _ => "notice",
        };
        let place = x.labels.first().map_or_else(String::new, |l| {
            format!(
                " file={},line={},col={},endLine={},endColumn={},title={}",
                property(&l.file),
                l.line,
                l.column,
                l.end_line,
                l.end_column,
                property(&x.code)
            )
        });
        let _ = writeln!(out, "::{level}{place}::{}", data(&body(x)));
    }
    out
}

fn body(x: &Finding) -> String {
    let mut lines = vec![x.message.clone()];
    for l in x.labels.iter().skip(1) {
        lines.push(format!("{}:{}:{}: {}", l.file, l.line, l.column, l.message));
    }
    lines.extend(x.notes.iter().cloned());
    lines.extend(x.help.iter().map(|h| format!("help: {h}")));
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
