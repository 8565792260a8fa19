//! C009: obligations and payments that cannot all be met.
//!
//! Data flow: duties that no act performs; pairs of maintenance duties that one event cannot show met; shares of one base,
//! at constant rates, that together take more than all of it. Invariant: the first two are proofs; the others end in a row
//! whose replay shows the breach, or the amounts.

use super::blocked::{Bidden, performs};
use super::scope::{amended, bears, can, finding, moment, never, one};
use crate::case::Case;
use crate::encode::{Figure, History, Moment, frame, key_text, order};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::words;
use crate::merge::join;
use crate::shown::{Shown, row};
use crate::solver::{Formula, Linear};
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{EventId, Exact, PartyId, Value};
use habendum_norm::ir::{Amount, Basis, Body, Keep, Norm, Version};
use habendum_norm::outcome::Outcome;
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::{BinaryOp, CompareOp, Verdict};
use std::collections::BTreeMap;

/// The code.
pub const CODE: &str = "C009";

/// Minor units of the base in an example.
const BASE: i128 = 10_000;

/// Obligations and payments at odds.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        let mut moments = BTreeMap::new();
        found.extend(version.norms.iter().filter_map(|n| impossible(case, version, n, &mut moments)));
        found.extend(keeps(case, version));
        found.extend(shares(case, version));
    }
    join(found)
}

/// A duty that no event performs.
fn impossible<'c>(
    case: &'c Case<'_>,
    version: &Version,
    n: &Norm,
    moments: &mut BTreeMap<EventId, Moment<'c>>,
) -> Option<Finding> {
    let Body::Duty(duty) = &n.body else { return None };
    let event = duty.event;
    let m = moments.entry(event).or_insert_with(|| moment(case, event, History::Any));
    let does = performs(m, version, Bidden { norm: n, duty, repairs: None });
    if !never(m, &does) {
        return None;
    }
    let s = case.symbols();
    let name = words::clause(s, n.id.clause);
    let message = format!("{name} bids {} that cannot be", one(s.event_name(duty.event)));
    let d = Diagnostic::error(CODE, message, n.span, "no event performs this")
        .note("its conditions on the performance exclude each other, so that it can only be breached")
        .help("mend the condition on the act");
    let why = Standing::Disjoint("guard".into());
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None)
}

/// Two maintenance duties that no event of those that show both can show met.
fn keeps(case: &Case<'_>, version: &Version) -> Vec<Finding> {
    let all: Vec<(&Norm, &Keep)> = version
        .norms
        .iter()
        .filter_map(|n| match &n.body {
            Body::Keep(k) => Some((n, k)),
            _ => None,
        })
        .collect();
    let mut out = Vec::new();
    let mut moments: BTreeMap<EventId, Moment<'_>> = BTreeMap::new();
    for (i, (n, k)) in all.iter().enumerate() {
        let event = k.shown_by.event;
        for (o, l) in all.iter().skip(i + 1).filter(|(_, l)| l.shown_by.event == k.shown_by.event) {
            if crate::grants::ranked(n, o) {
                continue;
            }
            let m = moments.entry(event).or_insert_with(|| moment(case, event, History::Any));
            let mut side = |n: &Norm, k: &Keep| {
                let except = m.excepted(&n.exceptions, &frame(version, n));
                let shown = Formula::and([bears(m, version, n), Formula::not(except)]);
                let kept = m.truth(&k.condition, &frame(version, n));
                (shown, kept)
            };
            let ((shown, kept), (also, met)) = (side(n, k), side(o, l));
            let both = Formula::and([shown, also]);
            if never(m, &Formula::and([both.clone(), kept.clone(), met.clone()]))
                && can(m, &Formula::and([both.clone(), kept]))
                && can(m, &Formula::and([both, met]))
            {
                out.extend(unkept(case, version, (n, o)));
            }
        }
    }
    out
}

fn unkept(case: &Case<'_>, version: &Version, (a, b): (&Norm, &Norm)) -> Option<Finding> {
    let s = case.symbols();
    let (one, other) = (words::clause(s, a.id.clause), words::clause(s, b.id.clause));
    let Body::Keep(k) = &a.body else { return None };
    let mut m = Moment::new(&case.program, k.shown_by.event, History::Empty);
    let first = m.days(version.from.fixed(), version.through);
    let except = m.excepted(&a.exceptions, &frame(version, a));
    let kept = m.truth(&k.condition, &frame(version, a));
    let shown = [bears(&mut m, version, a), bears(&mut m, version, b)];
    let within = [first, Formula::and(shown), Formula::not(except), kept];
    let breach = |o: &Outcome| o.verdict == Verdict::Breach && o.deciding.contains(&b.id);
    let witness = match row(case, &mut m, &within, &breach) {
        Shown::Row(w) => Some(Witness { shows: format!("it shows {one} kept and {other} broken"), ..*w }),
        Shown::Never | Shown::Open(_) => None,
    };
    let what = s.event_name(k.shown_by.event);
    let message = format!("{one} and {other} cannot both be kept: every {what} that shows both breaks one");
    let certain = witness.is_some();
    let make = if certain { Diagnostic::error } else { Diagnostic::warning };
    let d = make(CODE, message, a.span, "this must be kept".to_owned())
        .label(b.span, "and so must this")
        .help("bring the two figures together, or let one clause speak of what the other does not");
    let standing = if certain { Standing::Conflict } else { Standing::Possible };
    finding(version, None, amended(case, d, &[a, b]), vec![a.id.clause, b.id.clause], standing, witness)
}

/// A payment of a constant share of what each event brings.
struct Share<'v> {
    norm: &'v Norm,
    rate: Exact,
    base: &'v Expr,
}

fn shares(case: &Case<'_>, version: &Version) -> Vec<Finding> {
    let mut groups: BTreeMap<(PartyId, EventId, String), Vec<Share<'_>>> = BTreeMap::new();
    for n in &version.norms {
        if let Body::Payment(p) = &n.body
            && let (Basis::Each(t), Amount::Expr(e)) = (&p.basis, &p.amount)
            && let Some((rate, base)) = rated(e, &version.params)
        {
            let share = Share { norm: n, rate, base };
            groups.entry((p.payer, t.event, key_text(base))).or_default().push(share);
        }
    }
    groups.into_iter().filter_map(|((_, event, _), all)| above(case, version, event, &all)).collect()
}

/// `30% of amount`: the rate, where it is known, and the base.
fn rated<'e>(e: &'e Expr, params: &[Option<Value>]) -> Option<(Exact, &'e Expr)> {
    let ExprKind::Binary(BinaryOp::Of | BinaryOp::Mul, a, b) = &e.kind else { return None };
    let number = |x: &Expr| match &x.kind {
        ExprKind::Const(Value::Number(n)) => Some(*n),
        ExprKind::Param(p) => match params.get(p.ix()) {
            Some(Some(Value::Number(n))) => Some(*n),
            _ => None,
        },
        _ => None,
    };
    let percent = |x: &Expr| number(x).filter(|_| x.ty == Type::Percent);
    percent(a).map(|r| (r, &**b)).or_else(|| percent(b).map(|r| (r, &**a)))
}

/// Shares that some event brings together to more than the whole.
fn above(case: &Case<'_>, version: &Version, event: EventId, all: &[Share<'_>]) -> Option<Finding> {
    let total = all.iter().try_fold(Exact::ZERO, |sum, s| sum.add(s.rate).ok())?;
    if all.len() < 2 || total.sub(Exact::ONE).ok().is_none_or(|x| x.is_negative() || x.is_zero()) {
        return None;
    }
    let mut m = Moment::new(&case.program, event, History::Empty);
    let mut hold = vec![m.days(version.from.fixed(), version.through)];
    let (mut sum, mut count) = (Linear::constant(0), Linear::constant(0));
    let scale = all.iter().map(|s| s.rate.denom()).try_fold(1_i128, i128::checked_mul)?;
    let mut picked = Vec::new();
    for s in all {
        let on = m.solver.integer(0, 1);
        let except = m.excepted(&s.norm.exceptions, &frame(version, s.norm));
        let applies = Formula::and([bears(&mut m, version, s.norm), Formula::not(except)]);
        hold.push(Formula::equals(on, 1).implies(applies));
        let part = s.rate.numer().checked_mul(scale / s.rate.denom())?;
        sum = sum.add(&Linear::term(part, on))?;
        count = count.add(&Linear::var(on))?;
        picked.push(on);
    }
    hold.push(Formula::lt(&Linear::constant(scale), &sum)?);
    let base = all.first()?.base;
    let figure = m.figure(base, &frame(version, all.first()?.norm));
    hold.push(is(&figure, BASE)?);
    let plain = m.plain();
    let model = m.solver.minimise_assuming(&hold, &plain).model()?;
    let these: Vec<&Share<'_>> =
        all.iter().zip(&picked).filter(|(_, v)| model.int(**v) == 1).map(|(s, _)| s).collect();
    let (e, values) = m.decode(&model)?;
    told(case, version, &these, Witness { events: vec![e], clock: None, values, shows: String::new() })
}

/// A figure is so many minor units.
fn is(figure: &Figure, n: i128) -> Option<Formula> {
    let mut out = Vec::new();
    for (when, r) in figure {
        let wanted = crate::encode::whole(n);
        out.push(Formula::and([when.clone(), order(CompareOp::Is, r, &wanted)?]));
    }
    Some(Formula::or(out))
}

fn told(case: &Case<'_>, version: &Version, these: &[&Share<'_>], w: Witness) -> Option<Finding> {
    let s = case.symbols();
    let replay = case.replay(&w).ok()?;
    let paid = |id| replay.rows.iter().flat_map(|o| &o.accruals).filter(move |a| a.norm == id);
    let accrued: i128 = these.iter().flat_map(|x| paid(x.norm.id)).map(|a| i128::from(a.amount)).sum();
    let total = these.iter().try_fold(Exact::ZERO, |sum, x| sum.add(x.rate).ok())?;
    let percent = total.mul(Exact::int(100)).ok()?;
    let mut names: Vec<String> = these.iter().map(|x| words::clause(s, x.norm.id.clause)).collect();
    names.dedup();
    let Body::Payment(p) = &these.first()?.norm.body else { return None };
    let who = words::person(s, p.payer);
    let message = format!("{who} owes {percent}% of one base under {}", words::list(&names));
    let money = |n| s.agreement.currencies.get(p.currency.ix()).map_or_else(String::new, |c| c.show(n));
    let (first, rest) = these.split_first()?;
    let mut d = Diagnostic::warning(CODE, message, first.norm.span, "a share");
    for x in rest {
        d = d.label(x.norm.span, "a share of the same");
    }
    let norms: Vec<&Norm> = these.iter().map(|x| x.norm).collect();
    let d = amended(case, d, &norms)
        .note("shares of one sum that may fall due together are more than the sum")
        .help("narrow one of the shares, take one of what the other leaves, or cap them");
    let shows = format!("{} of {} accrue", money(accrued), money(BASE));
    let witness = (accrued > BASE).then_some(Witness { shows, ..w });
    let mut clauses = Vec::new();
    for n in &norms {
        if !clauses.contains(&n.id.clause) {
            clauses.push(n.id.clause);
        }
    }
    witness.as_ref()?;
    finding(version, None, d, clauses, Standing::Possible, witness)
}
