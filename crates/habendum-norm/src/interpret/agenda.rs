//! The agenda: what time will bring, in the order of the semantics.
//!
//! Invariant: entries are taken by day, then stage, then document order (slot), then key, then (floors of one payment) their
//! place in the text, then order of entry. An entry is
//! a reminder, not a fact: whoever takes it looks at the state and lets it drop where the state has moved on.

use super::measures::Key;
use habendum_model::value::{PartyId, Value};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Stages of a day, in order. Rows come after `Open`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// A text comes into force.
    Version,
    /// What stands at the day's start: duties that open, payments in advance.
    Open,
    /// Effects of powers and notices; relief that ends by time.
    Powers,
    /// Payments of a period, of a day, for a breach.
    Period,
    /// Floors.
    Floor,
    /// Falling due.
    FallDue,
    /// Deadlines, and what is unpaid.
    Deadline,
    /// Ends of terms and renewals.
    Term,
}

/// What is due to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Item {
    /// A version begins.
    Version(usize),
    /// A duty opens (by a day, each period, without a deadline).
    OpenDuty,
    /// A period's payment, in advance or in arrears.
    PeriodPayment {
        /// First day of the period.
        first: Date,
        /// Its last day.
        last: Date,
    },
    /// A payment on a day.
    DayPayment,
    /// Damages for a breach.
    Damages {
        /// Fields of the event that opened what was breached.
        trigger: Vec<Value>,
    },
    /// A floor of a period.
    Floor {
        /// Which floor of the payment.
        index: usize,
        /// First and last day of the period; none for the whole life.
        period: Option<(Date, Date)>,
    },
    /// Something falls due.
    FallDue,
    /// What fell due should have been paid.
    Unpaid,
    /// The deadline of an obligation.
    Deadline(u64),
    /// A power takes effect.
    Power {
        /// Who exercised it.
        by: Option<PartyId>,
        /// The assignee.
        to: Option<PartyId>,
    },
    /// Relief ends by time: index among the reliefs.
    ReliefEnd(usize),
    /// The term's last day.
    TermEnd,
}

impl Item {
    /// True for what a text asks of an instance as long as the instance is one of its own; false for what is open and accrued.
    pub(crate) fn serves_an_instance(&self) -> bool {
        match self {
            Item::OpenDuty | Item::PeriodPayment { .. } | Item::DayPayment | Item::Floor { .. } => true,
            Item::Version(_)
            | Item::Damages { .. }
            | Item::FallDue
            | Item::Unpaid
            | Item::Deadline(_)
            | Item::Power { .. }
            | Item::ReliefEnd(_)
            | Item::TermEnd => false,
        }
    }
}

/// An entry taken.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Day.
    pub date: Date,
    /// Slot of the norm.
    pub slot: usize,
    /// Instance.
    pub key: Key,
    /// What.
    pub item: Item,
}

/// Ordered entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Agenda {
    queue: BTreeMap<(Date, Stage, usize, Key, usize, u64), Item>,
    next: u64,
}

impl Agenda {
    /// Adds an entry, unless an equal one stands there already.
    pub(crate) fn put(&mut self, date: Date, stage: Stage, slot: usize, key: Key, item: Item) {
        let place = if let Item::Floor { index, .. } = item { index } else { 0 };
        let at = |next| (date, stage, slot, key.clone(), place, next);
        let range = at(0)..=at(u64::MAX);
        if self.queue.range(range).any(|(_, i)| *i == item) {
            return;
        }
        // One of a day, sentence and instance: no order of entry is needed.
        if item == Item::FallDue {
            self.queue.insert((date, stage, slot, key, place, 0), item);
            return;
        }
        self.queue.insert((date, stage, slot, key, place, self.next), item);
        self.next += 1;
    }

    /// Whether something waits to be done for an instance.
    pub(crate) fn holds(&self, slot: usize, key: &[Value], item: &Item) -> bool {
        self.queue.iter().any(|((_, _, s, k, _, _), i)| *s == slot && k == key && i == item)
    }

    /// True where something is due before a row of a day: on an earlier day, or at that day's start.
    pub(crate) fn waits_before(&self, day: Date) -> bool {
        self.queue.first_key_value().is_some_and(|((d, stage, ..), _)| (*d, *stage) <= (day, Stage::Open))
    }

    /// Where nothing but amounts fall due before a row of a day: the slots of these.
    pub(crate) fn only_dues_before(&self, day: Date) -> Option<Vec<usize>> {
        let mut slots = Vec::new();
        for ((d, stage, slot, ..), item) in &self.queue {
            if (*d, *stage) > (day, Stage::Open) {
                break;
            }
            if *item != Item::FallDue {
                return None;
            }
            if slots.last() != Some(slot) {
                slots.push(*slot);
            }
        }
        Some(slots)
    }

    /// The days on which something is due, each once, in order.
    pub(crate) fn days(&self) -> impl Iterator<Item = Date> {
        let mut last = None;
        self.queue.keys().map(|k| k.0).filter(move |d| last.replace(*d) != Some(*d))
    }

    /// The powers exercised and not yet in effect that will be by the end of a day, in order: when, and the slot of each.
    pub(crate) fn powers_by(&self, day: Date) -> impl Iterator<Item = (Date, usize)> {
        let soon = self.queue.iter().take_while(move |((d, ..), _)| *d <= day);
        soon.filter(|(_, item)| matches!(item, Item::Power { .. })).map(|((d, _, slot, ..), _)| (*d, *slot))
    }

    /// Takes the next entry up to a day and stage.
    pub(crate) fn take(&mut self, upto: (Date, Stage)) -> Option<Entry> {
        let first = self.queue.first_entry()?;
        let (date, stage, ..) = *first.key();
        if (date, stage) > upto {
            return None;
        }
        let ((date, _, slot, key, _, _), item) = first.remove_entry();
        Some(Entry { date, slot, key, item })
    }
}
