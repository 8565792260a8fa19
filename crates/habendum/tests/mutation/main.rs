//! Faults planted in the example deals: `diff` names each that changes an outcome, says equivalent of each that does not,
//! and a stream of sampled events, run by the interpreter under both texts, never contradicts it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops where a result is missing")]

mod faults;
mod judge;
mod neutral;
mod plant;
mod scan;

use crate::judge::{compared, judged, shows, stream};
use crate::plant::{Base, DEALS, Mutant, mutants};
use crate::scan::Kind;
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
        let took = begun.elapsed().as_millis();
        if let Some(change) = c.changes.first() {
            count.changed += 1;
            println!("{deal} {took} ms {}: {}", name(m), change.sentence);
            if m.neutral || !shows(&base, &mut plain, &mut side, &change.witness) {
                contradicted.push(format!("{}: no such change: {}", name(m), change.sentence));
            }
            continue;
        }
        let after = judged(&base, &mut side, &file);
        let apart = before.iter().zip(&after).position(|(x, y)| x != y);
        let shown = apart.map(|i| format!("row {}: {} | {}", i + 1, before[i], after[i]));
        match (c.is_equivalent(), &shown) {
            (true, None) => count.equivalent += 1,
            (true, Some(row)) => contradicted.push(format!("{}: equivalent, {row}", name(m))),
            (false, None) => count.undecided += 1,
            (false, Some(_)) => count.missed += 1,
        }
        let why: Vec<String> = c.undecided.iter().map(|u| format!("{}: {}", u.about, u.why)).collect();
        println!(
            "{deal} {took} ms {}: {} {why:?} {}",
            name(m),
            if why.is_empty() { "equivalent" } else { "undecided" },
            shown.unwrap_or_default()
        );
    }
    assert!(contradicted.is_empty(), "{}", contradicted.join("\n"));
    count
}

fn name(m: &Mutant) -> String {
    format!("[{}] {} in `{}` ({:?})", m.operator, m.words, m.place.1, m.kind)
}

/// So many at most are left undecided, with a stream that shows nothing and with one that shows a difference.
#[track_caller]
fn at_most(deal: &str, undecided: usize, missed: usize) {
    let c = tried(deal);
    println!("{deal}: {c:?}");
    assert!(c.undecided <= undecided && c.missed <= missed, "{deal}: {c:?}");
    assert!(c.changed >= 20 && c.equivalent >= 5, "{deal}: {c:?}");
}

#[test]
fn building_contract() {
    at_most("building-contract", 10, 0);
}

#[test]
fn film_distribution() {
    at_most("film-distribution", 3, 0);
}

#[test]
fn franchise() {
    at_most("franchise", 5, 1);
}

#[test]
fn loan() {
    at_most("loan", 4, 1);
}

#[test]
fn microsoft_openai() {
    at_most("microsoft-openai", 3, 0);
}

#[test]
fn power_purchase() {
    at_most("power-purchase", 5, 0);
}

#[test]
fn tpch_revenue_share() {
    at_most("tpch-revenue-share", 1, 2);
}

/// At least 200, in every deal, of many operators, in every kind of clause.
#[test]
fn faults_are_spread() {
    let mut operators: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut neutral: BTreeMap<&str, usize> = BTreeMap::new();
    for deal in DEALS {
        let all = mutants(&Base::of(deal));
        for m in &all {
            if m.neutral {
                *neutral.entry(m.operator).or_default() += 1;
            } else {
                *operators.entry(m.operator).or_default() += 1;
                *kinds.entry(m.kind).or_default() += 1;
            }
        }
        let planted = all.iter().filter(|m| !m.neutral).count();
        assert!(planted >= 20, "{deal}: {planted}");
    }
    let table = format!("{operators:#?}\n{kinds:#?}\n{neutral:#?}");
    println!("{table}");
    assert!(operators.values().sum::<usize>() >= 200, "{table}");
    assert!(neutral.values().sum::<usize>() >= 50 && neutral.len() >= 10, "{table}");
    assert!(operators.len() >= 35, "{table}");
    assert!(kinds.len() == 10 && kinds.values().all(|n| *n >= 8), "{table}");
}
