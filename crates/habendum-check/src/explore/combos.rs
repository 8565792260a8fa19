//! Combinations of field values: all of them where they are few, else enough that every pair of values meets.
//!
//! Invariant: the first combination is the simplest one; no combination twice; deterministic.

use std::collections::BTreeSet;

/// Combinations as indices into the values of each field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Combos {
    pub rows: Vec<Vec<usize>>,
    /// Every combination is there.
    pub full: bool,
}

/// Combinations of fields with so many values each.
pub(crate) fn combos(sizes: &[usize], most: usize) -> Combos {
    let product = sizes.iter().try_fold(1_usize, |p, n| p.checked_mul((*n).max(1)));
    match product {
        Some(p) if p <= most => Combos { rows: product_of(sizes), full: true },
        Some(_) | None => Combos { rows: covering(sizes, most), full: false },
    }
}

/// Every combination, those with simple values first.
fn product_of(sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for n in sizes {
        rows = rows
            .iter()
            .flat_map(|r| {
                (0..(*n).max(1)).map(move |i| {
                    let mut next = r.clone();
                    next.push(i);
                    next
                })
            })
            .collect();
    }
    // Stable: within one weight the order of the fields decides.
    rows.sort_by_key(|r| (r.iter().filter(|i| **i > 0).count(), r.iter().sum::<usize>()));
    rows
}

/// Combinations in which every pair of values of two fields meets, and then more of them, spread evenly.
fn covering(sizes: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![vec![0; sizes.len()]];
    let mut left = BTreeSet::new();
    for (i, n) in sizes.iter().enumerate() {
        for (j, m) in sizes.iter().enumerate().skip(i + 1) {
            for x in 0..*n {
                left.extend((0..*m).filter(|y| (x, *y) != (0, 0)).map(|y| (i, x, j, y)));
            }
        }
    }
    while let Some((i, x, j, y)) = left.first().copied() {
        let mut row: Vec<Option<usize>> = vec![None; sizes.len()];
        (row[i], row[j]) = (Some(x), Some(y));
        for f in 0..sizes.len() {
            if row[f].is_none() {
                row[f] = Some(best(f, sizes[f], &row, &left));
            }
        }
        let row: Vec<usize> = row.into_iter().map(|v| v.unwrap_or(0)).collect();
        left.retain(|(i, x, j, y)| row[*i] != *x || row[*j] != *y);
        rows.push(row);
    }
    let mut seen: BTreeSet<Vec<usize>> = rows.iter().cloned().collect();
    let mut n: u64 = 0;
    while rows.len() < most && n < 4 * most as u64 {
        n += 1;
        let mut dice = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let row: Vec<usize> = sizes
            .iter()
            .map(|size| {
                dice ^= dice >> 29;
                dice = dice.wrapping_mul(0xBF58_476D_1CE4_E5B9);
                usize::try_from((dice >> 33) % (*size).max(1) as u64).unwrap_or(0)
            })
            .collect();
        if seen.insert(row.clone()) {
            rows.push(row);
        }
    }
    rows
}

/// The value of a field that meets most of what has not met yet; the simplest of several.
fn best(
    f: usize,
    size: usize,
    row: &[Option<usize>],
    left: &BTreeSet<(usize, usize, usize, usize)>,
) -> usize {
    let gain = |v: usize| {
        let met = |g: &usize| {
            row[*g].is_some_and(|w| left.contains(&if *g < f { (*g, w, f, v) } else { (f, v, *g, w) }))
        };
        (0..row.len()).filter(|g| *g != f && met(g)).count()
    };
    (0..size.max(1)).max_by_key(|v| (gain(*v), size - v)).unwrap_or(0)
}
