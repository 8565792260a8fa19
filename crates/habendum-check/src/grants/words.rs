//! Contract words for what findings speak of: scopes, degrees of exclusivity, days, amendments.

use super::Point;
use super::days::Days;
use crate::case::Case;
use habendum_model::deal::Symbols;
use habendum_model::value::{AmendmentId, ClauseId, PartyId, TermId};
use habendum_norm::eval;
use habendum_norm::ir::{Exclusivity, License};

/// A clause's name, as in a text.
pub(crate) fn clause(s: &Symbols, c: ClauseId) -> String {
    format!("`{}`", s.clause_name(c))
}

/// A person.
pub(crate) fn person(s: &Symbols, p: PartyId) -> String {
    eval::person(s, p)
}

/// A term.
pub(crate) fn term(s: &Symbols, t: TermId) -> String {
    s.terms.get(t.ix()).map_or_else(|| "?".to_owned(), |t| t.name.clone())
}

/// `Film in France for Print`; what is the whole of its vocabulary is left out.
pub(crate) fn point(s: &Symbols, p: Point) -> String {
    let mut out = term(s, p.asset);
    for (word, t) in [("in", p.territory), ("for", p.field)] {
        if s.terms.get(t.ix()).is_some_and(|t| t.parent.is_some()) {
            out.push_str(&format!(" {word} {}", term(s, t)));
        }
    }
    out
}

/// `an exclusive`, `a sole`, ...
pub(crate) fn degree(s: &Symbols, x: &Exclusivity) -> String {
    match x {
        Exclusivity::Exclusive => "an exclusive".into(),
        Exclusivity::ExclusiveExceptGrantor => "an exclusive except grantor".into(),
        Exclusivity::Sole => "a sole".into(),
        Exclusivity::NonExclusive => "a non-exclusive".into(),
        Exclusivity::CoExclusive(set) => {
            let names: Vec<String> = set.iter().map(|p| person(s, *p)).collect();
            format!("a co-exclusive (with {})", names.join(", "))
        }
    }
}

/// How a grant event states the degree.
pub(crate) fn degree_word(x: &Exclusivity) -> &'static str {
    match x {
        Exclusivity::Exclusive => "exclusive",
        Exclusivity::ExclusiveExceptGrantor => "exclusive except grantor",
        Exclusivity::Sole => "sole",
        Exclusivity::NonExclusive => "non-exclusive",
        Exclusivity::CoExclusive(_) => "co-exclusive",
    }
}

/// `an exclusive license from Owner to Lee`.
pub(crate) fn license(s: &Symbols, l: &License) -> String {
    format!(
        "{} license from {} to {}",
        degree(s, &l.exclusivity),
        person(s, l.licensor),
        person(s, l.licensee)
    )
}

/// `from 2026-01-01 through 2026-12-31`, `from 2026-01-01 on`, `on 2026-01-01`.
pub(crate) fn days(d: Days) -> String {
    match d.through {
        Some(t) if t == d.from => format!("on {t}"),
        Some(t) => format!("from {} through {t}", d.from),
        None => format!("from {} on", d.from),
    }
}

/// `the 2026 amendment`.
pub(crate) fn amendment(case: &Case<'_>, a: AmendmentId) -> String {
    case.deal
        .amendments
        .get(a.ix())
        .map_or_else(|| "an amendment".to_owned(), |a| format!("the {}", a.ast.node.title.node))
}

/// `a, b and c`.
pub(crate) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
