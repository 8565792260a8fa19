//! C019: a license lapses while another clause relies on it.
//!
//! Data flow: sublicenses between two terms of their heads, duties whose license has run out, payments for a license that has
//! ended, and two terms of one license with days between them.

use super::c010::lapsed;
use super::duties::{Unpermitted, unpermitted};
use super::payments::{Paid, paid_for_nothing};
use super::reliance::{Lapse, lapses};
use crate::case::Case;
use crate::finding::{Finding, Standing};
use crate::grants::act;
use crate::grants::days::Days;
use crate::grants::report::{Fault, diagnostic, join, label, placed};
use crate::grants::{Grant, grants, shared, words};
use habendum_model::date::days_between;
use habendum_syntax::Severity;

/// The code.
pub const CODE: &str = "C019";

/// Days between two terms that are hardly meant: more are a season.
const SHORT: i64 = 31;

/// Gaps.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut faults: Vec<Fault> =
        lapses(case).into_iter().filter(Lapse::resumes).map(|l| between(case, l)).collect();
    faults.extend(unpermitted(case).into_iter().filter(|u| lapsed(case, u)).map(|u| duty(case, u)));
    faults.extend(paid_for_nothing(case).into_iter().map(|p| payment(case, p)));
    faults.extend(terms(case));
    join(case, faults)
}

fn between(case: &Case<'_>, l: Lapse<'_>) -> Fault {
    let s = case.symbols();
    let (own, above) = (words::clause(s, l.sub.id().clause), words::clause(s, l.head.id().clause));
    let message = format!("{own} relies on {above}, which lapses for a while");
    let giver = words::person(s, l.sub.license.licensor);
    let d = diagnostic(CODE, Severity::Warning, message, &l.sub, label(case, &l.sub))
        .label(l.head.norm.span, label(case, &l.head));
    let d = suspended(case, d, &l.head)
        .note(format!("on these days {giver} holds nothing that it could pass on"))
        .help(format!("let the terms of {above} meet, or suspend {own} with it"));
    let standing = if l.sub.sure && l.witness.is_some() { Standing::Conflict } else { Standing::Possible };
    Fault {
        clauses: vec![l.sub.id().clause, l.head.id().clause],
        version: l.sub.version,
        days: vec![l.days],
        diagnostic: d,
        standing,
        witness: l.witness,
    }
}

/// The suspensions of a license, with the amendments that made them.
fn suspended(case: &Case<'_>, d: habendum_syntax::Diagnostic, g: &Grant<'_>) -> habendum_syntax::Diagnostic {
    let name = words::clause(case.symbols(), g.id().clause);
    g.norm.provenance.iter().filter(|p| p.how == "suspended").fold(d, |d, p| {
        d.label(p.span, format!("{name} suspended by {}", words::amendment(case, p.amendment)))
    })
}

fn duty(case: &Case<'_>, u: Unpermitted<'_>) -> Fault {
    let s = case.symbols();
    let own = words::clause(s, u.norm.id.clause);
    let who = words::person(s, u.bearer);
    let on = u.relied_on.unwrap_or(u.norm.id);
    let above = words::clause(s, on.clause);
    let message = format!("{own} goes on after {above} has ended, which gave {who} the right that it needs");
    let mut d = placed(CODE, Severity::Warning, message, u.norm.span, "the duty");
    if let Some(n) = crate::grants::history::norm_in(case, u.version, on) {
        d = d.label(n.span, "the right");
    }
    let d = d
        .note(format!("on these days {who} must do what it may not do otherwise"))
        .help(format!("end {own} with {above}, or let {above} last as long as the duty"));
    Fault {
        clauses: vec![u.norm.id.clause, on.clause],
        version: u.version,
        days: vec![u.days],
        diagnostic: d,
        standing: if u.open { Standing::Possible } else { Standing::Conflict },
        witness: Some(u.witness),
    }
}

fn payment(case: &Case<'_>, p: Paid<'_>) -> Fault {
    let s = case.symbols();
    let (own, above) = (words::clause(s, p.norm.id.clause), words::clause(s, p.license.id().clause));
    let (payer, payee) = (p.license.license.licensee, p.license.license.licensor);
    let (payer, payee) = (words::person(s, payer), words::person(s, payee));
    let message = format!("{payer} goes on paying {payee} under {own} when {above} has ended");
    let d = placed(CODE, Severity::Warning, message, p.norm.span, "the payment")
        .label(p.license.norm.span, label(case, &p.license))
        .note(format!(
            "{above} is the last license that {payee} gives {payer}, and the payment accrues without any use"
        ))
        .help(format!("end {own} with {above} (`through` the same day), or say what else it is paid for"));
    Fault {
        clauses: vec![p.norm.id.clause, p.license.id().clause],
        version: p.version,
        days: vec![p.days],
        diagnostic: d,
        standing: Standing::Possible,
        witness: p.witness,
    }
}

/// Two terms of one license that nearly meet.
fn terms(case: &Case<'_>) -> Vec<Fault> {
    let mut out = Vec::new();
    for version in 0..case.program.versions.len() {
        let all = grants(case, version);
        for first in &all {
            let Some(end) = first.norm.term.through.as_ref().and_then(|d| d.fixed()) else { continue };
            for second in &all {
                out.extend(gap(case, first, second, end, &all));
            }
        }
    }
    out
}

fn gap(
    case: &Case<'_>,
    first: &Grant<'_>,
    second: &Grant<'_>,
    end: jiff::civil::Date,
    all: &[Grant<'_>],
) -> Option<Fault> {
    let s = case.symbols();
    let (a, b) = (first.license, second.license);
    let start = second.norm.term.from.as_ref().and_then(|d| d.fixed())?;
    let missing = days_between(end, start) - 1;
    if first.id() == second.id()
        || a.licensor != b.licensor
        || a.licensee != b.licensee
        || first.norm.term.renews.is_some()
        || !(1..=SHORT).contains(&missing)
    {
        return None;
    }
    let point = *shared(s, a, b).first()?;
    let days = Days { from: end.tomorrow().ok()?, through: start.yesterday().ok() };
    let bridged = all.iter().any(|g| {
        g.license.licensee == a.licensee
            && crate::grants::covers(s, g.license, point)
            && g.days.iter().any(|d| d.meet(days) == Some(days))
    });
    if bridged {
        return None;
    }
    let (one, other) = (words::clause(s, first.id().clause), words::clause(s, second.id().clause));
    let (giver, taker) = (words::person(s, a.licensor), words::person(s, a.licensee));
    let message = format!("{taker} holds no license to {} between {one} and {other}", words::point(s, point));
    let shows = format!("{taker} may not between the two terms");
    let use_ = act::act(s, a.event, a.licensee, point, days.from);
    let witness = act::witness(case, vec![use_], &shows, |r| r.rows.last().is_some_and(act::wrong));
    let d = diagnostic(CODE, Severity::Warning, message, second, label(case, second))
        .label(first.norm.span, label(case, first))
        .note(if missing == 1 {
            "one day lies between the end of the one and the beginning of the other".to_owned()
        } else {
            format!("{missing} days lie between the end of the one and the beginning of the other")
        })
        .help(format!(
            "begin {other} on {}, or end {one} on {}: {giver} grants both",
            days.from,
            start.yesterday().ok()?
        ));
    Some(Fault {
        clauses: vec![second.id().clause, first.id().clause],
        version: second.version,
        days: vec![days],
        diagnostic: d,
        standing: if witness.is_some() { Standing::Conflict } else { Standing::Possible },
        witness,
    })
}
