//! Random deals as text, and random rows of them. The same seed gives the same deal and the same rows.

use super::day;
use habendum_model::expr::Type;
use habendum_model::value::{EventId, Exact, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::Program;
use std::fmt::Write;

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const HEAD: &str = r#"agreement deal "A random deal" {
    parties   A, B, C
    others    any
    effective from 2024-01-01
    currency  USD
    zone      "UTC"
}
vocabulary Goods { Fruit { Apple Pear Citrus { Lemon Orange } } Steel { Coil Plate } }
"#;

/// A random deal of some clauses.
pub fn deal(d: &mut Dice, clauses: usize) -> String {
    let mut t = HEAD.to_owned();
    let terms: Vec<String> = (0..300).map(|i| format!("S{i}")).collect();
    let _ = writeln!(t, "vocabulary Site {{ {} }}", terms.join(" "));
    for kind in ["Sale", "Visit", "Notice"] {
        let mut opt = || if d.chance(50) { " optional" } else { "" };
        let _ = writeln!(
            t,
            "event {kind} {{\n    by: party{}\n    to: party{}\n    good: Goods{}\n    site: Site{}",
            opt(),
            opt(),
            opt(),
            opt()
        );
        let _ = writeln!(
            t,
            "    rush: bool{}\n    memo: text{}\n    n: int{}\n    q: decimal{}\n    part: percent{}",
            opt(),
            opt(),
            opt(),
            opt(),
            opt()
        );
        let _ = writeln!(
            t,
            "    amount: money{}\n    fee: money{}\n    asked: date{}\n    ends: date{}\n}}",
            opt(),
            opt(),
            opt(),
            opt()
        );
    }
    t.push_str("parameter floor: money = 400 USD\nparameter cut: date = 2024-03-01\n");
    t.push_str("table rates by good: Goods { share: percent } { Apple: 10%\n Lemon: 20%\n Coil: 5%\n}\n");
    t.push_str("total sold = amount on Sale\nregister Club of party { initially A add by on Visit }\nregister Fixed of party { initially A, C }\n");
    for i in 0..clauses {
        let who = d.one(&["A", "B", "anyone", "either party", "A, B", "anyone except C"]);
        let kind = d.one(&["Sale", "Visit", "Notice"]);
        let (c, x, y) = (condition(d, 3), condition(d, 2), condition(d, 1));
        let _ = writeln!(t, "clause c{i} \"Clause {i}\" {{");
        let _ = match d.below(5) {
            0 => writeln!(t, "    {who} may {kind} where {c}"),
            1 | 2 => {
                writeln!(t, "    {who} must not {kind} where {c}\n        unless ({x}) {{ unless ({y}) }}")
            }
            3 => writeln!(
                t,
                "    A pays B 3% of (if amount is stated then amount else 100 USD) on each {kind} where {c}\n        only if {x}"
            ),
            _ => writeln!(t, "    B must Visit within 9 days of ({kind} where {c})\n        unless ({x})"),
        };
        if d.chance(50) {
            let first = d.below(300) as i64;
            let _ = writeln!(
                t,
                "        from {} through {}",
                day(19_700 + first),
                day(19_750 + first + d.below(200) as i64)
            );
        }
        t.push_str("}\n");
    }
    t
}

fn condition(d: &mut Dice, depth: u32) -> String {
    if depth > 0 && d.chance(55) {
        let (a, b) = (condition(d, depth - 1), condition(d, depth - 1));
        return match d.below(5) {
            0 | 1 => format!("({a}) and ({b})"),
            2 | 3 => format!("({a}) or ({b})"),
            _ => format!("not ({a})"),
        };
    }
    atom(d)
}

fn atom(d: &mut Dice) -> String {
    let is = d.one(&["is", "is not"]);
    let cmp = d.one(&["is at least", "is more than", "is up to", "is less than", "is", "is not"]);
    let person = d.one(&["A", "B", "C"]);
    let good = d.one(&["Fruit", "Citrus", "Lemon", "Apple", "Steel", "Goods"]);
    let days = day(19_700 + d.below(400) as i64);
    let (n, m) = (d.below(12), d.below(5) + 1);
    match d.below(36) {
        0 => format!("by {is} {person}"),
        1 => format!("to {is} {person}"),
        2 => format!("by {is} to"),
        3 => "to is a party".into(),
        4 => "by is a stranger".into(),
        5 => format!("good is {good}"),
        6 => format!("good is not {good}"),
        7 => "good is one of Lemon, Coil".into(),
        8 => format!("site is S{}", d.below(300)),
        9 => format!("site is not S{}", d.below(5)),
        10 => "rush".into(),
        11 => "not rush".into(),
        12 => format!("memo {is} \"{}\"", d.one(&["red", "blue", "green"])),
        13 => "memo is one of \"red\", \"blue\"".into(),
        14 => format!("n {cmp} {n}"),
        15 => format!("{m} * n - {n} {cmp} n + {m}"),
        16 => format!("q {cmp} {n}.{m}"),
        17 => format!("{m} * q + n {cmp} {n}.5"),
        18 => format!("part {cmp} {m}%"),
        19 => format!("amount {cmp} floor"),
        20 => format!("amount + fee {cmp} {n}00.{m}0 USD"),
        21 => format!("{m}5% of amount {cmp} fee"),
        22 => format!("amount / 3 {cmp} {n}0 USD"),
        23 => format!("asked {cmp} {days}"),
        24 => format!("asked {cmp} cut"),
        25 => format!("asked {cmp} ends"),
        26 => format!("completed days from asked to date {cmp} {n}"),
        27 => format!("started weeks from asked to ends {cmp} {m}"),
        28 => format!("month of asked {cmp} {m}"),
        29 => format!("{} is stated", d.one(&["good", "memo", "amount", "asked", "to", "rush"])),
        30 => format!("(if rush then n else {n}) {cmp} {m}"),
        31 => format!("date {cmp} {days}"),
        // Neither has a value for every row: a good without a row, a division by nothing.
        32 => format!("rates[good] {cmp} {m}%"),
        33 => format!("{n}0 / n {cmp} {m}"),
        34 => format!("sold in total {cmp} {n}0 USD"),
        _ => format!("by is in {}", d.one(&["Club", "Fixed"])),
    }
}

/// Random rows: values lie near what the conditions ask about, and now and then far out.
pub fn rows(d: &mut Dice, program: &Program, n: usize) -> Vec<Event> {
    (0..n).map(|i| row(d, program, i as u64 + 1)).collect()
}

fn row(d: &mut Dice, program: &Program, row: u64) -> Event {
    let kinds = ["Sale", "Visit", "Notice"];
    let kind = program.symbols.event(d.one(&kinds)).unwrap_or(EventId(0));
    let info = program.symbols.event_info(kind);
    let fields = info
        .fields
        .values()
        .map(|f| if f.optional && d.chance(25) { Value::Absent } else { value(d, program, f.ty) });
    let fields = fields.collect();
    Event { row, date: day(19_700 + d.below(600) as i64 - 30), instant: None, kind, fields }
}

fn value(d: &mut Dice, program: &Program, ty: Type) -> Value {
    let far = d.chance(2);
    let whole =
        |d: &mut Dice| if far { i128::from(d.next() as i64) * 7 } else { i128::from(d.below(16)) - 3 };
    match ty {
        Type::Bool => Value::Bool(d.chance(50)),
        Type::Int => Value::Number(Exact::int(whole(d))),
        Type::Decimal(_) => Value::Number(Exact::ratio(whole(d), if far { 10_000_000 } else { 2 }).unwrap()),
        Type::Percent => Value::Number(Exact::ratio(whole(d), 100).unwrap()),
        Type::Money(c, _) => {
            Value::Money(Exact::int(if far { whole(d) } else { i128::from(d.below(120_000)) - 10_000 }), c)
        }
        Type::Date if far => Value::Date(day(if d.chance(50) { -700_000 } else { 2_900_000 })),
        Type::Date => Value::Date(day(19_700 + d.below(400) as i64)),
        Type::Text => Value::Text(d.one(&["red", "blue", "green", "", "mauve"]).into()),
        Type::Party => Value::Party(PartyId(d.below(6) as u32)),
        Type::Term(v) => {
            let (_, info) = program.symbols.vocabularies.get_index(v.ix()).unwrap();
            let last = program.symbols.terms[info.root.ix()].last;
            let n = u64::from(last.0 - info.root.0) + 1;
            // Few of a long list, so that equal ones meet.
            Value::Term(TermId(info.root.0 + d.below(n.min(12)) as u32))
        }
        Type::Instant | Type::Duration | Type::Clause => Value::Absent,
    }
}
