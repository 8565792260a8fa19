//! Amendments, operations and changes.

use super::clause::{After, amount, clause, modifier, parts, print_key};
use super::expr::print_expr;
use super::literal::{escape, print_date_expr, print_duration, print_exclusivity, print_names, print_source};
use super::out::Out;
use super::words::modifier_kind_words;
use crate::ast::{Amendment, Change, Clause, Extension, Operation, Position};
use crate::span::Span;

/// `amendment id "title" to agreement { ... }`
pub(super) fn amendment(out: &mut Out<'_>, node: &Amendment, span: Span) {
    out.open(
        span,
        &format!("amendment {} {} to {} {{", node.id.node, escape(&node.title.node), node.to.node),
    );
    // The header stands first, wherever the source had it.
    if let Some(date) = &node.effective {
        out.line(date.span, &format!("effective from {}", print_date_expr(&date.node)));
    }
    if let Some(date) = &node.signed {
        out.line(date.span, &format!("signed {}", print_date_expr(&date.node)));
    }
    if let Some(note) = &node.source {
        out.line(note.span, &print_source(&note.node));
    }
    for sp in &node.operations {
        operation(out, &sp.node, sp.span);
    }
    out.close(span, "}");
}

/// An operation.
pub(super) fn operation(out: &mut Out<'_>, node: &Operation, span: Span) {
    let text = match node {
        Operation::Replace { target, with } => {
            return parts(out, &format!("replace {} with ", target.node), with, span);
        }
        Operation::Restate { target, with } => {
            return parts(out, &format!("restate {} ", target.node), with, span);
        }
        Operation::Insert { clause, position } => return insert(out, clause, position.as_ref(), span),
        Operation::Vary { target, changes } => {
            out.open(span, &format!("vary {} {{", target.node));
            for (i, sp) in changes.iter().enumerate() {
                change(out, &sp.node, sp.span, after(changes.get(i + 1).map(|c| &c.node)));
            }
            return out.close(span, "}");
        }
        Operation::RestateAll(clauses) => {
            out.open(span, "restate agreement {");
            for sp in clauses {
                clause(out, &sp.node, sp.span);
            }
            return out.close(span, "}");
        }
        Operation::Strike { target, saving: true } => format!("strike {}", target.node),
        Operation::Strike { target, saving: false } => format!("strike {} without saving", target.node),
        Operation::Suspend { targets, from, through, clocks_stop } => {
            let from =
                from.as_ref().map_or_else(String::new, |d| format!(" from {}", print_date_expr(&d.node)));
            let through = through
                .as_ref()
                .map_or_else(String::new, |d| format!(" through {}", print_date_expr(&d.node)));
            let clocks = if *clocks_stop { " clocks stop" } else { "" };
            format!("suspend {}{from}{through}{clocks}", print_names(targets))
        }
        Operation::Extend { target, to: Extension::Through(date) } => {
            format!("extend {} through {}", target.node, print_date_expr(&date.node))
        }
        Operation::Extend { target, to: Extension::By(length) } => {
            format!("extend {} by {}", target.node, print_duration(&length.node))
        }
        Operation::Renumber { target, number } => format!("renumber {} as § {}", target.node, number.node),
        Operation::Affirm(names) => format!("affirm {}", print_names(names)),
        Operation::Set { name, value } => format!("set {} = {}", name.node, print_expr(&value.node)),
        Operation::Recites { target, text } => format!("recites {} {}", target.node, escape(&text.node)),
    };
    out.line(span, &text);
}

fn insert(out: &mut Out<'_>, node: &Clause, position: Option<&Position>, span: Span) {
    let mut line = format!("insert {} ", node.id.node);
    if let Some(number) = &node.parts.number {
        line.push_str(&format!("§ {} ", number.node));
    }
    match position {
        Some(Position::After(other)) => line.push_str(&format!("after {} ", other.node)),
        Some(Position::Before(other)) => line.push_str(&format!("before {} ", other.node)),
        None => {}
    }
    if let Some(title) = &node.parts.title {
        line.push_str(&format!("{} ", escape(&title.node)));
    }
    if let Some(key) = &node.parts.key {
        line.push_str(&format!("{} ", print_key(&key.node)));
    }
    super::clause::body(out, &line, &node.parts, span);
}

/// A change inside `vary`.
pub(super) fn change(out: &mut Out<'_>, node: &Change, span: Span, after: After) {
    let text = match node {
        Change::Exclusivity(exclusivity) => format!("exclusivity {}", print_exclusivity(&exclusivity.node)),
        Change::Term { from, through } => {
            let from =
                from.as_ref().map_or_else(String::new, |d| format!(" from {}", print_date_expr(&d.node)));
            let through = through
                .as_ref()
                .map_or_else(String::new, |d| format!(" through {}", print_date_expr(&d.node)));
            format!("term{from}{through}")
        }
        Change::Remove { kind, label } => {
            let label = label.as_ref().map_or_else(String::new, |l| format!(" {}", l.node));
            format!("remove {}{label}", modifier_kind_words(*kind))
        }
        Change::Amount(paid) => return amount(out, "amount ", &paid.node, span),
        Change::Text(text) => format!("text {}", escape(&text.node)),
        Change::Title(title) => format!("title {}", escape(&title.node)),
        Change::Party { new, old } => format!("party {} instead of {}", new.node, old.node),
        Change::Add(added) => {
            let mut lines = Out::plain();
            modifier(&mut lines, &added.node, Span::default(), after);
            return out.line(span, &format!("add {}", lines.finish().trim_end()));
        }
        Change::Put(put) => return modifier(out, &put.node, span, after),
    };
    out.line(span, &text);
}

/// What follows a change. A change is never the end of a sentence: a reparation stands in braces, so that the next
/// change is not read as its modifier.
fn after(next: Option<&Change>) -> After {
    match next {
        Some(Change::Put(put)) if After::of(Some(&put.node)) == After::Where => After::Where,
        _ => After::Other,
    }
}
