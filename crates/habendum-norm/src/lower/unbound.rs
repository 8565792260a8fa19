//! Parameters that a program needs and has no value for.

use crate::ir::{Amount, Body, Exception, Norm, Opening, Program, ReliefEffect, Term};
use crate::ir::{Basis, Due, EventTest};
use habendum_model::expr::{DateValue, Expr, ExprKind, MeasureWhat, Window};
use habendum_model::value::{ParamId, Value};
use std::collections::BTreeSet;

/// The parameters without a value that the program needs to be evaluated, in order of declaration.
#[must_use]
pub fn unbound(program: &Program) -> Vec<ParamId> {
    let mut need = Need { params: &[], missing: BTreeSet::new() };
    need.date(&program.effective);
    for v in &program.versions {
        need.params = &v.params;
        need.date(&v.from);
        v.norms.iter().for_each(|n| need.norm(n));
        for t in &program.totals {
            need.test(&t.on);
            need.expr(&t.value);
        }
        for r in &program.registers {
            r.adds.iter().chain(&r.removes).for_each(|(t, _)| need.test(t));
        }
        for m in &program.measures {
            if let MeasureWhat::Count { guard, .. } = &m.what {
                guard.iter().for_each(|g| need.expr(g));
            }
        }
    }
    need.missing.into_iter().collect()
}

/// Walks norms and notes what has no value.
struct Need<'a> {
    params: &'a [Option<Value>],
    missing: BTreeSet<ParamId>,
}

impl Need<'_> {
    fn date(&mut self, d: &DateValue) {
        if let DateValue::Open { param, .. } = d {
            self.missing.insert(*param);
        }
    }

    fn test(&mut self, t: &EventTest) {
        t.guard.iter().for_each(|g| self.expr(g));
    }

    fn expr(&mut self, e: &Expr) {
        crate::reads::each_expr(e, &mut |x| match &x.kind {
            ExprKind::Param(p) if self.params.get(p.ix()).is_none_or(Option::is_none) => {
                self.missing.insert(*p);
            }
            ExprKind::Sum(_, Window::Since(DateValue::Open { param, .. })) => {
                self.missing.insert(*param);
            }
            _ => {}
        });
    }

    fn exceptions(&mut self, all: &[Exception]) {
        for x in all {
            self.expr(&x.condition);
            self.exceptions(&x.unless);
        }
    }

    fn term(&mut self, t: &Term) {
        t.from.iter().chain(&t.through).for_each(|d| self.date(d));
        t.until.iter().for_each(|x| self.test(x));
        for (a, b) in &t.until_reaches {
            self.expr(a);
            self.expr(b);
        }
        t.holds_while.iter().for_each(|e| self.expr(e));
        t.renews.iter().filter_map(|r| r.condition.as_ref()).for_each(|e| self.expr(e));
        for s in &t.suspensions {
            self.date(&s.from);
            s.through.iter().for_each(|d| self.date(d));
        }
    }

    fn norm(&mut self, n: &Norm) {
        self.term(&n.term);
        self.exceptions(&n.exceptions);
        match &n.body {
            Body::Rule(r) => {
                r.guard.iter().for_each(|g| self.expr(g));
                r.before.iter().for_each(|t| self.test(t));
                r.otherwise.iter().for_each(|n| self.norm(n));
            }
            Body::Duty(d) => {
                d.guard.iter().for_each(|g| self.expr(g));
                match &d.opening {
                    Opening::Within { trigger, .. } => self.test(trigger),
                    Opening::By(d) => self.date(d),
                    Opening::Each(_)
                    | Opening::AfterEach(..)
                    | Opening::NoDeadline
                    | Opening::OnBreach(_) => {}
                }
                d.quantity.iter().for_each(|(q, _)| self.expr(q));
                d.otherwise.iter().for_each(|n| self.norm(n));
            }
            Body::Keep(k) => {
                self.expr(&k.condition);
                self.test(&k.shown_by);
                k.otherwise.iter().for_each(|n| self.norm(n));
            }
            Body::Payment(p) => self.payment(p),
            Body::Power(p) => {
                self.test(&p.exercised_by);
                p.ground.iter().for_each(|g| self.expr(g));
            }
            Body::Relief(r) => {
                self.test(&r.cause);
                match &r.effect {
                    ReliefEffect::Excuse { until, .. } => until.iter().for_each(|t| self.test(t)),
                    ReliefEffect::Extend(e) => self.expr(e),
                }
            }
            Body::License(l) => l.exclusive_while.iter().for_each(|e| self.expr(e)),
            Body::Inert(_) => {}
        }
    }

    fn payment(&mut self, p: &crate::ir::Payment) {
        match &p.basis {
            Basis::Each(t) | Basis::First(t) => self.test(t),
            Basis::On(d) => self.date(d),
            Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => {}
        }
        p.guard.iter().for_each(|g| self.expr(g));
        match &p.amount {
            Amount::Expr(e) => self.expr(e),
            Amount::Tiers { base, bands, .. } => {
                self.expr(base);
                for b in bands {
                    self.expr(&b.lower.0);
                    b.upper.iter().for_each(|(u, _)| self.expr(u));
                    self.expr(&b.rate);
                }
            }
        }
        for c in &p.caps {
            self.expr(&c.amount);
            c.from.iter().for_each(|d| self.date(d));
        }
        p.floors.iter().for_each(|f| self.expr(&f.amount));
        if let Some(Due::On(d)) = &p.due {
            self.date(d);
        }
        p.late.iter().for_each(|(r, _)| self.expr(r));
        p.credits.iter().filter_map(|c| c.up_to.as_ref()).for_each(|e| self.expr(e));
    }
}
