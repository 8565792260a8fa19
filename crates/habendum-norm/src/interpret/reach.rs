//! What a running sum ends (`until ... reaches`).
//!
//! Data flow: sums that a row, a day or a text has moved -> the sentences and instances that are at their level -> ended, and the period
//! that this cuts closed at the end of the day. Invariant: an instance that no row has named yet is asked before the row that does.

use super::Interpreter;
use super::measures::Key;
use super::plan::{PlanNorm, VersionPlan};
use super::view::View;
use crate::event::Event;
use crate::outcome::{Effect, EvalError};
use std::collections::BTreeSet;

/// An instance that a row is the first to name.
#[derive(Debug)]
pub(crate) struct Named {
    /// The sentence.
    pub slot: usize,
    /// The instance.
    pub key: Key,
    /// The sum was at its level before the row: it is never in force.
    pub spent: bool,
}

/// What has moved sums.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moved {
    /// A row.
    Row,
    /// What a day brings.
    Time,
    /// A text that came into force: what the past has reached is over since the day before.
    Text,
}

/// The instances that a row is the first to name, of sentences that a sum may end.
///
/// # Errors
/// Where a sum or its level cannot be evaluated.
pub(crate) fn named(v: &View<'_>, e: &Event) -> Result<Vec<Named>, EvalError> {
    let mut out = Vec::new();
    if v.state.version.is_none() {
        return Ok(out);
    }
    for &i in &v.version.names {
        let n = &v.version.norms[i];
        let Some(key) = v.key_of(n, e) else { continue };
        if !v.state.norms[n.slot].named.contains(&key) {
            let spent = reached(v, n, &key)?;
            out.push(Named { slot: n.slot, key, spent });
        }
    }
    Ok(out)
}

/// Whether a sum is at its level for an instance that nothing has ended yet.
fn reached(v: &View<'_>, n: &PlanNorm, key: &Key) -> Result<bool, EvalError> {
    let ns = &v.state.norms[n.slot];
    if n.ghost || ns.since.is_none() || ns.ended || ns.ended_keys.contains(key) {
        return Ok(false);
    }
    let scene = v.scene(n, key);
    for (sum, level) in &n.norm.term.until_reaches {
        if crate::eval::figure(sum, &scene)? >= crate::eval::figure(level, &scene)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Interpreter {
    /// Remembers the instances that a row has named, and ends those that were spent before it.
    pub(super) fn name(&mut self, version: &VersionPlan, named: Vec<Named>, effects: &mut Vec<Effect>) {
        for x in named {
            let ns = &mut self.state.norms[x.slot];
            ns.named.insert(x.key.clone());
            if x.spent {
                self.standing += 1;
                ns.ended_keys.insert(x.key);
                if let Some(i) = version.by_slot[x.slot] {
                    self.tell_end(version.norms[i].norm.id, effects);
                }
            }
        }
    }

    /// Ends what a running sum ends, where sums have moved.
    pub(super) fn reach(
        &mut self,
        version: &VersionPlan,
        moved: Moved,
        effects: &mut Vec<Effect>,
    ) -> Result<(), EvalError> {
        if !std::mem::take(&mut self.state.sums_moved) || version.reaches.is_empty() {
            return Ok(());
        }
        for &i in &version.reaches {
            let n = &version.norms[i];
            let ns = &self.state.norms[n.slot];
            let keys: BTreeSet<Key> = if n.key_names.is_empty() {
                [Vec::new()].into()
            } else {
                // Rows of a table are instances before anything has named them.
                ns.named.iter().chain(ns.instances.keys()).chain(ns.pay.keys()).cloned().collect()
            };
            for key in keys {
                if !reached(&self.view(version), n, &key)? {
                    continue;
                }
                match moved {
                    Moved::Row => self.cut(n.slot, Some(&key)),
                    Moved::Time => self.cut_by_time(n.slot, &key),
                    Moved::Text => {}
                }
                let ns = &mut self.state.norms[n.slot];
                let news = if n.key_names.is_empty() {
                    !std::mem::replace(&mut ns.ended, true)
                } else {
                    ns.ended_keys.insert(key)
                };
                if news {
                    self.standing += 1;
                    self.tell_end(n.norm.id, effects);
                }
            }
        }
        Ok(())
    }
}
