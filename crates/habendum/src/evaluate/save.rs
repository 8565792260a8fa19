//! The state of a run over a stream, kept between runs: what is in it, and whose it is.
//!
//! Invariant: a state is taken up only by a run of the same texts, figures and choices, which then makes of the rows that
//! follow, to the byte, what an unbroken run would have made.

use super::{Order, Run};
use crate::error::InputError;
use crate::event_read::{Position, RowFault};
use crate::pipeline::{Error, Prepared};
use crate::receipt::{Receipt, hex};
use crate::report::Collector;
use habendum_norm::run::Snapshot;
use habendum_stream::checkpoint;
use habendum_stream::gate::Gate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// What outlives a run.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved<'a> {
    /// Whose state it is.
    identity: String,
    /// How far the stream was read.
    pub position: Position,
    /// Persons met, in order.
    pub strangers: Vec<String>,
    runner: Snapshot<'a>,
    /// As JSON: its records leave fields out, which the other format cannot.
    collector: String,
    gate: Cow<'a, Gate>,
    pub counts: Counts,
    bad_shown: Vec<RowFault>,
    /// Length of each file that grows, outcomes first.
    pub lengths: Vec<(String, u64)>,
}

/// Rows that were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub bad: u64,
    pub late: u64,
    pub duplicates: u64,
}

/// What a run's results depend on beside its input: texts, figures, readings, and how rows are taken.
pub(super) fn identity(prepared: &Prepared, receipt: &Receipt, order: &Order) -> Result<String, InputError> {
    let texts: Vec<&str> = receipt.sources.iter().map(|s| s.sha256.as_str()).collect();
    let readings: Vec<(u32, &String)> = prepared.binding.readings.iter().map(|(c, r)| (c.0, r)).collect();
    let parameters: Vec<(&str, &str)> =
        receipt.parameters.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
    let reading = format!("{:?}", order.reading);
    let all = (
        &receipt.compiler,
        (texts, parameters, readings),
        (&receipt.known_as_of, &receipt.text_as_of, order.all_readings),
        (reading, &order.dedupe, order.dedupe_window),
    );
    let text = serde_json::to_vec(&all).map_err(|e| InputError::new(e.to_string()))?;
    Ok(hex(&Sha256::digest(text)))
}

/// The state in a file, where there is one; of this very deal, with these files of outcomes.
pub(super) fn load(
    path: &str,
    identity: &str,
    files: &[&String],
) -> Result<Option<Saved<'static>>, InputError> {
    let Some(saved) = checkpoint::load::<Saved<'static>>(path)? else { return Ok(None) };
    if saved.identity != identity {
        return Err(InputError::at(
            path,
            "is the state of another deal, or of the same with other texts, figures, readings or flags",
        )
        .help("a changed contract is computed anew from the first row: give another state file"));
    }
    if !saved.lengths.iter().map(|(f, _)| f).eq(files.iter().copied()) {
        let names: Vec<&str> = saved.lengths.iter().map(|(f, _)| f.as_str()).collect();
        return Err(InputError::at(
            path,
            format!("was saved with other files of outcomes: {}", names.join(", ")),
        )
        .help("give the same --out and quarantine files in the same order"));
    }
    Ok(Some(saved))
}

impl Run<'_> {
    /// Takes up what a state holds, save the position of the reader.
    pub(super) fn take_up(&mut self, path: &str, saved: Saved<'static>) -> Result<(), Error> {
        let other = || InputError::at(path, "is the state of another program");
        if !self.runner.restore(saved.runner) {
            return Err(other().into());
        }
        let gate = saved.gate.into_owned();
        self.gate = gate.resumed(self.gate.dedupe()).ok_or_else(other)?;
        self.collector = serde_json::from_str::<Collector>(&saved.collector)
            .map_err(|e| InputError::at(path, format!("is corrupt: {e}")))?;
        (self.counts, self.bad_shown) = (saved.counts, saved.bad_shown);
        Ok(())
    }

    /// Saves the state with the files of outcomes as they stand.
    pub(super) fn save(&mut self, path: &str, position: Position) -> Result<(), Error> {
        let mut lengths = Vec::new();
        for (w, name) in self.writers.iter_mut().zip(&self.order.out) {
            lengths.push((name.clone(), w.sync()?));
        }
        for q in &mut self.quarantines {
            lengths.push((q.path().to_owned(), q.sync()?));
        }
        self.engine.tell(&mut self.collector);
        self.engine.post(&mut self.runner, None).map_err(|e| super::at_deal(&e, self.opened))?;
        let Some(runner) = self.runner.snapshot() else {
            return Err(InputError::new("time could not run on, so that no state can be saved").into());
        };
        let collector = serde_json::to_string(&self.collector).map_err(|e| InputError::new(e.to_string()))?;
        let saved = Saved {
            identity: self.identity.clone(),
            position,
            strangers: self.prepared.names.strangers().iter().cloned().collect(),
            runner,
            collector,
            gate: Cow::Borrowed(&self.gate),
            counts: self.counts,
            bad_shown: self.bad_shown.clone(),
            lengths,
        };
        Ok(checkpoint::save(path, &saved)?)
    }
}
