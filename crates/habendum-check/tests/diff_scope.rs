//! The difference between two small deals against enumeration: transitions of verdicts per event kind, sums and deadlines
//! that a walk through both sides in step shows are those that the diff reports; it says "equivalent" only where the walk
//! shows none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod small;

use habendum_check::diff::{Change, ChangeKind, Diff, Side, diff};
use habendum_model::binding::{Choices, bind};
use small::Dice;
use small::campaign::{self, Faults};
use small::change::{Both, Class, Differences, changed, ended};
use small::world::World;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Tally {
    pairs: usize,
    equivalent: usize,
    changes: BTreeMap<&'static str, usize>,
    undecided: usize,
    beyond: usize,
    faults: Faults,
}

fn kind_of(from: Class, to: Class) -> ChangeKind {
    match (from, to) {
        (Class::Free, Class::Bad) => ChangeKind::NewlyBreached,
        (Class::Bad, Class::Free) => ChangeKind::NewlyPermitted,
        (Class::Free | Class::Bad, Class::Conflict) => ChangeKind::NewlyConflicting,
        (Class::Conflict, Class::Free | Class::Bad) => ChangeKind::NoLongerConflicting,
        (Class::Free, Class::Free) | (Class::Bad, Class::Bad) | (Class::Conflict, Class::Conflict) => {
            panic!("no change")
        }
    }
}

/// What the walk shows, in the words of the diff.
fn expected(d: &Differences) -> BTreeSet<(String, ChangeKind)> {
    let verdicts = d.verdicts.iter().map(|(name, a, b)| (name.clone(), kind_of(*a, *b)));
    let more = |m: bool| if m { ChangeKind::OwedMore } else { ChangeKind::OwedLess };
    let bound = |m: bool| if m { ChangeKind::NewlyObliged } else { ChangeKind::NoLongerObliged };
    let sums = d.sums.iter().map(|(c, m)| (c.clone(), more(*m)));
    verdicts.chain(sums).chain(d.duties.iter().map(|(c, m)| (c.clone(), bound(*m)))).collect()
}

fn found(d: &Diff) -> BTreeSet<(String, ChangeKind)> {
    d.changes.iter().map(|c| (c.about.clone(), c.kind)).collect()
}

/// Whether the history that a change comes with ends in that very change, run on both sides.
fn runs(a: &World, b: &World, c: &Change) -> bool {
    let is = expected(&ended(a, b, &c.witness.events, c.witness.clock));
    // The same sum owed by another person is said to be more.
    let moved = c.kind == ChangeKind::OwedMore && c.outcomes.0 == c.outcomes.1;
    moved || is.contains(&(c.about.clone(), c.kind))
}

fn held(seed: u64, t: &mut Tally) {
    let mut dice = Dice(seed);
    let base = small::draw::small(&mut dice);
    let head = changed(&mut dice, &base);
    let (Ok(a), Ok(b)) = (World::with(&base, true), World::with(&head, true)) else { return };
    t.pairs += 1;
    let side = |w: &World| bind(&w.deal, &Choices::default()).unwrap();
    let clock = std::time::Instant::now();
    let d = diff(
        &Side { deal: &a.deal, binding: side(&a), text_as_of: None },
        &Side { deal: &b.deal, binding: side(&b), text_as_of: None },
    )
    .unwrap();
    let took = clock.elapsed();
    let mut both = Both { base: &a, head: &b, found: Differences::default() };
    both.walk(if a.traces.is_empty() && b.traces.is_empty() { 1 } else { 2 });
    let walked = both.found;
    if std::env::var_os("CLOCK").is_some() {
        let whole = clock.elapsed();
        eprintln!("{seed}: compared in {took:?}, walked in {:?}; open {:?}", whole - took, d.undecided);
    }
    let mut fault = |what: String| {
        let text = format!(
            "seed {seed}: {what}\n{}\n---- head\n{}\nundecided {:?}\nfound {:?}",
            base.text(),
            head.text(),
            d.undecided,
            found(&d)
        );
        let word = what.split(':').next().unwrap_or_default().to_owned();
        t.faults.entry(word).or_default().push(text);
    };
    if d.is_equivalent() {
        t.equivalent += 1;
        if !walked.none() {
            fault(format!("equivalent, and is not: {walked:?}"));
        }
        return;
    }
    for c in d.changes.iter().filter(|c| !runs(&a, &b, c)) {
        fault(format!("false {}: {}", c.kind.word(), c.about));
    }
    let open = |about: &str| d.undecided.iter().any(|u| u.about == about);
    let (is, said) = (expected(&walked), found(&d));
    for (about, kind) in is.difference(&said) {
        if open(about) {
            t.undecided += 1;
        } else {
            fault(format!("missed {}: {about}", kind.word()));
        }
    }
    for (about, kind) in &said {
        *t.changes.entry(kind.word()).or_default() += 1;
        // What is said was run; days, rows and figures beyond the tiny domain show more than the walk.
        t.beyond += usize::from(!is.contains(&(about.clone(), *kind)));
    }
    t.undecided += usize::from(!d.undecided.is_empty() && said.is_empty());
}

fn walk(seeds: std::ops::Range<u64>) {
    let mut all = Tally::default();
    for t in campaign::halves(seeds, held) {
        all.pairs += t.pairs;
        all.equivalent += t.equivalent;
        all.undecided += t.undecided;
        all.beyond += t.beyond;
        campaign::add(&mut all.changes, t.changes);
        campaign::add_faults(&mut all.faults, t.faults);
    }
    eprintln!(
        "{} pairs: {} equivalent, changes {:?}, {} not decided, {} beyond the walk",
        all.pairs, all.equivalent, all.changes, all.undecided, all.beyond
    );
    campaign::tell(&all.faults, 2);
    campaign::assert_none(&all.faults);
    assert!(all.undecided * 4 <= all.pairs, "{} of {} not decided", all.undecided, all.pairs);
}

/// Pairs that are walked; `N` asks for others (and `FROM` for where their seeds begin).
#[test]
fn the_diff_says_what_a_walk_shows() {
    walk(campaign::seeds(240));
}

/// A sublicense is a history: with it the head contradicts itself, where one row shows a breach alone.
#[test]
fn what_needs_a_history_is_found_beside_what_a_row_shows() {
    let text = |verb: &str| {
        format!(
            "agreement deal \"A deal\" {{
                parties A, B
                effective from 2026-01-01
                currency USD
                zone \"UTC\"
                default Use is forbidden
            }}
            vocabulary Asset {{ Works }} vocabulary Territory {{ Europe }} vocabulary Field {{ Print }}
            clause one {{ A grants B a non-exclusive license to Use Works worldwide, any field may sublicense }}
            clause two {{ A {verb} Use }}"
        )
    };
    let (base, head) =
        (small::world::read(&text("may")).unwrap(), small::world::read(&text("must not")).unwrap());
    let side = |deal| Side { deal, binding: bind(deal, &Choices::default()).unwrap(), text_as_of: None };
    let d = diff(&side(&base), &side(&head)).unwrap();
    let uses: BTreeSet<_> =
        found(&d).into_iter().filter(|(about, _)| about == "Use").map(|(_, k)| k).collect();
    assert_eq!(uses, BTreeSet::from([ChangeKind::NewlyBreached, ChangeKind::NewlyConflicting]));
}
