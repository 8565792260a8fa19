//! A document as Markdown: deletions struck, insertions bold.

use super::{Document, Standing};
use crate::redline::{Run, trailing};

/// Renders as Markdown (with the `~~` extension).
#[must_use]
pub fn markdown(d: &Document) -> String {
    let mut out = format!("# {}\n\n*{}*\n", escape(&d.title), escape(&d.subtitle));
    for s in &d.sections {
        let mark = match s.standing {
            Standing::Kept => "",
            Standing::Inserted => " (inserted)",
            Standing::Struck => " (struck)",
        };
        let head: Vec<String> =
            [line(&s.number), line(&s.title)].into_iter().filter(|t| !t.is_empty()).collect();
        let head = if head.is_empty() { escape(&s.id) } else { head.join(" ") };
        out.push_str(&format!("\n## {head}{mark} <a id=\"{0}\"></a>\n\n", s.id));
        let prose = line(&s.prose);
        if !prose.is_empty() {
            out.push_str(&format!("{prose}\n\n"));
        }
        for r in &s.sentences {
            for l in line(r).lines() {
                out.push_str(&format!("> {}  \n", l.trim_start()));
            }
            out.push('\n');
        }
        for n in &s.notes {
            out.push_str(&format!("- *{}*\n", escape(n)));
        }
    }
    out
}

fn escape(t: &str) -> String {
    let mut out = String::new();
    for c in t.chars() {
        if matches!(c, '*' | '_' | '`' | '~' | '<' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn line(runs: &[Run]) -> String {
    runs.iter()
        .map(|r| match r {
            Run::Same(t) => escape(t),
            Run::Deleted(t) if t.trim().is_empty() => String::new(),
            Run::Inserted(t) if t.trim().is_empty() => t.clone(),
            Run::Deleted(t) => format!("~~{}~~{}", escape(t.trim_end()), trailing(t)),
            Run::Inserted(t) => format!("**{}**{}", escape(t.trim_end()), trailing(t)),
        })
        .collect()
}
