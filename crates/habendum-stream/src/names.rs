//! Names for ids: what outputs call a person, a clause, a value. Strangers met in a stream get ids beyond the deal's.
//!
//! Invariant: a stranger keeps its id for the whole run, in the order of first appearance.

use habendum_model::deal::Symbols;
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, Exact, ParamId, PartyId, TermId, Value, VocabId};
use habendum_syntax::ast::DurationUnit;
use indexmap::IndexSet;
use std::collections::HashMap;
use std::sync::Arc;

/// The names of a run: those of the deal, and the strangers of its stream.
#[derive(Clone, Debug)]
pub struct Names {
    /// The deal's names.
    pub symbols: Arc<Symbols>,
    strangers: IndexSet<String>,
    terms: HashMap<(VocabId, String), TermId>,
}

impl Names {
    /// The names of a deal, no stranger met yet.
    #[must_use]
    pub fn new(symbols: Arc<Symbols>) -> Self {
        let terms = symbols
            .terms
            .iter()
            .enumerate()
            .map(|(i, t)| ((t.vocab, t.name.clone()), TermId::at(i)))
            .collect();
        Names { symbols, strangers: IndexSet::new(), terms }
    }

    /// The id of a declared person, or of a stranger where the deal says `others any`.
    pub fn party_id(&mut self, name: &str) -> Option<PartyId> {
        if let Some(i) = self.symbols.parties.get_index_of(name) {
            return Some(PartyId::at(i));
        }
        if !self.symbols.agreement.others_any {
            return None;
        }
        let i = match self.strangers.get_index_of(name) {
            Some(i) => i,
            None => self.strangers.insert_full(name.to_owned()).0,
        };
        Some(PartyId::at(self.symbols.parties.len() + i))
    }

    /// The id of a declared person, or of a stranger who has been met.
    #[must_use]
    pub fn known_party(&self, name: &str) -> Option<PartyId> {
        let declared = self.symbols.parties.get_index_of(name).map(PartyId::at);
        let met = |i: usize| PartyId::at(self.symbols.parties.len() + i);
        declared.or_else(|| self.strangers.get_index_of(name).map(met))
    }

    /// The strangers met so far, in order.
    #[must_use]
    pub fn strangers(&self) -> &IndexSet<String> {
        &self.strangers
    }

    /// Takes strangers that another reader met next, in order.
    pub fn meet(&mut self, strangers: impl IntoIterator<Item = String>) {
        self.strangers.extend(strangers);
    }

    /// The name of a person.
    #[must_use]
    pub fn party(&self, id: PartyId) -> &str {
        self.symbols.party_name(id).unwrap_or_else(|| {
            let i = id.ix().wrapping_sub(self.symbols.parties.len());
            self.strangers.get_index(i).map_or("?", String::as_str)
        })
    }

    /// The term of a name within a vocabulary.
    #[must_use]
    pub fn term_id(&self, vocab: VocabId, name: &str) -> Option<TermId> {
        // The key of the map owns its text, so a lookup has to; vocabularies are small enough for that.
        self.terms.get(&(vocab, name.to_owned())).copied()
    }

    /// The name of a term.
    #[must_use]
    pub fn term(&self, id: TermId) -> &str {
        self.symbols.terms.get(id.ix()).map_or("?", |t| t.name.as_str())
    }

    /// Minor units for people: `1,234.50 USD`.
    #[must_use]
    pub fn money(&self, minor: i128, currency: CurrencyId) -> String {
        self.symbols
            .agreement
            .currencies
            .get(currency.ix())
            .map_or_else(|| minor.to_string(), |c| c.show(minor))
    }

    /// Minor units for machines: `1234.50`.
    #[must_use]
    pub fn plain_money(&self, minor: i128, currency: CurrencyId) -> String {
        self.symbols
            .agreement
            .currencies
            .get(currency.ix())
            .map_or_else(|| minor.to_string(), |c| c.plain(minor))
    }

    /// The code of a currency.
    #[must_use]
    pub fn currency(&self, currency: CurrencyId) -> &str {
        self.symbols.agreement.currencies.get(currency.ix()).map_or("?", |c| c.code.as_str())
    }

    /// Exact minor units, which may be a fraction of one: `0.3333 USD` at full length where it ends, else as a fraction.
    #[must_use]
    pub fn exact_money(&self, minor: Exact, currency: CurrencyId) -> String {
        if minor.is_integer() {
            return self.money(minor.numer(), currency);
        }
        let scale = self.symbols.agreement.currencies.get(currency.ix()).map_or(1, |c| c.scale());
        match minor.div(Exact::int(scale)) {
            Ok(major) => format!("{major} {}", self.currency(currency)),
            Err(_) => format!("{minor} minor units of {}", self.currency(currency)),
        }
    }

    /// The value of a parameter for people: percentages as such.
    #[must_use]
    pub fn param_value(&self, id: ParamId, v: &Value) -> String {
        let percent = self.symbols.params.get_index(id.ix()).is_some_and(|(_, p)| p.ty == Type::Percent);
        match v {
            Value::Number(n) if percent => match n.mul(Exact::int(100)) {
                Ok(n) => format!("{n}%"),
                Err(_) => n.to_string(),
            },
            _ => self.value(v),
        }
    }

    /// A value for people and for keys of outputs.
    #[must_use]
    pub fn value(&self, v: &Value) -> String {
        match v {
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            Value::Money(m, c) => self.exact_money(*m, *c),
            Value::Date(d) => d.to_string(),
            Value::Instant(n) => {
                jiff::Timestamp::from_nanosecond(*n).map_or_else(|_| format!("{n} ns"), |t| t.to_string())
            }
            Value::Duration(l) => format!("{} {}", l.count, unit_word(l.unit)),
            Value::Text(t) => t.to_string(),
            Value::Party(p) => self.party(*p).to_owned(),
            Value::Term(t) => self.term(*t).to_owned(),
            Value::Clause(c) => self.symbols.clause_name(*c).to_owned(),
            Value::Absent => String::new(),
        }
    }
}

/// The word of a unit of time, in the plural.
#[must_use]
pub fn unit_word(unit: DurationUnit) -> &'static str {
    match unit {
        DurationUnit::Hours => "hours",
        DurationUnit::Days => "days",
        DurationUnit::BusinessDays => "business days",
        DurationUnit::Weeks => "weeks",
        DurationUnit::Months => "months",
        DurationUnit::Quarters => "quarters",
        DurationUnit::Years => "years",
    }
}
