//! C024: what a clause's results rest on that the parties have not said themselves: assumptions, readings, reported texts
//! and figures. Information.
//!
//! Invariant: one finding a clause; what only some texts of it rest on is told with their days.

use super::scope::{amended, finding};
use crate::case::Case;
use crate::finding::{Finding, Standing};
use crate::grants::words;
use crate::merge::join;
use habendum_model::value::{ClauseId, ParamId};
use habendum_norm::ir::{Norm, Version};
use habendum_norm::reads::params;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::SourceStatus;
use std::collections::BTreeMap;

/// The code.
pub const CODE: &str = "C024";

/// What clauses rest on.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let readings: BTreeMap<ClauseId, Vec<String>> =
        habendum_norm::readings(case.deal, &case.texts).into_iter().collect();
    let mut found = Vec::new();
    for version in &case.program.versions {
        let mut clauses: Vec<ClauseId> = version.norms.iter().map(|n| n.id.clause).collect();
        clauses.dedup();
        for c in clauses {
            let of: Vec<&Norm> = version.norms.iter().filter(|n| n.id.clause == c).collect();
            found.extend(rests(case, version, &of, readings.get(&c).map_or(&[][..], Vec::as_slice)));
        }
    }
    join(found)
}

fn rests(case: &Case<'_>, version: &Version, of: &[&Norm], readings: &[String]) -> Option<Finding> {
    let s = case.symbols();
    let first = of.first()?;
    let mut on: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let mut add = |what: String, note: Option<String>| {
        if !on.contains(&what) {
            on.push(what);
            notes.extend(note);
        }
    };
    for n in of {
        for a in &n.rests_on {
            if let Some((name, a)) = s.assumptions.get_index(a.ix()) {
                add(format!("the assumption `{name}`"), Some(format!("{name}: {}", a.node.text.node)));
            }
        }
        if let Some(src) = n.source.as_ref().filter(|x| x.status == SourceStatus::Reported) {
            add(
                "a text that is reported, not the parties' own".into(),
                Some(format!("source: {}", src.citation)),
            );
        }
        for p in params(n, &case.program) {
            if let Some(citation) = reported(case, p) {
                let name = s.params.get_index(p.ix()).map_or("?", |(name, _)| name.as_str());
                add(format!("the reported figure `{name}`"), Some(format!("{name}: {citation}")));
            }
        }
    }
    if readings.len() > 1 {
        let names: Vec<String> = readings.iter().map(|r| format!("`{r}`")).collect();
        add(format!("which of its readings is meant: {}", words::list(&names)), None);
    }
    if on.is_empty() {
        return None;
    }
    let name = words::clause(s, first.id.clause);
    let message = format!("{name} rests on {}", words::list(&on));
    let mut d = Diagnostic::info(CODE, message, first.span, "rests on it");
    for n in notes {
        d = d.note(n);
    }
    let standing = Standing::Unknown(words::list(&on));
    finding(version, None, amended(case, d, &[*first]), vec![first.id.clause], standing, None)
}

/// Who reported a figure, where it is bound to a reported one or declared as such.
fn reported(case: &Case<'_>, p: ParamId) -> Option<String> {
    let bound = case.program.bound.get(&p).and_then(|b| b.source.as_ref());
    let note = bound.or_else(|| {
        let (_, info) = case.symbols().params.get_index(p.ix())?;
        info.ast.node.source.as_ref().map(|s| &s.node)
    })?;
    (note.status == SourceStatus::Reported).then(|| note.citation.clone())
}
