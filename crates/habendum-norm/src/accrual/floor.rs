//! Floors (minimum guarantees): the top-up at a period's end, and its recoupment from later excess.
//!
//! Data flow: each assessment adds to a period's gross total (after credits) and to what accrued (whole minor units);
//! `shortfall` asks at the period's end; `top_up_with` stores the top-up and carries it. Invariant: what a period has recouped is the
//! least of its excess over the floor and what was carried into it, whatever the order of its events.

use super::counter::{Counter, Reading};
use super::error::{AccrualError, fit64};
use habendum_model::date::{Reckoning, add, plus_days};
use habendum_model::value::{Exact, Length};
use habendum_syntax::ast::{MonthRounding, Period, RoundingMode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A top-up that later excess pays back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// Last day of the period that was topped up.
    pub period_end: Date,
    /// Last day by which a period must end to pay it back.
    pub through: Date,
    /// Minor units not paid back yet, as of the start of the period at hand.
    pub left: Exact,
}

/// What one floor knows of its period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloorState {
    gross: Counter,
    accrued: Counter,
    recouped: Exact,
    carried: Vec<Carried>,
}

/// An event in a floor's period, not stored yet.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorNext {
    gross: Reading,
    recouped: Exact,
    carried: Vec<Carried>,
    /// By how much the event's amount is reduced (below zero where a refund undoes an earlier reduction).
    pub taken: Exact,
}

impl FloorState {
    /// Nothing accrued, nothing carried.
    #[must_use]
    pub fn new(per: Period) -> Self {
        FloorState {
            gross: Counter::new(per),
            accrued: Counter::new(per),
            recouped: Exact::ZERO,
            carried: Vec::new(),
        }
    }

    /// Whether an assessment needs the floor's amount.
    #[must_use]
    pub fn wants_figure(&self) -> bool {
        self.gross.per() == Period::Event || !self.carried.is_empty()
    }

    /// Shortfalls carried, oldest first, less what the period at hand has recouped so far.
    ///
    /// # Errors
    /// Figures beyond 128 bits.
    pub fn carried_on(&self, on: Date, r: &Reckoning) -> Result<Vec<Carried>, AccrualError> {
        let (mut carried, recouped) = self.standing(self.gross.read(on, r)?)?;
        consume(&mut carried, recouped, self.gross.read(on, r)?.window())?;
        Ok(carried)
    }

    /// What is carried into the period of a reading, and what that period has recouped of it so far.
    fn standing(&self, reading: Reading) -> Result<(Vec<Carried>, Exact), AccrualError> {
        let stored = self.gross.stored_window();
        if self.carried.is_empty() || reading.window() == stored {
            return Ok((self.carried.clone(), self.recouped));
        }
        let mut carried = self.carried.clone();
        consume(&mut carried, self.recouped, stored)?;
        if let Some((_, last)) = reading.window() {
            carried.retain(|c| c.through >= last);
        }
        Ok((carried, Exact::ZERO))
    }

    /// The period with an event's amount in it; `floor` is given where shortfalls may be recouped.
    ///
    /// # Errors
    /// Figures beyond 128 bits.
    pub fn after(
        &self,
        on: Date,
        amount: Exact,
        floor: Option<Exact>,
        r: &Reckoning,
    ) -> Result<FloorNext, AccrualError> {
        let before = self.gross.read(on, r)?;
        let (carried, already) = self.standing(before)?;
        let gross = before.plus(amount)?;
        let recouped = match (floor, gross.window()) {
            (Some(floor), Some(window)) => {
                let excess = gross.sum().sub(floor)?.max(Exact::ZERO);
                excess.min(available(&carried, window)?)
            }
            _ => already,
        };
        Ok(FloorNext { gross, recouped, carried, taken: recouped.sub(already)? })
    }

    /// The accrued total of the period with a whole amount in it.
    ///
    /// # Errors
    /// Figures beyond 128 bits.
    pub fn accrued_after(&self, on: Date, amount: i64, r: &Reckoning) -> Result<Reading, AccrualError> {
        self.accrued.read(on, r)?.plus(Exact::int(i128::from(amount)))
    }

    /// Stores what `after` and `accrued_after` gave.
    pub fn commit(&mut self, next: FloorNext, accrued: Reading) {
        self.gross.commit(next.gross);
        self.recouped = next.recouped;
        self.carried = next.carried;
        self.accrued.commit(accrued);
    }

    /// By how much the period's total is below the rounded floor; zero where it is not.
    ///
    /// # Errors
    /// A shortfall beyond 64 bits, a figure beyond 128.
    pub fn shortfall(
        &self,
        on: Date,
        floor: Exact,
        mode: RoundingMode,
        r: &Reckoning,
    ) -> Result<i64, AccrualError> {
        let least = Exact::int(floor.round(mode));
        // Whole: only whole amounts have accrued.
        fit64(least.sub(self.accrued.sum(on, r)?)?.max(Exact::ZERO).numer())
    }

    /// The period with a top-up carried from it. `next` is `after(on, 0, None)`.
    ///
    /// # Errors
    /// A length that leads beyond the calendar.
    pub fn carry(
        mut next: FloorNext,
        top_up: i64,
        length: Length,
        months: Option<MonthRounding>,
        r: &Reckoning,
    ) -> Result<FloorNext, AccrualError> {
        if let (Some((_, period_end)), true) = (next.gross.window(), top_up > 0) {
            // As `for LENGTH`: counted from the day after the period, so that ends of months of unlike length do not matter.
            let through = plus_days(add(plus_days(period_end, 1)?, length, r, months)?, -1)?;
            next.carried.push(Carried { period_end, through, left: Exact::int(i128::from(top_up)) });
        }
        Ok(next)
    }
}

fn pays_back(c: &Carried, (first, last): (Date, Date)) -> bool {
    c.period_end < first && last <= c.through
}

fn available(carried: &[Carried], window: (Date, Date)) -> Result<Exact, AccrualError> {
    let mut sum = Exact::ZERO;
    for c in carried.iter().filter(|c| pays_back(c, window)) {
        sum = sum.add(c.left)?;
    }
    Ok(sum)
}

/// Takes what a period recouped from what was carried into it, oldest first.
fn consume(
    carried: &mut Vec<Carried>,
    mut recouped: Exact,
    window: Option<(Date, Date)>,
) -> Result<(), AccrualError> {
    let Some(window) = window else { return Ok(()) };
    for c in carried.iter_mut().filter(|c| pays_back(c, window)) {
        let part = c.left.min(recouped);
        c.left = c.left.sub(part)?;
        recouped = recouped.sub(part)?;
    }
    carried.retain(|c| c.left > Exact::ZERO);
    Ok(())
}
