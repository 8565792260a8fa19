//! What the checker's rules find, as diagnostics for people and as details for machines.
//!
//! Data flow: deal + binding -> [`habendum_check::check`] -> diagnostics whose notes say when, under which amendments and with
//! what example, and a [`Detail`] of each. Invariant: an example that is printed was replayed.

use crate::pipeline::{Error, Opened};
use habendum_check::Report;
use habendum_check::effects::Effect;
use habendum_check::finding::{Finding, Interval, Standing, Witness};
use habendum_model::deal::{Binding, Deal};
use habendum_model::value::AmendmentId;
use habendum_norm::event::Event;
use habendum_syntax::Diagnostic;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a conflict is, beyond its words.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Detail {
    /// `conflict`, `possible`, `compatible`, `disjoint` or `unknown`.
    pub verdict: String,
    /// For `disjoint` the dimension that separates, for `unknown` what is opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Clauses involved, main one first.
    pub clauses: Vec<String>,
    /// The days on which it holds.
    pub intervals: Vec<Days>,
    /// A history that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<Example>,
    /// The same as a scenario that fails until the finding is resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// Days on which a finding holds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Days {
    /// First day.
    pub from: String,
    /// Last day; absent where open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Amendments in the text of those days.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<String>,
}

/// A history that shows a finding, replayed before it is given.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Example {
    /// Rows in the words of scenarios.
    pub events: Vec<String>,
    /// Time runs through this day after them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Values taken by open parameters.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// What it shows.
    pub shows: String,
}

/// What an amendment does to the conflicts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AmendmentEffect {
    /// The amendment.
    pub amendment: String,
    /// Findings that hold from its text on.
    pub creates: Vec<Affected>,
    /// Findings that hold no longer from its text on.
    pub cures: Vec<Affected>,
}

/// A finding that an amendment creates or cures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Affected {
    /// Its code.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Clauses involved, main one first.
    pub clauses: Vec<String>,
}

/// What the rules found, and what each amendment does to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conflicts {
    /// Findings with what the checker knows of each.
    pub said: Vec<(Diagnostic, Detail)>,
    /// Amendments in the order in which they come into force.
    pub amendments: Vec<AmendmentEffect>,
}

/// Runs the rules over a deal whose passes left no error.
///
/// # Errors
/// Faults that show only under some order of open dates.
pub(crate) fn conflicts(opened: &Opened, deal: &Deal, binding: &Binding) -> Result<Conflicts, Error> {
    let report = habendum_check::check(deal, binding).map_err(|d| opened.faults(d))?;
    let amendments = effects(deal, &report);
    let said = report.findings.into_iter().zip(report.scenarios).map(|(f, s)| said(deal, f, s)).collect();
    Ok(Conflicts { said, amendments })
}

fn effects(deal: &Deal, report: &Report) -> Vec<AmendmentEffect> {
    let affected = |at: &usize| {
        let f = report.findings.get(*at)?;
        Some(Affected {
            code: f.diagnostic.code.clone(),
            message: f.diagnostic.message.clone(),
            clauses: f.clauses.iter().map(|c| deal.symbols.clause_name(*c).to_owned()).collect(),
        })
    };
    let each = |(a, e): &(AmendmentId, Effect)| AmendmentEffect {
        amendment: amendment(deal, *a),
        creates: e.creates.iter().filter_map(affected).collect(),
        cures: e.cures.iter().filter_map(affected).collect(),
    };
    report.effects.iter().map(each).collect()
}

fn amendment(deal: &Deal, a: AmendmentId) -> String {
    deal.amendments.get(a.ix()).map_or_else(|| "?".into(), |a| a.ast.node.id.node.clone())
}

fn said(deal: &Deal, f: Finding, scenario: Option<String>) -> (Diagnostic, Detail) {
    let detail = Detail {
        verdict: verdict(&f.standing).to_owned(),
        because: match &f.standing {
            Standing::Disjoint(why) | Standing::Unknown(why) => Some(why.clone()),
            Standing::Conflict | Standing::Possible | Standing::Compatible => None,
        },
        clauses: f.clauses.iter().map(|c| deal.symbols.clause_name(*c).to_owned()).collect(),
        intervals: f.intervals.iter().map(|i| days(deal, i)).collect(),
        witness: f.witness.as_ref().map(|w| example(deal, w)),
        scenario,
    };
    let mut d = f.diagnostic;
    if let Some(when) = when(&detail.intervals) {
        d = d.note(when);
    }
    if let Some(w) = &detail.witness {
        d = d.note(in_words(w));
    }
    (d, detail)
}

/// The word of a standing.
#[must_use]
pub fn verdict(s: &Standing) -> &'static str {
    match s {
        Standing::Conflict => "conflict",
        Standing::Possible => "possible",
        Standing::Compatible => "compatible",
        Standing::Disjoint(_) => "disjoint",
        Standing::Unknown(_) => "unknown",
    }
}

fn days(deal: &Deal, i: &Interval) -> Days {
    Days {
        from: i.from.to_string(),
        through: i.through.map(|d| d.to_string()),
        amendments: i.amendments.iter().map(|a| amendment(deal, *a)).collect(),
    }
}

fn when(all: &[Days]) -> Option<String> {
    let one = |d: &Days| {
        let days = match &d.through {
            Some(t) => format!("from {} through {t}", d.from),
            None => format!("from {} on", d.from),
        };
        match d.amendments.as_slice() {
            [] => days,
            some => format!("{days}, in the text as amended by {}", some.join(", ")),
        }
    };
    let text: Vec<String> = all.iter().map(one).collect();
    (!text.is_empty()).then(|| format!("holds {}", text.join("; and ")))
}

/// A history as data.
pub(crate) fn example(deal: &Deal, w: &Witness) -> Example {
    let name = |p: &habendum_model::value::ParamId| {
        deal.symbols.params.get_index(p.ix()).map_or_else(|| "?".into(), |(n, _)| n.clone())
    };
    Example {
        events: w.events.iter().map(|e| event(deal, e)).collect(),
        clock: w.clock.map(|d| d.to_string()),
        values: w
            .values
            .iter()
            .map(|(p, v)| (name(p), habendum_norm::eval::show(&deal.symbols, v)))
            .collect(),
        shows: w.shows.clone(),
    }
}

/// A history for people.
pub(crate) fn in_words(w: &Example) -> String {
    let mut text = String::from("for example");
    if !w.values.is_empty() {
        let values: Vec<String> = w.values.iter().map(|(n, v)| format!("{n} = {v}")).collect();
        text.push_str(&format!(", with {}", values.join(", ")));
    }
    text.push(':');
    for e in &w.events {
        text.push_str(&format!("\n  {e}"));
    }
    if let Some(day) = &w.clock {
        text.push_str(&format!("\n  clock {day}"));
    }
    if !w.shows.is_empty() {
        text.push_str(&format!("\n  {}", w.shows));
    }
    text
}

/// An event in the words of scenarios; one that they cannot write keeps its names alone.
fn event(deal: &Deal, e: &Event) -> String {
    habendum_check::words::event(&deal.symbols, e)
        .unwrap_or_else(|| format!("{} {} {{ ... }}", e.date, deal.symbols.event_name(e.kind)))
}
