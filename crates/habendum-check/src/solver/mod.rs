//! The decision procedure behind one small interface: declare, assert, solve, model, minimise.
//!
//! Data flow: [`Formula`]s over booleans and bounded integers -> [`Solver::solve`] -> [`Answer`]. Everything a deal's guards
//! speak of is made of these: a term of a vocabulary is its preorder number, a person, a text constant or a clause is an
//! index, a date is a day number, money is minor units, a decimal is scaled to an integer. Inside: `cnf` (clauses, ordered
//! cuts) -> `search` (SAT core and arithmetic in turn) -> `theory` (`simplex`, `congruence`, `rounding`, branch and bound, `bits`) ->
//! `model`.
//! Invariant: deterministic; `Unsat` is a proof; a model satisfies every assertion (re-evaluated before it is given out).
//!
//! **What is complete.** Every query ends with the right verdict: the boolean search is finite; comparisons of one integer
//! are decided by their order alone; conjunctions of comparisons of several integers are decided exactly over fractions,
//! and over integers by remainders, branch and bound and, where that takes too many nodes, by bits, which is finite because
//! every integer is bounded. **What is [`Answer::Unknown`]**: a formula whose coefficients leave `i128` when it is
//! normalised; one that names an unknown of another solver; and a query that uses up its budget of steps
//! ([`Solver::set_budget`]), a count and not a time, so that it is the same on every machine.

mod bits;
mod budget;
mod cnf;
mod congruence;
mod formula;
mod lattice;
mod minimise;
mod model;
mod number;
mod rounding;
mod search;
mod simplex;
#[cfg(test)]
mod tests;
mod theory;

pub use minimise::Objective;
pub use model::Model;

use batsat::{Lit, SolverInterface, lbool};
use cnf::{Declared, Encoding, Refusal};
use search::Verdict;

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

/// What came of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds for these values.
    Sat(Model),
    /// It holds for none: proved.
    Unsat,
    /// Not decided, and why. Never to be read as either of the others.
    Unknown(String),
}

impl Answer {
    /// The model, where there is one.
    #[must_use]
    pub fn model(self) -> Option<Model> {
        match self {
            Answer::Sat(model) => Some(model),
            Answer::Unsat | Answer::Unknown(_) => None,
        }
    }

    /// Whether it was proved to hold for no values.
    #[must_use]
    pub fn is_unsat(&self) -> bool {
        matches!(self, Answer::Unsat)
    }
}

/// Which assumptions cannot hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// Their places in the list, in order; empty where the assertions alone already fail.
    pub places: Vec<usize>,
    /// Whether each of them was proved to be needed; false where the budget ran out on the way.
    pub minimal: bool,
}

/// Steps of the SAT core for one query, unless set otherwise: some seconds at the very most.
const BUDGET: u64 = 200_000;

/// Encoded variables beyond which a query starts from fresh clauses, if most of them are from earlier queries.
const STALE: usize = 4_000;

/// Assertions, and what is known about them.
pub struct Solver {
    booleans: u32,
    integers: Vec<(i64, i64)>,
    assertions: Vec<Formula>,
    /// How many assertions there were at each [`Solver::push`].
    scopes: Vec<usize>,
    encoding: Encoding,
    /// The literal of each assertion that is encoded already.
    asserted: Vec<Lit>,
    /// Variables of the encoding when the assertions alone were in it.
    base: usize,
    budget: u64,
}

impl Default for Solver {
    fn default() -> Solver {
        Solver::new()
    }
}

impl Solver {
    /// A solver that knows nothing.
    #[must_use]
    pub fn new() -> Solver {
        Solver {
            booleans: 0,
            integers: Vec::new(),
            assertions: Vec::new(),
            scopes: Vec::new(),
            encoding: Encoding::new(),
            asserted: Vec::new(),
            base: 0,
            budget: BUDGET,
        }
    }

    /// A new boolean.
    pub fn boolean(&mut self) -> BoolVar {
        self.booleans += 1;
        BoolVar(self.booleans - 1)
    }

    /// A new integer from `low` to `high`, both included. Where they are the wrong way round, every query is `Unsat`.
    pub fn integer(&mut self, low: i64, high: i64) -> IntVar {
        self.integers.push((low, high));
        IntVar(self.integers.len() as u32 - 1)
    }

    /// The declared range of an integer; `None` for one of another solver.
    #[must_use]
    pub fn range(&self, unknown: IntVar) -> Option<(i64, i64)> {
        self.integers.get(unknown.0 as usize).copied()
    }

    /// Requires the formula, until the scope is left in which this was called.
    pub fn assert(&mut self, formula: Formula) {
        match formula {
            Formula::And(parts) => self.assertions.extend(parts),
            single @ (Formula::Const(_)
            | Formula::Bool(_)
            | Formula::AtMostZero(_)
            | Formula::Zero(_)
            | Formula::Not(_)
            | Formula::Or(_)) => self.assertions.push(single),
        }
    }

    /// Opens a scope.
    pub fn push(&mut self) {
        self.scopes.push(self.assertions.len());
    }

    /// Leaves the innermost scope and forgets what was asserted in it; nothing where none is open.
    pub fn pop(&mut self) {
        if let Some(kept) = self.scopes.pop() {
            self.assertions.truncate(kept);
            self.asserted.truncate(kept);
        }
    }

    /// Sets the steps of the SAT core that one query may take.
    pub fn set_budget(&mut self, steps: u64) {
        self.budget = steps;
    }

    /// Whether the assertions hold for some values.
    pub fn solve(&mut self) -> Answer {
        self.solve_assuming(&[])
    }

    /// Whether the assertions and these formulas hold for some values. Nothing is kept but what was learnt, so asking many
    /// questions of the same assertions is cheap.
    pub fn solve_assuming(&mut self, assumptions: &[Formula]) -> Answer {
        match self.query(assumptions) {
            Ok(Verdict::Sat(integers)) => self.model(integers, assumptions),
            Ok(Verdict::Unsat(_)) => Answer::Unsat,
            Ok(Verdict::Exhausted) => Answer::Unknown(format!("not decided within {} steps", self.budget)),
            Err(refusal) => Answer::Unknown(refusal.to_string()),
        }
    }

    /// A smallest set of these assumptions that fails with the assertions: without any one of them the rest can hold.
    /// `None` where they can all hold, or where that is not decided.
    pub fn minimal_core(&mut self, assumptions: &[Formula]) -> Option<Core> {
        let Ok(Verdict::Unsat(mut places)) = self.query(assumptions) else { return None };
        let mut minimal = true;
        let mut tried = 0;
        while tried < places.len() {
            let rest: Vec<usize> = places.iter().copied().filter(|place| *place != places[tried]).collect();
            let formulas: Vec<Formula> = rest.iter().map(|place| assumptions[*place].clone()).collect();
            match self.query(&formulas) {
                // Those before `tried` are needed, so they are among what failed.
                Ok(Verdict::Unsat(failed)) => places = failed.into_iter().map(|place| rest[place]).collect(),
                Ok(Verdict::Sat(_)) => tried += 1,
                Ok(Verdict::Exhausted) | Err(_) => {
                    minimal = false;
                    tried += 1;
                }
            }
        }
        Some(Core { places, minimal })
    }

    /// Encodes and searches. The places of `Unsat` are places in `assumptions`.
    fn query(&mut self, assumptions: &[Formula]) -> Result<Verdict, Refusal> {
        if self.integers.iter().any(|(low, high)| low > high) {
            return Ok(Verdict::Unsat(Vec::new()));
        }
        if self.encoding.meanings.len() > STALE + 4 * self.base {
            self.encoding = Encoding::new();
            self.asserted.clear();
        }
        let declared = Declared { booleans: self.booleans, integers: &self.integers };
        let before = self.asserted.len();
        for formula in &self.assertions[before..] {
            self.asserted.push(self.encoding.literal(formula, &declared)?);
        }
        if before < self.asserted.len() {
            self.base = self.encoding.meanings.len();
        }
        let mut assumed = self.asserted.clone();
        for formula in assumptions {
            assumed.push(self.encoding.literal(formula, &declared)?);
        }
        let found = search::search(&mut self.encoding, &self.integers, &assumed, self.budget);
        Ok(match found {
            Verdict::Unsat(places) => {
                let first = self.asserted.len();
                Verdict::Unsat(places.into_iter().filter_map(|place| place.checked_sub(first)).collect())
            }
            other @ (Verdict::Sat(_) | Verdict::Exhausted) => other,
        })
    }

    /// The model of the last search, checked against everything it must satisfy.
    fn model(&self, integers: Vec<i64>, assumptions: &[Formula]) -> Answer {
        let value = |number| {
            let literal = self.encoding.boolean(BoolVar(number));
            literal.is_some_and(|literal| self.encoding.sat.value_lit(literal) == lbool::TRUE)
        };
        let model = Model { booleans: (0..self.booleans).map(value).collect(), integers, minimal: true };
        let within = |(value, (low, high)): (&i64, &(i64, i64))| low <= value && value <= high;
        if model.integers.iter().zip(&self.integers).all(within)
            && self.assertions.iter().chain(assumptions).all(|formula| model.holds(formula))
        {
            Answer::Sat(model)
        } else {
            Answer::Unknown("a model did not pass its own check: a fault of the solver".to_owned())
        }
    }
}
