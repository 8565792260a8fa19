//! A result made again from its receipt: whether today's run of the same texts, figures and input gives the same.
//!
//! Data flow: a summary in JSON -> its [`Receipt`] -> the files as they are now -> a run -> what differs. Invariant: nothing
//! but the receipt says how the run is made; what it cannot say stops the verification.

use crate::error::InputError;
use crate::evaluate::{BadRows, Order, evaluate};
use crate::event_read::{Format, MoneyUnit, by_ending};
use crate::pipeline::{self, Error, Opened, Wants};
use crate::receipt::{FileHash, ParameterRecord, Receipt, source_hashes};
use habendum_model::expr::Type;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many places of a result that differ are named.
const NAMED: usize = 20;

/// What a verification found.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The receipt of the result.
    pub receipt: Receipt,
    /// What differs; nothing where the result is verified.
    pub differences: Vec<String>,
    /// What is worth knowing beside that.
    pub notes: Vec<String>,
}

/// Makes a result again and compares.
///
/// # Errors
/// A file that is no summary with a receipt; a deal or an input that cannot be read.
pub fn verify(result: &str, seen: &mut dyn FnMut(u64)) -> Result<Verification, Error> {
    let (was, receipt) = read(result)?;
    let mut v = Verification { receipt, differences: Vec::new(), notes: Vec::new() };
    let this = format!("habendum {}", env!("CARGO_PKG_VERSION"));
    if v.receipt.compiler != this {
        v.notes.push(format!("made by {}; this is {this}", v.receipt.compiler));
    }
    let mut opened = open(&v.receipt)?;
    let (_, sources) = source_hashes(&opened.loaded);
    compare_files("source", &v.receipt.sources, &sources, &mut v.differences);
    let inputs = hash_all(&v.receipt.inputs)?;
    compare_files("input", &v.receipt.inputs, &inputs, &mut v.differences);
    if !v.differences.is_empty() {
        return Ok(v);
    }
    let choices = opened.choices(&wants(&v.receipt, &opened)?)?;
    let dir = tempfile::tempdir().map_err(|e| InputError::new(format!("no temporary folder: {e}")))?;
    let out: Vec<String> = (0..v.receipt.outcomes.len())
        .map(|i| dir.path().join(temporary(i, &v.receipt.outcomes[i].name)).display().to_string())
        .collect();
    let order = order(&v.receipt, out)?;
    let made = evaluate(&opened, &choices, &order, seen)?.report;
    let remade: Vec<FileHash> = v
        .receipt
        .outcomes
        .iter()
        .zip(&made.receipt.outcomes)
        .map(|(was, now)| FileHash { name: was.name.clone(), sha256: now.sha256.clone() })
        .collect();
    compare_files("file of outcomes", &v.receipt.outcomes, &remade, &mut v.differences);
    let mut now = serde_json::to_value(&made).map_err(|e| InputError::new(e.to_string()))?;
    let mut was = was;
    for side in [&mut was, &mut now] {
        if let Value::Object(o) = side {
            o.remove("receipt");
        }
    }
    compare("", &was, &now, &mut v.differences);
    v.differences.truncate(NAMED);
    Ok(v)
}

/// A summary and its receipt.
fn read(result: &str) -> Result<(Value, Receipt), InputError> {
    let text = std::fs::read_to_string(result)
        .map_err(|e| InputError::at(result, format!("cannot be read: {e}")))?;
    let no_summary = || {
        InputError::at(result, "is no summary of a run").help("habendum eval … --output json=FILE writes one")
    };
    let value: Value = serde_json::from_str(&text).map_err(|_| no_summary())?;
    let receipt = value.get("receipt").cloned().ok_or_else(no_summary)?;
    let receipt = serde_json::from_value(receipt)
        .map_err(|e| InputError::at(result, format!("its receipt cannot be read: {e}")))?;
    Ok((value, receipt))
}

/// The deal of a receipt, with the files of schedules that were named beside it.
fn open(r: &Receipt) -> Result<Opened, Error> {
    if r.deal == "-" {
        return Err(
            InputError::new("the deal was read from standard input, which cannot be read again").into()
        );
    }
    let opened = pipeline::open(&r.deal, &Wants::default())?;
    let (_, own) = source_hashes(&opened.loaded);
    let beside: Vec<String> = r
        .sources
        .iter()
        .map(|s| s.name.clone())
        .filter(|n| own.iter().all(|o| o.name != *n) && std::path::Path::new(n).is_file())
        .collect();
    if beside.is_empty() {
        return Ok(opened);
    }
    Ok(pipeline::open(&r.deal, &Wants { schedules: beside, ..Wants::default() })?)
}

fn hash_all(files: &[FileHash]) -> Result<Vec<FileHash>, InputError> {
    let one = |f: &FileHash| {
        if f.name == "-" {
            return Err(InputError::new(
                "the events were read from standard input, which cannot be read again",
            ));
        }
        FileHash::of_file(&f.name).map_err(|e| InputError::at(&f.name, format!("cannot be read: {e}")))
    };
    files.iter().map(one).collect()
}

fn compare_files(what: &str, was: &[FileHash], now: &[FileHash], differences: &mut Vec<String>) {
    let now: BTreeMap<&str, &str> = now.iter().map(|f| (f.name.as_str(), f.sha256.as_str())).collect();
    let mut met = BTreeMap::new();
    for f in was {
        met.insert(f.name.as_str(), ());
        match now.get(f.name.as_str()) {
            Some(hash) if *hash == f.sha256 => {}
            Some(hash) => differences.push(format!("{what} {}: was {}, is {hash}", f.name, f.sha256)),
            None => differences.push(format!("{what} {}: is no longer there", f.name)),
        }
    }
    for name in now.keys().filter(|n| !met.contains_key(*n)) {
        differences.push(format!("{what} {name}: was not there"));
    }
}

/// The figures of a receipt as a user would give them.
fn wants(r: &Receipt, opened: &Opened) -> Result<Wants, Error> {
    let set = r.parameters.iter().filter(|p| p.origin == "--set").map(|p| given(p, opened)).collect();
    Ok(Wants {
        schedules: r.schedules.clone(),
        set,
        readings: r.readings.clone(),
        known_as_of: r.known_as_of.as_deref().map(day).transpose()?,
        config_schedules: false,
    })
}

/// `name=value`, as the language writes the value.
fn given(p: &ParameterRecord, opened: &Opened) -> String {
    let ty = opened.deal.as_ref().and_then(|d| d.symbols.params.get(&p.name)).map(|i| i.ty);
    let value = match ty {
        Some(Type::Money(..)) => p.value.replace(',', ""),
        Some(Type::Text) => format!("\"{}\"", p.value),
        _ => p.value.clone(),
    };
    format!("{}={value}", p.name)
}

fn day(text: &str) -> Result<Date, InputError> {
    text.parse().map_err(|_| InputError::new(format!("the receipt's date {text} is none")))
}

/// The name of a file of outcomes made again: its ending says the format.
fn temporary(i: usize, name: &str) -> String {
    let name = std::path::Path::new(name).file_name().map_or("outcomes".into(), |n| n.to_string_lossy());
    format!("{i}-{name}")
}

/// What a receipt says of how rows were taken.
fn order(r: &Receipt, out: Vec<String>) -> Result<Order, InputError> {
    let mut order = Order {
        events: r.inputs.iter().map(|f| f.name.clone()).collect(),
        out,
        clock: r.clock.as_deref().map(day).transpose()?,
        text_as_of: r.text_as_of.as_deref().map(day).transpose()?,
        all_readings: true,
        ..Order::default()
    };
    for flag in &r.flags {
        match flag.split_once('=') {
            Some(("--unknown-fields", "ignore")) => order.reading.ignore_unknown = true,
            Some(("--money-unit", "minor")) => order.reading.money = MoneyUnit::Minor,
            Some(("--on-bad-row", "skip")) => order.bad_rows = BadRows::Skip,
            Some(("--on-late", "skip")) => order.late_rows = Some(BadRows::Skip),
            Some(("--on-late", "stop")) => order.late_rows = Some(BadRows::Stop),
            Some(("--dedupe", fields)) => order.dedupe = Some(fields.to_owned()),
            Some(("--dedupe-window", n)) => order.dedupe_window = n.parse().ok(),
            Some(("--out-format", name)) => order.out_format = format(name),
            _ => return Err(InputError::new(format!("the receipt has a flag that is not known: {flag}"))),
        }
    }
    Ok(order)
}

/// The format of a name, which is its ending.
fn format(name: &str) -> Option<Format> {
    by_ending(&format!("x.{name}"))
}

/// The places where two JSON values differ.
fn compare(at: &str, was: &Value, now: &Value, differences: &mut Vec<String>) {
    match (was, now) {
        (Value::Object(a), Value::Object(b)) => {
            for (k, v) in a {
                compare(&format!("{at}/{k}"), v, b.get(k).unwrap_or(&Value::Null), differences);
            }
            for (k, v) in b.iter().filter(|(k, _)| !a.contains_key(*k)) {
                compare(&format!("{at}/{k}"), &Value::Null, v, differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}/{i}"), x, y, differences);
            }
        }
        _ if was == now => {}
        _ => differences.push(format!("{at}: was {}, is {}", short(was), short(now))),
    }
}

fn short(v: &Value) -> String {
    let text = v.to_string();
    if text.chars().count() > 80 { text.chars().take(79).chain(['…']).collect() } else { text }
}
