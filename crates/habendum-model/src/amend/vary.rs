//! `vary`: changes to the sentences of a clause, by the kind of what changes.

use crate::deal::VersionClause;
use crate::sentence::{fits, head_word, kind_of, word};
use habendum_syntax::ast::{Change, Clause, Head, Line, Modifier, ModifierKind, Name, Statement};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::parts::{self, Part};
use super::{Ctx, ops};

/// Applies one change.
pub(super) fn change(c: &mut VersionClause, ctx: &mut Ctx<'_>, target: &Name, change: &Sp<Change>) {
    let clause = &mut c.clause.node;
    let at = change.span;
    match &change.node {
        Change::Text(t) => ops::set_text(&mut clause.parts, t),
        Change::Title(t) => clause.parts.title = Some(t.clone()),
        Change::Exclusivity(x) => {
            let n = edit(clause, |s| match &mut s.head {
                Head::Grants { exclusivity, .. } => {
                    *exclusivity = x.clone();
                    true
                }
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
                | Head::Holding { .. } => false,
            });
            none(ctx, target, n, "grant whose exclusivity could change", at);
        }
        Change::Amount(a) => {
            let n = edit(clause, |s| {
                if let Head::Pays { amount, .. } = &mut s.head {
                    *amount = a.clone();
                    true
                } else {
                    false
                }
            });
            none(ctx, target, n, "payment whose amount could change", at);
        }
        Change::Party { new, old } => {
            let shadowed = is_other_name(ctx, &old.node);
            let n = edit(clause, |s| party(s, new, old, shadowed));
            none(ctx, target, n, &format!("party `{}`", old.node), old.span);
        }
        Change::Term { from, through } => {
            let n = edit(clause, |s| {
                if let Some(d) = from {
                    put_all(s, &[ModifierKind::From], Sp::new(Modifier::From(d.clone()), at));
                }
                if let Some(d) = through {
                    put_all(
                        s,
                        &[ModifierKind::Through, ModifierKind::Lasting],
                        Sp::new(Modifier::Through(d.clone()), at),
                    );
                }
                true
            });
            none(ctx, target, n, "sentence that has a term", at);
        }
        Change::Remove { kind, label } => remove(clause, ctx, target, *kind, label.as_ref(), at),
        Change::Put(m) => modifier(clause, ctx, target, m, true),
        Change::Add(m) => modifier(clause, ctx, target, m, false),
    }
}

/// Visits every sentence, readings included.
pub(super) fn each_statement(clause: &mut Clause, f: &mut dyn FnMut(&mut Statement)) {
    for l in &mut clause.parts.body {
        match &mut l.node {
            Line::Statement(s) => f(s),
            Line::Reading(r) => {
                for s in &mut r.statements {
                    f(&mut s.node);
                }
            }
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
}

fn edit(clause: &mut Clause, mut f: impl FnMut(&mut Statement) -> bool) -> usize {
    let mut n = 0;
    each_statement(clause, &mut |s| {
        if f(s) {
            n += 1;
        }
    });
    n
}

fn none(ctx: &mut Ctx<'_>, target: &Name, found: usize, what: &str, at: Span) {
    if found > 0 {
        return;
    }
    let mut d = Diagnostic::error("C016", format!("`{}` has no {what}", target.node), at, "varied here");
    if let Some(place) = ctx.deal.symbols.clauses.get(&target.node) {
        d = d.label(*place, "the clause");
    }
    ctx.diags.push(d);
}

/// True where the name, in an expression, may mean something else than the person: a field, parameter or definition comes first.
fn is_other_name(ctx: &Ctx<'_>, name: &str) -> bool {
    let s = &ctx.deal.symbols;
    s.params.contains_key(name)
        || s.defines.contains_key(name)
        || s.events.values().any(|e| e.fields.contains_key(name))
}

/// Puts one person in the place of another, all through a sentence and what follows on its breach.
fn party(s: &mut Statement, new: &Name, old: &Name, shadowed: bool) -> bool {
    let mut hit = false;
    parts::statement(s, &mut |p| match p {
        Part::Person(n) if n.node == old.node => {
            *n = new.clone();
            hit = true;
        }
        Part::Word(w) if *w == old.node && !shadowed => {
            w.clone_from(&new.node);
            hit = true;
        }
        Part::Date(_) | Part::Person(_) | Part::Word(_) => {}
    });
    hit
}

/// Puts one modifier in the place of all of some kinds.
pub(super) fn put_all(s: &mut Statement, kinds: &[ModifierKind], m: Sp<Modifier>) {
    let at = s.modifiers.iter().position(|x| kinds.contains(&kind_of(&x.node)));
    s.modifiers.retain(|x| !kinds.contains(&kind_of(&x.node)));
    let at = at.unwrap_or(s.modifiers.len()).min(s.modifiers.len());
    s.modifiers.insert(at, m);
}

/// Groups of sentences that stand together: those outside readings, and each reading by itself. A change picks one of each group.
fn groups(clause: &mut Clause) -> Vec<Vec<&mut Statement>> {
    let mut plain = Vec::new();
    let mut out = Vec::new();
    for l in &mut clause.parts.body {
        match &mut l.node {
            Line::Statement(s) => plain.push(s),
            Line::Reading(r) => out.push(r.statements.iter_mut().map(|s| &mut s.node).collect()),
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
    out.insert(0, plain);
    out
}

/// Picks the sentence of a group that a kind bears on: the only one it fits, or the only one that has it already.
fn pick<'a>(group: Vec<&'a mut Statement>, kind: ModifierKind) -> Result<Option<&'a mut Statement>, usize> {
    let has = |s: &Statement| s.modifiers.iter().any(|m| kind_of(&m.node) == kind);
    let mut fitting: Vec<&'a mut Statement> = group.into_iter().filter(|s| fits(&s.head, kind)).collect();
    if fitting.len() > 1 && fitting.iter().filter(|s| has(s)).count() == 1 {
        fitting.retain(|s| has(s));
    }
    match fitting.len() {
        0 => Ok(None),
        1 => Ok(fitting.pop()),
        n => Err(n),
    }
}

fn modifier(clause: &mut Clause, ctx: &mut Ctx<'_>, target: &Name, m: &Sp<Modifier>, put: bool) {
    let kind = kind_of(&m.node);
    let place = clause.id.span;
    let mut hits = 0;
    let mut many = 0;
    let mut heads = Vec::new();
    for group in groups(clause) {
        heads.extend(group.iter().map(|s| head_word(&s.head)));
        match pick(group, kind) {
            Ok(None) => {}
            Err(n) => many = n,
            Ok(Some(s)) => {
                hits += 1;
                if put {
                    put_all(s, &[kind], m.clone());
                } else {
                    s.modifiers.push(m.clone());
                }
            }
        }
    }
    if many > 0 {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!("`{}` could bear on {many} sentences of `{}`", word(kind), target.node),
                m.span,
                "which one?",
            )
            .label(place, "the clause")
            .help(format!("say the whole clause anew: `replace {} with {{ ... }}`", target.node)),
        );
    } else if hits == 0 {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!(
                    "`{}` bears on nothing in `{}`, which is {}",
                    word(kind),
                    target.node,
                    heads.join(" and ")
                ),
                m.span,
                "varied here",
            )
            .label(place, "the clause"),
        );
    }
}

fn remove(
    clause: &mut Clause,
    ctx: &mut Ctx<'_>,
    target: &Name,
    kind: ModifierKind,
    label: Option<&Name>,
    at: Span,
) {
    let place = clause.id.span;
    let n = edit(clause, |s| take_out(s, kind, label));
    if n == 0 {
        let what = label.map_or_else(|| word(kind).to_owned(), |l| format!("{} {}", word(kind), l.node));
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!("`{}` has no `{what}` to remove", target.node),
                at,
                "removed here",
            )
            .label(place, "the clause"),
        );
    }
}

/// Takes the modifiers of a kind out of a sentence; where it has none, out of what follows on its breach.
fn take_out(s: &mut Statement, kind: ModifierKind, label: Option<&Name>) -> bool {
    let before = s.modifiers.len();
    s.modifiers.retain(|m| {
        let labelled = match (&m.node, label) {
            (_, None) => true,
            (Modifier::Unless(x), Some(l)) => x.label.as_ref().is_some_and(|k| k.node == l.node),
            (_, Some(_)) => false,
        };
        !(kind_of(&m.node) == kind && labelled)
    });
    s.modifiers.len() < before
        || s.modifiers.iter_mut().any(|m| match &mut m.node {
            Modifier::Otherwise(then) => take_out(&mut then.node, kind, label),
            _ => false,
        })
}
