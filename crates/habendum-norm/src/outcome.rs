//! Outcomes: the verdict on an event, what it opened and closed, and what it accrued; and dated clock outcomes.
//!
//! Invariant: amounts are whole minor units within 64 bits; everything that decided is named by its norm.

use crate::ir::NormId;
use habendum_model::value::{CurrencyId, EventId, PartyId, Value};
use habendum_syntax::Span;
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What came of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Row of the event.
    pub row: u64,
    /// Its day.
    pub date: Date,
    /// Its kind.
    pub kind: EventId,
    /// Verdict.
    pub verdict: Verdict,
    /// Norms that decided, in document order. For a conflict: the unranked ones.
    pub deciding: Vec<NormId>,
    /// Why, where the verdict needs a word (a sublicense wider than its head, a power without ground, readings apart).
    pub reason: Option<String>,
    /// Obligations that it opened or closed.
    pub duties: Vec<DutyChange>,
    /// What accrued.
    pub accruals: Vec<Accrual>,
    /// Other effects: a clause ended, suspended, renewed; a register changed; a power exercised.
    pub effects: Vec<Effect>,
}

impl Outcome {
    /// No obligation moved, nothing accrued, and nothing else came of it.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.duties.is_empty() && self.accruals.is_empty() && self.effects.is_empty()
    }
}

/// What came of time passing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockOutcome {
    /// Day on which it happened (deadlines: the last day of the window).
    pub date: Date,
    /// The norm.
    pub norm: NormId,
    /// Instance key.
    pub key: Vec<Value>,
    /// What.
    pub what: ClockEvent,
}

/// What time brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClockEvent {
    /// An obligation arose: by its day or period, or as the reparation of a breach.
    Opened {
        /// The obligation.
        obligation: u64,
        /// Last day of its window.
        deadline: Option<Date>,
    },
    /// A deadline passed unperformed: a breach, unless excused.
    Lapsed {
        /// The obligation.
        obligation: u64,
        /// The row that opened it, if any.
        opened_by: Option<u64>,
        /// Excused by this relief.
        excused_by: Option<NormId>,
    },
    /// An amount accrued: a period's payment, a top-up, a fixed day's payment, damages, interest, an adjustment.
    Accrued(Accrual),
    /// An amount fell due.
    FellDue {
        /// Minor units.
        amount: i128,
    },
    /// What fell due was not paid on its day (where payments are tracked): a breach.
    Unpaid {
        /// Minor units.
        amount: i128,
    },
    /// A clause changed its standing.
    Effect(Effect),
}

impl ClockEvent {
    /// The amount that accrues by this, if one does.
    #[must_use]
    pub fn accrued(&self) -> Option<&Accrual> {
        match self {
            ClockEvent::Accrued(a) => Some(a),
            ClockEvent::Opened { .. }
            | ClockEvent::Lapsed { .. }
            | ClockEvent::FellDue { .. }
            | ClockEvent::Unpaid { .. }
            | ClockEvent::Effect(_) => None,
        }
    }
}

/// A change of an obligation.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyChange {
    /// The duty.
    pub norm: NormId,
    /// Instance key.
    pub key: Vec<Value>,
    /// Number of the obligation within the run.
    pub obligation: u64,
    /// What happened.
    pub what: DutyEvent,
    /// Deadline, where there is one.
    pub deadline: Option<Date>,
}

/// What kind of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Component {
    /// The payment itself.
    Principal,
    /// A shortfall under a floor.
    TopUp,
    /// Late interest.
    Interest,
    /// The difference that a retroactive amendment makes.
    Adjustment,
    /// Damages for breach or delay.
    Damages,
}

/// An amount accrued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accrual {
    /// Under which norm.
    pub norm: NormId,
    /// Instance key.
    pub key: Vec<Value>,
    /// Payer.
    pub payer: PartyId,
    /// Payee.
    pub payee: PartyId,
    /// Minor units.
    pub amount: i64,
    /// Currency.
    pub currency: CurrencyId,
    /// What kind.
    pub component: Component,
    /// `cap exhausted`, `split by the cap`, `credited against ...`, `provisional`.
    pub reason: Option<String>,
}

/// A change in what is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// In contract words: `ip-license ended`, `lease renewed through 2031-12-31`, `Acme joined Affiliates`.
    pub text: String,
    /// The norm that did it.
    pub norm: Option<NormId>,
}

/// A step of an explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceStep {
    /// Nesting.
    pub depth: u8,
    /// What was asked and found.
    pub text: String,
    /// Where it is written.
    pub span: Option<Span>,
}

/// An evaluation that could not go on: bad figures, never a panic.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalError {
    /// Row, where one is to blame.
    pub row: Option<u64>,
    /// Field of the row, where one is to blame.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where in the deal.
    pub span: Option<Span>,
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "field `{field}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}
