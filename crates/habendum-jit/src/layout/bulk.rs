//! Whole columns at once, from numbers that stand for the values of fields.
//!
//! Invariant: what [`Columns::fill`] puts in is what pushing the rows' events one by one would, for every row and column that a test of
//! the row's kind reads; other places hold anything.

use super::columns::{Buffer, Columns};
use super::{ABSENT, Class, Column, Layout, Repr, Source};
use habendum_model::value::EventId;
use habendum_norm::event::Event;
use std::collections::HashMap;
use std::sync::Arc;

/// A column of fields, by number: 0 or 1 for truth; whole numbers; minor units; millionths of decimals, percentages and prices; days since
/// 1970-01-01; ids of persons and terms; places among `texts`. `ABSENT` where there is none.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// A number a row.
    pub numbers: &'a [i64],
    /// Texts by number.
    pub texts: &'a [Arc<str>],
}

/// Where the numbers of rows come from.
pub trait Rows {
    /// Kinds, by id.
    fn kinds(&self) -> &[i64];
    /// Days since 1970-01-01.
    fn days(&self) -> &[i64];
    /// The numbers of a field; none where no row has it.
    fn field(&self, name: &str) -> Option<Given<'_>>;
    /// A row as an event; none where its numbers say nothing.
    fn event(&mut self, row: usize) -> Option<Event>;
}

impl Columns {
    /// Puts rows in place of those that are there.
    pub fn fill(&mut self, rows: &mut dyn Rows) {
        self.clear();
        let layout = Arc::clone(&self.layout);
        let count = rows.kinds().len();
        let mut escaped = Vec::new();
        for (i, c) in layout.columns.iter().enumerate() {
            let Some(buffer) = self.buffers.get_mut(i) else { continue };
            match c.class {
                Class::Kind => put(buffer, rows.kinds().iter().copied()),
                Class::Day => days(c, buffer, rows.days(), &mut escaped),
                Class::Derived => {}
                Class::Date
                | Class::Term(_)
                | Class::Party
                | Class::Bool
                | Class::Text
                | Class::Number(_)
                | Class::Money(..)
                | Class::Instant => match rows.field(&c.name) {
                    Some(given) => self_numbers(c, &self.symbols, buffer, given, &mut escaped),
                    None => put(buffer, std::iter::repeat_n(c.absent(), count)),
                },
            }
        }
        self.rows = count;
        for (i, c) in layout.columns.iter().enumerate() {
            if c.class == Class::Derived {
                let numbers = self.conditions(&layout, c, rows);
                put(&mut self.buffers[i], numbers.into_iter());
            }
        }
        escaped.sort_unstable();
        escaped.dedup();
        self.escaped = escaped;
    }

    /// The truth of a derived condition, found once for every combination of what it reads.
    fn conditions(&mut self, layout: &Layout, c: &Column, rows: &mut dyn Rows) -> Vec<i64> {
        let (kinds, days) = (rows.kinds().to_vec(), rows.days().to_vec());
        let mut known: HashMap<(usize, Vec<i64>), i64> = HashMap::new();
        let mut out = Vec::with_capacity(kinds.len());
        for (row, kind) in kinds.iter().enumerate() {
            let kind = usize::try_from(*kind).unwrap_or(usize::MAX);
            let Some(Source::Derived(at)) = c.sources.get(kind).copied().flatten() else {
                out.push(c.absent());
                continue;
            };
            let d = &layout.derived[at];
            let fields = &self.symbols.event_info(EventId::at(kind)).fields;
            let number = |f: &habendum_model::value::FieldId| {
                let (name, _) = fields.get_index(f.ix())?;
                rows.field(name)?.numbers.get(row).copied()
            };
            let mut key: Vec<i64> = d.fields.iter().map(|f| number(f).unwrap_or(ABSENT)).collect();
            key.extend(d.day.then(|| days.get(row).copied().unwrap_or(0)));
            let place = (at, key);
            let n = match known.get(&place) {
                Some(n) => *n,
                None => match rows.event(row) {
                    Some(e) => {
                        let n = self.derived(layout, at, &e);
                        known.insert(place, n);
                        n
                    }
                    // Of such a row the numbers say nothing, nor of others.
                    None => 0,
                },
            };
            out.push(n);
        }
        out
    }
}

/// Numbers that fit, as the column holds them. What does not fit belongs to rows that are left to the interpreter, or to other kinds.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is cut off is read by no test"
)]
fn put(buffer: &mut Buffer, numbers: impl Iterator<Item = i64>) {
    match buffer {
        Buffer::U8(v) => v.extend(numbers.map(|n| n as u8)),
        Buffer::U16(v) => v.extend(numbers.map(|n| n as u16)),
        Buffer::U32(v) => v.extend(numbers.map(|n| n as u32)),
        Buffer::I32(v) => v.extend(numbers.map(|n| n as i32)),
        Buffer::I64(v) => v.extend(numbers),
    }
}

fn days(c: &Column, buffer: &mut Buffer, numbers: &[i64], escaped: &mut Vec<usize>) {
    let absent = c.absent();
    match c.repr {
        Repr::U16 => {
            let one = |n: i64| n.wrapping_sub(c.base).clamp(1, i64::from(u16::MAX));
            put(buffer, numbers.iter().map(|n| if *n == ABSENT { absent } else { one(*n) }));
        }
        Repr::U8 | Repr::U32 | Repr::I32 | Repr::I64 => {
            beyond(numbers, c.limit, escaped);
            put(buffer, numbers.iter().map(|n| if *n == ABSENT { absent } else { *n }));
        }
    }
}

/// Rows with a number beyond a limit, either way.
fn beyond(numbers: &[i64], limit: i64, escaped: &mut Vec<usize>) {
    let out = |n: i64| n != ABSENT && n.unsigned_abs() > limit.unsigned_abs();
    // Most blocks have none: that is found out without a branch a row.
    if numbers.iter().fold(false, |any, n| any | out(*n)) {
        escaped.extend(numbers.iter().enumerate().filter(|(_, n)| out(**n)).map(|(row, _)| row));
    }
}

fn self_numbers(
    c: &Column,
    symbols: &habendum_model::deal::Symbols,
    buffer: &mut Buffer,
    given: Given<'_>,
    escaped: &mut Vec<usize>,
) {
    let (absent, numbers) = (c.absent(), given.numbers);
    let coded = |buffer: &mut Buffer, add: i64, most: i64| {
        let one = |n: i64| n.wrapping_add(add).min(most);
        put(buffer, numbers.iter().map(|n| if *n == ABSENT { absent } else { one(*n) }));
    };
    match c.class {
        Class::Term(v) => {
            let root = symbols.vocabularies.get_index(v.ix()).map_or(0, |(_, i)| i64::from(i.root.0));
            coded(buffer, 1 - root, i64::MAX);
        }
        Class::Party => coded(buffer, 1, c.limit),
        Class::Bool => coded(buffer, 1, i64::MAX),
        Class::Text => {
            let code = |t: &Arc<str>| c.texts.get_index_of(t).and_then(|i| i64::try_from(i + 1).ok());
            let codes: Vec<i64> = given.texts.iter().map(|t| code(t).unwrap_or(c.limit)).collect();
            let of = |n: i64| usize::try_from(n).ok().and_then(|n| codes.get(n).copied()).unwrap_or(absent);
            put(buffer, numbers.iter().map(|n| of(*n)));
        }
        Class::Date => days(c, buffer, numbers, escaped),
        Class::Number(_) | Class::Money(..) | Class::Instant => {
            beyond(numbers, c.limit, escaped);
            put(buffer, numbers.iter().copied());
        }
        Class::Kind | Class::Day | Class::Derived => {}
    }
}
