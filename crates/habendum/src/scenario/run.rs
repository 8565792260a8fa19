//! One scenario: its choices, its steps, its expectations.

use super::expect::{Last, check};
use super::{Base, Reached, ScenarioResult};
use crate::names::Names;
use habendum_model::binding::{Choices, bind};
use habendum_model::deal::{Deal, FieldInfo};
use habendum_model::elaborate::const_value;
use habendum_model::expr::Type;
use habendum_model::value::{EventId, Value};
use habendum_norm::TimeWanted;
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockEvent, ClockOutcome, EvalError, Outcome};
use habendum_norm::run::{Choices as RunChoices, RunError, Runner};
use habendum_syntax::ast::{self, Expr, Name, Step};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::Arc;

type Fallible<T> = Result<T, Vec<Diagnostic>>;

/// Runs a scenario of a deal on top of what the user chose.
#[must_use]
pub fn run_scenario(deal: &Deal, base: &Base, scenario: &Sp<ast::Scenario>) -> ScenarioResult {
    let mut result = ScenarioResult {
        title: scenario.node.title.node.clone(),
        span: scenario.node.title.span,
        mismatches: Vec::new(),
        reached: Reached::default(),
    };
    if let Err(d) = play(deal, base, scenario, &mut result) {
        result.mismatches.extend(d.into_iter().map(|d| {
            let d = d.label(scenario.node.title.span, "in this scenario");
            if d.code == "C020" { d } else { d.note("the scenario cannot be run") }
        }));
    }
    result
}

fn play(deal: &Deal, base: &Base, scenario: &Sp<ast::Scenario>, result: &mut ScenarioResult) -> Fallible<()> {
    let choices = chosen(base, &scenario.node.steps);
    let binding = bind(deal, &choices)?;
    let mut runner = Runner::new(deal, &binding, &RunChoices { all_readings: true, text_as_of: None })
        .map_err(|e| match e {
            RunError::Faults(d) => d,
            RunError::Eval(e) => vec![failure(&e, scenario.node.title.span)],
        })?;
    runner.explain_time(TimeWanted::default());
    let mut player = Player {
        deal,
        names: Names::new(Arc::new(deal.symbols.clone())),
        zone: TimeZone::get(&deal.symbols.agreement.zone).unwrap_or(TimeZone::UTC),
        row: 0,
        last: None,
    };
    for step in &scenario.node.steps {
        match &step.node {
            Step::Schedule(_) | Step::Set(..) | Step::Reading(..) | Step::KnownAsOf(_) => {}
            Step::Event { at, kind, fields } => {
                let event = player.event(at, kind, fields)?;
                runner.explain_next();
                let outcome = runner.push(&event).map_err(|e| vec![failure(&e, step.span)])?;
                let clock = runner.take_clock();
                reach(result, Some(&outcome), &clock);
                met_by_time(result, &mut runner);
                result.reached.spans.extend(runner.take_trace().iter().filter_map(|t| t.span));
                player.last = Some(Last { span: step.span, date: event.date, outcome: Some(outcome), clock });
            }
            Step::Clock(d) => {
                let date = day(d)?;
                runner.close(date).map_err(|e| vec![failure(&e, step.span)])?;
                let clock = runner.take_clock();
                reach(result, None, &clock);
                met_by_time(result, &mut runner);
                player.last = Some(Last { span: step.span, date, outcome: None, clock });
            }
            Step::Expect(e) => {
                let found = check(deal, &player.names, &runner, player.last.as_ref(), e, step.span)?;
                result.mismatches.extend(found);
            }
        }
    }
    Ok(())
}

/// The choices of a scenario: those of the user, then its own.
fn chosen(base: &Base, steps: &[Sp<Step>]) -> Choices {
    let mut choices = base.clone();
    for step in steps {
        match &step.node {
            Step::Schedule(id) => choices.schedules.push(id.clone()),
            Step::Set(name, value) => {
                choices.sets.push((name.clone(), value.clone(), "scenario".to_owned()));
            }
            Step::Reading(clause, reading) => choices.readings.push((clause.clone(), reading.clone())),
            Step::KnownAsOf(d) => choices.known_as_of = day(d).ok(),
            Step::Event { .. } | Step::Clock(_) | Step::Expect(_) => {}
        }
    }
    choices
}

fn reach(result: &mut ScenarioResult, outcome: Option<&Outcome>, clock: &[ClockOutcome]) {
    let norms = &mut result.reached.norms;
    if let Some(o) = outcome {
        norms.extend(&o.deciding);
        norms.extend(o.duties.iter().map(|d| d.norm));
        norms.extend(o.accruals.iter().map(|a| a.norm));
        norms.extend(o.effects.iter().filter_map(|e| e.norm));
    }
    for c in clock {
        norms.insert(c.norm);
        if let ClockEvent::Lapsed { excused_by: Some(n), .. } = &c.what {
            norms.insert(*n);
        }
    }
}

/// The exceptions and bands that payments of time have met.
fn met_by_time(result: &mut ScenarioResult, runner: &mut Runner) {
    result.reached.spans.extend(runner.take_time_trace().iter().filter_map(|t| t.span));
}

/// An evaluation that could not go on, as a finding.
pub(super) fn failure(e: &EvalError, step: Span) -> Diagnostic {
    let d = Diagnostic::error("C020", format!("the scenario stops: {}", e.message), step, "at this step");
    match e.span {
        Some(s) => d.label(s, "this cannot be evaluated"),
        None => d,
    }
}

fn out_of_range(span: Span) -> Vec<Diagnostic> {
    vec![Diagnostic::error("C020", "the day lies outside the calendar", span, "this day")]
}

/// A date as written.
pub(super) fn day(d: &Sp<ast::Date>) -> Fallible<Date> {
    let n = d.node;
    let (month, day) = (i8::try_from(n.month), i8::try_from(n.day));
    match (month, day) {
        (Ok(m), Ok(x)) => Date::new(n.year, m, x).map_err(|_| out_of_range(d.span)),
        _ => Err(out_of_range(d.span)),
    }
}

struct Player<'a> {
    deal: &'a Deal,
    names: Names,
    zone: TimeZone,
    row: u64,
    last: Option<Last>,
}

impl Player<'_> {
    /// The event of a step.
    fn event(&mut self, at: &Sp<Expr>, kind: &Name, fields: &[(Name, Sp<Expr>)]) -> Fallible<Event> {
        let symbols = &self.deal.symbols;
        let id: EventId = symbols.event(&kind.node).ok_or_else(|| {
            let d = Diagnostic::error(
                "N010",
                format!("no event kind is named `{}`", kind.node),
                kind.span,
                "unknown",
            );
            vec![d]
        })?;
        let info = symbols.event_info(id);
        let mut values = vec![Value::Absent; info.fields.len()];
        let mut faults = Vec::new();
        for (name, expr) in fields {
            match info.fields.get_full(&name.node) {
                Some((i, _, field)) => match self.value(expr, self.types(id, &name.node, field, fields)) {
                    Ok(v) => {
                        if let Some(slot) = values.get_mut(i) {
                            *slot = v;
                        }
                    }
                    Err(d) => faults.extend(d),
                },
                None => faults.push(Diagnostic::error(
                    "N010",
                    format!("{} has no field `{}`", kind.node, name.node),
                    name.span,
                    "no such field",
                )),
            }
        }
        let missing: Vec<&str> = info
            .fields
            .iter()
            .zip(&values)
            .filter(|((_, f), v)| !f.optional && **v == Value::Absent)
            .map(|((n, _), _)| n.as_str())
            .collect();
        if !missing.is_empty() && faults.is_empty() {
            let message = format!("{} lacks {}", kind.node, missing.join(", "));
            faults.push(Diagnostic::error("T040", message, kind.span, "incomplete"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (date, instant) = self.when(at)?;
        self.row += 1;
        Ok(Event { row: self.row, date, instant, kind: id, fields: values })
    }

    /// The types that a field may have: the declared one; of the amount of a `Payment`, in any currency of the clause it is for.
    fn types(&self, id: EventId, name: &str, field: &FieldInfo, fields: &[(Name, Sp<Expr>)]) -> Vec<Type> {
        let symbols = &self.deal.symbols;
        let clause = fields.iter().find(|(n, _)| n.node == "for").and_then(|(_, e)| match &e.node {
            Expr::Name(n) => symbols.clause(n),
            _ => None,
        });
        match (field.ty, symbols.owed_in(id, clause)) {
            (Type::Money(_, per), Some(known)) if name == "amount" => {
                known.iter().map(|c| Type::Money(*c, per)).collect()
            }
            (ty, _) => vec![ty],
        }
    }

    /// A value of the first type that fits; where none does, what is wrong with it as the last.
    fn value(&mut self, expr: &Sp<Expr>, types: Vec<Type>) -> Fallible<Value> {
        let mut found = Err(Vec::new());
        for ty in types {
            found = self.value_of(expr, ty);
            if found.is_ok() {
                break;
            }
        }
        found
    }

    fn value_of(&mut self, expr: &Sp<Expr>, ty: Type) -> Fallible<Value> {
        if ty == Type::Party
            && let Expr::Name(n) | Expr::Text(n) = &expr.node
            && let Some(id) = self.names.party_id(n)
        {
            return Ok(Value::Party(id));
        }
        const_value(&self.deal.symbols, expr, ty)
    }

    fn when(&self, at: &Sp<Expr>) -> Fallible<(Date, Option<i128>)> {
        match &at.node {
            Expr::Date(d) => Ok((day(&Sp::new(*d, at.span))?, None)),
            _ => match const_value(&self.deal.symbols, at, Type::Instant)? {
                Value::Instant(n) => {
                    let t = jiff::Timestamp::from_nanosecond(n).map_err(|_| out_of_range(at.span))?;
                    Ok((self.zone.to_datetime(t).date(), Some(n)))
                }
                _ => Err(out_of_range(at.span)),
            },
        }
    }
}
