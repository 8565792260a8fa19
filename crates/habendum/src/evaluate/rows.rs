//! The rows of a block, as the kernel's columns take them.

use crate::names::Names;
use habendum_jit::layout::{Given, Rows};
use habendum_norm::event::Event;
use habendum_stream::read::Block;

/// A block with the names of the run.
pub(super) struct Numbers<'a> {
    pub block: &'a mut Block,
    pub names: &'a mut Names,
}

impl Rows for Numbers<'_> {
    fn kinds(&self) -> &[i64] {
        &self.block.scan.kinds
    }

    fn days(&self) -> &[i64] {
        &self.block.scan.days
    }

    fn field(&self, name: &str) -> Option<Given<'_>> {
        let cells = self.block.scan.cells.iter().find(|c| c.name == name && c.ty.is_some())?;
        Some(Given { numbers: &cells.numbers, texts: &cells.texts })
    }

    fn event(&mut self, row: usize) -> Option<Event> {
        if self.block.scan.slow.get(row).copied().unwrap_or(true) {
            return None;
        }
        self.block.event(row, self.names).ok()
    }
}
