//! `habendum eval` over Parquet files beside decoding the same columns with the parquet crate: time, ratio, and peak memory.
//!
//! Data flow: TPC-H's `lineitem` as the generator of `tpch-gen` writes it, and a sample of the reference example -> Parquet files in a
//! temporary folder -> rounds of decoding alone, and of a whole evaluation without outcomes per row. Invariant: times are processor time
//! of the thread that reads and judges, so that neighbours on the machine do not show; both engines give the same summary.
//!
//! `cargo bench -p habendum-benches --bench stream [-- LINEITEM.csv [ROWS]]`
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use habendum::evaluate::{EngineKind, Order, evaluate};
use habendum::event_read::{EventReader, Format, ReadError};
use habendum::outcome_write::EventTable;
use habendum::pipeline::{Error as Fault, Wants, open};
use habendum::sample::{self, Sink};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::error::Error;
use std::fs::File;
use std::time::Duration;

const ROUNDS: usize = 3;
/// Rows of a file on which the interpreter alone is timed.
const FEW: u64 = 300_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let lines = args.next();
    let rows: u64 = args.next().map_or(Ok(5_000_000), |a| a.parse())?;
    let dir = tempfile::tempdir()?;
    let at = |n: &str| dir.path().join(n).display().to_string();
    let deal = |n: &str| format!("{}/../examples/{n}", env!("CARGO_MANIFEST_DIR"));
    println!("| rows | from | decode | evaluate | ratio | peak memory | the interpreter alone |");
    println!("|---:|---|---:|---:|---:|---:|---:|");
    for (name, rows) in [("microsoft-openai", rows), ("power-purchase", rows / 5)] {
        let (whole, few) = (at(&format!("{name}.parquet")), at(&format!("{name}-few.parquet")));
        sampled(&deal(name), rows, &whole)?;
        sampled(&deal(name), FEW, &few)?;
        line(&deal(name), name, &whole, (&few, FEW))?;
    }
    if let Some(csv) = lines {
        let (whole, few) = (at("lineitem.parquet"), at("lineitem-few.parquet"));
        converted(&deal("tpch-revenue-share"), &csv, &whole, u64::MAX)?;
        converted(&deal("tpch-revenue-share"), &csv, &few, FEW)?;
        line(&deal("tpch-revenue-share"), "TPC-H lineitem", &whole, (&few, FEW))?;
    }
    Ok(())
}

fn line(deal: &str, name: &str, file: &str, (few, count): (&str, u64)) -> Result<(), Box<dyn Error>> {
    let (mut decode, mut judge) = (Vec::new(), Vec::new());
    let (mut rows, mut peak) = (0, 0);
    for _ in 0..ROUNDS {
        let before = processor_time();
        rows = decoded(file)?;
        decode.push(processor_time() - before);
        reset_peak()?;
        let before = processor_time();
        judged(deal, file, EngineKind::Kernel)?;
        judge.push(processor_time() - before);
        peak = peak.max(peak_memory()?);
    }
    let before = processor_time();
    let alone = judged(deal, few, EngineKind::Interpreter)?;
    let interpreter = processor_time() - before;
    if judged(deal, few, EngineKind::Kernel)? != alone {
        return Err("the engines differ".into());
    }
    let (decode, judge) = (median(&mut decode), median(&mut judge));
    let each = |d: Duration, n: u64| d.as_nanos() as f64 / n as f64;
    println!(
        "| {rows} | {name} | {:.1} ns/row | {:.1} ns/row | {:.2} | {} MB | {:.0} ns/row |",
        each(decode, rows),
        each(judge, rows),
        judge.as_secs_f64() / decode.as_secs_f64(),
        peak / 1024,
        each(interpreter, count),
    );
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Every column decoded, texts as dictionaries, as the reader of streams has them.
fn decoded(file: &str) -> Result<u64, Box<dyn Error>> {
    let plain = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?;
    let options = ArrowReaderOptions::new().with_schema(plain.schema().clone());
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(File::open(file)?, options)?;
    let mut rows = 0;
    for batch in builder.with_batch_size(8192).build()? {
        rows += batch?.num_rows() as u64;
    }
    Ok(rows)
}

/// The summary of a stream, without its receipt.
fn judged(deal: &str, file: &str, engine: EngineKind) -> Result<String, Box<dyn Error>> {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut o = open(deal, &wants)?;
    let choices = o.choices(&wants).map_err(told)?;
    let order = Order { events: vec![file.to_owned()], engine, ..Order::default() };
    let e = evaluate(&o, &choices, &order, &mut |_| ()).map_err(told)?;
    let mut summary = serde_json::to_value(&e.report)?;
    if let Some(s) = summary.as_object_mut() {
        s.remove("receipt");
    }
    Ok(summary.to_string())
}

fn sampled(deal: &str, rows: u64, to: &str) -> Result<(), Box<dyn Error>> {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut o = open(deal, &wants)?;
    let choices = o.choices(&wants).map_err(told)?;
    let order = sample::Order { rows, seed: 1, breach_rate: None, from: None, through: None };
    let mut sink = Sink::create(Some(to))?;
    sample::sample(&o, &choices, &order, &mut sink).map_err(told)?;
    Ok(sink.finish(&mut Vec::new())?)
}

/// Rows of a file of events as a table.
fn converted(deal: &str, from: &str, to: &str, rows: u64) -> Result<(), Box<dyn Error>> {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut o = open(deal, &wants)?;
    let choices = o.choices(&wants).map_err(told)?;
    let mut names = o.prepare(&choices).map_err(told)?.names;
    let mut reader = EventReader::new(vec![from.to_owned()], &names)?;
    let mut table = EventTable::create(to, Format::Parquet, &names)?;
    let mut left = rows;
    while left > 0 {
        match reader.next_event(&mut names) {
            None => break,
            Some(Ok(e)) => table.event(&e, &names)?,
            Some(Err(ReadError::Fatal(e))) => return Err(e.to_string().into()),
            Some(Err(ReadError::Row(f))) => return Err(f.to_string().into()),
        }
        left -= 1;
    }
    Ok(table.finish(&names)?)
}

/// Processor time of this thread.
fn processor_time() -> Duration {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of this frame.
    #[allow(unsafe_code, reason = "the clock of the thread")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut t);
    }
    Duration::new(t.tv_sec.unsigned_abs(), u32::try_from(t.tv_nsec).unwrap_or(0))
}

/// Lets the peak of memory begin anew.
fn reset_peak() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}

/// The peak of memory, in kilobytes.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("no peak of memory is told")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn told(e: Fault) -> String {
    match e {
        Fault::Input(e) => e.to_string(),
        Fault::Faults(f) => habendum::render(&f.diagnostics, &f.sources, false),
    }
}
