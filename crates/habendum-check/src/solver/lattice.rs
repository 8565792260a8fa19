//! The integer solutions of equations: one point, and the directions in which there are more.
//!
//! Data flow: equations, one after the other -> [`Lattice::meet`] -> `point + directions * parameters`, each integer choice
//! of parameters a solution and each solution such a choice. Invariant: `None` is an overflow, after which the lattice
//! says nothing.

use num_integer::Integer;

/// The integer solutions of the equations so far.
pub(super) struct Lattice {
    pub(super) point: Vec<i128>,
    /// One vector for each parameter that is still free.
    pub(super) directions: Vec<Vec<i128>>,
}

pub(super) fn product(terms: &[(usize, i128)], vector: &[i128]) -> Option<i128> {
    terms.iter().try_fold(0_i128, |sum, (place, factor)| sum.checked_add(factor.checked_mul(vector[*place])?))
}

impl Lattice {
    /// All points.
    pub(super) fn new(count: usize) -> Lattice {
        let unit = |place: usize| (0..count).map(|other| i128::from(other == place)).collect();
        Lattice { point: vec![0; count], directions: (0..count).map(unit).collect() }
    }

    /// Keeps the solutions of one more equation; `Some(false)` where there are none, `None` on overflow.
    pub(super) fn meet(&mut self, terms: &[(usize, i128)], value: i128) -> Option<bool> {
        let mut factors = self.directions.iter().map(|v| product(terms, v)).collect::<Option<Vec<i128>>>()?;
        let rest = value.checked_sub(product(terms, &self.point)?)?;
        // Euclid over the columns: what remains is one parameter, times the gcd of all.
        let pivot = loop {
            let nonzero = factors.iter().enumerate().filter(|(_, factor)| **factor != 0);
            let Some((pivot, least)) = nonzero.min_by_key(|(_, factor)| factor.unsigned_abs()) else {
                return Some(rest == 0);
            };
            let least = *least;
            let direction = self.directions[pivot].clone();
            let mut done = true;
            for (other, factor) in factors.iter_mut().enumerate() {
                if other == pivot || *factor == 0 {
                    continue;
                }
                let times = factor.checked_div(least)?;
                *factor -= times * least;
                done &= *factor == 0;
                for (entry, part) in self.directions[other].iter_mut().zip(&direction) {
                    *entry = entry.checked_sub(times.checked_mul(*part)?)?;
                }
            }
            if done {
                break pivot;
            }
        };
        let times = rest.checked_div(factors[pivot])?;
        if times * factors[pivot] != rest {
            return Some(false);
        }
        let direction = self.directions.remove(pivot);
        for (entry, part) in self.point.iter_mut().zip(&direction) {
            *entry = entry.checked_add(times.checked_mul(*part)?)?;
        }
        Some(true)
    }

    /// The divisor and remainder of a sum over all solutions; `None` on overflow.
    pub(super) fn class(&self, terms: &[(usize, i128)]) -> Option<(i128, i128)> {
        let base = product(terms, &self.point)?;
        let divisor = self.directions.iter().try_fold(0_i128, |gcd, direction| {
            let factor = product(terms, direction)?;
            if factor == i128::MIN { None } else { Some(gcd.gcd(&factor)) }
        })?;
        Some((divisor, base))
    }

    /// Shortens the directions by one another, and the point by them: the same lattice, in steps that are easier to round.
    pub(super) fn shorten(&mut self) -> Option<()> {
        for _ in 0..SHORTENING {
            let mut shorter = false;
            for place in 0..self.directions.len() {
                for other in 0..self.directions.len() {
                    if place != other {
                        let by = self.directions[other].clone();
                        shorter |= subtract(&mut self.directions[place], &by)?;
                    }
                }
            }
            if !shorter {
                break;
            }
        }
        for direction in &self.directions {
            subtract(&mut self.point, direction)?;
        }
        Some(())
    }
}

/// Rounds of shortening; it converges in a few, and need not.
const SHORTENING: u32 = 50;

fn dot(left: &[i128], right: &[i128]) -> Option<i128> {
    left.iter().zip(right).try_fold(0_i128, |sum, (a, b)| sum.checked_add(a.checked_mul(*b)?))
}

/// Subtracts the multiple that leaves the vector shortest; whether there was one.
fn subtract(vector: &mut [i128], by: &[i128]) -> Option<bool> {
    let square = dot(by, by)?;
    if square == 0 {
        return Some(false);
    }
    let twice = dot(vector, by)?.checked_mul(2)?.checked_add(square)?;
    let mut times = Integer::div_floor(&twice, &square.checked_mul(2)?);
    // A half may be rounded either way; rounding it towards zero is what ends the rounds.
    if times == 1 && twice == square.checked_mul(2)? {
        times = 0;
    }
    if times == 0 {
        return Some(false);
    }
    for (entry, part) in vector.iter_mut().zip(by) {
        *entry = entry.checked_sub(times.checked_mul(*part)?)?;
    }
    Some(true)
}
