//! Source, spans and diagnostics; tokens, items, the syntax tree, its parser and printer.
//!
//! Data flow: text -> `token` -> `item` (split) -> `parse` (pest, one item at a time) -> `ast` -> `print`.
//! Invariant: this crate knows no names and no meaning; it never does IO.

pub mod ast;
pub mod diagnostic;
mod excerpt;
pub mod item;
pub mod nest;
pub mod parse;
pub mod print;
pub mod render;
pub mod span;
pub mod token;
mod words;

pub use diagnostic::{Checked, Diagnostic, Label, Severity};
pub use parse::{parse_expr, parse_file};
pub use span::{FileId, Sources, Sp, Span};
