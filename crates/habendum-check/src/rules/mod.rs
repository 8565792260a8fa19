//! The rules, one a file, each with its page beside it.
//!
//! Data flow: [`Case`] -> each rule's `find` -> findings in the order of the table. Invariant: a rule looks at one case and
//! at nothing else; a witness that it gives has been replayed.

mod blocked;
pub mod c001;
pub mod c002;
pub mod c003;
pub mod c004;
pub mod c005;
pub mod c006;
pub mod c007;
pub mod c008;
pub mod c009;
pub mod c010;
pub mod c011;
pub mod c012;
pub mod c013;
pub mod c014;
pub mod c015;
pub mod c018;
pub mod c019;
pub mod c021;
pub mod c022;
pub mod c024;
mod duties;
mod pairs;
mod payments;
mod reliance;
mod scope;
mod subs;
mod waits;
mod window;

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
pub const RULES: &[Rule] = &[
    Rule { code: c001::CODE, find: c001::find },
    Rule { code: c002::CODE, find: c002::find },
    Rule { code: c003::CODE, find: c003::find },
    Rule { code: c004::CODE, find: c004::find },
    Rule { code: c005::CODE, find: c005::find },
    Rule { code: c006::CODE, find: c006::find },
    Rule { code: c007::CODE, find: c007::find },
    Rule { code: c008::CODE, find: c008::find },
    Rule { code: c009::CODE, find: c009::find },
    Rule { code: c010::CODE, find: c010::find },
    Rule { code: c011::CODE, find: c011::find },
    Rule { code: c012::CODE, find: c012::find },
    Rule { code: c013::CODE, find: c013::find },
    Rule { code: c014::CODE, find: c014::find },
    Rule { code: c015::CODE, find: c015::find },
    Rule { code: c018::CODE, find: c018::find },
    Rule { code: c019::CODE, find: c019::find },
    Rule { code: c021::CODE, find: c021::find },
    Rule { code: c022::CODE, find: c022::find },
    Rule { code: c024::CODE, find: c024::find },
];

/// What the rules find in a case.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|r| (r.find)(case)).collect()
}
