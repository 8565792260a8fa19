//! Scenarios and properties: what the authors of a deal say that it does, held against what it does.
//!
//! Data flow: scenario -> choices (its own schedules, values, readings) -> a run of the interpreter, step by step ->
//! expectations compared -> [`ScenarioResult`]. Invariant: every expectation is compared under every reading that the
//! scenario leaves open; a scenario that cannot be run has failed.

mod expect;
mod property;
mod reach;
mod run;

pub use property::{Proof, PropertyResult, properties};
pub use reach::{Coverage, Unreached};
pub use run::run_scenario;

use crate::findings::{Case, CaseOutcome};
use crate::pipeline::{Error, Opened, Wants};
use crate::record::SCHEMA_VERSION;
use habendum_model::binding::Choices;
use habendum_norm::ir::NormId;
use habendum_syntax::{Diagnostic, Sources, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// How a scenario came out.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// Title.
    pub title: String,
    /// Its place.
    pub span: Span,
    /// Mismatches (C020); empty where it passed.
    pub mismatches: Vec<Diagnostic>,
    /// What its run reached, for coverage.
    pub reached: Reached,
}

/// What runs reached.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// Norms that decided, accrued, opened or closed something.
    pub norms: BTreeSet<NormId>,
    /// Places of exceptions, bands and other branches that an explanation went through.
    pub spans: BTreeSet<Span>,
}

/// How a deal's scenarios and properties came out.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Scenarios in file order.
    pub scenarios: Vec<ScenarioResult>,
    /// Properties in file order.
    pub properties: Vec<PropertyResult>,
    /// What no scenario reaches.
    pub coverage: Coverage,
}

/// Runs the scenarios and properties whose title contains `only`.
///
/// # Errors
/// Faults of the deal that keep every scenario from running.
pub fn test(opened: &mut Opened, wants: &Wants, only: Option<&str>) -> Result<Tested, Error> {
    let base = opened.choices(wants)?;
    let deal = opened.sound()?;
    let picked = |title: &str| only.is_none_or(|o| title.contains(o));
    let scenarios: Vec<ScenarioResult> = deal
        .scenarios
        .iter()
        .filter(|s| picked(&s.node.title.node))
        .map(|s| run_scenario(deal, &base, s))
        .collect();
    let properties = properties(opened, &base, &picked)?;
    let coverage = reach::coverage(opened, &base, &scenarios)?;
    Ok(Tested { scenarios, properties, coverage })
}

impl Tested {
    /// Every mismatch and every undecided or disproved property, as findings.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mismatches = self.scenarios.iter().flat_map(|s| s.mismatches.iter().cloned());
        let open = self.properties.iter().filter_map(|p| match &p.proof {
            Proof::Proved => None,
            Proof::Inconclusive(d) | Proof::Refuted(d) => Some(d.clone()),
        });
        mismatches.chain(open).collect()
    }

    /// How many properties are undecided.
    #[must_use]
    pub fn inconclusive(&self) -> u64 {
        self.properties.iter().filter(|p| matches!(p.proof, Proof::Inconclusive(_))).count() as u64
    }

    /// True where a scenario failed or a property does not hold.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.scenarios.iter().any(|s| !s.mismatches.is_empty())
            || self.properties.iter().any(|p| matches!(p.proof, Proof::Refuted(_)))
    }

    /// Cases for JUnit.
    #[must_use]
    pub fn cases(&self, sources: &Sources) -> Vec<Case> {
        let class = |span: Span| sources.get(span.file).name.clone();
        let scenarios = self.scenarios.iter().map(|s| Case {
            name: s.title.clone(),
            class: class(s.span),
            outcome: if s.mismatches.is_empty() {
                CaseOutcome::Passed
            } else {
                CaseOutcome::Failed(texts(&s.mismatches, sources))
            },
        });
        let properties = self.properties.iter().map(|p| Case {
            name: p.title.clone(),
            class: class(p.span),
            outcome: match &p.proof {
                Proof::Proved => CaseOutcome::Passed,
                Proof::Refuted(d) => CaseOutcome::Failed(texts(std::slice::from_ref(d), sources)),
                Proof::Inconclusive(d) => CaseOutcome::Skipped(texts(std::slice::from_ref(d), sources)),
            },
        });
        scenarios.chain(properties).collect()
    }

    /// The results as data.
    #[must_use]
    pub fn report(&self, deal: &str, sources: &Sources) -> TestReport {
        let place = |span: Span| sources.place(span);
        TestReport {
            schema_version: SCHEMA_VERSION,
            deal: deal.to_owned(),
            scenarios: self
                .scenarios
                .iter()
                .map(|s| TestRecord {
                    title: s.title.clone(),
                    place: place(s.span),
                    outcome: if s.mismatches.is_empty() { "passed" } else { "failed" }.to_owned(),
                    messages: messages(&s.mismatches, sources),
                })
                .collect(),
            properties: self
                .properties
                .iter()
                .map(|p| match &p.proof {
                    Proof::Proved => TestRecord {
                        title: p.title.clone(),
                        place: place(p.span),
                        outcome: "proved".to_owned(),
                        messages: Vec::new(),
                    },
                    Proof::Inconclusive(d) | Proof::Refuted(d) => TestRecord {
                        title: p.title.clone(),
                        place: place(p.span),
                        outcome: match p.proof {
                            Proof::Refuted(_) => "refuted",
                            Proof::Proved | Proof::Inconclusive(_) => "inconclusive",
                        }
                        .to_owned(),
                        messages: messages(std::slice::from_ref(d), sources),
                    },
                })
                .collect(),
            coverage: self.coverage.record(sources),
        }
    }
}

fn messages(found: &[Diagnostic], sources: &Sources) -> Vec<String> {
    found
        .iter()
        .map(|d| {
            let mut text = format!("{}: {}", sources.place(d.span()), d.message);
            for n in &d.notes {
                text.push_str("; ");
                text.push_str(n);
            }
            text
        })
        .collect()
}

fn texts(found: &[Diagnostic], sources: &Sources) -> String {
    messages(found, sources).join("\n")
}

/// The results of a deal's scenarios and properties.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TestReport {
    /// Version of this format.
    pub schema_version: u32,
    /// The deal as asked for.
    pub deal: String,
    /// Scenarios in file order.
    pub scenarios: Vec<TestRecord>,
    /// Properties in file order.
    pub properties: Vec<TestRecord>,
    /// What no scenario reaches.
    pub coverage: CoverageRecord,
}

/// One scenario or property.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TestRecord {
    /// Title.
    pub title: String,
    /// `file:line:column`.
    pub place: String,
    /// `passed`, `failed`, `proved`, `refuted` or `inconclusive`.
    pub outcome: String,
    /// What was found instead of what was expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

/// Coverage as data.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CoverageRecord {
    /// Clauses, exceptions and bands that a scenario reaches.
    pub reached: usize,
    /// All of them.
    pub total: usize,
    /// Those that none reaches: what, and where.
    pub unreached: Vec<UnreachedRecord>,
}

/// Something that no scenario reaches.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnreachedRecord {
    /// `clause`, `exception` or `band`.
    pub what: String,
    /// The clause.
    pub clause: String,
    /// `file:line:column`.
    pub place: String,
}

/// The base of a scenario's choices: what the user chose, before the scenario's own.
pub(crate) type Base = Choices;
