//! Norms: the core IR, its verifier and printer, the lowering from a consolidated deal, and the reference interpreter.
//!
//! Data flow: [`habendum_model::deal::Consolidated`] -> [`lower()`] -> [`ir::Program`] -> [`Interpreter`] with
//! [`event::Event`]s -> [`outcome::Outcome`]s; [`run::Runner`] drives several interpreters where a deal has retroactive
//! amendments or readings. Invariant: what a norm means is defined here and nowhere else.

pub mod accrual;
pub mod eval;
pub mod event;
pub mod interpret;
pub mod ir;
pub mod ledger;
pub mod lower;
pub mod outcome;
pub mod print;
pub mod reads;
pub mod run;
mod trace;
pub mod verify;

pub use interpret::Interpreter;
pub use lower::{lower, readings, unbound};
pub use print::print;
pub use run::{Choices, RunError, Runner};
pub use trace::TimeWanted;
pub use verify::verify;
