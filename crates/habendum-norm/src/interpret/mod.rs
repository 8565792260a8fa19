//! The reference interpreter: what a program makes of a stream of events and of time.
//!
//! Data flow of a row: time runs to its day (`clock`) -> what it changes is decided on the state before it (`changes`:
//! `rules`, `license`, `power`, `relief`, `duty`, `payment`) -> it is applied (`apply`) -> outcome.
//! Invariant: nothing is applied before everything that can fail has been evaluated.

mod account;
mod agenda;
mod apply;
pub(crate) mod changes;
mod clock;
mod credits;
mod days;
pub(crate) mod duty;
mod enter;
pub(crate) mod license;
pub mod measures;
pub mod meter;
mod pay_clock;
pub(crate) mod payment;
pub(crate) mod plan;
mod post;
mod power;
mod reach;
mod relief;
pub mod report;
pub(crate) mod rules;
mod settle;
mod snapshot;
pub(crate) mod state;
mod sums;
pub(crate) mod view;

use crate::event::Event;
use crate::ir::Program;
use crate::outcome::{ClockOutcome, EvalError, Outcome, TraceStep};
use crate::trace::TimeWanted;
use habendum_model::value::ClauseId;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use plan::{Plan, VersionPlan};
pub use report::{CapRoom, KeySums, OpenObligation};
pub use snapshot::Snapshot;
use state::State;
use std::sync::Arc;
use view::View;

/// Evaluates events one by one, and the time between them.
#[derive(Clone, Debug)]
pub struct Interpreter {
    program: Arc<Program>,
    plan: Arc<Plan>,
    state: State,
    clock: Vec<ClockOutcome>,
    /// Time could not run on: nothing after that can be trusted.
    broken: Option<EvalError>,
    /// The day at hand is over.
    over: bool,
    explain: bool,
    trace: Vec<TraceStep>,
    by_time: Option<TimeWanted>,
    time_trace: Vec<TraceStep>,
    /// How often something has happened that may bear on what is in force, and for whom.
    standing: u64,
}

impl Interpreter {
    /// An interpreter at the first day of the agreement.
    ///
    /// # Errors
    /// Where a parameter that the program needs has no value.
    pub fn new(program: Arc<Program>) -> Result<Self, EvalError> {
        let missing = crate::lower::unbound(&program);
        if !missing.is_empty() {
            let names: Vec<&str> = missing
                .iter()
                .filter_map(|p| program.symbols.params.get_index(p.ix()).map(|(n, _)| n.as_str()))
                .collect();
            let message = format!(
                "no value for {}: give one with a schedule or with --set NAME=VALUE",
                names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
            );
            return Err(EvalError { row: None, field: None, message, span: None });
        }
        let plan = Arc::new(plan::plan(&program));
        let state = State::new(&program, &plan);
        let (clock, trace) = (Vec::new(), Vec::new());
        Ok(Interpreter {
            program,
            plan,
            state,
            clock,
            broken: None,
            over: false,
            explain: false,
            trace,
            by_time: None,
            time_trace: Vec::new(),
            standing: 0,
        })
    }

    /// A number that grows whenever something may have changed what is in force, and for whom: a text, a term, a power, relief, a
    /// register, a sublicense. Amounts, sums and obligations are not told by it.
    #[must_use]
    pub fn standing(&self) -> u64 {
        self.standing
    }

    /// Whether a row of a day meets the state as it stands: the day is at hand, and time has nothing to bring before the row.
    #[must_use]
    pub fn is_idle_on(&self, day: Date) -> bool {
        self.broken.is_none()
            && !self.over
            && self.clock.is_empty()
            && day == self.state.today
            && !self.state.agenda.waits_before(day)
    }

    /// Takes note of a row of the day at hand that changes nothing. Only where [`Interpreter::is_idle_on`] that day.
    pub fn pass_by(&mut self, row: u64) {
        self.state.row = row;
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The day that time has reached.
    #[must_use]
    pub fn today(&self) -> Date {
        self.state.today
    }

    /// Lets time run up to the event's day, then judges the event. After an error the state is as before the row, save
    /// that time may have run up to the row's day.
    ///
    /// # Errors
    /// A row out of date order, a figure beyond 64 or 128 bits, a date that cannot be reckoned.
    pub fn step(&mut self, e: &Event) -> Result<Outcome, EvalError> {
        let decided = self.prepare(e)?;
        self.commit(e, decided)
    }

    /// The first half of a step: lets time run up to the event's day and decides what the row changes.
    ///
    /// # Errors
    /// As `step`.
    pub(crate) fn prepare(&mut self, e: &Event) -> Result<Decided, EvalError> {
        if e.date < self.state.today || (self.over && e.date == self.state.today) {
            let reached = if self.over { "which is over" } else { "which time has reached" };
            let until = self.state.today;
            let message = if e.date < until {
                format!("its day {} is before {until}, {reached}", e.date)
            } else {
                format!("its day {until} is over")
            };
            return Err(EvalError { row: Some(e.row), field: None, message, span: None });
        }
        self.advance(e.date).and_then(|()| self.decide(e)).map_err(|x| of_row(x, e))
    }

    fn decide(&mut self, e: &Event) -> Result<Decided, EvalError> {
        let plan = Arc::clone(&self.plan);
        let program = Arc::clone(&self.program);
        let Some(version) = plan.versions.get(self.state.version.unwrap_or(0)) else {
            return Ok(Decided(None));
        };
        let view = View {
            program: &program,
            plan: &plan,
            version,
            state: &self.state,
            today: e.date,
            explain: self.explain,
            spent: &[],
        };
        let named = reach::named(&view, e)?;
        let spent: Vec<_> = named.iter().filter(|n| n.spent).map(|n| (n.slot, n.key.clone())).collect();
        let view = View { spent: &spent, ..view };
        let mut changes = changes::decide(&view, e)?;
        changes.named = named;
        if self.explain {
            self.trace = crate::trace::explain(&view, e, &changes);
            self.explain = false;
        }
        Ok(Decided(Some(changes)))
    }

    /// The second half of a step: applies what was decided on this very state.
    ///
    /// # Errors
    /// As `step`.
    pub(crate) fn commit(&mut self, e: &Event, decided: Decided) -> Result<Outcome, EvalError> {
        let plan = Arc::clone(&self.plan);
        match (plan.versions.get(self.state.version.unwrap_or(0)), decided.0) {
            (Some(version), Some(changes)) => self.apply(version, e, changes).map_err(|x| of_row(x, e)),
            (None, _) | (_, None) => Ok(silent(e)),
        }
    }

    /// Lets time run: everything dated before the day happens, and what stands at the day's start.
    ///
    /// # Errors
    /// As `step`. Once time could not run on, every later call gives the same error.
    pub fn advance(&mut self, to: Date) -> Result<(), EvalError> {
        if let Some(e) = &self.broken {
            return Err(e.clone());
        }
        if to <= self.state.today && !self.state.agenda.waits_before(to) {
            return Ok(());
        }
        self.over &= to <= self.state.today;
        self.pass(to, agenda::Stage::Open)
    }

    /// Lets time run through the end of a day; rows of that day can no longer come.
    ///
    /// # Errors
    /// As `advance`.
    pub fn close(&mut self, day: Date) -> Result<(), EvalError> {
        if let Some(e) = &self.broken {
            return Err(e.clone());
        }
        if day < self.state.today {
            return Ok(());
        }
        self.pass(day, agenda::Stage::Term)?;
        self.over = true;
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
    pub fn finish(&mut self, clock: Option<Date>) -> Result<Vec<ClockOutcome>, EvalError> {
        if let Some(e) = &self.broken {
            return Err(e.clone());
        }
        if clock.is_none() && self.state.version.is_none() {
            return Ok(self.take_clock());
        }
        let to = clock.unwrap_or(self.state.today).max(self.state.today);
        self.close(to)?;
        self.provisional(to)?;
        Ok(self.take_clock())
    }

    fn version(&self) -> Option<&VersionPlan> {
        self.plan.versions.get(self.state.version?)
    }

    /// Obligations that nothing has discharged: open ones, and lapsed ones not yet performed.
    #[must_use]
    pub fn open_obligations(&self) -> Vec<OpenObligation> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut found = Vec::new();
        for n in &version.norms {
            for (key, all) in &self.state.norms[n.slot].duties {
                for o in all {
                    found.push(OpenObligation {
                        norm: n.norm.id,
                        key: key.clone(),
                        obligation: o.id,
                        opened_by: o.opened_by,
                        opened: o.opened,
                        deadline: duty::deadline(&v, n, key, o),
                        left: o.left,
                        lapsed: o.lapsed,
                    });
                }
            }
        }
        found.sort_by_key(|o| o.obligation);
        found
    }

    fn view<'a>(&'a self, version: &'a VersionPlan) -> View<'a> {
        View {
            program: &self.program,
            plan: &self.plan,
            version,
            state: &self.state,
            today: self.state.today,
            explain: false,
            spent: &[],
        }
    }

    /// Whether any sentence of a clause is in force on a day, by what is known now.
    #[must_use]
    pub fn is_in_force(&self, clause: ClauseId, on: Date) -> bool {
        let Some(version) = self.plan.versions.iter().rev().find(|v| v.from <= on) else { return false };
        let v = View { today: on, ..self.view(version) };
        let norms = version.by_clause.get(&clause).map_or(&[][..], Vec::as_slice);
        norms.iter().any(|i| v.in_force(&version.norms[*i], &[]).unwrap_or(false))
    }

    /// Whether two runs stand alike: what one will make of any later row, the other will too. For tests of refused rows and
    /// of resumed runs.
    #[must_use]
    pub fn stands_like(&self, other: &Interpreter) -> bool {
        self.state == other.state && self.clock == other.clock && self.over == other.over
    }

    /// Whether a row has left nothing behind: this run stands as the one before it, but for the number of the last row.
    #[must_use]
    pub fn is_unmoved_from(&self, before: &Interpreter) -> bool {
        self.state.is_but_for_row(&before.state) && self.clock == before.clock && self.over == before.over
    }

    /// The days on which time will bring something, as far as it is known now.
    pub fn coming_days(&self) -> impl Iterator<Item = Date> {
        self.state.agenda.days()
    }

    /// Arms an explanation of the next step.
    pub fn explain_next(&mut self) {
        self.explain = true;
    }

    /// Explains, from now on, the payments that time brings.
    pub fn explain_time(&mut self, wanted: TimeWanted) {
        self.by_time = Some(wanted);
    }

    /// The explanations of what time has brought since they were last taken.
    pub fn take_time_trace(&mut self) -> Vec<TraceStep> {
        std::mem::take(&mut self.time_trace)
    }

    fn explains(&self, day: Date, n: &plan::PlanNorm) -> bool {
        self.by_time.is_some_and(|w| w.holds(day, n.norm.id.clause))
    }

    /// The explanation of the last armed step.
    pub fn take_trace(&mut self) -> Vec<TraceStep> {
        std::mem::take(&mut self.trace)
    }
}

/// What a row changes, decided and not yet applied; none where the agreement has no text.
#[derive(Debug)]
pub(crate) struct Decided(Option<changes::Changes>);

impl Decided {
    /// The verdict on the row.
    pub(crate) fn verdict(&self) -> Verdict {
        self.0.as_ref().and_then(|c| c.judged.verdict).unwrap_or(Verdict::Silent)
    }
}

/// The earlier of two days, where both are known.
fn earlier(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn of_row(mut x: EvalError, e: &Event) -> EvalError {
    x.row = x.row.or(Some(e.row));
    x
}

fn silent(e: &Event) -> Outcome {
    Outcome {
        row: e.row,
        date: e.date,
        kind: e.kind,
        verdict: Verdict::Silent,
        deciding: Vec::new(),
        reason: None,
        duties: Vec::new(),
        accruals: Vec::new(),
        effects: Vec::new(),
    }
}
