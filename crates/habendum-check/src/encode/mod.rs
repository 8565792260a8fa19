//! Norms as formulas: the unknowns of an event ([`moment`]), guards over them ([`expr`]), and who may do what ([`verdict`]).
//!
//! Data flow: [`Program`](habendum_norm::ir::Program) + event kind -> [`Moment`] -> [`Verdicts`]. Invariant: what the
//! formulas say of an event is what the interpreter says of it, as far as nothing opaque is asked.

mod expr;
mod figure;
mod moment;
mod past;
mod pin;
mod verdict;

pub use expr::Frame;
pub(crate) use figure::{Figure, order, whole};
pub(crate) use moment::fixed;
pub use moment::{Feeds, History, Mark, Moment, day_number};
pub(crate) use past::{Past, past};
pub(crate) use verdict::frame;
pub use verdict::{Speaks, Verdicts, verdicts};

use habendum_model::expr::Expr;

/// A text that two expressions share where they ask the same (places aside).
#[must_use]
pub(crate) fn key_text(e: &Expr) -> String {
    let mut e = e.clone();
    forget(&mut e);
    format!("{:?}", e.kind)
}

/// Drops the places of an expression.
pub(crate) fn forget(e: &mut Expr) {
    e.span = habendum_syntax::Span::default();
    e.inside_mut().into_iter().for_each(forget);
}
