//! What the tests share: programs from text, and the tests' questions answered with the interpreter's own evaluator.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses a part; a test stops where a result is missing"
)]

pub mod deals;

use habendum::pipeline::{Error, Prepared, Wants, open};
use habendum::render;
use habendum_jit::Ask;
use habendum_model::date::days_between;
use habendum_model::expr::{DateValue, Expr, MeasureWhat, WhoMember};
use habendum_model::value::{FieldId, PartyId, Value};
use habendum_norm::eval::{Scene, eval, truth};
use habendum_norm::event::Event;
use habendum_norm::interpret::measures::{Measures, shapes};
use habendum_norm::ir::*;
use habendum_norm::outcome::EvalError;
use habendum_norm::reads;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// How many random deals; `PROPTEST_CASES` asks for a longer campaign.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

pub fn prepared(path: &Path) -> Prepared {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let shown = |e| match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    };
    let mut o = open(path.to_str().unwrap(), &wants).unwrap();
    let choices = o.choices(&wants).map_err(shown).unwrap();
    o.prepare(&choices).map_err(shown).unwrap_or_else(|e| panic!("{e}"))
}

pub fn program(text: &str) -> Arc<Program> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("deal.term"), text).unwrap();
    prepared(dir.path()).program
}

/// The interpreter's evaluator on a state in which nothing has happened.
pub struct Reference<'a> {
    program: &'a Program,
    measures: Measures,
    registers: Vec<BTreeSet<Value>>,
    nothing: Vec<Value>,
}

type Held = Result<bool, EvalError>;

impl<'a> Reference<'a> {
    pub fn new(program: &'a Program) -> Self {
        let shapes = Arc::new(shapes(program, &BTreeMap::new()));
        let registers = program.registers.iter().map(|r| r.initially.iter().cloned().collect()).collect();
        Reference { program, measures: Measures::new(shapes), registers, nothing: vec![Value::Absent; 64] }
    }

    fn version(&self, e: &Event) -> (usize, &'a Version, bool) {
        let from = |v: &Version| v.from.fixed().unwrap();
        let at = self.program.versions.iter().rposition(|v| from(v) <= e.date);
        (at.unwrap_or(0), &self.program.versions[at.unwrap_or(0)], at.is_some())
    }

    fn scene<'b>(
        &'b self,
        v: &'b Version,
        key: &'b [Value],
        names: &'b [String],
        e: &'b Event,
        own: bool,
    ) -> Scene<'b> {
        Scene {
            symbols: &self.program.symbols,
            reckoning: &self.program.reckoning,
            fields: &e.fields,
            trigger: if own { &e.fields } else { &self.nothing },
            today: e.date,
            params: &v.params,
            key,
            key_fields: names,
            term_start: jiff::civil::Date::MIN,
            measures: &self.measures,
            registers: &self.registers,
        }
    }

    fn norms(v: &'a Version) -> Vec<&'a Norm> {
        reads::norms_of(v).collect()
    }

    fn excepted(list: &[Exception], s: &Scene<'_>) -> Held {
        for x in list {
            if truth(&x.condition, s)? && !Self::excepted(&x.unless, s)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn guard(g: Option<&Expr>, s: &Scene<'_>) -> Held {
        g.map_or(Ok(true), |g| truth(g, s))
    }

    fn actor(&self, e: &Event) -> Option<PartyId> {
        let f = self.program.symbols.event_info(e.kind).actor?;
        match &e.fields[f.ix()] {
            Value::Party(p) => Some(*p),
            _ => None,
        }
    }

    fn among(&self, v: &Version, who: &Who, p: PartyId) -> bool {
        let listed = |m: &[WhoMember]| {
            m.iter().any(|m| match m {
                WhoMember::Party(q) => *q == p,
                WhoMember::Register(r) => self.registers[r.ix()].contains(&Value::Party(p)),
            })
        };
        match who {
            Who::Named(m) => listed(m),
            Who::AnyParty => self.program.symbols.is_party(p),
            Who::Anyone => true,
            Who::AnyoneExcept(m) => !listed(m),
            Who::OutsideLicense { license, spare_licensor } => {
                let found = Self::norms_of(v).into_iter().find(|n| n.id == *license);
                let Some(Body::License(l)) = found.map(|n| &n.body) else { return false };
                !(l.licensee == p || (*spare_licensor && l.licensor == p))
            }
        }
    }

    fn norms_of(v: &Version) -> Vec<&Norm> {
        v.norms.iter().collect()
    }

    /// The day lies in the written term.
    fn in_term(n: &Norm, e: &Event) -> bool {
        let day = |d: &Option<DateValue>| d.as_ref().and_then(DateValue::fixed);
        day(&n.term.from).is_none_or(|d| d <= e.date)
            && (n.term.renews.is_some() || day(&n.term.through).is_none_or(|d| e.date <= d))
    }

    /// The answer to a question about an event, where no state has a say.
    pub fn holds(&self, ask: &Ask, e: &Event) -> Held {
        let (_, v, begun) = self.version(e);
        match ask {
            Ask::Applies(id)
            | Ask::Unmet(id)
            | Ask::Opens(id)
            | Ask::Accrues(id)
            | Ask::Exercises(id)
            | Ask::Relieves(id) => {
                let Some(n) = Self::norms(v).into_iter().find(|n| n.id == *id) else { return Ok(false) };
                self.of_norm(ask, v, n, begun, e)
            }
            Ask::Counts(m) => {
                let bare = self.scene(v, &[], &[], e, false);
                match &self.program.measures[m.ix()].what {
                    MeasureWhat::Total(t) => {
                        let def = &self.program.totals[t.ix()];
                        if def.on.event != e.kind || !Self::guard(def.on.guard.as_ref(), &bare)? {
                            return Ok(false);
                        }
                        eval(&def.value, &bare).map(|_| true)
                    }
                    MeasureWhat::Count { event, guard } => {
                        Ok(*event == e.kind && Self::guard(guard.as_ref(), &bare)?)
                    }
                    _ => Ok(false),
                }
            }
            Ask::Member(r, joins, i) => {
                let def = &self.program.registers[r.ix()];
                let (t, f) = &(if *joins { &def.adds } else { &def.removes })[*i];
                let bare = self.scene(v, &[], &[], e, false);
                Ok(t.event == e.kind
                    && Self::guard(t.guard.as_ref(), &bare)?
                    && e.fields[f.ix()] != Value::Absent)
            }
            Ask::Pays => Ok(self.program.symbols.event_name(e.kind) == "Payment"),
            // These have a witness of their own: the interpreter over whole histories.
            Ask::Performs(_)
            | Ask::EndsRelief(..)
            | Ask::Sublicensed(_)
            | Ask::Grants
            | Ask::Begins(_)
            | Ask::Seen(..) => Ok(false),
        }
    }

    /// Whether `holds` has the last word on a question.
    pub fn knows(ask: &Ask) -> bool {
        !matches!(
            ask,
            Ask::Performs(_)
                | Ask::EndsRelief(..)
                | Ask::Sublicensed(_)
                | Ask::Grants
                | Ask::Begins(_)
                | Ask::Seen(..)
        )
    }

    fn of_norm(&self, ask: &Ask, v: &Version, n: &Norm, begun: bool, e: &Event) -> Held {
        let names = n.key.as_ref().map(|k| k.fields.clone()).unwrap_or_default();
        let info = self.program.symbols.event_info(e.kind);
        let mut key = Vec::new();
        for name in &names {
            match info.fields.get_index_of(name).map(|f| &e.fields[FieldId::at(f).ix()]) {
                None | Some(Value::Absent) => return Ok(false),
                Some(v) => key.push(v.clone()),
            }
        }
        let s = self.scene(v, &key, &names, e, matches!(ask, Ask::Opens(_)));
        match (&n.body, ask) {
            (Body::Rule(r), Ask::Applies(_)) => Ok(r.event == e.kind
                && begun
                && Self::in_term(n, e)
                && self.actor(e).is_some_and(|p| self.among(v, &r.who, p))
                && Self::guard(r.guard.as_ref(), &s)?
                && !Self::excepted(&n.exceptions, &s)?),
            (Body::Keep(k), Ask::Unmet(_)) => Ok(k.shown_by.event == e.kind
                && begun
                && Self::guard(k.shown_by.guard.as_ref(), &s)?
                && !Self::excepted(&n.exceptions, &s)?
                && !truth(&k.condition, &s)?
                && Self::in_term(n, e)),
            (Body::Duty(d), Ask::Opens(_)) => {
                let Opening::Within { trigger, .. } = &d.opening else { return Ok(false) };
                Ok(trigger.event == e.kind
                    && begun
                    && Self::in_term(n, e)
                    && Self::guard(trigger.guard.as_ref(), &s)?
                    && !Self::excepted(&n.exceptions, &s)?)
            }
            (Body::Payment(p), Ask::Accrues(_)) => {
                let (Basis::Each(t) | Basis::First(t)) = &p.basis else { return Ok(false) };
                Ok(t.event == e.kind
                    && begun
                    && Self::in_term(n, e)
                    && Self::guard(t.guard.as_ref(), &s)?
                    && Self::guard(p.guard.as_ref(), &s)?
                    && !Self::excepted(&n.exceptions, &s)?)
            }
            (Body::Power(p), Ask::Exercises(_)) => Ok(p.exercised_by.event == e.kind
                && begun
                && self.actor(e).is_none_or(|a| self.among(v, &p.who, a))
                && Self::guard(p.exercised_by.guard.as_ref(), &s)?),
            (Body::Relief(r), Ask::Relieves(_)) => Ok(r.cause.event == e.kind
                && Self::guard(r.cause.guard.as_ref(), &s)?
                && !Self::excepted(&n.exceptions, &s)?
                && begun
                && Self::in_term(n, e)),
            _ => Ok(false),
        }
    }
}

pub fn day(n: i64) -> jiff::civil::Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    let d = habendum_model::date::plus_days(epoch, n).unwrap();
    assert_eq!(days_between(epoch, d), n);
    d
}
