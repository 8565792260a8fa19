//! What amendments did to a license, and since when it has been as it is.
//!
//! Data flow: versions of one sentence in order -> the touches that changed it, each with a word for what it did.

use super::words;
use crate::case::Case;
use crate::grants::days::days_of;
use habendum_model::value::{AmendmentId, ClauseId};
use habendum_norm::ir::{License, Norm, NormId};
use habendum_norm::print;
use habendum_syntax::Span;
use jiff::civil::Date;

/// A touch of an amendment that changed what a license says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Touch {
    /// The operation.
    pub span: Span,
    /// By which amendment.
    pub amendment: AmendmentId,
    /// `made non-exclusive`, `given another term`, ...
    pub what: String,
    /// It changed how exclusive the license is.
    pub exclusivity: bool,
    /// It put the license in.
    pub inserted: bool,
}

/// The sentence in a version.
pub(crate) fn norm_in<'c>(case: &'c Case<'_>, version: usize, id: NormId) -> Option<&'c Norm> {
    case.program.versions.get(version)?.norms.iter().find(|n| n.id == id)
}

/// The touches that made a license what it is in a version, oldest first.
pub(crate) fn touches(case: &Case<'_>, version: usize, id: NormId) -> Vec<Touch> {
    let mut out = Vec::new();
    for v in 1..=version {
        let Some(now) = norm_in(case, v, id) else { continue };
        let was = norm_in(case, v - 1, id);
        let before = case.program.versions[v - 1].amendments.as_slice();
        let what = match was {
            None => vec!["put in".to_owned()],
            Some(was) => changes(case, was, now),
        };
        let Some(p) = now
            .provenance
            .iter()
            .rev()
            .find(|p| !before.contains(&p.amendment) && !matches!(p.how, "affirmed" | "renumbered"))
        else {
            continue;
        };
        if what.is_empty() {
            continue;
        }
        let inserted = was.is_none();
        let exclusivity = was
            .and_then(|n| n.body.license())
            .is_some_and(|l| now.body.license().is_some_and(|n| n.exclusivity != l.exclusivity));
        let what = words::list(&what);
        out.push(Touch { span: p.span, amendment: p.amendment, what, exclusivity, inserted });
    }
    out
}

/// What two texts of a license say differently.
fn changes(case: &Case<'_>, was: &Norm, now: &Norm) -> Vec<String> {
    let mut out = Vec::new();
    let s = case.symbols();
    if let (Some(a), Some(b)) = (was.body.license(), now.body.license()) {
        if a.exclusivity != b.exclusivity {
            out.push(format!("made {}", words::degree_word(&b.exclusivity)));
        }
        if a.licensor != b.licensor || a.licensee != b.licensee {
            let (from, to) = (words::person(s, b.licensor), words::person(s, b.licensee));
            out.push(format!("made a license from {from} to {to}"));
        }
        if a.assets != b.assets || a.territories != b.territories || a.fields != b.fields {
            out.push("given another scope".to_owned());
        }
        if a.sublicense != b.sublicense {
            out.push(match &b.sublicense {
                Some(_) => "given another right to sublicense".to_owned(),
                None => "left without the right to sublicense".to_owned(),
            });
        }
    }
    if was.term.through != now.term.through {
        out.push(match &now.term.through {
            Some(d) => format!("given a term through {}", print::date(d)),
            None => "left without a last day".to_owned(),
        });
    }
    if was.term.from != now.term.from {
        out.push("given another first day".to_owned());
    }
    if was.subject_to != now.subject_to || was.notwithstanding != now.notwithstanding {
        out.push("ranked anew".to_owned());
    }
    if was.term.suspensions != now.term.suspensions {
        out.push("suspended".to_owned());
    }
    if out.is_empty() && format!("{:?}", was.body) != format!("{:?}", now.body) {
        out.push("said anew".to_owned());
    }
    out
}

/// The first day since when a sentence has stood without a break and been as `like` asks, up to a version's days.
pub(crate) fn since(
    case: &Case<'_>,
    version: usize,
    id: NormId,
    like: impl Fn(&License) -> bool,
) -> Option<Date> {
    let mut first = None;
    for v in (0..=version).rev() {
        let Some(n) = norm_in(case, v, id).filter(|n| n.body.license().is_some_and(&like)) else { break };
        let days = days_of(case, v, n);
        let Some(d) = days.first() else { break };
        first = Some(d.from);
    }
    first
}

/// What struck a clause that an earlier version has and this one lacks.
pub(crate) fn struck(case: &Case<'_>, version: usize, clause: ClauseId) -> Option<(Span, AmendmentId)> {
    let s = case.texts.versions.get(version)?.struck.get(&clause)?;
    Some((s.span, s.amendment))
}
