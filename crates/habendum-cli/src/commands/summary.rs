//! `habendum summary`: the table of key terms.

use super::{day, figures, stop};
use crate::args::Summary;
use crate::output::{self, Output};
use crate::table::wrap;
use crate::term::{self, Exit, Style};
use habendum::document::{self, Point, SummaryRow};
use habendum::pipeline;

/// Characters between two columns.
const GAP: usize = 2;

/// Shows the table.
pub fn run(a: &Summary) -> Result<Exit, String> {
    let outputs = output::parse(&a.output, &["human", "json", "markdown"], None)?;
    let point = |flag: &str, d: &Option<String>, default: Point| match d {
        Some(d) => day(flag, d).map(Point::On),
        None => Ok(default),
    };
    let before = point("--before", &a.before, Point::Base)?;
    let now = point("--text-as-of", &a.text_as_of, Point::Last)?;
    let wants = figures(&a.figures)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let made = opened.choices(&wants).and_then(|c| document::summarise(&opened, &c, before, now));
    let s = match made {
        Ok(s) => s,
        Err(e) => return stop(e),
    };
    for o in &outputs {
        o.write(&text(&s, o)?)?;
    }
    Ok(Exit::Clean)
}

fn text(s: &document::Summary, o: &Output) -> Result<String, String> {
    Ok(match o.format.as_str() {
        "json" => serde_json::to_string_pretty(s).map_err(|e| e.to_string())? + "\n",
        "markdown" => markdown(s),
        _ => {
            let style = if o.to_terminal() { Style::stdout() } else { Style::plain() };
            human(s, style, if o.to_terminal() { term::width() } else { term::WIDEST })
        }
    })
}

const HEADER: [&str; 4] = ["feature", "term now", "term before", "changed by"];

fn cells(r: &SummaryRow) -> [String; 4] {
    [r.feature.clone(), r.now.clone(), r.before.clone(), r.changed_by.join("; ")]
}

/// Columns under each other; a long cell goes on below itself.
fn human(s: &document::Summary, style: Style, width: usize) -> String {
    let mut out = format!("{}\n  now:    {}\n  before: {}\n\n", style.bold(&s.agreement), s.now, s.before);
    if s.rows.is_empty() {
        out.push_str("nothing changed between the two\n");
        return out;
    }
    let widths = widths(&s.rows, width);
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    out.push_str(&style.bold(&row(&HEADER.map(str::to_owned), &widths)));
    out.push_str(
        &style.dim(&row(&[rule[0].clone(), rule[1].clone(), rule[2].clone(), rule[3].clone()], &widths)),
    );
    let rows: Vec<String> = s.rows.iter().map(|r| row(&cells(r), &widths)).collect();
    out.push_str(&rows.join("\n"));
    out
}

/// Widths that fit: a column gets what it needs, up to an even share of what the narrower ones leave.
fn widths(rows: &[SummaryRow], width: usize) -> [usize; 4] {
    let mut need = HEADER.map(str::len);
    for r in rows {
        for (n, c) in need.iter_mut().zip(cells(r)) {
            *n = (*n).max(c.chars().count());
        }
    }
    let mut order = [0, 1, 2, 3];
    order.sort_by_key(|i| need[*i]);
    let mut left = width.saturating_sub(GAP * 3);
    let mut out = need;
    for (n, i) in order.into_iter().enumerate() {
        out[i] = need[i].min(left / (4 - n));
        left -= out[i];
    }
    out
}

/// One row over as many lines as its longest cell takes.
fn row(cells: &[String; 4], widths: &[usize; 4]) -> String {
    let columns: Vec<Vec<String>> = cells.iter().zip(widths).map(|(c, w)| wrap(c, *w)).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::new();
    for i in 0..height {
        let mut line = String::new();
        for (column, w) in columns.iter().zip(widths) {
            let text = column.get(i).map_or("", String::as_str);
            line.push_str(text);
            line.push_str(&" ".repeat((w + GAP).saturating_sub(text.chars().count())));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn markdown(s: &document::Summary) -> String {
    let cell = |t: &str| t.replace('\\', "\\\\").replace('|', "\\|").replace('*', "\\*").replace('_', "\\_");
    let mut out =
        format!("# {}\n\nNow: {}. Before: {}.\n\n", cell(&s.agreement), cell(&s.now), cell(&s.before));
    out.push_str(&format!("| {} |\n|---|---|---|---|\n", HEADER.join(" | ")));
    for r in &s.rows {
        out.push_str(&format!("| {} |\n", cells(r).map(|c| cell(&c)).join(" | ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_go_on_below_themselves() {
        let r = SummaryRow {
            feature: "Share".into(),
            now: "ten percent of the revenue of each year up to the cap".into(),
            before: "none".into(),
            changed_by: vec!["First".into(), "Second".into()],
        };
        // 40 wide: 34 for text. "feature" needs 7, within its even share of 8; the 27 that are left are 9 for each of the
        // three others, all of which need more.
        let w = widths(std::slice::from_ref(&r), 40);
        assert_eq!(w, [7, 9, 9, 9]);
        let text = row(&cells(&r), &w);
        assert!(text.starts_with("Share    ten        none       First;\n"), "{text}");
        assert!(text.lines().all(|l| l.chars().count() <= 40), "{text}");
    }
}
