//! What each norm asks of an event.
//!
//! Invariant: the order of the parts is the interpreter's, so that a part which cannot be evaluated counts only where it is reached.

use super::collect::{Collector, Living, Text};
use super::compile::Compiler;
use super::pred::Pred;
use super::ranges::Ranges;
use super::test::Ask;
use super::tri::Tri;
use crate::layout::Layout;
use habendum_model::expr::MeasureWhat;
use habendum_model::value::{EventId, FieldId, MeasureId, RegisterId};
use habendum_norm::ir::{Basis, Body, Duty, EventTest, Exception, Norm, NormId, Opening, ReliefEffect};
use habendum_norm::reads::{lives_by_time, norms_of};

/// Asks what a norm asks in a version.
pub(crate) fn ask<'a>(c: &mut Collector<'a>, text: &Text<'a>, l: Living<'a>) {
    let n = l.norm;
    let id = n.id;
    let key: &'a [String] = n.key.as_ref().map_or(&[], |k| &k.fields);
    if let Body::Duty(d) = &n.body {
        performs(c, text, n, d, key);
    }
    if let Body::Relief(r) = &n.body
        && let ReliefEffect::Excuse { until, .. } = &r.effect
    {
        for (i, t) in until.iter().enumerate() {
            let days = text.all_days();
            c.ask(Ask::EndsRelief(id, i), text, t.event, key, days, |x, _| {
                if !t.same.is_empty() {
                    x.residual.insert("asks for the cause of the relief".into());
                }
                Tri::all(vec![x.guard(t.guard.as_ref()), same_unknown(t)])
            });
        }
    }
    if l.ghost {
        return;
    }
    let term = text.term(n, c.reach.prolonged(n));
    let norms = &text.version.norms;
    match &n.body {
        Body::Rule(r) => c.ask(Ask::Applies(id), text, r.event, key, term, |x, reach| {
            let (key, acts) = (keyed(x), x.acts(&r.who, id.clause, reach, norms));
            let (guard, free) = (x.guard(r.guard.as_ref()), excepted(x, &n.exceptions).negated());
            Tri::all(vec![key, acts, guard, free])
        }),
        Body::Keep(k) => c.ask(Ask::Unmet(id), text, k.shown_by.event, key, text.days(), |x, _| {
            let (key, shown) = (keyed(x), x.guard(k.shown_by.guard.as_ref()));
            let (free, met) = (excepted(x, &n.exceptions).negated(), x.guard(Some(&k.condition)));
            Tri::all(vec![key, shown, free, met.negated(), on(term)])
        }),
        Body::Duty(d) => {
            if let Opening::Within { trigger, .. } = &d.opening {
                c.ask(Ask::Opens(id), text, trigger.event, key, term, |x, _| opens(x, n, trigger));
            }
        }
        Body::Payment(p) => match &p.basis {
            Basis::Each(t) | Basis::First(t) => c.ask(Ask::Accrues(id), text, t.event, key, term, |x, _| {
                let (opens, guard) = (vec![keyed(x), x.guard(t.guard.as_ref())], x.guard(p.guard.as_ref()));
                let free = excepted(x, &n.exceptions).negated();
                Tri::all(opens.into_iter().chain([guard, free]).collect())
            }),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => {}
        },
        Body::Power(p) => {
            c.ask(Ask::Exercises(id), text, p.exercised_by.event, key, text.days(), |x, reach| {
                let (key, acts) = (keyed(x), x.acts_or_nobody(&p.who, id.clause, reach, norms));
                let guard = x.guard(p.exercised_by.guard.as_ref());
                Tri::all(vec![key, acts, guard])
            });
        }
        Body::Relief(r) => c.ask(Ask::Relieves(id), text, r.cause.event, key, text.all_days(), |x, _| {
            let (key, cause) = (keyed(x), x.guard(r.cause.guard.as_ref()));
            let free = excepted(x, &n.exceptions).negated();
            Tri::all(vec![key, cause, free, on(term)])
        }),
        Body::License(lic) => {
            if c.reach.sublicensed(id) {
                c.ask(Ask::Sublicensed(id), text, lic.event, key, text.days(), |x, _| {
                    x.residual.insert("asks for the sublicensees".into());
                    Tri::all(vec![actor(x), Tri::unknown(false)])
                });
            }
        }
        Body::Inert(_) => {}
    }
    if n.key.is_some() && names_instances(c.program, id) {
        for kind in (0..c.program.symbols.events.len()).map(EventId::at) {
            c.ask(Ask::Begins(id), text, kind, key, text.days(), |x, _| keyed(x));
        }
    }
}

/// Whether an instance has to be known from the first row that names it: it lives by time in some text, or a sum may end it.
fn names_instances(program: &habendum_norm::ir::Program, id: NormId) -> bool {
    let mut texts = program.versions.iter().flat_map(norms_of).filter(|n| n.id == id);
    texts.any(|n| lives_by_time(n) || !n.term.until_reaches.is_empty())
}

fn performs<'a>(c: &mut Collector<'a>, text: &Text<'a>, n: &'a Norm, d: &'a Duty, key: &'a [String]) {
    let norms = &text.version.norms;
    c.ask(Ask::Performs(n.id), text, d.event, key, text.days(), |x, reach| {
        let (acts, key) = (x.acts_or_nobody(&d.who, n.id.clause, reach, norms), keyed(x));
        let same = match &d.opening {
            Opening::Within { trigger, .. } => {
                if !trigger.same.is_empty() {
                    x.residual.insert("asks for the event that opened an obligation".into());
                }
                same_unknown(trigger)
            }
            Opening::By(_)
            | Opening::Each(_)
            | Opening::AfterEach(..)
            | Opening::NoDeadline
            | Opening::OnBreach(_) => Tri::constant(true),
        };
        let guard = x.guard(d.guard.as_ref());
        Tri::all(vec![acts, key, same, guard])
    });
}

fn same_unknown(t: &EventTest) -> Tri {
    if t.same.is_empty() { Tri::constant(true) } else { Tri::unknown(false) }
}

fn opens(x: &mut Compiler<'_, '_>, n: &Norm, trigger: &EventTest) -> Tri {
    let (key, guard) = (keyed(x), x.guard(trigger.guard.as_ref()));
    let free = excepted(x, &n.exceptions).negated();
    Tri::all(vec![key, guard, free])
}

fn on(days: Ranges) -> Tri {
    Tri::exact(Pred::is_in(Layout::DAY, days))
}

/// The event has every key field of the norm.
fn keyed(x: &mut Compiler<'_, '_>) -> Tri {
    let fields = &x.program.symbols.event_info(x.kind).fields;
    let key = x.binds.key;
    let parts = key.iter().map(|name| match fields.get_index_of(name) {
        Some(f) => x.present(FieldId::at(f)),
        None => Tri::constant(false),
    });
    let parts = parts.collect();
    Tri::all(parts)
}

fn actor(x: &mut Compiler<'_, '_>) -> Tri {
    match x.program.symbols.event_info(x.kind).actor {
        Some(by) => x.present(by),
        None => Tri::constant(false),
    }
}

/// Any exception applies.
fn excepted(x: &mut Compiler<'_, '_>, list: &[Exception]) -> Tri {
    let any = list.iter().map(|e| {
        let (applies, back) = (x.guard(Some(&e.condition)), excepted(x, &e.unless));
        Tri::all(vec![applies, back.negated()])
    });
    let any = any.collect();
    Tri::any(any)
}

/// Grants, where a version has licenses.
pub(crate) fn ask_grants<'a>(c: &mut Collector<'a>, text: &Text<'a>) {
    let licensed = norms_of(text.version).any(|n| matches!(n.body, Body::License(_)));
    let Some(kind) = c.program.symbols.event("Grant").filter(|_| licensed) else { return };
    c.ask(Ask::Grants, text, kind, &[], text.days(), |x, _| {
        let to = x.program.symbols.event_info(kind).fields.get_index_of("to").map(FieldId::at);
        let to = to.map_or(Tri::constant(false), |f| x.present(f));
        Tri::all(vec![actor(x), to])
    });
}

/// What is asked whatever text is in force: tests whose past counts, registers, running sums, payments made.
pub(crate) fn ask_standing<'a>(c: &mut Collector<'a>, texts: &[Text<'a>]) {
    let program = c.program;
    let mut tests: Vec<(NormId, bool, &'a EventTest)> = Vec::new();
    for n in texts.iter().flat_map(|t| norms_of(t.version)) {
        let before = n.body.rule().and_then(|r| r.before.as_ref());
        let own = before.map(|t| (n.id, false, t)).into_iter();
        for (id, until, t) in own.chain(n.term.until.iter().map(|t| (n.id, true, t))) {
            let as_written = format!("{t:?}");
            if !tests.iter().any(|(i, u, s)| *i == id && *u == until && format!("{s:?}") == as_written) {
                tests.push((id, until, t));
            }
        }
    }
    for text in texts {
        let mut nth = std::collections::BTreeMap::new();
        for (id, until, t) in &tests {
            let i = nth.entry((*id, *until)).or_insert(0);
            standing(c, text, Ask::Seen(*id, *until, *i), t, t.same.iter().map(|(_, f)| *f).collect());
            *i += 1;
        }
        for (r, def) in program.registers.iter().enumerate() {
            for (joins, list) in [(true, &def.adds), (false, &def.removes)] {
                for (i, (t, field)) in list.iter().enumerate() {
                    standing(c, text, Ask::Member(RegisterId::at(r), joins, i), t, vec![*field]);
                }
            }
        }
        for (m, measure) in program.measures.iter().enumerate() {
            let ask = Ask::Counts(MeasureId::at(m));
            let days = text.all_days();
            match &measure.what {
                MeasureWhat::Total(t) => {
                    let Some(def) = program.totals.get(t.ix()) else { continue };
                    c.ask(ask, text, def.on.event, &[], days, |x, _| x.guard(def.on.guard.as_ref()));
                }
                MeasureWhat::Count { event, guard } => {
                    c.ask(ask, text, *event, &[], days, |x, _| x.guard(guard.as_ref()));
                }
                MeasureWhat::Payment(..) | MeasureWhat::Breaches(_) => {}
            }
        }
        if let Some(kind) = program.symbols.event("Payment") {
            c.ask(Ask::Pays, text, kind, &[], text.all_days(), |_, _| Tri::constant(true));
        }
    }
}

fn standing<'a>(c: &mut Collector<'a>, text: &Text<'a>, ask: Ask, t: &'a EventTest, named: Vec<FieldId>) {
    c.ask(ask, text, t.event, &[], text.all_days(), |x, _| {
        let guard = x.guard(t.guard.as_ref());
        let there = named.into_iter().map(|f| x.present(f));
        let parts = std::iter::once(guard).chain(there).collect();
        Tri::all(parts)
    });
}
