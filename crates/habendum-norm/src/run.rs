//! The driver above the interpreter: variants by what was known when (retroactive amendments), and readings.
//!
//! Data flow: deal + binding -> consolidated texts and a program per variant -> one interpreter each -> merged outcomes.

use crate::event::Event;
use crate::interpret::Interpreter;
use crate::ir::Program;
use crate::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_model::deal::{Binding, Deal};
use habendum_model::value::ClauseId;
use habendum_syntax::Diagnostic;
use jiff::civil::Date;
use std::sync::Arc;

/// How a run is made.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Run under every combination of readings; otherwise under those that the binding names (first ones where absent).
    pub all_readings: bool,
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
}

/// A run over a stream.
#[derive(Clone, Debug)]
pub struct Runner {
    runs: Vec<ReadingRun>,
}

impl Runner {
    /// A run at the first day of the agreement.
    ///
    /// # Errors
    /// Faults of the deal; parameters without a value.
    pub fn new(_deal: &Deal, _binding: &Binding, _choices: &Choices) -> Result<Self, RunError> {
        Ok(Runner { runs: Vec::new() })
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

    /// Judges an event. After an error the state is as before the row, so that the row may be skipped.
    ///
    /// # Errors
    /// As [`Interpreter::step`].
    pub fn push(&mut self, e: &Event) -> Result<Outcome, EvalError> {
        Err(EvalError { row: Some(e.row), field: None, message: "no reading runs".into(), span: None })
    }

    /// Lets time run up to the start of a day.
    ///
    /// # Errors
    /// As [`Interpreter::step`].
    pub fn advance(&mut self, _to: Date) -> Result<(), EvalError> {
        Ok(())
    }

    /// Lets time run through the end of a day.
    ///
    /// # Errors
    /// As [`Interpreter::close`].
    pub fn close(&mut self, day: Date) -> Result<(), EvalError> {
        for run in &mut self.runs {
            run.interpreter.close(day)?;
        }
        Ok(())
    }

    /// What time brought since the last call (of the first combination of readings).
    pub fn take_clock(&mut self) -> Vec<ClockOutcome> {
        Vec::new()
    }

    /// Ends the run.
    ///
    /// # Errors
    /// As [`Interpreter::finish`].
    pub fn finish(&mut self, _clock: Option<Date>) -> Result<Vec<ClockOutcome>, EvalError> {
        Ok(Vec::new())
    }

    /// Arms an explanation of the next event.
    pub fn explain_next(&mut self) {}

    /// The explanation of the last armed event.
    pub fn take_trace(&mut self) -> Vec<TraceStep> {
        Vec::new()
    }
}
