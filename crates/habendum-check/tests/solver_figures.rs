//! How long the solver takes on the random questions of [`queries`]: run with `--ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "prints figures")]

mod queries;

use std::time::{Duration, Instant};

use habendum_check::solver::{Answer, IntVar, Objective};
use queries::query;

fn show(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000];
    let total: Duration = times.iter().sum();
    println!(
        "{name}: {} queries, p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}, total {total:?}",
        times.len(),
        at(500),
        at(990),
        at(999),
        at(1000)
    );
}

#[test]
fn figures() {
    if std::env::var_os("HABENDUM_FIGURES").is_none() {
        return;
    }
    let mut kinds: [Vec<Duration>; 3] = Default::default();
    let mut slowest = (Duration::ZERO, 0);
    let mut minima = Vec::new();
    let (mut sat, mut unknown) = (0, 0);
    for number in 0..10_500 {
        let query = query(number);
        let start = Instant::now();
        let mut solver = query.declare();
        query.parts.iter().for_each(|part| solver.assert(part.clone()));
        let answer = solver.solve();
        let took = start.elapsed();
        slowest = slowest.max((took, number));
        kinds[match number % 10 {
            0..=5 => 0,
            6..=7 => 1,
            _ => 2,
        }]
        .push(took);
        match answer {
            Answer::Sat(_) => sat += 1,
            Answer::Unsat => continue,
            Answer::Unknown(_) => {
                unknown += 1;
                continue;
            }
        }
        let start = Instant::now();
        let objectives: Vec<Objective> =
            (0..query.ranges.len() as u32).map(|place| Objective::Int(IntVar(place))).collect();
        let answer = solver.minimise(&objectives);
        assert!(matches!(answer, Answer::Sat(model) if model.is_minimal()), "query {number}");
        minima.push(start.elapsed());
    }
    println!("{sat} sat, {unknown} unknown; slowest {slowest:?}");
    for (name, times) in ["guards", "traps", "anything"].iter().zip(kinds) {
        show(name, times);
    }
    show("all integers minimised", minima);
}
