//! Names in expressions.

use crate::expr::{Expr, ExprKind, Type};
use crate::value::{ClauseId, FieldId, ParamId, PartyId, TableId, TermId, Value};
use habendum_syntax::ast::{self, Name};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::{Scope, Typed, elaborate_expr, fail, infer};

/// A bare name.
pub(super) fn name(scope: &Scope<'_>, n: &Name, expected: Option<Type>) -> Typed {
    let s = scope.symbols;
    let make = |kind, ty| Ok(Expr { kind, ty, span: n.span });
    if let Some(event) = scope.event
        && let Some((i, _, f)) = s.event_info(event).fields.get_full(&n.node)
    {
        return make(ExprKind::Field(FieldId::at(i)), f.ty);
    }
    if n.node == "date" {
        return make(ExprKind::Today, Type::Date);
    }
    if let Some((i, _, p)) = s.params.get_full(&n.node) {
        if scope.measures.is_none() && scope.event.is_none() {
            return fail("T026", "a constant is needed here", n.span, "a parameter is not known here");
        }
        return make(ExprKind::Param(ParamId::at(i)), p.ty);
    }
    if let Some(d) = s.defines.get(&n.node) {
        if scope.opening.contains(&n.node) {
            return fail(
                "C014",
                format!("`{}` rests on itself", n.node),
                n.span,
                "opened while it is being opened",
            );
        }
        let mut inner = scope.clone();
        inner.opening.push(n.node.clone());
        return match infer(&inner, &d.node.value, expected) {
            Ok(mut e) => {
                e.span = n.span;
                Ok(e)
            }
            Err(ds) => Err(ds.into_iter().map(|d| d.label(n.span, "used here")).collect()),
        };
    }
    constant_name(scope, n, expected)
}

/// A term, person or clause, by the type that is expected; or the only one of that name.
fn constant_name(scope: &Scope<'_>, n: &Name, expected: Option<Type>) -> Typed {
    let s = scope.symbols;
    let mut found: Vec<(Value, Type)> = Vec::new();
    for (i, t) in s.terms.iter().enumerate() {
        if t.name == n.node {
            found.push((Value::Term(TermId::at(i)), Type::Term(t.vocab)));
        }
    }
    if let Some(i) = s.parties.get_index_of(&n.node) {
        found.push((Value::Party(PartyId::at(i)), Type::Party));
    }
    if let Some(i) = s.clauses.get_index_of(&n.node) {
        found.push((Value::Clause(ClauseId::at(i)), Type::Clause));
    }
    if let Some(ty) = expected
        && let Some((v, ty)) = found.iter().find(|(_, t)| *t == ty)
    {
        return Ok(Expr { kind: ExprKind::Const(v.clone()), ty: *ty, span: n.span });
    }
    match found.as_slice() {
        [(v, ty)] => Ok(Expr { kind: ExprKind::Const(v.clone()), ty: *ty, span: n.span }),
        [] if s.totals.contains_key(&n.node) => Err(vec![
            Diagnostic::error("T030", format!("`{}` is a running total", n.node), n.span, "over which time?")
                .help(format!(
                    "`{0} this month`, `{0} in the last 12 months`, `{0} of the term`, `{0} in total`",
                    n.node
                )),
        ]),
        [] if s.registers.contains_key(&n.node) => Err(vec![
            Diagnostic::error("T031", format!("`{}` is a register", n.node), n.span, "a set, not a value")
                .help(format!("`... is in {}`", n.node)),
        ]),
        [] => Err(vec![unknown_here(scope, n, expected)]),
        many => {
            let kinds: Vec<String> = many.iter().map(|(_, t)| super::show_type(s, *t)).collect();
            fail("T032", format!("`{}` can be {}", n.node, kinds.join(" or ")), n.span, "which one?")
        }
    }
}

fn unknown_here(scope: &Scope<'_>, n: &Name, expected: Option<Type>) -> Diagnostic {
    let s = scope.symbols;
    let mut known: Vec<&str> = Vec::new();
    match expected {
        Some(Type::Term(v)) => known.extend(s.terms.iter().filter(|t| t.vocab == v).map(|t| t.name.as_str())),
        Some(Type::Party) => known.extend(s.parties.keys().map(String::as_str)),
        Some(Type::Clause) => known.extend(s.clauses.keys().map(String::as_str)),
        Some(
            Type::Bool
            | Type::Int
            | Type::Decimal(_)
            | Type::Percent
            | Type::Money(..)
            | Type::Date
            | Type::Instant
            | Type::Duration
            | Type::Text,
        )
        | None => {
            known.extend(s.terms.iter().map(|t| t.name.as_str()));
            known.extend(s.parties.keys().map(String::as_str));
        }
    }
    if let Some(e) = scope.event {
        known.extend(s.event_info(e).fields.keys().map(String::as_str));
    }
    known.extend(s.params.keys().map(String::as_str));
    known.extend(s.defines.keys().map(String::as_str));
    let mut d = crate::suggest::unknown("field, parameter, definition or term", n, known.into_iter(), s);
    if let Some(e) = scope.event {
        let fields: Vec<&str> = s.event_info(e).fields.keys().map(String::as_str).collect();
        d = d.note(format!("the fields of {} are: {}", s.event_name(e), fields.join(", ")));
        let others = s.events.iter().filter(|(_, i)| i.fields.contains_key(&n.node));
        let others: Vec<String> = others.map(|(name, _)| format!("`{name}`")).collect();
        if !others.is_empty() {
            d = d.help(format!(
                "`{}` is a field of {}: a condition stands right after the event that it is about",
                n.node,
                others.join(", ")
            ));
        }
    }
    d
}

/// `Order.quantity`, `rates.cap`.
pub(super) fn dotted(scope: &Scope<'_>, a: &Name, b: &Name, span: Span) -> Typed {
    let s = scope.symbols;
    if let Some((ti, _, t)) = s.tables.get_full(&a.node) {
        let Some((ci, _, c)) = t.columns.get_full(&b.node) else {
            return Err(vec![crate::suggest::unknown("column", b, t.columns.keys().map(String::as_str), s)]);
        };
        let table = TableId::at(ti);
        return match &scope.key {
            Some((_, Some(k))) if *k == table => {
                Ok(Expr { kind: ExprKind::KeyColumn(table, FieldId::at(ci)), ty: c.ty, span })
            }
            Some(_) | None => Err(vec![
                Diagnostic::error("T033", format!("which row of `{}`?", a.node), span, "no key at hand")
                    .help(format!("look it up: `{}[...].{}`", a.node, b.node))
                    .help(format!("or make the clause one `for each {} in {}`", t.key, a.node)),
            ]),
        };
    }
    let Some(event) = s.event(&a.node) else {
        let known = s.events.keys().chain(s.tables.keys()).map(String::as_str);
        return Err(vec![crate::suggest::unknown("event kind or table", a, known, s)]);
    };
    if scope.trigger != Some(event) {
        return Err(vec![
            Diagnostic::error(
                "T034",
                format!("no {} is at hand here", a.node),
                span,
                "not the triggering event",
            )
            .help("fields of the event itself are written without its kind")
            .help("fields of a trigger can be named where `within ... of`, `excuses` or `extends` names it"),
        ]);
    }
    match s.event_info(event).fields.get_full(&b.node) {
        Some((i, _, f)) => Ok(Expr { kind: ExprKind::Trigger(FieldId::at(i)), ty: f.ty, span }),
        None => Err(vec![crate::suggest::unknown(
            "field",
            b,
            s.event_info(event).fields.keys().map(String::as_str),
            s,
        )]),
    }
}

/// `cpi[year of date]`, `rates[supplier].cap`.
pub(super) fn lookup(
    scope: &Scope<'_>,
    table: &Name,
    key: &Sp<ast::Expr>,
    column: Option<&Name>,
    span: Span,
) -> Typed {
    let s = scope.symbols;
    let Some((ti, _, t)) = s.tables.get_full(&table.node) else {
        return Err(vec![crate::suggest::unknown("table", table, s.tables.keys().map(String::as_str), s)]);
    };
    let key = elaborate_expr(scope, key, Some(t.key_ty))?;
    let (ci, ty) = match column {
        Some(c) => match t.columns.get_full(&c.node) {
            Some((i, _, f)) => (i, f.ty),
            None => {
                return Err(vec![crate::suggest::unknown(
                    "column",
                    c,
                    t.columns.keys().map(String::as_str),
                    s,
                )]);
            }
        },
        None => match t.columns.values().next() {
            Some(f) if t.columns.len() == 1 => (0, f.ty),
            Some(_) | None => {
                let names: Vec<&str> = t.columns.keys().map(String::as_str).collect();
                return Err(vec![
                    Diagnostic::error(
                        "T035",
                        format!("`{}` has several columns", table.node),
                        span,
                        "which one?",
                    )
                    .help(format!("`{}[...].{}`", table.node, names.join("` or `."))),
                ]);
            }
        },
    };
    Ok(Expr {
        kind: ExprKind::Lookup { table: TableId::at(ti), key: Box::new(key), column: FieldId::at(ci) },
        ty,
        span,
    })
}
