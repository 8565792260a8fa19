//! Key terms, scenarios and properties. Invariants: see `ast`.

use super::{Date, DateExpr, EventRef, Expr, Name, Period, SumOf};
use crate::span::Sp;
use serde::{Deserialize, Serialize};

/// `key "License Type" shows exclusivity of ip-license`: a row of `habendum summary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyTerm {
    /// Feature.
    pub feature: Sp<String>,
    /// Which aspect.
    pub aspect: Sp<Aspect>,
    /// Of which clauses; the first that is in force speaks.
    pub clauses: Vec<Name>,
}

/// An aspect of a clause that the summary computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aspect {
    /// `exclusivity`: of a grant.
    Exclusivity,
    /// `term`: from when through when, or until what.
    Term,
    /// `payment`: who pays whom what, with caps and end, or none.
    Payment,
    /// `status`: of an undertaking or holding.
    Status,
    /// `rule`: the sentence itself.
    Rule,
}

/// `scenario`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Title.
    pub title: Sp<String>,
    /// Steps in order.
    pub steps: Vec<Sp<Step>>,
}

/// A step of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// `schedule reported`
    Schedule(Name),
    /// `set share_cap = 100 USD`
    Set(Name, Sp<Expr>),
    /// `reading azure-first = seed`
    Reading(Name, Name),
    /// `known as of D`
    KnownAsOf(Sp<Date>),
    /// `2026-06-01 Launch { by OpenAI, product "Atlas 2" }`
    Event {
        /// Day or instant as written.
        at: Sp<Expr>,
        /// Kind.
        kind: Name,
        /// Fields.
        fields: Vec<(Name, Sp<Expr>)>,
    },
    /// `clock D`: time passes.
    Clock(Sp<Date>),
    /// `expect ...`, about the last event or clock step.
    Expect(Expectation),
}

/// What a scenario expects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expectation {
    /// `expect breach of a, b`; the verdict of the last event, or a clock breach in the last clock step.
    Verdict {
        /// Verdict.
        verdict: Verdict,
        /// Clauses that decided; any where empty.
        clauses: Vec<Name>,
    },
    /// `expect accrues 20 USD under share`: of the last step.
    Accrues(Sp<Expr>, Name),
    /// `expect accrued share is 20 USD`: so far.
    Sum(SumOf, Name, Sp<Expr>),
    /// `expect interest share is 1.20 USD`: late interest so far.
    Interest(Name, Sp<Expr>),
    /// `expect triggered|discharged|lapsed|excused CLAUSE`: in the last step.
    Duty(DutyEvent, Name),
    /// `expect open CLAUSE` / `expect no open CLAUSE`: obligations now open.
    Open(bool, Name),
    /// `expect in force CLAUSE` / `expect not in force CLAUSE`: on the day of the last step.
    InForce(bool, Name),
}

/// The verdict on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No norm speaks, and the default permits.
    Silent,
    /// A norm permits.
    Permitted,
    /// A norm is broken by a party.
    Breach,
    /// A stranger's act that nothing licenses.
    Unlicensed,
    /// A power exercised without its ground, or a duty's performance out of its window.
    WithoutEffect,
    /// Readings, discretion or unknown text leave it open.
    Undetermined,
    /// Two norms that nothing ranks.
    Conflict,
}

/// What happened to an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyEvent {
    /// It arose.
    Triggered,
    /// It was performed in time.
    Discharged,
    /// Its deadline passed.
    Lapsed,
    /// Its breach was excused, or it was performed late after one.
    Excused,
}

/// `prove`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prove {
    /// Title.
    pub title: Sp<String>,
    /// `from D` / `through D`: the dates it is about.
    pub from: Option<Sp<DateExpr>>,
    /// Last day.
    pub through: Option<Sp<DateExpr>>,
    /// What.
    pub property: Sp<Property>,
}

/// A property to prove.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Property {
    /// `never VERDICT [of CLAUSE] [on E [where ...]]`
    Never(Outcome),
    /// `always VERDICT [of CLAUSE] on E [where ...]`
    Always(Outcome),
    /// `CLAUSE is independent of E` or `... of E.field`
    Independent {
        /// Clause.
        clause: Name,
        /// Event kind.
        event: Name,
        /// Field.
        field: Option<Name>,
    },
    /// `OUTCOME implies OUTCOME`
    Implies(Outcome, Outcome),
    /// `CLAUSE equivalent to CLAUSE`
    Equivalent(Name, Name),
    /// `at most MONEY owed by P [to Q] [under CLAUSE] [per PERIOD]`
    AtMost {
        /// The bound.
        amount: Sp<Expr>,
        /// Payer.
        payer: Name,
        /// Payee.
        payee: Option<Name>,
        /// Clause.
        clause: Option<Name>,
        /// Over what.
        per: Option<Sp<Period>>,
    },
}

/// An outcome named in a property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Verdict.
    pub verdict: Verdict,
    /// Deciding clause.
    pub clause: Option<Name>,
    /// On which events.
    pub on: Option<EventRef>,
}
