//! Findings as data, and in the formats that other tools read: one line each, JSON, SARIF, JUnit, GitHub annotations.
//!
//! Data flow: diagnostics + sources -> [`Findings`] -> text. Invariant: every format shows every finding, with every
//! place involved where the format has room for more than one.

mod junit;
mod lines;
mod sarif;

pub use junit::{Case, Outcome as CaseOutcome, junit, suites};
pub use lines::{amendments, concise, counted, github};
pub use sarif::sarif;

use crate::conflicts::{Affected, AmendmentEffect, Detail};
use crate::record::SCHEMA_VERSION;
use crate::waive::Waived;
use habendum_syntax::{Diagnostic, Severity, Sources, Span};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// The findings of a check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Findings {
    /// Version of this format.
    pub schema_version: u32,
    /// The deal as asked for.
    pub deal: String,
    /// Findings in the order of passes and places.
    pub findings: Vec<Finding>,
    /// Findings that a waiver in the text accepts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waived: Vec<WaivedFinding>,
    /// What each amendment does to the conflicts, in the order in which they come into force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<AmendmentEffect>,
    /// How many of each weight.
    pub counts: Counts,
    /// Properties that could be neither proved nor disproved.
    pub inconclusive: u64,
}

/// How many findings of each weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Information.
    pub info: u64,
}

/// A finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// One line: what.
    pub message: String,
    /// The places, main one first.
    pub labels: Vec<FindingLabel>,
    /// Why it matters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to write instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// Of a conflict: how sure, when, and the history that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Detail>,
}

/// A finding that a waiver accepts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaivedFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The waiver's reason.
    pub reason: String,
    /// Day on which it stops to count.
    pub expires: String,
}

/// One place of a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingLabel {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// What stands there.
    pub message: String,
}

/// The word of a severity.
#[must_use]
pub fn severity_word(s: Severity) -> &'static str {
    match s {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

impl Findings {
    /// Findings as data.
    #[must_use]
    pub fn of(
        deal: &str,
        found: &[Diagnostic],
        waived: &[Waived],
        inconclusive: u64,
        sources: &Sources,
    ) -> Self {
        let mut counts = Counts::default();
        for d in found {
            match d.severity {
                Severity::Error => counts.error += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Info => counts.info += 1,
            }
        }
        Findings {
            schema_version: SCHEMA_VERSION,
            deal: deal.to_owned(),
            findings: found.iter().map(|d| Finding::of(d, sources)).collect(),
            waived: waived
                .iter()
                .map(|w| WaivedFinding {
                    finding: Finding::of(&w.finding, sources),
                    reason: w.reason.clone(),
                    expires: w.expires.to_string(),
                })
                .collect(),
            amendments: Vec::new(),
            counts,
            inconclusive,
        }
    }
}

impl Findings {
    /// Joins what the checker knows of each conflict to its finding.
    pub(crate) fn detail(
        &mut self,
        found: &[Diagnostic],
        waived: &[Waived],
        details: &[(Diagnostic, Detail)],
    ) {
        let of = |d: &Diagnostic| {
            let like = |x: &Diagnostic| x.code == d.code && x.message == d.message && x.labels == d.labels;
            details.iter().find(|(x, _)| like(x)).map(|(_, detail)| detail.clone())
        };
        for (f, d) in self.findings.iter_mut().zip(found) {
            f.conflict = of(d);
        }
        for (f, w) in self.waived.iter_mut().zip(waived) {
            f.finding.conflict = of(&w.finding);
        }
    }
}

impl Findings {
    /// What each amendment does to the findings that stand or are waived; those that the lint levels silence are left out.
    pub(crate) fn effects(&mut self, amendments: Vec<AmendmentEffect>) {
        let waived = self.waived.iter().map(|w| &w.finding);
        let known: BTreeSet<(&str, &str)> =
            self.findings.iter().chain(waived).map(|f| (f.code.as_str(), f.message.as_str())).collect();
        let stands = |x: &Affected| known.contains(&(x.code.as_str(), x.message.as_str()));
        let kept = amendments.into_iter().map(|mut a| {
            a.creates.retain(stands);
            a.cures.retain(stands);
            a
        });
        self.amendments = kept.collect();
    }
}

impl Finding {
    /// A diagnostic as data.
    #[must_use]
    pub fn of(d: &Diagnostic, sources: &Sources) -> Self {
        Finding {
            code: d.code.clone(),
            severity: severity_word(d.severity).to_owned(),
            message: d.message.clone(),
            labels: d.labels.iter().map(|l| FindingLabel::of(l.span, &l.message, sources)).collect(),
            notes: d.notes.clone(),
            help: d.help.clone(),
            conflict: None,
        }
    }

    /// `file:line:column` of the main place.
    #[must_use]
    pub fn place(&self) -> String {
        self.labels.first().map_or_else(String::new, |l| format!("{}:{}:{}", l.file, l.line, l.column))
    }
}

impl FindingLabel {
    fn of(span: Span, message: &str, sources: &Sources) -> Self {
        let (line, column) = sources.line_col(span);
        let (end_line, end_column) = sources.line_col(Span { start: span.end.max(span.start), ..span });
        FindingLabel {
            file: sources.get(span.file).name.clone(),
            line,
            column,
            end_line,
            end_column,
            message: message.to_owned(),
        }
    }
}

/// Text as it may stand in XML.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(c),
            // Other control characters cannot stand in XML 1.0 at all.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
