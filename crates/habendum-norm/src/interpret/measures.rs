//! Running sums: declared totals, counts of events, sums of payments, breaches.
//!
//! Data flow: rows and accruals feed a series per measure and key; expressions ask for windows of it.
//! Invariant: a series holds one cumulative sum per day, in date order, so a window costs two binary searches and memory
//! is bounded by days, never by events.

use crate::eval::{Scene, fault};
use crate::ir::Program;
use crate::outcome::EvalError;
use habendum_model::date::{self, DateError, Reckoning};
use habendum_model::expr::{MeasureWhat, Window};
use habendum_model::value::{EventId, Exact, FieldId, MeasureId, Overflow, Value};
use habendum_syntax::Span;
use habendum_syntax::ast::MonthRounding;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An instance key.
pub type Key = Vec<Value>;

/// How a measure is kept apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The names of the asking clause's key that its source has too.
    pub key: Vec<String>,
    /// Their fields in the source event, where the source is one.
    pub fields: Vec<FieldId>,
    /// The source event kind, where the source is one.
    pub event: Option<EventId>,
}

/// Why a window has no sum.
#[derive(Debug)]
pub enum WindowFault {
    /// A figure left 128 bits.
    Overflow(Overflow),
    /// A date could not be reckoned.
    Date(DateError),
    /// The window begins on an open date.
    Open(String),
}

impl WindowFault {
    /// As an error at a place.
    #[must_use]
    pub fn at(self, span: Span) -> EvalError {
        match self {
            WindowFault::Overflow(o) => fault(o.to_string(), span),
            WindowFault::Date(d) => fault(d.to_string(), span),
            WindowFault::Open(text) => {
                fault(format!("the sum begins on {text}, a date without a value"), span)
            }
        }
    }
}

impl From<Overflow> for WindowFault {
    fn from(o: Overflow) -> Self {
        WindowFault::Overflow(o)
    }
}

impl From<DateError> for WindowFault {
    fn from(d: DateError) -> Self {
        WindowFault::Date(d)
    }
}

/// Cumulative sums by day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series(Vec<(Date, Exact)>);

impl Series {
    /// The sum so far.
    #[must_use]
    pub fn total(&self) -> Exact {
        self.0.last().map_or(Exact::ZERO, |(_, n)| *n)
    }

    /// The sum of the days before one.
    fn before(&self, d: Date) -> Exact {
        let n = self.0.partition_point(|(day, _)| *day < d);
        n.checked_sub(1).and_then(|i| self.0.get(i)).map_or(Exact::ZERO, |(_, n)| *n)
    }

    /// The sum of the days from one through another.
    fn between(&self, from: Date, through: Date) -> Result<Exact, Overflow> {
        let n = self.0.partition_point(|(day, _)| *day <= through);
        let upto = n.checked_sub(1).and_then(|i| self.0.get(i)).map_or(Exact::ZERO, |(_, n)| *n);
        upto.sub(self.before(from))
    }

    fn add(&mut self, d: Date, n: Exact) -> Result<(), Overflow> {
        let sum = self.total().add(n)?;
        match self.0.last_mut() {
            Some((day, total)) if *day >= d => *total = sum,
            _ => self.0.push((d, sum)),
        }
        Ok(())
    }
}

/// All measures of a program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Of the program; a saved state has none.
    #[serde(skip)]
    shapes: Arc<Vec<Shape>>,
    series: Vec<BTreeMap<Key, Series>>,
}

static NOTHING: Series = Series(Vec::new());

impl Measures {
    /// Empty sums of a program.
    #[must_use]
    pub fn new(shapes: Arc<Vec<Shape>>) -> Self {
        let series = vec![BTreeMap::new(); shapes.len()];
        Measures { shapes, series }
    }

    /// These sums, saved under the program whose shapes the others have; none where they are not of one program.
    pub(crate) fn like(self, others: &Measures) -> Option<Self> {
        (self.series.len() == others.series.len())
            .then(|| Measures { shapes: Arc::clone(&others.shapes), series: self.series })
    }

    /// How a measure is kept apart.
    #[must_use]
    pub fn shape(&self, m: MeasureId) -> Option<&Shape> {
        self.shapes.get(m.ix())
    }

    /// Adds to a measure.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn add(&mut self, m: MeasureId, key: Key, d: Date, n: Exact) -> Result<(), Overflow> {
        match self.series.get_mut(m.ix()) {
            Some(by_key) => by_key.entry(key).or_default().add(d, n),
            None => Ok(()),
        }
    }

    /// Whether adding would stay within 128 bits.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn probe(&self, m: MeasureId, key: &[Value], n: Exact) -> Result<(), Overflow> {
        let total = self.series.get(m.ix()).and_then(|s| s.get(key)).map_or(Exact::ZERO, Series::total);
        total.add(n).map(|_| ())
    }

    fn find(&self, m: MeasureId, names: &[String], key: &[Value]) -> &Series {
        let (Some(shape), Some(by_key)) = (self.shapes.get(m.ix()), self.series.get(m.ix())) else {
            return &NOTHING;
        };
        let found = if shape.key.is_empty() {
            by_key.get([].as_slice())
        } else if shape.key == names {
            by_key.get(key)
        } else {
            by_key.get(project(&shape.key, names, key).as_slice())
        };
        found.unwrap_or(&NOTHING)
    }

    /// Every series of a measure, where a sentence that is kept apart asks for all its instances together.
    fn whole(&self, m: MeasureId, names: &[String], key: &[Value]) -> Option<&BTreeMap<Key, Series>> {
        let apart = self.shapes.get(m.ix()).is_some_and(|s| !s.key.is_empty());
        if apart && key.is_empty() && !names.is_empty() { self.series.get(m.ix()) } else { None }
    }

    /// The whole sum of a measure for an instance.
    ///
    /// # Errors
    /// Beyond 128 bits, where instances are added together.
    pub fn total(&self, m: MeasureId, names: &[String], key: &[Value]) -> Result<Exact, Overflow> {
        if let Some(all) = self.whole(m, names, key) {
            return all.values().try_fold(Exact::ZERO, |sum, s| sum.add(s.total()));
        }
        Ok(self.find(m, names, key).total())
    }

    /// The sum of a measure over a window.
    ///
    /// # Errors
    /// See [`WindowFault`].
    pub fn window(&self, m: MeasureId, w: &Window, s: &Scene<'_>) -> Result<Exact, WindowFault> {
        if let Some(all) = self.whole(m, s.key_fields, s.key) {
            let (from, through) = bounds(w, s.today, s.term_start, s.reckoning)?;
            let parts = all.values().map(|x| x.between(from, through));
            return parts.into_iter().try_fold(Exact::ZERO, |sum, x| Ok(sum.add(x?)?));
        }
        let series = self.find(m, s.key_fields, s.key);
        if let Window::InTotal = w {
            return Ok(series.total());
        }
        let (from, through) = bounds(w, s.today, s.term_start, s.reckoning)?;
        Ok(series.between(from, through)?)
    }
}

/// First and last day of a window.
fn bounds(w: &Window, today: Date, term_start: Date, r: &Reckoning) -> Result<(Date, Date), WindowFault> {
    Ok(match w {
        Window::This(p) => match date::period_of(today, *p, r)? {
            Some((a, b)) => (a, b),
            None => (Date::MIN, today),
        },
        Window::Last(p) => match date::period_of(today, *p, r)? {
            Some((a, _)) => match date::period_of(date::plus_days(a, -1)?, *p, r)? {
                Some(span) => span,
                None => (Date::MIN, today),
            },
            None => (Date::MIN, today),
        },
        Window::Trailing(l) => {
            let start = date::sub(today, *l, r, Some(MonthRounding::Down))?;
            (date::plus_days(start, 1)?, today)
        }
        Window::InTotal => (Date::MIN, today),
        Window::OfTheTerm => (term_start, today),
        Window::Since(d) => match d {
            habendum_model::expr::DateValue::Fixed(d) => (*d, today),
            habendum_model::expr::DateValue::Open { text, .. } => {
                return Err(WindowFault::Open(text.clone()));
            }
        },
    })
}

/// The values of some names out of a key.
#[must_use]
pub fn project(wanted: &[String], names: &[String], key: &[Value]) -> Key {
    wanted
        .iter()
        .map(|w| {
            let at = names.iter().position(|n| n == w);
            at.and_then(|i| key.get(i)).cloned().unwrap_or(Value::Absent)
        })
        .collect()
}

/// The shape of every measure of a program. `clause_keys` are the key fields of each clause, by clause.
#[must_use]
pub fn shapes(
    program: &Program,
    clause_keys: &BTreeMap<habendum_model::value::ClauseId, Vec<String>>,
) -> Vec<Shape> {
    let of_event = |event: EventId, key: &[String]| {
        let info = program.symbols.event_info(event);
        let mut shape = Shape { key: Vec::new(), fields: Vec::new(), event: Some(event) };
        for name in key {
            if let Some(f) = info.fields.get_index_of(name) {
                shape.key.push(name.clone());
                shape.fields.push(FieldId::at(f));
            }
        }
        shape
    };
    let of_clause = |clause, key: &[String]| {
        let has: &[String] = clause_keys.get(&clause).map_or(&[], Vec::as_slice);
        let key = key.iter().filter(|n| has.contains(n)).cloned().collect();
        Shape { key, fields: Vec::new(), event: None }
    };
    program
        .measures
        .iter()
        .map(|m| match &m.what {
            MeasureWhat::Total(t) => match program.totals.get(t.ix()) {
                Some(def) => of_event(def.on.event, &m.key),
                None => Shape { key: Vec::new(), fields: Vec::new(), event: None },
            },
            MeasureWhat::Count { event, .. } => of_event(*event, &m.key),
            MeasureWhat::Payment(_, clause) | MeasureWhat::Breaches(clause) => of_clause(*clause, &m.key),
        })
        .collect()
}
