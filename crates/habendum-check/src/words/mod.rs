//! Witnesses in the deal's own words: scenario text, which parses and types as a scenario of the deal.
//!
//! Data flow: witness -> syntax tree of a scenario -> the printer. Invariant: what is printed reads back to the same
//! values; a value that the language cannot write makes the whole text none, never a near miss.

mod literal;

use crate::case::Case;
use crate::finding::Witness;
use habendum_model::deal::Symbols;
use habendum_model::value::{ClauseId, CurrencyId, Exact, ParamId, Value};
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockEvent, ClockOutcome, Component, Outcome};
use habendum_syntax::ast::{self, DutyEvent, Expectation, Expr, Item, Name, Scenario, Step, Verdict};
use habendum_syntax::print::{print_item, print_step};
use habendum_syntax::{Sp, Span};
use jiff::civil::Date;
use literal::{Strangers, literal, money};
use std::collections::{BTreeMap, BTreeSet};

/// What a scenario expects of its last step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A verdict, decided by these clauses (any where empty); after a clock step, breaches that time brought.
    Verdict(Verdict, Vec<ClauseId>),
    /// Something happened to an obligation of a clause.
    Duty(DutyEvent, ClauseId),
    /// Minor units accrued under a clause.
    Accrues(i128, CurrencyId, ClauseId),
    /// An obligation of a clause is open, or none is.
    Open(bool, ClauseId),
    /// A clause is in force, or is not.
    InForce(bool, ClauseId),
}

/// The steps of a witness, one line each: values taken, events, the clock. None where a value cannot be written.
#[must_use]
pub fn steps(case: &Case<'_>, w: &Witness) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for (p, v) in shown_values(case, w) {
        out.push(print_step(&set(case.symbols(), p, &v)?));
    }
    out.extend(happenings(case.symbols(), w)?.iter().map(print_step));
    Some(out)
}

/// An event in the words of the deal.
#[must_use]
pub fn event(symbols: &Symbols, e: &Event) -> Option<String> {
    Some(print_step(&event_step(symbols, e, &mut Strangers::new(symbols))?))
}

/// A whole scenario: choices, events, clock, expectations. None where a value cannot be written.
#[must_use]
pub fn scenario(case: &Case<'_>, w: &Witness, title: &str, expects: &[Expect]) -> Option<String> {
    let s = case.symbols();
    let mut steps = Vec::new();
    for (p, v) in all_values(case, w) {
        steps.push(set(s, p, &v)?);
    }
    for (clause, reading) in &case.binding.readings {
        steps.push(Step::Reading(name(s.clause_name(*clause)), name(reading)));
    }
    steps.extend(case.binding.known_as_of.map(|d| Step::KnownAsOf(here(date(d)))));
    steps.extend(happenings(s, w)?);
    for e in expects {
        steps.push(Step::Expect(expectation(s, e)?));
    }
    let title = here(title.replace(['\n', '\r'], " "));
    let scenario = Scenario { title, steps: steps.into_iter().map(here).collect() };
    Some(print_item(&Item::Scenario(scenario)))
}

/// What the last step of a witness comes to now.
#[must_use]
pub fn as_is(case: &Case<'_>, w: &Witness) -> Vec<Expect> {
    let Some((row, clock)) = last_step(case, w) else { return Vec::new() };
    let mut out = Vec::new();
    match &row {
        Some(o) => {
            let deciding: BTreeSet<ClauseId> = o.deciding.iter().map(|n| n.clause).collect();
            out.push(Expect::Verdict(o.verdict, deciding.into_iter().collect()));
            let duties: BTreeSet<_> = o.duties.iter().map(|d| (d.norm.clause, d.what)).collect();
            out.extend(duties.into_iter().map(|(c, what)| Expect::Duty(what, c)));
            let mut sums: BTreeMap<(ClauseId, CurrencyId), i128> = BTreeMap::new();
            for a in o.accruals.iter().filter(|a| a.component != Component::Interest) {
                *sums.entry((a.norm.clause, a.currency)).or_default() += i128::from(a.amount);
            }
            out.extend(sums.into_iter().map(|((c, money), n)| Expect::Accrues(n, money, c)));
        }
        None => {
            let broken = breaches(&clock);
            let verdict = if broken.is_empty() { Verdict::Silent } else { Verdict::Breach };
            out.push(Expect::Verdict(verdict, broken.into_iter().collect()));
        }
    }
    out
}

/// What the last step should come to once the fault that it shows is gone; empty where that is for its authors to say.
#[must_use]
pub fn resolved(case: &Case<'_>, w: &Witness) -> Vec<Expect> {
    match last_step(case, w) {
        Some((Some(o), _)) => match o.verdict {
            Verdict::Conflict | Verdict::Breach | Verdict::Unlicensed | Verdict::WithoutEffect => {
                vec![Expect::Verdict(Verdict::Permitted, Vec::new())]
            }
            Verdict::Permitted => vec![Expect::Verdict(Verdict::Breach, Vec::new())],
            Verdict::Silent | Verdict::Undetermined => Vec::new(),
        },
        Some((None, clock)) if !breaches(&clock).is_empty() => {
            vec![Expect::Verdict(Verdict::Silent, Vec::new())]
        }
        Some((None, _)) | None => Vec::new(),
    }
}

/// Clauses that time has shown broken.
fn breaches(clock: &[ClockOutcome]) -> BTreeSet<ClauseId> {
    let broken = clock.iter().filter(|c| match &c.what {
        ClockEvent::Lapsed { excused_by, .. } => excused_by.is_none(),
        ClockEvent::Unpaid { .. } => true,
        ClockEvent::Opened { .. }
        | ClockEvent::Accrued(_)
        | ClockEvent::FellDue { .. }
        | ClockEvent::Effect(_) => false,
    });
    broken.map(|c| c.norm.clause).collect()
}

/// The outcome of the last event, where it is the last step, and what time brought in that step.
fn last_step(case: &Case<'_>, w: &Witness) -> Option<(Option<Outcome>, Vec<ClockOutcome>)> {
    let mut run = case.start(&w.values)?;
    let mut row = None;
    for e in &w.events {
        run.take_clock();
        row = Some(run.step(e).ok()?);
    }
    if let Some(d) = w.clock {
        run.take_clock();
        run.close(d).ok()?;
        row = None;
    }
    Some((row, run.take_clock()))
}

/// Values that a reader of a report needs: those of open dates, and those that the witness itself takes.
fn shown_values(case: &Case<'_>, w: &Witness) -> BTreeMap<ParamId, Value> {
    let mut out: BTreeMap<ParamId, Value> = case.assumed.iter().map(|(p, d)| (*p, Value::Date(*d))).collect();
    out.extend(w.values.iter().map(|(p, v)| (*p, v.clone())));
    out
}

/// Every value without which a scenario could not run as the witness did.
fn all_values(case: &Case<'_>, w: &Witness) -> BTreeMap<ParamId, Value> {
    let declared = |p: ParamId| case.symbols().params.get_index(p.ix()).and_then(|(_, i)| i.value.clone());
    let mut out: BTreeMap<ParamId, Value> = BTreeMap::new();
    let bound = case.binding.values.iter().filter(|(p, b)| declared(**p).as_ref() != Some(&b.value));
    out.extend(bound.map(|(p, b)| (*p, b.value.clone())));
    out.extend(case.values().iter().map(|(p, v)| (*p, v.clone())));
    out.extend(shown_values(case, w));
    out
}

fn here<T>(node: T) -> Sp<T> {
    Sp::new(node, Span::default())
}

fn name(text: &str) -> Name {
    here(text.to_owned())
}

fn date(d: Date) -> ast::Date {
    ast::Date { year: d.year(), month: d.month().unsigned_abs(), day: d.day().unsigned_abs() }
}

fn set(s: &Symbols, p: ParamId, v: &Value) -> Option<Step> {
    let (param, info) = s.params.get_index(p.ix())?;
    Some(Step::Set(name(param), here(literal(s, v, info.ty, &mut Strangers::new(s))?)))
}

fn happenings(s: &Symbols, w: &Witness) -> Option<Vec<Step>> {
    let mut strangers = Strangers::new(s);
    let mut out = Vec::new();
    for e in &w.events {
        out.push(event_step(s, e, &mut strangers)?);
    }
    out.extend(w.clock.map(|d| Step::Clock(here(date(d)))));
    Some(out)
}

fn event_step(s: &Symbols, e: &Event, strangers: &mut Strangers) -> Option<Step> {
    let (kind, info) = s.events.get_index(e.kind.ix())?;
    let mut fields = Vec::new();
    for ((field, f), v) in info.fields.iter().zip(&e.fields) {
        if *v != Value::Absent {
            fields.push((name(field), here(literal(s, v, f.ty, strangers)?)));
        }
    }
    Some(Step::Event { at: here(Expr::Date(date(e.date))), kind: name(kind), fields })
}

fn expectation(s: &Symbols, e: &Expect) -> Option<Expectation> {
    let clause = |c: &ClauseId| name(s.clause_name(*c));
    Some(match e {
        Expect::Verdict(verdict, by) => {
            Expectation::Verdict { verdict: *verdict, clauses: by.iter().map(clause).collect() }
        }
        Expect::Duty(what, c) => Expectation::Duty(*what, clause(c)),
        Expect::Accrues(n, currency, c) => {
            let amount = money(s, Exact::int(*n), *currency, None)?;
            Expectation::Accrues(here(amount), clause(c))
        }
        Expect::Open(open, c) => Expectation::Open(*open, clause(c)),
        Expect::InForce(in_force, c) => Expectation::InForce(*in_force, clause(c)),
    })
}
