//! One sentence by itself: whether it decides anything, over every event of the tiny domain after every short history.
//!
//! Data flow: a drawn sentence -> a deal of it alone, without what ranks it -> a [`Trail`]. Invariant: trails of variants of one
//! sentence have the same entries, so that they compare place by place.

use super::deal::{Clause, Kind, Sentence, Small};
use super::world::{World, days};
use habendum_model::value::{EventId, Value};
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use habendum_norm::outcome::Outcome;
use jiff::civil::Date;

/// For each history and event, whether the sentence decides.
pub type Trail = Vec<bool>;

/// A deal of one sentence.
pub fn deal_of(s: &Sentence) -> Small {
    let clauses = vec![Clause { name: "one".into(), sentences: vec![s.clone()] }];
    Small { forbidden: Vec::new(), clauses, amendment: None }
}

/// A sentence without its exceptions, what ranks it, and what must come before; a maintenance duty with a condition that is
/// never kept, so that it decides wherever it is shown.
pub fn bare(s: &Sentence) -> Sentence {
    let mut out = s.clone();
    let about = s.about.unwrap_or("Sale");
    let dropped = ["unless", "subject to", "notwithstanding"].map(str::to_owned);
    let before = [format!("before {about}"), "cap ".into(), "floor ".into()];
    let goes = |t: &str| dropped.iter().chain(&before).any(|d| t.starts_with(d.as_str()));
    out.modifiers.retain(|m| !goes(&m.text));
    if s.kind == Kind::Keep
        && let Some((who, rest)) = s.head.split_once(" must keep (")
        && let Some((_, shown)) = rest.split_once(") on each (")
    {
        out.head = format!("{who} must keep (by is A and by is B) on each ({shown}");
    }
    out
}

/// A sentence with exceptions.
pub fn unless(s: &Sentence, exceptions: &[String]) -> Sentence {
    let mut out = s.clone();
    let plain = |x: &String| super::deal::Modifier { kind: None, text: format!("unless {x}") };
    out.modifiers.extend(exceptions.iter().map(plain));
    out
}

/// The exceptions of a sentence, each with what is excepted from it.
pub fn exceptions(s: &Sentence) -> Vec<(String, Option<String>)> {
    let all = s.modifiers.iter().filter_map(|m| m.text.strip_prefix("unless "));
    all.map(|x| match x.split_once(" { unless ") {
        Some((x, y)) => (x.to_owned(), Some(y.trim_end_matches(" }").to_owned())),
        None => (x.to_owned(), None),
    })
    .collect()
}

/// What events may have happened, and which of the kind at hand are asked.
pub struct Domain {
    asked: Vec<(EventId, Vec<Vec<Value>>)>,
    traces: Vec<(EventId, Vec<Vec<Value>>)>,
}

impl Domain {
    /// One kind of a deal, after its marks, comings and goings.
    pub fn of(w: &World, kind: EventId) -> Domain {
        let of = |(k, _): &&(EventId, Vec<Vec<Value>>)| {
            ["Mark", "Join", "Leave"].contains(&w.deal.symbols.event_name(*k))
        };
        let asked = w.kinds.iter().filter(|(k, _)| *k == kind).cloned().collect();
        Domain { asked, traces: w.kinds.iter().filter(of).cloned().collect() }
    }

    /// Every event of the kind at hand.
    pub fn acts(&self) -> impl Iterator<Item = (EventId, &Vec<Value>)> {
        self.asked.iter().flat_map(|(k, all)| all.iter().map(|f| (*k, f)))
    }
}

/// The domain of sentences about one kind of event: what any of them speaks of.
pub fn domain(about: &str, of: &[Sentence]) -> Option<Domain> {
    let mut out = Domain { asked: Vec::new(), traces: Vec::new() };
    for s in of {
        let w = World::new(&deal_of(s)).ok()?;
        let name = |k: &EventId| w.deal.symbols.event_name(*k).to_owned();
        for (k, v) in &w.kinds {
            if name(k) == about && out.asked.is_empty() {
                out.asked.push((*k, v.clone()));
            }
            // A stranger's comings and goings are those of any other.
            let known = out.traces.iter().any(|(t, _)| t == k);
            if ["Mark", "Join", "Leave"].contains(&name(k).as_str()) && !known {
                let few = v.iter().filter(|f| f[0] != Value::Party(habendum_model::value::PartyId(3)));
                out.traces.push((*k, few.cloned().collect()));
            }
        }
    }
    Some(out)
}

/// Whether a sentence decided an event.
pub fn decides(s: &Sentence, o: &Outcome) -> bool {
    match s.kind {
        Kind::Share | Kind::Tiers => !o.accruals.is_empty(),
        _ => o.deciding.iter().any(|n| n.sub == 0),
    }
}

/// The trail of a sentence alone.
pub fn trail(s: &Sentence, domain: &Domain) -> Option<Trail> {
    let w = World::new(&deal_of(s)).ok()?;
    let mut out = Vec::new();
    walk(&w, domain, &mut |_, _, o| out.push(decides(s, o)));
    Some(out)
}

/// Every event asked, after every history of up to two traces.
pub fn walk(w: &World, d: &Domain, visit: &mut dyn FnMut(&[Event], &Event, &Outcome)) {
    from(&w.start(), d, &mut Vec::new(), visit);
}

/// Days on which a trace is left: before the agreement begins, and on its first two days.
fn early() -> [Date; 3] {
    [days()[0], days()[1], days()[2]]
}

fn from(
    at: &Interpreter,
    d: &Domain,
    before: &mut Vec<Event>,
    visit: &mut dyn FnMut(&[Event], &Event, &Outcome),
) {
    let since = before.last().map(|e| e.date);
    let row = before.len() as u64 + 1;
    for day in days().into_iter().filter(|x| since.is_none_or(|s| *x >= s)) {
        let mut here = at.clone();
        here.advance(day).unwrap();
        let each = |of: &[(EventId, Vec<Vec<Value>>)]| -> Vec<Event> {
            let event = |kind: EventId, f: &Vec<Value>| Event {
                row,
                date: day,
                instant: None,
                kind,
                fields: f.clone(),
            };
            of.iter().flat_map(|(k, all)| all.iter().map(move |f| event(*k, f))).collect()
        };
        for e in each(&d.asked) {
            let o = here.clone().step(&e).unwrap();
            visit(before, &e, &o);
        }
        if before.len() < 2 && early().contains(&day) {
            for e in each(&d.traces) {
                let mut next = here.clone();
                next.step(&e).unwrap();
                before.push(e);
                from(&next, d, before, visit);
                before.pop();
            }
        }
    }
}
