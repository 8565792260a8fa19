//! What earlier texts have already decided: a sentence whose last day came before an amendment is over, and no later text
//! revives it but one that puts the clause in, or restates it.
//!
//! Data flow: the versions up to one -> whether a sentence of it had run out before. Invariant: as the interpreter enters
//! versions; what renewal or a power may have lengthened is not said to have run out for sure.

use habendum_model::value::AmendmentId;
use habendum_norm::ir::{Norm, Program, Version};
use habendum_syntax::ast::PowerAct;
use jiff::civil::Date;

/// How a sentence stands when its text comes into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// It has not run out.
    Running,
    /// It has.
    Over,
    /// It has, unless it was renewed or extended.
    Perhaps,
}

/// Whether a sentence had run out under an earlier text.
pub(crate) fn past(program: &Program, version: &Version, n: &Norm) -> Past {
    let (mut ended, mut written, mut stands) = (false, None::<Option<Date>>, false);
    let mut older: &[AmendmentId] = &[];
    let mut longer = false;
    if program.versions.first().is_some_and(|v| v.from == version.from) {
        return Past::Running;
    }
    // Texts mostly keep their order, so that a sentence is near where it was.
    let mut near = version.norms.iter().position(|x| x.id == n.id).unwrap_or(0);
    for v in &program.versions {
        let Some(first) = v.from.fixed() else { continue };
        let at_hand = v.from == version.from;
        let found = match v.norms.get(near) {
            Some(x) if x.id == n.id => Some(near),
            Some(_) | None => v.norms.iter().position(|x| x.id == n.id),
        };
        match found.map(|i| (i, &v.norms[i])) {
            Some((i, x)) => {
                near = i;
                let anew = |h: &str| matches!(h, "inserted" | "restated");
                let put_in = x.provenance.iter().any(|p| !older.contains(&p.amendment) && anew(p.how));
                if !stands || (ended && put_in) {
                    (ended, written, stands, longer) = (false, None, true, false);
                }
                let last = x.term.through.as_ref().and_then(|d| d.fixed());
                if written != Some(last) {
                    written = Some(last);
                    ended |= last.is_some_and(|d| d < first);
                }
                longer |= x.term.renews.is_some();
                let through = v.through.filter(|_| !at_hand);
                ended |= last.zip(through).is_some_and(|(last, t)| last <= t);
            }
            None => stands = false,
        }
        if at_hand {
            break;
        }
        older = &v.amendments;
    }
    let may_extend = || {
        let all = program.versions.iter().flat_map(|v| &v.norms);
        let mut powers = all.filter_map(|x| x.body.power());
        powers
            .any(|p| p.act == PowerAct::Extend && p.targets.as_ref().is_none_or(|t| t.contains(&n.id.clause)))
    };
    if !ended {
        Past::Running
    } else if longer || may_extend() {
        Past::Perhaps
    } else {
        Past::Over
    }
}
