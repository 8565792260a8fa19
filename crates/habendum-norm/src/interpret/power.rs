//! Powers: which an event exercises, and with what ground.

use super::plan::PlanNorm;
use super::view::View;
use crate::eval::{fault, person};
use crate::event::Event;
use crate::ir::{Body, Power, Who};
use crate::outcome::EvalError;
use habendum_model::date;
use habendum_model::expr::WhoMember;
use habendum_model::value::{ClauseId, PartyId, Value};
use habendum_syntax::ast::PowerAct;
use jiff::civil::Date;

/// The powers that an event of their holder exercises, each with whether it is in force and has its ground.
///
/// # Errors
/// Where a guard or a ground cannot be evaluated.
pub(crate) fn exercised(
    v: &View<'_>,
    e: &Event,
    actor: Option<PartyId>,
) -> Result<Vec<(usize, bool)>, EvalError> {
    let mut found = Vec::new();
    for &i in &v.version.events[e.kind.ix()].powers {
        let n = &v.version.norms[i];
        let Body::Power(p) = &n.norm.body else { continue };
        let Some(key) = v.key_of(n, e) else { continue };
        let scene = v.at(n, &key, e);
        let of_holder = actor.is_none_or(|a| v.among(&p.who, n.norm.id.clause, a));
        if !of_holder || !v.guard(p.exercised_by.guard.as_ref(), &scene)? {
            continue;
        }
        let grounded = v.in_force_at(n, &key, e)?
            && v.guard(p.ground.as_ref(), &scene)?
            && !v.excepted(&n.norm.exceptions, &scene)?;
        found.push((i, grounded));
    }
    Ok(found)
}

/// A power exercised with ground: when it takes effect, for whom, to whom.
#[derive(Debug)]
pub(crate) struct Exercise {
    /// Index of the power in the version.
    pub norm: usize,
    /// The day at whose end it takes effect; none: with the row.
    pub at: Option<Date>,
    /// Who exercised it.
    pub by: Option<PartyId>,
    /// The assignee.
    pub to: Option<PartyId>,
    /// What it does, where it does it with the row.
    pub does: Vec<(Act, String)>,
}

/// The exercise of a power by an event.
///
/// # Errors
/// Where a date cannot be reckoned.
pub(crate) fn exercise(v: &View<'_>, e: &Event, norm: usize) -> Result<Exercise, EvalError> {
    let n = &v.version.norms[norm];
    let mut x = Exercise { norm, at: None, by: v.actor(e), to: None, does: Vec::new() };
    if let Body::Power(p) = &n.norm.body {
        x.to = p.assignee.and_then(|f| match e.fields.get(f.ix()) {
            Some(Value::Party(q)) => Some(*q),
            _ => None,
        });
        match p.notice {
            Some(l) => {
                let day = date::add(e.date, l, &v.program.reckoning, p.months);
                x.at = Some(day.map_err(|y| fault(y.to_string(), n.norm.span))?);
            }
            None => x.does = effects(v, n, p, x.by, x.to)?,
        }
    }
    Ok(x)
}

/// A change that a power makes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// A clause ends.
    End(ClauseId),
    /// A clause is suspended; true where its clocks stop.
    Suspend(ClauseId, bool),
    /// A suspension ends.
    Resume(ClauseId),
    /// The last day of a sentence moves.
    MoveEnd(usize, Date),
    /// A sentence that has survived ends on a day.
    Outlasts(usize, Date),
    /// A person stands for another (first: of the text).
    Assign(ClauseId, PartyId, PartyId),
    /// Nothing changes, and the text says why.
    Nothing,
}

/// What a power does to its targets, with the words for it.
///
/// # Errors
/// Where a date cannot be reckoned.
pub(crate) fn effects(
    v: &View<'_>,
    n: &PlanNorm,
    p: &Power,
    by: Option<PartyId>,
    to: Option<PartyId>,
) -> Result<Vec<(Act, String)>, EvalError> {
    let mut done = Vec::new();
    for c in targets(v, p) {
        let name = v.program.symbols.clause_name(c);
        match p.act {
            PowerAct::Terminate => {
                if !v.state.clauses[c.ix()].ended {
                    done.push((Act::End(c), format!("{name} ended")));
                }
            }
            PowerAct::Suspend => done.push((Act::Suspend(c, p.clocks_stop), format!("{name} suspended"))),
            PowerAct::Resume => done.push((Act::Resume(c), format!("{name} resumed"))),
            PowerAct::Extend => extend(v, n, p, c, &mut done)?,
            PowerAct::Assign => assign(v, p, c, by, to, &mut done),
        }
    }
    outlast(v, n, p, &mut done)?;
    Ok(done)
}

/// Whether a power bears on a clause.
pub(crate) fn bears_on(v: &View<'_>, p: &Power, clause: ClauseId) -> bool {
    targets(v, p).contains(&clause)
}

/// The clauses that a power bears on. Of the whole agreement: all that stand, but survivors and surviving licenses.
fn targets(v: &View<'_>, p: &Power) -> Vec<ClauseId> {
    let survives = |c: &ClauseId| {
        p.act == PowerAct::Terminate
            && (p.surviving.iter().any(|(s, _)| s == c)
                || (p.targets.is_none()
                    && v.version.by_clause.get(c).is_some_and(|all| {
                        all.iter().any(
                            |i| matches!(&v.version.norms[*i].norm.body, Body::License(l) if l.surviving),
                        )
                    })))
    };
    let all: Vec<ClauseId> = match &p.targets {
        Some(list) => list.clone(),
        None => {
            let mut order: Vec<ClauseId> = Vec::new();
            for n in v.version.norms.iter().filter(|n| !n.ghost) {
                if !order.contains(&n.norm.id.clause) && !matches!(n.norm.body, Body::Inert(_)) {
                    order.push(n.norm.id.clause);
                }
            }
            order
        }
    };
    all.into_iter().filter(|c| !survives(c)).collect()
}

/// How long what a termination does not end goes on after it.
fn outlast(v: &View<'_>, n: &PlanNorm, p: &Power, done: &mut Vec<(Act, String)>) -> Result<(), EvalError> {
    for (c, lasting) in &p.surviving {
        let Some(length) = lasting else { continue };
        if p.targets.as_ref().is_some_and(|all| !all.contains(c)) || v.state.clauses[c.ix()].ended {
            continue;
        }
        let last = date::add(v.today, *length, &v.program.reckoning, p.months)
            .map_err(|y| fault(y.to_string(), n.norm.span))?;
        for i in v.version.by_clause.get(c).map_or(&[][..], Vec::as_slice) {
            let target = &v.version.norms[*i];
            let ns = &v.state.norms[target.slot];
            if ns.ended || ns.outlasts.is_some_and(|d| d <= last) {
                continue;
            }
            let text = format!("{} survives through {last}", v.program.symbols.clause_name(*c));
            done.push((Act::Outlasts(target.slot, last), text));
        }
    }
    Ok(())
}

fn extend(
    v: &View<'_>,
    n: &PlanNorm,
    p: &Power,
    c: ClauseId,
    done: &mut Vec<(Act, String)>,
) -> Result<(), EvalError> {
    let Some(length) = p.lasting else { return Ok(()) };
    for i in v.version.by_clause.get(&c).map_or(&[][..], Vec::as_slice) {
        let target = &v.version.norms[*i];
        let ns = &v.state.norms[target.slot];
        let Some(last) = ns.last_day.filter(|_| !ns.ended) else { continue };
        let moved = date::add(last, length, &v.program.reckoning, p.months)
            .map_err(|y| fault(y.to_string(), n.norm.span))?;
        let text = format!("{} extended through {moved}", v.program.symbols.clause_name(c));
        done.push((Act::MoveEnd(target.slot, moved), text));
    }
    Ok(())
}

fn assign(
    v: &View<'_>,
    p: &Power,
    c: ClauseId,
    by: Option<PartyId>,
    to: Option<PartyId>,
    done: &mut Vec<(Act, String)>,
) {
    let name = v.program.symbols.clause_name(c);
    let named = match &p.who {
        Who::Named(all) => match all.as_slice() {
            [WhoMember::Party(q)] => Some(*q),
            _ => None,
        },
        Who::AnyParty | Who::Anyone | Who::AnyoneExcept(_) | Who::OutsideLicense { .. } => None,
    };
    let (Some(from), Some(to)) = (by.and_then(|b| v.in_words_of(c, b)).or(named), to) else {
        done.push((Act::Nothing, format!("{name} unchanged: the assignment names no assignee")));
        return;
    };
    let fixed = v.version.by_clause.get(&c).is_some_and(|all| {
        all.iter().any(|i| {
            matches!(&v.version.norms[*i].norm.body, Body::License(l) if !l.transferable && l.licensee == from)
        })
    });
    if fixed {
        done.push((Act::Nothing, format!("{name} unchanged: it is not transferable")));
        return;
    }
    let symbols = &v.program.symbols;
    let text = format!("{} stands for {} in {name}", person(symbols, to), person(symbols, from));
    done.push((Act::Assign(c, from, to), text));
}
