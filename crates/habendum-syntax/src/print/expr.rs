//! Expressions. Invariant: brackets stand exactly where the grammar's levels would group otherwise.

use super::literal::{escape, print_date, print_date_expr, print_duration, print_event_ref};
use super::words::{compare_words, duration_unit_word, period_words, sum_of_word};
use crate::ast::{BinaryOp, DatePart, EventRef, Expr, Scale, SumWhat, Window};
use crate::span::Sp;

/// The grammar's levels, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// `or`; also `if`, whose last branch takes all that follows.
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Primary,
}

/// An expression as one line.
#[must_use]
pub fn print_expr(expr: &Expr) -> String {
    at_level(expr, Level::Or)
}

/// An expression where the grammar asks for `least` or tighter.
pub(super) fn at_level(expr: &Expr, least: Level) -> String {
    let text = bare(expr);
    if level(expr) < least { format!("({text})") } else { text }
}

fn level(expr: &Expr) -> Level {
    match expr {
        Expr::Or(_) | Expr::If(..) => Level::Or,
        Expr::And(_) => Level::And,
        Expr::Not(_) => Level::Not,
        Expr::Compare(..)
        | Expr::OneOf { .. }
        | Expr::In { .. }
        | Expr::IsParty { .. }
        | Expr::Stated { .. } => Level::Comparison,
        Expr::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => Level::Sum,
        Expr::Binary(BinaryOp::Mul | BinaryOp::Div | BinaryOp::Of, ..) => Level::Product,
        Expr::Neg(_) => Level::Sign,
        Expr::Bool(_)
        | Expr::Number(_)
        | Expr::Percent(_)
        | Expr::Money { .. }
        | Expr::Quantity { .. }
        | Expr::Duration(_)
        | Expr::Date(_)
        | Expr::Instant(_)
        | Expr::Text(_)
        | Expr::Name(_)
        | Expr::Dotted(..)
        | Expr::Lookup { .. }
        | Expr::Greater(_)
        | Expr::Lesser(_)
        | Expr::Between { .. }
        | Expr::DatePart(..)
        | Expr::Sum { .. }
        | Expr::Occurred(_) => Level::Primary,
    }
}

fn bare(expr: &Expr) -> String {
    match expr {
        Expr::Bool(value) => value.to_string(),
        Expr::Number(digits) => digits.clone(),
        Expr::Percent(digits) => format!("{digits}%"),
        Expr::Money { number, scale, currency, per } => {
            let per = per.as_ref().map_or_else(String::new, |p| format!(" per {}", p.node));
            format!("{number}{} {currency}{per}", scale_word(*scale))
        }
        Expr::Quantity { number, scale, unit } => format!("{number}{} {}", scale_word(*scale), unit.node),
        Expr::Duration(length) => print_duration(length),
        Expr::Date(date) => print_date(*date),
        Expr::Instant(text) => text.clone(),
        Expr::Text(text) => escape(text),
        Expr::Name(name) => name.clone(),
        Expr::Dotted(base, field) => format!("{}.{}", base.node, field.node),
        Expr::Lookup { table, key, column } => {
            let column = column.as_ref().map_or_else(String::new, |c| format!(".{}", c.node));
            format!("{}[{}]{column}", table.node, print_expr(&key.node))
        }
        Expr::Not(inner) => format!("not {}", at_level(&inner.node, Level::Not)),
        Expr::Neg(inner) => format!("-{}", at_level(&inner.node, Level::Sign)),
        Expr::And(parts) => joined(parts, " and ", Level::Not),
        // `and` beside `or` must be bracketed, though the levels would tell.
        Expr::Or(parts) => joined(parts, " or ", Level::Not),
        Expr::Compare(..)
        | Expr::OneOf { .. }
        | Expr::In { .. }
        | Expr::IsParty { .. }
        | Expr::Stated { .. } => test(expr),
        Expr::Binary(op, left, right) => binary(*op, &left.node, &right.node),
        Expr::If(condition, then, otherwise) => format!(
            "if {} then {} else {}",
            print_expr(&condition.node),
            print_expr(&then.node),
            print_expr(&otherwise.node)
        ),
        Expr::Greater(parts) => format!("greater of ({})", joined(parts, ", ", Level::Sum)),
        Expr::Lesser(parts) => format!("lesser of ({})", joined(parts, ", ", Level::Sum)),
        Expr::Between { started, unit, from, to } => format!(
            "{} {} from {} to {}",
            if *started { "started" } else { "completed" },
            duration_unit_word(*unit, false),
            at_level(&from.node, Level::Sign),
            at_level(&to.node, Level::Sign)
        ),
        Expr::DatePart(part, date) => {
            let part = match part {
                DatePart::Year => "year",
                DatePart::Month => "month",
                DatePart::Day => "day",
            };
            format!("{part} of {}", at_level(&date.node, Level::Sign))
        }
        Expr::Sum { what, window } => format!("{} {}", sum_what(what), print_window(&window.node)),
        Expr::Occurred(event) => format!("{} has occurred", bracketed_event(event)),
    }
}

fn joined(parts: &[Sp<Expr>], between: &str, least: Level) -> String {
    parts.iter().map(|p| at_level(&p.node, least)).collect::<Vec<_>>().join(between)
}

/// A comparison and its kin.
fn test(expr: &Expr) -> String {
    let operand = |e: &Expr| at_level(e, Level::Sum);
    match expr {
        Expr::Compare(op, left, right) => {
            format!("{} {} {}", operand(&left.node), compare_words(*op), operand(&right.node))
        }
        Expr::OneOf { value, set, negated } => {
            format!("{} is {}one of {}", operand(&value.node), not(*negated), joined(set, ", ", Level::Sum))
        }
        Expr::In { value, register, negated } => {
            format!("{} is {}in {}", operand(&value.node), not(*negated), register.node)
        }
        Expr::IsParty { value, party } => {
            format!("{} is a {}", operand(&value.node), if *party { "party" } else { "stranger" })
        }
        Expr::Stated { value, negated } => format!("{} is {}stated", operand(&value.node), not(*negated)),
        // Only comparisons come here.
        other => bare(other),
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr) -> String {
    let (word, least) = match op {
        BinaryOp::Add => ("+", Level::Sum),
        BinaryOp::Sub => ("-", Level::Sum),
        BinaryOp::Mul => ("*", Level::Product),
        BinaryOp::Div => ("/", Level::Product),
        BinaryOp::Of => ("of", Level::Product),
    };
    // Chains fold to the left, so the right operand of a chain's own level needs brackets.
    let tighter = if least == Level::Sum { Level::Product } else { Level::Sign };
    let mut first = at_level(left, least);
    // `year of x` is a part of a date, whatever is called `year`.
    let last_word = first.rsplit(' ').next().unwrap_or("").trim_start_matches('-');
    if op == BinaryOp::Of && NEVER_BEFORE_OF.contains(&last_word) {
        first = format!("({first})");
    }
    format!("{first} {word} {}", at_level(right, tighter))
}

/// Words that open a form of their own before `of`.
const NEVER_BEFORE_OF: [&str; 8] = ["breaches", "count", "day", "greater", "lesser", "month", "one", "year"];

fn scale_word(scale: Option<Scale>) -> &'static str {
    match scale {
        Some(Scale::Thousand) => " thousand",
        Some(Scale::Million) => " million",
        Some(Scale::Billion) => " billion",
        None => "",
    }
}

fn sum_what(what: &SumWhat) -> String {
    match what {
        SumWhat::Total(name) => name.node.clone(),
        SumWhat::Count(event) => format!("count of {}", bracketed_event(event)),
        SumWhat::Payment(state, clause) => format!("{} {}", sum_of_word(*state), clause.node),
        SumWhat::Breaches(clause) => format!("breaches of {}", clause.node),
    }
}

/// An event that other words follow.
fn bracketed_event(event: &EventRef) -> String {
    if event.same.is_empty() && event.guard.is_none() {
        return event.event.node.clone();
    }
    format!("({})", print_event_ref(event))
}

/// `in the last 12 months`
fn print_window(window: &Window) -> String {
    match window {
        Window::This(period) => format!("this {}", period_words(*period)),
        Window::Last(period) => format!("last {}", period_words(*period)),
        Window::Trailing(length) => format!("in the last {}", print_duration(length)),
        Window::InTotal => "in total".to_owned(),
        Window::OfTheTerm => "of the term".to_owned(),
        Window::Since(date) => format!("since {}", print_date_expr(&date.node)),
    }
}
