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

/// Bands that do not meet where a total needs them. Each names the total at which it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BandFault {
    /// No band holds this total (marginal: what begins at it), though a later one begins.
    Gap(Exact),
    /// Two bands hold this total (marginal: what begins at it).
    Overlap(Exact),
    /// A fixed sum in marginal tiers: it has no share in a part of the total.
    FixedInMarginal,
}

impl BandFault {
    /// The fault in words, with its total as a reader would write it.
    #[must_use]
    pub fn text(&self, show: impl Fn(Exact) -> String) -> String {
        match self {
            BandFault::Gap(at) => format!("no band holds a total of {}", show(*at)),
            BandFault::Overlap(at) => format!("two bands hold a total of {}", show(*at)),
            BandFault::FixedInMarginal => "marginal tiers take rates, not fixed sums".to_owned(),
        }
    }
}

impl fmt::Display for BandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(|n| n.to_string()))
    }
}

/// Whether the bands meet where a total needs them: whole tiers at the total itself, marginal tiers all the way up to it. Below the
/// first band and above the last there is none, and nothing is owed there.
///
/// # Errors
/// With a total that shows the fault.
pub fn check_bands(marginal: bool, bands: &[BandFigure], total: Exact) -> Result<(), BandFault> {
    if marginal { marginal_bands(bands, total) } else { whole_bands(bands, total) }
}

/// Single points of a total carry nothing in marginal tiers, so bounds that both leave out, or both take in, do no harm.
fn marginal_bands(bands: &[BandFigure], total: Exact) -> Result<(), BandFault> {
    for (a, b) in bands.iter().zip(bands.iter().skip(1)) {
        let lower = b.lower.0;
        // A band that ends before it begins lets the next one begin too early.
        if let Some((upper, _)) = a.upper.filter(|(upper, _)| *upper < a.lower.0 && total > *upper) {
            return Err(BandFault::Overlap(upper));
        }
        match a.upper {
            Some((upper, _)) if upper < lower && total > upper => return Err(BandFault::Gap(upper)),
            Some((upper, _)) if upper <= lower => {}
            Some(_) | None if total > lower => return Err(BandFault::Overlap(lower)),
            Some(_) | None => {}
        }
    }
    Ok(())
}

fn whole_bands(bands: &[BandFigure], total: Exact) -> Result<(), BandFault> {
    let mut holders = bands.iter().filter(|b| b.holds(total));
    match (holders.next(), holders.next()) {
        (Some(_), Some(_)) => Err(BandFault::Overlap(total)),
        (Some(_), None) => Ok(()),
        (None, _) => {
            let begun = |b: &BandFigure| b.lower.0 < total || (b.lower.1 && b.lower.0 == total);
            if bands.iter().any(begun) && !bands.iter().all(begun) {
                Err(BandFault::Gap(total))
            } else {
                Ok(())
            }
        }
    }
}

impl BandFigure {
    /// Whether a total lies in the band.
    #[must_use]
    pub fn holds(&self, total: Exact) -> bool {
        let (lower, lower_in) = self.lower;
        let above = total > lower || (lower_in && total == lower);
        above && self.upper.is_none_or(|(upper, upper_in)| total < upper || (upper_in && total == upper))
    }
}

/// F(total) in minor units. Below the first band and above the last it is what the bands give: nothing.
///
/// # Errors
/// Bands that do not meet where the total needs them; figures beyond 128 bits.
pub fn tier_total(marginal: bool, bands: &[BandFigure], total: Exact) -> Result<Exact, AccrualError> {
    // Nothing is owed for no total, whatever the bands say.
    if total.is_zero() {
        return Ok(Exact::ZERO);
    }
    check_bands(marginal, bands, total)?;
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
    match bands.iter().find(|b| b.holds(total)).map(|b| b.rate) {
        Some(Rate::Times(rate)) => Ok(rate.mul(total)?),
        Some(Rate::Fixed(sum)) => Ok(sum),
        None => Ok(Exact::ZERO),
    }
}
