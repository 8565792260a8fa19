//! Applying what an event changes, and telling it as an outcome. Nothing here can fail but the filing of amounts.

use super::Interpreter;
use super::agenda::{Item, Stage};
use super::changes::Changes;
use super::duty::DutyMove;
use super::measures::{Key, project};
use super::plan::{PlanNorm, VersionPlan};
use super::power::{Act, Exercise};
use super::reach::Moved;
use super::relief::ReliefChange;
use super::state::{ActiveRelief, Obligation, PowerSuspension};
use crate::event::Event;
use crate::ir::NormId;
use crate::outcome::{DutyChange, Effect, EvalError, Outcome};
use habendum_model::date::plus_days;
use habendum_model::value::Exact;
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;

impl Interpreter {
    pub(super) fn apply(
        &mut self,
        version: &VersionPlan,
        e: &Event,
        c: Changes,
    ) -> Result<Outcome, EvalError> {
        let mut out = super::silent(e);
        out.verdict = c.judged.verdict.unwrap_or(Verdict::Silent);
        out.deciding = c.judged.deciding;
        out.reason = c.judged.reason;
        self.state.row = e.row;
        let moves = !c.reliefs.is_empty()
            || !c.members.is_empty()
            || !c.powers.is_empty()
            || !c.seen.is_empty()
            || c.judged.holder.is_some();
        self.standing += u64::from(moves);
        for m in c.duties {
            self.move_duty(version, m, &mut out);
        }
        for r in c.reliefs {
            self.change_relief(version, e, r, &mut out);
        }
        for p in c.payments {
            let told = self.post(version, p, e.date)?;
            out.accruals.extend(told);
        }
        for p in &c.paid {
            let interest = self.settle(version, p, e.date)?;
            out.accruals.extend(interest);
        }
        for (r, adds, member) in c.members {
            let name = self.program.symbols.registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str());
            let who = crate::eval::show(&self.program.symbols, &member);
            let members = &mut self.state.registers[r.ix()];
            if if adds { members.insert(member) } else { members.remove(&member) } {
                let verb = if adds { "joined" } else { "left" };
                out.effects.push(Effect { text: format!("{who} {verb} {name}"), norm: None });
            }
        }
        for (m, key, n) in c.sums {
            // Probed before: it fits.
            self.state.sums_moved |= self.state.measures.add(m, key, e.date, n).is_ok();
        }
        if let Some(h) = c.judged.holder {
            let clause = self.program.symbols.clause_name(h.license.clause);
            let who = crate::eval::person(&self.program.symbols, h.person);
            let text = format!("{who} holds a sublicense under {clause}");
            out.effects.push(Effect { text, norm: Some(h.license) });
            self.state.holders.push(h);
        }
        for (i, key) in c.judged.breached {
            self.count_breach(&version.norms[i], &key, e.date);
        }
        for x in c.powers {
            self.exercise(version, x, e.date, &mut out.effects);
        }
        for (i, key) in c.instances {
            self.begin_instance(&version.norms[i], key, e.date);
        }
        for (id, key, ends) in c.seen {
            self.saw(version, id, key, ends, &mut out.effects);
        }
        self.name(version, c.named, &mut out.effects);
        self.reach(version, Moved::Row, &mut out.effects)?;
        Ok(out)
    }

    /// Opens an obligation and files its deadline.
    pub(super) fn open(&mut self, slot: usize, key: Key, mut o: Obligation) -> u64 {
        self.state.next_obligation += 1;
        o.id = self.state.next_obligation;
        if let Some(d) = o.deadline {
            self.state.agenda.put(d, Stage::Deadline, slot, key.clone(), Item::Deadline(o.id));
        }
        let id = o.id;
        self.state.norms[slot].duties.entry(key).or_default().push(o);
        id
    }

    /// Drops an obligation, or keeps what is left of it.
    fn reduce(&mut self, slot: usize, key: &Key, id: u64, left: Option<Exact>) -> bool {
        let done = left.is_none_or(|l| l.is_zero() || l.is_negative());
        let duties = &mut self.state.norms[slot].duties;
        if let Some(all) = duties.get_mut(key) {
            if done {
                all.retain(|o| o.id != id);
            } else if let Some(o) = all.iter_mut().find(|o| o.id == id) {
                o.left = left;
            }
            if all.is_empty() {
                duties.remove(key);
            }
        }
        done
    }

    fn move_duty(&mut self, version: &VersionPlan, m: DutyMove, out: &mut Outcome) {
        let (norm, key, obligation, what, deadline) = match m {
            DutyMove::Performs { norm, key, id, left } => {
                let n = &version.norms[norm];
                let deadline = self.deadline_of(version, n, &key, id);
                if !self.reduce(n.slot, &key, id, left) {
                    let name = self.program.symbols.clause_name(n.norm.id.clause);
                    let rest = left.map(|l| l.to_string()).unwrap_or_default();
                    let text = format!("{name}: {rest} left to be done");
                    out.effects.push(Effect { text, norm: Some(n.norm.id) });
                    return;
                }
                (norm, key, id, DutyEvent::Discharged, deadline)
            }
            DutyMove::Late { norm, key, id, left } => {
                let n = &version.norms[norm];
                let deadline = self.deadline_of(version, n, &key, id);
                if !self.reduce(n.slot, &key, id, left) {
                    return;
                }
                (norm, key, id, DutyEvent::Excused, deadline)
            }
            DutyMove::Opens { norm, key, obligation } => {
                let deadline = obligation.deadline;
                let id = self.open(version.norms[norm].slot, key.clone(), obligation);
                (norm, key, id, DutyEvent::Triggered, deadline)
            }
        };
        out.duties.push(DutyChange { norm: version.norms[norm].norm.id, key, obligation, what, deadline });
    }

    fn deadline_of(&self, version: &VersionPlan, n: &PlanNorm, key: &Key, id: u64) -> Option<Date> {
        let o = self.state.norms[n.slot].duties.get(key)?.iter().find(|o| o.id == id)?;
        super::duty::deadline(&self.view(version), n, key, o)
    }

    fn change_relief(&mut self, version: &VersionPlan, e: &Event, r: ReliefChange, out: &mut Outcome) {
        let name = |s: &Self, id: NormId| s.program.symbols.clause_name(id.clause).to_owned();
        match r {
            ReliefChange::Begins(i, through) => {
                let n = &version.norms[i];
                if let Some(d) = through {
                    let item = Item::ReliefEnd(self.state.reliefs.len());
                    self.state.agenda.put(d, Stage::Powers, n.slot, Vec::new(), item);
                }
                self.state.reliefs.push(ActiveRelief {
                    norm: n.norm.id,
                    slot: n.slot,
                    from: e.date,
                    through,
                    cause: e.fields.clone(),
                    over: false,
                });
                let text = format!("relief under {} begins", name(self, n.norm.id));
                out.effects.push(Effect { text, norm: Some(n.norm.id) });
            }
            ReliefChange::Ends(i) => {
                if let Some(r) = self.state.reliefs.get_mut(i) {
                    r.over = true;
                    r.through = Some(e.date);
                    let id = r.norm;
                    let text = format!("relief under {} ends", name(self, id));
                    out.effects.push(Effect { text, norm: Some(id) });
                }
            }
            ReliefChange::Moves { by, slot, key, id, deadline } => {
                let all = self.state.norms[slot].duties.get_mut(&key);
                if let Some(o) = all.and_then(|a| a.iter_mut().find(|o| o.id == id)) {
                    o.deadline = Some(deadline);
                    self.state.agenda.put(deadline, Stage::Deadline, slot, key, Item::Deadline(id));
                    let duty = name(self, self.plan.slots[slot]);
                    let text = format!("the deadline of {duty} (obligation {id}) moves to {deadline}");
                    out.effects.push(Effect { text, norm: Some(version.norms[by].norm.id) });
                }
            }
        }
    }

    /// Adds to the sums of a clause's breaches.
    pub(super) fn count_breach(&mut self, n: &PlanNorm, key: &Key, day: Date) {
        let plan = std::sync::Arc::clone(&self.plan);
        for m in plan.breach_feeds.get(&n.norm.id.clause).map_or(&[][..], Vec::as_slice) {
            let wanted = &plan.shapes[m.ix()].key;
            let key = project(wanted, &n.key_names, key);
            self.state.sums_moved |= self.state.measures.add(*m, key, day, Exact::ONE).is_ok();
        }
    }

    fn exercise(&mut self, version: &VersionPlan, x: Exercise, day: Date, effects: &mut Vec<Effect>) {
        let n = &version.norms[x.norm];
        match x.at {
            Some(at) => {
                let item = Item::Power { by: x.by, to: x.to };
                self.state.agenda.put(at, Stage::Powers, n.slot, Vec::new(), item);
                let name = self.program.symbols.clause_name(n.norm.id.clause);
                let text = format!("{name} exercised, taking effect at the end of {at}");
                effects.push(Effect { text, norm: Some(n.norm.id) });
            }
            None => self.act(n.norm.id, x.does, day, effects),
        }
    }

    /// Does what a power does.
    pub(super) fn act(&mut self, by: NormId, does: Vec<(Act, String)>, day: Date, effects: &mut Vec<Effect>) {
        for (act, text) in does {
            match act {
                Act::End(c) => {
                    let plan = std::sync::Arc::clone(&self.plan);
                    for (slot, _) in plan.slots.iter().enumerate().filter(|(_, id)| id.clause == c) {
                        self.cut(slot, None);
                    }
                    self.state.clauses[c.ix()].ended = true;
                }
                Act::Suspend(c, clocks_stop) => {
                    let all = &mut self.state.clauses[c.ix()].suspensions;
                    all.push(PowerSuspension { since: day, until: None, clocks_stop });
                }
                Act::Resume(c) => {
                    let all = &mut self.state.clauses[c.ix()].suspensions;
                    all.iter_mut().filter(|s| s.until.is_none()).for_each(|s| s.until = Some(day));
                }
                Act::Outlasts(slot, d) => self.outlasts(slot, d, day),
                Act::MoveEnd(slot, d) => {
                    let d = self.state.norms[slot].outlasts.map_or(d, |o| o.min(d));
                    self.state.norms[slot].last_day = Some(d);
                    self.state.agenda.put(d, Stage::Term, slot, Vec::new(), Item::TermEnd);
                    if let Ok(next) = plus_days(day, 1) {
                        self.open_anew(slot, next);
                    }
                }
                Act::Assign(c, from, to) => {
                    let moved = &mut self.state.clauses[c.ix()].stands_for;
                    moved.retain(|(text, _)| *text != from);
                    moved.push((from, to));
                }
                Act::Nothing => {}
            }
            if !effects.iter().any(|x| x.text == text) {
                effects.push(Effect { text, norm: Some(by) });
            }
        }
    }

    /// A sentence that has survived a termination ends on a day, if nothing ends it before.
    fn outlasts(&mut self, slot: usize, last: Date, day: Date) {
        let plan = std::sync::Arc::clone(&self.plan);
        let ns = &mut self.state.norms[slot];
        ns.outlasts = Some(last);
        if ns.last_day.is_some_and(|d| d <= last) {
            return;
        }
        ns.last_day = Some(last);
        self.state.agenda.put(last, Stage::Term, slot, Vec::new(), Item::TermEnd);
        let version = self.state.version.and_then(|v| plan.versions.get(v));
        let Some(n) = version.and_then(|v| v.by_slot[slot].map(|i| &v.norms[i])) else { return };
        // The period that this cuts is closed on the new last day.
        if let (crate::ir::Body::Payment(_), Ok(next)) = (&n.norm.body, plus_days(day, 1)) {
            for key in self.state.norms[slot].instances.clone().into_keys() {
                self.begin_payment(n, &key, next, true);
            }
        }
    }

    /// Remembers a match of a test, and ends what it ends.
    fn saw(
        &mut self,
        version: &VersionPlan,
        id: usize,
        key: Key,
        ends: Option<Key>,
        effects: &mut Vec<Effect>,
    ) {
        let plan = std::sync::Arc::clone(&self.plan);
        let t = &plan.tests[id];
        let whole = t.test.same.is_empty();
        self.state.seen[id].insert(key);
        let Some(n) = version.by_slot[t.slot].map(|i| &version.norms[i]) else { return };
        if !t.until || !whole || n.ghost || !n.until.contains(&id) {
            return;
        }
        self.cut(t.slot, ends.as_ref());
        let ns = &mut self.state.norms[t.slot];
        let news = match ends {
            Some(k) => ns.ended_keys.insert(k),
            None => !std::mem::replace(&mut ns.ended, true),
        };
        if news {
            self.tell_end(n.norm.id, effects);
        }
    }

    /// Tells once that a clause has ended.
    pub(super) fn tell_end(&self, id: NormId, effects: &mut Vec<Effect>) {
        let text = format!("{} ended", self.program.symbols.clause_name(id.clause));
        if !effects.iter().any(|x| x.text == text) {
            effects.push(Effect { text, norm: Some(id) });
        }
    }
}
