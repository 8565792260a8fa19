//! Properties: independence is proved over the norms; the others need the solver and are reported as undecided.

use super::Base;
use crate::independence::{Question, dependence};
use crate::pipeline::{Error, Opened};
use habendum_model::binding::bind;
use habendum_model::consolidate::consolidate;
use habendum_model::deal::Deal;
use habendum_model::elaborate::{DateRole, DateScope, elaborate_date};
use habendum_model::expr::DateValue;
use habendum_model::value::{FieldId, ParamId};
use habendum_norm::ir::Program;
use habendum_norm::{lower, readings};
use habendum_syntax::ast::{DateExpr, Property, Prove};
use habendum_syntax::{Diagnostic, Sp, Span};

/// How a property came out.
#[derive(Clone, Debug)]
pub struct PropertyResult {
    /// Title.
    pub title: String,
    /// Its place.
    pub span: Span,
    /// Proved or not.
    pub proof: Proof,
}

/// Proved or not.
#[derive(Clone, Debug)]
pub enum Proof {
    /// It holds whatever happens and whatever the open parameters are.
    Proved,
    /// Neither proved nor disproved: why.
    Inconclusive(Diagnostic),
}

/// Decides the properties of a deal whose titles are picked.
///
/// # Errors
/// Faults of the deal.
pub fn properties(
    opened: &Opened,
    base: &Base,
    picked: &dyn Fn(&str) -> bool,
) -> Result<Vec<PropertyResult>, Error> {
    let deal = opened.sound()?;
    let asked: Vec<&Sp<Prove>> = deal.proves.iter().filter(|p| picked(&p.node.title.node)).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let programs = programs(opened, deal, base)?;
    Ok(asked
        .into_iter()
        .map(|p| PropertyResult {
            title: p.node.title.node.clone(),
            span: p.node.title.span,
            proof: decide(deal, &programs, p),
        })
        .collect())
}

/// One program for each reading of each clause: a dependence lies within some reading of the clauses on its path, and
/// a path through several clauses is found under the combination that holds it.
fn programs(opened: &Opened, deal: &Deal, base: &Base) -> Result<Vec<Program>, Error> {
    let binding = bind(deal, base).map_err(|d| opened.faults(d))?;
    let texts = consolidate(deal, &binding);
    let mut combinations = vec![binding];
    for (clause, names) in readings(deal, &texts.value) {
        combinations = combinations
            .iter()
            .flat_map(|b| {
                names.iter().map(move |n| {
                    let mut b = b.clone();
                    b.readings.insert(clause, n.clone());
                    b
                })
            })
            .collect();
    }
    let mut out = Vec::new();
    for b in &combinations {
        let lowered = lower(deal, &texts.value, b);
        match lowered.value {
            Some(p) => out.push(p),
            None => return Err(opened.faults(lowered.diagnostics)),
        }
    }
    Ok(out)
}

fn decide(deal: &Deal, programs: &[Program], p: &Sp<Prove>) -> Proof {
    let property = &p.node.property;
    let solver = |what: &str| {
        Proof::Inconclusive(
            Diagnostic::warning(
                "C027",
                format!("\"{}\" is undecided: {what} needs the solver", p.node.title.node),
                property.span,
                "neither proved nor disproved",
            )
            .help("scenarios can show single cases meanwhile"),
        )
    };
    match &property.node {
        Property::Independent { clause, event, field } => {
            let ids = deal.symbols.clause(&clause.node).zip(deal.symbols.event(&event.node));
            let Some((clause, event)) = ids else { return solver("a name that is not declared") };
            let field = match field {
                None => None,
                Some(f) => match deal.symbols.event_info(event).fields.get_index_of(&f.node) {
                    Some(i) => Some(FieldId::at(i)),
                    None => return solver("a field that is not declared"),
                },
            };
            let q = |program: &Program| Question {
                clause,
                event,
                field,
                from: bound(p.node.from.as_ref(), program, DateRole::First),
                through: bound(p.node.through.as_ref(), program, DateRole::Last),
            };
            match programs.iter().find_map(|program| dependence(program, q(program))) {
                None => Proof::Proved,
                Some(path) => {
                    let mut d = Diagnostic::warning(
                        "C027",
                        format!("\"{}\" is undecided: there is a path of dependence", p.node.title.node),
                        property.span,
                        "neither proved nor disproved",
                    );
                    for step in path {
                        d = d.label(step.span, step.text);
                    }
                    Proof::Inconclusive(d)
                }
            }
        }
        Property::Never(_) => solver("`never`"),
        Property::Always(_) => solver("`always`"),
        Property::Implies(..) => solver("`implies`"),
        Property::Equivalent(..) => solver("`equivalent to`"),
        Property::AtMost { .. } => solver("`at most`"),
    }
}

/// A bound of the days that a property is about. One that cannot be reckoned bounds nothing: the proof is then about
/// all days, which is more than was asked.
fn bound(d: Option<&Sp<DateExpr>>, program: &Program, role: DateRole) -> Option<DateValue> {
    let value = |p: ParamId| program.versions.last().and_then(|v| v.params.get(p.ix()).cloned().flatten());
    let scope = DateScope {
        symbols: &program.symbols,
        reckoning: &program.reckoning,
        value: &value,
        effective: Some(program.effective.clone()),
        signature: None,
        rounding: None,
    };
    elaborate_date(&scope, d?, role).ok()
}
