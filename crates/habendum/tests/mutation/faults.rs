//! Faults: each operator turns words of a clause into others that mean something else.

use crate::scan::{Edit, Region, Scan};
use habendum_syntax::token::TokenKind;
use std::collections::BTreeSet;

/// The names of a deal.
pub struct World {
    pub parties: Vec<String>,
    /// Each term that has one above it, with that one, and with another beside it.
    pub terms: Vec<(String, String, Option<String>)>,
}

/// An operator and what it replaces.
pub type Fault = (&'static str, Vec<Edit>);

/// Words for words.
const SWAPS: &[(&str, &[&str], &str)] = &[
    ("exclusivity flipped", &["an", "exclusive", "except", "grantor"], "an exclusive"),
    ("exclusivity flipped", &["an", "exclusive", "license"], "a non-exclusive license"),
    ("exclusivity flipped", &["an", "exclusive", "license"], "a sole license"),
    ("exclusivity flipped", &["a", "sole", "license"], "a non-exclusive license"),
    ("exclusivity flipped", &["a", "sole", "license"], "an exclusive license"),
    ("exclusivity flipped", &["a", "non-exclusive", "license"], "an exclusive license"),
    ("exclusivity flipped", &["exclusivity", "non-exclusive"], "exclusivity sole"),
    ("comparison flipped", &["at", "least"], "less than"),
    ("comparison flipped", &["more", "than"], "up to"),
    ("comparison flipped", &["less", "than"], "at least"),
    ("comparison flipped", &["is", "up", "to"], "is more than"),
    ("boundary nudged", &["at", "least"], "more than"),
    ("boundary nudged", &["less", "than"], "up to"),
    ("boundary nudged", &["is", "more", "than"], "is at least"),
    ("boundary nudged", &["is", "up", "to"], "is less than"),
    ("test inverted", &["is", "not"], "is"),
    ("connective swapped", &["and"], "or"),
    ("connective swapped", &["or"], "and"),
    ("modality flipped", &["must", "not"], "may"),
    ("modality flipped", &["may"], "must not"),
    ("rounding changed", &["half-even"], "up"),
    ("rounding changed", &["half-even"], "down"),
    ("period changed", &["per", "year"], "per quarter"),
    ("period changed", &["per", "month"], "per quarter"),
    ("period changed", &["per", "rolling"], "per year // "),
    ("period changed", &["each", "quarter"], "each month"),
    ("period changed", &["each", "month"], "each quarter"),
    ("period changed", &["each", "year"], "each quarter"),
    ("day count changed", &["actual/360"], "actual/365"),
    ("figure swapped", &["the", "greater", "of"], "the lesser of"),
    ("figure swapped", &["drawn"], "repaid"),
    ("figure swapped", &["gross", "-"], "gross +"),
    ("saving changed", &["surviving"], "// "),
    ("occasion changed", &["the", "first"], "each"),
];

/// Words whose rest of the line can be left out.
const DROPS: &[(&str, &str)] = &[
    ("exception removed", "unless"),
    ("condition removed", "only"),
    ("condition removed", "when"),
    ("guard dropped", "where"),
    ("cap dropped", "cap"),
    ("floor dropped", "floor"),
    ("end dropped", "until"),
    ("end dropped", "through"),
    ("end dropped", "for"),
    ("ranking dropped", "subject"),
    ("ranking dropped", "notwithstanding"),
    ("reparation dropped", "otherwise"),
    ("sublicense dropped", "may"),
    ("credit dropped", "crediting"),
    ("due date dropped", "due"),
    ("late interest dropped", "late"),
    ("renewal dropped", "renews"),
    ("condition removed", "exclusive"),
    ("clocks run", "clocks"),
    ("territory widened", "in"),
];

/// Every fault of a region.
pub fn faults(scan: &Scan<'_>, region: &Region, world: &World) -> Vec<Fault> {
    let mut out: Vec<Fault> = Vec::new();
    for i in region.toks.clone() {
        swaps(scan, i, &mut out);
        drops(scan, i, &mut out);
        figures(scan, i, &mut out);
        names(scan, i, world, &mut out);
    }
    bounds(scan, region, &mut out);
    out
}

fn one(out: &mut Vec<Fault>, operator: &'static str, edit: Option<Edit>) {
    if let Some(e) = edit {
        out.push((operator, vec![e]));
    }
}

fn swaps(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    for (operator, words, with) in SWAPS {
        if scan.is(i, words) {
            one(out, operator, scan.replace(i, words.len(), with));
        }
    }
    // `is X` of a term becomes `is not X`.
    let upper = scan.word(i + 1).starts_with(char::is_uppercase);
    if scan.is(i, &["is"]) && upper {
        one(out, "test inverted", scan.replace(i, 1, "is not"));
    }
}

fn drops(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    for (operator, word) in DROPS {
        let inline = matches!(*word, "where" | "subject" | "notwithstanding" | "until" | "through");
        let says_more = *word != "may" || scan.is(i + 1, &["sublicense"]);
        if scan.is(i, &[word]) && says_more && (inline || scan.begins_line(i)) {
            let edit = scan.rest(i).map(|(start, end)| Edit { start, end, with: String::new() });
            let edit = match (edit, *word) {
                // A territory left out needs `worldwide` in its place.
                (Some(e), "in") => {
                    let rest = &scan.text[e.start..e.end];
                    let field = rest.find(" for ").map_or(", any field", |n| &rest[n..]);
                    let field = field.trim_end_matches(", any field").to_owned();
                    let field = if field.is_empty() { ", any field".to_owned() } else { field };
                    Some(Edit { with: format!("worldwide{field}"), ..e })
                }
                (e, _) => e,
            };
            one(out, operator, edit);
        }
    }
}

fn bumped(digits: &str) -> Option<String> {
    let (whole, rest) = digits.split_once('.').map_or((digits, ""), |(w, r)| (w, r));
    let n: u64 = whole.replace('_', "").parse().ok()?;
    Some(if rest.is_empty() { (n + 1).to_string() } else { format!("{}.{rest}", n + 1) })
}

fn figures(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    let word = scan.word(i);
    match scan.token(i) {
        Some(TokenKind::Date) => {
            for days in [1, -1] {
                let day: Option<habendum::Date> = word.parse().ok();
                let then = day.and_then(|d| d.checked_add(jiff::Span::new().days(days)).ok());
                if let Some(d) = then {
                    one(out, "date moved a day", scan.replace(i, 1, &d.to_string()));
                }
            }
        }
        Some(TokenKind::Number) => {
            let Some(more) = bumped(word) else { return };
            let before = if i > 0 { scan.word(i - 1) } else { "" };
            let scale = ["million", "billion"].contains(&scan.word(i + 1));
            let after = scan.word(if scale { i + 2 } else { i + 1 });
            let operator = match (before, after) {
                (_, "%") => "rate changed",
                ("than" | "to", "USD" | "EUR") => return,
                ("cap", "USD" | "EUR") => "cap changed",
                ("floor", "USD" | "EUR") => "floor changed",
                (_, "USD" | "EUR") => "amount changed",
                (_, "MWh") => "amount changed",
                (_, "days" | "business" | "weeks" | "months" | "years" | "year") => "deadline moved",
                ("through", _) => "year moved",
                ("/", _) => "figure swapped",
                ("least" | "than", _) => "threshold moved",
                ("depth", _) => "depth changed",
                _ => return,
            };
            one(out, operator, scan.replace(i, 1, &more));
        }
        _ => {}
    }
}

/// A bound of a tier, which two bands share, or of a guard.
fn bounds(scan: &Scan<'_>, region: &Region, out: &mut Vec<Fault>) {
    let mut done = BTreeSet::new();
    for i in region.toks.clone() {
        let bound = i > 0
            && ["than", "to", "least"].contains(&scan.word(i - 1))
            && scan.token(i) == Some(TokenKind::Number)
            && ["USD", "EUR", "million"].contains(&scan.word(i + 1));
        let word = scan.word(i);
        if !bound || !done.insert(word) {
            continue;
        }
        let Some(more) = bumped(word) else { continue };
        let same = region.toks.clone().filter(|j| {
            *j > 0
                && scan.word(*j) == word
                && scan.word(*j + 1) == scan.word(i + 1)
                && ["than", "to", "least"].contains(&scan.word(*j - 1))
        });
        let edits: Vec<Edit> = same.filter_map(|j| scan.replace(j, 1, &more)).collect();
        out.push(("tier bound moved", edits));
    }
}

fn names(scan: &Scan<'_>, i: usize, world: &World, out: &mut Vec<Fault>) {
    let word = scan.word(i);
    if let Some(at) = world.parties.iter().position(|p| p == word)
        && let Some(other) = world.parties.get((at + 1) % world.parties.len())
    {
        if scan.is(i + 1, &["pays"]) && world.parties.iter().any(|p| p == scan.word(i + 2)) {
            let with = format!("{} pays {word}", scan.word(i + 2));
            one(out, "payer and payee swapped", scan.replace(i, 3, &with));
        } else {
            one(out, "party swapped", scan.replace(i, 1, other));
        }
    }
    for (_, above, beside) in world.terms.iter().filter(|(name, _, _)| name == word) {
        one(out, "scope widened", scan.replace(i, 1, above));
        if let Some(other) = beside {
            one(out, "term swapped", scan.replace(i, 1, other));
        }
    }
}
