//! Whether bounds on integers and on sums of them have a common rational point.
//!
//! Data flow: rows of coefficients -> [`Simplex::new`]; ranges -> [`Simplex::settle`] -> a point within all ranges, or the
//! bounds that exclude one another. The tableau holds whatever the ranges are, so a search may change ranges and settle
//! again from where it stands. Invariant: every basic entry is the sum its row says; Bland's rule, so it ends.
//!
//! An entry is numbered: the integers first, then one for each row.

use std::rc::Rc;

use super::number::Number;

/// The reasons of a bound: sorted numbers of literals (or of branches), none for a declared range.
pub(super) type Why = Rc<[u32]>;

/// A bound and what it rests on.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) at: i128,
    pub(super) why: Why,
}

/// The bounds of an entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
}

/// A number left its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overflow;

/// The tableau and its current point.
pub(super) struct Simplex<N> {
    /// One row for each basic entry, one column for each other.
    rows: Vec<Vec<N>>,
    basic: Vec<usize>,
    free: Vec<usize>,
    pub(super) values: Vec<N>,
}

/// The union of reasons.
pub(super) fn union<'a>(parts: impl IntoIterator<Item = &'a Why>) -> Why {
    let mut all: Vec<u32> = parts.into_iter().flat_map(|why| why.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

impl<N: Number> Simplex<N> {
    /// A tableau over `count` integers; each row lists coefficients by integer.
    pub(super) fn new(count: usize, rows: &[Vec<(usize, i128)>]) -> Simplex<N> {
        let zero = N::whole(0);
        let dense = rows.iter().map(|row| {
            let mut line = vec![zero.clone(); count];
            for (column, factor) in row {
                line[*column] = N::whole(*factor);
            }
            line
        });
        Simplex {
            rows: dense.collect(),
            basic: (count..count + rows.len()).collect(),
            free: (0..count).collect(),
            values: vec![zero; count + rows.len()],
        }
    }

    /// Moves to a point within all ranges. `Err` inside `Ok`: there is none, and why.
    pub(super) fn settle(&mut self, ranges: &[Range]) -> Result<Result<(), Why>, Overflow> {
        for range in ranges {
            if let (Some(low), Some(high)) = (&range.low, &range.high)
                && low.at > high.at
            {
                return Ok(Err(union([&low.why, &high.why])));
            }
        }
        self.enter_ranges(ranges).ok_or(Overflow)?;
        while let Some((row, target, upward)) = self.outside(ranges) {
            match self.entering(row, upward, ranges) {
                Some(column) => self.pivot(row, column, &target).ok_or(Overflow)?,
                None => return Ok(Err(self.explain(row, upward, ranges))),
            }
        }
        Ok(Ok(()))
    }

    /// Moves every free entry within its own range.
    fn enter_ranges(&mut self, ranges: &[Range]) -> Option<()> {
        let mut moved = false;
        for entry in &self.free {
            let value = &self.values[*entry];
            let at = match &ranges[*entry] {
                Range { low: Some(low), .. } if *value < N::whole(low.at) => low.at,
                Range { high: Some(high), .. } if *value > N::whole(high.at) => high.at,
                Range { .. } => continue,
            };
            self.values[*entry] = N::whole(at);
            moved = true;
        }
        if moved {
            for (row, entry) in self.rows.iter().zip(&self.basic) {
                let mut sum = N::whole(0);
                for (factor, column) in row.iter().zip(&self.free) {
                    if !factor.is_zero() {
                        sum = sum.add(&factor.mul(&self.values[*column])?)?;
                    }
                }
                self.values[*entry] = sum;
            }
        }
        Some(())
    }

    /// The first basic entry outside its range, the bound it must reach, and whether that is upward.
    fn outside(&self, ranges: &[Range]) -> Option<(usize, N, bool)> {
        let violated = self.basic.iter().enumerate().filter_map(|(row, entry)| {
            let value = &self.values[*entry];
            let range = &ranges[*entry];
            if let Some(low) = &range.low
                && *value < N::whole(low.at)
            {
                return Some((*entry, row, low.at, true));
            }
            if let Some(high) = &range.high
                && *value > N::whole(high.at)
            {
                return Some((*entry, row, high.at, false));
            }
            None
        });
        violated.min_by_key(|found| found.0).map(|(_, row, at, upward)| (row, N::whole(at), upward))
    }

    /// The first free entry that can move the row's entry in this direction.
    fn entering(&self, row: usize, upward: bool, ranges: &[Range]) -> Option<usize> {
        let able = self.free.iter().enumerate().filter(|(column, entry)| {
            let factor = &self.rows[row][*column];
            if factor.is_zero() {
                return false;
            }
            let (value, range) = (&self.values[**entry], &ranges[**entry]);
            if factor.is_positive() == upward {
                range.high.as_ref().is_none_or(|high| *value < N::whole(high.at))
            } else {
                range.low.as_ref().is_none_or(|low| *value > N::whole(low.at))
            }
        });
        able.min_by_key(|(_, entry)| **entry).map(|(column, _)| column)
    }

    /// Why the row's entry cannot move in this direction: its own bound and the one that holds each of its parts.
    fn explain(&self, row: usize, upward: bool, ranges: &[Range]) -> Why {
        let own = &ranges[self.basic[row]];
        let own = if upward { &own.low } else { &own.high };
        let parts = self.free.iter().enumerate().filter_map(|(column, entry)| {
            let factor = &self.rows[row][column];
            if factor.is_zero() {
                return None;
            }
            let range = &ranges[*entry];
            if factor.is_positive() == upward { range.high.as_ref() } else { range.low.as_ref() }
        });
        union(own.iter().chain(parts).map(|bound| &bound.why))
    }

    /// The row's entry takes the target value and becomes free; the column's becomes basic.
    fn pivot(&mut self, row: usize, column: usize, target: &N) -> Option<()> {
        let (leaving, coming) = (self.basic[row], self.free[column]);
        let factor = self.rows[row][column].clone();
        let step = target.sub(&self.values[leaving])?.div(&factor)?;
        for (other, line) in self.rows.iter().enumerate() {
            if other != row && !line[column].is_zero() {
                let entry = self.basic[other];
                self.values[entry] = self.values[entry].add(&line[column].mul(&step)?)?;
            }
        }
        self.values[leaving] = target.clone();
        self.values[coming] = self.values[coming].add(&step)?;
        let mut solved = self.rows[row].clone();
        let zero = N::whole(0);
        for (place, entry) in solved.iter_mut().enumerate() {
            *entry =
                if place == column { N::whole(1).div(&factor)? } else { zero.sub(&entry.div(&factor)?)? };
        }
        for (other, line) in self.rows.iter_mut().enumerate() {
            if other == row || line[column].is_zero() {
                continue;
            }
            let scale = std::mem::replace(&mut line[column], zero.clone());
            for (entry, part) in line.iter_mut().zip(&solved) {
                if !part.is_zero() {
                    *entry = entry.add(&scale.mul(part)?)?;
                }
            }
        }
        self.rows[row] = solved;
        self.basic[row] = coming;
        self.free[column] = leaving;
        Some(())
    }
}
