//! Verdicts: for each event kind that both sides have, the events that one judges otherwise than the other.
//!
//! Data flow: verdicts of both versions over one event -> a formula per transition -> models, replayed on both sides; then
//! the same over any history, where a model calls for a search. Invariant: no model over any history, with every state
//! shared only where it is fed alike, is a proof that the kind is judged the same.

use super::{Change, ChangeKind, Found, Pairing, Undecided, deciding, person, scope};
use crate::encode::{History, Moment, Verdicts, verdicts};
use crate::explore::{Budget, Log, Pair, search_pair};
use crate::finding::Witness;
use crate::fingerprint::Prints;
use crate::solver::{Answer, Formula};
use habendum_model::value::{EventId, Value};
use habendum_norm::ir::Version;
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

/// What single events show, and what that leaves open.
#[derive(Default)]
pub(super) struct Alone {
    /// Changes that the first event of a history shows.
    pub found: Vec<Change>,
    /// Kinds that may be judged otherwise after some history: in which ways, and why.
    pub open: Vec<(EventId, BTreeMap<ChangeKind, String>)>,
}

/// Changes of verdicts that single events show.
pub(super) fn changes(p: &Pairing<'_>) -> Alone {
    let mut out = Alone::default();
    for i in 0..p.base.symbols().events.len() {
        let kind = EventId::at(i);
        if let Some(there) = p.there.kind(kind) {
            of_kind(p, kind, there, &mut out);
        }
    }
    out
}

fn of_kind(p: &Pairing<'_>, kind: EventId, there: EventId, out: &mut Alone) {
    let mut open: BTreeMap<ChangeKind, String> = BTreeMap::new();
    for (a, b) in p.versions() {
        if p.alike && says_the_same(p, (a, b), (kind, there)) {
            continue;
        }
        out.found.extend(alone(p, (a, b), (kind, there)));
        for (k, why) in after_anything(p, (a, b), (kind, there)) {
            open.entry(k).or_insert(why);
        }
    }
    if !open.is_empty() {
        out.open.push((kind, open));
    }
}

/// Whether all that bears on a kind is said alike, and the defaults are the same.
fn says_the_same(p: &Pairing<'_>, (a, b): (&Version, &Version), (kind, there): (EventId, EventId)) -> bool {
    let all = |prints: Prints<'_>, kind: EventId| {
        let grant = prints.program.symbols.event_name(kind) == "Grant";
        let norms = prints.version.norms.iter().filter(|n| scope::speaks(n, kind, grant));
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
fn alone(p: &Pairing<'_>, versions: (&Version, &Version), kinds: (EventId, EventId)) -> Vec<Change> {
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
                    out.push(c);
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
pub(super) fn searched(
    p: &Pairing<'_>,
    kind: EventId,
    mut open: BTreeMap<ChangeKind, String>,
    known: &[Change],
) -> Vec<Found> {
    let about = || p.base.symbols().event_name(kind).to_owned();
    let known: Vec<&Change> = known.iter().filter(|c| c.about == about()).collect();
    let mut found: Vec<Found> = Vec::new();
    open.retain(|k, _| !known.iter().any(|c| c.kind == *k));
    let Some(pair) = Pair::new(&p.base, &p.head) else {
        let why = "one side does not hold together under the values of the other".into();
        return vec![Found::Undecided(Undecided { about: about(), why })];
    };
    if open.is_empty() {
        let is_new =
            |k, by: &Deciding| !known.iter().any(|c| c.kind == k && (&c.base, &c.head) == (&by.0, &by.1));
        let more = after_history(p, &pair, kind, &is_new);
        return more.map(|c| Found::Change(Box::new(c))).into_iter().collect();
    }
    loop {
        let got = after_history(p, &pair, kind, &|k, _| open.contains_key(&k));
        let Some(c) = got else { break };
        open.remove(&c.kind);
        found.push(Found::Change(Box::new(c)));
        if open.is_empty() {
            return found;
        }
    }
    // One line for what one reason leaves open; the kinds are named where others of them were shown.
    let some = !found.is_empty() || !known.is_empty();
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (k, why) in open {
        reasons.entry(why).or_default().push(k.word());
    }
    for (why, kinds) in reasons {
        let why = if some { format!("{}: {why}", kinds.join(", ")) } else { why };
        found.push(Found::Undecided(Undecided { about: about(), why }));
    }
    found
}

/// The clauses that decide on each side, by name.
type Deciding = (Vec<String>, Vec<String>);

/// A history whose last event is judged otherwise in a wanted way.
fn after_history(
    p: &Pairing<'_>,
    pair: &Pair,
    kind: EventId,
    wanted: &dyn Fn(ChangeKind, &Deciding) -> bool,
) -> Option<Change> {
    let names = |c| p.base.symbols().clause_name(c).to_owned();
    let names_there = |c| p.head.symbols().clause_name(c).to_owned();
    let mut goal = |a: &Log, b: &Log| {
        let Some((x, y)) = a.rows.last().zip(b.rows.last()) else { return false };
        x.kind == kind
            && transition(x, y).is_some_and(|k| wanted(k, &(deciding(a, &names), deciding(b, &names_there))))
    };
    // What is said otherwise and what speaks of the kind first: fewer values to try reach further.
    let (here, there) = scope::bearing(p, kind);
    let near =
        Budget { depth: 3, steps: 30_000, combinations: 512, strolls: scope::STROLLS, ..Budget::default() };
    let far = Budget { depth: 3, steps: 15_000, ..Budget::default() };
    let w = search_pair(pair, (Some(&here), Some(&there)), &mut goal, near)
        .witness
        .or_else(|| search_pair(pair, (None, None), &mut goal, far).witness)?;
    let w = scope::shortened(p, w, &mut goal);
    let (x, y) = p.replay(&w)?;
    let (x, y) = x.rows.last().zip(y.rows.last())?;
    let k = transition(x, y)?;
    shown(p, w, (class(x.verdict), class(y.verdict)), k)
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
