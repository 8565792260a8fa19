//! The printer of the norm IR: readable text, one norm a paragraph, stable from run to run.

use crate::ir::Program;

/// The program as text.
#[must_use]
pub fn print(_program: &Program) -> String {
    String::new()
}
