//! A witness made as short and as plain as its goal allows.
//!
//! Data flow: witness + goal -> one simplification at a time, each replayed -> the last that the goal accepts.
//! Invariant: the result reaches the goal; each accepted step makes the history shorter, earlier or plainer, so it ends; and
//! (within the number of tries) leaving out any one event, or the clock, misses the goal.

use crate::case::{Case, Replay};
use crate::finding::Witness;
use crate::pool::values::roundness;
use habendum_model::deal::{FieldInfo, Symbols};
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, Exact, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::Program;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Replays at most.
const MOST_TRIES: usize = 4_000;
/// Plainer terms or persons of one field that are tried.
const MOST_PLAINER: usize = 24;

/// Makes a witness that reaches a goal shorter, earlier and plainer, as far as it still does. One that does not reach it
/// comes back as it was.
#[must_use]
pub fn minimise(case: &Case<'_>, witness: &Witness, goal: &mut dyn FnMut(&Replay) -> bool) -> Witness {
    let mut m = Minimiser { case, goal, tries: 0, best: witness.clone() };
    if !m.holds(witness) {
        return witness.clone();
    }
    loop {
        let before = m.best.clone();
        m.drop_events();
        m.drop_values();
        m.move_days();
        m.plainer_fields();
        if m.best == before || m.tries >= MOST_TRIES {
            return m.best;
        }
    }
}

struct Minimiser<'a, 'd> {
    case: &'a Case<'d>,
    goal: &'a mut dyn FnMut(&Replay) -> bool,
    tries: usize,
    best: Witness,
}

impl Minimiser<'_, '_> {
    fn holds(&mut self, w: &Witness) -> bool {
        self.tries += 1;
        self.case.replay(w).is_ok_and(|r| (self.goal)(&r))
    }

    /// Takes a change where the goal still holds.
    fn take(&mut self, change: impl FnOnce(&mut Witness)) -> bool {
        if self.tries >= MOST_TRIES {
            return false;
        }
        let mut w = self.best.clone();
        change(&mut w);
        for (i, e) in w.events.iter_mut().enumerate() {
            e.row = i as u64 + 1;
        }
        let ok = self.holds(&w);
        if ok {
            self.best = w;
        }
        ok
    }

    /// Leaves out the clock, then events one by one, until none can go.
    fn drop_events(&mut self) {
        if self.best.clock.is_some() {
            self.take(|w| w.clock = None);
        }
        let mut i = 0;
        while i < self.best.events.len() {
            let gone = self.take(|w| {
                w.events.remove(i);
            });
            // One gone, an earlier one may go too.
            i = if gone { 0 } else { i + 1 };
        }
    }

    fn drop_values(&mut self) {
        for p in self.best.values.keys().copied().collect::<Vec<_>>() {
            if self.best.values.get(&p) != self.case.values().get(&p) {
                self.take(|w| {
                    w.values.remove(&p);
                });
            }
        }
    }

    /// Moves each event to the earliest day that will do: a day that the deal names, or that of the event before.
    fn move_days(&mut self) {
        let named = named_days(&self.case.program);
        for i in 0..self.best.events.len() {
            let now = self.best.events[i].date;
            let before = i.checked_sub(1).and_then(|j| self.best.events.get(j)).map(|e| e.date);
            let first = before.or(self.case.program.effective.fixed()).unwrap_or(Date::MIN);
            let days: BTreeSet<Date> =
                named.iter().copied().chain(before).filter(|d| first <= *d && *d < now).collect();
            for d in days {
                // A field that gives the event's own day moves with it.
                let moved = self.take(|w| {
                    let e = &mut w.events[i];
                    e.date = d;
                    e.fields.iter_mut().filter(|v| **v == Value::Date(now)).for_each(|v| *v = Value::Date(d));
                }) || self.take(|w| w.events[i].date = d);
                if moved {
                    break;
                }
            }
        }
        self.sooner();
    }

    /// Stops the clock on the first day that will do: one on which time brings something.
    fn sooner(&mut self) {
        let Some(now) = self.best.clock else { return };
        let Ok(replay) = self.case.replay(&self.best) else { return };
        let days: BTreeSet<Date> = replay.clock.iter().map(|c| c.date).filter(|d| *d < now).collect();
        let last = self.best.events.last().map_or(Date::MIN, |e| e.date);
        for d in days.into_iter().filter(|d| *d >= last) {
            if self.take(|w| w.clock = Some(d)) {
                return;
            }
        }
    }

    /// Gives each field the plainest value that will do.
    fn plainer_fields(&mut self) {
        let symbols = std::sync::Arc::clone(&self.case.program.symbols);
        for i in 0..self.best.events.len() {
            let info = symbols.event_info(self.best.events[i].kind);
            for (f, field) in info.fields.values().enumerate() {
                for v in plainer(&symbols, field, &self.best.events[i], f) {
                    if self.take(|w| w.events[i].fields[f] = v.clone()) {
                        break;
                    }
                }
            }
        }
    }
}

/// The first days of texts and of terms, the days after the last ones.
fn named_days(program: &Program) -> BTreeSet<Date> {
    let mut out: BTreeSet<Date> = program.effective.fixed().into_iter().collect();
    for v in &program.versions {
        out.extend(v.from.fixed());
        for n in &v.norms {
            out.extend(n.term.from.as_ref().and_then(|d| d.fixed()));
            let last = n.term.through.as_ref().and_then(|d| d.fixed());
            out.extend(last.and_then(|d| habendum_model::date::plus_days(d, 1).ok()));
            out.extend(last);
        }
    }
    out
}

/// Values plainer than the one a field has, the plainest first.
fn plainer(s: &Symbols, info: &FieldInfo, e: &Event, f: usize) -> Vec<Value> {
    let Some(now) = e.fields.get(f) else { return Vec::new() };
    if *now == Value::Absent {
        return Vec::new();
    }
    let mut out: Vec<Value> = if info.optional { vec![Value::Absent] } else { Vec::new() };
    match now {
        Value::Bool(true) => out.push(Value::Bool(false)),
        Value::Number(n) => {
            let unit = if info.ty == Type::Percent { Exact::ratio(1, 100) } else { Ok(Exact::ONE) };
            out.extend(rounder(*n, unit.unwrap_or(Exact::ONE)).into_iter().map(Value::Number));
        }
        Value::Money(n, c) => {
            out.extend(rounder(*n, Exact::int(scale(s, *c))).into_iter().map(|n| Value::Money(n, *c)));
        }
        Value::Date(d) if *d != e.date => out.push(Value::Date(e.date)),
        Value::Text(t) => {
            out.extend(["A", "B"].iter().filter(|x| **x < &**t).map(|x| Value::Text((*x).into())));
        }
        Value::Party(p) => {
            out.extend((0..p.ix()).take(MOST_PLAINER).map(|i| Value::Party(PartyId::at(i))));
        }
        Value::Term(t) => out.extend(plainer_terms(s, *t)),
        Value::Bool(false)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Clause(_)
        | Value::Absent => {}
    }
    out
}

/// Terms of one vocabulary that stand before a term: leaves first, then in the order declared.
fn plainer_terms(s: &Symbols, t: TermId) -> Vec<Value> {
    let Some(vocab) = s.terms.get(t.ix()).map(|i| i.vocab) else { return Vec::new() };
    let key = |t: TermId| (s.terms.get(t.ix()).is_none_or(|i| i.last != t), t);
    let mut all: Vec<TermId> = (0..s.terms.len())
        .map(TermId::at)
        .filter(|u| s.terms[u.ix()].vocab == vocab && key(*u) < key(t))
        .collect();
    all.sort_by_key(|u| key(*u));
    all.into_iter().take(MOST_PLAINER).map(Value::Term).collect()
}

fn scale(s: &Symbols, c: CurrencyId) -> i128 {
    s.agreement.currencies.get(c.ix()).map_or(1, habendum_model::value::Currency::scale)
}

/// Figures rounder than one, the roundest and then the smallest first: 1, 10, 100 ... units, and its own leading digits.
/// Never nothing: a sale of nothing puzzles its reader.
fn rounder(n: Exact, unit: Exact) -> Vec<Exact> {
    let size = |n: Exact| if n.is_negative() { n.neg() } else { n };
    let key = |n: &Exact| (roundness(*n), n.is_negative(), size(*n));
    let mut all = BTreeSet::new();
    let mut power = Ok(unit);
    while let Ok(p) = power {
        all.insert(p);
        // The leading digits, down and up.
        if let Ok(q) = n.div(p) {
            let low = q.round(habendum_syntax::ast::RoundingMode::Down);
            for k in [low, low + 1, low - 1] {
                all.extend(p.mul(Exact::int(k)));
            }
        }
        if p > size(n) {
            break;
        }
        power = p.mul(Exact::int(10));
    }
    let mut all: Vec<Exact> = all.into_iter().filter(|x| !x.is_zero() && key(x) < key(&n)).collect();
    all.sort_by_key(key);
    all
}
