//! The layout while predicates are made: columns are asked for by kind and field.
//!
//! Invariant: a kind fills a column from one source only.

use super::encode::{self, NUMBER_LIMIT};
use super::{Class, Column, Derived, Layout, Repr, Source};
use crate::predicate::{ColumnId, Pred};
use habendum_model::deal::Symbols;
use habendum_model::expr::{Expr, Type};
use habendum_model::value::{EventId, FieldId};
use indexmap::IndexSet;
use std::sync::Arc;

/// Parts of one in columns of decimals, percentages and prices.
const FINE: i64 = 1_000_000;

/// Columns as they are being asked for.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    symbols: &'a Symbols,
    columns: Vec<Column>,
    derived: Vec<Derived>,
    /// Columns that are added up: these hold the numbers themselves.
    summed: Vec<bool>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(symbols: &'a Symbols) -> Self {
        let mut d = Draft { symbols, columns: Vec::new(), derived: Vec::new(), summed: Vec::new() };
        let kinds = symbols.events.len();
        for (class, source) in [(Class::Kind, Source::Kind), (Class::Day, Source::Day)] {
            let c = d.push(
                class,
                match class {
                    Class::Kind => "kind",
                    _ => "day",
                },
            );
            d.columns[c.ix()].sources = vec![Some(source); kinds];
        }
        d
    }

    fn push(&mut self, class: Class, name: &str) -> ColumnId {
        let id = ColumnId(u32::try_from(self.columns.len()).unwrap_or(u32::MAX));
        self.columns.push(Column {
            class,
            repr: Repr::I64,
            base: 0,
            limit: NUMBER_LIMIT,
            optional: false,
            sources: vec![None; self.symbols.events.len()],
            texts: IndexSet::new(),
            name: name.to_owned(),
        });
        self.summed.push(false);
        id
    }

    /// What a field would hold in a column; none for types without one.
    pub(crate) fn class_of(ty: Type) -> Option<Class> {
        Some(match ty {
            Type::Bool => Class::Bool,
            Type::Int => Class::Number(1),
            Type::Decimal(_) | Type::Percent => Class::Number(FINE),
            Type::Money(c, None) => Class::Money(c, 1),
            Type::Money(c, Some(_)) => Class::Money(c, FINE),
            Type::Date => Class::Date,
            Type::Instant => Class::Instant,
            Type::Text => Class::Text,
            Type::Party => Class::Party,
            Type::Term(v) => Class::Term(v),
            Type::Duration | Type::Clause => return None,
        })
    }

    /// The column of a field, with what it holds; none for types without one.
    pub(crate) fn field(&mut self, kind: EventId, field: FieldId) -> Option<(ColumnId, Class)> {
        let (name, info) = self.symbols.event_info(kind).fields.get_index(field.ix())?;
        let class = Self::class_of(info.ty)?;
        let c = self.ask(kind, class, Source::Field(field), name);
        self.columns[c.ix()].optional |= info.optional;
        Some((c, class))
    }

    /// The column of a derived condition.
    pub(crate) fn condition(
        &mut self,
        kind: EventId,
        condition: Expr,
        fields: Vec<FieldId>,
        day: bool,
    ) -> ColumnId {
        let known = self.derived.iter().position(|d| d.kind == kind && d.condition == condition);
        let at = known.unwrap_or_else(|| {
            self.derived.push(Derived { kind, condition, fields, day });
            self.derived.len() - 1
        });
        self.ask(kind, Class::Derived, Source::Derived(at), "condition")
    }

    fn ask(&mut self, kind: EventId, class: Class, source: Source, name: &str) -> ColumnId {
        let of = |c: &Column| c.sources.get(kind.ix()).copied().flatten();
        if let Some(i) = self.columns.iter().position(|c| c.class == class && of(c) == Some(source)) {
            return id(i);
        }
        // Kinds share a column by name: rows in columns have one column a name, so that each of ours is filled from one of theirs.
        let free = |c: &Column| c.class == class && c.name == name && of(c).is_none();
        let at = match self.columns.iter().position(free) {
            Some(i) => id(i),
            None => self.push(class, name),
        };
        self.columns[at.ix()].sources[kind.ix()] = Some(source);
        at
    }

    /// The code of a text in a column.
    pub(crate) fn text(&mut self, c: ColumnId, text: &Arc<str>) -> i64 {
        let (i, _) = self.columns[c.ix()].texts.insert_full(Arc::clone(text));
        i64::try_from(i).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// A column is added up: it has to hold the numbers themselves, none beyond the limit.
    pub(crate) fn add_up(&mut self, c: ColumnId, limit: i64) {
        let col = &mut self.columns[c.ix()];
        col.limit = col.limit.min(limit);
        self.summed[c.ix()] = true;
    }

    /// The layout, with the narrowest columns that hold what the predicates ask, and the new place of each column. What was asked
    /// for and is not read is left out.
    pub(crate) fn finish<'p>(self, asked: impl Iterator<Item = &'p Pred>) -> (Layout, Vec<ColumnId>) {
        let mut edges: Vec<Option<(i64, i64)>> = vec![None; self.columns.len()];
        let mut read: Vec<bool> = vec![false; self.columns.len()];
        for p in asked {
            p.columns().into_iter().for_each(|c| read[c.ix()] = true);
            p.visit(&mut |p| {
                let Pred::In(c, set) = p else { return };
                for (lo, hi) in set.as_slice() {
                    for e in [*lo, *hi].into_iter().filter(|e| e.unsigned_abs() < encode::NO_DAY) {
                        let span = edges[c.ix()].get_or_insert((e, e));
                        *span = (span.0.min(e), span.1.max(e));
                    }
                }
            });
        }
        let (mut columns, mut places, mut derived) = (Vec::new(), Vec::new(), Vec::new());
        for (i, mut c) in self.columns.into_iter().enumerate() {
            places.push(id(columns.len()));
            if i > Layout::DAY.ix() && !read[i] {
                continue;
            }
            encode::settle(&mut c, self.symbols, self.summed[i], edges[i]);
            for s in c.sources.iter_mut().flatten() {
                if let Source::Derived(d) = s {
                    derived.extend(self.derived.get(*d).cloned());
                    *d = derived.len() - 1;
                }
            }
            columns.push(c);
        }
        (Layout { columns, derived }, places)
    }
}

fn id(i: usize) -> ColumnId {
    ColumnId(u32::try_from(i).unwrap_or(u32::MAX))
}
