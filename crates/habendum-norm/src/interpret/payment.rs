//! Payments: from the events, days and periods they are assessed on to accruals, dues and what is paid.

use super::Interpreter;
use super::agenda::Item;
use super::measures::Key;
use super::plan::{PlanNorm, VersionPlan};
use crate::event::Event;
use crate::outcome::{EvalError, Outcome};
use jiff::civil::Date;

/// The account of a payment for one instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PayState {}

impl PayState {
    pub(crate) fn anew(self) -> Self {
        self
    }
}

impl Interpreter {
    pub(super) fn begin_payment(&mut self, _version: &VersionPlan, _n: &PlanNorm, _key: &Key, _first: Date) {}
    pub(super) fn pay_by_time(
        &mut self,
        _version: &VersionPlan,
        _n: &PlanNorm,
        _key: Key,
        _day: Date,
        _item: Item,
    ) -> Result<(), EvalError> {
        Ok(())
    }
    pub(super) fn repair_at_once(
        &mut self,
        _version: &VersionPlan,
        _repair: usize,
        _key: &Key,
        _e: &Event,
        _out: &mut Outcome,
    ) {
    }
    pub(super) fn forfeit(
        &mut self,
        _version: &VersionPlan,
        _n: &PlanNorm,
        _day: Date,
    ) -> Result<(), EvalError> {
        Ok(())
    }
    pub(super) fn resume_periods(&mut self, _version: &VersionPlan, _n: &PlanNorm, _next: Date) {}
    /// Sums
    #[must_use]
    pub fn sums(&self, _clause: habendum_model::value::ClauseId) -> Vec<super::KeySums> {
        Vec::new()
    }
    /// rooms
    #[must_use]
    pub fn cap_rooms(&self) -> Vec<super::CapRoom> {
        Vec::new()
    }
}
