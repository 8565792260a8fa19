//! Where two texts differ: the clauses to look at when a history is searched for.
//!
//! Invariant: a narrower search is tried first, never instead: what it does not find is looked for among all clauses.

use super::Pairing;
use super::events::prints;
use crate::case::{Case, Replay};
use crate::explore::{Budget, Log};
use crate::finding::Witness;
use habendum_model::value::{ClauseId, EventId};
use habendum_norm::ir::{Body, Norm};
use std::collections::{BTreeMap, BTreeSet};

/// Long histories that are tried where no short one shows a difference.
pub(super) const STROLLS: u64 = 150;

/// Leaves out of a history what it does not need to reach a goal.
pub(super) fn shortened(p: &Pairing<'_>, w: Witness, goal: &mut dyn FnMut(&Log, &Log) -> bool) -> Witness {
    let log = |r: Replay| Log { rows: r.rows, clock: r.clock };
    let mut best = w;
    let mut i = best.events.len();
    // A few events are as few as a search by length finds.
    if i <= 3 {
        return best;
    }
    while i > 0 {
        i -= 1;
        let mut w = best.clone();
        w.events.remove(i);
        for (n, e) in w.events.iter_mut().enumerate() {
            e.row = n as u64 + 1;
        }
        let still = p.replay(&w).is_some_and(|(a, b)| goal(&log(a), &log(b)));
        if still {
            best = w;
            i = i.min(best.events.len());
        }
    }
    best
}

/// Clauses that are said otherwise, and those that speak of a kind of event, on either side.
pub(super) fn bearing(p: &Pairing<'_>, kind: EventId) -> (BTreeSet<ClauseId>, BTreeSet<ClauseId>) {
    let (x, y) = &p.said;
    let is_grant = p.base.symbols().event_name(kind) == "Grant";
    let there = p.there.kind(kind);
    let of = |base: bool| {
        let (case, kind) = if base { (&p.base, Some(kind)) } else { (&p.head, there) };
        let apart = |n: &str| x.get(n) != y.get(n);
        let norms = case.program.versions.iter().flat_map(|v| &v.norms);
        norms
            .filter(|n| {
                // A kind that a side lacks is no `Grant`, which every deal has.
                let speaks = kind.is_some_and(|k| speaks(n, k, is_grant));
                speaks || apart(case.symbols().clause_name(n.id.clause))
            })
            .map(|n| n.id.clause)
            .collect()
    };
    (of(true), of(false))
}

/// How far to search for what a clause comes to: less far where it is said alike and only others may act on it otherwise.
pub(super) fn budget(p: &Pairing<'_>, clause: &str) -> Budget {
    let alike = p.said.0.get(clause) == p.said.1.get(clause);
    Budget { depth: 3, steps: if alike { 12_000 } else { 25_000 }, strolls: STROLLS, ..Budget::default() }
}

/// What each clause says, by its name, through the texts.
pub(super) type Said = BTreeMap<String, Vec<String>>;

/// What the clauses of a side say.
pub(super) fn said(case: &Case<'_>) -> Said {
    let mut out = Said::new();
    for v in &case.program.versions {
        let prints = prints(&case.program, v);
        for n in &v.norms {
            let text = prints.norm(n);
            let name = case.symbols().clause_name(n.id.clause).to_owned();
            out.entry(name).or_default().push(format!("{:?} {text}", v.from));
        }
    }
    out
}

/// Whether a sentence speaks of a kind of event; a license does of every `Grant`.
pub(super) fn speaks(n: &Norm, kind: EventId, is_grant: bool) -> bool {
    match &n.body {
        Body::Rule(r) => r.event == kind,
        Body::Keep(k) => k.shown_by.event == kind,
        Body::Duty(d) => d.event == kind,
        Body::Power(w) => w.exercised_by.event == kind,
        Body::License(l) => l.event == kind || is_grant,
        Body::Payment(_) | Body::Relief(_) | Body::Inert(_) => false,
    }
}
