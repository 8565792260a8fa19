//! Streams of events in, outcomes out.
//!
//! Data flow: files -> `read` (bytes, rows, typed events) -> the interpreter -> `record` -> `write`. Invariant: a row is
//! read exactly or refused with its place; a file of outcomes appears whole or not at all.

pub mod error;
pub mod names;
pub mod norms;
pub mod read;
pub mod receipt;
pub mod record;
pub mod write;

pub use error::InputError;
