//! Every rule over every case of a deal.
//!
//! Data flow: deal + binding -> cases -> rules -> one list of findings. Invariant: the order is that of the table of rules,
//! then of places; a deal whose passes left errors is not looked at.

use crate::case::{Case, split};
use crate::effects::{Effect, effects};
use crate::finding::Finding;
use crate::merge::across;
use crate::rules;
use crate::words::{resolved, scenario as scenario_of};
use habendum_model::deal::{Binding, Deal};
use habendum_model::value::{AmendmentId, ParamId, Value};
use habendum_syntax::Diagnostic;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What the rules found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Findings.
    pub findings: Vec<Finding>,
    /// For each finding with a witness that can be written down, a scenario that fails until it is resolved.
    pub scenarios: Vec<Option<String>>,
    /// What each amendment creates and cures, in the order in which they come into force.
    pub effects: Vec<(AmendmentId, Effect)>,
    /// The open dates of each case that was looked at, by name.
    pub cases: Vec<BTreeMap<String, Date>>,
    /// Some orders of open dates were left out, for their number.
    pub partial: bool,
}

/// Checks a deal under every reading and every order of its open dates.
///
/// # Errors
/// Faults of the deal itself.
pub fn check(deal: &Deal, binding: &Binding) -> Result<Report, Vec<Diagnostic>> {
    let (cases, partial) = split(deal, binding)?;
    let found: Vec<Vec<Finding>> = cases.iter().map(rules::find).collect();
    let mut findings = across(&cases, found.clone());
    findings.sort_by(|a, b| {
        let key =
            |f: &Finding| (f.diagnostic.code.clone(), f.diagnostic.span().file, f.diagnostic.span().start);
        key(a).cmp(&key(b))
    });
    let named = |c: &Case<'_>| {
        let name =
            |p: ParamId| deal.symbols.params.get_index(p.ix()).map_or("?", |(n, _)| n.as_str()).to_owned();
        c.assumed.iter().map(|(p, d)| (name(*p), *d)).collect()
    };
    let scenarios = findings.iter().map(|f| scenario(&cases, f)).collect();
    let effects = effects(&cases, &found, &findings);
    Ok(Report { findings, scenarios, effects, cases: cases.iter().map(named).collect(), partial })
}

/// A finding's witness as a scenario, under the readings and dates with which it was shown.
fn scenario(cases: &[Case<'_>], f: &Finding) -> Option<String> {
    let w = f.witness.as_ref()?;
    let shows = |c: &&Case<'_>| {
        let assumed = |(p, d): (&ParamId, &Date)| w.values.get(p).is_none_or(|v| *v == Value::Date(*d));
        c.assumed.iter().all(assumed) && c.replay(w).is_ok_and(|r| !r.rows.is_empty() || !r.clock.is_empty())
    };
    let case = cases.iter().find(shows)?;
    let title = format!("{}: {}", f.diagnostic.code, f.diagnostic.message).replace('"', "'");
    scenario_of(case, w, &title, &resolved(case, w))
}
