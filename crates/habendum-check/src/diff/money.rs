//! Payments: for each clause that pays, a history after which it has accrued another sum.
//!
//! Data flow: clauses of one name -> said alike, or proved alike guard by guard -> else a search for more and for less.
//! Invariant: sums are compared at the same moment of the same history, all sentences of the clause together.

use super::events::prints;
use super::{Change, ChangeKind, Found, Pairing, Undecided, person};
use crate::encode::{Figure, History, Moment, frame, order};
use crate::explore::{Budget, Log, Pair, search_pair};
use crate::solver::Formula;
use habendum_model::expr::Expr;
use habendum_model::value::{ClauseId, EventId, PartyId};
use habendum_norm::ir::{Amount, Basis, Body, EventTest, Norm, Payment, Version};
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome};
use habendum_syntax::ast::CompareOp;
use std::collections::{BTreeMap, BTreeSet};

/// Changes of what is owed.
pub(super) fn changes<'p>(p: &'p Pairing<'_>) -> impl Iterator<Item = Found> + use<'p> {
    paying(p).into_iter().flat_map(|name| of_clause(p, &name))
}

fn paying(p: &Pairing<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for case in [&p.base, &p.head] {
        for n in case.program.versions.iter().flat_map(|v| &v.norms) {
            let pays = matches!(n.body, Body::Payment(_))
                || habendum_norm::reads::otherwise(n).is_some_and(|o| matches!(o.body, Body::Payment(_)));
            let name = case.symbols().clause_name(n.id.clause);
            if pays && !out.iter().any(|o| o == name) {
                out.push(name.to_owned());
            }
        }
    }
    out
}

fn of_clause(p: &Pairing<'_>, name: &str) -> Vec<Found> {
    let ids = (p.base.symbols().clause(name), p.head.symbols().clause(name));
    if p.alike && p.versions().into_iter().all(|(a, b)| alike(p, (a, b), ids)) {
        return Vec::new();
    }
    let Some(pair) = Pair::new(&p.base, &p.head) else {
        let why = "one side does not hold together under the values of the other".into();
        return vec![Found::Undecided(Undecided { about: name.to_owned(), why })];
    };
    let slice = |id: Option<ClauseId>| id.map(|c| BTreeSet::from([c]));
    let (here, there) = (slice(ids.0), slice(ids.1));
    let empty = BTreeSet::new();
    let slices = (Some(here.as_ref().unwrap_or(&empty)), Some(there.as_ref().unwrap_or(&empty)));
    let budget = super::scope::budget(p, name);
    let mut out = Vec::new();
    for kind in [ChangeKind::OwedMore, ChangeKind::OwedLess] {
        // A history without refunds says it better, where there is one; a search that met none of either kind is not repeated.
        let met = std::cell::Cell::new(false);
        let shows = |refunds: bool| {
            let mut goal = |a: &Log, b: &Log| {
                let d = difference(p, ids, a, b);
                let way = if kind == ChangeKind::OwedMore { d > 0 } else { d < 0 };
                met.set(met.get() || way);
                way && (refunds || !(refunded(a, ids.0) || refunded(b, ids.1)))
            };
            let budget = Budget { strolls: if refunds { 0 } else { budget.strolls }, ..budget };
            let w = search_pair(&pair, slices, &mut goal, budget).witness?;
            shown(p, name, ids, kind, super::scope::shortened(p, w, &mut goal))
        };
        let change = shows(false).or_else(|| if met.get() { shows(true) } else { None });
        out.extend(change.map(|c| Found::Change(Box::new(c))));
    }
    if out.is_empty() {
        let why = "no short history shows another sum, and that there is none is not proved".into();
        out.push(Found::Undecided(Undecided { about: name.to_owned(), why }));
    }
    out
}

/// Every accrual of a clause.
fn accruals(log: &Log, clause: Option<ClauseId>) -> impl Iterator<Item = &Accrual> {
    let timed = log.clock.iter().filter_map(|c| c.what.accrued());
    let all = log.rows.iter().flat_map(|o| &o.accruals).chain(timed);
    all.filter(move |a| Some(a.norm.clause) == clause)
}

/// What a clause has accrued, by payer and payee.
fn accrued(log: &Log, clause: Option<ClauseId>) -> BTreeMap<(PartyId, PartyId), i128> {
    let mut out = BTreeMap::new();
    for a in accruals(log, clause) {
        *out.entry((a.payer, a.payee)).or_insert(0) += i128::from(a.amount);
    }
    out
}

/// Whether something was taken back.
fn refunded(log: &Log, clause: Option<ClauseId>) -> bool {
    accruals(log, clause).any(|a| a.amount < 0)
}

/// What the head has accrued beyond the base, over all payers and payees.
fn difference(p: &Pairing<'_>, ids: (Option<ClauseId>, Option<ClauseId>), a: &Log, b: &Log) -> i128 {
    let (x, y) = (accrued(a, ids.0), accrued(b, ids.1));
    let total = |m: &BTreeMap<(PartyId, PartyId), i128>| m.values().sum::<i128>();
    let d = total(&y) - total(&x);
    // A refund that outweighs everything says the contrary of what the change does to payments.
    if total(&x) < 0 || total(&y) < 0 {
        return 0;
    }
    if d != 0 {
        return d;
    }
    // The same sum to another person: more is owed by whoever now owes it.
    let moved = y.iter().any(|((payer, payee), n)| {
        let back = p.back.party(*payer).zip(p.back.party(*payee));
        *n > 0 && back.is_none_or(|k| x.get(&k).copied().unwrap_or(0) < *n)
    });
    if moved {
        return 1;
    }
    // The same sum, sooner or later.
    due(b, ids.1) - due(a, ids.0)
}

/// What has fallen due under a clause.
fn due(log: &Log, clause: Option<ClauseId>) -> i128 {
    let amount = |c: &ClockOutcome| match &c.what {
        ClockEvent::FellDue { amount } if Some(c.norm.clause) == clause => *amount,
        ClockEvent::FellDue { .. }
        | ClockEvent::Lapsed { .. }
        | ClockEvent::Opened { .. }
        | ClockEvent::Accrued(_)
        | ClockEvent::Unpaid { .. }
        | ClockEvent::Effect(_) => 0,
    };
    log.clock.iter().map(amount).sum()
}

fn shown(
    p: &Pairing<'_>,
    name: &str,
    ids: (Option<ClauseId>, Option<ClauseId>),
    kind: ChangeKind,
    mut w: crate::finding::Witness,
) -> Option<Change> {
    for (param, v) in p.assumed() {
        w.values.entry(param).or_insert(v);
    }
    let (x, y) = p.replay(&w)?;
    let log = |r: &crate::case::Replay| Log { rows: r.rows.clone(), clock: r.clock.clone() };
    let (x, y) = (log(&x), log(&y));
    let d = difference(p, ids, &x, &y);
    if (kind == ChangeKind::OwedMore) != (d > 0) || d == 0 {
        return None;
    }
    let (here, there) = (accrued(&x, ids.0), accrued(&y, ids.1));
    let total = |m: &BTreeMap<(PartyId, PartyId), i128>| m.values().sum::<i128>();
    let money = |n: i128| {
        let all = &p.base.symbols().agreement.currencies;
        all.first().map_or_else(|| n.to_string(), |c| c.show(n))
    };
    // Where the sums are the same, what differs is how much of them has fallen due.
    let later = total(&here) == total(&there) && due(&x, ids.0) != due(&y, ids.1);
    let outcomes = if later {
        (money(due(&x, ids.0)), money(due(&y, ids.1)))
    } else {
        (money(total(&here)), money(total(&there)))
    };
    let side = |case: &crate::case::Case<'_>, m: &BTreeMap<(PartyId, PartyId), i128>| {
        m.keys().next().map(|(a, b)| (person(case.symbols(), *a), person(case.symbols(), *b)))
    };
    let (payer, payee) = side(&p.head, &there).or_else(|| side(&p.base, &here))?;
    let (gains, loses) = match kind {
        ChangeKind::OwedMore => (vec![payee.clone()], vec![payer.clone()]),
        _ => (vec![payer.clone()], vec![payee.clone()]),
    };
    let (before, after) = (&outcomes.0, &outcomes.1);
    let sentence = match w.clock.filter(|_| later) {
        Some(day) => format!(
            "under `{name}` {after} instead of {before} of what {payer} owes {payee} has fallen due by {day}"
        ),
        None if later => {
            format!("under `{name}` {after} instead of {before} of what {payer} owes {payee} has fallen due")
        }
        None => format!("under `{name}` {payer} owes {payee} {after} instead of {before}"),
    };
    w.shows = sentence.clone();
    let only = |id: Option<ClauseId>| id.map(|_| name.to_owned()).into_iter().collect();
    Some(Change {
        kind,
        base: only(ids.0),
        head: only(ids.1),
        about: name.to_owned(),
        outcomes,
        gains,
        loses,
        sentence,
        witness: w,
        places: (super::words::place(&p.base, ids.0), super::words::place(&p.head, ids.1)),
    })
}

/// Whether both versions of a clause pay the same: said alike, or proved.
fn alike(p: &Pairing<'_>, (a, b): (&Version, &Version), ids: (Option<ClauseId>, Option<ClauseId>)) -> bool {
    let (pa, pb) = (prints(&p.base.program, a), prints(&p.head.program, b));
    let norms = |v: &Version, id: Option<ClauseId>| -> Vec<Norm> {
        v.norms.iter().filter(|n| Some(n.id.clause) == id).cloned().collect()
    };
    let (x, y) = (norms(a, ids.0), norms(b, ids.1));
    let same = |f: fn(&crate::fingerprint::Prints<'_>, ClauseId) -> String| {
        ids.0.map(|c| f(&pa, c)) == ids.1.map(|c| f(&pb, c))
    };
    if x.is_empty() && y.is_empty() {
        return true;
    }
    if same(|p, c| p.clause(c)) {
        return true;
    }
    x.len() == y.len()
        && same(|p, c| p.acts(c))
        && x.iter().zip(&y).all(|(m, n)| match (&m.body, &n.body) {
            (Body::Payment(s), Body::Payment(t)) => {
                let (mut bare_m, mut bare_n) = (m.clone(), n.clone());
                bare_m.body = Body::Payment(Box::new(bare(s)));
                bare_n.body = Body::Payment(Box::new(bare(t)));
                bare_m.exceptions.clear();
                bare_n.exceptions.clear();
                pa.norm(&bare_m) == pb.norm(&bare_n)
                    && asks(m) == asks(n)
                    && proved(p, (a, b), (m, s), (n, t))
            }
            _ => false,
        })
}

/// Whether a payment asks for running sums: those are compared by what is said, not by the solver.
fn asks(n: &Norm) -> bool {
    let mut found = false;
    for r in habendum_norm::reads::reads(n) {
        if let habendum_norm::reads::Read::Expr(e) = r {
            habendum_norm::reads::each_expr(e, &mut |e| {
                found |= matches!(
                    e.kind,
                    habendum_model::expr::ExprKind::Sum(..) | habendum_model::expr::ExprKind::Occurred(_)
                );
            });
        }
    }
    found
}

/// A payment without what the solver compares.
fn bare(p: &Payment) -> Payment {
    let no_guard = |t: &EventTest| EventTest { guard: None, ..t.clone() };
    let mut out = p.clone();
    out.guard = None;
    out.basis = match &p.basis {
        Basis::Each(t) => Basis::Each(no_guard(t)),
        Basis::First(t) => Basis::First(no_guard(t)),
        other @ (Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. }) => other.clone(),
    };
    if let (Amount::Expr(e), Basis::Each(_) | Basis::First(_)) = (&p.amount, &p.basis) {
        let nothing = habendum_model::expr::ExprKind::Const(habendum_model::value::Value::Absent);
        out.amount = Amount::Expr(Expr { kind: nothing, ty: e.ty, span: e.span });
    }
    out
}

/// Whether two payments on events have the same guards and amounts, whatever the event.
fn proved(
    p: &Pairing<'_>,
    (a, b): (&Version, &Version),
    (m, s): (&Norm, &Payment),
    (n, t): (&Norm, &Payment),
) -> bool {
    let kind = |basis: &Basis| -> Option<(EventId, Option<Expr>)> {
        match basis {
            Basis::Each(t) | Basis::First(t) => Some((t.event, t.guard.clone())),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => None,
        }
    };
    let (Some((event, guard_a)), Some((there, guard_b))) = (kind(&s.basis), kind(&t.basis)) else {
        return s.guard.is_none() && t.guard.is_none() && m.exceptions.is_empty() && n.exceptions.is_empty();
    };
    let (pa, pb) = (&*p.base.program, &*p.head.program);
    let (mark_a, mark_b) = (p.marks('a', prints(pa, a)), p.marks('b', prints(pb, b)));
    let mut moment = Moment::shared(pa, pb, event, History::Any);
    let side = |v: &Version, norm: &Norm, pay: &Payment, guard: Option<&Expr>, moment: &mut Moment<'_>| {
        let at = frame(v, norm);
        let mut parts: Vec<Formula> = guard.into_iter().map(|g| moment.truth(g, &at)).collect();
        parts.extend(pay.guard.iter().map(|g| moment.truth(g, &at)).collect::<Vec<_>>());
        parts.push(moment.excepted(&norm.exceptions, &at).not());
        let figure = match &pay.amount {
            Amount::Expr(e) => moment.figure(e, &at),
            Amount::Tiers { .. } => Vec::new(),
        };
        (Formula::and(parts), figure)
    };
    moment.turn(pa, event, None, &mark_a);
    let (applies_a, figure_a) = side(a, m, s, guard_a.as_ref(), &mut moment);
    moment.turn(pb, there, None, &mark_b);
    let (applies_b, figure_b) = side(b, n, t, guard_b.as_ref(), &mut moment);
    let within = moment.days(a.from.fixed().max(b.from.fixed()), least(a.through, b.through));
    let Some(apart) = differ(&figure_a, &figure_b) else { return false };
    let wish = Formula::and([
        within,
        Formula::or([applies_a.clone().xor(applies_b.clone()), Formula::and([applies_a, applies_b, apart])]),
    ]);
    moment.solver.solve_assuming(&[wish]).is_unsat()
}

fn least(a: Option<jiff::civil::Date>, b: Option<jiff::civil::Date>) -> Option<jiff::civil::Date> {
    match (a, b) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    }
}

/// Two figures come out otherwise; none where that leaves 128 bits.
fn differ(a: &Figure, b: &Figure) -> Option<Formula> {
    let mut parts = Vec::new();
    for (wa, x) in a {
        for (wb, y) in b {
            parts.push(Formula::and([wa.clone(), wb.clone(), order(CompareOp::IsNot, x, y)?]));
        }
    }
    let there = |f: &Figure| Formula::or(f.iter().map(|(w, _)| w.clone()));
    parts.push(there(a).xor(there(b)));
    Some(Formula::or(parts))
}
