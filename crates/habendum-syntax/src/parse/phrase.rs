//! Phrases of contracts that the grammar takes for something else, and what to write instead.
//!
//! Data flow: the tokens about a fault -> one diagnostic at the phrase, where one is known; else one at the word with which a complete
//! sentence was left. Invariant: only texts that could not be read come here; nothing here decides whether a text is read.

use crate::diagnostic::Diagnostic;
use crate::item::span;
use crate::span::FileId;
use crate::token::{Token, TokenKind};
use std::collections::BTreeSet;

/// How far before a fault its phrase may begin, in tokens.
const REACH: usize = 8;

/// What may follow a complete sentence.
pub(super) const AFTER_SENTENCE: &str = "after a complete sentence may follow: a modifier (`where`, `unless`, `through`, `on each`, `due`, ...), a new sentence, or `}`";

/// What a grant still lacks after its territory.
pub(super) const AFTER_TERRITORY: &str = "a license says in which field of use it holds, before anything else: `, any field`, or `for` and the fields";

/// What a sentence that begins with a name goes on with.
const HEADS: &str = "a sentence goes on with `may EVENT`, `must EVENT`, `must not EVENT`, `pays PAYEE AMOUNT` or `grants LICENSEE a ... license`";

const UNITS: [&str; 10] =
    ["hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years"];

/// The tokens about a fault.
pub(super) struct Around<'a> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// The tokens of the item.
    pub tokens: &'a [Token],
    /// The one that could not be read.
    pub index: usize,
}

impl<'a> Around<'a> {
    fn word(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| t.text(self.text))
    }

    fn kind(&self, i: usize) -> Option<TokenKind> {
        self.tokens.get(i).map(|t| t.kind)
    }

    /// The text from one token through another.
    fn between(&self, first: usize, last: usize) -> &'a str {
        match (self.tokens.get(first), self.tokens.get(last)) {
            (Some(a), Some(b)) => self.text.get(a.start..b.end).unwrap_or(""),
            (Some(_) | None, _) => "",
        }
    }

    fn fault(&self, first: usize, last: usize, message: String, label: &str) -> Diagnostic {
        let start = self.tokens.get(first).map_or(0, |t| t.start);
        let end = self.tokens.get(last).map_or(start, |t| t.end);
        Diagnostic::error("S008", message, span(self.file, start, end), label)
    }

    /// True where a token stands first on its line.
    fn starts_line(&self, i: usize) -> bool {
        let Some(token) = self.tokens.get(i) else { return false };
        match i.checked_sub(1).and_then(|p| self.tokens.get(p)) {
            Some(p) => self.text.get(p.end..token.start).is_some_and(|t| t.contains('\n')),
            None => true,
        }
    }
}

/// A known phrase about the fault.
pub(super) fn known(a: &Around<'_>) -> Option<Diagnostic> {
    let phrases: [Phrase; 8] =
        [must_pay, percent_value, function, between, notice, after_each, business_day, to_the_end];
    let first = a.index.saturating_sub(REACH);
    phrases.into_iter().find_map(|p| (first..=a.index).find_map(|i| p(a, i)))
}

type Phrase = fn(&Around<'_>, usize) -> Option<Diagnostic>;

/// `A must pay B 10 EUR`: a payment is no duty to do an event.
fn must_pay(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let modal = matches!(a.word(i), "must" | "shall" | "will");
    let duty = matches!(a.word(i + 2), "within" | "by" | "each" | "no" | "where" | "totalling" | "otherwise");
    if !modal || a.word(i + 1) != "pay" || duty || i == 0 {
        return None;
    }
    let (mut payee, mut at) = ("PAYEE", i + 2);
    if a.kind(at) == Some(TokenKind::Word) {
        payee = a.word(at);
        at += 1;
    }
    let coins = a.kind(at) == Some(TokenKind::Number) && a.kind(at + 1) == Some(TokenKind::Word);
    let amount = if coins { a.between(at, at + 1) } else { "AMOUNT" };
    if payee == "PAYEE" && coins && a.word(at + 2) == "to" && a.kind(at + 3) == Some(TokenKind::Word) {
        payee = a.word(at + 3);
    }
    let phrase = a.between(i, i + 1);
    let payer = a.word(i - 1);
    Some(
        a.fault(i, i + 1, format!("a payment is not written `{phrase}`"), "read as a duty to do the event `pay`")
            .help(format!(
                "write `{payer} pays {payee} {amount}`, then when it accrues: `on each EVENT`, `on DATE` or `each PERIOD`"
            ))
            .help("by when it must be paid is said by `due within 30 days`"),
    )
}

/// `5% value`
fn percent_value(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let percent = a.kind(i) == Some(TokenKind::Number) && a.word(i + 1) == "%";
    let base = i + 2;
    if !percent
        || base > a.index
        || base + 1 < a.index
        || a.starts_line(base)
        || a.kind(base) != Some(TokenKind::Word)
        || modifier_word(a.word(base))
    {
        return None;
    }
    let (rate, base_word) = (a.between(i, i + 1), a.word(base));
    (base_word != "of").then(|| {
        a.fault(base, base, format!("`{base_word}` does not belong here"), "a percentage of this?")
            .help(format!("write `{rate} of {base_word}`"))
    })
}

/// `round(5% of value)`: there are no functions.
fn function(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let name = a.word(i).to_lowercase();
    let called = a.word(i + 1) == "(" && a.tokens.get(i)?.end == a.tokens.get(i + 1)?.start;
    if !called || a.index <= i {
        return None;
    }
    let write = match name.as_str() {
        "round" | "ceil" | "ceiling" | "floor" | "trunc" | "roundup" | "rounddown" => {
            "write the amount alone, and after the sentence `rounded half-even per event` (or `half-up`, `half-down`, `up`, `down`)"
        }
        "min" => "write `the lesser of (A, B)`",
        "max" => "write `the greater of (A, B)`",
        "sum" => "declare `total NAME = EXPRESSION on EVENT` and write `NAME this month` or `NAME in total`",
        "count" => "write `count of EVENT in total`, or `this month`",
        "abs" => "write `the greater of (X, -X)`",
        _ => return None,
    };
    Some(
        a.fault(
            i,
            i,
            format!("`{}(...)` is no form of this language: it has no functions", a.word(i)),
            "here",
        )
        .help(write),
    )
}

/// `between 2026-01-01 and 2026-06-01`
fn between(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    if a.word(i) != "between" {
        return None;
    }
    let dates = a.kind(i + 1) == Some(TokenKind::Date)
        && a.word(i + 2) == "and"
        && a.kind(i + 3) == Some(TokenKind::Date);
    let last = if dates { i + 3 } else { i };
    let write = if dates {
        format!(
            "write `from {0} through {1}` (both days are included), or `from {0} before {1}`",
            a.word(i + 1),
            a.word(i + 3)
        )
    } else {
        "write `from DATE through DATE` of days, `X is from A up to B` of figures".to_owned()
    };
    Some(
        a.fault(
            i,
            last,
            "`between` does not say whether its bounds are included".to_owned(),
            "included or not?",
        )
        .help(write),
    )
}

/// `on 30 days notice`, `upon 30 days prior written notice`
fn notice(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let number = matches!(a.kind(i), Some(TokenKind::Number));
    if !number || !UNITS.contains(&a.word(i + 1)) {
        return None;
    }
    let mut last = i + 2;
    while matches!(a.word(last), "prior" | "written" | "advance" | "previous") {
        last += 1;
    }
    let first = if i > 0 && matches!(a.word(i - 1), "on" | "upon" | "with" | "by" | "after" | "giving") {
        i - 1
    } else {
        i
    };
    (a.word(last) == "notice" && last + 2 > a.index).then(|| {
        a.fault(first, last, "a notice is not written like this".to_owned(), "a power by notice?").help(
            format!("write `by notice of {}`, and what gives it: `exercised by EVENT`", a.between(i, i + 1)),
        )
    })
}

/// `within 15 days of every quarter`
fn after_each(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let joined = matches!((a.word(i + 3), a.word(i + 4)), ("after" | "of", "every") | ("of", "each"));
    (a.word(i) == "within" && joined).then(|| {
        let (length, period) = (a.between(i + 1, i + 2), a.word(i + 5));
        a.fault(
            i,
            i + 5,
            "a length after each period is not written like this".to_owned(),
            "not expected here",
        )
        .help(format!("write `within {length} after each {period}`"))
    })
}

/// `next business day`
fn business_day(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let found =
        matches!(a.word(i), "next" | "following" | "preceding" | "previous") && a.word(i + 1) == "business";
    found.then(|| {
        a.fault(i, i + 2, "a deadline is not moved to an open day".to_owned(), "no such convention here")
            .help("count in open days where that is meant: `within 10 business days`, with a `calendar`")
    })
}

/// `3 months to the end of a quarter`
fn to_the_end(a: &Around<'_>, i: usize) -> Option<Diagnostic> {
    let found = a.word(i) == "to" && a.word(i + 1) == "the" && a.word(i + 2) == "end";
    found.then(|| {
        let last = (i + 5).min(a.tokens.len().saturating_sub(1));
        a.fault(i, last, "a length is not carried on to the end of a period".to_owned(), "no such form")
            .help("a notice runs for its length from the day on which it is given")
    })
}

/// Words after a figure that begin something else.
fn modifier_word(word: &str) -> bool {
    matches!(
        word,
        "on" | "each"
            | "per"
            | "cap"
            | "floor"
            | "where"
            | "unless"
            | "only"
            | "while"
            | "due"
            | "late"
            | "from"
            | "through"
            | "before"
            | "until"
            | "for"
            | "rounded"
            | "crediting"
            | "in"
            | "prorated"
            | "up"
            | "and"
            | "or"
            | "more"
            | "less"
            | "then"
            | "else"
            | "is"
            | "source"
            | "text"
            | "renews"
            | "rounding"
    )
}

/// A word after a complete sentence that was taken for the beginning of another; `expected` is what the parser wanted after it.
pub(super) fn stray(a: &Around<'_>, expected: &BTreeSet<String>, advice: &[String]) -> Option<Diagnostic> {
    if !["must", "shall"].iter().all(|w| expected.contains(*w)) {
        return None;
    }
    let mut first = a.index.checked_sub(1)?;
    while first > 1 && a.word(first - 1) == "," {
        first -= 2;
    }
    let word = a.word(first);
    let before = a.word(first.checked_sub(1)?);
    if a.kind(first) != Some(TokenKind::Word) {
        return None;
    }
    let meant = a.tokens.get(first).and_then(|t| super::fault::misspelt(a.text, *t));
    if before == "{" || a.starts_line(first) && meant.is_none() && advice.is_empty() {
        let found = a.word(a.index);
        let message = format!("`{found}` does not go on a sentence that begins with `{word}`");
        let near = crate::words::nearest(found, ["may", "must", "pays", "grants"].into_iter());
        let fault = a.fault(a.index, a.index, message, "not expected here");
        let fault = advice.iter().fold(fault, |d, h| d.help(h.as_str()));
        return Some(near.into_iter().fold(fault, |d, n| d.help(format!("did you mean `{n}`?"))).help(HEADS));
    }
    let message = format!("the sentence is complete before `{word}`, which does not belong here");
    let mut fault = a.fault(first, first, message, "not expected here");
    if let Some(near) = meant {
        fault = fault.help(format!("did you mean `{near}`?"));
    }
    fault = advice.iter().fold(fault, |d, h| d.help(h.as_str())).help(AFTER_SENTENCE);
    if meant.is_none() && advice.is_empty() {
        fault = fault.help(format!("where a new sentence begins with `{word}`: {HEADS}"));
    }
    Some(fault)
}

/// True where what could stand at the fault is what may follow a complete sentence.
pub(super) fn after_sentence(expected: &BTreeSet<String>) -> bool {
    let modifier = expected.iter().any(|w| w.starts_with("a modifier"));
    modifier && ["recital", "undertaking", "reading"].iter().all(|w| expected.contains(*w))
}

/// True where what could stand at the fault is what follows the territory of a grant.
pub(super) fn after_territory(expected: &BTreeSet<String>) -> bool {
    expected.iter().map(String::as_str).all(|w| matches!(w, "," | "`,`" | "any" | "for"))
        && expected.contains("any")
}
