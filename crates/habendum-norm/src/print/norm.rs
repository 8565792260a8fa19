//! Norms in lines: the head with its identity, then term, exceptions and ranks, then what the body holds.

use super::{Words, date, length, period, sum_of, unit};
use crate::eval::person;
use crate::ir::{
    Amount, Basis, Body, Duty, EventTest, Exception, Exclusivity, Inert, License, Norm, NormId, Opening,
    Payment, Power, Relief, ReliefEffect, Term, Who,
};
use habendum_model::expr::{Expr, WhoMember};
use habendum_model::value::{ClauseId, EventId, TermId};
use habendum_syntax::ast::{DayCount, PowerAct, RoundingMode};
use std::fmt::Write;

/// The kind of a norm in one word.
#[must_use]
pub fn body_word(b: &Body) -> &'static str {
    match b {
        Body::Rule(r) if r.permits => "permission",
        Body::Rule(_) => "prohibition",
        Body::Duty(_) => "obligation",
        Body::Keep(_) => "maintenance duty",
        Body::Payment(_) => "payment",
        Body::Power(_) => "power",
        Body::Relief(_) => "relief",
        Body::License(_) => "license",
        Body::Inert(_) => "carried text",
    }
}

struct Lines<'a, 'b> {
    words: Words<'a>,
    indent: usize,
    out: &'b mut String,
}

impl Lines<'_, '_> {
    fn line(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(self.out, "{:w$}{}", "", text.as_ref(), w = self.indent * 2);
    }

    fn clauses(&mut self, word: &str, all: &[ClauseId]) {
        if !all.is_empty() {
            let s = &self.words.program.symbols;
            let names: Vec<&str> = all.iter().map(|c| s.clause_name(*c)).collect();
            self.line(format!("{word} {}", names.join(", ")));
        }
    }
}

fn id(w: &Words<'_>, id: NormId) -> String {
    format!("{}.{}.{}", w.program.symbols.clause_name(id.clause), id.part, id.sub)
}

/// A norm and the reparations in it.
pub(super) fn norm(w: &Words<'_>, n: &Norm, indent: usize, out: &mut String) {
    let mut l = Lines { words: *w, indent, out };
    let key = n.key.as_ref().map(|k| format!(" for each {}", k.fields.join(", "))).unwrap_or_default();
    l.line(format!("{} {}{key}", id(w, n.id), body_word(&n.body)));
    l.indent += 1;
    term(&mut l, &n.term);
    exceptions(&mut l, &n.exceptions, stated_event(&n.body));
    l.clauses("subject to", &n.subject_to);
    l.clauses("notwithstanding", &n.notwithstanding);
    l.clauses("without prejudice to", &n.without_prejudice);
    match &n.body {
        Body::Rule(r) => {
            let verb = if r.permits { "may" } else { "must not" };
            let kind = w.program.symbols.event_name(r.event);
            l.line(format!("{} {verb} {kind}{}", who(w, &r.who), guard(w, r.guard.as_ref(), r.event, None)));
            if let Some(t) = &r.before {
                l.line(format!("before {}", test(w, t)));
            }
            otherwise(&mut l, r.otherwise.as_deref());
        }
        Body::Duty(d) => duty(&mut l, d),
        Body::Keep(k) => {
            let own = Words { event: Some(k.shown_by.event), ..*w };
            l.line(format!(
                "{} must keep {} on each {}",
                who(w, &k.who),
                own.expr(&k.condition),
                test(w, &k.shown_by)
            ));
            otherwise(&mut l, k.otherwise.as_deref());
        }
        Body::Payment(p) => payment(&mut l, p),
        Body::Power(p) => power(&mut l, p),
        Body::Relief(r) => relief(&mut l, r),
        Body::License(x) => license(&mut l, x),
        Body::Inert(x) => l.line(match x {
            Inert::Recital(t) => format!("recital {t:?}"),
            Inert::Undertaking(t, status) => {
                format!(
                    "undertaking {t:?}{}",
                    status.as_ref().map(|s| format!(" status {s}")).unwrap_or_default()
                )
            }
            Inert::Holding(t) => format!("holding {t:?}"),
        }),
    }
}

/// The event whose fields a norm's exceptions are asked over.
fn stated_event(b: &Body) -> Option<EventId> {
    match b {
        Body::Rule(r) => Some(r.event),
        Body::Duty(d) => match &d.opening {
            Opening::Within { trigger, .. } => Some(trigger.event),
            Opening::By(_)
            | Opening::Each(_)
            | Opening::AfterEach(..)
            | Opening::NoDeadline
            | Opening::OnBreach(_) => None,
        },
        Body::Keep(k) => Some(k.shown_by.event),
        Body::Payment(p) => basis_event(&p.basis),
        Body::Power(p) => Some(p.exercised_by.event),
        Body::Relief(r) => Some(r.cause.event),
        Body::License(l) => Some(l.event),
        Body::Inert(_) => None,
    }
}

fn basis_event(b: &Basis) -> Option<EventId> {
    match b {
        Basis::Each(t) | Basis::First(t) => Some(t.event),
        Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => None,
    }
}

fn term(l: &mut Lines<'_, '_>, t: &Term) {
    if let Some(d) = &t.from {
        l.line(format!("from {}", date(d)));
    }
    if let Some(d) = &t.through {
        l.line(format!("through {}", date(d)));
    }
    for x in &t.until {
        let text = test(&l.words, x);
        l.line(format!("until {text}"));
    }
    for (a, b) in &t.until_reaches {
        let (a, b) = (l.words.expr(a), l.words.expr(b));
        l.line(format!("until {a} reaches {b}"));
    }
    if let Some(c) = &t.holds_while {
        let text = l.words.expr(c);
        l.line(format!("while {text}"));
    }
    if let Some(r) = &t.renews {
        let times = r.times.map(|n| format!(" up to {n} times")).unwrap_or_default();
        let cond = r.condition.as_ref().map(|c| format!(" if {}", l.words.expr(c))).unwrap_or_default();
        l.line(format!("renews for {}{times}{cond}", length(r.length)));
    }
    for s in &t.suspensions {
        let through = s.through.as_ref().map(|d| format!(" through {}", date(d))).unwrap_or_default();
        let clocks = if s.clocks_stop { " clocks stop" } else { "" };
        l.line(format!("suspended from {}{through}{clocks}", date(&s.from)));
    }
}

fn exceptions(l: &mut Lines<'_, '_>, all: &[Exception], event: Option<EventId>) {
    for x in all {
        let words = Words { event, trigger: event, ..l.words };
        let label = x.label.as_ref().map(|n| format!("{n}: ")).unwrap_or_default();
        l.line(format!("unless {label}{}", words.expr(&x.condition)));
        l.indent += 1;
        exceptions(l, &x.unless, event);
        l.indent -= 1;
    }
}

fn who(w: &Words<'_>, who: &Who) -> String {
    let s = &w.program.symbols;
    let list = |all: &[WhoMember]| {
        let names: Vec<String> = all
            .iter()
            .map(|m| match m {
                WhoMember::Party(p) => person(s, *p),
                WhoMember::Register(r) => {
                    s.registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str()).to_owned()
                }
            })
            .collect();
        names.join(", ")
    };
    match who {
        Who::Named(all) => list(all),
        Who::AnyParty => "either party".into(),
        Who::Anyone => "anyone".into(),
        Who::AnyoneExcept(all) => format!("anyone except {}", list(all)),
        Who::OutsideLicense { license, spare_licensor } => {
            let spare = if *spare_licensor { ", its licensor spared" } else { "" };
            format!("anyone outside the license {}{spare}", id(w, *license))
        }
    }
}

fn guard(w: &Words<'_>, g: Option<&Expr>, event: EventId, trigger: Option<EventId>) -> String {
    let own = Words { event: Some(event), trigger, ..*w };
    g.map(|g| format!(" where {}", own.expr(g))).unwrap_or_default()
}

/// An event kind with its guard and equal fields.
pub(super) fn test(w: &Words<'_>, t: &EventTest) -> String {
    let s = &w.program.symbols;
    let kind = s.event_name(t.event);
    let names: Vec<&str> = t
        .same
        .iter()
        .filter_map(|(_, f)| s.event_info(t.event).fields.get_index(f.ix()).map(|(n, _)| n.as_str()))
        .collect();
    let same = if names.is_empty() { String::new() } else { format!(" of the same {}", names.join(", ")) };
    format!("{kind}{same}{}", guard(w, t.guard.as_ref(), t.event, None))
}

fn otherwise(l: &mut Lines<'_, '_>, n: Option<&Norm>) {
    if let Some(n) = n {
        l.line("otherwise");
        norm(&l.words, n, l.indent + 1, l.out);
    }
}

fn duty(l: &mut Lines<'_, '_>, d: &Duty) {
    let w = l.words;
    let (opens, trigger) = match &d.opening {
        Opening::Within { trigger, length: n } => {
            (format!("within {} of {}", length(*n), test(&w, trigger)), Some(trigger.event))
        }
        Opening::By(day) => (format!("by {}", date(day)), None),
        Opening::Each(p) => (format!("each {}", period(*p)), None),
        Opening::AfterEach(p, n) => (format!("within {} after each {}", length(*n), period(*p)), None),
        Opening::NoDeadline => ("no deadline".into(), None),
        Opening::OnBreach(n) => {
            (n.map_or_else(|| "no deadline".into(), |n| format!("within {} of breach", length(n))), None)
        }
    };
    let kind = w.program.symbols.event_name(d.event);
    l.line(format!("{} must {kind}{}", who(&w, &d.who), guard(&w, d.guard.as_ref(), d.event, trigger)));
    l.line(opens);
    if let Some((need, f)) = &d.quantity {
        let field = w.program.symbols.event_info(d.event).fields.get_index(f.ix());
        let field = field.map_or("?", |(n, _)| n.as_str());
        let own = Words { event: trigger, trigger, ..w };
        l.line(format!("totalling {} by {field}", own.expr(need)));
    }
    otherwise(l, d.otherwise.as_deref());
}

fn payment(l: &mut Lines<'_, '_>, p: &Payment) {
    let w = Words { event: basis_event(&p.basis), ..l.words };
    let s = &w.program.symbols;
    let on = match &p.basis {
        Basis::Each(t) => format!("on each {}", test(&w, t)),
        Basis::First(t) => format!("on the first {}", test(&w, t)),
        Basis::On(d) => format!("on {}", date(d)),
        Basis::Period(n, advance) => {
            format!("each {} in {}", period(*n), if *advance { "advance" } else { "arrears" })
        }
        Basis::Breach => "on the breach".into(),
        Basis::Delay { started, unit: u } => {
            format!("per {} {} of delay", if *started { "started" } else { "completed" }, unit(*u))
        }
    };
    let amount = match &p.amount {
        Amount::Expr(e) => w.expr(e),
        Amount::Tiers { marginal, base, per, .. } => format!(
            "{} tiers of {} per {}",
            if *marginal { "marginal" } else { "whole" },
            w.expr(base),
            period(*per)
        ),
    };
    l.line(format!("{} pays {} {amount} {on}", person(s, p.payer), person(s, p.payee)));
    if let Amount::Tiers { bands, .. } = &p.amount {
        for b in bands {
            let from = format!("{} {}", if b.lower.1 { "from" } else { "more than" }, w.expr(&b.lower.0));
            let to = b.upper.as_ref().map_or_else(String::new, |(u, i)| {
                format!(" {} {}", if *i { "up to" } else { "less than" }, w.expr(u))
            });
            l.line(format!("  {from}{to}: {}", w.expr(&b.rate)));
        }
    }
    if let Some(g) = &p.guard {
        l.line(format!("where {}", w.expr(g)));
    }
    for c in &p.caps {
        let from = c.from.as_ref().map(|d| format!(" counting from {}", date(d))).unwrap_or_default();
        let restore = if c.refunds_restore { " refunds restore" } else { "" };
        let counting = format!(" counting {}", sum_of(c.counting));
        l.line(format!("cap {} per {}{from}{counting}{restore}", w.expr(&c.amount), period(c.per)));
    }
    for c in &p.credits {
        let most = c.up_to.as_ref().map(|e| format!(" up to {}", w.expr(e))).unwrap_or_default();
        l.line(format!("crediting {} {}{most}", sum_of(c.what), s.clause_name(c.clause)));
    }
    for f in &p.floors {
        let carry = f.carry.map(|n| format!(" carrying shortfall for {}", length(n))).unwrap_or_default();
        l.line(format!("floor {} per {}{carry}", w.expr(&f.amount), period(f.per)));
    }
    settlement(l, &w, p);
}

fn settlement(l: &mut Lines<'_, '_>, w: &Words<'_>, p: &Payment) {
    let mode = match p.rounding.0 {
        RoundingMode::HalfEven => "half-even",
        RoundingMode::HalfUp => "half-up",
        RoundingMode::HalfDown => "half-down",
        RoundingMode::Up => "up",
        RoundingMode::Down => "down",
    };
    l.line(format!("rounded {mode} per {}", period(p.rounding.1)));
    if p.prorated {
        l.line("prorated by days");
    }
    match &p.due {
        None => {}
        Some(crate::ir::Due::AtOnce) => l.line("due at once"),
        Some(crate::ir::Due::AfterEach(n, per)) => {
            l.line(format!("due within {} after each {}", length(*n), period(*per)));
        }
        Some(crate::ir::Due::After(n)) => l.line(format!("due within {}", length(*n))),
        Some(crate::ir::Due::On(d)) => l.line(format!("due on {}", date(d))),
    }
    if let Some((rate, count)) = &p.late {
        let count = match count {
            DayCount::Actual360 => "actual/360",
            DayCount::Actual365 => "actual/365",
            DayCount::ActualActual => "actual/actual",
            DayCount::Thirty360 => "30/360",
        };
        l.line(format!("late interest {} per year {count}", w.expr(rate)));
    }
}

fn power(l: &mut Lines<'_, '_>, p: &Power) {
    let w = l.words;
    let act = match p.act {
        PowerAct::Terminate => "terminate",
        PowerAct::Suspend => "suspend",
        PowerAct::Resume => "resume",
        PowerAct::Extend => "extend",
        PowerAct::Assign => "assign",
    };
    let s = &w.program.symbols;
    let targets = p.targets.as_ref().map_or_else(
        || "the agreement".to_owned(),
        |all| all.iter().map(|c| s.clause_name(*c)).collect::<Vec<_>>().join(", "),
    );
    l.line(format!("{} may {act} {targets} exercised by {}", who(&w, &p.who), test(&w, &p.exercised_by)));
    if let Some(g) = &p.ground {
        let own = Words { event: Some(p.exercised_by.event), ..w };
        l.line(format!("when {}", own.expr(g)));
    }
    if let Some(n) = p.notice {
        l.line(format!("by notice of {}", length(n)));
    }
    if let Some(n) = p.lasting {
        l.line(format!("for {}", length(n)));
    }
    for (c, lasting) in &p.surviving {
        let until = lasting.map(|l| format!(" for {}", length(l))).unwrap_or_default();
        l.line(format!("surviving {}{until}", l.words.program.symbols.clause_name(*c)));
    }
    if p.clocks_stop {
        l.line("clocks stop");
    }
}

fn relief(l: &mut Lines<'_, '_>, r: &Relief) {
    let w = l.words;
    let s = &w.program.symbols;
    let targets = r.targets.iter().map(|c| s.clause_name(*c)).collect::<Vec<_>>().join(", ");
    let cause = test(&w, &r.cause);
    match &r.effect {
        ReliefEffect::Excuse { until, lasting, clocks_stop } => {
            l.line(format!("{cause} excuses {targets}"));
            for t in until {
                l.line(format!("until {}", test(&w, t)));
            }
            if let Some(n) = lasting {
                l.line(format!("for {}", length(*n)));
            }
            if *clocks_stop {
                l.line("clocks stop");
            }
        }
        ReliefEffect::Extend(by) => {
            let own = Words { event: Some(r.cause.event), ..w };
            l.line(format!("{cause} extends {targets} by {}", own.expr(by)));
        }
    }
}

fn license(l: &mut Lines<'_, '_>, x: &License) {
    let w = l.words;
    let s = &w.program.symbols;
    let terms = |all: &[TermId]| {
        all.iter().filter_map(|t| s.terms.get(t.ix())).map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let kind = match &x.exclusivity {
        Exclusivity::Exclusive => "exclusive".to_owned(),
        Exclusivity::ExclusiveExceptGrantor => "exclusive except grantor".into(),
        Exclusivity::Sole => "sole".into(),
        Exclusivity::NonExclusive => "non-exclusive".into(),
        Exclusivity::CoExclusive(set) => {
            format!("co-exclusive with {}", set.iter().map(|p| person(s, *p)).collect::<Vec<_>>().join(", "))
        }
    };
    l.line(format!(
        "{} grants {} {kind} to {} {} in {} for {}",
        person(s, x.licensor),
        person(s, x.licensee),
        s.event_name(x.event),
        terms(&x.assets),
        terms(&x.territories),
        terms(&x.fields)
    ));
    if let Some(sub) = &x.sublicense {
        let to = sub.to.iter().map(|p| person(s, *p)).collect::<Vec<_>>().join(", ");
        let to = if to.is_empty() { String::new() } else { format!(" to {to}") };
        let depth = sub.depth.map(|d| format!(" depth {d}")).unwrap_or_default();
        l.line(format!("may sublicense{to}{depth}"));
    }
    if !x.transferable {
        l.line("non-transferable");
    }
    if x.surviving {
        l.line("surviving");
    }
    if let Some(c) = &x.exclusive_while {
        l.line(format!("exclusive while {}", w.expr(c)));
    }
}
