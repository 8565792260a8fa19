//! Campaigns over seeds: which to walk, on two threads, and what is told of the faults.

use std::collections::BTreeMap;
use std::ops::Range;

/// Faults by what they are.
pub type Faults = BTreeMap<String, Vec<String>>;

/// The seeds to walk: so many from 0; `N` asks for others, and `FROM` for where they begin.
pub fn seeds(most: u64) -> Range<u64> {
    let of = |name: &str, n: u64| std::env::var(name).map_or(n, |n| n.parse().unwrap());
    let from = of("FROM", 0);
    from..from + of("N", most)
}

/// Walks seeds on two threads: what came of each half.
pub fn halves<T: Default + Send + 'static>(seeds: Range<u64>, held: fn(u64, &mut T)) -> Vec<T> {
    let step = (seeds.end - seeds.start).div_ceil(2);
    let parts: Vec<_> = (0..2)
        .map(|i| {
            let (a, b) = (seeds.start + i * step, (seeds.start + (i + 1) * step).min(seeds.end));
            std::thread::spawn(move || {
                let mut t = T::default();
                (a..b).for_each(|s| held(s, &mut t));
                t
            })
        })
        .collect();
    parts.into_iter().map(|p| p.join().unwrap()).collect()
}

/// Adds counts to those that are there.
pub fn add<K: Ord>(to: &mut BTreeMap<K, usize>, from: BTreeMap<K, usize>) {
    from.into_iter().for_each(|(k, n)| *to.entry(k).or_default() += n);
}

/// Adds faults to those that are there.
pub fn add_faults(to: &mut Faults, from: Faults) {
    from.into_iter().for_each(|(k, v)| to.entry(k).or_default().extend(v));
}

/// Says how many faults of each sort there are; `SHOW` asks for some of each.
pub fn tell(faults: &Faults, some: usize) {
    for (what, list) in faults {
        eprintln!("{what}: {}", list.len());
        if std::env::var_os("SHOW").is_some() {
            list.iter().take(some).for_each(|f| eprintln!("{f}"));
        }
    }
}

/// Stops at the first fault.
pub fn assert_none(faults: &Faults) {
    let first = faults.values().flatten().next();
    assert!(faults.is_empty(), "{}", first.unwrap());
}
