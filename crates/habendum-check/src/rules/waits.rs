//! A duty that falls due before the act that must come first need be done.
//!
//! Data flow: a duty of a fixed day -> prohibitions of its act `before` another -> duties to do that other by a later day ->
//! a history of time alone, or none. Invariant: said only where the prohibition binds the duty's bearer, and the earlier
//! act is itself a duty of a later day.

use super::blocked::{Bidden, performs};
use super::scope::{amended, finding, never};
use crate::case::Case;
use crate::encode::{Feeds, History, Moment, verdicts};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::words;
use crate::solver::Formula;
use habendum_model::value::{EventId, Length};
use habendum_norm::ir::{Body, Duty, EventTest, Norm, Opening, Version};
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::DurationUnit;
use jiff::civil::Date;

/// When a duty falls due, as far as two of them compare.
enum DueBy<'v> {
    /// On a day.
    Day(Date),
    /// So many days after an event.
    After(&'v EventTest, i64),
}

fn due(d: &Duty) -> Option<DueBy<'_>> {
    match &d.opening {
        Opening::By(day) => day.fixed().map(DueBy::Day),
        Opening::Within { trigger, length } => days(*length).map(|n| DueBy::After(trigger, n)),
        Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline | Opening::OnBreach(_) => None,
    }
}

fn days(l: Length) -> Option<i64> {
    match l.unit {
        DurationUnit::Days => Some(i64::from(l.count)),
        DurationUnit::Weeks => Some(i64::from(l.count) * 7),
        DurationUnit::Hours
        | DurationUnit::BusinessDays
        | DurationUnit::Months
        | DurationUnit::Quarters
        | DurationUnit::Years => None,
    }
}

/// Whether the first is due before the second, on whatever day they arise.
fn sooner(a: &DueBy<'_>, b: &DueBy<'_>) -> bool {
    match (a, b) {
        (DueBy::Day(x), DueBy::Day(y)) => x < y,
        (DueBy::After(t, n), DueBy::After(u, k)) => {
            let text = |t: &EventTest| t.guard.as_ref().map(crate::encode::key_text);
            t.event == u.event && text(t) == text(u) && n < k
        }
        (DueBy::Day(_), DueBy::After(..)) | (DueBy::After(..), DueBy::Day(_)) => false,
    }
}

/// Duties of a version that are due too soon.
pub(super) fn waits(case: &Case<'_>, version: &Version) -> Vec<Finding> {
    let mut out = Vec::new();
    for n in &version.norms {
        let Body::Duty(duty) = &n.body else { continue };
        let Some(mine) = due(duty) else { continue };
        for first in must_follow(case, version, n, duty) {
            for o in &version.norms {
                if let Body::Duty(d) = &o.body
                    && d.event == first
                    && o.id != n.id
                    && due(d).is_some_and(|theirs| sooner(&mine, &theirs))
                {
                    out.extend(told(case, version, (n, &mine), (o, d)));
                }
            }
        }
    }
    out
}

/// Kinds without which every performance is forbidden.
fn must_follow(case: &Case<'_>, version: &Version, n: &Norm, duty: &Duty) -> Vec<EventId> {
    let rules = version.norms.iter().filter_map(|f| match &f.body {
        Body::Rule(r) if !r.permits && r.event == duty.event && !crate::grants::ranked(f, n) => {
            r.before.as_ref()
        }
        _ => None,
    });
    let mut kinds: Vec<EventId> = rules.map(|t| t.event).collect();
    kinds.sort();
    kinds.dedup();
    kinds.retain(|k| *k != duty.event && needs(case, version, n, duty, *k));
    kinds
}

/// Whether every performance is forbidden until the kind has occurred, and not afterwards.
fn needs(case: &Case<'_>, version: &Version, n: &Norm, duty: &Duty, k: EventId) -> bool {
    let program = &case.program;
    let tag = |e: EventId| format!(" \u{1}{}\u{1}", e.0);
    let mark = |f: Feeds<'_>| match f {
        Feeds::Test(t) => tag(t.event),
        Feeds::Measure(_) | Feeds::Clause(_) | Feeds::Acts(_) | Feeds::Register(_) | Feeds::Figure => {
            String::new()
        }
    };
    let mut m = Moment::new(program, duty.event, History::Any);
    m.turn(program, duty.event, None, &mark);
    let v = verdicts(&mut m, version);
    let does = performs(&mut m, version, Bidden { norm: n, duty, repairs: None });
    let free = Formula::and([v.within.clone(), does, Formula::not(v.forbidden())]);
    let seen: Vec<Formula> = m
        .states
        .iter()
        .filter(|(name, _)| name.starts_with("seen before") && name.ends_with(&tag(k)))
        .map(|(_, f)| f.clone())
        .collect();
    let not_yet = Formula::and(seen.into_iter().map(Formula::not));
    never(&mut m, &Formula::and([free.clone(), not_yet])) && !never(&mut m, &free)
}

fn told(
    case: &Case<'_>,
    version: &Version,
    (n, mine): (&Norm, &DueBy<'_>),
    (o, other): (&Norm, &Duty),
) -> Option<Finding> {
    let s = case.symbols();
    let (own, theirs) = (words::clause(s, n.id.clause), words::clause(s, o.id.clause));
    let kind = s.event_name(other.event);
    let message =
        format!("{own} is due before the {kind} that it must wait for, which {theirs} allows to come later");
    let d = Diagnostic::warning(super::c022::CODE, message, n.span, "due first")
        .label(o.span, "due later")
        .note(format!("until the {kind} has come, every performance of {own} is forbidden"))
        .help(format!("let {own} be due after {theirs}, or count its time from the {kind}"));
    let witness = match mine {
        DueBy::Day(day) => lapse(case, n, o, *day),
        DueBy::After(..) => None,
    };
    let mut clauses = vec![n.id.clause, o.id.clause];
    clauses.dedup();
    finding(version, None, amended(case, d, &[n, o]), clauses, Standing::Possible, witness)
}

/// Time alone: on its day the one has lapsed, and the other is still in time.
fn lapse(case: &Case<'_>, n: &Norm, o: &Norm, day: Date) -> Option<Witness> {
    let s = case.symbols();
    let (own, theirs) = (words::clause(s, n.id.clause), words::clause(s, o.id.clause));
    let shows = format!("{own} has lapsed, while {theirs} is still in time");
    let w = Witness { clock: Some(day), shows, ..Witness::default() };
    let replay = case.replay(&w).ok()?;
    let lapsed =
        |x: &Norm| replay.clock.iter().any(|c| c.norm == x.id && matches!(c.what, ClockEvent::Lapsed { .. }));
    (lapsed(n) && !lapsed(o)).then_some(w)
}
