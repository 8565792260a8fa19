//! Which tests hold of which rows: a bit each.
//!
//! Invariant: the words of 64 rows lie together, one a test, so that rows are met in order and a test costs a 64th of a word a row; bits
//! beyond the last row are clear.

/// Rows that share a block of words.
pub const BLOCK: usize = 64;

/// A bit a test and row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    tests: usize,
    rows: usize,
    words: Vec<u64>,
}

impl Bits {
    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Bits::default()
    }

    /// All clear, for so many tests and rows. Memory is kept.
    pub fn reset(&mut self, tests: usize, rows: usize) {
        (self.tests, self.rows) = (tests, rows);
        self.words.clear();
        self.words.resize(tests * rows.div_ceil(BLOCK), 0);
    }

    /// How many tests.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.tests
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The words: for each 64 rows, one a test.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words of 64 rows, one a test; none beyond the last row.
    #[must_use]
    pub fn block(&self, block: usize) -> &[u64] {
        self.words.get(block * self.tests..(block + 1) * self.tests).unwrap_or(&[])
    }

    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Whether a test holds of a row.
    #[must_use]
    pub fn get(&self, row: usize, test: usize) -> bool {
        let word = self.words.get(row / BLOCK * self.tests + test).copied().unwrap_or(0);
        word >> (row % BLOCK) & 1 == 1
    }

    /// Marks a test for a row.
    pub fn set(&mut self, row: usize, test: usize) {
        if let Some(w) = self.words.get_mut(row / BLOCK * self.tests + test) {
            *w |= 1 << (row % BLOCK);
        }
    }

    /// How many bits of a test are set.
    #[must_use]
    pub fn count(&self, test: usize) -> u64 {
        self.words.iter().skip(test).step_by(self.tests.max(1)).map(|w| u64::from(w.count_ones())).sum()
    }

    /// Of the tests over sixteen rows each, how many hold of any of them, and how many there are: what skips are decided by.
    #[must_use]
    pub fn groups(&self) -> (u64, u64) {
        let hit = |w: &u64| (0..4).filter(|i| w >> (16 * i) & 0xffff != 0).count() as u64;
        (self.words.iter().map(hit).sum(), self.rows.div_ceil(16) as u64 * self.tests as u64)
    }

    /// Calls for every row that has a bit set, in order, with the tests that hold of it, ascending.
    pub fn each_row(&self, mut f: impl FnMut(usize, &[usize])) {
        let mut held = Vec::new();
        for (block, words) in self.words.chunks_exact(self.tests.max(1)).enumerate() {
            let mut any = words.iter().fold(0, |a, w| a | w);
            while any != 0 {
                let bit = any.trailing_zeros() as usize;
                any &= any - 1;
                held.clear();
                held.extend(words.iter().enumerate().filter(|(_, w)| **w >> bit & 1 == 1).map(|(t, _)| t));
                f(block * BLOCK + bit, &held);
            }
        }
    }
}
