//! The kernel and the interpreter over random deals and random streams: conditions of every form, and beside them what keeps state.

use crate::engines::{by, left};
use crate::{shown, text, wants};
use habendum::evaluate::EngineKind;
use habendum::evaluate::Order;
use habendum::names::Names;
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
        let _ = match d.below(12) {
            0 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where n is more than {n}\n before Visit of the same good where rush }}"
            ),
            1 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where good is {good}\n until Visit where rush }}"
            ),
            2 => writeln!(t, "clause s{i} {{ {who} may {kind} where good is {good}\n notwithstanding c0 }}"),
            3 => writeln!(
                t,
                "clause s{i} {{ A pays B 10% of fee on each {kind} where fee is stated and good is {good}\n cap {n}00 USD per month }}"
            ),
            4 => writeln!(
                t,
                "clause s{i} for each site {{ B pays A marginal tiers of n in total {{ up to {n}: 1 USD\n more than {n}: 2 USD }} on each {kind} where n is at least 0 }}"
            ),
            5 => writeln!(
                t,
                "clause s{i} {{ A may terminate c1 when n is more than {n}\n by Notice where n is stated }}"
            ),
            6 => writeln!(t, "clause s{i} {{ Visit where rush excuses c1 until Notice where rush }}"),
            7 => {
                writeln!(t, "clause s{i} {{ A must keep n is up to {n} shown by {kind} where n is stated }}")
            }
            8 => writeln!(
                t,
                "clause s{i} for each good {{ {who} must not {kind} where rush until Notice where not rush }}"
            ),
            9 => writeln!(
                t,
                "clause s{i} {{ {who} must not {kind} where rush\n while sold in total is less than {n}00 USD }}"
            ),
            10 => writeln!(
                t,
                "clause s{i} {{ A may suspend c0 by Visit where memo is \"red\"\n }}\nclause r{i} {{ A may resume c0 by Visit where memo is \"blue\" }}"
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
