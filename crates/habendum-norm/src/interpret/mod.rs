//! The reference interpreter: what a program makes of a stream of events and of time.

pub mod report;

use crate::event::Event;
use crate::ir::Program;
use crate::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_model::value::ClauseId;
use jiff::civil::Date;
pub use report::{CapRoom, KeySums, OpenObligation};
use std::sync::Arc;

/// Evaluates events one by one, and the time between them.
#[derive(Clone, Debug)]
pub struct Interpreter {
    program: Arc<Program>,
    clock: Vec<ClockOutcome>,
}

impl Interpreter {
    /// An interpreter at the first day of the agreement.
    ///
    /// # Errors
    /// Where a parameter that the program needs has no value.
    pub fn new(program: Arc<Program>) -> Result<Self, EvalError> {
        Ok(Interpreter { program, clock: Vec::new() })
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Lets time run up to the event's day, then judges the event. After an error the state is as before the row.
    ///
    /// # Errors
    /// A row out of date order, a figure beyond 64 or 128 bits, a date that cannot be reckoned.
    pub fn step(&mut self, e: &Event) -> Result<Outcome, EvalError> {
        Err(EvalError {
            row: Some(e.row),
            field: None,
            message: "no rule is built in yet".into(),
            span: None,
        })
    }

    /// Lets time run: everything dated before the day happens, and what stands at the day's start.
    ///
    /// # Errors
    /// As `step`.
    pub fn advance(&mut self, _to: Date) -> Result<(), EvalError> {
        Ok(())
    }

    /// What time brought since the last call, in order.
    pub fn take_clock(&mut self) -> Vec<ClockOutcome> {
        std::mem::take(&mut self.clock)
    }

    /// Ends the run at the end of the clock's day, or of the last row's; amounts still running are provisional.
    ///
    /// # Errors
    /// As `step`.
    pub fn finish(&mut self, _clock: Option<Date>) -> Result<Vec<ClockOutcome>, EvalError> {
        Ok(self.take_clock())
    }

    /// Sums per payment norm of a clause and instance key.
    #[must_use]
    pub fn sums(&self, _clause: ClauseId) -> Vec<KeySums> {
        Vec::new()
    }

    /// Obligations that nothing has discharged: open ones, and lapsed ones not yet performed.
    #[must_use]
    pub fn open_obligations(&self) -> Vec<OpenObligation> {
        Vec::new()
    }

    /// The room under every cap.
    #[must_use]
    pub fn cap_rooms(&self) -> Vec<CapRoom> {
        Vec::new()
    }

    /// Whether any sentence of a clause is in force on a day, by what is known now.
    #[must_use]
    pub fn is_in_force(&self, _clause: ClauseId, _on: Date) -> bool {
        false
    }

    /// Arms an explanation of the next step.
    pub fn explain_next(&mut self) {}

    /// The explanation of the last armed step.
    pub fn take_trace(&mut self) -> Vec<TraceStep> {
        Vec::new()
    }
}
