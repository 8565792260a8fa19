//! Clauses, sentences, amounts and modifiers.

use super::expr::{Level, at_level, print_expr};
use super::literal::{
    escape, print_date, print_date_expr, print_due, print_duration, print_event_ref, print_exclusivity,
    print_names, print_per, print_period, print_source, print_who, sum,
};
use super::out::Out;
use super::words::{day_count_word, duration_unit_word, power_word, rounding_mode_word, sum_of_word};
use crate::ast::{
    Amount, Band, Cap, Clause, ClauseParts, EventRef, Exception, Floor, Head, Key, Line, Modifier,
    MonthRounding, Name, Statement, SumOf, Targets, Tiers,
};
use crate::span::Span;

/// `clause id ...`
pub(super) fn clause(out: &mut Out<'_>, node: &Clause, span: Span) {
    parts(out, &format!("clause {} ", node.id.node), &node.parts, span);
}

/// The rest of a clause after `lead`.
pub(super) fn parts(out: &mut Out<'_>, lead: &str, node: &ClauseParts, span: Span) {
    let mut line = lead.to_owned();
    if let Some(number) = &node.number {
        line.push_str(&format!("§ {} ", number.node));
    }
    if let Some(title) = &node.title {
        line.push_str(&format!("{} ", escape(&title.node)));
    }
    if let Some(key) = &node.key {
        line.push_str(&format!("{} ", print_key(&key.node)));
    }
    body(out, &line, node, span);
}

/// The braces and lines of a clause after `lead`.
pub(super) fn body(out: &mut Out<'_>, lead: &str, node: &ClauseParts, span: Span) {
    out.open(span, &format!("{lead}{{"));
    for sp in &node.body {
        line(out, &sp.node, sp.span);
    }
    out.close(span, "}");
}

/// `for each supplier in rates`
pub(super) fn print_key(key: &Key) -> String {
    let table = key.table.as_ref().map_or_else(String::new, |t| format!(" in {}", t.node));
    format!("for each {}{table}", print_names(&key.fields))
}

/// A line of a clause.
pub(super) fn line(out: &mut Out<'_>, node: &Line, span: Span) {
    match node {
        Line::Text(text) => out.line(span, &format!("text {}", escape(&text.node))),
        Line::Source(note) => out.line(span, &print_source(note)),
        Line::RestsOn(names) => out.line(span, &format!("rests on {}", print_names(names))),
        Line::Waive(waiver) => {
            let (reason, until) = (escape(&waiver.reason.node), print_date(waiver.expires.node));
            out.line(span, &format!("waive {} because {reason} until {until}", waiver.code.node));
        }
        Line::Reading(reading) => {
            let note = reading.note.as_ref().map_or_else(String::new, |n| format!("{} ", escape(&n.node)));
            out.open(span, &format!("reading {} {note}{{", reading.name.node));
            for sp in &reading.statements {
                statement(out, "", &sp.node, sp.span);
            }
            out.close(span, "}");
        }
        Line::Statement(node) => statement(out, "", node, span),
    }
}

/// A sentence after `lead`, its modifiers one level further in.
pub(super) fn statement(out: &mut Out<'_>, lead: &str, node: &Statement, span: Span) {
    let after = |i: usize| After::of(node.modifiers.get(i).map(|m| &m.node));
    head(out, lead, &node.head, span, after(0));
    out.indented(|out| {
        for (i, sp) in node.modifiers.iter().enumerate() {
            modifier(out, &sp.node, sp.span, after(i + 1));
        }
    });
}

/// What follows a head or modifier in its sentence: it decides where brackets and braces must close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The sentence ends.
    Nothing,
    /// A `where`, which an event just before it would take for its own.
    Where,
    /// Any other modifier or line.
    Other,
}

impl After {
    /// Of the modifier that follows.
    pub(super) fn of(next: Option<&Modifier>) -> After {
        match next {
            None => After::Nothing,
            Some(Modifier::Where(_)) => After::Where,
            Some(_) => After::Other,
        }
    }

    /// An event at the end of its line.
    fn event(self, event: &EventRef) -> String {
        let text = print_event_ref(event);
        if self == After::Where && event.guard.is_none() { format!("({text})") } else { text }
    }
}

/// The head of a sentence after `lead`.
pub(super) fn head(out: &mut Out<'_>, lead: &str, node: &Head, span: Span, after: After) {
    let text = match node {
        Head::May { who, event, over } => {
            let over = over.as_ref().map_or_else(String::new, |o| format!(" on any {}", o.node));
            format!("{} may {}{over}", print_who(&who.node), event.node)
        }
        Head::MustNot { who, event } => format!("{} must not {}", print_who(&who.node), event.node),
        Head::Must { who, event } => format!("{} must {}", print_who(&who.node), event.node),
        Head::Keep { who, condition, on } => format!(
            "{} must keep {} on each {}",
            print_who(&who.node),
            print_expr(&condition.node),
            after.event(on)
        ),
        Head::Power { who, act, targets } => {
            let targets = match targets {
                Targets::Agreement => "the agreement".to_owned(),
                Targets::Clauses(names) => print_names(names),
            };
            format!("{} may {} {targets}", print_who(&who.node), power_word(*act))
        }
        Head::Excuses { cause, targets } => {
            format!("{} excuses {}", print_event_ref(cause), print_names(targets))
        }
        Head::ExtendsTime { cause, targets, by } => {
            format!("{} extends {} by {}", print_event_ref(cause), print_names(targets), sum(&by.node))
        }
        Head::Grants { .. } => grant(node),
        Head::Pays { payer, payee, amount: paid } => {
            return amount(out, &format!("{lead}{} pays {} ", payer.node, payee.node), &paid.node, span);
        }
        Head::Recital(text) => format!("recital {}", escape(&text.node)),
        Head::Undertaking { who, text, status } => {
            let status = status.as_ref().map_or_else(String::new, |s| format!(" status {}", s.node));
            format!("undertaking {} to {}{status}", print_who(&who.node), escape(&text.node))
        }
        Head::Holding { holder, in_, as_, share } => {
            let share = share.as_ref().map_or_else(String::new, |s| format!(" {}", print_expr(&s.node)));
            format!("holding {} in {} as {}{share}", holder.node, in_.node, escape(&as_.node))
        }
    };
    out.line(span, &format!("{lead}{text}"));
}

fn grant(node: &Head) -> String {
    let Head::Grants { licensor, licensee, exclusivity, event, assets, territories, fields } = node else {
        return String::new();
    };
    let exclusivity = print_exclusivity(&exclusivity.node);
    let article = if exclusivity.starts_with('e') { "an" } else { "a" };
    let listed = |word: &str, names: &[Name], all: &str| {
        if names.is_empty() { all.to_owned() } else { format!("{word} {}", print_names(names)) }
    };
    format!(
        "{} grants {} {article} {exclusivity} license to {} {} {}, {}",
        licensor.node,
        licensee.node,
        event.node,
        print_names(assets),
        listed("in", territories, "worldwide"),
        listed("for", fields, "any field")
    )
}

/// An amount after `lead`.
pub(super) fn amount(out: &mut Out<'_>, lead: &str, node: &Amount, span: Span) {
    match node {
        Amount::Expr(expr) => {
            let text = match expr {
                // The grammar takes `if` here as it is.
                crate::ast::Expr::If(..) => print_expr(expr),
                other => sum(other),
            };
            out.line(span, &format!("{lead}{text}"));
        }
        Amount::Tiers(tiers) => tiers_block(out, lead, tiers, span),
    }
}

fn tiers_block(out: &mut Out<'_>, lead: &str, tiers: &Tiers, span: Span) {
    let kind = if tiers.marginal { "marginal" } else { "whole" };
    let base = sum(&tiers.base.node);
    out.open(span, &format!("{lead}{kind} tiers of {base} {} {{", print_per(tiers.per.node)));
    for band in &tiers.bands {
        out.line(band.span, &print_band(&band.node));
    }
    // The sentence goes on after the table: only comments up to the last band belong inside.
    let end = tiers.bands.last().map_or(span.start, |b| b.span.end);
    out.close(Span { end, ..span }, "}");
}

fn print_band(band: &Band) -> String {
    let mut bounds = Vec::new();
    if let Some((lower, included)) = &band.lower {
        bounds.push(format!("{} {}", if *included { "from" } else { "more than" }, sum(&lower.node)));
    }
    if let Some((upper, included)) = &band.upper {
        bounds.push(format!("{} {}", if *included { "up to" } else { "less than" }, sum(&upper.node)));
    }
    format!("{}: {}", bounds.join(" "), sum(&band.rate.node))
}

/// A modifier.
pub(super) fn modifier(out: &mut Out<'_>, node: &Modifier, span: Span, after: After) {
    match node {
        Modifier::Unless(exception) => unless(out, exception, span),
        Modifier::Otherwise(inner) if after == After::Nothing => {
            statement(out, "otherwise ", &inner.node, span)
        }
        Modifier::Otherwise(inner) => {
            out.open(span, "otherwise {");
            statement(out, "", &inner.node, inner.span);
            out.close(span, "}");
        }
        other => out.line(span, &one_line(other, after)),
    }
}

fn unless(out: &mut Out<'_>, node: &Exception, span: Span) {
    let label = node.label.as_ref().map_or_else(String::new, |l| format!("{}: ", l.node));
    let line = format!("unless {label}{}", print_expr(&node.condition.node));
    if node.unless.is_empty() {
        return out.line(span, &line);
    }
    out.open(span, &format!("{line} {{"));
    for inner in &node.unless {
        let first = inner.label.as_ref().map_or(inner.condition.span, |l| l.span);
        unless(out, inner, first);
    }
    out.close(span, "}");
}

/// A modifier of one line.
fn one_line(node: &Modifier, after: After) -> String {
    match node {
        Modifier::Where(e) => format!("where {}", print_expr(&e.node)),
        Modifier::OnlyIf(e) => format!("only if {}", print_expr(&e.node)),
        Modifier::While(e) => format!("while {}", print_expr(&e.node)),
        Modifier::When(e) => format!("when {}", print_expr(&e.node)),
        Modifier::ExclusiveWhile(e) => format!("exclusive while {}", print_expr(&e.node)),
        Modifier::SubjectTo(names) => format!("subject to {}", print_names(names)),
        Modifier::Notwithstanding(names) => format!("notwithstanding {}", print_names(names)),
        Modifier::WithoutPrejudice(names) => format!("without prejudice to {}", print_names(names)),
        Modifier::Before(event) => format!("before {}", after.event(event)),
        Modifier::Until(event) => format!("until {}", after.event(event)),
        Modifier::OnEach(event) => format!("on each {}", after.event(event)),
        Modifier::OnFirst(event) => format!("on the first {}", after.event(event)),
        Modifier::ExercisedBy(event) => format!("exercised by {}", after.event(event)),
        Modifier::BeforeDate(date) => format!("before {}", print_date_expr(&date.node)),
        Modifier::From(date) => format!("from {}", print_date_expr(&date.node)),
        Modifier::Through(date) => format!("through {}", print_date_expr(&date.node)),
        Modifier::By(date) => format!("by {}", print_date_expr(&date.node)),
        Modifier::OnDate(date) => format!("on {}", print_date_expr(&date.node)),
        Modifier::Lasting(length) => format!("for {}", print_duration(&length.node)),
        Modifier::Notice(length) => format!("by notice of {}", print_duration(&length.node)),
        Modifier::Within { length, of } => {
            format!("within {} of {}", print_duration(&length.node), after.event(of))
        }
        Modifier::WithinEach { length, period } => {
            format!("within {} after each {}", print_duration(&length.node), print_period(period.node))
        }
        Modifier::Each(period) => format!("each {}", print_period(period.node)),
        Modifier::NoDeadline => "no deadline".to_owned(),
        Modifier::Totalling { amount, field } => format!("totalling {} by {}", sum(&amount.node), field.node),
        Modifier::PerDelay { started, unit } => {
            let begun = if *started { "started" } else { "completed" };
            format!("per {begun} {} of delay", duration_unit_word(*unit, true))
        }
        Modifier::NonTransferable => "non-transferable".to_owned(),
        Modifier::Clocks(stop) => format!("clocks {}", if *stop { "stop" } else { "run" }),
        Modifier::MonthRounding(MonthRounding::Up) => "rounding up".to_owned(),
        Modifier::MonthRounding(MonthRounding::Down) => "rounding down".to_owned(),
        Modifier::Surviving { ids, .. } if ids.is_empty() => "surviving".to_owned(),
        Modifier::Surviving { ids, lasting: None } => format!("surviving {}", print_names(ids)),
        Modifier::Surviving { ids, lasting: Some(l) } => {
            format!("surviving {} for {}", print_names(ids), print_duration(&l.node))
        }
        Modifier::Renews { .. } | Modifier::MaySublicense { .. } | Modifier::UntilReaches { .. } => {
            long_term(node)
        }
        Modifier::Cap(_)
        | Modifier::Floor(_)
        | Modifier::Rounded { .. }
        | Modifier::Due(_)
        | Modifier::LateInterest { .. }
        | Modifier::Crediting { .. }
        | Modifier::Prorated
        | Modifier::InAdvance(_) => money(node),
        // Blocks; `modifier` prints them.
        Modifier::Unless(_) | Modifier::Otherwise(_) => String::new(),
    }
}

fn long_term(node: &Modifier) -> String {
    match node {
        Modifier::Renews { length, times, condition } => {
            let times = times.as_ref().map_or_else(String::new, |t| {
                format!(" up to {} {}", t.node, if t.node == 1 { "time" } else { "times" })
            });
            let condition =
                condition.as_ref().map_or_else(String::new, |c| format!(" if {}", print_expr(&c.node)));
            format!("renews for {}{times}{condition}", print_duration(&length.node))
        }
        Modifier::MaySublicense { to, depth } => {
            let to = if to.is_empty() { String::new() } else { format!(" to {}", print_names(to)) };
            let depth = depth.as_ref().map_or_else(String::new, |d| format!(" depth {}", d.node));
            format!("may sublicense{to}{depth}")
        }
        Modifier::UntilReaches { sum: total, level } => {
            format!("until {} reaches {}", at_level(&total.node, Level::Primary), sum(&level.node))
        }
        // Only the three above come here.
        other => one_line(other, After::Other),
    }
}

fn money(node: &Modifier) -> String {
    match node {
        Modifier::Cap(cap) => print_cap(cap),
        Modifier::Floor(Floor { amount, per, carry }) => {
            let carry = carry
                .as_ref()
                .map_or_else(String::new, |c| format!(" carrying shortfall for {}", print_duration(&c.node)));
            format!("floor {} {}{carry}", sum(&amount.node), print_per(per.node))
        }
        Modifier::Rounded { mode, per } => {
            format!("rounded {} {}", rounding_mode_word(*mode), print_per(per.node))
        }
        Modifier::Due(due) => format!("due {}", print_due(&due.node)),
        Modifier::LateInterest { rate, count } => {
            format!("late interest {} per year {}", sum(&rate.node), day_count_word(*count))
        }
        Modifier::Crediting { what, clause, up_to } => {
            let up_to = up_to.as_ref().map_or_else(String::new, |u| format!(" up to {}", sum(&u.node)));
            format!("crediting {} {}{up_to}", sum_of_word(*what), clause.node)
        }
        Modifier::Prorated => "prorated by days".to_owned(),
        Modifier::InAdvance(true) => "in advance".to_owned(),
        Modifier::InAdvance(false) => "in arrears".to_owned(),
        // Only the bounds and terms of money come here.
        other => one_line(other, After::Other),
    }
}

fn print_cap(cap: &Cap) -> String {
    let mut out = format!("cap {} {}", sum(&cap.amount.node), print_per(cap.per.node));
    if let Some(from) = &cap.from {
        out.push_str(&format!(" counting from {}", print_date_expr(&from.node)));
    }
    if cap.counting != SumOf::Accrued {
        out.push_str(&format!(" counting {}", sum_of_word(cap.counting)));
    }
    if cap.refunds_restore {
        out.push_str(" refunds restore");
    }
    out
}
