//! The account of a payment: what its steps have counted, and what it owes, between whom.
//!
//! Invariant: what accrued between two persons stays owed between them, whoever an amendment puts in their place; what is counted (caps,
//! tiers, credits) is one for all of them.

use super::plan::{PlanNorm, VersionPlan};
use crate::accrual::PaymentState;
use crate::ir::Body;
use crate::ledger::Ledger;
use habendum_model::value::PartyId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Payer and payee, as a text names them.
pub(crate) type Between = (PartyId, PartyId);

/// Which ledger of an account: of the persons of the text, or of the former ones at a place.
pub(crate) type Whose = Option<usize>;

/// The account of a payment for one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PayState {
    /// What its steps have counted.
    pub counts: PaymentState,
    /// What it owes between the persons of the text.
    pub ledger: Ledger,
    /// What it owes between persons whom an amendment has replaced.
    pub former: Vec<(Between, Ledger)>,
    /// The overdue sum that measures have been told.
    pub overdue_told: i128,
    /// The due day filed last, so that a row of the same due day files nothing.
    pub filed: Option<Date>,
}

impl PayState {
    /// An account that owes nothing.
    pub(crate) fn fresh(counts: PaymentState) -> Self {
        PayState { counts, ledger: Ledger::default(), former: Vec::new(), overdue_told: 0, filed: None }
    }

    /// Puts new persons in the place of old ones: what is owed stays with the old, and what the new have owed before goes on.
    pub(crate) fn put_in_place(&mut self, new: Between, old: Between) {
        let resumed = match self.former.iter().position(|(b, _)| *b == new) {
            Some(i) => self.former.remove(i).1,
            None => Ledger::default(),
        };
        let left = std::mem::replace(&mut self.ledger, resumed);
        if left != Ledger::default() {
            self.former.push((old, left));
        }
    }

    /// The ledgers, that of the text's persons first.
    pub(crate) fn ledgers(&self) -> impl Iterator<Item = (Whose, &Ledger)> {
        let former = self.former.iter().enumerate().map(|(i, (_, l))| (Some(i), l));
        std::iter::once((None, &self.ledger)).chain(former)
    }

    /// One of the ledgers.
    pub(crate) fn ledger(&self, whose: Whose) -> Option<&Ledger> {
        match whose {
            None => Some(&self.ledger),
            Some(i) => self.former.get(i).map(|(_, l)| l),
        }
    }

    /// One of the ledgers, to change it.
    pub(crate) fn ledger_mut(&mut self, whose: Whose) -> &mut Ledger {
        match whose.and_then(|i| self.former.get_mut(i)) {
            Some((_, l)) => l,
            None => &mut self.ledger,
        }
    }

    /// Between whom a ledger runs.
    pub(crate) fn between(&self, whose: Whose, text: Between) -> Between {
        whose.and_then(|i| self.former.get(i)).map_or(text, |(b, _)| *b)
    }

    /// A figure of all ledgers together. Each is a part of what one clause has accrued, which fits.
    pub(crate) fn sum(&self, of: impl Fn(&Ledger) -> i128) -> i128 {
        self.ledgers().map(|(_, l)| of(l)).fold(0, i128::saturating_add)
    }
}

/// The persons of a payment as its text names them.
pub(crate) fn of_text(n: &PlanNorm) -> Option<Between> {
    match &n.norm.body {
        Body::Payment(p) => Some((p.payer, p.payee)),
        Body::Rule(_)
        | Body::Duty(_)
        | Body::Keep(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => None,
    }
}

impl super::Interpreter {
    /// What accrued under the earlier text stays owed between its persons.
    pub(super) fn save_for_former_persons(&mut self, old: &VersionPlan, new: &VersionPlan) {
        for n in &new.norms {
            let before = old.by_slot[n.slot].and_then(|i| of_text(&old.norms[i]));
            let (Some(before), Some(now)) = (before, of_text(n)) else { continue };
            if before == now {
                continue;
            }
            self.state.clauses[n.norm.id.clause.ix()].persons_replaced = true;
            for account in self.state.norms[n.slot].pay.values_mut() {
                account.put_in_place(now, before);
            }
        }
    }

    /// The ledgers of a clause's payments between two persons, in document order; of each also one not yet begun.
    pub(super) fn owing(
        &self,
        version: &VersionPlan,
        like: &PlanNorm,
        key: &[habendum_model::value::Value],
        between: Between,
    ) -> Vec<(usize, Whose)> {
        let currency = |n: &PlanNorm| match &n.norm.body {
            Body::Payment(p) => Some(p.currency),
            _ => None,
        };
        let mut found: Vec<(usize, usize, Whose)> = Vec::new();
        for (i, n) in
            version.norms.iter().enumerate().filter(|(_, n)| n.norm.id.clause == like.norm.id.clause)
        {
            if currency(n).is_none() || currency(n) != currency(like) {
                continue;
            }
            if of_text(n) == Some(between) {
                found.push((n.slot, i, None));
            }
            let former = self.state.norms[n.slot].pay.get(key).map_or(&[][..], |s| s.former.as_slice());
            found.extend(
                former
                    .iter()
                    .enumerate()
                    .filter(|(_, (b, _))| *b == between)
                    .map(|(j, _)| (n.slot, i, Some(j))),
            );
        }
        found.sort_unstable();
        found.into_iter().map(|(_, i, whose)| (i, whose)).collect()
    }
}
