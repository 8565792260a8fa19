//! Expressions in words close to those of the language.

use crate::eval::show;
use crate::ir::Program;
use habendum_model::expr::{DateValue, Expr, ExprKind, MeasureWhat, Window};
use habendum_model::value::{EventId, FieldId, Length, MeasureId, TermId};
use habendum_syntax::ast::{BinaryOp, CompareOp, DatePart, DurationUnit, SumOf};

/// What names mean where an expression stands.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// The program.
    pub program: &'a Program,
    /// The event at hand.
    pub event: Option<EventId>,
    /// The event that opened the obligation or caused the relief.
    pub trigger: Option<EventId>,
}

impl Words<'_> {
    fn field(&self, event: Option<EventId>, f: FieldId) -> String {
        let info = event.map(|e| self.program.symbols.event_info(e));
        info.and_then(|i| i.fields.get_index(f.ix()))
            .map_or_else(|| format!("field {}", f.0), |(n, _)| n.clone())
    }

    fn term(&self, t: TermId) -> String {
        self.program.symbols.terms.get(t.ix()).map_or_else(|| "?".into(), |t| t.name.clone())
    }

    /// An expression; a loose one inside another stands in brackets.
    #[must_use]
    pub fn expr(&self, e: &Expr) -> String {
        let s = &self.program.symbols;
        match &e.kind {
            ExprKind::Const(v) => show(s, v),
            ExprKind::Field(f) => self.field(self.event, *f),
            ExprKind::Trigger(f) => {
                let kind = self.trigger.map_or("trigger", |t| s.event_name(t));
                format!("{kind}.{}", self.field(self.trigger, *f))
            }
            ExprKind::Today => "date".into(),
            ExprKind::Param(p) => s.params.get_index(p.ix()).map_or_else(|| "?".into(), |(n, _)| n.clone()),
            ExprKind::Lookup { table, key, column } => {
                let Some((name, info)) = s.tables.get_index(table.ix()) else { return "?".into() };
                let column = info.columns.get_index(column.ix()).map_or("?", |(n, _)| n.as_str());
                format!("{name}[{}].{column}", self.expr(key))
            }
            ExprKind::KeyColumn(table, column) => {
                let Some((name, info)) = s.tables.get_index(table.ix()) else { return "?".into() };
                let column = info.columns.get_index(column.ix()).map_or("?", |(n, _)| n.as_str());
                format!("{name}.{column}")
            }
            ExprKind::Not(x) => format!("not {}", self.inner(x)),
            ExprKind::And(all) => self.list(all, " and "),
            ExprKind::Or(all) => self.list(all, " or "),
            ExprKind::Compare(op, a, b) => {
                format!("{} {} {}", self.inner(a), compare(*op), self.inner(b))
            }
            ExprKind::Under(x, ranges) => {
                let names: Vec<String> = ranges.iter().map(|(lo, _)| self.term(*lo)).collect();
                let of = if names.len() == 1 { "is" } else { "is one of" };
                format!("{} {of} {}", self.inner(x), names.join(", "))
            }
            ExprKind::Overlaps(x, terms) => {
                let names: Vec<String> = terms.iter().map(|t| self.term(*t)).collect();
                format!("{} overlaps {}", self.inner(x), names.join(", "))
            }
            ExprKind::OneOf(x, set) => {
                let names: Vec<String> = set.iter().map(|v| show(s, v)).collect();
                format!("{} is one of {}", self.inner(x), names.join(", "))
            }
            ExprKind::InRegister(x, r) => {
                let name = s.registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str());
                format!("{} is in {name}", self.inner(x))
            }
            ExprKind::IsParty(x) => format!("{} is a party", self.inner(x)),
            ExprKind::Stated(x) => format!("{} is stated", self.inner(x)),
            ExprKind::Binary(op, a, b) => format!("{} {} {}", self.inner(a), binary(*op), self.inner(b)),
            ExprKind::Neg(x) => format!("-{}", self.inner(x)),
            ExprKind::If(c, a, b) => {
                format!("if {} then {} else {}", self.expr(c), self.expr(a), self.expr(b))
            }
            ExprKind::Greater(all) => format!("greater of ({})", self.list(all, ", ")),
            ExprKind::Lesser(all) => format!("lesser of ({})", self.list(all, ", ")),
            ExprKind::Between { started, unit: u, from, to } => {
                let begun = if *started { "started" } else { "completed" };
                format!("{begun} {}s from {} to {}", unit(*u), self.inner(from), self.inner(to))
            }
            ExprKind::DatePart(part, x) => {
                let word = match part {
                    DatePart::Year => "year",
                    DatePart::Month => "month",
                    DatePart::Day => "day",
                };
                format!("{word} of {}", self.inner(x))
            }
            ExprKind::Sum(m, w) => format!("{} {}", self.measure(*m), window(w)),
            ExprKind::Occurred(m) => {
                let what = self.measure(*m);
                format!("{} has occurred", what.strip_prefix("count of ").unwrap_or(&what))
            }
        }
    }

    fn inner(&self, e: &Expr) -> String {
        let text = self.expr(e);
        match &e.kind {
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::Under(..)
            | ExprKind::Overlaps(..)
            | ExprKind::OneOf(..)
            | ExprKind::InRegister(..)
            | ExprKind::IsParty(_)
            | ExprKind::Stated(_)
            | ExprKind::Binary(..)
            | ExprKind::If(..) => format!("({text})"),
            ExprKind::Const(_)
            | ExprKind::Field(_)
            | ExprKind::Trigger(_)
            | ExprKind::Today
            | ExprKind::Param(_)
            | ExprKind::Lookup { .. }
            | ExprKind::KeyColumn(..)
            | ExprKind::Neg(_)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..)
            | ExprKind::Sum(..)
            | ExprKind::Occurred(_) => text,
        }
    }

    fn list(&self, all: &[Expr], between: &str) -> String {
        all.iter().map(|x| self.inner(x)).collect::<Vec<_>>().join(between)
    }

    /// A running measure.
    #[must_use]
    pub fn measure(&self, m: MeasureId) -> String {
        let s = &self.program.symbols;
        let Some(measure) = self.program.measures.get(m.ix()) else { return "?".into() };
        let text = match &measure.what {
            MeasureWhat::Total(t) => {
                s.totals.get_index(t.ix()).map_or_else(|| "?".into(), |(n, _)| n.clone())
            }
            MeasureWhat::Count { event, guard } => {
                let name = s.event_name(*event);
                let own = Words { event: Some(*event), trigger: None, ..*self };
                guard.as_ref().map_or_else(
                    || format!("count of {name}"),
                    |g| format!("count of ({name} where {})", own.expr(g)),
                )
            }
            MeasureWhat::Payment(of, c) => format!("{} {}", sum_of(*of), s.clause_name(*c)),
            MeasureWhat::Breaches(c) => format!("breaches of {}", s.clause_name(*c)),
        };
        if measure.key.is_empty() { text } else { format!("{text} per {}", measure.key.join(", ")) }
    }
}

/// Which state of a payment is summed, as it is written.
#[must_use]
pub fn sum_of(of: SumOf) -> &'static str {
    match of {
        SumOf::Accrued => "accrued",
        SumOf::Due => "due",
        SumOf::Paid => "paid",
        SumOf::Overdue => "overdue",
    }
}

/// A comparison as it is written.
#[must_use]
pub fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
        CompareOp::AtLeast => "is at least",
        CompareOp::MoreThan => "is more than",
        CompareOp::UpTo => "is up to",
        CompareOp::LessThan => "is less than",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Of => "of",
    }
}

fn window(w: &Window) -> String {
    match w {
        Window::This(p) => format!("this {}", super::period(*p)),
        Window::Last(p) => format!("last {}", super::period(*p)),
        Window::Trailing(l) => format!("in the last {}", length(*l)),
        Window::InTotal => "in total".into(),
        Window::OfTheTerm => "of the term".into(),
        Window::Since(d) => format!("since {}", date(d)),
    }
}

/// A unit of time, in the singular.
#[must_use]
pub fn unit(u: DurationUnit) -> &'static str {
    match u {
        DurationUnit::Hours => "hour",
        DurationUnit::Days => "day",
        DurationUnit::BusinessDays => "business day",
        DurationUnit::Weeks => "week",
        DurationUnit::Months => "month",
        DurationUnit::Quarters => "quarter",
        DurationUnit::Years => "year",
    }
}

/// A length of time.
#[must_use]
pub fn length(l: Length) -> String {
    format!("{} {}{}", l.count, unit(l.unit), if l.count == 1 { "" } else { "s" })
}

/// A date, or the words for an open one.
#[must_use]
pub fn date(d: &DateValue) -> String {
    match d {
        DateValue::Fixed(d) => d.to_string(),
        DateValue::Open { text, .. } => format!("({text})"),
    }
}
