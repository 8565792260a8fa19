//! What a norm says, as a text that two programs share where they say the same: places, amendments and sources aside, names
//! for ids, values for parameters.
//!
//! Invariant: equal fingerprints, closed under what they ask for, mean that the same history leaves the same state; unequal
//! ones mean nothing.

use habendum_model::expr::MeasureWhat;
use habendum_model::value::{ClauseId, MeasureId, RegisterId, TotalId};
use habendum_norm::ir::{Body, EventTest, Norm, Program, Version};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fmt::Write;

/// Fingerprints of one version of a program.
#[derive(Clone, Copy, Debug)]
pub struct Prints<'p> {
    /// The program.
    pub program: &'p Program,
    /// The text.
    pub version: &'p Version,
}

/// Ids that are replaced by names.
const IDS: [&str; 5] = ["ClauseId(", "MeasureId(", "RegisterId(", "TotalId(", "ParamId("];

impl Prints<'_> {
    /// What a norm says, by itself.
    #[must_use]
    pub fn norm(&self, n: &Norm) -> String {
        let said = (&n.key, &n.term, &n.exceptions, &n.subject_to, &n.notwithstanding, &n.body);
        self.text(&said)
    }

    /// A text of anything in the IR.
    pub fn text(&self, of: &dyn Debug) -> String {
        self.names(&without_places(&format!("{of:?}")))
    }

    /// A clause with everything that it asks for and that may act on it.
    #[must_use]
    pub fn clause(&self, c: ClauseId) -> String {
        let mut out = String::new();
        self.close(&mut BTreeSet::new(), &mut out, Ask::Clause(c));
        out
    }

    /// What may act on a clause.
    #[must_use]
    pub fn acts(&self, c: ClauseId) -> String {
        let mut out = String::new();
        self.close(&mut BTreeSet::new(), &mut out, Ask::Acts(c));
        out
    }

    /// A register.
    #[must_use]
    pub fn register(&self, r: RegisterId) -> String {
        let mut out = String::new();
        self.close(&mut BTreeSet::new(), &mut out, Ask::Register(r));
        out
    }

    /// A running sum.
    #[must_use]
    pub fn measure(&self, m: MeasureId) -> String {
        let mut out = String::new();
        self.close(&mut BTreeSet::new(), &mut out, Ask::Measure(m));
        out
    }

    /// A test of earlier events.
    #[must_use]
    pub fn test(&self, t: &EventTest) -> String {
        let mut out = self.text(t);
        let mut seen = BTreeSet::new();
        for ask in asks(&out.clone()) {
            self.close(&mut seen, &mut out, ask);
        }
        out
    }

    fn close(&self, seen: &mut BTreeSet<Ask>, out: &mut String, ask: Ask) {
        if !seen.insert(ask) {
            return;
        }
        let mut raw = String::new();
        match ask {
            Ask::Clause(c) => {
                for n in self.version.norms.iter().filter(|n| n.id.clause == c) {
                    let said = (&n.key, &n.term, &n.exceptions, &n.subject_to, &n.notwithstanding, &n.body);
                    let _ = write!(raw, "{said:?}");
                }
                raw.push_str(&format!("{:?}", Ask::Acts(c)));
            }
            Ask::Acts(c) => {
                for n in &self.version.norms {
                    let acts = match &n.body {
                        Body::Power(p) => p.targets.as_ref().is_none_or(|t| t.contains(&c)),
                        Body::Relief(r) => r.targets.contains(&c),
                        Body::Rule(_)
                        | Body::Duty(_)
                        | Body::Keep(_)
                        | Body::Payment(_)
                        | Body::License(_)
                        | Body::Inert(_) => false,
                    };
                    if acts {
                        let _ = write!(raw, "{:?}", Ask::Clause(n.id.clause));
                    }
                }
            }
            Ask::Register(r) => {
                let _ = write!(raw, "{:?}", self.program.registers.get(r.ix()));
            }
            Ask::Total(t) => {
                let _ = write!(raw, "{:?}", self.program.totals.get(t.ix()));
            }
            Ask::Measure(m) => {
                if let Some(m) = self.program.measures.get(m.ix()) {
                    let _ = write!(raw, "{m:?}");
                    if let MeasureWhat::Payment(_, c) | MeasureWhat::Breaches(c) = m.what {
                        let _ = write!(raw, "{:?}", Ask::Clause(c));
                    }
                }
            }
        }
        let raw = without_places(&raw);
        let _ = write!(out, "[{}]", self.names(&raw));
        for next in asks(&raw) {
            self.close(seen, out, next);
        }
    }

    /// Names and values for ids.
    fn names(&self, text: &str) -> String {
        let s = &self.program.symbols;
        replace(text, &mut |kind, n| match kind {
            "ClauseId(" => format!("clause {}", s.clause_name(ClauseId::at(n))),
            "RegisterId(" => s.registers.get_index(n).map_or("?", |(n, _)| n.as_str()).to_owned(),
            "TotalId(" => s.totals.get_index(n).map_or("?", |(n, _)| n.as_str()).to_owned(),
            "MeasureId(" => match self.program.measures.get(n) {
                Some(m) => self.text(m),
                None => "?".into(),
            },
            "ParamId(" => match self.version.params.get(n) {
                Some(Some(v)) => format!("{v:?}"),
                Some(None) | None => s.params.get_index(n).map_or("?", |(n, _)| n.as_str()).to_owned(),
            },
            other => format!("{other}{n})"),
        })
    }
}

/// What a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    Clause(ClauseId),
    Acts(ClauseId),
    Register(RegisterId),
    Total(TotalId),
    Measure(MeasureId),
}

fn asks(raw: &str) -> Vec<Ask> {
    let mut out = Vec::new();
    let acts: BTreeSet<usize> = raw
        .match_indices("Acts(ClauseId(")
        .filter_map(|(i, m)| raw[i + m.len()..].split(')').next()?.parse().ok())
        .collect();
    replace(raw, &mut |kind, n| {
        match kind {
            "ClauseId(" => {
                out.push(if acts.contains(&n) {
                    Ask::Acts(ClauseId::at(n))
                } else {
                    Ask::Clause(ClauseId::at(n))
                });
                if acts.contains(&n) {
                    out.push(Ask::Clause(ClauseId::at(n)));
                }
            }
            "RegisterId(" => out.push(Ask::Register(RegisterId::at(n))),
            "TotalId(" => out.push(Ask::Total(TotalId::at(n))),
            "MeasureId(" => out.push(Ask::Measure(MeasureId::at(n))),
            _ => {}
        }
        String::new()
    });
    out
}

/// Replaces `XId(n)`.
fn replace(text: &str, with: &mut dyn FnMut(&str, usize) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, id)) = IDS.iter().filter_map(|id| Some((rest.find(id)?, *id))).min() {
        let after = &rest[at + id.len()..];
        let Some(end) = after.find(')') else { break };
        out.push_str(&rest[..at]);
        match after[..end].parse() {
            Ok(n) => out.push_str(&with(id, n)),
            Err(_) => out.push_str(&rest[at..at + id.len() + end + 1]),
        }
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Drops the places.
fn without_places(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        match rest[at..].find('}') {
            Some(end) => rest = &rest[at + end + 1..],
            None => break,
        }
    }
    out.push_str(rest);
    out
}
