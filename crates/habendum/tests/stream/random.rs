//! The kernel and the interpreter over random deals and random streams: conditions of every form, and beside them what keeps state.

use crate::engines::{by, left};
use crate::{shown, text, wants};
use habendum::evaluate::EngineKind;
use habendum::evaluate::Order;
use habendum::event_read::Format;
use habendum::names::Names;
use habendum::outcome_write::EventTable;
use habendum::pipeline::open;
use habendum_model::expr::Type;
use habendum_model::value::{Exact, Value};
use habendum_norm::event::Event;
use std::fmt::Write;

#[path = "../../../habendum-jit/tests/support/deals.rs"]
#[allow(dead_code, reason = "the deals of the kernel's own tests")]
mod deals;

use deals::Dice;

/// So many days after 1970-01-01.
fn day(n: i64) -> habendum::Date {
    habendum_model::date::plus_days(habendum::Date::constant(1970, 1, 1), n).unwrap()
}

/// Rows of a stream.
const ROWS: usize = 200;

/// How many random deals; `PROPTEST_CASES` asks for a longer campaign.
fn cases() -> u64 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(600)
}

/// Clauses whose outcome hangs on what came before, beside the random ones.
fn stateful(d: &mut Dice, t: &mut String) {
    for i in 0..d.below(4) {
        let kind = d.one(&["Sale", "Visit", "Notice"]);
        let who = d.one(&["A", "B", "anyone", "A, B"]);
        let good = d.one(&["Fruit", "Citrus", "Lemon", "Steel"]);
        let n = d.below(6) + 1;
        let _ = match d.below(15) {
            0 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where n is more than {n} before Visit of the same good where rush }}"
            ),
            1 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where good is {good} until Visit where rush }}"
            ),
            2 => writeln!(t, "clause s{i} {{ {who} may {kind} where good is {good} notwithstanding c0 }}"),
            3 => writeln!(
                t,
                "clause s{i} {{ A pays B 10% of fee on each {kind} where fee is stated and good is {good} cap {n}00 USD per month }}"
            ),
            4 => writeln!(
                t,
                "clause s{i} for each site {{ B pays A marginal tiers of n in total {{ up to {n}: 1 USD\n more than {n}: 2 USD }} on each {kind} where n is at least 0 }}"
            ),
            5 => writeln!(
                t,
                "clause s{i} {{ A may terminate c1 when n is more than {n} exercised by Notice where n is stated }}"
            ),
            6 => writeln!(t, "clause s{i} {{ Visit where rush excuses c1 until Notice where rush }}"),
            7 => writeln!(t, "clause s{i} {{ A must keep n is up to {n} on each {kind} where n is stated }}"),
            8 => writeln!(
                t,
                "clause s{i} for each good {{ {who} must not {kind} where rush until Notice where not rush }}"
            ),
            9 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where rush while sold in total is less than {n}00 USD }}"
            ),
            10 => writeln!(
                t,
                "clause s{i} {{ A may suspend c0 exercised by Visit where memo is \"red\" }}\nclause r{i} {{ A may resume c0 exercised by Visit where memo is \"blue\" }}"
            ),
            11 => writeln!(
                t,
                "clause s{i} for each site {{ A pays B {n}% of amount on each {kind} where good is {good} cap {n}00 USD per month rounded half-up per year due within 10 days after each month }}"
            ),
            12 => writeln!(
                t,
                "clause s{i} for each good {{ A pays B marginal tiers of amount per quarter {{ up to {n}00 USD: 1%\n more than {n}00 USD: 2.5% }} on each {kind} where amount is more than 0 USD cap {n}0 USD in total counting from effective rounded half-even per month }}"
            ),
            13 => writeln!(
                t,
                "clause s{i} {{ A pays B the greater of (1 USD, the lesser of (amount / 3, {n}0 USD)) on each {kind} where not rush rounded down per event }}"
            ),
            _ => writeln!(t, "clause s{i} {{ A pays B {n} USD each month in arrears }}"),
        };
    }
}

/// Rows as NDJSON: by date, as far out as a stream can say them.
fn stream(rows: &mut [Event], names: &Names) -> String {
    rows.sort_by_key(|e| e.date);
    let mut out = String::new();
    for e in rows {
        let info = names.symbols.event_info(e.kind);
        let _ = write!(out, "{{\"kind\":\"{}\",\"date\":\"{}\"", names.symbols.event_name(e.kind), e.date);
        for ((name, f), v) in info.fields.iter().zip(&e.fields) {
            let _ = match (v, f.ty) {
                (Value::Absent, _) => Ok(()),
                (Value::Money(m, c), _) => {
                    write!(out, ",\"{name}\":\"{}\"", names.plain_money(m.numer(), *c))
                }
                (Value::Number(n), Type::Percent) => {
                    write!(out, ",\"{name}\":\"{}%\"", n.mul(Exact::int(100)).unwrap())
                }
                (Value::Number(n), _) => write!(out, ",\"{name}\":{n}"),
                (Value::Bool(b), _) => write!(out, ",\"{name}\":{b}"),
                (Value::Party(p), _) if p.ix() >= names.symbols.parties.len() => {
                    write!(out, ",\"{name}\":\"Stranger {}\"", p.0)
                }
                _ => write!(out, ",\"{name}\":\"{}\"", names.value(v)),
            };
        }
        out.push_str("}\n");
    }
    out
}

/// The same rows as a table; false where it cannot hold one of them.
fn table(rows: &[Event], mut names: Names, to: &std::path::Path) -> bool {
    let declared = names.symbols.parties.len();
    names.meet((declared..declared + 3).map(|p| format!("Stranger {p}")));
    let mut table = EventTable::create(&text(to), Format::Parquet, &names).unwrap();
    rows.iter().all(|e| table.event(e, &names).is_ok()) && table.finish(&names).is_ok()
}

fn compare(seed: u64) -> (u64, u64) {
    let mut d = Dice(seed);
    let mut deal = deals::deal(&mut d, 4);
    stateful(&mut d, &mut deal);
    let dir = tempfile::tempdir().unwrap();
    let (path, events) = (dir.path().join("deal.term"), dir.path().join("events.ndjson"));
    std::fs::write(&path, &deal).unwrap();
    let mut o = open(&text(&path), &wants()).unwrap();
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let prepared = match o.prepare(&choices) {
        Ok(p) => p,
        Err(e) => panic!("{seed}: {}\n{deal}", shown(e)),
    };
    let mut rows = deals::rows(&mut d, &prepared.program, ROWS);
    std::fs::write(&events, stream(&mut rows, &prepared.names)).unwrap();
    let events = vec![text(&events)];
    let interpreted = left(&path, &events, by(EngineKind::Interpreter));
    let order = Order { batch: Some(d.below(64) as usize + 1), ..by(EngineKind::Kernel) };
    let compiled = left(&path, &events, order);
    assert!(compiled == interpreted, "seed {seed}\n{deal}\n{compiled:#?}\n{interpreted:#?}");
    if table(&rows, prepared.names.clone(), &dir.path().join("events.parquet")) {
        let events = vec![text(&dir.path().join("events.parquet"))];
        let interpreted = left(&path, &events, by(EngineKind::Interpreter));
        let order = Order { batch: Some(d.below(64) as usize + 1), ..by(EngineKind::Kernel) };
        let compiled = left(&path, &events, order);
        assert!(compiled == interpreted, "table, seed {seed}\n{deal}\n{compiled:#?}\n{interpreted:#?}");
    }
    (interpreted.outcomes.lines().count() as u64, interpreted.quarantine.lines().count() as u64)
}

#[test]
fn engines_agree_on_random_deals() {
    let (mut judged, mut refused) = (0, 0);
    for seed in 0..cases() {
        let (j, r) = compare(seed.wrapping_mul(0x9E37_79B9));
        (judged, refused) = (judged + j, refused + r);
    }
    // The streams say something: most rows can be judged.
    assert!(judged > refused * 4, "{judged} {refused}");
}
