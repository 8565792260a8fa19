//! Credits: one payment reduced by what another sum leaves unused.
//!
//! Invariant: a credit never turns an amount negative, and never takes more than the sum has left.

use super::error::AccrualError;
use habendum_model::value::Exact;

/// The most that a credit takes from one amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CreditLimit {
    /// All of it.
    Whole,
    /// So many minor units.
    Money(Exact),
    /// That fraction of it (20 % is 1/5).
    Share(Exact),
}

/// A credit as evaluated for one assessment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CreditFigure {
    /// The credited sum, before the event, less what other sentences and instances have used of it.
    pub sum: Exact,
    /// The most.
    pub limit: CreditLimit,
}

/// How much of an amount is taken by a credit of which `used` is gone.
///
/// # Errors
/// Figures beyond 128 bits.
pub fn credit(figure: CreditFigure, used: Exact, amount: Exact) -> Result<Exact, AccrualError> {
    let most = match figure.limit {
        CreditLimit::Whole => amount,
        CreditLimit::Money(m) => amount.min(m),
        CreditLimit::Share(share) => amount.min(share.mul(amount)?),
    };
    Ok(most.min(figure.sum.sub(used)?).max(Exact::ZERO))
}
