//! C022: dates that cannot work together: a deadline outside the days of its own duty, a payment due before it accrues, a
//! power whose notice outlasts what it acts on, a recurring duty without one whole period, and a duty due before what it
//! waits for.
//!
//! Data flow: the days of each sentence over all texts ([`stands`]) against the days it names. Invariant: a day that no text
//! of the sentence reaches is said; one that some text reaches is not.

use super::scope::{amended, finding};
use super::waits::waits;
use crate::case::Case;
use crate::finding::{Finding, Standing, Witness};
use crate::grants::days::{Days, days_of};
use crate::grants::words;
use crate::merge::join;
use habendum_model::date::{add, period_of, plus_days};
use habendum_norm::ir::{Basis, Body, Due, Duty, Norm, Opening, Payment, Power, Version};
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::{MonthRounding, Period, PowerAct};
use jiff::civil::Date;

/// The code.
pub const CODE: &str = "C022";

/// Dates at odds.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (v, version) in case.program.versions.iter().enumerate() {
        for n in &version.norms {
            // Judged once, over all texts that hold the sentence.
            let Some(days) = stands(case, v, n) else { continue };
            found.extend(match &n.body {
                Body::Duty(d) => deadline(case, version, n, d, days),
                Body::Payment(p) => due(case, version, n, p, days),
                Body::Power(p) => notice(case, v, version, n, p, days),
                Body::Rule(_) | Body::Keep(_) | Body::Relief(_) | Body::License(_) | Body::Inert(_) => None,
            });
        }
        found.extend(waits(case, version));
    }
    join(found)
}

/// From the first to the last day of a sentence over all texts; none in a text that is not the first to hold it, or where
/// it never stands.
pub(super) fn stands(case: &Case<'_>, v: usize, n: &Norm) -> Option<Days> {
    let all = case.program.versions.iter().enumerate();
    let same = all
        .flat_map(|(i, w)| w.norms.iter().filter(|x| x.id == n.id && x.span == n.span).map(move |x| (i, x)));
    let mut out: Option<Days> = None;
    for (i, x) in same {
        if i < v {
            return None;
        }
        for d in days_of(case, i, x) {
            out = Some(match out {
                None => d,
                Some(o) => Days { from: o.from, through: o.through.and(d.through) },
            });
        }
    }
    out
}

fn said(
    case: &Case<'_>,
    version: &Version,
    n: &Norm,
    d: Diagnostic,
    witness: Option<Witness>,
) -> Option<Finding> {
    let standing = match witness {
        Some(_) => Standing::Conflict,
        None => Standing::Disjoint("time".into()),
    };
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], standing, witness)
}

fn deadline(case: &Case<'_>, version: &Version, n: &Norm, duty: &Duty, days: Days) -> Option<Finding> {
    let name = words::clause(case.symbols(), n.id.clause);
    // The last day that the sentence itself names, or its renewals reach; not the eve of an amendment that replaces it.
    let written = n.term.through.as_ref().and_then(|d| d.fixed());
    let ends = days.through.filter(|t| written.is_some_and(|w| w <= *t));
    match &duty.opening {
        Opening::By(d) => {
            let day = d.fixed()?;
            if day < days.from {
                let message = format!("{name} is due by {day}, before it begins on {}", days.from);
                let witness = lapses(case, n, days.from);
                let make = if witness.is_some() { Diagnostic::error } else { Diagnostic::warning };
                let so = if witness.is_some() { "it lapses as it arises" } else { "so it never arises" };
                let d = make(CODE, message, n.span, "due before it begins".to_owned())
                    .note(so)
                    .help("move the deadline after the first day of the duty");
                return said(case, version, n, d, witness);
            }
            let last = ends.filter(|t| *t < day)?;
            let message = format!("{name} is due by {day}, after its last day {last}");
            let d = Diagnostic::warning(CODE, message, n.span, "due after it has ended")
                .note("an obligation that has arisen outlives its clause, which is hardly what a last day before it means")
                .help("bring the deadline forward, or let the clause last as long");
            said(case, version, n, d, None)
        }
        Opening::Each(p) | Opening::AfterEach(p, _) => {
            let last = ends?;
            let (_, end) = period_of(days.from, *p, &case.program.reckoning).ok().flatten()?;
            if end <= last {
                return None;
            }
            let message =
                format!("{name} never falls due: it ends on {last}, its first {} on {end}", period(*p));
            let d = Diagnostic::warning(CODE, message, n.span, "no period ends in its term")
                .note("a period counts where its last day is in the term")
                .help("let the term reach the end of a period, or name a deadline");
            said(case, version, n, d, None)
        }
        Opening::Within { .. } | Opening::NoDeadline | Opening::OnBreach(_) => None,
    }
}

fn period(p: Period) -> &'static str {
    match p {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
        Period::FiscalYear => "fiscal year",
        Period::ContractYear => "contract year",
        Period::Event | Period::InTotal | Period::Rolling(_) => "period",
    }
}

/// Time alone, by which the obligation has lapsed as soon as it arose.
fn lapses(case: &Case<'_>, n: &Norm, from: Date) -> Option<Witness> {
    let clock = plus_days(from, 1).ok()?;
    let shows = format!(
        "{} has lapsed on {from} at the latest, its first day",
        words::clause(case.symbols(), n.id.clause)
    );
    let w = Witness { clock: Some(clock), shows, ..Witness::default() };
    let replay = case.replay(&w).ok()?;
    let lapsed = |e: &ClockEvent| matches!(e, ClockEvent::Lapsed { .. });
    replay.clock.iter().any(|c| c.norm == n.id && lapsed(&c.what)).then_some(w)
}

/// A payment that falls due before anything of it has accrued.
fn due(case: &Case<'_>, version: &Version, n: &Norm, p: &Payment, days: Days) -> Option<Finding> {
    let Some(Due::On(d)) = &p.due else { return None };
    let due = d.fixed()?;
    let first = match &p.basis {
        Basis::On(d) => d.fixed()?,
        Basis::Each(_) | Basis::First(_) => days.from,
        Basis::Period(per, advance) => {
            let (_, end) = period_of(days.from, *per, &case.program.reckoning).ok().flatten()?;
            if *advance { days.from } else { end }
        }
        Basis::Breach | Basis::Delay { .. } => return None,
    };
    if due >= first {
        return None;
    }
    let name = words::clause(case.symbols(), n.id.clause);
    let message = format!("{name} is due on {due}, and nothing of it accrues before {first}");
    let d = Diagnostic::warning(CODE, message, n.span, "due before it accrues")
        .note("what accrues after its due day is due at once")
        .help("name a later day, or a length after the accrual");
    said(case, version, n, d, None)
}

/// A power that takes effect only when everything it acts on is over.
fn notice(case: &Case<'_>, v: usize, version: &Version, n: &Norm, p: &Power, days: Days) -> Option<Finding> {
    if !matches!(p.act, PowerAct::Terminate | PowerAct::Suspend) {
        return None;
    }
    let first =
        add(days.from, p.notice?, &case.program.reckoning, p.months.or(Some(MonthRounding::Down))).ok()?;
    let mut last: Option<Date> = None;
    let mut any = false;
    for (i, w) in case.program.versions.iter().enumerate().skip(v) {
        let hit = |o: &&Norm| o.id != n.id && p.targets.as_ref().is_none_or(|t| t.contains(&o.id.clause));
        for o in w.norms.iter().filter(hit).filter(|o| !matches!(o.body, Body::Inert(_))) {
            o.term.through.as_ref()?;
            for d in days_of(case, i, o) {
                let end = d.through?;
                any = true;
                last = Some(last.map_or(end, |l| l.max(end)));
            }
        }
    }
    let last = last.filter(|_| any)?;
    if first < last {
        return None;
    }
    let name = words::clause(case.symbols(), n.id.clause);
    let message = format!(
        "notice under {name} takes effect on {first} at the earliest; what it would end is over on {last}"
    );
    let d = Diagnostic::warning(CODE, message, n.span, "too late to matter")
        .help("shorten the notice, or let the power begin earlier");
    said(case, version, n, d, None)
}
