//! Names outside sentences: registers, calendars, key terms, scenarios, properties, assumptions that a clause rests on.
//! Names inside sentences are resolved where they get their meaning, version by version, by the lowering.

use crate::deal::{Deal, Symbols};
use crate::elaborate::{Scope, const_value, elaborate_guard};
use crate::walk::{Use, walk_expr};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::{
    EventRef, Expectation, Line, Name, Operation, Outcome, Property, Register, Step, TypeName,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

use super::unknown;

/// Reports names that mean nothing.
pub(super) fn check(deal: &Deal, diags: &mut Vec<Diagnostic>) {
    let s = &deal.symbols;
    for r in s.registers.values() {
        register(s, &r.node, diags);
    }
    calendars(s, diags);
    definitions(s, diags);
    schedules(deal, diags);
    for t in s.totals.values() {
        event_ref(s, &t.node.on, diags);
    }
    for k in &deal.key_terms {
        for c in &k.node.clauses {
            clause(s, c, diags);
        }
        super::key_terms::check(deal, k, diags);
    }
    for c in &deal.clauses {
        rests(s, &c.node.parts.body, diags);
    }
    for a in &deal.amendments {
        for op in &a.ast.node.operations {
            match &op.node {
                Operation::Insert { clause, .. } => rests(s, &clause.parts.body, diags),
                Operation::Replace { with, .. } | Operation::Restate { with, .. } => {
                    rests(s, &with.body, diags)
                }
                Operation::RestateAll(cs) => cs.iter().for_each(|c| rests(s, &c.node.parts.body, diags)),
                Operation::Strike { .. }
                | Operation::Vary { .. }
                | Operation::Suspend { .. }
                | Operation::Extend { .. }
                | Operation::Renumber { .. }
                | Operation::Affirm(_)
                | Operation::Set { .. }
                | Operation::Recites { .. } => {}
            }
        }
    }
    for sc in &deal.scenarios {
        for st in &sc.node.steps {
            step(deal, &st.node, diags);
        }
    }
    for p in &deal.proves {
        property(s, &p.node.property.node, diags);
    }
}

fn clause(s: &Symbols, n: &Name, diags: &mut Vec<Diagnostic>) {
    if !s.clauses.contains_key(&n.node) {
        diags.push(unknown("clause", n, s.clauses.keys().map(String::as_str), s));
    }
}

fn event(s: &Symbols, n: &Name, diags: &mut Vec<Diagnostic>) -> Option<crate::value::EventId> {
    let id = s.event(&n.node);
    if id.is_none() {
        diags.push(unknown("event kind", n, s.events.keys().map(String::as_str), s));
    }
    id
}

fn party(s: &Symbols, n: &Name, diags: &mut Vec<Diagnostic>) {
    if !s.parties.contains_key(&n.node) {
        diags.push(unknown("party", n, s.parties.keys().map(String::as_str), s));
    }
}

/// An event kind and its guard, over its own fields.
fn event_ref(s: &Symbols, r: &EventRef, diags: &mut Vec<Diagnostic>) {
    let Some(id) = event(s, &r.event, diags) else { return };
    let measures = std::cell::RefCell::new(Vec::new());
    if let Some(g) = &r.guard {
        let scope = Scope { measures: Some(&measures), ..Scope::new(s).over(id) };
        if let Err(ds) = elaborate_guard(&scope, g) {
            diags.extend(ds);
        }
    }
}

fn register(s: &Symbols, r: &Register, diags: &mut Vec<Diagnostic>) {
    for n in &r.initially {
        match &r.of.node {
            TypeName::Party => party(s, n, diags),
            TypeName::Named(v) => {
                let vocab = s.vocabularies.get_index_of(&v.node);
                let known =
                    || s.terms.iter().filter(move |t| Some(t.vocab.ix()) == vocab).map(|t| t.name.as_str());
                if vocab.is_none() {
                    diags.push(unknown("vocabulary", v, s.vocabularies.keys().map(String::as_str), s));
                } else if !known().any(|k| k == n.node) {
                    diags.push(unknown("term", n, known(), s));
                }
            }
            TypeName::Bool
            | TypeName::Int
            | TypeName::Decimal(_)
            | TypeName::Percent
            | TypeName::Money { .. }
            | TypeName::Date
            | TypeName::Instant
            | TypeName::Duration
            | TypeName::Text
            | TypeName::Clause => diags.push(Diagnostic::error(
                "T070",
                "a register holds parties or terms of a vocabulary",
                r.of.span,
                "neither",
            )),
        }
    }
    for c in r.adds.iter().chain(&r.removes) {
        event_ref(s, &c.on, diags);
        if let Some(id) = s.event(&c.on.event.node)
            && !s.event_info(id).fields.contains_key(&c.field.node)
        {
            diags.push(unknown("field", &c.field, s.event_info(id).fields.keys().map(String::as_str), s));
        }
    }
}

fn calendars(s: &Symbols, diags: &mut Vec<Diagnostic>) {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    for c in s.calendars.values() {
        for w in &c.node.weekend {
            if !DAYS.contains(&w.node.to_lowercase().as_str()) {
                diags.push(unknown("day of the week", w, DAYS.into_iter(), s));
            }
        }
        if let Some((a, b)) = &c.node.covers {
            let day = |d: &habendum_syntax::ast::Date| (d.year, d.month, d.day);
            if day(&a.node) > day(&b.node) {
                diags.push(Diagnostic::error(
                    "T071",
                    "the calendar ends before it begins",
                    b.span,
                    "earlier than its start",
                ));
            }
        }
    }
}

/// Names of definitions that nothing uses yet: a field of any event may be meant.
fn definitions(s: &Symbols, diags: &mut Vec<Diagnostic>) {
    let fields: BTreeSet<&str> =
        s.events.values().flat_map(|e| e.fields.keys()).map(String::as_str).collect();
    let terms: BTreeSet<&str> = s.terms.iter().map(|t| t.name.as_str()).collect();
    for d in s.defines.values() {
        walk_expr(&d.node.value.node, &mut |u| match u {
            Use::Name(n) => {
                let known = n == "date"
                    || fields.contains(n)
                    || terms.contains(n)
                    || s.params.contains_key(n)
                    || s.defines.contains_key(n)
                    || s.parties.contains_key(n)
                    || s.clauses.contains_key(n)
                    || s.totals.contains_key(n)
                    || s.registers.contains_key(n);
                if !known {
                    let words = fields.iter().copied().chain(s.params.keys().map(String::as_str));
                    let all = words.chain(s.defines.keys().map(String::as_str));
                    let name = Name::new(n.to_owned(), d.node.value.span);
                    diags.push(unknown("field, parameter, definition or term", &name, all, s));
                }
            }
            Use::Total(n) => {
                if !s.totals.contains_key(&n.node) {
                    diags.push(unknown("total", n, s.totals.keys().map(String::as_str), s));
                }
            }
            Use::Clause(n) => clause(s, n, diags),
            Use::Event(n) => {
                event(s, n, diags);
            }
        });
    }
}

/// Values of schedules, chosen or not.
fn schedules(deal: &Deal, diags: &mut Vec<Diagnostic>) {
    let s = &deal.symbols;
    for x in deal.schedules.values() {
        let mut seen = BTreeMap::new();
        for (name, value) in &x.node.values {
            if let Some(first) = seen.insert(name.node.as_str(), name.span) {
                diags.push(
                    Diagnostic::error(
                        "N011",
                        format!("the schedule gives `{}` two values", name.node),
                        name.span,
                        "again here",
                    )
                    .label(first, "first here"),
                );
            }
            match s.params.get(&name.node) {
                None => diags.push(unknown("parameter", name, s.params.keys().map(String::as_str), s)),
                Some(p) => {
                    if let Err(ds) = const_value(s, value, p.ty) {
                        let at = p.ast.node.name.span;
                        diags.extend(ds.into_iter().map(|d| d.label(at, "the parameter")));
                    }
                }
            }
        }
    }
}

fn rests(s: &Symbols, body: &[habendum_syntax::Sp<Line>], diags: &mut Vec<Diagnostic>) {
    for l in body {
        match &l.node {
            Line::RestsOn(names) => {
                for n in names {
                    if !s.assumptions.contains_key(&n.node) {
                        diags.push(unknown("assumption", n, s.assumptions.keys().map(String::as_str), s));
                    }
                }
            }
            Line::Text(_) | Line::Source(_) | Line::Waive(_) | Line::Reading(_) | Line::Statement(_) => {}
        }
    }
}

fn step(deal: &Deal, st: &Step, diags: &mut Vec<Diagnostic>) {
    let s = &deal.symbols;
    match st {
        Step::Schedule(n) => {
            if !deal.schedules.contains_key(&n.node) {
                diags.push(unknown("schedule", n, deal.schedules.keys().map(String::as_str), s));
            }
        }
        Step::Set(n, _) => {
            if !s.params.contains_key(&n.node) {
                diags.push(unknown("parameter", n, s.params.keys().map(String::as_str), s));
            }
        }
        Step::Reading(c, _) => clause(s, c, diags),
        Step::Event { kind, fields, .. } => {
            let Some(id) = event(s, kind, diags) else { return };
            let known = &s.event_info(id).fields;
            for (f, _) in fields {
                if !known.contains_key(&f.node) {
                    diags.push(unknown("field", f, known.keys().map(String::as_str), s));
                }
            }
        }
        Step::KnownAsOf(d) | Step::Clock(d) => {
            let made = Date::new(
                d.node.year,
                i8::try_from(d.node.month).unwrap_or(0),
                i8::try_from(d.node.day).unwrap_or(0),
            );
            if made.is_err() {
                diags.push(Diagnostic::error("T024", "no such day", d.span, "this date"));
            }
        }
        Step::Expect(x) => match x {
            Expectation::Verdict { clauses, .. } => clauses.iter().for_each(|c| clause(s, c, diags)),
            Expectation::Accrues(_, c)
            | Expectation::Sum(_, c, _)
            | Expectation::Interest(c, _)
            | Expectation::Duty(_, c)
            | Expectation::Open(_, c)
            | Expectation::InForce(_, c) => clause(s, c, diags),
        },
    }
}

fn property(s: &Symbols, p: &Property, diags: &mut Vec<Diagnostic>) {
    let mut outcome = |o: &Outcome| {
        if let Some(c) = &o.clause {
            clause(s, c, diags);
        }
        if let Some(e) = &o.on {
            event_ref(s, e, diags);
        }
    };
    match p {
        Property::Never(o) | Property::Always(o) => outcome(o),
        Property::Implies(a, b) => {
            outcome(a);
            outcome(b);
        }
        Property::Equivalent(a, b) => {
            clause(s, a, diags);
            clause(s, b, diags);
        }
        Property::Independent { clause: c, event: e, field } => {
            clause(s, c, diags);
            if let (Some(id), Some(f)) = (event(s, e, diags), field)
                && !s.event_info(id).fields.contains_key(&f.node)
            {
                diags.push(unknown("field", f, s.event_info(id).fields.keys().map(String::as_str), s));
            }
        }
        Property::AtMost { payer, payee, clause: c, .. } => {
            party(s, payer, diags);
            if let Some(q) = payee {
                party(s, q, diags);
            }
            if let Some(c) = c {
                clause(s, c, diags);
            }
        }
    }
}
