//! Licenses through time: when each stands, what two of them share, who holds under whom.
//!
//! Data flow: a case's versions -> [`Grant`]s -> pairs that the rules judge -> `act` (events) and `report` (findings).
//! Invariant: a day is in `Grant::days` only where the text of that day holds the license and its written term runs;
//! conditions (`while`, `until`) are not asked here, and `Grant::sure` is false where there are any.

pub(crate) mod act;
pub(crate) mod days;
pub(crate) mod history;
pub(crate) mod lineage;
pub(crate) mod report;
pub(crate) mod words;

use crate::case::Case;
use days::{Days, days_of};
use habendum_model::deal::Symbols;
use habendum_model::value::{PartyId, TermId};
use habendum_norm::eval::related;
use habendum_norm::ir::{Body, Exclusivity, License, Norm, NormId};

/// A license in one version of the text.
#[derive(Clone, Debug)]
pub(crate) struct Grant<'c> {
    /// Index of the version.
    pub version: usize,
    /// Its norm.
    pub norm: &'c Norm,
    /// What it says.
    pub license: &'c License,
    /// Days on which it stands in this version.
    pub days: Vec<Days>,
    /// Nothing but dates decides whether it stands and whom it bars.
    pub sure: bool,
    /// It gives back to a licensor a part of what that licensor gives: nothing is held under it.
    pub back: bool,
}

/// One asset, territory and field of use; none stands for everywhere, any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    /// Asset.
    pub asset: TermId,
    /// Territory.
    pub territory: TermId,
    /// Field of use.
    pub field: TermId,
}

/// The licenses of a version that stand on any day of it, in document order.
pub(crate) fn grants<'c>(case: &'c Case<'_>, version: usize) -> Vec<Grant<'c>> {
    let Some(v) = case.program.versions.get(version) else { return Vec::new() };
    let mut all: Vec<Grant<'_>> = v
        .norms
        .iter()
        .filter_map(|norm| {
            let Body::License(license) = &norm.body else { return None };
            let days = days_of(case, version, norm);
            let sure = norm.term.until.is_empty()
                && norm.term.until_reaches.is_empty()
                && norm.term.holds_while.is_none()
                && license.exclusive_while.is_none();
            (!days.is_empty()).then_some(Grant { version, norm, license, days, sure, back: false })
        })
        .collect();
    let s = case.symbols();
    let returns = |later: &Grant<'_>, first: &Grant<'_>| {
        first.license.licensor == later.license.licensee
            && first.license.licensee == later.license.licensor
            && !shared(s, first.license, later.license).is_empty()
    };
    for i in 1..all.len() {
        let (before, rest) = all.split_at_mut(i);
        rest[0].back = before.iter().any(|b| !b.back && returns(&rest[0], b));
    }
    all
}

impl Grant<'_> {
    /// Which.
    pub(crate) fn id(&self) -> NormId {
        self.norm.id
    }

    /// True for every word that keeps somebody else out.
    pub(crate) fn keeps_others_out(&self) -> bool {
        self.license.exclusivity != Exclusivity::NonExclusive
    }

    /// Whether it forbids a person to use in its scope.
    pub(crate) fn bars_use(&self, by: PartyId) -> bool {
        let l = self.license;
        let inside = by == l.licensee;
        match &l.exclusivity {
            Exclusivity::Exclusive => !inside,
            Exclusivity::ExclusiveExceptGrantor => !inside && by != l.licensor,
            Exclusivity::CoExclusive(set) => !inside && by != l.licensor && !set.contains(&by),
            Exclusivity::Sole | Exclusivity::NonExclusive => false,
        }
    }

    /// Whether it forbids a person to grant another a license that overlaps its scope.
    pub(crate) fn bars_grant(&self, by: PartyId, to: PartyId) -> bool {
        let l = self.license;
        let outside = by == l.licensor && to != l.licensee;
        match &l.exclusivity {
            Exclusivity::Exclusive | Exclusivity::ExclusiveExceptGrantor | Exclusivity::Sole => outside,
            Exclusivity::CoExclusive(set) => outside && !set.contains(&to),
            Exclusivity::NonExclusive => false,
        }
    }
}

/// The narrower of two related terms.
fn narrower(s: &Symbols, a: TermId, b: TermId) -> Option<TermId> {
    related(s, a, b).then_some(a.max(b))
}

/// Every point that two scopes share, the narrower term on each dimension; at most 64.
pub(crate) fn shared(s: &Symbols, a: &License, b: &License) -> Vec<Point> {
    let both = |x: &[TermId], y: &[TermId]| -> Vec<TermId> {
        let mut all: Vec<TermId> =
            x.iter().flat_map(|t| y.iter().filter_map(|u| narrower(s, *t, *u))).collect();
        all.sort();
        all.dedup();
        all
    };
    if a.event != b.event {
        return Vec::new();
    }
    product(&both(&a.assets, &b.assets), &both(&a.territories, &b.territories), &both(&a.fields, &b.fields))
}

/// Every point that a license names.
pub(crate) fn points(l: &License) -> Vec<Point> {
    product(&l.assets, &l.territories, &l.fields)
}

fn product(assets: &[TermId], territories: &[TermId], fields: &[TermId]) -> Vec<Point> {
    let mut out = Vec::new();
    for asset in assets {
        for territory in territories {
            for field in fields {
                out.push(Point { asset: *asset, territory: *territory, field: *field });
            }
        }
    }
    out.truncate(64);
    out
}

/// Whether words of either sentence rank the two. Where each gives way to the other, nothing is ranked.
pub(crate) fn ranked(a: &Norm, b: &Norm) -> bool {
    let over =
        |x: &Norm, y: &Norm| y.subject_to.contains(&x.id.clause) || x.notwithstanding.contains(&y.id.clause);
    over(a, b) != over(b, a)
}

/// Whether a point lies in a license's scope.
pub(crate) fn covers(s: &Symbols, l: &License, p: Point) -> bool {
    let within = |t: TermId, all: &[TermId]| all.iter().any(|a| s.is_under(t, *a));
    within(p.asset, &l.assets) && within(p.territory, &l.territories) && within(p.field, &l.fields)
}
