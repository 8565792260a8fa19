//! The decision procedure behind one small interface: declare, assert, solve, model, minimise.
//!
//! Data flow: [`Formula`]s over booleans and bounded integers -> [`Solver::solve`] -> [`Answer`]. Everything a deal's guards
//! speak of is made of these: a term of a vocabulary is its preorder number, a person, a text constant or a clause is an
//! index, a date is a day number, money is minor units, a decimal is scaled to an integer.
//! Invariant: deterministic; `Unsat` is a proof; a model satisfies every assertion (re-evaluated before it is given out).

/// A boolean unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoolVar(pub u32);

/// A bounded integer unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntVar(pub u32);

/// A sum of multiples of integers, and a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Linear {
    /// Coefficients by unknown; none is zero, none occurs twice, in order of unknowns.
    pub terms: Vec<(IntVar, i128)>,
    /// The constant.
    pub constant: i128,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Formula {
    /// Always, or never.
    Const(bool),
    /// A boolean.
    Bool(BoolVar),
    /// The sum is at most zero.
    AtMostZero(Linear),
    /// The sum is zero.
    Zero(Linear),
    /// Negation.
    Not(Box<Formula>),
    /// All.
    And(Vec<Formula>),
    /// Any.
    Or(Vec<Formula>),
}
