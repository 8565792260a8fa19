//! The shortest history that reaches a goal, over a pool of field values and days.
//!
//! Data flow: [`Pool`] + interpreters at the first day -> histories of 0, 1, 2 ... events in date order, each judged by the
//! interpreter itself -> the first that the goal accepts, as a [`Witness`]. Invariant: what is returned was run; an event
//! that leaves nothing behind begins no longer history, for no later outcome can hang on it; [`Searched`] never claims more
//! than was tried.

pub(crate) mod combos;
mod lanes;
mod pair;
mod stroll;
mod walk;

pub use lanes::Translation;
pub use pair::{Pair, search_pair};

use crate::case::Case;
use crate::finding::Witness;
use crate::pool::Pool;
use habendum_model::value::ClauseId;
use habendum_norm::Interpreter;
use habendum_norm::outcome::{ClockOutcome, Outcome};
use lanes::{Lane, Lanes};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a run has said so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// Outcome of each row.
    pub rows: Vec<Outcome>,
    /// What time brought, in order.
    pub clock: Vec<ClockOutcome>,
}

/// How much to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Events of a history at most.
    pub depth: usize,
    /// Events judged at most.
    pub steps: u64,
    /// Histories that longer ones are built on, per length, at most.
    pub prefixes: usize,
    /// Combinations of the values of one event kind at most; beyond them, every pair of values still meets.
    pub combinations: usize,
    /// Long histories at random, once all short ones have been tried.
    pub strolls: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { depth: 4, steps: 400_000, prefixes: 1_500, combinations: 2_048, strolls: 0 }
    }
}

/// How much was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Every history of the pool up to the depth asked for was tried, those left out that leave nothing behind.
    pub exhaustive: bool,
    /// The greatest number of events for which that is so.
    pub depth: usize,
    /// Events judged and days looked at.
    pub steps: u64,
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The first history that the goal accepts; none where none was found.
    pub witness: Option<Witness>,
    /// How much was tried.
    pub searched: Searched,
}

/// What is looked for in the outcomes of one run.
pub type Goal<'g> = dyn FnMut(&[Outcome], &[ClockOutcome]) -> bool + 'g;

/// Searches the histories of a case over the pool of some clauses (all where none are named), open parameters at the values
/// that the case takes for them. The goal is asked after each event and after each day on which time brings something.
#[must_use]
pub fn search(
    case: &Case<'_>,
    slice: Option<&BTreeSet<ClauseId>>,
    goal: &mut Goal<'_>,
    budget: Budget,
) -> Found {
    let start = Witness::default();
    match case.start(&start.values) {
        Some(run) => {
            let pool = Pool::of(run.program(), slice);
            search_pool(&pool, run, start, goal, budget)
        }
        None => Found { witness: None, searched: Searched::default() },
    }
}

/// Searches over a pool, from an interpreter at the first day. `like` gives the values with which that interpreter was
/// made; the witness found has them too.
#[must_use]
pub fn search_pool(
    pool: &Pool,
    run: Interpreter,
    like: Witness,
    goal: &mut Goal<'_>,
    budget: Budget,
) -> Found {
    let lanes = Lanes(vec![Lane { run, words: None }]);
    let mut ask = |logs: &[Log]| logs.first().is_some_and(|l| goal(&l.rows, &l.clock));
    walk::walk(pool, lanes, &mut ask, budget).named(like)
}

/// Searches with several interpreters side by side: the first speaks the words of the pool, each other one has a
/// translation. The goal sees their logs in the same order.
#[must_use]
pub fn search_runs(
    pool: &Pool,
    first: Interpreter,
    others: Vec<(Interpreter, Arc<Translation>)>,
    goal: &mut dyn FnMut(&[Log]) -> bool,
    budget: Budget,
) -> Found {
    let mut lanes = vec![Lane { run: first, words: None }];
    lanes.extend(others.into_iter().map(|(run, words)| Lane { run, words: Some(words) }));
    walk::walk(pool, Lanes(lanes), goal, budget)
}

impl Found {
    /// The same with the values under which it was run.
    fn named(mut self, like: Witness) -> Self {
        if let Some(w) = &mut self.witness {
            w.values = like.values;
            w.shows = like.shows;
        }
        self
    }
}
