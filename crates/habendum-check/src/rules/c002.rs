//! C002: an exclusive grant or sublicense under non-exclusive terms.

use super::subs::{Beyond, Sub, subs};
use crate::case::Case;
use crate::finding::{Finding, Standing};
use crate::grants::act;
use crate::grants::history::touches;
use crate::grants::report::{Fault, diagnostic, join, label, severity, with_touches};
use crate::grants::{shared, words};

/// The code.
pub const CODE: &str = "C002";

/// Sublicenses that keep others out under a head that keeps out no one.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let found = subs(case).into_iter().filter(|s| s.beyond.iter().any(|(b, _)| is_it(b)));
    join(case, found.map(|s| fault(case, &s)).collect())
}

fn is_it(b: &Beyond) -> bool {
    *b == Beyond::NonExclusiveHead
}

fn fault(case: &Case<'_>, x: &Sub<'_>) -> Fault {
    let s = case.symbols();
    let (sub, head) = (&x.sub, &x.head);
    let (own, above) = (words::clause(s, sub.id().clause), words::clause(s, head.id().clause));
    let (giver, taker) = (words::person(s, sub.license.licensor), words::person(s, sub.license.licensee));
    let message = format!(
        "{own} gives {taker} {} license, and {giver} itself holds a non-exclusive one, under {above}",
        words::degree(s, &sub.license.exclusivity),
    );
    let witness = x.as_event(case, true, None).or_else(|| owner_in_use(case, x));
    let standing =
        if sub.sure && head.sure && witness.is_some() { Standing::Conflict } else { Standing::Possible };
    let mut d = diagnostic(CODE, severity(&standing), message, sub, label(case, sub))
        .label(head.norm.span, label(case, head));
    d = with_touches(case, d, head.version, &[head, sub]);
    d = d.note("no one can promise to keep others out whom it has no right to keep out itself");
    if let Some(t) = touches(case, head.version, head.id()).iter().rfind(|t| t.exclusivity) {
        let by = words::amendment(case, t.amendment);
        d = d.note(format!("{by} made {above} non-exclusive; what was granted under it stayed as it was"));
    }
    let owner = words::person(s, head.license.licensor);
    let d = d
        .help(format!("make {own} non-exclusive"))
        .help(format!("or let {owner} make {above} exclusive for what {own} covers"));
    Fault {
        clauses: vec![sub.id().clause, head.id().clause],
        version: sub.version,
        days: x.days.clone(),
        diagnostic: d,
        standing,
        witness,
    }
}

/// The head's licensor uses by a right of its own, and the sublicense keeps it out.
fn owner_in_use(case: &Case<'_>, x: &Sub<'_>) -> Option<crate::finding::Witness> {
    let s = case.symbols();
    let (l, owner, day) = (x.sub.license, x.head.license.licensor, x.first_day()?);
    if !x.sub.bars_use(owner) {
        return None;
    }
    let shows = format!(
        "{} forbids what {} keeps for itself",
        words::clause(s, x.sub.id().clause),
        words::person(s, owner)
    );
    let said = super::pairs::said_with(case, &[&x.sub]);
    shared(s, l, x.head.license).into_iter().find_map(|p| {
        let tries =
            act::variations(s, &act::act(s, l.event, owner, p, day), &said, &["asset", "territory", "field"]);
        act::shown(case, &[], &tries, &shows, |r| act::is_conflict(r, &[x.sub.norm]))
    })
}
