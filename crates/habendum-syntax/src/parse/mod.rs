//! Text to tree. Data flow: text -> tokens -> items (`item`) -> pest, one item at a time -> the builders in this folder.
//! Invariant: never panics; every fault of a file is reported at its own place, and an item is either in the tree or
//! has an error. Builders return `None` only where they have reported why, or where the grammar and they disagree
//! (reported as S099).

mod amend;
mod build;
mod clause;
mod expr;
mod fault;
mod foreign;
mod grammar;
mod header;
mod item;
mod literal;
mod modifier;
mod phrase;
mod scenario;
mod statement;
mod trap;

use crate::ast::{Expr, File};
use crate::diagnostic::{Checked, Diagnostic};
use crate::item::{Range, split};
use crate::span::{FileId, Sp};
use crate::token::{Token, tokens};
use build::Build;
use grammar::{Grammar, Rule};
use pest::Parser as _;

/// A bound on the work of one item's parse: far above any honest text, far below a hang.
const CALL_LIMIT: usize = 400_000_000;

/// Parses a file. Reports every syntax error of every item; the tree holds the items that could be made.
#[must_use]
pub fn parse_file(file: FileId, text: &str) -> Checked<File> {
    limit_work();
    let all = tokens(text);
    let comments = all
        .iter()
        .filter(|t| t.is_comment())
        .map(|t| Sp::new(t.text(text).trim_end().to_owned(), crate::item::span(file, t.start, t.end)))
        .collect();
    let split = split(file, text, &all);
    let mut value = File { items: Vec::new(), comments };
    let mut diagnostics = split.diagnostics;
    for range in split.items.iter().filter(|r| r.sound) {
        let Some(tokens) = split.significant.get(range.first..range.last) else { continue };
        let (item, found) = parse_item(file, text, tokens);
        value.items.extend(item);
        // A declaration that begins inside another: read on from it, so that its own faults are told too.
        if let Some(from) = found.iter().filter(|d| d.code == "S004").map(|d| d.span().start as usize).min() {
            let rest: Vec<Token> = tokens.iter().copied().filter(|t| t.start >= from).collect();
            if rest.len() < tokens.len() {
                read_rest(file, text, &rest, &mut value, &mut diagnostics);
            }
        }
        diagnostics.extend(found);
    }
    report_unsound(&split.items, &mut diagnostics, file, text, &split.significant);
    diagnostics.sort_by_key(|d| (d.span().start, d.span().end));
    Checked { value, diagnostics }
}

/// Parses one expression (a value given on the command line, say). The spans count from the start of `text`.
#[must_use]
pub fn parse_expr(file: FileId, text: &str) -> Checked<Option<Sp<Expr>>> {
    limit_work();
    let all = tokens(text);
    let significant: Vec<Token> = all.iter().copied().filter(|t| !t.is_trivia()).collect();
    if let Some(deep) = crate::nest::check(file, text, &significant) {
        return Checked { value: None, diagnostics: vec![deep] };
    }
    let build = Build::new(file, 0, &significant);
    let value = match parse(Rule::only_expr, text) {
        Ok(mut pairs) => pairs.next().and_then(|p| build.expr(p)),
        Err(error) => {
            build.report(fault::explain(file, text, 0, &significant, error.as_ref()));
            None
        }
    };
    Checked { value, diagnostics: build.finish() }
}

/// Splits and parses what follows a missing brace. Braces were balanced before the cut, so one stray `}` is its echo.
fn read_rest(
    file: FileId,
    text: &str,
    tokens: &[Token],
    value: &mut File,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut again = split(file, text, tokens);
    if let Some(echo) = again.diagnostics.iter().position(|d| d.code == "S005") {
        again.diagnostics.remove(echo);
    }
    diagnostics.append(&mut again.diagnostics);
    for range in again.items.iter().filter(|r| r.sound) {
        let Some(tokens) = again.significant.get(range.first..range.last) else { continue };
        let (item, found) = parse_item(file, text, tokens);
        value.items.extend(item);
        diagnostics.extend(found);
    }
}

/// Parses the tokens of one item.
fn parse_item(file: FileId, text: &str, tokens: &[Token]) -> (Option<Sp<crate::ast::Item>>, Vec<Diagnostic>) {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return (None, Vec::new()) };
    let body = text.get(first.start..last.end).unwrap_or("");
    let build = Build::new(file, first.start, tokens);
    match parse(Rule::item, body) {
        Ok(mut pairs) => {
            let item = pairs.next().and_then(|p| build.item(p));
            let mut found = build.finish();
            if item.is_none() && found.is_empty() {
                let place = crate::item::span(file, first.start, first.end);
                found.push(Diagnostic::error("S099", "this declaration cannot be read", place, "here").note(
                    "the grammar accepts it and the tree has no place for it: a fault of this program, not of the text",
                ));
            }
            (item, found)
        }
        Err(error) => (None, vec![fault::explain(file, text, first.start, tokens, error.as_ref())]),
    }
}

/// Items whose braces are at fault are parsed no further, but a fault inside them that a reader would meet before the
/// missing brace is worth a line too: nothing is said where the parser merely ran into the end.
fn report_unsound(
    items: &[Range],
    diagnostics: &mut Vec<Diagnostic>,
    file: FileId,
    text: &str,
    significant: &[Token],
) {
    for range in items.iter().filter(|r| !r.sound) {
        let Some(tokens) = significant.get(range.first..range.last) else { continue };
        if tokens.iter().any(|t| t.is_error()) || crate::nest::check(file, text, tokens).is_some() {
            continue;
        }
        let end = tokens.last().map_or(0, |t| t.end);
        let (_, found) = parse_item(file, text, tokens);
        diagnostics.extend(found.into_iter().filter(|d| (d.span().start as usize) < end && d.code != "S021"));
    }
}

/// Parses, and once more with pest's record of what it tried where that fails: the record is slow, and most texts are
/// right. The switch is the program's own and is never turned off, so that threads cannot take it from each other.
fn parse(rule: Rule, text: &str) -> Result<pest::iterators::Pairs<'_, Rule>, Box<pest::error::Error<Rule>>> {
    if let Ok(pairs) = Grammar::parse(rule, text) {
        return Ok(pairs);
    }
    pest::set_error_detail(true);
    Grammar::parse(rule, text).map_err(Box::new)
}

fn limit_work() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        pest::set_call_limit(std::num::NonZeroUsize::new(CALL_LIMIT));
    });
}
