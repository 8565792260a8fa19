//! The steps of a payment at a fixed denominator: marginal tiers, caps, rounding. What `accrual::assess` does in exact fractions.
//!
//! Data flow: [`Account`] + base + [`Windows`] of the day -> amount, and the account after it. Invariant: where a step gives a number it is
//! the exact one; where it would leave 128 bits it gives none, and nothing has changed.

use super::figure::product;
use crate::accrual::Reason;
use habendum_syntax::ast::RoundingMode;

/// A sum, and the first day of the period that it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub(super) window: i64,
    pub(super) sum: i128,
}

/// The first day of the period of each sum, on the day at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    pub(super) tiers: i64,
    pub(super) cap: i64,
    pub(super) rounding: i64,
    /// The cap limits and counts on the day.
    pub(super) capped: bool,
    /// A cap `per event` forgets what came before.
    pub(super) each: bool,
}

/// What a payment has counted for an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub(super) tiers: Sum,
    pub(super) counted: Sum,
    pub(super) counted_rounded: Sum,
    pub(super) exact: Sum,
    pub(super) rounded: Sum,
}

/// Marginal bands: lower and upper bound in parts of the base, and the amount's parts that a part of the base gives.
#[derive(Clone, Debug)]
pub(super) struct Bands(pub Vec<(i128, Option<i128>, i128)>);

/// A cap on what accrues.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// In the amount's parts.
    pub exact: i128,
    /// Rounded as the payment is, in minor units.
    pub whole: i128,
    pub refunds_restore: bool,
}

/// The steps.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    /// Parts of a minor unit.
    pub denom: i128,
    pub bands: Option<Bands>,
    pub limit: Option<Limit>,
    pub mode: RoundingMode,
    pub rounds_totals: bool,
}

impl Sum {
    fn on(self, window: i64) -> Sum {
        if self.window == window { self } else { Sum { window, sum: 0 } }
    }

    fn plus(self, n: i128) -> Option<Sum> {
        Some(Sum { sum: self.sum.checked_add(n)?, ..self })
    }
}

impl Bands {
    fn total(&self, total: i128) -> Option<i128> {
        let mut sum: i128 = 0;
        for (lower, upper, rate) in &self.0 {
            let top = upper.map_or(total, |u| u.min(total));
            if top > *lower {
                sum = sum.checked_add(product(top - lower, *rate)?)?;
            }
        }
        Some(sum)
    }
}

/// The nearest whole number, as `Exact::round`.
fn rounded(n: i128, d: i128, mode: RoundingMode) -> i128 {
    let (q, r) = match (i64::try_from(n), i64::try_from(d)) {
        (Ok(n), Ok(d)) => (i128::from(n / d), i128::from(n % d)),
        _ => (n / d, n % d),
    };
    let r = r.abs();
    if r == 0 {
        return q;
    }
    let away = q + if n < 0 { -1 } else { 1 };
    let half = r.cmp(&(d - r));
    let up = match mode {
        RoundingMode::Up => true,
        RoundingMode::Down => false,
        RoundingMode::HalfUp => half.is_ge(),
        RoundingMode::HalfDown => half.is_gt(),
        RoundingMode::HalfEven => half.is_gt() || (half.is_eq() && q % 2 != 0),
    };
    if up { away } else { q }
}

impl Steps {
    /// What a base comes to, the account after it, and why it is less than the whole.
    pub(super) fn assess(
        &self,
        a: &Account,
        base: i128,
        w: &Windows,
    ) -> Option<(i64, Account, Option<Reason>)> {
        let mut next = *a;
        let mut amount = base;
        if let Some(bands) = &self.bands {
            let before = a.tiers.on(w.tiers);
            next.tiers = before.plus(base)?;
            amount = bands.total(next.tiers.sum)?.checked_sub(bands.total(before.sum)?)?;
        }
        let mut reason = None;
        let counted = if w.each { Sum { window: w.cap, sum: 0 } } else { a.counted.on(w.cap) };
        let whole = if w.each { Sum { window: w.cap, sum: 0 } } else { a.counted_rounded.on(w.cap) };
        let limit = self.limit.as_ref();
        if let Some(l) = limit.filter(|_| w.capped && amount > 0) {
            let room = l.exact.checked_sub(counted.sum)?;
            if amount > room {
                reason = Some(if room <= 0 { Reason::CapExhausted } else { Reason::SplitByCap });
                amount = room.max(0);
            }
        }
        let (exact, before) = (a.exact.on(w.rounding), a.rounded.on(w.rounding));
        let mut minor = if self.rounds_totals {
            rounded(exact.sum.checked_add(amount)?, self.denom, self.mode).checked_sub(before.sum)?
        } else {
            rounded(amount, self.denom, self.mode)
        };
        i64::try_from(minor).ok()?;
        if let Some(l) = limit.filter(|_| w.capped && minor > 0) {
            let room = l.whole.checked_sub(whole.sum)?.max(0);
            if room < minor {
                minor = room;
                let why = if minor == 0 { Reason::CapExhausted } else { Reason::SplitByCap };
                reason.get_or_insert(why);
            }
        }
        if let Some(l) = limit {
            let counts = |n: i128| if w.capped && (l.refunds_restore || n >= 0) { n } else { 0 };
            next.counted = counted.plus(counts(amount))?;
            next.counted_rounded = whole.plus(counts(minor))?;
        }
        if self.rounds_totals {
            next.exact = exact.plus(amount)?;
            next.rounded = before.plus(minor)?;
        }
        Some((i64::try_from(minor).ok()?, next, reason))
    }
}
