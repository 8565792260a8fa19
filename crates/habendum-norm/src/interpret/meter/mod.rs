//! Meters: the common forms of payments, reckoned in whole numbers and posted many at a time.
//!
//! Data flow: a payment of the text at hand -> [`Meter`], where its form allows -> [`Interpreter::open_account`] -> [`Meter::assess`] row by
//! row -> [`Interpreter::post_metered`]. Invariant: after posting, the state is the one that judging each row would have left; a form, or a
//! row, for which that is not sure has no meter, or no amount, and is judged by the interpreter itself.

mod account;
mod figure;

use super::Interpreter;
use super::measures::Key;
use super::payment::{at, is_fixed_sum};
use super::plan::PlanNorm;
use super::state::NormState;
use crate::accrual::{CapState, Counter, PaymentState, Reason};
use crate::ir::{Amount, Basis, Body, Due, NormId, Payment};
use crate::ledger::due_day;
use crate::outcome::EvalError;
pub use account::{Account, Windows};
use account::{Bands, Limit, Steps, Sum};
pub use figure::{ABSENT, PARTS};
use figure::{Figure, constant, in_parts, lcm};
use habendum_model::date::{day_number, period_of};
use habendum_model::value::{ClauseId, Exact, FieldId};
use habendum_syntax::ast::{MonthRounding, Period, SumOf};
use jiff::civil::Date;

/// A payment that is reckoned in whole numbers.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The payment.
    pub norm: NormId,
    slot: usize,
    figure: Figure,
    steps: Steps,
    tiers: Option<Period>,
    cap: Option<(Period, Option<Date>)>,
    rounding: Option<Period>,
    due: Option<Due>,
    months: Option<MonthRounding>,
}

/// The window of a sum that never begins anew.
const WHOLE_LIFE: i64 = 0;

/// Periods that a meter reckons with: one after the other, or the whole life.
fn is_plain(per: Period) -> bool {
    match per {
        Period::Day
        | Period::Week
        | Period::Month
        | Period::Quarter
        | Period::Year
        | Period::FiscalYear
        | Period::ContractYear
        | Period::InTotal => true,
        Period::Event | Period::Rolling(_) => false,
    }
}

impl Meter {
    /// The fields whose numbers the amount reads, in the order of [`Meter::assess`].
    #[must_use]
    pub fn fields(&self) -> &[FieldId] {
        &self.figure.fields
    }

    /// What an event comes to: whole minor units, the account after it, and why it is less than the whole. None where that is for
    /// the interpreter to say.
    #[must_use]
    pub fn assess(
        &self,
        a: &Account,
        numbers: &[i64],
        w: &Windows,
    ) -> Option<(i64, Account, Option<Reason>)> {
        self.steps.assess(a, self.figure.value(numbers)?, w)
    }

    fn of(
        n: &PlanNorm,
        p: &Payment,
        fresh: &PaymentState,
        params: &[Option<habendum_model::value::Value>],
    ) -> Option<Meter> {
        let plan = n.pay.as_ref()?;
        let (mode, per) = p.rounding;
        let rounding = (per != Period::Event).then_some(per);
        let (tiers, figure) = match &p.amount {
            Amount::Expr(e) => (None, Figure::of(e, params)?),
            Amount::Tiers { marginal: true, per, base, .. } => (Some(*per), Figure::of(base, params)?),
            Amount::Tiers { .. } => return None,
        };
        let cap = match p.caps.as_slice() {
            [] => None,
            [c] if c.counting == SumOf::Accrued => Some((c, constant(&c.amount, params)?)),
            _ => return None,
        };
        let counts = [fresh.tiers.len(), fresh.caps.len(), fresh.roundings.len()];
        let own = [tiers.is_some(), cap.is_some(), rounding.is_some()].map(usize::from);
        let others = fresh.credits.len() + fresh.floors.len() + p.credits.len() + p.floors.len();
        let plain = tiers.is_none_or(is_plain)
            && rounding.is_none_or(is_plain)
            && cap.as_ref().is_none_or(|(c, _)| is_plain(c.per) || c.per == Period::Event);
        if counts != own || others > 0 || !plain {
            return None;
        }
        let limit = cap.as_ref().map(|(_, limit)| *limit);
        let base = figure.denom;
        let (denom, bands, figure) = match &p.amount {
            Amount::Expr(_) => {
                let denom = lcm(base, limit.map_or(1, Exact::denom))?;
                (denom, None, figure.finer(denom)?)
            }
            Amount::Tiers { base: e, bands, .. } => {
                if bands.iter().any(|b| is_fixed_sum(b.rate.ty, e.ty)) {
                    return None;
                }
                let (denom, bands) = bands_of(bands, params, base, limit.map_or(1, Exact::denom))?;
                (denom, Some(bands), figure)
            }
        };
        let limit = match (&cap, limit) {
            (Some((c, _)), Some(n)) => Some(Limit {
                exact: in_parts(n, denom)?,
                whole: n.round(mode),
                refunds_restore: c.refunds_restore,
            }),
            (None, _) | (_, None) => None,
        };
        let from = plan.caps.first().and_then(|c| c.from);
        Some(Meter {
            norm: n.norm.id,
            slot: n.slot,
            figure,
            steps: Steps { denom, bands, limit, mode, rounds_totals: rounding.is_some() },
            tiers,
            cap: cap.map(|(c, _)| (c.per, from)),
            rounding,
            due: p.due.clone(),
            months: p.months,
        })
    }
}

/// Marginal bands that meet, with bounds and rates that do not change; and the parts in which amounts are reckoned.
fn bands_of(
    written: &[crate::ir::Band],
    params: &[Option<habendum_model::value::Value>],
    base: i128,
    limit: i128,
) -> Option<(i128, Bands)> {
    let mut found: Vec<(Exact, Option<Exact>, Exact)> = Vec::new();
    for b in written {
        let upper = match &b.upper {
            Some((u, _)) => Some(constant(u, params)?),
            None => None,
        };
        found.push((constant(&b.lower.0, params)?, upper, constant(&b.rate, params)?));
    }
    let meets = |w: &[(Exact, Option<Exact>, Exact)]| match w {
        [(lower, Some(upper), _), (next, _, _)] => lower <= upper && upper == next,
        _ => false,
    };
    if found.is_empty() || !found.windows(2).all(meets) {
        return None;
    }
    let mut denom = limit;
    for (_, _, rate) in &found {
        denom = lcm(denom, base.checked_mul(rate.denom())?)?;
    }
    let mut bands = Vec::new();
    for (lower, upper, rate) in found {
        let upper = match upper {
            Some(u) => Some(in_parts(u, base)?),
            None => None,
        };
        bands.push((in_parts(lower, base)?, upper, rate.numer().checked_mul(denom / (base * rate.denom()))?));
    }
    Some((denom, Bands(bands)))
}

impl Interpreter {
    /// A meter for a payment of the text at hand; none where its form, or what else hangs on its amounts, leaves it to the interpreter.
    #[must_use]
    pub fn meter(&self, norm: NormId) -> Option<Meter> {
        let version = self.version()?;
        let (i, n) = version.norms.iter().enumerate().find(|(_, n)| n.norm.id == norm && !n.ghost)?;
        let Body::Payment(p) = &n.norm.body else { return None };
        let Basis::Each(_) = &p.basis else { return None };
        let ends = !n.norm.term.until.is_empty() || !n.norm.term.until_reaches.is_empty();
        let waits = n.norm.term.holds_while.is_some() || !n.norm.term.suspensions.is_empty();
        let asked = self.plan.payment_feeds.contains_key(&norm.clause) || self.plan.lives[n.slot];
        if ends || waits || asked || !is_fixed(&n.norm, p) || version.beside.get(i).is_none() {
            return None;
        }
        Meter::of(n, p, &self.plan.fresh(n.slot), &version.params)
    }

    /// The windows and the due day of a meter's amounts on the day at hand; none where they cannot be reckoned.
    #[must_use]
    pub fn day_of(&self, m: &Meter) -> Option<(Windows, Date)> {
        let (today, r) = (self.state.today, &self.program.reckoning);
        let first = |per: Option<Period>| match per {
            None | Some(Period::InTotal | Period::Event) => Some(WHOLE_LIFE),
            Some(per) => period_of(today, per, r).ok()?.map(|(first, _)| day_number(first)),
        };
        let (per, from) = (m.cap.map(|c| c.0), m.cap.and_then(|c| c.1));
        let windows = Windows {
            tiers: first(m.tiers)?,
            cap: first(per)?,
            rounding: first(m.rounding)?,
            capped: from.is_none_or(|d| d <= today),
            each: per == Some(Period::Event),
        };
        Some((windows, due_day(m.due.as_ref(), today, m.months, r).ok()?))
    }

    /// What a payment has counted for an instance, in whole numbers; none where it has none such, or something was paid ahead, so that what
    /// accrues is settled at once.
    #[must_use]
    pub fn open_account(&self, m: &Meter, key: &[habendum_model::value::Value]) -> Option<Account> {
        let version = self.version()?;
        let i = version.by_slot[m.slot]?;
        if self.state.clauses[m.norm.clause.ix()].persons_replaced {
            return None;
        }
        let ahead = |ns: &NormState| ns.pay.get(key).is_some_and(|p| p.ledger.ahead() != 0);
        let beside = &version.beside[i];
        if ahead(&self.state.norms[m.slot])
            || beside.iter().any(|j| ahead(&self.state.norms[version.norms[*j].slot]))
        {
            return None;
        }
        let Some(held) = self.state.norms[m.slot].pay.get(key) else { return Some(Account::default()) };
        let (tiers, caps, roundings) =
            (held.counts.tiers.first(), held.counts.caps.first(), held.counts.roundings.first());
        let sum = |c: Option<&Counter>, denom: i128| match c {
            None => Some(Sum::default()),
            Some(c) => c.metered(denom).map(|(window, sum)| Sum { window, sum }),
        };
        Some(Account {
            tiers: sum(tiers, m.figure.denom)?,
            counted: sum(caps.map(CapState::exact_count), m.steps.denom)?,
            counted_rounded: sum(caps.map(CapState::rounded_count), 1)?,
            exact: sum(roundings.map(|r| r.totals().0), m.steps.denom)?,
            rounded: sum(roundings.map(|r| r.totals().1), 1)?,
        })
    }

    /// Posts what accrued under a meter for an instance and a due day.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub fn post_metered(&mut self, m: &Meter, key: &Key, due: Date, amount: i128) -> Result<(), EvalError> {
        let span =
            self.version().and_then(|v| Some(v.norms[v.by_slot[m.slot]?].norm.span)).unwrap_or_default();
        self.account(m.slot, key).ledger.accrue_all(amount, due).map_err(at(span))?;
        self.file_due(m.slot, key, due);
        Ok(())
    }

    /// Stores what a payment has counted for an instance, as it stood after its last amount, of a day.
    pub fn close_account(&mut self, m: &Meter, key: &Key, a: &Account, on: Date) {
        let r = self.program.reckoning.clone();
        let counts = &mut self.account(m.slot, key).counts;
        let fraction = |n: i128, denom: i128| Exact::ratio(n, denom).unwrap_or(Exact::ZERO);
        if let Some(t) = counts.tiers.first_mut() {
            t.set_metered(on, fraction(a.tiers.sum, m.figure.denom), &r);
        }
        if let Some(c) = counts.caps.first_mut() {
            let rounded = Exact::int(a.counted_rounded.sum);
            c.set_metered(on, fraction(a.counted.sum, m.steps.denom), rounded, &r);
        }
        if let Some(t) = counts.roundings.first_mut() {
            t.set_metered(on, fraction(a.exact.sum, m.steps.denom), Exact::int(a.rounded.sum), &r);
        }
    }

    /// Whether time brings anything but amounts that fall due before a row of a day; those that are given are the clauses of these
    /// amounts, so that what was metered for others need not be posted yet.
    #[must_use]
    pub fn only_dues_before(&self, day: Date) -> Option<Vec<ClauseId>> {
        self.state.agenda.only_dues_before(day).map(|slots| {
            let mut clauses: Vec<ClauseId> = slots.into_iter().map(|s| self.plan.slots[s].clause).collect();
            clauses.sort_unstable();
            clauses.dedup();
            clauses
        })
    }
}

/// No other sentence or state bears on the amounts: conditions are of the row alone.
fn is_fixed(n: &crate::ir::Norm, p: &Payment) -> bool {
    n.key.as_ref().is_none_or(|k| k.table.is_none()) && p.credits.is_empty()
}
