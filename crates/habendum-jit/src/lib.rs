//! The kernel: what the norms of a deal ask of an event, compiled to machine code that makes one pass over narrow columns.
//!
//! Data flow: [`habendum_norm::ir::Program`] -> `predicate` (tests) and `layout` (columns) -> `lut` (tables, tier 0) or `emit` (machine
//! code) -> [`Bits`]: for every row, which tests hold. Invariant: a row whose bit is not set has nothing to do with the test; a set
//! bit of an exact test is the answer, and of a residual one a question for the interpreter.

pub mod bits;
mod emit;
pub mod kernel;
pub mod layout;
pub mod lut;
pub mod predicate;

pub use bits::Bits;
pub use emit::{Listing, Options};
pub use kernel::{Kernel, KernelError};
pub use layout::{Buffer, Columns, Layout};
pub use predicate::{Ask, Bearing, Test, bearings, changes_by_day, explain};
