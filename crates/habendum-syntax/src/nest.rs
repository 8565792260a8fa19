//! A bound on nesting, kept before any recursive walk. Data flow: the tokens of one item -> [`check`].
//! Invariant: an item that passes parses, prints and drops within a small, fixed depth of the stack.

use crate::diagnostic::Diagnostic;
use crate::item::span;
use crate::span::FileId;
use crate::token::{Token, TokenKind};

/// Levels of brackets, braces, `if` and `otherwise`: each is a recursion of the parser.
pub const MAX_DEPTH: usize = 64;
/// Operators in one expression: each is a level of the tree, though none of the parser.
pub const MAX_OPERATORS: usize = 256;

/// What is open at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// Words of the current sentence that open a level without a bracket (`if`, `year of`).
    words: usize,
    /// `otherwise` so far; a sentence inside a sentence, so only the closing bracket ends it.
    otherwise: usize,
    /// Operators of the current sentence.
    operators: usize,
}

/// The first place of an item that is nested too deep.
#[must_use]
pub fn check(file: FileId, text: &str, tokens: &[Token]) -> Option<Diagnostic> {
    let mut frames = vec![Frame::default()];
    // Levels in all frames below the last.
    let (mut below, mut below_operators) = (0, 0);
    for (i, token) in tokens.iter().enumerate() {
        let last = frames.len() - 1;
        let frame = &mut frames[last];
        match token.kind {
            TokenKind::OpenBrace | TokenKind::OpenBracket => {
                below += 1 + frame.words + frame.otherwise;
                below_operators += frame.operators;
                frames.push(Frame::default());
            }
            TokenKind::CloseBrace | TokenKind::CloseBracket if last > 0 => {
                frames.pop();
                if let Some(frame) = frames.last_mut() {
                    below -= 1 + frame.words + frame.otherwise;
                    below_operators -= frame.operators;
                    // A block ends the sentence before it.
                    if token.kind == TokenKind::CloseBrace {
                        frame.words = 0;
                        frame.operators = 0;
                    }
                }
            }
            TokenKind::Operator => frame.operators += 1,
            TokenKind::Equals => *frame = Frame { otherwise: frame.otherwise, ..Frame::default() },
            TokenKind::Punctuation if token.text(text) == ":" => {
                *frame = Frame { otherwise: frame.otherwise, ..Frame::default() };
            }
            TokenKind::Word => word(frame, token.text(text), tokens.get(i + 1).map(|t| t.text(text))),
            _ => {}
        }
        let frame = frames.last().copied().unwrap_or_default();
        if below + frame.words + frame.otherwise > MAX_DEPTH {
            return Some(too_deep(file, *token));
        }
        if below_operators + frame.operators > MAX_OPERATORS {
            return Some(too_long(file, *token));
        }
    }
    None
}

fn word(frame: &mut Frame, word: &str, next: Option<&str>) {
    match word {
        "not" | "of" => frame.operators += 1,
        "if" | "started" | "completed" => frame.words += 1,
        "year" | "month" | "day" if next == Some("of") => frame.words += 1,
        "otherwise" => frame.otherwise += 1,
        // Each begins an expression of its own.
        "where" | "unless" | "while" | "when" | "cap" | "floor" | "due" | "pays" | "must" | "may"
        | "grants" | "expect" | "set" | "text" | "source" => {
            *frame = Frame { otherwise: frame.otherwise, ..Frame::default() }
        }
        _ => {}
    }
}

fn too_deep(file: FileId, token: Token) -> Diagnostic {
    Diagnostic::error(
        "S006",
        format!("nested more than {MAX_DEPTH} deep"),
        span(file, token.start, token.end),
        "too many brackets, braces or conditions are open here",
    )
    .note("no reader follows a text nested so deep")
    .help("give the inner parts names with `define`, or split the clause")
}

fn too_long(file: FileId, token: Token) -> Diagnostic {
    Diagnostic::error(
        "S006",
        format!("more than {MAX_OPERATORS} operators in one expression"),
        span(file, token.start, token.end),
        "the expression should have ended before this",
    )
    .help("give parts of it names with `define`")
}
