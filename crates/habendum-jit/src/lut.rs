//! Tier 0: the tests by lookup tables, without machine code. The oracle of the layout, and what runs where no code can be made.
//!
//! Data flow: [`Test`]s in groups of 64 -> for each column a table from its number (or, for wide columns, from its place between the
//! numbers that matter) to the tests whose parts on that column hold -> ANDed column by column over a batch that stays in
//! cache; parts that ask several columns are asked of the rows that are left. Invariant: gives the bits that the predicates give.

use crate::bits::{BLOCK, Bits};
use crate::layout::{Buffer, Columns, Layout, Repr};
use crate::predicate::{ColumnId, Pred, Test};

/// Rows whose masks are kept at a time.
const BATCH: usize = 1024;

/// A table of a column for one group of tests.
#[derive(Clone, Debug)]
struct Table {
    column: ColumnId,
    /// Where wide: the least numbers of the classes above the first, ascending.
    steps: Vec<i64>,
    /// Masks by number, or by class.
    masks: Vec<u64>,
}

/// Sixty-four tests.
#[derive(Clone, Debug)]
struct Group {
    first: usize,
    all: u64,
    tables: Vec<Table>,
    /// By test of the group: what asks several columns.
    rest: Vec<Pred>,
    /// The tests that have such a part.
    unsure: u64,
}

/// The tests of a program as tables.
#[derive(Clone, Debug)]
pub struct Lut {
    tests: usize,
    groups: Vec<Group>,
}

impl Lut {
    /// The tables of some tests.
    #[must_use]
    pub fn new(tests: &[Test], layout: &Layout) -> Self {
        let preds: Vec<&Pred> = tests.iter().map(|t| &t.pred).collect();
        let groups = preds.chunks(64).enumerate().map(|(i, p)| group(i * 64, p, layout)).collect();
        Lut { tests: tests.len(), groups }
    }

    /// Which tests hold of each row. Rows that escape are the caller's.
    pub fn run(&self, columns: &Columns, out: &mut Bits) {
        out.reset(self.tests, columns.rows());
        let mut masks = [0_u64; BATCH];
        for g in &self.groups {
            let mut from = 0;
            while from < columns.rows() {
                let rows = BATCH.min(columns.rows() - from);
                let masks = &mut masks[..rows];
                masks.fill(g.all);
                for t in &g.tables {
                    t.and(columns.buffer(t.column), from, masks);
                }
                for (i, m) in masks.iter_mut().enumerate().filter(|(_, m)| **m != 0) {
                    g.settle(columns, from + i, m);
                }
                write(out, g.first, from, masks, self.tests);
                from += rows;
            }
        }
    }
}

/// Turns masks of rows into words of tests.
fn write(out: &mut Bits, first: usize, from: usize, masks: &[u64], tests: usize) {
    let words = out.words_mut();
    for (i, mask) in masks.iter().enumerate().filter(|(_, m)| **m != 0) {
        let row = from + i;
        let mut left = *mask;
        while left != 0 {
            let t = left.trailing_zeros() as usize;
            left &= left - 1;
            if let Some(w) = words.get_mut(row / BLOCK * tests + first + t) {
                *w |= 1 << (row % BLOCK);
            }
        }
    }
}

impl Group {
    /// Asks what the tables could not.
    fn settle(&self, columns: &Columns, row: usize, mask: &mut u64) {
        let mut left = *mask & self.unsure;
        while left != 0 {
            let t = left.trailing_zeros() as usize;
            left &= left - 1;
            if !self.rest[t].holds(&|c| columns.buffer(c).get(row)) {
                *mask &= !(1 << t);
            }
        }
    }
}

impl Table {
    fn and(&self, b: &Buffer, from: usize, masks: &mut [u64]) {
        let to = from + masks.len();
        match b {
            Buffer::U8(v) => self.direct(&v[from..to], masks),
            Buffer::U16(v) => self.direct(&v[from..to], masks),
            Buffer::U32(v) => self.stepped(&v[from..to], masks),
            Buffer::I32(v) => self.stepped(&v[from..to], masks),
            Buffer::I64(v) => self.stepped(&v[from..to], masks),
        }
    }

    fn direct<T: Copy + Into<u16>>(&self, numbers: &[T], masks: &mut [u64]) {
        for (m, n) in masks.iter_mut().zip(numbers) {
            let n: u16 = (*n).into();
            *m &= self.masks.get(usize::from(n)).copied().unwrap_or(0);
        }
    }

    fn stepped<T: Copy + Into<i64>>(&self, numbers: &[T], masks: &mut [u64]) {
        for (m, n) in masks.iter_mut().zip(numbers) {
            let n: i64 = (*n).into();
            // Few steps are counted faster than they are searched.
            let class = if self.steps.len() <= 16 {
                self.steps.iter().map(|s| usize::from(n >= *s)).sum()
            } else {
                self.steps.partition_point(|s| *s <= n)
            };
            *m &= self.masks.get(class).copied().unwrap_or(0);
        }
    }
}

/// The parts of a predicate that must all hold.
fn parts(p: &Pred) -> Vec<&Pred> {
    match p {
        Pred::All(all) => all.iter().collect(),
        Pred::True | Pred::False | Pred::In(..) | Pred::Sum(..) | Pred::Any(_) => vec![p],
    }
}

fn group(first: usize, preds: &[&Pred], layout: &Layout) -> Group {
    let mut asked: Vec<Vec<(usize, &Pred)>> = vec![Vec::new(); layout.columns.len()];
    let (mut rest, mut unsure, mut all) = (vec![Pred::True; preds.len()], 0, 0);
    for (t, p) in preds.iter().enumerate() {
        all |= 1 << t;
        let mut several = Vec::new();
        for part in parts(p) {
            match (part, part.columns().as_slice()) {
                (Pred::True | Pred::In(..) | Pred::Any(_) | Pred::All(_), [c]) => {
                    asked[c.ix()].push((t, part))
                }
                _ => several.push(part.clone()),
            }
        }
        if !several.is_empty() {
            unsure |= 1 << t;
            rest[t] = Pred::all(several);
        }
    }
    let tables = asked.iter().enumerate().filter(|(_, a)| !a.is_empty());
    let tables = tables.map(|(c, asked)| {
        let column = ColumnId(u32::try_from(c).unwrap_or(u32::MAX));
        table(column, layout.column(column).repr, asked, all)
    });
    Group { first, all, tables: tables.collect(), rest, unsure }
}

fn table(column: ColumnId, repr: Repr, asked: &[(usize, &Pred)], all: u64) -> Table {
    let (numbers, steps): (Vec<i64>, Vec<i64>) = match repr {
        Repr::U8 | Repr::U16 => ((0..=repr.span().1).collect(), Vec::new()),
        Repr::U32 | Repr::I32 | Repr::I64 => {
            let mut steps = Vec::new();
            for (_, p) in asked {
                p.visit(&mut |p| {
                    let Pred::In(_, set) = p else { return };
                    for (lo, hi) in set.as_slice() {
                        steps.push(*lo);
                        steps.extend(hi.checked_add(1));
                    }
                });
            }
            steps.sort_unstable();
            steps.dedup();
            steps.retain(|s| *s != i64::MIN);
            (std::iter::once(i64::MIN).chain(steps.iter().copied()).collect(), steps)
        }
    };
    let mask = |n: &i64| {
        let failed = asked.iter().filter(|(_, p)| !p.holds(&|_| *n));
        failed.fold(all, |m, (t, _)| m & !(1 << t))
    };
    Table { column, steps, masks: numbers.iter().map(mask).collect() }
}
