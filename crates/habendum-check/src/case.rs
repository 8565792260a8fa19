//! A deal under one choice of readings and of open dates: what rules look at, and where witnesses are replayed.
//!
//! Data flow: deal + binding -> [`split`] -> [`Case`]s: programs whose dates are all fixed, their other parameters still
//! open. Invariant: a case covers one order of the open dates among themselves and among the dates that the deal names;
//! within an order, nothing in the language can tell the days of an open date apart but lengths counted from it, and those
//! move with it.

use crate::dates::{Orders, orders};
use crate::finding::Witness;
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Bound, Consolidated, Deal, Symbols};
use habendum_model::expr::Type;
use habendum_model::show::version_on;
use habendum_model::value::{ClauseId, Exact, Length, ParamId, PartyId, Value, VocabId};
use habendum_norm::ir::Program;
use habendum_norm::outcome::{ClockOutcome, EvalError, Outcome};
use habendum_norm::{Interpreter, lower, readings, unbound};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::DurationUnit;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More combinations of readings than this are not laid side by side; the first reading of the others stands.
const MOST_READINGS: usize = 8;

/// A deal under one choice of readings and of open dates.
#[derive(Clone, Debug)]
pub struct Case<'d> {
    /// The deal.
    pub deal: &'d Deal,
    /// Values and readings chosen; parameters that are no dates of the text stay open.
    pub binding: Binding,
    /// Open dates and the day that stands for each in this case.
    pub assumed: BTreeMap<ParamId, Date>,
    /// The texts through time.
    pub texts: Consolidated,
    /// The norms; parameters still open are none in `Version::params`.
    pub program: Arc<Program>,
    /// An interpreter at the first day, every parameter bound (`values`).
    ready: Interpreter,
    /// What it takes for the parameters that are open.
    values: BTreeMap<ParamId, Value>,
}

/// What a history came to.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Outcome of each row.
    pub rows: Vec<Outcome>,
    /// What time brought, in order.
    pub clock: Vec<ClockOutcome>,
}

/// All cases of a deal: readings times orders of open dates. The flag is true where some orders were left out.
///
/// # Errors
/// Faults of the deal under the binding as it stands.
pub fn split<'d>(deal: &'d Deal, base: &Binding) -> Result<(Vec<Case<'d>>, bool), Vec<Diagnostic>> {
    let texts = consolidate(deal, base);
    if texts.has_errors() {
        return Err(texts.diagnostics);
    }
    let lowered = lower(deal, &texts.value, base);
    let Some(program) = lowered.value else { return Err(lowered.diagnostics) };
    let Orders { all, partial } = orders(&program);
    let mut cases = Vec::new();
    for assumed in all {
        for chosen in combinations(&readings(deal, &texts.value), base) {
            let mut binding = Binding { readings: chosen, ..base.clone() };
            for (p, d) in &assumed {
                binding.values.insert(*p, taken(Value::Date(*d)));
            }
            // An order under which the amendments do not fit together is a fault of its own (C016), not a case.
            cases.extend(Case::new(deal, binding, assumed.clone()));
        }
    }
    if cases.is_empty() {
        cases.extend(Case::new(deal, base.clone(), BTreeMap::new()));
    }
    Ok((cases, partial))
}

fn taken(value: Value) -> Bound {
    Bound { value, origin: "taken by the checker".into(), source: None }
}

fn combinations(found: &[(ClauseId, Vec<String>)], base: &Binding) -> Vec<BTreeMap<ClauseId, String>> {
    let mut all = vec![base.readings.clone()];
    for (clause, names) in found {
        if base.readings.contains_key(clause) {
            continue;
        }
        let many = all.len() * names.len() > MOST_READINGS;
        let names = if many { &names[..names.len().min(1)] } else { &names[..] };
        all = all
            .iter()
            .flat_map(|so_far| {
                names.iter().map(move |n| {
                    let mut next = so_far.clone();
                    next.insert(*clause, n.clone());
                    next
                })
            })
            .collect();
    }
    all
}

impl<'d> Case<'d> {
    /// A case; none where the text does not hold together or a figure is missing.
    #[must_use]
    pub fn new(deal: &'d Deal, binding: Binding, assumed: BTreeMap<ParamId, Date>) -> Option<Self> {
        let texts = consolidate(deal, &binding);
        if texts.has_errors() {
            return None;
        }
        let program = Arc::new(lower(deal, &texts.value, &binding).value?);
        let values: BTreeMap<ParamId, Value> = unbound(&program)
            .into_iter()
            .filter_map(|p| Some((p, usual(&deal.symbols, p, &program)?)))
            .collect();
        // Where nothing is open the program is already the one to run.
        let ready = if values.is_empty() {
            Interpreter::new(Arc::clone(&program)).ok()?
        } else {
            interpreter(deal, &binding, &values)?
        };
        Some(Case { deal, binding, assumed, texts: texts.value, program, ready, values })
    }

    /// The same under the text in force on a day alone, as if it had always been the only one; none where none was.
    #[must_use]
    pub fn text_of(&self, day: Date) -> Option<Self> {
        let mut texts = self.texts.clone();
        let mut version = texts.versions.swap_remove(version_on(&texts, day)?);
        version.from = texts.effective.clone();
        version.through = None;
        texts.versions = vec![version];
        for dates in &mut texts.amendments {
            dates.retroactive = false;
        }
        let program = Arc::new(lower(self.deal, &texts, &self.binding).value?);
        let mut bound = self.binding.clone();
        for (p, v) in &self.values {
            bound.values.insert(*p, taken(v.clone()));
        }
        let ready = Interpreter::new(Arc::new(lower(self.deal, &texts, &bound).value?)).ok()?;
        Some(Case { texts, program, ready, ..self.clone() })
    }

    /// Names.
    #[must_use]
    pub fn symbols(&self) -> &Symbols {
        &self.program.symbols
    }

    /// What stands for the parameters that are open, unless a witness takes other values.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<ParamId, Value> {
        &self.values
    }

    /// An interpreter at the first day under a witness's values.
    #[must_use]
    pub fn start(&self, values: &BTreeMap<ParamId, Value>) -> Option<Interpreter> {
        if values.iter().all(|(p, v)| self.values.get(p) == Some(v)) {
            return Some(self.ready.clone());
        }
        let mut all = self.values.clone();
        all.extend(values.clone());
        interpreter(self.deal, &self.binding, &all)
    }

    /// Runs a history through the interpreter.
    ///
    /// # Errors
    /// As [`Interpreter::step`]; values under which the deal does not hold together.
    pub fn replay(&self, w: &Witness) -> Result<Replay, EvalError> {
        let missing = || EvalError {
            row: None,
            field: None,
            message: "the deal does not hold together under these values".into(),
            span: None,
        };
        let mut run = self.start(&w.values).ok_or_else(missing)?;
        let mut rows = Vec::new();
        for e in &w.events {
            rows.push(run.step(e)?);
        }
        if let Some(day) = w.clock {
            run.close(day)?;
        }
        Ok(Replay { rows, clock: run.take_clock() })
    }
}

fn interpreter(deal: &Deal, binding: &Binding, values: &BTreeMap<ParamId, Value>) -> Option<Interpreter> {
    let mut binding = binding.clone();
    for (p, v) in values {
        binding.values.insert(*p, taken(v.clone()));
    }
    let texts = consolidate(deal, &binding);
    if texts.has_errors() {
        return None;
    }
    let program = lower(deal, &texts.value, &binding).value?;
    Interpreter::new(Arc::new(program)).ok()
}

/// A value that a parameter without one may well have.
fn usual(s: &Symbols, p: ParamId, program: &Program) -> Option<Value> {
    let (_, info) = s.params.get_index(p.ix())?;
    let vocab = |v: VocabId| s.vocabularies.get_index(v.ix()).map(|(_, x)| Value::Term(x.root));
    Some(match info.ty {
        Type::Bool => Value::Bool(true),
        Type::Int => Value::Number(Exact::int(10)),
        Type::Decimal(_) => Value::Number(Exact::ONE),
        Type::Percent => Value::Number(Exact::ratio(1, 10).ok()?),
        Type::Money(c, _) => {
            let scale = s.agreement.currencies.get(c.ix()).map_or(1, habendum_model::value::Currency::scale);
            Value::Money(Exact::int(1_000_000 * scale), c)
        }
        Type::Date => Value::Date(program.effective.fixed().unwrap_or(Date::constant(2030, 1, 1))),
        Type::Instant => Value::Instant(0),
        Type::Duration => Value::Duration(Length { count: 30, unit: DurationUnit::Days }),
        Type::Text => Value::Text("unnamed".into()),
        Type::Party => Value::Party(PartyId(0)),
        Type::Clause => Value::Clause(ClauseId(0)),
        Type::Term(v) => vocab(v)?,
    })
}
