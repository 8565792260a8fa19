//! Two deals side by side: the shortest history on which they differ as the goal says.
//!
//! Invariant: a history is in the words of the first deal, and both deals can say it.

use super::lanes::Translation;
use super::{Budget, Found, Log, search_runs};
use crate::case::Case;
use crate::pool::{Pool, Slot};
use habendum_model::value::{ClauseId, FieldId, ParamId, Value};
use habendum_norm::Interpreter;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Two cases with a translation between their words.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first at its first day.
    pub first: Interpreter,
    /// The second at its first day.
    pub second: Interpreter,
    /// From the first's words to the second's.
    pub words: Arc<Translation>,
    /// Values under which the first is run; the second has those of the same names.
    pub values: BTreeMap<ParamId, Value>,
    back: Translation,
}

impl Pair {
    /// Two cases, open parameters of one name at one value in both; none where one of them does not hold together so.
    #[must_use]
    pub fn new(first: &Case<'_>, second: &Case<'_>) -> Option<Self> {
        let (a, b) = (first.symbols(), second.symbols());
        let words = Translation::new(a, b);
        let mut values = BTreeMap::new();
        for (p, v) in first.values() {
            let (name, _) = a.params.get_index(p.ix())?;
            if let (Some(q), Some(v)) = (b.params.get_index_of(name).map(ParamId::at), words.value(v))
                && second.values().contains_key(&q)
            {
                values.insert(q, v);
            }
        }
        Some(Pair {
            first: first.start(&BTreeMap::new())?,
            second: second.start(&values)?,
            back: Translation::new(b, a),
            words: Arc::new(words),
            values: first.values().clone(),
        })
    }

    /// The pool of both: what either asks about, in the words of the first; kinds that only one of them has are left out.
    #[must_use]
    pub fn pool(&self, first: Option<&BTreeSet<ClauseId>>, second: Option<&BTreeSet<ClauseId>>) -> Pool {
        let mut pool = Pool::of(self.first.program(), first);
        let other = Pool::of(self.second.program(), second);
        pool.kinds.retain(|k| self.words.kind(k.kind).is_some());
        let (here, there) = (&self.first.program().symbols, &self.second.program().symbols);
        for k in &other.kinds {
            let Some(kind) = self.back.kind(k.kind) else { continue };
            let mine = here.event_info(kind);
            let theirs = there.event_info(k.kind);
            let mut fields: Vec<Vec<Slot>> = match pool.kind(kind) {
                Some(p) => p.fields.clone(),
                None => mine.fields.values().map(|f| crate::pool::usual(here, f)).collect(),
            };
            for (all, name) in k.fields.iter().zip(theirs.fields.keys()) {
                let Some(f) = mine.fields.get_index_of(name) else { continue };
                let news = all.iter().filter_map(|s| match s {
                    Slot::Value(v) => self.back.value(v).map(Slot::Value),
                    Slot::DaysOff(_) | Slot::Noon => Some(s.clone()),
                });
                let news: Vec<Slot> = news.filter(|s| !fields[f].contains(s)).collect();
                fields[f].extend(news);
            }
            pool.put(kind, fields);
        }
        for d in other.days {
            pool.add_day(d);
        }
        pool.horizon = pool.horizon.max(other.horizon);
        pool.thinned |= other.thinned;
        pool.lengths.extend(other.lengths);
        pool.lengths.sort();
        pool.lengths.dedup();
        let more = other.periods.into_iter().filter(|p| !pool.periods.contains(p)).collect::<Vec<_>>();
        pool.periods.extend(more);
        pool
    }

    /// Whether both deals have a field of an event kind, of one type.
    #[must_use]
    pub fn shares(&self, kind: habendum_model::value::EventId, field: FieldId) -> bool {
        let (here, there) = (&self.first.program().symbols, &self.second.program().symbols);
        let name = here.event_info(kind).fields.get_index(field.ix()).map(|(n, _)| n);
        let other = self.words.kind(kind).map(|k| there.event_info(k));
        name.zip(other).is_some_and(|(n, o)| o.fields.contains_key(n))
    }
}

/// Searches the histories of two cases side by side. The goal sees the log of the first and of the second.
#[must_use]
pub fn search_pair(
    pair: &Pair,
    slices: (Option<&BTreeSet<ClauseId>>, Option<&BTreeSet<ClauseId>>),
    goal: &mut dyn FnMut(&Log, &Log) -> bool,
    budget: Budget,
) -> Found {
    let pool = pair.pool(slices.0, slices.1);
    let others = vec![(pair.second.clone(), Arc::clone(&pair.words))];
    let mut ask = |logs: &[Log]| match logs {
        [a, b] => goal(a, b),
        _ => false,
    };
    let mut found = search_runs(&pool, pair.first.clone(), others, &mut ask, budget);
    if let Some(w) = &mut found.witness {
        w.values.clone_from(&pair.values);
    }
    found
}
