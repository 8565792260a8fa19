//! Changes of words that change nothing: another title, another order, a condition said twice.

use crate::faults::Fault;
use crate::scan::{Edit, Region, Scan};
use habendum_syntax::token::TokenKind;

/// Every change of a region that means the same.
pub fn neutrals(scan: &Scan<'_>, at: usize) -> Vec<Fault> {
    let region = &scan.regions[at];
    let mut out: Vec<Fault> = Vec::new();
    for i in region.toks.clone() {
        texts(scan, i, &mut out);
        guards(scan, i, &mut out);
        respelled(scan, i, &mut out);
    }
    lines(scan, region, &mut out);
    if let Some(next) = scan.regions.get(at + 1).filter(|n| n.kind as u8 != 0 && region.kind as u8 != 0) {
        let (a, b) = (&scan.text[region.span.clone()], &scan.text[next.span.clone()]);
        let clause = |t: &str| t.starts_with("clause");
        if clause(a) && clause(b) {
            let edit =
                |r: &Region, with: &str| Edit { start: r.span.start, end: r.span.end, with: with.into() };
            out.push(("clauses reordered", vec![edit(region, b), edit(next, a)]));
        }
    }
    out
}

fn texts(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    if scan.token(i) != Some(TokenKind::Text) || i == 0 {
        return;
    }
    let operator = match scan.word(i - 1) {
        "text" => "text reworded",
        "own" | "other" | "reported" => "source reworded",
        _ => "title changed",
    };
    out.extend(scan.replace(i, 1, "\"In other words.\"").map(|e| (operator, vec![e])));
}

/// A guard, said twice, denied twice, or with something besides that always holds.
fn guards(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    let word = scan.word(i);
    let first = match word {
        "where" | "unless" => i + 1,
        _ => return,
    };
    // A label of an exception stands before its condition.
    let first = if scan.is(first + 1, &[":"]) { first + 2 } else { first };
    let Some((start, mut end)) = scan.rest(first) else { return };
    let mut j = first;
    while scan.toks.get(j).is_some_and(|t| t.start < end) {
        if ["only", "subject", "notwithstanding", "until", "excuses", "extends", "}", "of"]
            .contains(&scan.word(j))
            && j > first + 1
        {
            end = scan.toks[j - 1].end;
            break;
        }
        j += 1;
    }
    let guard = &scan.text[start..end];
    for (operator, with) in [
        ("condition said twice", format!("({guard}) and ({guard})")),
        ("condition denied twice", format!("not (not ({guard}))")),
        ("condition or itself", format!("({guard}) or ({guard})")),
        ("condition absorbed", format!("({guard}) or (({guard}) and not ({guard}))")),
    ] {
        out.push((operator, vec![Edit { start, end, with }]));
    }
    if !guard.contains(" or ")
        && let Some((a, b)) = guard.split_once(" and ")
    {
        out.push(("conjuncts reordered", vec![Edit { start, end, with: format!("{b} and {a}") }]));
    }
}

fn respelled(scan: &Scan<'_>, i: usize, out: &mut Vec<Fault>) {
    let word = scan.word(i);
    let upper = scan.word(i + 1).starts_with(char::is_uppercase);
    if scan.is(i, &["is"]) && upper {
        out.extend(scan.replace(i, 1, "is one of").map(|e| ("is spelled out", vec![e])));
    }
    if scan.token(i) == Some(TokenKind::Number) {
        if word.contains('_') {
            out.extend(scan.replace(i, 1, &word.replace('_', "")).map(|e| ("number respelled", vec![e])));
        } else if scan.is(i + 1, &["%"]) && !word.contains('.') {
            out.extend(scan.replace(i, 1, &format!("{word}.0")).map(|e| ("number respelled", vec![e])));
        }
    }
}

/// Lines of modifiers that do not hang on each other.
fn lines(scan: &Scan<'_>, region: &Region, out: &mut Vec<Fault>) {
    let free = ["rounded", "due", "cap", "through", "until", "late", "where", "unless", "crediting"];
    let begins: Vec<usize> =
        region.toks.clone().filter(|i| scan.begins_line(*i) && free.contains(&scan.word(*i))).collect();
    for pair in begins.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (Some(x), Some(y)) = (scan.rest(a), scan.rest(b)) else { continue };
        let between = &scan.text[x.1..y.0];
        if between.matches('\n').count() != 1 {
            continue;
        }
        let (first, second) = (&scan.text[x.0..x.1], &scan.text[y.0..y.1]);
        let edit = |at: (usize, usize), with: &str| Edit { start: at.0, end: at.1, with: with.to_owned() };
        out.push(("lines reordered", vec![edit(x, second), edit(y, first)]));
    }
}
