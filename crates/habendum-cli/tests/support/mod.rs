//! Runs the command in a folder of its own.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test stops where a result is missing; each file uses a part"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run printed and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A small deal with a clause that pays, one that forbids, and one with two readings.
pub const DEAL: &str = r#"agreement lease "Lease" {
    parties Anna, Ben
    effective from 2026-01-01
    currency EUR
    zone "UTC"
    default Sale is permitted
}
event Sale {
    by: party
    amount: money
    note: text optional
}
clause rent § 1 "Rent" {
    text "Anna pays a tenth of each sale."
    Anna pays Ben amount * 10% on each Sale rounded half-even per event
}
"#;

/// Runs `habendum` in a folder.
pub fn run(dir: &Path, args: &[&str]) -> Ran {
    let out = Command::new(env!("CARGO_BIN_EXE_habendum")).args(args).current_dir(dir).output().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    let ran = Ran { code: out.status.code().unwrap(), out: text(out.stdout), err: text(out.stderr) };
    assert!(!ran.err.contains("panicked"), "{args:?}: {}", ran.err);
    ran
}

/// An example deal.
pub fn example(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    root.join(name).to_str().unwrap().to_owned()
}

/// Writes a file of a folder.
pub fn put(dir: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), text).unwrap();
}

/// The files of a folder, hidden ones too, in order of their names.
pub fn files(dir: &Path) -> Vec<String> {
    let all = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = all.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
