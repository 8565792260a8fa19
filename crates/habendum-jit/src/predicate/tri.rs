//! The three ways in which a condition can come out: it holds, it does not, it cannot be evaluated.
//!
//! Each way is a predicate over the columns that misses no row of it; where state decides, a row may be in several. Invariant: a
//! condition is *exact* where it cannot fail and `no` is the opposite of `yes`. Conjunctions stop at the first part that does not
//! hold, as the interpreter does, so a part that a row never reaches cannot fail there.

use super::pred::Pred;

/// How a condition comes out.
#[derive(Clone, Debug)]
pub struct Tri {
    /// It may hold.
    pub yes: Pred,
    /// It may not hold.
    pub no: Pred,
    /// It may be impossible to evaluate.
    pub fails: Pred,
    /// `yes` is the truth.
    pub exact: bool,
}

impl Tri {
    /// What the columns decide.
    #[must_use]
    pub fn exact(yes: Pred) -> Tri {
        Tri { no: yes.negated(), yes, fails: Pred::False, exact: true }
    }

    /// Always so, or never.
    #[must_use]
    pub fn constant(holds: bool) -> Tri {
        Tri::exact(if holds { Pred::True } else { Pred::False })
    }

    /// Nothing is known from the row alone.
    #[must_use]
    pub fn unknown(may_fail: bool) -> Tri {
        let fails = if may_fail { Pred::True } else { Pred::False };
        Tri { yes: Pred::True, no: Pred::True, fails, exact: false }
    }

    /// It can never be evaluated.
    #[must_use]
    pub fn failing() -> Tri {
        Tri { yes: Pred::False, no: Pred::False, fails: Pred::True, exact: false }
    }

    /// Turned round.
    #[must_use]
    pub fn negated(self) -> Tri {
        Tri { yes: self.no, no: self.yes, ..self }
    }

    /// All, asked in order until one does not hold.
    #[must_use]
    pub fn all(parts: Vec<Tri>) -> Tri {
        if parts.iter().all(|p| p.exact) {
            return Tri::exact(Pred::all(parts.into_iter().map(|p| p.yes)));
        }
        let (mut no, mut fails) = (Vec::new(), Vec::new());
        let mut reached = Pred::True;
        for p in parts {
            no.push(Pred::all([reached.clone(), p.no]));
            fails.push(Pred::all([reached.clone(), p.fails]));
            reached = Pred::all([reached, p.yes]);
        }
        // Where the columns alone refuse every row, nothing is left to state.
        let exact = reached == Pred::False && fails.iter().all(|f| *f == Pred::False);
        if exact {
            return Tri::constant(false);
        }
        Tri { yes: reached, no: Pred::any(no), fails: Pred::any(fails), exact: false }
    }

    /// Any, asked in order until one holds.
    #[must_use]
    pub fn any(parts: Vec<Tri>) -> Tri {
        Tri::all(parts.into_iter().map(Tri::negated).collect()).negated()
    }

    /// A choice.
    #[must_use]
    pub fn choice(c: Tri, a: Tri, b: Tri) -> Tri {
        let exact = c.exact && a.exact && b.exact;
        let pick =
            |x: Pred, y: Pred| Pred::any([Pred::all([c.yes.clone(), x]), Pred::all([c.no.clone(), y])]);
        let yes = pick(a.yes, b.yes);
        if exact {
            return Tri::exact(yes);
        }
        let (no, fails) = (pick(a.no, b.no), pick(a.fails, b.fails));
        Tri { yes, no, fails: Pred::any([c.fails.clone(), fails]), exact: false }
    }

    /// The rows that the interpreter has to look at: it may hold, or may fail.
    #[must_use]
    pub fn asks(&self) -> Pred {
        Pred::any([self.yes.clone(), self.fails.clone()])
    }
}
