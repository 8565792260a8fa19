//! Habendum: from a folder of term files and a stream of events to outcomes and amounts.
//!
//! Data flow: `load` (files) -> `pipeline` (parse, resolve, bind, consolidate, lower) -> `event_read` -> the interpreter
//! -> `outcome_write` and `report`. Invariant: no printing here; the command line decides what is shown where.

pub mod config;
pub mod error;
pub mod event_read;
pub mod load;
pub mod names;

pub use error::InputError;
