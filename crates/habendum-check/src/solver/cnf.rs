//! Formulas to clauses: gates for the connectives, ordered cuts for the comparisons.
//!
//! Data flow: [`Formula`] -> [`Encoding::literal`] -> clauses in the SAT core, and a table that says what each of its
//! variables means. A comparison is brought to `form <= bound`, its form divided by the gcd of its coefficients and its
//! bound rounded (exact, for integers). All comparisons of one form share one ordered row of cuts, chained by clauses: of a
//! single integer nothing is kept but the classes that the query's own comparisons cut it into, however wide its range, and
//! for single integers the chain alone is a complete theory. Only forms of two and more integers need arithmetic.
//! Invariant: gates are equivalences, so a literal may be used either way and in every later query.

use std::collections::{BTreeMap, HashMap};

use batsat::{Lit, SolverInterface, Var, lbool};
use num_integer::Integer;

use super::budget::Budget;
use super::{BoolVar, Formula, IntVar, Linear};

/// The greatest size of a bound.
const FAR: u128 = 1 << 126;

/// What a variable of the SAT core stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning {
    /// A boolean, or a helper of no theory.
    Free,
    /// True exactly where all of these are.
    All(Vec<Lit>),
    /// `form <= bound`, with the number of the form.
    Cut(usize, i128),
}

/// A sum of integers whose coefficients have no common divisor, the first one positive, and its cuts.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What is summed; one entry, with coefficient 1, for a single integer.
    pub(super) terms: Vec<(IntVar, i128)>,
    /// The least and greatest value over the declared ranges; `None` beyond `i128`.
    span: (Option<i128>, Option<i128>),
    cuts: BTreeMap<i128, Lit>,
}

/// Why a formula could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Coefficients beyond `i128` after normalisation.
    Overflow,
    /// An unknown that this solver did not declare.
    Undeclared,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::Overflow => "a coefficient leaves 128 bits",
            Refusal::Undeclared => "a formula names an unknown that was not declared here",
        })
    }
}

/// The clauses so far and their meaning.
pub(super) struct Encoding {
    pub(super) sat: batsat::Solver<Budget>,
    pub(super) meanings: Vec<Meaning>,
    pub(super) forms: Vec<Form>,
    /// How much theory a literal asks for if it must hold: `[false, true]`; guides which reason is picked.
    weights: Vec<[u32; 2]>,
    form_numbers: HashMap<Vec<(IntVar, i128)>, usize>,
    gates: HashMap<Vec<Lit>, Lit>,
    booleans: HashMap<BoolVar, Lit>,
    yes: Lit,
}

impl Encoding {
    pub(super) fn new() -> Encoding {
        let mut encoding = Encoding {
            sat: batsat::Solver::new(batsat::SolverOpts::default(), Budget::default()),
            meanings: Vec::new(),
            weights: Vec::new(),
            forms: Vec::new(),
            form_numbers: HashMap::new(),
            gates: HashMap::new(),
            booleans: HashMap::new(),
            yes: Lit::UNDEF,
        };
        encoding.yes = encoding.fresh(Meaning::Free, [0, 0]);
        encoding.clause(vec![encoding.yes]);
        encoding
    }

    fn fresh(&mut self, meaning: Meaning, weights: [u32; 2]) -> Lit {
        // Tried false first: fewer facts hold in a first model, so it reads better before it is minimised.
        let variable = self.sat.new_var(lbool::FALSE, true);
        self.meanings.push(meaning);
        self.weights.push(weights);
        Lit::new(variable, true)
    }

    pub(super) fn clause(&mut self, mut literals: Vec<Lit>) {
        self.sat.add_clause_reuse(&mut literals);
    }

    pub(super) fn constant(&self, value: bool) -> Lit {
        if value { self.yes } else { !self.yes }
    }

    /// The literal of a boolean, where some formula has spoken of it.
    pub(super) fn boolean(&self, unknown: BoolVar) -> Option<Lit> {
        self.booleans.get(&unknown).copied()
    }

    pub(super) fn weight(&self, literal: Lit) -> u32 {
        self.weights[index(literal.var())][usize::from(literal.sign())]
    }

    /// The literal that is true exactly where the formula holds.
    pub(super) fn literal(&mut self, formula: &Formula, declared: &Declared<'_>) -> Result<Lit, Refusal> {
        match formula {
            Formula::Const(value) => Ok(self.constant(*value)),
            Formula::Bool(unknown) => {
                if unknown.0 >= declared.booleans {
                    return Err(Refusal::Undeclared);
                }
                if let Some(known) = self.booleans.get(unknown) {
                    return Ok(*known);
                }
                let literal = self.fresh(Meaning::Free, [0, 0]);
                self.booleans.insert(*unknown, literal);
                Ok(literal)
            }
            Formula::AtMostZero(sum) => self.at_most_zero(sum, declared),
            Formula::Zero(sum) => self.zero(sum, declared),
            Formula::Not(inner) => Ok(!self.literal(inner, declared)?),
            Formula::And(parts) => {
                let parts =
                    parts.iter().map(|part| self.literal(part, declared)).collect::<Result<_, _>>()?;
                Ok(self.all(parts))
            }
            Formula::Or(parts) => {
                let parts = parts
                    .iter()
                    .map(|part| Ok(!self.literal(part, declared)?))
                    .collect::<Result<_, Refusal>>()?;
                Ok(!self.all(parts))
            }
        }
    }

    /// The conjunction; one gate for each set of literals.
    fn all(&mut self, mut parts: Vec<Lit>) -> Lit {
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|part| *part != self.yes);
        // The two literals of one variable are neighbours in this order.
        if parts.contains(&!self.yes) || parts.windows(2).any(|pair| pair[0] == !pair[1]) {
            return !self.yes;
        }
        match parts.as_slice() {
            [] => return self.yes,
            [single] => return *single,
            [_, ..] => {}
        }
        if let Some(gate) = self.gates.get(&parts) {
            return *gate;
        }
        let holds = parts.iter().fold(0_u32, |sum, part| sum.saturating_add(self.weight(*part)));
        let fails = parts.iter().map(|part| self.weight(!*part)).min().unwrap_or(0);
        let gate = self.fresh(Meaning::All(parts.clone()), [fails, holds]);
        for part in &parts {
            self.clause(vec![!gate, *part]);
        }
        self.clause(parts.iter().map(|part| !*part).chain([gate]).collect());
        self.gates.insert(parts, gate);
        gate
    }

    fn at_most_zero(&mut self, sum: &Linear, declared: &Declared<'_>) -> Result<Lit, Refusal> {
        let Some((form, divisor)) = self.form(sum, declared)? else {
            return Ok(self.constant(sum.constant <= 0));
        };
        // divisor * form + constant <= 0, where the divisor may be negative.
        let constant = sum.constant;
        if divisor > 0 {
            let bound = Integer::div_floor(&constant.checked_neg().ok_or(Refusal::Overflow)?, &divisor);
            self.cut(form, bound)
        } else {
            let size = divisor.checked_neg().ok_or(Refusal::Overflow)?;
            let bound = Integer::div_ceil(&constant, &size).checked_sub(1).ok_or(Refusal::Overflow)?;
            Ok(!self.cut(form, bound)?)
        }
    }

    fn zero(&mut self, sum: &Linear, declared: &Declared<'_>) -> Result<Lit, Refusal> {
        let Some((form, divisor)) = self.form(sum, declared)? else {
            return Ok(self.constant(sum.constant == 0));
        };
        let constant = sum.constant.checked_neg().ok_or(Refusal::Overflow)?;
        // `i128::MIN / -1` is the one quotient that overflows.
        let value = constant.checked_div(divisor).ok_or(Refusal::Overflow)?;
        if value.checked_mul(divisor) != Some(constant) {
            return Ok(self.constant(false));
        }
        let below = value.checked_sub(1).ok_or(Refusal::Overflow)?;
        let (upper, lower) = (self.cut(form, value)?, self.cut(form, below)?);
        Ok(self.all(vec![upper, !lower]))
    }

    /// The form of a sum and what it was divided by; `None` for a sum without unknowns.
    fn form(&mut self, sum: &Linear, declared: &Declared<'_>) -> Result<Option<(usize, i128)>, Refusal> {
        // The fields are public: put in order what was not built by our own constructors.
        let mut merged: BTreeMap<IntVar, i128> = BTreeMap::new();
        for (unknown, factor) in &sum.terms {
            if unknown.0 as usize >= declared.integers.len() {
                return Err(Refusal::Undeclared);
            }
            let total = merged.entry(*unknown).or_default();
            *total = total.checked_add(*factor).ok_or(Refusal::Overflow)?;
        }
        merged.retain(|_, factor| *factor != 0);
        let Some(first) = merged.values().next().copied() else { return Ok(None) };
        if merged.values().any(|factor| *factor == i128::MIN) {
            return Err(Refusal::Overflow);
        }
        let gcd = merged.values().fold(0_i128, |gcd, factor| gcd.gcd(factor));
        let divisor = if first < 0 { -gcd } else { gcd };
        let terms: Vec<_> = merged.into_iter().map(|(unknown, factor)| (unknown, factor / divisor)).collect();
        if let Some(known) = self.form_numbers.get(&terms) {
            return Ok(Some((*known, divisor)));
        }
        let number = self.forms.len();
        self.form_numbers.insert(terms.clone(), number);
        let span = span(&terms, declared);
        self.forms.push(Form { terms, span, cuts: BTreeMap::new() });
        Ok(Some((number, divisor)))
    }

    /// The literal of `form <= bound`.
    fn cut(&mut self, number: usize, bound: i128) -> Result<Lit, Refusal> {
        // Room for the steps of one that bounds are moved by later.
        if bound.unsigned_abs() > FAR {
            return Err(Refusal::Overflow);
        }
        let form = &self.forms[number];
        if form.span.0.is_some_and(|low| bound < low) {
            return Ok(!self.yes);
        }
        if form.span.1.is_some_and(|high| bound >= high) {
            return Ok(self.yes);
        }
        if let Some(known) = form.cuts.get(&bound) {
            return Ok(*known);
        }
        let below = form.cuts.range(..bound).next_back().map(|(_, cut)| *cut);
        let above = form.cuts.range(bound..).next().map(|(_, cut)| *cut);
        let weight = if form.terms.len() == 1 { 1 } else { 16 };
        let cut = self.fresh(Meaning::Cut(number, bound), [weight, weight]);
        self.forms[number].cuts.insert(bound, cut);
        if let Some(below) = below {
            self.clause(vec![!below, cut]);
        }
        if let Some(above) = above {
            self.clause(vec![!cut, above]);
        }
        Ok(cut)
    }
}

/// What was declared.
pub(super) struct Declared<'a> {
    pub(super) booleans: u32,
    pub(super) integers: &'a [(i64, i64)],
}

/// The place of a variable in [`Encoding::meanings`].
pub(super) fn index(variable: Var) -> usize {
    variable.idx() as usize
}

fn span(terms: &[(IntVar, i128)], declared: &Declared<'_>) -> (Option<i128>, Option<i128>) {
    let extreme = |least: bool| {
        terms.iter().try_fold(0_i128, |sum, (unknown, factor)| {
            let (low, high) = declared.integers[unknown.0 as usize];
            let at = if (*factor > 0) == least { low } else { high };
            sum.checked_add(factor.checked_mul(i128::from(at))?)
        })
    };
    (extreme(true), extreme(false))
}
