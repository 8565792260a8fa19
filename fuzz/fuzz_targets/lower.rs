//! Deals and streams from bytes, judged by the kernel and by the interpreter: the same outcomes. The first NUL parts the deal's text
//! from its events.
#![no_main]

use habendum::evaluate::{BadRows, EngineKind, Order, evaluate};
use habendum::pipeline::{Opened, Wants, open};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fn outcomes(o: &mut Opened, dir: &Path, engine: EngineKind) -> Option<String> {
    let choices = o.choices(&Wants::default()).ok()?;
    let out = dir.join("out.csv");
    let order = Order {
        events: vec![dir.join("events.ndjson").display().to_string()],
        out: vec![out.display().to_string()],
        all_readings: true,
        bad_rows: BadRows::Skip,
        engine,
        batch: Some(7),
        ..Order::default()
    };
    evaluate(o, &choices, &order, &mut |_| {}).ok()?;
    std::fs::read_to_string(out).ok()
}

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (deal, events) = (&data[..cut], data.get(cut + 1..).unwrap_or(&[]));
    let Ok(dir) = tempfile::tempdir() else { return };
    let written = std::fs::write(dir.path().join("deal.term"), deal)
        .and_then(|()| std::fs::write(dir.path().join("events.ndjson"), events));
    if written.is_err() {
        return;
    }
    let Ok(mut opened) = open(&dir.path().join("deal.term").display().to_string(), &Wants::default()) else {
        return;
    };
    let kernel = outcomes(&mut opened, dir.path(), EngineKind::Kernel);
    assert_eq!(kernel, outcomes(&mut opened, dir.path(), EngineKind::Interpreter));
});
