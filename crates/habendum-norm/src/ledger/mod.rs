//! What one payment clause owes for one instance key: accrued, fallen due, paid, and late interest.
//!
//! Data flow: accruals are posted with their due day; the clock lets days fall due; payments settle the oldest due amounts
//! first, then what is not due yet, and what is left over waits for the next accrual. What falls due on one day is one *due
//! amount*. A negative due amount is set off, on its day, like a payment, against this ledger or others of its clause.
//! Invariant: over a clause's ledgers, unpaid = accrued - paid, where unpaid is what is left of all amounts less what was paid
//! ahead; totals are 128-bit; an error leaves the ledger as it was.

mod due;
mod interest;

pub use due::due_day;
pub use interest::{LateTerms, late_interest};

use crate::accrual::AccrualError;
use habendum_model::value::Overflow;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The ledger of a payment clause and instance key. Minor units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    accrued: i128,
    due: i128,
    paid: i128,
    interest: i128,
    /// By due day: what has not fallen due.
    coming: BTreeMap<Date, Coming>,
    /// By due day: what is left to pay of what has fallen due. Never zero or below.
    open: BTreeMap<Date, i128>,
    /// Paid (or set off) with nothing left to pay.
    ahead: i128,
    due_on: BTreeMap<Date, i128>,
    paid_on: BTreeMap<Date, i128>,
}

/// Amounts of one due day that has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Coming {
    amount: i128,
    left: i128,
}

/// A part of a payment that went to one due amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Its due day.
    pub due: Date,
    /// How much, in minor units.
    pub amount: i128,
    /// Late interest on it, in minor units.
    pub interest: i64,
}

/// What a payment did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// Where it went, oldest due first.
    pub allocations: Vec<Allocation>,
    /// What nothing was left to pay with.
    pub ahead: i128,
    /// Late interest that the payment ends, in minor units.
    pub interest: i64,
}

/// What a day brought due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FellDue {
    /// Minor units; negative for a net refund.
    pub amount: i128,
    /// Where a negative amount was set off.
    pub set_off: Paid,
}

/// What a day brought due, before anything is set off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lapsed {
    /// Minor units; negative for a net refund.
    pub amount: i128,
    /// What is below zero and not yet set off, as a positive sum.
    pub credit: i128,
}

fn sum(a: i128, b: i128) -> Result<i128, AccrualError> {
    a.checked_add(b).ok_or(AccrualError::Figure(Overflow::TooLarge))
}

impl Ledger {
    /// Posts an accrual (principal, top-up, damages, adjustment). What was paid ahead settles it at once.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn accrue(&mut self, amount: i64, due: Date) -> Result<(), AccrualError> {
        self.accrue_all(i128::from(amount), due)
    }

    /// Posts several accruals of one due day together: where nothing was paid ahead, the same as each by itself.
    ///
    /// # Errors
    /// As [`Ledger::accrue`].
    pub fn accrue_all(&mut self, amount: i128, due: Date) -> Result<(), AccrualError> {
        let accrued = sum(self.accrued, amount)?;
        let mut item = self.coming.get(&due).copied().unwrap_or_default();
        item.amount = sum(item.amount, amount)?;
        item.left = sum(item.left, amount)?;
        let settled = self.ahead.min(item.left).max(0);
        item.left -= settled;
        self.ahead -= settled;
        self.accrued = accrued;
        self.coming.insert(due, item);
        Ok(())
    }

    /// Lets everything with a due day up to (and with) `on` fall due, where the ledger stands alone: what is below zero is set off
    /// within it. Called at the end of each day on which something may. `late` is needed for what is overdue then.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn fall_due(&mut self, on: Date, late: Option<LateTerms>) -> Result<FellDue, AccrualError> {
        // Setting off may fail half way; without it, nothing can any more.
        let sets_off = self.coming.range(..=on).any(|(_, item)| item.left < 0);
        let before = sets_off.then(|| self.clone());
        let fell = self.lapse(on)?;
        let set_off = if fell.credit > 0 { self.set_off(on, fell.credit, late) } else { Ok(Paid::default()) };
        match (set_off, before) {
            (Ok(set_off), _) => Ok(FellDue { amount: fell.amount, set_off }),
            (Err(e), before) => {
                if let Some(before) = before {
                    *self = before;
                }
                Err(e)
            }
        }
    }

    /// Lets everything with a due day up to (and with) `on` fall due. What is below zero is given back, to be set off.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn lapse(&mut self, on: Date) -> Result<Lapsed, AccrualError> {
        let mut fell = Lapsed::default();
        for item in self.coming.range(..=on).map(|(_, item)| item) {
            fell.amount = sum(fell.amount, item.amount)?;
            fell.credit = sum(fell.credit, item.left.min(0).checked_neg().unwrap_or(0))?;
        }
        let due = sum(self.due, fell.amount)?;
        while let Some(entry) = self.coming.first_entry().filter(|e| *e.key() <= on) {
            let (day, item) = entry.remove_entry();
            *self.due_on.entry(day).or_default() += item.amount;
            if item.left > 0 {
                *self.open.entry(day).or_default() += item.left;
            }
        }
        self.due = due;
        Ok(fell)
    }

    /// Settles as a payment does, without counting as paid.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn set_off(&mut self, on: Date, amount: i128, late: Option<LateTerms>) -> Result<Paid, AccrualError> {
        let settled = self.allocate(on, amount, late)?;
        self.apply(&settled);
        Ok(settled)
    }

    /// What is left to pay of what has accrued for a due day that has not come.
    #[must_use]
    pub fn left_of(&self, due: Date) -> i128 {
        self.coming.get(&due).map_or(0, |item| item.left.max(0))
    }

    /// Takes what was paid ahead, as far as it is needed elsewhere. Gives what was taken.
    pub fn take_ahead(&mut self, most: i128) -> i128 {
        let taken = self.ahead.min(most).max(0);
        self.ahead -= taken;
        taken
    }

    /// Settles a part of what is left of a due day that has not come, with what was paid ahead elsewhere.
    pub fn settle_ahead(&mut self, due: Date, amount: i128) {
        if let Some(item) = self.coming.get_mut(&due) {
            item.left -= amount;
        }
    }

    /// A payment: the oldest due amount first, then what is not due yet; the rest waits for what accrues next.
    ///
    /// # Errors
    /// A negative payment; totals beyond 128 bits.
    pub fn pay(&mut self, on: Date, amount: i64, late: Option<LateTerms>) -> Result<Paid, AccrualError> {
        if amount < 0 {
            return Err(AccrualError::NegativePayment);
        }
        let amount = i128::from(amount);
        let total = sum(self.paid, amount)?;
        let paid = self.allocate(on, amount, late)?;
        self.apply(&paid);
        self.paid = total;
        // A part of the total, which fits.
        *self.paid_on.entry(on).or_default() += amount;
        Ok(paid)
    }

    /// Where an amount would go.
    fn allocate(&self, on: Date, mut amount: i128, late: Option<LateTerms>) -> Result<Paid, AccrualError> {
        let mut paid = Paid::default();
        for (due, left) in &self.open {
            if amount == 0 {
                break;
            }
            let part = amount.min(*left);
            amount -= part;
            let interest = late.map_or(Ok(0), |terms| late_interest(part, *due, on, terms))?;
            paid.allocations.push(Allocation { due: *due, amount: part, interest });
            paid.interest = paid.interest.checked_add(interest).ok_or(AccrualError::Beyond64)?;
        }
        for (due, item) in self.coming.iter().filter(|(_, item)| item.left > 0) {
            if amount == 0 {
                break;
            }
            let part = amount.min(item.left);
            amount -= part;
            paid.allocations.push(Allocation { due: *due, amount: part, interest: 0 });
        }
        paid.ahead = amount;
        sum(self.ahead, amount)?;
        sum(self.interest, i128::from(paid.interest))?;
        Ok(paid)
    }

    /// Stores what `allocate` gave. A due day is either open or coming: an accrual posted late for a day that has fallen due
    /// is coming until the next `fall_due`, and `allocate` names the open part first.
    fn apply(&mut self, paid: &Paid) {
        for part in &paid.allocations {
            let mut amount = part.amount;
            if let Some(left) = self.open.get_mut(&part.due) {
                let taken = amount.min(*left);
                *left -= taken;
                amount -= taken;
            }
            if let (true, Some(item)) = (amount > 0, self.coming.get_mut(&part.due)) {
                item.left -= amount;
            }
        }
        self.open.retain(|_, left| *left > 0);
        self.ahead += paid.ahead;
        self.interest += i128::from(paid.interest);
    }

    /// Late interest that runs on at the clock, per due amount; nothing is posted.
    ///
    /// # Errors
    /// Figures beyond 64 or 128 bits.
    pub fn running_interest(&self, clock: Date, late: LateTerms) -> Result<Vec<Allocation>, AccrualError> {
        self.open
            .iter()
            .map(|(due, left)| {
                let interest = late_interest(*left, *due, clock, late)?;
                Ok(Allocation { due: *due, amount: *left, interest })
            })
            .collect()
    }

    /// Takes back what has accrued and not fallen due (`strike ... without saving`); what was paid on it waits for the next
    /// accrual. Gives the amount taken back, to be posted as a negative accrual.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn reverse_undue(&mut self) -> Result<i128, AccrualError> {
        let mut reversed: i128 = 0;
        let mut paid: i128 = 0;
        for item in self.coming.values() {
            reversed = sum(reversed, item.amount)?;
            paid = sum(paid, item.amount - item.left)?;
        }
        let accrued = sum(self.accrued, -reversed)?;
        self.ahead = sum(self.ahead, paid)?;
        self.accrued = accrued;
        self.coming.clear();
        Ok(reversed)
    }

    /// What a payment would settle, in order: due day, whether it has fallen due, and what is left to pay.
    pub fn owed(&self) -> impl Iterator<Item = (Date, bool, i128)> {
        let coming = self.coming.iter().filter(|(_, item)| item.left > 0);
        self.open
            .iter()
            .map(|(d, left)| (*d, true, *left))
            .chain(coming.map(|(d, item)| (*d, false, item.left)))
    }

    /// The next day on which something falls due.
    #[must_use]
    pub fn next_due(&self) -> Option<Date> {
        self.coming.keys().next().copied()
    }

    /// What is left to pay of the due amount of a day.
    #[must_use]
    pub fn unpaid_of(&self, due: Date) -> i128 {
        self.open.get(&due).copied().unwrap_or(0)
    }

    /// Principal, top-ups, damages and adjustments so far.
    #[must_use]
    pub fn accrued(&self) -> i128 {
        self.accrued
    }

    /// Fallen due so far.
    #[must_use]
    pub fn due(&self) -> i128 {
        self.due
    }

    /// Paid so far.
    #[must_use]
    pub fn paid(&self) -> i128 {
        self.paid
    }

    /// Due and unpaid.
    #[must_use]
    pub fn overdue(&self) -> i128 {
        self.open.values().sum()
    }

    /// Late interest on what has been paid.
    #[must_use]
    pub fn interest(&self) -> i128 {
        self.interest
    }

    /// Paid, with nothing left to pay.
    #[must_use]
    pub fn ahead(&self) -> i128 {
        self.ahead
    }

    /// Fallen due on the days from `first` through `last`.
    #[must_use]
    pub fn due_between(&self, first: Date, last: Date) -> i128 {
        between(&self.due_on, first, last)
    }

    /// Paid on the days from `first` through `last`.
    #[must_use]
    pub fn paid_between(&self, first: Date, last: Date) -> i128 {
        between(&self.paid_on, first, last)
    }
}

/// The sum of the days; each is a part of a total that fits.
fn between(days: &BTreeMap<Date, i128>, first: Date, last: Date) -> i128 {
    if first > last { 0 } else { days.range(first..=last).map(|(_, amount)| amount).sum() }
}
