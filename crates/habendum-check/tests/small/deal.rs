//! A small deal as a tree of texts, so that it can be changed in one place and printed again.

use std::collections::BTreeSet;
use std::fmt::Write;

/// What a sentence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Permission,
    Prohibition,
    Before,
    Duty,
    Keep,
    Power,
    Relief,
    Register,
    Exclusive,
    ExceptGrantor,
    Sole,
    CoExclusive,
    NonExclusive,
    Share,
    Cap,
    Floor,
    Tiers,
    Define,
    Recital,
    Exception,
    OnlyIf,
    SubjectTo,
    Notwithstanding,
    Until,
    While,
    Amendment,
}

/// Every kind.
pub const KINDS: [Kind; 26] = [
    Kind::Permission,
    Kind::Prohibition,
    Kind::Before,
    Kind::Duty,
    Kind::Keep,
    Kind::Power,
    Kind::Relief,
    Kind::Register,
    Kind::Exclusive,
    Kind::ExceptGrantor,
    Kind::Sole,
    Kind::CoExclusive,
    Kind::NonExclusive,
    Kind::Share,
    Kind::Cap,
    Kind::Floor,
    Kind::Tiers,
    Kind::Define,
    Kind::Recital,
    Kind::Exception,
    Kind::OnlyIf,
    Kind::SubjectTo,
    Kind::Notwithstanding,
    Kind::Until,
    Kind::While,
    Kind::Amendment,
];

/// A modifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    /// What kind of clause language it is an example of, if one that is counted.
    pub kind: Option<Kind>,
    /// Its text.
    pub text: String,
}

/// A sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// What it says.
    pub kind: Kind,
    /// Its beginning, without modifiers.
    pub head: String,
    /// The event kind that its `where` and exceptions speak of.
    pub about: Option<&'static str>,
    /// Modifiers.
    pub modifiers: Vec<Modifier>,
}

/// A clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Its name.
    pub name: String,
    /// Sentences.
    pub sentences: Vec<Sentence>,
}

/// What an amendment does.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Strikes a clause.
    Strike(String),
    /// Changes a clause.
    Vary(String, Vec<String>),
    /// Adds one.
    Insert(Clause),
    /// Puts a text in the place of another.
    Replace(Clause),
}

/// A small deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Small {
    /// Event kinds that silence forbids.
    pub forbidden: Vec<&'static str>,
    /// Clauses.
    pub clauses: Vec<Clause>,
    /// The amendment: first day and operations.
    pub amendment: Option<(&'static str, Vec<Operation>)>,
}

impl Sentence {
    fn text(&self) -> String {
        let mut t = self.head.clone();
        for m in &self.modifiers {
            let _ = write!(t, "\n        {}", m.text);
        }
        t
    }
}

impl Clause {
    fn body(&self) -> String {
        let lines: Vec<String> = self.sentences.iter().map(|s| format!("    {}\n", s.text())).collect();
        format!("{{\n{}}}\n", lines.concat())
    }
}

impl Small {
    /// The deal's text.
    pub fn text(&self) -> String {
        let mut t = String::from(
            "agreement deal \"A small deal\" {\n    parties A, B\n    others C\n    others any\n    \
             effective from 2026-01-01\n    currency USD\n    zone \"UTC\"\n    months rounding down\n",
        );
        for kind in &self.forbidden {
            let _ = writeln!(t, "    default {kind} is forbidden");
        }
        t.push_str("}\n");
        t.push_str(DECLARED);
        let mut rest = String::new();
        for c in &self.clauses {
            let _ = write!(rest, "clause {} {}", c.name, c.body());
        }
        if let Some((day, operations)) = &self.amendment {
            let _ = writeln!(rest, "amendment change \"A change\" to deal {{\n    effective from {day}");
            for o in operations {
                let _ = match o {
                    Operation::Strike(c) => writeln!(rest, "    strike {c}"),
                    Operation::Vary(c, changes) => {
                        writeln!(rest, "    vary {c} {{\n        {}\n    }}", changes.join("\n        "))
                    }
                    Operation::Insert(c) => write!(rest, "    insert {} {}", c.name, c.body()),
                    Operation::Replace(c) => write!(rest, "    replace {} with {}", c.name, c.body()),
                };
            }
            rest.push_str("}\n");
        }
        if rest.contains("big") {
            t.push_str("define big = amount is more than 100 USD\n");
        }
        if rest.contains("far") {
            t.push_str("define far = place is not East\n");
        }
        if rest.contains("Club") {
            t.push_str(
                "register Club of party {\n    initially B\n    add by on Join\n    remove by on Leave\n}\n",
            );
        }
        t + &rest
    }

    /// All sentences, those of the amendment too.
    pub fn sentences(&self) -> impl Iterator<Item = &Sentence> {
        let added = self.amendment.iter().flat_map(|(_, all)| all).filter_map(|o| match o {
            Operation::Insert(c) | Operation::Replace(c) => Some(c),
            Operation::Strike(_) | Operation::Vary(..) => None,
        });
        self.clauses.iter().chain(added).flat_map(|c| &c.sentences)
    }

    /// What is in it.
    pub fn kinds(&self) -> BTreeSet<Kind> {
        let mut out = BTreeSet::new();
        for s in self.sentences() {
            out.insert(s.kind);
            out.extend(s.modifiers.iter().filter_map(|m| m.kind));
            let all = s.text();
            for (word, kind) in [("Club", Kind::Register), ("big", Kind::Define), ("far", Kind::Define)] {
                if all.contains(word) {
                    out.insert(kind);
                }
            }
        }
        if self.amendment.is_some() {
            out.insert(Kind::Amendment);
        }
        out
    }
}

/// What every small deal declares.
const DECLARED: &str = "vocabulary Place { East { North } West }
vocabulary Asset { Works { Film } }
vocabulary Territory { Europe { France } }
vocabulary Field { Print }
event Act { by: party  place: Place  flag: bool }
event Sale { by: party  amount: money  code: text optional }
event Mark { flag: bool }
event Join { by: party }
event Leave { by: party }
";
