//! The windows of duties: what opens an obligation, and every performance of it while it is open, judged.
//!
//! Data flow: a deal -> openings (none but time, or one trigger) -> each day and act of the window -> [`Windows`]. Invariant: only
//! acts that discharge the obligation count as performances.

use super::alone::Domain;
use super::reached::{license_of, version_on};
use super::world::{World, days};
use habendum_model::value::ClauseId;
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Norm, NormId, Opening, Who};
use habendum_norm::outcome::{ClockEvent, Outcome};
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What the windows of a deal show.
#[derive(Default)]
pub struct Windows {
    /// Duties some obligation of which no act performs but by a breach.
    pub shut: BTreeSet<ClauseId>,
    /// Duties that on some day nothing but the duty itself lets its bearer perform, though the act is forbidden by default.
    pub unlicensed: BTreeSet<ClauseId>,
    /// Duties of which an obligation was opened.
    pub judged: BTreeSet<ClauseId>,
}

/// An obligation that is open.
struct Open {
    run: Interpreter,
    norm: NormId,
    number: u64,
    since: Date,
    deadline: Option<Date>,
}

/// Walks the windows.
pub fn windows(w: &World) -> Windows {
    let mut out = Windows::default();
    let mut alone: BTreeMap<NormId, BTreeMap<Date, (bool, bool)>> = BTreeMap::new();
    for o in openings(w) {
        let v = version_on(w, o.since);
        let Some(n) = v.norms.iter().find(|n| n.id == o.norm) else { continue };
        out.judged.insert(o.norm.clause);
        let (mut performed, mut free) = (false, false);
        window(w, &o, n, &mut |day, outcome| {
            performed = true;
            free |= !barred(w, day, n, outcome);
            if outcome.verdict == Verdict::Permitted {
                let by = alone.entry(n.id).or_default().entry(day).or_default();
                if outcome.deciding.iter().any(|d| lets(w, day, *d)) { by.0 = true } else { by.1 = true }
            }
        });
        if performed && !free {
            out.shut.insert(o.norm.clause);
        }
    }
    for (id, days) in alone {
        let kind = w.program.versions.iter().flat_map(|v| &v.norms).find_map(|n| match &n.body {
            Body::Duty(d) if n.id == id => Some(d.event),
            _ => None,
        });
        let open = kind.is_none_or(|k| w.program.default_permits.get(k.ix()).copied().unwrap_or(true));
        if !open && days.values().any(|(others, own)| *own && !others) {
            out.unlicensed.insert(id.clause);
        }
    }
    out
}

/// Whether a sentence gives a right: another duty gives none.
fn lets(w: &World, day: Date, id: NormId) -> bool {
    version_on(w, day).norms.iter().any(|n| n.id == id && !matches!(n.body, Body::Duty(_)))
}

/// Whether some obligation of a clause, open after these events, is shut.
pub fn shut_after(w: &World, events: &[Event], clause: ClauseId) -> bool {
    let mut run = w.start();
    let mut open: Vec<(NormId, u64, Option<Date>)> = Vec::new();
    for e in events {
        run.advance(e.date).unwrap();
        for c in run.take_clock() {
            if let ClockEvent::Opened { obligation, deadline } = &c.what {
                open.push((c.norm, *obligation, *deadline));
            }
        }
        let o = run.step(e).unwrap();
        let new = o.duties.iter().filter(|d| d.what == DutyEvent::Triggered);
        open.extend(new.map(|d| (d.norm, d.obligation, d.deadline)));
    }
    let Some(since) = events.last().map(|e| e.date) else { return false };
    open.into_iter().filter(|(n, ..)| n.clause == clause).any(|(norm, number, deadline)| {
        let o = Open { run: run.clone(), norm, number, since, deadline };
        let v = version_on(w, since);
        let Some(n) = v.norms.iter().find(|n| n.id == norm) else { return false };
        let (mut performed, mut free) = (false, false);
        window(w, &o, n, &mut |day, outcome| {
            performed = true;
            free |= !barred(w, day, n, outcome);
        });
        performed && !free
    })
}

/// Every obligation that time alone opens, and every one that a first event opens.
fn openings(w: &World) -> Vec<Open> {
    let mut out = Vec::new();
    let mut run = w.start();
    for day in days() {
        run.advance(day).unwrap();
        for c in run.take_clock() {
            if let ClockEvent::Opened { obligation, deadline } = &c.what {
                let (number, deadline) = (*obligation, *deadline);
                out.push(Open { run: run.clone(), norm: c.norm, number, since: c.date.max(day), deadline });
            }
        }
    }
    let triggers: BTreeSet<_> = w
        .program
        .versions
        .iter()
        .flat_map(|v| &v.norms)
        .filter_map(|n| match &n.body {
            Body::Duty(d) => match &d.opening {
                Opening::Within { trigger, .. } => Some(trigger.event),
                _ => None,
            },
            _ => None,
        })
        .collect();
    for day in days() {
        let mut at = w.start();
        at.advance(day).unwrap();
        for (kind, all) in w.kinds.iter().filter(|(k, _)| triggers.contains(k)) {
            for fields in all {
                let mut run = at.clone();
                let e = Event { row: 1, date: day, instant: None, kind: *kind, fields: fields.clone() };
                let o = run.step(&e).unwrap();
                for d in o.duties.iter().filter(|d| d.what == DutyEvent::Triggered) {
                    let (number, deadline) = (d.obligation, d.deadline);
                    out.push(Open { run: run.clone(), norm: d.norm, number, since: day, deadline });
                }
            }
        }
    }
    out
}

/// Every act of the window that discharges the obligation.
fn window(w: &World, o: &Open, n: &Norm, visit: &mut dyn FnMut(Date, &Outcome)) {
    let Body::Duty(duty) = &n.body else { return };
    let d = Domain::of(w, duty.event);
    for day in days().into_iter().filter(|x| *x >= o.since && o.deadline.is_none_or(|l| *x <= l)) {
        let mut here = o.run.clone();
        here.advance(day).unwrap();
        for (kind, fields) in d.acts() {
            let e = Event { row: 2, date: day, instant: None, kind, fields: fields.clone() };
            let outcome = here.clone().step(&e).unwrap();
            let done = outcome
                .duties
                .iter()
                .any(|x| x.norm == o.norm && x.obligation == o.number && x.what == DutyEvent::Discharged);
            if done {
                visit(day, &outcome);
            }
        }
    }
}

/// Whether a rule or a maintenance duty stands against a performance: not a license, not what must merely come first, and not
/// what words rank with the duty.
fn barred(w: &World, day: Date, duty: &Norm, o: &Outcome) -> bool {
    if !matches!(o.verdict, Verdict::Breach | Verdict::Conflict | Verdict::Unlicensed) {
        return false;
    }
    let v = version_on(w, day);
    o.deciding.iter().any(|id| {
        let Some(n) = v.norms.iter().find(|n| n.id == *id) else { return false };
        let bars = match &n.body {
            Body::Rule(r) => !r.permits && r.before.is_none() && !matches!(r.who, Who::OutsideLicense { .. }),
            Body::Keep(_) => true,
            _ => false,
        };
        // Where each prevails over the other, nothing is ranked.
        let ranked = n.subject_to.contains(&duty.id.clause) != n.notwithstanding.contains(&duty.id.clause);
        bars && !ranked && license_of(v, id.clause, id.part).is_none()
    })
}
