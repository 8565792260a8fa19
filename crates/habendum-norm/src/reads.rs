//! What a norm reads: every expression in it, and what these name.
//!
//! Invariant: the walk visits every expression of every body, so that "does not read" is a sound answer.

use crate::ir::{
    Amount, Basis, Body, Due, EventTest, Exception, Norm, Opening, Payment, Program, ReliefEffect, Term,
    Version,
};
use habendum_model::expr::{DateValue, Expr, ExprKind, Measure, MeasureWhat, Window};
use habendum_model::value::ParamId;
use std::collections::BTreeSet;

/// Visits an expression and those inside it.
pub fn each_expr<'e>(e: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(e);
    e.inside().into_iter().for_each(|x| each_expr(x, visit));
}

/// A place where a norm reads: an expression over the event at hand, or a test of another event.
pub enum Read<'n> {
    /// An expression over the event at hand (or over no event).
    Expr(&'n Expr),
    /// A test of an event kind with its own fields.
    Test(&'n EventTest),
    /// A date that may hang on a parameter.
    Date(&'n DateValue),
}

/// Everything a norm reads, its reparation included.
#[must_use]
pub fn reads(norm: &Norm) -> Vec<Read<'_>> {
    let mut out = Vec::new();
    term(&norm.term, &mut out);
    norm.exceptions.iter().for_each(|e| exception(e, &mut out));
    match &norm.body {
        Body::Rule(r) => {
            out.extend(r.guard.as_ref().map(Read::Expr));
            out.extend(r.before.as_ref().map(Read::Test));
        }
        Body::Duty(d) => {
            out.extend(d.guard.as_ref().map(Read::Expr));
            out.extend(d.quantity.as_ref().map(|(e, _)| Read::Expr(e)));
            match &d.opening {
                Opening::Within { trigger, .. } => out.push(Read::Test(trigger)),
                Opening::By(d) => out.push(Read::Date(d)),
                Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline | Opening::OnBreach(_) => {}
            }
        }
        Body::Keep(k) => {
            out.push(Read::Expr(&k.condition));
            out.push(Read::Test(&k.shown_by));
        }
        Body::Payment(p) => payment(p, &mut out),
        Body::Power(p) => {
            out.push(Read::Test(&p.exercised_by));
            out.extend(p.ground.as_ref().map(Read::Expr));
        }
        Body::Relief(r) => {
            out.push(Read::Test(&r.cause));
            match &r.effect {
                ReliefEffect::Excuse { until, .. } => out.extend(until.iter().map(Read::Test)),
                ReliefEffect::Extend(e) => out.push(Read::Expr(e)),
            }
        }
        Body::License(l) => out.extend(l.exclusive_while.as_ref().map(Read::Expr)),
        Body::Inert(_) => {}
    }
    if let Some(o) = otherwise(norm) {
        out.extend(reads(o));
    }
    out
}

fn term<'n>(t: &'n Term, out: &mut Vec<Read<'n>>) {
    out.extend(t.from.iter().chain(&t.through).map(Read::Date));
    out.extend(t.until.iter().map(Read::Test));
    for (sum, level) in &t.until_reaches {
        out.push(Read::Expr(sum));
        out.push(Read::Expr(level));
    }
    out.extend(t.renews.iter().filter_map(|r| r.condition.as_ref()).map(Read::Expr));
    out.extend(t.holds_while.as_ref().map(Read::Expr));
    for s in &t.suspensions {
        out.push(Read::Date(&s.from));
        out.extend(s.through.as_ref().map(Read::Date));
    }
}

fn exception<'n>(e: &'n Exception, out: &mut Vec<Read<'n>>) {
    out.push(Read::Expr(&e.condition));
    e.unless.iter().for_each(|u| exception(u, out));
}

fn payment<'n>(p: &'n Payment, out: &mut Vec<Read<'n>>) {
    match &p.basis {
        Basis::Each(t) | Basis::First(t) => out.push(Read::Test(t)),
        Basis::On(d) => out.push(Read::Date(d)),
        Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => {}
    }
    out.extend(p.guard.as_ref().map(Read::Expr));
    match &p.amount {
        Amount::Expr(e) => out.push(Read::Expr(e)),
        Amount::Tiers { base, bands, .. } => {
            out.push(Read::Expr(base));
            for b in bands {
                out.push(Read::Expr(&b.lower.0));
                out.extend(b.upper.as_ref().map(|(e, _)| Read::Expr(e)));
                out.push(Read::Expr(&b.rate));
            }
        }
    }
    for c in &p.caps {
        out.push(Read::Expr(&c.amount));
        out.extend(c.from.as_ref().map(Read::Date));
    }
    out.extend(p.floors.iter().map(|f| Read::Expr(&f.amount)));
    match &p.due {
        Some(Due::On(d)) => out.push(Read::Date(d)),
        Some(Due::AtOnce | Due::AfterEach(..) | Due::After(_)) | None => {}
    }
    out.extend(p.late.as_ref().map(|(e, _)| Read::Expr(e)));
    out.extend(p.credits.iter().filter_map(|c| c.up_to.as_ref()).map(Read::Expr));
}

/// The parameters that a norm reads by itself (not through the sums it asks for).
#[must_use]
pub fn params(norm: &Norm, program: &Program) -> BTreeSet<ParamId> {
    let mut found = BTreeSet::new();
    let date = |d: &DateValue, found: &mut BTreeSet<ParamId>| match d {
        DateValue::Open { param, .. } => {
            found.insert(*param);
        }
        DateValue::Fixed(_) => {}
    };
    let mut exprs: Vec<&Expr> = Vec::new();
    for r in reads(norm) {
        match r {
            Read::Expr(e) => exprs.push(e),
            Read::Test(t) => exprs.extend(&t.guard),
            Read::Date(d) => date(d, &mut found),
        }
    }
    let mut measures = BTreeSet::new();
    for e in exprs {
        each_expr(e, &mut |e| match &e.kind {
            ExprKind::Param(p) => {
                found.insert(*p);
            }
            ExprKind::Sum(m, w) => {
                measures.insert(*m);
                if let Window::Since(d) = w {
                    date(d, &mut found);
                }
            }
            ExprKind::Occurred(m) => {
                measures.insert(*m);
            }
            _ => {}
        });
    }
    for m in measures {
        if let Some(guard) = program.measures.get(m.ix()).and_then(guard_of) {
            each_expr(guard, &mut |e| {
                if let ExprKind::Param(p) = e.kind {
                    found.insert(p);
                }
            });
        }
    }
    found
}

/// What follows on the breach of a norm.
#[must_use]
pub fn otherwise(norm: &Norm) -> Option<&Norm> {
    match &norm.body {
        Body::Duty(d) => d.otherwise.as_deref(),
        Body::Keep(k) => k.otherwise.as_deref(),
        Body::Rule(r) => r.otherwise.as_deref(),
        Body::Payment(_) | Body::Power(_) | Body::Relief(_) | Body::License(_) | Body::Inert(_) => None,
    }
}

/// A norm and, after it, the reparations inside it.
pub fn with_reparations(norm: &Norm) -> impl Iterator<Item = &Norm> {
    std::iter::successors(Some(norm), |n| otherwise(n))
}

/// All norms of a version, each reparation after what it repairs.
pub fn norms_of(version: &Version) -> impl Iterator<Item = &Norm> {
    version.norms.iter().flat_map(with_reparations)
}

/// True for a norm whose instances live by time: they must be known before any event of theirs comes.
#[must_use]
pub fn lives_by_time(norm: &Norm) -> bool {
    match &norm.body {
        Body::Duty(d) => match d.opening {
            Opening::By(_) | Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline => true,
            Opening::Within { .. } | Opening::OnBreach(_) => false,
        },
        Body::Payment(p) => !p.floors.is_empty() || matches!(p.basis, Basis::Period(..) | Basis::On(_)),
        Body::Rule(_)
        | Body::Keep(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => false,
    }
}

/// The guard over which a measure adds up, where it has one.
#[must_use]
pub fn guard_of(measure: &Measure) -> Option<&Expr> {
    match &measure.what {
        MeasureWhat::Count { guard, .. } => guard.as_ref(),
        MeasureWhat::Total(_) | MeasureWhat::Payment(..) | MeasureWhat::Breaches(_) => None,
    }
}
