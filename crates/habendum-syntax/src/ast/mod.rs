//! The syntax tree: what a `.term` file says, before names mean anything.
//!
//! Data flow: `parse` makes it, `print` writes it, `habendum-model` amends and resolves it.
//! Invariant: printing a tree and parsing the text gives an equal tree (spans aside).

mod amend;
mod clause;
mod expr;
mod item;
mod modifier;
mod scenario;

use crate::span::{Sp, Span};
use serde::{Deserialize, Serialize};

pub use amend::{Amendment, Change, Extension, Operation, Position};
pub use clause::{
    Amount, Band, Clause, ClauseParts, Exclusivity, Head, Key, Line, Period, PowerAct, Reading, Statement,
    Targets, Tiers, Waiver, Who,
};
pub use expr::{
    BinaryOp, CompareOp, Date, DateBase, DateExpr, DatePart, Duration, DurationCount, DurationUnit, Expr,
    Scale, SumWhat, Window,
};
pub use item::{
    Agreement, Assumption, Calendar, Define, Event, EventRef, Field, Header, MonthRounding, Parameter,
    Register, RegisterChange, Schedule, SourceNote, SourceStatus, Table, Term, Total, TypeName, Vocabulary,
};
pub use modifier::{Cap, DayCount, Due, Exception, Floor, Modifier, ModifierKind, RoundingMode, SumOf};
pub use scenario::{
    Aspect, DutyEvent, Expectation, KeyTerm, Outcome, Property, Prove, Scenario, Step, Verdict,
};

/// An identifier as written.
pub type Name = Sp<String>;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Items in order.
    pub items: Vec<Sp<Item>>,
    /// Comments in order, `//` or `/* */` included in the text.
    pub comments: Vec<Sp<String>>,
}

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// `agreement id "title" { header }`
    Agreement(Agreement),
    /// `amendment id "title" to agreement { header, operations }`
    Amendment(Amendment),
    /// `schedule id "title" { source? name = value ... table ... }`
    Schedule(Schedule),
    /// `vocabulary Name { A  B { C D } }`
    Vocabulary(Vocabulary),
    /// `unit MWh`
    Unit(Name),
    /// `event Name { field: type ... }`
    Event(Event),
    /// `parameter name: type = value "note" source ...`
    Parameter(Parameter),
    /// `table name by column: type { column: type ... } { key: v, v ... }`
    Table(Table),
    /// `define name = expr`
    Define(Define),
    /// `total name = expr on Event where ...`
    Total(Total),
    /// `register Name of party { ... }`
    Register(Register),
    /// `assumption name "text"`
    Assumption(Assumption),
    /// `calendar Name { ... }`
    Calendar(Calendar),
    /// `clause id § 1.2 "title" for each key { ... }`
    Clause(Clause),
    /// `key "Feature" shows aspect of clause, ...`
    KeyTerm(KeyTerm),
    /// `scenario "title" { ... }`
    Scenario(Scenario),
    /// `prove "title" { ... }`
    Prove(Prove),
}

/// The place of anything that has one.
pub trait Spanned {
    /// Its place.
    fn span(&self) -> Span;
}

impl<T> Spanned for Sp<T> {
    fn span(&self) -> Span {
        self.span
    }
}
