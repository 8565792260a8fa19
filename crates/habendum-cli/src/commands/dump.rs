//! `habendum dump` (hidden): the syntax trees of a deal and the values chosen for a run, as JSON for tools of our own.
//!
//! Invariant: nothing of the model or the norms is in it, so that the oracle judges them by the text alone.

use super::{stop, wants};
use crate::args::Dump;
use crate::term::{self, Exit};
use habendum::pipeline;
use serde_json::json;

/// Prints the trees.
pub fn run(a: &Dump) -> Result<Exit, String> {
    let wants = wants(&a.values, true)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    if let Err(e) = opened.sound() {
        return stop(e);
    }
    let choices = match opened.choices(&wants) {
        Ok(c) => c,
        Err(e) => return stop(e),
    };
    let schedules: Vec<&str> = choices.schedules.iter().map(|s| s.node.as_str()).collect();
    let sets: Vec<_> = choices.sets.iter().map(|(name, value, _)| json!([name.node, value])).collect();
    let tree = json!({ "files": opened.files, "schedules": schedules, "sets": sets });
    term::result(&format!("{tree}\n"))?;
    Ok(Exit::Clean)
}
