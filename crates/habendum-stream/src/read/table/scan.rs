//! The cells of a block as whole numbers, column by column, without making an event of any row.
//!
//! Data flow: arrays of a batch -> [`Scan`]. Invariant: a row that is not *slow* would have been typed without a fault, and its numbers
//! stand for the values that it would have; of a slow row nothing is said, and it has to be typed. Strangers get their ids in the
//! order of rows, as if each row had been typed.

use super::cell::{self, MoneyUnit};
use super::column::{Column, Role, Target};
use crate::read::typed::Typing;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, EventId, Exact, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The number of an absent cell.
pub const ABSENT: i64 = i64::MIN;
/// Parts of one of decimals, percentages and prices.
pub const PARTS: i64 = 1_000_000;
/// The number of a cell that says nothing of its value: its row is slow.
const SLOW: i64 = i64::MIN + 1;
/// A person not met so far.
const STRANGER: i64 = i64::MIN + 2;
/// Not looked at yet.
const UNSET: i64 = i64::MIN + 3;
/// The days of the calendar of streams: of the years 1 to 9999.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// A column of fields.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// Its name.
    pub name: String,
    /// The type by which every kind that has it reads it; none of a column that is not read as numbers, so that every row is slow.
    pub ty: Option<Type>,
    /// By type: 0 or 1; a whole number; minor units; parts of one; days since 1970-01-01; the id of a person or a term; the place of a
    /// text among `texts`.
    pub numbers: Vec<i64>,
    /// Texts by number.
    pub texts: Vec<Arc<str>>,
}

/// The rows of a block as numbers.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Kinds by id.
    pub kinds: Vec<i64>,
    /// Days since 1970-01-01.
    pub days: Vec<i64>,
    /// The columns of fields.
    pub cells: Vec<Cells>,
    /// Rows that have to be typed.
    pub slow: Vec<bool>,
}

/// What is known of the distinct values of a column, from block to block.
#[derive(Default)]
pub(super) struct Known {
    dictionary: Option<ArrayRef>,
    by_key: Vec<i64>,
    by_text: HashMap<Box<str>, i64>,
}

/// Distinct texts remembered of a column without a dictionary.
const MOST: usize = 1 << 16;

impl Known {
    /// The numbers of a column of texts, each distinct one found once.
    fn read(&mut self, array: &ArrayRef, out: &mut Vec<i64>, mut find: impl FnMut(&str) -> i64) {
        let rows = array.len();
        if let Some(d) = array.as_any_dictionary_opt() {
            if !self.dictionary.as_ref().is_some_and(|known| Arc::ptr_eq(known, d.values())) {
                self.by_key.clear();
                self.by_key.resize(d.values().len(), UNSET);
                self.dictionary = Some(Arc::clone(d.values()));
            }
            let by_key = &mut self.by_key;
            let mut code = |key: usize| {
                let Some(slot) = by_key.get_mut(key) else { return SLOW };
                if *slot == UNSET {
                    let there = !d.values().is_null(key);
                    let text = cell::text(d.values().as_ref(), key).filter(|_| there);
                    *slot = text.map_or(SLOW, &mut find);
                }
                *slot
            };
            match d.keys().as_primitive_opt::<Int32Type>() {
                Some(keys) if keys.null_count() == 0 => {
                    out.extend(keys.values().iter().map(|k| usize::try_from(*k).map_or(SLOW, &mut code)));
                }
                Some(_) | None => out.extend((0..rows).map(|row| match cell::key(array.as_ref(), row) {
                    Some((key, _)) => code(key),
                    None if array.is_null(row) => ABSENT,
                    None => SLOW,
                })),
            }
            return;
        }
        if self.by_text.len() > MOST {
            self.by_text.clear();
        }
        let by_text = &mut self.by_text;
        out.extend((0..rows).map(|row| {
            if array.is_null(row) {
                return ABSENT;
            }
            let Some(text) = cell::text(array.as_ref(), row) else { return SLOW };
            if let Some(known) = by_text.get(text) {
                return *known;
            }
            let found = find(text);
            by_text.insert(text.into(), found);
            found
        }));
    }

    /// Looks again at persons who were strangers.
    fn look_again(&mut self) {
        self.by_key.iter_mut().filter(|n| **n == STRANGER).for_each(|n| *n = UNSET);
        self.by_text.retain(|_, n| *n != STRANGER);
    }
}

/// Reads a block. `typed` types a row for the sake of the strangers that it names.
pub(super) fn scan(
    columns: &mut [Column],
    rows: usize,
    typing: &mut Typing<'_>,
    mut typed: impl FnMut(&mut [Column], usize, &mut Typing<'_>),
) -> Scan {
    let mut s = Scan { slow: vec![false; rows], ..Scan::default() };
    kinds(columns, &mut s, typing);
    days(columns, &mut s);
    for c in columns.iter_mut().filter(|c| c.role == Role::Field) {
        let cells = field(c, typing, rows);
        s.cells.push(cells);
    }
    let strange = |s: &Scan, row: usize| s.cells.iter().any(|c| c.numbers.get(row) == Some(&STRANGER));
    if s.cells.iter().any(|c| c.numbers.contains(&STRANGER)) {
        (0..rows).filter(|row| strange(&s, *row)).for_each(|row| typed(columns, row, typing));
        let fields = columns.iter_mut().filter(|c| c.role == Role::Field);
        for (c, cells) in fields.zip(&mut s.cells) {
            if cells.numbers.contains(&STRANGER) {
                c.known.look_again();
                *cells = field(c, typing, rows);
            }
        }
    }
    present(columns, &mut s, typing);
    s
}

fn kinds(columns: &mut [Column], s: &mut Scan, typing: &Typing<'_>) {
    let rows = s.slow.len();
    let events = &typing.names.symbols.events;
    let find = |text: &str| events.get_index_of(text).and_then(|i| i64::try_from(i).ok()).unwrap_or(SLOW);
    match columns.iter_mut().find(|c| c.role == Role::Kind) {
        Some(Column { array: Some(array), known, .. }) => known.read(array, &mut s.kinds, find),
        Some(_) | None => s.kinds.resize(rows, SLOW),
    }
    s.slow.iter_mut().zip(&s.kinds).for_each(|(slow, k)| *slow |= *k < 0);
}

fn days(columns: &[Column], s: &mut Scan) {
    let rows = s.slow.len();
    let column = columns.iter().find(|c| c.role == Role::Date);
    match column.and_then(|c| c.array.as_ref()) {
        Some(a) if *a.data_type() == DataType::Date32 => dates(a, &mut s.days),
        Some(_) | None => s.days.resize(rows, SLOW),
    }
    s.slow.iter_mut().zip(&s.days).for_each(|(slow, d)| *slow |= !DAYS.contains(d));
    if let Some(at) = columns.iter().find(|c| c.role == Role::At) {
        s.slow.iter_mut().enumerate().for_each(|(row, slow)| *slow |= !at.is_null(row));
    }
}

fn dates(array: &ArrayRef, out: &mut Vec<i64>) {
    let days = array.as_primitive::<Date32Type>();
    out.extend(days.values().iter().map(|d| i64::from(*d)));
    nulls(array, out);
}

/// Puts the number of an absent cell where the array is null.
fn nulls(array: &ArrayRef, out: &mut [i64]) {
    if let Some(nulls) = array.nulls().filter(|n| n.null_count() > 0) {
        out.iter_mut().enumerate().filter(|(row, _)| nulls.is_null(*row)).for_each(|(_, n)| *n = ABSENT);
    }
}

fn field(column: &mut Column, typing: &mut Typing<'_>, rows: usize) -> Cells {
    let mut cells = Cells { name: column.name.clone(), ..Cells::default() };
    let (Some(array), [target]) = (&column.array, column.targets.as_mut_slice()) else {
        cells.numbers.resize(rows, SLOW);
        return cells;
    };
    if *array.data_type() == DataType::Null {
        cells.ty = Some(target.ty);
        cells.numbers.resize(rows, ABSENT);
        return cells;
    }
    cells.ty = Some(target.ty);
    let out = &mut cells.numbers;
    out.reserve(rows);
    let symbols = &typing.names.symbols;
    match target.ty {
        Type::Party => {
            let names = &*typing.names;
            column.known.read(array, out, |text| match names.known_party(text) {
                Some(p) => i64::from(p.0),
                None => STRANGER,
            });
        }
        Type::Term(vocab) => {
            let names = &*typing.names;
            column.known.read(array, out, |text| names.term_id(vocab, text).map_or(SLOW, |t| i64::from(t.0)));
        }
        Type::Text => {
            let texts = &mut cells.texts;
            column.known.forget();
            column.known.read(array, out, |text| {
                texts.push(Arc::from(text));
                i64::try_from(texts.len()).unwrap_or(i64::MAX) - 1
            });
        }
        Type::Date if *array.data_type() == DataType::Date32 => {
            dates(array, out);
            out.iter_mut().filter(|d| **d != ABSENT && !DAYS.contains(d)).for_each(|d| *d = SLOW);
        }
        Type::Int | Type::Money(_, None) if whole(array, target.ty, column.unit, symbols, out) => {}
        Type::Decimal(_) | Type::Percent if parts(array, out) => {}
        Type::Bool
        | Type::Int
        | Type::Decimal(_)
        | Type::Percent
        | Type::Money(..)
        | Type::Date
        | Type::Instant
        | Type::Duration
        | Type::Clause => one_by_one(array, target, column.unit, typing, out),
    }
    cells
}

/// Whole numbers that lie as such in the array; false, and nothing done, where they lie otherwise.
fn whole(
    array: &ArrayRef,
    ty: Type,
    unit: MoneyUnit,
    symbols: &habendum_model::deal::Symbols,
    out: &mut Vec<i64>,
) -> bool {
    let exponent = match ty {
        Type::Money(c, _) => {
            let Some(c) = symbols.agreement.currencies.get(c.ix()) else { return false };
            c.exponent
        }
        _ => 0,
    };
    if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        let scale = if unit == MoneyUnit::Minor { 0 } else { exponent };
        let Some(scale) = 10_i64.checked_pow(scale) else { return false };
        // The least numbers are marks here.
        let one = |n: &i64| n.checked_mul(scale).filter(|n| *n > UNSET).unwrap_or(SLOW);
        out.extend(numbers.values().iter().map(one));
        nulls(array, out);
        return true;
    }
    if let (Some(numbers), DataType::Decimal128(_, scale)) =
        (array.as_primitive_opt::<Decimal128Type>(), array.data_type())
        && i64::from(*scale) == i64::from(exponent)
    {
        let one = |n: &i128| i64::try_from(*n).ok().filter(|n| *n > UNSET).unwrap_or(SLOW);
        out.extend(numbers.values().iter().map(one));
        nulls(array, out);
        return true;
    }
    false
}

/// Parts of one, of decimals; false, and nothing done, where they lie otherwise.
fn parts(array: &ArrayRef, out: &mut Vec<i64>) -> bool {
    let DataType::Decimal128(_, scale) = array.data_type() else { return false };
    let Some(numbers) = array.as_primitive_opt::<Decimal128Type>() else { return false };
    let Ok(scale) = u32::try_from(*scale) else { return false };
    let (up, down) =
        if scale <= 6 { (10_i128.pow(6 - scale), 1) } else { (1, 10_i128.pow((scale - 6).min(38))) };
    // Few distinct values follow each other: the last one is not divided again.
    let mut last = (0_i128, 0_i64);
    out.extend(numbers.values().iter().map(|n| {
        if *n != last.0 {
            let exact = if down == 1 {
                n.checked_mul(up)
            } else if let Ok(small) = i64::try_from(*n)
                && let Ok(down) = i64::try_from(down)
            {
                (small % down == 0).then(|| i128::from(small / down))
            } else {
                (n % down == 0).then(|| n / down)
            };
            let number = exact.and_then(|n| i64::try_from(n).ok()).filter(|n| *n > UNSET);
            last = (*n, number.unwrap_or(SLOW));
        }
        last.1
    }));
    nulls(array, out);
    true
}

/// Cells that take a value to be made of each.
fn one_by_one(
    array: &ArrayRef,
    target: &mut Target,
    unit: MoneyUnit,
    typing: &mut Typing<'_>,
    out: &mut Vec<i64>,
) {
    for row in 0..array.len() {
        if array.is_null(row) {
            out.push(ABSENT);
            continue;
        }
        let value = target.value(array, row, unit, typing);
        out.push(value.ok().and_then(|v| number(&v, target.ty)).filter(|n| *n > UNSET).unwrap_or(SLOW));
    }
}

/// The number of a value; none where it has none.
fn number(v: &Value, ty: Type) -> Option<i64> {
    let whole = |n: &Exact| n.is_integer().then(|| i64::try_from(n.numer()).ok()).flatten();
    let fine = |n: &Exact| n.mul(Exact::int(i128::from(PARTS))).ok().and_then(|n| whole(&n));
    match (v, ty) {
        (Value::Bool(b), _) => Some(i64::from(*b)),
        (Value::Number(n), Type::Int) | (Value::Money(n, _), Type::Money(_, None)) => whole(n),
        (Value::Number(n), _) | (Value::Money(n, _), _) => fine(n),
        (Value::Date(d), _) => Some(habendum_model::date::day_number(*d)),
        (Value::Instant(n), _) => i64::try_from(*n).ok(),
        (
            Value::Duration(_)
            | Value::Text(_)
            | Value::Party(_)
            | Value::Term(_)
            | Value::Clause(_)
            | Value::Absent,
            _,
        ) => None,
    }
}

/// A field that a kind must have is there, and one that it does not have is not.
fn present(columns: &[Column], s: &mut Scan, typing: &Typing<'_>) {
    let symbols = &typing.names.symbols;
    let fields: Vec<&Column> = columns.iter().filter(|c| c.role == Role::Field).collect();
    // A kind with a field that no column holds.
    let lacks: Vec<bool> = symbols
        .events
        .iter()
        .enumerate()
        .map(|(k, (_, info))| {
            let held =
                |i: usize| fields.iter().any(|c| c.of_kind(EventId::at(k)).is_some_and(|(f, _)| f == i));
            info.fields.values().enumerate().any(|(i, f)| !f.optional && !held(i))
        })
        .collect();
    let of =
        |table: &[bool], k: i64| usize::try_from(k).ok().and_then(|k| table.get(k).copied()).unwrap_or(true);
    if lacks.contains(&true) {
        s.slow.iter_mut().zip(&s.kinds).for_each(|(slow, k)| *slow |= of(&lacks, *k));
    }
    for (c, cells) in fields.iter().zip(&s.cells) {
        let kinds = symbols.events.values().enumerate();
        let (mut wants, mut bars) = (Vec::new(), Vec::new());
        for (k, info) in kinds {
            let field = c.of_kind(EventId::at(k)).and_then(|(f, _)| info.fields.get_index(f));
            wants.push(field.is_some_and(|(_, f)| !f.optional));
            bars.push(field.is_none() && !typing.ignore_unknown);
        }
        let plain = !bars.contains(&true) && !wants.contains(&true);
        for ((slow, k), n) in s.slow.iter_mut().zip(&s.kinds).zip(&cells.numbers) {
            *slow |= match *n {
                ABSENT => !plain && of(&wants, *k),
                SLOW | STRANGER | UNSET => true,
                _ => !plain && of(&bars, *k),
            };
        }
    }
}

impl Known {
    fn forget(&mut self) {
        *self = Known::default();
    }
}

/// The exponent of a currency.
pub(super) fn exponent(typing: &Typing<'_>) -> impl Fn(CurrencyId) -> Option<u32> {
    let currencies = &typing.names.symbols.agreement.currencies;
    move |c: CurrencyId| currencies.get(c.ix()).map(|c| c.exponent)
}
