//! The summary of a run: verdicts, breaches, amounts, caps, obligations, and what all of it rests on.
//!
//! Data flow: outcomes one by one -> [`Collector`] -> [`Report`] (data; the command line renders it).
//! Invariant: memory grows with clauses, keys and open obligations, never with the number of events.

mod collect;
mod rests;

pub use collect::{Collector, is_notable};

use crate::receipt::{ParameterRecord, Receipt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many rows a report lists one by one; the rest are counted.
pub const LISTED: usize = 1000;

/// The summary of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this format.
    pub schema_version: u32,
    /// Title of the agreement.
    pub agreement: String,
    /// Rows of the stream.
    pub rows: Rows,
    /// Events by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Everything that calls for a look, in the order of time: breaches by events, by deadlines, by not paying;
    /// conflicts; what is undetermined, unlicensed or without effect. At most a thousand.
    pub notable: Vec<Notable>,
    /// How many there are of each verdict, listed or not.
    pub notable_counts: BTreeMap<String, u64>,
    /// Per clause, in document order; clauses that nothing touched are left out.
    pub clauses: Vec<ClauseReport>,
    /// Amounts, caps and obligations under each combination of readings; one entry where the deal has none.
    pub readings: Vec<ReadingReport>,
    /// What the results rest on.
    pub rests_on: RestsOn,
    /// Hashes of everything that went in.
    pub receipt: Receipt,
}

/// Rows of a stream.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Rows {
    /// Judged.
    pub judged: u64,
    /// Bad and left out (`--on-bad-row skip` or `quarantine`).
    pub bad: u64,
    /// Late and left out (`--on-late`).
    #[serde(skip_serializing_if = "is_zero")]
    pub late: u64,
    /// Seen before and left out (`--dedupe`).
    #[serde(skip_serializing_if = "is_zero")]
    pub duplicates: u64,
    /// Day of the first.
    pub first: Option<String>,
    /// Day of the last.
    pub last: Option<String>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Rows of a stream that were not judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Bad.
    pub bad: u64,
    /// Late.
    pub late: u64,
    /// Seen before.
    pub duplicates: u64,
}

/// Something that calls for a look.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Notable {
    /// Its day; of a deadline, the last day of its window.
    pub date: String,
    /// Verdict.
    pub verdict: String,
    /// `event`, `deadline` or `unpaid`.
    pub what: String,
    /// The row, of an event; of a deadline the row that opened the obligation.
    pub row: Option<u64>,
    /// Kind of the event.
    pub kind: Option<String>,
    /// Clauses that decided; empty for a breach of a default.
    pub clauses: Vec<String>,
    /// Instance key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Why, or how much was not paid.
    pub reason: Option<String>,
}

/// What came of a clause.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ClauseReport {
    /// Stable id.
    pub clause: String,
    /// Display number, without the section sign.
    pub number: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Events that it decided, by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Obligations by what became of them: `triggered`, `discharged`, `lapsed`, `excused`.
    pub duties: BTreeMap<String, u64>,
    /// Accruals under it.
    pub accruals: u64,
    /// Days on which something that fell due stayed unpaid.
    pub unpaid: u64,
}

/// Amounts, caps and obligations under one combination of readings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReadingReport {
    /// Clause and reading.
    pub readings: BTreeMap<String, String>,
    /// Per payment clause.
    pub amounts: Vec<Amounts>,
    /// Per payer, payee and currency.
    pub pairs: Vec<Pair>,
    /// Caps and what is left of them, in the period of the last day.
    pub caps: Vec<CapReport>,
    /// Obligations that nothing has discharged.
    pub obligations: Vec<ObligationReport>,
}

/// Sums of a payment clause over its keys, as decimal strings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Amounts {
    /// Clause.
    pub clause: String,
    /// Payer.
    pub payer: String,
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: String,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
    /// Each instance of a clause that is kept per key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyAmounts>,
}

/// Sums of one instance.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyAmounts {
    /// Key.
    pub key: Vec<String>,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
}

/// Sums, in decimal major units.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sums {
    /// Principal, top-ups, damages and adjustments.
    pub accrued: String,
    /// Fallen due.
    pub due: String,
    /// Paid.
    pub paid: String,
    /// Due and unpaid.
    pub overdue: String,
    /// Late interest.
    pub interest: String,
    /// Damages for delay that run on at the clock, where there are any: provisional, and not among what has accrued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional: Option<String>,
}

/// Sums of everything that one person owes another in one currency.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pair {
    /// Payer.
    pub payer: String,
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: String,
    /// The sums.
    #[serde(flatten)]
    pub sums: Sums,
}

/// A cap and what is left of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CapReport {
    /// Clause.
    pub clause: String,
    /// Instance key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Its period as written.
    pub period: String,
    /// The cap, in decimal major units; absent where it hangs on an event.
    pub cap: Option<String>,
    /// Counted so far.
    pub used: String,
    /// What is left.
    pub left: Option<String>,
    /// Currency.
    pub currency: String,
}

/// An obligation that nothing has discharged.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ObligationReport {
    /// Clause.
    pub clause: String,
    /// Instance key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Number of the obligation within the run.
    pub obligation: u64,
    /// `open` or `lapsed`.
    pub state: String,
    /// The row that opened it.
    pub opened_by: Option<u64>,
    /// The day it arose.
    pub opened: String,
    /// Last day of its window.
    pub deadline: Option<String>,
    /// What is left to be done, where it has a quantity.
    pub left: Option<String>,
}

/// What results rest on beyond the parties' own texts.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct RestsOn {
    /// Assumptions: name and text.
    pub assumptions: BTreeMap<String, String>,
    /// Figures that are reported, not confirmed by the parties, and were used.
    pub reported_figures: Vec<ParameterRecord>,
    /// Clauses whose text is reported: clause and citation.
    pub reported_clauses: BTreeMap<String, String>,
    /// Readings chosen or compared: clause and readings.
    pub readings: BTreeMap<String, Vec<String>>,
}

impl RestsOn {
    /// True where everything rests on the parties' own texts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.assumptions.is_empty()
            && self.reported_figures.is_empty()
            && self.reported_clauses.is_empty()
            && self.readings.is_empty()
    }
}
