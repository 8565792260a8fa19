//! `habendum test`: scenarios run, properties decided, coverage.

use super::{stop, wants};
use crate::args::Test;
use crate::output::{self, Output};
use crate::term::{Exit, Style};
use habendum::findings::suites;
use habendum::pipeline::{self, Opened};
use habendum::scenario::{self, Proof, Tested};

/// Runs the scenarios and properties of a deal.
pub fn run(a: &Test) -> Result<Exit, String> {
    let wants = wants(&a.values, true)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let default = opened.loaded.config.output.format.clone();
    let outputs = output::parse(&a.output, &["human", "junit", "json"], default.as_deref())?;
    let tested = match scenario::test(&mut opened, &wants, a.only.as_deref()) {
        Ok(t) => t,
        Err(e) => return stop(e),
    };
    if tested.scenarios.is_empty() && tested.properties.is_empty() {
        let which = a.only.as_ref().map(|o| format!(" whose title contains \"{o}\"")).unwrap_or_default();
        return Err(format!("{}: no scenario or property{which}", a.deal));
    }
    for o in &outputs {
        o.write(&text(&tested, &opened, o, a.coverage)?)?;
    }
    Ok(if tested.failed() {
        Exit::Findings
    } else if tested.inconclusive() > 0 {
        Exit::Inconclusive
    } else {
        Exit::Clean
    })
}

fn text(t: &Tested, opened: &Opened, o: &Output, coverage: bool) -> Result<String, String> {
    let sources = &opened.loaded.sources;
    Ok(match o.format.as_str() {
        "json" => {
            let report = t.report(&opened.loaded.name, sources);
            serde_json::to_string_pretty(&report).map_err(|e| e.to_string())? + "\n"
        }
        "junit" => suites("habendum test", &t.cases(sources)),
        _ => human(t, opened, coverage, if o.to_terminal() { Style::stdout() } else { Style::plain() }),
    })
}

fn human(t: &Tested, opened: &Opened, coverage: bool, style: Style) -> String {
    let mut text = String::new();
    let (mut passed, mut failed) = (0, 0);
    for s in &t.scenarios {
        if s.mismatches.is_empty() {
            passed += 1;
            text.push_str(&format!("  {} {}\n", style.green("passed"), s.title));
        } else {
            failed += 1;
            text.push_str(&format!("  {} {}\n", style.red("FAILED"), s.title));
        }
    }
    let (mut proved, mut refuted, mut open) = (0, 0, 0);
    for p in &t.properties {
        match &p.proof {
            Proof::Proved => {
                proved += 1;
                text.push_str(&format!("  {} {}\n", style.green("proved"), p.title));
            }
            Proof::Refuted(_) => {
                refuted += 1;
                text.push_str(&format!("  {} {}\n", style.red("FALSE "), p.title));
            }
            Proof::Inconclusive(_) => {
                open += 1;
                text.push_str(&format!("  {} {}\n", style.yellow("open  "), p.title));
            }
        }
    }
    let findings = t.findings();
    if !findings.is_empty() {
        text.push('\n');
        text.push_str(&habendum::render(&findings, &opened.loaded.sources, style.is_coloured()));
    }
    let c = &t.coverage;
    let reached = c.total.saturating_sub(c.unreached.len());
    text.push_str(&format!("\n{passed} passed, {failed} failed"));
    if proved + refuted + open > 0 {
        text.push_str(&format!("; {proved} proved, {open} undecided"));
    }
    if refuted > 0 {
        text.push_str(&format!(", {refuted} false"));
    }
    text.push_str(&format!(
        "; scenarios reach {reached} of {} clauses, exceptions and bands{}\n",
        c.total,
        if coverage || c.unreached.is_empty() { "" } else { " (--coverage lists the rest)" }
    ));
    if coverage {
        for u in &c.unreached {
            let place = opened.loaded.sources.place(u.span);
            text.push_str(&format!("  not reached: {:<9} of {}  {}\n", u.what, u.clause, style.dim(&place)));
        }
    }
    text
}
