//! The text of a deal for people: a version or a redline as a document, and the table of key terms.
//!
//! Data flow: [`Opened`] + choices -> bound and consolidated texts -> the version asked for -> [`Document`] or [`Summary`].
//! Invariant: nothing is lowered, so that a deal whose figures are still open can be read.

use crate::error::InputError;
use crate::pipeline::{Error, Opened};
use crate::record::SCHEMA_VERSION;
use habendum_model::binding::Choices;
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::show::{self, Document, version_on};
use habendum_model::summary;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

pub use habendum_model::show::{html, in_force, markdown, text};

/// A point in the life of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The agreement as it began.
    Base,
    /// The last version, even where it begins on a day still open.
    Last,
    /// The version in force on a day.
    On(Date),
}

impl std::str::FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "base" => Ok(Point::Base),
            "last" => Ok(Point::Last),
            _ => text.parse().map(Point::On).map_err(|_| {
                format!("`{text}` is no date; write year-month-day, such as 2026-06-01, or base, or last")
            }),
        }
    }
}

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// One version.
    Version(Point),
    /// What changed from one version to another.
    Redline(Point, Point),
}

/// The table of key terms.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Version of this format.
    pub schema_version: u32,
    /// Title of the agreement.
    pub agreement: String,
    /// When the later text is in force.
    pub now: String,
    /// When the earlier text is in force.
    pub before: String,
    /// Rows, in the order of the deal's `key` items; without any, the clauses that changed.
    pub rows: Vec<SummaryRow>,
}

/// A row of the table of key terms.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SummaryRow {
    /// The feature.
    pub feature: String,
    /// In the later text.
    pub now: String,
    /// In the earlier text.
    pub before: String,
    /// Titles of the amendments that touched it between the two.
    pub changed_by: Vec<String>,
}

/// The texts of a deal with the figures that they use.
struct Read<'a> {
    deal: &'a Deal,
    binding: Binding,
    texts: Consolidated,
}

impl<'a> Read<'a> {
    fn of(opened: &'a Opened, choices: &Choices) -> Result<Self, Error> {
        let deal = opened.sound()?;
        let binding = opened.bound(deal, choices)?;
        let texts = consolidate(deal, &binding);
        if texts.has_errors() {
            return Err(opened.faults(texts.diagnostics));
        }
        Ok(Read { deal, binding, texts: texts.value })
    }

    fn version(&self, at: Point) -> Result<usize, InputError> {
        let last = self.texts.versions.len().saturating_sub(1);
        match at {
            Point::Base => Ok(0),
            Point::Last => Ok(last),
            Point::On(day) => version_on(&self.texts, day).ok_or_else(|| self.too_early(day)),
        }
    }

    fn too_early(&self, day: Date) -> InputError {
        let first = self.texts.versions.first().map(|v| v.from.clone());
        let begins = match first.as_ref().and_then(habendum_model::expr::DateValue::fixed) {
            Some(first) => format!("the agreement begins on {first}"),
            None => "the first day of the agreement is open".to_owned(),
        };
        InputError::new(format!("no text was in force on {day}: {begins}"))
    }
}

/// A version or a redline.
///
/// # Errors
/// Faults of the deal; a day before the agreement begins.
pub fn document(opened: &Opened, choices: &Choices, view: View) -> Result<Document, Error> {
    let r = Read::of(opened, choices)?;
    Ok(match view {
        View::Version(at) => show::document(r.deal, &r.texts, &r.binding, r.version(at)?),
        View::Redline(from, to) => {
            show::redline(r.deal, &r.texts, &r.binding, r.version(from)?, r.version(to)?)
        }
    })
}

/// The table of key terms between two versions.
///
/// # Errors
/// Faults of the deal; a day before the agreement begins; a `before` later than `now`.
pub fn summarise(opened: &Opened, choices: &Choices, before: Point, now: Point) -> Result<Summary, Error> {
    let r = Read::of(opened, choices)?;
    let (a, b) = (r.version(before)?, r.version(now)?);
    if a > b {
        let e = InputError::new("the earlier text of the table is later than the other one");
        return Err(e.help("--before names the earlier day, --text-as-of the later one").into());
    }
    let from = |v: usize| r.texts.versions.get(v).map(in_force).unwrap_or_default();
    let rows = summary::summary(r.deal, &r.texts, &r.binding, a, b)
        .into_iter()
        .map(|row| SummaryRow {
            feature: row.feature,
            now: row.now,
            before: row.before,
            changed_by: row.changed_by,
        })
        .collect();
    Ok(Summary {
        schema_version: SCHEMA_VERSION,
        agreement: r.deal.symbols.agreement.title.clone(),
        now: from(b),
        before: from(a),
        rows,
    })
}
