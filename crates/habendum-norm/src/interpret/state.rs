//! The state between rows: data only, comparable, so that a refused row can be shown to have left no trace.
//!
//! Invariant: `norms` is indexed by slot and `clauses` by clause id, so state goes on through every version of a text.

use super::account::PayState;
use super::agenda::Agenda;
use super::measures::{Key, Measures};
use crate::ir::NormId;
use habendum_model::value::{Exact, PartyId, TermId, Value};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Everything that past rows and past days have left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The day at hand.
    pub today: Date,
    /// Number of the last row.
    pub row: u64,
    /// The version in force; none before the first.
    pub version: Option<usize>,
    /// By clause.
    pub clauses: Vec<ClauseState>,
    /// By slot.
    pub norms: Vec<NormState>,
    /// Keys of past matches by test; the empty key where the test asks for no equal fields.
    pub seen: Vec<HashSet<Key>>,
    /// Members by register.
    pub registers: Vec<BTreeSet<Value>>,
    /// Running sums.
    pub measures: Measures,
    /// Holders of sublicenses, oldest first.
    pub holders: Vec<Holder>,
    /// Relief at work or over, oldest first.
    pub reliefs: Vec<ActiveRelief>,
    /// What time will bring.
    pub agenda: Agenda,
    /// Number of the next obligation.
    pub next_obligation: u64,
    /// A sum has changed since the levels of `until ... reaches` were last asked.
    pub sums_moved: bool,
}

impl State {
    /// Whether two states are alike but for the number of the last row. The parts that rows move most come first.
    pub(crate) fn is_but_for_row(&self, other: &State) -> bool {
        let State {
            today,
            row: _,
            version,
            clauses,
            norms,
            seen,
            registers,
            measures,
            holders,
            reliefs,
            agenda,
            next_obligation,
            sums_moved,
        } = self;
        *today == other.today
            && *version == other.version
            && *next_obligation == other.next_obligation
            && *sums_moved == other.sums_moved
            && *measures == other.measures
            && *seen == other.seen
            && *norms == other.norms
            && *registers == other.registers
            && *holders == other.holders
            && *reliefs == other.reliefs
            && *agenda == other.agenda
            && *clauses == other.clauses
    }
}

/// What powers and amendments did to a clause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClauseState {
    /// Ended by a power.
    pub ended: bool,
    /// Suspensions by powers, oldest first.
    pub suspensions: Vec<PowerSuspension>,
    /// Who stands for whom, by assignment: (of the text, in fact).
    pub stands_for: Vec<(PartyId, PartyId)>,
    /// An amendment has put other persons in the place of those of a payment.
    pub persons_replaced: bool,
}

/// A suspension by a power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PowerSuspension {
    /// The day it began; it holds for the rows after.
    pub since: Date,
    /// The day it ended; none while it holds.
    pub until: Option<Date>,
    /// Deadlines stand still.
    pub clocks_stop: bool,
}

/// The state of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NormState {
    /// First day in the text (or since it was started anew); none while it is not.
    pub since: Option<Date>,
    /// First day of the current term.
    pub term_start: Date,
    /// The last day as written in the version at hand, to notice when an amendment moves it.
    pub written_last: Option<Date>,
    /// The last day in fact, after renewals and extensions.
    pub last_day: Option<Date>,
    /// It has survived a termination, through this day and no longer.
    pub outlasts: Option<Date>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Ended for all: by its `until`, or its term is over.
    pub ended: bool,
    /// Ended for these instances.
    pub ended_keys: BTreeSet<Key>,
    /// Instances that rows have named, of a sentence that a sum may end.
    pub named: BTreeSet<Key>,
    /// The day on which a row, a power or a sum ended an instance of a payment: the last day of its term.
    pub cut: BTreeMap<Key, Date>,
    /// Instances that time has to serve, with the day on which each began.
    pub instances: BTreeMap<Key, Date>,
    /// Payments in advance, by instance: the last day that has been paid for, as the term was then known.
    pub covered: BTreeMap<Key, Date>,
    /// Duties that time opens, by instance: the last day of the period last opened; for `by` and `no deadline`, the day.
    pub opened: BTreeMap<Key, Date>,
    /// Payment on the first event: done, by instance.
    pub done: BTreeSet<Key>,
    /// Obligations by instance, oldest first; performed and excused ones are dropped.
    pub duties: BTreeMap<Key, Vec<Obligation>>,
    /// Payment accounts by instance.
    pub pay: BTreeMap<Key, PayState>,
}

impl NormState {
    /// Of a sentence that no version has held yet.
    pub(crate) fn fresh() -> Self {
        NormState {
            since: None,
            term_start: Date::MIN,
            written_last: None,
            last_day: None,
            outlasts: None,
            renewals: 0,
            ended: false,
            ended_keys: BTreeSet::new(),
            named: BTreeSet::new(),
            cut: BTreeMap::new(),
            instances: BTreeMap::new(),
            covered: BTreeMap::new(),
            opened: BTreeMap::new(),
            done: BTreeSet::new(),
            duties: BTreeMap::new(),
            pay: BTreeMap::new(),
        }
    }
}

/// An obligation not yet performed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Obligation {
    /// Number within the run.
    pub id: u64,
    /// The row that opened it, if an event did.
    pub opened_by: Option<u64>,
    /// The day it arose.
    pub opened: Date,
    /// Last day of its window.
    pub deadline: Option<Date>,
    /// Fields of the event that opened it.
    pub trigger: Vec<Value>,
    /// What is left to be done, where it has a quantity.
    pub left: Option<Exact>,
    /// Its deadline has passed unperformed.
    pub lapsed: bool,
}

/// A holder of a sublicense.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The license at the head of the chain.
    pub license: NormId,
    /// Who.
    pub person: PartyId,
    /// Who granted it.
    pub grantor: PartyId,
    /// Links below the licensee.
    pub depth: u32,
    /// Assets; territories; fields. None: worldwide, any field.
    pub scope: Scope,
    /// What its grantor has promised to keep from others.
    pub promise: Promise,
    /// Last day.
    pub through: Option<Date>,
    /// May sublicense further.
    pub may_sublicense: bool,
}

/// What the grantor of a sublicense has promised its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Promise {
    /// Non-exclusive.
    Nothing,
    /// No overlapping grant to another; its own use goes on.
    Sole,
    /// As sole toward its grantor, and it may be passed on exclusively.
    ExceptGrantor,
    /// No overlapping grant to another, and no use of its own.
    Exclusive,
}

impl Promise {
    /// Keeps the grantor itself out.
    pub(crate) fn bars_use(self) -> bool {
        self == Promise::Exclusive
    }

    /// May carry an exclusive or sole sublicense further down.
    pub(crate) fn is_exclusive(self) -> bool {
        matches!(self, Promise::ExceptGrantor | Promise::Exclusive)
    }
}

/// What a license or grant covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// Assets.
    pub assets: Vec<TermId>,
    /// Territories.
    pub territories: Vec<TermId>,
    /// Fields of use.
    pub fields: Vec<TermId>,
}

/// Relief that an event has caused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ActiveRelief {
    /// By which norm.
    pub norm: NormId,
    /// Its slot.
    pub slot: usize,
    /// Day of the cause.
    pub from: Date,
    /// Last day, once it is known.
    pub through: Option<Date>,
    /// Fields of the cause.
    pub cause: Vec<Value>,
    /// Over: excuses nothing of later rows.
    pub over: bool,
}
