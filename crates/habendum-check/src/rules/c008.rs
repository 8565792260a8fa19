//! C008: one clause permits what another forbids, and nothing ranks them.
//!
//! Data flow: per version and event kind, the formula "both are left" is solved, the pairs of the model are
//! reported, and a pair not seen yet is asked for, until no model is left: as many queries as findings, plus one. Invariant: what is reported with a witness was
//! replayed to a `conflict` that names both sentences.

use crate::case::Case;
use crate::encode::{History, Moment, Speaks, Verdicts, verdicts};
use crate::finding::{Finding, Standing, Witness};
use crate::merge::{interval, join};
use crate::shown::{Shown, last_day, row};
use crate::solver::{Answer, Formula};
use habendum_model::value::{AmendmentId, EventId};
use habendum_norm::ir::{Body, Norm, Version, Who};
use habendum_norm::outcome::Outcome;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;

/// The code.
pub const CODE: &str = "C008";

/// Unranked pairs of a permission and a prohibition.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        for event in kinds(version) {
            found.extend(of_kind(case, version, event));
        }
    }
    join(found)
}

/// Kinds that some rule permits and some rule forbids.
fn kinds(version: &Version) -> Vec<EventId> {
    let mut out: Vec<EventId> = Vec::new();
    for n in &version.norms {
        if let Body::Rule(r) = &n.body
            && r.permits
            && !out.contains(&r.event)
        {
            let forbidden = version
                .norms
                .iter()
                .any(|f| matches!(&f.body, Body::Rule(x) if !x.permits && x.event == r.event));
            if forbidden {
                out.push(r.event);
            }
        }
    }
    out
}

/// The pairs of one kind: those that a single row shows, then those that need something before it.
fn of_kind(case: &Case<'_>, version: &Version, event: EventId) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen: Vec<(usize, usize)> = Vec::new();
    let circles = super::c014::precedences(version);
    for history in [History::Empty, History::Any] {
        let mut m = Moment::new(&case.program, event, history);
        let v = verdicts(&mut m, version);
        // An event that shows a maintenance duty unmet is a breach, whatever permits it.
        m.solver.assert(Formula::and([v.within.clone(), Formula::not(v.unkept())]));
        let forbidden = m.named(v.forbidden());
        loop {
            let model = match m.solver.solve_assuming(&[unseen(&v, &forbidden, &seen)]) {
                Answer::Sat(model) => model,
                Answer::Unsat => break,
                Answer::Unknown(why) => {
                    found.extend(undecided(case, version, &v, why));
                    break;
                }
            };
            let stand = |permits: bool| {
                let of = |s: &&Speaks| s.permits == permits && model.holds(&s.stands);
                v.speaks.iter().filter(of).map(|s| s.norm).collect::<Vec<_>>()
            };
            let pairs: Vec<(usize, usize)> =
                stand(true).iter().flat_map(|p| stand(false).into_iter().map(|f| (*p, f))).collect();
            for (p, f) in pairs {
                if !seen.contains(&(p, f)) {
                    seen.push((p, f));
                    // What gives way in a circle is C014's.
                    if theirs(version, p, f) && !circles.iter().any(|c| c.contains(&p) && c.contains(&f)) {
                        found.extend(pair(case, version, &mut m, &v, (p, f), history));
                    }
                }
            }
        }
    }
    found
}

/// Some pair that is not seen yet stands. Pairs that have been seen may stand beside it: some come together only.
fn unseen(v: &Verdicts, forbidden: &Formula, seen: &[(usize, usize)]) -> Formula {
    let of = |p: &Speaks| {
        let mut with = seen.iter().filter(|(x, _)| *x == p.norm).map(|(_, f)| *f).peekable();
        if with.peek().is_none() {
            return Formula::and([p.stands.clone(), forbidden.clone()]);
        }
        let with: Vec<usize> = with.collect();
        let left = v.speaks.iter().filter(|f| !f.permits && !with.contains(&f.norm));
        Formula::and([p.stands.clone(), Formula::or(left.map(|f| f.stands.clone()))])
    };
    Formula::or(v.speaks.iter().filter(|s| s.permits).map(of))
}

/// Where the solver gives up on a kind: said of its first permission and prohibition, never passed over.
fn undecided(case: &Case<'_>, version: &Version, v: &Verdicts, why: String) -> Option<Finding> {
    let first =
        |permits: bool| v.speaks.iter().find(|s| s.permits == permits).map(|s| &version.norms[s.norm]);
    let sides = (first(true)?, first(false)?);
    finding(case, version, sides, Standing::Unknown(why), None, (None, None))
}

fn both(v: &Verdicts, p: usize, f: usize) -> Formula {
    Formula::and(v.speaks.iter().filter(|s| s.norm == p || s.norm == f).map(|s| s.stands.clone()))
}

/// Whether the pair is this rule's: licenses against each other, and a licensor against its own grant, have codes of their
/// own.
fn theirs(version: &Version, p: usize, f: usize) -> bool {
    let (p, f) = (&version.norms[p], &version.norms[f]);
    let licensed = |n: &Norm| {
        version.norms.iter().find(|l| {
            matches!(l.body, Body::License(_)) && l.id.clause == n.id.clause && l.id.part == n.id.part
        })
    };
    let barred = matches!(&f.body, Body::Rule(r) if matches!(r.who, Who::OutsideLicense { .. }));
    if !barred {
        return true;
    }
    let by_grantor = || match (licensed(f).map(|l| &l.body), &p.body) {
        (Some(Body::License(l)), Body::Rule(r)) => {
            r.who == Who::Named(vec![habendum_model::expr::WhoMember::Party(l.licensor)])
        }
        _ => false,
    };
    licensed(p).is_none() && !by_grantor()
}

fn pair(
    case: &Case<'_>,
    version: &Version,
    m: &mut Moment<'_>,
    v: &Verdicts,
    (p, f): (usize, usize),
    history: History,
) -> Option<Finding> {
    let (permit, forbid) = (&version.norms[p], &version.norms[f]);
    let hold = [both(v, p, f)];
    let named = |o: &Outcome| {
        o.verdict == Verdict::Conflict && o.deciding.contains(&permit.id) && o.deciding.contains(&forbid.id)
    };
    let (standing, witness) = match history {
        History::Empty => match row(case, m, &hold, &named) {
            Shown::Never => return None,
            Shown::Row(w) if w.values.is_empty() => (Standing::Conflict, Some(*w)),
            Shown::Row(w) => (Standing::Possible, Some(*w)),
            Shown::Open(why) => (Standing::Unknown(why), None),
        },
        History::Any => {
            let clauses = [permit.id.clause, forbid.id.clause];
            match crate::shown::history(case, &clauses, &named) {
                Some(w) => (Standing::Possible, Some(w)),
                None => (Standing::Unknown("it hangs on what happened before".into()), None),
            }
        }
    };
    let first = witness.as_ref().and_then(|w| w.events.last()).map(|e| e.date);
    let last = last_day(m, &hold);
    finding(case, version, (permit, forbid), standing, witness, (first, last))
}

fn finding(
    case: &Case<'_>,
    version: &Version,
    (permit, forbid): (&Norm, &Norm),
    standing: Standing,
    mut witness: Option<Witness>,
    (first, last): (Option<Date>, Option<Date>),
) -> Option<Finding> {
    let s = case.symbols();
    let (p, f) = (s.clause_name(permit.id.clause), s.clause_name(forbid.id.clause));
    let what = match &permit.body {
        Body::Rule(r) => s.event_name(r.event),
        _ => "it",
    };
    let same = permit.id.clause == forbid.id.clause;
    let message = if same {
        format!("`{p}` both permits and forbids a {what}, and does not say which prevails")
    } else {
        format!("`{p}` permits a {what} that `{f}` forbids, and nothing says which prevails")
    };
    let make = match standing {
        Standing::Conflict => Diagnostic::error,
        Standing::Possible => Diagnostic::warning,
        Standing::Compatible | Standing::Disjoint(_) | Standing::Unknown(_) => Diagnostic::info,
    };
    let mut d = make(CODE, message, permit.span, "permitted here".to_owned())
        .label(forbid.span, "forbidden here")
        .note("neither order nor narrowness ranks two clauses: such an event is a conflict, and nobody can rely on either");
    for n in [permit, forbid] {
        for by in &n.provenance {
            let amendment = amendment(case, by.amendment);
            d = d.label(by.span, format!("{} by {amendment}", by.how));
        }
    }
    d = if same {
        d.help("make the narrower one an exception (`unless`) of the other")
    } else {
        d.help(format!("write `subject to {f}` in `{p}`, if the prohibition is to prevail"))
            .help(format!("or `notwithstanding {f}` in `{p}`, if the permission is to prevail"))
    };
    if let Standing::Unknown(why) = &standing {
        d = d.note(format!("not decided: {why}"));
    }
    if let Some(w) = &mut witness {
        w.shows = format!("`{p}` permits it, `{f}` forbids it");
    }
    Some(Finding {
        diagnostic: d,
        clauses: vec![permit.id.clause, forbid.id.clause],
        intervals: interval(version, first, last).into_iter().collect(),
        standing,
        witness,
    })
}

fn amendment<'d>(case: &Case<'d>, id: AmendmentId) -> &'d str {
    case.deal.amendments.get(id.ix()).map_or("an amendment", |a| a.ast.node.id.node.as_str())
}
