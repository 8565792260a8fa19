//! A whole point close to a rational one, found along the lattice of the equations.
//!
//! Data flow: entries and ranges -> the lattice of those that are fixed, its directions short -> the same ranges over its
//! parameters -> a point well inside them, then one parameter after the other rounded, the rest moved back in range ->
//! whole numbers. It only ever finds: where it finds nothing, nothing follows. Invariant: what it returns lies within every
//! range, which is looked at again in the original numbers.

use super::lattice::{Lattice, product};
use super::number::{Number, Small};
use super::simplex::{Bound, Range, Simplex};

/// A point within all ranges, where rounding finds one.
pub(super) fn point(count: usize, entries: &[Vec<(usize, i128)>], ranges: &[Range]) -> Option<Vec<i128>> {
    let mut lattice = Lattice::new(count);
    for (terms, range) in entries.iter().zip(ranges) {
        if let (Some(low), Some(high)) = (&range.low, &range.high)
            && low.at == high.at
            && !lattice.meet(terms, low.at)?
        {
            return None;
        }
    }
    lattice.shorten()?;
    let rows = Rows::new(&lattice, entries, ranges)?;
    // Well inside first: what is rounded there stays inside. Then with no room to spare.
    let parameters = rows.dive(true).or_else(|| rows.dive(false))?;
    let mut values = lattice.point.clone();
    for (direction, times) in lattice.directions.iter().zip(parameters) {
        for (value, part) in values.iter_mut().zip(direction) {
            *value = value.checked_add(part.checked_mul(times)?)?;
        }
    }
    let inside = |(terms, range): (&Vec<(usize, i128)>, &Range)| {
        product(terms, &values).is_some_and(|value| {
            range.low.as_ref().is_none_or(|low| low.at <= value)
                && range.high.as_ref().is_none_or(|high| value <= high.at)
        })
    };
    entries.iter().zip(ranges).all(inside).then_some(values)
}

/// The entries that are not fixed, as sums of parameters.
struct Rows {
    count: usize,
    sums: Vec<Vec<(usize, i128)>>,
    bounds: Vec<(Option<i128>, Option<i128>)>,
}

impl Rows {
    fn new(lattice: &Lattice, entries: &[Vec<(usize, i128)>], ranges: &[Range]) -> Option<Rows> {
        let mut rows = Rows { count: lattice.directions.len(), sums: Vec::new(), bounds: Vec::new() };
        for (terms, range) in entries.iter().zip(ranges) {
            let mut sum = Vec::new();
            for (place, direction) in lattice.directions.iter().enumerate() {
                let factor = product(terms, direction)?;
                if factor != 0 {
                    sum.push((place, factor));
                }
            }
            if sum.is_empty() {
                continue;
            }
            let base = product(terms, &lattice.point)?;
            let shift = |bound: &Option<Bound>| match bound {
                Some(bound) => bound.at.checked_sub(base).map(Some),
                None => Some(None),
            };
            rows.bounds.push((shift(&range.low)?, shift(&range.high)?));
            rows.sums.push(sum);
        }
        Some(rows)
    }

    /// Rounds the parameters one after the other.
    fn dive(&self, inner: bool) -> Option<Vec<i128>> {
        let bound = |at: Option<i128>| at.map(|at| Bound { at, why: [].into() });
        let mut ranges = vec![Range::default(); self.count];
        for (sum, (low, high)) in self.sums.iter().zip(&self.bounds) {
            let room = if inner { self.room(sum, *low, *high)? } else { 0 };
            let low = low.map_or(Some(None), |at| at.checked_add(room).map(Some))?;
            let high = high.map_or(Some(None), |at| at.checked_sub(room).map(Some))?;
            ranges.push(Range { low: bound(low), high: bound(high) });
        }
        let mut simplex = Simplex::<Small>::new(self.count, &self.sums);
        simplex.settle(&ranges).ok()?.ok()?;
        for place in 0..self.count {
            let value = &simplex.values[place];
            let floor = value.floor()?;
            let half = value.sub(&Small::whole(floor))?.mul(&Small::whole(2))?;
            let next = floor.checked_add(1)?;
            let (near, far) = if half > Small::whole(1) { (next, floor) } else { (floor, next) };
            let tries = if value.is_whole() { vec![floor] } else { vec![near, far] };
            let fits = tries.into_iter().any(|at| {
                ranges[place] = Range { low: bound(Some(at)), high: bound(Some(at)) };
                matches!(simplex.settle(&ranges), Ok(Ok(())))
            });
            if !fits {
                return None;
            }
        }
        simplex.values[..self.count].iter().map(Number::floor).collect()
    }

    /// How far inside its bounds a row stays under rounding: half of all its factors, where it is wide enough.
    fn room(&self, sum: &[(usize, i128)], low: Option<i128>, high: Option<i128>) -> Option<i128> {
        let half =
            sum.iter().try_fold(0_i128, |total, (_, factor)| total.checked_add(factor.checked_abs()?))? / 2
                + 1;
        Some(match (low, high) {
            (Some(low), Some(high)) => half.min(high.checked_sub(low)? / 3).max(0),
            (Some(_), None) | (None, Some(_)) => half,
            (None, None) => 0,
        })
    }
}
