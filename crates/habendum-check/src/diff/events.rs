//! Verdicts: for each event kind that both sides have, the events that one judges otherwise than the other.
//!
//! Data flow: verdicts of both versions over one event -> a formula per transition -> models, replayed on both sides; then
//! the same over any history, where a model calls for a search. Invariant: no model over any history, with every state
//! shared only where it is fed alike, is a proof that the kind is judged the same.

use super::{Change, ChangeKind, Found, Pairing, Undecided, deciding, person};
use crate::encode::{History, Moment, Verdicts, verdicts};
use crate::explore::{Budget, Log, Pair, search_pair};
use crate::finding::Witness;
use crate::fingerprint::Prints;
use crate::solver::{Answer, Formula};
use habendum_model::value::{EventId, Value};
use habendum_norm::ir::{Body, Norm, Version};
use habendum_norm::outcome::Outcome;
use habendum_syntax::ast::Verdict;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More changes of one kind and transition than this are not told apart.
const MOST: usize = 8;

/// How an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Free,
    Bad,
    Conflict,
}

/// How a verdict stands.
pub(super) fn class(v: Verdict) -> Class {
    match v {
        Verdict::Breach | Verdict::Unlicensed => Class::Bad,
        Verdict::Conflict => Class::Conflict,
        Verdict::Silent | Verdict::Permitted | Verdict::WithoutEffect | Verdict::Undetermined => Class::Free,
    }
}

const TRANSITIONS: [(Class, Class, ChangeKind); 6] = [
    (Class::Free, Class::Bad, ChangeKind::NewlyBreached),
    (Class::Bad, Class::Free, ChangeKind::NewlyPermitted),
    (Class::Free, Class::Conflict, ChangeKind::NewlyConflicting),
    (Class::Bad, Class::Conflict, ChangeKind::NewlyConflicting),
    (Class::Conflict, Class::Free, ChangeKind::NoLongerConflicting),
    (Class::Conflict, Class::Bad, ChangeKind::NoLongerConflicting),
];

/// Changes of verdicts.
pub(super) fn changes(p: &Pairing<'_>) -> Vec<Found> {
    let mut out = Vec::new();
    for i in 0..p.base.symbols().events.len() {
        let kind = EventId::at(i);
        if let Some(there) = p.there.kind(kind) {
            out.extend(of_kind(p, kind, there));
        }
    }
    out
}

fn of_kind(p: &Pairing<'_>, kind: EventId, there: EventId) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut open: BTreeMap<ChangeKind, String> = BTreeMap::new();
    for (a, b) in p.versions() {
        if p.alike && says_the_same(p, (a, b), (kind, there)) {
            continue;
        }
        out.extend(alone(p, (a, b), (kind, there)));
        for (k, why) in after_anything(p, (a, b), (kind, there)) {
            open.entry(k).or_insert(why);
        }
    }
    if !open.is_empty() {
        searched(p, kind, open, &mut out);
    }
    out
}

/// Whether all that bears on a kind is said alike, and the defaults are the same.
fn says_the_same(p: &Pairing<'_>, (a, b): (&Version, &Version), (kind, there): (EventId, EventId)) -> bool {
    let bears = |n: &Norm, kind: EventId, grant: bool| match &n.body {
        Body::Rule(r) => r.event == kind,
        Body::Keep(k) => k.shown_by.event == kind,
        Body::Duty(d) => d.event == kind,
        Body::Power(w) => w.exercised_by.event == kind,
        Body::License(l) => l.event == kind || grant,
        Body::Payment(_) | Body::Relief(_) | Body::Inert(_) => false,
    };
    let all = |prints: Prints<'_>, kind: EventId| {
        let grant = prints.program.symbols.event_name(kind) == "Grant";
        let norms = prints.version.norms.iter().filter(|n| bears(n, kind, grant));
        norms.map(|n| (prints.norm(n), prints.clause(n.id.clause))).collect::<Vec<_>>()
    };
    let (pa, pb) = (prints(&p.base.program, a), prints(&p.head.program, b));
    p.base.program.default_permits.get(kind.ix()) == p.head.program.default_permits.get(there.ix())
        && all(pa, kind) == all(pb, there)
}

pub(super) fn prints<'p>(program: &'p habendum_norm::ir::Program, version: &'p Version) -> Prints<'p> {
    Prints { program, version }
}

/// The event in a class, as a formula.
fn stands(v: &Verdicts, default_permits: bool, class: Class) -> Formula {
    let unkept = v.unkept();
    let (forbidden, permitted) = (v.forbidden(), v.permitted());
    let conflict = Formula::and([unkept.clone().not(), forbidden.clone(), permitted.clone()]);
    let unruled = Formula::and([forbidden.clone().not(), permitted.clone().not()]);
    let by_default = if default_permits { Formula::Const(false) } else { unruled };
    let bad = Formula::or([unkept, Formula::and([forbidden, permitted.not()]), by_default]);
    match class {
        Class::Conflict => conflict,
        Class::Bad => bad,
        Class::Free => Formula::and([bad.not(), conflict.not()]),
    }
}

/// Both sides over one event.
struct Both<'a> {
    m: Moment<'a>,
    a: Verdicts,
    b: Verdicts,
    defaults: (bool, bool),
}

impl Both<'_> {
    fn transition(&self, from: Class, to: Class) -> Formula {
        Formula::and([stands(&self.a, self.defaults.0, from), stands(&self.b, self.defaults.1, to)])
    }
}

fn with_both<R>(
    p: &Pairing<'_>,
    (a, b): (&Version, &Version),
    (kind, there): (EventId, EventId),
    history: History,
    use_them: impl FnOnce(Both<'_>) -> R,
) -> R {
    let (pa, pb) = (&*p.base.program, &*p.head.program);
    let (mark_a, mark_b) = (p.marks('a', prints(pa, a)), p.marks('b', prints(pb, b)));
    let mut m = Moment::shared(pa, pb, kind, history);
    m.turn(pa, kind, None, &mark_a);
    let va = verdicts(&mut m, a);
    m.turn(pb, there, (!p.alike).then(|| Arc::clone(&p.back)), &mark_b);
    let vb = verdicts(&mut m, b);
    let statable = m.statable(&p.there);
    m.solver.assert(Formula::and([va.within.clone(), vb.within.clone(), statable]));
    let default = |program: &habendum_norm::ir::Program, k: EventId| {
        program.default_permits.get(k.ix()).copied().unwrap_or(true)
    };
    let defaults = (default(pa, kind), default(pb, there));
    use_them(Both { m, a: va, b: vb, defaults })
}

/// Changes that the first event of a history shows.
fn alone(p: &Pairing<'_>, versions: (&Version, &Version), kinds: (EventId, EventId)) -> Vec<Found> {
    with_both(p, versions, kinds, History::Empty, |mut both| {
        let mut out = Vec::new();
        for (from, to, kind) in TRANSITIONS {
            let wish = both.transition(from, to);
            let mut blocked = vec![wish];
            for _ in 0..MOST {
                let plain = both.m.plain();
                let model = match both.m.solver.minimise_assuming(&blocked, &plain) {
                    Answer::Sat(model) => model,
                    Answer::Unsat | Answer::Unknown(_) => break,
                };
                let same = |v: &Verdicts| {
                    Formula::and(v.speaks.iter().map(|s| {
                        let holds = model.holds(&s.stands);
                        if holds { s.stands.clone() } else { s.stands.clone().not() }
                    }))
                };
                blocked.push(Formula::and([same(&both.a), same(&both.b)]).not());
                let Some((event, values)) = both.m.decode(&model) else { continue };
                let w = Witness { events: vec![event], clock: None, values, shows: String::new() };
                if let Some(c) = shown(p, w, (from, to), kind) {
                    out.push(Found::Change(Box::new(c)));
                }
            }
        }
        out
    })
}

/// What may change after some history, with what it hangs on; nothing where it is proved that nothing does.
fn after_anything(
    p: &Pairing<'_>,
    versions: (&Version, &Version),
    kinds: (EventId, EventId),
) -> BTreeMap<ChangeKind, String> {
    with_both(p, versions, kinds, History::Any, |mut both| {
        let all = || both.a.beyond.union(&both.b.beyond).copied();
        let beyond = all().next();
        // Of what lies beyond the formulas, only what a sublicensee may do adds to permissions that a prohibition meets.
        let meets = all().find(|what| *what == "sublicenses");
        let mut open = BTreeMap::new();
        for (from, to, kind) in TRANSITIONS {
            let wish = both.transition(from, to);
            let why = match both.m.solver.solve_assuming(&[wish]) {
                Answer::Unsat => {
                    let conflict = [from, to].contains(&Class::Conflict);
                    let hidden = if conflict { meets } else { beyond };
                    hidden.map(|what| format!("it hangs on {what}"))
                }
                Answer::Sat(_) => Some("it hangs on what happened before".to_owned()),
                Answer::Unknown(why) => Some(why),
            };
            if let Some(why) = why {
                open.entry(kind).or_insert(why);
            }
        }
        open
    })
}

/// Looks for histories after which the kind is judged otherwise, in each way that is open and that no row alone shows; where
/// rows show all of them, for a way that other clauses decide. What stays open is undecided.
fn searched(p: &Pairing<'_>, kind: EventId, mut open: BTreeMap<ChangeKind, String>, found: &mut Vec<Found>) {
    let change = |f: &Found| match f {
        Found::Change(c) => Some(c.kind),
        Found::Undecided(_) => None,
    };
    let shown_alone: Vec<ChangeKind> = found.iter().filter_map(change).collect();
    open.retain(|k, _| !shown_alone.contains(k));
    let about = || p.base.symbols().event_name(kind).to_owned();
    let Some(pair) = Pair::new(&p.base, &p.head) else {
        let why = "one side does not hold together under the values of the other".into();
        found.push(Found::Undecided(Undecided { about: about(), why }));
        return;
    };
    if open.is_empty() {
        let ways = ways(found);
        found.extend(after_history(p, &pair, kind, &|k, by| !ways.iter().any(|(w, b)| *w == k && b == by)));
        return;
    }
    loop {
        let got = after_history(p, &pair, kind, &|k, _| open.contains_key(&k));
        let Some(c) = got else { break };
        if let Some(k) = change(&c) {
            open.remove(&k);
        }
        found.push(c);
        if open.is_empty() {
            return;
        }
    }
    // One line for what one reason leaves open; the kinds are named where others of them were shown.
    let some = found.iter().any(|f| change(f).is_some());
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (k, why) in open {
        reasons.entry(why).or_default().push(k.word());
    }
    for (why, kinds) in reasons {
        let why = if some { format!("{}: {why}", kinds.join(", ")) } else { why };
        found.push(Found::Undecided(Undecided { about: about(), why }));
    }
}

/// The clauses that decide on each side, by name.
type Deciding = (Vec<String>, Vec<String>);

/// The changes found, with the clauses that decide each.
fn ways(found: &[Found]) -> Vec<(ChangeKind, Deciding)> {
    let of = |f: &Found| match f {
        Found::Change(c) => Some((c.kind, (c.base.clone(), c.head.clone()))),
        Found::Undecided(_) => None,
    };
    found.iter().filter_map(of).collect()
}

/// A history whose last event is judged otherwise in a wanted way.
fn after_history(
    p: &Pairing<'_>,
    pair: &Pair,
    kind: EventId,
    wanted: &dyn Fn(ChangeKind, &Deciding) -> bool,
) -> Option<Found> {
    let names = |c| p.base.symbols().clause_name(c).to_owned();
    let names_there = |c| p.head.symbols().clause_name(c).to_owned();
    let mut goal = |a: &Log, b: &Log| {
        let Some((x, y)) = a.rows.last().zip(b.rows.last()) else { return false };
        x.kind == kind
            && transition(x, y).is_some_and(|k| wanted(k, &(deciding(a, &names), deciding(b, &names_there))))
    };
    let budget = Budget { depth: 3, steps: 60_000, ..Budget::default() };
    let w = search_pair(pair, (None, None), &mut goal, budget).witness?;
    let (x, y) = p.replay(&w)?;
    let (x, y) = x.rows.last().zip(y.rows.last())?;
    let k = transition(x, y)?;
    shown(p, w, (class(x.verdict), class(y.verdict)), k).map(|c| Found::Change(Box::new(c)))
}

fn transition(x: &Outcome, y: &Outcome) -> Option<ChangeKind> {
    let (a, b) = (class(x.verdict), class(y.verdict));
    TRANSITIONS.iter().find(|(from, to, _)| *from == a && *to == b).map(|(_, _, k)| *k)
}

/// A change, replayed on both sides.
pub(super) fn shown(
    p: &Pairing<'_>,
    mut w: Witness,
    (from, to): (Class, Class),
    kind: ChangeKind,
) -> Option<Change> {
    for (param, v) in p.assumed() {
        w.values.entry(param).or_insert(v);
    }
    let (x, y) = p.replay(&w)?;
    let (x, y) = (x.rows.last()?, y.rows.last()?);
    if class(x.verdict) != from || class(y.verdict) != to {
        return None;
    }
    let log = |o: &Outcome| Log { rows: vec![o.clone()], clock: Vec::new() };
    let base = deciding(&log(x), &|c| p.base.symbols().clause_name(c).to_owned());
    let head = deciding(&log(y), &|c| p.head.symbols().clause_name(c).to_owned());
    let last = w.events.last()?;
    let actor = p.base.symbols().event_info(last.kind).actor.and_then(|f| last.fields.get(f.ix()));
    let who = match actor {
        Some(Value::Party(id)) => person(p.base.symbols(), *id),
        _ => "someone".into(),
    };
    let others = |out: &mut Vec<String>| {
        let s = p.base.symbols();
        let parties = s.parties.iter().filter(|(n, i)| i.party && **n != who).map(|(n, _)| n.clone());
        out.extend(parties);
    };
    let (mut gains, mut loses) = (Vec::new(), Vec::new());
    match kind {
        ChangeKind::NewlyBreached => {
            loses.push(who.clone());
            others(&mut gains);
        }
        ChangeKind::NewlyPermitted => {
            gains.push(who.clone());
            others(&mut loses);
        }
        ChangeKind::NewlyConflicting => loses.push(who.clone()),
        ChangeKind::NoLongerConflicting => gains.push(who.clone()),
        ChangeKind::NewlyObliged
        | ChangeKind::NoLongerObliged
        | ChangeKind::OwedMore
        | ChangeKind::OwedLess => {}
    }
    let what = p.base.symbols().event_name(last.kind);
    let sentence = super::words::verdicts(&who, what, last.date, (x.verdict, &base), (y.verdict, &head));
    w.shows = sentence.clone();
    let place = |case: &crate::case::Case<'_>, o: &Outcome| {
        let id = o.deciding.first()?;
        let norms = case.program.versions.iter().rev().flat_map(|v| &v.norms);
        norms.filter(|n| n.id == *id).map(|n| n.span).next()
    };
    Some(Change {
        kind,
        places: (place(&p.base, x), place(&p.head, y)),
        base,
        head,
        about: what.to_owned(),
        outcomes: (super::words::verdict(x.verdict).into(), super::words::verdict(y.verdict).into()),
        gains,
        loses,
        sentence,
        witness: w,
    })
}
