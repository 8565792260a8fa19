//! The rules, one a file, each with its page beside it.
//!
//! Data flow: [`Case`] -> each rule's `find` -> findings in the order of the table. Invariant: a rule looks at one case and
//! at nothing else; a witness that it gives has been replayed.

pub mod c008;

use crate::case::Case;
use crate::finding::Finding;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code.
    pub code: &'static str,
    /// What it finds in a case.
    pub find: fn(&Case<'_>) -> Vec<Finding>,
}

/// Every rule, by code.
pub const RULES: &[Rule] = &[Rule { code: c008::CODE, find: c008::find }];

/// What the rules find in a case.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|r| (r.find)(case)).collect()
}
