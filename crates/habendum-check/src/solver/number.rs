//! Exact fractions, in two sizes: machine words with every step checked, and big integers.
//!
//! Data flow: `simplex` runs over [`Small`]; where a step leaves `i128` it is run again over [`Big`], which has no such
//! limit. Invariant: fractions are in lowest terms with a positive denominator; a `None` is an overflow, never a value.

use std::cmp::Ordering;
use std::fmt::Debug;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive, Zero};

/// A fraction whose operations may overflow.
pub(super) trait Number: Clone + Ord + Debug {
    fn whole(value: i128) -> Self;
    fn add(&self, other: &Self) -> Option<Self>;
    fn sub(&self, other: &Self) -> Option<Self>;
    fn mul(&self, other: &Self) -> Option<Self>;
    /// The quotient; `None` also for a divisor of zero.
    fn div(&self, other: &Self) -> Option<Self>;
    fn is_zero(&self) -> bool;
    fn is_positive(&self) -> bool;
    fn is_whole(&self) -> bool;
    fn floor(&self) -> Option<i128>;
}

/// A fraction of two machine words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Small {
    over: i128,
    under: i128,
}

/// A fraction of two big integers.
pub(super) type Big = Ratio<BigInt>;

impl Small {
    fn new(over: i128, under: i128) -> Option<Small> {
        if under == 1 {
            return Some(Small { over, under });
        }
        // `MIN` has no negation; refusing it keeps every later negation safe.
        if under == 0 || under == i128::MIN || over == i128::MIN {
            return None;
        }
        let gcd = over.gcd(&under);
        let gcd = if under < 0 { -gcd } else { gcd };
        Some(Small { over: over / gcd, under: under / gcd })
    }
}

impl PartialOrd for Small {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Small {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.under == other.under {
            return self.over.cmp(&other.over);
        }
        match (self.over.checked_mul(other.under), other.over.checked_mul(self.under)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => (BigInt::from(self.over) * other.under).cmp(&(BigInt::from(other.over) * self.under)),
        }
    }
}

impl Number for Small {
    fn whole(value: i128) -> Small {
        Small { over: value, under: 1 }
    }

    fn add(&self, other: &Small) -> Option<Small> {
        if self.under == other.under {
            return Small::new(self.over.checked_add(other.over)?, self.under);
        }
        let gcd = self.under.gcd(&other.under);
        let (left, right) = (other.under / gcd, self.under / gcd);
        let over = self.over.checked_mul(left)?.checked_add(other.over.checked_mul(right)?)?;
        Small::new(over, self.under.checked_mul(left)?)
    }

    fn sub(&self, other: &Small) -> Option<Small> {
        self.add(&Small { over: other.over.checked_neg()?, under: other.under })
    }

    fn mul(&self, other: &Small) -> Option<Small> {
        if self.under == 1 && other.under == 1 {
            return Some(Small::whole(self.over.checked_mul(other.over)?));
        }
        if self.over == i128::MIN || other.over == i128::MIN {
            return None;
        }
        let (first, second) = (self.over.gcd(&other.under).max(1), other.over.gcd(&self.under).max(1));
        let over = (self.over / first).checked_mul(other.over / second)?;
        Small::new(over, (self.under / second).checked_mul(other.under / first)?)
    }

    fn div(&self, other: &Small) -> Option<Small> {
        if other.over == 0 || other.over == i128::MIN {
            return None;
        }
        let flipped = if other.over < 0 {
            Small { over: -other.under, under: -other.over }
        } else {
            Small { over: other.under, under: other.over }
        };
        self.mul(&flipped)
    }

    fn is_zero(&self) -> bool {
        self.over == 0
    }

    fn is_positive(&self) -> bool {
        self.over > 0
    }

    fn is_whole(&self) -> bool {
        self.under == 1
    }

    fn floor(&self) -> Option<i128> {
        Some(Integer::div_floor(&self.over, &self.under))
    }
}

impl Number for Big {
    fn whole(value: i128) -> Big {
        Ratio::from_integer(BigInt::from(value))
    }

    fn add(&self, other: &Big) -> Option<Big> {
        Some(self + other)
    }

    fn sub(&self, other: &Big) -> Option<Big> {
        Some(self - other)
    }

    fn mul(&self, other: &Big) -> Option<Big> {
        Some(self * other)
    }

    fn div(&self, other: &Big) -> Option<Big> {
        if Zero::is_zero(other) { None } else { Some(self / other) }
    }

    fn is_zero(&self) -> bool {
        Zero::is_zero(self)
    }

    fn is_positive(&self) -> bool {
        Signed::is_positive(self)
    }

    fn is_whole(&self) -> bool {
        self.is_integer()
    }

    fn floor(&self) -> Option<i128> {
        Ratio::floor(self).to_integer().to_i128()
    }
}
