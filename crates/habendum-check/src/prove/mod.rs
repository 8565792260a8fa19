//! Properties: proved, refuted with a history, or left open with what they hang on.
//!
//! Data flow: a property + every case of a deal -> per event kind and version a formula of what would break it -> `Unsat` over
//! any history is a proof; a model is replayed, or a history is searched for. Invariant: `Proved` is never said where
//! something opaque to the formulas could break the property.

mod bound;
mod dependence;
mod independent;
mod outcome;

pub use dependence::{Question, Step, dependence};

use crate::case::{Case, split};
use crate::finding::Witness;
use crate::pool::Pool;
use habendum_model::deal::{Binding, Deal};
use habendum_model::elaborate::{DateRole, DateScope, elaborate_date};
use habendum_model::value::ParamId;
use habendum_syntax::ast::{DateExpr, Property, Prove};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::Date;

/// How a property came out.
#[derive(Clone, Debug)]
pub enum Proof {
    /// It holds, whatever happens and whatever the open parameters are.
    Proved,
    /// It does not: the history that breaks it, and the places that bear on it.
    Refuted(Box<Witness>, Vec<(Span, String)>),
    /// Neither proved nor refuted.
    Open {
        /// What it hangs on.
        why: String,
        /// The places that bear on it.
        path: Vec<(Span, String)>,
    },
}

/// The days that a property is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Days {
    pub from: Option<Date>,
    pub through: Option<Date>,
}

impl Days {
    /// Has a search try the days that bound the property.
    fn add_to(self, pool: &mut Pool) {
        for d in [self.from, self.through].into_iter().flatten() {
            pool.add_day(d);
        }
    }
}

/// Decides a property of a deal.
///
/// # Errors
/// Faults of the deal; a guard or a date in the property that does not type.
pub fn prove(deal: &Deal, binding: &Binding, asked: &Prove) -> Result<Proof, Vec<Diagnostic>> {
    let (cases, partial) = split(deal, binding)?;
    let mut open: Option<Proof> = None;
    for case in &cases {
        let days = Days {
            from: bound(asked.from.as_ref(), case, DateRole::First)?,
            through: bound(asked.through.as_ref(), case, DateRole::Last)?,
        };
        let proof = match &asked.property.node {
            Property::Never(o) => outcome::never(case, o, days)?,
            Property::Always(o) => outcome::always(case, o, days)?,
            Property::Implies(a, b) => outcome::implies(case, a, b, days)?,
            Property::Equivalent(a, b) => outcome::equivalent(case, a, b, days),
            Property::Independent { clause, event, field } => {
                independent::independent(case, clause, event, field.as_ref(), days)
            }
            Property::AtMost { amount, payer, payee, clause, per } => bound::at_most(
                case,
                &bound::Asked {
                    amount,
                    payer,
                    payee: payee.as_ref(),
                    clause: clause.as_ref(),
                    per: per.as_ref(),
                },
                days,
            )?,
        };
        match proof {
            Proof::Proved => {}
            Proof::Refuted(mut w, path) => {
                for (p, d) in &case.assumed {
                    w.values.entry(*p).or_insert(habendum_model::value::Value::Date(*d));
                }
                return Ok(Proof::Refuted(w, path));
            }
            left @ Proof::Open { .. } => open = open.or(Some(left)),
        }
    }
    if open.is_none() && partial {
        open = Some(left_open("some orders of the open dates were left out, for their number"));
    }
    Ok(open.unwrap_or(Proof::Proved))
}

/// A property that stays open.
pub(crate) fn left_open(why: impl Into<String>) -> Proof {
    Proof::Open { why: why.into(), path: Vec::new() }
}

fn bound(d: Option<&Sp<DateExpr>>, case: &Case<'_>, role: DateRole) -> Result<Option<Date>, Vec<Diagnostic>> {
    let Some(d) = d else { return Ok(None) };
    let program = &case.program;
    let value = |p: ParamId| program.versions.last().and_then(|v| v.params.get(p.ix()).cloned().flatten());
    let scope = DateScope {
        symbols: &program.symbols,
        reckoning: &program.reckoning,
        value: &value,
        effective: Some(program.effective.clone()),
        signature: None,
        rounding: None,
    };
    // A day that hangs on an open figure bounds nothing: more is proved than was asked.
    Ok(elaborate_date(&scope, d, role)?.fixed())
}
