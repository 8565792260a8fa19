//! C007: a duty that every performance of is forbidden, or whose window a prohibition squeezes.
//!
//! Data flow: duties and reparations -> [`Boards`] of forbidden days -> what these take of a window ([`taken`]) -> a
//! performance, replayed to a breach that discharges the duty. Invariant: words that rank the two settle it, and a
//! reparation never conflicts with what it repairs.

use super::blocked::{Bidden, Boards, Run, performs};
use super::scope::{amended, among, one};
use super::window::{Taken, taken};
use crate::case::Case;
use crate::encode::{History, Moment, verdicts};
use crate::explore::{Budget, search};
use crate::finding::{Finding, Interval, Standing, Witness};
use crate::grants::act;
use crate::grants::days::{Days, days_of, of_version};
use crate::grants::words;
use crate::merge::join;
use crate::solver::Formula;
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Norm, NormId, Opening};
use habendum_norm::outcome::{ClockOutcome, Outcome};
use habendum_norm::reads::otherwise;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The code.
pub const CODE: &str = "C007";

/// Duties that cannot be performed without a wrong.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut boards = Boards::new(case);
    let mut seen: BTreeSet<(NormId, u32)> = BTreeSet::new();
    for version in &case.program.versions {
        for n in &version.norms {
            let mut at = Some((n, None));
            while let Some((norm, repairs)) = at {
                if let Body::Duty(duty) = &norm.body
                    && seen.insert((norm.id, norm.span.start))
                {
                    let b = Bidden { norm, duty, repairs };
                    found.extend(of_duty(case, n, b, &boards.runs(b)));
                }
                at = otherwise(norm).map(|o| (o, Some(norm.id)));
            }
        }
    }
    join(found)
}

/// The days on which the sentence that holds a duty stands, in all texts.
fn stands(case: &Case<'_>, holder: &Norm) -> Vec<Days> {
    let mut out: Vec<Days> = Vec::new();
    for (v, version) in case.program.versions.iter().enumerate() {
        let Some(n) = version.norms.iter().find(|n| n.id == holder.id && n.span == holder.span) else {
            continue;
        };
        for d in days_of(case, v, n) {
            match out.last_mut() {
                Some(last) if last.through.and_then(|t| t.tomorrow().ok()) == Some(d.from) => {
                    last.through = d.through;
                }
                _ => out.push(d),
            }
        }
    }
    out
}

fn of_duty(case: &Case<'_>, holder: &Norm, b: Bidden<'_>, all: &[Run]) -> Vec<Finding> {
    if all.is_empty() {
        return Vec::new();
    }
    let days = stands(case, holder);
    let written =
        holder.term.through.as_ref().and_then(|d| d.fixed()).filter(|_| holder.term.renews.is_none());
    let took: Vec<Taken> = all.iter().map(|run| taken(case, b.duty, &days, written, run)).collect();
    // What is shut need not be said to be squeezed.
    let whole = took.iter().any(|t| matches!(t, Taken::Whole { .. }));
    all.iter()
        .zip(took)
        .filter_map(|(run, took)| match took {
            Taken::Part { .. } if whole => None,
            Taken::Nothing => None,
            Taken::Part { .. } if !run.certain => None,
            Taken::Part { window, left, of } => squeezed(case, b, run, window, (left, of)),
            Taken::Whole { opens, until } => shut(case, holder, b, run, opens, until),
        })
        .collect()
}

/// The sentences that forbid, as they stand on the run's first day.
fn bars<'c>(case: &'c Case<'_>, run: &Run) -> Vec<&'c Norm> {
    let on = |v: &&habendum_norm::ir::Version| of_version(v).is_some_and(|d| d.meet(run.days).is_some());
    let mut out: Vec<&Norm> = Vec::new();
    for v in case.program.versions.iter().filter(on) {
        for n in v.norms.iter().filter(|n| run.by.contains(&n.id)) {
            if !out.iter().any(|o| o.id == n.id && o.span == n.span) {
                out.push(n);
            }
        }
    }
    out
}

fn placed(case: &Case<'_>, d: Diagnostic, b: Bidden<'_>, bars: &[&Norm]) -> Diagnostic {
    let d = bars.iter().fold(d, |d, f| d.label(f.span, "forbidden here"));
    let mut all = vec![b.norm];
    all.extend(bars);
    amended(case, d, &all)
}

fn named(case: &Case<'_>, bars: &[&Norm]) -> String {
    let mut names: Vec<String> = bars.iter().map(|f| words::clause(case.symbols(), f.id.clause)).collect();
    names.dedup();
    words::list(&names)
}

/// How the duty is called.
fn own(case: &Case<'_>, b: Bidden<'_>) -> String {
    let name = words::clause(case.symbols(), b.norm.id.clause);
    if b.repairs.is_some() { format!("the reparation of {name}") } else { name }
}

fn squeezed(
    case: &Case<'_>,
    b: Bidden<'_>,
    run: &Run,
    window: Days,
    (left, of): (i64, i64),
) -> Option<Finding> {
    let s = case.symbols();
    let bars = bars(case, run);
    let own = own(case, b);
    let (by, what) = (named(case, &bars), s.event_name(b.duty.event));
    let message = format!("{by} leaves {left} of {of} days to perform {own}");
    let d = Diagnostic::info(CODE, message, b.norm.span, "the duty")
        .note(format!("{} every {what} that would do is forbidden", words::days(run.days)))
        .note(format!("the window looked at runs {}", words::days(window)));
    found(case, placed(case, d, b, &bars), b, &bars, window, Standing::Compatible, None)
}

fn shut(
    case: &Case<'_>,
    holder: &Norm,
    b: Bidden<'_>,
    run: &Run,
    opens: Days,
    until: Option<Date>,
) -> Option<Finding> {
    let s = case.symbols();
    let bars = bars(case, run);
    let own = own(case, b);
    let (by, what) = (named(case, &bars), s.event_name(b.duty.event));
    let witness = witness(case, holder, b, run, opens, until);
    let certain = run.certain && witness.is_some();
    let standing = if certain { Standing::Conflict } else { Standing::Possible };
    let message = format!("{own} bids {}, and {by} forbids every one that would do", one(what));
    let make = if certain { Diagnostic::error } else { Diagnostic::warning };
    let mut d = make(CODE, message, b.norm.span, "the duty".to_owned());
    d = placed(case, d, b, &bars);
    let moves = matches!(b.duty.opening, Opening::Within { .. } | Opening::OnBreach(Some(_)));
    if moves {
        d = d.note(format!("so it is for every obligation that arises {}", words::days(opens)));
    }
    if !run.certain {
        d = d.note("unless what ends the prohibition has happened by then");
    }
    d = d.note("to perform is one breach, not to perform another").help(format!(
        "except the performance of {own} from {by} (`unless`), or move the one out of the other's days"
    ));
    let days = Days { from: opens.from, through: if moves { run.days.through } else { until } };
    found(case, d, b, &bars, days, standing, witness)
}

/// The finding with the texts in which its days lie.
fn found(
    case: &Case<'_>,
    diagnostic: Diagnostic,
    b: Bidden<'_>,
    bars: &[&Norm],
    days: Days,
    standing: Standing,
    witness: Option<Witness>,
) -> Option<Finding> {
    let intervals: Vec<Interval> = case
        .program
        .versions
        .iter()
        .filter_map(|v| {
            let both = of_version(v)?.meet(days)?;
            Some(Interval { from: both.from, through: both.through, amendments: v.amendments.clone() })
        })
        .collect();
    let mut clauses = vec![b.norm.id.clause];
    for f in bars {
        if !clauses.contains(&f.id.clause) {
            clauses.push(f.id.clause);
        }
    }
    (!intervals.is_empty()).then_some(Finding { diagnostic, clauses, intervals, standing, witness })
}

/// A performance that discharges the duty and is a breach.
fn witness(
    case: &Case<'_>,
    holder: &Norm,
    b: Bidden<'_>,
    run: &Run,
    opens: Days,
    until: Option<Date>,
) -> Option<Witness> {
    let wrong = |o: &Outcome| {
        matches!(o.verdict, Verdict::Breach | Verdict::Conflict | Verdict::Unlicensed)
            && o.deciding.iter().any(|d| run.by.contains(d))
            && o.duties.iter().any(|c| c.norm == b.norm.id)
    };
    let shows = format!("it performs {} and is a breach", own(case, b));
    let mut openings = act::openings(case, b.duty, opens.from);
    openings.truncate(16);
    for before in openings {
        let Some(mut e) = performance(case, b, run, opens.from, until) else { continue };
        if let (Opening::Within { trigger, .. }, Some(t)) = (&b.duty.opening, before.first()) {
            for (own, of_trigger) in &trigger.same {
                if let (Some(to), Some(v)) = (e.fields.get_mut(own.ix()), t.fields.get(of_trigger.ix())) {
                    *to = v.clone();
                }
            }
        }
        let mut events: Vec<Event> = before;
        events.push(e);
        if let Some(w) = act::witness(case, events, &shows, |r| r.rows.last().is_some_and(wrong)) {
            return Some(w);
        }
    }
    let slice = run.by.iter().map(|n| n.clause).chain([holder.id.clause]).collect();
    let mut goal = |rows: &[Outcome], _: &[ClockOutcome]| rows.last().is_some_and(wrong);
    let budget = Budget { depth: 3, steps: 20_000, ..Budget::default() };
    let found = search(case, Some(&slice), &mut goal, budget).witness;
    found.map(|w| Witness { shows, ..w })
}

/// The plainest event of the window that performs the duty and that a prohibition stands against.
fn performance(case: &Case<'_>, b: Bidden<'_>, run: &Run, from: Date, until: Option<Date>) -> Option<Event> {
    let version = case.program.versions.iter().rev().find(|v| v.from.fixed().is_some_and(|d| d <= from))?;
    let mut m = Moment::new(&case.program, b.duty.event, History::Empty);
    let v = verdicts(&mut m, version);
    let does = performs(&mut m, version, b);
    let who = among(&mut m, version, b.norm, &b.duty.who);
    let stands = |i: usize, f: &Formula| run.by.contains(&version.norms[i].id).then(|| f.clone());
    let barred = Formula::or(
        v.speaks
            .iter()
            .filter_map(|s| stands(s.norm, &s.stands))
            .chain(v.unmet.iter().filter_map(|(i, f)| stands(*i, f)))
            .collect::<Vec<_>>(),
    );
    let on = m.days(Some(from), until);
    let plain = m.plain();
    let model = m.solver.minimise_assuming(&[does, who, barred, on], &plain).model()?;
    m.decode(&model).map(|(e, _)| e)
}
