//! The norm IR: the one small core that everything downstream is judged by.
//!
//! Data flow: `lower` makes a [`Program`] from a consolidated deal; `interpret`, and later the kernel, the solver and
//! the diff, read it. Invariant (`verify`): ids are in range, guards are boolean, amounts are money of one currency,
//! versions are contiguous, and nothing refers to the surface syntax.

mod payment;

pub use payment::{Amount, Band, Basis, Cap, Credit, Due, Floor, Payment};

use habendum_model::date::Reckoning;
use habendum_model::deal::{Provenance, Symbols};
use habendum_model::expr::{DateValue, Expr, Measure, WhoMember};
use habendum_model::value::{
    AmendmentId, AssumptionId, ClauseId, EventId, FieldId, Length, ParamId, PartyId, TableId, TermId, Value,
};
use habendum_syntax::Span;
use habendum_syntax::ast::{MonthRounding, Period, PowerAct, SourceNote};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A deal ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Program {
    /// Names, for printing and for reading events.
    pub symbols: Arc<Symbols>,
    /// First day of the agreement.
    pub effective: DateValue,
    /// Texts in order of time; contiguous.
    pub versions: Vec<Version>,
    /// Every text constant that anything in it compares with, sorted.
    pub constants: Vec<Arc<str>>,
    /// Running measures that expressions ask for. Index is `MeasureId`.
    pub measures: Vec<Measure>,
    /// Declared totals. Index is `TotalId`.
    pub totals: Vec<TotalDef>,
    /// Registers. Index is `RegisterId`.
    pub registers: Vec<RegisterDef>,
    /// Whether silence permits, per event kind. Index is `EventId`.
    pub default_permits: Vec<bool>,
    /// How dates are reckoned.
    pub reckoning: Reckoning,
    /// Name of the zone in which instants become dates.
    pub zone: String,
    /// The stream carries payments.
    pub payments_tracked: bool,
    /// What the parameters were bound to, with origin and status, for receipts and for what results rest on.
    pub bound: BTreeMap<ParamId, habendum_model::deal::Bound>,
    /// Signature and effect of each amendment. Index is `AmendmentId`.
    pub amendments: Vec<habendum_model::deal::AmendmentDates>,
}

/// The norms of one interval.
#[derive(Clone, Debug)]
pub struct Version {
    /// First day.
    pub from: DateValue,
    /// Last day.
    pub through: Option<Date>,
    /// Amendments in it.
    pub amendments: Vec<AmendmentId>,
    /// Norms in document order.
    pub norms: Vec<Norm>,
    /// Parameter values. Index is `ParamId`; none where open.
    pub params: Vec<Option<Value>>,
    /// What an amendment struck without saving.
    pub forfeited: Vec<ClauseId>,
}

/// Which sentence: clause and position in it. Desugared parts of a grant share its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NormId {
    /// The clause.
    pub clause: ClauseId,
    /// Position of the sentence in the clause's chosen text.
    pub part: u16,
    /// Position among what that sentence desugars to; reparations count on from it.
    pub sub: u16,
}

/// A norm.
#[derive(Clone, Debug)]
pub struct Norm {
    /// Which.
    pub id: NormId,
    /// The sentence.
    pub span: Span,
    /// What amendments did to its clause.
    pub provenance: Vec<Provenance>,
    /// Instance key.
    pub key: Option<KeySpec>,
    /// When it is in force.
    pub term: Term,
    /// Exceptions: where one applies, the norm does not.
    pub exceptions: Vec<Exception>,
    /// Yields to these clauses.
    pub subject_to: Vec<ClauseId>,
    /// Prevails over these clauses.
    pub notwithstanding: Vec<ClauseId>,
    /// Asserted not to interact with these clauses.
    pub without_prejudice: Vec<ClauseId>,
    /// What its results rest on.
    pub rests_on: Vec<AssumptionId>,
    /// Source of its text.
    pub source: Option<SourceNote>,
    /// What it says.
    pub body: Body,
}

/// Instances per key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySpec {
    /// Field names that make the key.
    pub fields: Vec<String>,
    /// The table whose row gives the instance's figures; a key without a row is an error naming the event.
    pub table: Option<TableId>,
}

/// When a norm is in force.
#[derive(Clone, Debug, Default)]
pub struct Term {
    /// First day; that of the agreement (or of the amendment that inserted the clause) where absent.
    pub from: Option<DateValue>,
    /// Last day; none where open. Already the least of `through`, `before` and `for`.
    pub through: Option<DateValue>,
    /// Events that end it, for the rows after theirs.
    pub until: Vec<EventTest>,
    /// Running sums that end it, for the rows after the one that reaches the level.
    pub until_reaches: Vec<(Expr, Expr)>,
    /// Renewal at its last day.
    pub renews: Option<Renewal>,
    /// In force only while this holds (asked before each event).
    pub holds_while: Option<Expr>,
    /// Suspensions by amendments.
    pub suspensions: Vec<habendum_model::deal::Suspension>,
}

/// A renewal.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// By how long.
    pub length: Length,
    /// At most how often.
    pub times: Option<u32>,
    /// On what condition, asked at the end of its last day.
    pub condition: Option<Expr>,
}

/// An event kind with a guard over that event's fields.
#[derive(Clone, Debug)]
pub struct EventTest {
    /// Kind.
    pub event: EventId,
    /// Guard.
    pub guard: Option<Expr>,
    /// Pairs of fields that must be equal: (of the event at hand or of the trigger, of this event).
    pub same: Vec<(FieldId, FieldId)>,
}

/// A node of the tree of exceptions: it applies where its condition holds and none of its own exceptions applies.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Label.
    pub label: Option<String>,
    /// Condition.
    pub condition: Expr,
    /// Exceptions to it.
    pub unless: Vec<Exception>,
}

/// Whom a norm binds or entitles.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// Named persons and members of registers.
    Named(Vec<WhoMember>),
    /// Any party of the agreement.
    AnyParty,
    /// Anyone, strangers included.
    Anyone,
    /// Anyone but these.
    AnyoneExcept(Vec<WhoMember>),
    /// Anyone outside a license: neither its licensee, nor a sublicensee of it, nor (where spared) its licensor.
    OutsideLicense {
        /// The license's norm.
        license: NormId,
        /// The licensor may act too.
        spare_licensor: bool,
    },
}

/// What a norm says.
#[derive(Clone, Debug)]
pub enum Body {
    /// A permission or prohibition.
    Rule(Rule),
    /// An obligation.
    Duty(Box<Duty>),
    /// A maintenance duty.
    Keep(Keep),
    /// A payment.
    Payment(Box<Payment>),
    /// A power.
    Power(Power),
    /// Relief.
    Relief(Relief),
    /// A license: judges `Grant` events, and carries sublicenses. Its effect on use is in the rules beside it.
    License(License),
    /// Carried and shown, never evaluated (recital, undertaking, holding).
    Inert(Inert),
}

impl Body {
    /// The permission or prohibition that this is.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule> {
        match self {
            Body::Rule(x) => Some(x),
            Body::Duty(_)
            | Body::Keep(_)
            | Body::Payment(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => None,
        }
    }

    /// The power that this is.
    #[must_use]
    pub fn power(&self) -> Option<&Power> {
        match self {
            Body::Power(x) => Some(x),
            Body::Rule(_)
            | Body::Duty(_)
            | Body::Keep(_)
            | Body::Payment(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => None,
        }
    }

    /// The license that this is.
    #[must_use]
    pub fn license(&self) -> Option<&License> {
        match self {
            Body::License(x) => Some(x),
            Body::Rule(_)
            | Body::Duty(_)
            | Body::Keep(_)
            | Body::Payment(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::Inert(_) => None,
        }
    }
}

/// Permission or prohibition.
#[derive(Clone, Debug)]
pub struct Rule {
    /// True for a permission.
    pub permits: bool,
    /// Who.
    pub who: Who,
    /// Event kind.
    pub event: EventId,
    /// Guard over its fields.
    pub guard: Option<Expr>,
    /// `before E2`: forbidden unless an earlier E2 with equal keys satisfies its guard.
    pub before: Option<EventTest>,
    /// What follows on breach of a prohibition.
    pub otherwise: Option<Box<Norm>>,
}

/// An obligation.
#[derive(Clone, Debug)]
pub struct Duty {
    /// Who must act.
    pub who: Who,
    /// Performing event kind.
    pub event: EventId,
    /// Guard over the performing event (trigger fields too).
    pub guard: Option<Expr>,
    /// What opens it and when it falls due.
    pub opening: Opening,
    /// How much must be done, and which field of the performing event counts.
    pub quantity: Option<(Expr, FieldId)>,
    /// What follows on breach.
    pub otherwise: Option<Box<Norm>>,
    /// Rounding of ambiguous month arithmetic.
    pub months: Option<MonthRounding>,
}

/// What opens an obligation.
#[derive(Clone, Debug)]
pub enum Opening {
    /// Each matching event opens one; due at the end of its day plus the length.
    Within {
        /// The trigger; its `same` pairs are (performing event, trigger).
        trigger: EventTest,
        /// Length of the window.
        length: Length,
    },
    /// One obligation, from the first day of the term, due at the end of a day.
    By(DateValue),
    /// One obligation a period, due at its end; a period cut by the term counts where its last day is in the term.
    Each(Period),
    /// One obligation a period whose last day is in the term, open from that day, due at the end of it plus the length.
    AfterEach(Period, Length),
    /// One obligation without a deadline: performance discharges it, nothing breaches it.
    NoDeadline,
    /// A reparation: opened by a breach of the duty it repairs, due within the length from that day, if any.
    OnBreach(Option<Length>),
}

/// A maintenance duty: an event that shows the condition false is a breach.
#[derive(Clone, Debug)]
pub struct Keep {
    /// Who.
    pub who: Who,
    /// What must hold, over the showing event.
    pub condition: Expr,
    /// The events that show it.
    pub shown_by: EventTest,
    /// What follows on breach.
    pub otherwise: Option<Box<Norm>>,
}

/// A power.
#[derive(Clone, Debug)]
pub struct Power {
    /// Who holds it.
    pub who: Who,
    /// What it does.
    pub act: PowerAct,
    /// On what; none is the whole agreement.
    pub targets: Option<Vec<ClauseId>>,
    /// The event that exercises it.
    pub exercised_by: EventTest,
    /// Its ground; without it the exercise is without effect.
    pub ground: Option<Expr>,
    /// Notice: takes effect at the end of this long after exercise; at the end of the day where absent.
    pub notice: Option<Length>,
    /// What a termination does not end, and how long that goes on after it; as its own text says where absent.
    pub surviving: Vec<(ClauseId, Option<Length>)>,
    /// By how long (extend).
    pub lasting: Option<Length>,
    /// The field `to` of the exercising event (assign).
    pub assignee: Option<FieldId>,
    /// Suspension stops deadlines.
    pub clocks_stop: bool,
    /// Rounding of ambiguous month arithmetic.
    pub months: Option<MonthRounding>,
}

/// Relief.
#[derive(Clone, Debug)]
pub struct Relief {
    /// The cause.
    pub cause: EventTest,
    /// Whose breach is excused or time extended.
    pub targets: Vec<ClauseId>,
    /// How.
    pub effect: ReliefEffect,
}

/// What relief does.
#[derive(Clone, Debug)]
pub enum ReliefEffect {
    /// From the cause until an event (or for good): breaches are excused; with `clocks_stop`, deadlines move by its length.
    Excuse {
        /// What ends it.
        until: Vec<EventTest>,
        /// Length, where it ends by time.
        lasting: Option<Length>,
        /// Deadlines stand still.
        clocks_stop: bool,
    },
    /// Open obligations get so many more days, or a length.
    Extend(Expr),
}

/// A license.
#[derive(Clone, Debug)]
pub struct License {
    /// Licensor.
    pub licensor: PartyId,
    /// Licensee.
    pub licensee: PartyId,
    /// Exclusivity.
    pub exclusivity: Exclusivity,
    /// Licensed event kind.
    pub event: EventId,
    /// Assets.
    pub assets: Vec<TermId>,
    /// Territories (the root where worldwide).
    pub territories: Vec<TermId>,
    /// Fields of use (the root where any).
    pub fields: Vec<TermId>,
    /// The right to sublicense.
    pub sublicense: Option<Sublicense>,
    /// May be assigned.
    pub transferable: bool,
    /// Survives termination of the agreement.
    pub surviving: bool,
    /// Exclusive only while this holds.
    pub exclusive_while: Option<Expr>,
}

/// Exclusivity.
#[derive(Clone, Debug, PartialEq)]
pub enum Exclusivity {
    /// Bars everyone else, the grantor included.
    Exclusive,
    /// Bars everyone else but the grantor.
    ExclusiveExceptGrantor,
    /// Bars other licensees.
    Sole,
    /// Bars no one.
    NonExclusive,
    /// Bars all outside the licensee and this set.
    CoExclusive(Vec<PartyId>),
}

/// The right to sublicense.
#[derive(Clone, Debug, PartialEq)]
pub struct Sublicense {
    /// To whom; anyone where empty.
    pub to: Vec<PartyId>,
    /// Links below the licensee.
    pub depth: Option<u32>,
}

/// A clause without evaluation.
#[derive(Clone, Debug)]
pub enum Inert {
    /// A recital.
    Recital(String),
    /// An undertaking, with the status taken on.
    Undertaking(String, Option<String>),
    /// A holding.
    Holding(String),
}

/// A declared total.
#[derive(Clone, Debug)]
pub struct TotalDef {
    /// Which events.
    pub on: EventTest,
    /// What each adds.
    pub value: Expr,
}

/// A register.
#[derive(Clone, Debug)]
pub struct RegisterDef {
    /// Members from the start (parties or terms).
    pub initially: Vec<Value>,
    /// Events that add the member named by a field.
    pub adds: Vec<(EventTest, FieldId)>,
    /// Events that remove it.
    pub removes: Vec<(EventTest, FieldId)>,
}
