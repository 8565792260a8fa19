//! Outcomes in every format: the same records.

use crate::{examples, judge, text};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, UInt64Type};
use arrow_array::{Array, RecordBatch, StructArray};
use habendum::Date;
use habendum::evaluate::Order;
use habendum::event_read::Format;
use jiff::ToSpan;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use std::fs::File;
use std::path::Path;

fn batches(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).unwrap();
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let r = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            r.map(Result::unwrap).collect()
        }
        "arrow" => arrow_ipc::reader::FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect(),
        _ => arrow_ipc::reader::StreamReader::try_new(file, None).unwrap().map(Result::unwrap).collect(),
    }
}

/// What the file says of its run.
fn run(path: &Path) -> String {
    let file = File::open(path).unwrap();
    match path.extension().unwrap().to_str().unwrap() {
        "parquet" => {
            let r = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            let pairs = r.metadata().file_metadata().key_value_metadata().unwrap();
            pairs.iter().find(|p| p.key == "habendum.run").unwrap().value.clone().unwrap()
        }
        "arrow" => {
            let r = arrow_ipc::reader::FileReader::try_new(file, None).unwrap();
            r.schema().metadata()["habendum.run"].clone()
        }
        _ => {
            let r = arrow_ipc::reader::StreamReader::try_new(file, None).unwrap();
            r.schema().metadata()["habendum.run"].clone()
        }
    }
}

fn string(a: &dyn Array, i: usize) -> Option<String> {
    if a.is_null(i) {
        return None;
    }
    let coded = a.as_any_dictionary_opt();
    match coded {
        Some(d) => Some(d.values().as_string::<i32>().value(d.normalized_keys()[i]).to_owned()),
        None => Some(a.as_string::<i32>().value(i).to_owned()),
    }
}

fn list(a: &dyn Array, i: usize) -> Vec<String> {
    let items = a.as_list::<i32>().value(i);
    (0..items.len()).map(|j| string(items.as_ref(), j).unwrap()).collect()
}

/// Two decimals, as every currency of the examples has.
fn amount(a: &dyn Array, i: usize) -> String {
    let n = a.as_primitive::<Decimal128Type>().value(i);
    format!("{}{}.{:02}", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100)
}

fn accrual(s: &StructArray, i: usize) -> Value {
    let of = |n: &str| string(s.column_by_name(n).unwrap().as_ref(), i);
    let mut v = serde_json::json!({
        "clause": of("clause"), "payer": of("payer"), "payee": of("payee"),
        "amount": amount(s.column_by_name("amount").unwrap().as_ref(), i),
        "currency": of("currency"), "component": of("component"),
    });
    let key = list(s.column_by_name("key").unwrap().as_ref(), i);
    if !key.is_empty() {
        v["key"] = key.into();
    }
    if let Some(r) = of("reason") {
        v["reason"] = r.into();
    }
    v
}

fn check_row(b: &RecordBatch, i: usize, line: &Value) {
    let col = |n: &str| b.column_by_name(n).unwrap().as_ref();
    let text = |n: &str| string(col(n), i);
    let said = |n: &str| line[n].as_str().map(str::to_owned);
    let date = Date::constant(1970, 1, 1) + col("date").as_primitive::<Date32Type>().value(i).days();
    assert_eq!(Some(date.to_string()), said("date"));
    for n in ["record", "kind", "verdict", "reason", "what", "clause", "excused_by", "currency", "text"] {
        assert_eq!(text(n), said(n), "{n} of {line}");
    }
    for n in ["row", "obligation", "opened_by"] {
        let c = col(n).as_primitive::<UInt64Type>();
        assert_eq!(c.is_valid(i).then(|| c.value(i)), line[n].as_u64(), "{n} of {line}");
    }
    let strings = |n: &str| line[n].as_array().into_iter().flatten().map(|v| v.as_str().unwrap().to_owned());
    for n in ["clauses", "effects", "key"] {
        assert_eq!(list(col(n), i), strings(n).collect::<Vec<_>>(), "{n} of {line}");
    }
    let items = col("accruals").as_list::<i32>().value(i);
    let got: Vec<Value> = (0..items.len()).map(|j| accrual(items.as_struct(), j)).collect();
    assert_eq!(
        Value::from(got),
        line.get("accruals").cloned().unwrap_or_else(|| Value::from(Vec::<Value>::new()))
    );
    let duties = col("duties").as_list::<i32>().value(i);
    assert_eq!(duties.len(), line["duties"].as_array().map_or(0, Vec::len));
    for (j, d) in line["duties"].as_array().into_iter().flatten().enumerate() {
        let s = duties.as_struct();
        assert_eq!(string(s.column_by_name("what").unwrap().as_ref(), j).as_deref(), d["what"].as_str());
        let n = s.column_by_name("obligation").unwrap().as_primitive::<UInt64Type>().value(j);
        assert_eq!(Some(n), d["obligation"].as_u64());
    }
    let own = col("accrual");
    assert_eq!(own.is_valid(i), line.get("accrual").is_some());
    if own.is_valid(i) {
        assert_eq!(accrual(own.as_struct(), i), line["accrual"]);
    }
    if let Some(a) = line["amount"].as_str() {
        assert_eq!(amount(col("amount"), i), a);
    }
}

#[test]
fn tables_of_outcomes_hold_what_ndjson_holds() {
    for (deal, events) in examples() {
        let dir = tempfile::tempdir().unwrap();
        let at = |n: &str| text(&dir.path().join(n));
        let names = ["o.ndjson", "o.parquet", "o.arrow", "o.arrows", "o.ndjson.gz"];
        let order = Order { events: vec![text(&events)], out: names.map(at).to_vec(), ..Order::default() };
        judge(&deal, order).unwrap();
        let own = std::fs::read(at("o.ndjson")).unwrap();
        let mut packed = Vec::new();
        let mut gz = flate2::read::MultiGzDecoder::new(File::open(at("o.ndjson.gz")).unwrap());
        std::io::Read::read_to_end(&mut gz, &mut packed).unwrap();
        assert_eq!(own, packed);
        let lines: Vec<Value> = own
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        for name in ["o.parquet", "o.arrow", "o.arrows"] {
            let all = batches(&dir.path().join(name));
            assert_eq!(all.iter().map(RecordBatch::num_rows).sum::<usize>(), lines.len() - 1, "{name}");
            assert!(run(&dir.path().join(name)).contains("sources_sha256"), "{name}");
            let mut rest = lines.iter().skip(1);
            for b in &all {
                for i in 0..b.num_rows() {
                    check_row(b, i, rest.next().unwrap());
                }
            }
        }
    }
}

#[test]
fn a_format_can_be_asked_for_and_no_other_ending_is_guessed() {
    let (deal, events) = examples().remove(0);
    let dir = tempfile::tempdir().unwrap();
    let out = text(&dir.path().join("outcomes.dat"));
    let order = |out_format| Order {
        events: vec![text(&events)],
        out: vec![out.clone()],
        out_format,
        ..Order::default()
    };
    assert!(judge(&deal, order(None)).unwrap_err().contains("--out-format"));
    judge(&deal, order(Some(Format::Parquet))).unwrap();
    assert!(std::fs::read(&out).unwrap().starts_with(b"PAR1"));
}
