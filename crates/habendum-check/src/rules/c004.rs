//! C004: the grantor uses, may use or must use inside a scope that it has granted exclusively.

use super::pairs::{Met, is_open, meet, said_with};
use super::subs::{Beyond, subs};
use crate::case::Case;
use crate::finding::{Finding, Standing, Witness};
use crate::grants::act;
use crate::grants::days::{Days, common, days_of};
use crate::grants::lineage::passes_on;
use crate::grants::report::{Fault, diagnostic, join, label, severity, with_touches};
use crate::grants::{Grant, grants, points, ranked, words};
use habendum_model::expr::WhoMember;
use habendum_model::value::PartyId;
use habendum_norm::ir::{Body, Norm, Who};
use habendum_syntax::Severity;
use habendum_syntax::ast::DutyEvent;

/// The code.
pub const CODE: &str = "C004";

/// Permissions and duties of a grantor that its own grant forbids.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let loose = subs(case);
    let mut faults = Vec::new();
    for (version, v) in case.program.versions.iter().enumerate() {
        let all = grants(case, version);
        for g in &all {
            let owner = g.license.licensor;
            let loose = || {
                loose.iter().any(|s| {
                    s.version() == version
                        && s.sub.id() == g.id()
                        && s.beyond
                            .iter()
                            .any(|(b, _)| matches!(b, Beyond::NonExclusiveHead | Beyond::WeakerHead))
                })
            };
            for n in v.norms.iter().filter(|n| g.bars_use(owner) && speaks(case, n, g) && !ranked(n, g.norm))
            {
                let head = all.iter().find(|h| h.id().clause == n.id.clause && h.id().part == n.id.part);
                // What keeps out more than its head does is C002's or C006's.
                if head.is_none() || !loose() {
                    faults.extend(fault(case, g, owner, n, head));
                }
            }
        }
    }
    join(case, faults)
}

/// Whether a sentence lets the grantor by name use, or bids it. A permission of many is C008's.
fn speaks(case: &Case<'_>, n: &Norm, g: &Grant<'_>) -> bool {
    let owner = g.license.licensor;
    let named = Who::Named(vec![WhoMember::Party(owner)]);
    match &n.body {
        Body::Rule(r) => r.permits && r.event == g.license.event && r.who == named,
        Body::Duty(d) => d.event == g.license.event && act::may_be(case, &d.who, owner),
        Body::Keep(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => false,
    }
}

fn fault(
    case: &Case<'_>,
    g: &Grant<'_>,
    owner: PartyId,
    n: &Norm,
    head: Option<&Grant<'_>>,
) -> Option<Fault> {
    let days = common(&days_of(case, g.version, n), &g.days);
    days.first()?;
    let mut said = said_with(case, &[g]);
    said.push(n);
    let witness = days.iter().find_map(|d| shows(case, g, owner, n, *d, &said));
    let open = !g.sure || said.iter().any(|n| is_open(case, g.version, n));
    let (standing, witness) = match (witness, &n.body) {
        (Some(w), _) if open => (Standing::Possible, Some(w)),
        (Some(w), _) => (Standing::Conflict, Some(w)),
        (None, Body::Rule(_)) => {
            let bar = said.iter().find(|b| b.id.clause == g.id().clause && b.id.sub == 2)?;
            match meet(case, g.version, g.license.event, n, bar) {
                Met::Never => return None,
                Met::Row(w) => (Standing::Possible, Some(*w)),
                Met::Open(_) => (Standing::Possible, None),
            }
        }
        (None, _) if open => (Standing::Possible, None),
        // The duty does not reach into the scope.
        (None, _) => return None,
    };
    Some(told(case, g, owner, n, head, days, standing, witness))
}

#[allow(clippy::too_many_arguments, reason = "the parts of one finding")]
fn told(
    case: &Case<'_>,
    g: &Grant<'_>,
    owner: PartyId,
    n: &Norm,
    head: Option<&Grant<'_>>,
    days: Vec<Days>,
    standing: Standing,
    witness: Option<Witness>,
) -> Fault {
    let s = case.symbols();
    let (own, it) = (words::clause(s, n.id.clause), words::clause(s, g.id().clause));
    let (who, taker) = (words::person(s, owner), words::person(s, g.license.licensee));
    let kind = s.event_name(g.license.event);
    let derived = head.is_some_and(|h| passes_on(case, g, h));
    let (verb, place) = match (&n.body, head) {
        (Body::Duty(_), _) => (format!("{own} bids {who} {kind}"), "the duty".to_owned()),
        (_, Some(h)) => (format!("{own} licenses {who} to {kind}"), label(case, h)),
        _ => (format!("{own} lets {who} {kind}"), "the permission".to_owned()),
    };
    let message = format!("{verb} where {it} gives {taker} an exclusive license");
    // A licensee that has given its right away has hardly kept it: a word is missing, not a choice.
    let weight = if derived { Severity::Warning } else { severity(&standing) };
    let mut d = diagnostic(CODE, weight, message, g, label(case, g));
    d.labels.insert(0, habendum_syntax::Label { span: n.span, message: place });
    d = with_touches(case, d, g.version, &[g]);
    if let Some(h) = head {
        d = with_touches(case, d, h.version, &[h]);
    }
    d = d.note(format!("an exclusive license keeps out everyone but {taker}, its grantor included"));
    if derived {
        d = d.help(format!(
            "`notwithstanding {}` on {it} says that {who} has given its own use away",
            s.clause_name(n.id.clause)
        ));
    } else if matches!(n.body, Body::Duty(_)) {
        d = d.help(format!("take the duty out of the scope, or spare {who}: `exclusive except grantor`"));
    } else {
        d = d
            .help(format!("`subject to {}` on {own} keeps {who} out", s.clause_name(g.id().clause)))
            .help(format!("`exclusive except grantor` or `sole` in {it} lets {who} go on"));
    }
    Fault {
        clauses: vec![n.id.clause, g.id().clause],
        version: g.version,
        days,
        diagnostic: d,
        standing,
        witness,
    }
}

fn shows(
    case: &Case<'_>,
    g: &Grant<'_>,
    owner: PartyId,
    n: &Norm,
    days: Days,
    said: &[&Norm],
) -> Option<Witness> {
    let s = case.symbols();
    let (own, it) = (words::clause(s, n.id.clause), words::clause(s, g.id().clause));
    let tries = points(g.license)
        .into_iter()
        .flat_map(|p| act::variations(s, &act::act(s, g.license.event, owner, p, days.from), said, &[]));
    let tries: Vec<_> = tries.take(1024).collect();
    match &n.body {
        Body::Duty(d) => {
            let shows = format!("what {own} asks for is a breach of {it}");
            act::openings(case, d, days.from).into_iter().find_map(|before| {
                act::shown(case, &before, &tries, &shows, |r| {
                    act::is_wrong(r, g.norm)
                        && r.rows.last().is_some_and(|o| {
                            o.duties.iter().any(|c| c.norm == n.id && c.what == DutyEvent::Discharged)
                        })
                })
            })
        }
        _ => {
            let shows = format!("{own} permits what {it} forbids, and no word ranks them");
            act::shown(case, &[], &tries, &shows, |r| act::is_conflict(r, &[n, g.norm]))
        }
    }
}
