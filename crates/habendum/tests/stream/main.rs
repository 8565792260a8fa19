//! Streams in every format: the events of every example come out the same, to the byte, whatever they were written in; what
//! is not whole, or not exact, is refused with its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where a result is missing"
)]

mod engines;
mod formats;
mod gate;
mod outcomes;
mod random;
mod state;
mod tables;

use habendum::Date;
use habendum::evaluate::{Evaluation, Order, evaluate};
use habendum::event_read::{EventReader, ReadError};
use habendum::names::Names;
use habendum::pipeline::{Error, Opened, Wants, open};
use habendum::render;
use habendum_norm::event::Event;
use std::path::{Path, PathBuf};

fn shown(e: Error) -> String {
    match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    }
}

fn wants() -> Wants {
    Wants { config_schedules: true, ..Wants::default() }
}

/// The deals of `examples`, each with its file of events.
fn examples() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let deal = entry.unwrap().path();
        let events = ["events.ndjson", "events.csv"].map(|f| deal.join(f)).into_iter().find(|f| f.is_file());
        all.extend(events.map(|e| (deal, e)));
    }
    all.sort();
    assert!(all.len() >= 5, "{all:?}");
    all
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn opened(deal: &Path) -> Opened {
    open(&text(deal), &wants()).unwrap()
}

/// Past the last row; a table of the power purchase ends with 2028.
fn clock(deal: &Path) -> Option<Date> {
    (!deal.ends_with("power-purchase")).then_some(Date::constant(2034, 1, 1))
}

/// Judges a stream; readings that are open are all run, and time runs on past the last row.
fn judge(deal: &Path, order: Order) -> Result<Evaluation, String> {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown)?;
    let order = Order { clock: clock(deal), all_readings: true, ..order };
    evaluate(&o, &choices, &order, &mut |_| ()).map_err(shown)
}

/// The outcomes of a stream, as the bytes of their NDJSON, and its summary without the receipt.
fn outcomes(deal: &Path, events: &Path) -> (String, serde_json::Value) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.ndjson");
    let order = Order { events: vec![text(events)], out: vec![text(&out)], ..Order::default() };
    let e = judge(deal, order).unwrap_or_else(|e| panic!("{}: {e}", events.display()));
    let mut summary = serde_json::to_value(&e.report).unwrap();
    summary.as_object_mut().unwrap().remove("receipt").unwrap();
    (std::fs::read_to_string(out).unwrap(), summary)
}

/// Every event of a stream, and the names met in it.
fn events(deal: &Path, file: &Path) -> (Vec<Event>, Names) {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let mut names = o.prepare(&choices).map_err(shown).unwrap().names;
    let mut reader = EventReader::new(vec![text(file)], &names).unwrap();
    let mut all = Vec::new();
    while let Some(next) = reader.next_event(&mut names) {
        match next {
            Ok(e) => all.push(e),
            Err(ReadError::Row(f)) => panic!("{f}"),
            Err(ReadError::Fatal(e)) => panic!("{e}"),
        }
    }
    (all, names)
}
