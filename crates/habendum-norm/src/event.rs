//! Events: what happened, on which day, with typed fields.
//!
//! Invariant: `fields` has one value per field of the kind, in declaration order; absent ones are `Value::Absent`.

use habendum_model::value::{EventId, Value};
use jiff::civil::Date;

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Row number in the stream, from 1.
    pub row: u64,
    /// Day, in the deal's zone.
    pub date: Date,
    /// Nanoseconds since the Unix epoch, where the row gave an instant.
    pub instant: Option<i128>,
    /// Kind.
    pub kind: EventId,
    /// Field values.
    pub fields: Vec<Value>,
}
