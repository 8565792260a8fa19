//! The loop between the SAT core and arithmetic.
//!
//! Data flow: an assignment of the SAT core -> the literals that it really needs to make the asked literals true (for a
//! failed conjunction one failed part suffices) -> bounds on forms -> [`theory::decide`] -> a point, or a clause that
//! excludes the conflict and the next assignment. Invariant: every clause added is a consequence of the declared ranges, so
//! it stays good for every later query; each one excludes the assignment at hand, of which there are finitely many.

use std::collections::BTreeMap;

use batsat::{Lit, SolverInterface, lbool};

use super::cnf::{Encoding, Meaning, index};
use super::simplex::{Bound, Range};
use super::theory::{self, Outcome, Problem};

/// The end of a search.
pub(super) enum Verdict {
    /// A value for each declared integer; booleans are read from the SAT core.
    Sat(Vec<i64>),
    /// The places, in the assumptions, of some that cannot hold together.
    Unsat(Vec<usize>),
    /// The budget ran out.
    Exhausted,
}

/// What a form must lie between, and the literals that say so.
#[derive(Default)]
struct Needed {
    low: Option<(i128, Lit)>,
    high: Option<(i128, Lit)>,
}

/// Searches for values under the assumptions, within this many steps of the core.
pub(super) fn search(
    encoding: &mut Encoding,
    integers: &[(i64, i64)],
    assumed: &[Lit],
    steps: u64,
) -> Verdict {
    encoding.sat.cb_mut().refill(steps);
    loop {
        let verdict = encoding.sat.solve_limited(assumed);
        if verdict == lbool::FALSE {
            let failed = |literal: &Lit| encoding.sat.unsat_core_contains_var(literal.var());
            let places = assumed.iter().enumerate().filter(|(_, literal)| failed(literal));
            return Verdict::Unsat(places.map(|(place, _)| place).collect());
        }
        if verdict != lbool::TRUE {
            return Verdict::Exhausted;
        }
        let (problem, reasons) = problem(encoding, integers, assumed);
        match theory::decide(&problem, encoding.sat.cb().left()) {
            Outcome::Values(values) => {
                // Bounds lie within the declared ranges, which are `i64`.
                let narrow =
                    values.iter().map(|value| i64::try_from(*value).ok()).collect::<Option<Vec<_>>>();
                return narrow.map_or(Verdict::Exhausted, Verdict::Sat);
            }
            Outcome::Conflict(failed) => {
                encoding.clause(failed.iter().map(|reason| !reasons[*reason as usize]).collect());
            }
            Outcome::Exhausted => return Verdict::Exhausted,
        }
    }
}

/// The bounds that the current assignment needs, and the literal behind each reason.
fn problem(encoding: &Encoding, integers: &[(i64, i64)], assumed: &[Lit]) -> (Problem, Vec<Lit>) {
    let mut reasons = Vec::new();
    let mut bound = |found: Option<(i128, Lit)>| {
        found.map(|(at, literal)| {
            reasons.push(literal);
            Bound { at, why: [(reasons.len() - 1) as u32].into() }
        })
    };
    let declared = |at: i64| Some(Bound { at: i128::from(at), why: [].into() });
    let mut problem = Problem::default();
    problem
        .integers
        .extend(integers.iter().map(|(low, high)| Range { low: declared(*low), high: declared(*high) }));
    for (number, needed) in needed(encoding, assumed) {
        let range = Range { low: bound(needed.low), high: bound(needed.high) };
        let terms = &encoding.forms[number].terms;
        if let [(unknown, _)] = terms.as_slice() {
            // Cuts lie strictly within the declared range, so they replace it.
            let own = &mut problem.integers[unknown.0 as usize];
            own.low = range.low.or(own.low.take());
            own.high = range.high.or(own.high.take());
        } else {
            let terms = terms.iter().map(|(unknown, factor)| (unknown.0 as usize, *factor)).collect();
            problem.sums.push((terms, range));
        }
    }
    (problem, reasons)
}

/// Walks from the assumptions to the comparisons that make them true in the current assignment.
fn needed(encoding: &Encoding, assumed: &[Lit]) -> BTreeMap<usize, Needed> {
    let mut forms: BTreeMap<usize, Needed> = BTreeMap::new();
    let mut seen = vec![false; encoding.meanings.len()];
    let mut open: Vec<Lit> = assumed.to_vec();
    while let Some(literal) = open.pop() {
        let place = index(literal.var());
        if std::mem::replace(&mut seen[place], true) {
            continue;
        }
        match &encoding.meanings[place] {
            Meaning::Free => {}
            Meaning::All(parts) if literal.sign() => open.extend(parts.iter().copied()),
            Meaning::All(parts) => {
                let failed = parts.iter().filter(|part| encoding.sat.value_lit(**part) == lbool::FALSE);
                let cost = |part: &&Lit| match seen[index(part.var())] {
                    true => 0,
                    false => encoding.weight(!**part),
                };
                open.extend(failed.min_by_key(cost).map(|part| !*part));
            }
            Meaning::Cut(form, at) => {
                let needed = forms.entry(*form).or_default();
                if literal.sign() {
                    if needed.high.is_none_or(|(high, _)| *at < high) {
                        needed.high = Some((*at, literal));
                    }
                } else if needed.low.is_none_or(|(low, _)| *at >= low) {
                    needed.low = Some((at + 1, literal));
                }
            }
        }
    }
    forms
}
