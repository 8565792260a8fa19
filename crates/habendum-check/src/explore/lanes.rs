//! Runs side by side: one program, or two whose outcomes are compared.
//!
//! Data flow: an event in the words of the first lane -> translated by name -> a step in every lane -> [`Log`]s.
//! Invariant: all lanes have seen the same rows on the same days, or none of them has.

use super::Log;
use habendum_model::date::plus_days;
use habendum_model::deal::Symbols;
use habendum_model::expr::Type;
use habendum_model::value::{ClauseId, CurrencyId, EventId, FieldId, PartyId, TermId, Value};
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use jiff::civil::Date;
use std::sync::Arc;

/// Ids of one deal as ids of another that has the same names.
#[derive(Clone, Debug)]
pub struct Translation {
    kinds: Vec<Option<Kind>>,
    parties: Vec<Option<PartyId>>,
    strangers: (usize, Option<usize>),
    terms: Vec<Option<TermId>>,
    clauses: Vec<Option<ClauseId>>,
    currencies: Vec<Option<CurrencyId>>,
}

/// An event kind of the other deal: for each of its fields, where the value comes from.
#[derive(Clone, Debug)]
struct Kind {
    id: EventId,
    from: Vec<Source>,
}

#[derive(Clone, Debug)]
enum Source {
    Field(FieldId),
    Given(Value),
    /// The other deal asks for a field that this one lacks.
    Missing,
}

impl Translation {
    /// The translation from one deal's names to another's.
    #[must_use]
    pub fn new(from: &Symbols, to: &Symbols) -> Self {
        let terms = from.terms.iter().map(|t| {
            let vocab = from.vocabularies.get_index(t.vocab.ix()).map(|(n, _)| n)?;
            let there = to.vocabularies.get_index_of(vocab)?;
            to.terms.iter().position(|u| u.name == t.name && u.vocab.ix() == there).map(TermId::at)
        });
        let terms: Vec<Option<TermId>> = terms.collect();
        let code = |c: &habendum_model::value::Currency| {
            to.agreement.currencies.iter().position(|d| d.code == c.code).map(CurrencyId::at)
        };
        Translation {
            kinds: (0..from.events.len()).map(|i| kind(from, to, i)).collect(),
            parties: from.parties.keys().map(|n| to.parties.get_index_of(n).map(PartyId::at)).collect(),
            strangers: (from.parties.len(), to.agreement.others_any.then_some(to.parties.len())),
            terms,
            clauses: from.clauses.keys().map(|n| to.clause(n)).collect(),
            currencies: from.agreement.currencies.iter().map(code).collect(),
        }
    }

    /// The kind of the other deal.
    #[must_use]
    pub fn kind(&self, k: EventId) -> Option<EventId> {
        self.kinds.get(k.ix())?.as_ref().map(|k| k.id)
    }

    /// A clause of the other deal.
    #[must_use]
    pub fn clause(&self, c: ClauseId) -> Option<ClauseId> {
        self.clauses.get(c.ix()).copied().flatten()
    }

    /// A currency of the other deal.
    #[must_use]
    pub fn currency(&self, c: CurrencyId) -> Option<CurrencyId> {
        self.currencies.get(c.ix()).copied().flatten()
    }

    /// A person of the other deal; one that it does not name is a stranger there, where it takes strangers.
    #[must_use]
    pub fn party(&self, p: PartyId) -> Option<PartyId> {
        match self.parties.get(p.ix()) {
            Some(Some(q)) => Some(*q),
            // Kept apart from the strangers that have no name here either.
            Some(None) => self.strangers.1.map(|n| PartyId::at(n + 1_000 + p.ix())),
            None => self.strangers.1.map(|n| PartyId::at(n + p.ix() - self.strangers.0)),
        }
    }

    /// A value of the other deal.
    #[must_use]
    pub fn value(&self, v: &Value) -> Option<Value> {
        Some(match v {
            Value::Money(n, c) => Value::Money(*n, self.currency(*c)?),
            Value::Party(p) => Value::Party(self.party(*p)?),
            Value::Term(t) => Value::Term(self.terms.get(t.ix()).copied().flatten()?),
            Value::Clause(c) => Value::Clause(self.clause(*c)?),
            Value::Bool(_)
            | Value::Number(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Duration(_)
            | Value::Text(_)
            | Value::Absent => v.clone(),
        })
    }

    /// An event of the other deal; none where that deal cannot say it.
    #[must_use]
    pub fn event(&self, e: &Event) -> Option<Event> {
        let kind = self.kinds.get(e.kind.ix())?.as_ref()?;
        let mut fields = Vec::with_capacity(kind.from.len());
        for s in &kind.from {
            fields.push(match s {
                Source::Field(f) => self.value(e.fields.get(f.ix())?)?,
                Source::Given(v) => v.clone(),
                Source::Missing => return None,
            });
        }
        Some(Event { row: e.row, date: e.date, instant: e.instant, kind: kind.id, fields })
    }
}

fn kind(from: &Symbols, to: &Symbols, i: usize) -> Option<Kind> {
    let (name, here) = from.events.get_index(i)?;
    let id = to.event(name)?;
    let there = to.event_info(id);
    let fields = there.fields.iter().map(|(n, f)| match here.fields.get_full(n) {
        Some((j, _, g)) if alike(from, to, g.ty, f.ty) => Source::Field(FieldId::at(j)),
        Some(_) => Source::Missing,
        None if f.optional => Source::Given(Value::Absent),
        None if f.ty == Type::Bool => Source::Given(Value::Bool(false)),
        None => Source::Missing,
    });
    Some(Kind { id, from: fields.collect() })
}

/// Types alike by name.
fn alike(from: &Symbols, to: &Symbols, a: Type, b: Type) -> bool {
    let vocab = |s: &Symbols, v: habendum_model::value::VocabId| {
        s.vocabularies.get_index(v.ix()).map(|(n, _)| n.clone())
    };
    match (a, b) {
        (Type::Term(x), Type::Term(y)) => vocab(from, x) == vocab(to, y),
        (Type::Money(x, _), Type::Money(y, _)) => {
            let code =
                |s: &Symbols, c: CurrencyId| s.agreement.currencies.get(c.ix()).map(|c| c.code.clone());
            code(from, x) == code(to, y)
        }
        (Type::Decimal(_), Type::Decimal(_)) => true,
        _ => a == b,
    }
}

/// A run beside others.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub run: Interpreter,
    /// From the first lane's words; none for the first lane itself.
    pub words: Option<Arc<Translation>>,
}

/// Lanes that have seen the same rows.
#[derive(Clone, Debug)]
pub(super) struct Lanes(pub Vec<Lane>);

impl Lanes {
    /// Lets time run to a day in all of them; false where it cannot.
    pub(super) fn advance(&mut self, to: Date, logs: &mut [Log]) -> bool {
        self.0.iter_mut().zip(logs).all(|(lane, log)| {
            let ran = lane.run.advance(to).is_ok();
            log.clock.extend(lane.run.take_clock());
            ran
        })
    }

    /// Lets time run through a day in all of them, as far as it can.
    pub(super) fn close(&mut self, day: Date, logs: &mut [Log]) {
        for (lane, log) in self.0.iter_mut().zip(logs) {
            // Where a calendar ends, what happened before its end has happened.
            let _ = lane.run.close(day);
            log.clock.extend(lane.run.take_clock());
        }
    }

    /// A row in all of them; false where one of them refuses it, and then the logs are as before.
    pub(super) fn step(&mut self, e: &Event, logs: &mut [Log]) -> bool {
        for i in 0..self.0.len() {
            let lane = &mut self.0[i];
            let out = match &lane.words {
                None => lane.run.step(e).ok(),
                Some(words) => words.event(e).and_then(|e| lane.run.step(&e).ok()),
            };
            match out {
                Some(out) => logs[i].rows.push(out),
                None => {
                    for log in &mut logs[..i] {
                        log.rows.pop();
                    }
                    return false;
                }
            }
        }
        true
    }

    /// Whether the last row has left nothing behind in any of them.
    pub(super) fn is_unmoved_from(&self, before: &Lanes) -> bool {
        self.0.iter().zip(&before.0).all(|(a, b)| a.run.is_unmoved_from(&b.run))
    }

    /// Days after which something turns, by what is known now.
    pub(super) fn coming(&self, most: usize) -> Vec<Date> {
        let mut out: Vec<Date> = Vec::new();
        for lane in &self.0 {
            out.extend(lane.run.coming_days().take(most));
            out.extend(lane.run.open_obligations().iter().filter_map(|o| o.deadline).take(most));
        }
        let next: Vec<Date> = out.iter().filter_map(|d| plus_days(*d, 1).ok()).collect();
        out.extend(next);
        out
    }
}
