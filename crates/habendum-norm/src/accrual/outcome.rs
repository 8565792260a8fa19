//! What an assessment gives back.

use habendum_model::value::{ClauseId, Exact};

/// Why an amount is not simply what the clause's amount says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No room was left under a cap.
    CapExhausted,
    /// The event crossed a cap.
    SplitByCap,
    /// Another clause's sum was credited.
    CreditedAgainst(ClauseId),
    /// A shortfall topped up earlier was taken back out of the excess.
    ShortfallRecouped,
}

impl Reason {
    /// In contract words.
    #[must_use]
    pub fn text<'a>(&self, clause_name: impl Fn(ClauseId) -> &'a str) -> String {
        match self {
            Reason::CapExhausted => "cap exhausted".into(),
            Reason::SplitByCap => "split by the cap".into(),
            Reason::CreditedAgainst(c) => format!("credited against {}", clause_name(*c)),
            Reason::ShortfallRecouped => "an earlier shortfall is recouped".into(),
        }
    }
}

/// A step of an assessment, for explanations.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What was done: `base`, `marginal tiers`, `cap`, `credit`, `shortfall recouped`, `rounded`, `top-up`.
    pub label: &'static str,
    /// Which cap, credit or floor, from 0, where there may be several.
    pub which: usize,
    /// The amount after the step, in minor units.
    pub amount: Exact,
}

/// What an event or a period accrued.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessed {
    /// Principal, in minor units.
    pub amount: i64,
    /// Top-up of a floor `per event`, in minor units.
    pub top_up: i64,
    /// Reasons, in the order of the steps.
    pub reasons: Vec<Reason>,
    /// Steps, where they were asked for.
    pub steps: Vec<Step>,
}
