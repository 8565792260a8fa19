//! A file of events from bytes, in the format that the first of them names: no reader may panic, and blocks and rows of a table are the
//! same events.
#![no_main]

use habendum::event_read::{EventReader, ReadError, ReadOptions};
use habendum::pipeline::{Wants, open};
use libfuzzer_sys::fuzz_target;
use std::io::Write;

const DEAL: &str = r#"agreement deal "A deal" {
    parties A, B others any effective from 2024-01-01 currency USD zone "Europe/Rome"
}
vocabulary Goods { Fruit { Apple Pear } Steel }
event Sale { by: party good: Goods optional n: int q: decimal optional part: percent optional amount: money memo: text optional rush: bool on: date optional }
event Visit { by: party n: int optional }
clause c { A must not Sale where n is more than 3 }
"#;

/// Rows that a reader gives before it is left alone.
const ROWS: usize = 10_000;

fuzz_target!(|data: &[u8]| {
    let Some((format, data)) = data.split_first() else { return };
    let ending = ["ndjson", "csv", "parquet", "arrow", "arrows", "ndjson.gz", "csv.zst"][usize::from(*format) % 7];
    let Ok(dir) = tempfile::tempdir() else { return };
    let file = dir.path().join(format!("events.{ending}"));
    if std::fs::write(dir.path().join("deal.term"), DEAL).is_err()
        || std::fs::File::create(&file).and_then(|mut f| f.write_all(data)).is_err()
    {
        return;
    }
    let wants = Wants::default();
    let Ok(mut opened) = open(&dir.path().join("deal.term").display().to_string(), &wants) else { return };
    let Ok(choices) = opened.choices(&wants) else { return };
    let Ok(prepared) = opened.prepare(&choices) else { return };
    let options = ReadOptions { ignore_unknown: format & 128 != 0, ..ReadOptions::default() };
    let reader = || {
        let files = vec![file.display().to_string()];
        EventReader::new(files, &prepared.names).map(|r| r.with(options).in_any_order())
    };
    let (Ok(mut rows), Ok(mut blocks)) = (reader(), reader()) else { return };
    let mut names = prepared.names.clone();
    let mut events = Vec::new();
    while events.len() < ROWS {
        match rows.next_event(&mut names) {
            None | Some(Err(ReadError::Fatal(_))) => break,
            Some(Err(ReadError::Row(fault))) => events.push(Err(fault)),
            Some(Ok(e)) => events.push(Ok(e)),
        }
    }
    let mut met = prepared.names.clone();
    let mut at = 0;
    while let Some(Ok(mut block)) = blocks.next_block(&mut met, 16) {
        for row in 0..block.rows() {
            let Some(wanted) = events.get(at) else { return };
            assert_eq!(&block.event(row, &mut met), wanted);
            assert!(wanted.is_ok() || block.scan.slow[row]);
            at += 1;
        }
    }
});
