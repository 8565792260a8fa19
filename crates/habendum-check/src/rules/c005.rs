//! C005: an exclusive grant is encumbered by an earlier non-exclusive one.

use super::c003::sides;
use super::pairs::{Clash, age, clashes};
use crate::case::Case;
use crate::finding::Finding;
use crate::grants::report::{Fault, diagnostic, join, label, with_touches};
use crate::grants::words;
use habendum_syntax::Severity;

/// The code.
pub const CODE: &str = "C005";

/// Pairs of a grant that keeps others out and a non-exclusive one that is older.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let found = clashes(case, |a, b| a.keeps_others_out() != b.keeps_others_out());
    let early = found.into_iter().filter_map(|c| {
        let (firm, open) = sides(&c);
        (age(case, open) < age(case, firm)).then(|| fault(case, &c))
    });
    join(case, early.collect())
}

fn fault(case: &Case<'_>, c: &Clash<'_>) -> Fault {
    let s = case.symbols();
    let (firm, open) = sides(c);
    let (f, o) = (words::clause(s, firm.id().clause), words::clause(s, open.id().clause));
    let before = words::person(s, open.license.licensee);
    let message = format!(
        "{f} gives {} license to {}, which {before} already holds under {o}",
        words::degree(s, &firm.license.exclusivity),
        words::point(s, c.point),
    );
    let mut d = diagnostic(CODE, Severity::Warning, message, firm, label(case, firm))
        .label(open.norm.span, label(case, open));
    d = with_touches(case, d, firm.version, &[firm, open]);
    let d = d
        .note(format!("the grant promises that no one else may, and {before} may by an earlier right"))
        .help(format!("`subject to {}` on {f} grants it with that burden", s.clause_name(open.id().clause)))
        .help(format!("`co-exclusive with {before}`, or end {o} before {f} begins"));
    Fault {
        clauses: vec![firm.id().clause, open.id().clause],
        version: firm.version,
        days: c.days.clone(),
        diagnostic: d,
        standing: c.standing.clone(),
        witness: c.witness.clone(),
    }
}
