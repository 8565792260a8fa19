//! TPC-H's `lineitem` as a stream of events for `examples/tpch-revenue-share`.
//!
//! Data flow: the generator's rows, in order of their orders -> a compact row each, held in memory -> a stable sort by
//! day of shipment -> NDJSON or CSV. Invariant: the same scale gives the same bytes; rows of one day keep the order of
//! their orders.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use tpchgen::dates::TPCHDate;
use tpchgen::generators::{LineItem, LineItemGenerator};

const USAGE: &str =
    "usage: tpch-gen SCALE ndjson|csv [ROWS] > FILE\n  SCALE 1 makes about six million rows (needs 400 MB)";

/// What the deal's event holds; amounts in cents, percentages as whole numbers.
struct Row {
    order: i64,
    supplier: i64,
    part: i64,
    price: i64,
    ship: TPCHDate,
    line: i32,
    quantity: i64,
    discount: i64,
    tax: i64,
    flag: &'static str,
    mode: &'static str,
}

impl Row {
    fn of(item: &LineItem<'_>) -> Result<Row, String> {
        Ok(Row {
            order: item.l_orderkey,
            supplier: item.l_suppkey,
            part: item.l_partkey,
            price: item.l_extendedprice.into_inner(),
            ship: item.l_shipdate,
            line: item.l_linenumber,
            quantity: item.l_quantity,
            discount: item.l_discount.into_inner(),
            tax: item.l_tax.into_inner(),
            flag: match item.l_returnflag {
                "R" => "Returned",
                "A" => "Accepted",
                "N" => "Open",
                other => return Err(format!("unknown return flag {other}")),
            },
            mode: match item.l_shipmode {
                "AIR" => "AIR",
                "REG AIR" => "REG-AIR",
                "RAIL" => "RAIL",
                "TRUCK" => "TRUCK",
                "MAIL" => "MAIL",
                "SHIP" => "SHIP",
                "FOB" => "FOB",
                other => return Err(format!("unknown mode {other}")),
            },
        })
    }

    fn ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{{\"date\":\"{}\",\"kind\":\"LineItem\",\"order\":{},\"line\":{},\"supplier\":{},\"part\":{},\"quantity\":{},\
             \"price\":\"{}.{:02}\",\"discount\":\"{}%\",\"tax\":\"{}%\",\"flag\":\"{}\",\"mode\":\"{}\"}}",
            self.ship,
            self.order,
            self.line,
            self.supplier,
            self.part,
            self.quantity,
            self.price / 100,
            self.price % 100,
            self.discount,
            self.tax,
            self.flag,
            self.mode
        )
    }

    fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{},LineItem,{},{},{},{},{},{}.{:02},{}%,{}%,{},{}",
            self.ship,
            self.order,
            self.line,
            self.supplier,
            self.part,
            self.quantity,
            self.price / 100,
            self.price % 100,
            self.discount,
            self.tax,
            self.flag,
            self.mode
        )
    }
}

fn run() -> Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (scale, format) = match args.as_slice() {
        [scale, format] | [scale, format, _] => (scale, format.as_str()),
        _ => return Err(USAGE.to_owned()),
    };
    let scale: f64 = scale.parse().map_err(|_| USAGE.to_owned())?;
    let most = match args.get(2) {
        Some(n) => n.parse::<usize>().map_err(|_| USAGE.to_owned())?,
        None => usize::MAX,
    };
    if !matches!(format, "ndjson" | "csv") {
        return Err(USAGE.to_owned());
    }
    let mut rows = Vec::new();
    for item in LineItemGenerator::new(scale, 1, 1).iter() {
        rows.push(Row::of(&item)?);
    }
    rows.sort_by_key(|r| r.ship);
    write(&rows, format, most).map_err(|e| format!("cannot write: {e}"))
}

fn write(rows: &[Row], format: &str, most: usize) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    if format == "csv" {
        writeln!(out, "date,kind,order,line,supplier,part,quantity,price,discount,tax,flag,mode")?;
    }
    for row in rows.iter().take(most) {
        if format == "csv" { row.csv(&mut out)? } else { row.ndjson(&mut out)? }
    }
    out.flush()
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
