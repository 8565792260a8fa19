//! The reading side: what is in force, for whom, and the scene in which an expression is asked. Changes nothing.

use super::measures::Key;
use super::plan::{Plan, PlanNorm, VersionPlan};
use super::state::{PowerSuspension, State};
use crate::eval::{Scene, truth};
use crate::event::Event;
use crate::ir::{Exception, NormId, Program, Who};
use crate::outcome::EvalError;
use habendum_model::expr::{Expr, WhoMember};
use habendum_model::value::{ClauseId, FieldId, PartyId, Value};
use jiff::civil::Date;

/// A version, the state, and the day at hand.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The program.
    pub program: &'a Program,
    /// Its index.
    pub plan: &'a Plan,
    /// The version in force.
    pub version: &'a VersionPlan,
    /// The state before the row.
    pub state: &'a State,
    /// The day at hand.
    pub today: Date,
    /// Steps of amounts are noted, for an explanation.
    pub explain: bool,
    /// Instances that the row at hand is the first to name, and that a sum had ended before it: by slot.
    pub spent: &'a [(usize, Key)],
}

impl<'a> View<'a> {
    /// The scene of a norm without an event.
    pub(crate) fn scene<'b>(&self, n: &'b PlanNorm, key: &'b [Value]) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene {
            symbols: &self.program.symbols,
            reckoning: &self.program.reckoning,
            fields: &[],
            trigger: &[],
            today: self.today,
            params: &self.version.params,
            key,
            key_fields: &n.key_names,
            term_start: self.state.norms[n.slot].term_start,
            measures: &self.state.measures,
            registers: &self.state.registers,
        }
    }

    /// The scene of a norm with an event at hand.
    pub(crate) fn at<'b>(&self, n: &'b PlanNorm, key: &'b [Value], e: &'b Event) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene { fields: &e.fields, ..self.scene(n, key) }
    }

    /// The scene of no norm (totals, registers, tests).
    pub(crate) fn bare<'b>(&self, e: &'b Event) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene {
            symbols: &self.program.symbols,
            reckoning: &self.program.reckoning,
            fields: &e.fields,
            trigger: &[],
            today: self.today,
            params: &self.version.params,
            key: &[],
            key_fields: &[],
            term_start: Date::MIN,
            measures: &self.state.measures,
            registers: &self.state.registers,
        }
    }

    /// The norm of a slot in this version, ghosts included.
    pub(crate) fn norm(&self, slot: usize) -> Option<&'a PlanNorm> {
        self.version.by_slot.get(slot).copied().flatten().map(|i| &self.version.norms[i])
    }

    /// The norm of an id in this version, ghosts included.
    pub(crate) fn norm_of(&self, id: NormId) -> Option<&'a PlanNorm> {
        self.version.norms.iter().find(|n| n.norm.id == id)
    }

    /// Whether the text stands and its term runs on a day: everything but suspension and `while`.
    pub(crate) fn stands(&self, n: &PlanNorm, key: &[Value], day: Date) -> bool {
        let ns = &self.state.norms[n.slot];
        let clause = &self.state.clauses[n.norm.id.clause.ix()];
        !n.ghost
            && ns.since.is_some_and(|d| d <= day)
            && !ns.ended
            && !clause.ended
            && n.first_day.is_none_or(|d| d <= day)
            && ns.last_day.is_none_or(|d| day <= d)
            && (ns.ended_keys.is_empty() || !ns.ended_keys.contains(key))
            && !self.spent.iter().any(|(slot, k)| *slot == n.slot && k == key)
    }

    /// Whether a payment is in force on a day that is over: what ended it that day leaves the day to it.
    pub(crate) fn in_force_on_day(&self, n: &PlanNorm, key: &[Value]) -> Result<bool, EvalError> {
        if self.suspended(n, self.today, false) {
            return Ok(false);
        }
        self.stood_on_day(n, key)
    }

    /// Whether a payment is in force on a day that is over, or would be but for a suspension.
    pub(crate) fn stood_on_day(&self, n: &PlanNorm, key: &[Value]) -> Result<bool, EvalError> {
        let ns = &self.state.norms[n.slot];
        let today = self.today;
        let cut = ns.cut.get(key) == Some(&today) && !n.ghost && ns.last_day.is_none_or(|d| today <= d);
        if !(cut || self.stands(n, key, today)) {
            return Ok(false);
        }
        match &n.norm.term.holds_while {
            Some(c) => truth(c, &self.scene(n, key)),
            None => Ok(true),
        }
    }

    /// Whether a suspension holds on a day; with `clocks_only`, one that stops clocks.
    pub(crate) fn suspended(&self, n: &PlanNorm, day: Date, clocks_only: bool) -> bool {
        let by_power = &self.state.clauses[n.norm.id.clause.ix()].suspensions;
        let holds = |s: &PowerSuspension| s.since <= day && s.until.is_none_or(|d| day < d);
        by_power.iter().any(|s| holds(s) && (!clocks_only || s.clocks_stop))
            || self.suspended_by_text(n, day, clocks_only)
    }

    /// Whether an amendment's suspension holds on a day; with `clocks_only`, one that stops clocks.
    pub(crate) fn suspended_by_text(&self, n: &PlanNorm, day: Date, clocks_only: bool) -> bool {
        n.norm.term.suspensions.iter().any(|s| {
            (!clocks_only || s.clocks_stop)
                && s.from.fixed().is_some_and(|d| d <= day)
                && s.through.as_ref().is_none_or(|t| t.fixed().is_none_or(|d| day <= d))
        })
    }

    /// Whether any suspension is known, at work or over.
    pub(crate) fn ever_suspended(&self, n: &PlanNorm) -> bool {
        !n.norm.term.suspensions.is_empty()
            || !self.state.clauses[n.norm.id.clause.ix()].suspensions.is_empty()
    }

    /// Whether a norm is in force today for an instance.
    pub(crate) fn in_force(&self, n: &PlanNorm, key: &[Value]) -> Result<bool, EvalError> {
        if !self.stands(n, key, self.today) || self.suspended(n, self.today, false) {
            return Ok(false);
        }
        match &n.norm.term.holds_while {
            Some(c) => truth(c, &self.scene(n, key)),
            None => Ok(true),
        }
    }

    /// Whether a norm is in force for an event: also not ended for what the event shares with an ending one.
    pub(crate) fn in_force_at(&self, n: &PlanNorm, key: &[Value], e: &Event) -> Result<bool, EvalError> {
        for id in &n.until {
            let same = &self.plan.tests[*id].test.same;
            if !same.is_empty() {
                let shared: Vec<Value> =
                    same.iter().filter_map(|(f, _)| e.fields.get(f.ix())).cloned().collect();
                if self.state.seen[*id].contains(&shared) {
                    return Ok(false);
                }
            }
        }
        self.in_force(n, key)
    }

    /// The instance key that an event names for a norm; none where it lacks a key field.
    pub(crate) fn key_of(&self, n: &PlanNorm, e: &Event) -> Option<Vec<Value>> {
        if n.key_names.is_empty() {
            return Some(Vec::new());
        }
        key_from(n.key_fields.get(e.kind.ix())?.as_deref()?, e)
    }

    /// Whether any exception applies.
    pub(crate) fn excepted(&self, list: &[Exception], s: &Scene<'_>) -> Result<bool, EvalError> {
        for x in list {
            if truth(&x.condition, s)? && !self.excepted(&x.unless, s)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether an optional guard holds.
    pub(crate) fn guard(&self, g: Option<&Expr>, s: &Scene<'_>) -> Result<bool, EvalError> {
        g.map_or(Ok(true), |g| truth(g, s))
    }

    /// The acting person of an event.
    pub(crate) fn actor(&self, e: &Event) -> Option<PartyId> {
        let field = self.program.symbols.event_info(e.kind).actor?;
        match e.fields.get(field.ix()) {
            Some(Value::Party(p)) => Some(*p),
            _ => None,
        }
    }

    /// Who a person is in the words of a clause, after assignments; none for one who has assigned everything away.
    pub(crate) fn in_words_of(&self, clause: ClauseId, person: PartyId) -> Option<PartyId> {
        let moved = &self.state.clauses[clause.ix()].stands_for;
        if moved.is_empty() {
            return Some(person);
        }
        match moved.iter().find(|(_, now)| *now == person) {
            Some((text, _)) => Some(*text),
            None if moved.iter().any(|(text, _)| *text == person) => None,
            None => Some(person),
        }
    }

    /// Who now stands for a person named in a clause.
    pub(crate) fn now(&self, clause: ClauseId, named: PartyId) -> PartyId {
        let moved = &self.state.clauses[clause.ix()].stands_for;
        moved.iter().find(|(text, _)| *text == named).map_or(named, |(_, now)| *now)
    }

    /// Whether an actor is among those whom a norm binds or entitles.
    pub(crate) fn among(&self, who: &Who, clause: ClauseId, actor: PartyId) -> bool {
        let person = self.in_words_of(clause, actor);
        match who {
            Who::Named(members) => person.is_some_and(|p| self.listed(members, p)),
            Who::AnyParty => person.is_some_and(|p| self.program.symbols.is_party(p)),
            Who::Anyone => true,
            Who::AnyoneExcept(members) => !person.is_some_and(|p| self.listed(members, p)),
            Who::OutsideLicense { license, spare_licensor } => self.outside(*license, *spare_licensor, actor),
        }
    }

    fn listed(&self, members: &[WhoMember], p: PartyId) -> bool {
        members.iter().any(|m| match m {
            WhoMember::Party(q) => *q == p,
            WhoMember::Register(r) => self.state.registers[r.ix()].contains(&Value::Party(p)),
        })
    }
}

/// The values of key fields in an event; none where one is absent.
pub(crate) fn key_from(fields: &[FieldId], e: &Event) -> Option<Vec<Value>> {
    let mut key = Vec::with_capacity(fields.len());
    for f in fields {
        match e.fields.get(f.ix()) {
            None | Some(Value::Absent) => return None,
            Some(v) => key.push(v.clone()),
        }
    }
    Some(key)
}
