//! Streams of events in, outcomes out.
//!
//! Data flow: files -> `read` (bytes, rows, typed events) -> `feed` (batches, on a thread of their own) -> `gate` (each row once,
//! in order) -> the interpreter -> `record` -> `write`; `checkpoint` keeps what has to outlive a run. Invariant: a row is read
//! exactly or refused with its place; a file of outcomes appears whole or not at all, or grows beside a saved state.

pub mod checkpoint;
pub mod error;
pub mod feed;
pub mod gate;
pub mod names;
pub mod norms;
pub mod read;
pub mod receipt;
pub mod record;
pub mod write;

pub use error::InputError;
