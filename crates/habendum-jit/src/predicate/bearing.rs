//! What a set bit of a test leads to: a verdict that rows of equal bits share, or a question for the state machine.
//!
//! Data flow: [`Program`] + [`Test`] -> [`Bearing`]. Invariant: two rows of one kind, both with an actor that is a party, or that is none,
//! or both without one, whose bits are equal and all *alike*, come out alike as long as nothing changes what is in force; and
//! neither changes anything.

use super::test::{Ask, Test};
use habendum_model::expr::MeasureWhat;
use habendum_model::value::ClauseId;
use habendum_norm::ir::{Body, Norm, NormId, Program, ReliefEffect};
use habendum_norm::reads::norms_of;

/// What a set bit leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// The bit is the answer, and the answer moves nothing.
    Alike,
    /// The answer moves or asks the state, as the words say.
    State(&'static str),
    /// The bit is a question; the test says why.
    Asks,
}

/// What each test of a program leads to.
#[must_use]
pub fn bearings(tests: &[Test], program: &Program) -> Vec<Bearing> {
    tests.iter().map(|t| bearing(t, program)).collect()
}

fn bearing(t: &Test, program: &Program) -> Bearing {
    if !t.is_exact() {
        return Bearing::Asks;
    }
    let id = match &t.ask {
        Ask::Applies(id) | Ask::Unmet(id) => *id,
        Ask::Opens(_) => return Bearing::State("opens an obligation"),
        Ask::Performs(_) => return Bearing::State("performs what is open"),
        Ask::Accrues(_) => return Bearing::State("accrues"),
        Ask::Exercises(_) => return Bearing::State("changes what is in force"),
        Ask::Relieves(_) | Ask::EndsRelief(..) => return Bearing::State("begins or ends relief"),
        Ask::Sublicensed(_) | Ask::Grants => return Bearing::State("asks for sublicenses"),
        Ask::Begins(_) => return Bearing::State("begins an instance"),
        Ask::Seen(..) => return Bearing::State("is remembered"),
        Ask::Member(..) => return Bearing::State("changes a register"),
        Ask::Counts(_) => return Bearing::State("adds to a running sum"),
        Ask::Pays => return Bearing::State("settles what is due"),
    };
    let texts = program.versions.iter().flat_map(norms_of).filter(|n| n.id == id);
    match texts.filter_map(|n| asks_state(n, program)).next() {
        Some(why) => Bearing::State(why),
        None => Bearing::Alike,
    }
}

/// Why the bit of a rule or of a maintenance duty is not all that decides, in one of its texts.
fn asks_state(n: &Norm, program: &Program) -> Option<&'static str> {
    let (prohibits, before, repaired) = match &n.body {
        Body::Rule(r) => (!r.permits, r.before.is_some(), r.otherwise.is_some()),
        Body::Keep(k) => (true, false, k.otherwise.is_some()),
        Body::Duty(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => return Some("asks the state"),
    };
    let keyed = n.key.is_some();
    let ends = !n.term.until.is_empty() || !n.term.until_reaches.is_empty();
    if before {
        Some("asks what came before")
    } else if keyed && ends || n.term.until.iter().any(|t| !t.same.is_empty()) {
        Some("may have ended for some events and not for others")
    } else if n.term.holds_while.is_some() {
        Some("stands while a condition holds")
    } else if repaired {
        Some("its breach starts a reparation")
    } else if prohibits && counts_breaches(program, n.id.clause) {
        Some("its breaches are counted")
    } else if prohibits && excused(program, n.id) {
        Some("may be excused")
    } else {
        None
    }
}

fn counts_breaches(program: &Program, clause: ClauseId) -> bool {
    program.measures.iter().any(|m| match m.what {
        MeasureWhat::Breaches(c) => c == clause,
        MeasureWhat::Total(_) | MeasureWhat::Count { .. } | MeasureWhat::Payment(..) => false,
    })
}

fn excused(program: &Program, id: NormId) -> bool {
    program.versions.iter().flat_map(|v| &v.norms).any(|n| match &n.body {
        Body::Relief(r) => matches!(r.effect, ReliefEffect::Excuse { .. }) && r.targets.contains(&id.clause),
        Body::Rule(_)
        | Body::Duty(_)
        | Body::Keep(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::License(_)
        | Body::Inert(_) => false,
    })
}

/// Whether a text suspends a sentence on certain days, so that what is in force changes with the day alone.
#[must_use]
pub fn changes_by_day(program: &Program) -> bool {
    program.versions.iter().flat_map(|v| &v.norms).any(|n| !n.term.suspensions.is_empty())
}
