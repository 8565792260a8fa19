//! Sampled streams: every row of every example deal is taken, the same seed gives the same bytes, breaches come as asked.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use habendum::evaluate::{BadRows, Evaluation, Order, evaluate};
use habendum::pipeline::{Error, Opened, Wants, open};
use habendum::render;
use habendum::sample::{self, Sampled, Sink, sample};
use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn deals() -> Vec<String> {
    let all = std::fs::read_dir(examples()).unwrap().map(|e| e.unwrap());
    let mut names: Vec<String> =
        all.filter(|e| e.path().is_dir()).map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 7, "{names:?}");
    names
}

fn wants() -> Wants {
    Wants { config_schedules: true, ..Wants::default() }
}

fn shown(e: Error) -> String {
    match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    }
}

fn opened(deal: &str) -> Opened {
    open(examples().join(deal).to_str().unwrap(), &wants()).unwrap()
}

fn sampled(deal: &str, rows: u64, seed: u64, rate: Option<&str>, file: &Path) -> Sampled {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let breach_rate = rate.map(|r| sample::rate(r).unwrap());
    let order = sample::Order { rows, seed, breach_rate, from: None, through: None };
    let mut sink = Sink::create(file.to_str()).unwrap();
    let s = sample(&o, &choices, &order, &mut sink).map_err(shown).unwrap();
    sink.finish(&mut Vec::new()).unwrap();
    s
}

fn judged(deal: &str, file: &Path) -> Evaluation {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let order = Order {
        events: vec![file.to_str().unwrap().to_owned()],
        out: Vec::new(),
        clock: None,
        text_as_of: None,
        explain: None,
        bad_rows: BadRows::Stop,
        all_readings: true,
        ..Order::default()
    };
    evaluate(&o, &choices, &order, &mut |_| {}).map_err(|e| format!("{deal}: {}", shown(e))).unwrap()
}

/// No row is refused (`BadRows::Stop` would end the run), and both formats say the same.
#[test]
fn every_row_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    for deal in deals() {
        for seed in [1, 2] {
            let (json, csv) = (dir.path().join("e.ndjson"), dir.path().join("e.csv"));
            let s = sampled(&deal, 600, seed, None, &json);
            assert_eq!(s, sampled(&deal, 600, seed, None, &csv), "{deal}");
            let (a, b) = (judged(&deal, &json).report, judged(&deal, &csv).report);
            assert_eq!((a.rows.judged, a.rows.bad), (600, 0), "{deal}");
            assert_eq!(a.verdicts, b.verdicts, "{deal}");
            assert_eq!(a.verdicts.get("breach").copied().unwrap_or(0), s.breaches, "{deal}");
        }
    }
}

#[test]
fn a_seed_gives_its_stream_again() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = |seed| {
        let file = dir.path().join("e.ndjson");
        sampled("franchise", 200, seed, None, &file);
        std::fs::read(&file).unwrap()
    };
    let first = bytes(7);
    assert_eq!(first, bytes(7));
    assert_ne!(first, bytes(8));
}

/// A quarter of 400 rows is 100, of which every one can be had in these deals; 5 percent is 20.
#[test]
fn breaches_come_as_asked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("e.ndjson");
    for deal in ["film-distribution", "microsoft-openai"] {
        for (rate, breaches) in [("0.25", 100), ("0.05", 20), ("0", 0)] {
            assert_eq!(sampled(deal, 400, 5, Some(rate), &file).breaches, breaches, "{deal} at {rate}");
            let found = judged(deal, &file).report.verdicts.get("breach").copied().unwrap_or(0);
            assert_eq!(found, breaches, "{deal} at {rate}");
        }
    }
}
