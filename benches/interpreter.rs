//! Events per second of the reference interpreter on the reference example, on one core.
//!
//! Data flow: the example's own events are sampled, with days spread over its years -> NDJSON in memory -> three loops over the same
//! rows: parsing them with `serde_json::Value` (the calibration, so that runs on unlike machines compare), reading and typing
//! them, judging them. Invariant: nothing is written; the same arguments give the same stream.
//!
//! `cargo bench -p habendum-benches --bench interpreter [-- ROWS [DEAL]]`
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use habendum::event_read::{EventReader, Format, ReadError};
use habendum::names::Names;
use habendum::pipeline::{Error as Fault, Wants, open};
use habendum_norm::event::Event;
use habendum_norm::ir::Program;
use habendum_norm::outcome::Outcome;
use habendum_norm::{Choices, Interpreter, RunError, Runner};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::Verdict;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes `--bench`; what is left is ours.
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let rows: usize = args.next().map_or(Ok(200_000), |a| a.parse())?;
    let path = args
        .next()
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/microsoft-openai").to_owned());
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut opened = open(&path, &wants)?;
    let choices = opened.choices(&wants).map_err(told)?;
    let prepared = opened.prepare(&choices).map_err(told)?;
    let program = Arc::clone(&prepared.program);
    let deal = opened.sound().map_err(told)?;
    let every = Choices { all_readings: true, text_as_of: None };
    let runner = Runner::new(deal, &prepared.binding, &every).map_err(|e| match e {
        RunError::Faults(d) => faults(&d),
        RunError::Eval(e) => e.to_string(),
    })?;
    let text = stream(&std::fs::read_to_string(format!("{path}/events.ndjson"))?, rows)?;
    println!("{rows} rows, {} bytes; best of {ROUNDS} rounds", text.len());

    let parse = best(|| {
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for line in text.lines() {
            let row: Value = serde_json::from_str(line)?;
            if let Some(kind) = row.get("kind").and_then(Value::as_str) {
                *kinds.entry(kind.to_owned()).or_default() += 1;
            }
        }
        Ok(kinds.values().sum())
    })?;
    let read = best(|| Ok(events(&text, &program)?.len() as u64))?;
    let events = events(&text, &program)?;
    let judge = best(|| {
        let mut interpreter = Interpreter::new(Arc::clone(&program))?;
        let mut judged = 0;
        for e in &events {
            judged += u64::from(weight(&interpreter.step(e)?) > 0);
        }
        interpreter.finish(None)?;
        Ok(judged)
    })?;

    let all = best(|| {
        let mut runner = runner.clone();
        let mut judged = 0;
        for e in &events {
            judged += u64::from(weight(&runner.push(e)?) > 0);
        }
        runner.finish(None)?;
        Ok(judged)
    })?;

    let rate = |d: Duration| rows as f64 / d.as_secs_f64();
    println!("calibration (serde_json::Value): {:>12.0} rows/s", rate(parse));
    println!("read and type:                   {:>12.0} rows/s", rate(read));
    println!("judge:                           {:>12.0} events/s", rate(judge));
    println!("read, type and judge:            {:>12.0} events/s", rate(read + judge));
    let readings = runner.readings().len();
    println!("judge under all readings ({readings}):    {:>12.0} events/s", rate(all));
    println!("judge / calibration:             {:>12.3}", rate(judge) / rate(parse));
    tally(&program, &events)
}

/// The shortest of a few rounds; what each gives back has to be the same.
fn best(mut round: impl FnMut() -> Result<u64, Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let mut least = Duration::MAX;
    let mut first = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let result = round()?;
        least = least.min(start.elapsed());
        if *first.get_or_insert(result) != result {
            return Err("two rounds over the same rows differ".into());
        }
    }
    Ok(least)
}

fn weight(o: &Outcome) -> usize {
    1 + o.deciding.len() + o.accruals.len() + o.duties.len()
}

/// What the stream exercises, so that a fast run over nothing is seen.
fn tally(program: &Arc<Program>, events: &[Event]) -> Result<(), Box<dyn Error>> {
    let mut interpreter = Interpreter::new(Arc::clone(program))?;
    let mut verdicts: BTreeMap<Verdict, u64> = BTreeMap::new();
    let (mut accruals, mut duties) = (0, 0);
    for e in events {
        let o = interpreter.step(e)?;
        *verdicts.entry(o.verdict).or_default() += 1;
        accruals += o.accruals.len();
        duties += o.duties.len();
    }
    println!("verdicts {verdicts:?}; {accruals} accruals; {duties} changes of obligations");
    Ok(())
}

fn faults(found: &[Diagnostic]) -> String {
    found.iter().map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>().join("; ")
}

fn told(e: Fault) -> String {
    match e {
        Fault::Input(e) => e.to_string(),
        Fault::Faults(f) => faults(&f.diagnostics),
    }
}

fn events(text: &str, program: &Program) -> Result<Vec<Event>, Box<dyn Error>> {
    let mut names = Names::new(Arc::clone(&program.symbols));
    let source = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let mut reader = EventReader::from_reader("sample", Format::Ndjson, source, &names)?;
    let mut all = Vec::new();
    while let Some(e) = reader.next_event(&mut names) {
        all.push(e.map_err(|e| match e {
            ReadError::Row(f) => format!("{f:?}"),
            ReadError::Fatal(e) => format!("{e:?}"),
        })?);
    }
    Ok(all)
}

/// Rows drawn from a file of events. Days rise over the span of the file; money is scaled so that amounts differ. Rows that end
/// or change what others hang on (a kind that the file has once or twice) stay out: they would leave nothing to judge.
fn stream(file: &str, rows: usize) -> Result<String, Box<dyn Error>> {
    let templates: Vec<Value> = file.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let kind = |v: &Value| v.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let day = |v: &Value| v.get("date").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for t in &templates {
        *counts.entry(kind(t)).or_default() += 1;
    }
    let common: Vec<&Value> = templates.iter().filter(|t| counts[&kind(t)] > 2).collect();
    let mut days: Vec<String> = templates.iter().map(day).collect();
    days.sort();
    days.dedup();
    // Knuth's MMIX generator: the stream is the same everywhere.
    let mut seed: u64 = 20_251_028;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut text = String::new();
    for i in 0..rows {
        let mut row = common[draw(common.len())].clone();
        row["date"] = Value::from(days[i * days.len() / rows].clone());
        if let Some(amount) = row.get_mut("amount") {
            *amount = Value::from(format!("{}.{:02}", 100 + draw(1_000_000), draw(100)));
        }
        text.push_str(&row.to_string());
        text.push('\n');
    }
    Ok(text)
}
