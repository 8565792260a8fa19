//! Names, types and amendments: from syntax trees to the consolidated deal, with provenance.
//!
//! Data flow: files -> `resolve` -> [`deal::Deal`] -> `consolidate` (amendments, per binding) -> [`deal::Consolidated`];
//! `elaborate` types expressions; `show` and `summary` render. Invariant: this crate knows no events and no money flow.

pub mod amend;
pub mod binding;
pub mod consolidate;
mod dangling;
pub mod date;
pub mod deal;
pub mod elaborate;
pub mod expr;
mod orders;
pub mod redline;
pub mod resolve;
pub mod sentence;
pub mod show;
pub mod suggest;
pub mod summary;
pub mod value;
pub mod walk;

pub use binding::{Choices, bind, reckoning};
pub use consolidate::consolidate;
pub use resolve::resolve;
