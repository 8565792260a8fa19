//! A running sum over a period: what tiers, caps, roundings and floors have in common.
//!
//! Data flow: `read` says what the sum is on a day without touching anything; `plus` adds to that reading; `commit` stores
//! it. So an assessment computes everything first and cannot fail half way. Invariant: days never go back.

use super::error::AccrualError;
use habendum_model::date::{Reckoning, day_number, period_of, sub};
use habendum_model::value::{Exact, Length};
use habendum_syntax::ast::{DurationUnit, MonthRounding, Period};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A sum that begins anew with each period, or forgets what is older than a rolling window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    per: Period,
    /// First and last day of the calendar period that the sum belongs to.
    window: Option<(Date, Date)>,
    sum: Exact,
    /// What was added on which day; kept for rolling windows alone.
    dated: VecDeque<(Date, Exact)>,
}

/// A sum as it stands on a day, perhaps with something added that is not stored yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    on: Date,
    window: Option<(Date, Date)>,
    sum: Exact,
    added: Exact,
    expired: usize,
}

impl Reading {
    /// The sum.
    #[must_use]
    pub fn sum(&self) -> Exact {
        self.sum
    }

    /// First and last day of the calendar period; none for event, total and rolling sums.
    #[must_use]
    pub fn window(&self) -> Option<(Date, Date)> {
        self.window
    }

    /// The reading with an amount added.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn plus(mut self, amount: Exact) -> Result<Reading, AccrualError> {
        self.sum = self.sum.add(amount)?;
        self.added = self.added.add(amount)?;
        Ok(self)
    }
}

impl Counter {
    /// A sum of zero.
    #[must_use]
    pub fn new(per: Period) -> Self {
        Counter { per, window: None, sum: Exact::ZERO, dated: VecDeque::new() }
    }

    /// The period over which it runs.
    #[must_use]
    pub fn per(&self) -> Period {
        self.per
    }

    /// The calendar period of what was stored last.
    #[must_use]
    pub fn stored_window(&self) -> Option<(Date, Date)> {
        self.window
    }

    /// The sum as it stands on a day.
    ///
    /// # Errors
    /// A day beyond the calendar; a figure beyond 128 bits.
    pub fn read(&self, on: Date, r: &Reckoning) -> Result<Reading, AccrualError> {
        let fresh = Reading { on, window: None, sum: Exact::ZERO, added: Exact::ZERO, expired: 0 };
        match self.per {
            Period::Event => Ok(fresh),
            Period::InTotal => Ok(Reading { sum: self.sum, ..fresh }),
            Period::Rolling(months) => {
                let length = Length { count: months, unit: DurationUnit::Months };
                let last_out = sub(on, length, r, Some(MonthRounding::Down))?;
                let mut reading = Reading { sum: self.sum, ..fresh };
                for (_, amount) in self.dated.iter().take_while(|(day, _)| *day <= last_out) {
                    reading.sum = reading.sum.sub(*amount)?;
                    reading.expired += 1;
                }
                Ok(reading)
            }
            Period::Day
            | Period::Week
            | Period::Month
            | Period::Quarter
            | Period::Year
            | Period::FiscalYear
            | Period::ContractYear => match self.window {
                Some((first, last)) if first <= on && on <= last => {
                    Ok(Reading { window: self.window, sum: self.sum, ..fresh })
                }
                _ => Ok(Reading { window: period_of(on, self.per, r)?, ..fresh }),
            },
        }
    }

    /// The sum on a day.
    ///
    /// # Errors
    /// As `read`.
    pub fn sum(&self, on: Date, r: &Reckoning) -> Result<Exact, AccrualError> {
        Ok(self.read(on, r)?.sum)
    }

    /// Stores a reading of this counter.
    pub fn commit(&mut self, reading: Reading) {
        self.window = reading.window;
        self.sum = reading.sum;
        if matches!(self.per, Period::Rolling(_)) {
            self.dated.drain(..reading.expired);
            match self.dated.back_mut() {
                Some((day, amount)) if *day == reading.on => {
                    // The sum holds both, so their sum is in range too; where not, two entries do as well.
                    match amount.add(reading.added) {
                        Ok(both) => *amount = both,
                        Err(_) => self.dated.push_back((reading.on, reading.added)),
                    }
                }
                _ => {
                    if !reading.added.is_zero() {
                        self.dated.push_back((reading.on, reading.added));
                    }
                }
            }
        }
    }

    /// The first day of its period and the sum in parts of a denominator, where it is whole in them. Not of a rolling window.
    pub(crate) fn metered(&self, denom: i128) -> Option<(i64, i128)> {
        let whole = denom % self.sum.denom() == 0;
        let sum = whole.then(|| self.sum.numer().checked_mul(denom / self.sum.denom())).flatten()?;
        self.dated.is_empty().then(|| (self.window.map_or(0, |(first, _)| day_number(first)), sum))
    }

    /// Stores a sum that was reckoned elsewhere, as of a day.
    pub(crate) fn set_metered(&mut self, on: Date, sum: Exact, r: &Reckoning) {
        if let Ok(reading) = self.read(on, r) {
            self.window = reading.window;
            self.sum = sum;
        }
    }
}
