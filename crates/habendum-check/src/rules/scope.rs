//! What a sentence asks of the event that brings it to bear, as formulas; and findings put together.
//!
//! Data flow: a norm -> the kind of event that it speaks of -> its terms, persons and conditions over a [`Moment`]. Invariant:
//! the formulas leave a version's own days aside, so that a sentence whose day has passed is not taken for an idle one.

use crate::case::Case;
use crate::encode::{History, Moment, day_number, frame};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::days::Days;
use crate::grants::words;
use crate::merge::interval;
use crate::solver::{Answer, Formula};
use habendum_model::expr::Expr;
use habendum_model::value::{ClauseId, EventId};
use habendum_norm::ir::{Basis, Body, EventTest, Norm, Opening, Version, Who};
use habendum_syntax::Diagnostic;

/// The kind of event that brings a sentence to bear; none where time alone does, or nothing.
pub(super) fn kind(n: &Norm) -> Option<EventId> {
    match &n.body {
        Body::Rule(r) => Some(r.event),
        Body::Duty(d) => match &d.opening {
            Opening::Within { trigger, .. } => Some(trigger.event),
            Opening::By(_)
            | Opening::Each(_)
            | Opening::AfterEach(..)
            | Opening::NoDeadline
            | Opening::OnBreach(_) => None,
        },
        Body::Keep(k) => Some(k.shown_by.event),
        Body::Payment(p) => match &p.basis {
            Basis::Each(t) | Basis::First(t) => Some(t.event),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => None,
        },
        Body::Power(p) => Some(p.exercised_by.event),
        Body::Relief(r) => Some(r.cause.event),
        Body::License(_) | Body::Inert(_) => None,
    }
}

/// A moment of a kind after any history, on any day of the agreement.
pub(super) fn moment<'c>(case: &'c Case<'_>, event: EventId, history: History) -> Moment<'c> {
    let mut m = Moment::new(&case.program, event, history);
    if let Some(first) = case.program.effective.fixed() {
        let after = Formula::at_least(m.day, day_number(first));
        m.solver.assert(after);
    }
    m
}

/// The sentence comes to bear on the moment's event, its exceptions aside.
pub(super) fn bears(m: &mut Moment<'_>, version: &Version, n: &Norm) -> Formula {
    let force = m.in_force(version, n);
    let mut parts = vec![force];
    match &n.body {
        Body::Rule(r) => {
            parts.push(among(m, version, n, &r.who));
            parts.push(holds(m, version, n, r.guard.as_ref()));
        }
        Body::Duty(d) => {
            if let Opening::Within { trigger, .. } = &d.opening {
                parts.push(test(m, version, n, trigger));
            }
        }
        // Whoever acts: the event shows the state, and the breach is of whom the duty binds.
        Body::Keep(k) => parts.push(test(m, version, n, &k.shown_by)),
        Body::Payment(p) => {
            if let Basis::Each(t) | Basis::First(t) = &p.basis {
                parts.push(test(m, version, n, t));
            }
            parts.push(holds(m, version, n, p.guard.as_ref()));
        }
        Body::Power(p) => {
            parts.push(among(m, version, n, &p.who));
            parts.push(test(m, version, n, &p.exercised_by));
            parts.push(holds(m, version, n, p.ground.as_ref()));
        }
        Body::Relief(r) => parts.push(test(m, version, n, &r.cause)),
        Body::License(_) | Body::Inert(_) => {}
    }
    Formula::and(parts)
}

/// The actor is among these; true of an event without one.
pub(super) fn among(m: &mut Moment<'_>, version: &Version, n: &Norm, who: &Who) -> Formula {
    match m.actor() {
        Some(by) => m.among(version, who, n.id.clause, by),
        None => Formula::Const(true),
    }
}

fn holds(m: &mut Moment<'_>, version: &Version, n: &Norm, e: Option<&Expr>) -> Formula {
    e.map_or(Formula::Const(true), |e| m.truth(e, &frame(version, n)))
}

fn test(m: &mut Moment<'_>, version: &Version, n: &Norm, t: &EventTest) -> Formula {
    holds(m, version, n, t.guard.as_ref())
}

/// Proved to hold of no event.
pub(super) fn never(m: &mut Moment<'_>, f: &Formula) -> bool {
    matches!(m.solver.solve_assuming(std::slice::from_ref(f)), Answer::Unsat)
}

/// Some event satisfies it.
pub(super) fn can(m: &mut Moment<'_>, f: &Formula) -> bool {
    matches!(m.solver.solve_assuming(std::slice::from_ref(f)), Answer::Sat(_))
}

/// Adds what amendments did to these sentences.
pub(super) fn amended(case: &Case<'_>, d: Diagnostic, of: &[&Norm]) -> Diagnostic {
    let all = of.iter().flat_map(|n| n.provenance.iter().map(move |p| (n, p)));
    all.fold(d, |d, (n, p)| {
        let name = words::clause(case.symbols(), n.id.clause);
        d.label(p.span, format!("{name} {} by {}", p.how, words::amendment(case, p.amendment)))
    })
}

/// A finding in a version, on these of its days; none where they are not its own.
pub(super) fn finding(
    version: &Version,
    days: Option<Days>,
    diagnostic: Diagnostic,
    clauses: Vec<ClauseId>,
    standing: Standing,
    witness: Option<Witness>,
) -> Option<Finding> {
    let (from, through) = days.map_or((None, None), |d| (Some(d.from), d.through));
    let interval = interval(version, from, through)?;
    Some(Finding { diagnostic, clauses, intervals: vec![interval], standing, witness })
}

/// A kind of event with its article.
pub(super) fn one(kind: &str) -> String {
    let vowel = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// Whether a sentence is what a license desugars to.
pub(super) fn of_license(version: &Version, n: &Norm) -> bool {
    let licensed =
        |l: &Norm| matches!(l.body, Body::License(_)) && l.id.clause == n.id.clause && l.id.part == n.id.part;
    version.norms.iter().any(licensed)
}
