//! One stream under both sides: which rows come out otherwise, and which sums.
//!
//! Data flow: events -> two evaluations into outcome files -> row by row -> [`Replay`]. Invariant: rows are paired by their
//! number; memory does not grow with the stream.

use crate::error::InputError;
use crate::evaluate::{Evaluation, Order, evaluate};
use crate::pipeline::{Error, Opened, Wants};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What one stream comes to under both sides.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Replay {
    /// Rows judged.
    pub rows: u64,
    /// Rows whose verdict differs.
    pub changed: u64,
    /// The differing rows, by event kind and verdicts.
    pub verdicts: Vec<VerdictChange>,
    /// Sums accrued per clause that differ, as decimal strings.
    pub amounts: Vec<AmountChange>,
}

/// Rows of a kind whose verdict went from one to another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerdictChange {
    /// Event kind.
    pub kind: String,
    /// Verdict under the base.
    pub before: String,
    /// Verdict under the head.
    pub after: String,
    /// Clauses that decide under the head.
    pub clauses: Vec<String>,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
}

/// A sum that differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AmountChange {
    /// Clause.
    pub clause: String,
    /// Payer.
    pub payer: String,
    /// Payee.
    pub payee: String,
    /// Currency.
    pub currency: String,
    /// Accrued under the base.
    pub before: String,
    /// Accrued under the head.
    pub after: String,
}

/// Runs a stream under both sides.
///
/// # Errors
/// As [`evaluate`], for either side.
pub fn replay(
    (base, base_wants): (&mut Opened, &Wants),
    (head, head_wants): (&mut Opened, &Wants),
    (from, to): (Option<Date>, Option<Date>),
    events: &[String],
) -> Result<Replay, Error> {
    let folder = tempfile::tempdir().map_err(|e| InputError::new(format!("no temporary folder: {e}")))?;
    let run = |o: &mut Opened, wants: &Wants, day: Option<Date>, name: &str| {
        let path = folder.path().join(name);
        let choices = o.choices(wants)?;
        let order = Order {
            events: events.to_vec(),
            out: vec![path.to_string_lossy().into_owned()],
            text_as_of: day,
            all_readings: true,
            ..Order::default()
        };
        evaluate(o, &choices, &order, &mut |_| {}).map(|e| (e, path))
    };
    let (a, left) = run(base, base_wants, from, "base.ndjson")?;
    let (b, right) = run(head, head_wants, to, "head.ndjson")?;
    let (changed, verdicts) = rows(&left, &right)?;
    Ok(Replay { rows: a.report.rows.judged, changed, verdicts, amounts: amounts(&a, &b) })
}

/// The next row of an outcome file; clock outcomes are passed over.
fn next(lines: &mut std::io::Lines<BufReader<File>>) -> Result<Option<Value>, InputError> {
    for line in lines.by_ref() {
        let fault = |e: &dyn std::fmt::Display| InputError::new(format!("outcomes cannot be read back: {e}"));
        let value: Value = serde_json::from_str(&line.map_err(|e| fault(&e))?).map_err(|e| fault(&e))?;
        if value.get("row").is_some_and(Value::is_number) && value.get("kind").is_some() {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

type Key = (String, String, String, Vec<String>);

fn rows(left: &Path, right: &Path) -> Result<(u64, Vec<VerdictChange>), InputError> {
    let open = |p: &Path| {
        let file =
            File::open(p).map_err(|e| InputError::new(format!("outcomes cannot be read back: {e}")))?;
        Ok::<_, InputError>(BufReader::new(file).lines())
    };
    let (mut a, mut b) = (open(left)?, open(right)?);
    let mut found: BTreeMap<Key, (u64, u64)> = BTreeMap::new();
    let mut changed = 0;
    while let (Some(x), Some(y)) = (next(&mut a)?, next(&mut b)?) {
        let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or("").to_owned();
        let (before, after) = (text(&x, "verdict"), text(&y, "verdict"));
        if before == after {
            continue;
        }
        changed += 1;
        let clauses = y.get("clauses").and_then(Value::as_array).into_iter().flatten();
        let clauses = clauses.filter_map(Value::as_str).map(str::to_owned).collect();
        let row = x.get("row").and_then(Value::as_u64).unwrap_or(0);
        let entry = found.entry((text(&x, "kind"), before, after, clauses)).or_insert((0, row));
        entry.0 += 1;
    }
    let told = found.into_iter().map(|((kind, before, after, clauses), (rows, first_row))| VerdictChange {
        kind,
        before,
        after,
        clauses,
        rows,
        first_row,
    });
    Ok((changed, told.collect()))
}

/// Sums under the first combination of readings, where they differ.
fn amounts(a: &Evaluation, b: &Evaluation) -> Vec<AmountChange> {
    let sums = |e: &Evaluation| -> BTreeMap<(String, String, String, String), String> {
        let all = e.report.readings.first().map_or(&[][..], |r| r.amounts.as_slice());
        all.iter()
            .map(|x| {
                let key = (x.clause.clone(), x.payer.clone(), x.payee.clone(), x.currency.clone());
                (key, x.sums.accrued.clone())
            })
            .collect()
    };
    let (x, y) = (sums(a), sums(b));
    let keys: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
    let none = || "0".to_owned();
    keys.into_iter()
        .filter(|k| x.get(*k) != y.get(*k))
        .map(|k| AmountChange {
            clause: k.0.clone(),
            payer: k.1.clone(),
            payee: k.2.clone(),
            currency: k.3.clone(),
            before: x.get(k).cloned().unwrap_or_else(none),
            after: y.get(k).cloned().unwrap_or_else(none),
        })
        .collect()
}
