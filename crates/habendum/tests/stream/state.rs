//! Saved states: a run broken off anywhere and taken up again gives, to the byte, what an unbroken one gives.

use crate::{clock, judge, opened, shown, text, wants};
use habendum::Date;
use habendum::evaluate::{BadRows, Evaluation, Order, evaluate};
use habendum::event_read::Tail;
use habendum::sample::{self, Sink, sample};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A small generator: the places of the breaks are the same in every run of the tests.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn deal(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// A sampled stream of a deal.
fn sampled(deal: &Path, rows: u64, to: &Path) {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let order = sample::Order { rows, seed: 7, breach_rate: None, from: None, through: None };
    let mut sink = Sink::create(to.to_str()).unwrap();
    sample(&o, &choices, &order, &mut sink).map_err(shown).unwrap();
    sink.finish(&mut Vec::new()).unwrap();
}

/// Everything that a run leaves: outcomes, quarantine, summary.
#[derive(Debug, PartialEq)]
struct Left {
    outcomes: String,
    csv: String,
    quarantine: String,
    summary: serde_json::Value,
}

struct Place {
    dir: TempDir,
    deal: PathBuf,
    events: PathBuf,
}

impl Place {
    fn new(name: &str, rows: u64, ending: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let (deal, events) = (deal(name), dir.path().join(format!("events.{ending}")));
        sampled(&deal, rows, &events);
        Place { dir, deal, events }
    }

    fn at(&self, name: &str) -> String {
        text(&self.dir.path().join(name))
    }

    fn order(&self, run: &str) -> Order {
        Order {
            events: vec![text(&self.events)],
            out: vec![self.at(&format!("{run}.ndjson")), self.at(&format!("{run}.csv"))],
            bad_rows: BadRows::Quarantine(self.at(&format!("{run}.bad"))),
            ..Order::default()
        }
    }

    fn saving(&self, run: &str, every: u64, threads: usize) -> Order {
        Order { state: Some(self.at("state")), save_every: Some(every), threads, ..self.order(run) }
    }

    fn left(&self, run: &str, e: &Evaluation) -> Left {
        let read = |n: String| std::fs::read_to_string(n).unwrap();
        let mut summary = serde_json::to_value(&e.report).unwrap();
        // The files have other names.
        summary["receipt"].as_object_mut().unwrap().remove("outcomes").unwrap();
        Left {
            outcomes: read(self.at(&format!("{run}.ndjson"))),
            csv: read(self.at(&format!("{run}.csv"))),
            quarantine: read(self.at(&format!("{run}.bad"))),
            summary,
        }
    }

    /// Judges up to a number of rows of this run, then breaks off without a word. True where the stream ended before.
    fn broken_off(&self, order: Order, rows: u64) -> Option<Evaluation> {
        let mut o = opened(&self.deal);
        let choices = o.choices(&wants()).map_err(shown).unwrap();
        let order = Order { clock: clock(&self.deal), all_readings: true, ..order };
        let mut left = rows;
        let run = || {
            evaluate(&o, &choices, &order, &mut |_| {
                if left == 0 {
                    resume_unwind(Box::new(()));
                }
                left -= 1;
            })
        };
        catch_unwind(AssertUnwindSafe(run)).ok().map(|e| e.map_err(shown).unwrap())
    }
}

/// Breaks a run off again and again until it comes to its end; how often it was broken off.
fn broken(p: &Place, dice: &mut Dice, most: u64, every: u64, threads: usize) -> (u64, Left) {
    let _ = std::fs::remove_file(p.at("state"));
    let mut breaks = 0;
    loop {
        match p.broken_off(p.saving("broken", every, threads), dice.below(most)) {
            None => breaks += 1,
            Some(e) => return (breaks, p.left("broken", &e)),
        }
    }
}

#[test]
fn two_hundred_breaks_lose_nothing_and_repeat_nothing() {
    let mut dice = Dice(2026);
    let mut breaks = 0;
    let places = [
        Place::new("microsoft-openai", 300, "ndjson"),
        Place::new("franchise", 300, "csv"),
        Place::new("building-contract", 300, "parquet"),
        Place::new("loan", 300, "arrow"),
    ];
    for p in &places {
        let e = judge(&p.deal, p.order("whole")).unwrap();
        let whole = p.left("whole", &e);
        assert!(whole.outcomes.lines().count() > 300);
        let mut here = 0;
        for threads in (1..=2).cycle() {
            let every = 1 + dice.below(20);
            let (n, left) = broken(p, &mut dice, 60, every, threads);
            assert!(left == whole, "{} saved each {every} rows, {threads} threads", p.deal.display());
            here += n;
            if here >= 50 {
                break;
            }
        }
        breaks += here;
    }
    assert!(breaks >= 200, "{breaks}");
}

#[test]
fn a_run_that_has_ended_goes_on_when_the_input_has_grown() {
    let p = Place::new("franchise", 200, "ndjson");
    let whole = std::fs::read_to_string(&p.events).unwrap();
    let wanted = judge(&p.deal, p.order("whole")).unwrap();
    let wanted = p.left("whole", &wanted);
    for rows in [50, 51, 120, 200] {
        let part: String = whole.lines().take(rows).map(|l| format!("{l}\n")).collect();
        std::fs::write(&p.events, part).unwrap();
        judge(&p.deal, p.saving("grown", 1000, 1)).unwrap();
    }
    let e = judge(&p.deal, p.saving("grown", 1000, 1)).unwrap();
    assert_eq!(p.left("grown", &e), wanted);
}

#[test]
fn files_that_were_read_to_their_ends_need_not_be_given_again() {
    let p = Place::new("franchise", 200, "ndjson");
    let whole = std::fs::read_to_string(&p.events).unwrap();
    let file = |name: &str, from: usize, rows: usize| {
        let part: String = whole.lines().skip(from).take(rows).map(|l| format!("{l}\n")).collect();
        std::fs::write(p.at(name), part).unwrap();
        p.at(name)
    };
    let (a, b) = (file("a.ndjson", 0, 90), file("b.ndjson", 90, 110));
    let both = Order { events: vec![a.clone(), b.clone()], ..p.order("whole") };
    let wanted = judge(&p.deal, both).unwrap();
    let wanted = p.left("whole", &wanted);
    judge(&p.deal, Order { events: vec![a.clone()], ..p.saving("days", 1000, 1) }).unwrap();
    std::fs::remove_file(&a).unwrap();
    let e = judge(&p.deal, Order { events: vec![b], ..p.saving("days", 1000, 2) }).unwrap();
    assert_eq!(p.left("days", &e), wanted);
}

/// A state that has been made over the first half of a stream, and the order that made it.
fn half_way(p: &Place) -> (Order, Vec<u8>) {
    let order = p.saving("half", 10, 1);
    assert!(p.broken_off(order.clone(), 100).is_none());
    let state = std::fs::read(p.at("state")).unwrap();
    (order, state)
}

#[track_caller]
fn refused(p: &Place, order: Order, state: &[u8], words: &[&str]) {
    let said = judge(&p.deal, order).unwrap_err();
    for w in words {
        assert!(said.contains(w), "`{w}` is missing from: {said}");
    }
    assert_eq!(std::fs::read(p.at("state")).unwrap(), state, "the state was touched");
}

#[test]
fn states_that_are_of_no_use_are_refused_and_left_alone() {
    let p = Place::new("franchise", 200, "ndjson");
    let (order, state) = half_way(&p);
    let put = |bytes: &[u8]| std::fs::write(p.at("state"), bytes).unwrap();
    for length in [0, 5, 30, 60, state.len() - 1] {
        put(&state[..length]);
        refused(&p, order.clone(), &state[..length], &["state", "cut off"]);
    }
    for place in [60, state.len() / 2, state.len() - 1] {
        let mut other = state.clone();
        other[place] ^= 1;
        put(&other);
        refused(&p, order.clone(), &other, &["corrupt"]);
    }
    put(b"once upon a time there was a file that was no state file at all, but long enough to be one");
    let said = judge(&p.deal, order.clone()).unwrap_err();
    assert!(said.contains("is no state file"), "{said}");
    let mut version = state.clone();
    version[8] += 1;
    put(&version);
    refused(&p, order.clone(), &version, &["another version"]);
    put(&state);
    let other = Order { text_as_of: Some(Date::constant(2030, 1, 1)), ..order.clone() };
    refused(&p, other, &state, &["another deal"]);
    let other = Order { out: vec![p.at("elsewhere.ndjson")], ..order.clone() };
    refused(&p, other, &state, &["other files of outcomes"]);
    let said = judge(&deal("loan"), order.clone()).unwrap_err();
    assert!(said.contains("another deal"), "{said}");
    // It still serves its own run.
    judge(&p.deal, order).unwrap();
}

#[test]
fn inputs_and_outcomes_that_are_not_those_of_the_state() {
    let p = Place::new("franchise", 200, "ndjson");
    let (order, state) = half_way(&p);
    let own = std::fs::read(&p.events).unwrap();
    let mut other = own.clone();
    let at = other.iter().position(|b| *b == b'"').unwrap();
    other[at] = b'\'';
    std::fs::write(&p.events, &other).unwrap();
    refused(&p, order.clone(), &state, &["events.ndjson", "not the same input"]);
    std::fs::write(&p.events, &own[..own.len() / 3]).unwrap();
    refused(&p, order.clone(), &state, &["events.ndjson", "not the same input"]);
    let strange = Order { events: vec![p.at("b.ndjson")], ..order.clone() };
    refused(&p, strange, &state, &["events.ndjson", "not the next of the files given"]);
    std::fs::write(&p.events, &own).unwrap();
    let out = std::fs::read(p.at("half.ndjson")).unwrap();
    std::fs::write(p.at("half.ndjson"), &out[..10]).unwrap();
    refused(&p, order.clone(), &state, &["half.ndjson", "10 bytes"]);
    std::fs::write(p.at("half.ndjson"), &out).unwrap();
    judge(&p.deal, order).unwrap();
}

#[test]
fn only_texts_grow() {
    let p = Place::new("franchise", 20, "ndjson");
    for out in ["o.parquet", "o.ndjson.gz", "o.arrow"] {
        let order = Order { out: vec![p.at(out)], ..p.saving("x", 5, 1) };
        let said = judge(&p.deal, order).unwrap_err();
        assert!(said.contains("plain NDJSON or CSV"), "{said}");
        let order = Order { out: vec![p.at(out)], follow: Some(Tail::default()), ..p.order("x") };
        assert!(judge(&p.deal, order).unwrap_err().contains("plain NDJSON or CSV"));
    }
}

#[test]
fn two_threads_give_what_one_gives() {
    for (name, ending) in [("microsoft-openai", "ndjson"), ("power-purchase", "parquet")] {
        let p = Place::new(name, 3000, ending);
        let one = judge(&p.deal, p.order("one")).unwrap();
        let two = judge(&p.deal, Order { threads: 2, ..p.order("two") }).unwrap();
        assert!(p.left("one", &one) == p.left("two", &two), "{name}");
    }
}
