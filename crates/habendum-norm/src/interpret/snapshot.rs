//! The whole state of an interpreter as data, to be kept between runs.
//!
//! Invariant: an interpreter of the same program, once restored, makes of any later row what the saved one would have.

use super::Interpreter;
use super::state::State;
use crate::outcome::ClockOutcome;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What an interpreter has to remember. Borrowed where it is to be written, owned where it has been read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot<'a> {
    state: Cow<'a, State>,
    clock: Cow<'a, [ClockOutcome]>,
    over: bool,
}

impl Interpreter {
    /// The state at hand; none where time could not run on, so that nothing can be trusted.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot<'_>> {
        let whole = self.broken.is_none();
        whole.then(|| Snapshot {
            state: Cow::Borrowed(&self.state),
            clock: Cow::Borrowed(&self.clock),
            over: self.over,
        })
    }

    /// Takes a state that was saved under the same program; false, and nothing changes, where it cannot be one.
    #[must_use]
    pub fn restore(&mut self, snapshot: Snapshot<'_>) -> bool {
        let saved = snapshot.state.into_owned();
        let fits = saved.clauses.len() == self.state.clauses.len()
            && saved.norms.len() == self.state.norms.len()
            && saved.seen.len() == self.state.seen.len()
            && saved.registers.len() == self.state.registers.len()
            && saved.version.is_none_or(|v| v < self.plan.versions.len());
        let Some(measures) = saved.measures.like(&self.state.measures) else { return false };
        if fits {
            self.state = State { measures, ..saved };
            self.clock = snapshot.clock.into_owned();
            self.over = snapshot.over;
        }
        fits
    }
}
