//! Rounding, once: each amount by itself, or the cumulative total of a period.
//!
//! Invariant: under cumulative rounding the amounts of a period add up to its exact total, rounded.

use super::counter::{Counter, Reading};
use super::error::{AccrualError, fit64};
use habendum_model::date::Reckoning;
use habendum_model::value::Exact;
use habendum_syntax::ast::{Period, RoundingMode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The exact and the rounded total of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundState {
    exact: Counter,
    rounded: Counter,
}

impl RoundState {
    /// Nothing yet.
    #[must_use]
    pub fn new(per: Period) -> Self {
        RoundState { exact: Counter::new(per), rounded: Counter::new(per) }
    }

    /// The period.
    #[must_use]
    pub fn per(&self) -> Period {
        self.exact.per()
    }

    /// The rounded amount of an event: the rounded total with it, less what was rounded before.
    ///
    /// # Errors
    /// An amount beyond 64 bits, a figure beyond 128.
    pub fn round(
        &self,
        on: Date,
        amount: Exact,
        mode: RoundingMode,
        r: &Reckoning,
    ) -> Result<i64, AccrualError> {
        let total = self.exact.read(on, r)?.plus(amount)?.sum().round(mode);
        let before = self.rounded.sum(on, r)?;
        // Both are whole: `rounded` only ever takes whole amounts.
        fit64(Exact::int(total).sub(before)?.numer())
    }

    /// Both totals with an event in them.
    ///
    /// # Errors
    /// Figures beyond 128 bits.
    pub fn after(
        &self,
        on: Date,
        amount: Exact,
        rounded: i64,
        r: &Reckoning,
    ) -> Result<(Reading, Reading), AccrualError> {
        let exact = self.exact.read(on, r)?.plus(amount)?;
        let whole = self.rounded.read(on, r)?.plus(Exact::int(i128::from(rounded)))?;
        Ok((exact, whole))
    }

    pub(crate) fn totals(&self) -> (&Counter, &Counter) {
        (&self.exact, &self.rounded)
    }

    /// Stores totals that were reckoned elsewhere, as of a day.
    pub(crate) fn set_metered(&mut self, on: Date, exact: Exact, rounded: Exact, r: &Reckoning) {
        self.exact.set_metered(on, exact, r);
        self.rounded.set_metered(on, rounded, r);
    }

    /// Stores what `after` gave.
    pub fn commit(&mut self, (exact, whole): (Reading, Reading)) {
        self.exact.commit(exact);
        self.rounded.commit(whole);
    }
}

/// An amount rounded by itself.
///
/// # Errors
/// Beyond 64 bits.
pub fn round_alone(amount: Exact, mode: RoundingMode) -> Result<i64, AccrualError> {
    fit64(amount.round(mode))
}
