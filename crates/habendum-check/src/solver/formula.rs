//! How formulas and sums are built: constructors that fold constants away and that check every product.
//!
//! Data flow: the checker's encoders -> these constructors -> [`Formula`]. Invariant: a [`Linear`] built here has its terms
//! in order of unknowns, none zero, none twice; arithmetic that leaves `i128` is `None`, never a wrapped number.

use super::{BoolVar, Formula, IntVar, Linear};

/// No declared integer lies outside `i64`, so a bound beyond this says the same as this one.
const FAR: i128 = 1 << 100;

impl Linear {
    /// A constant.
    #[must_use]
    pub fn constant(value: i128) -> Linear {
        Linear { terms: Vec::new(), constant: value }
    }

    /// One integer.
    #[must_use]
    pub fn var(unknown: IntVar) -> Linear {
        Linear::term(1, unknown)
    }

    /// A multiple of one integer.
    #[must_use]
    pub fn term(factor: i128, unknown: IntVar) -> Linear {
        Linear { terms: if factor == 0 { Vec::new() } else { vec![(unknown, factor)] }, constant: 0 }
    }

    /// The sum; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn add(&self, other: &Linear) -> Option<Linear> {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.0 == b.0 => {
                    let sum = (a.0, a.1.checked_add(b.1)?);
                    left.next();
                    right.next();
                    sum
                }
                (Some(a), Some(b)) if a.0 > b.0 => {
                    let term = **b;
                    right.next();
                    term
                }
                (Some(a), _) => {
                    let term = **a;
                    left.next();
                    term
                }
                (None, Some(b)) => {
                    let term = **b;
                    right.next();
                    term
                }
            };
            if next.1 != 0 {
                terms.push(next);
            }
        }
        Some(Linear { terms, constant: self.constant.checked_add(other.constant)? })
    }

    /// The difference; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn sub(&self, other: &Linear) -> Option<Linear> {
        self.add(&other.scale(-1)?)
    }

    /// The multiple; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn scale(&self, factor: i128) -> Option<Linear> {
        if factor == 0 {
            return Some(Linear::default());
        }
        let terms = self.terms.iter().map(|(unknown, k)| Some((*unknown, k.checked_mul(factor)?)));
        Some(Linear {
            terms: terms.collect::<Option<Vec<_>>>()?,
            constant: self.constant.checked_mul(factor)?,
        })
    }
}

impl From<IntVar> for Linear {
    fn from(unknown: IntVar) -> Linear {
        Linear::var(unknown)
    }
}

impl From<BoolVar> for Formula {
    fn from(unknown: BoolVar) -> Formula {
        Formula::Bool(unknown)
    }
}

impl Formula {
    /// All of them; always where there is none.
    #[must_use]
    pub fn and(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Formula::Const(true) => {}
                Formula::Const(false) => return Formula::Const(false),
                Formula::And(inner) => all.extend(inner),
                other @ (Formula::Bool(_)
                | Formula::AtMostZero(_)
                | Formula::Zero(_)
                | Formula::Not(_)
                | Formula::Or(_)) => all.push(other),
            }
        }
        match all.len() {
            0 => Formula::Const(true),
            1 => all.remove(0),
            _ => Formula::And(all),
        }
    }

    /// Any of them; never where there is none.
    #[must_use]
    pub fn or(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut any = Vec::new();
        for part in parts {
            match part {
                Formula::Const(false) => {}
                Formula::Const(true) => return Formula::Const(true),
                Formula::Or(inner) => any.extend(inner),
                other @ (Formula::Bool(_)
                | Formula::AtMostZero(_)
                | Formula::Zero(_)
                | Formula::Not(_)
                | Formula::And(_)) => any.push(other),
            }
        }
        match any.len() {
            0 => Formula::Const(false),
            1 => any.remove(0),
            _ => Formula::Or(any),
        }
    }

    /// The contrary.
    #[must_use]
    pub fn not(self) -> Formula {
        match self {
            Formula::Const(value) => Formula::Const(!value),
            Formula::Not(inner) => *inner,
            other @ (Formula::Bool(_)
            | Formula::AtMostZero(_)
            | Formula::Zero(_)
            | Formula::And(_)
            | Formula::Or(_)) => Formula::Not(Box::new(other)),
        }
    }

    /// Where the first holds, so does the second.
    #[must_use]
    pub fn implies(self, then: Formula) -> Formula {
        Formula::or([self.not(), then])
    }

    /// Both or neither.
    #[must_use]
    pub fn iff(self, other: Formula) -> Formula {
        match (self, other) {
            (Formula::Const(true), f) | (f, Formula::Const(true)) => f,
            (Formula::Const(false), f) | (f, Formula::Const(false)) => f.not(),
            (a, b) => Formula::and([a.clone().implies(b.clone()), b.implies(a)]),
        }
    }

    /// Exactly one of the two.
    #[must_use]
    pub fn xor(self, other: Formula) -> Formula {
        self.iff(other).not()
    }

    /// `left <= right`; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn le(left: &Linear, right: &Linear) -> Option<Formula> {
        let gap = left.sub(right)?;
        Some(if gap.terms.is_empty() { Formula::Const(gap.constant <= 0) } else { Formula::AtMostZero(gap) })
    }

    /// `left < right`; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn lt(left: &Linear, right: &Linear) -> Option<Formula> {
        Formula::le(&left.add(&Linear::constant(1))?, right)
    }

    /// `left = right`; `None` where a coefficient leaves `i128`.
    #[must_use]
    pub fn eq(left: &Linear, right: &Linear) -> Option<Formula> {
        let gap = left.sub(right)?;
        Some(if gap.terms.is_empty() { Formula::Const(gap.constant == 0) } else { Formula::Zero(gap) })
    }

    /// The integer is at most the bound.
    #[must_use]
    pub fn at_most(unknown: IntVar, bound: i128) -> Formula {
        Formula::AtMostZero(Linear { terms: vec![(unknown, 1)], constant: -bound.clamp(-FAR, FAR) })
    }

    /// The integer is at least the bound.
    #[must_use]
    pub fn at_least(unknown: IntVar, bound: i128) -> Formula {
        Formula::AtMostZero(Linear { terms: vec![(unknown, -1)], constant: bound.clamp(-FAR, FAR) })
    }

    /// The integer is this number.
    #[must_use]
    pub fn equals(unknown: IntVar, value: i128) -> Formula {
        Formula::Zero(Linear { terms: vec![(unknown, 1)], constant: -value.clamp(-FAR, FAR) })
    }

    /// The integer lies between the two, both included; never where they are the wrong way round.
    #[must_use]
    pub fn in_range(unknown: IntVar, low: i128, high: i128) -> Formula {
        if low > high {
            return Formula::Const(false);
        }
        if low == high {
            return Formula::equals(unknown, low);
        }
        Formula::and([Formula::at_least(unknown, low), Formula::at_most(unknown, high)])
    }

    /// The integer is one of these; numbers that follow one another become one range.
    #[must_use]
    pub fn one_of(unknown: IntVar, values: impl IntoIterator<Item = i128>) -> Formula {
        let mut values: Vec<i128> = values.into_iter().collect();
        values.sort_unstable();
        let mut ranges: Vec<(i128, i128)> = Vec::new();
        for value in values {
            match ranges.last_mut() {
                Some(last) if value <= last.1.saturating_add(1) => last.1 = value,
                Some(_) | None => ranges.push((value, value)),
            }
        }
        Formula::or(ranges.into_iter().map(|(low, high)| Formula::in_range(unknown, low, high)))
    }
}
