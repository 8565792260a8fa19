//! The small deals are of the language: nearly all hold together, and each kind of clause is in enough of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod small;

use small::Dice;
use small::deal::KINDS;
use small::draw::small as draw;
use small::world::World;
use std::collections::BTreeMap;

#[test]
fn every_kind_of_clause_is_in_a_twentieth_of_them() {
    let (mut held, mut refused, mut counts) =
        (0u32, BTreeMap::<String, (u32, String)>::new(), BTreeMap::new());
    for seed in 0..2_000 {
        let deal = draw(&mut Dice(seed));
        match World::new(&deal) {
            Ok(_) => {
                held += 1;
                for k in deal.kinds() {
                    *counts.entry(k).or_insert(0u32) += 1;
                }
            }
            Err(why) => {
                let code = why.split_whitespace().take(3).collect::<Vec<_>>()[1..].join(" ");
                let e = refused.entry(code).or_insert((0, format!("{why}\n{}", deal.text())));
                e.0 += 1;
            }
        }
    }
    let lost: u32 = refused.values().map(|(n, _)| n).sum();
    if std::env::var_os("SHOW").is_some() {
        for (code, (n, example)) in &refused {
            eprintln!("{n} refused: {code}\n{example}");
        }
    }
    eprintln!("{held} hold together, {lost} do not; {counts:?}");
    assert!(lost * 10 < held, "{lost} of {held} do not hold together");
    for k in KINDS {
        let n = counts.get(&k).copied().unwrap_or(0);
        assert!(n * 20 >= held, "{k:?} is in {n} of {held}");
    }
}
