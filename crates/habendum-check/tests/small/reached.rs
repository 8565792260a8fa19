//! What a walk through a small deal reaches, sorted by the rule that has to report it.
//!
//! Data flow: [`World::walk`] -> conflicts, uses and grants of each day -> what each code must name. Invariant: made of the
//! interpreter's outcomes and the words of the rules' pages; a pair that several codes share is held to their union.

use super::world::World;
use habendum_model::expr::WhoMember;
use habendum_model::value::{ClauseId, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Exclusivity, License, Norm, NormId, Version, Who};
use habendum_norm::outcome::Outcome;
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Two clauses, the first of which permits or asks what the second forbids.
pub type Couple = (ClauseId, ClauseId);

/// What was reached.
#[derive(Default)]
pub struct Reached {
    /// Rule against rule: C008, with the days of it that need no history.
    pub unranked: BTreeMap<Couple, BTreeSet<Date>>,
    /// Rule against rule, each of which gives way to the other, at once or by way of others: C014.
    pub circles: BTreeSet<Couple>,
    /// A permission, or a duty, of a licensor within what it granted: C004.
    pub grantor: BTreeSet<Couple>,
    /// One license's permission against another's bar.
    pub licenses: BTreeSet<Couple>,
    /// A grant that one license makes and another forbids, on a day on which both stand.
    pub grants: BTreeSet<Couple>,
    /// The first day of each license on which it lets anyone use, and on which it keeps anyone out.
    pub stands: BTreeMap<ClauseId, Date>,
    pub bars: BTreeMap<ClauseId, Date>,
    /// Clauses that decided anything.
    pub decides: BTreeSet<ClauseId>,
    /// Events judged.
    pub judged: usize,
}

/// The text of a day.
pub fn version_on(w: &World, day: Date) -> &Version {
    let all = &w.program.versions;
    all.iter().rfind(|v| v.from.fixed().is_some_and(|d| d <= day)).unwrap_or(&all[0])
}

fn norm(v: &Version, id: NormId) -> Option<&Norm> {
    v.norms.iter().find(|n| n.id == id)
}

/// The license that a sentence comes with.
pub fn license_of(v: &Version, clause: ClauseId, part: u16) -> Option<&License> {
    v.norms.iter().filter(|n| n.id.clause == clause && n.id.part == part).find_map(|n| n.body.license())
}

fn named(n: &Norm) -> Option<PartyId> {
    match &n.body {
        Body::Rule(r) => match &r.who {
            Who::Named(all) => match all.as_slice() {
                [WhoMember::Party(p)] => Some(*p),
                _ => None,
            },
            Who::AnyParty | Who::Anyone | Who::AnyoneExcept(_) | Who::OutsideLicense { .. } => None,
        },
        _ => None,
    }
}

/// Whether one of two sentences prevails over the other; not where each does.
fn ranked(a: &Norm, b: &Norm) -> bool {
    let prevails =
        |x: &Norm, y: &Norm| y.subject_to.contains(&x.id.clause) || x.notwithstanding.contains(&y.id.clause);
    prevails(a, b) != prevails(b, a)
}

/// Whether each of two sentences gives way to the other, by way of others perhaps.
fn circle(v: &Version, a: &Norm, b: &Norm) -> bool {
    let yields = |x: &Norm, y: &Norm| {
        let side = |n: &Norm| match &n.body {
            Body::Rule(r) => Some((r.permits, r.event)),
            _ => None,
        };
        let opposite = side(x).zip(side(y)).is_some_and(|(x, y)| x.0 != y.0 && x.1 == y.1);
        opposite && (x.subject_to.contains(&y.id.clause) || y.notwithstanding.contains(&x.id.clause))
    };
    let leads = |from: &Norm, to: &Norm| {
        let mut at = vec![from];
        let mut next = 0;
        while next < at.len() {
            let x = at[next];
            let more: Vec<&Norm> = v.norms.iter().filter(|y| yields(x, y)).collect();
            at.extend(more.into_iter().filter(|y| !at.iter().any(|z| z.id == y.id)).collect::<Vec<_>>());
            next += 1;
        }
        at.iter().skip(1).any(|y| y.id == to.id)
    };
    leads(a, b) && leads(b, a)
}

/// Whether a sentence permits, as one of a conflict.
fn permits(n: &Norm) -> bool {
    match &n.body {
        Body::Rule(r) => r.permits,
        // A sublicensee's use, by the head.
        Body::License(_) => true,
        _ => false,
    }
}

/// Walks a deal.
pub fn reached(w: &World, depth: usize) -> Reached {
    let mut out = Reached::default();
    let mut uses: BTreeMap<(usize, Date), Vec<(Event, Outcome)>> = BTreeMap::new();
    let grant = w.deal.symbols.event("Grant").unwrap();
    let usage = w.deal.symbols.event("Use").unwrap();
    w.walk(depth, &mut |before, e, o| {
        out.judged += 1;
        out.decides.extend(o.deciding.iter().map(|n| n.clause));
        let v = version_on(w, e.date);
        judged(&mut out, v, e, o, before.is_empty());
        if before.is_empty() && (e.kind == grant || e.kind == usage) {
            uses.entry((0, e.date)).or_default().push((e.clone(), o.clone()));
        }
    });
    for ((_, day), all) in &uses {
        of_licenses(&mut out, w, *day, all);
    }
    out
}

fn judged(out: &mut Reached, v: &Version, e: &Event, o: &Outcome, first: bool) {
    if o.verdict == Verdict::Conflict {
        conflict(out, v, o, first);
    }
    asked(out, v, e, o);
}

/// What the last of some events reaches: of examples outside the tiny domain.
pub fn after(w: &World, events: &[Event]) -> Reached {
    let mut out = Reached::default();
    let mut run = w.start();
    for (i, e) in events.iter().enumerate() {
        run.advance(e.date).unwrap();
        let o = run.step(e).unwrap();
        if i + 1 == events.len() {
            judged(&mut out, version_on(w, e.date), e, &o, i == 0);
        }
    }
    out
}

fn conflict(out: &mut Reached, v: &Version, o: &Outcome, first: bool) {
    let of =
        |wanted: bool| o.deciding.iter().filter_map(|id| norm(v, *id)).filter(move |n| permits(n) == wanted);
    // What an event has granted, no clause has: a sublicensee's use is not held against other clauses.
    for p in of(true).filter(|p| !matches!(p.body, Body::License(_))) {
        for f in of(false) {
            let couple = (p.id.clause, f.id.clause);
            let bar = match &f.body {
                Body::Rule(r) if matches!(r.who, Who::OutsideLicense { .. }) => {
                    license_of(v, f.id.clause, f.id.part)
                }
                _ => None,
            };
            let by_license = license_of(v, p.id.clause, p.id.part).is_some();
            let in_circle = circle(v, p, f);
            if in_circle {
                out.circles.insert(couple);
            }
            match bar {
                Some(_) if by_license => {
                    out.licenses.insert(couple);
                }
                Some(l) if named(p) == Some(l.licensor) => {
                    out.grantor.insert(couple);
                }
                Some(_) | None if in_circle => {}
                Some(_) | None => {
                    let days = out.unranked.entry(couple).or_default();
                    if first {
                        days.insert(o.date);
                    }
                }
            }
        }
    }
}

/// A duty performed by a breach of what its bearer granted.
fn asked(out: &mut Reached, v: &Version, e: &Event, o: &Outcome) {
    if o.verdict != Verdict::Breach {
        return;
    }
    for c in o.duties.iter().filter(|c| c.what == DutyEvent::Discharged) {
        for f in &o.deciding {
            if license_of(v, f.clause, f.part).is_some_and(|l| e.fields[0] == Value::Party(l.licensor)) {
                out.grantor.insert((c.norm.clause, f.clause));
            }
        }
    }
}

/// Whether an asset, a territory and a field of use lie in a license's scope; an absent one only in the whole of its tree.
fn covers(w: &World, l: &License, at: &[Value]) -> bool {
    let s = &w.deal.symbols;
    let within = |v: &Value, all: &[TermId]| match v {
        Value::Term(t) => all.iter().any(|x| s.is_under(*t, *x)),
        _ => all.iter().any(|x| s.terms[x.ix()].parent.is_none()),
    };
    within(&at[0], &l.assets) && within(&at[1], &l.territories) && within(&at[2], &l.fields)
}

/// Whether a license forbids a person to use: then uses show what the two come to, and no grant is asked.
fn keeps_from_use(l: Option<&License>, who: PartyId) -> bool {
    l.is_some_and(|l| match &l.exclusivity {
        Exclusivity::Exclusive => who != l.licensee,
        Exclusivity::ExclusiveExceptGrantor => who != l.licensee && who != l.licensor,
        Exclusivity::CoExclusive(set) => who != l.licensee && who != l.licensor && !set.contains(&who),
        Exclusivity::Sole | Exclusivity::NonExclusive => false,
    })
}

/// What the uses and grants of one day say of licenses against each other.
fn of_licenses(out: &mut Reached, w: &World, day: Date, all: &[(Event, Outcome)]) {
    let v = version_on(w, day);
    let grant = w.deal.symbols.event("Grant").unwrap();
    let licenses: Vec<(NormId, &License)> =
        v.norms.iter().filter_map(|n| Some((n.id, n.body.license()?))).collect();
    let party = |p: PartyId| Value::Party(p);
    for (id, l) in &licenses {
        let lets = |(e, o): &&(Event, Outcome)| {
            e.kind == l.event
                && e.fields[0] == party(l.licensee)
                && o.deciding.iter().any(|n| n.clause == id.clause && n.part == id.part)
                && matches!(o.verdict, Verdict::Permitted | Verdict::Conflict)
                && o.deciding
                    .iter()
                    .filter_map(|n| norm(v, *n))
                    .any(|n| n.id.clause == id.clause && permits(n))
        };
        let own: Vec<&(Event, Outcome)> = all.iter().filter(lets).collect();
        if !own.is_empty() {
            out.stands.entry(id.clause).or_insert(day);
        }
        let keeps_out = |(e, o): &(Event, Outcome)| {
            let of = |n: &NormId| n.clause == id.clause;
            o.deciding.iter().any(of)
                && ((e.kind == grant && o.verdict == Verdict::Breach && e.fields[0] == party(l.licensor))
                    || (e.kind == l.event
                        && e.fields[0] != party(l.licensee)
                        && o.verdict != Verdict::Permitted))
        };
        if l.exclusivity != Exclusivity::NonExclusive && all.iter().any(keeps_out) {
            out.bars.entry(id.clause).or_insert(day);
        }
        // The grant that this license makes, at a point that it covers today.
        for (e, o) in all.iter().filter(|(e, _)| e.kind == grant) {
            let made = e.fields[0] == party(l.licensor) && e.fields[1] == party(l.licensee);
            let within = made && own.iter().any(|(u, _)| u.fields[1..4] == e.fields[2..5]);
            if !within || o.verdict != Verdict::Breach {
                continue;
            }
            for f in o.deciding.iter().filter(|f| f.clause != id.clause) {
                let theirs = license_of(v, f.clause, f.part);
                let ranked = norm(v, *id).zip(norm(v, *f)).is_some_and(|(a, b)| ranked(a, b));
                if ranked {
                    continue;
                }
                // A grant of more than the other covers clashes only where they meet.
                let decides = keeps_from_use(theirs, l.licensee)
                    || theirs.is_some_and(|x| !covers(w, x, &e.fields[2..5]));
                if theirs.is_some_and(|x| x.licensor == l.licensor && x.licensee != l.licensee) && !decides {
                    out.grants.insert((id.clause, f.clause));
                }
            }
        }
    }
}
