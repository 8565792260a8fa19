//! Tiers: what a running total comes to under a table of bands.
//!
//! Invariant: an event accrues `F(total with it) - F(total before it)`, so the accruals of a period add up to F of its total.

use super::error::AccrualError;
use habendum_model::value::Exact;
use std::fmt;

/// What a band gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// A percent of a money total, or a price (minor units per unit) of a quantity.
    Times(Exact),
    /// A fixed sum in minor units; in whole tiers alone.
    Fixed(Exact),
}

/// A band with its bounds evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandFigure {
    /// Lower bound, and whether it belongs to the band.
    pub lower: (Exact, bool),
    /// Upper bound, and whether it belongs; none at the top.
    pub upper: Option<(Exact, bool)>,
    /// What it gives.
    pub rate: Rate,
}

/// Bands that do not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BandFault {
    /// No band holds what lies after (or at) this total, though a later band begins.
    Gap(Exact),
    /// Two bands hold this total.
    Overlap(Exact),
    /// A band ends before it begins.
    Empty(Exact),
    /// A fixed sum in marginal tiers: it has no share in a part of the total.
    FixedInMarginal,
}

impl fmt::Display for BandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BandFault::Gap(at) => write!(f, "no band holds a total of {at}"),
            BandFault::Overlap(at) => write!(f, "two bands hold a total of {at}"),
            BandFault::Empty(at) => write!(f, "the band that begins at {at} ends before it"),
            BandFault::FixedInMarginal => f.write_str("marginal tiers take rates, not fixed sums"),
        }
    }
}

/// Whether bands ascend and meet without gap or overlap.
///
/// # Errors
/// With a total that shows the fault.
pub fn check_bands(bands: &[BandFigure]) -> Result<(), BandFault> {
    for band in bands {
        if band.upper.is_some_and(|(upper, _)| upper < band.lower.0) {
            return Err(BandFault::Empty(band.lower.0));
        }
    }
    for (a, b) in bands.iter().zip(bands.iter().skip(1)) {
        let Some((upper, upper_in)) = a.upper else {
            return Err(BandFault::Overlap(b.lower.0));
        };
        let (lower, lower_in) = b.lower;
        if upper < lower || (upper == lower && !upper_in && !lower_in) {
            return Err(BandFault::Gap(upper));
        }
        if upper > lower || (upper_in && lower_in) {
            return Err(BandFault::Overlap(lower));
        }
    }
    Ok(())
}

/// F(total) in minor units. Below the first band and above the last it is what the bands give: nothing.
///
/// # Errors
/// Bands that do not meet; figures beyond 128 bits.
pub fn tier_total(marginal: bool, bands: &[BandFigure], total: Exact) -> Result<Exact, AccrualError> {
    check_bands(bands)?;
    if marginal { marginal_total(bands, total) } else { whole_total(bands, total) }
}

fn marginal_total(bands: &[BandFigure], total: Exact) -> Result<Exact, AccrualError> {
    let mut sum = Exact::ZERO;
    for band in bands {
        let Rate::Times(rate) = band.rate else {
            return Err(BandFault::FixedInMarginal.into());
        };
        let top = band.upper.map_or(total, |(upper, _)| upper.min(total));
        if top > band.lower.0 {
            sum = sum.add(rate.mul(top.sub(band.lower.0)?)?)?;
        }
    }
    Ok(sum)
}

fn whole_total(bands: &[BandFigure], total: Exact) -> Result<Exact, AccrualError> {
    if total.is_zero() {
        return Ok(Exact::ZERO);
    }
    for band in bands {
        let (lower, lower_in) = band.lower;
        let above = total > lower || (lower_in && total == lower);
        let below = band.upper.is_none_or(|(upper, upper_in)| total < upper || (upper_in && total == upper));
        if above && below {
            return match band.rate {
                Rate::Times(rate) => Ok(rate.mul(total)?),
                Rate::Fixed(sum) => Ok(sum),
            };
        }
    }
    Ok(Exact::ZERO)
}
