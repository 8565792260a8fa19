//! The driver above the interpreter: variants by what was known when (retroactive amendments), and readings.
//!
//! Data flow: deal + binding -> one [`ReadingRun`] per combination of readings, each with one interpreter per state of knowledge
//! (`known`) -> outcomes per combination -> one outcome (`merge`). Invariant: the verdict is that of the text known in the end; what
//! accrues on a day is what the text known on that day says, and the difference is posted at the signature.

mod known;
mod merge;

use crate::event::Event;
use crate::interpret::Interpreter;
use crate::ir::Program;
use crate::lower::{lower, readings};
use crate::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::value::ClauseId;
use habendum_model::{consolidate, show};
use habendum_syntax::{Checked, Diagnostic, Severity};
use jiff::civil::Date;
use known::Knowledge;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More combinations of readings than this have to be narrowed by choosing some.
const MOST_COMBINATIONS: usize = 16;

/// How a run is made.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Run under every combination of readings; otherwise under those that the binding names (first ones where absent).
    pub all_readings: bool,
    /// Judge every event by the text in force on this day.
    pub text_as_of: Option<Date>,
}

/// Why a run could not begin.
#[derive(Clone, Debug)]
pub enum RunError {
    /// The deal has faults.
    Faults(Vec<Diagnostic>),
    /// A figure is missing or wrong.
    Eval(EvalError),
}

/// One combination of readings with its interpreter of the final text.
#[derive(Clone, Debug)]
pub struct ReadingRun {
    /// Clause and reading; empty where the deal has none.
    pub readings: Vec<(ClauseId, String)>,
    /// The interpreter of the text known in the end.
    pub interpreter: Interpreter,
    /// What was known earlier.
    earlier: Knowledge,
}

/// A run over a stream.
#[derive(Clone, Debug)]
pub struct Runner {
    runs: Vec<ReadingRun>,
    clock: Vec<ClockOutcome>,
    /// Where several interpreters run side by side and one of them refuses what another has taken, none can go on.
    broken: Option<EvalError>,
}

impl Runner {
    /// A run at the first day of the agreement.
    ///
    /// # Errors
    /// Faults of the deal; parameters without a value; too many combinations of readings.
    pub fn new(deal: &Deal, binding: &Binding, choices: &Choices) -> Result<Self, RunError> {
        let texts = sound(consolidate(deal, binding))?;
        let mut runs = Vec::new();
        for combination in combinations(deal, &texts, binding, choices.all_readings)? {
            let mut bound = binding.clone();
            bound.readings.extend(combination.iter().cloned());
            let build = |known_as_of: Option<Date>| -> Result<Interpreter, RunError> {
                let bound = Binding { known_as_of: known_as_of.or(bound.known_as_of), ..bound.clone() };
                let mut texts = sound(consolidate(deal, &bound))?;
                if let Some(day) = choices.text_as_of {
                    only_text_of(&mut texts, day)?;
                }
                let lowered = lower(deal, &texts, &bound);
                let Some(program) = sound(lowered)? else { return Err(RunError::Faults(Vec::new())) };
                Interpreter::new(Arc::new(program)).map_err(RunError::Eval)
            };
            let interpreter = build(None)?;
            let earlier = if choices.text_as_of.is_some() {
                Knowledge::default()
            } else {
                Knowledge::new(&texts, |before| build(Some(before)))?
            };
            runs.push(ReadingRun { readings: combination, interpreter, earlier });
        }
        Ok(Runner { runs, clock: Vec::new(), broken: None })
    }

    /// The program of the first combination of readings.
    #[must_use]
    pub fn program(&self) -> Option<&Arc<Program>> {
        self.runs.first().map(|r| r.interpreter.program())
    }

    /// Every combination of readings, the chosen or first one first.
    #[must_use]
    pub fn readings(&self) -> &[ReadingRun] {
        &self.runs
    }

    /// Judges an event. After an error the state is as before the row, so that the row may be skipped; where several
    /// interpreters run and only one of them refuses the row, the run cannot go on.
    ///
    /// # Errors
    /// As [`Interpreter::step`].
    pub fn push(&mut self, e: &Event) -> Result<Outcome, EvalError> {
        if let Some(b) = &self.broken {
            return Err(EvalError { row: Some(e.row), ..b.clone() });
        }
        let mut outcomes = Vec::with_capacity(self.runs.len());
        for run in &mut self.runs {
            match run.earlier.step(&mut run.interpreter, e) {
                Ok(o) => outcomes.push(o),
                Err((x, taken)) => {
                    if taken || !outcomes.is_empty() {
                        self.broken = Some(x.clone());
                    }
                    return Err(x);
                }
            }
        }
        self.gather();
        Ok(merge::merge(outcomes, &self.runs))
    }

    /// Lets time run up to the start of a day.
    ///
    /// # Errors
    /// As [`Interpreter::step`].
    pub fn advance(&mut self, to: Date) -> Result<(), EvalError> {
        for run in &mut self.runs {
            run.earlier.advance(&mut run.interpreter, to)?;
        }
        self.gather();
        Ok(())
    }

    /// Lets time run through the end of a day.
    ///
    /// # Errors
    /// As [`Interpreter::close`].
    pub fn close(&mut self, day: Date) -> Result<(), EvalError> {
        for run in &mut self.runs {
            run.earlier.close(&mut run.interpreter, day)?;
        }
        self.gather();
        Ok(())
    }

    /// Clock outcomes of the first combination; the others' are seen in their interpreters' sums.
    fn gather(&mut self) {
        for (i, run) in self.runs.iter_mut().enumerate() {
            let brought = run.earlier.take_clock(&mut run.interpreter);
            if i == 0 {
                self.clock.extend(brought);
            }
        }
    }

    /// What time brought since the last call (of the first combination of readings).
    pub fn take_clock(&mut self) -> Vec<ClockOutcome> {
        std::mem::take(&mut self.clock)
    }

    /// Ends the run.
    ///
    /// # Errors
    /// As [`Interpreter::finish`].
    pub fn finish(&mut self, clock: Option<Date>) -> Result<Vec<ClockOutcome>, EvalError> {
        if let Some(b) = &self.broken {
            return Err(b.clone());
        }
        for (i, run) in self.runs.iter_mut().enumerate() {
            let brought = run.earlier.finish(&mut run.interpreter, clock)?;
            if i == 0 {
                self.clock.extend(brought);
            }
        }
        Ok(self.take_clock())
    }

    /// Arms an explanation of the next event.
    pub fn explain_next(&mut self) {
        for run in &mut self.runs {
            run.interpreter.explain_next();
        }
    }

    /// The explanation of the last armed event, under each combination of readings.
    pub fn take_trace(&mut self) -> Vec<TraceStep> {
        let several = self.runs.len() > 1;
        let mut out = Vec::new();
        for run in &mut self.runs {
            let steps = run.interpreter.take_trace();
            if several && !steps.is_empty() {
                let text = format!("read with {}", merge::name(&run.readings, run.interpreter.program()));
                out.push(TraceStep { depth: 0, text, span: None });
            }
            let deeper = u8::from(several);
            out.extend(steps.into_iter().map(|s| TraceStep { depth: s.depth + deeper, ..s }));
        }
        out
    }
}

/// The value of a pass without errors.
fn sound<T>(c: Checked<T>) -> Result<T, RunError> {
    let errors: Vec<Diagnostic> =
        c.diagnostics.into_iter().filter(|d| d.severity == Severity::Error).collect();
    if errors.is_empty() { Ok(c.value) } else { Err(RunError::Faults(errors)) }
}

/// Combinations of readings: those of the binding stay as chosen, the others vary where all are asked for.
fn combinations(
    deal: &Deal,
    texts: &Consolidated,
    binding: &Binding,
    all: bool,
) -> Result<Vec<Vec<(ClauseId, String)>>, RunError> {
    let mut out: Vec<Vec<(ClauseId, String)>> = vec![Vec::new()];
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (clause, names) in readings(deal, texts) {
        let chosen = binding.readings.get(&clause).cloned();
        let names = match chosen {
            Some(n) => vec![n],
            None if all => names,
            None => names.into_iter().take(1).collect(),
        };
        if names.len() > 1 {
            open.insert(deal.symbols.clause_name(clause), names.len());
        }
        out = names
            .iter()
            .flat_map(|n| out.iter().map(move |c| [c.as_slice(), &[(clause, n.clone())]].concat()))
            .collect();
    }
    if out.len() > MOST_COMBINATIONS {
        let clauses: Vec<&str> = open.into_keys().collect();
        let message = format!(
            "{} combinations of readings are more than {MOST_COMBINATIONS}: choose some with --reading CLAUSE=NAME, of {}",
            out.len(),
            clauses.join(", ")
        );
        return Err(RunError::Eval(EvalError { row: None, field: None, message, span: None }));
    }
    Ok(out)
}

/// One version alone, in force throughout.
fn only_text_of(texts: &mut Consolidated, day: Date) -> Result<(), RunError> {
    let Some(i) = show::version_on(texts, day) else {
        let message = format!("no text was in force on {day}: the agreement begins later");
        return Err(RunError::Eval(EvalError { row: None, field: None, message, span: None }));
    };
    let mut version = texts.versions.swap_remove(i);
    version.from = texts.effective.clone();
    version.through = None;
    texts.versions = vec![version];
    Ok(())
}
