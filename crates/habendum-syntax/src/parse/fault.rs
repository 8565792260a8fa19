//! What pest could not read, in contract words. Data flow: pest's error -> the token at the farthest place that any rule
//! reached -> one diagnostic with what could stand there. Invariant: the place is a token of the item, or its end.

use super::{Rule, foreign, phrase, trap};
use crate::diagnostic::Diagnostic;
use crate::item::{ITEM_WORDS, span};
use crate::span::FileId;
use crate::token::{Token, TokenKind};
use pest::error::{Error, InputLocation};
use std::collections::BTreeSet;

/// What pest tries nearly everywhere and nobody wants to be told: comments, arithmetic, and the symbols of traps.
const NOISE: [&str; 24] = [
    "//", "/*", "*/", "_", "\\", "+", "-", "*", "/", ".", "%", "[", ">=", "<=", "==", "!=", "<>", "=<", "=>",
    ">", "<", "≥", "≤", "≠",
];

/// How many expectations a message lists before it says "or another".
const LISTED: usize = 12;

/// Turns pest's error into a diagnostic. `base` is where the parsed text begins in the file.
pub(super) fn explain(
    file: FileId,
    text: &str,
    base: usize,
    tokens: &[Token],
    error: &Error<Rule>,
) -> Diagnostic {
    let at = match (error.parse_attempts(), &error.location) {
        (Some(attempts), _) => attempts.max_position,
        (None, InputLocation::Pos(at) | InputLocation::Span((at, _))) => *at,
    } + base;
    let index = reserved_before(text, tokens, error, base)
        .unwrap_or_else(|| tokens.iter().position(|t| t.end > at).unwrap_or(tokens.len()));
    let expected = expectations(error);
    let Some(token) = tokens.get(index) else { return unfinished(file, tokens, &expected) };
    at_token(file, text, *token, tokens, index, &expected)
}

/// A word of the language where a name was tried: pest's attempt reaches past the word, its rule stays before it.
fn reserved_before(text: &str, tokens: &[Token], error: &Error<Rule>, base: usize) -> Option<usize> {
    let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
    let index = tokens.iter().position(|t| t.start == at + base)?;
    let reaches = error.parse_attempts()?.max_position + base;
    let token = tokens.get(index)?;
    (RESERVED.contains(&token.text(text)) && reaches == token.end).then_some(index)
}

fn at_token(
    file: FileId,
    text: &str,
    token: Token,
    tokens: &[Token],
    index: usize,
    expected: &BTreeSet<String>,
) -> Diagnostic {
    let place = span(file, token.start, token.end);
    let found = token.text(text);
    if token.kind == TokenKind::Comparison {
        return trap::symbol(found, place).1;
    }
    if let Some(inside) = declaration_inside(text, tokens, index, file) {
        return inside;
    }
    let previous = index.checked_sub(1).and_then(|i| tokens.get(i));
    if let Some(item) = misspelt_item(text, token, previous, place) {
        return item;
    }
    let around = phrase::Around { file, text, tokens, index };
    if let Some(known) = phrase::known(&around) {
        return known;
    }
    let previous_text = previous.map(|t| t.text(text));
    let advice: Vec<String> =
        hints(token, found, previous_text).into_iter().chain(foreign::advice(text, tokens, index)).collect();
    if let Some(stray) = phrase::stray(&around, expected, &advice) {
        return stray;
    }
    let shown = if token.kind == TokenKind::Text { "this text".to_owned() } else { format!("`{found}`") };
    let mut diagnostic =
        Diagnostic::error("S008", format!("{shown} does not belong here"), place, "not expected here");
    if token.kind == TokenKind::Word
        && let Some(near) = crate::words::nearest(found, expected.iter().map(String::as_str))
            .or_else(|| crate::words::nearest(found, SENTENCE_WORDS.iter().copied()))
    {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    // A slip of a word was read as a name: the fault shows after it.
    if let Some((before, near)) = previous.and_then(|p| Some((p, misspelt(text, *p)?))) {
        diagnostic =
            diagnostic.help(format!("did you mean `{near}` instead of `{}` before it?", before.text(text)));
    }
    for hint in advice {
        diagnostic = diagnostic.help(hint);
    }
    if phrase::after_sentence(expected) {
        return diagnostic.help(phrase::AFTER_SENTENCE);
    }
    if phrase::after_territory(expected) {
        return diagnostic.help(phrase::AFTER_TERRITORY);
    }
    match list(expected) {
        Some(list) => diagnostic.help(list),
        None => diagnostic,
    }
}

/// A declaration that begins inside another: an item word at the start of a line, met by the parser as itself or as a
/// name before the token that it could not read.
fn declaration_inside(text: &str, tokens: &[Token], index: usize, file: FileId) -> Option<Diagnostic> {
    [Some(index), index.checked_sub(1)].into_iter().flatten().find_map(|i| {
        let (token, previous) = (tokens.get(i)?, tokens.get(i.checked_sub(1)?)?);
        let starts_line = text.get(..token.start)?.ends_with('\n');
        (starts_line && ITEM_WORDS.contains(&token.text(text))).then(|| {
            let place = span(file, token.start, token.end);
            Diagnostic::error("S004", "a declaration begins inside another", place, "begins here")
                .label(span(file, previous.start, previous.end), "the one before is still open after this")
                .help("close the one before with `}`; a line inside a declaration is indented")
        })
    })
}

/// A line that begins with a word where only a new declaration could begin.
fn misspelt_item(
    text: &str,
    token: Token,
    previous: Option<&Token>,
    place: crate::span::Span,
) -> Option<Diagnostic> {
    let between = text.get(previous?.end..token.start)?;
    if token.kind != TokenKind::Word || !between.ends_with('\n') {
        return None;
    }
    let word = token.text(text);
    let mut diagnostic = Diagnostic::error(
        "S007",
        format!("`{word}` opens no declaration"),
        place,
        "a declaration should begin here",
    );
    if let Some(near) = crate::words::nearest(word, ITEM_WORDS.iter().copied()) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    Some(diagnostic.help(format!("a declaration begins with one of: {}", ITEM_WORDS.join(", "))))
}

/// The word that a name was meant for, where it is a slip of one that opens or joins the parts of a sentence.
pub(super) fn misspelt(text: &str, token: Token) -> Option<&'static str> {
    let word = token.text(text);
    if token.kind != TokenKind::Word || SENTENCE_WORDS.contains(&word) {
        return None;
    }
    crate::words::nearest(word, SENTENCE_WORDS.iter().copied())
}

/// Words that open or join the parts of a sentence or an operation.
const SENTENCE_WORDS: [&str; 62] = [
    "add",
    "affirm",
    "amount",
    "before",
    "cap",
    "clocks",
    "crediting",
    "deadline",
    "due",
    "each",
    "excuses",
    "exclusive",
    "exclusivity",
    "exercised",
    "expect",
    "extend",
    "extends",
    "floor",
    "from",
    "grants",
    "insert",
    "interest",
    "keep",
    "late",
    "license",
    "may",
    "must",
    "notwithstanding",
    "once",
    "only",
    "otherwise",
    "pays",
    "permitted",
    "prorated",
    "reading",
    "recital",
    "recites",
    "remove",
    "renews",
    "renumber",
    "replace",
    "restate",
    "resume",
    "rounded",
    "rounding",
    "source",
    "strike",
    "subject",
    "sublicense",
    "surviving",
    "suspend",
    "term",
    "terminate",
    "text",
    "through",
    "totalling",
    "undertaking",
    "unless",
    "until",
    "vary",
    "where",
    "within",
];

/// Advice on slips that a list of expectations would not explain.
fn hints(token: Token, found: &str, previous: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    if found == "-" && previous.is_some_and(|p| p.ends_with(|c: char| c.is_ascii_digit())) {
        out.push("a date is written with two digits for month and day: 2026-06-01".to_owned());
        out.push("a minus stands between spaces: 30 - 5".to_owned());
    }
    if found == "$" || found == "€" {
        out.push("money is written with its currency after it: 100 USD".to_owned());
    }
    if previous == Some(",") && token.kind != TokenKind::Word {
        out.push("a list has a comma between its members and none after the last".to_owned());
    }
    if matches!(token.kind, TokenKind::Word) && RESERVED.contains(&found) {
        out.push(format!("`{found}` is a word of the language and cannot be a name"));
    }
    if found == "%" {
        out.push("a percentage is a number and its sign without a blank: 20%".to_owned());
    }
    out
}

/// Words that are never names (rule `reserved`).
const RESERVED: [&str; 13] =
    ["and", "or", "not", "is", "are", "if", "then", "else", "true", "false", "where", "unless", "worldwide"];

/// The item ends before it is complete.
fn unfinished(file: FileId, tokens: &[Token], expected: &BTreeSet<String>) -> Diagnostic {
    let last = tokens.last().map_or((0, 0), |t| (t.start, t.end));
    let diagnostic = Diagnostic::error(
        "S021",
        "the declaration ends before it is complete",
        span(file, last.0, last.1),
        "something is missing after this",
    );
    match list(expected) {
        Some(list) => diagnostic.help(list),
        None => diagnostic,
    }
}

/// What could stand at the place, as words: blanks and comments are left out, single characters of names too.
fn expectations(error: &Error<Rule>) -> BTreeSet<String> {
    let Some(attempts) = error.parse_attempts() else { return BTreeSet::new() };
    let mut out: BTreeSet<String> = attempts
        .expected_tokens()
        .into_iter()
        .map(|t| t.to_string())
        .filter(|t| t != "BUILTIN_RULE" && !t.contains(".."))
        .filter(|t| !t.trim().is_empty() && !NOISE.contains(&t.as_str()))
        .collect();
    for stack in &attempts.call_stacks {
        let deepest = stack.deepest.get_rule();
        for rule in [deepest, stack.parent.as_ref()].into_iter().flatten() {
            if let Some(words) = rule_words(*rule) {
                out.insert(words.to_owned());
            }
        }
    }
    gather(&mut out);
    out
}

/// Rules that a reader knows by a common name.
fn rule_words(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::ident | Rule::idents | Rule::name => "a name",
        Rule::string | Rule::string_body => "a text in quotation marks",
        Rule::integer => "a whole number",
        Rule::decimal | Rule::digits | Rule::number_lit => "a number",
        Rule::date_lit => "a date (2026-06-01)",
        Rule::currency => "a currency (USD)",
        Rule::number_text => "a section number (2.1)",
        _ => return None,
    })
}

/// Words that begin an expression; that go on with one; that begin a modifier. A message names the kind instead.
const VALUE: [&str; 21] = [
    "\"",
    "(",
    "accrued",
    "breaches",
    "completed",
    "count",
    "day",
    "due",
    "false",
    "greater",
    "if",
    "lesser",
    "month",
    "not",
    "overdue",
    "paid",
    "started",
    "the",
    "true",
    "year",
    "a name",
];
const TEST: [&str; 14] =
    ["are", "at", "has", "in", "is", "last", "less", "more", "of", "since", "this", "up", "and", "or"];
const MODIFIER: [&str; 36] = [
    "before",
    "by",
    "cap",
    "clocks",
    "crediting",
    "due",
    "each",
    "exclusive",
    "exercised",
    "floor",
    "for",
    "from",
    "in",
    "late",
    "may",
    "no",
    "non-transferable",
    "notwithstanding",
    "on",
    "only",
    "otherwise",
    "per",
    "prorated",
    "renews",
    "rounded",
    "rounding",
    "subject",
    "surviving",
    "through",
    "to",
    "totalling",
    "unless",
    "until",
    "when",
    "where",
    "while",
];

/// Names a whole kind where the two telling words of it are among what could stand there.
fn gather(out: &mut BTreeSet<String>) {
    let kinds: [(&[&str], [&str; 2], &str); 3] = [
        (&MODIFIER, ["notwithstanding", "totalling"], "a modifier (`where`, `unless`, `through`, ...)"),
        (&VALUE, ["greater", "lesser"], "a value (a name, a figure, a text)"),
        (&TEST, ["is", "more"], "an operator or a comparison (`+`, `and`, `is`, `is at least`)"),
    ];
    for (words, signs, kind) in kinds {
        if signs.iter().all(|s| out.contains(*s)) {
            out.retain(|w| !words.contains(&w.as_str()));
            out.insert(kind.to_owned());
        }
    }
}

/// "expected ...", where there is anything to say and it is not too much.
fn list(expected: &BTreeSet<String>) -> Option<String> {
    let quote = |t: &String| if t.contains(' ') { t.clone() } else { format!("`{t}`") };
    let (kinds, words): (Vec<&String>, Vec<&String>) = expected.iter().partition(|t| t.contains(' '));
    let all: Vec<String> = kinds.into_iter().chain(words).map(quote).collect();
    match all.as_slice() {
        [] => None,
        [one] => Some(format!("expected {one}")),
        many if many.len() <= LISTED => {
            let (last, rest) = many.split_last()?;
            Some(format!("expected {} or {last}", rest.join(", ")))
        }
        many => Some(format!("expected one of {}, among others", many.get(..LISTED)?.join(", "))),
    }
}
