//! Predicates over the columns of one row.
//!
//! Invariant: no negation is left (sets are complemented instead), `all` and `any` are flat, hold no constant, and ask each column
//! once where they can. Values are *logical* until the layout puts them into the columns' own numbers.

use super::ranges::Ranges;

/// A column, by its place in the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

impl ColumnId {
    /// As an index.
    #[must_use]
    pub fn ix(self) -> usize {
        self.0 as usize
    }
}

/// What is asked of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pred {
    /// Always so.
    True,
    /// Never so.
    False,
    /// The number in a column is in a set.
    In(ColumnId, Ranges),
    /// A weighted sum of columns is in a set. Proved to fit 64 bits by the limits of its columns.
    Sum(Vec<(i64, ColumnId)>, Ranges),
    /// All hold.
    All(Vec<Pred>),
    /// One holds.
    Any(Vec<Pred>),
}

impl Pred {
    /// A column's number is in a set.
    #[must_use]
    pub fn is_in(column: ColumnId, set: Ranges) -> Pred {
        if set.is_empty() {
            Pred::False
        } else if set.is_full() {
            Pred::True
        } else {
            Pred::In(column, set)
        }
    }

    /// All of them hold.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Pred>) -> Pred {
        let mut out: Vec<Pred> = Vec::new();
        let mut todo: Vec<Pred> = parts.into_iter().collect();
        todo.reverse();
        while let Some(p) = todo.pop() {
            match p {
                Pred::True => {}
                Pred::False => return Pred::False,
                Pred::All(inner) => todo.extend(inner.into_iter().rev()),
                Pred::In(c, set) => match find(&out, c) {
                    Some(i) => {
                        let Some(Pred::In(_, had)) = out.get(i) else { continue };
                        match Pred::is_in(c, had.intersect(&set)) {
                            Pred::False => return Pred::False,
                            narrowed => out[i] = narrowed,
                        }
                    }
                    None => out.push(Pred::In(c, set)),
                },
                Pred::Sum(..) | Pred::Any(_) => {
                    if !out.contains(&p) {
                        out.push(p);
                    }
                }
            }
        }
        match out.len() {
            0 => Pred::True,
            1 => out.remove(0),
            _ => Pred::All(out),
        }
    }

    /// One of them holds.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Pred>) -> Pred {
        let mut out: Vec<Pred> = Vec::new();
        let mut todo: Vec<Pred> = parts.into_iter().collect();
        todo.reverse();
        while let Some(p) = todo.pop() {
            match p {
                Pred::False => {}
                Pred::True => return Pred::True,
                Pred::Any(inner) => todo.extend(inner.into_iter().rev()),
                Pred::In(c, set) => match find(&out, c) {
                    Some(i) => {
                        let Some(Pred::In(_, had)) = out.get(i) else { continue };
                        match Pred::is_in(c, had.union(&set)) {
                            Pred::True => return Pred::True,
                            widened => out[i] = widened,
                        }
                    }
                    None => out.push(Pred::In(c, set)),
                },
                Pred::Sum(..) | Pred::All(_) => {
                    if !out.contains(&p) {
                        out.push(p);
                    }
                }
            }
        }
        match out.len() {
            0 => Pred::False,
            1 => out.remove(0),
            _ => Pred::Any(out),
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(&self) -> Pred {
        match self {
            Pred::True => Pred::False,
            Pred::False => Pred::True,
            Pred::In(c, set) => Pred::is_in(*c, set.complement()),
            Pred::Sum(terms, set) => Pred::Sum(terms.clone(), set.complement()),
            Pred::All(parts) => Pred::any(parts.iter().map(Pred::negated)),
            Pred::Any(parts) => Pred::all(parts.iter().map(Pred::negated)),
        }
    }

    /// Whether it holds of a row whose numbers the function gives.
    pub fn holds(&self, value: &impl Fn(ColumnId) -> i64) -> bool {
        match self {
            Pred::True => true,
            Pred::False => false,
            Pred::In(c, set) => set.contains(value(*c)),
            Pred::Sum(terms, set) => {
                // The limits of the columns keep this in 64 bits; a row beyond them holds absent values, which a part beside this refuses.
                let sum =
                    terms.iter().fold(0_i64, |sum, (by, c)| sum.wrapping_add(by.wrapping_mul(value(*c))));
                set.contains(sum)
            }
            Pred::All(parts) => parts.iter().all(|p| p.holds(value)),
            Pred::Any(parts) => parts.iter().any(|p| p.holds(value)),
        }
    }

    /// Every column that it asks, each once, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnId> {
        let mut found = Vec::new();
        self.visit(&mut |p| match p {
            Pred::In(c, _) => found.push(*c),
            Pred::Sum(terms, _) => found.extend(terms.iter().map(|(_, c)| *c)),
            Pred::True | Pred::False | Pred::All(_) | Pred::Any(_) => {}
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Visits the predicate and everything in it.
    pub fn visit(&self, f: &mut impl FnMut(&Pred)) {
        f(self);
        match self {
            Pred::All(parts) | Pred::Any(parts) => parts.iter().for_each(|p| p.visit(f)),
            Pred::True | Pred::False | Pred::In(..) | Pred::Sum(..) => {}
        }
    }

    /// The same question with the sets of its columns put into other numbers.
    #[must_use]
    pub fn mapped(&self, f: &impl Fn(ColumnId, &Ranges) -> Pred) -> Pred {
        match self {
            Pred::In(c, set) => f(*c, set),
            Pred::All(parts) => Pred::all(parts.iter().map(|p| p.mapped(f))),
            Pred::Any(parts) => Pred::any(parts.iter().map(|p| p.mapped(f))),
            Pred::True | Pred::False | Pred::Sum(..) => self.clone(),
        }
    }

    /// The same question with its columns at other places.
    #[must_use]
    pub(crate) fn renumbered(&self, places: &[ColumnId]) -> Pred {
        let at = |c: &ColumnId| places.get(c.ix()).copied().unwrap_or(*c);
        match self {
            Pred::In(c, set) => Pred::In(at(c), set.clone()),
            Pred::Sum(terms, set) => Pred::Sum(terms.iter().map(|(w, c)| (*w, at(c))).collect(), set.clone()),
            Pred::All(parts) => Pred::All(parts.iter().map(|p| p.renumbered(places)).collect()),
            Pred::Any(parts) => Pred::Any(parts.iter().map(|p| p.renumbered(places)).collect()),
            Pred::True | Pred::False => self.clone(),
        }
    }
}

fn find(parts: &[Pred], column: ColumnId) -> Option<usize> {
    parts.iter().position(|p| matches!(p, Pred::In(c, _) if *c == column))
}
