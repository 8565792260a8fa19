//! Names that are not there: the nearest known ones, and the spaces that a minus sign needs.

use crate::deal::Symbols;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Name;

/// The nearest of the known names, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    known
        .map(|k| (strsim::damerau_levenshtein(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, k)| (*d, k.len()))
        .map(|(_, k)| k)
}

/// The diagnostic `N010`: a name that means nothing here.
pub fn unknown<'a>(
    what: &str,
    name: &Name,
    known: impl Iterator<Item = &'a str>,
    symbols: &Symbols,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let mut d =
        Diagnostic::error("N010", format!("no {what} is called `{}`", name.node), name.span, "unknown name");
    if let Some(near) = nearest(&name.node, known.iter().copied()) {
        d = d.help(format!("did you mean `{near}`?"));
    } else if !known.is_empty() && known.len() <= 12 {
        d = d.help(format!("known here: {}", known.join(", ")));
    }
    if let Some(term) = symbols.terms.iter().find(|t| t.name == name.node)
        && let Some((vocabulary, _)) = symbols.vocabularies.get_index(term.vocab.ix())
    {
        d = d.help(format!("`{}` is a term of `{vocabulary}`", name.node));
    }
    let parts: Vec<&str> = name.node.split('-').collect();
    if parts.len() > 1 && parts.iter().any(|p| known.contains(p) || symbols.params.contains_key(*p)) {
        d = d.help(format!(
            "a name may hold hyphens; for a difference write spaces around the minus: `{}`",
            parts.join(" - ")
        ));
    }
    d
}
