//! `habendum show`: the consolidated text on a day, or a redline.

use super::{figures, stop};
use crate::args::Show;
use crate::output;
use crate::term::{Exit, Style};
use habendum::document::{self, Point, View, html, markdown};
use habendum::pipeline;

/// Shows a deal.
pub fn run(a: &Show) -> Result<Exit, String> {
    let outputs = output::parse(&a.output, &["human", "markdown", "html"], None)?;
    let view = view(a)?;
    let wants = figures(&a.figures)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let made = opened.choices(&wants).and_then(|c| document::document(&opened, &c, view));
    let d = match made {
        Ok(d) => d,
        Err(e) => return stop(e),
    };
    for o in &outputs {
        let style = if o.to_terminal() { Style::stdout() } else { Style::plain() };
        o.write(&match o.format.as_str() {
            "markdown" => markdown(&d),
            "html" => html(&d),
            _ => document::text(&d, style.is_coloured()),
        })?;
    }
    Ok(Exit::Clean)
}

fn view(a: &Show) -> Result<View, String> {
    let Some(range) = &a.redline else {
        return Ok(View::Version(match &a.text_as_of {
            Some(d) => Point::On(super::day("--text-as-of", d)?),
            None => Point::Last,
        }));
    };
    let (from, to) = range
        .split_once("..")
        .ok_or_else(|| format!("--redline {range}: wanted FROM..TO, such as 2026-01-01..last"))?;
    let point = |text: &str| text.parse::<Point>().map_err(|e| format!("--redline {range}: {e}"));
    Ok(View::Redline(point(from)?, point(to)?))
}
