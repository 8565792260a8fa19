//! The solver against enumeration: over tiny ranges every verdict, model, minimum and core is compared with trying every
//! value. Then the traps that a search over fractions walks into, over wide ranges.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use habendum_check::solver::{Answer, BoolVar, Formula, IntVar, Linear, Model, Objective, Solver};
use num_bigint::BigInt;
use proptest::prelude::*;

/// A formula before its unknowns are declared: numbers of booleans and integers.
#[derive(Clone, Debug)]
enum Tree {
    Bool(u32),
    AtMost(Vec<(u32, i128)>, i128),
    Equal(Vec<(u32, i128)>, i128),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

const BOOLEANS: u32 = 2;
const INTEGERS: u32 = 4;

fn sum(terms: &[(u32, i128)], constant: i128) -> Linear {
    let zero = Linear::constant(constant);
    terms
        .iter()
        .fold(zero, |sum, (unknown, factor)| sum.add(&Linear::term(*factor, IntVar(*unknown))).unwrap())
}

impl Tree {
    fn formula(&self) -> Formula {
        match self {
            Tree::Bool(unknown) => Formula::Bool(BoolVar(*unknown)),
            Tree::AtMost(terms, constant) => Formula::AtMostZero(sum(terms, *constant)),
            Tree::Equal(terms, constant) => Formula::Zero(sum(terms, *constant)),
            Tree::Not(inner) => inner.formula().not(),
            Tree::And(parts) => Formula::and(parts.iter().map(Tree::formula)),
            Tree::Or(parts) => Formula::or(parts.iter().map(Tree::formula)),
        }
    }

    /// The value by the tree itself, which shares nothing with the solver.
    fn holds(&self, booleans: &[bool], integers: &[i64]) -> bool {
        let total = |terms: &[(u32, i128)], constant: i128| {
            terms
                .iter()
                .map(|(unknown, factor)| factor * i128::from(integers[*unknown as usize]))
                .sum::<i128>()
                + constant
        };
        match self {
            Tree::Bool(unknown) => booleans[*unknown as usize],
            Tree::AtMost(terms, constant) => total(terms, *constant) <= 0,
            Tree::Equal(terms, constant) => total(terms, *constant) == 0,
            Tree::Not(inner) => !inner.holds(booleans, integers),
            Tree::And(parts) => parts.iter().all(|part| part.holds(booleans, integers)),
            Tree::Or(parts) => parts.iter().any(|part| part.holds(booleans, integers)),
        }
    }
}

fn terms() -> impl Strategy<Value = Vec<(u32, i128)>> {
    // Factors that share divisors, so that parity and gcd decide often.
    let factor = prop_oneof![
        Just(1),
        Just(-1),
        Just(2),
        Just(-2),
        Just(3),
        Just(-3),
        Just(4),
        Just(6),
        Just(-6),
        Just(10)
    ];
    prop::collection::vec((0..INTEGERS, factor), 1..4)
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => (0..BOOLEANS).prop_map(Tree::Bool),
        3 => (terms(), -12..12_i128).prop_map(|(terms, constant)| Tree::AtMost(terms, constant)),
        2 => (terms(), -12..12_i128).prop_map(|(terms, constant)| Tree::Equal(terms, constant)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Tree::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::And),
            prop::collection::vec(inner, 1..4).prop_map(Tree::Or),
        ]
    })
}

/// Small numbers, huge ones, and those at the edge.
fn huge() -> impl Strategy<Value = i128> {
    prop_oneof![
        4 => -3..4_i128,
        2 => (-9..10_i128, 90..122_u32).prop_map(|(digit, shift)| digit << shift),
        2 => any::<i128>().prop_map(|number| number / 4),
        1 => prop_oneof![Just(i128::MAX), Just(i128::MIN), Just(i128::MIN + 1), Just(i128::MAX / 2)],
    ]
}

#[derive(Clone, Debug)]
struct Case {
    ranges: Vec<(i64, i64)>,
    trees: Vec<Tree>,
}

fn case() -> impl Strategy<Value = Case> {
    let range = (-3..3_i64, 0..4_i64).prop_map(|(low, size)| (low, low + size));
    (prop::collection::vec(range, INTEGERS as usize), prop::collection::vec(tree(), 1..6))
        .prop_map(|(ranges, trees)| Case { ranges, trees })
}

impl Case {
    fn solver(&self) -> Solver {
        let mut solver = Solver::new();
        (0..BOOLEANS).for_each(|_| {
            solver.boolean();
        });
        for (low, high) in &self.ranges {
            solver.integer(*low, *high);
        }
        solver
    }

    /// Every assignment that satisfies these trees.
    fn points(&self, trees: &[Tree]) -> Vec<(Vec<bool>, Vec<i64>)> {
        let mut points: Vec<Vec<i64>> = vec![Vec::new()];
        for (low, high) in &self.ranges {
            points = points
                .iter()
                .flat_map(|point| {
                    (*low..=*high).map(|value| [point.as_slice(), &[value]].concat()).collect::<Vec<_>>()
                })
                .collect();
        }
        let booleans: Vec<Vec<bool>> = (0..1_u32 << BOOLEANS)
            .map(|bits| (0..BOOLEANS).map(|place| bits >> place & 1 == 1).collect())
            .collect();
        let all = booleans.iter().flat_map(|b| points.iter().map(|p| (b.clone(), p.clone())));
        all.filter(|(b, p)| trees.iter().all(|tree| tree.holds(b, p))).collect()
    }

    fn holds(&self, model: &Model, trees: &[Tree]) -> bool {
        let booleans: Vec<bool> = (0..BOOLEANS).map(|place| model.bool(BoolVar(place))).collect();
        let integers: Vec<i64> = (0..INTEGERS).map(|place| model.int(IntVar(place))).collect();
        let within =
            integers.iter().zip(&self.ranges).all(|(value, (low, high))| low <= value && value <= high);
        within && trees.iter().all(|tree| tree.holds(&booleans, &integers))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Verdicts and models, asserted, in scopes, and assumed, from one solver.
    #[test]
    fn verdicts_are_those_of_enumeration(case in case()) {
        let mut solver = case.solver();
        for tree in &case.trees {
            solver.push();
            solver.assert(tree.formula());
            let expected = !case.points(std::slice::from_ref(tree)).is_empty();
            match solver.solve() {
                Answer::Sat(model) => prop_assert!(expected && case.holds(&model, std::slice::from_ref(tree))),
                Answer::Unsat => prop_assert!(!expected),
                Answer::Unknown(why) => prop_assert!(false, "{}", why),
            }
            solver.pop();
        }
        let formulas: Vec<Formula> = case.trees.iter().map(Tree::formula).collect();
        let expected = !case.points(&case.trees).is_empty();
        match solver.solve_assuming(&formulas) {
            Answer::Sat(model) => prop_assert!(expected && case.holds(&model, &case.trees)),
            Answer::Unsat => prop_assert!(!expected),
            Answer::Unknown(why) => prop_assert!(false, "{}", why),
        }
        prop_assert!(matches!(solver.solve(), Answer::Sat(_)));
    }

    /// The lexicographic minimum of two integers, a boolean and a sum is the enumerated one.
    #[test]
    fn minima_are_those_of_enumeration(case in case()) {
        let mut solver = case.solver();
        let trees = &case.trees[..1];
        solver.assert(trees[0].formula());
        let objectives = [
            Objective::Near(IntVar(2), 1),
            Objective::Int(IntVar(1)),
            Objective::Bool(BoolVar(0)),
            Objective::Sum(sum(&[(0, 2), (3, -3)], 5)),
        ];
        let key = |b: &[bool], p: &[i64]| ((p[2] - 1).abs(), p[2], p[1], b[0], 2 * p[0] - 3 * p[3]);
        let expected = case.points(trees).iter().map(|(b, p)| key(b, p)).min();
        match solver.minimise(&objectives) {
            Answer::Sat(model) => {
                prop_assert!(model.is_minimal() && case.holds(&model, trees));
                let integers: Vec<i64> = (0..INTEGERS).map(|place| model.int(IntVar(place))).collect();
                prop_assert_eq!(Some(key(&[model.bool(BoolVar(0))], &integers)), expected);
            }
            Answer::Unsat => prop_assert_eq!(expected, None),
            Answer::Unknown(why) => prop_assert!(false, "{}", why),
        }
    }

    /// A core fails, and without any one of its members it does not.
    #[test]
    fn cores_fail_and_are_minimal(case in case()) {
        let mut solver = case.solver();
        let formulas: Vec<Formula> = case.trees.iter().map(Tree::formula).collect();
        let Some(core) = solver.minimal_core(&formulas) else {
            prop_assert!(!case.points(&case.trees).is_empty());
            return Ok(());
        };
        prop_assert!(core.minimal && core.places.is_sorted());
        let members: Vec<Tree> = core.places.iter().map(|place| case.trees[*place].clone()).collect();
        prop_assert!(case.points(&members).is_empty());
        for dropped in 0..members.len() {
            let rest: Vec<Tree> =
                members.iter().enumerate().filter(|(place, _)| *place != dropped).map(|(_, tree)| tree.clone()).collect();
            prop_assert!(!case.points(&rest).is_empty(), "{} is not needed", dropped);
        }
    }

    /// Coefficients to the very edge of `i128`: the enumerated verdict, or unknown, and never a wrapped number.
    #[test]
    fn huge_coefficients_are_exact_or_unknown(
        ranges in prop::collection::vec((-3..3_i64, 0..4_i64), 3),
        rows in prop::collection::vec((prop::collection::vec(huge(), 3), huge(), any::<bool>()), 1..5),
    ) {
        let mut solver = Solver::new();
        let v: Vec<IntVar> = ranges.iter().map(|(low, size)| solver.integer(*low, low + size)).collect();
        for (factors, constant, equal) in &rows {
            let terms: Vec<_> = v.iter().copied().zip(factors.iter().copied()).filter(|term| term.1 != 0).collect();
            let sum = Linear { terms, constant: *constant };
            solver.assert(if *equal { Formula::Zero(sum) } else { Formula::AtMostZero(sum) });
        }
        let holds = |x: i64, y: i64, z: i64| rows.iter().all(|(factors, constant, equal)| {
            let products = factors.iter().zip([x, y, z]).map(|(factor, value)| BigInt::from(*factor) * value);
            let total = products.fold(BigInt::from(*constant), |sum, product| sum + product);
            if *equal { total == BigInt::from(0) } else { total <= BigInt::from(0) }
        });
        let span = |place: usize| ranges[place].0..=ranges[place].0 + ranges[place].1;
        let expected = span(0).any(|x| span(1).any(|y| span(2).any(|z| holds(x, y, z))));
        match solver.solve() {
            Answer::Sat(model) => prop_assert!(holds(model.int(v[0]), model.int(v[1]), model.int(v[2]))),
            Answer::Unsat => prop_assert!(!expected),
            Answer::Unknown(why) => prop_assert!(why.contains("128 bits"), "{}", why),
        }
    }

    /// The constructors mean what their names say.
    #[test]
    fn constructors_mean_what_they_say(a in any::<bool>(), b in any::<bool>(), low in -3..4_i128, high in -3..4_i128) {
        let mut solver = Solver::new();
        let (p, q, x) = (solver.boolean(), solver.boolean(), solver.integer(-2, 2));
        let Answer::Sat(model) = solver.solve_assuming(&[
            if a { Formula::from(p) } else { Formula::from(p).not() },
            if b { Formula::from(q) } else { Formula::from(q).not() },
        ]) else { return Err(TestCaseError::fail("two booleans are free")) };
        prop_assert_eq!(model.holds(&Formula::from(p).implies(q.into())), !a || b);
        prop_assert_eq!(model.holds(&Formula::from(p).iff(q.into())), a == b);
        prop_assert_eq!(model.holds(&Formula::from(p).xor(q.into())), a != b);
        let value = i128::from(model.int(x));
        prop_assert_eq!(model.holds(&Formula::in_range(x, low, high)), low <= value && value <= high);
        prop_assert_eq!(model.holds(&Formula::one_of(x, [low, high])), value == low || value == high);
        prop_assert_eq!(model.holds(&Formula::lt(&x.into(), &Linear::constant(low)).unwrap()), value < low);
        prop_assert_eq!(model.holds(&Formula::le(&x.into(), &Linear::constant(low)).unwrap()), value <= low);
        prop_assert_eq!(model.holds(&Formula::eq(&x.into(), &Linear::constant(low)).unwrap()), value == low);
    }
}

fn wide(count: usize) -> (Solver, Vec<IntVar>) {
    let mut solver = Solver::new();
    let integers = (0..count).map(|_| solver.integer(i64::MIN, i64::MAX)).collect();
    (solver, integers)
}

fn linear(terms: &[(i128, IntVar)], constant: i128) -> Linear {
    let zero = Linear::constant(constant);
    terms.iter().fold(zero, |sum, (factor, unknown)| sum.add(&Linear::term(*factor, *unknown)).unwrap())
}

#[test]
fn parity_over_the_widest_ranges() {
    // x + y = 2a and x - y = 2b + 1 would make x + y even and odd.
    let (mut solver, v) = wide(4);
    solver.assert(Formula::Zero(linear(&[(1, v[0]), (1, v[1]), (-2, v[2])], 0)));
    let odd = Formula::Zero(linear(&[(1, v[0]), (-1, v[1]), (-2, v[3])], -1));
    assert_eq!(solver.solve_assuming(&[odd]), Answer::Unsat);
    let even = Formula::Zero(linear(&[(1, v[0]), (-1, v[1]), (-2, v[3])], -2));
    assert!(matches!(solver.solve_assuming(&[even]), Answer::Sat(_)));
}

#[test]
fn parity_of_inequalities() {
    // a <= b <= c <= a makes them equal, though no single comparison is an equation; then 1 <= a + b - 2d <= 1 is odd.
    let (mut solver, v) = wide(4);
    for pair in [(0, 1), (1, 2), (2, 0)] {
        solver.assert(Formula::AtMostZero(linear(&[(1, v[pair.0]), (-1, v[pair.1])], 0)));
    }
    let odd = Formula::Zero(linear(&[(1, v[0]), (1, v[1]), (-2, v[3])], -1));
    assert_eq!(solver.solve_assuming(&[odd]), Answer::Unsat);
}

#[test]
fn gcd_behind_a_third_integer() {
    // 1 <= 3x - 6y + z <= 2 with z = 0: no multiple of three lies there; with z = 1 the multiple 0 does.
    let (mut solver, v) = wide(3);
    solver.assert(Formula::AtMostZero(linear(&[(3, v[0]), (-6, v[1]), (1, v[2])], -2)));
    solver.assert(Formula::AtMostZero(linear(&[(-3, v[0]), (6, v[1]), (-1, v[2])], 1)));
    assert_eq!(solver.solve_assuming(&[Formula::equals(v[2], 0)]), Answer::Unsat);
    assert!(matches!(solver.solve_assuming(&[Formula::equals(v[2], 1)]), Answer::Sat(_)));
}

#[test]
fn coins_that_cannot_make_a_sum() {
    // The largest number that 997 and 1009 cannot make is 997 * 1009 - 997 - 1009 = 1003967.
    let mut solver = Solver::new();
    let (x, y) = (solver.integer(0, i64::MAX), solver.integer(0, i64::MAX));
    let pays = |amount: i128| Formula::Zero(linear(&[(997, x), (1009, y)], -amount));
    assert_eq!(solver.solve_assuming(&[pays(1_003_967)]), Answer::Unsat);
    assert!(matches!(solver.solve_assuming(&[pays(1_003_968)]), Answer::Sat(_)));
}

#[test]
fn a_strict_cycle_of_wide_integers() {
    let (mut solver, v) = wide(8);
    let less: Vec<Formula> = (0..8)
        .map(|place| Formula::AtMostZero(linear(&[(1, v[place]), (-1, v[(place + 1) % 8])], 1)))
        .collect();
    let core = solver.minimal_core(&less).unwrap();
    assert_eq!(core.places, (0..8).collect::<Vec<_>>());
    assert!(matches!(solver.solve_assuming(&less[..7]), Answer::Sat(_)));
}

#[test]
fn coefficients_that_need_big_numbers() {
    // 10^30 x = 10^30 y + z, with z from 1 to 10^18: z would be a multiple of 10^30.
    let mut solver = Solver::new();
    let (x, y) = (solver.integer(i64::MIN, i64::MAX), solver.integer(i64::MIN, i64::MAX));
    let z = solver.integer(0, 1_000_000_000_000_000_000);
    let huge = 10_i128.pow(30);
    solver.assert(Formula::Zero(linear(&[(huge, x), (-huge, y), (-1, z)], 0)));
    assert_eq!(solver.solve_assuming(&[Formula::at_least(z, 1)]), Answer::Unsat);
    assert!(matches!(solver.solve(), Answer::Sat(_)));
}

#[test]
fn what_cannot_be_said_is_unknown_and_never_unsat() {
    let mut solver = Solver::new();
    let x = solver.integer(0, 1);
    let beyond = Formula::AtMostZero(Linear { terms: vec![(x, i128::MIN)], constant: 0 });
    assert!(matches!(solver.solve_assuming(&[beyond]), Answer::Unknown(_)));
    assert!(matches!(solver.solve_assuming(&[Formula::Bool(BoolVar(7))]), Answer::Unknown(_)));
    assert!(matches!(solver.solve_assuming(&[Formula::equals(IntVar(7), 0)]), Answer::Unknown(_)));
    assert_eq!(Linear::term(i128::MAX, x).scale(2), None);
    assert_eq!(Linear::term(i128::MAX, x).add(&Linear::var(x)), None);
    let mut empty = Solver::new();
    empty.integer(1, 0);
    assert_eq!(empty.solve(), Answer::Unsat);
}

#[test]
fn a_budget_ends_a_query_the_same_way_each_time() {
    // Nine pigeons in eight holes: no short proof by clauses.
    let run = || {
        let mut solver = Solver::new();
        let holes: Vec<Vec<Formula>> =
            (0..9).map(|_| (0..8).map(|_| Formula::from(solver.boolean())).collect()).collect();
        for pigeon in &holes {
            solver.assert(Formula::or(pigeon.clone()));
        }
        for hole in 0..8 {
            for (first, one) in holes.iter().enumerate() {
                for other in &holes[..first] {
                    solver.assert(Formula::or([one[hole].clone().not(), other[hole].clone().not()]));
                }
            }
        }
        solver.set_budget(50);
        solver.solve()
    };
    assert!(matches!(run(), Answer::Unknown(_)));
    assert_eq!(run(), run());
}

#[test]
fn many_questions_of_one_base_stay_cheap() {
    // 20,000 distinct questions: the clauses of old ones must not pile up.
    let mut solver = Solver::new();
    let (x, y) = (solver.integer(0, 1 << 40), solver.integer(0, 1 << 40));
    solver.assert(Formula::AtMostZero(linear(&[(100, y), (-15, x)], 0)));
    for k in 1..20_000_i128 {
        let over = Formula::at_least(y, 15 * k + 1);
        let under = Formula::at_most(x, 100 * k);
        // y > 15k needs x > 100k.
        assert_eq!(solver.solve_assuming(&[over, under]), Answer::Unsat);
    }
}
