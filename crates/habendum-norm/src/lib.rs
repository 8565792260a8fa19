//! Norms: the core IR, its verifier and printer, the lowering from a consolidated deal, and the reference interpreter.
//!
//! Data flow: [`habendum_model::deal::Consolidated`] -> `lower` -> [`ir::Program`] -> `interpret` with [`event::Event`]s
//! -> [`outcome::Outcome`]s. Invariant: what a norm means is defined here and nowhere else.

pub mod event;
pub mod ir;
pub mod outcome;
