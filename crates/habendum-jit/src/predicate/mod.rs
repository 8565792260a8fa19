//! Predicates: what a deal asks of one row, as far as the row's own columns decide it.
//!
//! Data flow: `collect` walks the versions, `norms` says what each norm asks, `compile` (with `linear`, `who`, `walk`) turns conditions
//! into three-way answers (`tri`) over columns (`pred`, `ranges`), and `test` names the questions. Invariant: a row for which the
//! interpreter would find that a question is answered yes, or cannot be evaluated, satisfies the predicate of its test.

mod bearing;
mod collect;
mod compile;
mod linear;
mod norms;
mod pred;
mod ranges;
mod test;
mod tri;
mod walk;
mod who;

pub use bearing::{Bearing, bearings, changes_by_day};
pub use collect::{Questions, questions};
pub use pred::{ColumnId, Pred};
pub use ranges::Ranges;
pub use test::{Ask, Test, explain};
pub use tri::Tri;
