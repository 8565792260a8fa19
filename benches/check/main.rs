//! How long `check` takes, by the number of clauses, and on the reference example.
//!
//! Data flow: [`deal::text`] -> a file -> the whole of `habendum check` but scenarios -> milliseconds, findings, peak memory.
//! Invariant: the same size is the same deal.
//!
//! `cargo bench -p habendum-benches --bench check [-- SIZES...]`
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod deal;

use habendum::check::{Checkup, Order, check};
use habendum::pipeline::{Wants, open};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

const SIZES: [usize; 5] = [100, 200, 400, 700, 1_000];
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes `--bench`; what is left is ours.
    let named: Vec<usize> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .map(|a| a.parse())
        .collect::<Result<_, _>>()?;
    let sizes = if named.is_empty() { SIZES.to_vec() } else { named };
    let rounds = if sizes.len() == 1 { 1 } else { ROUNDS };
    println!("| clauses | check | a clause | findings | peak memory so far |\n|---:|---:|---:|---|---:|");
    let path = std::env::temp_dir().join(format!("habendum-check-{}.term", std::process::id()));
    for n in &sizes {
        std::fs::write(&path, deal::text(*n))?;
        let (took, c) = best(path.to_str().unwrap_or_default(), rounds)?;
        let each = took.as_micros() / (*n).max(1) as u128;
        println!("| {n} | {} ms | {each} µs | {} | {} MiB |", took.as_millis(), counted(&c), peak());
    }
    std::fs::remove_file(&path)?;
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/microsoft-openai");
    let (took, c) = best(reference, rounds)?;
    println!("reference example: {} ms, {}", took.as_millis(), counted(&c));
    Ok(())
}

fn best(path: &str, rounds: usize) -> Result<(Duration, Checkup), Box<dyn Error>> {
    let mut out: Option<(Duration, Checkup)> = None;
    for _ in 0..rounds {
        let begun = Instant::now();
        let wants = Wants::default();
        let mut opened = open(path, &wants)?;
        let order =
            Order { today: jiff::civil::Date::constant(2026, 6, 1), scenarios: false, conflicts: true };
        let c = check(&mut opened, &wants, &order).map_err(|_| "the deal has faults")?;
        let took = begun.elapsed();
        if out.as_ref().is_none_or(|(t, _)| took < *t) {
            out = Some((took, c));
        }
    }
    out.ok_or_else(|| "no round".into())
}

/// Findings by code.
fn counted(c: &Checkup) -> String {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for f in &c.findings.findings {
        *codes.entry(&f.code).or_default() += 1;
    }
    let all: Vec<String> = codes.iter().map(|(code, n)| format!("{code} {n}")).collect();
    all.join(", ")
}

/// The most memory that the process has had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}
