//! Witnesses in words read back to the same history and the same outcomes; minimal witnesses have nothing to spare.
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

mod support;

use habendum_check::case::{Case, Replay};
use habendum_check::explore::{Budget, search};
use habendum_check::finding::Witness;
use habendum_check::minimise::minimise;
use habendum_check::pool::Pool;
use habendum_check::words::{Expect, as_is, resolved, scenario, steps};
use habendum_model::binding::bind;
use habendum_model::value::{CurrencyId, Exact, PartyId, Value};
use habendum_norm::event::Event;
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::ast::Verdict;
use jiff::civil::date;
use proptest::prelude::*;
use support::*;

/// One field of every type.
const EVERY: &str = r#"agreement every "Every type" {
    parties   Ann, Ben
    others    Cleo
    others    any
    effective from 2026-01-01
    currency  EUR, JPY
    zone      "Europe/Paris"
}
unit MWh
vocabulary Place { Home Abroad { North South } }
parameter limit: money "open"
parameter start: date "open"
event Deal {
    by: party  to: party optional  flag: bool  count: int  load: decimal MWh  plain: decimal  rate: percent
    amount: money  yen: money JPY  price: money EUR per MWh  day: date  at_noon: instant  span: duration
    note: text  place: Place  of_clause: clause optional
}
clause tell § 1 {
    Ann must not Deal where amount is more than limit and place is Abroad unless note is "excused \"so\""
}
clause share § 2 {
    Ann pays Ben rate of amount on each Deal where flag and count is at least 3 from start
        rounded half-even per event due within 10 days
}
clause late § 3 { Ben must Deal where load is more than 2.5 MWh within 30 days of Deal where flag }
"#;

fn every() -> Vec<(String, String)> {
    vec![("deal.term".to_owned(), EVERY.to_owned())]
}

/// The text reads back to the witness, and runs to the same outcomes.
#[track_caller]
fn round_trip(files: &[(String, String)], case: &Case<'_>, w: &Witness, expects: &[Expect]) -> String {
    let text = scenario(case, w, "a witness", expects).unwrap();
    let played = read_scenario(files, &text);
    assert_eq!(played.witness.events, w.events, "{text}");
    assert_eq!(played.witness.clock, w.clock, "{text}");
    assert_eq!(played.expects.len(), expects.len(), "{text}");
    let again = deal_of(files);
    let binding = bind(&again, &played.choices).unwrap();
    // What the scenario sets is all that the deal needs.
    let other = Case::new(&again, binding, Default::default()).unwrap();
    assert!(other.values().is_empty(), "{text}");
    let (a, b) = (case.replay(w), other.replay(&played.witness));
    match (a, b) {
        (Ok(a), Ok(b)) => {
            assert_eq!(a.rows, b.rows, "{text}");
            assert_eq!(a.clock, b.clock, "{text}");
        }
        (Err(a), Err(b)) => assert_eq!(a.message, b.message, "{text}"),
        (a, b) => unreachable!("{a:?} and {b:?}: {text}"),
    }
    text
}

#[test]
fn a_breach_reads_aloud() {
    let files = every();
    let d = deal_of(&files);
    let case = plain(&d);
    let mut goal = |r: &Replay| last_is(&case, &r.rows, Verdict::Breach, "tell");
    let found =
        search(&case, None, &mut |rows, _| last_is(&case, rows, Verdict::Breach, "tell"), Budget::default());
    let w = minimise(&case, &found.witness.unwrap(), &mut goal);
    let text = round_trip(&files, &case, &w, &resolved(&case, &w));
    // The limit stands at 1,000,000 EUR for want of a value: the roundest sum above it is 2,000,000.
    assert!(text.contains("amount 2000000 EUR"), "{text}");
    assert!(text.contains("set limit = 1000000 EUR"), "{text}");
    assert!(text.contains("expect permitted"), "{text}");
    assert!(text.contains("place North"), "{text}");
    let now = round_trip(&files, &case, &w, &as_is(&case, &w));
    assert!(now.contains("expect breach of tell"), "{now}");
    assert!(steps(&case, &w).unwrap()[0].starts_with("set start = "));
}

#[test]
fn strangers_are_named_and_apart() {
    let files = every();
    let d = deal_of(&files);
    let case = plain(&d);
    let pool = Pool::of(case.start(&Default::default()).unwrap().program(), None);
    let kind = case.symbols().event("Deal").unwrap();
    let day = date(2026, 3, 1);
    let fields: Vec<Value> = pool.kind(kind).unwrap().fields.iter().map(|f| f[0].on(day)).collect();
    let with = |row: u64, by: usize, to: usize| {
        let mut fields = fields.clone();
        fields[0] = Value::Party(PartyId::at(by));
        fields[1] = Value::Party(PartyId::at(to));
        Event { row, date: day, instant: None, kind, fields }
    };
    // 3 and 4 are beyond Ann, Ben and Cleo.
    let w = Witness { events: vec![with(1, 3, 2), with(2, 4, 3)], ..Witness::default() };
    let text = round_trip(&files, &case, &w, &[]);
    assert!(text.contains("by Stranger, to Cleo") || text.contains("by Stranger,\n"), "{text}");
    assert!(text.contains("by Stranger2"), "{text}");
}

#[test]
fn figures_that_cannot_be_written_make_no_text() {
    let files = every();
    let d = deal_of(&files);
    let case = plain(&d);
    let pool = Pool::of(case.start(&Default::default()).unwrap().program(), None);
    let kind = case.symbols().event("Deal").unwrap();
    let day = date(2026, 3, 1);
    let mut fields: Vec<Value> = pool.kind(kind).unwrap().fields.iter().map(|f| f[0].on(day)).collect();
    fields[5] = Value::Number(Exact::ratio(1, 3).unwrap());
    let w = Witness {
        events: vec![Event { row: 1, date: day, instant: None, kind, fields }],
        ..Witness::default()
    };
    assert_eq!(scenario(&case, &w, "a third", &[]), None);
}

#[test]
fn a_minimal_witness_has_nothing_to_spare() {
    let files = every();
    let d = deal_of(&files);
    let case = plain(&d);
    let late = case.symbols().clause("late").unwrap();
    let kind = case.symbols().event("Deal").unwrap();
    let pool = Pool::of(case.start(&Default::default()).unwrap().program(), None);
    let day = |n: i8| date(2026, 5, n);
    let fields = |n: i8| -> Vec<Value> {
        let all = &pool.kind(kind).unwrap().fields;
        all.iter().map(|f| f.last().unwrap().on(day(n))).collect()
    };
    let flag = case.symbols().event_info(kind).fields.get_index_of("flag").unwrap();
    let load = case.symbols().event_info(kind).fields.get_index_of("load").unwrap();
    // Five rows, of which one opens the duty that time shows missed.
    let mut events = Vec::new();
    for n in 1..=5 {
        let mut f = fields(n);
        f[flag] = Value::Bool(n == 2);
        f[load] = Value::Number(Exact::ONE);
        events.push(Event { row: n.unsigned_abs().into(), date: day(n), instant: None, kind, fields: f });
    }
    let w = Witness { events, clock: Some(date(2027, 1, 1)), ..Witness::default() };
    let mut goal = |r: &Replay| {
        r.clock.iter().any(|c| c.norm.clause == late && matches!(c.what, ClockEvent::Lapsed { .. }))
    };
    let least = minimise(&case, &w, &mut goal);
    // 1 January 2026 + 30 days.
    assert_eq!(shape(&case, &least), "2026-01-01 Deal; clock 2026-01-31");
    let e = &least.events[0].fields;
    assert_eq!(e[flag], Value::Bool(true));
    let amount = case.symbols().event_info(kind).fields.get_index_of("amount").unwrap();
    assert_eq!(e[amount], Value::Money(Exact::int(100), CurrencyId(0)));
    // Leaving out the event, or the clock, misses the goal.
    let none = Witness { events: Vec::new(), ..least.clone() };
    assert!(!goal(&case.replay(&none).unwrap()));
    let no_clock = Witness { clock: None, ..least.clone() };
    assert!(!goal(&case.replay(&no_clock).unwrap()));
    round_trip(&files, &case, &least, &as_is(&case, &least));
}

/// Picks by which a history is made out of a pool: kind, day and fields of each event; the clock.
type Picks = (Vec<(u16, u16, Vec<u16>)>, Option<u16>);

fn picks() -> impl Strategy<Value = Picks> {
    let event = (any::<u16>(), any::<u16>(), prop::collection::vec(any::<u16>(), 24));
    (prop::collection::vec(event, 1..4), any::<Option<u16>>())
}

fn made(pool: &Pool, (events, clock): &Picks) -> Witness {
    let pick = |n: u16, len: usize| usize::from(n) % len.max(1);
    let mut days: Vec<usize> = events.iter().map(|(_, d, _)| pick(*d, pool.days.len())).collect();
    days.sort_unstable();
    let mut out = Vec::new();
    for ((k, _, fields), d) in events.iter().zip(days) {
        let kind = &pool.kinds[pick(*k, pool.kinds.len())];
        let day = pool.days[d];
        let values =
            kind.fields.iter().zip(fields).map(|(all, n)| all[pick(*n, all.len())].on(day)).collect();
        out.push(Event {
            row: out.len() as u64 + 1,
            date: day,
            instant: None,
            kind: kind.kind,
            fields: values,
        });
    }
    Witness { events: out, clock: clock.map(|_| pool.horizon), ..Witness::default() }
}

/// Renames strangers in the order in which they are met, as a reader of a scenario numbers them.
fn in_order(case: &Case<'_>, mut w: Witness) -> Witness {
    let first = case.symbols().parties.len();
    let mut met: Vec<usize> = Vec::new();
    for v in w.events.iter_mut().flat_map(|e| &mut e.fields) {
        if let Value::Party(p) = v
            && p.ix() >= first
        {
            let i = met.iter().position(|q| *q == p.ix()).unwrap_or_else(|| {
                met.push(p.ix());
                met.len() - 1
            });
            *p = PartyId::at(first + i);
        }
    }
    w
}

fn random_round_trips(files: &[(String, String)], cases: u32) {
    let d = deal_of(files);
    let case = plain(&d);
    let pool = Pool::of(case.start(&Default::default()).unwrap().program(), None);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    runner
        .run(&picks(), |p| {
            let w = in_order(&case, made(&pool, &p));
            round_trip(files, &case, &w, &as_is(&case, &w));
            Ok(())
        })
        .unwrap();
}

#[test]
fn random_histories_of_every_type_round_trip() {
    random_round_trips(&every(), 200);
}

#[test]
fn random_histories_of_the_examples_round_trip() {
    for name in
        ["microsoft-openai", "building-contract", "film-distribution", "franchise", "loan", "power-purchase"]
    {
        random_round_trips(&example_files(name), 12);
    }
}
