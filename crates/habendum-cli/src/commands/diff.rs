//! `habendum diff`: what a change of a contract really changes.

use super::{day, stop, wants};
use crate::args::Diff;
use crate::output;
use crate::term::Exit;
use habendum::check::today;
use habendum::compare::{Compared, Order, compare, human, kind, markdown, replay};
use habendum::findings::{github, sarif};
use habendum::pipeline;
use std::collections::BTreeSet;

const FORMATS: [&str; 5] = ["human", "json", "sarif", "markdown", "github"];

/// Compares two deals, or two texts of one.
pub fn run(a: &Diff) -> Result<Exit, String> {
    let outputs = output::parse(&a.output, &FORMATS, None)?;
    let wants = wants(&a.values, a.config_schedules)?;
    let order = Order {
        from: a.from.as_deref().map(|d| day("--from", d)).transpose()?,
        to: a.to.as_deref().map(|d| day("--to", d)).transpose()?,
        deny: denied(&a.deny)?,
        today: a.today.as_deref().map_or_else(|| Ok(today()), |d| day("--today", d))?,
    };
    let head = match (&a.head, order.from, order.to) {
        (Some(head), _, _) => head,
        (None, Some(_), Some(_)) => &a.base,
        (None, _, _) => {
            return Err("name a second deal, or two days of this one: --from DATE --to DATE".to_owned());
        }
    };
    let mut base = pipeline::open(&a.base, &wants).map_err(|e| e.to_string())?;
    let mut head = pipeline::open(head, &wants).map_err(|e| e.to_string())?;
    let mut c = match compare((&mut base, &wants), (&mut head, &wants), &order) {
        Ok(c) => c,
        Err(e) => return stop(e),
    };
    if !a.replay.is_empty() {
        let days = (order.from, order.to);
        match replay((&mut base, &wants), (&mut head, &wants), days, &a.replay) {
            Ok(r) => c.comparison.replay = Some(r),
            Err(e) => return stop(e),
        }
    }
    for o in &outputs {
        o.write(&match o.format.as_str() {
            "json" => serde_json::to_string_pretty(&c.comparison).map_err(|e| e.to_string())? + "\n",
            "sarif" => sarif(&c.findings),
            "github" => github(&c.findings),
            "markdown" => markdown(&c.comparison),
            _ => human(&c.comparison),
        })?;
    }
    Ok(exit(&c))
}

/// The kinds of change that fail the run; none where none was named, so that any change does.
fn denied(words: &[String]) -> Result<Option<BTreeSet<habendum::compare::ChangeKind>>, String> {
    if words.is_empty() {
        return Ok(None);
    }
    let mut out = BTreeSet::new();
    for w in words.iter().flat_map(|w| w.split(',')).map(str::trim).filter(|w| !w.is_empty() && *w != "none")
    {
        let all: Vec<&str> = habendum::compare::ChangeKind::ALL.iter().map(|k| k.word()).collect();
        out.insert(
            kind(w).ok_or_else(|| format!("--deny cannot be `{w}`; one of {}, or none", all.join(", ")))?,
        );
    }
    Ok(Some(out))
}

/// 1 where something denied changes; 3 where nothing does and equivalence is not proved.
fn exit(c: &Compared) -> Exit {
    if c.comparison.denied > 0 {
        Exit::Findings
    } else if !c.comparison.undecided.is_empty() {
        Exit::Inconclusive
    } else {
        Exit::Clean
    }
}
