//! Pages for codes: what, why, example, how to resolve. Each is a `.md` file beside this one, shown by
//! `habendum explain` and by the book.
//!
//! Invariant: every code that a pass emits has a page; a test reads the sources and holds it to that.

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code.
    pub code: &'static str,
    /// The first heading, without the code.
    pub title: &'static str,
    /// The whole page, Markdown.
    pub text: &'static str,
}

/// The text of a page: beside this module, or beside the rule of the checker that it is about.
macro_rules! text {
    ($code:literal) => {
        include_str!(concat!($code, ".md"))
    };
    ($code:literal $rule:literal) => {
        include_str!(concat!("../../../habendum-check/src/rules/", $rule, ".md"))
    };
}

macro_rules! pages {
    ($($code:literal $(rule $rule:literal)?),* $(,)?) => {
        const PAGES: &[(&str, &str)] = &[$(($code, text!($code $($rule)?))),*];
    };
}

include!("explain/list.rs");

/// The page of a code, in any case of letters.
#[must_use]
pub fn page(code: &str) -> Option<Page> {
    PAGES.iter().find(|(c, _)| c.eq_ignore_ascii_case(code)).map(|(c, t)| make(c, t))
}

/// Every page, by code.
pub fn pages() -> impl Iterator<Item = Page> {
    PAGES.iter().map(|(c, t)| make(c, t))
}

fn make(code: &'static str, text: &'static str) -> Page {
    let first = text.lines().next().unwrap_or("").trim_start_matches('#').trim();
    let title = first.strip_prefix(code).unwrap_or(first).trim_start_matches(':').trim();
    Page { code, title, text }
}
