//! Small deals over tiny domains, every event and date of them, and what the interpreter makes of each.
//!
//! Data flow: seed -> [`deal::Small`] -> text -> program -> [`world`] -> what is reached. Invariant: nothing here reads the
//! checker; what a deal can do is found by walking through it with the interpreter alone.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests stop at the first fault")]

pub mod alone;
pub mod campaign;
pub mod change;
pub mod deal;
pub mod draw;
pub mod guards;
pub mod heads;
pub mod idle;
pub mod licenses;
pub mod money;
pub mod reached;
pub mod windows;
pub mod world;

/// SplitMix64: the same numbers on every machine.
#[derive(Clone)]
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

    /// A number below another.
    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    /// True in this many of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    /// One of some.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
