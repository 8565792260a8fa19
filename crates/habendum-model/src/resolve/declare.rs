//! Declarations: vocabularies, units, events, parameters, tables, and the items that follow them.

use crate::deal::{Deal, EventInfo, FieldInfo, ParamInfo, Symbols, TableInfo, TermInfo, VocabInfo};
use crate::elaborate::const_value;
use crate::expr::Type;
use crate::value::{CurrencyId, FieldId, TermId, UnitId, VocabId};
use habendum_syntax::ast::{self, DateBase, DateExpr, Item, Name, TypeName};
use habendum_syntax::{Diagnostic, Sp, Span};
use indexmap::IndexMap;
use jiff::civil::Date;
use std::collections::BTreeMap;

use super::builtin::VOCABULARIES;
use super::unknown;

/// A name declared twice.
pub(super) fn duplicate(what: &str, second: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(
        "N011",
        format!("{what} `{}` is declared twice", second.node),
        second.span,
        "declared again here",
    )
    .label(first, "first declared here")
}

/// The day that a date expression spells out, if it spells one.
pub(super) fn literal_day(d: &DateExpr) -> Option<Date> {
    match (&d.base, &d.offset) {
        (DateBase::Day(day), None) => {
            Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()
        }
        (DateBase::Month { year, month }, None) => Date::new(*year, i8::try_from(*month).ok()?, 1).ok(),
        (DateBase::Year(y), None) => Date::new(*y, 1, 1).ok(),
        (DateBase::Effective | DateBase::Signature | DateBase::Param(_), _)
        | (DateBase::Day(_) | DateBase::Month { .. } | DateBase::Year(_), Some(_)) => None,
    }
}

/// Vocabularies become one list of terms in preorder.
pub(super) fn vocabularies(s: &mut Symbols, list: &[(&ast::Vocabulary, Span)], diags: &mut Vec<Diagnostic>) {
    for (v, _) in list {
        if let Some(first) = s.vocabularies.get(&v.name.node) {
            diags.push(duplicate("vocabulary", &v.name, first.span));
            continue;
        }
        let vocab = VocabId::at(s.vocabularies.len());
        let root = TermId::at(s.terms.len());
        s.vocabularies.insert(v.name.node.clone(), VocabInfo { root, span: v.name.span });
        let mut seen = BTreeMap::new();
        add_term(s, vocab, None, &v.name, &v.terms, &mut seen, diags);
    }
    for name in VOCABULARIES {
        if !s.vocabularies.contains_key(name) {
            let root = TermId::at(s.terms.len());
            let vocab = VocabId::at(s.vocabularies.len());
            s.vocabularies.insert(name.to_owned(), VocabInfo { root, span: Span::default() });
            s.terms.push(TermInfo {
                name: name.to_owned(),
                vocab,
                parent: None,
                last: root,
                span: Span::default(),
            });
        }
    }
}

fn add_term(
    s: &mut Symbols,
    vocab: VocabId,
    parent: Option<TermId>,
    name: &Name,
    children: &[ast::Term],
    seen: &mut BTreeMap<String, Span>,
    diags: &mut Vec<Diagnostic>,
) {
    let id = TermId::at(s.terms.len());
    if let Some(first) = seen.insert(name.node.clone(), name.span) {
        diags.push(duplicate("term", name, first));
    }
    s.terms.push(TermInfo { name: name.node.clone(), vocab, parent, last: id, span: name.span });
    for c in children {
        add_term(s, vocab, Some(id), &c.name, &c.children, seen, diags);
    }
    s.terms[id.ix()].last = TermId::at(s.terms.len() - 1);
}

/// Units.
pub(super) fn units(s: &mut Symbols, list: &[&Name], diags: &mut Vec<Diagnostic>) {
    for u in list {
        match s.units.get(&u.node) {
            Some(first) => diags.push(duplicate("unit", u, *first)),
            None => {
                s.units.insert(u.node.clone(), u.span);
            }
        }
    }
}

/// Event kinds; a kind that every deal has gets further fields.
pub(super) fn events(s: &mut Symbols, list: &[(&ast::Event, Span)], diags: &mut Vec<Diagnostic>) {
    for (e, _) in list {
        let mut info = match s.events.get(&e.name.node) {
            Some(i) if i.builtin && i.span == Span::default() => i.clone(),
            Some(i) => {
                diags.push(duplicate("event", &e.name, i.span));
                continue;
            }
            None => EventInfo { fields: IndexMap::new(), actor: None, builtin: false, span: e.name.span },
        };
        info.span = e.name.span;
        for f in &e.fields {
            let Some(field) = field(s, f, diags) else { continue };
            match info.fields.get(&f.name.node) {
                Some(old) if info.builtin && old.span == Span::default() && old.ty == field.ty => {}
                Some(old) if info.builtin && old.span == Span::default() => diags.push(Diagnostic::error(
                    "T001",
                    format!("every deal's `{}` has a field `{}` of another type", e.name.node, f.name.node),
                    f.ty.span,
                    "another type",
                )),
                Some(old) => diags.push(duplicate("field", &f.name, old.span)),
                None => {
                    info.fields.insert(f.name.node.clone(), field);
                }
            }
        }
        info.actor = info
            .fields
            .get_full("by")
            .filter(|(_, _, f)| f.ty == Type::Party)
            .map(|(i, _, _)| FieldId::at(i));
        s.events.insert(e.name.node.clone(), info);
    }
}

fn field(s: &Symbols, f: &ast::Field, diags: &mut Vec<Diagnostic>) -> Option<FieldInfo> {
    let ty = type_of(s, &f.ty, diags)?;
    Some(FieldInfo { ty, optional: f.optional, span: f.name.span })
}

/// The type that a type name means.
pub(super) fn type_of(s: &Symbols, t: &Sp<TypeName>, diags: &mut Vec<Diagnostic>) -> Option<Type> {
    let unit = |n: &Name, diags: &mut Vec<Diagnostic>| match s.units.get_index_of(&n.node) {
        Some(i) => Some(UnitId::at(i)),
        None => {
            diags.push(
                unknown("unit", n, s.units.keys().map(String::as_str), s)
                    .help(format!("declare it: `unit {}`", n.node)),
            );
            None
        }
    };
    Some(match &t.node {
        TypeName::Bool => Type::Bool,
        TypeName::Int => Type::Int,
        TypeName::Decimal(None) => Type::Decimal(None),
        TypeName::Decimal(Some(u)) => Type::Decimal(Some(unit(u, diags)?)),
        TypeName::Percent => Type::Percent,
        TypeName::Money { currency, per } => {
            let c = match currency {
                None => CurrencyId(0),
                Some(c) => currency_id(s, c, diags)?,
            };
            let per = match per {
                None => None,
                Some(u) => Some(unit(u, diags)?),
            };
            Type::Money(c, per)
        }
        TypeName::Date => Type::Date,
        TypeName::Instant => Type::Instant,
        TypeName::Duration => Type::Duration,
        TypeName::Text => Type::Text,
        TypeName::Party => Type::Party,
        TypeName::Clause => Type::Clause,
        TypeName::Named(n) => match s.vocabularies.get_index_of(&n.node) {
            Some(i) => Type::Term(VocabId::at(i)),
            None => {
                let known = [
                    "bool", "int", "decimal", "percent", "money", "date", "instant", "duration", "text",
                    "party", "clause",
                ];
                let names = known.into_iter().chain(s.vocabularies.keys().map(String::as_str));
                diags.push(unknown("type or vocabulary", n, names, s));
                return None;
            }
        },
    })
}

fn currency_id(s: &Symbols, c: &Name, diags: &mut Vec<Diagnostic>) -> Option<CurrencyId> {
    match s.agreement.currencies.iter().position(|k| k.code == c.node) {
        Some(i) => Some(CurrencyId::at(i)),
        None => {
            let known: Vec<&str> = s.agreement.currencies.iter().map(|k| k.code.as_str()).collect();
            diags.push(
                Diagnostic::error(
                    "T002",
                    format!("the deal has no currency {}", c.node),
                    c.span,
                    "not in its header",
                )
                .help(format!(
                    "the header lists: {}; add it with `currency {}, {}`",
                    known.join(", "),
                    known.join(", "),
                    c.node
                )),
            );
            None
        }
    }
}

/// Parameters, with the values that their declarations give.
pub(super) fn parameters(s: &mut Symbols, list: &[Sp<ast::Parameter>], diags: &mut Vec<Diagnostic>) {
    for p in list {
        if let Some(first) = s.params.get(&p.node.name.node) {
            diags.push(duplicate("parameter", &p.node.name, first.ast.node.name.span));
            continue;
        }
        let Some(ty) = type_of(s, &p.node.ty, diags) else { continue };
        let value = p.node.value.as_ref().and_then(|v| match const_value(s, v, ty) {
            Ok(v) => Some(v),
            Err(d) => {
                diags.extend(d);
                None
            }
        });
        s.params.insert(p.node.name.node.clone(), ParamInfo { ty, ast: p.clone(), value });
    }
}

/// Tables, every cell typed.
pub(super) fn tables(s: &mut Symbols, list: &[(&ast::Table, Span)], diags: &mut Vec<Diagnostic>) {
    for (t, span) in list {
        if let Some(first) = s.tables.get(&t.name.node) {
            diags.push(duplicate("table", &t.name, first.span));
            continue;
        }
        let Some(key) = field(s, &t.key, diags) else { continue };
        let mut columns = IndexMap::new();
        for c in &t.columns {
            let Some(f) = field(s, c, diags) else { continue };
            if let Some(first) = columns.insert(c.name.node.clone(), f) {
                diags.push(duplicate("column", &c.name, first.span));
            }
        }
        let mut rows = BTreeMap::new();
        let mut places: BTreeMap<crate::value::Value, Span> = BTreeMap::new();
        for (k, cells) in &t.rows {
            if cells.len() != columns.len() {
                diags.push(Diagnostic::error(
                    "T003",
                    format!(
                        "a row of `{}` has {} values for {} columns",
                        t.name.node,
                        cells.len(),
                        columns.len()
                    ),
                    k.span,
                    "this row",
                ));
                continue;
            }
            let typed: Result<Vec<_>, Vec<Diagnostic>> = std::iter::once((k, key.ty))
                .chain(cells.iter().zip(columns.values().map(|c| c.ty)))
                .map(|(e, ty)| const_value(s, e, ty))
                .collect();
            match typed {
                Err(d) => diags.extend(d),
                Ok(mut values) => {
                    let kv = values.remove(0);
                    if let Some(first) = places.insert(kv.clone(), k.span) {
                        diags.push(
                            Diagnostic::error(
                                "T004",
                                format!("`{}` has two rows for one key", t.name.node),
                                k.span,
                                "again here",
                            )
                            .label(first, "first here"),
                        );
                    }
                    rows.insert(kv, values);
                }
            }
        }
        let info = TableInfo { key: t.key.name.node.clone(), key_ty: key.ty, columns, rows, span: *span };
        s.tables.insert(t.name.node.clone(), info);
    }
}

/// Everything else, in file order.
pub(super) fn rest(deal: &mut Deal, items: &[&Sp<Item>], diags: &mut Vec<Diagnostic>) {
    for item in items {
        let span = item.span;
        let s = &mut deal.symbols;
        let clash = match &item.node {
            Item::Define(d) => {
                put(&mut s.defines, "definition", &d.name, Sp::new(d.clone(), span), |x| x.node.name.span)
            }
            Item::Total(t) => {
                put(&mut s.totals, "total", &t.name, Sp::new(t.clone(), span), |x| x.node.name.span)
            }
            Item::Register(r) => {
                put(&mut s.registers, "register", &r.name, Sp::new(r.clone(), span), |x| x.node.name.span)
            }
            Item::Assumption(a) => {
                put(&mut s.assumptions, "assumption", &a.name, Sp::new(a.clone(), span), |x| x.node.name.span)
            }
            Item::Calendar(c) => {
                put(&mut s.calendars, "calendar", &c.name, Sp::new(c.clone(), span), |x| x.node.name.span)
            }
            Item::Schedule(x) => {
                put(&mut deal.schedules, "schedule", &x.id, Sp::new(x.clone(), span), |x| x.node.id.span)
            }
            Item::Clause(c) => {
                let clash = put(&mut s.clauses, "clause", &c.id, c.id.span, |x| *x);
                deal.clauses.push(Sp::new(c.clone(), span));
                clash
            }
            Item::KeyTerm(k) => {
                deal.key_terms.push(Sp::new(k.clone(), span));
                None
            }
            Item::Scenario(x) => {
                deal.scenarios.push(Sp::new(x.clone(), span));
                None
            }
            Item::Prove(p) => {
                deal.proves.push(Sp::new(p.clone(), span));
                None
            }
            Item::Agreement(_)
            | Item::Amendment(_)
            | Item::Vocabulary(_)
            | Item::Unit(_)
            | Item::Event(_)
            | Item::Parameter(_)
            | Item::Table(_) => None,
        };
        diags.extend(clash);
    }
}

fn put<T>(
    map: &mut IndexMap<String, T>,
    what: &str,
    name: &Name,
    value: T,
    place: impl Fn(&T) -> Span,
) -> Option<Diagnostic> {
    match map.get(&name.node) {
        Some(first) => Some(duplicate(what, name, place(first))),
        None => {
            map.insert(name.node.clone(), value);
            None
        }
    }
}

/// Names of different kinds that would stand in one place of a sentence.
pub(super) fn clashes(s: &Symbols, diags: &mut Vec<Diagnostic>) {
    let mut say = |name: &str, second: (&str, Span), first: (&str, Span)| {
        diags.push(
            Diagnostic::error(
                "N011",
                format!("`{name}` is both {} and {}", first.0, second.0),
                second.1,
                "declared again here",
            )
            .label(first.1, "first declared here")
            .note("a sentence that names it would not say which is meant"),
        );
    };
    let params = |n: &String| s.params.get(n).map(|p| ("a parameter", p.ast.node.name.span));
    let defines = |n: &String| s.defines.get(n).map(|d| ("a definition", d.node.name.span));
    for (n, d) in &s.defines {
        if let Some(first) = params(n) {
            say(n, ("a definition", d.node.name.span), first);
        }
    }
    for (n, t) in &s.totals {
        if let Some(first) = params(n).or_else(|| defines(n)) {
            say(n, ("a total", t.node.name.span), first);
        }
    }
    for (n, t) in &s.tables {
        if let Some(e) = s.events.get(n) {
            say(n, ("a table", t.span), ("an event", e.span));
        }
    }
    for (n, r) in &s.registers {
        if let Some(p) = s.parties.get(n) {
            say(n, ("a register", r.node.name.span), ("a person", p.span));
        }
    }
}

/// A definition that rests on itself.
pub(super) fn define_cycles(s: &Symbols, diags: &mut Vec<Diagnostic>) {
    let mut done = std::collections::BTreeSet::new();
    for name in s.defines.keys() {
        let mut path = Vec::new();
        if let Some(cycle) = walk(s, name, &mut path, &mut done) {
            let names: Vec<String> = cycle.iter().map(|n| format!("`{n}`")).collect();
            let mut d: Option<Diagnostic> = None;
            for n in &cycle {
                let Some(def) = s.defines.get(n) else { continue };
                d = Some(match d {
                    None => Diagnostic::error(
                        "C014",
                        format!("the definitions {} rest on each other", names.join(" and ")),
                        def.node.name.span,
                        "defined by the next",
                    ),
                    Some(d) => d.label(def.node.name.span, "and so on"),
                });
            }
            diags.extend(d);
        }
    }
}

fn walk(
    s: &Symbols,
    name: &str,
    path: &mut Vec<String>,
    done: &mut std::collections::BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(at) = path.iter().position(|p| p == name) {
        return Some(path[at..].to_vec());
    }
    if done.contains(name) {
        return None;
    }
    let def = s.defines.get(name)?;
    path.push(name.to_owned());
    let mut used = Vec::new();
    crate::walk::names(&def.node.value.node, &mut used);
    let found = used.iter().find_map(|n| walk(s, n, path, done));
    path.pop();
    done.insert(name.to_owned());
    found
}
