//! Between reading and judging: rows that came before, and rows that come too late.
//!
//! Data flow: typed event -> duplicate? -> late? -> on to be judged. Invariant: memory is bounded by the window of keys; a
//! duplicate is told from a late row, since a repeated row is mostly late too.

use crate::error::{InputError, nearest};
use crate::names::Names;
use crate::read::{Fault, out_of_order};
use habendum_model::value::Value;
use habendum_norm::event::Event;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{HashSet, VecDeque};

/// Keys remembered where nothing else is said: enough for what brokers deliver twice, in some 50 MB.
pub const WINDOW: usize = 1_000_000;

/// What makes two rows the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dedupe {
    /// Fields; rows of one kind with equal values in all of them are one row.
    pub fields: Vec<String>,
    /// How many of the last distinct rows are remembered.
    pub window: usize,
}

impl Dedupe {
    /// The fields of a list, `order_id` or `source,number`.
    ///
    /// # Errors
    /// A field that no event kind has.
    pub fn of(list: &str, window: usize, names: &Names) -> Result<Self, InputError> {
        let mut fields = Vec::new();
        for field in list.split(',').map(str::trim) {
            let events = &names.symbols.events;
            if !events.values().any(|e| e.fields.contains_key(field)) {
                let known = events.values().flat_map(|e| e.fields.keys().map(String::as_str));
                let e = InputError::new(format!("--dedupe {field}: no event kind has a field of this name"));
                return Err(match nearest(field, known) {
                    Some(n) => e.help(format!("did you mean `{n}`?")),
                    None => e,
                });
            }
            fields.push(field.to_owned());
        }
        Ok(Dedupe { fields, window })
    }
}

/// A key of a row, short enough to keep many: 128 bits of a hash, so that two rows meet by chance never in practice.
type Key = [u8; 16];

/// Whether a row goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It does.
    Passes,
    /// It has been here.
    Duplicate,
    /// It comes after a row of a later day.
    Late {
        /// The field to blame.
        field: String,
        /// What is wrong.
        message: String,
        /// What helps.
        help: Option<String>,
    },
}

/// Lets rows through in the order of time, each once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Gate {
    dedupe: Option<Dedupe>,
    /// Oldest first.
    order: VecDeque<Key>,
    #[serde(skip)]
    seen: HashSet<Key>,
    last: Option<Date>,
}

impl Gate {
    /// A gate that no row has passed.
    #[must_use]
    pub fn new(dedupe: Option<Dedupe>) -> Self {
        Gate { dedupe, ..Gate::default() }
    }

    /// A gate that was saved, ready for rows; none where it asks for other duplicates.
    #[must_use]
    pub fn resumed(mut self, dedupe: Option<&Dedupe>) -> Option<Self> {
        self.seen = self.order.iter().copied().collect();
        (self.dedupe.as_ref() == dedupe).then_some(self)
    }

    /// What makes two rows the same here.
    #[must_use]
    pub fn dedupe(&self) -> Option<&Dedupe> {
        self.dedupe.as_ref()
    }

    /// Whether a row goes on. It is remembered either way, save where it is late.
    pub fn pass(&mut self, e: &Event, names: &Names) -> Passage {
        let key = self.key(e, names);
        if key.is_some_and(|k| self.seen.contains(&k)) {
            return Passage::Duplicate;
        }
        if let Some(last) = self.last.filter(|last| e.date < *last) {
            let Fault { field, message, help, .. } = out_of_order(e.date, last, e.instant.is_some());
            return Passage::Late { field: field.unwrap_or_default(), message, help };
        }
        self.last = Some(e.date);
        if let Some(k) = key {
            self.remember(k);
        }
        Passage::Passes
    }

    /// Whether a row of a day goes on, where nothing but the order of days is asked; else it has to be asked as an event.
    pub fn lets_pass(&mut self, date: Date) -> bool {
        let passes = self.dedupe.is_none() && self.last.is_none_or(|last| date >= last);
        if passes {
            self.last = Some(date);
        }
        passes
    }

    fn remember(&mut self, key: Key) {
        let window = self.dedupe.as_ref().map_or(0, |d| d.window);
        self.seen.insert(key);
        self.order.push_back(key);
        while self.order.len() > window {
            if let Some(old) = self.order.pop_front() {
                self.seen.remove(&old);
            }
        }
    }

    /// The key of a row; none where its kind has none of the fields, or none of them a value.
    fn key(&self, e: &Event, names: &Names) -> Option<Key> {
        let dedupe = self.dedupe.as_ref()?;
        let info = names.symbols.event_info(e.kind);
        let mut hash = Sha256::new();
        hash.update(names.symbols.event_name(e.kind).as_bytes());
        let mut any = false;
        for field in &dedupe.fields {
            let value =
                info.fields.get_index_of(field).and_then(|i| e.fields.get(i)).unwrap_or(&Value::Absent);
            any |= *value != Value::Absent;
            let text = names.value(value);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        let hash = hash.finalize();
        any.then(|| std::array::from_fn(|i| hash.get(i).copied().unwrap_or(0)))
    }
}
