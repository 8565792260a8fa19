//! What equations say of integers beyond what they say of fractions: remainders.
//!
//! Data flow: entries whose two bounds agree are equations; they are solved over the integers one after the other, the
//! solutions kept as `point + lattice * parameters` with free integer parameters -> either no integer solves them (parity,
//! gcd), or every entry is known up to a divisor, and its bounds move to the nearest number with that remainder.
//! Invariant: no integer solution of the ranges is lost; where a number leaves `i128` nothing is concluded.

use num_integer::Integer;

use super::lattice::Lattice;
use super::simplex::{Bound, Range, Why, union};

/// What was found.
pub(super) enum Found {
    /// No integers solve the equations that rest on these reasons.
    Conflict(Why),
    /// Some bounds were moved.
    Tighter,
    /// Nothing.
    Nothing,
}

struct Equation<'a> {
    terms: &'a [(usize, i128)],
    value: i128,
    why: Why,
}

enum Step {
    Solved,
    Impossible,
    Overflow,
}

/// Looks for a contradiction modulo something, and tightens ranges. `entries` lists the coefficients of every entry.
pub(super) fn tighten(count: usize, entries: &[Vec<(usize, i128)>], ranges: &mut [Range]) -> Found {
    let equations: Vec<Equation<'_>> = entries
        .iter()
        .zip(ranges.iter())
        .filter_map(|(terms, range)| match (&range.low, &range.high) {
            (Some(low), Some(high)) if low.at == high.at => {
                Some(Equation { terms, value: low.at, why: union([&low.why, &high.why]) })
            }
            _ => None,
        })
        .collect();
    if equations.is_empty() {
        return Found::Nothing;
    }
    let lattice = match solve(count, equations.iter()) {
        (Step::Solved, lattice) => lattice,
        (Step::Impossible, _) => return Found::Conflict(blame(count, &equations)),
        (Step::Overflow, _) => return Found::Nothing,
    };
    let why = union(equations.iter().map(|equation| &equation.why));
    let mut moved = false;
    for (terms, range) in entries.iter().zip(ranges.iter_mut()) {
        let Some((divisor, remainder)) = lattice.class(terms) else { continue };
        if divisor <= 1 {
            continue;
        }
        moved |= raise(range, divisor, remainder, &why) | lower(range, divisor, remainder, &why);
    }
    if moved { Found::Tighter } else { Found::Nothing }
}

fn raise(range: &mut Range, divisor: i128, remainder: i128, why: &Why) -> bool {
    let Some(low) = &mut range.low else { return false };
    let Some(gap) = remainder.checked_sub(low.at).map(|gap| gap.mod_floor(&divisor)) else { return false };
    match low.at.checked_add(gap) {
        Some(at) if gap != 0 => {
            *low = Bound { at, why: union([&low.why, why]) };
            true
        }
        Some(_) | None => false,
    }
}

fn lower(range: &mut Range, divisor: i128, remainder: i128, why: &Why) -> bool {
    let Some(high) = &mut range.high else { return false };
    let Some(gap) = high.at.checked_sub(remainder).map(|gap| gap.mod_floor(&divisor)) else { return false };
    match high.at.checked_sub(gap) {
        Some(at) if gap != 0 => {
            *high = Bound { at, why: union([&high.why, why]) };
            true
        }
        Some(_) | None => false,
    }
}

/// The reasons of a smallest set of equations that have no integer solution: each is dropped that is not needed.
fn blame(count: usize, equations: &[Equation<'_>]) -> Why {
    let mut kept: Vec<&Equation<'_>> = equations.iter().collect();
    let mut place = 0;
    while place < kept.len() {
        let dropped = kept.remove(place);
        if !matches!(solve(count, kept.iter().copied()).0, Step::Impossible) {
            kept.insert(place, dropped);
            place += 1;
        }
    }
    union(kept.iter().map(|equation| &equation.why))
}

fn solve<'a>(count: usize, equations: impl Iterator<Item = &'a Equation<'a>>) -> (Step, Lattice) {
    let mut lattice = Lattice::new(count);
    for equation in equations {
        match lattice.meet(equation.terms, equation.value) {
            Some(true) => {}
            Some(false) => return (Step::Impossible, lattice),
            None => return (Step::Overflow, lattice),
        }
    }
    (Step::Solved, lattice)
}
