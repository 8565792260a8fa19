//! What a satisfying assignment says, and what a formula is worth under it.
//!
//! Data flow: `search` -> [`Model`] -> every assertion evaluated again -> the caller. Invariant: evaluation shares nothing
//! with the encoding; sums that leave `i128` are taken in big integers, so it is exact for every formula.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::Zero;

use super::{BoolVar, Formula, IntVar, Linear};

/// A value for every declared unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub(super) booleans: Vec<bool>,
    pub(super) integers: Vec<i64>,
    pub(super) minimal: bool,
}

impl Model {
    /// The value of a boolean; no where this solver never declared it.
    #[must_use]
    pub fn bool(&self, unknown: BoolVar) -> bool {
        self.booleans.get(unknown.0 as usize).copied().unwrap_or(false)
    }

    /// The value of an integer; zero where this solver never declared it.
    #[must_use]
    pub fn int(&self, unknown: IntVar) -> i64 {
        self.integers.get(unknown.0 as usize).copied().unwrap_or(0)
    }

    /// The same with another value of an integer; nothing is claimed of it but what [`Model::holds`] finds.
    #[must_use]
    pub fn with(&self, unknown: IntVar, value: i128) -> Model {
        let mut other = self.clone();
        if let (Some(at), Ok(value)) = (other.integers.get_mut(unknown.0 as usize), i64::try_from(value)) {
            *at = value;
        }
        other
    }

    /// Whether every objective of [`super::Solver::minimise`] was proved least; false where its budget ran out on the way.
    /// True for a model from a plain query, which had no objective.
    #[must_use]
    pub fn is_minimal(&self) -> bool {
        self.minimal
    }

    /// Whether the formula holds.
    #[must_use]
    pub fn holds(&self, formula: &Formula) -> bool {
        match formula {
            Formula::Const(value) => *value,
            Formula::Bool(unknown) => self.bool(*unknown),
            Formula::AtMostZero(sum) => self.sign(sum) != Ordering::Greater,
            Formula::Zero(sum) => self.sign(sum) == Ordering::Equal,
            Formula::Not(inner) => !self.holds(inner),
            Formula::And(parts) => parts.iter().all(|part| self.holds(part)),
            Formula::Or(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }

    /// The value of a sum; `None` where it leaves `i128`.
    #[must_use]
    pub fn value(&self, sum: &Linear) -> Option<i128> {
        sum.terms.iter().try_fold(sum.constant, |total, (unknown, factor)| {
            total.checked_add(factor.checked_mul(i128::from(self.int(*unknown)))?)
        })
    }

    fn sign(&self, sum: &Linear) -> Ordering {
        match self.value(sum) {
            Some(value) => value.cmp(&0),
            None => sum
                .terms
                .iter()
                .fold(BigInt::from(sum.constant), |total, (unknown, factor)| {
                    total + BigInt::from(*factor) * BigInt::from(self.int(*unknown))
                })
                .cmp(&BigInt::zero()),
        }
    }
}
