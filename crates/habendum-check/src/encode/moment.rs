//! The unknowns of one event at one moment: its day, its fields, open parameters, and what history has made of the state.
//!
//! Data flow: a program and an event kind -> unknowns of the solver; a model of them -> an [`Event`] and values of the
//! parameters. Invariant: every value that a row may have has a number, and every number in bounds is a value.

use crate::explore::Translation;
use crate::solver::{Formula, IntVar, Model, Objective, Solver};
use habendum_model::deal::{Symbols, TermInfo};
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{
    ClauseId, EventId, Exact, FieldId, MeasureId, ParamId, PartyId, RegisterId, TermId, Value,
};
use habendum_norm::event::Event;
use habendum_norm::ir::{EventTest, Power, Program};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a state hangs on, beside the events that it names.
#[derive(Clone, Copy, Debug)]
pub enum Feeds<'a> {
    /// The norms of a clause, and what they ask.
    Clause(ClauseId),
    /// What may act on a clause: powers, relief.
    Acts(ClauseId),
    /// A register.
    Register(RegisterId),
    /// A running sum.
    Measure(MeasureId),
    /// A test of earlier events.
    Test(&'a EventTest),
    /// A figure that nothing linear can say.
    Figure,
}

/// Tells states of one name apart where programs do not share them.
pub type Mark<'p> = &'p dyn Fn(Feeds<'_>) -> String;

/// What came before the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// Nothing.
    Empty,
    /// Anything: every running sum, register and ending is an unknown of its own.
    Any,
}

/// Parts of a unit that fields of decimals, percentages and prices are told apart by.
const PARTS: i64 = 1_000_000;
/// Figures beyond this are not looked for.
const MOST: i64 = 1_000_000_000_000_000;
/// Days around 1970-01-01 that events may fall on.
const DAYS: (i64, i64) = (-40_000, 110_000);
/// Persons beyond those that the deal names, where it knows such.
const STRANGERS: usize = 2;
/// Texts beyond those that the deal names.
const FRESH_TEXTS: i64 = 2;

/// The unknown of a value.
#[derive(Clone, Debug)]
pub(crate) enum Unknown {
    /// A truth value.
    Truth(Formula),
    /// A number over a denominator.
    Number(IntVar, i64),
    /// A value that the solver cannot speak of.
    Opaque,
}

/// A field of the event.
#[derive(Clone, Debug)]
pub(crate) struct FieldUnknown {
    pub value: Unknown,
    pub present: Formula,
}

/// The unknowns of one event.
pub struct Moment<'p> {
    /// The program whose ids the unknowns have.
    base: &'p Program,
    /// The kind in that program.
    kind: EventId,
    /// The program that is asked at the moment.
    pub(crate) program: &'p Program,
    /// The kind in it.
    pub(crate) event: EventId,
    /// Its words in those of the base, where it is another.
    back: Option<Arc<Translation>>,
    /// Names of states tell programs apart by this, where they may not share them.
    mark: Mark<'p>,
    pub(crate) history: History,
    /// The solver that holds them.
    pub solver: Solver,
    /// Day number of the event.
    pub day: IntVar,
    pub(crate) fields: Vec<FieldUnknown>,
    pub(crate) params: BTreeMap<String, Unknown>,
    pub(crate) states: BTreeMap<String, Formula>,
    pub(crate) sums: BTreeMap<String, IntVar>,
    texts: Vec<Arc<str>>,
    /// Powers of any text of the program that is asked.
    pub(crate) powers: Vec<&'p Power>,
    /// What was left open because nothing linear can say it.
    pub opaque: BTreeSet<String>,
}

/// The number of a day.
#[must_use]
pub fn day_number(d: Date) -> i128 {
    i128::from(habendum_model::date::day_number(d))
}

fn day_of(n: i128) -> Option<Date> {
    habendum_model::date::day_of(i64::try_from(n).ok()?).ok()
}

impl<'p> Moment<'p> {
    /// The unknowns of an event of a kind.
    #[must_use]
    pub fn new(program: &'p Program, event: EventId, history: History) -> Self {
        Moment::over(program, event, history, program.constants.clone())
    }

    /// The unknowns of an event that two programs can state, in the ids of the first.
    #[must_use]
    pub fn shared(base: &'p Program, other: &'p Program, event: EventId, history: History) -> Self {
        let mut all = base.constants.clone();
        all.extend(other.constants.iter().cloned());
        all.sort();
        all.dedup();
        Moment::over(base, event, history, all)
    }

    /// Turns to a program: what is asked from now on is of its ids and its state.
    pub fn turn(
        &mut self,
        program: &'p Program,
        event: EventId,
        back: Option<Arc<Translation>>,
        mark: Mark<'p>,
    ) {
        self.program = program;
        self.powers = powers(program);
        self.event = event;
        self.back = back;
        self.mark = mark;
    }

    fn over(program: &'p Program, event: EventId, history: History, texts: Vec<Arc<str>>) -> Self {
        let mut solver = Solver::new();
        let day = solver.integer(DAYS.0, DAYS.1);
        let mut m = Moment {
            base: program,
            kind: event,
            program,
            event,
            back: None,
            mark: &|_| String::new(),
            history,
            solver,
            day,
            fields: Vec::new(),
            params: BTreeMap::new(),
            states: BTreeMap::new(),
            sums: BTreeMap::new(),
            texts,
            powers: powers(program),
            opaque: BTreeSet::new(),
        };
        for f in program.symbols.event_info(event).fields.values() {
            let value = m.unknown(f.ty);
            let present = if f.optional { Formula::Bool(m.solver.boolean()) } else { Formula::Const(true) };
            m.fields.push(FieldUnknown { value, present });
        }
        m
    }

    pub(crate) fn symbols(&self) -> &'p Symbols {
        &self.program.symbols
    }

    /// A new unknown of a type, in the ids of the base.
    pub(crate) fn unknown(&mut self, ty: Type) -> Unknown {
        let s: &Symbols = &self.base.symbols;
        let mut int = |lo: i64, hi: i64, parts: i64| Unknown::Number(self.solver.integer(lo, hi), parts);
        match ty {
            Type::Bool => Unknown::Truth(Formula::Bool(self.solver.boolean())),
            Type::Int => int(-MOST, MOST, 1),
            Type::Decimal(_) | Type::Percent => int(-MOST, MOST, PARTS),
            Type::Money(_, None) => int(-MOST, MOST, 1),
            Type::Money(_, Some(_)) => int(-MOST, MOST, PARTS),
            Type::Date => int(DAYS.0, DAYS.1, 1),
            Type::Instant => int(DAYS.0 * 86_400, DAYS.1 * 86_400, 1),
            Type::Duration => Unknown::Opaque,
            Type::Text => int(0, self.texts.len() as i64 + FRESH_TEXTS - 1, 1),
            Type::Party => {
                let more = if s.agreement.others_any { STRANGERS } else { 0 };
                int(0, (s.parties.len() + more) as i64 - 1, 1)
            }
            Type::Clause => int(0, s.clauses.len() as i64 - 1, 1),
            Type::Term(v) => match s.vocabularies.get_index(v.ix()) {
                Some((_, info)) => {
                    let last = s.terms[info.root.ix()].last;
                    int(i64::from(info.root.0), i64::from(last.0), 1)
                }
                None => Unknown::Opaque,
            },
        }
    }

    /// What a state that hangs on a clause is told apart by.
    pub(crate) fn marked(&self, by: Feeds<'_>) -> String {
        (self.mark)(by)
    }

    /// A truth about the state that an empty history leaves false.
    pub(crate) fn state(&mut self, what: String) -> Formula {
        match self.history {
            History::Empty => Formula::Const(false),
            History::Any => self.free(what),
        }
    }

    /// A truth that is left open, one for each name.
    pub(crate) fn free(&mut self, what: String) -> Formula {
        if let Some(f) = self.states.get(&what) {
            return f.clone();
        }
        let f = Formula::Bool(self.solver.boolean());
        self.states.insert(what, f.clone());
        f
    }

    /// A number that is left open, one for each name.
    pub(crate) fn free_number(&mut self, what: String, lo: i64, hi: i64) -> IntVar {
        if let Some(v) = self.sums.get(&what) {
            return *v;
        }
        let v = self.solver.integer(lo, hi);
        self.sums.insert(what, v);
        v
    }

    pub(crate) fn sum(&mut self, what: String) -> IntVar {
        self.free_number(what, -MOST, MOST)
    }

    /// The unknown of a parameter without a value.
    pub(crate) fn param(&mut self, p: ParamId) -> Unknown {
        let Some((name, info)) = self.symbols().params.get_index(p.ix()) else { return Unknown::Opaque };
        if let Some(u) = self.params.get(name) {
            return u.clone();
        }
        let ty = self.base.symbols.params.get(name).map_or(info.ty, |i| i.ty);
        let u = self.unknown(ty);
        self.params.insert(name.clone(), u.clone());
        u
    }

    /// The number of a value, with its denominator.
    pub(crate) fn code(&self, v: &Value) -> Option<(i128, i128)> {
        let translated;
        let v = match &self.back {
            None => v,
            Some(words) => {
                translated = words.value(v)?;
                &translated
            }
        };
        Some(match v {
            Value::Bool(b) => (i128::from(*b), 1),
            Value::Number(n) | Value::Money(n, _) => (n.numer(), n.denom()),
            Value::Date(d) => (day_number(*d), 1),
            // Instants are told apart to the second.
            Value::Instant(n) => (n.div_euclid(1_000_000_000), 1),
            Value::Text(t) => (self.texts.binary_search(t).ok()? as i128, 1),
            Value::Party(p) => (i128::from(p.0), 1),
            Value::Term(t) => (i128::from(t.0), 1),
            Value::Clause(c) => (i128::from(c.0), 1),
            Value::Duration(_) | Value::Absent => return None,
        })
    }

    /// How many texts the deal names.
    pub(crate) fn named_texts(&self) -> i128 {
        self.texts.len() as i128
    }

    /// The numbers of a term and those below it, as ranges.
    pub(crate) fn terms(&self, lo: TermId, hi: TermId) -> Vec<(i128, i128)> {
        if self.back.is_none() {
            return vec![(lo.0.into(), hi.0.into())];
        }
        let all: BTreeSet<i128> =
            (lo.0..=hi.0).filter_map(|t| Some(self.code(&Value::Term(TermId(t)))?.0)).collect();
        let mut out: Vec<(i128, i128)> = Vec::new();
        for n in all {
            match out.last_mut() {
                Some((_, last)) if *last + 1 == n => *last = n,
                _ => out.push((n, n)),
            }
        }
        out
    }

    /// Another program can state the event: every term and person in it has a name there.
    #[must_use]
    pub fn statable(&self, words: &Translation) -> Formula {
        let info = self.base.symbols.event_info(self.kind);
        let mut parts = Vec::new();
        for (f, i) in self.fields.iter().zip(info.fields.values()) {
            let Unknown::Number(v, _) = &f.value else { continue };
            let Some((lo, hi)) = self.solver.range(*v) else { continue };
            let known = |value: Value| words.value(&value).is_some();
            let allowed: Option<Vec<i128>> = match i.ty {
                Type::Term(_) => Some(
                    (lo..=hi).filter(|n| known(Value::Term(TermId(*n as u32)))).map(i128::from).collect(),
                ),
                Type::Party => Some(
                    (lo..=hi).filter(|n| known(Value::Party(PartyId(*n as u32)))).map(i128::from).collect(),
                ),
                Type::Clause => Some(
                    (lo..=hi).filter(|n| known(Value::Clause(ClauseId(*n as u32)))).map(i128::from).collect(),
                ),
                Type::Bool
                | Type::Int
                | Type::Decimal(_)
                | Type::Percent
                | Type::Money(..)
                | Type::Date
                | Type::Instant
                | Type::Duration
                | Type::Text => None,
            };
            if let Some(set) = allowed
                && i128::from(hi - lo) + 1 > set.len() as i128
            {
                parts.push(Formula::or([f.present.clone().not(), Formula::one_of(*v, set)]));
            }
        }
        Formula::and(parts)
    }

    /// The event of a model, and what it takes for the open parameters.
    #[must_use]
    pub fn decode(&self, model: &Model) -> Option<(Event, BTreeMap<ParamId, Value>)> {
        let info = self.base.symbols.event_info(self.kind);
        let mut fields = Vec::new();
        for (u, f) in self.fields.iter().zip(info.fields.values()) {
            let there = model.holds(&u.present);
            fields.push(if there { self.value(model, &u.value, f.ty)? } else { Value::Absent });
        }
        let mut values = BTreeMap::new();
        for (name, u) in &self.params {
            if let Some((p, _, i)) = self.base.symbols.params.get_full(name)
                && let Some(v) = self.value(model, u, i.ty)
            {
                values.insert(ParamId::at(p), v);
            }
        }
        let date = day_of(model.int(self.day).into())?;
        Some((Event { row: 1, date, instant: None, kind: self.kind, fields }, values))
    }

    fn value(&self, model: &Model, u: &Unknown, ty: Type) -> Option<Value> {
        let (n, parts) = match u {
            Unknown::Truth(f) => return Some(Value::Bool(model.holds(f))),
            Unknown::Number(v, parts) => (i128::from(model.int(*v)), i128::from(*parts)),
            Unknown::Opaque => return None,
        };
        let small = u32::try_from(n).ok();
        Some(match ty {
            Type::Bool => Value::Bool(n != 0),
            Type::Int | Type::Decimal(_) | Type::Percent => Value::Number(Exact::ratio(n, parts).ok()?),
            Type::Money(c, _) => Value::Money(Exact::ratio(n, parts).ok()?, c),
            Type::Date => Value::Date(day_of(n)?),
            Type::Instant => Value::Instant(n.checked_mul(1_000_000_000)?),
            Type::Text => Value::Text(match self.texts.get(usize::try_from(n).ok()?) {
                Some(t) => Arc::clone(t),
                None => format!("text {}", n - self.texts.len() as i128 + 1).into(),
            }),
            Type::Party => Value::Party(PartyId(small?)),
            Type::Clause => Value::Clause(ClauseId(small?)),
            Type::Term(_) => Value::Term(TermId(small?)),
            Type::Duration => return None,
        })
    }

    /// What makes a model easy to read when it is small: what is stated, then the day, then the figures.
    #[must_use]
    pub fn plain(&self) -> Vec<Objective> {
        let mut out = vec![Objective::Int(self.day)];
        let info = self.base.symbols.event_info(self.kind);
        // A date of a field reads best near the agreement's own.
        let first = self.base.effective.fixed().and_then(|d| i64::try_from(day_number(d)).ok()).unwrap_or(0);
        for (f, i) in self.fields.iter().zip(info.fields.values()) {
            if let Formula::Bool(b) = f.present {
                out.push(Objective::Bool(b));
            }
            match &f.value {
                // A leaf reads better than a term that others lie below.
                Unknown::Number(v, _) if matches!(i.ty, Type::Term(_)) => {
                    let inner = self.inner(i.ty).into_iter().map(|t| i128::from(t.0));
                    out.push(Objective::Holds(Formula::one_of(*v, inner)));
                    out.push(Objective::Int(*v));
                }
                Unknown::Number(v, parts) => out.push(match i.ty {
                    Type::Int | Type::Decimal(_) | Type::Percent | Type::Money(..) => {
                        Objective::Near(*v, *parts)
                    }
                    Type::Date => Objective::Near(*v, first),
                    Type::Bool
                    | Type::Instant
                    | Type::Duration
                    | Type::Text
                    | Type::Party
                    | Type::Clause
                    | Type::Term(_) => Objective::Int(*v),
                }),
                Unknown::Truth(Formula::Bool(b)) => out.push(Objective::Bool(*b)),
                Unknown::Truth(_) | Unknown::Opaque => {}
            }
        }
        out
    }

    /// Terms of a vocabulary that others lie below.
    fn inner(&self, ty: Type) -> Vec<TermId> {
        let s = &self.base.symbols;
        let Type::Term(vocab) = ty else { return Vec::new() };
        let of = |(i, t): (usize, &TermInfo)| (t.vocab == vocab && t.last.ix() > i).then(|| TermId::at(i));
        s.terms.iter().enumerate().filter_map(of).collect()
    }

    pub(crate) fn field(&self, f: FieldId) -> Option<FieldUnknown> {
        if self.back.is_none() {
            return self.fields.get(f.ix()).cloned();
        }
        let (name, info) = self.symbols().event_info(self.event).fields.get_index(f.ix())?;
        let base = &self.base.symbols.event_info(self.kind).fields;
        match base.get_index_of(name) {
            Some(i) => self.fields.get(i).cloned(),
            // The base cannot state it, so no event that both can state has it.
            None if info.optional => {
                Some(FieldUnknown { value: Unknown::Opaque, present: Formula::Const(false) })
            }
            None => None,
        }
    }
}

/// The powers of every text.
fn powers(program: &Program) -> Vec<&Power> {
    program.versions.iter().flat_map(|v| &v.norms).filter_map(|n| n.body.power()).collect()
}

/// Whether an expression is a constant.
pub(crate) fn fixed<'e>(e: &'e Expr, params: &'e [Option<Value>]) -> Option<&'e Value> {
    match &e.kind {
        ExprKind::Const(v) => Some(v),
        ExprKind::Param(p) => params.get(p.ix()).and_then(Option::as_ref),
        _ => None,
    }
}
