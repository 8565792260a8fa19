//! From a wish about one event to a history that the interpreter confirms.
//!
//! Data flow: formulas over a [`Moment`] -> a model -> a row -> replay -> [`Shown`]. Invariant: what is shown was replayed;
//! `Never` is a proof.

use crate::case::Case;
use crate::encode::{Moment, day_number};
use crate::explore::{Budget, search};
use crate::finding::Witness;
use crate::solver::{Answer, Formula, Linear, Objective};
use habendum_model::expr::Expr;
use habendum_model::value::ClauseId;
use habendum_norm::eval::{Scene, truth};
use habendum_norm::event::Event;
use habendum_norm::interpret::measures::Measures;
use habendum_norm::outcome::{ClockOutcome, Outcome};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// More rows than this are not tried where what is opaque keeps a row from showing what it should.
const MOST_TRIES: usize = 6;

/// What came of looking for a row.
#[derive(Clone, Debug)]
pub enum Shown {
    /// No row can.
    Never,
    /// This one does.
    Row(Box<Witness>),
    /// Not decided, and why.
    Open(String),
}

/// A row, the first of its history, under which these hold and whose outcome is as wanted.
pub fn row(
    case: &Case<'_>,
    m: &mut Moment<'_>,
    hold: &[Formula],
    wanted: &dyn Fn(&Outcome) -> bool,
) -> Shown {
    let plain = m.plain();
    let mut hold = hold.to_vec();
    for tries in 0..MOST_TRIES {
        let model = match m.solver.minimise_assuming(&hold, &plain) {
            Answer::Sat(model) => model,
            Answer::Unsat if m.opaque.is_empty() && tries == 0 => return Shown::Never,
            Answer::Unsat => break,
            Answer::Unknown(why) => return Shown::Open(why),
        };
        let Some((event, values)) = m.decode(&model) else { break };
        let w = Witness { events: vec![event], clock: None, values, shows: String::new() };
        if let Ok(replay) = case.replay(&w)
            && replay.rows.last().is_some_and(wanted)
        {
            return Shown::Row(Box::new(w));
        }
        // Another day, at least: what is opaque is mostly a reckoning of dates.
        hold.push(Formula::at_least(m.day, i128::from(model.int(m.day)) + 1));
    }
    let names: Vec<&str> = m.opaque.iter().map(String::as_str).collect();
    Shown::Open(if names.is_empty() {
        "the interpreter does not confirm what the formulas say: a fault of the checker".into()
    } else {
        "it hangs on figures that are not linear".into()
    })
}

/// The last day on which these hold; none where there is none before the end of the calendar looked at.
pub fn last_day(m: &mut Moment<'_>, hold: &[Formula]) -> Option<Date> {
    let back = Linear::var(m.day).scale(-1)?;
    let model = m.solver.minimise_assuming(hold, &[Objective::Sum(back)]).model()?;
    let n = i128::from(model.int(m.day));
    let far = day_number(Date::constant(2250, 1, 1));
    if n >= far {
        return None;
    }
    habendum_model::date::plus_days(Date::constant(1970, 1, 1), i64::try_from(n).ok()?).ok()
}

/// A history whose last row is as wanted, where no row shows it alone.
pub fn history(case: &Case<'_>, clauses: &[ClauseId], wanted: &dyn Fn(&Outcome) -> bool) -> Option<Witness> {
    let slice: BTreeSet<ClauseId> = clauses.iter().copied().collect();
    let mut goal = |rows: &[Outcome], _: &[ClockOutcome]| rows.last().is_some_and(wanted);
    let budget = Budget { depth: 3, steps: 40_000, ..Budget::default() };
    search(case, Some(&slice), &mut goal, budget).witness
}

/// Whether a guard over an event's own fields holds on it, under the values that the case takes.
pub fn holds(case: &Case<'_>, guard: &Expr, e: &Event) -> bool {
    let Some(run) = case.start(&BTreeMap::new()) else { return false };
    let program = run.program();
    let version = program
        .versions
        .iter()
        .rev()
        .find(|v| v.from.fixed().is_some_and(|d| d <= e.date))
        .or(program.versions.first());
    let params = version.map_or(&[][..], |v| v.params.as_slice());
    let scene = Scene {
        symbols: &program.symbols,
        reckoning: &program.reckoning,
        fields: &e.fields,
        trigger: &[],
        today: e.date,
        params,
        key: &[],
        key_fields: &[],
        term_start: e.date,
        measures: &Measures::new(Arc::default()),
        registers: &[],
    };
    truth(guard, &scene).unwrap_or(false)
}
