//! What a clause says of one aspect, in one version, with the figures that it uses there.
//!
//! Data flow: the first of a feature's clauses that stands in the version -> its sentences -> one text.
//! Invariant: a figure that an amendment can set stands beside the words that use it, reached through definitions and totals too.

use super::{Feature, find};
use crate::deal::{Deal, Version, VersionClause};
use crate::walk::{Use, walk_modifier_through, walk_statement_through};
use habendum_syntax::ast::{Aspect, Head, Line, Modifier, ModifierKind, Statement};
use habendum_syntax::print;

/// How much of a rule is said. The other aspects are the same at every depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The prose, where there is any.
    Prose,
    /// The sentences.
    Sentences,
    /// The sentences and the figures that they use.
    Figures,
}

/// From the shortest to the longest.
pub(super) const DEPTHS: [Depth; 3] = [Depth::Prose, Depth::Sentences, Depth::Figures];

/// The first of the clauses that stands in the version speaks.
pub(super) fn value(f: &Feature<'_>, v: &Version, depth: Depth) -> String {
    if let Some(c) = f.ids.iter().find_map(|id| find(v, *id)) {
        let said = clause(f, v, c, depth);
        let out: Vec<String> = c.suspensions.iter().map(crate::show::suspension).collect();
        return if out.is_empty() { said } else { format!("{said} ({})", out.join(" and ")) };
    }
    match f.ids.iter().find_map(|id| v.struck.get(id)) {
        Some(s) => {
            let by = &f.deal.amendments[s.amendment.ix()].ast.node.title.node;
            format!("none (struck by the {by})")
        }
        None => "none".into(),
    }
}

fn clause(f: &Feature<'_>, v: &Version, c: &VersionClause, depth: Depth) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut add = |t: String| {
        if !t.is_empty() && !parts.contains(&t) {
            parts.push(t);
        }
    };
    for l in &c.clause.node.parts.body {
        match &l.node {
            Line::Statement(s) => add(sentence(f, v, s, depth)),
            Line::Reading(r) => {
                let all: Vec<String> = r.statements.iter().map(|s| sentence(f, v, &s.node, depth)).collect();
                add(format!("{} [reading {}]", all.join("; "), r.name.node));
            }
            Line::Text(t) if depth == Depth::Prose && f.aspect == Aspect::Rule => {
                return t.node.clone();
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
    if parts.is_empty() { "not stated".into() } else { parts.join("; ") }
}

fn sentence(f: &Feature<'_>, v: &Version, s: &Statement, depth: Depth) -> String {
    match f.aspect {
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
        Aspect::Term => {
            let known = figures(f, v, |used| {
                for m in term_modifiers(s) {
                    walk_modifier_through(&f.deal.symbols, m, used);
                }
            });
            format!("{}{known}", term(s).unwrap_or_else(|| "no end stated".into()))
        }
        Aspect::Payment => match payment(s) {
            Some(said) => format!("{said}{}", all_figures(f, v, s)),
            None => String::new(),
        },
        Aspect::Status => status(s),
        Aspect::Rule => {
            let said = flat(&print::print_statement(s));
            if depth == Depth::Figures { format!("{said}{}", all_figures(f, v, s)) } else { said }
        }
    }
}

fn flat(t: &str) -> String {
    t.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn said(m: &Modifier) -> String {
    flat(&print::print_modifier(m))
}

/// ` [a is 1 (declaration); b is open]` of the parameters that a walk meets, each once; empty where there are none.
fn figures<'a>(f: &Feature<'a>, v: &Version, walk: impl FnOnce(&mut dyn FnMut(Use<'a>))) -> String {
    let deal: &Deal = f.deal;
    let mut names: Vec<&str> = Vec::new();
    walk(&mut |u| {
        if let Use::Name(n) = u
            && !names.contains(&n)
        {
            names.push(n);
        }
    });
    let known: Vec<String> =
        names.into_iter().filter_map(|n| crate::show::figure(deal, f.binding, v, None, n)).collect();
    if known.is_empty() { String::new() } else { format!(" [{}]", known.join("; ")) }
}

fn all_figures(f: &Feature<'_>, v: &Version, s: &Statement) -> String {
    figures(f, v, |used| walk_statement_through(&f.deal.symbols, s, used))
}

fn term_modifiers(s: &Statement) -> impl Iterator<Item = &Modifier> {
    use ModifierKind as K;
    s.modifiers.iter().map(|m| &m.node).filter(|m| {
        matches!(crate::sentence::kind_of(m), K::From | K::Through | K::Lasting | K::Until | K::Renews)
            || matches!(m, Modifier::BeforeDate(_))
    })
}

/// From when through when; nothing where the sentence does not say.
fn term(s: &Statement) -> Option<String> {
    let parts: Vec<String> = term_modifiers(s).map(said).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Who pays whom what, on what; the term; bounds; what is set against it; when it is due and what delay costs.
fn payment(s: &Statement) -> Option<String> {
    use ModifierKind as K;
    let Head::Pays { payer, payee, amount } = &s.head else { return None };
    let mut out = format!("{} pays {} {}", payer.node, payee.node, flat(&print::print_amount(&amount.node)));
    let of = |kinds: &'static [ModifierKind]| {
        s.modifiers.iter().map(|m| &m.node).filter(|m| kinds.contains(&crate::sentence::kind_of(m)))
    };
    for m in of(&[K::On, K::Each, K::PerDelay, K::InAdvance, K::Prorated]) {
        out.push_str(&format!(" {}", said(m)));
    }
    out.extend(term(s).map(|t| format!(", {t}")));
    for m in &s.modifiers {
        let (word, amount, per) = if let Modifier::Cap(c) = &m.node {
            ("at most", &c.amount, &c.per)
        } else if let Modifier::Floor(c) = &m.node {
            ("at least", &c.amount, &c.per)
        } else {
            continue;
        };
        out.push_str(&format!(", {word} {} {}", print::print_expr(&amount.node), print::print_per(per.node)));
    }
    for m in of(&[K::Crediting, K::Due, K::LateInterest]) {
        out.push_str(&format!(", {}", said(m)));
    }
    Some(out)
}

fn status(s: &Statement) -> String {
    match &s.head {
        Head::Undertaking { who, text, status } => {
            let said = status.as_ref().map_or_else(|| text.node.clone(), |n| n.node.replace('-', " "));
            format!("{}: {said}", flat(&print::print_who(&who.node)))
        }
        Head::Holding { holder, in_, as_, share } => {
            let said = format!("{} in {}: {}", holder.node, in_.node, as_.node);
            share
                .as_ref()
                .map_or_else(|| said.clone(), |x| format!("{said} ({})", print::print_expr(&x.node)))
        }
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
