//! The facade by itself: rows typed against a deal, independence proved over norms, outputs held to their schemas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where a result is missing"
)]

mod independence;
mod plan;
mod rows;
mod schemas;
mod validate;

use habendum::pipeline::{Error, Opened, Wants, open};
use habendum::render;
use tempfile::TempDir;

/// A deal from text, in a folder that lives as long as the test wants it.
fn deal(text: &str) -> (TempDir, Opened) {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("deal.term"), text).unwrap();
    let opened = open(dir.path().to_str().unwrap(), &Wants::default()).unwrap();
    (dir, opened)
}

fn shown(e: Error) -> String {
    match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    }
}
