//! Events as a table: one wide row an event, with a column for every field of any kind.
//!
//! Invariant: what is written reads back as the same event; a value that its column cannot hold exactly is an error.

use super::arrays::{coded, coded_type, decimal_type, decimals, texts};
use super::days_of;
use super::pack::OutFile;
use super::table::{BATCH, TableFile};
use crate::error::InputError;
use crate::names::Names;
use crate::read::Format;
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use habendum_model::deal::Symbols;
use habendum_model::expr::Type;
use habendum_model::value::{Exact, FieldId, Value};
use habendum_norm::event::Event;
use std::sync::Arc;

/// Digits of a number, and those after the point where nothing says how many.
const DIGITS: (u8, u32) = (38, 18);

/// How a column holds its values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Bool,
    Int,
    /// Digits after the point; of money, of the major unit.
    Decimal(u32),
    Day,
    Instant,
    Coded,
    Text,
}

struct Column {
    name: String,
    hold: Hold,
}

/// A file of events being written.
pub struct EventTable {
    file: TableFile,
    schema: SchemaRef,
    columns: Vec<Column>,
    waiting: Vec<Event>,
    path: String,
}

impl EventTable {
    /// Begins a file in one of the formats of tables. It appears when it is finished.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(path: &str, format: Format, names: &Names) -> Result<Self, InputError> {
        let columns = columns(&names.symbols);
        let mut fields = vec![
            Field::new("kind", coded_type(), false),
            Field::new("date", DataType::Date32, false),
            Field::new("at", instants(), true),
        ];
        fields.extend(columns.iter().map(|c| Field::new(&c.name, c.hold.ty(), true)));
        let schema = Arc::new(Schema::new(fields));
        let file = TableFile::begin(OutFile::whole(path)?, format, &schema).map_err(|e| fail(path, &e))?;
        Ok(EventTable { file, schema, columns, waiting: Vec::new(), path: path.to_owned() })
    }

    /// Adds an event.
    ///
    /// # Errors
    /// A value that the file cannot hold; a disk that refuses.
    pub fn event(&mut self, e: &Event, names: &Names) -> Result<(), InputError> {
        self.waiting.push(e.clone());
        if self.waiting.len() >= BATCH { self.flush(names) } else { Ok(()) }
    }

    fn flush(&mut self, names: &Names) -> Result<(), InputError> {
        let batch = self.batch(names).and_then(|b| self.file.write(&b));
        self.waiting.clear();
        batch.map_err(|e| fail(&self.path, &e))
    }

    fn batch(&self, names: &Names) -> Result<RecordBatch, String> {
        let events = &self.waiting;
        let mut arrays: Vec<ArrayRef> = vec![
            coded(events.iter().map(|e| Some(names.symbols.event_name(e.kind)))),
            Arc::new(events.iter().map(|e| Some(days_of(e.date))).collect::<Date32Array>()),
            instant_array(events.iter().map(|e| e.instant))?,
        ];
        for c in &self.columns {
            let values: Vec<&Value> = events.iter().map(|e| field(e, &c.name, &names.symbols)).collect();
            arrays.push(c.array(&values, names)?);
        }
        RecordBatch::try_new(SchemaRef::clone(&self.schema), arrays).map_err(|e| e.to_string())
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// As [`EventTable::event`].
    pub fn finish(mut self, names: &Names) -> Result<(), InputError> {
        self.flush(names)?;
        let path = self.path;
        self.file.end().map_err(|e| fail(&path, &e))?.commit(&path)
    }
}

fn fail(path: &str, e: &str) -> InputError {
    InputError::at(path, format!("cannot be written: {e}"))
}

fn instants() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

fn field<'a>(e: &'a Event, name: &str, symbols: &Symbols) -> &'a Value {
    let place = symbols.event_info(e.kind).fields.get_index_of(name).map(FieldId::at);
    place.and_then(|f| e.fields.get(f.ix())).unwrap_or(&Value::Absent)
}

/// The columns of a deal's events. A name that kinds declare with unlike types is a column of text.
fn columns(symbols: &Symbols) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, field) in symbols.events.values().flat_map(|e| &e.fields) {
        let hold = Hold::of(field.ty, symbols);
        if matches!(name.as_str(), "kind" | "date" | "at") {
            continue;
        }
        match columns.iter_mut().find(|c| c.name == *name) {
            Some(c) if c.hold != hold => c.hold = Hold::Text,
            Some(_) => {}
            None => columns.push(Column { name: name.clone(), hold }),
        }
    }
    columns
}

impl Hold {
    fn of(ty: Type, symbols: &Symbols) -> Self {
        match ty {
            Type::Bool => Hold::Bool,
            Type::Int => Hold::Int,
            Type::Decimal(_) | Type::Percent | Type::Money(_, Some(_)) => Hold::Decimal(DIGITS.1),
            Type::Money(c, None) => {
                Hold::Decimal(symbols.agreement.currencies.get(c.ix()).map_or(0, |c| c.exponent))
            }
            Type::Date => Hold::Day,
            Type::Instant => Hold::Instant,
            Type::Party | Type::Clause | Type::Term(_) => Hold::Coded,
            Type::Duration | Type::Text => Hold::Text,
        }
    }

    fn ty(self) -> DataType {
        match self {
            Hold::Bool => DataType::Boolean,
            Hold::Int => DataType::Int64,
            Hold::Decimal(scale) => decimal_type(DIGITS.0, scale),
            Hold::Day => DataType::Date32,
            Hold::Instant => instants(),
            Hold::Coded => coded_type(),
            Hold::Text => DataType::Utf8,
        }
    }
}

impl Column {
    /// Digits at a scale; none where one of the numbers has more.
    fn digits(values: &[&Value], scale: u32, names: &Names) -> Option<Vec<Option<i128>>> {
        let of = |v: &&Value| match number_of(v, names) {
            Some(n) => digits(n, scale).map(Some),
            None => Some(None),
        };
        values.iter().map(of).collect()
    }

    fn array(&self, values: &[&Value], names: &Names) -> Result<ArrayRef, String> {
        let beyond = || format!("column {}: a value is beyond what its type holds", self.name);
        Ok(match self.hold {
            Hold::Bool => Arc::new(values.iter().map(|v| bool_of(v)).collect::<BooleanArray>()),
            Hold::Int => {
                let all = Self::digits(values, 0, names).ok_or_else(beyond)?;
                let narrow = all.into_iter().map(|n| n.map(i64::try_from).transpose());
                Arc::new(narrow.collect::<Result<Int64Array, _>>().map_err(|_| beyond())?)
            }
            Hold::Decimal(scale) => {
                let all = Self::digits(values, scale, names).ok_or_else(beyond)?;
                decimals(all.into_iter(), DIGITS.0, scale).map_err(|e| e.to_string())?
            }
            Hold::Day => Arc::new(values.iter().map(|v| day_of(v)).collect::<Date32Array>()),
            Hold::Instant => instant_array(values.iter().map(|v| instant_of(v)))?,
            Hold::Coded | Hold::Text => {
                let shown: Vec<Option<String>> = values.iter().map(|v| text_of(v, names)).collect();
                let shown = shown.iter().map(Option::as_deref);
                if self.hold == Hold::Coded { coded(shown) } else { texts(shown) }
            }
        })
    }
}

fn instant_array(instants: impl Iterator<Item = Option<i128>>) -> Result<ArrayRef, String> {
    let all = instants.map(|n| n.map(i64::try_from).transpose()).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|_| "an instant is beyond the years 1677 to 2262".to_owned())?;
    Ok(Arc::new(TimestampNanosecondArray::from(all).with_timezone("UTC")))
}

fn bool_of(v: &Value) -> Option<bool> {
    if let Value::Bool(b) = v { Some(*b) } else { None }
}

fn day_of(v: &Value) -> Option<i32> {
    if let Value::Date(d) = v { Some(days_of(*d)) } else { None }
}

fn instant_of(v: &Value) -> Option<i128> {
    if let Value::Instant(n) = v { Some(*n) } else { None }
}

/// A number; of money, in major units.
fn number_of(v: &Value, names: &Names) -> Option<Exact> {
    match v {
        Value::Number(n) => Some(*n),
        Value::Money(minor, c) => {
            let scale = names.symbols.agreement.currencies.get(c.ix()).map_or(1, |c| c.scale());
            minor.div(Exact::int(scale)).ok()
        }
        Value::Bool(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Text(_)
        | Value::Party(_)
        | Value::Term(_)
        | Value::Clause(_)
        | Value::Absent => None,
    }
}

/// The digits of a number at a scale, where it has no more.
fn digits(n: Exact, scale: u32) -> Option<i128> {
    let n = n.mul(Exact::int(10_i128.checked_pow(scale)?)).ok()?;
    n.is_integer().then(|| n.numer())
}

/// A value as text, as a stream would have it.
fn text_of(v: &Value, names: &Names) -> Option<String> {
    match v {
        Value::Absent => None,
        Value::Money(..) => number_of(v, names).map(|n| n.to_string()),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Text(_)
        | Value::Party(_)
        | Value::Term(_)
        | Value::Clause(_) => Some(names.value(v)),
    }
}
