//! Properties: proved, refuted with a history that breaks them, or left open with what they hang on.

use super::Base;
use crate::conflicts::{example, in_words};
use crate::pipeline::{Error, Opened};
use habendum_check::prove::{self, prove};
use habendum_model::binding::bind;
use habendum_model::deal::{Binding, Deal};
use habendum_syntax::ast::Prove;
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
    /// It does not hold: the history that breaks it.
    Refuted(Diagnostic),
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
    let binding = bind(deal, base).map_err(|d| opened.faults(d))?;
    asked
        .into_iter()
        .map(|p| {
            Ok(PropertyResult {
                title: p.node.title.node.clone(),
                span: p.node.title.span,
                proof: decide(opened, deal, &binding, p)?,
            })
        })
        .collect()
}

fn decide(opened: &Opened, deal: &Deal, binding: &Binding, p: &Sp<Prove>) -> Result<Proof, Error> {
    let (title, span) = (&p.node.title.node, p.node.property.span);
    let placed = |mut d: Diagnostic, path: Vec<(Span, String)>| {
        for (span, text) in path {
            d = d.label(span, text);
        }
        d
    };
    Ok(match prove(deal, binding, &p.node).map_err(|d| opened.faults(d))? {
        prove::Proof::Proved => Proof::Proved,
        prove::Proof::Refuted(w, path) => {
            let message = format!("\"{title}\" does not hold");
            let d =
                Diagnostic::error("C020", message, span, "this is not so").note(in_words(&example(deal, &w)));
            Proof::Refuted(placed(d, path))
        }
        prove::Proof::Open { why, path } => {
            let message = format!("\"{title}\" is undecided: {why}");
            let d = Diagnostic::warning("C027", message, span, "neither proved nor disproved")
                .help("scenarios can show single cases meanwhile");
            Proof::Inconclusive(placed(d, path))
        }
    })
}
