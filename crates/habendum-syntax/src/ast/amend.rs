//! Amendments: operations on clauses, and the changes inside `vary`. Invariants: see `ast`.

use super::{
    Amount, Clause, ClauseParts, DateExpr, Duration, Exclusivity, Expr, Modifier, ModifierKind, Name,
    SourceNote,
};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// `amendment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Sp<String>,
    /// Id of the agreement.
    pub to: Name,
    /// `effective from DATE`.
    pub effective: Option<Sp<DateExpr>>,
    /// `signed DATE`; absent means signed on its effective date.
    pub signed: Option<Sp<DateExpr>>,
    /// `source ...`
    pub source: Option<Sp<SourceNote>>,
    /// Operations in order.
    pub operations: Vec<Sp<Operation>>,
}

/// An operation of an amendment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// `replace id with § 1 "title" { body }`
    Replace {
        /// Target clause.
        target: Name,
        /// The clause that stands in its place; keeps the id, number and title where it gives none.
        with: ClauseParts,
    },
    /// `strike id` (`without saving`: what has accrued is lost too).
    Strike {
        /// Target clause.
        target: Name,
        /// False with `without saving`.
        saving: bool,
    },
    /// `insert id § 2.2 after other "title" { body }`
    Insert {
        /// The new clause.
        clause: Clause,
        /// `after id` / `before id`; at the end where absent.
        position: Option<Position>,
    },
    /// `vary id { changes }`
    Vary {
        /// Target clause.
        target: Name,
        /// Changes in order.
        changes: Vec<Sp<Change>>,
    },
    /// `suspend id from D through D [clocks stop|run]`
    Suspend {
        /// Target clauses.
        targets: Vec<Name>,
        /// First day; the amendment's effective date where absent.
        from: Option<Sp<DateExpr>>,
        /// Last day; open where absent.
        through: Option<Sp<DateExpr>>,
        /// True for `clocks stop`.
        clocks_stop: bool,
    },
    /// `extend id through D` / `extend id by 2 years`
    Extend {
        /// Target clause.
        target: Name,
        /// The new end.
        to: Extension,
    },
    /// `renumber id as § 2.4`
    Renumber {
        /// Target clause.
        target: Name,
        /// New display number.
        number: Sp<String>,
    },
    /// `affirm id, id`
    Affirm(Vec<Name>),
    /// `restate id § 1 "title" { body }`: as `replace`, and starts anew a clause that has ended or was struck.
    Restate {
        /// Target clause.
        target: Name,
        /// Its text from now on.
        with: ClauseParts,
    },
    /// `restate agreement { clause ... }`: every clause not restated is struck, with saving.
    RestateAll(Vec<Sp<Clause>>),
    /// `set name = value`: a parameter from the effective date on.
    Set {
        /// Parameter.
        name: Name,
        /// New value.
        value: Sp<Expr>,
    },
    /// `recites id "text"`: the text the amendment believes in force.
    Recites {
        /// Clause.
        target: Name,
        /// Its text as recited.
        text: Sp<String>,
    },
}

/// Where an inserted clause stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Position {
    /// After a clause.
    After(Name),
    /// Before a clause.
    Before(Name),
}

/// A new end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Extension {
    /// `through D`
    Through(Sp<DateExpr>),
    /// `by 2 years`
    By(Sp<Duration>),
}

/// A change inside `vary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// `exclusivity non-exclusive`
    Exclusivity(Sp<Exclusivity>),
    /// `term [from D] through D`
    Term {
        /// New first day.
        from: Option<Sp<DateExpr>>,
        /// New last day.
        through: Option<Sp<DateExpr>>,
    },
    /// `remove until`, `remove cap`, `remove unless national-security`
    Remove {
        /// What kind of modifier goes.
        kind: ModifierKind,
        /// The label of the exception that goes; all of the kind where absent.
        label: Option<Name>,
    },
    /// `amount EXPR` or `amount marginal tiers ...`: the payment's amount from now on.
    Amount(Sp<Amount>),
    /// `text "..."`
    Text(Sp<String>),
    /// `title "..."`
    Title(Sp<String>),
    /// `party A instead of B`
    Party {
        /// Who steps in.
        new: Name,
        /// Who steps out.
        old: Name,
    },
    /// `add MODIFIER`: one more of its kind (an exception, a cap).
    Add(Sp<Modifier>),
    /// A modifier: takes the place of those of its kind.
    Put(Sp<Modifier>),
}
