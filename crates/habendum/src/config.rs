//! `habendum.toml`: which schedules a deal is evaluated under, lint levels, output defaults. Optional.
//!
//! Invariant: an unknown key is an error, never ignored.

use crate::error::InputError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The configuration of a deal.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Schedules that `eval`, `test`, `show` and `summary` apply, in order. `check` applies none unless asked.
    #[serde(default)]
    pub schedules: Vec<String>,
    /// Level per code: `C018 = "off"`.
    #[serde(default)]
    pub lint: BTreeMap<String, Level>,
    /// Output defaults.
    #[serde(default)]
    pub output: OutputDefaults,
}

/// How a finding is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not shown.
    Off,
    /// Information.
    Info,
    /// Warning.
    Warning,
    /// Error.
    Error,
}

/// Output defaults.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputDefaults {
    /// Format of `check`, `eval` and `test` where none is asked for: `human`, `json`.
    #[serde(default)]
    pub format: Option<String>,
    /// Least severity that makes `check` exit with 1: `info`, `warning` or `error`.
    #[serde(default)]
    pub fail_level: Option<String>,
}

/// Reads a configuration.
///
/// # Errors
/// Where it is no TOML, or has unknown keys or values; the place is `file:line:column`.
pub fn parse(name: &str, text: &str) -> Result<Config, InputError> {
    let config: Config = toml::from_str(text).map_err(|e: toml::de::Error| {
        let start = e.span().map_or(0, |s| s.start).min(text.len());
        let before = text.get(..start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        InputError::at(format!("{name}:{line}:{column}"), e.message().trim()).help(
            "known keys: schedules, [lint] CODE = \"off|info|warning|error\", [output] format, fail_level",
        )
    })?;
    for (what, value, known) in [
        ("format", &config.output.format, &["human", "concise", "json", "sarif", "junit", "github"][..]),
        ("fail_level", &config.output.fail_level, &["info", "warning", "error"][..]),
    ] {
        if let Some(v) = value
            && !known.contains(&v.as_str())
        {
            return Err(InputError::at(name, format!("output.{what} cannot be `{v}`"))
                .help(format!("one of {}", known.join(", "))));
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]
    use super::*;

    #[test]
    fn reads_schedules_and_levels() {
        let c = parse("t", "schedules = [\"reported\"]\n[lint]\nC018 = \"off\"\n").unwrap();
        assert_eq!(c.schedules, ["reported"]);
        assert_eq!(c.lint["C018"], Level::Off);
    }

    #[test]
    fn an_unknown_key_has_a_place() {
        let e = parse("habendum.toml", "schedules = []\nschedule = \"x\"\n").unwrap_err();
        assert_eq!(e.place.as_deref(), Some("habendum.toml:2:1"));
        let e = parse("habendum.toml", "[output]\nfail_level = \"fatal\"\n").unwrap_err();
        assert!(e.message.contains("fatal"), "{e}");
    }
}
