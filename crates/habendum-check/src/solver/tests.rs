//! The ways of deciding a conjunction, each by itself against enumeration: branch and bound over both sizes of number, the
//! bits that only the rarest query reaches, and rounding, which may miss but must not err.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

use proptest::prelude::*;

use super::number::{Big, Number, Small};
use super::simplex::{Bound, Range};
use super::theory::{Outcome, Problem, Search};
use super::{bits, rounding};

const STEPS: u64 = 1_000_000;

fn range(low: i128, high: i128, reason: u32) -> Range {
    let bound = |at, reason: u32| Some(Bound { at, why: [reason].into() });
    Range { low: bound(low, reason), high: bound(high, reason + 1) }
}

/// Three integers in small ranges and up to four sums in narrow bands; each bound has a reason of its own.
fn problem() -> impl Strategy<Value = Problem> {
    let small = (-3..3_i128, 0..5_i128);
    let sum = (prop::collection::vec(-6..7_i128, 3), -9..9_i128, 0..4_i128, 0..4_u8);
    (prop::collection::vec(small, 3), prop::collection::vec(sum, 1..5)).prop_map(|(integers, sums)| {
        let ranges = integers.iter().enumerate();
        let integers = ranges.map(|(place, (low, size))| range(*low, low + size, 2 * place as u32)).collect();
        let sums = sums.into_iter().enumerate().filter_map(|(place, (factors, low, width, sides))| {
            let terms: Vec<(usize, i128)> =
                factors.into_iter().enumerate().filter(|term| term.1 != 0).collect();
            let mut range = range(low, low + width, 6 + 2 * place as u32);
            match sides {
                0 => range.low = None,
                1 => range.high = None,
                _ => {}
            }
            if terms.is_empty() { None } else { Some((terms, range)) }
        });
        Problem { integers, sums: sums.collect() }
    })
}

/// Whether the values keep every bound whose reason is kept.
fn keeps(problem: &Problem, values: &[i128], kept: &dyn Fn(u32) -> bool) -> bool {
    let within = |value: i128, range: &Range| {
        range.low.as_ref().is_none_or(|low| !kept(low.why[0]) || low.at <= value)
            && range.high.as_ref().is_none_or(|high| !kept(high.why[0]) || value <= high.at)
    };
    let total = |terms: &[(usize, i128)]| terms.iter().map(|(place, factor)| factor * values[*place]).sum();
    values.iter().zip(&problem.integers).all(|(value, range)| within(*value, range))
        && problem.sums.iter().all(|(terms, range)| within(total(terms), range))
}

/// Some values that keep every kept bound; beyond its range an integer is tried a little way.
fn solution(problem: &Problem, kept: &dyn Fn(u32) -> bool) -> Option<Vec<i128>> {
    let reach = -12..=12_i128;
    let all = reach.clone().flat_map(|x| {
        let reach = reach.clone();
        reach.clone().flat_map(move |y| reach.clone().map(move |z| vec![x, y, z]))
    });
    all.into_iter().find(|values| keeps(problem, values, kept))
}

fn judge(name: &str, problem: &Problem, outcome: &Outcome) -> Result<(), TestCaseError> {
    let every = |_: u32| true;
    match outcome {
        Outcome::Values(values) => prop_assert!(keeps(problem, values, &every), "{}: {:?}", name, values),
        Outcome::Conflict(reasons) => {
            // The named bounds alone already fail.
            let found = solution(problem, &|reason| reasons.contains(&reason));
            prop_assert!(found.is_none(), "{}: {:?} though {:?}", name, reasons, found);
        }
        Outcome::Exhausted => prop_assert!(false, "{} gave up", name),
    }
    Ok(())
}

fn branching<N: Number>(problem: &Problem) -> Outcome {
    Search::<N>::new(problem).node(&mut problem.ranges(), 0).unwrap_or(Outcome::Exhausted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_decides_as_enumeration_does(problem in problem()) {
        let possible = solution(&problem, &|_| true).is_some();
        let ways = [
            ("small", branching::<Small>(&problem)),
            ("big", branching::<Big>(&problem)),
            ("bits", bits::decide(&problem, STEPS)),
        ];
        for (name, outcome) in &ways {
            prop_assert_eq!(matches!(outcome, Outcome::Values(_)), possible, "{}", name);
            judge(name, &problem, outcome)?;
        }
        let entries: Vec<Vec<(usize, i128)>> =
            (0..3).map(|place| vec![(place, 1)]).chain(problem.sums.iter().map(|(terms, _)| terms.clone())).collect();
        if let Some(values) = rounding::point(3, &entries, &problem.ranges()) {
            judge("rounding", &problem, &Outcome::Values(values))?;
        }
    }

    /// Fractions of machine words are those of big integers, wherever they fit.
    #[test]
    fn both_sizes_of_fraction_agree(a in -50..50_i128, b in 1..20_i128, c in any::<i64>(), d in 1..20_i128) {
        let small = |over: i128, under: i128| Small::whole(over).div(&Small::whole(under)).unwrap();
        let big = |over: i128, under: i128| Big::whole(over).div(&Big::whole(under)).unwrap();
        let (c, d) = (i128::from(c), d);
        let same = |one: Option<Small>, other: Option<Big>| {
            let (one, other) = (one.unwrap(), other.unwrap());
            one.floor() == Number::floor(&other) && one.is_whole() == other.is_whole() && one.is_positive() == other.is_positive()
        };
        let (x, y, p, q) = (small(a, b), small(c, d), big(a, b), big(c, d));
        prop_assert!(same(x.add(&y), Number::add(&p, &q)) && same(x.sub(&y), Number::sub(&p, &q)));
        prop_assert!(same(x.mul(&y), Number::mul(&p, &q)));
        prop_assert_eq!(x.cmp(&y), p.cmp(&q));
        if c != 0 {
            prop_assert!(same(x.div(&y), Number::div(&p, &q)));
        }
    }
}

#[test]
fn bits_settle_parity_over_wide_ranges() {
    // x + y = 2a and x - y = 2b + 1, as bits: the lowest ones exclude one another.
    let wide = 1 << 62;
    let integers = (0..4).map(|place| range(-wide, wide, 2 * place)).collect();
    let sums = vec![
        (vec![(0, 1), (1, 1), (2, -2)], range(0, 0, 8)),
        (vec![(0, 1), (1, -1), (3, -2)], range(1, 1, 10)),
    ];
    let Outcome::Conflict(reasons) = bits::decide(&Problem { integers, sums }, STEPS) else {
        panic!("odd and even")
    };
    assert!([8, 9, 10, 11].iter().all(|reason| reasons.contains(reason)));
}

#[test]
fn bits_give_up_when_told_to() {
    let integers = (0..4).map(|place| range(0, 1 << 40, 2 * place)).collect();
    let sums = vec![(vec![(0, 7919), (1, -6007), (2, 10007), (3, -9973)], range(12_345, 12_345, 8))];
    assert_eq!(bits::decide(&Problem { integers, sums }, 1), Outcome::Exhausted);
}
