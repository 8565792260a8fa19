//! Words that a lawyer would trip over. Each trap has its own code, says why the text has two readings, and offers
//! both. Invariant: a trap is an error; the node built in its place only lets the rest of the item be read.

use crate::ast::{CompareOp, Period};
use crate::diagnostic::Diagnostic;
use crate::span::{Sp, Span};

/// `until 2030`
pub(super) fn until_date(span: Span, date: &str) -> Diagnostic {
    Diagnostic::error("S010", format!("`until {date}` does not say whether {date} is included"), span, "included or not?")
        .note("courts have read `until` with a date both ways; here `until` takes an event, which ends the clause")
        .help(format!("write `through {date}` where the clause still holds on {date} (a year or month: through its last day)"))
        .help(format!("write `before {date}` where it no longer holds on {date}"))
}

/// `from 2026-01-01 to 2027-01-01`
pub(super) fn to_date(span: Span, date: &str) -> Diagnostic {
    Diagnostic::error(
        "S010",
        format!("`to {date}` does not say whether {date} is included"),
        span,
        "included or not?",
    )
    .help(format!("write `through {date}` where {date} is included"))
    .help(format!("write `before {date}` where it is not"))
}

/// `sole and exclusive`
pub(super) fn sole_and_exclusive(span: Span) -> Diagnostic {
    Diagnostic::error("S011", "`sole and exclusive` says two different things", span, "one or the other")
        .note("a sole license leaves the grantor free to use what it licenses; an exclusive one shuts the grantor out too")
        .help("write `exclusive` where the grantor may not use it either (`exclusive except grantor` spells out the rest)")
        .help("write `sole` where only other licensees are shut out")
}

/// A cap, floor, tier or other sum without its period.
pub(super) fn no_period(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("S012", format!("the {what} does not say per what"), span, "per event, per year, or in all?")
        .note("the same figure per event and per year are very different promises")
        .help("write `per event`, `per month`, `per quarter`, `per year`, `per contract year` or `per rolling 12 months` after it")
        .help("write `in total counting from DATE` where it bounds everything paid from that date on")
}

/// `cap X in total`
pub(super) fn no_counting(span: Span) -> Diagnostic {
    Diagnostic::error(
        "S013",
        "the cap in total does not say from when it counts",
        span,
        "does it count what came before this text?",
    )
    .note("a cap set by an amendment may or may not count what was paid before it")
    .help("write `counting from effective` where it counts from the effective date of the text it stands in")
    .help("write `counting from DATE` where it counts from another day")
}

/// `P must E` with nothing that says by when.
pub(super) fn no_deadline(span: Span) -> Diagnostic {
    Diagnostic::error("S014", "the duty has no deadline", span, "by when?")
        .note("a duty that is never late is never broken")
        .help("write `within 30 days of EVENT`, `by DATE`, `each PERIOD`, or `within 15 days after each PERIOD` after it")
        .help("write `no deadline` where it truly has none")
}

/// `within 30 days` with nothing that starts the days.
pub(super) fn within_of_what(span: Span) -> Diagnostic {
    Diagnostic::error(
        "S023",
        "the deadline does not say what it runs from",
        span,
        "from when do these days run?",
    )
    .help("write `within 30 days of EVENT` where they run from each such event")
    .help("write `within 15 days after each quarter` where they run from the end of each period")
    .help("write `by DATE` where the last day is fixed")
}

/// `a and b or c`
pub(super) fn and_beside_or(span: Span, parts: &[Vec<String>]) -> Diagnostic {
    let ands = parts.iter().map(|p| bracket(p, "and")).collect::<Vec<_>>().join(" or ");
    // The other reading: what `or` joins binds closer.
    let mut groups: Vec<Vec<String>> = vec![Vec::new()];
    for conjunct in parts {
        for (i, operand) in conjunct.iter().enumerate() {
            if i > 0 {
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(operand.clone());
            }
        }
    }
    let ors = groups.iter().map(|g| bracket(g, "or")).collect::<Vec<_>>().join(" and ");
    Diagnostic::error("S015", "`and` stands beside `or` without brackets", span, "which belongs together?")
        .note("the two groupings mean different things, and nothing in English settles which is meant")
        .help(format!("write `{}`", one_line(&ands)))
        .help(format!("or write `{}`", one_line(&ors)))
}

fn bracket(parts: &[String], word: &str) -> String {
    let joined = parts.join(&format!(" {word} "));
    if parts.len() > 1 { format!("({joined})") } else { joined }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `and/or`
pub(super) fn and_or(span: Span) -> Diagnostic {
    Diagnostic::error("S015", "`and/or` leaves open which is meant", span, "both, or at least one?")
        .help("write `and` where both must hold")
        .help("write `or` where one is enough (`or` never excludes both)")
}

/// `>=` and kin: the operator that was meant, and the message.
pub(super) fn symbol(symbol: &str, span: Span) -> (CompareOp, Diagnostic) {
    let (op, words) = match symbol {
        ">=" | "=>" | "≥" => (CompareOp::AtLeast, "is at least"),
        "<=" | "=<" | "≤" => (CompareOp::UpTo, "is up to"),
        ">" => (CompareOp::MoreThan, "is more than"),
        "<" => (CompareOp::LessThan, "is less than"),
        "!=" | "<>" | "≠" => (CompareOp::IsNot, "is not"),
        _ => (CompareOp::Is, "is"),
    };
    let report =
        Diagnostic::error("S016", format!("`{symbol}` is written in words here"), span, format!("`{words}`"))
            .note("whether a bound itself is included is what such disputes are about, so it is said aloud")
            .help(format!("write `{words}`"));
    (op, report)
}

/// A band that neither starts nor ends.
pub(super) fn no_bounds(span: Span) -> Diagnostic {
    Diagnostic::error("S017", "the band has no bounds", span, "from where to where?")
        .help("write `up to LIMIT: RATE`, `more than LIMIT: RATE`, or both bounds before the colon")
        .help("where one rate holds for every amount, write it without tiers: `pays Q RATE of BASE`")
}

/// `in advance` and the like said twice.
pub(super) fn said_twice(what: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error("S018", format!("{what} is said twice"), second, "said again here")
        .label(first, "first said here")
        .help("keep the one that holds")
}

/// `P shall E`
pub(super) fn shall(span: Span, not: bool) -> Diagnostic {
    let (found, write) = if not { ("shall not", "must not") } else { ("shall", "must") };
    Diagnostic::error(
        "S022",
        format!("`{found}` has no meaning here"),
        span,
        "a duty, or a statement about the future?",
    )
    .note("`shall` has been read as a duty, as a condition and as mere future tense")
    .help(format!("write `{write}` where it is a duty{}", if not { " not to do it" } else { "" }))
    .help("write `may` where it is a right")
}

/// `P may not E`
pub(super) fn may_not(span: Span) -> Diagnostic {
    Diagnostic::error("S022", "`may not` has two readings", span, "forbidden, or free to leave it?")
        .help("write `must not` where it is forbidden")
        .help("leave the sentence out where there is merely no duty to do it")
}

/// True where a cap must say from when it counts.
pub(super) fn counts_for_ever(per: &Sp<Period>) -> bool {
    per.node == Period::InTotal
}
