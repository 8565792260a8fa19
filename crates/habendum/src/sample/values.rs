//! Candidate rows: an event kind, and a value for each field from its declared type.
//!
//! Invariant: a value is one that the reader of events takes for that field; what a deal's norms make of it is not known here.

use super::dice::Dice;
use crate::error::InputError;
use crate::names::Names;
use habendum_model::deal::{EventInfo, Symbols};
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, EventId, Exact, Length, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, NormId, Program};
use habendum_syntax::ast::DurationUnit;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Texts are few, so that what `of the same` joins recurs.
const TEXTS: [&str; 12] = ["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M"];
const EXCLUSIVITY: [&str; 3] = ["exclusive", "sole", "non-exclusive"];

/// Who pays whom under a clause.
struct Flow {
    id: NormId,
    payer: PartyId,
    payee: PartyId,
    currency: CurrencyId,
    key: Vec<String>,
}

/// Makes candidate rows.
pub(super) struct Maker {
    names: Names,
    zone: TimeZone,
    kinds: Vec<EventId>,
    persons: Vec<PartyId>,
    strangers: Vec<PartyId>,
    /// Leaves of each vocabulary, by its id.
    leaves: Vec<Vec<TermId>>,
    /// Keys of tables, so that a row of one is found.
    keys: Vec<(Type, Vec<Value>)>,
    flows: Vec<Flow>,
}

impl Maker {
    /// # Errors
    /// A deal without an event to sample; a zone unknown on this machine.
    pub(super) fn new(program: &Program, mut names: Names) -> Result<Self, InputError> {
        let symbols = Arc::clone(&names.symbols);
        let zone = &symbols.agreement.zone;
        let zone = if zone.is_empty() {
            TimeZone::UTC
        } else {
            TimeZone::get(zone).map_err(|e| InputError::new(format!("time zone `{zone}`: {e}")))?
        };
        let ids = || (0..symbols.parties.len()).map(PartyId::at);
        let persons: Vec<PartyId> = ids().filter(|p| symbols.is_party(*p)).collect();
        let mut strangers: Vec<PartyId> = ids().filter(|p| !symbols.is_party(*p)).collect();
        if symbols.agreement.others_any {
            strangers.extend(names.party_id("Outsider"));
        }
        let flows = flows(program);
        let kinds = kinds(&symbols, !flows.is_empty());
        if kinds.is_empty() {
            return Err(InputError::new("the deal declares no event, so there is nothing to sample"));
        }
        let leaves = symbols.vocabularies.values().map(|v| leaves(&symbols, v.root)).collect();
        let keys = symbols.tables.values().map(|t| (t.key_ty, t.rows.keys().cloned().collect())).collect();
        Ok(Maker { names, zone, kinds, persons, strangers, leaves, keys, flows })
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// A candidate for a row.
    pub(super) fn event(&mut self, row: u64, date: Date, dice: &mut Dice) -> Event {
        let symbols = Arc::clone(&self.names.symbols);
        let kind = dice.pick(&self.kinds).copied().unwrap_or(EventId(0));
        let info = symbols.event_info(kind);
        let paying = info.builtin && symbols.event_name(kind) == "Payment";
        let flow = if paying { dice.pick(&self.flows) } else { None };
        let mut fields = Vec::with_capacity(info.fields.len());
        for (name, f) in &info.fields {
            let needed = flow.is_some_and(|w| w.key.contains(name));
            let absent = f.optional && !needed && (paying || dice.one_in(3));
            fields.push(match (flow, name.as_str()) {
                (Some(w), "by") => Value::Party(w.payer),
                (Some(w), "to") => Value::Party(w.payee),
                (Some(w), "for") => Value::Clause(w.id.clause),
                (Some(w), "amount") => self.value(name, Type::Money(w.currency, None), info, date, dice),
                _ if absent => Value::Absent,
                _ => self.value(name, f.ty, info, date, dice),
            });
        }
        Event { row, date, instant: instant_of(info, &fields), kind, fields }
    }

    fn value(&self, name: &str, ty: Type, info: &EventInfo, date: Date, dice: &mut Dice) -> Value {
        let known = self.keys.iter().find(|(t, k)| *t == ty && !k.is_empty());
        if let Some((_, keys)) = known
            && !dice.one_in(3)
            && let Some(v) = dice.pick(keys)
        {
            return v.clone();
        }
        match ty {
            Type::Bool => Value::Bool(dice.one_in(2)),
            Type::Int => number(1 + dice.below(60), 1),
            Type::Decimal(_) => number(1 + dice.below(5_000), 10),
            Type::Percent => number(dice.below(101), 100),
            Type::Money(c, per) => Value::Money(self.money(c, per.is_some(), dice), c),
            Type::Date => Value::Date(self.date(name, date, dice)),
            Type::Instant => instant(date, &self.zone, dice),
            Type::Duration => Value::Duration(Length {
                count: u32::try_from(1 + dice.below(60)).unwrap_or(1),
                unit: DurationUnit::Days,
            }),
            Type::Text if info.builtin && name == "exclusivity" => text(dice.pick(&EXCLUSIVITY)),
            Type::Text => text(dice.pick(&TEXTS)),
            Type::Party => {
                let stranger = self.persons.is_empty() || dice.one_in(6);
                let others =
                    if stranger && !self.strangers.is_empty() { &self.strangers } else { &self.persons };
                dice.pick(others).map_or(Value::Absent, |p| Value::Party(*p))
            }
            Type::Clause => match dice.pick(&self.flows) {
                Some(w) => Value::Clause(w.id.clause),
                None => Value::Clause(habendum_model::value::ClauseId(0)),
            },
            Type::Term(v) => {
                let leaf = self.leaves.get(v.ix()).and_then(|l| dice.pick(l));
                leaf.map_or(Value::Absent, |t| Value::Term(*t))
            }
        }
    }

    /// Minor units: from small to large by powers of ten, so that thresholds of every size are met.
    fn money(&self, c: CurrencyId, price: bool, dice: &mut Dice) -> Exact {
        let scale = self.names.symbols.agreement.currencies.get(c.ix()).map_or(1, |c| c.scale());
        let scale = u64::try_from(scale).unwrap_or(1);
        let powers = if price { 2 } else { 6 };
        let most =
            scale.saturating_mul(10_u64.saturating_pow(1 + u32::try_from(dice.below(powers)).unwrap_or(0)));
        Exact::int(i128::from(1 + dice.below(most)))
    }

    /// A day about that of the row; the row's own where the field is its date.
    fn date(&self, name: &str, date: Date, dice: &mut Dice) -> Date {
        if name == "date" {
            return date;
        }
        let off = i64::try_from(dice.below(801)).unwrap_or(0) - 400;
        date.checked_add(off.days()).ok().filter(|d| d.year() >= 1).unwrap_or(date)
    }
}

/// Events that a stream of this deal may have: those it declares; grants and uses where it names assets; payments where
/// they are tracked and something is paid.
fn kinds(symbols: &Symbols, pays: bool) -> Vec<EventId> {
    let assets = symbols
        .vocabularies
        .get("Asset")
        .and_then(|v| symbols.terms.get(v.root.ix()).map(|t| t.last > v.root))
        .unwrap_or(false);
    let wanted = |name: &str, info: &EventInfo| {
        if !info.builtin {
            return true;
        }
        if name == "Payment" { symbols.agreement.payments_tracked && pays } else { assets }
    };
    let all = symbols.events.iter().enumerate();
    all.filter(|(_, (name, info))| wanted(name, info)).map(|(i, _)| EventId::at(i)).collect()
}

/// Terms with nothing below them; the vocabulary itself where it has no terms.
fn leaves(symbols: &Symbols, root: TermId) -> Vec<TermId> {
    let last = symbols.terms.get(root.ix()).map_or(root, |t| t.last);
    let all = (root.ix()..=last.ix()).map(TermId::at);
    all.filter(|t| symbols.terms.get(t.ix()).is_some_and(|i| i.last == *t)).collect()
}

/// Every payment of every text, once.
fn flows(program: &Program) -> Vec<Flow> {
    let mut out: Vec<Flow> = Vec::new();
    for n in program.versions.iter().flat_map(|v| &v.norms) {
        if let Body::Payment(p) = &n.body
            && !out.iter().any(|w| w.id == n.id)
        {
            let key = n.key.as_ref().map(|k| k.fields.clone()).unwrap_or_default();
            out.push(Flow { id: n.id, payer: p.payer, payee: p.payee, currency: p.currency, key });
        }
    }
    out
}

/// `n / d`.
fn number(n: u64, d: i128) -> Value {
    Value::Number(Exact::ratio(i128::from(n), d).unwrap_or(Exact::ZERO))
}

fn text(t: Option<&&str>) -> Value {
    Value::Text(Arc::from(t.copied().unwrap_or("A")))
}

/// Somewhere in the hours of that day which every zone has.
fn instant(date: Date, zone: &TimeZone, dice: &mut Dice) -> Value {
    let hour = i8::try_from(6 + dice.below(14)).unwrap_or(12);
    let minute = i8::try_from(dice.below(60)).unwrap_or(0);
    zone.to_ambiguous_timestamp(date.at(hour, minute, 0, 0))
        .compatible()
        .map_or(Value::Absent, |t| Value::Instant(t.as_nanosecond()))
}

/// The instant of a row whose kind has it as a field.
fn instant_of(info: &EventInfo, fields: &[Value]) -> Option<i128> {
    let i = info.fields.get_index_of("at")?;
    match fields.get(i) {
        Some(Value::Instant(n)) => Some(*n),
        _ => None,
    }
}
