//! What stands in the way before anything is judged: usage, configuration, input. Invariant: every message names its place.

use std::fmt;

/// A fault of usage, configuration or input (exit code 2): what is wrong, where, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// `file`, `file:line` or `file:line:column`; none where no file is involved.
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What helps.
    pub help: Vec<String>,
}

impl InputError {
    /// A fault without a place.
    pub fn new(message: impl Into<String>) -> Self {
        InputError { place: None, message: message.into(), help: Vec::new() }
    }

    /// A fault at a place.
    pub fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        InputError { place: Some(place.into()), message: message.into(), help: Vec::new() }
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        for h in &self.help {
            write!(f, "\n  help: {h}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}

/// The nearest of some names, where one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    names
        .into_iter()
        .map(|n| (strsim::damerau_levenshtein(&wanted, &n.to_lowercase()), n))
        .filter(|(d, n)| *d <= (n.chars().count().max(wanted.chars().count()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, n)| n)
}
