//! Caps: how much of an amount there is room for, and what has been counted.
//!
//! Invariant: what is counted is what every cap of the payment accepted, before credits and rounding; a negative amount
//! passes, and gives room back only where the text says so.

use super::counter::{Counter, Reading};
use super::error::AccrualError;
use super::outcome::Reason;
use habendum_model::date::Reckoning;
use habendum_model::value::Exact;
use habendum_syntax::ast::Period;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A cap as evaluated for one assessment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapFigure {
    /// The most, in minor units.
    pub limit: Exact,
    /// What has fallen due (or been paid) in the period, for a cap that counts that.
    pub counted: Option<Exact>,
}

/// What a cap has counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapState {
    counted: Counter,
    /// The same, as rounded: what people see must not pass the cap either.
    rounded: Counter,
    from: Option<Date>,
    refunds_restore: bool,
}

impl CapState {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(per: Period, from: Option<Date>, refunds_restore: bool) -> Self {
        CapState { counted: Counter::new(per), rounded: Counter::new(per), from, refunds_restore }
    }

    /// True where it counts the same things.
    #[must_use]
    pub fn is(&self, per: Period, from: Option<Date>, refunds_restore: bool) -> bool {
        self.counted.per() == per && self.from == from && self.refunds_restore == refunds_restore
    }

    /// Whether amounts of a day are counted (and limited).
    #[must_use]
    pub fn counts_on(&self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on)
    }

    /// Counted in the period of a day.
    ///
    /// # Errors
    /// See [`Counter::read`].
    pub fn counted(&self, on: Date, r: &Reckoning) -> Result<Exact, AccrualError> {
        self.counted.sum(on, r)
    }

    /// The count with an accepted amount in it.
    ///
    /// # Errors
    /// See [`Counter::read`].
    pub fn after(&self, on: Date, accepted: Exact, r: &Reckoning) -> Result<Reading, AccrualError> {
        let counts = self.counts_on(on) && (self.refunds_restore || !accepted.is_negative());
        self.counted.read(on, r)?.plus(if counts { accepted } else { Exact::ZERO })
    }

    /// Rounded amounts counted in the period of a day.
    ///
    /// # Errors
    /// See [`Counter::read`].
    pub fn rounded(&self, on: Date, r: &Reckoning) -> Result<Exact, AccrualError> {
        self.rounded.sum(on, r)
    }

    /// The count of rounded amounts with one in it.
    ///
    /// # Errors
    /// See [`Counter::read`].
    pub fn rounded_after(&self, on: Date, rounded: i64, r: &Reckoning) -> Result<Reading, AccrualError> {
        let counts = self.counts_on(on) && (self.refunds_restore || rounded >= 0);
        self.rounded.read(on, r)?.plus(Exact::int(if counts { i128::from(rounded) } else { 0 }))
    }

    pub(crate) fn exact_count(&self) -> &Counter {
        &self.counted
    }

    pub(crate) fn rounded_count(&self) -> &Counter {
        &self.rounded
    }

    /// Stores counts that were reckoned elsewhere, as of a day.
    pub(crate) fn set_metered(&mut self, on: Date, counted: Exact, rounded: Exact, r: &Reckoning) {
        self.counted.set_metered(on, counted, r);
        self.rounded.set_metered(on, rounded, r);
    }

    /// Stores what `after` and `rounded_after` gave.
    pub fn commit(&mut self, (counted, rounded): (Reading, Reading)) {
        self.counted.commit(counted);
        self.rounded.commit(rounded);
    }
}

/// How much of an amount a cap accepts, and the reason where that is not the whole.
///
/// # Errors
/// Figures beyond 128 bits.
pub fn accept(limit: Exact, counted: Exact, amount: Exact) -> Result<(Exact, Option<Reason>), AccrualError> {
    if amount <= Exact::ZERO {
        return Ok((amount, None));
    }
    let room = limit.sub(counted)?;
    if amount <= room {
        Ok((amount, None))
    } else if room <= Exact::ZERO {
        Ok((Exact::ZERO, Some(Reason::CapExhausted)))
    } else {
        Ok((room, Some(Reason::SplitByCap)))
    }
}
