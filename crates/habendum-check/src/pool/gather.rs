//! The walk over the norms of a slice: which event kinds they ask about, and what they ask of each field.
//!
//! Invariant: every expression of every norm in the slice is visited with the event whose fields it reads.

use super::facts::Facts;
use super::linear::{At, linear};
use super::paid;
use super::slice::Slice;
use habendum_model::expr::MeasureWhat;
use habendum_model::value::{EventId, Exact, FieldId, Value};
use habendum_norm::ir::{Basis, Body, Duty, Exception, License, Norm, Opening, Program, ReliefEffect};
use habendum_norm::reads::{Read, reads};

/// Gathers what a slice asks.
pub(super) fn gather<'p>(program: &'p Program, slice: &Slice) -> Facts<'p> {
    let mut facts = Facts::new(program);
    facts.day(&program.effective);
    for v in &program.versions {
        facts.day(&v.from);
        for n in v.norms.iter().filter(|n| slice.clauses.contains(&n.id.clause)) {
            norm(&mut facts, n, At::default());
        }
    }
    measures(&mut facts, slice);
    for r in slice.registers.iter().filter_map(|r| program.registers.get(r.ix())) {
        for (test, member) in r.adds.iter().chain(&r.removes) {
            facts.test(test, None, None);
            facts.apart(Some(test.event), *member);
            if let Some(f) = facts.read(Some(test.event), *member) {
                f.constants.extend(r.initially.iter().cloned());
            }
        }
    }
    paid::levels(&mut facts, slice);
    facts
}

/// A norm; `repairs` names the events of the norm whose breach it repairs.
fn norm(facts: &mut Facts<'_>, n: &Norm, repairs: At) {
    for r in reads(n) {
        if let Read::Date(d) = r {
            facts.day(d);
        }
    }
    let at = place(n, repairs);
    let opens = match &n.body {
        Body::Duty(_) => At { event: at.trigger.filter(|_| repairs.trigger.is_none()), trigger: at.trigger },
        _ => at,
    };
    let kinds: Vec<EventId> = at.event.into_iter().chain(at.trigger).collect();
    facts.kinds.extend(kinds.iter().copied());
    key(facts, n, &kinds);
    for e in &n.exceptions {
        exception(facts, e, opens);
    }
    n.term.until.iter().for_each(|t| facts.test(t, at.event, None));
    for (sum, level) in &n.term.until_reaches {
        paid::turns(facts, sum, level, at);
    }
    n.term.holds_while.iter().for_each(|e| facts.expr(e, at));
    if let Some(r) = &n.term.renews {
        r.condition.iter().for_each(|e| facts.expr(e, at));
        renewals(facts, n, r.length, r.times);
    }
    body(facts, n, at, opens, repairs);
}

/// The events whose fields a norm reads.
pub(super) fn place(n: &Norm, repairs: At) -> At {
    match &n.body {
        Body::Rule(r) => At { event: Some(r.event), trigger: None },
        Body::Duty(d) => At {
            event: Some(d.event),
            trigger: match &d.opening {
                Opening::Within { trigger, .. } => Some(trigger.event),
                Opening::By(_)
                | Opening::Each(_)
                | Opening::AfterEach(..)
                | Opening::NoDeadline
                | Opening::OnBreach(_) => repairs.trigger,
            },
        },
        Body::Keep(k) => At { event: Some(k.shown_by.event), trigger: None },
        Body::Payment(p) => At {
            event: match &p.basis {
                Basis::Each(t) | Basis::First(t) => Some(t.event),
                Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => repairs.trigger,
            },
            trigger: repairs.trigger,
        },
        Body::Power(p) => At { event: Some(p.exercised_by.event), trigger: None },
        Body::Relief(r) => At { event: Some(r.cause.event), trigger: None },
        Body::License(l) => At { event: Some(l.event), trigger: None },
        Body::Inert(_) => At::default(),
    }
}

fn body(facts: &mut Facts<'_>, n: &Norm, at: At, opens: At, repairs: At) {
    match &n.body {
        Body::Rule(r) => {
            facts.actor(r.event);
            r.guard.iter().for_each(|g| facts.expr(g, at));
            r.before.iter().for_each(|t| facts.test(t, at.event, None));
            r.otherwise.iter().for_each(|o| norm(facts, o, At { event: None, trigger: at.event }));
        }
        Body::Duty(d) => duty(facts, d, at, opens),
        Body::Keep(k) => {
            facts.test(&k.shown_by, None, None);
            facts.expr(&k.condition, at);
            k.otherwise.iter().for_each(|o| norm(facts, o, At { event: None, trigger: at.event }));
        }
        Body::Payment(p) => paid::payment(facts, p, at, repairs),
        Body::Power(p) => {
            facts.actor(p.exercised_by.event);
            facts.test(&p.exercised_by, None, None);
            p.ground.iter().for_each(|g| facts.expr(g, at));
            p.assignee.iter().for_each(|f| facts.apart(at.event, *f));
            facts.lengths.extend(p.notice);
        }
        Body::Relief(r) => {
            facts.test(&r.cause, None, None);
            match &r.effect {
                ReliefEffect::Excuse { until, lasting, .. } => {
                    until.iter().for_each(|t| facts.test(t, at.event, None));
                    facts.lengths.extend(*lasting);
                }
                ReliefEffect::Extend(e) => facts.expr(e, at),
            }
        }
        Body::License(l) => license(facts, n, l, at),
        Body::Inert(_) => {}
    }
}

fn duty(facts: &mut Facts<'_>, d: &Duty, at: At, opens: At) {
    facts.actor(d.event);
    d.guard.iter().for_each(|g| facts.expr(g, at));
    match &d.opening {
        Opening::Within { trigger, length } => {
            facts.test(trigger, at.event, None);
            facts.lengths.insert(*length);
        }
        Opening::By(day) => facts.day(day),
        Opening::Each(p) => facts.period(*p),
        Opening::AfterEach(p, length) => {
            facts.period(*p);
            facts.lengths.insert(*length);
        }
        Opening::NoDeadline => {}
        Opening::OnBreach(length) => facts.lengths.extend(*length),
    }
    if let Some((quantity, field)) = &d.quantity {
        facts.expr(quantity, opens);
        facts.read(at.event, *field);
        facts.each_env(|facts, env| {
            if let Some(q) = linear(quantity, opens, env).filter(|q| q.factors.is_empty())
                && let Some(f) = facts.read(at.event, *field)
            {
                f.turns.insert(q.constant);
                f.exact.extend(q.constant.div(Exact::int(2)));
            }
        });
    }
    let trigger = At { event: None, trigger: at.trigger.or(at.event) };
    d.otherwise.iter().for_each(|o| norm(facts, o, trigger));
}

fn license(facts: &mut Facts<'_>, n: &Norm, l: &License, at: At) {
    facts.actor(l.event);
    l.exclusive_while.iter().for_each(|e| facts.expr(e, at));
    let Some(grant) = facts.program.symbols.event("Grant") else { return };
    for kind in [grant, l.event] {
        facts.actor(kind);
        let info = facts.program.symbols.event_info(kind);
        for (name, terms) in [("asset", &l.assets), ("territory", &l.territories), ("field", &l.fields)] {
            if let Some(f) = info.fields.get_index_of(name).map(FieldId::at)
                && let Some(f) = facts.read(Some(kind), f)
            {
                f.related.extend(terms.iter().copied());
            }
        }
    }
    let info = facts.program.symbols.event_info(grant);
    for name in ["to", "exclusivity", "sublicense", "through"] {
        if let Some(f) = info.fields.get_index_of(name).map(FieldId::at)
            && let Some(f) = facts.read(Some(grant), f)
        {
            match name {
                "to" => f.apart = true,
                "exclusivity" => {
                    f.constants.extend(["exclusive", "sole", "non-exclusive"].map(|t| Value::Text(t.into())));
                }
                "through" => f.constants.extend(
                    n.term.through.as_ref().and_then(habendum_model::expr::DateValue::fixed).map(Value::Date),
                ),
                _ => {}
            }
        }
    }
}

fn key(facts: &mut Facts<'_>, n: &Norm, kinds: &[EventId]) {
    let Some(key) = &n.key else { return };
    let table = key.table.and_then(|t| facts.program.symbols.tables.get_index(t.ix())).map(|(_, t)| t);
    for kind in kinds {
        for name in &key.fields {
            let Some(f) = facts.program.symbols.event_info(*kind).fields.get_index_of(name) else { continue };
            facts.apart(Some(*kind), FieldId::at(f));
            if let Some(t) = table.filter(|t| t.key == *name || key.fields.len() == 1)
                && let Some(f) = facts.read(Some(*kind), FieldId::at(f))
            {
                f.constants.extend(t.rows.keys().take(8).cloned());
            }
        }
    }
}

fn exception(facts: &mut Facts<'_>, e: &Exception, at: At) {
    facts.expr(&e.condition, at);
    e.unless.iter().for_each(|u| exception(facts, u, at));
}

/// The last days of the first renewals.
fn renewals(facts: &mut Facts<'_>, n: &Norm, length: habendum_model::value::Length, times: Option<u32>) {
    let Some(mut last) = n.term.through.as_ref().and_then(habendum_model::expr::DateValue::fixed) else {
        return;
    };
    for _ in 0..times.unwrap_or(2).min(2) {
        match habendum_model::date::add(
            last,
            length,
            &facts.program.reckoning,
            Some(habendum_syntax::ast::MonthRounding::Down),
        ) {
            Ok(d) => last = d,
            Err(_) => return,
        }
        facts.days.insert(last);
    }
}

fn measures(facts: &mut Facts<'_>, slice: &Slice) {
    let program = facts.program;
    for m in slice.measures.iter().filter_map(|m| program.measures.get(m.ix())) {
        let kind = match &m.what {
            MeasureWhat::Total(t) => {
                let Some(def) = program.totals.get(t.ix()) else { continue };
                facts.test(&def.on, None, None);
                facts.expr(&def.value, At { event: Some(def.on.event), trigger: None });
                def.on.event
            }
            MeasureWhat::Count { event, guard } => {
                facts.kinds.insert(*event);
                guard.iter().for_each(|g| facts.expr(g, At { event: Some(*event), trigger: None }));
                *event
            }
            MeasureWhat::Payment(..) | MeasureWhat::Breaches(_) => continue,
        };
        for name in &m.key {
            if let Some(f) = program.symbols.event_info(kind).fields.get_index_of(name) {
                facts.apart(Some(kind), FieldId::at(f));
            }
        }
    }
}
