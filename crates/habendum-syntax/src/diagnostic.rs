//! What a pass has to say about a source. Invariant: a diagnostic is data; only `render` turns it into text.

use crate::span::Span;
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a run by itself.
    Info,
    /// Suspicious; fails only where asked.
    Warning,
    /// Wrong.
    Error,
}

/// One place involved in a finding, with the word for its part in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there.
    pub message: String,
}

/// A finding: what is wrong, why, and what helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code: `S...` syntax, `N...` names, `T...` types, `C...` contract rules (see `habendum explain`).
    pub code: String,
    /// Weight.
    pub severity: Severity,
    /// One line: what.
    pub message: String,
    /// The places, main one first.
    pub labels: Vec<Label>,
    /// Why it matters, in contract words.
    pub notes: Vec<String>,
    /// What to write instead; one entry per reading.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error with its main place.
    pub fn error(code: &str, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self::at(Severity::Error, code, message, span, label)
    }

    /// A warning with its main place.
    pub fn warning(code: &str, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self::at(Severity::Warning, code, message, span, label)
    }

    /// An information with its main place.
    pub fn info(code: &str, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self::at(Severity::Info, code, message, span, label)
    }

    fn at(
        severity: Severity,
        code: &str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Diagnostic {
            code: code.to_owned(),
            severity,
            message: message.into(),
            labels: vec![Label { span, message: label.into() }],
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The main place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.labels.first().map(|l| l.span).unwrap_or_default()
    }
}

/// What a pass returns: its value and everything it had to say.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    /// The result, as far as it could be made.
    pub value: T,
    /// Findings, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// True where any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}
