//! Splitting a file into items. Data flow: tokens -> [`split`] -> one byte range an item, plus what is wrong with the
//! braces and the characters. Invariant: ranges are in order and do not overlap; every significant token outside of
//! them has a diagnostic, so that a fault in one item never hides the next.

use crate::diagnostic::Diagnostic;
use crate::nest;
use crate::span::{FileId, Span};
use crate::token::{Token, TokenKind};

/// Words that open an item.
pub const ITEM_WORDS: [&str; 17] = [
    "agreement",
    "amendment",
    "schedule",
    "vocabulary",
    "unit",
    "event",
    "parameter",
    "table",
    "define",
    "total",
    "register",
    "assumption",
    "calendar",
    "clause",
    "key",
    "scenario",
    "prove",
];

/// One item: indices of its first and one past its last significant token, and whether it is fit to be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First significant token.
    pub first: usize,
    /// One past the last.
    pub last: usize,
    /// False where its braces, characters or nesting are at fault (and were reported).
    pub sound: bool,
}

/// A file split into items.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// Tokens that are neither blanks nor comments.
    pub significant: Vec<Token>,
    /// Items in order.
    pub items: Vec<Range>,
    /// What is wrong with characters, braces and nesting.
    pub diagnostics: Vec<Diagnostic>,
}

/// Splits the tokens of a file into items.
#[must_use]
pub fn split(file: FileId, text: &str, tokens: &[Token]) -> Split {
    let significant: Vec<Token> = tokens.iter().copied().filter(|t| !t.is_trivia()).collect();
    let mut out = Split { diagnostics: stray_characters(file, text, tokens), ..Split::default() };
    let splitter = Splitter { file, text, partner: partners(&significant), tokens: &significant };
    let mut at = 0;
    while at < significant.len() {
        at = splitter.next_item(at, &mut out);
    }
    out.significant = significant;
    out
}

/// The partner of each brace; a brace without one has itself.
fn partners(tokens: &[Token]) -> Vec<usize> {
    let mut partner: Vec<usize> = (0..tokens.len()).collect();
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::OpenBrace {
            open.push(i);
        } else if token.kind == TokenKind::CloseBrace
            && let Some(from) = open.pop()
        {
            partner[from] = i;
            partner[i] = from;
        }
    }
    partner
}

struct Splitter<'a> {
    file: FileId,
    text: &'a str,
    tokens: &'a [Token],
    partner: Vec<usize>,
}

impl Splitter<'_> {
    /// Takes the item (or the stray tokens) that begin at `at`; returns where the next begins.
    fn next_item(&self, at: usize, out: &mut Split) -> usize {
        let token = self.tokens[at];
        if token.kind == TokenKind::CloseBrace {
            out.diagnostics.push(self.stray_brace(token));
            return at + 1;
        }
        if token.is_error() {
            return at + 1;
        }
        let known = token.kind == TokenKind::Word && ITEM_WORDS.contains(&token.text(self.text));
        let (end, balanced) = self.end_of_item(at, out);
        if !known {
            out.diagnostics.push(self.unknown_item(token));
            return end;
        }
        let inside = &self.tokens[at..end];
        let nesting = nest::check(self.file, self.text, inside);
        let sound = balanced && nesting.is_none() && !inside.iter().any(|t| t.is_error());
        out.diagnostics.extend(nesting);
        out.items.push(Range { first: at, last: end, sound });
        end
    }

    /// One past the last token of the item at `at`, and whether its braces match.
    fn end_of_item(&self, at: usize, out: &mut Split) -> (usize, bool) {
        let mut i = at + 1;
        while i < self.tokens.len() {
            let token = self.tokens[i];
            match token.kind {
                TokenKind::OpenBrace if self.partner[i] != i => i = self.partner[i],
                TokenKind::OpenBrace => {
                    let end = self.recover(i + 1);
                    out.diagnostics.push(self.missing_brace(i, end));
                    return (end, false);
                }
                TokenKind::CloseBrace => return (i, true),
                TokenKind::Word if self.opens_item(i) || self.looks_like_item(i) => return (i, true),
                _ => {}
            }
            i += 1;
        }
        (i, true)
    }

    /// True where an item word at brace depth zero begins an item: what stands before it does not go on.
    fn opens_item(&self, i: usize) -> bool {
        let word = self.tokens[i].text(self.text);
        if !ITEM_WORDS.contains(&word) {
            return false;
        }
        let followed =
            self.tokens.get(i + 1).is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::Text));
        let before = self.tokens[i - 1];
        let sign = matches!(before.kind, TokenKind::Punctuation | TokenKind::Operator | TokenKind::Equals)
            && before.text(self.text) != "%"
            || before.kind == TokenKind::OpenBracket;
        let word = matches!(
            before.text(self.text),
            "in" | "of" | "per" | "this" | "last" | "and" | "or" | "not" | "is"
        );
        let goes_on = (sign || word) && !self.at_column_0(i);
        followed && !goes_on
    }

    /// True where a word that is no item word stands as if it were one: at column 0, before a name and a brace.
    fn looks_like_item(&self, i: usize) -> bool {
        let kinds = |n: usize| self.tokens.get(i + n).map(|t| t.kind);
        let after_name =
            matches!(kinds(2), Some(TokenKind::OpenBrace | TokenKind::Text | TokenKind::Section));
        let named = kinds(1) == Some(TokenKind::Word) && after_name
            || kinds(1) == Some(TokenKind::Text) && kinds(2) == Some(TokenKind::OpenBrace);
        let closed = self.tokens[i - 1].kind == TokenKind::CloseBrace;
        named && (closed || self.at_column_0(i))
    }

    fn at_column_0(&self, i: usize) -> bool {
        let start = self.tokens[i].start;
        start == 0 || self.text.as_bytes().get(start - 1) == Some(&b'\n')
    }

    /// Where to go on after a brace that nothing closes: the next item word at the start of a line.
    fn recover(&self, from: usize) -> usize {
        (from..self.tokens.len())
            .find(|&i| {
                self.at_column_0(i)
                    && self.tokens[i].kind == TokenKind::Word
                    && ITEM_WORDS.contains(&self.tokens[i].text(self.text))
            })
            .unwrap_or(self.tokens.len())
    }

    fn span(&self, token: Token) -> Span {
        span(self.file, token.start, token.end)
    }

    fn stray_brace(&self, token: Token) -> Diagnostic {
        Diagnostic::error("S005", "a closing brace closes nothing", self.span(token), "no `{` is open here")
            .help("remove it, or open the brace that it should close")
    }

    fn missing_brace(&self, open: usize, end: usize) -> Diagnostic {
        // The last token before the next item is where a reader would put the brace.
        let last = self.tokens[end.max(open + 1) - 1];
        let place = span(self.file, last.end.saturating_sub(1).max(last.start), last.end);
        // A multi-byte character must not be cut: fall back to the whole token.
        let place = if self.text.is_char_boundary(place.start as usize) { place } else { self.span(last) };
        Diagnostic::error("S004", "a closing brace is missing", place, "a `}` belongs after this")
            .label(self.span(self.tokens[open]), "it would close this brace")
            .help("add `}` where the text that this brace opened ends")
    }

    fn unknown_item(&self, token: Token) -> Diagnostic {
        let word = token.text(self.text);
        let mut diagnostic = Diagnostic::error(
            "S007",
            format!("`{word}` opens no declaration"),
            self.span(token),
            "a declaration should begin here",
        );
        if let Some(near) = crate::words::nearest(word, ITEM_WORDS.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        diagnostic.help(format!("a declaration begins with one of: {}", ITEM_WORDS.join(", ")))
    }
}

/// Characters and texts that are no tokens; runs of unknown characters are one finding.
fn stray_characters(file: FileId, text: &str, tokens: &[Token]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut after: Option<usize> = None;
    for token in tokens.iter().filter(|t| t.is_error()) {
        let place = span(file, token.start, token.end);
        if token.kind == TokenKind::OpenText {
            out.push(open_text(file, text, *token));
        } else if token.kind == TokenKind::OpenComment {
            let place = span(file, token.start, token.start + 2);
            out.push(
                Diagnostic::error("S003", "a comment does not end", place, "`*/` is missing after this")
                    .help("close it with `*/`, or begin each line of it with `//`"),
            );
        } else if after != Some(token.start) {
            let character = token.text(text);
            let found = format!("the character `{}` has no meaning here", character.escape_debug());
            out.push(
                Diagnostic::error("S001", found, place, "not part of the language")
                    .help("names are made of the letters A to Z, digits, `_` and `-`; any other text stands in quotation marks"),
            );
        }
        after = Some(token.end);
    }
    out
}

fn open_text(file: FileId, text: &str, token: Token) -> Diagnostic {
    let body = token.text(text);
    let escape = body.match_indices('\\').find(|(at, _)| {
        !matches!(body.as_bytes().get(at + 1), Some(b'"' | b'\\' | b'n')) && !body[..*at].ends_with('\\')
    });
    if let (Some((at, _)), true) = (escape, body.len() > 1 && body.trim_end().ends_with('"')) {
        let start = token.start + at;
        return Diagnostic::error(
            "S002",
            "a backslash stands before a character it cannot stand before",
            span(file, start, start + 1),
            "here",
        )
        .help("write `\\\\` for a backslash, `\\\"` for a quotation mark, `\\n` for a line end");
    }
    Diagnostic::error(
        "S002",
        "a text in quotation marks does not end on its line",
        span(file, token.start, token.start + 1),
        "this quotation mark has no partner",
    )
    .help("close the text with `\"` on the same line; write `\\n` for a line end inside it")
}

/// A span from byte offsets.
pub(crate) fn span(file: FileId, start: usize, end: usize) -> Span {
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { file, start: clip(start), end: clip(end) }
}
