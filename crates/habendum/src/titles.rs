//! Number, title and prose of each clause, as the latest version has them. Invariant: struck clauses keep their last ones.

use habendum_model::deal::{Consolidated, Symbols};
use habendum_model::value::ClauseId;
use habendum_syntax::ast::{Clause, Line};
use std::collections::BTreeMap;

/// How a clause is called and what its prose says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    /// Display number, without the section sign.
    pub number: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Prose.
    pub text: Option<String>,
}

/// Titles of a deal's clauses.
#[derive(Clone, Debug, Default)]
pub struct Titles {
    titles: BTreeMap<ClauseId, Title>,
    order: Vec<ClauseId>,
}

impl Titles {
    /// The titles of all versions of a deal.
    #[must_use]
    pub fn of(texts: &Consolidated) -> Self {
        let mut out = Titles::default();
        for version in texts.versions.iter().rev() {
            let standing = version.clauses.iter().map(|c| (c.id, &c.clause.node));
            let struck = version.struck.iter().map(|(id, s)| (*id, &s.clause.node));
            for (id, clause) in standing.chain(struck) {
                if let std::collections::btree_map::Entry::Vacant(slot) = out.titles.entry(id) {
                    slot.insert(title(clause));
                    out.order.push(id);
                }
            }
        }
        out
    }

    /// The title of a clause.
    #[must_use]
    pub fn get(&self, id: ClauseId) -> Option<&Title> {
        self.titles.get(&id)
    }

    /// Every clause, in the order of the latest text; those it lacks at the end.
    #[must_use]
    pub fn order(&self, symbols: &Symbols) -> Vec<ClauseId> {
        let mut all = self.order.clone();
        let known: std::collections::BTreeSet<_> = all.iter().copied().collect();
        all.extend((0..symbols.clauses.len()).map(ClauseId::at).filter(|c| !known.contains(c)));
        all
    }
}

fn title(clause: &Clause) -> Title {
    let text = clause.parts.body.iter().find_map(|l| match &l.node {
        Line::Text(t) => Some(t.node.clone()),
        Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) | Line::Reading(_) | Line::Statement(_) => None,
    });
    Title {
        number: clause.parts.number.as_ref().map(|n| n.node.clone()),
        title: clause.parts.title.as_ref().map(|t| t.node.clone()),
        text,
    }
}
