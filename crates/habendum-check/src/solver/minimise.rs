//! Models that are small enough to be read: objectives made as small as they can be, one after the other.
//!
//! Data flow: a first model -> for each objective, tighter and tighter queries until the next is `Unsat` -> its value is
//! fixed -> the next objective. Invariant: the values are the lexicographic minimum, or the model says that it is not
//! proved ([`Model::is_minimal`]).

use super::{Answer, BoolVar, Formula, IntVar, Linear, Model, Solver};

/// What is to be small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objective {
    /// A boolean: false before true.
    Bool(BoolVar),
    /// An integer.
    Int(IntVar),
    /// A sum.
    Sum(Linear),
    /// A condition: not holding before holding.
    Holds(Formula),
    /// The distance of an integer from a number.
    Near(IntVar, i64),
}

impl Solver {
    /// The model of the assertions with the least objectives, the first one counting most.
    pub fn minimise(&mut self, objectives: &[Objective]) -> Answer {
        self.minimise_assuming(&[], objectives)
    }

    /// As [`Solver::minimise`], under these formulas too.
    pub fn minimise_assuming(&mut self, assumptions: &[Formula], objectives: &[Objective]) -> Answer {
        let mut model = match self.solve_assuming(assumptions) {
            Answer::Sat(model) => model,
            other @ (Answer::Unsat | Answer::Unknown(_)) => return other,
        };
        let mut descent = Descent { fixed: assumptions.to_vec(), proved: true };
        for objective in objectives {
            match objective {
                Objective::Bool(unknown) => descent.condition(self, &mut model, Formula::Bool(*unknown)),
                Objective::Holds(formula) => descent.condition(self, &mut model, formula.clone()),
                Objective::Int(unknown) => descent.sum(self, &mut model, &Linear::var(*unknown)),
                Objective::Sum(sum) => descent.sum(self, &mut model, sum),
                Objective::Near(unknown, target) => descent.near(self, &mut model, *unknown, *target),
            }
        }
        model.minimal = descent.proved;
        Answer::Sat(model)
    }
}

/// What the objectives so far have come to.
struct Descent {
    fixed: Vec<Formula>,
    proved: bool,
}

impl Descent {
    /// Asks for more; keeps the better model. Whether it was decided that there is none.
    fn try_for(&mut self, solver: &mut Solver, model: &mut Model, wish: Formula) -> Tried {
        self.fixed.push(wish);
        let answer = solver.solve_assuming(&self.fixed);
        self.fixed.pop();
        match answer {
            Answer::Sat(better) => {
                *model = better;
                Tried::Better
            }
            Answer::Unsat => Tried::None,
            Answer::Unknown(_) => Tried::Unknown,
        }
    }

    fn condition(&mut self, solver: &mut Solver, model: &mut Model, formula: Formula) {
        if model.holds(&formula) && self.try_for(solver, model, formula.clone().not()) == Tried::Unknown {
            self.proved = false;
        }
        self.fixed.push(if model.holds(&formula) { formula } else { formula.not() });
    }

    fn sum(&mut self, solver: &mut Solver, model: &mut Model, sum: &Linear) {
        let (Some(low), Some(mut value)) = (solver.least(sum), model.value(sum)) else {
            self.proved = false;
            return;
        };
        let mut low = low;
        // The least conceivable value first, then one less than the best, then halves: the first two are right most often,
        // and halving bounds the number of queries where they are not.
        let mut round = 0_u32;
        while low < value {
            let target = match round {
                0 => low,
                odd if odd % 2 == 1 => value - 1,
                _ => low + value.saturating_sub(low) / 2,
            };
            round += 1;
            let Some(wish) = Formula::le(sum, &Linear::constant(target)) else { break };
            match self.try_for(solver, model, wish) {
                Tried::Better => value = model.value(sum).unwrap_or(value).min(target),
                Tried::None => low = target + 1,
                Tried::Unknown => {
                    self.proved = false;
                    break;
                }
            }
        }
        match Formula::le(sum, &Linear::constant(value)) {
            Some(reached) => self.fixed.push(reached),
            None => self.proved = false,
        }
    }

    /// The side of the target that is nearer decides; of two equal distances the smaller number is taken.
    fn near(&mut self, solver: &mut Solver, model: &mut Model, unknown: IntVar, target: i64) {
        let target = i128::from(target);
        let gap = |model: &Model| (i128::from(model.int(unknown)) - target).abs();
        let (mut low, mut value) = (0, gap(model));
        let mut round = 0_u32;
        while low < value {
            let reach = match round {
                0 => 0,
                odd if odd % 2 == 1 => value - 1,
                _ => low + (value - low) / 2,
            };
            round += 1;
            match self.try_for(solver, model, Formula::in_range(unknown, target - reach, target + reach)) {
                Tried::Better => value = gap(model),
                Tried::None => low = reach + 1,
                Tried::Unknown => {
                    self.proved = false;
                    break;
                }
            }
        }
        self.fixed.push(Formula::in_range(unknown, target - value, target + value));
        self.sum(solver, model, &Linear::var(unknown));
    }
}

#[derive(PartialEq, Eq)]
enum Tried {
    Better,
    None,
    Unknown,
}

impl Solver {
    /// The least value of a sum over the declared ranges; `None` where it leaves `i128`.
    fn least(&self, sum: &Linear) -> Option<i128> {
        sum.terms.iter().try_fold(sum.constant, |total, (unknown, factor)| {
            let (low, high) = self.range(*unknown)?;
            let at = if *factor > 0 { low } else { high };
            total.checked_add(factor.checked_mul(i128::from(at))?)
        })
    }
}
