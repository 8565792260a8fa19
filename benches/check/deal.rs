//! Deals of any size for the bench: licenses, permissions, prohibitions, duties and payments among one hub and its partners,
//! with two amendments. Invariant: the same number of clauses gives the same text.

use std::fmt::Write;

const KINDS: usize = 10;
const PARTNERS: usize = 8;
const GROUPS: usize = 10;
const LEAVES: usize = 4;

/// A sequence of numbers that look drawn.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n.max(1)
    }

    fn partner(&mut self) -> String {
        format!("Partner{}", self.below(PARTNERS))
    }

    fn item(&mut self) -> String {
        format!("Item{}x{}", self.below(GROUPS), self.below(LEAVES))
    }

    fn place(&mut self) -> String {
        format!("Land{}x{}", self.below(5), self.below(4))
    }
}

/// The text of a deal with so many clauses.
pub fn text(clauses: usize) -> String {
    let mut out = head();
    let mut dice = Dice(7);
    for i in 0..clauses {
        let body = clause(&mut dice, i);
        let _ = writeln!(out, "clause c{i} § {}.{} {{\n    {body}\n}}", i / 10 + 1, i % 10 + 1);
    }
    // The first amendment moves figures and ends exclusivities, the second puts in a few clauses more.
    let _ = writeln!(out, "\namendment first \"First amendment\" to deal {{\n    effective from 2027-01-01");
    for i in (0..clauses).filter(|i| i % 100 == 10) {
        let _ = writeln!(out, "    vary c{i} {{ exclusivity non-exclusive }}");
    }
    for i in (0..clauses).filter(|i| i % 50 == 19) {
        let _ = writeln!(out, "    vary c{i} {{ term through 2030 }}");
    }
    let _ = writeln!(
        out,
        "}}\n\namendment second \"Second amendment\" to deal {{\n    effective from 2028-07-01"
    );
    for i in 0..clauses / 50 {
        let body = clause(&mut dice, 10 * i + 3);
        let _ = writeln!(out, "    insert n{i} after c{} {{\n        {body}\n    }}", i * 50);
    }
    out.push_str("}\n");
    out
}

fn head() -> String {
    let mut out = String::from("agreement deal \"A large deal\" {\n    parties   Hub");
    for p in 0..PARTNERS {
        let _ = write!(out, ", Partner{p}");
    }
    out.push_str("\n    effective from 2026-01-01\n    currency  EUR\n    zone      \"UTC\"\n    default   Use is forbidden\n    default   Grant is permitted\n}\n\nvocabulary Asset {");
    for g in 0..GROUPS {
        let leaves: Vec<String> = (0..LEAVES).map(|l| format!("Item{g}x{l}")).collect();
        let _ = write!(out, " Group{g} {{ {} }}", leaves.join(" "));
    }
    out.push_str(" }\nvocabulary Territory {");
    for g in 0..5 {
        let leaves: Vec<String> = (0..4).map(|l| format!("Land{g}x{l}")).collect();
        let _ = write!(out, " Region{g} {{ {} }}", leaves.join(" "));
    }
    out.push_str(" }\n");
    for k in 0..KINDS {
        let _ = writeln!(
            out,
            "event Act{k} {{ by: party  item: Asset  place: Territory  amount: money  count: int  express: bool }}"
        );
        let _ = writeln!(out, "event Report{k} {{ by: party  item: Asset }}");
    }
    out
}

fn clause(dice: &mut Dice, i: usize) -> String {
    let (k, p, a, t) = (dice.below(KINDS), dice.partner(), dice.item(), dice.place());
    let (n, m, year) = (dice.below(50), dice.below(900) + 100, 2028 + dice.below(6));
    match i % 10 {
        0 | 5 => {
            let degree = if i % 100 == 10 { "an exclusive" } else { "a non-exclusive" };
            format!(
                "Hub grants {p} {degree} license\n        to Use {a} in {t}, any field\n        through {year}"
            )
        }
        1 => format!("{p} may Act{k} where item is {a} and amount is up to {m} EUR"),
        6 => format!("{p} may Act{k} where item is {a} and place is {t} and count is more than {n}"),
        2 => format!("{p} must not Act{k} where item is {a} and amount is more than {m} EUR"),
        7 => format!(
            "{p} must not Act{k}\n        where item is {a} and count is up to {n} and not express\n        unless place is {t}"
        ),
        3 | 8 => format!(
            "{p} must Report{k} where item is {a}\n        within {} days of Act{k} where item is {a} and by is {p} and amount is more than {m} EUR\n        otherwise {p} pays Hub {m} EUR",
            n + 5
        ),
        4 => format!(
            "{p} pays Hub {}% of amount\n        on each Act{k} where by is {p} and item is {a}\n        cap {m}_000 EUR per year",
            n % 4 + 1
        ),
        _ => format!(
            "Hub pays {p} {}% of amount\n        on each Act{k} where item is {a} and count is at least {n}\n        through {year}",
            n % 3 + 1
        ),
    }
}
