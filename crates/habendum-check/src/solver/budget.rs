//! How long the SAT core may search: a count of its steps, so that the same query always ends the same way.
//!
//! Data flow: a limit -> [`Budget`], asked by the core at every step. Invariant: no clock is read.

use std::cell::Cell;

/// Steps left; the core stops when there are none.
pub(super) struct Budget {
    left: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { left: Cell::new(u64::MAX) }
    }
}

impl Budget {
    /// Starts a query with this many steps.
    pub(super) fn refill(&mut self, steps: u64) {
        self.left.set(steps);
    }

    /// Steps that were not used.
    pub(super) fn left(&self) -> u64 {
        self.left.get()
    }
}

impl batsat::Callbacks for Budget {
    fn stop(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }
}
