//! Clauses: their lines, sentences, heads and amounts. Invariants: see `ast`.

use super::{Date, EventRef, Expr, Modifier, Name, SourceNote};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// `clause`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Stable id.
    pub id: Name,
    /// The rest.
    pub parts: ClauseParts,
}

/// A clause without its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClauseParts {
    /// Display number, without the section sign.
    pub number: Option<Sp<String>>,
    /// Title.
    pub title: Option<Sp<String>>,
    /// `for each supplier in rates`
    pub key: Option<Sp<Key>>,
    /// Lines in order.
    pub body: Vec<Sp<Line>>,
}

/// `for each FIELD [, FIELD] [in table]`: one instance per value, state kept per value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Event fields that name the instance.
    pub fields: Vec<Name>,
    /// Table whose columns are that instance's parameters.
    pub table: Option<Name>,
}

/// A line of a clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// `text "..."`: the prose.
    Text(Sp<String>),
    /// `source own "..."`
    Source(SourceNote),
    /// `rests on assumption, ...`
    RestsOn(Vec<Name>),
    /// `waive C008 because "..." until 2027-01-01`
    Waive(Waiver),
    /// `reading name "note" { statements }`: exactly one reading of a clause holds.
    Reading(Reading),
    /// A sentence with effect.
    Statement(Statement),
}

/// A finding accepted by its authors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// Code.
    pub code: Name,
    /// Why.
    pub reason: Sp<String>,
    /// Day on which it stops to count.
    pub expires: Sp<Date>,
}

/// One way to read a clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Name, unique in the clause.
    pub name: Name,
    /// Whose reading, or why.
    pub note: Option<Sp<String>>,
    /// What it says.
    pub statements: Vec<Sp<Statement>>,
}

/// A sentence: a head and its modifiers, in source order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// What is said.
    pub head: Head,
    /// How it is bounded.
    pub modifiers: Vec<Sp<Modifier>>,
}

/// The head of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Head {
    /// `P may E`
    May {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
        /// `on any Cloud`, kept as written for reading aloud; no meaning beyond the vocabulary's existence.
        over: Option<Name>,
    },
    /// `P must not E`
    MustNot {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
    },
    /// `P must E`
    Must {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
    },
    /// `P must keep CONDITION on each E`
    Keep {
        /// Who.
        who: Sp<Who>,
        /// What must hold.
        condition: Sp<Expr>,
        /// Events that show it.
        on: EventRef,
    },
    /// `P may terminate|suspend|resume|extend|assign TARGETS`
    Power {
        /// Who.
        who: Sp<Who>,
        /// What it does.
        act: PowerAct,
        /// On what.
        targets: Targets,
    },
    /// `E where ... excuses CLAUSES`
    Excuses {
        /// The cause.
        cause: EventRef,
        /// What is excused.
        targets: Vec<Name>,
    },
    /// `E where ... extends CLAUSES by DURATION`
    ExtendsTime {
        /// The cause.
        cause: EventRef,
        /// Whose time is extended.
        targets: Vec<Name>,
        /// By how much: a duration, or an expression of the cause's fields.
        by: Sp<Expr>,
    },
    /// `G grants L an exclusive license to Use A, B in T for F`
    Grants {
        /// Licensor.
        licensor: Name,
        /// Licensee.
        licensee: Name,
        /// Exclusivity.
        exclusivity: Sp<Exclusivity>,
        /// Event kind that is licensed.
        event: Name,
        /// Assets.
        assets: Vec<Name>,
        /// Territories; empty is `worldwide`.
        territories: Vec<Name>,
        /// Fields of use; empty is `any field`.
        fields: Vec<Name>,
    },
    /// `P pays Q AMOUNT`
    Pays {
        /// Payer.
        payer: Name,
        /// Payee.
        payee: Name,
        /// How much.
        amount: Sp<Amount>,
    },
    /// `recital "..."`
    Recital(Sp<String>),
    /// `undertaking P to "..." [status primary-partner]`
    Undertaking {
        /// Who.
        who: Sp<Who>,
        /// To do what.
        text: Sp<String>,
        /// A status taken on ("primary").
        status: Option<Name>,
    },
    /// `holding P in Q as "major shareholder" [27%]`
    Holding {
        /// Holder.
        holder: Name,
        /// In whom.
        in_: Name,
        /// As what.
        as_: Sp<String>,
        /// Share, where stated.
        share: Option<Sp<Expr>>,
    },
}

/// The bearer of a norm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Who {
    /// `A`, or `A or B` written `A, B`: any of the named parties or members of named registers.
    Named(Vec<Name>),
    /// `either party` / `each party`: any party of the agreement.
    AnyParty,
    /// `anyone`, strangers included.
    Anyone,
    /// `anyone except A, B`
    AnyoneExcept(Vec<Name>),
}

/// What a power does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerAct {
    /// Ends the targets.
    Terminate,
    /// Takes the targets out of force until resumed.
    Suspend,
    /// Ends a suspension.
    Resume,
    /// Moves the last day; needs `for DURATION` among the modifiers.
    Extend,
    /// Puts the party named by the exercising event's field `to` in the bearer's place.
    Assign,
}

/// What a power bears on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Targets {
    /// `the agreement`
    Agreement,
    /// Clause ids.
    Clauses(Vec<Name>),
}

/// Exclusivity of a grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Exclusivity {
    /// `exclusive`: bars everyone else, the grantor included.
    Exclusive,
    /// `exclusive except grantor`: bars everyone else but the grantor.
    ExclusiveExceptGrantor,
    /// `sole`: bars other licensees, not the grantor.
    Sole,
    /// `non-exclusive`
    NonExclusive,
    /// `co-exclusive with A, B`: bars all outside the set.
    CoExclusive(Vec<Name>),
}

/// An amount of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Amount {
    /// Any money expression: `20% of amount`, `500 USD`, `price * quantity`.
    Expr(Expr),
    /// Bands over a base.
    Tiers(Tiers),
}

/// `marginal|whole tiers of BASE [per PERIOD] { bands }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiers {
    /// True for `marginal`: each band's rate on the part inside it; false for `whole`: one rate on all.
    pub marginal: bool,
    /// What is measured and rated.
    pub base: Box<Sp<Expr>>,
    /// Over what the base adds up.
    pub per: Sp<Period>,
    /// Bands in order.
    pub bands: Vec<Sp<Band>>,
}

/// `[from L | more than L] [up to U | less than U]: rate`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Lower bound and whether it belongs to the band; zero included where absent in the first band.
    pub lower: Option<(Sp<Expr>, bool)>,
    /// Upper bound and whether it belongs to the band; none where absent.
    pub upper: Option<(Sp<Expr>, bool)>,
    /// Percent, price per unit, or a fixed sum (whole tiers only).
    pub rate: Sp<Expr>,
}

/// Over what something adds up or recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Period {
    /// Each event by itself.
    Event,
    /// Calendar day.
    Day,
    /// Calendar week, from Monday.
    Week,
    /// Calendar month.
    Month,
    /// Calendar quarter.
    Quarter,
    /// Calendar year.
    Year,
    /// Year from the header's `fiscal year starts`.
    FiscalYear,
    /// Year from the agreement's effective date.
    ContractYear,
    /// The whole life of the clause.
    InTotal,
    /// The last N months, the event's day included.
    Rolling(u32),
}
