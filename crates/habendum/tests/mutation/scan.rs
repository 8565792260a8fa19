//! Texts as words with places, and the clauses in them.
//!
//! Data flow: file -> tokens without blanks and comments -> [`Region`]s: clauses, amendments, figures. Invariant: an
//! [`Edit`] never crosses a region.

use habendum_syntax::FileId;
use habendum_syntax::ast::Item;
use habendum_syntax::parse_file;
use habendum_syntax::token::{Token, TokenKind, tokens};
use std::ops::Range;

/// What a region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Amendment,
    Duty,
    Figure,
    Grant,
    Keeping,
    Payment,
    Permission,
    Power,
    Prohibition,
    Relief,
}

/// A clause, an amendment, or a named figure.
#[derive(Clone, Debug)]
pub struct Region {
    pub kind: Kind,
    pub name: String,
    pub span: Range<usize>,
    /// Index of its tokens.
    pub toks: Range<usize>,
}

/// A replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    pub start: usize,
    pub end: usize,
    pub with: String,
}

/// A text with its words.
pub struct Scan<'a> {
    pub text: &'a str,
    pub toks: Vec<Token>,
    pub regions: Vec<Region>,
}

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        let toks: Vec<Token> = tokens(text).into_iter().filter(|t| !t.is_trivia()).collect();
        let mut scan = Scan { text, toks, regions: Vec::new() };
        for item in parse_file(FileId(0), text).value.items {
            let name = match &item.node {
                Item::Clause(c) => c.id.node.clone(),
                Item::Amendment(a) => a.id.node.clone(),
                Item::Define(d) => d.name.node.clone(),
                Item::Total(t) => t.name.node.clone(),
                Item::Parameter(p) => p.name.node.clone(),
                _ => continue,
            };
            let span = item.span.start as usize..item.span.end as usize;
            let first = scan.toks.partition_point(|t| t.start < span.start);
            let last = scan.toks.partition_point(|t| t.end <= span.end);
            let kind = scan.kind(&item.node, first..last);
            if let Some(kind) = kind {
                scan.regions.push(Region { kind, name, span, toks: first..last });
            }
        }
        scan
    }

    fn kind(&self, item: &Item, toks: Range<usize>) -> Option<Kind> {
        match item {
            Item::Amendment(_) => return Some(Kind::Amendment),
            Item::Define(_) | Item::Total(_) | Item::Parameter(_) => return Some(Kind::Figure),
            _ => {}
        }
        let has = |words: &[&str]| toks.clone().any(|i| self.is(i, words));
        // What comes first says most: a duty whose reparation is a payment is a duty.
        let table: [(&[&str], Kind); 12] = [
            (&["grants"], Kind::Grant),
            (&["excuses"], Kind::Relief),
            (&["extends"], Kind::Relief),
            (&["may", "terminate"], Kind::Power),
            (&["may", "suspend"], Kind::Power),
            (&["may", "resume"], Kind::Power),
            (&["must", "keep"], Kind::Keeping),
            (&["must", "not"], Kind::Prohibition),
            (&["must"], Kind::Duty),
            (&["pays"], Kind::Payment),
            (&["may"], Kind::Permission),
            (&["totalling"], Kind::Duty),
        ];
        table.iter().find(|(words, _)| has(words)).map(|(_, kind)| *kind)
    }

    pub fn word(&self, i: usize) -> &'a str {
        self.toks.get(i).map_or("", |t| t.text(self.text))
    }

    pub fn token(&self, i: usize) -> Option<TokenKind> {
        self.toks.get(i).map(|t| t.kind)
    }

    /// These words stand here.
    pub fn is(&self, i: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, w)| self.word(i + n) == *w)
    }

    /// Replaces so many tokens.
    pub fn replace(&self, i: usize, n: usize, with: &str) -> Option<Edit> {
        let (first, last) = (self.toks.get(i)?, self.toks.get(i + n - 1)?);
        Some(Edit { start: first.start, end: last.end, with: with.to_owned() })
    }

    /// The end of the line on which a token stands, a comment left out.
    pub fn line_end(&self, i: usize) -> usize {
        let at = self.toks.get(i).map_or(0, |t| t.start);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n);
        let code = self.toks.iter().filter(|t| at <= t.start && t.start < end).map(|t| t.end).max();
        code.unwrap_or(end)
    }

    /// A token is the first of its line.
    pub fn begins_line(&self, i: usize) -> bool {
        let Some(t) = self.toks.get(i) else { return false };
        let line = self.text[..t.start].rfind('\n').map_or(0, |n| n + 1);
        self.text[line..t.start].trim().is_empty()
    }

    /// The rest of a line from a token on, where its brackets close.
    pub fn rest(&self, i: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.toks.get(i)?.start, self.line_end(i));
        let part = &self.text[start..end];
        let count = |c: char| part.matches(c).count();
        (count('{') == count('}') && count('(') == count(')')).then_some((start, end))
    }
}

/// A text with edits, which do not overlap.
pub fn edited(text: &str, edits: &[Edit]) -> String {
    let mut edits = edits.to_vec();
    edits.sort();
    let mut out = String::new();
    let mut at = 0;
    for e in &edits {
        out.push_str(&text[at..e.start]);
        out.push_str(&e.with);
        at = e.end;
    }
    out.push_str(&text[at..]);
    out
}
