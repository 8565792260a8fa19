//! Layout and tables against the interpreter's evaluator: random deals with random rows, absent values and values far out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

mod support;

use habendum_jit::lut::Lut;
use habendum_jit::predicate::questions;
use habendum_jit::{Bits, Columns};
use proptest::prelude::*;
use std::sync::Arc;
use support::Reference;
use support::deals::{Dice, deal, rows};

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(1000), failure_persistence: None, ..ProptestConfig::default() })]

    /// An exact bit is the answer; a residual one misses no row that the evaluator holds or cannot evaluate.
    #[test]
    fn bits_are_the_evaluators_answers(seed in any::<u64>()) {
        let mut d = Dice(seed);
        let text = deal(&mut d, 4);
        let program = support::program(&text);
        let rows = rows(&mut d, &program, 300);
        let q = questions(&program);
        let layout = Arc::new(q.layout);
        let mut columns = Columns::new(Arc::clone(&layout), &program);
        rows.iter().for_each(|e| columns.push(e));
        let mut bits = Bits::new();
        Lut::new(&q.tests, &layout).run(&columns, &mut bits);
        let reference = Reference::new(&program);
        for (i, e) in rows.iter().enumerate().filter(|(i, _)| !columns.escaped().contains(i)) {
            for (t, test) in q.tests.iter().enumerate().filter(|(_, t)| Reference::knows(&t.ask)) {
                let bit = bits.get(i, t);
                match reference.holds(&test.ask, e) {
                    Ok(held) if test.is_exact() => prop_assert_eq!(bit, held, "{:?} {:?} {:?}\n{}", test, e, layout, text),
                    Ok(false) => {}
                    Ok(true) => prop_assert!(bit, "{:?} {:?}\n{}", test, e, text),
                    Err(x) => prop_assert!(bit && !test.is_exact(), "{:?} {:?} {}\n{}", test, e, x, text),
                }
            }
        }
    }
}

/// The deals are worth the trouble: most tests are exact, and rows of either answer come.
#[test]
fn the_random_deals_exercise_the_compiler() {
    let (mut exact, mut all, mut held, mut asked, mut escaped) = (0, 0, 0, 0, 0);
    for seed in 0..40 {
        let mut d = Dice(seed);
        let program = support::program(&deal(&mut d, 4));
        let rows = rows(&mut d, &program, 200);
        let q = questions(&program);
        let layout = Arc::new(q.layout);
        let mut columns = Columns::new(Arc::clone(&layout), &program);
        rows.iter().for_each(|e| columns.push(e));
        let mut bits = Bits::new();
        Lut::new(&q.tests, &layout).run(&columns, &mut bits);
        all += q.tests.len();
        exact += q.tests.iter().filter(|t| t.is_exact()).count();
        held += (0..q.tests.len()).map(|t| bits.count(t)).sum::<u64>();
        asked += (q.tests.len() * rows.len()) as u64;
        escaped += columns.escaped().len();
    }
    assert!(exact * 10 > all * 6, "{exact} of {all} exact");
    assert!(held * 100 > asked && held * 2 < asked, "{held} of {asked} held");
    assert!(escaped > 0);
}
