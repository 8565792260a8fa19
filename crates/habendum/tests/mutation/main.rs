//! Faults planted in the example deals: `diff` names each that changes an outcome, says equivalent of each that does not,
//! and a stream of sampled events, run by the interpreter under both texts, never contradicts it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops where a result is missing")]

mod faults;
mod judge;
mod neutral;
mod plant;
mod scan;

use crate::judge::{compared, judged, stream};
use crate::plant::{Base, DEALS, Mutant, mutants};
use std::collections::BTreeMap;

/// How many mutants of a deal came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    changed: usize,
    equivalent: usize,
    /// Neither named nor proved; the stream shows no difference.
    undecided: usize,
    /// Neither named nor proved, and the stream shows a difference.
    missed: usize,
}

fn tried(deal: &str) -> Count {
    let base = Base::of(deal);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("events.ndjson");
    let mut plain = base.with(None).unwrap();
    stream(&base, &mut plain, &file);
    let before = judged(&base, &mut plain, &file);
    let mut count = Count::default();
    let mut contradicted = Vec::new();
    let only = std::env::var("ONLY").unwrap_or_default();
    for m in mutants(&base).iter().filter(|m| m.operator.contains(&only)) {
        let begun = std::time::Instant::now();
        let mut side = base.with(Some((&m.place.0, &m.text))).unwrap();
        let c = compared(&base, &mut plain, &mut side);
        let said = c.verdict.as_str();
        let took = begun.elapsed().as_millis();
        if said == "changed" {
            count.changed += 1;
            println!("{deal} {took} ms {}: {}", name(m), c.changes[0].sentence);
            if m.neutral {
                contradicted.push(format!("{}: means the same, {}", name(m), c.changes[0].sentence));
            }
            continue;
        }
        let after = judged(&base, &mut side, &file);
        let apart = before.iter().zip(&after).position(|(x, y)| x != y);
        let shown = apart.map(|i| format!("row {}: {} | {}", i + 1, before[i], after[i]));
        match (said, &shown) {
            ("equivalent", None) => count.equivalent += 1,
            ("equivalent", Some(row)) => contradicted.push(format!("{}: equivalent, {row}", name(m))),
            (_, None) => count.undecided += 1,
            (_, Some(_)) => count.missed += 1,
        }
        let why: Vec<String> = c.undecided.iter().map(|u| format!("{}: {}", u.about, u.why)).collect();
        println!("{deal} {took} ms {}: {said} {why:?} {}", name(m), shown.unwrap_or_default());
    }
    assert!(contradicted.is_empty(), "{}", contradicted.join("\n"));
    count
}

fn name(m: &Mutant) -> String {
    format!("[{}] {} in `{}` ({:?})", m.operator, m.words, m.place.1, m.kind)
}

#[test]
fn building_contract() {
    println!("{:?}", tried("building-contract"));
}

#[test]
fn film_distribution() {
    println!("{:?}", tried("film-distribution"));
}

#[test]
fn franchise() {
    println!("{:?}", tried("franchise"));
}

#[test]
fn loan() {
    println!("{:?}", tried("loan"));
}

#[test]
fn microsoft_openai() {
    println!("{:?}", tried("microsoft-openai"));
}

#[test]
fn power_purchase() {
    println!("{:?}", tried("power-purchase"));
}

#[test]
fn tpch_revenue_share() {
    println!("{:?}", tried("tpch-revenue-share"));
}

/// At least 200, of every operator and kind of clause.
#[test]
fn faults_are_spread() {
    let mut operators: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for deal in DEALS {
        for m in mutants(&Base::of(deal)) {
            *operators.entry((m.neutral, m.operator)).or_default() += 1;
            if !m.neutral {
                *kinds.entry(format!("{:?}", m.kind)).or_default() += 1;
            }
        }
    }
    println!("{operators:#?}\n{kinds:#?}");
    let of =
        |neutral: bool| operators.iter().filter(|((n, _), _)| *n == neutral).map(|(_, c)| c).sum::<usize>();
    println!("{} faults, {} neutral", of(false), of(true));
    assert!(of(false) >= 200);
}
