//! The steps of an assessment, in the one order that the book defines: base, tiers, caps, credits, recoupment, rounding;
//! and the top-up of a floor.
//!
//! Data flow: plan + state + evaluated figures -> amount and the next counts. Invariant: everything is computed before
//! anything is stored, so that an error leaves the state as it was.

use super::cap::{CapFigure, CapState, accept};
use super::counter::{Counter, Reading};
use super::credit::{CreditFigure, credit};
use super::error::AccrualError;
use super::floor::{FloorNext, FloorState};
use super::outcome::{Assessed, Reason, Step};
use super::plan::Plan;
use super::round::{RoundState, round_alone};
use super::tier::{BandFigure, tier_total};
use habendum_model::date::Reckoning;
use habendum_model::value::Exact;
use habendum_syntax::ast::{Period, SumOf};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What one payment clause has counted for one instance key. Made by `Layout::fresh`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaymentState {
    /// Base totals of tiers.
    pub tiers: Vec<Counter>,
    /// Accepted amounts.
    pub caps: Vec<CapState>,
    /// Credits used.
    pub credits: Vec<Exact>,
    /// Exact and rounded totals.
    pub roundings: Vec<RoundState>,
    /// Totals and carried shortfalls.
    pub floors: Vec<FloorState>,
}

/// What an event adds, evaluated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Base<'a> {
    /// An amount in minor units.
    Amount(Exact),
    /// What it adds to the running base, and the bands by today's figures.
    Tiers {
        /// In the base's own measure (minor units, or a quantity).
        base: Exact,
        /// In ascending order.
        bands: &'a [BandFigure],
    },
}

/// The evaluated figures of an assessment; each list in the order of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures<'a> {
    /// Step 1.
    pub base: Base<'a>,
    /// The share of the days of a cut period (see `share_of_days`), where it is prorated.
    pub prorated: Option<Exact>,
    /// The caps' limits.
    pub caps: &'a [CapFigure],
    /// The credited sums.
    pub credits: &'a [CreditFigure],
    /// The floors' amounts; asked for only where `PaymentState::wants_floor`.
    pub floors: &'a [Option<Exact>],
}

/// Everything an assessment will store.
struct Next {
    tiers: Vec<Reading>,
    caps: Vec<(Reading, Reading)>,
    credits: Vec<(usize, Exact)>,
    roundings: Vec<(Reading, Reading)>,
    floors: Vec<(FloorNext, Reading)>,
}

/// Notes steps where they are asked for.
struct Notes {
    wanted: bool,
    steps: Vec<Step>,
}

impl Notes {
    fn note(&mut self, label: &'static str, which: usize, amount: Exact) {
        if self.wanted {
            self.steps.push(Step { label, which, amount });
        }
    }
}

/// Steps 1 to 5 for one event or period, and the top-up of a floor per event.
///
/// # Errors
/// An amount beyond 64 bits, a figure beyond 128, bands that do not meet; the state is then as before.
pub fn assess(
    plan: &Plan,
    state: &mut PaymentState,
    on: Date,
    figures: &Figures<'_>,
    r: &Reckoning,
    explain: bool,
) -> Result<Assessed, AccrualError> {
    let (assessed, next) = steps(plan, state, on, figures, r, explain)?;
    state.store(next);
    Ok(assessed)
}

fn steps(
    plan: &Plan,
    state: &PaymentState,
    on: Date,
    figures: &Figures<'_>,
    r: &Reckoning,
    explain: bool,
) -> Result<(Assessed, Next), AccrualError> {
    let mut notes = Notes { wanted: explain, steps: Vec::new() };
    let mut reasons = Vec::new();
    let (amount, tiers) = base_and_tiers(plan, state, on, figures, r, &mut notes)?;
    let accepted = caps(plan, state, on, figures.caps, amount, r, &mut notes, &mut reasons)?;
    let (amount, credits) = credits(plan, state, figures.credits, accepted, &mut notes, &mut reasons)?;
    let (amount, recouped) = recoup(plan, state, on, figures.floors, amount, r, &mut notes, &mut reasons)?;
    let (mode, per) = plan.rounding;
    let rounded = match per.and_then(|i| state.roundings.get(i)) {
        Some(total) => total.round(on, amount, mode, r)?,
        None => round_alone(amount, mode)?,
    };
    notes.note("rounded", 0, Exact::int(i128::from(rounded)));
    let rounded = within_caps(plan, state, on, figures.caps, rounded, r, &mut notes, &mut reasons)?;
    let mut cap_counts = Vec::with_capacity(state.caps.len());
    for c in &state.caps {
        cap_counts.push((c.after(on, accepted, r)?, c.rounded_after(on, rounded, r)?));
    }
    let roundings =
        state.roundings.iter().map(|t| t.after(on, amount, rounded, r)).collect::<Result<_, _>>()?;
    let top_up = event_top_up(plan, figures.floors, rounded, &mut notes)?;
    let whole = rounded.checked_add(top_up).ok_or(AccrualError::Beyond64)?;
    let mut floors = Vec::with_capacity(recouped.len());
    for (f, next) in state.floors.iter().zip(recouped) {
        floors.push((next, f.accrued_after(on, whole, r)?));
    }
    let assessed = Assessed { amount: rounded, top_up, reasons, steps: notes.steps };
    Ok((assessed, Next { tiers, caps: cap_counts, credits, roundings, floors }))
}

/// Steps 1 and 2. Every tier count of the clause takes the base, whichever the version in force uses.
fn base_and_tiers(
    plan: &Plan,
    state: &PaymentState,
    on: Date,
    figures: &Figures<'_>,
    r: &Reckoning,
    notes: &mut Notes,
) -> Result<(Exact, Vec<Reading>), AccrualError> {
    let raw = match figures.base {
        Base::Amount(amount) => amount,
        Base::Tiers { base, .. } => base,
    };
    notes.note("base", 0, raw);
    let base = match figures.prorated {
        Some(share) => {
            let part = raw.mul(share)?;
            notes.note("prorated by days", 0, part);
            part
        }
        None => raw,
    };
    match (figures.base, plan.tiers) {
        (Base::Amount(_), None) => {
            let unchanged = state.tiers.iter().map(|t| t.read(on, r)).collect::<Result<_, _>>()?;
            Ok((base, unchanged))
        }
        (Base::Tiers { bands, .. }, Some((marginal, count))) => {
            let before = state.tiers.get(count).ok_or(AccrualError::MissingFigure)?.sum(on, r)?;
            let low = tier_total(marginal, bands, before)?;
            let high = tier_total(marginal, bands, before.add(base)?)?;
            let amount = high.sub(low)?;
            notes.note(if marginal { "marginal tiers" } else { "whole tiers" }, 0, amount);
            let counts = state.tiers.iter().map(|t| t.read(on, r)?.plus(base)).collect::<Result<_, _>>()?;
            Ok((amount, counts))
        }
        (Base::Amount(_), Some(_)) | (Base::Tiers { .. }, None) => Err(AccrualError::MissingFigure),
    }
}

/// Step 3.
#[allow(clippy::too_many_arguments, reason = "the figures of one step and where it notes them")]
fn caps(
    plan: &Plan,
    state: &PaymentState,
    on: Date,
    figures: &[CapFigure],
    mut amount: Exact,
    r: &Reckoning,
    notes: &mut Notes,
    reasons: &mut Vec<Reason>,
) -> Result<Exact, AccrualError> {
    for (i, cap) in plan.caps.iter().enumerate() {
        if cap.from.is_some_and(|from| on < from) {
            continue;
        }
        let figure = figures.get(i).ok_or(AccrualError::MissingFigure)?;
        let counted = state.counted(plan, i, *figure, on, r)?;
        let (accepted, reason) = accept(figure.limit, counted, amount)?;
        amount = accepted;
        reasons.extend(reason);
        notes.note("cap", i, amount);
    }
    Ok(amount)
}

/// The end of step 5: rounding carries no clause past a cap, rounded as the clause is.
#[allow(clippy::too_many_arguments, reason = "the figures of one step and where it notes them")]
fn within_caps(
    plan: &Plan,
    state: &PaymentState,
    on: Date,
    figures: &[CapFigure],
    mut rounded: i64,
    r: &Reckoning,
    notes: &mut Notes,
    reasons: &mut Vec<Reason>,
) -> Result<i64, AccrualError> {
    for (i, cap) in plan.caps.iter().enumerate() {
        if rounded <= 0 {
            break;
        }
        if cap.counting != SumOf::Accrued || cap.from.is_some_and(|from| on < from) {
            continue;
        }
        let figure = figures.get(i).ok_or(AccrualError::MissingFigure)?;
        let counted = state.caps.get(cap.count).ok_or(AccrualError::MissingFigure)?.rounded(on, r)?;
        let room = Exact::int(figure.limit.round(plan.rounding.0)).sub(counted)?.max(Exact::ZERO);
        if room < Exact::int(i128::from(rounded)) {
            // Whole: only whole amounts were counted; below `rounded`, so within 64 bits.
            rounded = i64::try_from(room.numer()).map_err(|_| AccrualError::Beyond64)?;
            notes.note("within the cap, rounded", i, room);
            if !reasons.contains(&Reason::SplitByCap) && !reasons.contains(&Reason::CapExhausted) {
                reasons.push(if rounded == 0 { Reason::CapExhausted } else { Reason::SplitByCap });
            }
        }
    }
    Ok(rounded)
}

/// Step 4.
fn credits(
    plan: &Plan,
    state: &PaymentState,
    figures: &[CreditFigure],
    mut amount: Exact,
    notes: &mut Notes,
    reasons: &mut Vec<Reason>,
) -> Result<(Exact, Vec<(usize, Exact)>), AccrualError> {
    let mut taken: Vec<(usize, Exact)> = Vec::new();
    for (i, c) in plan.credits.iter().enumerate() {
        let figure = figures.get(i).ok_or(AccrualError::MissingFigure)?;
        let mut used = *state.credits.get(c.count).ok_or(AccrualError::MissingFigure)?;
        for (_, now) in taken.iter().filter(|(count, _)| *count == c.count) {
            used = *now;
        }
        let part = credit(*figure, used, amount)?;
        if !part.is_zero() {
            amount = amount.sub(part)?;
            taken.push((c.count, used.add(part)?));
            reasons.push(Reason::CreditedAgainst(c.clause));
        }
        notes.note("credit", i, amount);
    }
    Ok((amount, taken))
}

/// Recoupment of carried shortfalls: floors of the version in order, then the counts that only other versions use.
#[allow(clippy::too_many_arguments, reason = "the figures of one step and where it notes them")]
fn recoup(
    plan: &Plan,
    state: &PaymentState,
    on: Date,
    figures: &[Option<Exact>],
    mut amount: Exact,
    r: &Reckoning,
    notes: &mut Notes,
    reasons: &mut Vec<Reason>,
) -> Result<(Exact, Vec<FloorNext>), AccrualError> {
    let mut next: Vec<Option<FloorNext>> = vec![None; state.floors.len()];
    for (i, floor) in plan.floors.iter().enumerate() {
        let f = state.floors.get(floor.count).ok_or(AccrualError::MissingFigure)?;
        let figure = figures.get(i).copied().flatten();
        if f.wants_figure() && figure.is_none() {
            return Err(AccrualError::MissingFigure);
        }
        let after = f.after(on, amount, figure.filter(|_| floor.carry.is_some()), r)?;
        if !after.taken.is_zero() {
            amount = amount.sub(after.taken)?;
            reasons.push(Reason::ShortfallRecouped);
            notes.note("shortfall recouped", i, amount);
        }
        if let Some(place) = next.get_mut(floor.count) {
            *place = Some(after);
        }
    }
    let mut all = Vec::with_capacity(next.len());
    for (f, after) in state.floors.iter().zip(next) {
        all.push(match after {
            Some(after) => after,
            None => f.after(on, amount, None, r)?,
        });
    }
    Ok((amount, all))
}

/// Floors `per event` have their period's end at the event.
fn event_top_up(
    plan: &Plan,
    figures: &[Option<Exact>],
    rounded: i64,
    notes: &mut Notes,
) -> Result<i64, AccrualError> {
    let mut top_up: i64 = 0;
    for (i, _) in plan.floors.iter().enumerate().filter(|(_, f)| f.per == Period::Event) {
        let least = figures.get(i).copied().flatten().ok_or(AccrualError::MissingFigure)?;
        let least = round_alone(least, plan.rounding.0)?;
        let total = rounded.checked_add(top_up).ok_or(AccrualError::Beyond64)?;
        let more = least.checked_sub(total).ok_or(AccrualError::Beyond64)?.max(0);
        top_up = top_up.checked_add(more).ok_or(AccrualError::Beyond64)?;
        notes.note("top-up", i, Exact::int(i128::from(more)));
    }
    Ok(top_up)
}

/// Step 6 for the floor at `which` of the plan, at the end of a day: the top-up of the period that holds the day. Asked again in the
/// same period (a term that ended and was renewed), it tops up only what is still missing.
///
/// # Errors
/// As [`assess`]; a floor over a period without a last day, other than `in total`.
pub fn close_floor(
    plan: &Plan,
    state: &mut PaymentState,
    which: usize,
    on: Date,
    least: Exact,
    r: &Reckoning,
) -> Result<i64, AccrualError> {
    let floor = plan.floors.get(which).ok_or(AccrualError::MissingFigure)?;
    if matches!(floor.per, Period::Rolling(_) | Period::Event) {
        return Err(AccrualError::NoPeriodEnd);
    }
    let own = state.floors.get(floor.count).ok_or(AccrualError::MissingFigure)?;
    let top_up = own.shortfall(on, least, plan.rounding.0, r)?;
    let mut next = Vec::with_capacity(state.floors.len());
    for (i, f) in state.floors.iter().enumerate() {
        let own = i == floor.count;
        let mut after = f.after(on, Exact::ZERO, None, r)?;
        if let (true, Some(length)) = (own, floor.carry) {
            after = FloorState::carry(after, top_up, length, plan.months, r)?;
        }
        // The total of a floor takes the top-ups of those before it in the text.
        let before = plan.floors.iter().take(which).any(|f| f.count == i);
        next.push((after, f.accrued_after(on, if before { 0 } else { top_up }, r)?));
    }
    for (f, (after, accrued)) in state.floors.iter_mut().zip(next) {
        f.commit(after, accrued);
    }
    Ok(top_up)
}

impl PaymentState {
    /// Whether the floor at `which` of the plan has to be evaluated for the next assessment.
    #[must_use]
    pub fn wants_floor(&self, plan: &Plan, which: usize) -> bool {
        plan.floors.get(which).and_then(|f| self.floors.get(f.count)).is_some_and(FloorState::wants_figure)
    }

    /// What the cap at `which` of the plan has counted in the period of a day.
    ///
    /// # Errors
    /// A cap that counts what is due or paid, without that figure; a day beyond the calendar.
    pub fn counted(
        &self,
        plan: &Plan,
        which: usize,
        figure: CapFigure,
        on: Date,
        r: &Reckoning,
    ) -> Result<Exact, AccrualError> {
        let cap = plan.caps.get(which).ok_or(AccrualError::MissingFigure)?;
        match cap.counting {
            SumOf::Accrued => self.caps.get(cap.count).ok_or(AccrualError::MissingFigure)?.counted(on, r),
            SumOf::Due | SumOf::Paid | SumOf::Overdue => figure.counted.ok_or(AccrualError::MissingFigure),
        }
    }

    fn store(&mut self, next: Next) {
        for (t, n) in self.tiers.iter_mut().zip(next.tiers) {
            t.commit(n);
        }
        for (c, n) in self.caps.iter_mut().zip(next.caps) {
            c.commit(n);
        }
        for (count, used) in next.credits {
            if let Some(c) = self.credits.get_mut(count) {
                *c = used;
            }
        }
        for (t, n) in self.roundings.iter_mut().zip(next.roundings) {
            t.commit(n);
        }
        for (f, (after, accrued)) in self.floors.iter_mut().zip(next.floors) {
            f.commit(after, accrued);
        }
    }
}
