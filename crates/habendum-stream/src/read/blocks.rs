//! Rows of tables taken together, where the stream is at a table.
//!
//! Invariant: blocks and events may be taken in turn; together they are the rows of the stream, in order, each once.

use super::table::Block;
use super::{EventReader, ReadError, of_file, typed};
use crate::names::Names;
use std::sync::Arc;

impl EventReader {
    /// Some rows of a table, at most so many; `None` where the next row is of a text, or the stream is at its end.
    pub fn next_block(&mut self, names: &mut Names, most: usize) -> Option<Result<Block, ReadError>> {
        loop {
            if let Err(e) = self.at_rows(names)? {
                return Some(Err(ReadError::Fatal(e)));
            }
            let (file, rows) = self.current.as_mut()?;
            if !rows.is_table() {
                return None;
            }
            let ignore_unknown = self.options.ignore_unknown;
            let mut typing = typed::Typing { names, zone: &self.zone, ignore_unknown };
            let next = rows.next_block(&mut typing, most);
            self.mark = rows.mark();
            match next {
                None => {
                    self.current = None;
                    self.at_end = true;
                }
                Some(Err(e)) => return Some(Err(ReadError::Fatal(of_file(file, rows.is_table(), e)))),
                Some(Ok(part)) => {
                    (self.line, self.is_table) = (rows.line(), true);
                    let file = Arc::clone(file);
                    let block = Block::new(part, file, self.row, self.zone.clone(), ignore_unknown);
                    self.row += block.rows() as u64;
                    return Some(Ok(block));
                }
            }
        }
    }
}
