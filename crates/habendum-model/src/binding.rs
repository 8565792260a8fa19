//! Binding: the values of parameters for one run, and how its dates are reckoned.
//!
//! Data flow: declarations, then schedules in the order named, then single values; later ones win.
//! Invariant: a bound value has the type of its parameter.

use crate::date::{Business, Reckoning};
use crate::deal::{Binding, Bound, Deal};
use crate::elaborate::{DateRole, DateScope, const_value, elaborate_date};
use crate::expr::DateValue;
use crate::value::{ParamId, Value};
use habendum_syntax::ast::{self, ClauseParts, Expr, Line, Name, Operation};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What a user chooses for a run.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Schedules by id, in order.
    pub schedules: Vec<Name>,
    /// Single values with where they come from (`--set`, `scenario`).
    pub sets: Vec<(Name, Sp<Expr>, String)>,
    /// Readings: clause and reading.
    pub readings: Vec<(Name, Name)>,
    /// Amendments signed later are not known.
    pub known_as_of: Option<Date>,
}

/// Binds parameters and readings.
///
/// # Errors
/// An unknown schedule, parameter, clause or reading; a value of the wrong type.
pub fn bind(deal: &Deal, choices: &Choices) -> Result<Binding, Vec<Diagnostic>> {
    let s = &deal.symbols;
    let mut out = Binding { known_as_of: choices.known_as_of, ..Binding::default() };
    let mut diags = Vec::new();
    for (i, (_, p)) in s.params.iter().enumerate() {
        if let Some(v) = &p.value {
            let source = p.ast.node.source.as_ref().map(|n| n.node.clone());
            out.values
                .insert(ParamId::at(i), Bound { value: v.clone(), origin: "declaration".into(), source });
        }
    }
    for id in &choices.schedules {
        let Some(schedule) = deal.schedules.get(&id.node) else {
            diags.push(crate::suggest::unknown("schedule", id, deal.schedules.keys().map(String::as_str), s));
            continue;
        };
        let source = schedule.node.source.as_ref().map(|n| n.node.clone());
        for (name, value) in &schedule.node.values {
            put(deal, &mut out, name, value, format!("schedule {}", id.node), source.clone(), &mut diags);
        }
    }
    for (name, value, origin) in &choices.sets {
        put(deal, &mut out, name, value, origin.clone(), None, &mut diags);
    }
    for (clause, reading) in &choices.readings {
        match s.clause(&clause.node) {
            None => {
                diags.push(crate::suggest::unknown("clause", clause, s.clauses.keys().map(String::as_str), s))
            }
            Some(c) => {
                let known = readings_of(deal, &clause.node);
                if !known.contains(&reading.node.as_str()) {
                    diags.push(no_reading(&clause.node, reading, &known));
                }
                out.readings.insert(c, reading.node.clone());
            }
        }
    }
    if diags.is_empty() { Ok(out) } else { Err(diags) }
}

/// The readings that any text of a clause declares.
fn readings_of<'a>(deal: &'a Deal, clause: &str) -> Vec<&'a str> {
    let mut parts: Vec<&ClauseParts> = Vec::new();
    let mut add = |id: &Name, p: &'a ClauseParts| {
        if id.node == clause {
            parts.push(p);
        }
    };
    deal.clauses.iter().for_each(|c| add(&c.node.id, &c.node.parts));
    for o in deal.amendments.iter().flat_map(|a| &a.ast.node.operations) {
        match &o.node {
            Operation::Replace { target, with } | Operation::Restate { target, with } => add(target, with),
            Operation::Insert { clause, .. } => add(&clause.id, &clause.parts),
            Operation::RestateAll(all) => all.iter().for_each(|c| add(&c.node.id, &c.node.parts)),
            Operation::Strike { .. }
            | Operation::Vary { .. }
            | Operation::Suspend { .. }
            | Operation::Extend { .. }
            | Operation::Renumber { .. }
            | Operation::Affirm(_)
            | Operation::Set { .. }
            | Operation::Recites { .. } => {}
        }
    }
    let readings = parts.iter().flat_map(|p| &p.body).filter_map(|l| match &l.node {
        Line::Reading(r) => Some(r.name.node.as_str()),
        Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) | Line::Statement(_) => None,
    });
    readings.collect()
}

fn no_reading(clause: &str, reading: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("clause `{clause}` has no reading `{}`", reading.node);
    let d = Diagnostic::error("T067", message, reading.span, "chosen here");
    if known.is_empty() {
        d.help("it declares no readings at all")
    } else {
        d.help(format!("its readings: {}", known.join(", ")))
    }
}

fn put(
    deal: &Deal,
    out: &mut Binding,
    name: &Name,
    value: &Sp<Expr>,
    origin: String,
    source: Option<ast::SourceNote>,
    diags: &mut Vec<Diagnostic>,
) {
    let s = &deal.symbols;
    let Some((i, _, p)) = s.params.get_full(&name.node) else {
        diags.push(crate::suggest::unknown("parameter", name, s.params.keys().map(String::as_str), s));
        return;
    };
    match const_value(s, value, p.ty) {
        Ok(value) => {
            out.values.insert(ParamId::at(i), Bound { value, origin, source });
        }
        Err(d) => diags.extend(d.into_iter().map(|d| d.label(p.ast.node.name.span, "the parameter"))),
    }
}

impl Binding {
    /// The value of a parameter, where it has one.
    #[must_use]
    pub fn value(&self, id: ParamId) -> Option<Value> {
        self.values.get(&id).map(|b| b.value.clone())
    }
}

/// How the deal reckons dates, and its first day. Where that day is open, contract years count from 0001-01-01 until it is bound.
///
/// # Errors
/// A first day that is no date.
pub fn reckoning(deal: &Deal, binding: &Binding) -> Result<(Reckoning, DateValue), Vec<Diagnostic>> {
    let a = &deal.symbols.agreement;
    let mut r = Reckoning {
        months: a.months,
        business: a
            .business
            .and_then(|c| deal.symbols.calendars.get_index(c.ix()))
            .map(|(_, c)| business(&c.node)),
        fiscal_year: a.fiscal_year,
        effective: Date::constant(1, 1, 1),
    };
    let value = |p: ParamId| binding.value(p);
    let scope = DateScope {
        symbols: &deal.symbols,
        reckoning: &r,
        value: &value,
        effective: None,
        signature: None,
        rounding: None,
    };
    let effective = elaborate_date(&scope, &a.effective, DateRole::First)?;
    if let DateValue::Fixed(d) = effective {
        r.effective = d;
    }
    Ok((r, effective))
}

fn business(c: &ast::Calendar) -> Business {
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let day = |d: &ast::Date| {
        Date::new(d.year, i8::try_from(d.month).unwrap_or(0), i8::try_from(d.day).unwrap_or(0)).ok()
    };
    let weekend: BTreeSet<i8> = c
        .weekend
        .iter()
        .filter_map(|n| weekdays.iter().position(|w| n.node.to_lowercase() == *w))
        .filter_map(|i| i8::try_from(i + 1).ok())
        .collect();
    Business {
        weekend,
        holidays: c.holidays.iter().filter_map(|h| day(&h.node)).collect(),
        covers: c.covers.as_ref().and_then(|(a, b)| Some((day(&a.node)?, day(&b.node)?))),
    }
}

/// The place of nothing: for names that come from a command line.
#[must_use]
pub fn off_source(text: &str) -> Name {
    Sp::new(text.to_owned(), Span::default())
}
