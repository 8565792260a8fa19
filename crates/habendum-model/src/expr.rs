//! Typed, resolved expressions: the shared noun of model and norm.
//!
//! Data flow: `elaborate` makes them from syntax and a scope; norms hold them; the interpreter evaluates them.
//! Invariant: every name is an id, every operation is well typed, currencies agree.

use crate::value::{
    ClauseId, CurrencyId, EventId, FieldId, Length, MeasureId, ParamId, PartyId, RegisterId, TableId, TermId,
    TotalId, UnitId, Value, VocabId,
};
use habendum_syntax::Span;
use habendum_syntax::ast::{BinaryOp, CompareOp, DatePart, DurationUnit, Period, SumOf};
use jiff::civil::Date;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`, with the unit it counts.
    Decimal(Option<UnitId>),
    /// `percent`
    Percent,
    /// `money`, with the unit of a price.
    Money(CurrencyId, Option<UnitId>),
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
    /// `clause`
    Clause,
    /// A term of a vocabulary.
    Term(VocabId),
}

/// An expression with its type and place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Const(Value),
    /// A field of the event at hand.
    Field(FieldId),
    /// A field of the event that opened the obligation or caused the relief.
    Trigger(FieldId),
    /// `date`: the day of the event at hand (of the period's last day where a period is assessed).
    Today,
    /// A parameter, bound per version.
    Param(ParamId),
    /// A value column of a table, by key. A key that the table lacks is an error naming the row.
    Lookup {
        /// Table.
        table: TableId,
        /// Key.
        key: Box<Expr>,
        /// Value column.
        column: FieldId,
    },
    /// A column of the clause's own table in the row of its instance key.
    KeyColumn(TableId, FieldId),
    /// Negation.
    Not(Box<Expr>),
    /// All.
    And(Vec<Expr>),
    /// Any.
    Or(Vec<Expr>),
    /// A comparison of two values of one type. An absent side makes it false (`is not` too).
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// The value is one of the terms or below one; ranges are inclusive preorder ids.
    Under(Box<Expr>, Vec<(TermId, TermId)>),
    /// The value overlaps one of the terms: below it, or above it.
    Overlaps(Box<Expr>, Vec<TermId>),
    /// The value is one of the constants.
    OneOf(Box<Expr>, Vec<Value>),
    /// Membership in a register.
    InRegister(Box<Expr>, RegisterId),
    /// The person is a party of the agreement.
    IsParty(Box<Expr>),
    /// An optional field has a value.
    Stated(Box<Expr>),
    /// Arithmetic. `Of` multiplies a rate with a base.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Sign turned.
    Neg(Box<Expr>),
    /// A choice.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The greatest.
    Greater(Vec<Expr>),
    /// The least.
    Lesser(Vec<Expr>),
    /// Units between two dates, or hours between two instants: started (any begun unit counts) or completed. Zero where `to` is
    /// not after `from`.
    Between {
        /// Started or completed.
        started: bool,
        /// Unit.
        unit: DurationUnit,
        /// From.
        from: Box<Expr>,
        /// To.
        to: Box<Expr>,
    },
    /// A part of a date, as a number.
    DatePart(DatePart, Box<Expr>),
    /// A running measure over a window.
    Sum(MeasureId, Window),
    /// A measure of count above zero, in total.
    Occurred(MeasureId),
}

/// The expressions directly inside one: the one list of them, for those who read and those who change.
macro_rules! inside {
    ($kind:expr, $iter:ident) => {
        match $kind {
            ExprKind::Const(_)
            | ExprKind::Field(_)
            | ExprKind::Trigger(_)
            | ExprKind::Today
            | ExprKind::Param(_)
            | ExprKind::KeyColumn(..)
            | ExprKind::Sum(..)
            | ExprKind::Occurred(_) => Vec::new(),
            ExprKind::Lookup { key: x, .. }
            | ExprKind::Not(x)
            | ExprKind::Under(x, _)
            | ExprKind::Overlaps(x, _)
            | ExprKind::OneOf(x, _)
            | ExprKind::InRegister(x, _)
            | ExprKind::IsParty(x)
            | ExprKind::Stated(x)
            | ExprKind::Neg(x)
            | ExprKind::DatePart(_, x) => vec![x],
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Greater(all) | ExprKind::Lesser(all) => {
                all.$iter().collect()
            }
            ExprKind::Compare(_, a, b)
            | ExprKind::Binary(_, a, b)
            | ExprKind::Between { from: a, to: b, .. } => {
                vec![a, b]
            }
            ExprKind::If(a, b, c) => vec![a, b, c],
        }
    };
}

impl Expr {
    /// The expressions directly inside, in the order in which they are written.
    #[must_use]
    pub fn inside(&self) -> Vec<&Self> {
        inside!(&self.kind, iter)
    }

    /// The expressions directly inside, to be changed.
    pub fn inside_mut(&mut self) -> Vec<&mut Self> {
        inside!(&mut self.kind, iter_mut)
    }
}

/// Over which time a sum runs. The event at hand never counts, earlier rows of its day do.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// The period that holds the day at hand.
    This(Period),
    /// The period before it.
    Last(Period),
    /// The days after (day at hand minus the length), through the day at hand.
    Trailing(Length),
    /// Everything so far.
    InTotal,
    /// Since the norm's current term began.
    OfTheTerm,
    /// From a date on.
    Since(DateValue),
}

/// A date that may hang on a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum DateValue {
    /// Known.
    Fixed(Date),
    /// Hangs on a parameter without a value; the text is as written.
    Open {
        /// The parameter that is missing.
        param: ParamId,
        /// The date expression as written.
        text: String,
    },
}

impl DateValue {
    /// The date, where it is known.
    #[must_use]
    pub fn fixed(&self) -> Option<Date> {
        match self {
            DateValue::Fixed(d) => Some(*d),
            DateValue::Open { .. } => None,
        }
    }
}

/// Something the evaluator keeps a running sum of.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What adds up.
    pub what: MeasureWhat,
    /// The instance key of the clause that asks: fields by which the sum is kept apart (names; empty for none).
    pub key: Vec<String>,
}

/// What a measure adds up.
#[derive(Clone, Debug, PartialEq)]
pub enum MeasureWhat {
    /// A declared total.
    Total(TotalId),
    /// Events of a kind that satisfy a guard (over that event's own fields).
    Count {
        /// Kind.
        event: EventId,
        /// Guard.
        guard: Option<Expr>,
    },
    /// Minor units of a payment clause: accrued, due, paid or overdue.
    Payment(SumOf, ClauseId),
    /// Breaches of a clause.
    Breaches(ClauseId),
}

/// What a name in a who-position denotes.
#[derive(Clone, Debug, PartialEq)]
pub enum WhoMember {
    /// A person.
    Party(PartyId),
    /// The members of a register at the time.
    Register(RegisterId),
}
