//! Deals and streams from bytes: the first NUL parts the deal's text from its events. Nothing may panic.
#![no_main]

use habendum::evaluate::{BadRows, Order, evaluate};
use habendum::pipeline::{Wants, open};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (deal, events) = (&data[..cut], data.get(cut + 1..).unwrap_or(&[]));
    let Ok(dir) = tempfile::tempdir() else { return };
    let stream = dir.path().join("events.ndjson");
    if std::fs::write(dir.path().join("deal.term"), deal).is_err() || std::fs::write(&stream, events).is_err() {
        return;
    }
    let wants = Wants {
        schedules: Vec::new(),
        set: Vec::new(),
        readings: Vec::new(),
        known_as_of: None,
        config_schedules: false,
    };
    let Ok(mut opened) = open(&dir.path().display().to_string(), &wants) else { return };
    let Ok(choices) = opened.choices(&wants) else { return };
    let order = Order {
        events: vec![stream.display().to_string()],
        all_readings: true,
        bad_rows: BadRows::Skip,
        clock: None,
        ..Order::default()
    };
    let _ = evaluate(&opened, &choices, &order, &mut |_| {});
});
