//! Sets of whole numbers as sorted, disjoint, inclusive ranges: what a test asks of one column.
//!
//! Invariant: ranges neither overlap nor touch, so equal sets are equal values.

/// A set of 64-bit numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// The set of some inclusive ranges, in any order; a range whose ends are the wrong way round is empty.
    #[must_use]
    pub fn of(mut all: Vec<(i64, i64)>) -> Self {
        all.retain(|(lo, hi)| lo <= hi);
        all.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (lo, hi) in all {
            match merged.last_mut() {
                Some(last) if lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
                Some(_) | None => merged.push((lo, hi)),
            }
        }
        Ranges(merged)
    }

    /// One number.
    #[must_use]
    pub fn one(n: i64) -> Self {
        Ranges(vec![(n, n)])
    }

    /// Numbers from `lo` to `hi`, both included.
    #[must_use]
    pub fn between(lo: i64, hi: i64) -> Self {
        Ranges::of(vec![(lo, hi)])
    }

    /// The ranges.
    #[must_use]
    pub fn as_slice(&self) -> &[(i64, i64)] {
        &self.0
    }

    /// No number at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every number.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0 == [(i64::MIN, i64::MAX)]
    }

    /// Whether a number belongs.
    #[must_use]
    pub fn contains(&self, n: i64) -> bool {
        self.0.iter().any(|(lo, hi)| *lo <= n && n <= *hi)
    }

    /// Every number that does not belong.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(i64::MIN);
        for (lo, hi) in &self.0 {
            if let Some(from) = next
                && from < *lo
            {
                out.push((from, lo - 1));
            }
            next = hi.checked_add(1);
        }
        if let Some(from) = next {
            out.push((from, i64::MAX));
        }
        Ranges(out)
    }

    /// What belongs to either.
    #[must_use]
    pub fn union(&self, other: &Ranges) -> Self {
        Ranges::of(self.0.iter().chain(&other.0).copied().collect())
    }

    /// What belongs to both.
    #[must_use]
    pub fn intersect(&self, other: &Ranges) -> Self {
        let pairs = self.0.iter().flat_map(|a| other.0.iter().map(|b| (a.0.max(b.0), a.1.min(b.1))));
        Ranges::of(pairs.collect())
    }

    /// The set with each range put through a map; none drops the range.
    #[must_use]
    pub fn map(&self, f: impl FnMut(&(i64, i64)) -> Option<(i64, i64)>) -> Self {
        Ranges::of(self.0.iter().filter_map(f).collect())
    }
}
