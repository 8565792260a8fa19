//! Everything that is found wrong with a deal: syntax, names, types, amendments, scenarios, properties.
//!
//! Data flow: [`Opened`] -> the passes that its soundness allows -> lint levels and waivers -> [`Checkup`].
//! Invariant: `habendum.toml`'s schedules do not bear on the passes themselves, which reason over every value; only
//! scenarios, which need values, are run under them.

use crate::conflicts::{Conflicts, conflicts};
use crate::findings::Findings;
use crate::pipeline::{Error, Opened, Wants, has_errors};
use crate::scenario;
use crate::waive::{levels, waive};
use habendum_syntax::{Diagnostic, Sources};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How to check.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The day by which waivers expire.
    pub today: Date,
    /// Run scenarios and properties.
    pub scenarios: bool,
    /// Look for conflicts between clauses.
    pub conflicts: bool,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Checkup {
    /// Findings that count, in the order of passes.
    pub diagnostics: Vec<Diagnostic>,
    /// The same as data, with what is waived.
    pub findings: Findings,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// How many scenarios and properties were run; none where faults kept them from running.
    pub ran: Option<(usize, usize)>,
}

/// The day it is, in UTC.
#[must_use]
pub fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

/// Checks a deal.
///
/// # Errors
/// Usage alone: values that cannot be bound. Faults of the deal are in the result.
pub fn check(opened: &mut Opened, wants: &Wants, order: &Order) -> Result<Checkup, Error> {
    let mut found = opened.diagnostics.clone();
    let mut ran = None;
    let mut inconclusive = 0;
    let choices = if has_errors(&found) { None } else { Some(opened.choices(wants)?) };
    if let Some(choices) = &choices {
        match opened.prepare(choices) {
            Ok(prepared) => found.extend(prepared.diagnostics),
            Err(Error::Faults(f)) => found.extend(f.diagnostics),
            Err(e) => return Err(e),
        }
    }
    let sound = !has_errors(&found);
    let mut rules = Conflicts::default();
    if let Some(choices) = choices.as_ref().filter(|_| order.conflicts && sound) {
        let deal = opened.sound()?;
        let binding = opened.bound(deal, choices)?;
        match conflicts(opened, deal, &binding) {
            Ok(more) => rules = more,
            Err(Error::Faults(f)) => found.extend(f.diagnostics),
            Err(e) => return Err(e),
        }
        found.extend(rules.said.iter().map(|(d, _)| d.clone()));
    }
    if order.scenarios && sound {
        let with_config = Wants { config_schedules: true, ..wants.clone() };
        match scenario::test(opened, &with_config, None) {
            Ok(tested) => {
                ran = Some((tested.scenarios.len(), tested.properties.len()));
                inconclusive = tested.inconclusive();
                found.extend(tested.findings());
            }
            Err(Error::Faults(f)) => found.extend(f.diagnostics),
            Err(e) => return Err(e),
        }
    }
    let found = levels(dedup(found), &opened.loaded.config);
    let (diagnostics, waived) = waive(found, &opened.files, order.today);
    let sources = opened.loaded.sources.clone();
    let mut findings = Findings::of(&opened.loaded.name, &diagnostics, &waived, inconclusive, &sources);
    findings.detail(&diagnostics, &waived, &rules.said);
    findings.effects(rules.amendments);
    Ok(Checkup { diagnostics, findings, sources, ran })
}

/// Drops what two passes say in the same words of the same place.
fn dedup(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    for d in found {
        if !out.contains(&d) {
            out.push(d);
        }
    }
    out
}
