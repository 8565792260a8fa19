//! One sentence by itself: whether it decides anything, over every event of the tiny domain after every short history.
//!
//! Data flow: a drawn sentence -> a deal of it alone, without what ranks it -> a [`Trail`]. Invariant: trails of variants of one
//! sentence have the same entries, so that they compare place by place.

use super::deal::{Clause, Kind, Sentence, Small};
use super::world::{World, days};
use habendum_model::value::{EventId, PartyId, Value};
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
        let all = w.kinds.iter().filter(of);
        let traces = all.map(|(k, v)| (*k, telling(w.deal.symbols.event_name(*k), v))).collect();
        Domain { asked, traces }
    }

    /// Every event of the kind at hand.
    pub fn acts(&self) -> impl Iterator<Item = (EventId, &Vec<Value>)> {
        self.asked.iter().flat_map(|(k, all)| all.iter().map(|f| (*k, f)))
    }
}

/// The traces that tell: of comings those of who is not in the club, of goings those of who is.
fn telling(name: &str, all: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let by = |f: &Vec<Value>, n: u32| f[0] == Value::Party(PartyId(n));
    let tells = |f: &&Vec<Value>| match name {
        "Join" => by(f, 0) || by(f, 2),
        "Leave" => by(f, 1),
        _ => true,
    };
    all.iter().filter(tells).cloned().collect()
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
            let known = out.traces.iter().any(|(t, _)| t == k);
            if ["Mark", "Join", "Leave"].contains(&name(k).as_str()) && !known {
                out.traces.push((*k, telling(&name(k), v)));
            }
        }
    }
    Some(out)
}

/// Whether a sentence decided an event; what `only if` forbids counts too where both halves are asked.
fn decides(s: &Sentence, o: &Outcome, halves: bool) -> bool {
    match s.kind {
        Kind::Share | Kind::Tiers => !o.accruals.is_empty(),
        _ => o.deciding.iter().any(|n| halves || n.sub == 0),
    }
}

/// The trail of a sentence alone.
pub fn trail(s: &Sentence, domain: &Domain) -> Option<Trail> {
    let w = World::new(&deal_of(s)).ok()?;
    let mut out = Vec::new();
    walk(&w, domain, &mut |_, o| {
        out.push(decides(s, o, true));
        true
    });
    Some(out)
}

/// Whether a sentence alone ever decides.
pub fn ever(s: &Sentence, domain: &Domain) -> bool {
    let Ok(w) = World::new(&deal_of(s)) else { return true };
    !walk(&w, domain, &mut |_, o| !decides(s, o, false))
}

/// Every event asked, after every history of up to two traces, as long as the visitor asks for more; whether it did to the
/// end.
pub fn walk(w: &World, d: &Domain, more: &mut dyn FnMut(&Event, &Outcome) -> bool) -> bool {
    from(&w.start(), d, None, 0, more)
}

/// Days on which a trace is left: before the agreement begins, and on its first day.
fn early() -> [Date; 2] {
    [days()[0], days()[1]]
}

fn from(
    at: &Interpreter,
    d: &Domain,
    since: Option<Date>,
    traces: u64,
    more: &mut dyn FnMut(&Event, &Outcome) -> bool,
) -> bool {
    for day in days().into_iter().filter(|x| since.is_none_or(|s| *x >= s)) {
        let mut here = at.clone();
        here.advance(day).unwrap();
        let event = |kind: &EventId, f: &Vec<Value>| Event {
            row: traces + 1,
            date: day,
            instant: None,
            kind: *kind,
            fields: f.clone(),
        };
        let mut run = here.clone();
        for (k, f) in d.acts() {
            let e = event(&k, f);
            let o = run.step(&e).unwrap();
            if !run.is_unmoved_from(&here) {
                run = here.clone();
            }
            if !more(&e, &o) {
                return false;
            }
        }
        if traces == 2 || !early().contains(&day) {
            continue;
        }
        for (k, all) in &d.traces {
            for f in all {
                let mut next = here.clone();
                next.step(&event(k, f)).unwrap();
                if !from(&next, d, Some(day), traces + 1, more) {
                    return false;
                }
            }
        }
    }
    true
}
