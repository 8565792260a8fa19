//! Rows: exact values from what JSON and CSV say, and a fault with its column and field for everything else.

use crate::{deal, shown};
use habendum::event_read::{EventReader, Format, ReadError};
use habendum::names::Names;
use habendum::pipeline::Wants;
use habendum_model::value::{Exact, Value};
use habendum_norm::event::Event;

const DEAL: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    others    any
    effective from 2026-01-01
    currency  EUR, JPY
    zone      "Europe/Berlin"
}
vocabulary Place { Europe { Germany France }  Brazil }
unit MWh
event Sale {
    by: party
    amount: money
    yen: money JPY optional
    price: money per MWh optional
    count: int optional
    share: percent optional
    energy: decimal MWh optional
    done: bool optional
    where_to: Place optional
    shipped: date optional
    at_sea: instant optional
    wait: duration optional
    under: clause optional
    note: text optional
}
clause fee § 1 "Fee" { Shop pays Owner 5% of amount on each Sale }
"#;

fn names() -> Names {
    let (_dir, mut opened) = deal(DEAL);
    let choices = opened.choices(&Wants::default()).map_err(shown).unwrap();
    opened.prepare(&choices).map_err(shown).unwrap().names
}

/// Reads a stream to its end: events, and faults as `line:column row field: message (help)`.
fn read(format: Format, text: impl Into<Vec<u8>>) -> (Vec<Event>, Vec<String>) {
    let mut names = names();
    let source = std::io::Cursor::new(text.into());
    let mut reader = EventReader::from_reader("e", format, Box::new(source), &names).unwrap();
    let (mut events, mut faults) = (Vec::new(), Vec::new());
    while let Some(next) = reader.next_event(&mut names) {
        match next {
            Ok(e) => events.push(e),
            Err(ReadError::Row(f)) => {
                let help = f.help.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
                faults.push(format!("{f}{help}"));
            }
            Err(ReadError::Fatal(e)) => {
                faults.push(e.to_string());
                break;
            }
        }
    }
    (events, faults)
}

/// One row with a field of a value, as JSON.
fn row(field: &str, value: &str) -> String {
    format!("{{\"kind\":\"Sale\",\"date\":\"2026-03-01\",\"by\":\"Shop\",\"amount\":1,\"{field}\":{value}}}")
}

/// The value that a field gets.
#[track_caller]
fn value(field: &str, json: &str) -> Value {
    let text = if field == "amount" {
        row("note", "null").replace("\"amount\":1", &format!("\"amount\":{json}"))
    } else {
        row(field, json)
    };
    let (events, faults) = read(Format::Ndjson, text);
    assert_eq!(faults, Vec::<String>::new());
    let names = names();
    let i = names.symbols.events["Sale"].fields.get_index_of(field).unwrap();
    events[0].fields[i].clone()
}

/// The one fault of a row.
#[track_caller]
fn fault(field: &str, json: &str, wanted: &str) {
    let text = if field == "amount" {
        row("note", "null").replace("\"amount\":1", &format!("\"amount\":{json}"))
    } else {
        row(field, json)
    };
    let (events, faults) = read(Format::Ndjson, text);
    assert!(events.is_empty(), "taken: {:?}", events[0]);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].contains(&format!("row 1, field `{field}`: ")), "{}", faults[0]);
    assert!(faults[0].contains(wanted), "wanted `{wanted}`, found `{}`", faults[0]);
}

fn minor(v: &Value) -> Exact {
    match v {
        Value::Money(m, _) => *m,
        other => panic!("no money: {other:?}"),
    }
}

#[test]
fn money_is_exact() {
    for (json, cents) in [
        ("100", 10_000),
        ("100.5", 10_050),
        ("\"100.50\"", 10_050),
        ("\"100.50 EUR\"", 10_050),
        ("\"EUR 100.50\"", 10_050),
        ("-0.01", -1),
        ("1.005e2", 10_050),
        // the greatest amount of 64 bits: 2^63 - 1 cents
        ("\"92233720368547758.07\"", i128::from(i64::MAX)),
    ] {
        assert_eq!(minor(&value("amount", json)), Exact::int(cents), "{json}");
    }
    // The yen has no minor unit.
    assert_eq!(minor(&value("yen", "\"250\"")), Exact::int(250));
    // A price may be finer than a cent: 0.1234 EUR is 12.34 cents.
    assert_eq!(minor(&value("price", "\"0.1234\"")), Exact::ratio(617, 50).unwrap());
    fault("amount", "\"100.001\"", "100.001 has more decimals than EUR has (2)");
    fault("yen", "\"1.5\"", "1.5 has more decimals than JPY has (0)");
    fault("amount", "\"100 JPY\"", "currency JPY where the field is in EUR (currencies never mix");
    fault("amount", "\"92233720368547758.08\"", "beyond 64 bits");
    fault("amount", "1e30", "beyond 64 bits");
    fault("amount", "\"1,000.00\"", "write the digits without separators");
    fault("amount", "true", "wanted an amount of EUR, found true");
    fault("amount", "\"\"", "wanted an amount of EUR");
}

#[test]
fn values_have_the_type_of_their_field() {
    assert_eq!(value("count", "7"), Value::Number(Exact::int(7)));
    assert_eq!(value("share", "\"20%\""), Value::Number(Exact::ratio(1, 5).unwrap()));
    assert_eq!(value("share", "0.2"), Value::Number(Exact::ratio(1, 5).unwrap()));
    assert_eq!(value("energy", "\"1.25\""), Value::Number(Exact::ratio(5, 4).unwrap()));
    assert_eq!(value("done", "true"), Value::Bool(true));
    assert_eq!(value("note", "\"a \\\"b\\\"\""), Value::Text("a \"b\"".into()));
    assert_eq!(value("note", "null"), Value::Absent);
    // 2026-03-01 00:00 in UTC
    assert_eq!(value("at_sea", "\"2026-03-01T01:00+01:00\""), Value::Instant(1_772_323_200_000_000_000));
    fault("count", "1.5", "wanted a whole number, found the number 1.5");
    fault("count", "99999999999999999999", "beyond 64 bits");
    fault("count", "99999999999999999999999999999999999999999999", "beyond 64 bits");
    fault("done", "\"true\"", "wanted true or false, found the text \"true\"");
    fault(
        "where_to",
        "\"Frnace\"",
        "no term of the vocabulary Place is named `Frnace` (did you mean `France`?)",
    );
    fault("where_to", "7", "wanted a term of its vocabulary, found the number 7");
    fault("shipped", "\"2026-02-30\"", "2026-02-30 is no day of the calendar");
    fault("shipped", "\"1 March 2026\"", "wanted a date such as");
    fault("at_sea", "\"2026-03-01\"", "wanted an instant such as");
    fault("wait", "\"30\"", "wanted a length of time such as");
    fault("under", "\"fees\"", "no clause is named `fees` (did you mean `fee`?)");
    fault("note", "[1]", "wanted a text in quotation marks, found a list or an object");
    fault("nots", "\"x\"", "Sale has no such field (did you mean `note`?)");
}

#[test]
fn an_instant_falls_on_a_day_of_the_zone() {
    let at =
        |when: &str| row("note", "null").replace("\"date\":\"2026-03-01\"", &format!("\"at\":\"{when}\""));
    // 23:30 in UTC is the next day in Berlin.
    let (events, _) = read(Format::Ndjson, at("2026-03-01T23:30Z"));
    assert_eq!(events[0].date.to_string(), "2026-03-02");
    let (events, _) = read(Format::Ndjson, at("2026-03-01T23:30"));
    assert_eq!(events[0].date.to_string(), "2026-03-01");
    // On 29 March 2026 the clocks of Berlin go from 2:00 to 3:00.
    let (_, faults) = read(Format::Ndjson, at("2026-03-29T02:30"));
    assert!(faults[0].contains("happens twice or never"), "{faults:?}");
}

#[test]
fn strangers_keep_their_names() {
    let text = ["Shop", "Nobody", "Else", "Nobody"]
        .map(|n| row("note", "null").replace("\"Shop\"", &format!("\"{n}\"")))
        .join("\n");
    let (events, faults) = read(Format::Ndjson, text);
    assert_eq!(faults, Vec::<String>::new());
    let by: Vec<u32> = events
        .iter()
        .map(|e| match e.fields[0] {
            Value::Party(p) => p.0,
            _ => panic!("no person"),
        })
        .collect();
    // Two declared persons, then strangers in the order in which they appear.
    assert_eq!(by, [0, 2, 3, 2]);
}

#[test]
fn faults_have_places() {
    let (_, faults) = read(Format::Ndjson, row("note", "null").replace("\"Sale\"", "\"Sael\""));
    assert_eq!(faults, ["e:1:9: row 1, field `kind`: no event kind is named `Sael` (did you mean `Sale`?)"]);
    let good = row("note", "null");
    let (events, faults) = read(Format::Ndjson, format!("{good}\n\n{{}}\n{good}\n"));
    assert_eq!(events.iter().map(|e| e.row).collect::<Vec<_>>(), [1, 3]);
    // The blank line counts as a line and is no row.
    assert!(faults[0].starts_with("e:3: row 2: the row has no `kind`"), "{faults:?}");
    let (_, faults) = read(Format::Ndjson, good.replace("\"amount\":1", "\"amount\":1,\"amount\":2"));
    assert!(faults[0].contains("the key \"amount\" stands twice"), "{faults:?}");
    let (_, faults) = read(Format::Ndjson, good.replace("\"amount\":1,", ""));
    assert!(faults[0].contains("row 1, field `amount`: missing: every Sale has it"), "{faults:?}");
    let (_, faults) = read(Format::Ndjson, good.replace("\"date\":\"2026-03-01\",", ""));
    assert!(faults[0].contains("neither `date` nor `at`"), "{faults:?}");
    let earlier = good.replace("2026-03-01", "2026-02-28");
    let (events, faults) = read(Format::Ndjson, format!("{good}\n{earlier}\n{good}\n"));
    assert_eq!(events.len(), 2);
    assert!(faults[0].starts_with("e:2: row 2, field `date`: out of order: 2026-02-28"), "{faults:?}");
    let (_, faults) = read(Format::Ndjson, b"{\"kind\":\"S\xE4le\"}".to_vec());
    assert!(faults[0].starts_with("e:1:11: row 1: not UTF-8: byte 0xE4"), "{faults:?}");
    let deep = format!("{{\"kind\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let (_, faults) = read(Format::Ndjson, deep);
    assert_eq!(faults.len(), 1);
}

#[test]
fn csv_rows() {
    let head = "kind,date,by,amount,count,note\n";
    let (events, faults) = read(Format::Csv, format!("{head}Sale,2026-03-01,Shop,100.00,,\"a, b\"\n"));
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(minor(&events[0].fields[1]), Exact::int(10_000));
    let fields = &names().symbols.events["Sale"].fields;
    assert_eq!(events[0].fields[fields.get_index_of("count").unwrap()], Value::Absent);
    assert_eq!(events[0].fields[fields.get_index_of("note").unwrap()], Value::Text("a, b".into()));
    let (_, faults) = read(Format::Csv, head.replace("amount", "amuont"));
    assert!(faults[0].contains("no event kind has a field `amuont`"), "{faults:?}");
    let (_, faults) = read(Format::Csv, head.replace("note", "count"));
    assert!(faults[0].contains("the column `count` stands twice"), "{faults:?}");
    let (_, faults) = read(Format::Csv, format!("{head}Sale,2026-03-01,Shop\nSale,2026-03-01,Shop,x,,\n"));
    assert!(faults[0].starts_with("e:2: row 1: 3 cells where the header has 6 columns"), "{faults:?}");
    assert!(
        faults[1].starts_with("e:3: row 2, field `amount`: wanted an amount of EUR, found `x`"),
        "{faults:?}"
    );
}
