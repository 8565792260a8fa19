//! What an interpreter can be asked between events: sums, open obligations, room under caps. Data only.

use crate::ir::NormId;
use habendum_model::value::{CurrencyId, Exact, PartyId, Value};
use jiff::civil::Date;

/// The sums of one payment norm for one instance key. Minor units.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySums {
    /// The payment.
    pub norm: NormId,
    /// Instance key; empty where the clause is not keyed.
    pub key: Vec<Value>,
    /// Payer at the moment.
    pub payer: PartyId,
    /// Payee at the moment.
    pub payee: PartyId,
    /// Currency.
    pub currency: CurrencyId,
    /// Principal, top-ups, damages and adjustments.
    pub accrued: i128,
    /// Fallen due by the day at hand.
    pub due: i128,
    /// Paid.
    pub paid: i128,
    /// Due and unpaid.
    pub overdue: i128,
    /// Late interest on what has been paid; at the end of a day, with what runs on provisionally.
    pub interest: i128,
}

/// An obligation that nothing has discharged.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenObligation {
    /// The duty.
    pub norm: NormId,
    /// Instance key.
    pub key: Vec<Value>,
    /// Number of the obligation within the run.
    pub obligation: u64,
    /// The row that opened it, if an event did.
    pub opened_by: Option<u64>,
    /// The day it arose.
    pub opened: Date,
    /// Last day of its window.
    pub deadline: Option<Date>,
    /// What is left to be done, where it has a quantity.
    pub left: Option<Exact>,
    /// Its deadline has passed.
    pub lapsed: bool,
}

/// The room under a cap, in the period of the day at hand. Minor units.
#[derive(Clone, Debug, PartialEq)]
pub struct CapRoom {
    /// The payment.
    pub norm: NormId,
    /// Instance key.
    pub key: Vec<Value>,
    /// The cap's period as written (`month`, `in total`).
    pub period: String,
    /// The cap, where it can be evaluated without an event.
    pub cap: Option<Exact>,
    /// Counted so far.
    pub used: Exact,
    /// What is left.
    pub left: Option<Exact>,
}
