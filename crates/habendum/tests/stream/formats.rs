//! The events of every example in every format, plain and compressed, in one file and in several: the same outcomes.

use crate::{events, examples, judge, outcomes, text};
use flate2::Compression;
use flate2::write::GzEncoder;
use habendum::evaluate::Order;
use habendum::event_read::Format;
use habendum::outcome_write::EventTable;
use std::io::Write;
use std::path::Path;

/// The rows of an example as tables of all three formats.
fn tables(deal: &Path, file: &Path, to: &Path) {
    let (all, names) = events(deal, file);
    let formats =
        [("t.parquet", Format::Parquet), ("t.arrow", Format::ArrowFile), ("t.arrows", Format::ArrowStream)];
    for (name, format) in formats {
        let mut table = EventTable::create(&text(&to.join(name)), format, &names).unwrap();
        all.iter().for_each(|e| table.event(e, &names).unwrap());
        table.finish(&names).unwrap();
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut w = GzEncoder::new(Vec::new(), Compression::fast());
    w.write_all(bytes).unwrap();
    w.finish().unwrap()
}

/// NDJSON as CSV: a header with every key, then the rows.
fn csv(ndjson: &str) -> String {
    let rows: Vec<serde_json::Value> =
        ndjson.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect();
    let mut header: Vec<&String> = rows.iter().flat_map(|r| r.as_object().unwrap().keys()).collect();
    header.sort();
    header.dedup();
    let mut out = header.iter().map(|h| h.as_str()).collect::<Vec<_>>().join(",") + "\n";
    for r in &rows {
        let cells: Vec<String> = header
            .iter()
            .map(|h| match &r[h.as_str()] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(s) => format!("\"{}\"", s.replace('"', "\"\"")),
                other => other.to_string(),
            })
            .collect();
        out += &(cells.join(",") + "\n");
    }
    out
}

#[test]
fn every_example_gives_the_same_outcomes_in_every_format() {
    for (deal, file) in examples() {
        let dir = tempfile::tempdir().unwrap();
        tables(&deal, &file, dir.path());
        let own = std::fs::read_to_string(&file).unwrap();
        let ending = file.extension().unwrap().to_str().unwrap().to_owned();
        if ending == "ndjson" {
            std::fs::write(dir.path().join("t.csv"), csv(&own)).unwrap();
        }
        std::fs::write(dir.path().join(format!("t.{ending}.gz")), gzip(own.as_bytes())).unwrap();
        let packed = zstd::encode_all(own.as_bytes(), 3).unwrap();
        std::fs::write(dir.path().join(format!("t.{ending}.zst")), packed).unwrap();
        for name in ["t.parquet", "t.arrow", "t.arrows"] {
            let bytes = std::fs::read(dir.path().join(name)).unwrap();
            std::fs::write(dir.path().join(format!("{name}.gz")), gzip(&bytes)).unwrap();
        }
        let wanted = outcomes(&deal, &file);
        assert!(wanted.0.lines().count() > 3, "{}", deal.display());
        let mut compared = 0;
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let got = outcomes(&deal, &path);
            assert!(got == wanted, "{} of {}", path.display(), deal.display());
            compared += 1;
        }
        assert!(compared >= 8, "{compared}");
    }
}

#[test]
fn two_gzip_members_and_two_files_of_a_pattern_are_one_stream() {
    let (deal, file) = examples().into_iter().find(|(_, e)| e.extension().unwrap() == "ndjson").unwrap();
    let own = std::fs::read_to_string(&file).unwrap();
    let half = own.lines().count() / 2;
    let part = |lines: &mut dyn Iterator<Item = &str>| lines.map(|l| format!("{l}\n")).collect::<String>();
    let (a, b) = (part(&mut own.lines().take(half)), part(&mut own.lines().skip(half)));
    let dir = tempfile::tempdir().unwrap();
    let joined = dir.path().join("joined.gz");
    std::fs::write(&joined, [gzip(a.as_bytes()), gzip(b.as_bytes())].concat()).unwrap();
    let wanted = outcomes(&deal, &file);
    assert_eq!(outcomes(&deal, &joined), wanted);
    // In the order of names, not of making.
    std::fs::write(dir.path().join("day-2.ndjson.zst"), zstd::encode_all(b.as_bytes(), 1).unwrap()).unwrap();
    std::fs::write(dir.path().join("day-1.ndjson"), a).unwrap();
    assert_eq!(outcomes(&deal, &dir.path().join("day-*")), wanted);
    let none = Order { events: vec![text(&dir.path().join("night-*"))], ..Order::default() };
    assert!(judge(&deal, none).unwrap_err().contains("no file has a name of this pattern"));
}

/// Cut anywhere, a binary file is refused with its name; never a panic, never fewer rows without a word.
#[test]
fn files_that_are_cut_off_are_refused() {
    let (deal, file) = examples().remove(0);
    let dir = tempfile::tempdir().unwrap();
    tables(&deal, &file, dir.path());
    let whole = events(&deal, &file).0.len();
    for name in ["t.parquet", "t.arrow", "t.arrows", "t.parquet.gz", "t.ndjson.gz", "t.ndjson.zst"] {
        let bytes = match name {
            "t.parquet.gz" => gzip(&std::fs::read(dir.path().join("t.parquet")).unwrap()),
            "t.ndjson.gz" => gzip(&std::fs::read(&file).unwrap()),
            "t.ndjson.zst" => zstd::encode_all(&std::fs::read(&file).unwrap()[..], 3).unwrap(),
            _ => std::fs::read(dir.path().join(name)).unwrap(),
        };
        for parts in 1..20 {
            let cut = dir.path().join(format!("cut-{name}"));
            std::fs::write(&cut, &bytes[..bytes.len() * parts / 20]).unwrap();
            let order = Order { events: vec![text(&cut)], ..Order::default() };
            match judge(&deal, order) {
                Err(e) => assert!(e.starts_with(&text(&cut)), "{e}"),
                // A stream of Arrow may end without its mark; then every row must be there.
                Ok(e) => assert_eq!((name, e.report.rows.judged), ("t.arrows", whole as u64)),
            }
        }
    }
}
