//! What every builder needs: places, children in order, names and texts. Invariant: a span given out ends with a
//! significant token, never with the blanks or comments that pest took along.

use super::Rule;
use crate::ast::Name;
use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Sp, Span};
use crate::token::Token;
use pest::iterators::Pair;
use std::cell::RefCell;
use std::iter::Peekable;

/// A matched rule.
pub(super) type P<'i> = Pair<'i, Rule>;

/// The children of a match that mean something: the words of the language (the grammar's last section) are left out.
pub(super) trait Parts<'i> {
    /// Those children, in order.
    fn parts(self) -> impl Iterator<Item = P<'i>>;
}

impl<'i> Parts<'i> for P<'i> {
    fn parts(self) -> impl Iterator<Item = P<'i>> {
        // Rules are ordered as the grammar lists them.
        self.into_inner().filter(|p| p.as_rule() < Rule::words_from_here)
    }
}

/// Collecting parts that may fail: each is built, so that each reports its own fault, before the whole fails.
pub(super) trait Every<T> {
    /// All parts, where none failed.
    fn every(self) -> Option<Vec<T>>;
}

impl<T, I: Iterator<Item = Option<T>>> Every<T> for I {
    fn every(self) -> Option<Vec<T>> {
        let parts: Vec<Option<T>> = self.collect();
        parts.into_iter().collect()
    }
}

/// The state of building one item.
pub(super) struct Build<'a> {
    file: FileId,
    base: usize,
    tokens: &'a [Token],
    found: RefCell<Vec<Diagnostic>>,
}

impl<'a> Build<'a> {
    /// `base` is where the text given to pest begins in the file.
    pub(super) fn new(file: FileId, base: usize, tokens: &'a [Token]) -> Self {
        Build { file, base, tokens, found: RefCell::new(Vec::new()) }
    }

    /// Notes a finding.
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Notes a finding and yields nothing.
    pub(super) fn fail<T>(&self, diagnostic: Diagnostic) -> Option<T> {
        self.report(diagnostic);
        None
    }

    /// All findings.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }

    /// The place of a match.
    pub(super) fn span(&self, pair: &P<'_>) -> Span {
        let (start, end) = (pair.as_span().start() + self.base, pair.as_span().end() + self.base);
        let after = self.tokens.partition_point(|t| t.end <= end);
        let trimmed = after.checked_sub(1).map_or(end, |i| self.tokens[i].end);
        // A match that ends inside a token (a name before a dot is one token each, so this is rare) keeps its own end.
        let inside = self.tokens.get(after).is_some_and(|t| t.start < end);
        let end = if inside { end } else { trimmed.max(start) };
        crate::item::span(self.file, start, end)
    }

    /// A node at the place of a match.
    pub(super) fn at<T>(&self, pair: &P<'_>, node: T) -> Sp<T> {
        Sp::new(node, self.span(pair))
    }

    /// A name.
    pub(super) fn name(&self, pair: P<'_>) -> Name {
        self.at(&pair, pair.as_str().trim_end().to_owned())
    }

    /// Names of a list.
    pub(super) fn names(&self, pair: P<'_>) -> Vec<Name> {
        pair.parts().filter(|p| p.as_rule() == Rule::ident).map(|p| self.name(p)).collect()
    }

    /// A text, its escapes decoded.
    pub(super) fn string(&self, pair: P<'_>) -> Sp<String> {
        let span = self.span(&pair);
        let raw = pair.parts().next().map_or("", |body| body.as_str());
        Sp::new(unescape(raw), span)
    }
}

/// Decodes `\"`, `\\` and `\n`.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

/// The children of a match, taken in order.
pub(super) struct Kids<'i>(Peekable<std::vec::IntoIter<P<'i>>>);

impl<'i> Kids<'i> {
    /// The children of `pair`.
    pub(super) fn of(pair: P<'i>) -> Self {
        Kids(pair.parts().collect::<Vec<_>>().into_iter().peekable())
    }

    /// The next child, if it is of the rule.
    pub(super) fn take(&mut self, rule: Rule) -> Option<P<'i>> {
        self.0.next_if(|p| p.as_rule() == rule)
    }

    /// Every following child of the rule.
    pub(super) fn take_all(&mut self, rule: Rule) -> Vec<P<'i>> {
        std::iter::from_fn(|| self.take(rule)).collect()
    }

    /// True where a child of the rule comes next; takes it.
    pub(super) fn has(&mut self, rule: Rule) -> bool {
        self.take(rule).is_some()
    }

    /// The next child.
    pub(super) fn any(&mut self) -> Option<P<'i>> {
        self.0.next()
    }
}

/// The words of a match, joined by one blank each (`business   days` is `business days`).
pub(super) fn words(pair: &P<'_>) -> String {
    pair.as_str().split_whitespace().collect::<Vec<_>>().join(" ")
}
