//! Random questions of the kind that deals ask, from a seed.
//!
//! Three kinds: two guards that may overlap (or one that may reach beyond another), made of subtrees of vocabularies,
//! parties, dates, money compared linearly, and named exceptions; systems of integer equations and narrow bands, where
//! parity and gcd decide; and trees of anything.

use habendum_check::solver::{BoolVar, Formula, IntVar, Linear, Solver};

/// A sequence of numbers from a seed (SplitMix64): the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.roll() % ((high - low) as u64 + 1)) as i64
    }

    /// True in this many of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.roll() % 100 < share
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.roll() % from.len() as u64) as usize]
    }
}

/// What is asked.
pub struct Query {
    /// The range of each integer.
    pub ranges: Vec<(i64, i64)>,
    /// How many booleans there are.
    pub booleans: u32,
    /// What is asserted.
    pub parts: Vec<Formula>,
}

impl Query {
    /// A solver with the unknowns declared and nothing asserted.
    pub fn declare(&self) -> Solver {
        let mut solver = Solver::new();
        for _ in 0..self.booleans {
            solver.boolean();
        }
        for (low, high) in &self.ranges {
            solver.integer(*low, *high);
        }
        solver
    }
}

/// The query of this number.
pub fn query(number: u64) -> Query {
    let mut dice = Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x00AB_E27D);
    match number % 10 {
        0..=5 => guards(&mut dice),
        6..=7 => traps(&mut dice),
        _ => anything(&mut dice),
    }
}

const ASSET: IntVar = IntVar(0);
const TERRITORY: IntVar = IntVar(1);
const FIELD: IntVar = IntVar(2);
const PARTY: IntVar = IntVar(3);
const DATES: [IntVar; 2] = [IntVar(4), IntVar(5)];
const MONEY: [IntVar; 4] = [IntVar(6), IntVar(7), IntVar(8), IntVar(9)];
const SIZES: [i64; 4] = [250, 250, 20, 30];

fn guards(dice: &mut Dice) -> Query {
    let mut ranges: Vec<(i64, i64)> = SIZES.iter().map(|size| (0, size - 1)).collect();
    ranges.extend([(0, 36_500); 2]);
    let most = dice.pick(&[1_000, 100_000_000, 1 << 50, i64::MAX]);
    ranges.extend([(if dice.percent(20) { -most } else { 0 }, most); 4]);
    let mut query = Query { ranges, booleans: 6, parts: Vec::new() };
    let (first, second) = (guard(dice), guard(dice));
    query.parts.push(first);
    query.parts.push(if dice.percent(40) { second.not() } else { second });
    // What the deal says of every event: shares of one another, and an order of dates.
    for _ in 0..dice.between(0, 3) {
        query.parts.push(money(dice));
    }
    if dice.percent(40) {
        query.parts.push(dates(dice));
    }
    query
}

fn guard(dice: &mut Dice) -> Formula {
    let mut parts = Vec::new();
    for _ in 0..dice.between(2, 6) {
        parts.push(condition(dice));
    }
    for _ in 0..dice.between(0, 3) {
        let exception: Vec<Formula> = (0..dice.between(1, 3)).map(|_| condition(dice)).collect();
        parts.push(Formula::and(exception).not());
    }
    if dice.percent(50) {
        let any: Vec<Formula> = (0..dice.between(2, 4))
            .map(|_| {
                let (one, other) = (condition(dice), condition(dice));
                Formula::and([one, other])
            })
            .collect();
        parts.push(Formula::or(any));
    }
    Formula::and(parts)
}

fn condition(dice: &mut Dice) -> Formula {
    match dice.between(0, 8) {
        0 => BoolVar(dice.between(0, 5) as u32).into(),
        1..=3 => {
            let which = dice.between(0, 2) as usize;
            let unknown = [ASSET, TERRITORY, FIELD][which];
            // A subtree is a range of preorder numbers.
            let low = dice.between(0, SIZES[which] - 1);
            let high = (low + dice.between(0, SIZES[which] / 2)).min(SIZES[which] - 1);
            Formula::in_range(unknown, i128::from(low), i128::from(high))
        }
        4 => {
            let few: Vec<i128> = (0..dice.between(1, 4)).map(|_| i128::from(dice.between(0, 29))).collect();
            Formula::one_of(PARTY, few)
        }
        5 | 6 => dates(dice),
        _ => money(dice),
    }
}

fn dates(dice: &mut Dice) -> Formula {
    let day = i128::from(dice.between(0, 36_500));
    match dice.between(0, 3) {
        0 => Formula::at_most(dice.pick(&DATES), day),
        1 => Formula::at_least(dice.pick(&DATES), day),
        2 => Formula::in_range(dice.pick(&DATES), day, day + i128::from(dice.between(0, 3_650))),
        // Within so many days of each other, or after one another.
        _ => Formula::AtMostZero(sum(&[(1, DATES[0]), (-1, DATES[1])], i128::from(dice.between(-400, 400)))),
    }
}

fn money(dice: &mut Dice) -> Formula {
    let one = dice.between(0, 3) as usize;
    let other = (one + dice.between(1, 3) as usize) % 4;
    let third = (0..4).find(|place| *place != one && *place != other).unwrap_or(0);
    let (one, other, third) = (MONEY[one], MONEY[other], MONEY[third]);
    let amount = i128::from(dice.pick(&[0, 1, 99, 500, 10_000, 123_456, 50_000_000]));
    let share = i128::from(dice.pick(&[1, 5, 15, 25, 33, 50, 110]));
    match dice.between(0, 5) {
        0 => Formula::at_most(one, amount),
        1 => Formula::at_least(one, amount),
        2 => Formula::AtMostZero(sum(&[(100, one), (-share, other)], 0)),
        3 => Formula::AtMostZero(sum(&[(-100, one), (share, other)], amount)),
        4 => Formula::Zero(sum(&[(1, one), (1, other), (-1, third)], 0)),
        _ => Formula::AtMostZero(sum(&[(1, one), (1, other), (-1, third)], -amount)),
    }
}

/// Coefficients with common divisors over ranges that are too wide to try out.
fn traps(dice: &mut Dice) -> Query {
    let count = dice.between(2, 5) as usize;
    let most = dice.pick(&[10, 1_000, 1 << 20, 1 << 40]);
    let mut query = Query { ranges: vec![(-most, most); count], booleans: 2, parts: Vec::new() };
    for _ in 0..dice.between(1, 3) {
        let mut terms: Vec<(i128, IntVar)> = Vec::new();
        let common = dice.pick(&[1, 2, 3, 4, 6]);
        for place in 0..count {
            if dice.percent(70) {
                let factor = dice.between(-5, 5) * common + i64::from(dice.percent(15));
                terms.push((i128::from(factor), IntVar(place as u32)));
            }
        }
        let base = i128::from(dice.between(-20, 20));
        let band = match dice.between(0, 3) {
            0 => Formula::Zero(sum(&terms, base)),
            1 | 2 => band(&terms, base, i128::from(dice.between(0, 3))),
            _ => {
                let (one, other) = (Formula::Zero(sum(&terms, base)), Formula::Zero(sum(&terms, base + 1)));
                Formula::or([Formula::and([BoolVar(0).into(), one]), other])
            }
        };
        query.parts.push(band);
    }
    if dice.percent(30) {
        let place = IntVar(dice.between(0, count as i64 - 1) as u32);
        query.parts.push(Formula::in_range(place, -2, i128::from(dice.between(-2, 3))));
    }
    query
}

/// `0 <= sum + base <= width`.
fn band(terms: &[(i128, IntVar)], base: i128, width: i128) -> Formula {
    let negated: Vec<_> = terms.iter().map(|(factor, unknown)| (-factor, *unknown)).collect();
    Formula::and([Formula::AtMostZero(sum(terms, base - width)), Formula::AtMostZero(sum(&negated, -base))])
}

fn anything(dice: &mut Dice) -> Query {
    let count = dice.between(2, 5);
    let ranges = (0..count)
        .map(|_| {
            let low = dice.between(-50, 50);
            (low, low + dice.pick(&[0, 5, 100, 1_000_000]))
        })
        .collect();
    let parts = (0..dice.between(1, 4)).map(|_| tree(dice, count, 4)).collect();
    Query { ranges, booleans: 3, parts }
}

fn tree(dice: &mut Dice, count: i64, depth: u32) -> Formula {
    let kind = if depth == 0 { dice.between(0, 3) } else { dice.between(0, 8) };
    match kind {
        0 => BoolVar(dice.between(0, 2) as u32).into(),
        1..=3 => {
            let terms: Vec<_> = (0..dice.between(1, 3))
                .map(|_| (i128::from(dice.between(-6, 6)), IntVar(dice.between(0, count - 1) as u32)))
                .collect();
            let sum = sum(&terms, i128::from(dice.between(-60, 60)));
            if dice.percent(35) { Formula::Zero(sum) } else { Formula::AtMostZero(sum) }
        }
        4 => tree(dice, count, depth - 1).not(),
        5 | 6 => Formula::And((0..dice.between(1, 4)).map(|_| tree(dice, count, depth - 1)).collect()),
        _ => Formula::Or((0..dice.between(1, 4)).map(|_| tree(dice, count, depth - 1)).collect()),
    }
}

/// A sum from factors that may name an integer twice.
fn sum(terms: &[(i128, IntVar)], constant: i128) -> Linear {
    terms.iter().fold(Linear::constant(constant), |sum, (factor, unknown)| {
        sum.add(&Linear::term(*factor, *unknown)).unwrap_or(sum)
    })
}
