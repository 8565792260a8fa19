//! Duties to do what is forbidden by default: on which days some clause permits what they ask.
//!
//! Data flow: a duty's days, cut where a permission of its bearer begins or ends -> for each run of days, events that
//! perform it, replayed -> [`Unpermitted`]. Invariant: a run is unpermitted only where performing it was replayed and the
//! duty alone permitted it.

use super::blocked::{Bidden, performs};
use super::pairs::is_open;
use crate::case::{Case, Replay};
use crate::encode::{History, Moment, verdicts};
use crate::finding::Witness;
use crate::grants::act;
use crate::grants::days::{Days, days_of};
use crate::grants::{grants, words};
use crate::solver::Formula;
use habendum_model::expr::WhoMember;
use habendum_model::value::{Exact, PartyId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Duty, Norm, NormId, Who};
use habendum_norm::outcome::Outcome;
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// More runs of one duty in one version than this are not looked at.
const MOST_RUNS: usize = 24;

/// Days on which a duty asks for what no clause permits.
pub(super) struct Unpermitted<'c> {
    /// The version.
    pub version: usize,
    /// The duty.
    pub norm: &'c Norm,
    /// Whose it is.
    pub bearer: PartyId,
    /// When.
    pub days: Days,
    /// What permitted it on earlier days.
    pub relied_on: Option<NormId>,
    /// A permission that hangs on more than the day may cover it.
    pub open: bool,
    /// What shows it.
    pub witness: Witness,
}

/// What came of looking for a performance.
enum Performance {
    /// A sentence other than the duty permits one.
    Permitted(NormId),
    /// None does.
    Alone(Witness),
    /// None was found.
    NotFound,
}

/// Every run of days, in order of versions.
pub(super) fn unpermitted<'c>(case: &'c Case<'_>) -> Vec<Unpermitted<'c>> {
    let mut relied: BTreeMap<NormId, NormId> = BTreeMap::new();
    let mut out = Vec::new();
    for (version, v) in case.program.versions.iter().enumerate() {
        for norm in &v.norms {
            let Body::Duty(duty) = &norm.body else { continue };
            if case.program.default_permits.get(duty.event.ix()).copied().unwrap_or(true) {
                continue;
            }
            for bearer in bearers(&duty.who) {
                let may = permissions(case, version, duty, bearer);
                // Where a license begins or ends, what it bars may change too.
                let bars = grants(case, version).into_iter().filter(|g| g.license.event == duty.event);
                let rules =
                    v.norms.iter().filter(|n| matches!(&n.body, Body::Rule(r) if r.event == duty.event));
                let ruled = rules.flat_map(|n| days_of(case, version, n));
                let cut: Vec<Days> = bars.flat_map(|g| g.days).chain(ruled).collect();
                for days in runs(case, version, norm, &cut) {
                    match performed(case, norm, duty, bearer, days.from, &may) {
                        Performance::Permitted(by) => {
                            relied.insert(norm.id, by);
                        }
                        Performance::Alone(witness) => out.push(Unpermitted {
                            version,
                            norm,
                            bearer,
                            days,
                            relied_on: relied.get(&norm.id).copied(),
                            open: may.iter().any(|(n, all)| {
                                all.iter().any(|d| d.meet(days).is_some()) && is_open(case, version, n)
                            }),
                            witness,
                        }),
                        Performance::NotFound => {}
                    }
                }
            }
        }
    }
    out
}

fn bearers(who: &Who) -> Vec<PartyId> {
    match who {
        Who::Named(all) => all
            .iter()
            .filter_map(|m| match m {
                WhoMember::Party(p) => Some(*p),
                WhoMember::Register(_) => None,
            })
            .collect(),
        Who::AnyParty | Who::Anyone | Who::AnyoneExcept(_) | Who::OutsideLicense { .. } => Vec::new(),
    }
}

/// What permits a person the duty's kind of event, with its days.
fn permissions<'c>(
    case: &'c Case<'_>,
    version: usize,
    duty: &Duty,
    bearer: PartyId,
) -> Vec<(&'c Norm, Vec<Days>)> {
    let Some(v) = case.program.versions.get(version) else { return Vec::new() };
    let may = v.norms.iter().filter(|n| {
        n.body.rule().is_some_and(|r| r.permits && r.event == duty.event && act::may_be(case, &r.who, bearer))
    });
    may.map(|n| (n, days_of(case, version, n))).collect()
}

/// The duty's days, cut where others begin or end.
fn runs(case: &Case<'_>, version: usize, norm: &Norm, cut: &[Days]) -> Vec<Days> {
    let mut cuts: BTreeSet<Date> = BTreeSet::new();
    for d in cut {
        cuts.insert(d.from);
        cuts.extend(d.through.and_then(|t| t.tomorrow().ok()));
    }
    let mut out = Vec::new();
    for whole in days_of(case, version, norm) {
        let mut from = whole.from;
        let inside = |c: &&Date| **c > whole.from && whole.through.is_none_or(|t| **c <= t);
        for cut in cuts.iter().filter(inside) {
            out.push(Days { from, through: cut.yesterday().ok() });
            from = *cut;
        }
        out.push(Days { from, through: whole.through });
    }
    out.truncate(MOST_RUNS);
    out
}

fn performed(
    case: &Case<'_>,
    norm: &Norm,
    duty: &Duty,
    bearer: PartyId,
    day: Date,
    may: &[(&Norm, Vec<Days>)],
) -> Performance {
    let s = case.symbols();
    let mut base = act::bare(s, duty.event, bearer, day);
    if let Some((_, counted)) = &duty.quantity
        && let Some(v) = base.fields.get_mut(counted.ix())
    {
        *v = much(v);
    }
    let mut said: Vec<&Norm> = may.iter().map(|(n, _)| *n).collect();
    said.push(norm);
    let mut tries = act::variations(s, &base, &said, &[]);
    tries.extend(solved(case, norm, duty, bearer, day));
    // Another duty, which the same act performs, gives no right to it either.
    let lets = |d: &NormId| {
        let is = |n: &Norm| n.id == *d && !matches!(n.body, Body::Duty(_));
        case.program.versions.iter().any(|v| v.norms.iter().any(is))
    };
    let mut alone: Option<(Vec<Event>, Event)> = None;
    for before in act::openings(case, duty, day).into_iter().take(16) {
        for e in &tries {
            let Some(last) = last_of(case, &before, &[e]) else { continue };
            if last.verdict != Verdict::Permitted || !discharges(&last, norm) {
                continue;
            }
            match last.deciding.iter().find(|d| **d != norm.id && lets(d)) {
                Some(by) => return Performance::Permitted(*by),
                None => {
                    alone.get_or_insert_with(|| (before.clone(), e.clone()));
                }
            }
        }
    }
    let Some((before, e)) = alone else { return Performance::NotFound };
    let name = words::clause(s, norm.id.clause);
    let again = [before.clone(), vec![e.clone()]].concat();
    let lone = |r: &Replay| r.rows.last().is_some_and(|o| act::wrong(o) && o.deciding.is_empty());
    let once = |r: &Replay| r.rows.last().is_some_and(|o| o.deciding == [norm.id]);
    let shows = format!("with no duty under {name} open, the same act is forbidden");
    let w = act::shown(case, &again, std::slice::from_ref(&e), &shows, lone).or_else(|| {
        let shows = format!("nothing but {name} itself permits it");
        act::shown(case, &before, std::slice::from_ref(&e), &shows, once)
    });
    w.map_or(Performance::NotFound, Performance::Alone)
}

/// Performances that nothing forbids: one that another sentence permits, and one that none does, where the solver has them.
fn solved(case: &Case<'_>, norm: &Norm, duty: &Duty, bearer: PartyId, day: Date) -> Vec<Event> {
    let Some(version) = case.program.versions.iter().rev().find(|v| v.from.fixed().is_some_and(|d| d <= day))
    else {
        return Vec::new();
    };
    let mut m = Moment::new(&case.program, duty.event, History::Empty);
    let v = verdicts(&mut m, version);
    let does = performs(&mut m, version, Bidden { norm, duty, repairs: None });
    let free = Formula::and([does, m.days(Some(day), Some(day)), v.forbidden().not(), v.unkept().not()]);
    let plain = m.plain();
    let actor = case.symbols().event_info(duty.event).actor;
    let mut out = Vec::new();
    for how in [v.permitted(), v.permitted().not()] {
        let model = m.solver.minimise_assuming(&[free.clone(), how], &plain).model();
        let event = model.and_then(|model| m.decode(&model)).map(|(e, _)| e);
        let own = |e: &Event| actor.is_none_or(|f| e.fields.get(f.ix()) == Some(&Value::Party(bearer)));
        out.extend(event.filter(own));
    }
    out
}

fn much(v: &Value) -> Value {
    let n = Exact::int(1_000_000_000_000);
    match v {
        Value::Money(_, c) => Value::Money(n, *c),
        Value::Number(_) => Value::Number(n),
        v => v.clone(),
    }
}

fn last_of(case: &Case<'_>, before: &[Event], then: &[&Event]) -> Option<Outcome> {
    let mut events = before.to_vec();
    events.extend(then.iter().map(|e| (*e).clone()));
    for (row, e) in (1..).zip(&mut events) {
        e.row = row;
    }
    case.replay(&Witness { events, ..Witness::default() }).ok()?.rows.pop()
}

fn discharges(o: &Outcome, norm: &Norm) -> bool {
    o.duties.iter().any(|c| c.norm == norm.id && c.what == DutyEvent::Discharged)
}
