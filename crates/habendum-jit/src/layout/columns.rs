//! Columns of a batch of rows, and how events are put into them.
//!
//! Invariant: every buffer has one number a row; a row that escapes holds absent values and is listed.

use super::encode;
use super::{Class, Column, Layout, Repr, Source};
use crate::predicate::ColumnId;
use habendum_model::date::Reckoning;
use habendum_model::deal::Symbols;
use habendum_model::value::Value;
use habendum_norm::eval::{Scene, truth};
use habendum_norm::event::Event;
use habendum_norm::interpret::measures::Measures;
use habendum_norm::ir::Program;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// The numbers of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Buffer {
    /// One byte a row.
    U8(Vec<u8>),
    /// Two bytes a row.
    U16(Vec<u16>),
    /// Four bytes a row.
    U32(Vec<u32>),
    /// Four bytes a row.
    I32(Vec<i32>),
    /// Eight bytes a row.
    I64(Vec<i64>),
}

impl Buffer {
    /// An empty column.
    #[must_use]
    pub fn new(repr: Repr) -> Self {
        match repr {
            Repr::U8 => Buffer::U8(Vec::new()),
            Repr::U16 => Buffer::U16(Vec::new()),
            Repr::U32 => Buffer::U32(Vec::new()),
            Repr::I32 => Buffer::I32(Vec::new()),
            Repr::I64 => Buffer::I64(Vec::new()),
        }
    }

    /// How its numbers lie in memory.
    #[must_use]
    pub fn repr(&self) -> Repr {
        match self {
            Buffer::U8(_) => Repr::U8,
            Buffer::U16(_) => Repr::U16,
            Buffer::U32(_) => Repr::U32,
            Buffer::I32(_) => Repr::I32,
            Buffer::I64(_) => Repr::I64,
        }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Buffer::U8(v) => v.len(),
            Buffer::U16(v) => v.len(),
            Buffer::U32(v) => v.len(),
            Buffer::I32(v) => v.len(),
            Buffer::I64(v) => v.len(),
        }
    }

    /// No row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row; 0 beyond the last.
    #[must_use]
    pub fn get(&self, row: usize) -> i64 {
        match self {
            Buffer::U8(v) => v.get(row).map_or(0, |n| i64::from(*n)),
            Buffer::U16(v) => v.get(row).map_or(0, |n| i64::from(*n)),
            Buffer::U32(v) => v.get(row).map_or(0, |n| i64::from(*n)),
            Buffer::I32(v) => v.get(row).map_or(0, |n| i64::from(*n)),
            Buffer::I64(v) => v.get(row).copied().unwrap_or(0),
        }
    }

    /// Adds a row. A number that does not fit is cut to what does; `encode` gives none such.
    pub fn push(&mut self, n: i64) {
        match self {
            Buffer::U8(v) => v.push(u8::try_from(n).unwrap_or(u8::MAX)),
            Buffer::U16(v) => v.push(u16::try_from(n).unwrap_or(u16::MAX)),
            Buffer::U32(v) => v.push(u32::try_from(n).unwrap_or(u32::MAX)),
            Buffer::I32(v) => v.push(i32::try_from(n).unwrap_or(i32::MIN)),
            Buffer::I64(v) => v.push(n),
        }
    }

    /// Drops every row.
    pub fn clear(&mut self) {
        match self {
            Buffer::U8(v) => v.clear(),
            Buffer::U16(v) => v.clear(),
            Buffer::U32(v) => v.clear(),
            Buffer::I32(v) => v.clear(),
            Buffer::I64(v) => v.clear(),
        }
    }

    /// Up to sixteen rows from one on, zeros beyond the last, as they lie in memory.
    pub(crate) fn sixteen(&self, from: usize) -> [u64; 16] {
        let mut bytes = [0_u8; 128];
        let width = self.repr().bytes();
        for (i, at) in
            bytes.chunks_exact_mut(width).take(16).enumerate().filter(|(i, _)| from + i < self.len())
        {
            at.copy_from_slice(&self.get(from + i).to_ne_bytes()[..width]);
        }
        let mut words = [0; 16];
        for (w, b) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *w = u64::from_ne_bytes(b.try_into().unwrap_or_default());
        }
        words
    }

    pub(crate) fn start(&self) -> *const u8 {
        match self {
            Buffer::U8(v) => v.as_ptr(),
            Buffer::U16(v) => v.as_ptr().cast(),
            Buffer::U32(v) => v.as_ptr().cast(),
            Buffer::I32(v) => v.as_ptr().cast(),
            Buffer::I64(v) => v.as_ptr().cast(),
        }
    }
}

/// A batch of rows in the layout of a program.
#[derive(Debug)]
pub struct Columns {
    pub(super) layout: Arc<Layout>,
    pub(super) symbols: Arc<Symbols>,
    reckoning: Reckoning,
    measures: Measures,
    pub(super) buffers: Vec<Buffer>,
    pub(super) rows: usize,
    pub(super) escaped: Vec<usize>,
    /// What derived conditions came to, by the values that they read.
    known: Vec<HashMap<Vec<Value>, i64>>,
}

/// How many distinct values of a derived condition are kept.
const KEPT: usize = 1 << 16;

impl Columns {
    /// No rows yet.
    #[must_use]
    pub fn new(layout: Arc<Layout>, program: &Program) -> Self {
        let buffers = layout.columns.iter().map(|c| Buffer::new(c.repr)).collect();
        let known = vec![HashMap::new(); layout.derived.len()];
        Columns {
            layout,
            symbols: Arc::clone(&program.symbols),
            reckoning: program.reckoning.clone(),
            measures: Measures::new(Arc::default()),
            buffers,
            rows: 0,
            escaped: Vec::new(),
            known,
        }
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of a column.
    #[must_use]
    pub fn buffer(&self, c: ColumnId) -> &Buffer {
        &self.buffers[c.ix()]
    }

    /// All columns, in the order of the layout.
    #[must_use]
    pub fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }

    /// Rows with a value that its column cannot hold exactly, ascending.
    #[must_use]
    pub fn escaped(&self) -> &[usize] {
        &self.escaped
    }

    /// Drops every row, and keeps the memory.
    pub fn clear(&mut self) {
        self.buffers.iter_mut().for_each(Buffer::clear);
        self.rows = 0;
        self.escaped.clear();
    }

    /// Puts numbers made elsewhere in place of the rows: one buffer a column, in the order of the layout.
    ///
    /// # Errors
    /// Where a buffer is missing, lies otherwise in memory, or has another number of rows.
    pub fn replace(&mut self, buffers: Vec<Buffer>, escaped: Vec<usize>) -> Result<(), String> {
        let rows = buffers.first().map_or(0, Buffer::len);
        let fits = |(b, c): (&Buffer, &Column)| b.repr() == c.repr && b.len() == rows;
        if buffers.len() != self.layout.columns.len() || !buffers.iter().zip(&self.layout.columns).all(fits) {
            return Err("the buffers do not fit the layout".to_owned());
        }
        (self.buffers, self.rows, self.escaped) = (buffers, rows, escaped);
        Ok(())
    }

    /// Adds a row.
    pub fn push(&mut self, e: &Event) {
        let layout = Arc::clone(&self.layout);
        let mut fits = true;
        for (i, c) in layout.columns.iter().enumerate() {
            let number = match c.sources.get(e.kind.ix()).copied().flatten() {
                None => Some(c.absent()),
                Some(Source::Kind) => Some(i64::from(e.kind.0)),
                Some(Source::Day) => encode::day(c, e.date),
                Some(Source::Field(f)) => {
                    encode::number(c, &self.symbols, e.fields.get(f.ix()).unwrap_or(&Value::Absent))
                }
                Some(Source::Derived(d)) => Some(self.derived(&layout, d, e)),
            };
            fits &= number.is_some();
            self.buffers[i].push(number.unwrap_or_else(|| c.absent()));
        }
        if !fits {
            self.escaped.push(self.rows);
        }
        self.rows += 1;
    }

    pub(super) fn derived(&mut self, layout: &Layout, at: usize, e: &Event) -> i64 {
        let d = &layout.derived[at];
        let mut key: Vec<Value> = d.fields.iter().filter_map(|f| e.fields.get(f.ix())).cloned().collect();
        if d.day {
            key.push(Value::Date(e.date));
        }
        if let Some(n) = self.known[at].get(&key) {
            return *n;
        }
        let scene = scene(&self.symbols, &self.reckoning, &self.measures, &e.fields, e.date);
        let n = truth(&d.condition, &scene).map_or(2, i64::from);
        if self.known[at].len() >= KEPT {
            self.known[at].clear();
        }
        self.known[at].insert(key, n);
        n
    }
}

/// The scene of a stateless condition.
pub(crate) fn scene<'a>(
    symbols: &'a Symbols,
    reckoning: &'a Reckoning,
    measures: &'a Measures,
    fields: &'a [Value],
    today: Date,
) -> Scene<'a> {
    Scene {
        symbols,
        reckoning,
        fields,
        trigger: &[],
        today,
        params: &[],
        key: &[],
        key_fields: &[],
        term_start: Date::MIN,
        measures,
        registers: &[],
    }
}

/// The class of a column, in words.
#[must_use]
pub fn class_word(c: Class) -> &'static str {
    match c {
        Class::Kind => "kinds",
        Class::Day | Class::Date => "days",
        Class::Term(_) => "terms",
        Class::Party => "persons",
        Class::Bool => "truth",
        Class::Text => "texts",
        Class::Number(_) => "numbers",
        Class::Money(..) => "money",
        Class::Instant => "instants",
        Class::Derived => "conditions",
    }
}
