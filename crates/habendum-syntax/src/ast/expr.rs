//! Expressions, dates, durations and running sums. Invariants: see `ast`.

use super::{EventRef, Name, Period, SumOf};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// A unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the unit of the same name")]
pub enum DurationUnit {
    Hours,
    Days,
    BusinessDays,
    Weeks,
    Months,
    Quarters,
    Years,
}

/// A length of time: a count, or a parameter, of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    /// How many.
    pub count: DurationCount,
    /// Of what.
    pub unit: DurationUnit,
}

/// The count of a duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DurationCount {
    /// A number.
    Literal(u32),
    /// An integer parameter.
    Param(Name),
}

/// A civil date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

/// A date position. `2030` and `2030-06` name a year or month: its first day after `from`, its last after `through`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DateExpr {
    /// Where it counts from.
    pub base: DateBase,
    /// `plus 5 years` (true) or `minus` (false).
    pub offset: Option<(bool, Sp<Duration>)>,
}

/// The base of a date position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DateBase {
    /// `2030-06-01`
    Day(Date),
    /// `2030-06`
    Month {
        /// Year.
        year: i16,
        /// Month.
        month: u8,
    },
    /// `2030`
    Year(i16),
    /// `effective`: of the agreement, or of the amendment it stands in.
    Effective,
    /// `signature`
    Signature,
    /// A date parameter.
    Param(Name),
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// `true`, `false`
    Bool(bool),
    /// A number as written, underscores removed.
    Number(String),
    /// `20%`: the digits before the sign.
    Percent(String),
    /// `38 billion USD`, `30.50 EUR`, `30 USD per MWh`
    Money {
        /// Digits.
        number: String,
        /// Scale word.
        scale: Option<Scale>,
        /// Currency code.
        currency: String,
        /// Unit of a price.
        per: Option<Name>,
    },
    /// `100 MWh`
    Quantity {
        /// Digits.
        number: String,
        /// Scale word.
        scale: Option<Scale>,
        /// Unit.
        unit: Name,
    },
    /// `30 days`
    Duration(Duration),
    /// `2026-06-01`
    Date(Date),
    /// `2026-06-01T09:00`, seconds and offset optional.
    Instant(String),
    /// `"text"`
    Text(String),
    /// A field, parameter, define, total, term, party, or clause.
    Name(String),
    /// `Order.quantity` (a field of the triggering event) or `rates.cap` (the row of this instance's key).
    Dotted(Name, Name),
    /// `cpi[year of date]`, `rates[supplier].cap`
    Lookup {
        /// Table.
        table: Name,
        /// Key.
        key: Box<Sp<Expr>>,
        /// Column, where the table has several.
        column: Option<Name>,
    },
    /// `not x`
    Not(Box<Sp<Expr>>),
    /// `-x`
    Neg(Box<Sp<Expr>>),
    /// Two or more operands of `and`.
    And(Vec<Sp<Expr>>),
    /// Two or more operands of `or`.
    Or(Vec<Sp<Expr>>),
    /// `a is at least b` and kin.
    Compare(CompareOp, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `x is [not] one of A, B`
    OneOf {
        /// What.
        value: Box<Sp<Expr>>,
        /// Members.
        set: Vec<Sp<Expr>>,
        /// `is not one of`
        negated: bool,
    },
    /// `x is [not] in Register`
    In {
        /// What.
        value: Box<Sp<Expr>>,
        /// Register.
        register: Name,
        /// `is not in`
        negated: bool,
    },
    /// `x is [not] a party` / `x is [not] a stranger`
    IsParty {
        /// What.
        value: Box<Sp<Expr>>,
        /// True for `a party`, false for `a stranger`.
        party: bool,
    },
    /// `x is [not] stated`: an optional field has a value.
    Stated {
        /// Field.
        value: Box<Sp<Expr>>,
        /// `is not stated`
        negated: bool,
    },
    /// `a + b`, `a - b`, `a * b`, `a / b`, `r of b`
    Binary(BinaryOp, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `if c then a else b`
    If(Box<Sp<Expr>>, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `greater of (a, b)`
    Greater(Vec<Sp<Expr>>),
    /// `lesser of (a, b)`
    Lesser(Vec<Sp<Expr>>),
    /// `started days from a to b`
    Between {
        /// True for `started` (any begun unit counts), false for `completed`.
        started: bool,
        /// Unit.
        unit: DurationUnit,
        /// From.
        from: Box<Sp<Expr>>,
        /// To.
        to: Box<Sp<Expr>>,
    },
    /// `year of d`, `month of d`
    DatePart(DatePart, Box<Sp<Expr>>),
    /// `net_sales this month`, `accrued royalties in total`, `count of Sale where (...) in the last 12 months`
    Sum {
        /// What adds up.
        what: SumWhat,
        /// Over which time.
        window: Box<Sp<Window>>,
    },
    /// `MilestoneVerified has occurred`
    Occurred(EventRef),
}

/// What a sum adds up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SumWhat {
    /// A declared `total`.
    Total(Name),
    /// `count of E [where (...)]`
    Count(EventRef),
    /// `accrued|due|paid|overdue CLAUSE`
    Payment(SumOf, Name),
    /// `breaches of CLAUSE`
    Breaches(Name),
}

/// Over which time a sum runs; the event's own row never counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Window {
    /// `this month`: the period that holds the day at hand (for a period's assessment, that period).
    This(Period),
    /// `last month`: the period before.
    Last(Period),
    /// `in the last 12 months`
    Trailing(Duration),
    /// `in total`
    InTotal,
    /// `of the term`: since the clause's current term began (a renewal begins a new one).
    OfTheTerm,
    /// `since DATE`
    Since(Sp<DateExpr>),
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the part of the same name")]
pub enum DatePart {
    Year,
    Month,
    Day,
}

/// A scale word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the word of the same name")]
pub enum Scale {
    Thousand,
    Million,
    Billion,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CompareOp {
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is at least`
    AtLeast,
    /// `is more than`
    MoreThan,
    /// `is up to`
    UpTo,
    /// `is less than`
    LessThan,
}

/// An operator of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the operator of the same name")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Of,
}
