//! In which currency each clause pays: what `accrued CLAUSE in total` and kin are amounts of.
//!
//! Data flow: every text of a clause, in the agreement and in amendments -> its payments' amounts, typed -> `Symbols::paid_in`.
//! Invariant: an amount that cannot be typed says nothing here; the lowering reports it where it is used.

use crate::date::Reckoning;
use crate::deal::{Deal, Symbols};
use crate::elaborate::{DateScope, Scope, elaborate_expr};
use crate::expr::{DateValue, Type};
use crate::value::{ClauseId, CurrencyId, EventId, TableId};
use habendum_syntax::Sp;
use habendum_syntax::ast::{
    Amount, Change, ClauseParts, Expr, Head, Line, Modifier, MonthRounding, Operation, Statement,
};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What a clause says, in all its texts.
#[derive(Default)]
struct Texts {
    amounts: Vec<Sp<Expr>>,
    events: BTreeSet<EventId>,
    key: Option<(Vec<String>, Option<TableId>)>,
}

/// Fills `paid_in`. Two rounds, since an amount may be a share of what another clause pays.
pub(super) fn currencies(deal: &mut Deal) {
    if deal.symbols.agreement.currencies.len() < 2 {
        return;
    }
    let texts = texts(deal);
    for _ in 0..2 {
        let mut paid: BTreeMap<ClauseId, BTreeSet<CurrencyId>> = BTreeMap::new();
        for (id, t) in &texts {
            for a in &t.amounts {
                if let Some(c) = currency(&deal.symbols, t, a) {
                    paid.entry(*id).or_default().insert(c);
                }
            }
        }
        deal.symbols.paid_in = paid;
    }
}

fn texts(deal: &Deal) -> BTreeMap<ClauseId, Texts> {
    let s = &deal.symbols;
    let mut out: BTreeMap<ClauseId, Texts> = BTreeMap::new();
    let mut add = |name: &str, parts: &ClauseParts| {
        if let Some(id) = s.clause(name) {
            clause(s, parts, out.entry(id).or_default());
        }
    };
    for c in &deal.clauses {
        add(&c.node.id.node, &c.node.parts);
    }
    let operations = || deal.amendments.iter().flat_map(|a| &a.ast.node.operations);
    for op in operations() {
        match &op.node {
            Operation::Insert { clause, .. } => add(&clause.id.node, &clause.parts),
            Operation::Replace { target, with } | Operation::Restate { target, with } => {
                add(&target.node, with);
            }
            Operation::RestateAll(all) => all.iter().for_each(|c| add(&c.node.id.node, &c.node.parts)),
            Operation::Vary { .. }
            | Operation::Strike { .. }
            | Operation::Suspend { .. }
            | Operation::Extend { .. }
            | Operation::Renumber { .. }
            | Operation::Affirm(_)
            | Operation::Set { .. }
            | Operation::Recites { .. } => {}
        }
    }
    for op in operations() {
        let Operation::Vary { target, changes } = &op.node else { continue };
        let Some(t) = s.clause(&target.node).and_then(|id| out.get_mut(&id)) else { continue };
        for c in changes {
            if let Change::Amount(a) = &c.node {
                amount(&a.node, a.span, t);
            }
        }
    }
    out
}

fn clause(s: &Symbols, parts: &ClauseParts, t: &mut Texts) {
    if let Some(k) = &parts.key {
        let fields = k.node.fields.iter().map(|n| n.node.clone()).collect();
        let table = k.node.table.as_ref().and_then(|n| s.tables.get_index_of(&n.node)).map(TableId::at);
        t.key = Some((fields, table));
    }
    crate::walk::walk_clause(parts, &mut |u| {
        if let crate::walk::Use::Event(n) = u {
            t.events.extend(s.event(&n.node));
        }
    });
    for l in &parts.body {
        match &l.node {
            Line::Statement(x) => statement(x, t),
            Line::Reading(r) => r.statements.iter().for_each(|x| statement(&x.node, t)),
            Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => {}
        }
    }
}

fn statement(x: &Statement, t: &mut Texts) {
    if let Head::Pays { amount: a, .. } = &x.head {
        amount(&a.node, a.span, t);
    }
    for m in &x.modifiers {
        if let Modifier::Otherwise(then) = &m.node {
            statement(&then.node, t);
        }
    }
}

fn amount(a: &Amount, at: habendum_syntax::Span, t: &mut Texts) {
    match a {
        Amount::Expr(e) => t.amounts.push(Sp::new(e.clone(), at)),
        // Money is in the base of a share, or else in the price.
        Amount::Tiers(x) => {
            t.amounts.push((*x.base).clone());
            t.amounts.extend(x.bands.iter().map(|b| b.node.rate.clone()));
        }
    }
}

/// The currency of an amount, over any event that its clause names.
fn currency(s: &Symbols, t: &Texts, a: &Sp<Expr>) -> Option<CurrencyId> {
    let measures = RefCell::new(Vec::new());
    let reckoning = Reckoning {
        months: Some(MonthRounding::Down),
        business: None,
        fiscal_year: s.agreement.fiscal_year,
        effective: Date::constant(1, 1, 1),
    };
    let start = Some(DateValue::Fixed(Date::constant(1, 1, 1)));
    let dates = DateScope {
        symbols: s,
        reckoning: &reckoning,
        value: &|_| None,
        effective: start.clone(),
        signature: start,
        rounding: None,
    };
    let alone = Scope { measures: Some(&measures), dates: Some(&dates), key: t.key.clone(), ..Scope::new(s) };
    let events = || t.events.iter().copied().map(Some).chain([None]);
    for event in events() {
        for trigger in events() {
            let scope = Scope { event, trigger, ..alone.clone() };
            if let Ok(e) = elaborate_expr(&scope, a, None) {
                return match e.ty {
                    Type::Money(c, _) => Some(c),
                    Type::Bool
                    | Type::Int
                    | Type::Decimal(_)
                    | Type::Percent
                    | Type::Date
                    | Type::Instant
                    | Type::Duration
                    | Type::Text
                    | Type::Party
                    | Type::Clause
                    | Type::Term(_) => None,
                };
            }
        }
    }
    None
}
