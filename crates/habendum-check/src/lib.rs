//! The checker: conflicts with a dated witness, the difference between two texts, and proofs.
//!
//! Data flow: [`habendum_norm::ir::Program`]s -> `encode` (guards to formulas) -> [`solver`] -> `witness` (models to
//! events, replayed through the interpreter) -> [`finding::Finding`]. Invariant: what is printed was replayed, and
//! "nothing found" is said only where the solver proved it; the rest is `unknown`, with what is opaque.

pub mod case;
mod check;
mod dates;
pub mod diff;
pub mod effects;
pub mod encode;
pub mod explore;
pub mod finding;
mod fingerprint;
mod grants;
pub mod merge;
pub mod minimise;
pub mod pool;
pub mod prove;
pub mod rules;
pub mod shown;
pub mod solver;
pub mod words;

pub use check::{Report, check};
