//! Habendum: from a folder of term files and a stream of events to outcomes and amounts.
//!
//! Data flow: `load` (files) -> `pipeline` (parse, resolve, bind, consolidate, lower) -> `event_read` -> the interpreter
//! -> `outcome_write` and `report`. Invariant: no printing here; the command line decides what is shown where.

pub mod check;
pub mod compare;
pub mod config;
pub mod conflicts;
pub mod document;
pub mod evaluate;
pub mod explain;
pub mod findings;
pub mod load;
pub mod pipeline;
pub mod plan;
pub mod receipt;
pub mod report;
mod revision;
pub mod sample;
pub mod scenario;
pub mod schema;
pub mod template;
pub mod titles;
pub mod verify;
pub mod waive;

pub use error::InputError;
pub use habendum_stream::read as event_read;
pub use habendum_stream::write as outcome_write;
pub use habendum_stream::{error, names, norms, record};
pub use habendum_syntax::render::render;
pub use jiff::civil::Date;
