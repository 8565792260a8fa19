//! From cells to typed values: the deal's declarations decide what a cell may be.
//!
//! Invariant: no rounding and no guess: too many decimals, a foreign currency, an unknown name are faults.

use super::Fault;
use super::cell::{Cell, Form};
use crate::error::nearest;
use crate::names::Names;
use habendum_model::deal::{EventInfo, FieldInfo};
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, EventId, Exact, Length, Value};
use habendum_syntax::ast::DurationUnit;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::sync::Arc;

/// A row with its types checked.
pub(crate) struct Typed {
    pub date: Date,
    pub instant: Option<i128>,
    pub kind: EventId,
    pub fields: Vec<Value>,
}

/// What typing needs: the names of the run and the zone of the deal.
pub(crate) struct Typing<'a> {
    pub names: &'a mut Names,
    pub zone: &'a TimeZone,
    /// Fields that no kind, or not this kind, has are left out.
    pub ignore_unknown: bool,
}

type Cells<'c> = Vec<(Cow<'c, str>, Cell<'c>)>;

impl Typing<'_> {
    /// Types a row.
    pub(super) fn row(&mut self, cells: Cells<'_>) -> Result<Typed, Fault> {
        let symbols = Arc::clone(&self.names.symbols);
        let find = |n: &str| cells.iter().find(|(k, _)| k == n).map(|(_, c)| c);
        let kind = self.kind(find("kind"))?;
        let info = symbols.event_info(kind);
        let (date, instant) = self.when(find("date"), find("at"))?;
        let mut fields = vec![Value::Absent; info.fields.len()];
        for (name, cell) in &cells {
            let Some((i, _, field)) = info.fields.get_full(name.as_ref()) else {
                if self.ignore_unknown || matches!(name.as_ref(), "kind" | "date" | "at") {
                    continue;
                }
                return Err(unknown_field(name, symbols.event_name(kind), info, cell.column));
            };
            let ty = if name == "amount" { self.amount_type(kind, field.ty, cell, &cells) } else { field.ty };
            let value = self.value(cell, ty).map_err(|f| Fault {
                column: cell.column,
                field: Some(name.to_string()),
                ..f
            })?;
            if let Some(slot) = fields.get_mut(i) {
                *slot = value;
            }
        }
        missing(info, &fields, symbols.event_name(kind))?;
        Ok(Typed { date, instant, kind, fields })
    }

    /// The type of an amount: in a `Payment` the currency is that of the clause it is for; where that clause pays in
    /// several, the one that the cell names, else the first of them.
    fn amount_type(&self, kind: EventId, declared: Type, cell: &Cell<'_>, cells: &Cells<'_>) -> Type {
        let symbols = &self.names.symbols;
        let clause = cells.iter().find(|(n, _)| n == "for").and_then(|(_, c)| symbols.clause(&c.text));
        let (Type::Money(_, per), Some(known)) = (declared, symbols.owed_in(kind, clause)) else {
            return declared;
        };
        let code = |c: &CurrencyId| symbols.agreement.currencies.get(c.ix()).map_or("", |i| i.code.as_str());
        let named = known.iter().find(|c| cell.text.split_whitespace().any(|w| w == code(c)));
        named.or(known.first()).map_or(declared, |c| Type::Money(*c, per))
    }

    /// The day of a row, and its instant where it gives one.
    pub(super) fn when(
        &self,
        date: Option<&Cell<'_>>,
        at: Option<&Cell<'_>>,
    ) -> Result<(Date, Option<i128>), Fault> {
        let placed = |f: Fault, name: &str, cell: &Cell<'_>| Fault {
            column: cell.column,
            field: Some(name.to_owned()),
            ..f
        };
        let date = match date {
            Some(c) => Some(date_of(c).map_err(|f| placed(f, "date", c))?),
            None => None,
        };
        let Some(cell) = at else {
            let date = date.ok_or_else(|| {
                Fault::new("the row has neither `date` nor `at`")
                    .help("say when: \"date\":\"2026-06-01\" or \"at\":\"2026-06-01T09:00Z\"")
            })?;
            return Ok((date, None));
        };
        let at = instant(cell, self.zone).map_err(|f| placed(f, "at", cell))?;
        let there = self.zone.to_datetime(at).date();
        if date.is_some_and(|d| d != there) {
            let f = Fault::new(format!("`at` falls on {there} in the deal's zone, `date` says otherwise"));
            return Err(placed(f, "at", cell));
        }
        Ok((there, Some(at.as_nanosecond())))
    }

    /// The kind that a cell names.
    pub(super) fn kind(&self, cell: Option<&Cell<'_>>) -> Result<EventId, Fault> {
        let Some(cell) = cell else {
            return Err(Fault::new("the row has no `kind`").help("say what happened: \"kind\":\"Launch\""));
        };
        let place = |f: Fault| Fault { column: cell.column, field: Some("kind".to_owned()), ..f };
        if !cell.is_text() {
            return Err(place(wanted("the name of an event kind", cell)));
        }
        let events = &self.names.symbols.events;
        events
            .get_index_of(cell.text.as_ref())
            .map(EventId::at)
            .ok_or_else(|| place(unknown("event kind", &cell.text, events.keys().map(String::as_str))))
    }

    /// The value of a cell by its declared type.
    pub(crate) fn value(&mut self, cell: &Cell<'_>, ty: Type) -> Result<Value, Fault> {
        match ty {
            Type::Bool => match (cell.form, cell.text.as_ref()) {
                (Form::Bool | Form::Untyped, "true") => Ok(Value::Bool(true)),
                (Form::Bool | Form::Untyped, "false") => Ok(Value::Bool(false)),
                _ => Err(wanted("true or false", cell)),
            },
            Type::Int => {
                let n = number(cell, "a whole number")?;
                if n.is_integer() { fits(n).map(Value::Number) } else { Err(wanted("a whole number", cell)) }
            }
            Type::Decimal(_) => number(cell, "a number").and_then(fits).map(Value::Number),
            Type::Percent => percent(cell).and_then(fits).map(Value::Number),
            Type::Money(currency, per) => self.money(cell, currency, per.is_some()),
            Type::Date => date_of(cell).map(Value::Date),
            Type::Instant => instant(cell, self.zone).map(|t| Value::Instant(t.as_nanosecond())),
            Type::Duration => duration(cell).map(Value::Duration),
            Type::Text if cell.is_text() => Ok(Value::Text(Arc::from(cell.text.as_ref()))),
            Type::Text => Err(wanted("a text in quotation marks", cell)),
            Type::Party if cell.is_text() => self.party(&cell.text),
            Type::Party => Err(wanted("the name of a person", cell)),
            Type::Clause if cell.is_text() => self.clause(&cell.text),
            Type::Clause => Err(wanted("the id of a clause", cell)),
            Type::Term(vocab) if cell.is_text() => {
                self.names.term_id(vocab, &cell.text).map(Value::Term).ok_or_else(|| {
                    let symbols = &self.names.symbols;
                    let vocabulary = symbols.vocabularies.get_index(vocab.ix()).map_or("?", |(n, _)| n);
                    let of_it = symbols.terms.iter().filter(|t| t.vocab == vocab).map(|t| t.name.as_str());
                    unknown(&format!("term of the vocabulary {vocabulary}"), &cell.text, of_it)
                })
            }
            Type::Term(_) => Err(wanted("a term of its vocabulary", cell)),
        }
    }

    fn party(&mut self, name: &str) -> Result<Value, Fault> {
        if name.is_empty() {
            return Err(Fault::new("the name of a person is empty"));
        }
        self.names.party_id(name).map(Value::Party).ok_or_else(|| {
            let f = unknown(
                "party or known other of the deal",
                name,
                self.names.symbols.parties.keys().map(String::as_str),
            );
            match f.help {
                Some(_) => f,
                None => f.help("declare it with `others NAME`, or let streams name anyone with `others any`"),
            }
        })
    }

    fn clause(&self, name: &str) -> Result<Value, Fault> {
        let symbols = &self.names.symbols;
        symbols
            .clause(name)
            .map(Value::Clause)
            .ok_or_else(|| unknown("clause", name, symbols.clauses.keys().map(String::as_str)))
    }

    /// `12.5`, `"12.50"`, `"EUR 12.50"`, `"12.50 EUR"`; a price may be finer than a minor unit.
    fn money(&self, cell: &Cell<'_>, currency: CurrencyId, price: bool) -> Result<Value, Fault> {
        let symbols = &self.names.symbols;
        let Some(own) = symbols.agreement.currencies.get(currency.ix()) else {
            return Err(Fault::new("the field has no currency"));
        };
        let wants = format!("an amount of {}", own.code);
        if !cell.may_be_number() {
            return Err(wanted(&wants, cell));
        }
        let text = cell.text.trim();
        let mut words = text.split_whitespace();
        let (digits, code) = match (words.next(), words.next(), words.next()) {
            (Some(n), None, None) => (n, None),
            (Some(a), Some(b), None) if is_code(a) => (b, Some(a)),
            (Some(a), Some(b), None) if is_code(b) => (a, Some(b)),
            _ => return Err(wanted(&wants, cell)),
        };
        if let Some(code) = code
            && code != own.code
        {
            return Err(Fault::new(format!("currency {code} where the field is in {}", own.code)).help(
                "currencies never mix: convert before the stream, or declare the field in that currency",
            ));
        }
        let major = exact(digits).ok_or_else(|| {
            let f = wanted(&wants, cell);
            if digits.contains(',') { f.help("write the digits without separators: 1234.50") } else { f }
        })?;
        let minor = major.mul(Exact::int(own.scale())).map_err(|_| too_large())?;
        if !price && !minor.is_integer() {
            return Err(Fault::new(format!(
                "{digits} has more decimals than {} has ({})",
                own.code, own.exponent
            )));
        }
        fits(minor).map(|m| Value::Money(m, currency))
    }
}

pub(super) fn missing(info: &EventInfo, fields: &[Value], kind: &str) -> Result<(), Fault> {
    let absent = |f: &FieldInfo, v: &Value| !f.optional && matches!(v, Value::Absent);
    match info.fields.iter().zip(fields).find(|((_, f), v)| absent(f, v)) {
        Some(((name, _), _)) => Err(Fault {
            field: Some(name.clone()),
            ..Fault::new(format!("missing: every {kind} has it"))
                .help(format!("declare it `{name}: … optional` if it may be absent"))
        }),
        None => Ok(()),
    }
}

pub(super) fn unknown_field(name: &str, kind: &str, info: &EventInfo, column: Option<usize>) -> Fault {
    let f = Fault::new(format!("{kind} has no such field"));
    let f = match nearest(name, info.fields.keys().map(String::as_str)) {
        Some(n) => f.help(format!("did you mean `{n}`?")),
        None => f.help(format!(
            "its fields: {}",
            info.fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
        )),
    };
    Fault { column, field: Some(name.to_owned()), ..f }
}

fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Fault {
    let f = Fault::new(format!("no {what} is named `{name}`"));
    match nearest(name, known) {
        Some(n) => f.help(format!("did you mean `{n}`?")),
        None => f,
    }
}

fn wanted(what: &str, cell: &Cell<'_>) -> Fault {
    Fault::new(format!("wanted {what}, found {}", cell.noun()))
}

fn too_large() -> Fault {
    Fault::new("the figure is beyond 64 bits")
}

/// Whole part within 64 bits.
fn fits(n: Exact) -> Result<Exact, Fault> {
    let whole = n.numer() / n.denom();
    if i64::try_from(whole).is_ok() { Ok(n) } else { Err(too_large()) }
}

fn is_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// A decimal, with an exponent as JSON allows it.
fn exact(text: &str) -> Option<Exact> {
    let (mantissa, power) = match text.split_once(['e', 'E']) {
        Some((m, p)) => (m, p.parse::<i32>().ok()?),
        None => (text, 0),
    };
    if mantissa.contains('_') {
        return None;
    }
    let n = Exact::parse(mantissa)?;
    let scale = Exact::int(10_i128.checked_pow(power.unsigned_abs())?);
    if power < 0 { n.div(scale).ok() } else { n.mul(scale).ok() }
}

fn number(cell: &Cell<'_>, what: &str) -> Result<Exact, Fault> {
    if !cell.may_be_number() {
        return Err(wanted(what, cell));
    }
    match exact(cell.text.trim()) {
        Some(n) => Ok(n),
        None if looks_numeric(cell.text.trim()) => Err(too_large()),
        None => Err(wanted(what, cell)),
    }
}

fn looks_numeric(text: &str) -> bool {
    let t = text.strip_prefix('-').unwrap_or(text);
    t.starts_with(|c: char| c.is_ascii_digit())
        && t.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && t.bytes().filter(|b| *b == b'.').count() <= 1
}

/// `"20%"`, or a fraction of one such as `0.2`.
fn percent(cell: &Cell<'_>) -> Result<Exact, Fault> {
    let what = "a percentage such as \"20%\", or the fraction 0.2";
    match cell.text.trim().strip_suffix('%') {
        Some(digits) if cell.is_text() => exact(digits.trim_end())
            .ok_or_else(|| wanted(what, cell))
            .and_then(|n| n.div(Exact::int(100)).map_err(|_| too_large())),
        _ => number(cell, what),
    }
}

fn date_of(cell: &Cell<'_>) -> Result<Date, Fault> {
    let text = cell.text.as_ref();
    let plain = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if !cell.is_text() || !plain {
        return Err(wanted("a date such as \"2026-06-01\"", cell));
    }
    match text.parse::<Date>() {
        Ok(d) if d.year() >= 1 => Ok(d),
        _ => Err(Fault::new(format!("{text} is no day of the calendar"))),
    }
}

/// An instant: with an offset, or a wall-clock time of the deal's zone that exists there once.
fn instant(cell: &Cell<'_>, zone: &TimeZone) -> Result<Timestamp, Fault> {
    let what = "an instant such as \"2026-06-01T09:00Z\"";
    let text = cell.text.as_ref();
    if !cell.is_text() || !text.contains(['T', 't', ' ']) {
        return Err(wanted(what, cell));
    }
    if let Ok(t) = text.parse::<Timestamp>() {
        return Ok(t);
    }
    let wall: DateTime = text.parse().map_err(|_| wanted(what, cell))?;
    zone.to_ambiguous_timestamp(wall).unambiguous().map_err(|_| {
        Fault::new(format!("{wall} happens twice or never in the deal's zone (the clocks change)"))
            .help("give the offset: 2026-11-01T01:30-07:00")
    })
}

/// `"30 days"`, `"5 business days"`.
fn duration(cell: &Cell<'_>) -> Result<Length, Fault> {
    let bad = || wanted("a length of time such as \"30 days\"", cell);
    if !cell.is_text() {
        return Err(bad());
    }
    let (count, unit) = cell.text.trim().split_once(' ').ok_or_else(bad)?;
    let count: u32 = count.parse().map_err(|_| bad())?;
    let unit = match unit.trim() {
        "hour" | "hours" => DurationUnit::Hours,
        "day" | "days" => DurationUnit::Days,
        "business day" | "business days" => DurationUnit::BusinessDays,
        "week" | "weeks" => DurationUnit::Weeks,
        "month" | "months" => DurationUnit::Months,
        "quarter" | "quarters" => DurationUnit::Quarters,
        "year" | "years" => DurationUnit::Years,
        _ => return Err(bad()),
    };
    Ok(Length { count, unit })
}
