//! What a change of a contract really changes: events newly breached or permitted, sums newly owed, each with a history.
//!
//! Data flow: two [`Side`]s -> [`Pairing`]s (one for each order of open dates and reading) -> `events` (verdicts per kind),
//! `money` (payments), `duties` -> [`Diff`]. Invariant: a change that is listed was replayed on both sides; `Equivalent` is
//! said only where the solver proved it, or where both say the same; the rest is undecided, with what it hangs on.

mod duties;
mod events;
mod money;
mod pairing;
mod scope;
mod words;

pub use pairing::{Pairing, Side};

use crate::explore::Log;
use crate::finding::Witness;
use habendum_model::value::{ClauseId, PartyId};
use habendum_syntax::{Diagnostic, Span};

/// What kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// An event that was free is a breach, or nobody's right.
    NewlyBreached,
    /// An event that was a breach is free.
    NewlyPermitted,
    /// Clauses that did not contradict each other on an event now do.
    NewlyConflicting,
    /// Clauses that contradicted each other on an event no longer do.
    NoLongerConflicting,
    /// A deadline is missed, or an obligation arises, that was not before.
    NewlyObliged,
    /// A deadline or an obligation is gone.
    NoLongerObliged,
    /// More is owed.
    OwedMore,
    /// Less is owed.
    OwedLess,
}

impl ChangeKind {
    /// Every kind, in the order of reports.
    pub const ALL: [ChangeKind; 8] = [
        ChangeKind::NewlyBreached,
        ChangeKind::NewlyPermitted,
        ChangeKind::NewlyConflicting,
        ChangeKind::NoLongerConflicting,
        ChangeKind::NewlyObliged,
        ChangeKind::NoLongerObliged,
        ChangeKind::OwedMore,
        ChangeKind::OwedLess,
    ];

    /// The word that `--deny` takes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::NewlyBreached => "newly-breached",
            ChangeKind::NewlyPermitted => "newly-permitted",
            ChangeKind::NewlyConflicting => "newly-conflicting",
            ChangeKind::NoLongerConflicting => "no-longer-conflicting",
            ChangeKind::NewlyObliged => "newly-obliged",
            ChangeKind::NoLongerObliged => "no-longer-obliged",
            ChangeKind::OwedMore => "owed-more",
            ChangeKind::OwedLess => "owed-less",
        }
    }
}

/// A change, with a history that shows it.
#[derive(Clone, Debug)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// Clauses that decide on the base side, by name.
    pub base: Vec<String>,
    /// Clauses that decide on the head side, by name.
    pub head: Vec<String>,
    /// The event kind, or the clause that pays or obliges.
    pub about: String,
    /// What happens on each side, in words.
    pub outcomes: (String, String),
    /// Who is better off, and who is worse off, by name.
    pub gains: Vec<String>,
    /// Who is worse off.
    pub loses: Vec<String>,
    /// One sentence.
    pub sentence: String,
    /// The history, in the words of the base.
    pub witness: Witness,
    /// Where it is written on each side.
    pub places: (Option<Span>, Option<Span>),
}

/// How a clause of the head stands to that of the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The same outcomes and amounts, whatever happens: proved.
    Equivalent,
    /// The same, in other words, under another number or title.
    WordsOnly,
    /// Less is forbidden, permitted, owed.
    Narrower,
    /// More is.
    Broader,
    /// Both.
    Incomparable,
    /// Only the head has it.
    Added,
    /// Only the base has it.
    Removed,
    /// Not decided.
    Unknown,
}

impl Relation {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Relation::Equivalent => "equivalent",
            Relation::WordsOnly => "words only",
            Relation::Narrower => "narrower",
            Relation::Broader => "broader",
            Relation::Incomparable => "incomparable",
            Relation::Added => "added",
            Relation::Removed => "removed",
            Relation::Unknown => "unknown",
        }
    }
}

/// A clause on both sides.
#[derive(Clone, Debug)]
pub struct ClauseChange {
    /// Its name.
    pub clause: String,
    /// How it stands.
    pub relation: Relation,
    /// Its text on each side.
    pub places: (Option<Span>, Option<Span>),
}

/// Something not decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The event kind or the clause.
    pub about: String,
    /// What it hangs on.
    pub why: String,
}

/// What a change of a contract changes.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// Changes, by kind.
    pub changes: Vec<Change>,
    /// Clauses, those that are the same left out.
    pub clauses: Vec<ClauseChange>,
    /// Event kinds, fields, terms and persons that only one side has.
    pub vocabulary: Vec<String>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
}

impl Diff {
    /// Nothing that happens or is owed differs: proved.
    #[must_use]
    pub fn is_equivalent(&self) -> bool {
        self.changes.is_empty() && self.undecided.is_empty()
    }
}

/// More pairs of cases than this are not laid side by side.
const MOST_PAIRS: usize = 12;

/// Compares two deals, or two texts of one.
///
/// # Errors
/// Faults of either.
pub fn diff(base: &Side<'_>, head: &Side<'_>) -> Result<Diff, Vec<Diagnostic>> {
    compare(base, head, false)
}

/// As [`diff`], but no further than to the first change: whether there is any, and which.
///
/// # Errors
/// Faults of either.
pub fn first(base: &Side<'_>, head: &Side<'_>) -> Result<Diff, Vec<Diagnostic>> {
    compare(base, head, true)
}

fn compare(base: &Side<'_>, head: &Side<'_>, first: bool) -> Result<Diff, Vec<Diagnostic>> {
    let (pairs, left_out) = pairing::pairs(base, head, MOST_PAIRS)?;
    let mut out = Diff::default();
    if left_out {
        out.undecided.push(Undecided {
            about: "open dates and readings".into(),
            why: format!("only {MOST_PAIRS} combinations of them were compared"),
        });
    }
    'pairs: for p in &pairs {
        for f in found(p) {
            match f {
                Found::Change(c) => {
                    add(&mut out.changes, *c);
                    if first {
                        break 'pairs;
                    }
                }
                Found::Undecided(u) => {
                    if !out.undecided.contains(&u) {
                        out.undecided.push(u);
                    }
                }
            }
        }
    }
    out.changes.sort_by_key(|c| c.kind);
    if let Some(p) = pairs.first() {
        out.vocabulary = words::vocabulary(p);
        out.clauses = words::clauses(p, &out.changes, &out.undecided);
    }
    Ok(out)
}

/// What a comparison of one pair finds.
pub(crate) enum Found {
    Change(Box<Change>),
    Undecided(Undecided),
}

/// What one pair shows, as it is asked for: what the solver knows, then what searches find.
fn found<'p>(p: &'p Pairing<'_>) -> impl Iterator<Item = Found> + use<'p> {
    let events::Alone { found, open } = events::changes(p);
    let known = found.clone();
    let quick = found.into_iter().map(|c| Found::Change(Box::new(c)));
    let after = open.into_iter().flat_map(move |(kind, why)| events::searched(p, kind, why, &known));
    quick.chain(money::changes(p)).chain(duties::changes(p)).chain(after)
}

fn add(to: &mut Vec<Change>, c: Change) {
    let like = |x: &Change| x.kind == c.kind && x.about == c.about && x.base == c.base && x.head == c.head;
    match to.iter_mut().find(|x| like(x)) {
        // The shorter history says it better.
        Some(x) if c.witness.events.len() < x.witness.events.len() => *x = c,
        Some(_) => {}
        None => to.push(c),
    }
}

/// Names of the clauses that decided the last row of a log.
pub(crate) fn deciding(log: &Log, names: &dyn Fn(ClauseId) -> String) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for id in log.rows.last().iter().flat_map(|o| &o.deciding) {
        let name = names(id.clause);
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// A person's name, or what a stranger is called.
pub(crate) fn person(symbols: &habendum_model::deal::Symbols, p: PartyId) -> String {
    symbols.party_name(p).map_or_else(|| "a stranger".into(), str::to_owned)
}
