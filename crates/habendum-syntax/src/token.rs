//! Tokens of a `.term` file. Data flow: text -> [`tokens`] -> `item` (split), formatter and highlighter.
//! Invariant: the tokens of a text, blanks and comments included, concatenate to that text.

use logos::Logos;

/// The kind of a token.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Blanks and line ends.
    #[regex(r"[ \t\r\n]+")]
    Blank,
    /// `// to the end of the line`
    #[regex(r"//[^\n]*", allow_greedy = true)]
    LineComment,
    /// `/* ... */`; where it does not end, [`TokenKind::OpenComment`] takes its place.
    #[token("/*", block_comment)]
    BlockComment,
    /// A keyword or a name, hyphens inside included.
    #[regex(r"[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*")]
    Word,
    /// Digits, with an optional fraction.
    #[regex(r"[0-9][0-9_]*(\.[0-9]+)?")]
    Number,
    /// `2026-06-01`, `2026-06`, `07-01`
    #[regex(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?|[0-9]{2}-[0-9]{2}")]
    Date,
    /// `2026-06-01T09:00:00Z`
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?")]
    Instant,
    /// `§ 2.1`
    #[regex(r"§[ \t\r\n]*[A-Za-z0-9.()-]+")]
    Section,
    /// `"text"` on one line, with `\"`, `\\` and `\n`.
    #[regex(r#""(\\["\\n]|[^"\\\n])*""#)]
    Text,
    /// A quotation mark whose partner is missing on its line, or a text with an unknown escape.
    #[token("\"", to_line_end)]
    OpenText,
    /// `/*` without `*/`, to the end of the file.
    OpenComment,
    /// `{`
    #[token("{")]
    OpenBrace,
    /// `}`
    #[token("}")]
    CloseBrace,
    /// `(` or `[`
    #[token("(")]
    #[token("[")]
    OpenBracket,
    /// `)` or `]`
    #[token(")")]
    #[token("]")]
    CloseBracket,
    /// `,` `:` `.` `%` and a lone `§`
    #[token(",")]
    #[token(":")]
    #[token(".")]
    #[token("%")]
    #[token("§")]
    Punctuation,
    /// `+` `-` `*` `/`
    #[token("+")]
    #[token("-")]
    #[token("*")]
    #[token("/")]
    Operator,
    /// `=`
    #[token("=")]
    Equals,
    /// `>=` and kin, which the language spells as words.
    #[token(">=")]
    #[token("<=")]
    #[token("==")]
    #[token("!=")]
    #[token("<>")]
    #[token("=<")]
    #[token("=>")]
    #[token(">")]
    #[token("<")]
    #[token("≥")]
    #[token("≤")]
    #[token("≠")]
    Comparison,
    /// A character that the language does not use.
    Unknown,
}

/// Takes a block comment to its end; where it has none, the rest of the text (told apart in [`tokens`]).
fn block_comment(lexer: &mut logos::Lexer<'_, TokenKind>) {
    let rest = lexer.remainder();
    lexer.bump(rest.find("*/").map_or(rest.len(), |at| at + 2));
}

/// Takes an open text to the end of its line.
fn to_line_end(lexer: &mut logos::Lexer<'_, TokenKind>) {
    let rest = lexer.remainder();
    lexer.bump(rest.find('\n').unwrap_or(rest.len()));
}

/// A token: its kind and its bytes in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Token {
    /// The token's text.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// True for blanks and comments.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        self.is_comment() || self.kind == TokenKind::Blank
    }

    /// True for comments.
    #[must_use]
    pub fn is_comment(self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment | TokenKind::OpenComment)
    }

    /// True for what no valid text holds.
    #[must_use]
    pub fn is_error(self) -> bool {
        matches!(self.kind, TokenKind::Unknown | TokenKind::OpenText | TokenKind::OpenComment)
    }
}

/// Splits a text into tokens. Never fails: what is no token is [`TokenKind::Unknown`], one token a character.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for (kind, range) in TokenKind::lexer(text).spanned() {
        match kind {
            Ok(TokenKind::BlockComment) if range.len() < 4 || !text[range.clone()].ends_with("*/") => {
                out.push(Token { kind: TokenKind::OpenComment, start: range.start, end: range.end });
            }
            Ok(kind) => out.push(Token { kind, start: range.start, end: range.end }),
            // A failed match may swallow several characters (the head of `§`-less forms): give each its own token.
            Err(()) => {
                let slice = &text[range.clone()];
                out.extend(slice.char_indices().map(|(at, c)| {
                    let start = range.start + at;
                    Token { kind: TokenKind::Unknown, start, end: start + c.len_utf8() }
                }));
            }
        }
    }
    out
}
