//! Deals for tests: from text, or an example of this repository.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests stop at the first fault")]

use habendum_check::case::{Case, split};
use habendum_check::finding::Witness;
use habendum_model::binding::{Choices, bind};
use habendum_model::deal::Deal;
use habendum_model::resolve::resolve;
use habendum_norm::outcome::{ClockEvent, ClockOutcome, Outcome};
use habendum_syntax::ast::Verdict;
use habendum_syntax::{Sources, parse_file};
use std::path::Path;

/// A deal from texts.
#[track_caller]
pub fn deal_of(texts: &[(String, String)]) -> Deal {
    let mut sources = Sources::default();
    for (name, text) in texts {
        sources.add(name.clone(), text.clone());
    }
    let mut files = Vec::new();
    for (id, s) in sources.iter() {
        let parsed = parse_file(id, &s.text);
        assert!(!parsed.has_errors(), "{}: {:#?}\n{}", s.name, parsed.diagnostics, s.text);
        files.push(parsed.value);
    }
    let resolved = resolve(&files);
    assert!(!resolved.has_errors(), "{:#?}", resolved.diagnostics);
    resolved.value.unwrap()
}

/// A deal from one text.
#[track_caller]
pub fn deal(text: &str) -> Deal {
    deal_of(&[("deal.term".to_owned(), text.to_owned())])
}

/// The files of an example.
pub fn example_files(name: &str) -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let mut out: Vec<(String, String)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "term"))
        .map(|p| {
            (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap())
        })
        .collect();
    out.sort();
    out
}

/// An example.
pub fn example(name: &str) -> Deal {
    deal_of(&example_files(name))
}

/// The first case of a deal under some choices.
#[track_caller]
pub fn case<'d>(deal: &'d Deal, choices: &Choices) -> Case<'d> {
    let binding = bind(deal, choices).unwrap();
    split(deal, &binding).unwrap().0.into_iter().next().unwrap()
}

/// The first case of a deal as it stands.
#[track_caller]
pub fn plain(deal: &Deal) -> Case<'_> {
    case(deal, &Choices::default())
}

/// Whether the last row is a verdict that some clause decided.
pub fn last_is(case: &Case<'_>, rows: &[Outcome], verdict: Verdict, clause: &str) -> bool {
    let id = case.symbols().clause(clause).unwrap();
    rows.last().is_some_and(|o| o.verdict == verdict && o.deciding.iter().any(|n| n.clause == id))
}

/// Whether time has brought the lapse of a clause, unexcused.
pub fn lapses(case: &Case<'_>, clock: &[ClockOutcome], clause: &str) -> bool {
    let id = case.symbols().clause(clause).unwrap();
    clock.iter().any(|c| c.norm.clause == id && matches!(c.what, ClockEvent::Lapsed { excused_by: None, .. }))
}

/// Kind and day of each event, then the clock.
pub fn shape(case: &Case<'_>, w: &Witness) -> String {
    let mut out: Vec<String> =
        w.events.iter().map(|e| format!("{} {}", e.date, case.symbols().event_name(e.kind))).collect();
    out.extend(w.clock.map(|d| format!("clock {d}")));
    out.join("; ")
}

/// A scenario of a deal as its reader takes it: values, then the history.
pub struct Played {
    /// Choices that it makes.
    pub choices: Choices,
    /// Events and clock.
    pub witness: Witness,
    /// Its expectations.
    pub expects: Vec<habendum_syntax::ast::Expectation>,
}

/// Reads scenario text against the deal it was written for, by the types of the deal's fields. Strangers get ids in the
/// order in which they are met.
#[track_caller]
pub fn read_scenario(files: &[(String, String)], text: &str) -> Played {
    use habendum_model::elaborate::const_value;
    use habendum_model::expr::Type;
    use habendum_model::value::{PartyId, Value};
    use habendum_norm::event::Event;
    use habendum_syntax::ast::{Expr, Step};
    let mut all = files.to_vec();
    all.push(("witness.term".to_owned(), text.to_owned()));
    let deal = deal_of(&all);
    let s = &deal.symbols;
    let scenario = deal.scenarios.last().unwrap();
    let mut out = Played { choices: Choices::default(), witness: Witness::default(), expects: Vec::new() };
    let mut strangers: Vec<String> = Vec::new();
    for step in &scenario.node.steps {
        match &step.node {
            Step::Set(n, v) => out.choices.sets.push((n.clone(), v.clone(), "scenario".into())),
            Step::Reading(c, r) => out.choices.readings.push((c.clone(), r.clone())),
            Step::Clock(d) => out.witness.clock = Some(day(d.node)),
            Step::Expect(e) => out.expects.push(e.clone()),
            Step::Schedule(_) | Step::KnownAsOf(_) => panic!("never printed here"),
            Step::Event { at, kind, fields } => {
                let Expr::Date(d) = &at.node else { panic!("{at:?}") };
                let id = s.event(&kind.node).unwrap();
                let info = s.event_info(id);
                let mut values = vec![Value::Absent; info.fields.len()];
                for (n, e) in fields {
                    let (i, _, f) = info.fields.get_full(&n.node).unwrap();
                    values[i] = match &e.node {
                        Expr::Name(n) if f.ty == Type::Party && !s.parties.contains_key(n) => {
                            assert!(s.agreement.others_any, "{n} is nobody");
                            let i = strangers.iter().position(|x| x == n).unwrap_or_else(|| {
                                strangers.push(n.clone());
                                strangers.len() - 1
                            });
                            Value::Party(PartyId::at(s.parties.len() + i))
                        }
                        _ => const_value(s, e, f.ty).unwrap_or_else(|d| panic!("{d:#?}\n{text}")),
                    };
                }
                let row = out.witness.events.len() as u64 + 1;
                out.witness.events.push(Event {
                    row,
                    date: day(*d),
                    instant: None,
                    kind: id,
                    fields: values,
                });
            }
        }
    }
    out
}

fn day(d: habendum_syntax::ast::Date) -> jiff::civil::Date {
    jiff::civil::date(d.year, i8::try_from(d.month).unwrap(), i8::try_from(d.day).unwrap())
}
