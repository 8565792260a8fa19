//! What distinct texts of a column mean, each found once: by key where the column has a dictionary, else by the text.
//!
//! Invariant: holds at most [`MOST`] texts, so that memory does not grow with the stream.

use super::cell;
use crate::read::Fault;
use crate::read::cell::Cell;
use arrow_array::ArrayRef;
use std::collections::HashMap;
use std::sync::Arc;

/// Texts remembered before they are forgotten together.
const MOST: usize = 1 << 16;

pub(super) struct Memo<T> {
    /// The dictionary that `by_key` belongs to.
    dictionary: Option<ArrayRef>,
    by_key: Vec<Option<Result<T, Fault>>>,
    by_text: HashMap<Box<str>, Result<T, Fault>>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo { dictionary: None, by_key: Vec::new(), by_text: HashMap::new() }
    }
}

impl<T: Clone> Memo<T> {
    /// What a cell that is not null means.
    pub(super) fn get(
        &mut self,
        array: &ArrayRef,
        row: usize,
        mut find: impl FnMut(&Cell<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let unreadable = || Fault::new("the cell cannot be read");
        if let Some((key, values)) = cell::key(array.as_ref(), row) {
            if !self.dictionary.as_ref().is_some_and(|d| Arc::ptr_eq(d, values)) {
                self.by_key.clear();
                self.by_key.resize_with(values.len(), || None);
                self.dictionary = Some(Arc::clone(values));
            }
            let Some(slot) = self.by_key.get_mut(key) else { return Err(unreadable()) };
            let c = match slot {
                Some(known) => return known.clone(),
                None => cell::cell(values.as_ref(), key).ok_or_else(unreadable)?,
            };
            let found = find(&c);
            *slot = Some(found.clone());
            return found;
        }
        let Some(text) = cell::text(array.as_ref(), row) else {
            return find(&cell::cell(array.as_ref(), row).ok_or_else(unreadable)?);
        };
        if let Some(known) = self.by_text.get(text) {
            return known.clone();
        }
        let found = find(&cell::cell(array.as_ref(), row).ok_or_else(unreadable)?);
        if self.by_text.len() >= MOST {
            self.by_text.clear();
        }
        self.by_text.insert(text.into(), found.clone());
        found
    }
}
