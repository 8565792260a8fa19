//! No input makes the evaluator panic: example deals and streams, cut, doubled and mixed at random places, are either judged or refused.
#![allow(clippy::unwrap_used, reason = "tests")]

use habendum::evaluate::{BadRows, Order, evaluate};
use habendum::pipeline::{Wants, open};
use proptest::prelude::*;
use std::path::Path;

const DEALS: [(&str, &str, &str); 3] = [
    ("building-contract", "building.term", "events.ndjson"),
    ("franchise", "franchise.term", "events.ndjson"),
    ("power-purchase", "power.term", "events.ndjson"),
];

fn read(deal: &str, file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    std::fs::read_to_string(root.join(deal).join(file)).unwrap()
}

/// Changes a text at a place: `how` picks deletion, doubling, or an insertion of something that means something elsewhere.
fn mutate(text: &str, at: usize, length: usize, how: u8) -> String {
    const BITS: [&str; 8] =
        ["-", "9_999_999_999_999_999", "\"", "}", "2026-12-31", "0", "through 0001", "each month"];
    let chars: Vec<char> = text.chars().collect();
    let at = at % chars.len().max(1);
    let end = (at + length).min(chars.len());
    let part = |r: &[char]| r.iter().collect::<String>();
    match how % 10 {
        0 => part(&chars[..at]) + &part(&chars[end..]),
        1 => part(&chars[..end]) + &part(&chars[at..]),
        n => part(&chars[..at]) + BITS[usize::from(n) - 2] + &part(&chars[end..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        which in 0..DEALS.len(),
        in_deal in proptest::collection::vec((any::<usize>(), 0..40_usize, any::<u8>()), 0..2),
        in_events in proptest::collection::vec((any::<usize>(), 0..40_usize, any::<u8>()), 0..4),
        skip in any::<bool>(),
    ) {
        let (deal, term, events) = DEALS[which];
        let apply = |text: String, list: &[(usize, usize, u8)]| {
            list.iter().fold(text, |t, (at, length, how)| mutate(&t, *at, *length, *how))
        };
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("deal.term"), apply(read(deal, term), &in_deal)).unwrap();
        let stream = dir.path().join("events.ndjson");
        std::fs::write(&stream, apply(read(deal, events), &in_events)).unwrap();
        let wants = Wants {
            schedules: Vec::new(),
            set: Vec::new(),
            readings: Vec::new(),
            known_as_of: None,
            config_schedules: true,
        };
        let opened = open(&dir.path().display().to_string(), &wants);
        if let Ok(mut opened) = opened
            && let Ok(choices) = opened.choices(&wants)
        {
            let order = Order {
                events: vec![stream.display().to_string()],
                out: Vec::new(),
                clock: None,
                text_as_of: None,
                explain: None,
                bad_rows: if skip { BadRows::Skip } else { BadRows::Stop },
                all_readings: true,
                ..Order::default()
            };
            // Either outcome is fine; a panic is not.
            let _ = evaluate(&opened, &choices, &order, &mut |_| {});
        }
    }
}
