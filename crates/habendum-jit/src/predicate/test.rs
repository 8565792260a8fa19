//! Tests: the questions that a deal asks of every event, one bit each.
//!
//! Data flow: `collect` makes them; the kernel answers them; state is asked only for rows whose bits are set. Invariant: a row whose bit
//! is not set has nothing to do with the test, under any state.

use super::pred::Pred;
use habendum_model::value::{EventId, MeasureId, RegisterId};
use habendum_norm::ir::{NormId, Program};
use std::fmt::Write;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// Whether a permission or prohibition applies, but for `before` and for what state ends or suspends.
    Applies(NormId),
    /// Whether a maintenance duty is shown unmet.
    Unmet(NormId),
    /// Whether an obligation opens.
    Opens(NormId),
    /// Whether an obligation, if one is open, may be performed.
    Performs(NormId),
    /// Whether a payment accrues.
    Accrues(NormId),
    /// Whether a power is exercised, with ground or without.
    Exercises(NormId),
    /// Whether relief begins, or moves a deadline.
    Relieves(NormId),
    /// Whether relief, if it is at work, ends: by which of its tests.
    EndsRelief(NormId, usize),
    /// Whether it is a licensed act, for which there may be sublicensees.
    Sublicensed(NormId),
    /// Whether it is a grant that the licenses judge.
    Grants,
    /// Whether it names an instance that lives by time.
    Begins(NormId),
    /// Whether it satisfies a test whose past counts: of `before` (false) or `until` (true), and which.
    Seen(NormId, bool, usize),
    /// Whether a member joins (true) or leaves a register: by which of its tests.
    Member(RegisterId, bool, usize),
    /// Whether it feeds a running sum.
    Counts(MeasureId),
    /// Whether it is a payment made.
    Pays,
}

/// A question, its answer by columns, and how far that goes.
#[derive(Clone, Debug)]
pub struct Test {
    /// What is asked.
    pub ask: Ask,
    /// The answer, in the columns' own numbers.
    pub pred: Pred,
    /// The event kinds that can answer yes.
    pub kinds: Vec<EventId>,
    /// Why a set bit may still turn out no, or fail; empty where the bit is the answer.
    pub residual: Vec<String>,
    /// Conditions that are evaluated when columns are made.
    pub derived: Vec<String>,
}

impl Test {
    /// Whether the bit is the answer.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.residual.is_empty()
    }
}

impl Ask {
    /// The norm that asks; none of what is asked whatever text is in force.
    #[must_use]
    pub fn norm(&self) -> Option<NormId> {
        match self {
            Ask::Applies(n)
            | Ask::Unmet(n)
            | Ask::Opens(n)
            | Ask::Performs(n)
            | Ask::Accrues(n)
            | Ask::Exercises(n)
            | Ask::Relieves(n)
            | Ask::EndsRelief(n, _)
            | Ask::Sublicensed(n)
            | Ask::Begins(n)
            | Ask::Seen(n, ..) => Some(*n),
            Ask::Grants | Ask::Member(..) | Ask::Counts(_) | Ask::Pays => None,
        }
    }

    /// The question in words.
    #[must_use]
    pub fn words(&self, program: &Program) -> String {
        let norm = |id: &NormId| {
            let name = program.symbols.clause_name(id.clause);
            if id.part == 0 && id.sub == 0 {
                name.to_owned()
            } else {
                format!("{name} [{}.{}]", id.part, id.sub)
            }
        };
        match self {
            Ask::Applies(n) => format!("{} applies", norm(n)),
            Ask::Unmet(n) => format!("{} is shown unmet", norm(n)),
            Ask::Opens(n) => format!("{} opens an obligation", norm(n)),
            Ask::Performs(n) => format!("{} may be performed", norm(n)),
            Ask::Accrues(n) => format!("{} accrues", norm(n)),
            Ask::Exercises(n) => format!("{} is exercised", norm(n)),
            Ask::Relieves(n) => format!("{} relieves", norm(n)),
            Ask::EndsRelief(n, i) => format!("relief of {} ends ({i})", norm(n)),
            Ask::Sublicensed(n) => format!("a use under {}", norm(n)),
            Ask::Grants => "a grant".into(),
            Ask::Begins(n) => format!("{} names an instance", norm(n)),
            Ask::Seen(n, true, i) => format!("{} ends ({i})", norm(n)),
            Ask::Seen(n, false, i) => format!("{} has what must come before ({i})", norm(n)),
            Ask::Member(r, joins, i) => {
                let name = program.symbols.registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str());
                format!("a member {} {name} ({i})", if *joins { "joins" } else { "leaves" })
            }
            Ask::Counts(m) => format!("feeds running sum {}", m.0),
            Ask::Pays => "a payment made".into(),
        }
    }
}

/// The tests in words, one to a line, with what the kernel decides of each and what it leaves.
#[must_use]
pub fn explain(tests: &[Test], program: &Program) -> String {
    let mut out = String::new();
    for (i, t) in tests.iter().enumerate() {
        let kinds: Vec<&str> = t.kinds.iter().map(|k| program.symbols.event_name(*k)).collect();
        let how = if t.is_exact() { "exact" } else { "residual" };
        let _ = write!(out, "{i:>4} {how:<8} {} on {}", t.ask.words(program), kinds.join(", "));
        if !t.residual.is_empty() {
            let _ = write!(out, "; left to the interpreter: {}", t.residual.join(", "));
        }
        if !t.derived.is_empty() {
            let _ = write!(out, "; evaluated per distinct value: {}", t.derived.join(", "));
        }
        out.push('\n');
    }
    out
}
