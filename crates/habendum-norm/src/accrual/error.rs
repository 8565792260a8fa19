//! What can go wrong with a figure. Invariant: whoever returns one of these has left its state as it was.

use super::tier::BandFault;
use habendum_model::date::DateError;
use habendum_model::value::Overflow;
use std::fmt;

/// Why an amount could not be assessed, posted or paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccrualError {
    /// A figure left 128 bits, or a division by zero.
    Figure(Overflow),
    /// The amount of one row, in minor units, is beyond 64 bits.
    Beyond64,
    /// A day could not be reckoned.
    Date(DateError),
    /// The bands of a tier table do not meet.
    Bands(BandFault),
    /// `due within L after each PERIOD`, or a floor, over a period that has no last day.
    NoPeriodEnd,
    /// A cap or floor needs a figure that was not supplied: a fault of the caller.
    MissingFigure,
    /// A payment of less than nothing.
    NegativePayment,
}

impl fmt::Display for AccrualError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccrualError::Figure(e) => e.fmt(f),
            AccrualError::Beyond64 => f.write_str("the amount of one row is beyond 64 bits of minor units"),
            AccrualError::Date(e) => e.fmt(f),
            AccrualError::Bands(e) => e.fmt(f),
            AccrualError::NoPeriodEnd => f.write_str("the period has no last day"),
            AccrualError::MissingFigure => {
                f.write_str("a figure that the assessment needs was not evaluated")
            }
            AccrualError::NegativePayment => f.write_str("a payment cannot be of less than nothing"),
        }
    }
}

impl std::error::Error for AccrualError {}

impl From<Overflow> for AccrualError {
    fn from(e: Overflow) -> Self {
        AccrualError::Figure(e)
    }
}

impl From<DateError> for AccrualError {
    fn from(e: DateError) -> Self {
        AccrualError::Date(e)
    }
}

impl From<BandFault> for AccrualError {
    fn from(e: BandFault) -> Self {
        AccrualError::Bands(e)
    }
}

/// A row's amount, which has to fit 64 bits.
///
/// # Errors
/// Where it does not.
pub fn fit64(amount: i128) -> Result<i64, AccrualError> {
    i64::try_from(amount).map_err(|_| AccrualError::Beyond64)
}
