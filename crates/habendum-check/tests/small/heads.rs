//! Sublicenses against their heads: each license clause of one who holds a license itself, granted as an event under the
//! deal without it.

use super::deal::Small;
use super::reached::version_on;
use super::world::{World, days};
use habendum_model::value::{ClauseId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Exclusivity, License};
use habendum_syntax::ast::Verdict;
use std::collections::BTreeSet;

/// What the heads of a deal say of its sublicenses.
#[derive(Default)]
pub struct Heads {
    /// Licenses that the grantor may not grant, by name: the grant is a breach of a head.
    pub wrongful: BTreeSet<String>,
    /// Licenses that stand on a day without a head, and on another with one.
    pub adrift: BTreeSet<String>,
    /// Licenses that were judged.
    pub judged: BTreeSet<String>,
}

fn licenses(v: &habendum_norm::ir::Version) -> Vec<(ClauseId, License)> {
    v.norms.iter().filter_map(|n| Some((n.id.clause, n.body.license()?.clone()))).collect()
}

/// Whether a license lets its licensee use at the first point of its scope, as the first event of a day.
fn stands(w: &World, name: &str, l: &License, day: jiff::civil::Date) -> bool {
    let kind = w.deal.symbols.event("Use").unwrap();
    let fields = vec![
        Value::Party(l.licensee),
        Value::Term(l.assets[0]),
        Value::Term(l.territories[0]),
        Value::Term(l.fields[0]),
    ];
    let e = Event { row: 1, date: day, instant: None, kind, fields };
    let o = w.start().step(&e).unwrap();
    let own = |n: &habendum_norm::ir::NormId| w.program.symbols.clause_name(n.clause) == name;
    matches!(o.verdict, Verdict::Permitted | Verdict::Conflict) && o.deciding.iter().any(own)
}

/// Judges the sublicenses of a deal that has no amendment and no words that rank.
pub fn heads(small: &Small) -> Option<Heads> {
    let plain = |s: &super::deal::Sentence| {
        !s.modifiers
            .iter()
            .any(|m| ["subject", "notwithstanding", "until", "while"].iter().any(|w| m.text.starts_with(w)))
    };
    if small.amendment.is_some() || !small.sentences().all(plain) {
        return None;
    }
    let w = World::new(small).ok()?;
    let v = version_on(&w, days()[1]);
    let all = licenses(v);
    let mut out = Heads::default();
    for (id, sub) in &all {
        let above = |l: &License| l.licensee == sub.licensor && l.licensor != sub.licensee;
        // One of whom the licensor holds gives back: the elder of the two is the head, and which it is matters.
        let back = all.iter().any(|(_, l)| l.licensee == sub.licensor && l.licensor == sub.licensee);
        if back || !all.iter().any(|(_, l)| above(l)) {
            continue;
        }
        let name = w.program.symbols.clause_name(*id).to_owned();
        let mut less = small.clone();
        less.clauses.retain(|c| c.name != name);
        let Ok(less) = World::new(&less) else { continue };
        out.judged.insert(name.clone());
        let (mut with, mut without) = (false, false);
        for day in days().into_iter().filter(|d| stands(&w, &name, sub, *d)) {
            let heads = licenses(version_on(&less, day));
            let under = heads.iter().filter(|(_, l)| above(l));
            let alive =
                under.filter(|(c, l)| stands(&less, less.program.symbols.clause_name(*c), l, day)).count();
            with |= alive > 0;
            without |= alive == 0;
            if refused(&less, sub, day) {
                out.wrongful.insert(name.clone());
            }
        }
        let ever = days().into_iter().any(|d| {
            all.iter().any(|(c, l)| above(l) && stands(&w, w.program.symbols.clause_name(*c), l, d))
        });
        if without && (with || ever) {
            out.adrift.insert(name);
        }
    }
    Some(out)
}

/// Whether the grant that a license makes is a breach of a head.
fn refused(w: &World, l: &License, day: jiff::civil::Date) -> bool {
    let kind = w.deal.symbols.event("Grant").unwrap();
    let word = if l.exclusivity == Exclusivity::NonExclusive { "non-exclusive" } else { "exclusive" };
    let fields = vec![
        Value::Party(l.licensor),
        Value::Party(l.licensee),
        Value::Term(l.assets[0]),
        Value::Term(l.territories[0]),
        Value::Term(l.fields[0]),
        Value::Text(word.into()),
        Value::Absent,
        Value::Absent,
    ];
    let e = Event { row: 1, date: day, instant: None, kind, fields };
    let o = w.start().step(&e).unwrap();
    let head = |n: &habendum_norm::ir::NormId| {
        version_on(w, day)
            .norms
            .iter()
            .any(|x| x.id == *n && matches!(&x.body, Body::License(h) if h.licensee == l.licensor))
    };
    o.verdict == Verdict::Breach && o.deciding.iter().any(head)
}
