//! C003: a license granted inside a scope that is already granted away exclusively or solely.

use super::pairs::{Clash, age, clashes};
use crate::case::Case;
use crate::finding::Finding;
use crate::grants::report::{Fault, diagnostic, join, label, severity, with_touches};
use crate::grants::{Grant, words};

/// The code.
pub const CODE: &str = "C003";

/// Pairs of a grant that keeps others out and a non-exclusive one that is no older.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let found = clashes(case, |a, b| a.keeps_others_out() != b.keeps_others_out());
    let late = found.into_iter().filter_map(|c| {
        let (firm, open) = sides(&c);
        (age(case, open) >= age(case, firm)).then(|| fault(case, &c))
    });
    join(case, late.collect())
}

/// The grant that keeps others out, and the other.
pub(super) fn sides<'a, 'c>(c: &'a Clash<'c>) -> (&'a Grant<'c>, &'a Grant<'c>) {
    if c.elder.keeps_others_out() { (&c.elder, &c.younger) } else { (&c.younger, &c.elder) }
}

fn fault(case: &Case<'_>, c: &Clash<'_>) -> Fault {
    let s = case.symbols();
    let (firm, open) = sides(c);
    let (f, o) = (words::clause(s, firm.id().clause), words::clause(s, open.id().clause));
    let holder = words::person(s, firm.license.licensee);
    let message = format!(
        "{o} licenses {} to {}, though {f} grants {holder} {} license to it",
        words::point(s, c.point),
        words::person(s, open.license.licensee),
        words::degree(s, &firm.license.exclusivity),
    );
    let mut d = diagnostic(CODE, severity(&c.standing), message, open, label(case, open))
        .label(firm.norm.span, label(case, firm));
    d = with_touches(case, d, open.version, &[firm, open]);
    let d = d
        .note(format!("{holder} was promised that no one else holds this license"))
        .help(format!("take the scope out of {f}, or grant this license where {f} does not reach"))
        .help(format!("`co-exclusive with {}` in {f} admits it", words::person(s, open.license.licensee)))
        .help(format!("`notwithstanding {}` on {o} lets it prevail", s.clause_name(firm.id().clause)));
    Fault {
        clauses: vec![open.id().clause, firm.id().clause],
        version: open.version,
        days: c.days.clone(),
        diagnostic: d,
        standing: c.standing.clone(),
        witness: c.witness.clone(),
    }
}
