//! Obligations: for each clause that obliges, a history after which more of them arise or lapse on one side.
//!
//! Invariant: as for payments: the same moment of the same history.

use super::events::prints;
use super::{Change, ChangeKind, Found, Pairing, Undecided, person};
use crate::explore::{Log, Pair, search_pair};
use crate::finding::Witness;
use habendum_model::expr::WhoMember;
use habendum_model::value::ClauseId;
use habendum_norm::ir::{Body, Norm, Who};
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::ast::DutyEvent;
use std::collections::BTreeSet;

/// Changes of what is to be done.
pub(super) fn changes<'p>(p: &'p Pairing<'_>) -> impl Iterator<Item = Found> + use<'p> {
    let mut names: Vec<String> = Vec::new();
    for case in [&p.base, &p.head] {
        for n in case.program.versions.iter().flat_map(|v| &v.norms) {
            let name = case.symbols().clause_name(n.id.clause);
            if matches!(n.body, Body::Duty(_)) && !names.iter().any(|o| o == name) {
                names.push(name.to_owned());
            }
        }
    }
    names.into_iter().flat_map(|n| of_clause(p, &n))
}

fn of_clause(p: &Pairing<'_>, name: &str) -> Vec<Found> {
    let ids = (p.base.symbols().clause(name), p.head.symbols().clause(name));
    let same = |(a, b): (&habendum_norm::ir::Version, &habendum_norm::ir::Version)| {
        let (pa, pb) = (prints(&p.base.program, a), prints(&p.head.program, b));
        let here = |v: &habendum_norm::ir::Version, id: Option<ClauseId>| {
            v.norms.iter().any(|n| Some(n.id.clause) == id)
        };
        match (here(a, ids.0), here(b, ids.1)) {
            (false, false) => true,
            (true, true) => ids.0.map(|c| pa.clause(c)) == ids.1.map(|c| pb.clause(c)),
            (true, false) | (false, true) => false,
        }
    };
    if p.alike && p.versions().into_iter().all(same) {
        return Vec::new();
    }
    let undecided =
        |why: &str| vec![Found::Undecided(Undecided { about: name.to_owned(), why: why.to_owned() })];
    let Some(pair) = Pair::new(&p.base, &p.head) else {
        return undecided("one side does not hold together under the values of the other");
    };
    let slice = |id: Option<ClauseId>| id.into_iter().collect::<BTreeSet<ClauseId>>();
    let (here, there) = (slice(ids.0), slice(ids.1));
    let budget = super::scope::budget(p, name);
    let mut out = Vec::new();
    let way = |a: &Log, b: &Log| {
        let (x, y) = (burden(a, ids.0), burden(b, ids.1));
        if y > x { ChangeKind::NewlyObliged } else { ChangeKind::NoLongerObliged }
    };
    let mut open = vec![ChangeKind::NewlyObliged, ChangeKind::NoLongerObliged];
    while !open.is_empty() {
        let mut met = None;
        let mut goal = |a: &Log, b: &Log| {
            met = Some(way(a, b)).filter(|k| burden(a, ids.0) != burden(b, ids.1) && open.contains(k));
            met.is_some()
        };
        let got = search_pair(&pair, (Some(&here), Some(&there)), &mut goal, budget).witness;
        let (Some(w), Some(kind)) = (got, met) else { break };
        open.retain(|k| *k != kind);
        let mut same = |a: &Log, b: &Log| burden(a, ids.0) != burden(b, ids.1) && way(a, b) == kind;
        let w = super::scope::shortened(p, w, &mut same);
        out.extend(shown(p, name, ids, kind, w).map(|c| Found::Change(Box::new(c))));
    }
    if out.is_empty() {
        return undecided("no short history shows another obligation, and that there is none is not proved");
    }
    out
}

/// Deadlines missed, then obligations that arose and are not discharged.
fn burden(log: &Log, clause: Option<ClauseId>) -> (usize, i64) {
    let mut lapsed = 0;
    let mut open = 0_i64;
    for c in log.clock.iter().filter(|c| Some(c.norm.clause) == clause) {
        match &c.what {
            ClockEvent::Lapsed { excused_by: None, .. } => lapsed += 1,
            ClockEvent::Opened { .. } => open += 1,
            ClockEvent::Lapsed { .. }
            | ClockEvent::Accrued(_)
            | ClockEvent::FellDue { .. }
            | ClockEvent::Unpaid { .. }
            | ClockEvent::Effect(_) => {}
        }
    }
    for d in log.rows.iter().flat_map(|o| &o.duties).filter(|d| Some(d.norm.clause) == clause) {
        match d.what {
            DutyEvent::Triggered => open += 1,
            DutyEvent::Discharged => open -= 1,
            DutyEvent::Lapsed | DutyEvent::Excused => {}
        }
    }
    (lapsed, open)
}

fn shown(
    p: &Pairing<'_>,
    name: &str,
    ids: (Option<ClauseId>, Option<ClauseId>),
    kind: ChangeKind,
    mut w: Witness,
) -> Option<Change> {
    for (param, v) in p.assumed() {
        w.values.entry(param).or_insert(v);
    }
    let (x, y) = p.replay(&w)?;
    let log = |r: &crate::case::Replay| Log { rows: r.rows.clone(), clock: r.clock.clone() };
    let (here, there) = (burden(&log(&x), ids.0), burden(&log(&y), ids.1));
    if (kind == ChangeKind::NewlyObliged) != (there > here) || there == here {
        return None;
    }
    let who = bearer(p, ids);
    let said = |(lapsed, open): (usize, i64)| match (lapsed, open) {
        (0, n) if n <= 0 => "nothing is owed".to_owned(),
        (0, n) => format!("{n} open"),
        (l, _) => format!("{l} missed"),
    };
    let outcomes = (said(here), said(there));
    let sentence = format!("under `{name}`, of {who}: {} instead of {}", outcomes.1, outcomes.0);
    w.shows = sentence.clone();
    let (gains, loses) = if kind == ChangeKind::NewlyObliged {
        (Vec::new(), vec![who.clone()])
    } else {
        (vec![who.clone()], Vec::new())
    };
    let only = |id: Option<ClauseId>| id.map(|_| name.to_owned()).into_iter().collect();
    Some(Change {
        kind,
        base: only(ids.0),
        head: only(ids.1),
        about: name.to_owned(),
        outcomes,
        gains,
        loses,
        sentence,
        witness: w,
        places: (super::words::place(&p.base, ids.0), super::words::place(&p.head, ids.1)),
    })
}

/// Who bears the duty.
fn bearer(p: &Pairing<'_>, ids: (Option<ClauseId>, Option<ClauseId>)) -> String {
    let of = |case: &crate::case::Case<'_>, id: Option<ClauseId>| {
        let norms = case.program.versions.iter().rev().flat_map(|v| &v.norms);
        let duty = norms.filter(|n| Some(n.id.clause) == id).find_map(|n: &Norm| match &n.body {
            Body::Duty(d) => Some(&d.who),
            _ => None,
        })?;
        match duty {
            Who::Named(members) => members.iter().find_map(|m| match m {
                WhoMember::Party(id) => Some(person(case.symbols(), *id)),
                WhoMember::Register(_) => None,
            }),
            Who::AnyParty | Who::Anyone | Who::AnyoneExcept(_) | Who::OutsideLicense { .. } => None,
        }
    };
    of(&p.head, ids.1).or_else(|| of(&p.base, ids.0)).unwrap_or_else(|| "the bearer".into())
}
