//! `habendum check`: every fault that the passes find, in the formats asked for.

use super::{day, stop, wants};
use crate::args::{Check, FailLevel};
use crate::output::{self, Output};
use crate::term::{Exit, Style};
use habendum::check::{self, Checkup, Order};
use habendum::findings::{amendments, concise, counted, github, junit, sarif};
use habendum::pipeline;
use std::collections::BTreeMap;

const FORMATS: [&str; 6] = ["human", "concise", "json", "sarif", "junit", "github"];

/// Checks a deal.
pub fn run(a: &Check) -> Result<Exit, String> {
    let wants = wants(&a.values, false)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let config = opened.loaded.config.output.clone();
    let outputs = output::parse(&a.output, &FORMATS, config.format.as_deref())?;
    let level = a.fail_level.unwrap_or(match config.fail_level.as_deref() {
        Some("info") => FailLevel::Info,
        Some("error") => FailLevel::Error,
        _ => FailLevel::Warning,
    });
    let today = match &a.today {
        Some(d) => day("--today", d)?,
        None => check::today(),
    };
    let order = Order { today, scenarios: !a.no_scenarios, conflicts: !a.no_conflicts };
    let c = match check::check(&mut opened, &wants, &order) {
        Ok(c) => c,
        Err(e) => return stop(e),
    };
    if let Some(folder) = &a.emit_scenarios {
        emit(&c, folder)?;
    }
    for o in &outputs {
        o.write(&text(&c, o)?)?;
    }
    Ok(exit(&c, level))
}

/// Writes each conflict's example as a scenario, one file for each finding: `C008-1.term`, `C008-2.term`, ...
fn emit(c: &Checkup, folder: &str) -> Result<(), String> {
    let fault = |e: &dyn std::fmt::Display| format!("{folder}: {e}");
    std::fs::create_dir_all(folder).map_err(|e| fault(&e))?;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for f in &c.findings.findings {
        let Some(scenario) = f.conflict.as_ref().and_then(|d| d.scenario.as_ref()) else { continue };
        let n = count.entry(&f.code).or_default();
        *n += 1;
        let path = format!("{}/{}-{n}.term", folder.trim_end_matches('/'), f.code);
        Output { format: "scenario".to_owned(), file: Some(path) }.write(scenario)?;
    }
    Ok(())
}

fn exit(c: &Checkup, level: FailLevel) -> Exit {
    let n = c.findings.counts;
    let failing = match level {
        FailLevel::Info => n.error + n.warning + n.info,
        FailLevel::Warning => n.error + n.warning,
        FailLevel::Error => n.error,
    };
    // An undecided property is a warning for the eye and inconclusive for the exit code.
    if failing > c.findings.inconclusive || n.error > 0 {
        Exit::Findings
    } else if c.findings.inconclusive > 0 {
        Exit::Inconclusive
    } else {
        Exit::Clean
    }
}

fn text(c: &Checkup, o: &Output) -> Result<String, String> {
    Ok(match o.format.as_str() {
        "json" => serde_json::to_string_pretty(&c.findings).map_err(|e| e.to_string())? + "\n",
        "concise" => concise(&c.findings),
        "sarif" => sarif(&c.findings),
        "junit" => junit(&c.findings),
        "github" => github(&c.findings),
        _ => human(c, if o.to_terminal() { Style::stdout() } else { Style::plain() }),
    })
}

fn human(c: &Checkup, style: Style) -> String {
    let mut text = habendum::render(&c.diagnostics, &c.sources, style.is_coloured());
    for w in &c.findings.waived {
        text.push_str(&style.dim(&format!(
            "waived until {}: {} {} ({})\n",
            w.expires, w.finding.code, w.finding.message, w.reason
        )));
    }
    text.push_str(&amendments(&c.findings));
    let line = format!("{}: {}", c.findings.deal, counted(&c.findings));
    let n = c.findings.counts;
    let line = if n.error > 0 {
        style.red(&line)
    } else if n.warning > 0 || c.findings.inconclusive > 0 {
        style.yellow(&line)
    } else {
        style.green(&line)
    };
    text.push_str(&line);
    if let Some((scenarios, properties)) = c.ran {
        let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        text.push_str(&format!(
            " ({}, {} run)",
            plural(scenarios, "scenario", "scenarios"),
            plural(properties, "property", "properties")
        ));
    }
    text.push('\n');
    text
}
