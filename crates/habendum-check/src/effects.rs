//! What each amendment does to the findings: those whose days begin with its text, and those whose days end before it.
//!
//! Data flow: findings per case + versions -> [`Effect`]s, in the order in which the texts come into force. Invariant: only
//! what tells against a deal counts, and a fault that begins or ends by its own dates is no amendment's doing.

use crate::case::Case;
use crate::finding::Finding;
use crate::merge::{Likeness, likeness};
use habendum_model::value::AmendmentId;
use habendum_norm::ir::Version;
use habendum_syntax::Severity;
use jiff::civil::Date;

/// What one amendment does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Findings that hold from its text on, by place in the report.
    pub creates: Vec<usize>,
    /// Findings that no longer hold from its text on.
    pub cures: Vec<usize>,
}

/// The effects of every amendment under the cases of a deal; one that neither creates nor cures is there too.
#[must_use]
pub fn effects(cases: &[Case<'_>], found: &[Vec<Finding>], all: &[Finding]) -> Vec<(AmendmentId, Effect)> {
    let mut out: Vec<(AmendmentId, Effect)> = Vec::new();
    let likes: Vec<Likeness> = all.iter().map(likeness).collect();
    for (case, of_case) in cases.iter().zip(found) {
        // What tells against the deal, with its place in the report.
        let counts = of_case.iter().filter(|f| f.diagnostic.severity >= Severity::Warning);
        let placed: Vec<(&Finding, usize)> = counts
            .filter_map(|f| {
                let like = likeness(f);
                Some((f, likes.iter().position(|l| *l == like)?))
            })
            .collect();
        for pair in case.program.versions.windows(2) {
            let [before, after] = pair else { continue };
            let fresh: Vec<AmendmentId> =
                after.amendments.iter().filter(|a| !before.amendments.contains(a)).copied().collect();
            for a in &fresh {
                at(&mut out, *a);
            }
            for (f, place) in placed.iter().copied() {
                let (begins, ends) = (begins(f, before, after, &fresh), ends(f, after));
                for a in authors(f, after, &fresh) {
                    let effect = at(&mut out, a);
                    if begins && !effect.creates.contains(&place) {
                        effect.creates.push(place);
                    }
                    if ends && !effect.cures.contains(&place) {
                        effect.cures.push(place);
                    }
                }
            }
        }
    }
    for (_, e) in &mut out {
        e.creates.sort_unstable();
        e.cures.sort_unstable();
    }
    out
}

fn at(out: &mut Vec<(AmendmentId, Effect)>, a: AmendmentId) -> &mut Effect {
    let i = out.iter().position(|(b, _)| *b == a).unwrap_or_else(|| {
        out.push((a, Effect::default()));
        out.len() - 1
    });
    &mut out[i].1
}

/// Its days begin with the text, or, later, with what the text has put into one of its clauses.
fn begins(f: &Finding, before: &Version, after: &Version, fresh: &[AmendmentId]) -> bool {
    let Some(start) = after.from.fixed() else { return false };
    if f.intervals.iter().any(|i| i.from == start) {
        return true;
    }
    let within =
        |d: Date, v: &Version| v.from.fixed().is_none_or(|s| s <= d) && v.through.is_none_or(|t| d <= t);
    let later = f.intervals.iter().any(|i| within(i.from, after));
    let earlier = f.intervals.iter().any(|i| i.from < start || within(i.from, before));
    later && !earlier && fresh.iter().any(|a| touches(f, after, *a))
}

/// Its days end on the eve of the text.
fn ends(f: &Finding, after: &Version) -> bool {
    let eve = after.from.fixed().and_then(|d| d.yesterday().ok());
    eve.is_some_and(|eve| f.intervals.iter().any(|i| i.through == Some(eve)))
}

/// An amendment has had a hand in a clause of the finding; who only affirms or renumbers changes nothing.
fn touches(f: &Finding, version: &Version, a: AmendmentId) -> bool {
    let of = version.norms.iter().filter(|n| f.clauses.contains(&n.id.clause));
    of.flat_map(|n| &n.provenance).any(|p| p.amendment == a && !matches!(p.how, "affirmed" | "renumbered"))
}

/// Of amendments that take effect together, those that touch the finding's clauses; all of them where none is seen to, as
/// when a clause is struck.
fn authors(f: &Finding, version: &Version, fresh: &[AmendmentId]) -> Vec<AmendmentId> {
    let some: Vec<AmendmentId> = fresh.iter().copied().filter(|a| touches(f, version, *a)).collect();
    if some.is_empty() || fresh.len() == 1 { fresh.to_vec() } else { some }
}
