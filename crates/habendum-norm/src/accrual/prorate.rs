//! Proration of a cut period by days, both ends included.

use super::error::AccrualError;
use habendum_model::date::days_between;
use habendum_model::value::Exact;
use jiff::civil::Date;

/// The share of a period's days on which a term stands: 1 for a whole period, 0 where they do not meet.
///
/// # Errors
/// A period that ends before it begins.
pub fn share_of_days(period: (Date, Date), term: (Date, Option<Date>)) -> Result<Exact, AccrualError> {
    let from = period.0.max(term.0);
    let through = term.1.map_or(period.1, |last| last.min(period.1));
    let in_force = (days_between(from, through) + 1).max(0);
    Ok(Exact::ratio(i128::from(in_force), i128::from(days_between(period.0, period.1) + 1))?)
}
