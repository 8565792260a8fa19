//! The order in which the parts of a test are asked: cheap parts that refuse most rows first, the rest only where one of sixteen is left.
//!
//! Invariant: changes no answer; a part is asked once.

use super::mask::steps;
use crate::layout::{Class, Column, Layout, Repr};
use crate::predicate::{Pred, Ranges};

/// A test split in two.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// Asked of every row.
    pub first: Vec<Pred>,
    /// Asked where one of sixteen rows is left.
    pub rest: Vec<Pred>,
}

/// Days over which the rows of a stream are taken to spread.
const SPREAD: f64 = 2000.0;
/// Below this chance that one of sixteen rows is left, more filtering is not worth its instructions.
const ENOUGH: f64 = 0.02;
/// A part of so few instructions, shared by many tests as kinds and persons are, is always worth them.
const CHEAP: f64 = 3.0;

/// Splits a test. Without skips, everything is asked of every row.
pub(super) fn split(p: &Pred, layout: &Layout, skip: bool) -> Split {
    let mut parts = match p {
        Pred::All(all) => all.clone(),
        Pred::True | Pred::False | Pred::In(..) | Pred::Sum(..) | Pred::Any(_) => vec![p.clone()],
    };
    if let Some(kinds) = parts.iter().find_map(implied) {
        parts.insert(0, kinds);
    }
    if !skip || parts.len() < 2 {
        return Split { first: parts, rest: Vec::new() };
    }
    let mut weighed: Vec<(f64, f64, Pred)> =
        parts.into_iter().map(|p| (share(&p, layout), cost(&p, layout), p)).collect();
    // What refuses most for an instruction comes first.
    weighed.sort_by(|a, b| (a.0.ln() / a.1).total_cmp(&(b.0.ln() / b.1)));
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    let mut left = 1.0_f64;
    for (share, cost, p) in weighed {
        let open = 1.0 - (1.0 - left).powi(16) > ENOUGH;
        if first.is_empty() || (open || cost <= CHEAP && left > 1e-4) && share < 0.5 {
            left *= share;
            first.push(p);
        } else {
            rest.push(p);
        }
    }
    Split { first, rest }
}

/// The kinds without which none of several alternatives holds: a filter that all of them share.
fn implied(p: &Pred) -> Option<Pred> {
    let Pred::Any(parts) = p else { return None };
    let mut kinds = Ranges::of(Vec::new());
    for part in parts {
        let inner = match part {
            Pred::All(all) => all.as_slice(),
            Pred::True | Pred::False | Pred::In(..) | Pred::Sum(..) | Pred::Any(_) => {
                std::slice::from_ref(part)
            }
        };
        let own = inner.iter().find_map(|q| match q {
            Pred::In(c, set) if *c == Layout::KIND => Some(set),
            Pred::In(..) | Pred::True | Pred::False | Pred::Sum(..) | Pred::All(_) | Pred::Any(_) => None,
        })?;
        kinds = kinds.union(own);
    }
    Some(Pred::is_in(Layout::KIND, kinds))
}

/// The share of rows that a part is taken to let through.
fn share(p: &Pred, layout: &Layout) -> f64 {
    let s = match p {
        Pred::True => 1.0,
        Pred::False => 0.0,
        Pred::In(c, set) => of_set(layout.column(*c), set),
        Pred::Sum(..) => 0.5,
        Pred::All(parts) => parts.iter().map(|p| share(p, layout)).product(),
        Pred::Any(parts) => parts.iter().map(|p| share(p, layout)).sum(),
    };
    s.clamp(1e-4, 0.999)
}

fn of_set(c: &Column, set: &Ranges) -> f64 {
    let span = c.repr.span();
    let within = set.intersect(&Ranges::between(span.0, span.1));
    let many: f64 = within.as_slice().iter().map(|(lo, hi)| *hi as f64 - *lo as f64 + 1.0).sum();
    match (c.class, c.repr) {
        (Class::Day | Class::Date, _) => (many / SPREAD).min(0.9),
        (Class::Number(_) | Class::Money(..) | Class::Instant, _) | (_, Repr::I32 | Repr::I64) => 0.5,
        (_, Repr::U8 | Repr::U16 | Repr::U32) => many / (c.limit as f64 + 1.0),
    }
}

/// How many instructions a part takes for sixteen rows, about.
fn cost(p: &Pred, layout: &Layout) -> f64 {
    match p {
        Pred::True | Pred::False => 1.0,
        Pred::In(c, set) => {
            let repr = layout.column(*c).repr;
            let rest = set.complement().intersect(&Ranges::between(repr.span().0, repr.span().1));
            let each = steps(set, repr.span()).min(steps(&rest, repr.span())) + 1;
            (each * repr.bytes() + 2 * (repr.bytes() - 1)) as f64
        }
        Pred::Sum(terms, set) => (8 * (2 * terms.len() + steps(set, Repr::I64.span())) + 14) as f64,
        Pred::All(parts) | Pred::Any(parts) => parts.iter().map(|p| cost(p, layout) + 1.0).sum(),
    }
}
