//! Items: the declarations of a file, save amendments and scenarios. Invariants: see `ast`.

use super::{Date, DateExpr, Expr, Name};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// Where a text or a figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceNote {
    /// `own`, `reported` or `other`.
    pub status: SourceStatus,
    /// The citation.
    pub citation: String,
}

/// Who vouches for a text or a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceStatus {
    /// The parties themselves.
    Own,
    /// The press or another third party; confirmed by neither party.
    Reported,
    /// Anything else (an article, a model form, an invention of the author).
    Other,
}

/// `agreement`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Sp<String>,
    /// Header lines in order.
    pub header: Vec<Sp<Header>>,
}

/// A header line of an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Header {
    /// `parties A, B`
    Parties(Vec<Name>),
    /// `others X, Y`: known persons outside the agreement (strangers).
    Others(Vec<Name>),
    /// `others any`: every undeclared name in an event is a stranger.
    OthersAny,
    /// `effective from DATE`
    Effective(Sp<DateExpr>),
    /// `signed DATE`
    Signed(Sp<DateExpr>),
    /// `currency USD, EUR`: the first is the deal's own.
    Currency(Vec<Name>),
    /// `zone "America/Los_Angeles"`
    Zone(Sp<String>),
    /// `default Launch is permitted`
    Default {
        /// Event kind.
        event: Name,
        /// True for `permitted`.
        permitted: bool,
    },
    /// `months rounding up|down`: what 31 January + 1 month is.
    Months(MonthRounding),
    /// `fiscal year starts 07-01`
    FiscalYear {
        /// Month, 1 to 12.
        month: u8,
        /// Day of the month.
        day: u8,
    },
    /// `payments tracked`: the stream carries `Payment` events, so what is unpaid when due is a breach.
    PaymentsTracked,
    /// `business days by CalendarName`
    BusinessDays(Name),
    /// `source own "..."`
    Source(SourceNote),
}

/// Rounding of a day that the target month lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonthRounding {
    /// First day of the month after.
    Up,
    /// Last day of the month.
    Down,
}

/// `schedule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Option<Sp<String>>,
    /// Status of every figure in it.
    pub source: Option<Sp<SourceNote>>,
    /// `name = value`
    pub values: Vec<(Name, Sp<Expr>)>,
}

/// `vocabulary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Name, also the name of its root.
    pub name: Name,
    /// Top terms.
    pub terms: Vec<Term>,
}

/// A term and those below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Name.
    pub name: Name,
    /// Narrower terms.
    pub children: Vec<Term>,
}

/// `event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Kind.
    pub name: Name,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// A field of an event or column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: Sp<TypeName>,
    /// `optional`: may be absent; a guard over an absent value is false.
    pub optional: bool,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TypeName {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`, or `decimal MWh`
    Decimal(Option<Name>),
    /// `percent`
    Percent,
    /// `money`, `money EUR`, `money per MWh`
    Money {
        /// Currency where it is not the deal's own.
        currency: Option<Name>,
        /// Unit of a price.
        per: Option<Name>,
    },
    /// `date`
    Date,
    /// `instant`
    Instant,
    /// `duration`
    Duration,
    /// `text`
    Text,
    /// `party`
    Party,
    /// `clause`: the id of a clause.
    Clause,
    /// A vocabulary.
    Named(Name),
}

/// `parameter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: Sp<TypeName>,
    /// Value, where it is known.
    pub value: Option<Sp<Expr>>,
    /// A remark ("not public").
    pub note: Option<Sp<String>>,
    /// Source.
    pub source: Option<Sp<SourceNote>>,
}

/// `table`: values by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Name.
    pub name: Name,
    /// Key column.
    pub key: Field,
    /// Value columns.
    pub columns: Vec<Field>,
    /// Rows: key and one value a column.
    pub rows: Vec<(Sp<Expr>, Vec<Sp<Expr>>)>,
}

/// `define`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Define {
    /// Name.
    pub name: Name,
    /// Meaning, wherever the name stands.
    pub value: Sp<Expr>,
}

/// `total`: a running sum over events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Name.
    pub name: Name,
    /// What each event adds.
    pub value: Sp<Expr>,
    /// Which events.
    pub on: EventRef,
}

/// An event kind with a condition: `Launch of the same product where cloud is Azure`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRef {
    /// Kind.
    pub event: Name,
    /// `of the same a, b`: fields equal to those of the event at hand.
    pub same: Vec<Name>,
    /// `where ...`, over the fields of this event.
    pub guard: Option<Box<Sp<Expr>>>,
}

/// `register`: a named set that changes in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Name.
    pub name: Name,
    /// `party` or a vocabulary.
    pub of: Sp<TypeName>,
    /// `initially A, B`
    pub initially: Vec<Name>,
    /// `add FIELD on Event where ...`
    pub adds: Vec<RegisterChange>,
    /// `remove FIELD on Event where ...`
    pub removes: Vec<RegisterChange>,
}

/// How an event changes a register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegisterChange {
    /// The field that names the member.
    pub field: Name,
    /// Which events.
    pub on: EventRef,
}

/// `assumption`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// Name.
    pub name: Name,
    /// What is taken for granted.
    pub text: Sp<String>,
}

/// `calendar`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Name.
    pub name: Name,
    /// `weekend saturday, sunday` (lower-case English names).
    pub weekend: Vec<Name>,
    /// `holidays D, D`
    pub holidays: Vec<Sp<Date>>,
    /// `covers D through D`: a business day outside is an error, never a guess.
    pub covers: Option<(Sp<Date>, Sp<Date>)>,
}
