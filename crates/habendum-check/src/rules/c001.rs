//! C001: an exclusive grant overlaps another exclusive grant to another person.

use super::pairs::{Clash, clashes};
use crate::case::Case;
use crate::finding::Finding;
use crate::grants::report::{Fault, diagnostic, join, label, severity, with_touches};
use crate::grants::words;
use habendum_model::value::PartyId;

/// The code.
pub const CODE: &str = "C001";

/// Pairs of grants that each keep others out, and each the other's licensee.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let found = clashes(case, |a, b| a.keeps_others_out() && b.keeps_others_out());
    join(case, found.into_iter().map(|c| fault(case, c)).collect())
}

fn fault(case: &Case<'_>, c: Clash<'_>) -> Fault {
    let s = case.symbols();
    let (one, other) = (&c.elder, &c.younger);
    let name = |g: &crate::grants::Grant<'_>| words::clause(s, g.id().clause);
    let who = |p: PartyId| words::person(s, p);
    let (a, b) = (who(one.license.licensee), who(other.license.licensee));
    let what = words::point(s, c.point);
    let message = format!(
        "{} grants {b} {} license to {what}, from which {} keeps out everyone but {a}",
        name(other),
        words::degree(s, &other.license.exclusivity),
        name(one),
    );
    let mut d = diagnostic(CODE, severity(&c.standing), message, other, label(case, other))
        .label(one.norm.span, label(case, one));
    d = with_touches(case, d, other.version, &[one, other]);
    d = d.note("each of the two promises to keep out whom the other lets in, and no word ranks them");
    let fault = d
        .help(format!(
            "`notwithstanding {}` on {} lets it prevail",
            s.clause_name(one.id().clause),
            name(other)
        ))
        .help("make one of them non-exclusive, or part them by asset, territory, field of use or term")
        .help(format!("name the other licensee: `co-exclusive with {a}` and `co-exclusive with {b}`"));
    Fault {
        clauses: vec![other.id().clause, one.id().clause],
        version: other.version,
        days: c.days,
        diagnostic: fault,
        standing: c.standing,
        witness: c.witness,
    }
}
