//! Literals that more than one construct uses. Pure functions from a node to one line of text.

use super::expr::{Level, at_level, print_expr};
use super::words::{duration_unit_word, period_words};
use crate::ast::{
    Date, DateBase, DateExpr, Due, Duration, DurationCount, EventRef, Exclusivity, Name, Period, SourceNote,
    SourceStatus, TypeName, Who,
};

/// A text in quotation marks.
#[must_use]
pub fn escape(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// `A, B`
#[must_use]
pub fn print_names(names: &[Name]) -> String {
    names.iter().map(|n| n.node.as_str()).collect::<Vec<_>>().join(", ")
}

/// `2026-06-01`
#[must_use]
pub fn print_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// `effective plus 5 years`
#[must_use]
pub fn print_date_expr(date: &DateExpr) -> String {
    let base = match &date.base {
        DateBase::Day(date) => print_date(*date),
        DateBase::Month { year, month } => format!("{year:04}-{month:02}"),
        DateBase::Year(year) => format!("{year:04}"),
        DateBase::Effective => "effective".to_owned(),
        DateBase::Signature => "signature".to_owned(),
        DateBase::Param(name) => name.node.clone(),
    };
    match &date.offset {
        Some((true, length)) => format!("{base} plus {}", print_duration(&length.node)),
        Some((false, length)) => format!("{base} minus {}", print_duration(&length.node)),
        None => base,
    }
}

/// `30`, or the parameter's name.
#[must_use]
pub fn print_count(count: &DurationCount) -> String {
    match count {
        DurationCount::Literal(number) => number.to_string(),
        DurationCount::Param(name) => name.node.clone(),
    }
}

/// `30 days`, `1 month`
#[must_use]
pub fn print_duration(length: &Duration) -> String {
    let one = length.count == DurationCount::Literal(1);
    format!("{} {}", print_count(&length.count), duration_unit_word(length.unit, one))
}

/// A period by itself: `month`, `in total`.
#[must_use]
pub fn print_period(period: Period) -> String {
    period_words(period)
}

/// `per month`, `in total`
#[must_use]
pub fn print_per(period: Period) -> String {
    match period {
        Period::InTotal => "in total".to_owned(),
        Period::Event
        | Period::Day
        | Period::Week
        | Period::Month
        | Period::Quarter
        | Period::Year
        | Period::FiscalYear
        | Period::ContractYear
        | Period::Rolling(_) => format!("per {}", period_words(period)),
    }
}

/// `Launch of the same product where cloud is Azure`
#[must_use]
pub fn print_event_ref(event: &EventRef) -> String {
    let mut out = event.event.node.clone();
    if !event.same.is_empty() {
        out.push_str(&format!(" of the same {}", print_names(&event.same)));
    }
    if let Some(guard) = &event.guard {
        out.push_str(&format!(" where {}", print_expr(&guard.node)));
    }
    out
}

/// Who bears a norm.
#[must_use]
pub fn print_who(who: &Who) -> String {
    match who {
        Who::Named(names) => print_names(names),
        Who::AnyParty => "either party".to_owned(),
        Who::Anyone => "anyone".to_owned(),
        Who::AnyoneExcept(names) => format!("anyone except {}", print_names(names)),
    }
}

/// `non-exclusive`
#[must_use]
pub fn print_exclusivity(exclusivity: &Exclusivity) -> String {
    match exclusivity {
        Exclusivity::Exclusive => "exclusive".to_owned(),
        Exclusivity::ExclusiveExceptGrantor => "exclusive except grantor".to_owned(),
        Exclusivity::Sole => "sole".to_owned(),
        Exclusivity::NonExclusive => "non-exclusive".to_owned(),
        Exclusivity::CoExclusive(names) => format!("co-exclusive with {}", print_names(names)),
    }
}

/// `at once`, `within 45 days after each quarter`
#[must_use]
pub fn print_due(due: &Due) -> String {
    match due {
        Due::AtOnce => "at once".to_owned(),
        Due::AfterEach(length, period) => {
            format!("within {} after each {}", print_duration(&length.node), print_period(period.node))
        }
        Due::After(length) => format!("within {}", print_duration(&length.node)),
        Due::On(date) => format!("on {}", print_date_expr(&date.node)),
    }
}

/// `source own "..."`
#[must_use]
pub fn print_source(note: &SourceNote) -> String {
    let status = match note.status {
        SourceStatus::Own => "own",
        SourceStatus::Reported => "reported",
        SourceStatus::Other => "other",
    };
    format!("source {status} {}", escape(&note.citation))
}

/// `money EUR per MWh`
#[must_use]
pub fn print_type(ty: &TypeName) -> String {
    match ty {
        TypeName::Bool => "bool".to_owned(),
        TypeName::Int => "int".to_owned(),
        TypeName::Decimal(Some(unit)) => format!("decimal {}", unit.node),
        TypeName::Decimal(None) => "decimal".to_owned(),
        TypeName::Percent => "percent".to_owned(),
        TypeName::Money { currency, per } => {
            let currency = currency.as_ref().map_or_else(String::new, |c| format!(" {}", c.node));
            let per = per.as_ref().map_or_else(String::new, |p| format!(" per {}", p.node));
            format!("money{currency}{per}")
        }
        TypeName::Date => "date".to_owned(),
        TypeName::Instant => "instant".to_owned(),
        TypeName::Duration => "duration".to_owned(),
        TypeName::Text => "text".to_owned(),
        TypeName::Party => "party".to_owned(),
        TypeName::Clause => "clause".to_owned(),
        TypeName::Named(name) => name.node.clone(),
    }
}

/// An expression where the grammar takes arithmetic alone: comparisons get brackets.
pub(super) fn sum(expr: &crate::ast::Expr) -> String {
    at_level(expr, Level::Sum)
}
