//! The kernel and the interpreter make the same of every stream, to the byte: outcomes, summary, and what a resumed run makes of the
//! state that was saved; whatever the size of the batches, on one thread or two.

use crate::{clock, examples, opened, shown, text, wants};
use habendum::evaluate::{BadRows, EngineKind, Order, evaluate};
use habendum::pipeline::open;
use habendum::sample::{self, Sink, sample};
use std::path::{Path, PathBuf};

const SIZES: [usize; 6] = [1, 15, 16, 17, 1000, 65_536];

/// Everything that a run leaves.
#[derive(Debug, PartialEq)]
pub struct Left {
    pub outcomes: String,
    pub quarantine: String,
    pub summary: serde_json::Value,
}

/// Judges a stream in a folder of its own, so that files have the same names whatever judges.
pub fn left(deal: &Path, events: &[String], order: Order) -> Left {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: &str| text(&dir.path().join(n));
    let mut o = open(&text(deal), &wants()).unwrap();
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let order = Order {
        events: events.to_vec(),
        out: vec![at("out.ndjson")],
        bad_rows: BadRows::Quarantine(at("bad.ndjson")),
        clock: clock(deal),
        all_readings: true,
        ..order
    };
    let e = evaluate(&o, &choices, &order, &mut |_| ()).map_err(shown);
    let e = e.unwrap_or_else(|e| panic!("{}: {e}", deal.display()));
    let mut summary = serde_json::to_value(&e.report).unwrap();
    summary["receipt"].as_object_mut().unwrap().remove("outcomes").unwrap();
    let read = |n: &str| std::fs::read_to_string(at(n)).unwrap();
    Left { outcomes: read("out.ndjson"), quarantine: read("bad.ndjson"), summary }
}

fn sampled(deal: &Path, rows: u64, seed: u64, to: &Path) {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let order = sample::Order { rows, seed, breach_rate: None, from: None, through: None };
    let mut sink = Sink::create(to.to_str()).unwrap();
    sample(&o, &choices, &order, &mut sink).map_err(shown).unwrap();
    sink.finish(&mut Vec::new()).unwrap();
}

/// The deals of the examples, and of the cases of evaluation.
fn deals() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = examples().into_iter().map(|(deal, _)| deal).collect();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/eval");
    let cases = std::fs::read_dir(cases).unwrap().map(|e| e.unwrap().path());
    all.extend(cases.filter(|p| p.extension().is_some_and(|e| e == "term")));
    all.sort();
    assert!(all.len() >= 20, "{all:?}");
    all
}

pub fn by(engine: EngineKind) -> Order {
    Order { engine, ..Order::default() }
}

#[test]
fn engines_agree_on_the_examples_own_events() {
    for (deal, events) in examples() {
        let events = vec![text(&events)];
        let interpreted = left(&deal, &events, by(EngineKind::Interpreter));
        assert_eq!(left(&deal, &events, by(EngineKind::Kernel)), interpreted, "{}", deal.display());
    }
}

#[test]
fn engines_agree_on_sampled_events_in_batches_of_any_size() {
    let dir = tempfile::tempdir().unwrap();
    for (i, deal) in deals().into_iter().enumerate() {
        let events = dir.path().join(format!("{i}.ndjson"));
        sampled(&deal, 700, i as u64, &events);
        // A row in between that cannot be taken, and one that comes too late.
        let mut lines: Vec<String> =
            std::fs::read_to_string(&events).unwrap().lines().map(String::from).collect();
        let first = lines[0].clone();
        lines.insert(350, "{\"kind\": 7}".to_owned());
        lines.insert(400, first);
        std::fs::write(&events, lines.join("\n")).unwrap();
        let events = vec![text(&events)];
        let interpreted = left(&deal, &events, by(EngineKind::Interpreter));
        assert!(interpreted.quarantine.lines().count() >= 2, "{}", deal.display());
        for size in SIZES {
            for threads in [1, 2] {
                let order = Order { batch: Some(size), threads, ..by(EngineKind::Kernel) };
                assert_eq!(left(&deal, &events, order), interpreted, "{} {size} {threads}", deal.display());
            }
        }
    }
}

/// Tables are taken block by block, without an event of most rows.
#[test]
fn engines_agree_on_tables_in_blocks_of_any_size() {
    let dir = tempfile::tempdir().unwrap();
    for (i, deal) in deals().into_iter().enumerate() {
        let files = ["parquet", "arrow"].map(|e| dir.path().join(format!("{i}.{e}")));
        files.iter().for_each(|f| sampled(&deal, 700, 90 + i as u64, f));
        for file in files {
            let events = vec![text(&file)];
            let interpreted = left(&deal, &events, by(EngineKind::Interpreter));
            for size in SIZES {
                let order = Order { batch: Some(size), threads: size % 2 + 1, ..by(EngineKind::Kernel) };
                assert_eq!(left(&deal, &events, order), interpreted, "{} {size}", deal.display());
            }
        }
    }
}

/// A run that one engine began and the other takes up ends as an unbroken one.
#[test]
fn engines_take_up_each_others_states() {
    let dir = tempfile::tempdir().unwrap();
    for (i, (deal, _)) in examples().into_iter().enumerate() {
        let whole = dir.path().join(format!("{i}.ndjson"));
        sampled(&deal, 600, 40 + i as u64, &whole);
        let rows = std::fs::read_to_string(&whole).unwrap();
        let half = rows.match_indices('\n').nth(299).unwrap().0 + 1;
        let unbroken = run_with_state(&deal, &[&rows], EngineKind::Interpreter, EngineKind::Interpreter);
        let parts = [&rows[..half], &rows[half..]];
        for (a, b) in
            [(EngineKind::Kernel, EngineKind::Interpreter), (EngineKind::Interpreter, EngineKind::Kernel)]
        {
            assert_eq!(run_with_state(&deal, &parts, a, b), unbroken, "{}", deal.display());
        }
    }
}

/// The outcomes of a stream that is judged file by file, with the state kept between.
fn run_with_state(deal: &Path, parts: &[&str], first: EngineKind, then: EngineKind) -> String {
    let dir = tempfile::tempdir().unwrap();
    let at = |n: &str| text(&dir.path().join(n));
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let mut events = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let file = at(&format!("{i}.ndjson"));
        std::fs::write(&file, part).unwrap();
        events.push(file);
        let order = Order {
            events: events.clone(),
            out: vec![at("out.csv")],
            state: Some(at("state")),
            all_readings: true,
            ..by(if i == 0 { first } else { then })
        };
        evaluate(&o, &choices, &order, &mut |_| ()).map_err(shown).unwrap();
    }
    std::fs::read_to_string(at("out.csv")).unwrap()
}
