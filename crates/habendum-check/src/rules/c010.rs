//! C010: an obligation to do what its bearer holds no right to do.

use super::duties::{Unpermitted, unpermitted};
use crate::case::Case;
use crate::finding::{Finding, Standing};
use crate::grants::history::{norm_in, struck, touches};
use crate::grants::report::{Fault, join, placed, severity};
use crate::grants::words;

/// The code.
pub const CODE: &str = "C010";

/// Duties that no permission covers, where none that did has merely run out.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let found = unpermitted(case).into_iter().filter(|u| !lapsed(case, u));
    join(case, found.map(|u| fault(case, u)).collect())
}

/// Whether what the duty relied on is still in the text, its days over: that is C019's.
pub(super) fn lapsed(case: &Case<'_>, u: &Unpermitted<'_>) -> bool {
    u.relied_on.is_some_and(|id| {
        let over = |n: &habendum_norm::ir::Norm| {
            crate::grants::days::days_of(case, u.version, n).iter().all(|d| d.meet(u.days).is_none())
        };
        norm_in(case, u.version, id).is_some_and(over)
    })
}

fn fault(case: &Case<'_>, u: Unpermitted<'_>) -> Fault {
    let s = case.symbols();
    let own = words::clause(s, u.norm.id.clause);
    let who = words::person(s, u.bearer);
    let kind = match &u.norm.body {
        habendum_norm::ir::Body::Duty(d) => s.event_name(d.event),
        _ => "act",
    };
    let standing = if u.open { Standing::Possible } else { Standing::Conflict };
    let message = format!("{own} bids {who} {kind}, and no clause gives {who} the right to it");
    let mut d = placed(CODE, severity(&standing), message, u.norm.span, "the duty");
    let mut clauses = vec![u.norm.id.clause];
    if let Some(id) = u.relied_on {
        clauses.push(id.clause);
        let name = words::clause(s, id.clause);
        if let Some((span, by)) = struck(case, u.version, id.clause) {
            d = d.label(span, format!("{name} struck by {}", words::amendment(case, by)));
        }
        let license = habendum_norm::ir::NormId { sub: 0, ..id };
        for t in touches(case, u.version, license).iter().filter(|t| !t.inserted) {
            d = d.label(t.span, format!("{name} {} by {}", t.what, words::amendment(case, t.amendment)));
        }
    }
    let d = d
        .note(format!(
            "a {kind} is forbidden where no clause permits it; the duty excuses what performs it, no more"
        ))
        .help(format!("grant {who} the license that {own} needs, or narrow {own} to what {who} may do"));
    Fault {
        clauses,
        version: u.version,
        days: vec![u.days],
        diagnostic: d,
        standing,
        witness: Some(u.witness),
    }
}
