//! Days on which a sublicense stands and no head does: what C006 and C019 say of them.
//!
//! Data flow: a sublicense through all versions, less the days of every head it ever had -> runs of days, each with the head
//! next to it.

use super::subs::{unsupported, unsupported_after};
use crate::case::Case;
use crate::finding::Witness;
use crate::grants::act::triggers;
use crate::grants::days::{Days, common, without};
use crate::grants::lineage::passes_on;
use crate::grants::{Grant, grants, shared};
use habendum_model::value::EventId;
use jiff::civil::Date;

/// A run of days on which a sublicense stands without a head.
pub(super) struct Lapse<'c> {
    /// The sublicense, as in the version of these days.
    pub sub: Grant<'c>,
    /// The head that had ended last, or that begins first.
    pub head: Grant<'c>,
    /// When.
    pub days: Days,
    /// No head has stood yet.
    pub before: bool,
    /// The first day on which a head stands again.
    pub again: Option<Date>,
    /// What shows it.
    pub witness: Option<Witness>,
}

impl Lapse<'_> {
    /// A gap between two terms of heads, not an end.
    pub(super) fn resumes(&self) -> bool {
        !self.before && self.again.is_some()
    }
}

/// Every run, in order of versions.
pub(super) fn lapses<'c>(case: &'c Case<'_>) -> Vec<Lapse<'c>> {
    let texts: Vec<Vec<Grant<'_>>> = (0..case.program.versions.len()).map(|v| grants(case, v)).collect();
    let mut out = Vec::new();
    for sub in texts.iter().flatten() {
        let heads: Vec<&Grant<'_>> = texts.iter().flatten().filter(|h| passes_on(case, sub, h)).collect();
        if heads.is_empty() {
            continue;
        }
        let covered: Vec<Days> = heads.iter().flat_map(|h| h.days.iter().copied()).collect();
        for days in without(&sub.days, &covered) {
            out.extend(lapse(case, sub, &heads, days));
        }
    }
    out
}

fn lapse<'c>(case: &'c Case<'_>, sub: &Grant<'c>, heads: &[&Grant<'c>], days: Days) -> Option<Lapse<'c>> {
    let first = |h: &Grant<'_>| h.days.iter().map(|d| d.from).find(|d| *d > days.from);
    let again = heads.iter().filter_map(|h| first(h)).min();
    // The head as it last stood; of two, the one in the text of these days, where a suspension leaves it.
    let stood = heads.iter().filter(|h| h.days.first().is_some_and(|d| d.from < days.from));
    let last = stood.max_by_key(|h| {
        let end = h.days.iter().rfind(|d| d.from < days.from).and_then(|d| d.through);
        (h.version == sub.version, end)
    });
    let before = last.is_none();
    let head = match last {
        Some(h) => h,
        None => heads.iter().min_by_key(|h| first(h))?,
    };
    let witness = shared(case.symbols(), sub.license, head.license)
        .into_iter()
        .find_map(|p| unsupported(case, sub, p, days.from));
    Some(Lapse { sub: sub.clone(), head: (*head).clone(), days, before, again, witness })
}

/// A sublicense that goes on when an event ends its head.
pub(super) struct Outlasts<'c> {
    /// The sublicense.
    pub sub: Grant<'c>,
    /// Its head.
    pub head: Grant<'c>,
    /// The kind of event that ends the head alone.
    pub event: EventId,
    /// Days on which both stand.
    pub days: Vec<Days>,
    /// What shows it.
    pub witness: Witness,
}

/// Every sublicense whose head an event ends, and which it does not end.
pub(super) fn outlasting<'c>(case: &'c Case<'_>) -> Vec<Outlasts<'c>> {
    let mut out = Vec::new();
    for version in 0..case.program.versions.len() {
        let all = grants(case, version);
        for sub in &all {
            for head in all.iter().filter(|h| passes_on(case, sub, h)) {
                out.extend(outlasts(case, sub, head));
            }
        }
    }
    out
}

fn outlasts<'c>(case: &'c Case<'_>, sub: &Grant<'c>, head: &Grant<'c>) -> Option<Outlasts<'c>> {
    let days = common(&sub.days, &head.days);
    let day = days.first()?.from;
    let points = shared(case.symbols(), sub.license, head.license);
    head.norm.term.until.iter().find_map(|end| {
        if sub.norm.term.until.iter().any(|own| own.event == end.event) {
            return None;
        }
        let witness = triggers(case, end, day).into_iter().find_map(|e| {
            points.iter().find_map(|p| unsupported_after(case, sub, *p, day, std::slice::from_ref(&e)))
        })?;
        let (sub, head) = (sub.clone(), head.clone());
        Some(Outlasts { sub, head, event: end.event, days: days.clone(), witness })
    })
}
