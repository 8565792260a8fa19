//! Tree to canonical text. Data flow: a node -> lines in [`out::Out`] (comments of the file put back between them) ->
//! text. Invariant: parsing the text gives an equal tree, with no bracket that the grammar does not need.

mod amend;
mod clause;
mod expr;
mod item;
mod literal;
mod out;
mod scenario;
mod words;

use crate::ast::{
    Amount, Change, Clause, ClauseParts, File, Head, Item, Line, Modifier, Operation, Statement, Step,
};
use crate::diagnostic::Checked;
use crate::span::{FileId, Span};
use out::Out;

pub use expr::print_expr;
pub use literal::{
    escape, print_count, print_date, print_date_expr, print_due, print_duration, print_event_ref,
    print_exclusivity, print_names, print_per, print_period, print_source, print_type, print_who,
};
pub use scenario::{print_expectation, print_property};
pub use words::{
    aspect_word, compare_words, day_count_word, duration_unit_word, duty_event_word, modifier_kind_words,
    period_words, power_word, rounding_mode_word, sum_of_word, verdict_words,
};

/// A file, with its comments: each stands before the line that follows it.
#[must_use]
pub fn print_file(file: &File) -> String {
    file_text(file, None)
}

/// A source in canonical form. Comments stay where they stood: on a line of their own, or at the end of one. The value
/// is empty where the text has syntax errors.
#[must_use]
pub fn format_source(id: FileId, text: &str) -> Checked<Option<String>> {
    let parsed = crate::parse::parse_file(id, text);
    let value = (!parsed.has_errors()).then(|| file_text(&parsed.value, Some(text)));
    Checked { value, diagnostics: parsed.diagnostics }
}

fn file_text(file: &File, source: Option<&str>) -> String {
    let mut out = Out::with_comments(&file.comments, source);
    let mut previous: Option<&Item> = None;
    for sp in &file.items {
        let together = previous.is_some_and(|p| out.ends_with_one_line() && item::stands_with(p, &sp.node));
        if previous.is_some() {
            out.trailing(sp.span.start);
            if !together {
                out.blank();
            }
        }
        let lines = out.lines();
        item::item(&mut out, &sp.node, sp.span);
        out.mark_item(lines);
        previous = Some(&sp.node);
    }
    out.finish()
}

fn to_text(write: impl FnOnce(&mut Out<'_>)) -> String {
    let mut out = Out::plain();
    write(&mut out);
    out.finish().trim_end().to_owned()
}

/// Any item, without a line end.
#[must_use]
pub fn print_item(node: &Item) -> String {
    to_text(|out| item::item(out, node, Span::default()))
}

/// A clause, its id and keyword included.
#[must_use]
pub fn print_clause(node: &Clause) -> String {
    to_text(|out| clause::clause(out, node, Span::default()))
}

/// A clause without its id, as it stands after `restate ID`.
#[must_use]
pub fn print_clause_parts(node: &ClauseParts) -> String {
    to_text(|out| clause::parts(out, "", node, Span::default()))
}

/// A line of a clause.
#[must_use]
pub fn print_line(node: &Line) -> String {
    to_text(|out| clause::line(out, node, Span::default()))
}

/// A sentence: head on the first line, one modifier a line after it.
#[must_use]
pub fn print_statement(node: &Statement) -> String {
    to_text(|out| clause::statement(out, "", node, Span::default()))
}

/// The head of a sentence; a tier table takes several lines.
#[must_use]
pub fn print_head(node: &Head) -> String {
    to_text(|out| clause::head(out, "", node, Span::default(), clause::After::Nothing))
}

/// A modifier; a nested exception or reparation takes several lines.
#[must_use]
pub fn print_modifier(node: &Modifier) -> String {
    to_text(|out| clause::modifier(out, node, Span::default(), clause::After::Nothing))
}

/// An amount of a payment; a tier table takes several lines.
#[must_use]
pub fn print_amount(node: &Amount) -> String {
    to_text(|out| clause::amount(out, "", node, Span::default()))
}

/// An operation of an amendment.
#[must_use]
pub fn print_operation(node: &Operation) -> String {
    to_text(|out| amend::operation(out, node, Span::default()))
}

/// A change inside `vary`.
#[must_use]
pub fn print_change(node: &Change) -> String {
    to_text(|out| amend::change(out, node, Span::default(), clause::After::Other))
}

/// A step of a scenario.
#[must_use]
pub fn print_step(node: &Step) -> String {
    to_text(|out| scenario::step(out, node, Span::default()))
}
