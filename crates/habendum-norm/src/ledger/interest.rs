//! Late interest: simple, on one due amount, from its due day to a day.

use crate::accrual::{AccrualError, fit64};
use habendum_model::date::year_fraction;
use habendum_model::value::Exact;
use habendum_syntax::ast::{DayCount, RoundingMode};
use jiff::civil::Date;

/// Rate a year (20 % is 1/5) and day count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LateTerms {
    /// Rate a year.
    pub rate: Exact,
    /// Day count.
    pub count: DayCount,
}

/// Interest on an amount from its due day to the day it is paid, rounded half-even to a minor unit. Minor units.
///
/// # Errors
/// Interest beyond 64 bits, a figure beyond 128.
pub fn late_interest(amount: i128, due: Date, paid: Date, terms: LateTerms) -> Result<i64, AccrualError> {
    let mut years = Exact::ZERO;
    for (days, year) in year_fraction(due, paid, terms.count) {
        years = years.add(Exact::ratio(i128::from(days), i128::from(year))?)?;
    }
    let interest = Exact::int(amount).mul(terms.rate)?.mul(years)?;
    fit64(interest.round(RoundingMode::HalfEven))
}
