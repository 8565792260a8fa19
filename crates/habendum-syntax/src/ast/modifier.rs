//! Modifiers: the bounds and additions of a sentence. Invariants: see `ast`.

use super::{DateExpr, Duration, DurationUnit, EventRef, Expr, MonthRounding, Name, Period, Statement};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// A bound or addition to a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Modifier {
    /// `where EXPR`
    Where(Sp<Expr>),
    /// `unless [label:] EXPR [{ unless ... }]`
    Unless(Exception),
    /// `only if EXPR`: condition precedent.
    OnlyIf(Sp<Expr>),
    /// `while EXPR`: in force only while it holds.
    While(Sp<Expr>),
    /// `subject to ids`
    SubjectTo(Vec<Name>),
    /// `notwithstanding ids`
    Notwithstanding(Vec<Name>),
    /// `without prejudice to ids`
    WithoutPrejudice(Vec<Name>),
    /// `before E [of the same ...] [where ...]` (needs an earlier such event) or `before PARAMETER` (a date).
    Before(EventRef),
    /// `before DATE`: in force up to the day before.
    BeforeDate(Sp<DateExpr>),
    /// `until E [where ...]`: ends with the event.
    Until(EventRef),
    /// `until SUM reaches EXPR`: ends when the running total gets there.
    UntilReaches {
        /// A running sum.
        sum: Sp<Expr>,
        /// The level.
        level: Sp<Expr>,
    },
    /// `from DATE`
    From(Sp<DateExpr>),
    /// `through DATE`
    Through(Sp<DateExpr>),
    /// `for 5 years`: from its first day.
    Lasting(Sp<Duration>),
    /// `renews for 1 year [up to 3 times] [if EXPR]`
    Renews {
        /// By how long.
        length: Sp<Duration>,
        /// At most how often.
        times: Option<Sp<u32>>,
        /// On what condition, asked on the last day.
        condition: Option<Sp<Expr>>,
    },
    /// `within 30 days of E [of the same ...] [where ...]`
    Within {
        /// Length of the window.
        length: Sp<Duration>,
        /// What opens it.
        of: EventRef,
    },
    /// `within 15 days after each quarter`: recurs, with time after each period's end (duties).
    WithinEach {
        /// How long after the period's last day.
        length: Sp<Duration>,
        /// The period.
        period: Sp<Period>,
    },
    /// `by DATE`: a single deadline.
    By(Sp<DateExpr>),
    /// `each month`: recurs (duties), or is assessed on the period (payments).
    Each(Sp<Period>),
    /// `no deadline`
    NoDeadline,
    /// `totalling EXPR by FIELD`: how much must be done; partial performance counts.
    Totalling {
        /// How much.
        amount: Sp<Expr>,
        /// The field of the performing event that counts.
        field: Name,
    },
    /// `otherwise STATEMENT`: what follows on breach.
    Otherwise(Box<Sp<Statement>>),
    /// `on each E [where ...]`: payments per event.
    OnEach(EventRef),
    /// `on the first E [where ...]`: once.
    OnFirst(EventRef),
    /// `on DATE`: a fixed day.
    OnDate(Sp<DateExpr>),
    /// `per started day of delay` (in a reparation): once per day of lateness.
    PerDelay {
        /// True for `started`, false for `completed`.
        started: bool,
        /// The unit.
        unit: DurationUnit,
    },
    /// `cap EXPR per PERIOD | in total [counting from DATE] [counting accrued|due|paid] [refunds restore]`
    Cap(Cap),
    /// `floor EXPR per PERIOD [carrying shortfall for 3 years]`
    Floor(Floor),
    /// `rounded half-even per event`
    Rounded {
        /// How.
        mode: RoundingMode,
        /// On what total.
        per: Sp<Period>,
    },
    /// `due within 45 days after each quarter`
    Due(Sp<Due>),
    /// `late interest 8% per year actual/365`
    LateInterest {
        /// Rate a year.
        rate: Sp<Expr>,
        /// Day count.
        count: DayCount,
    },
    /// `crediting paid advance [up to 50%]`
    Crediting {
        /// Which sum of the other clause.
        what: SumOf,
        /// The clause.
        clause: Name,
        /// At most this much of each accrual.
        up_to: Option<Sp<Expr>>,
    },
    /// `prorated by days`
    Prorated,
    /// `in advance` (at the period's first day) / `in arrears` (after its last).
    InAdvance(bool),
    /// `exercised by E [where ...]`
    ExercisedBy(EventRef),
    /// `when EXPR`: the ground of a power.
    When(Sp<Expr>),
    /// `by notice of 30 days`
    Notice(Sp<Duration>),
    /// `surviving ids [for 2 years]`: not ended by the termination; on a grant, bare: survives it.
    Surviving {
        /// The clauses; none on a grant.
        ids: Vec<Name>,
        /// How long they go on after it; as their own text says where absent.
        lasting: Option<Sp<Duration>>,
    },
    /// `may sublicense [to A, B] [depth 2]`
    MaySublicense {
        /// To whom; anyone where empty.
        to: Vec<Name>,
        /// Links below the licensee; no bound where absent.
        depth: Option<Sp<u32>>,
    },
    /// `non-transferable`
    NonTransferable,
    /// `exclusive while EXPR`: non-exclusive when it does not hold.
    ExclusiveWhile(Sp<Expr>),
    /// `clocks stop` / `clocks run`, on relief and suspension.
    Clocks(bool),
    /// `rounding up|down`, of ambiguous month arithmetic.
    MonthRounding(MonthRounding),
}

/// The kind of a modifier, for `remove` and for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the modifier of the same name")]
pub enum ModifierKind {
    Where,
    Unless,
    OnlyIf,
    While,
    SubjectTo,
    Notwithstanding,
    WithoutPrejudice,
    Before,
    Until,
    From,
    Through,
    Lasting,
    Renews,
    Within,
    By,
    Each,
    NoDeadline,
    Totalling,
    Otherwise,
    On,
    PerDelay,
    Cap,
    Floor,
    Rounded,
    Due,
    LateInterest,
    Crediting,
    Prorated,
    InAdvance,
    ExercisedBy,
    When,
    Notice,
    Surviving,
    MaySublicense,
    NonTransferable,
    ExclusiveWhile,
    Clocks,
    MonthRounding,
}

/// An exception, which may have exceptions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// Label, for `remove unless label` and for explanations.
    pub label: Option<Name>,
    /// When it applies.
    pub condition: Sp<Expr>,
    /// Exceptions to it.
    pub unless: Vec<Exception>,
}

/// `cap`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cap {
    /// The most.
    pub amount: Sp<Expr>,
    /// Over what.
    pub per: Sp<Period>,
    /// `counting from D`; required with `in total`.
    pub from: Option<Sp<DateExpr>>,
    /// `counting accrued|due|paid`; accrued where absent.
    pub counting: SumOf,
    /// `refunds restore`: negative accruals give room back.
    pub refunds_restore: bool,
}

/// `floor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// The least.
    pub amount: Sp<Expr>,
    /// Over what.
    pub per: Sp<Period>,
    /// `carrying shortfall for 3 years`: a top-up is recouped from later excess for so long.
    pub carry: Option<Sp<Duration>>,
}

/// Which state of a payment clause is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SumOf {
    /// Earned.
    Accrued,
    /// Fallen due.
    Due,
    /// Paid.
    Paid,
    /// Due and not paid.
    Overdue,
}

/// How a figure is rounded to minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoundingMode {
    /// To nearest, ties to even.
    HalfEven,
    /// To nearest, ties away from zero.
    HalfUp,
    /// To nearest, ties towards zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// When an accrual falls due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Due {
    /// `due at once`
    AtOnce,
    /// `due within 45 days after each quarter`
    AfterEach(Sp<Duration>, Sp<Period>),
    /// `due within 30 days`: of the accrual.
    After(Sp<Duration>),
    /// `due on DATE`
    On(Sp<DateExpr>),
}

/// Day-count convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayCount {
    /// Actual days over 360.
    Actual360,
    /// Actual days over 365.
    Actual365,
    /// Actual days over the days of each year.
    ActualActual,
    /// 30/360 (bond basis).
    Thirty360,
}
