//! What the checker has to say: a diagnostic, where and when it holds, how sure it is, and the history that shows it.
//!
//! Invariant: a witness has been replayed through the interpreter and shows the fault that the finding names.

use habendum_model::value::{AmendmentId, ClauseId, ParamId, Value};
use habendum_norm::event::Event;
use habendum_syntax::Diagnostic;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// How two sentences stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Wherever both apply, whatever the open parameters, they oppose.
    Conflict,
    /// They oppose in some states or for some values of open parameters.
    Possible,
    /// Both can apply and both can be kept.
    Compatible,
    /// Never both apply: the dimension that separates them (`actor`, `asset`, `territory`, `field of use`, `time`, ...).
    Disjoint(String),
    /// Not decided: what is opaque.
    Unknown(String),
}

/// A history that shows a fault: rows in date order, how far time runs after them, and the values it takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Witness {
    /// Events in order; the last one (or the clock) shows the fault.
    pub events: Vec<Event>,
    /// Time runs through this day, where the fault is one of time.
    pub clock: Option<Date>,
    /// Values taken by open parameters.
    pub values: BTreeMap<ParamId, Value>,
    /// What it shows, in a sentence.
    pub shows: String,
}

/// The days on which a finding holds, and the amendments in the text of those days.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// First day.
    pub from: Date,
    /// Last day; none where open.
    pub through: Option<Date>,
    /// Amendments in force.
    pub amendments: Vec<AmendmentId>,
}

/// A finding of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Code, weight, places, words.
    pub diagnostic: Diagnostic,
    /// Clauses involved, main one first.
    pub clauses: Vec<ClauseId>,
    /// When it holds.
    pub intervals: Vec<Interval>,
    /// How sure.
    pub standing: Standing,
    /// What shows it, where anything can.
    pub witness: Option<Witness>,
}
