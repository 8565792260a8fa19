//! C013: an exception that never bites, or that swallows what it is an exception to.
//!
//! Data flow: a sentence's conditions -> down the tree of its exceptions, each under those above it -> what no event
//! satisfies. Invariant: a sentence that no event satisfies at all is C012's.

use super::scope::{amended, bears, can, finding, kind, moment, never, of_license};
use crate::case::Case;
use crate::encode::{Frame, History, Moment, frame};
use crate::finding::{Finding, Standing};
use crate::grants::words;
use crate::merge::join;
use crate::solver::Formula;
use habendum_norm::ir::{Exception, Norm, Version};
use habendum_syntax::{Diagnostic, Span};

/// The code.
pub const CODE: &str = "C013";

/// What is wrong with an exception.
enum Fault {
    /// It is met by no event that its sentence speaks of.
    Idle,
    /// It leaves nothing of what it is an exception to.
    Swallows,
}

/// Exceptions that do nothing, or too much.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        for n in version.norms.iter().filter(|n| !n.exceptions.is_empty() && !of_license(version, n)) {
            let Some(event) = kind(n).filter(|_| n.id.sub == 0) else { continue };
            let mut m = moment(case, event, History::Any);
            // `may ... only if` permits and forbids: an exception is asked of both halves together.
            let halves = version
                .norms
                .iter()
                .filter(|x| (x.id.clause, x.id.part) == (n.id.clause, n.id.part) && kind(x) == Some(event));
            let base = Formula::or(halves.map(|x| bears(&mut m, version, x)).collect::<Vec<_>>());
            if !can(&mut m, &base) {
                continue;
            }
            let mut faults = Vec::new();
            tree(&mut m, &frame(version, n), &n.exceptions, &base, n.span, &mut faults);
            found.extend(faults.into_iter().filter_map(|(at, f)| told(case, version, n, at, f)));
        }
    }
    join(found)
}

/// Looks at the exceptions to something, and at those below them. `whole` is the place of that something.
fn tree(
    m: &mut Moment<'_>,
    at: &Frame<'_>,
    list: &[Exception],
    under: &Formula,
    whole: Span,
    out: &mut Vec<(Span, Fault)>,
) {
    let before = out.len();
    for x in list {
        let place = x.condition.span;
        let holds = m.truth(&x.condition, at);
        let met = Formula::and([under.clone(), holds]);
        if never(m, &met) {
            out.push((place, Fault::Idle));
            continue;
        }
        tree(m, at, &x.unless, &met, place, out);
        let bites = m.excepted(std::slice::from_ref(x), at);
        if never(m, &Formula::and([under.clone(), Formula::not(bites)])) {
            out.push((place, Fault::Swallows));
        }
    }
    if list.len() > 1 && out.len() == before {
        let any = m.excepted(list, at);
        if never(m, &Formula::and([under.clone(), Formula::not(any)])) {
            out.push((whole, Fault::Swallows));
        }
    }
}

fn told(case: &Case<'_>, version: &Version, n: &Norm, at: Span, fault: Fault) -> Option<Finding> {
    let name = words::clause(case.symbols(), n.id.clause);
    let d = match fault {
        Fault::Idle => Diagnostic::warning(
            CODE,
            format!("an exception of {name} never bites"),
            at,
            "met by nothing that the sentence speaks of",
        )
        .note("where the sentence applies, the exception cannot; so it takes nothing away")
        .help("strike the exception, or mend its condition or the sentence's"),
        Fault::Swallows if at == n.span => Diagnostic::warning(
            CODE,
            format!("the exceptions of {name} together leave nothing of it"),
            at,
            "always excepted",
        )
        .help("narrow one of the exceptions, or strike the sentence"),
        Fault::Swallows => Diagnostic::warning(
            CODE,
            format!("an exception of {name} swallows what it is an exception to"),
            at,
            "always met",
        )
        .note("wherever the rest applies, the exception does too; so nothing is left")
        .help("narrow the exception, or strike the sentence"),
    };
    let d = d.label(n.span, "the sentence");
    let why = Standing::Disjoint("guard".into());
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None)
}
