//! Long histories at random, for what shows only after more events than can all be tried: a threshold of a sum, a power that
//! needs its grounds, a chain of licenses.
//!
//! Invariant: the same pool gives the same histories; what is found was run, and is as long as it came.

use super::walk::{Node, Walk, witness};
use crate::finding::Witness;
use habendum_norm::event::Event;
use jiff::civil::Date;

/// Events of a stroll at most.
const LONG: usize = 24;

/// Numbers that look drawn.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 20).unwrap_or(0) % n.max(1)
    }
}

impl Walk<'_> {
    /// Strolls from a root until one meets the goal.
    pub(super) fn strolls(&mut self, root: &Node, most: u64) -> Option<Witness> {
        if self.pool.kinds.is_empty() {
            return None;
        }
        (1..=most).find_map(|n| self.stroll(root, Dice(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)))
    }

    fn stroll(&mut self, root: &Node, mut dice: Dice) -> Option<Witness> {
        let mut at = root.clone();
        // Some strolls hurry through the years, others stay within some days.
        let hurry = 1 + dice.below(4);
        for _ in 0..LONG {
            let day = self.next_day(&at, &mut dice, hurry)?;
            if !at.lanes.advance(day, &mut at.logs) {
                return None;
            }
            let e = self.draw(&mut dice, day, at.events.len())?;
            self.steps += 1;
            let before = at.lanes.clone();
            if !at.lanes.step(&e, &mut at.logs) {
                at.lanes = before;
                continue;
            }
            at.events.push(e);
            if (self.goal)(&at.logs) {
                return Some(witness(at.events, None));
            }
        }
        self.time(&at)
    }

    /// A day on which the history may go on: mostly one of the next few.
    fn next_day(&self, at: &Node, dice: &mut Dice, hurry: usize) -> Option<Date> {
        let days = self.days(at);
        if at.events.is_empty() {
            return days.iter().nth(dice.below(days.len().min(4))).copied();
        }
        let step = if dice.below(3) == 0 { 0 } else { dice.below(2 * hurry) };
        days.iter().nth(step).or(days.last()).copied()
    }

    fn draw(&self, dice: &mut Dice, day: Date, so_far: usize) -> Option<Event> {
        let kind = self.pool.kinds.get(dice.below(self.pool.kinds.len()))?;
        // The simplest value is the likeliest: most of what is asked is met by it.
        let fields = kind.fields.iter().map(|all| {
            let i = if dice.below(3) == 0 { 0 } else { dice.below(all.len()) };
            all.get(i).map(|s| s.on(day))
        });
        let fields: Option<Vec<_>> = fields.collect();
        Some(Event { row: so_far as u64 + 1, date: day, instant: None, kind: kind.kind, fields: fields? })
    }
}
