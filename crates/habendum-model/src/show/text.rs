//! A document as plain text, with or without terminal colours.

use super::{Document, Standing};
use crate::redline::{Run, trailing};

/// Renders for a terminal. Without colour, deletions are `[-...-]` and insertions `{+...+}`.
#[must_use]
pub fn text(d: &Document, colour: bool) -> String {
    let bold = |s: &str| if colour { format!("\x1b[1m{s}\x1b[0m") } else { s.to_owned() };
    let dim = |s: &str| if colour { format!("\x1b[2m{s}\x1b[0m") } else { s.to_owned() };
    let mut out = format!("{}\n{}\n", bold(&d.title), d.subtitle);
    for s in &d.sections {
        let number = line(&s.number, colour);
        let space = if number.is_empty() { "" } else { " " };
        let mark = match s.standing {
            Standing::Kept => "",
            Standing::Inserted => "  (inserted)",
            Standing::Struck => "  (struck)",
        };
        out.push_str(&format!(
            "\n{}{space}{}  {}{mark}\n",
            bold(&number),
            bold(&line(&s.title, colour)),
            dim(&s.id)
        ));
        let prose = line(&s.prose, colour);
        if !prose.is_empty() {
            out.push_str(&indent(&prose, "    "));
        }
        for r in &s.sentences {
            out.push_str(&indent(&line(r, colour), "        "));
        }
        for n in &s.notes {
            out.push_str(&dim(&format!("    - {n}")));
            out.push('\n');
        }
    }
    out
}

fn indent(t: &str, by: &str) -> String {
    t.lines().map(|l| format!("{by}{l}\n")).collect()
}

fn line(runs: &[Run], colour: bool) -> String {
    runs.iter()
        .map(|r| match r {
            Run::Same(t) => t.clone(),
            Run::Deleted(t) if t.trim().is_empty() => String::new(),
            Run::Inserted(t) if t.trim().is_empty() => t.clone(),
            Run::Deleted(t) if colour => format!("\x1b[9;31m{}\x1b[0m{}", t.trim_end(), trailing(t)),
            Run::Inserted(t) if colour => format!("\x1b[4;32m{}\x1b[0m{}", t.trim_end(), trailing(t)),
            Run::Deleted(t) => format!("[-{}-]{}", t.trim_end(), trailing(t)),
            Run::Inserted(t) => format!("{{+{}+}}{}", t.trim_end(), trailing(t)),
        })
        .collect()
}
