//! The driver above the interpreter: variants by what was known when (retroactive amendments), and readings.
//!
//! Data flow: deal + binding -> consolidated texts and a program per variant -> one interpreter each (`variant`) -> merged
//! outcomes (`merge`). Invariant: every reading sees the same rows; a row that one of them refuses changes none.

mod merge;
mod variant;

use crate::event::Event;
use crate::interpret::Interpreter;
use crate::ir::Program;
use crate::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::show::version_on;
use habendum_model::value::ClauseId;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
pub use variant::ReadingRun;

/// More combinations of readings than this have to be narrowed by choosing some.
const MOST_COMBINATIONS: usize = 64;

/// How a run is made.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Run under every combination of readings; otherwise under those that the binding names (first ones where absent).
    pub all_readings: bool,
    /// Judge every event by the text in force on this day, by what is known in the end.
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

/// A run over a stream.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Every combination of readings; never empty.
    runs: Vec<ReadingRun>,
}

/// Everything that a run has to remember, to be kept between runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot<'a>(Vec<variant::Saved<'a>>);

/// What an event would do, not yet applied.
#[derive(Debug)]
pub struct Weighed(Vec<variant::Prepared>);

impl Weighed {
    /// The verdict that it would get; none where the readings part.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let mut all = self.0.iter().map(variant::Prepared::verdict);
        let first = all.next()?;
        all.all(|v| v == first).then_some(first)
    }
}

impl Runner {
    /// A run at the first day of the agreement.
    ///
    /// # Errors
    /// Faults of the deal; parameters without a value; too many combinations of readings.
    pub fn new(deal: &Deal, binding: &Binding, choices: &Choices) -> Result<Self, RunError> {
        let mut texts = consolidate(deal, binding);
        if texts.has_errors() {
            return Err(RunError::Faults(texts.diagnostics));
        }
        if let Some(day) = choices.text_as_of {
            only_text_of(&mut texts.value, day)?;
        }
        let runs = combinations(deal, &crate::lower::readings(deal, &texts.value), binding, choices)?
            .into_iter()
            .map(|readings| {
                let binding = Binding { readings: readings.iter().cloned().collect(), ..binding.clone() };
                ReadingRun::new(deal, &texts.value, &binding, readings)
            })
            .collect::<Result<_, _>>()?;
        Ok(Runner { runs })
    }

    /// The state at hand; none where time could not run on, so that nothing can be trusted.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot<'_>> {
        self.runs.iter().map(ReadingRun::snapshot).collect::<Option<_>>().map(Snapshot)
    }

    /// Goes on from a state that was saved by a run of the same deal and choices. False where it cannot be one; the run is
    /// of no use then.
    #[must_use]
    pub fn restore(&mut self, snapshot: Snapshot<'_>) -> bool {
        self.runs.len() == snapshot.0.len()
            && self.runs.iter_mut().zip(snapshot.0).all(|(run, saved)| run.restore(saved))
    }

    /// The program of the first combination of readings.
    #[must_use]
    pub fn program(&self) -> Option<&Arc<Program>> {
        self.runs.first().map(|r| r.interpreter.program())
    }

    /// The programs of all readings and of all texts that were known on the way, in order.
    pub fn programs(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.runs.iter().flat_map(ReadingRun::programs)
    }

    /// Whether one program runs: one reading, and no text that was known before a signature still to come.
    #[must_use]
    pub fn is_sole(&self) -> bool {
        self.programs().nth(1).is_none()
    }

    /// The interpreter, where one program runs.
    pub fn sole(&mut self) -> Option<&mut Interpreter> {
        if self.is_sole() { self.runs.first_mut().map(|r| &mut r.interpreter) } else { None }
    }

    /// A number that changes whenever something may have changed what is in force, and for whom.
    #[must_use]
    pub fn standing(&self) -> u64 {
        self.runs.iter().map(ReadingRun::standing).fold(0, u64::wrapping_add)
    }

    /// Whether a row of a day meets the state as it stands: time has nothing to bring before it.
    #[must_use]
    pub fn is_idle_on(&self, day: Date) -> bool {
        self.runs.iter().all(|r| r.is_idle_on(day))
    }

    /// Takes note of a row of the day at hand that changes nothing. Only where [`Runner::is_idle_on`] that day.
    pub fn pass_by(&mut self, row: u64) {
        self.runs.iter_mut().for_each(|r| r.pass_by(row));
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
        let weighed = self.weigh(e)?;
        self.apply(e, weighed)
    }

    /// Decides what an event would do. Time runs up to its day; nothing else changes, so that another event of that day
    /// may be weighed instead.
    ///
    /// # Errors
    /// As [`Runner::push`].
    pub fn weigh(&mut self, e: &Event) -> Result<Weighed, EvalError> {
        // Nothing is applied in any reading before every reading has taken the row.
        self.runs.iter_mut().map(|r| r.prepare(e)).collect::<Result<_, _>>().map(Weighed)
    }

    /// Applies what was decided last, on this very state.
    ///
    /// # Errors
    /// As [`Runner::push`].
    pub fn apply(&mut self, e: &Event, weighed: Weighed) -> Result<Outcome, EvalError> {
        let mut outcomes = Vec::with_capacity(self.runs.len());
        for (r, d) in self.runs.iter_mut().zip(weighed.0) {
            outcomes.push(r.commit(e, d)?);
        }
        let first = outcomes.remove(0);
        Ok(if outcomes.is_empty() { first } else { merge::merge(&self.runs, first, outcomes) })
    }

    /// Lets time run up to the start of a day.
    ///
    /// # Errors
    /// As [`Interpreter::step`].
    pub fn advance(&mut self, to: Date) -> Result<(), EvalError> {
        self.runs.iter_mut().try_for_each(|r| r.advance(to))
    }

    /// Lets time run through the end of a day.
    ///
    /// # Errors
    /// As [`Interpreter::close`].
    pub fn close(&mut self, day: Date) -> Result<(), EvalError> {
        self.runs.iter_mut().try_for_each(|r| r.close(day))
    }

    /// What time brought since the last call (of the first combination of readings).
    pub fn take_clock(&mut self) -> Vec<ClockOutcome> {
        let mut taken = self.runs.iter_mut().map(ReadingRun::take_clock);
        let first = taken.next().unwrap_or_default();
        // The others let theirs go, so that memory does not grow with the stream.
        taken.for_each(drop);
        first
    }

    /// Ends the run.
    ///
    /// # Errors
    /// As [`Interpreter::finish`].
    pub fn finish(&mut self, clock: Option<Date>) -> Result<Vec<ClockOutcome>, EvalError> {
        self.runs.iter_mut().try_for_each(|r| r.finish(clock))?;
        Ok(self.take_clock())
    }

    /// Arms an explanation of the next event.
    pub fn explain_next(&mut self) {
        if let Some(r) = self.runs.first_mut() {
            r.interpreter.explain_next();
        }
    }

    /// Explains, from now on, the payments that time brings, under the first combination of readings.
    pub fn explain_time(&mut self, wanted: crate::trace::TimeWanted) {
        if let Some(r) = self.runs.first_mut() {
            r.interpreter.explain_time(wanted);
        }
    }

    /// The explanations of what time has brought since they were last taken.
    pub fn take_time_trace(&mut self) -> Vec<TraceStep> {
        self.runs.first_mut().map(|r| r.interpreter.take_time_trace()).unwrap_or_default()
    }

    /// The explanation of the last armed event, under the first combination of readings.
    pub fn take_trace(&mut self) -> Vec<TraceStep> {
        self.runs.first_mut().map(|r| r.interpreter.take_trace()).unwrap_or_default()
    }
}

/// The combinations to run: of each clause the reading that the binding names, or all, or the first.
fn combinations(
    deal: &Deal,
    found: &[(ClauseId, Vec<String>)],
    binding: &Binding,
    choices: &Choices,
) -> Result<Vec<Vec<(ClauseId, String)>>, RunError> {
    let mut all: Vec<Vec<(ClauseId, String)>> = vec![Vec::new()];
    for (clause, names) in found {
        let names: Vec<&String> = match binding.readings.get(clause) {
            Some(chosen) => vec![chosen],
            None if choices.all_readings => names.iter().collect(),
            None => names.iter().take(1).collect(),
        };
        all = all
            .iter()
            .flat_map(|so_far| {
                names.iter().map(move |n| {
                    let mut next = so_far.clone();
                    next.push((*clause, (*n).clone()));
                    next
                })
            })
            .collect();
        if all.len() > MOST_COMBINATIONS {
            let clauses: Vec<&str> = found.iter().map(|(c, _)| deal.symbols.clause_name(*c)).collect();
            let message = format!(
                "more than {MOST_COMBINATIONS} combinations of readings: choose some with --reading CLAUSE=NAME, of {}",
                clauses.join(", ")
            );
            return Err(RunError::Eval(EvalError { row: None, field: None, message, span: None }));
        }
    }
    Ok(all)
}

/// Leaves the text in force on a day, as if it had always been the only one: no amendment reaches back over it.
fn only_text_of(texts: &mut Consolidated, day: Date) -> Result<(), RunError> {
    let Some(i) = version_on(texts, day) else {
        let message = format!("no text was in force on {day}: the agreement begins later");
        return Err(RunError::Eval(EvalError { row: None, field: None, message, span: None }));
    };
    let mut version = texts.versions.swap_remove(i);
    version.from = texts.effective.clone();
    version.through = None;
    texts.versions = vec![version];
    for dates in &mut texts.amendments {
        dates.retroactive = false;
    }
    Ok(())
}

/// A program of a consolidated text, with an interpreter at its first day.
fn interpreter(deal: &Deal, texts: &Consolidated, binding: &Binding) -> Result<Interpreter, RunError> {
    let lowered = crate::lower::lower(deal, texts, binding);
    match lowered.value {
        Some(program) => Interpreter::new(Arc::new(program)).map_err(RunError::Eval),
        None => Err(RunError::Faults(lowered.diagnostics)),
    }
}
