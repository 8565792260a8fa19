//! Words that contracts use and this language does not, with the word that it has instead.
//!
//! Data flow: the tokens about a fault -> advice. Invariant: advice only; nothing here decides whether a text is read.

use crate::token::{Token, TokenKind};

/// How far before a fault its cause is looked for, in tokens: a foreign word is first read as a name.
const REACH: usize = 4;

/// A word of contracts, and what to write.
const WORDS: [(&str, &str); 37] = [
    ("annually", "each year"),
    ("yearly", "each year"),
    ("quarterly", "each quarter"),
    ("monthly", "each month"),
    ("weekly", "each week"),
    ("daily", "each day"),
    ("except", "unless CONDITION"),
    ("excluding", "unless CONDITION"),
    ("save", "unless CONDITION"),
    ("provided", "only if CONDITION"),
    ("providing", "only if CONDITION"),
    ("if", "where CONDITION`, or `only if CONDITION` for what must come first, or `unless CONDITION"),
    ("when", "where CONDITION"),
    ("whenever", "on each EVENT"),
    ("upon", "on each EVENT"),
    ("prior", "before EVENT"),
    ("starting", "from DATE"),
    ("commencing", "from DATE"),
    ("beginning", "from DATE"),
    ("since", "from DATE"),
    ("ending", "through DATE"),
    ("expiring", "through DATE"),
    ("expires", "through DATE"),
    ("till", "through DATE` or `before DATE"),
    ("during", "while CONDITION`, or `from DATE through DATE"),
    ("maximum", "cap AMOUNT per PERIOD"),
    ("max", "cap AMOUNT per PERIOD"),
    ("limited", "cap AMOUNT per PERIOD"),
    ("capped", "cap AMOUNT per PERIOD"),
    ("minimum", "floor AMOUNT per PERIOD"),
    ("min", "floor AMOUNT per PERIOD"),
    ("payable", "due within LENGTH"),
    ("will", "must KIND"),
    ("can", "may KIND"),
    ("cannot", "must not KIND"),
    ("shall", "must KIND"),
    ("percent", "%` right after the number, as in `20%"),
];

/// Advice on a token that could not be read, and on those just before it.
pub(super) fn advice(text: &str, tokens: &[Token], index: usize) -> Vec<String> {
    let mut out = Vec::new();
    let from = index.saturating_sub(REACH);
    for token in tokens.get(from..=index.min(tokens.len().saturating_sub(1))).unwrap_or_default() {
        let word = token.text(text);
        if token.kind != TokenKind::Word {
            continue;
        }
        if let Some((_, write)) = WORDS.iter().find(|(w, _)| *w == word) {
            out.push(format!("`{word}` is not a word of this language here; write `{write}`"));
        }
        if let Some((left, right)) = word.split_once('-')
            && right.starts_with(|c: char| c.is_ascii_digit())
        {
            out.push(format!("`{word}` is one name; a minus stands between spaces: `{left} - {right}`"));
        }
    }
    if tokens.get(index).is_some_and(|t| t.text(text) == ",") {
        out.push(
            "the parts of a sentence follow one another without commas; a list of names has them".to_owned(),
        );
    }
    out
}
