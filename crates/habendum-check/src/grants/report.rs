//! Findings put together: places, amendments, intervals; one fault through several texts is one finding.

use super::Grant;
use super::days::Days;
use super::history::{Touch, touches};
use super::words;
use crate::case::Case;
use crate::finding::{Finding, Interval, Standing, Witness};
use crate::merge;
use habendum_model::expr::DateValue;
use habendum_model::value::ClauseId;
use habendum_syntax::{Diagnostic, Severity, Span};

/// A fault in one version, before equal ones are joined.
pub(crate) struct Fault {
    /// Clauses involved, main one first.
    pub clauses: Vec<ClauseId>,
    /// Index of the version.
    pub version: usize,
    /// When.
    pub days: Vec<Days>,
    /// What is said.
    pub diagnostic: Diagnostic,
    /// How sure.
    pub standing: Standing,
    /// What shows it.
    pub witness: Option<Witness>,
}

/// Joins equal faults of several versions; the words and the witness are those of the first.
pub(crate) fn join(case: &Case<'_>, faults: Vec<Fault>) -> Vec<Finding> {
    let all = faults.into_iter().map(|f| {
        let amendments = case.program.versions.get(f.version).map(|v| v.amendments.clone());
        let intervals = f.days.iter().map(|d| Interval {
            from: d.from,
            through: d.through,
            amendments: amendments.clone().unwrap_or_default(),
        });
        Finding {
            diagnostic: f.diagnostic,
            clauses: f.clauses,
            intervals: intervals.collect(),
            standing: f.standing,
            witness: f.witness,
        }
    });
    merge::join(all.collect())
}

/// Adds the place of each amendment operation that made these licenses what they are.
pub(crate) fn with_touches(case: &Case<'_>, d: Diagnostic, version: usize, of: &[&Grant<'_>]) -> Diagnostic {
    of.iter().fold(d, |d, g| {
        touches(case, version, g.id()).iter().filter(|t| !t.inserted).fold(d, |d, t| touched(case, d, g, t))
    })
}

/// Adds the place of one touch.
pub(crate) fn touched(case: &Case<'_>, d: Diagnostic, g: &Grant<'_>, t: &Touch) -> Diagnostic {
    let name = words::clause(case.symbols(), g.id().clause);
    d.label(t.span, format!("{name} {} by {}", t.what, words::amendment(case, t.amendment)))
}

/// `an exclusive license from Owner to Lee, from 2026-01-01 through 2026-12-31[, put in by the First amendment]`
pub(crate) fn label(case: &Case<'_>, g: &Grant<'_>) -> String {
    let s = case.symbols();
    let mut out = words::license(s, g.license);
    if let Some(first) = g.days.first() {
        let from = super::history::since(case, g.version, g.id(), |_| true).unwrap_or(first.from);
        let through = g.norm.term.through.as_ref().and_then(DateValue::fixed);
        out.push_str(&format!(", {}", words::days(Days { from, through })));
    }
    if let Some(t) = touches(case, g.version, g.id()).iter().find(|t| t.inserted) {
        out.push_str(&format!(", put in by {}", words::amendment(case, t.amendment)));
    }
    out
}

/// The weight of a standing: what is certain is an error.
pub(crate) fn severity(standing: &Standing) -> Severity {
    match standing {
        Standing::Conflict => Severity::Error,
        Standing::Possible => Severity::Warning,
        Standing::Compatible | Standing::Disjoint(_) | Standing::Unknown(_) => Severity::Info,
    }
}

/// A diagnostic of a weight.
pub(crate) fn diagnostic(
    code: &str,
    severity: Severity,
    message: String,
    at: &Grant<'_>,
    label: String,
) -> Diagnostic {
    placed(code, severity, message, at.norm.span, label)
}

/// A diagnostic of a weight, at a place.
pub(crate) fn placed(
    code: &str,
    severity: Severity,
    message: String,
    at: Span,
    label: impl Into<String>,
) -> Diagnostic {
    let mut d = Diagnostic::error(code, message, at, label);
    d.severity = severity;
    d
}
