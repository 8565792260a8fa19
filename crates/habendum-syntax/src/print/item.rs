//! Items, save amendments, clauses and scenarios.

use super::expr::{Level, at_level, print_expr};
use super::literal::{
    escape, print_date, print_date_expr, print_event_ref, print_names, print_source, print_type, sum,
};
use super::out::Out;
use super::words::aspect_word;
use super::{amend, clause, scenario};
use crate::ast::{
    Agreement, Calendar, Event, Field, Header, Item, MonthRounding, Parameter, Register, Schedule, Table,
    Term, Vocabulary,
};
use crate::span::Span;

/// Any item.
pub(super) fn item(out: &mut Out<'_>, node: &Item, span: Span) {
    match node {
        Item::Agreement(node) => agreement(out, node, span),
        Item::Amendment(node) => amend::amendment(out, node, span),
        Item::Schedule(node) => schedule(out, node, span),
        Item::Vocabulary(node) => vocabulary(out, node, span),
        Item::Unit(name) => out.line(span, &format!("unit {}", name.node)),
        Item::Event(node) => event(out, node, span),
        Item::Parameter(node) => out.line(span, &print_parameter(node)),
        Item::Table(node) => table(out, node, span),
        Item::Define(node) => {
            out.line(span, &format!("define {} = {}", node.name.node, print_expr(&node.value.node)));
        }
        Item::Total(node) => {
            let (value, on) = (print_expr(&node.value.node), print_event_ref(&node.on));
            out.line(span, &format!("total {} = {value} on {on}", node.name.node));
        }
        Item::Register(node) => register(out, node, span),
        Item::Assumption(node) => {
            out.line(span, &format!("assumption {} {}", node.name.node, escape(&node.text.node)));
        }
        Item::Calendar(node) => calendar(out, node, span),
        Item::Clause(node) => clause::clause(out, node, span),
        Item::KeyTerm(node) => {
            let (aspect, clauses) = (aspect_word(node.aspect.node), print_names(&node.clauses));
            out.line(span, &format!("key {} shows {aspect} of {clauses}", escape(&node.feature.node)));
        }
        Item::Scenario(node) => scenario::scenario(out, node, span),
        Item::Prove(node) => scenario::prove(out, node, span),
    }
}

/// True for neighbours of one kind that take one line each: no blank line parts them.
pub(super) fn stands_with(before: &Item, after: &Item) -> bool {
    let short = |item: &Item| {
        matches!(
            item,
            Item::Unit(_)
                | Item::Vocabulary(_)
                | Item::Event(_)
                | Item::Parameter(_)
                | Item::Define(_)
                | Item::Total(_)
                | Item::Assumption(_)
                | Item::KeyTerm(_)
        )
    };
    short(before) && std::mem::discriminant(before) == std::mem::discriminant(after)
}

fn agreement(out: &mut Out<'_>, node: &Agreement, span: Span) {
    out.open(span, &format!("agreement {} {} {{", node.id.node, escape(&node.title.node)));
    for sp in &node.header {
        out.line(sp.span, &print_header(&sp.node));
    }
    out.close(span, "}");
}

fn print_header(node: &Header) -> String {
    match node {
        Header::Parties(names) => format!("parties {}", print_names(names)),
        Header::Others(names) => format!("others {}", print_names(names)),
        Header::OthersAny => "others any".to_owned(),
        Header::Effective(date) => format!("effective from {}", print_date_expr(&date.node)),
        Header::Signed(date) => format!("signed {}", print_date_expr(&date.node)),
        Header::Currency(names) => format!("currency {}", print_names(names)),
        Header::Zone(zone) => format!("zone {}", escape(&zone.node)),
        Header::Default { event, permitted } => {
            format!("default {} is {}", event.node, if *permitted { "permitted" } else { "forbidden" })
        }
        Header::Months(MonthRounding::Up) => "months rounding up".to_owned(),
        Header::Months(MonthRounding::Down) => "months rounding down".to_owned(),
        Header::FiscalYear { month, day } => format!("fiscal year starts {month:02}-{day:02}"),
        Header::PaymentsTracked => "payments tracked".to_owned(),
        Header::BusinessDays(calendar) => format!("business days by {}", calendar.node),
        Header::Source(note) => print_source(note),
    }
}

fn schedule(out: &mut Out<'_>, node: &Schedule, span: Span) {
    let title = node.title.as_ref().map_or_else(String::new, |t| format!("{} ", escape(&t.node)));
    out.open(span, &format!("schedule {} {title}{{", node.id.node));
    if let Some(note) = &node.source {
        out.line(note.span, &print_source(&note.node));
    }
    for (name, value) in &node.values {
        out.line(name.span, &format!("{} = {}", name.node, print_expr(&value.node)));
    }
    out.close(span, "}");
}

fn vocabulary(out: &mut Out<'_>, node: &Vocabulary, span: Span) {
    let flat = node.terms.iter().map(flat_term).collect::<Vec<_>>().join("  ");
    let line = if flat.is_empty() {
        format!("vocabulary {} {{}}", node.name.node)
    } else {
        format!("vocabulary {} {{ {flat} }}", node.name.node)
    };
    if out.inline(span, &line) {
        return;
    }
    out.open(span, &format!("vocabulary {} {{", node.name.node));
    for term in &node.terms {
        tree(out, term);
    }
    out.close(span, "}");
}

fn flat_term(term: &Term) -> String {
    if term.children.is_empty() {
        return term.name.node.clone();
    }
    let children = term.children.iter().map(flat_term).collect::<Vec<_>>().join(" ");
    format!("{} {{ {children} }}", term.name.node)
}

fn tree(out: &mut Out<'_>, term: &Term) {
    if term.children.is_empty() {
        return out.line(term.name.span, &term.name.node);
    }
    out.open(term.name.span, &format!("{} {{", term.name.node));
    for child in &term.children {
        tree(out, child);
    }
    out.close(term.name.span, "}");
}

fn print_field(field: &Field) -> String {
    let optional = if field.optional { " optional" } else { "" };
    format!("{}: {}{optional}", field.name.node, print_type(&field.ty.node))
}

fn event(out: &mut Out<'_>, node: &Event, span: Span) {
    let fields = node.fields.iter().map(print_field).collect::<Vec<_>>().join(", ");
    let line = if fields.is_empty() {
        format!("event {} {{}}", node.name.node)
    } else {
        format!("event {} {{ {fields} }}", node.name.node)
    };
    if out.inline(span, &line) {
        return;
    }
    out.open(span, &format!("event {} {{", node.name.node));
    for field in &node.fields {
        out.line(field.name.span, &print_field(field));
    }
    out.close(span, "}");
}

fn print_parameter(node: &Parameter) -> String {
    let mut out = format!("parameter {}: {}", node.name.node, print_type(&node.ty.node));
    if let Some(value) = &node.value {
        out.push_str(&format!(" = {}", print_expr(&value.node)));
    }
    if let Some(note) = &node.note {
        out.push_str(&format!(" {}", escape(&note.node)));
    }
    if let Some(source) = &node.source {
        out.push_str(&format!(" {}", print_source(&source.node)));
    }
    out
}

fn table(out: &mut Out<'_>, node: &Table, span: Span) {
    let columns = node.columns.iter().map(print_field).collect::<Vec<_>>().join(", ");
    out.open(span, &format!("table {} by {} {{ {columns} }} {{", node.name.node, print_field(&node.key)));
    for (key, values) in &node.rows {
        // A list of one-of members would take the next value's comma: values are arithmetic or bracketed.
        let values = values.iter().map(|v| sum(&v.node)).collect::<Vec<_>>().join(", ");
        // A key that began with a sign would go on with the value before it.
        out.line(key.span, &format!("{}: {values}", at_level(&key.node, Level::Primary)));
    }
    out.close(span, "}");
}

fn register(out: &mut Out<'_>, node: &Register, span: Span) {
    out.open(span, &format!("register {} of {} {{", node.name.node, print_type(&node.of.node)));
    if let Some(first) = node.initially.first() {
        out.line(first.span, &format!("initially {}", print_names(&node.initially)));
    }
    for (word, changes) in [("add", &node.adds), ("remove", &node.removes)] {
        for change in changes {
            let line = format!("{word} {} on {}", change.field.node, print_event_ref(&change.on));
            out.line(change.field.span, &line);
        }
    }
    out.close(span, "}");
}

fn calendar(out: &mut Out<'_>, node: &Calendar, span: Span) {
    out.open(span, &format!("calendar {} {{", node.name.node));
    if let Some(first) = node.weekend.first() {
        out.line(first.span, &format!("weekend {}", print_names(&node.weekend)));
    }
    for group in node.holidays.chunks(8) {
        let dates = group.iter().map(|d| print_date(d.node)).collect::<Vec<_>>().join(", ");
        out.line(group.first().map(|d| d.span).unwrap_or_default(), &format!("holidays {dates}"));
    }
    if let Some((first, last)) = &node.covers {
        out.line(first.span, &format!("covers {} through {}", print_date(first.node), print_date(last.node)));
    }
    out.close(span, "}");
}
