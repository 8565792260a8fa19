//! The payment norms of the IR.
//!
//! Invariant: figures are expressions over the event or the period; their order of application is not in them but in `accrual`.

use super::EventTest;
use habendum_model::expr::{DateValue, Expr};
use habendum_model::value::{ClauseId, CurrencyId, Length, PartyId};
use habendum_syntax::Span;
use habendum_syntax::ast::{DayCount, DurationUnit, MonthRounding, Period, RoundingMode, SumOf};

/// A payment.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Payer.
    pub payer: PartyId,
    /// Payee.
    pub payee: PartyId,
    /// Currency.
    pub currency: CurrencyId,
    /// What it is assessed on.
    pub basis: Basis,
    /// Condition precedent over the same fields (`only if`, `where`).
    pub guard: Option<Expr>,
    /// How much.
    pub amount: Amount,
    /// Caps in order.
    pub caps: Vec<Cap>,
    /// Floors in order.
    pub floors: Vec<Floor>,
    /// Rounding, once, at the end.
    pub rounding: (RoundingMode, Period),
    /// When accruals fall due.
    pub due: Option<Due>,
    /// Late interest: rate a year and day count.
    pub late: Option<(Expr, DayCount)>,
    /// Credits in order.
    pub credits: Vec<Credit>,
    /// Fixed sums of a cut period are prorated by days, both ends included.
    pub prorated: bool,
    /// Rounding of ambiguous month arithmetic.
    pub months: Option<MonthRounding>,
}

/// What a payment is assessed on.
#[derive(Clone, Debug)]
pub enum Basis {
    /// Each matching event.
    Each(EventTest),
    /// The first matching event.
    First(EventTest),
    /// A day.
    On(DateValue),
    /// Each period: at its last day (arrears), or first (advance).
    Period(Period, bool),
    /// The breach that it repairs.
    Breach,
    /// Per unit of delay of the duty it repairs, started or completed: assessed at performance, or provisionally at the clock.
    Delay {
        /// True for started.
        started: bool,
        /// Unit.
        unit: DurationUnit,
    },
}

/// How much.
#[derive(Clone, Debug)]
pub enum Amount {
    /// A money expression.
    Expr(Expr),
    /// Bands over a running base. An event accrues `F(total with it) - F(total before it)`.
    Tiers {
        /// True for marginal, false for whole.
        marginal: bool,
        /// What each event adds to the base.
        base: Expr,
        /// Over what the base adds up.
        per: Period,
        /// Bands.
        bands: Vec<Band>,
    },
}

/// A band.
#[derive(Clone, Debug)]
pub struct Band {
    /// Lower bound and whether it belongs.
    pub lower: (Expr, bool),
    /// Upper bound and whether it belongs; none at the top.
    pub upper: Option<(Expr, bool)>,
    /// Percent, price per unit, or (whole tiers) a fixed sum.
    pub rate: Expr,
    /// Its place.
    pub span: Span,
}

/// A cap.
#[derive(Clone, Debug)]
pub struct Cap {
    /// The most.
    pub amount: Expr,
    /// Over what.
    pub per: Period,
    /// Counting from.
    pub from: Option<DateValue>,
    /// Which sum is capped: accrued here; due and paid: room is the cap less what is due or paid.
    pub counting: SumOf,
    /// Negative accruals give room back.
    pub refunds_restore: bool,
    /// Its place.
    pub span: Span,
}

/// A floor (minimum guarantee): at the period's end the shortfall is topped up.
#[derive(Clone, Debug)]
pub struct Floor {
    /// The least.
    pub amount: Expr,
    /// Over what.
    pub per: Period,
    /// A top-up is recouped from later excess over the floor for so long.
    pub carry: Option<Length>,
    /// Its place.
    pub span: Span,
}

/// When accruals fall due.
#[derive(Clone, Debug)]
pub enum Due {
    /// On the day of accrual.
    AtOnce,
    /// A length after the end of each period, for what accrued in it.
    AfterEach(Length, Period),
    /// A length after the day of accrual.
    After(Length),
    /// On a day (accruals after it: at once).
    On(DateValue),
}

/// A credit: an accrual is reduced by what the other clause's sum leaves unused.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Which sum.
    pub what: SumOf,
    /// Of which clause.
    pub clause: ClauseId,
    /// At most so much of each accrual: money, or a percent of it.
    pub up_to: Option<Expr>,
    /// Its place.
    pub span: Span,
}
