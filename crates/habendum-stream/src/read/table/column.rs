//! One column of a table of events: what it is for, and its values by type.
//!
//! Invariant: a column serves every kind that has a field of its name, each by the type that the kind declares.

use super::cell::{self, MoneyUnit};
use super::memo::Memo;
use super::scan::{Known, exponent};
use crate::read::Fault;
use crate::read::cell::Cell;
use crate::read::typed::Typing;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};
use habendum_model::expr::Type;
use habendum_model::value::{EventId, Value};
use jiff::civil::Date;
use std::sync::Arc;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Kind,
    Date,
    At,
    Field,
}

/// A type that a column is read by, with what is known of its distinct values.
pub(super) struct Target {
    pub ty: Type,
    memo: Memo<Value>,
}

impl Target {
    fn new(ty: Type) -> Self {
        Target { ty, memo: Memo::default() }
    }

    /// The value of a cell that is not null.
    pub(super) fn value(
        &mut self,
        array: &ArrayRef,
        row: usize,
        unit: MoneyUnit,
        typing: &mut Typing<'_>,
    ) -> Result<Value, Fault> {
        if let Some(v) = cell::quick(array.as_ref(), row, self.ty, unit, exponent(typing)) {
            return Ok(v);
        }
        // A text of a stream may be different in every row: remembering each would cost more than it saves.
        if let (Type::Text, Some(text)) = (self.ty, cell::text(array.as_ref(), row)) {
            return Ok(Value::Text(Arc::from(text)));
        }
        let ty = self.ty;
        self.memo.get(array, row, |c| typing.value(c, ty))
    }
}

pub(super) struct Column {
    pub name: String,
    pub role: Role,
    pub unit: MoneyUnit,
    pub targets: Vec<Target>,
    kinds: Memo<EventId>,
    /// By kind: the field and the target.
    of_kind: Vec<Option<(usize, usize)>>,
    pub array: Option<ArrayRef>,
    /// What its distinct values are as numbers.
    pub known: Known,
}

impl Column {
    /// The column, where the deal has any use for it.
    pub(super) fn of(field: &Field, typing: &Typing<'_>, unit: MoneyUnit) -> Result<Option<Self>, Fault> {
        let (name, ty) = (field.name(), field.data_type());
        let mut column = Column {
            name: name.clone(),
            role: Role::Field,
            unit,
            targets: Vec::new(),
            kinds: Memo::default(),
            of_kind: Vec::new(),
            array: None,
            known: Known::default(),
        };
        match name.as_str() {
            "kind" => {
                column.role = Role::Kind;
                cell::check(ty, Type::Text)?;
            }
            "date" => {
                column.role = Role::Date;
                cell::check(ty, Type::Date)?;
            }
            "at" => {
                column.role = Role::At;
                cell::check(ty, Type::Instant)?;
            }
            _ => {}
        }
        for info in typing.names.symbols.events.values() {
            let found = info.fields.get_full(name.as_str()).map(|(i, _, f)| (i, f.ty));
            let place = found.map(|(i, ty)| (i, column.target(ty)));
            column.of_kind.push(place);
        }
        if column.role == Role::Field && column.targets.is_empty() {
            return Ok(None);
        }
        for t in &column.targets {
            cell::check(ty, t.ty)?;
        }
        Ok(Some(column))
    }

    fn target(&mut self, ty: Type) -> usize {
        let found = self.targets.iter().position(|t| t.ty == ty);
        found.unwrap_or_else(|| {
            self.targets.push(Target::new(ty));
            self.targets.len() - 1
        })
    }

    /// Takes the column's part of the next batch.
    pub(super) fn take(&mut self, array: &ArrayRef) {
        self.array = Some(Arc::clone(array));
    }

    /// The field of a kind that the column holds, and the type it is read by.
    pub(super) fn of_kind(&self, kind: EventId) -> Option<(usize, usize)> {
        self.of_kind.get(kind.ix()).copied().flatten()
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array.as_ref().is_none_or(|a| *a.data_type() == DataType::Null || a.is_null(row))
    }

    /// The cell as text; none where it is null.
    pub(super) fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let array = self.array.as_ref().filter(|_| !self.is_null(row))?;
        cell::cell(array.as_ref(), row)
    }

    /// The day of a column of dates.
    pub(super) fn day(&self, row: usize) -> Option<Date> {
        let array = self.array.as_ref().filter(|_| !self.is_null(row))?;
        cell::day(array.as_ref(), row)
    }

    /// The event kind that the cell names.
    pub(super) fn kind(&mut self, row: usize, typing: &Typing<'_>) -> Result<EventId, Fault> {
        let array = self.array.clone().filter(|_| !self.is_null(row));
        let Some(array) = array else { return typing.kind(None) };
        self.kinds.get(&array, row, |c| typing.kind(Some(c)))
    }

    /// The value of a cell that is not null.
    pub(super) fn value(
        &mut self,
        target: usize,
        row: usize,
        typing: &mut Typing<'_>,
    ) -> Result<Value, Fault> {
        match (&self.array, self.targets.get_mut(target)) {
            (Some(array), Some(t)) => t.value(array, row, self.unit, typing),
            (None, _) | (_, None) => Ok(Value::Absent),
        }
    }

    /// The same column over some of its rows, with nothing known of them.
    pub(super) fn part(&self, from: usize, rows: usize) -> Column {
        Column {
            name: self.name.clone(),
            role: self.role,
            unit: self.unit,
            targets: self.targets.iter().map(|t| Target::new(t.ty)).collect(),
            kinds: Memo::default(),
            of_kind: self.of_kind.clone(),
            array: self.array.as_ref().map(|a| a.slice(from, rows)),
            known: Known::default(),
        }
    }
}
