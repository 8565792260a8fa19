//! Scenarios and properties.

use super::expr::print_expr;
use super::literal::{escape, print_date, print_date_expr, print_event_ref, print_names, print_per, sum};
use super::out::Out;
use super::words::{duty_event_word, sum_of_word, verdict_words};
use crate::ast::{Expectation, Outcome, Property, Prove, Scenario, Step, Verdict};
use crate::span::Span;

/// `scenario "title" { ... }`
pub(super) fn scenario(out: &mut Out<'_>, node: &Scenario, span: Span) {
    out.open(span, &format!("scenario {} {{", escape(&node.title.node)));
    for sp in &node.steps {
        step(out, &sp.node, sp.span);
    }
    out.close(span, "}");
}

/// A step.
pub(super) fn step(out: &mut Out<'_>, node: &Step, span: Span) {
    let text = match node {
        Step::Schedule(name) => format!("schedule {}", name.node),
        Step::Set(name, value) => format!("set {} = {}", name.node, print_expr(&value.node)),
        Step::Reading(clause, reading) => format!("reading {} = {}", clause.node, reading.node),
        Step::KnownAsOf(date) => format!("known as of {}", print_date(date.node)),
        Step::Clock(date) => format!("clock {}", print_date(date.node)),
        Step::Expect(expectation) => format!("expect {}", print_expectation(expectation)),
        Step::Event { at, kind, fields } => {
            let lead = format!("{} {}", print_expr(&at.node), kind.node);
            // A list of one-of members would take the next field's comma: fields are arithmetic or bracketed.
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{} {}", name.node, sum(&value.node))).collect();
            if fields.is_empty() {
                return out.line(span, &format!("{lead} {{}}"));
            }
            if !out.inline(span, &format!("{lead} {{ {} }}", fields.join(", "))) {
                out.open(span, &format!("{lead} {{"));
                for field in &fields {
                    out.line(Span { end: span.start, ..span }, &format!("{field},"));
                }
                out.close(span, "}");
            }
            return;
        }
    };
    out.line(span, &text);
}

/// What a scenario expects, without the word `expect`.
#[must_use]
pub fn print_expectation(node: &Expectation) -> String {
    match node {
        Expectation::Verdict { verdict, clauses } if clauses.is_empty() => verdict_words(*verdict).to_owned(),
        Expectation::Verdict { verdict, clauses } => {
            format!("{} {} {}", verdict_words(*verdict), link(*verdict), print_names(clauses))
        }
        Expectation::Accrues(amount, clause) => {
            format!("accrues {} under {}", sum(&amount.node), clause.node)
        }
        Expectation::Sum(state, clause, amount) => {
            format!("{} {} is {}", sum_of_word(*state), clause.node, sum(&amount.node))
        }
        Expectation::Interest(clause, amount) => format!("interest {} is {}", clause.node, sum(&amount.node)),
        Expectation::Duty(duty, clause) => format!("{} {}", duty_event_word(*duty), clause.node),
        Expectation::Open(true, clause) => format!("open {}", clause.node),
        Expectation::Open(false, clause) => format!("no open {}", clause.node),
        Expectation::InForce(true, clause) => format!("in force {}", clause.node),
        Expectation::InForce(false, clause) => format!("not in force {}", clause.node),
    }
}

/// `breach of X`, `permitted by X`
fn link(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breach | Verdict::Conflict => "of",
        Verdict::Silent
        | Verdict::Permitted
        | Verdict::Unlicensed
        | Verdict::WithoutEffect
        | Verdict::Undetermined => "by",
    }
}

/// `prove "title" { ... }`
pub(super) fn prove(out: &mut Out<'_>, node: &Prove, span: Span) {
    out.open(span, &format!("prove {} {{", escape(&node.title.node)));
    if let Some(date) = &node.from {
        out.line(date.span, &format!("from {}", print_date_expr(&date.node)));
    }
    if let Some(date) = &node.through {
        out.line(date.span, &format!("through {}", print_date_expr(&date.node)));
    }
    out.line(node.property.span, &print_property(&node.property.node));
    out.close(span, "}");
}

/// A property.
#[must_use]
pub fn print_property(node: &Property) -> String {
    match node {
        Property::Never(outcome) => format!("never {}", print_outcome(outcome)),
        Property::Always(outcome) => format!("always {}", print_outcome(outcome)),
        Property::Independent { clause, event, field } => {
            let field = field.as_ref().map_or_else(String::new, |f| format!(".{}", f.node));
            format!("{} is independent of {}{field}", clause.node, event.node)
        }
        Property::Implies(first, second) => {
            format!("{} implies {}", print_outcome(first), print_outcome(second))
        }
        Property::Equivalent(first, second) => format!("{} is equivalent to {}", first.node, second.node),
        Property::AtMost { amount, payer, payee, clause, per } => {
            let payee = payee.as_ref().map_or_else(String::new, |p| format!(" to {}", p.node));
            let clause = clause.as_ref().map_or_else(String::new, |c| format!(" under {}", c.node));
            let per = per.as_ref().map_or_else(String::new, |p| format!(" {}", print_per(p.node)));
            format!("at most {} owed by {}{payee}{clause}{per}", sum(&amount.node), payer.node)
        }
    }
}

fn print_outcome(node: &Outcome) -> String {
    let clause =
        node.clause.as_ref().map_or_else(String::new, |c| format!(" {} {}", link(node.verdict), c.node));
    let on = node.on.as_ref().map_or_else(String::new, |e| format!(" on {}", print_event_ref(e)));
    format!("{}{clause}{on}", verdict_words(node.verdict))
}
