//! `never`, `always`, `implies` and `equivalent to`: properties of the verdict on one event, after any history.
//!
//! Invariant: a verdict that the formulas do not speak of (`without effect`, `undetermined`) is searched for, never proved.

use super::{Days, Proof, left_open};
use crate::case::Case;
use crate::encode::{Frame, History, Moment, Verdicts, verdicts};
use crate::explore::{Budget, search};
use crate::finding::Witness;
use crate::shown::{Shown, row};
use crate::solver::{Answer, Formula};
use habendum_model::elaborate::{Scope, elaborate_guard};
use habendum_model::expr::Expr;
use habendum_model::value::{ClauseId, EventId};
use habendum_norm::event::Event;
use habendum_norm::ir::Version;
use habendum_norm::outcome::{ClockOutcome, Outcome};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::{self, Name, Verdict};

/// An outcome as a property names it.
struct Asked {
    verdict: Verdict,
    clause: Option<ClauseId>,
    on: Option<(EventId, Option<Expr>)>,
}

type Typed<T> = Result<T, Vec<Diagnostic>>;

fn asked(case: &Case<'_>, o: &ast::Outcome) -> Typed<Asked> {
    let s = case.symbols();
    let on = match &o.on {
        None => None,
        Some(e) => match s.event(&e.event.node) {
            None => None,
            Some(kind) => {
                let scope = Scope::new(s).over(kind);
                let guard = e.guard.as_ref().map(|g| elaborate_guard(&scope, g)).transpose()?;
                Some((kind, guard))
            }
        },
    };
    Ok(Asked { verdict: o.verdict, clause: o.clause.as_ref().and_then(|c| s.clause(&c.node)), on })
}

/// `never VERDICT [of CLAUSE] [on E where ...]`
pub(super) fn never(case: &Case<'_>, o: &ast::Outcome, days: Days) -> Typed<Proof> {
    let a = asked(case, o)?;
    let broken = |e: &Event, x: &Outcome| is(case, &a, e, x);
    let wish = |m: &mut Moment<'_>, v: &Verdicts, version: &Version, permits: bool| {
        let on = about(m, version, &a)?;
        Some(Formula::and([on, formula(v, version, permits, &a)?]))
    };
    Ok(decide(case, &[&a], days, &wish, &broken))
}

/// `always VERDICT [of CLAUSE] on E where ...`
pub(super) fn always(case: &Case<'_>, o: &ast::Outcome, days: Days) -> Typed<Proof> {
    let a = asked(case, o)?;
    let broken = |e: &Event, x: &Outcome| on(case, &a, e) && !is(case, &a, e, x);
    let wish = |m: &mut Moment<'_>, v: &Verdicts, version: &Version, permits: bool| {
        let on = about(m, version, &a)?;
        Some(Formula::and([on, formula(v, version, permits, &a)?.not()]))
    };
    Ok(decide(case, &[&a], days, &wish, &broken))
}

/// `OUTCOME implies OUTCOME`
pub(super) fn implies(case: &Case<'_>, x: &ast::Outcome, y: &ast::Outcome, days: Days) -> Typed<Proof> {
    let (a, b) = (asked(case, x)?, asked(case, y)?);
    let broken = |e: &Event, o: &Outcome| is(case, &a, e, o) && !is(case, &b, e, o);
    let wish = |m: &mut Moment<'_>, v: &Verdicts, version: &Version, permits: bool| {
        let first = Formula::and([about(m, version, &a)?, formula(v, version, permits, &a)?]);
        let second = Formula::and([about(m, version, &b)?, formula(v, version, permits, &b)?]);
        Some(Formula::and([first, second.not()]))
    };
    Ok(decide(case, &[&a, &b], days, &wish, &broken))
}

/// `CLAUSE equivalent to CLAUSE`: each permits and forbids what the other does, on every event after any history.
pub(super) fn equivalent(case: &Case<'_>, x: &Name, y: &Name, days: Days) -> Proof {
    let s = case.symbols();
    let (Some(a), Some(b)) = (s.clause(&x.node), s.clause(&y.node)) else {
        return left_open("a clause that is not declared");
    };
    let rules_only = case.program.versions.iter().flat_map(|v| &v.norms).all(|n| {
        (n.id.clause != a && n.id.clause != b) || matches!(n.body, habendum_norm::ir::Body::Rule(_))
    });
    if !rules_only {
        return left_open(
            "only clauses that permit and forbid are compared; `habendum diff` compares the others",
        );
    }
    for version in &case.program.versions {
        for kind in 0..s.events.len() {
            let mut m = Moment::new(&case.program, EventId::at(kind), History::Any);
            let v = verdicts(&mut m, version);
            m.solver.assert(Formula::and([v.within.clone(), m.days(days.from, days.through)]));
            for permits in [true, false] {
                let of = |c: ClauseId| {
                    let own = v.speaks.iter().filter(|p| p.permits == permits);
                    Formula::or(
                        own.filter(|p| version.norms[p.norm].id.clause == c).map(|p| p.applies.clone()),
                    )
                };
                match m.solver.solve_assuming(&[of(a).xor(of(b))]) {
                    Answer::Unsat => {}
                    Answer::Unknown(why) => return left_open(why),
                    Answer::Sat(model) => {
                        let Some((event, values)) = m.decode(&model) else {
                            return left_open("an event that cannot be written down");
                        };
                        let (x, y) = (&x.node, &y.node);
                        let shows = format!("only one of `{x}` and `{y}` speaks of it");
                        let w = Witness { events: vec![event], clock: None, values, shows };
                        return if m.opaque.is_empty() && m.states.is_empty() {
                            Proof::Refuted(Box::new(w), Vec::new())
                        } else {
                            left_open("it hangs on what happened before")
                        };
                    }
                }
            }
        }
    }
    Proof::Proved
}

type Wish<'w> = dyn Fn(&mut Moment<'_>, &Verdicts, &Version, bool) -> Option<Formula> + 'w;

/// Proves that no event breaks a property, or finds one that does.
fn decide(
    case: &Case<'_>,
    asked: &[&Asked],
    days: Days,
    wish: &Wish<'_>,
    broken: &dyn Fn(&Event, &Outcome) -> bool,
) -> Proof {
    let kinds: Vec<EventId> = match asked.iter().find_map(|a| a.on.as_ref()) {
        Some((k, _)) => vec![*k],
        None => (0..case.symbols().events.len()).map(EventId::at).collect(),
    };
    let mut open: Option<String> = None;
    for version in &case.program.versions {
        for kind in &kinds {
            match of_kind(case, version, *kind, asked, days, wish, broken) {
                Proof::Proved => {}
                Proof::Refuted(w, path) => return Proof::Refuted(w, path),
                Proof::Open { why, .. } => open = open.or(Some(why)),
            }
        }
    }
    let Some(why) = open else { return Proof::Proved };
    match searched(case, &kinds, days, broken) {
        Some(w) => Proof::Refuted(Box::new(w), Vec::new()),
        None => left_open(format!("{why}; no history of up to {DEPTH} events breaks it")),
    }
}

fn of_kind(
    case: &Case<'_>,
    version: &Version,
    kind: EventId,
    asked: &[&Asked],
    days: Days,
    wish: &Wish<'_>,
    broken: &dyn Fn(&Event, &Outcome) -> bool,
) -> Proof {
    let permits = case.program.default_permits.get(kind.ix()).copied().unwrap_or(true);
    for history in [History::Empty, History::Any] {
        let mut m = Moment::new(&case.program, kind, history);
        let v = verdicts(&mut m, version);
        let within = Formula::and([v.within.clone(), m.days(days.from, days.through)]);
        m.solver.assert(within);
        let Some(w) = wish(&mut m, &v, version, permits) else {
            return left_open("a verdict that formulas do not speak of");
        };
        if history == History::Empty {
            let wanted = |e: &Witness, o: &Outcome| e.events.last().is_some_and(|e| broken(e, o));
            if let Some(w) = replayed(case, &mut m, &[w], &wanted) {
                return Proof::Refuted(Box::new(w), Vec::new());
            }
            continue;
        }
        return match m.solver.solve_assuming(&[w]) {
            Answer::Unsat => match beyond(&v, asked) {
                None => Proof::Proved,
                Some(why) => left_open(why),
            },
            Answer::Sat(_) => left_open("it hangs on what happened before"),
            Answer::Unknown(why) => left_open(why),
        };
    }
    Proof::Proved
}

fn replayed(
    case: &Case<'_>,
    m: &mut Moment<'_>,
    hold: &[Formula],
    wanted: &dyn Fn(&Witness, &Outcome) -> bool,
) -> Option<Witness> {
    match row(case, m, hold, &|_| true) {
        Shown::Row(w) => {
            let replay = case.replay(&w).ok()?;
            replay.rows.last().is_some_and(|o| wanted(&w, o)).then_some(*w)
        }
        Shown::Never | Shown::Open(_) => None,
    }
}

/// What the formulas leave out that could make an event worse than they say.
fn beyond(v: &Verdicts, asked: &[&Asked]) -> Option<String> {
    let worse =
        asked.iter().all(|a| matches!(a.verdict, Verdict::Breach | Verdict::Unlicensed)) && asked.len() == 1;
    let harmless = |what: &&str| worse && (what.contains("obligation") || what.contains("power"));
    v.beyond.iter().find(|what| !harmless(what)).map(|what| format!("it hangs on {what}"))
}

/// Events of a search at most.
const DEPTH: usize = 3;

fn searched(
    case: &Case<'_>,
    kinds: &[EventId],
    days: Days,
    broken: &dyn Fn(&Event, &Outcome) -> bool,
) -> Option<Witness> {
    let inside =
        |o: &Outcome| days.from.is_none_or(|d| d <= o.date) && days.through.is_none_or(|d| o.date <= d);
    // The goal sees outcomes only, so a find is replayed with its events.
    let mut goal = |rows: &[Outcome], _: &[ClockOutcome]| {
        rows.last().is_some_and(|o| {
            let e = Event { row: o.row, date: o.date, instant: None, kind: o.kind, fields: Vec::new() };
            kinds.contains(&o.kind) && inside(o) && broken(&e, o)
        })
    };
    let budget = Budget { depth: DEPTH, steps: 60_000, ..Budget::default() };
    let w = search(case, None, &mut goal, budget).witness?;
    let replay = case.replay(&w).ok()?;
    let (e, o) = (w.events.last()?, replay.rows.last()?);
    broken(e, o).then_some(w)
}

/// The event is one that the property is about.
fn about(m: &mut Moment<'_>, version: &Version, a: &Asked) -> Option<Formula> {
    match &a.on {
        None => Some(Formula::Const(true)),
        Some((kind, _)) if *kind != m.event => Some(Formula::Const(false)),
        Some((_, None)) => Some(Formula::Const(true)),
        Some((_, Some(g))) => {
            let at = Frame { params: &version.params, key: &[], fields: true };
            Some(m.truth(g, &at))
        }
    }
}

/// The verdict, as a formula; none where formulas do not speak of it.
fn formula(v: &Verdicts, version: &Version, default_permits: bool, a: &Asked) -> Option<Formula> {
    let (forbidden, permitted, unkept) = (v.forbidden(), v.permitted(), v.unkept());
    let unruled = Formula::and([forbidden.clone().not(), permitted.clone().not()]);
    let by_default = if default_permits { Formula::Const(false) } else { unruled.clone() };
    let alone = Formula::and([forbidden.clone(), permitted.clone().not()]);
    let bad = Formula::and([unkept.clone().not(), Formula::or([alone, by_default])]);
    let holds = match a.verdict {
        Verdict::Breach => Formula::or([unkept.clone(), Formula::and([bad, v.by_party.clone()])]),
        Verdict::Unlicensed => Formula::and([bad, v.by_party.clone().not()]),
        Verdict::Conflict => Formula::and([unkept.clone().not(), forbidden, permitted]),
        Verdict::Permitted => Formula::and([unkept.clone().not(), forbidden.not(), permitted]),
        Verdict::Silent if default_permits => Formula::and([unkept.clone().not(), unruled]),
        Verdict::Silent => Formula::Const(false),
        Verdict::WithoutEffect | Verdict::Undetermined => return None,
    };
    let Some(c) = a.clause else { return Some(holds) };
    let speaks = v.speaks.iter().filter(|s| version.norms[s.norm].id.clause == c).map(|s| s.stands.clone());
    let shown = v.unmet.iter().filter(|(n, _)| version.norms[*n].id.clause == c).map(|(_, f)| f.clone());
    let by_rule = Formula::and([unkept.not(), Formula::or(speaks)]);
    Some(Formula::and([holds, Formula::or([by_rule, Formula::or(shown)])]))
}

/// The event is one that the property is about. An event without fields is taken for one that is: a replay decides.
fn on(case: &Case<'_>, a: &Asked, e: &Event) -> bool {
    match &a.on {
        None => true,
        Some((kind, guard)) => {
            *kind == e.kind
                && guard.as_ref().is_none_or(|g| e.fields.is_empty() || crate::shown::holds(case, g, e))
        }
    }
}

fn is(case: &Case<'_>, a: &Asked, e: &Event, x: &Outcome) -> bool {
    on(case, a, e)
        && x.verdict == a.verdict
        && a.clause.is_none_or(|c| x.deciding.iter().any(|id| id.clause == c))
}
