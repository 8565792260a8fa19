//! Linear arithmetic over bounded integers, exact: simplex, remainders, branch and bound, and bits at the end.
//!
//! Data flow: [`Problem`] (bounds on integers and on sums of them, each with its reason) -> split into parts that share no
//! integer -> for each part: a rational point ([`super::simplex`]); where it is not whole, the remainders that equations
//! force ([`super::congruence`]) and a whole point close by ([`super::rounding`]); then branching on the narrowest entry;
//! after [`NODES`] nodes the part is written out in
//! bits ([`super::bits`]), which always ends -> whole numbers within all bounds, or the reasons that exclude one another.
//! Invariant: a conflict names bounds that have no common integer point by themselves.

use super::bits;
use super::congruence::{self, Found};
use super::number::{Big, Number, Small};
use super::rounding;
use super::simplex::{Bound, Overflow, Range, Simplex, Why, union};

/// Nodes of branch and bound before a part is written out in bits.
const NODES: u32 = 300;
/// How deep branches may nest, for the same purpose; also keeps the stack small.
const DEPTH: u32 = 100;
/// How wide a band of a sum may be to be branched on though its value is whole.
const BAND: i128 = 8;
/// Reasons from here on are branches.
const BRANCH: u32 = 1 << 31;

/// Bounds on integers and on sums of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    /// For each integer; both bounds are present.
    pub(super) integers: Vec<Range>,
    /// The coefficients of each sum, and its bounds.
    pub(super) sums: Vec<(Vec<(usize, i128)>, Range)>,
}

/// The end of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A number for each integer.
    Values(Vec<i128>),
    /// These reasons have no common integer point.
    Conflict(Vec<u32>),
    /// The budget of the bits ran out.
    Exhausted,
}

/// Decides the problem. `steps` bounds the search over bits.
pub(super) fn decide(problem: &Problem, steps: u64) -> Outcome {
    let mut values: Vec<i128> = problem.integers.iter().map(nearest_zero).collect();
    for range in &problem.integers {
        if let (Some(low), Some(high)) = (&range.low, &range.high)
            && low.at > high.at
        {
            return Outcome::Conflict(union([&low.why, &high.why]).to_vec());
        }
    }
    let mut exhausted = false;
    for (members, part) in parts(problem) {
        match decide_part(&part, steps) {
            Outcome::Values(found) => {
                for (member, value) in members.iter().zip(found) {
                    values[*member] = value;
                }
            }
            conflict @ Outcome::Conflict(_) => return conflict,
            // Another part may still show a conflict.
            Outcome::Exhausted => exhausted = true,
        }
    }
    if exhausted { Outcome::Exhausted } else { Outcome::Values(values) }
}

fn nearest_zero(range: &Range) -> i128 {
    let low = range.low.as_ref().map_or(i128::MIN, |bound| bound.at);
    let high = range.high.as_ref().map_or(i128::MAX, |bound| bound.at);
    0.max(low).min(high)
}

/// The sums grouped by the integers they share, each group with its own numbering and its members' old numbers.
fn parts(problem: &Problem) -> Vec<(Vec<usize>, Problem)> {
    let mut group: Vec<usize> = (0..problem.integers.len()).collect();
    fn root(group: &mut [usize], mut member: usize) -> usize {
        while group[member] != member {
            group[member] = group[group[member]];
            member = group[member];
        }
        member
    }
    for (terms, _) in &problem.sums {
        for pair in terms.windows(2) {
            let (a, b) = (root(&mut group, pair[0].0), root(&mut group, pair[1].0));
            group[a.max(b)] = a.min(b);
        }
    }
    let mut parts: Vec<(Vec<usize>, Problem)> = Vec::new();
    let mut place: Vec<Option<(usize, usize)>> = vec![None; problem.integers.len()];
    let mut by_root: Vec<Option<usize>> = vec![None; problem.integers.len()];
    for (terms, range) in &problem.sums {
        let Some((first, _)) = terms.first() else { continue };
        let root = root(&mut group, *first);
        let number = *by_root[root].get_or_insert_with(|| {
            parts.push((Vec::new(), Problem::default()));
            parts.len() - 1
        });
        let (members, part) = &mut parts[number];
        let renamed = terms.iter().map(|(member, factor)| {
            let (_, name) = *place[*member].get_or_insert_with(|| {
                members.push(*member);
                part.integers.push(problem.integers[*member].clone());
                (number, members.len() - 1)
            });
            (name, *factor)
        });
        let renamed = renamed.collect();
        part.sums.push((renamed, range.clone()));
    }
    parts
}

fn decide_part(part: &Problem, steps: u64) -> Outcome {
    match Search::<Small>::new(part).node(&mut part.ranges(), 0) {
        Ok(outcome) => return outcome,
        Err(Stop::Nodes) => return bits::decide(part, steps),
        Err(Stop::Overflow) => {}
    }
    match Search::<Big>::new(part).node(&mut part.ranges(), 0) {
        Ok(outcome) => outcome,
        Err(Stop::Nodes | Stop::Overflow) => bits::decide(part, steps),
    }
}

impl Problem {
    /// The ranges of all entries, as the tableau numbers them.
    pub(super) fn ranges(&self) -> Vec<Range> {
        self.integers.iter().chain(self.sums.iter().map(|(_, range)| range)).cloned().collect()
    }
}

pub(super) enum Stop {
    Overflow,
    Nodes,
}

impl From<Overflow> for Stop {
    fn from(_: Overflow) -> Stop {
        Stop::Overflow
    }
}

/// Branch and bound over one part.
pub(super) struct Search<N> {
    count: usize,
    /// The coefficients of every entry, an integer being the sum of itself.
    entries: Vec<Vec<(usize, i128)>>,
    simplex: Simplex<N>,
    nodes: u32,
}

impl<N: Number> Search<N> {
    pub(super) fn new(part: &Problem) -> Search<N> {
        let count = part.integers.len();
        let sums: Vec<_> = part.sums.iter().map(|(terms, _)| terms.clone()).collect();
        let simplex = Simplex::new(count, &sums);
        let entries = (0..count).map(|place| vec![(place, 1)]).chain(sums).collect();
        Search { count, entries, simplex, nodes: 0 }
    }

    pub(super) fn node(&mut self, ranges: &mut [Range], depth: u32) -> Result<Outcome, Stop> {
        self.nodes += 1;
        if self.nodes > NODES || depth > DEPTH {
            return Err(Stop::Nodes);
        }
        let entry = loop {
            if let Err(why) = self.simplex.settle(ranges)? {
                return Ok(Outcome::Conflict(why.to_vec()));
            }
            let Some(entry) = self.branching(ranges) else { return self.point() };
            match congruence::tighten(self.count, &self.entries, ranges) {
                Found::Conflict(why) => return Ok(Outcome::Conflict(why.to_vec())),
                Found::Tighter => {}
                Found::Nothing => break entry,
            }
        };
        if let Some(values) = rounding::point(self.count, &self.entries, ranges) {
            return Ok(Outcome::Values(values));
        }
        let mut floor = self.simplex.values[entry].floor().ok_or(Stop::Overflow)?;
        if ranges[entry].high.as_ref().is_some_and(|high| floor >= high.at) {
            floor -= 1;
        }
        let marker = BRANCH + depth;
        let why: Why = [marker].into();
        let mut lower = ranges.to_vec();
        lower[entry].high = Some(Bound { at: floor, why: why.clone() });
        let below = match self.node(&mut lower, depth + 1)? {
            Outcome::Conflict(reasons) if reasons.contains(&marker) => reasons,
            outcome @ (Outcome::Conflict(_) | Outcome::Values(_) | Outcome::Exhausted) => return Ok(outcome),
        };
        ranges[entry].low = Some(Bound { at: floor.checked_add(1).ok_or(Stop::Overflow)?, why });
        match self.node(ranges, depth + 1)? {
            Outcome::Conflict(above) if above.contains(&marker) => {
                let mut reasons: Vec<u32> = below.into_iter().chain(above).collect();
                reasons.retain(|reason| *reason != marker);
                reasons.sort_unstable();
                reasons.dedup();
                Ok(Outcome::Conflict(reasons))
            }
            outcome @ (Outcome::Conflict(_) | Outcome::Values(_) | Outcome::Exhausted) => Ok(outcome),
        }
    }

    /// What to branch on: the narrowest entry whose value is not whole, or a sum in a narrow band, which branching turns
    /// into equations that say more of remainders. `None` where all integers are whole.
    fn branching(&self, ranges: &[Range]) -> Option<usize> {
        let broken = |entry: usize| !self.simplex.values[entry].is_whole();
        if !(0..self.count).any(broken) {
            return None;
        }
        let width = |entry: &usize| match (&ranges[*entry].low, &ranges[*entry].high) {
            (Some(low), Some(high)) => high.at.checked_sub(low.at).unwrap_or(i128::MAX),
            (Some(_) | None, _) => i128::MAX,
        };
        let band = |entry: usize| entry >= self.count && (1..=BAND).contains(&width(&entry));
        (0..self.entries.len()).filter(|entry| broken(*entry) || band(*entry)).min_by_key(width)
    }

    fn point(&self) -> Result<Outcome, Stop> {
        let values = self.simplex.values[..self.count].iter().map(Number::floor).collect::<Option<Vec<_>>>();
        values.map(Outcome::Values).ok_or(Stop::Overflow)
    }
}
