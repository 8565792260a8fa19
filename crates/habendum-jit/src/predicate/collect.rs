//! From a program to its tests: for every version and norm, what it asks of an event.
//!
//! Data flow: versions with the norms that live on from earlier texts -> `norms` (what each asks) -> one [`Test`] per question, the
//! versions joined by day. Invariant: mirrors what the interpreter decides on a row, question by question and in its order; a
//! question that the interpreter puts to the state only (a suspension, an open obligation) is not asked here.

use super::compile::Compiler;
use super::norms;
use super::pred::Pred;
use super::ranges::Ranges;
use super::test::{Ask, Test};
use super::tri::Tri;
use super::walk::Binds;
use super::who::Reach;
use crate::layout::{Draft, Layout};
use habendum_model::date::day_number;
use habendum_model::expr::DateValue;
use habendum_model::value::EventId;
use habendum_norm::ir::{Norm, Program, Version};
use habendum_norm::print::Words;
use habendum_norm::reads::norms_of;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// The tests of a program and the columns that they read.
#[derive(Clone, Debug)]
pub struct Questions {
    /// The tests; a bit's number is the place of its test.
    pub tests: Vec<Test>,
    /// The columns.
    pub layout: Layout,
}

/// One answer: for a kind, on some days.
struct Answer {
    kind: EventId,
    pred: Pred,
    days: Ranges,
}

#[derive(Default)]
struct Found {
    answers: Vec<Answer>,
    residual: BTreeSet<String>,
    derived: BTreeSet<String>,
}

/// A norm in a version; a ghost is no longer in the text, and lives on through what is open.
#[derive(Clone, Copy)]
pub(crate) struct Living<'a> {
    pub norm: &'a Norm,
    pub ghost: bool,
}

/// Gathers the questions of a program.
pub(crate) struct Collector<'a> {
    pub program: &'a Program,
    pub draft: Draft<'a>,
    pub reach: Reach,
    found: IndexMap<Ask, Found>,
}

/// A version while it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub version: &'a Version,
    /// Rows of these days are under it; the first version's also those before the agreement.
    pub first: i64,
    pub last: i64,
    /// It is the first.
    pub earliest: bool,
}

impl Text<'_> {
    /// Its days, and for the first version all days before.
    pub(crate) fn all_days(&self) -> Ranges {
        Ranges::between(if self.earliest { i64::MIN } else { self.first }, self.last)
    }

    /// Its days.
    pub(crate) fn days(&self) -> Ranges {
        Ranges::between(self.first, self.last)
    }

    /// Its days within the written term of a norm.
    pub(crate) fn term(&self, n: &Norm, prolonged: bool) -> Ranges {
        let day = |d: &Option<DateValue>| d.as_ref().and_then(DateValue::fixed).map(day_number);
        let last = day(&n.term.through).filter(|_| !prolonged);
        Ranges::between(
            self.first.max(day(&n.term.from).unwrap_or(i64::MIN)),
            self.last.min(last.unwrap_or(i64::MAX)),
        )
    }
}

/// Makes the tests of a program. Open dates are left out: a program with them cannot be run.
#[must_use]
pub fn questions(program: &Program) -> Questions {
    let mut c = Collector {
        program,
        draft: Draft::new(&program.symbols),
        reach: Reach::of(program),
        found: IndexMap::new(),
    };
    let mut living: Vec<Living<'_>> = Vec::new();
    let texts = texts(program);
    for text in &texts {
        let own: Vec<&Norm> = norms_of(text.version).collect();
        let gone = |l: &Living<'_>| !own.iter().any(|n| n.id == l.norm.id);
        let ghosts: Vec<Living<'_>> =
            living.iter().filter(|l| gone(l)).map(|l| Living { ghost: true, ..*l }).collect();
        living = own.into_iter().map(|norm| Living { norm, ghost: false }).chain(ghosts).collect();
        for l in &living {
            norms::ask(&mut c, text, *l);
        }
        norms::ask_grants(&mut c, text);
    }
    norms::ask_standing(&mut c, &texts);
    c.finish()
}

/// The versions with their days. One without a day of its own is never in force.
fn texts(program: &Program) -> Vec<Text<'_>> {
    let from = |v: &Version| v.from.fixed().map_or(i64::MAX, day_number);
    let mut all = Vec::new();
    for (i, version) in program.versions.iter().enumerate() {
        let last = program.versions.get(i + 1).map_or(i64::MAX, |next| from(next).saturating_sub(1));
        all.push(Text { version, first: from(version), last, earliest: i == 0 });
    }
    all
}

impl<'a> Collector<'a> {
    /// Asks one question for one kind, on some days of a version.
    pub(crate) fn ask(
        &mut self,
        ask: Ask,
        text: &Text<'a>,
        kind: EventId,
        key: &'a [String],
        days: Ranges,
        make: impl FnOnce(&mut Compiler<'a, '_>, &Reach) -> Tri,
    ) {
        if days.is_empty() {
            return;
        }
        let own_trigger = matches!(ask, Ask::Opens(_));
        let binds =
            Binds { symbols: &self.program.symbols, params: &text.version.params, kind, key, own_trigger };
        let mut compiler = Compiler {
            program: self.program,
            draft: &mut self.draft,
            kind,
            binds,
            words: Words { program: self.program, event: Some(kind), trigger: None },
            residual: BTreeSet::new(),
            derived: BTreeSet::new(),
        };
        let tri = make(&mut compiler, &self.reach);
        let (mut residual, derived) = (compiler.residual, compiler.derived);
        let pred = tri.asks();
        if pred == Pred::False {
            return;
        }
        if tri.exact {
            residual.clear();
        } else if residual.is_empty() {
            residual.insert("may be impossible to evaluate".into());
        }
        let found = self.found.entry(ask).or_default();
        found.residual.extend(residual);
        found.derived.extend(derived);
        match found.answers.iter_mut().find(|a| a.kind == kind && a.pred == pred) {
            Some(a) => a.days = a.days.union(&days),
            None => found.answers.push(Answer { kind, pred, days }),
        }
    }

    fn finish(self) -> Questions {
        let mut tests = Vec::new();
        for (ask, f) in self.found {
            let mut kinds: Vec<EventId> = f.answers.iter().map(|a| a.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let parts = f.answers.into_iter().map(|a| {
                let kind = Pred::is_in(Layout::KIND, Ranges::one(i64::from(a.kind.0)));
                Pred::all([kind, Pred::is_in(Layout::DAY, a.days), a.pred])
            });
            let pred = Pred::any(parts.collect::<Vec<_>>());
            let (residual, derived) = (f.residual.into_iter().collect(), f.derived.into_iter().collect());
            tests.push(Test { ask, pred, kinds, residual, derived });
        }
        let (layout, places) = self.draft.finish(tests.iter().map(|t| &t.pred));
        for t in &mut tests {
            t.pred = layout.physical(&t.pred.renumbered(&places));
        }
        tests.retain(|t| t.pred != Pred::False);
        Questions { tests, layout }
    }
}
