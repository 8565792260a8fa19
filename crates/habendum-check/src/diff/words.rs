//! What a comparison is called: verdicts, sentences, vocabulary that only one side has, and how each clause stands.

use super::events::prints;
use super::{Change, ChangeKind, ClauseChange, Pairing, Relation, Undecided};
use crate::case::Case;
use habendum_model::deal::Symbols;
use habendum_model::value::ClauseId;
use habendum_norm::ir::Body;
use habendum_syntax::Span;
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;

/// The word of a verdict.
#[must_use]
pub(super) fn verdict(v: Verdict) -> &'static str {
    match v {
        Verdict::Silent => "silent",
        Verdict::Permitted => "permitted",
        Verdict::Breach => "a breach",
        Verdict::Unlicensed => "unlicensed",
        Verdict::WithoutEffect => "without effect",
        Verdict::Undetermined => "undetermined",
        Verdict::Conflict => "a conflict",
    }
}

/// One sentence for a change of verdict.
pub(super) fn verdicts(
    who: &str,
    what: &str,
    on: Date,
    (before, base): (Verdict, &[String]),
    (after, head): (Verdict, &[String]),
) -> String {
    let by = |names: &[String]| match names {
        [] => String::new(),
        some => format!(" (`{}`)", some.join("`, `")),
    };
    format!(
        "{what} by {who} on {on} was {}{}, and is {}{}",
        verdict(before),
        by(base),
        verdict(after),
        by(head)
    )
}

/// Where a clause is written.
pub(super) fn place(case: &Case<'_>, clause: Option<ClauseId>) -> Option<Span> {
    let id = clause?;
    let clauses = case.texts.versions.iter().rev().flat_map(|v| &v.clauses);
    clauses.filter(|c| c.id == id).map(|c| c.clause.span).next()
}

/// Event kinds, fields, terms and persons that only one side has.
pub(super) fn vocabulary(p: &Pairing<'_>) -> Vec<String> {
    let (a, b) = (p.base.symbols(), p.head.symbols());
    let mut out = Vec::new();
    let mut only = |x: &Symbols, y: &Symbols, verb: &str| {
        for (n, e) in &x.events {
            match y.events.get(n) {
                None => out.push(format!("event {n} {verb}")),
                Some(f) => {
                    for (field, info) in &e.fields {
                        match f.fields.get(field) {
                            None => out.push(format!("field {n}.{field} {verb}")),
                            Some(g) if g.optional != info.optional && verb == "added" => {
                                let now = if info.optional { "optional" } else { "required" };
                                out.push(format!("field {n}.{field} is now {now}"));
                            }
                            Some(_) => {}
                        }
                    }
                }
            }
        }
        for t in &x.terms {
            if !y.terms.iter().any(|u| u.name == t.name) {
                out.push(format!("term {} {verb}", t.name));
            }
        }
        for n in x.parties.keys().filter(|n| !y.parties.contains_key(*n)) {
            out.push(format!("person {n} {verb}"));
        }
    };
    only(b, a, "added");
    only(a, b, "removed");
    out
}

/// How each clause of the last texts stands; those that are the same to the letter are left out.
pub(super) fn clauses(p: &Pairing<'_>, changes: &[Change], undecided: &[Undecided]) -> Vec<ClauseChange> {
    let (Some(a), Some(b)) = (p.base.texts.versions.last(), p.head.texts.versions.last()) else {
        return Vec::new();
    };
    let name = |case: &Case<'_>, id: ClauseId| case.symbols().clause_name(id).to_owned();
    let mut names: Vec<String> = a.clauses.iter().map(|c| name(&p.base, c.id)).collect();
    for c in &b.clauses {
        let n = name(&p.head, c.id);
        if !names.contains(&n) {
            names.push(n);
        }
    }
    names
        .into_iter()
        .filter_map(|n| {
            let ids = (p.base.symbols().clause(&n), p.head.symbols().clause(&n));
            let here = a.clauses.iter().find(|c| Some(c.id) == ids.0);
            let there = b.clauses.iter().find(|c| Some(c.id) == ids.1);
            let relation = match (here, there) {
                (Some(_), None) => Relation::Removed,
                (None, Some(_)) => Relation::Added,
                (None, None) => return None,
                (Some(x), Some(y)) => {
                    let text = |c: &habendum_model::deal::VersionClause| {
                        habendum_syntax::print::print_clause(&c.clause.node)
                    };
                    let said_alike = text(x) == text(y);
                    relation(p, &n, ids, said_alike, changes, undecided)?
                }
            };
            let places = (here.map(|c| c.clause.span), there.map(|c| c.clause.span));
            Some(ClauseChange { clause: n, relation, places })
        })
        .collect()
}

fn relation(
    p: &Pairing<'_>,
    name: &str,
    ids: (Option<ClauseId>, Option<ClauseId>),
    said_alike: bool,
    changes: &[Change],
    undecided: &[Undecided],
) -> Option<Relation> {
    let (a, b) = (p.base.program.versions.last()?, p.head.program.versions.last()?);
    let (pa, pb) = (prints(&p.base.program, a), prints(&p.head.program, b));
    let own = |prints: &crate::fingerprint::Prints<'_>, id: Option<ClauseId>| -> Vec<String> {
        let norms = prints.version.norms.iter().filter(|n| Some(n.id.clause) == id);
        norms.map(|n| prints.norm(n)).collect()
    };
    if own(&pa, ids.0) == own(&pb, ids.1) {
        return (!said_alike).then_some(Relation::WordsOnly);
    }
    let norms = || b.norms.iter().filter(|n| Some(n.id.clause) == ids.1);
    let permits = norms().any(|n| matches!(&n.body, Body::Rule(r) if r.permits))
        && !norms().any(|n| matches!(&n.body, Body::Rule(r) if !r.permits));
    let (mut more, mut less) = (false, false);
    let named = |c: &&Change| c.about == name || c.base.iter().chain(&c.head).any(|n| n == name);
    for c in changes.iter().filter(named) {
        match c.kind {
            ChangeKind::NewlyPermitted if permits => more = true,
            ChangeKind::NewlyBreached if permits => less = true,
            ChangeKind::NewlyBreached
            | ChangeKind::NewlyConflicting
            | ChangeKind::NewlyObliged
            | ChangeKind::OwedMore => more = true,
            ChangeKind::NewlyPermitted
            | ChangeKind::NoLongerConflicting
            | ChangeKind::NoLongerObliged
            | ChangeKind::OwedLess => less = true,
        }
    }
    let kinds: Vec<&str> = norms()
        .filter_map(|n| match &n.body {
            Body::Rule(r) => Some(p.head.symbols().event_name(r.event)),
            _ => None,
        })
        .collect();
    let open = undecided.iter().any(|u| u.about == name || kinds.contains(&u.about.as_str()));
    Some(match (more, less) {
        (true, true) => Relation::Incomparable,
        (true, false) => Relation::Broader,
        (false, true) => Relation::Narrower,
        (false, false) if open => Relation::Unknown,
        (false, false) => Relation::Equivalent,
    })
}
