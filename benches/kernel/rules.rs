//! The twenty clauses of the bench, once: as a deal's text, and as constants for the loops written by hand.
//!
//! Invariant: text and constants say the same; the bench compares every row of every loop.

use habendum_model::date::plus_days;
use jiff::civil::date;
use std::fmt::Write;

/// What a clause asks beside kind, person and days.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Unless the product and the cloud are these.
    Product(u16, u8),
    /// Where the second flag is set, unless the place is this.
    Place(u8),
    /// Unless the first flag is set and the cloud is this.
    Cloud(u8),
    /// Unless the amount is less, in minor units.
    Amount(i64),
}

/// A clause: a person must not do a kind of act, on some days.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Event kind.
    pub kind: u8,
    /// Acting person.
    pub by: u8,
    /// First and last day, from 2022-01-08 (day 19,000 since 1970).
    pub days: (u16, u16),
    /// Not towards this person.
    pub not_to: Option<u8>,
    /// The rest.
    pub form: Form,
}

const fn r(kind: u8, by: u8, from: u16, through: u16, form: Form) -> Rule {
    Rule { kind, by, days: (from, through), not_to: None, form }
}

const fn n(kind: u8, by: u8, from: u16, through: u16, to: u8, form: Form) -> Rule {
    Rule { kind, by, days: (from, through), not_to: Some(to), form }
}

use Form::{Amount, Cloud, Place, Product};

/// The clauses.
pub const RULES: [Rule; 20] = [
    r(1, 8, 196, 819, Product(3, 3)),
    r(3, 7, 22, 409, Place(56)),
    n(0, 7, 284, 837, 7, Cloud(0)),
    r(5, 5, 844, 1144, Amount(1_784)),
    r(4, 4, 826, 1346, Product(2, 1)),
    r(7, 1, 248, 606, Place(46)),
    r(2, 6, 438, 1028, Cloud(1)),
    n(7, 2, 470, 1242, 0, Amount(34_160)),
    r(1, 3, 281, 1062, Product(1, 2)),
    r(0, 4, 884, 1663, Place(35)),
    r(2, 7, 163, 965, Cloud(1)),
    r(3, 1, 45, 411, Amount(39_201)),
    n(4, 2, 8, 901, 3, Product(14, 3)),
    r(3, 0, 30, 896, Place(40)),
    r(4, 3, 197, 659, Cloud(1)),
    r(7, 8, 625, 1383, Amount(44_884)),
    r(3, 8, 691, 1407, Product(5, 0)),
    n(1, 2, 876, 1612, 3, Place(31)),
    r(5, 5, 828, 1620, Cloud(2)),
    r(2, 9, 440, 924, Amount(36_569)),
];

/// The first day of the rows.
pub const FIRST_DAY: i64 = 19_000;
/// How many of each there are.
pub const PERSONS: u64 = 200;
/// Products.
pub const PRODUCTS: u64 = 500;
/// Clouds.
pub const CLOUDS: u64 = 4;
/// Places.
pub const PLACES: u64 = 60;
/// Event kinds.
pub const KINDS: u64 = 8;

/// Some clauses as a deal: the twenty, and the twenty again with other figures as often as needed.
pub fn text(clauses: usize, mut other: impl FnMut(u64) -> u64) -> String {
    let names = |prefix: &str, n: u64, sep: &str| {
        (0..n).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>().join(sep)
    };
    let mut t = format!(
        "agreement bench \"Twenty clauses\" {{\n    parties {}\n    effective from 2020-01-01\n    currency USD\n    zone \"UTC\"\n}}\n",
        names("P", PERSONS, ", ")
    );
    for (vocabulary, prefix, n) in
        [("Product", "R", PRODUCTS), ("Cloud", "C", CLOUDS), ("Place", "T", PLACES)]
    {
        let _ = writeln!(t, "vocabulary {vocabulary} {{ {} }}", names(prefix, n, " "));
    }
    for k in 0..KINDS {
        let _ = writeln!(
            t,
            "event K{k} {{ by: party, to: party, product: Product, cloud: Cloud, place: Place, first: bool, second: bool, amount: money }}"
        );
    }
    for i in 0..clauses {
        let mut rule = RULES[i % RULES.len()];
        if i >= RULES.len() {
            rule.kind = other(KINDS) as u8;
            rule.by = other(PERSONS) as u8;
            rule.form = match rule.form {
                Product(..) => Product(other(PRODUCTS) as u16, other(CLOUDS) as u8),
                Place(_) => Place(other(PLACES) as u8),
                Cloud(c) => Cloud(c),
                Amount(_) => Amount(other(90_000) as i64),
            };
        }
        clause(&mut t, i, &rule);
    }
    t
}

fn clause(t: &mut String, i: usize, rule: &Rule) {
    let day = |n: u16| {
        plus_days(date(1970, 1, 1), FIRST_DAY + i64::from(n)).map(|d| d.to_string()).unwrap_or_default()
    };
    let _ = write!(t, "clause c{i} {{\n    P{} must not K{}", rule.by, rule.kind);
    let mut wanted = Vec::new();
    wanted.extend(rule.not_to.map(|q| format!("to is not P{q}")));
    if let Place(_) = rule.form {
        wanted.push("second".to_owned());
    }
    if !wanted.is_empty() {
        let _ = write!(t, "\n        where {}", wanted.join(" and "));
    }
    let except = match rule.form {
        Product(p, c) => format!("product is R{p} and cloud is C{c}"),
        Place(p) => format!("place is T{p}"),
        Cloud(c) => format!("first and cloud is C{c}"),
        Amount(a) => format!("amount is less than {}.{:02} USD", a / 100, a % 100),
    };
    let _ = writeln!(
        t,
        "\n        unless {except}\n        from {} through {}\n}}",
        day(rule.days.0),
        day(rule.days.1)
    );
}
