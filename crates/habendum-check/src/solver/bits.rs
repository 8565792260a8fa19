//! The last resort for conjunctions of bounds: every integer as bits, every sum as adders, decided by the SAT core.
//!
//! Data flow: [`Problem`] -> for each sum, its positive and its negative part as unsigned numbers -> comparators, each
//! assumed under its own literal -> values, or the assumed bounds that failed. Invariant: numbers are as wide as their
//! declared range asks, so nothing wraps, and the search ends for every problem (it is finite; in practice the step budget
//! may end it first).

use batsat::{Lit, SolverInterface, lbool};
use num_bigint::{BigInt, BigUint};
use num_traits::Signed;

use super::budget::Budget;
use super::simplex::{Range, Why, union};
use super::theory::{Outcome, Problem};

/// An unsigned number, lowest bit first.
type Word = Vec<Lit>;

struct Circuit {
    sat: batsat::Solver<Budget>,
    yes: Lit,
    assumed: Vec<(Lit, Why)>,
}

/// Decides one conjunction of bounds within this many steps.
pub(super) fn decide(problem: &Problem, steps: u64) -> Outcome {
    let mut circuit = Circuit::new();
    let mut words = Vec::new();
    for range in &problem.integers {
        let (Some(low), Some(high)) = (&range.low, &range.high) else { return Outcome::Exhausted };
        if low.at > high.at {
            return Outcome::Conflict(union([&low.why, &high.why]).to_vec());
        }
        let size = (BigInt::from(high.at) - BigInt::from(low.at)).magnitude().clone();
        let word: Word = (0..size.bits()).map(|_| circuit.fresh()).collect();
        let most = circuit.number(&size);
        let fits = circuit.at_most(&word, &most);
        circuit.sat.add_clause_reuse(&mut vec![fits]);
        words.push((word, low.at));
    }
    for (terms, range) in &problem.sums {
        circuit.sum(problem, &words, terms, range);
    }
    circuit.sat.cb_mut().refill(steps);
    let assumed: Vec<Lit> = circuit.assumed.iter().map(|(literal, _)| *literal).collect();
    let verdict = circuit.sat.solve_limited(&assumed);
    if verdict == lbool::TRUE {
        let value = |(word, low): &(Word, i128)| {
            word.iter().enumerate().fold(*low, |sum, (place, bit)| {
                if circuit.sat.value_lit(*bit) == lbool::TRUE { sum + (1_i128 << place) } else { sum }
            })
        };
        return Outcome::Values(words.iter().map(value).collect());
    }
    if verdict != lbool::FALSE {
        return Outcome::Exhausted;
    }
    let failed = |literal: &Lit| circuit.sat.unsat_core_contains_var(literal.var());
    let whys = circuit.assumed.iter().filter(|(literal, _)| failed(literal)).map(|(_, why)| why);
    Outcome::Conflict(union(whys).to_vec())
}

impl Circuit {
    fn new() -> Circuit {
        let sat = batsat::Solver::new(batsat::SolverOpts::default(), Budget::default());
        let mut circuit = Circuit { sat, yes: Lit::UNDEF, assumed: Vec::new() };
        circuit.yes = circuit.fresh();
        circuit.sat.add_clause_reuse(&mut vec![circuit.yes]);
        circuit
    }

    fn fresh(&mut self) -> Lit {
        Lit::new(self.sat.new_var(lbool::FALSE, true), true)
    }

    /// The bounds of one sum. The integers' own lower bounds are taken out of it, and with them their reasons come in.
    fn sum(&mut self, problem: &Problem, words: &[(Word, i128)], terms: &[(usize, i128)], range: &Range) {
        let (mut plus, mut minus): (Word, Word) = (Vec::new(), Vec::new());
        let mut base = BigInt::from(0);
        for (member, factor) in terms {
            let (word, low) = &words[*member];
            base += BigInt::from(*factor) * BigInt::from(*low);
            let product = self.times(word, &BigUint::from(factor.unsigned_abs()));
            let side = if *factor > 0 { &mut plus } else { &mut minus };
            *side = self.add(&std::mem::take(side), &product);
        }
        // The words stand for the ranges as they are now, so every conflict rests on those too.
        let ranges: Vec<Why> = terms
            .iter()
            .flat_map(|(member, _)| {
                let range = &problem.integers[*member];
                [&range.low, &range.high].into_iter().flatten().map(|bound| bound.why.clone())
            })
            .collect();
        if let Some(high) = &range.high {
            let holds = self.shifted_at_most(&plus, &minus, &(BigInt::from(high.at) - &base));
            self.assumed.push((holds, union(ranges.iter().chain([&high.why]))));
        }
        if let Some(low) = &range.low {
            let holds = self.shifted_at_most(&minus, &plus, &(&base - BigInt::from(low.at)));
            self.assumed.push((holds, union(ranges.iter().chain([&low.why]))));
        }
    }

    /// `left <= right + shift`.
    fn shifted_at_most(&mut self, left: &Word, right: &Word, shift: &BigInt) -> Lit {
        let constant = self.number(shift.magnitude());
        if shift.is_negative() {
            let left = self.add(left, &constant);
            self.at_most(&left, right)
        } else {
            let right = self.add(right, &constant);
            self.at_most(left, &right)
        }
    }

    fn number(&self, value: &BigUint) -> Word {
        (0..value.bits()).map(|place| if value.bit(place) { self.yes } else { !self.yes }).collect()
    }

    fn times(&mut self, word: &Word, factor: &BigUint) -> Word {
        let mut total = Vec::new();
        for place in (0..factor.bits()).filter(|place| factor.bit(*place)) {
            let mut shifted: Word = (0..place).map(|_| !self.yes).collect();
            shifted.extend_from_slice(word);
            total = self.add(&total, &shifted);
        }
        total
    }

    fn add(&mut self, left: &Word, right: &Word) -> Word {
        let mut sum = Vec::new();
        let mut carry = !self.yes;
        for place in 0..left.len().max(right.len()) {
            let a = left.get(place).copied().unwrap_or(!self.yes);
            let b = right.get(place).copied().unwrap_or(!self.yes);
            let half = self.differ(a, b);
            sum.push(self.differ(half, carry));
            let (both, through) = (self.both(a, b), self.both(half, carry));
            carry = !self.both(!both, !through);
        }
        sum.push(carry);
        while sum.last() == Some(&!self.yes) {
            sum.pop();
        }
        sum
    }

    fn at_most(&mut self, left: &Word, right: &Word) -> Lit {
        let mut holds = self.yes;
        for place in 0..left.len().max(right.len()) {
            let a = left.get(place).copied().unwrap_or(!self.yes);
            let b = right.get(place).copied().unwrap_or(!self.yes);
            let (less, equal) = (self.both(!a, b), !self.differ(a, b));
            let still = self.both(equal, holds);
            holds = !self.both(!less, !still);
        }
        holds
    }

    fn both(&mut self, a: Lit, b: Lit) -> Lit {
        if a == !self.yes || b == !self.yes || a == !b {
            return !self.yes;
        }
        if a == self.yes || a == b {
            return b;
        }
        if b == self.yes {
            return a;
        }
        let gate = self.fresh();
        for mut clause in [vec![!gate, a], vec![!gate, b], vec![gate, !a, !b]] {
            self.sat.add_clause_reuse(&mut clause);
        }
        gate
    }

    fn differ(&mut self, a: Lit, b: Lit) -> Lit {
        if a == self.yes || a == !self.yes {
            return if a == self.yes { !b } else { b };
        }
        if b == self.yes || b == !self.yes {
            return if b == self.yes { !a } else { a };
        }
        if a == b || a == !b {
            return if a == b { !self.yes } else { self.yes };
        }
        let gate = self.fresh();
        for mut clause in [vec![!gate, a, b], vec![!gate, !a, !b], vec![gate, !a, b], vec![gate, a, !b]] {
            self.sat.add_clause_reuse(&mut clause);
        }
        gate
    }
}
