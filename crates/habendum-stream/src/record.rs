//! Outcomes as data for files: one record an event, one a dated outcome of the clock. Every type has a JSON Schema.
//!
//! Invariant: amounts are decimal strings of major units beside their currency, never floating point; names, never ids.

use crate::names::Names;
use crate::norms::NormIndex;
use crate::receipt::Receipt;
use habendum_model::value::Value;
use habendum_norm::ir::NormId;
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome, Component, DutyChange, Outcome};
use habendum_syntax::ast::{DutyEvent, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

/// The version of every JSON output; it changes where a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// A line of an outcome file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum OutcomeLine {
    /// The first line: what the run rests on.
    Run(Box<RunRecord>),
    /// What came of one event.
    Event(EventRecord),
    /// What came of time passing.
    Clock(Box<ClockRecord>),
}

/// What a run rests on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunRecord {
    /// Version of this format.
    pub schema_version: u32,
    /// Hashes of everything that went in (input files aside: they are still being read).
    pub receipt: Receipt,
}

/// What came of one event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventRecord {
    /// Row of the stream, from 1.
    pub row: u64,
    /// Day in the deal's zone.
    pub date: String,
    /// Event kind.
    pub kind: String,
    /// `silent`, `permitted`, `breach`, `unlicensed`, `without-effect`, `undetermined` or `conflict`.
    pub verdict: String,
    /// Clauses that decided, in document order; for a conflict the unranked ones.
    pub clauses: Vec<String>,
    /// Why, where the verdict needs a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Obligations opened or closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<DutyRecord>,
    /// Amounts accrued.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accruals: Vec<AccrualRecord>,
    /// Other effects, in contract words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<String>,
}

/// What came of time passing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClockRecord {
    /// Day; of a deadline, the last day of its window.
    pub date: String,
    /// `opened`, `lapsed`, `excused`, `accrued`, `fell-due`, `unpaid` or `effect`.
    pub what: String,
    /// `breach` for an unexcused lapse and for what was not paid when due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Clause.
    pub clause: String,
    /// Instance key; empty where the clause is not kept per key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Number of the obligation within the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obligation: Option<u64>,
    /// Deadline of an obligation that arose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// Row that opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<u64>,
    /// Clause whose relief excused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excused_by: Option<String>,
    /// What accrued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accrual: Option<AccrualRecord>,
    /// Amount that fell due or was not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Its currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// A change of standing, in contract words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A change of an obligation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DutyRecord {
    /// Clause.
    pub clause: String,
    /// Instance key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Number of the obligation within the run.
    pub obligation: u64,
    /// `triggered`, `discharged`, `lapsed` or `excused`.
    pub what: String,
    /// Deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
}

/// An amount accrued.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccrualRecord {
    /// Clause.
    pub clause: String,
    /// Instance key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Payer.
    pub payer: String,
    /// Payee.
    pub payee: String,
    /// Decimal amount in major units: `1234.50`.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `principal`, `top-up`, `interest`, `adjustment` or `damages`.
    pub component: String,
    /// What befell it: split by a cap, credited, provisional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The word of a verdict.
#[must_use]
pub fn verdict_word(v: Verdict) -> &'static str {
    match v {
        Verdict::Silent => "silent",
        Verdict::Permitted => "permitted",
        Verdict::Breach => "breach",
        Verdict::Unlicensed => "unlicensed",
        Verdict::WithoutEffect => "without-effect",
        Verdict::Undetermined => "undetermined",
        Verdict::Conflict => "conflict",
    }
}

/// The word of a change of an obligation.
#[must_use]
pub fn duty_word(d: DutyEvent) -> &'static str {
    match d {
        DutyEvent::Triggered => "triggered",
        DutyEvent::Discharged => "discharged",
        DutyEvent::Lapsed => "lapsed",
        DutyEvent::Excused => "excused",
    }
}

/// The word of a component.
#[must_use]
pub fn component_word(c: Component) -> &'static str {
    match c {
        Component::Principal => "principal",
        Component::TopUp => "top-up",
        Component::Interest => "interest",
        Component::Adjustment => "adjustment",
        Component::Damages => "damages",
    }
}

/// The clauses of some norms, each once, in order.
#[must_use]
pub fn clause_names(names: &Names, norms: &[NormId]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for n in norms {
        let name = names.symbols.clause_name(n.clause);
        if !out.iter().any(|o| o == name) {
            out.push(name.to_owned());
        }
    }
    out
}

fn key(names: &Names, key: &[Value]) -> Vec<String> {
    key.iter().map(|v| names.value(v)).collect()
}

impl EventRecord {
    /// The record of an outcome.
    #[must_use]
    pub fn of(o: &Outcome, names: &Names) -> Self {
        EventRecord {
            row: o.row,
            date: o.date.to_string(),
            kind: names.symbols.event_name(o.kind).to_owned(),
            verdict: verdict_word(o.verdict).to_owned(),
            clauses: clause_names(names, &o.deciding),
            reason: o.reason.clone(),
            duties: o.duties.iter().map(|d| DutyRecord::of(d, names)).collect(),
            accruals: o.accruals.iter().map(|a| AccrualRecord::of(a, names)).collect(),
            effects: o.effects.iter().map(|e| e.text.clone()).collect(),
        }
    }
}

impl DutyRecord {
    fn of(d: &DutyChange, names: &Names) -> Self {
        DutyRecord {
            clause: names.symbols.clause_name(d.norm.clause).to_owned(),
            key: key(names, &d.key),
            obligation: d.obligation,
            what: duty_word(d.what).to_owned(),
            deadline: d.deadline.map(|d| d.to_string()),
        }
    }
}

impl AccrualRecord {
    /// The record of an accrual.
    #[must_use]
    pub fn of(a: &Accrual, names: &Names) -> Self {
        AccrualRecord {
            clause: names.symbols.clause_name(a.norm.clause).to_owned(),
            key: key(names, &a.key),
            payer: names.party(a.payer).to_owned(),
            payee: names.party(a.payee).to_owned(),
            amount: names.plain_money(i128::from(a.amount), a.currency),
            currency: names.currency(a.currency).to_owned(),
            component: component_word(a.component).to_owned(),
            reason: a.reason.clone(),
        }
    }
}

impl ClockRecord {
    /// The record of a clock outcome.
    #[must_use]
    pub fn of(c: &ClockOutcome, names: &Names, norms: &NormIndex) -> Self {
        let mut r = ClockRecord {
            date: c.date.to_string(),
            what: String::new(),
            verdict: None,
            clause: names.symbols.clause_name(c.norm.clause).to_owned(),
            key: key(names, &c.key),
            obligation: None,
            deadline: None,
            opened_by: None,
            excused_by: None,
            accrual: None,
            amount: None,
            currency: None,
            text: None,
        };
        let money = |r: &mut ClockRecord, minor: i128| {
            let currency = norms.currency(c.norm);
            r.amount = Some(currency.map_or_else(|| minor.to_string(), |k| names.plain_money(minor, k)));
            r.currency = currency.map(|k| names.currency(k).to_owned());
        };
        match &c.what {
            ClockEvent::Lapsed { obligation, opened_by, excused_by } => {
                r.obligation = Some(*obligation);
                r.opened_by = *opened_by;
                r.excused_by = excused_by.map(|n| names.symbols.clause_name(n.clause).to_owned());
                r.what = if excused_by.is_some() { "excused" } else { "lapsed" }.to_owned();
                r.verdict = excused_by.is_none().then(|| "breach".to_owned());
            }
            ClockEvent::Opened { obligation, deadline } => {
                r.what = "opened".to_owned();
                r.obligation = Some(*obligation);
                r.deadline = deadline.map(|d| d.to_string());
            }
            ClockEvent::Accrued(a) => {
                r.what = "accrued".to_owned();
                r.accrual = Some(AccrualRecord::of(a, names));
            }
            ClockEvent::FellDue { amount } => {
                r.what = "fell-due".to_owned();
                money(&mut r, *amount);
            }
            ClockEvent::Unpaid { amount } => {
                r.what = "unpaid".to_owned();
                r.verdict = Some("breach".to_owned());
                money(&mut r, *amount);
            }
            ClockEvent::Effect(e) => {
                r.what = "effect".to_owned();
                r.text = Some(e.text.clone());
            }
        }
        r
    }
}
