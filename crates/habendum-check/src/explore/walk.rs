//! The walk: level by level, one more event each, over states that differ.
//!
//! Invariant: histories are tried in order of length, then day, then simplicity; a level is left unfinished only where the
//! budget says so, and then [`Searched`] says so.

use super::combos::{Combos, combos};
use super::lanes::Lanes;
use super::{Budget, Found, Log, Searched};
use crate::finding::Witness;
use crate::pool::Pool;
use habendum_model::date::{add, period_of, plus_days};
use habendum_norm::event::Event;
use habendum_syntax::ast::MonthRounding;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Days that time is known to bring, of which so many are tried after a history.
const COMING: usize = 6;
/// States of one history and day among which equal ones are looked for.
const TWINS: usize = 48;

/// A history that longer ones are built on.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) lanes: Lanes,
    pub(super) logs: Vec<Log>,
    pub(super) events: Vec<Event>,
    /// Kinds and combinations of its events: histories alike but for their days share it.
    shape: Vec<(usize, usize)>,
}

pub(super) struct Walk<'a> {
    pub(super) pool: &'a Pool,
    combos: Vec<Combos>,
    pub(super) goal: &'a mut dyn FnMut(&[Log]) -> bool,
    budget: Budget,
    pub(super) steps: u64,
    /// Steps at which the level at hand is broken off.
    until: u64,
    /// Something of the level at hand was left out.
    cut: bool,
}

pub(super) fn walk(pool: &Pool, lanes: Lanes, goal: &mut dyn FnMut(&[Log]) -> bool, budget: Budget) -> Found {
    let sizes = |k: &crate::pool::KindPool| k.fields.iter().map(Vec::len).collect::<Vec<_>>();
    let combos: Vec<Combos> = pool.kinds.iter().map(|k| combos(&sizes(k), budget.combinations)).collect();
    let whole = !pool.thinned && combos.iter().all(|c| c.full);
    let mut walk = Walk { pool, combos, goal, budget, steps: 0, until: budget.steps, cut: false };
    let logs = vec![Log::default(); lanes.0.len()];
    let root = Node { lanes, logs, events: Vec::new(), shape: Vec::new() };
    let mut searched = Searched { exhaustive: whole, depth: 0, steps: 0 };
    let mut witness = walk.time(&root);
    let mut level = vec![root.clone()];
    for depth in 1..=budget.depth {
        if witness.is_some() || level.is_empty() {
            break;
        }
        let left = budget.steps.saturating_sub(walk.steps);
        walk.until = walk.steps + if depth == budget.depth { left } else { left.div_ceil(2) };
        let mut next = Vec::new();
        witness = walk.level(&level, &mut next);
        walk.spread(&mut next);
        if witness.is_none() {
            // What time brings after the last event is looked at even where the level was broken off.
            walk.until = budget.steps;
            witness = next.iter().find_map(|n| walk.time(n));
        }
        searched.exhaustive &= !walk.cut && witness.is_none();
        if searched.exhaustive {
            searched.depth = depth;
        }
        level = next;
    }
    if searched.exhaustive && witness.is_none() {
        // No longer history differs from those tried.
        searched.depth = budget.depth;
    }
    if witness.is_none() && !searched.exhaustive {
        walk.until = u64::MAX;
        witness = walk.strolls(&root, budget.strolls);
    }
    searched.steps = walk.steps;
    Found { witness, searched }
}

impl Walk<'_> {
    /// All histories one event longer than those of a level; those that leave something behind go to `next`.
    fn level(&mut self, level: &[Node], next: &mut Vec<Node>) -> Option<Witness> {
        for node in level {
            for day in self.days(node) {
                if self.steps >= self.until {
                    self.cut = true;
                    return None;
                }
                let mut logs = node.logs.clone();
                let mut base = node.lanes.clone();
                if !base.advance(day, &mut logs) {
                    continue;
                }
                if let Some(w) = self.day(node, &base, &mut logs, day, next) {
                    return Some(w);
                }
            }
        }
        None
    }

    /// All events of a day after a history.
    fn day(
        &mut self,
        node: &Node,
        base: &Lanes,
        logs: &mut [Log],
        day: Date,
        next: &mut Vec<Node>,
    ) -> Option<Witness> {
        let first = next.len();
        let mut run = base.clone();
        for (k, kind) in self.pool.kinds.iter().enumerate() {
            for c in 0..self.combos[k].rows.len() {
                let row = &self.combos[k].rows[c];
                let fields = kind.fields.iter().zip(row).filter_map(|(all, i)| all.get(*i));
                let e = Event {
                    row: node.events.len() as u64 + 1,
                    date: day,
                    instant: None,
                    kind: kind.kind,
                    fields: fields.map(|s| s.on(day)).collect(),
                };
                self.steps += 1;
                if !run.step(&e, logs) {
                    run = base.clone();
                    continue;
                }
                if (self.goal)(logs) {
                    return Some(witness(node.events.iter().cloned().chain([e]).collect(), None));
                }
                if !run.is_unmoved_from(base) {
                    self.keep(node, &run, logs, &e, (k, c), first, next);
                    run = base.clone();
                }
                for log in logs.iter_mut() {
                    log.rows.pop();
                }
            }
        }
        None
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one node")]
    fn keep(
        &mut self,
        node: &Node,
        run: &Lanes,
        logs: &[Log],
        e: &Event,
        shape: (usize, usize),
        first: usize,
        next: &mut Vec<Node>,
    ) {
        if next[first..].iter().rev().take(TWINS).any(|n| run.is_unmoved_from(&n.lanes)) {
            return;
        }
        if next.len() >= 4 * self.budget.prefixes {
            self.cut = true;
            return;
        }
        let mut events = node.events.clone();
        events.push(e.clone());
        let mut shapes = node.shape.clone();
        shapes.push(shape);
        next.push(Node { lanes: run.clone(), logs: logs.to_vec(), events, shape: shapes });
    }

    /// What time alone brings after a history.
    pub(super) fn time(&mut self, node: &Node) -> Option<Witness> {
        if self.steps >= self.until {
            self.cut = true;
            return None;
        }
        let mut lanes = node.lanes.clone();
        let mut later = vec![Log::default(); node.logs.len()];
        lanes.close(self.pool.horizon, &mut later);
        let mut logs = node.logs.clone();
        let mut at = vec![0; logs.len()];
        self.steps += 1;
        loop {
            let day = later.iter().zip(&at).filter_map(|(l, i)| l.clock.get(*i)).map(|c| c.date).min()?;
            for ((log, later), i) in logs.iter_mut().zip(&later).zip(&mut at) {
                while let Some(c) = later.clock.get(*i).filter(|c| c.date <= day) {
                    log.clock.push(c.clone());
                    *i += 1;
                }
            }
            self.steps += 1;
            if (self.goal)(&logs) {
                return Some(witness(node.events.clone(), Some(day)));
            }
        }
    }

    /// The days on which a history may go on.
    pub(super) fn days(&self, node: &Node) -> BTreeSet<Date> {
        let mut out: BTreeSet<Date> = self.pool.days.iter().copied().collect();
        out.extend(node.lanes.coming(COMING));
        if let Some(lane) = node.lanes.0.first()
            && let Some(last) = node.events.last()
        {
            let reckoning = &lane.run.program().reckoning;
            out.insert(last.date);
            for l in &self.pool.lengths {
                if let Ok(d) = add(last.date, *l, reckoning, Some(MonthRounding::Down)) {
                    out.extend([-1, 0, 1].iter().filter_map(|n| plus_days(d, *n).ok()));
                }
            }
            for p in &self.pool.periods {
                if let Ok(Some((_, end))) = period_of(last.date, *p, reckoning) {
                    out.extend(plus_days(end, 1));
                }
            }
        }
        let first = node.events.last().map_or(Date::MIN, |e| e.date);
        out.retain(|d| first <= *d && *d <= self.pool.horizon);
        out
    }

    /// Puts histories of every shape first, and drops what is beyond the budget.
    fn spread(&mut self, next: &mut Vec<Node>) {
        let mut count: BTreeMap<Vec<(usize, usize)>, usize> = BTreeMap::new();
        let mut ranked: Vec<(usize, Node)> = Vec::with_capacity(next.len());
        for n in next.drain(..) {
            let rank = count.entry(n.shape.clone()).or_default();
            ranked.push((*rank, n));
            *rank += 1;
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        self.cut |= ranked.len() > self.budget.prefixes;
        next.extend(ranked.into_iter().take(self.budget.prefixes).map(|(_, n)| n));
    }
}

pub(super) fn witness(events: Vec<Event>, clock: Option<Date>) -> Witness {
    Witness { events, clock, ..Witness::default() }
}
