//! What a payment clause keeps count of, and how one version of its text uses those counts.
//!
//! Data flow: a [`Layout`] is made once per clause from all the versions of its text; each version gets a [`Plan`] that points
//! into it. So a cap that an amendment adds has counted from the clause's first day, and one that goes and comes back has
//! missed nothing: state belongs to the clause, not to a version. Invariant: a plan's indices are within its layout.

use super::assess::PaymentState;
use super::cap::CapState;
use super::floor::FloorState;
use super::round::RoundState;
use crate::ir::{Amount, Cap, Payment};
use habendum_model::expr::DateValue;
use habendum_model::value::{ClauseId, Length};
use habendum_syntax::ast::{MonthRounding, Period, RoundingMode, SumOf};
use jiff::civil::Date;

/// Everything that any version of a payment clause counts.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    tiers: Vec<Period>,
    caps: Vec<(Period, Option<Date>, bool)>,
    credits: Vec<ClauseId>,
    roundings: Vec<Period>,
    /// Period, and which of the floors of that period in one text.
    floors: Vec<(Period, usize)>,
}

/// One version's way through the steps; indices point into the layout's counts.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Marginal or not, and the count of the base; none for a plain amount.
    pub tiers: Option<(bool, usize)>,
    /// Caps in order.
    pub caps: Vec<CapPlan>,
    /// Credits in order.
    pub credits: Vec<CreditPlan>,
    /// Mode, and the count of the period; none per event.
    pub rounding: (RoundingMode, Option<usize>),
    /// Floors in order.
    pub floors: Vec<FloorPlan>,
    /// Rounding of ambiguous month arithmetic.
    pub months: Option<MonthRounding>,
}

/// A cap of a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapPlan {
    /// Its count.
    pub count: usize,
    /// What it counts; anything but accrued is supplied with the figures.
    pub counting: SumOf,
    /// Period.
    pub per: Period,
    /// From which day; it does not limit what is before.
    pub from: Option<Date>,
}

/// A credit of a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CreditPlan {
    /// What has been used of it.
    pub count: usize,
    /// The credited clause.
    pub clause: ClauseId,
}

/// A floor of a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloorPlan {
    /// Its count.
    pub count: usize,
    /// Period.
    pub per: Period,
    /// For how long a top-up may be recouped.
    pub carry: Option<Length>,
}

/// A date in the text is still open: the parameter has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDate;

impl Layout {
    /// Adds what a version of the clause counts, and gives its plan.
    ///
    /// # Errors
    /// Where `counting from` hangs on a parameter without a value.
    pub fn plan(&mut self, p: &Payment) -> Result<Plan, OpenDate> {
        let tiers = match &p.amount {
            Amount::Expr(_) => None,
            Amount::Tiers { marginal, per, .. } => Some((*marginal, index(&mut self.tiers, *per))),
        };
        let caps = p.caps.iter().map(|c| self.cap(c)).collect::<Result<_, _>>()?;
        let credits = p
            .credits
            .iter()
            .map(|c| CreditPlan { count: index(&mut self.credits, c.clause), clause: c.clause })
            .collect();
        let (mode, per) = p.rounding;
        let rounding = (mode, (per != Period::Event).then(|| index(&mut self.roundings, per)));
        let mut floors: Vec<FloorPlan> = Vec::new();
        for f in &p.floors {
            let nth = floors.iter().filter(|g| g.per == f.per).count();
            let count = index(&mut self.floors, (f.per, nth));
            floors.push(FloorPlan { count, per: f.per, carry: f.carry });
        }
        Ok(Plan { tiers, caps, credits, rounding, floors, months: p.months })
    }

    fn cap(&mut self, c: &Cap) -> Result<CapPlan, OpenDate> {
        let from = match &c.from {
            None => None,
            Some(DateValue::Fixed(d)) => Some(*d),
            Some(DateValue::Open { .. }) => return Err(OpenDate),
        };
        let count = index(&mut self.caps, (c.per, from, c.refunds_restore));
        Ok(CapPlan { count, counting: c.counting, per: c.per, from })
    }

    /// The count of what has been used of a clause's sums, where any version credits one.
    #[must_use]
    pub fn credit_of(&self, clause: ClauseId) -> Option<usize> {
        self.credits.iter().position(|c| *c == clause)
    }

    /// The state of a clause (and instance key) that has not accrued anything.
    #[must_use]
    pub fn fresh(&self) -> PaymentState {
        PaymentState {
            tiers: self.tiers.iter().map(|per| super::Counter::new(*per)).collect(),
            caps: self.caps.iter().map(|(per, from, restore)| CapState::new(*per, *from, *restore)).collect(),
            credits: vec![habendum_model::value::Exact::ZERO; self.credits.len()],
            roundings: self.roundings.iter().map(|per| RoundState::new(*per)).collect(),
            floors: self.floors.iter().map(|(per, _)| FloorState::new(*per)).collect(),
        }
    }
}

/// The place of a value in a list, added where it is not there.
fn index<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    match list.iter().position(|v| *v == value) {
        Some(i) => i,
        None => {
            list.push(value);
            list.len() - 1
        }
    }
}
