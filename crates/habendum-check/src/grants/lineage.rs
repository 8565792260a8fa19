//! Who holds under whom: a clause by which a licensee passes on what it holds is a sublicense of its head.
//!
//! Invariant: a license back to the one it came from is no sublicense, so a chain never runs in a circle of two.

use super::{Grant, shared};
use crate::case::Case;
use habendum_norm::ir::NormId;
use std::collections::BTreeSet;

/// Whether `sub` passes on what `head` gives: its licensor is the head's licensee and the scopes meet.
pub(crate) fn passes_on(case: &Case<'_>, sub: &Grant<'_>, head: &Grant<'_>) -> bool {
    sub.id() != head.id()
        && !sub.back
        && !head.back
        && sub.license.licensor == head.license.licensee
        && sub.license.licensee != head.license.licensor
        && sub.license.licensee != head.license.licensee
        && !shared(case.symbols(), sub.license, head.license).is_empty()
}

/// The licenses above one in a chain, however far, nearest first.
pub(crate) fn above<'g, 'c>(case: &Case<'_>, sub: &Grant<'c>, all: &'g [Grant<'c>]) -> Vec<&'g Grant<'c>> {
    let mut seen: BTreeSet<NormId> = [sub.id()].into();
    let mut out: Vec<&Grant<'_>> = Vec::new();
    let mut at = 0;
    let mut here = sub;
    loop {
        for h in all.iter().filter(|h| passes_on(case, here, h)) {
            if seen.insert(h.id()) {
                out.push(h);
            }
        }
        let Some(next) = out.get(at) else { return out };
        here = next;
        at += 1;
    }
}

/// Whether either stands above the other.
pub(crate) fn of_one_line(case: &Case<'_>, a: &Grant<'_>, b: &Grant<'_>, all: &[Grant<'_>]) -> bool {
    above(case, a, all).iter().any(|h| h.id() == b.id())
        || above(case, b, all).iter().any(|h| h.id() == a.id())
}

/// How many links lie from a head down to a sublicense: one for its own, more below; none where it is not above it.
pub(crate) fn links(case: &Case<'_>, sub: &Grant<'_>, head: &Grant<'_>, all: &[Grant<'_>]) -> Option<u32> {
    let mut level: Vec<&Grant<'_>> = vec![sub];
    let mut seen: BTreeSet<NormId> = [sub.id()].into();
    let mut depth = 0;
    while !level.is_empty() {
        depth += 1;
        let next: Vec<&Grant<'_>> =
            all.iter().filter(|h| level.iter().any(|l| passes_on(case, l, h))).collect();
        if next.iter().any(|h| h.id() == head.id()) {
            return Some(depth);
        }
        level = next.into_iter().filter(|h| seen.insert(h.id())).collect();
    }
    None
}
