//! The operations, one by one.

use crate::deal::{Struck, Suspension, VersionClause};
use crate::elaborate::{DateRole, const_value, elaborate_date};
use crate::value::{ClauseId, ParamId};
use habendum_syntax::ast::{
    self, Clause, ClauseParts, Extension, Line, Modifier, ModifierKind, Name, Operation, Position,
};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::{Ctx, Text, fault, vary};

/// Applies one operation.
pub(super) fn apply(text: &mut Text, ctx: &mut Ctx<'_>, op: &Sp<Operation>) {
    match &op.node {
        Operation::Replace { target, with } => {
            if let Some(i) = fault::live(text, ctx, target) {
                put(text, ctx, i, with, "replaced", op.span);
            }
        }
        Operation::Strike { target, saving } => strike(text, ctx, target, *saving, op.span),
        Operation::Insert { clause, position } => insert(text, ctx, clause, position.as_ref(), op.span),
        Operation::Vary { target, changes } => {
            if let Some(i) = fault::live(text, ctx, target) {
                for c in changes {
                    vary::change(&mut text.clauses[i], ctx, target, c);
                }
                mark(text, ctx, i, "varied", op.span);
            }
        }
        Operation::Suspend { targets, from, through, clocks_stop } => {
            for t in targets {
                suspend(text, ctx, t, from.as_ref(), through.as_ref(), *clocks_stop, op.span);
            }
        }
        Operation::Extend { target, to } => {
            if let Some(i) = fault::live(text, ctx, target) {
                extend(text, ctx, i, target, to, op.span);
            }
        }
        Operation::Renumber { target, number } => {
            if let Some(i) = fault::live(text, ctx, target) {
                text.clauses[i].clause.node.parts.number = Some(number.clone());
                mark(text, ctx, i, "renumbered", op.span);
            }
        }
        Operation::Affirm(names) => {
            for n in names {
                if let Some(i) = fault::live(text, ctx, n) {
                    mark(text, ctx, i, "affirmed", n.span);
                }
            }
        }
        Operation::Restate { target, with } => restate(text, ctx, target, with, op.span),
        Operation::RestateAll(clauses) => restate_all(text, ctx, clauses, op.span),
        Operation::Set { name, value } => set(text, ctx, name, value, op.span),
        Operation::Recites { target, text: recited } => {
            if let Some(i) = fault::present(text, ctx, target) {
                fault::recital(text, ctx, i, target, &recited.node, recited.span);
            }
        }
    }
}

fn mark(text: &mut Text, ctx: &Ctx<'_>, i: usize, how: &'static str, span: Span) {
    let touch = ctx.touch(how, span);
    text.clauses[i].provenance.push(touch);
}

/// A clause's new parts; number and title stay where the new parts give none.
fn put(text: &mut Text, ctx: &Ctx<'_>, i: usize, with: &ClauseParts, how: &'static str, span: Span) {
    let old = &text.clauses[i].clause.node.parts;
    let parts = ClauseParts {
        number: with.number.clone().or_else(|| old.number.clone()),
        title: with.title.clone().or_else(|| old.title.clone()),
        key: with.key.clone(),
        body: with.body.clone(),
    };
    text.clauses[i].clause.node.parts = parts;
    text.clauses[i].clause.span = span;
    mark(text, ctx, i, how, span);
}

fn strike(text: &mut Text, ctx: &mut Ctx<'_>, target: &Name, saving: bool, span: Span) {
    // What an ended clause has accrued can still be taken away; without that, there is nothing left to strike.
    let found = if saving { fault::live(text, ctx, target) } else { fault::present(text, ctx, target) };
    let Some(i) = found else { return };
    let after = i.checked_sub(1).map(|i| text.clauses[i].id);
    let c = text.clauses.remove(i);
    let pays = fault::statements(&c.clause.node.parts.body).any(|s| matches!(s.head, ast::Head::Pays { .. }));
    if !saving && pays {
        ctx.diags.push(
            Diagnostic::warning(
                "C017",
                format!("the {} takes away what has accrued under `{}`", ctx.title(), target.node),
                span,
                "struck without saving",
            )
            .label(c.clause.node.id.span, "the payment")
            .note("what has accrued and is not yet due is reversed")
            .help(format!("to keep what was earned: `strike {}`", target.node)),
        );
    }
    text.struck.insert(c.id, Struck { amendment: ctx.id, saving, span, clause: c.clause, after });
}

fn insert(text: &mut Text, ctx: &mut Ctx<'_>, clause: &Clause, position: Option<&Position>, span: Span) {
    let Some(id) = ctx.deal.symbols.clause(&clause.id.node) else { return };
    if let Some(old) = text.clauses.iter().find(|c| c.id == id) {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!("clause `{}` is already there", clause.id.node),
                clause.id.span,
                "inserted here",
            )
            .label(old.clause.node.id.span, "already in the text")
            .help(format!(
                "`replace {} with {{ ... }}` or `restate {} {{ ... }}`",
                clause.id.node, clause.id.node
            )),
        );
        return;
    }
    let at = match position {
        None => Some(text.clauses.len()),
        Some(Position::After(n)) => {
            fault::present(text, ctx, n).map(|i| i + 1).or_else(|| place(text, ctx, n))
        }
        Some(Position::Before(n)) => fault::present(text, ctx, n).or_else(|| place(text, ctx, n)),
    };
    let at = at.unwrap_or(text.clauses.len());
    text.struck.remove(&id);
    let made = fresh(id, clause.clone(), span, ctx, "inserted");
    text.clauses.insert(at, made);
}

/// Where a struck clause stood: after the nearest clause before it that is still there.
fn place(text: &Text, ctx: &Ctx<'_>, target: &Name) -> Option<usize> {
    let mut struck = text.struck.get(&ctx.deal.symbols.clause(&target.node)?)?;
    loop {
        let Some(before) = struck.after else { return Some(0) };
        if let Some(i) = text.clauses.iter().position(|c| c.id == before) {
            return Some(i + 1);
        }
        struck = text.struck.get(&before)?;
    }
}

fn fresh(id: ClauseId, clause: Clause, span: Span, ctx: &Ctx<'_>, how: &'static str) -> VersionClause {
    VersionClause {
        id,
        clause: Sp::new(clause, span),
        provenance: vec![ctx.touch(how, span)],
        suspensions: Vec::new(),
    }
}

fn restate(text: &mut Text, ctx: &mut Ctx<'_>, target: &Name, with: &ClauseParts, span: Span) {
    let Some(id) = ctx.deal.symbols.clause(&target.node) else {
        fault::present(text, ctx, target);
        return;
    };
    if let Some(i) = text.clauses.iter().position(|c| c.id == id) {
        put(text, ctx, i, with, "restated", span);
        text.clauses[i].suspensions.clear();
    } else if text.struck.contains_key(&id) {
        let at = place(text, ctx, target).unwrap_or(text.clauses.len());
        let Some(old) = text.struck.remove(&id) else { return };
        let was = old.clause.node.parts;
        let parts = ClauseParts {
            number: with.number.clone().or(was.number),
            title: with.title.clone().or(was.title),
            key: with.key.clone(),
            body: with.body.clone(),
        };
        let made = fresh(id, Clause { id: target.clone(), parts }, span, ctx, "restated");
        text.clauses.insert(at, made);
    } else {
        fault::present(text, ctx, target);
    }
}

fn restate_all(text: &mut Text, ctx: &Ctx<'_>, clauses: &[Sp<Clause>], span: Span) {
    let old = std::mem::take(&mut text.clauses);
    for c in clauses {
        let Some(id) = ctx.deal.symbols.clause(&c.node.id.node) else { continue };
        text.struck.remove(&id);
        let mut made = fresh(id, c.node.clone(), c.span, ctx, "restated");
        if let Some(was) = old.iter().find(|o| o.id == id) {
            let mut provenance = was.provenance.clone();
            provenance.append(&mut made.provenance);
            made.provenance = provenance;
        }
        text.clauses.push(made);
    }
    let mut after = None;
    for c in old {
        let id = c.id;
        if !text.clauses.iter().any(|n| n.id == id) {
            text.struck.insert(id, Struck { amendment: ctx.id, saving: true, span, clause: c.clause, after });
        }
        after = Some(id);
    }
}

fn suspend(
    text: &mut Text,
    ctx: &mut Ctx<'_>,
    target: &Name,
    from: Option<&Sp<ast::DateExpr>>,
    through: Option<&Sp<ast::DateExpr>>,
    clocks_stop: bool,
    span: Span,
) {
    let Some(i) = fault::live(text, ctx, target) else { return };
    let day = |ctx: &mut Ctx<'_>, d: &Sp<ast::DateExpr>, role| match elaborate_date(ctx.dates, d, role) {
        Ok(v) => Some(v),
        Err(ds) => {
            ctx.diags.extend(ds);
            None
        }
    };
    let from = match from {
        None => Some(ctx.effective.clone()),
        Some(d) => day(ctx, d, DateRole::First),
    };
    let through = through.and_then(|d| day(ctx, d, DateRole::Last));
    if let Some(from) = from {
        let amendment = ctx.id;
        text.clauses[i].suspensions.push(Suspension { from, through, clocks_stop, amendment });
    }
    mark(text, ctx, i, "suspended", span);
}

/// Moves the last day of the clause's sentences that have one.
fn extend(text: &mut Text, ctx: &mut Ctx<'_>, i: usize, target: &Name, to: &Extension, span: Span) {
    let mut moved = 0;
    let mut faults = Vec::new();
    vary::each_statement(&mut text.clauses[i].clause.node, &mut |s| {
        let end = s.modifiers.iter().position(|m| matches!(m.node, Modifier::Through(_)));
        match (to, end) {
            (Extension::Through(d), _) => {
                vary::put_all(
                    s,
                    &[ModifierKind::Through, ModifierKind::Lasting],
                    Sp::new(Modifier::Through(d.clone()), span),
                );
                moved += 1;
            }
            (Extension::By(length), Some(m)) => {
                let Modifier::Through(d) = &mut s.modifiers[m].node else { return };
                if d.node.offset.is_none() {
                    d.node.offset = Some((true, length.clone()));
                    moved += 1;
                } else {
                    faults.push(d.span);
                }
            }
            (Extension::By(_), None) => {}
        }
    });
    for at in faults {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!("the end of `{}` is already reckoned from another day", target.node),
                span,
                "extended here",
            )
            .label(at, "its end")
            .help(format!("name the new last day: `extend {} through DATE`", target.node)),
        );
    }
    if moved == 0 {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!("`{}` has no last day to move", target.node),
                span,
                "extended here",
            )
            .label(text.clauses[i].clause.node.id.span, "no `through`")
            .help(format!("`extend {} through DATE` gives it one", target.node)),
        );
    }
    mark(text, ctx, i, "extended", span);
}

fn set(text: &mut Text, ctx: &mut Ctx<'_>, name: &Name, value: &Sp<ast::Expr>, span: Span) {
    let s = &ctx.deal.symbols;
    let Some((i, _, p)) = s.params.get_full(&name.node) else {
        ctx.diags.push(crate::suggest::unknown("parameter", name, s.params.keys().map(String::as_str), s));
        return;
    };
    match const_value(s, value, p.ty) {
        Ok(v) => {
            text.set.insert(ParamId::at(i), v);
            text.set_by.insert(ParamId::at(i), ctx.touch("set", span));
        }
        Err(d) => ctx.diags.extend(d),
    }
}

/// The `text` line of a clause.
pub(super) fn set_text(parts: &mut ClauseParts, t: &Sp<String>) {
    for l in &mut parts.body {
        if let Line::Text(old) = &mut l.node {
            *old = t.clone();
            return;
        }
    }
    parts.body.insert(0, Sp::new(Line::Text(t.clone()), t.span));
}
