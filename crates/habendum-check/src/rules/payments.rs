//! Payments by a licensee to its licensor that accrue without any use, after the last license between them has ended.
//!
//! Invariant: a payment on events is left alone unless a floor makes it accrue without them.

use crate::case::Case;
use crate::finding::Witness;
use crate::grants::days::{Days, common, days_of};
use crate::grants::words;
use crate::grants::{Grant, grants};
use habendum_model::date::period_of;
use habendum_norm::ir::{Basis, Body, Norm, Payment};
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::ast::Period;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A payment for a license that has ended.
pub(super) struct Paid<'c> {
    /// The version.
    pub version: usize,
    /// The payment.
    pub norm: &'c Norm,
    /// The license that ended last.
    pub license: Grant<'c>,
    /// When.
    pub days: Days,
    /// What shows it.
    pub witness: Option<Witness>,
}

/// Every such payment, by version.
pub(super) fn paid_for_nothing<'c>(case: &'c Case<'_>) -> Vec<Paid<'c>> {
    let texts: Vec<Vec<Grant<'_>>> = (0..case.program.versions.len()).map(|v| grants(case, v)).collect();
    let mut out = Vec::new();
    for (version, v) in case.program.versions.iter().enumerate() {
        for norm in &v.norms {
            let Body::Payment(p) = &norm.body else { continue };
            let Some(period) = by_time(p) else { continue };
            let between: Vec<&Grant<'_>> = texts
                .iter()
                .flatten()
                .filter(|g| g.license.licensee == p.payer && g.license.licensor == p.payee)
                .collect();
            out.extend(after(case, version, norm, &between, period));
        }
    }
    out
}

/// The period by which a payment accrues of itself; none where only events make it accrue.
fn by_time(p: &Payment) -> Option<Period> {
    match &p.basis {
        Basis::Period(period, _) => Some(*period),
        Basis::Each(_) | Basis::First(_) => p.floors.iter().map(|f| f.per).find(|p| *p != Period::InTotal),
        Basis::On(_) | Basis::Breach | Basis::Delay { .. } => None,
    }
}

fn after<'c>(
    case: &'c Case<'_>,
    version: usize,
    norm: &'c Norm,
    between: &[&Grant<'c>],
    period: Period,
) -> Option<Paid<'c>> {
    // The last day of any license between the two; none where one has no end.
    let ends = |g: &Grant<'_>| g.days.last().and_then(|d| d.through);
    let mut last: Option<(Date, &Grant<'_>)> = None;
    let mut latest: BTreeMap<_, &Grant<'_>> = BTreeMap::new();
    for g in between {
        latest.insert(g.id(), g);
    }
    for g in latest.values() {
        let end = ends(g)?;
        if last.is_none_or(|(d, _)| d < end) {
            last = Some((end, g));
        }
    }
    let (end, license) = last?;
    let over = Days { from: end.tomorrow().ok()?, through: None };
    let days = *common(&days_of(case, version, norm), &[over]).first()?;
    let s = case.symbols();
    let shows = format!(
        "an amount accrues under {} after {end}, with no use at all",
        words::clause(s, norm.id.clause)
    );
    let until = |d: Date| period_of(d, period, &case.program.reckoning).ok().flatten().map(|(_, last)| last);
    // The period in which the license ends may be due for its first part: the next one shows it beyond doubt.
    let close = until(days.from).and_then(|d| d.tomorrow().ok()).and_then(until);
    let witness = close.and_then(|close| {
        let w = Witness { clock: Some(close), shows, ..Witness::default() };
        let r = case.replay(&w).ok()?;
        let accrues = r.clock.iter().any(|c| {
            c.date > end && c.norm == norm.id && matches!(&c.what, ClockEvent::Accrued(a) if a.amount > 0)
        });
        accrues.then_some(w)
    });
    witness.as_ref()?;
    Some(Paid { version, norm, license: license.clone(), days, witness })
}
