//! Entering a version: what its text begins, ends, moves and drops.
//!
//! Invariant: state goes on with its clause; only `insert` and `restate` of what had ended start it anew.

use super::Interpreter;
use super::agenda::{Item, Stage};
use super::measures::{Key, Measures};
use super::plan::{Plan, PlanNorm, VersionPlan};
use super::state::{ClauseState, NormState, State};
use crate::ir::{Body, Opening, Program};
use crate::outcome::EvalError;
use jiff::civil::Date;
use std::collections::HashSet;
use std::sync::Arc;

impl State {
    /// The state before the first day.
    pub(super) fn new(program: &Program, plan: &Plan) -> Self {
        let mut state = State {
            today: Date::MIN,
            row: 0,
            version: None,
            clauses: vec![ClauseState::default(); program.symbols.clauses.len()],
            norms: vec![NormState::fresh(); plan.slots.len()],
            seen: vec![HashSet::new(); plan.tests.len()],
            registers: program.registers.iter().map(|r| r.initially.iter().cloned().collect()).collect(),
            measures: Measures::new(Arc::clone(&plan.shapes)),
            holders: Vec::new(),
            reliefs: Vec::new(),
            agenda: super::agenda::Agenda::default(),
            next_obligation: 0,
            sums_moved: false,
        };
        for (i, v) in plan.versions.iter().enumerate() {
            state.agenda.put(v.from, Stage::Version, 0, Vec::new(), Item::Version(i));
        }
        state
    }
}

impl Interpreter {
    /// A version comes into force.
    pub(super) fn enter(&mut self, index: usize, day: Date) -> Result<(), EvalError> {
        let plan = Arc::clone(&self.plan);
        let program = Arc::clone(&self.program);
        let Some(version) = plan.versions.get(index) else { return Ok(()) };
        let before = self.state.version.replace(index);
        let source = &program.versions[index];
        let old = before.map(|b| program.versions[b].forfeited.as_slice()).unwrap_or_default();
        for clause in source.forfeited.iter().filter(|c| !old.contains(c)) {
            for n in version.norms.iter().filter(|n| n.norm.id.clause == *clause) {
                self.state.norms[n.slot].duties.clear();
                self.forfeit(n, day)?;
            }
        }
        if let Some(old) = before.and_then(|b| plan.versions.get(b)) {
            self.drop_what_is_of_another_kind(old, version);
            self.save_for_former_persons(old, version);
        }
        let mut anew = Vec::new();
        for n in &version.norms {
            if n.ghost {
                self.state.norms[n.slot].since = None;
            } else if self.starts_anew(&program, index, n) {
                anew.push(n.slot);
            }
        }
        for slot in anew {
            self.start(&plan, slot, day);
        }
        for n in version.norms.iter().filter(|n| !n.ghost) {
            self.carry_on(n, day);
        }
        // A level that the past has reached ends its sentence from the start: asked as soon as the text stands.
        self.state.sums_moved = true;
        Ok(())
    }

    /// Where a text keeps a clause apart by other fields than before, what time served under the old ones is none of its
    /// instances; where it makes a recurring duty of one with a day, what opened for the day has opened for no period.
    fn drop_what_is_of_another_kind(&mut self, old: &VersionPlan, new: &VersionPlan) {
        let recurs = |n: &PlanNorm| match &n.norm.body {
            Body::Duty(d) => matches!(d.opening, Opening::Each(_) | Opening::AfterEach(..)),
            Body::Rule(_)
            | Body::Keep(_)
            | Body::Payment(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => false,
        };
        for n in new.norms.iter().filter(|n| !n.ghost) {
            let Some(before) = old.by_slot[n.slot].map(|i| &old.norms[i]) else { continue };
            if before.key_names != n.key_names {
                let ns = &mut self.state.norms[n.slot];
                ns.instances.clear();
                ns.named.clear();
                ns.ended_keys.clear();
            }
            if recurs(before) != recurs(n) {
                self.state.norms[n.slot].opened.clear();
            }
        }
    }

    /// A sentence that was not in the text, or one that had ended and that this version's amendments put in or restate.
    fn starts_anew(&self, program: &Program, index: usize, n: &PlanNorm) -> bool {
        let ns = &self.state.norms[n.slot];
        if ns.since.is_none() {
            return true;
        }
        let over = ns.ended || self.state.clauses[n.norm.id.clause.ix()].ended;
        let older =
            index.checked_sub(1).map(|i| program.versions[i].amendments.as_slice()).unwrap_or_default();
        over && n
            .norm
            .provenance
            .iter()
            .any(|p| !older.contains(&p.amendment) && matches!(p.how, "inserted" | "restated"))
    }

    /// Starts the state of a sentence anew. What is open and what has accrued lives on.
    fn start(&mut self, plan: &Plan, slot: usize, day: Date) {
        let clause = plan.slots[slot].clause;
        let c = &mut self.state.clauses[clause.ix()];
        if c.ended {
            c.ended = false;
            c.suspensions.retain(|s| s.until.is_some());
        }
        for (id, t) in plan.tests.iter().enumerate() {
            if t.slot == slot && t.until {
                self.state.seen[id].clear();
            }
        }
        let old = std::mem::replace(&mut self.state.norms[slot], NormState::fresh());
        let ns = &mut self.state.norms[slot];
        ns.since = Some(day);
        ns.term_start = day;
        ns.duties = old.duties;
        ns.pay = old.pay;
        for account in ns.pay.values_mut() {
            account.counts = plan.fresh(slot);
        }
    }

    /// Brings a sentence to the version's words: its term, what past events have ended, its instances.
    fn carry_on(&mut self, n: &PlanNorm, day: Date) {
        let seen = &self.state.seen;
        let plan = Arc::clone(&self.plan);
        let over = n.until.iter().any(|id| plan.tests[*id].test.same.is_empty() && !seen[*id].is_empty());
        let first = n.first_day.unwrap_or(day).max(day);
        let ns = &mut self.state.norms[n.slot];
        if ns.renewals == 0 && ns.term_start <= day {
            ns.term_start = n.first_day.unwrap_or(ns.term_start).max(ns.since.unwrap_or(day));
        }
        if over && n.key_names.is_empty() {
            ns.ended = true;
        }
        if ns.written_last != n.last_day {
            ns.written_last = n.last_day;
            ns.last_day = super::earlier(n.last_day, ns.outlasts);
            if let Some(last) = ns.last_day.filter(|_| !ns.ended) {
                if last < day {
                    ns.ended = true;
                } else {
                    self.state.agenda.put(last, Stage::Term, n.slot, Vec::new(), Item::TermEnd);
                }
            }
        }
        for key in self.instances_of(n) {
            self.begin_instance(n, key, first);
        }
    }

    /// The instances that time has to serve: one without a key; every row of the clause's table; those that events named.
    fn instances_of(&self, n: &PlanNorm) -> Vec<Key> {
        if n.key_names.is_empty() {
            return vec![Vec::new()];
        }
        let mut keys: Vec<Key> = self.state.norms[n.slot].instances.keys().cloned().collect();
        let table = n.norm.key.as_ref().and_then(|k| k.table);
        if let Some((_, info)) = table.and_then(|t| self.program.symbols.tables.get_index(t.ix()))
            && n.key_names.len() == 1
        {
            keys.extend(info.rows.keys().map(|k| vec![k.clone()]));
            keys.sort();
            keys.dedup();
        }
        keys
    }

    /// Files what time has to do for an instance. Filing twice is harmless.
    pub(super) fn begin_instance(&mut self, n: &PlanNorm, key: Key, day: Date) {
        let first = n.first_day.unwrap_or(day).max(day);
        let known = self.state.norms[n.slot].instances.contains_key(&key);
        match &n.norm.body {
            Body::Duty(d) => match &d.opening {
                Opening::By(date) => match (self.state.norms[n.slot].opened.get(&key), date.fixed()) {
                    (Some(_), Some(moved)) => self.move_deadline(n.slot, &key, moved),
                    _ => self.state.agenda.put(first, Stage::Open, n.slot, key.clone(), Item::OpenDuty),
                },
                // Whoever takes the entry sees whether this has opened before.
                Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline => {
                    self.state.agenda.put(first, Stage::Open, n.slot, key.clone(), Item::OpenDuty);
                }
                Opening::Within { .. } | Opening::OnBreach(_) => {}
            },
            Body::Payment(_) => self.begin_payment(n, &key, first, known),
            Body::Rule(_)
            | Body::Keep(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => {}
        }
        self.state.norms[n.slot].instances.entry(key).or_insert(first);
    }

    /// An amendment has moved the day by which open obligations fall due.
    fn move_deadline(&mut self, slot: usize, key: &Key, deadline: Date) {
        let mut moved = Vec::new();
        if let Some(all) = self.state.norms[slot].duties.get_mut(key) {
            for o in all.iter_mut().filter(|o| !o.lapsed && o.deadline != Some(deadline)) {
                o.deadline = Some(deadline);
                moved.push(o.id);
            }
        }
        for id in moved {
            self.state.agenda.put(deadline, Stage::Deadline, slot, key.clone(), Item::Deadline(id));
        }
    }
}
