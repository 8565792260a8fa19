//! The table of key terms: feature, term now, term before, changed by.
//!
//! Data flow: `key` items ask for an aspect of a clause; the aspect is computed from the clause's syntax in two versions.
//! Invariant: nothing in the table is written by hand but the names of the features.

use crate::deal::{Binding, Consolidated, Deal, Version, VersionClause};
use crate::value::{ClauseId, ParamId};
use crate::walk::{Use, walk_through};
use habendum_syntax::ast::{Aspect, Head, Line, Modifier, Statement};
use habendum_syntax::print;
use std::collections::BTreeSet;

/// A row.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Row {
    /// Feature.
    pub feature: String,
    /// In the later version.
    pub now: String,
    /// In the earlier version.
    pub before: String,
    /// Titles of the amendments that touched it between the two.
    pub changed_by: Vec<String>,
}

/// The table between two versions. Without `key` items: the rule of every clause that changed.
#[must_use]
pub fn summary(deal: &Deal, texts: &Consolidated, binding: &Binding, before: usize, now: usize) -> Vec<Row> {
    let (Some(a), Some(b)) = (texts.versions.get(before), texts.versions.get(now)) else { return Vec::new() };
    let mut rows = Vec::new();
    for k in &deal.key_terms {
        let ids: Vec<ClauseId> = k.node.clauses.iter().filter_map(|n| deal.symbols.clause(&n.node)).collect();
        rows.push(row(deal, (a, b), binding, k.node.feature.node.clone(), k.node.aspect.node, &ids));
    }
    if deal.key_terms.is_empty() {
        rows.extend(changed(deal, a, b, binding));
    }
    rows
}

fn row(
    deal: &Deal,
    (a, b): (&Version, &Version),
    binding: &Binding,
    feature: String,
    aspect: Aspect,
    ids: &[ClauseId],
) -> Row {
    let by = changed_by(deal, a, b, ids);
    let pair = |aspect, prose| {
        (value(deal, b, binding, aspect, ids, prose), value(deal, a, binding, aspect, ids, prose))
    };
    let (mut now, mut before) = pair(aspect, true);
    if now == before && !by.is_empty() && aspect == Aspect::Rule {
        // The prose does not show what changed: the sentences do, or the figures that they use.
        for (aspect, prose) in [(Aspect::Rule, false), (Aspect::Payment, false)] {
            let (n, o) = pair(aspect, prose);
            if n != o {
                (now, before) = (n, o);
                break;
            }
        }
    }
    Row { feature, now, before, changed_by: by }
}

fn changed(deal: &Deal, a: &Version, b: &Version, binding: &Binding) -> Vec<Row> {
    let ids: BTreeSet<ClauseId> = a.clauses.iter().chain(&b.clauses).map(|c| c.id).collect();
    ids.into_iter()
        .filter(|id| !changed_by(deal, a, b, &[*id]).is_empty())
        .map(|id| {
            let title = find(b, id)
                .or_else(|| find(a, id))
                .and_then(|c| c.clause.node.parts.title.as_ref())
                .map_or_else(|| deal.symbols.clause_name(id).to_owned(), |t| t.node.clone());
            row(deal, (a, b), binding, title, Aspect::Rule, &[id])
        })
        .collect()
}

fn find(v: &Version, id: ClauseId) -> Option<&VersionClause> {
    v.clauses.iter().find(|c| c.id == id)
}

fn changed_by(deal: &Deal, a: &Version, b: &Version, ids: &[ClauseId]) -> Vec<String> {
    let earlier: BTreeSet<_> = a.amendments.iter().collect();
    let mut out = Vec::new();
    let mut add = |id: &crate::value::AmendmentId| {
        let title = deal.amendments[id.ix()].ast.node.title.node.clone();
        if !earlier.contains(id) && !out.contains(&title) {
            out.push(title);
        }
    };
    for id in ids {
        if let Some(c) = find(b, *id) {
            c.provenance
                .iter()
                .filter(|p| p.how != "affirmed" && p.how != "renumbered")
                .for_each(|p| add(&p.amendment));
            walk_through(&deal.symbols, &c.clause.node.parts, &mut |u| {
                if let Use::Name(n) = u
                    && let Some(i) = deal.symbols.params.get_index_of(n)
                    && let Some(by) = b.set_by.get(&ParamId::at(i))
                {
                    add(&by.amendment);
                }
            });
        }
        if let Some(s) = b.struck.get(id) {
            add(&s.amendment);
        }
    }
    out
}

/// The first of the clauses that stands in the version speaks.
fn value(
    deal: &Deal,
    v: &Version,
    binding: &Binding,
    aspect: Aspect,
    ids: &[ClauseId],
    prose: bool,
) -> String {
    if let Some(c) = ids.iter().find_map(|id| find(v, *id)) {
        let said = clause_value(deal, v, c, binding, aspect, prose);
        let out: Vec<String> = c.suspensions.iter().map(crate::show::suspension).collect();
        return if out.is_empty() { said } else { format!("{said} ({})", out.join(" and ")) };
    }
    match ids.iter().find_map(|id| v.struck.get(id)) {
        Some(s) => {
            let by = &deal.amendments[s.amendment.ix()].ast.node.title.node;
            format!("none (struck by the {by})")
        }
        None => "none".into(),
    }
}

fn clause_value(
    deal: &Deal,
    v: &Version,
    c: &VersionClause,
    binding: &Binding,
    aspect: Aspect,
    prose: bool,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut add = |t: String| {
        if !t.is_empty() && !parts.contains(&t) {
            parts.push(t);
        }
    };
    for l in &c.clause.node.parts.body {
        match &l.node {
            Line::Statement(s) => add(of(deal, v, s, binding, aspect)),
            Line::Reading(r) => {
                let all: Vec<String> =
                    r.statements.iter().map(|s| of(deal, v, &s.node, binding, aspect)).collect();
                add(format!("{} [reading {}]", all.join("; "), r.name.node));
            }
            Line::Text(t) if prose && aspect == Aspect::Rule => {
                return t.node.clone();
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
    if parts.is_empty() { "not stated".into() } else { parts.join("; ") }
}

fn of(deal: &Deal, v: &Version, s: &Statement, binding: &Binding, aspect: Aspect) -> String {
    match aspect {
        Aspect::Exclusivity => match &s.head {
            Head::Grants { exclusivity, .. } => print::print_exclusivity(&exclusivity.node),
            Head::May { .. }
            | Head::MustNot { .. }
            | Head::Must { .. }
            | Head::Keep { .. }
            | Head::Power { .. }
            | Head::Excuses { .. }
            | Head::ExtendsTime { .. }
            | Head::Pays { .. }
            | Head::Recital(_)
            | Head::Undertaking { .. }
            | Head::Holding { .. } => String::new(),
        },
        Aspect::Term => term(s),
        Aspect::Payment => payment(deal, v, s, binding),
        Aspect::Status => status(s),
        Aspect::Rule => flat(&print::print_statement(s)),
    }
}

fn flat(t: &str) -> String {
    t.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn term(s: &Statement) -> String {
    let parts: Vec<String> = s
        .modifiers
        .iter()
        .filter(|m| {
            use habendum_syntax::ast::ModifierKind as K;
            let kind = crate::sentence::kind_of(&m.node);
            matches!(kind, K::From | K::Through | K::Lasting | K::Until | K::Renews)
                || matches!(m.node, Modifier::BeforeDate(_))
        })
        .map(|m| flat(&print::print_modifier(&m.node)))
        .collect();
    if parts.is_empty() { "no end stated".into() } else { parts.join(", ") }
}

fn payment(deal: &Deal, v: &Version, s: &Statement, binding: &Binding) -> String {
    let Head::Pays { payer, payee, amount } = &s.head else { return String::new() };
    let mut out = format!("{} pays {} {}", payer.node, payee.node, flat(&print::print_amount(&amount.node)));
    for m in &s.modifiers {
        if let Modifier::OnEach(_) | Modifier::OnFirst(_) | Modifier::OnDate(_) | Modifier::Each(_) = &m.node
        {
            out.push_str(&format!(" {}", flat(&print::print_modifier(&m.node))));
        }
    }
    let end = term(s);
    if end != "no end stated" {
        out.push_str(&format!(", {end}"));
    }
    for m in &s.modifiers {
        let (word, amount, per) = if let Modifier::Cap(c) = &m.node {
            ("at most", &c.amount, &c.per)
        } else if let Modifier::Floor(f) = &m.node {
            ("at least", &f.amount, &f.per)
        } else {
            continue;
        };
        out.push_str(&format!(", {word} {} {}", print::print_expr(&amount.node), print::print_per(per.node)));
    }
    let mut names = Vec::new();
    let mut figures = Vec::new();
    crate::walk::walk_statement(s, &mut |u| {
        if let Use::Name(n) = u
            && !names.contains(&n)
        {
            names.push(n);
            figures.extend(crate::show::figure(deal, binding, v, None, n));
        }
    });
    if !figures.is_empty() {
        out.push_str(&format!(" [{}]", figures.join("; ")));
    }
    out
}

fn status(s: &Statement) -> String {
    match &s.head {
        Head::Undertaking { text, status, .. } => match status {
            Some(n) => n.node.replace('-', " "),
            None => text.node.clone(),
        },
        Head::Holding { as_, share, .. } => match share {
            Some(x) => format!("{} ({})", as_.node, print::print_expr(&x.node)),
            None => as_.node.clone(),
        },
        Head::Recital(t) => t.node.clone(),
        Head::May { .. }
        | Head::MustNot { .. }
        | Head::Must { .. }
        | Head::Keep { .. }
        | Head::Power { .. }
        | Head::Excuses { .. }
        | Head::ExtendsTime { .. }
        | Head::Grants { .. }
        | Head::Pays { .. } => flat(&print::print_statement(s)),
    }
}
