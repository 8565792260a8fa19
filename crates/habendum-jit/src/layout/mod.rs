//! The layout: which fields of which event kinds the predicates read, and the narrow column that each lies in.
//!
//! Data flow: `draft` (columns asked for while predicates are made) -> [`Layout`] -> [`Columns`] filled row by row. Kinds share
//! the column of a field name and type. Invariant: what a column cannot hold exactly never goes into it: such a row *escapes*, and
//! all its tests are left to the interpreter.

mod bulk;
mod columns;
mod draft;
mod encode;

pub use bulk::{Given, Rows};
pub(crate) use columns::scene;
pub use columns::{Buffer, Columns, class_word};
pub(crate) use draft::Draft;
pub(crate) use encode::DATE_LIMIT;

use crate::predicate::{ColumnId, Pred, Ranges};
use habendum_model::expr::Expr;
use habendum_model::value::{CurrencyId, EventId, FieldId, VocabId};
use indexmap::IndexSet;
use std::sync::Arc;

/// The number of an absent date or figure, before it is put into a column.
pub const ABSENT: i64 = i64::MIN;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The event kind, by its number.
    Kind,
    /// The day of the row, in days since 1970-01-01.
    Day,
    /// A date field, in the same days.
    Date,
    /// A term: its place in the vocabulary from 1 in preorder; 0 is absent.
    Term(VocabId),
    /// A person: its number from 1; one code stands for all strangers, unless persons are compared. 0 is absent.
    Party,
    /// 0 absent, 1 false, 2 true.
    Bool,
    /// A text: its place from 1 among those that the deal names, one code for every other; 0 is absent.
    Text,
    /// An int, a decimal or a percentage, in parts of one.
    Number(Scale),
    /// Minor units, in parts of one.
    Money(CurrencyId, Scale),
    /// Nanoseconds since the Unix epoch.
    Instant,
    /// The truth of a condition that no column compare can decide: 0 no, 1 yes, 2 it cannot be evaluated.
    Derived,
}

/// How many parts a whole has in a column.
pub type Scale = i64;

/// How a column's numbers lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repr {
    /// One byte, unsigned.
    U8,
    /// Two bytes, unsigned.
    U16,
    /// Four bytes, unsigned.
    U32,
    /// Four bytes, signed.
    I32,
    /// Eight bytes, signed.
    I64,
}

impl Repr {
    /// Bytes a row.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Repr::U8 => 1,
            Repr::U16 => 2,
            Repr::U32 | Repr::I32 => 4,
            Repr::I64 => 8,
        }
    }

    /// The least and the greatest number.
    #[must_use]
    pub fn span(self) -> (i64, i64) {
        match self {
            Repr::U8 => (0, i64::from(u8::MAX)),
            Repr::U16 => (0, i64::from(u16::MAX)),
            Repr::U32 => (0, i64::from(u32::MAX)),
            Repr::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Repr::I64 => (i64::MIN, i64::MAX),
        }
    }
}

/// Where a kind's number in a column comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The kind itself.
    Kind,
    /// The day of the row.
    Day,
    /// A field.
    Field(FieldId),
    /// A derived condition, by its place in the layout.
    Derived(usize),
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it holds.
    pub class: Class,
    /// How its numbers lie in memory.
    pub repr: Repr,
    /// The day that is number 0 of a 16-bit date column.
    pub base: i64,
    /// The greatest number, in codes; figures beyond it, either way, escape.
    pub limit: i64,
    /// A kind that fills it may leave it absent.
    pub optional: bool,
    /// Its source for each event kind; none where a kind leaves it absent.
    pub sources: Vec<Option<Source>>,
    /// The texts that have codes of their own.
    pub texts: IndexSet<Arc<str>>,
    /// What it is called in explanations.
    pub name: String,
}

impl Column {
    /// The number of an absent value.
    #[must_use]
    pub fn absent(&self) -> i64 {
        match self.repr {
            Repr::U8 | Repr::U16 | Repr::U32 => 0,
            Repr::I32 => i64::from(i32::MIN),
            Repr::I64 => ABSENT,
        }
    }
}

/// A condition that is evaluated once for every distinct value, when columns are made.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Of which kind.
    pub kind: EventId,
    /// The condition; parameters and key columns are already put in.
    pub condition: Expr,
    /// The fields that it reads.
    pub fields: Vec<FieldId>,
    /// It reads the day of the row.
    pub day: bool,
}

/// All columns of a program. Column 0 is the kind, column 1 the day of the row.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The columns.
    pub columns: Vec<Column>,
    /// Conditions evaluated when columns are made.
    pub derived: Vec<Derived>,
}

impl Layout {
    /// The column of kinds.
    pub const KIND: ColumnId = ColumnId(0);
    /// The column of days.
    pub const DAY: ColumnId = ColumnId(1);

    /// A column.
    #[must_use]
    pub fn column(&self, c: ColumnId) -> &Column {
        &self.columns[c.ix()]
    }

    /// Bytes that a row takes.
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        self.columns.iter().map(|c| c.repr.bytes()).sum()
    }

    /// The predicate in the columns' own numbers.
    #[must_use]
    pub(crate) fn physical(&self, p: &Pred) -> Pred {
        p.mapped(&|c, set| {
            let col = self.column(c);
            let own = encode::eased(col, &encode::set(col, set));
            let (lo, hi) = col.repr.span();
            if Ranges::between(lo, hi).intersect(&own.complement()).is_empty() {
                return Pred::True;
            }
            Pred::is_in(c, own)
        })
    }
}
