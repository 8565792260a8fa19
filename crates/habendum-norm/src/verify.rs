//! The verifier of the norm IR: internal invariants, for tests and for debugging a pass.
//!
//! Data flow: [`Program`] -> broken invariants in words. What it finds is a fault of the lowering, never of the deal.

use crate::ir::{Amount, Basis, Body, Exception, Norm, NormId, Opening, Program, ReliefEffect};
use crate::lower::each_expr;
use habendum_model::expr::{DateValue, Expr, ExprKind, Type};
use habendum_model::value::{CurrencyId, EventId};
use std::collections::BTreeSet;

/// Every broken invariant, in words; empty for a sound program.
#[must_use]
pub fn verify(program: &Program) -> Vec<String> {
    let mut v = Verifier { program, faults: Vec::new(), at: String::new() };
    v.tables();
    for (i, version) in program.versions.iter().enumerate() {
        v.at = format!("version {i}");
        v.contiguous(i);
        v.check(version.params.len() == program.symbols.params.len(), "one value a parameter");
        let mut seen = BTreeSet::new();
        for n in &version.norms {
            v.norm(n, None, &mut seen);
        }
    }
    v.faults
}

struct Verifier<'a> {
    program: &'a Program,
    faults: Vec<String>,
    at: String,
}

/// The events whose fields an expression may name: at hand, and of the trigger.
type Hand = (Option<EventId>, Option<EventId>);

impl Verifier<'_> {
    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.faults.push(format!("{}: broken: {what}", self.at));
        }
    }

    fn tables(&mut self) {
        self.at = "program".into();
        let s = &self.program.symbols;
        let p = self.program;
        self.check(p.default_permits.len() == s.events.len(), "one default an event kind");
        self.check(p.totals.len() == s.totals.len(), "one definition a total");
        self.check(p.registers.len() == s.registers.len(), "one definition a register");
        self.check(!p.versions.is_empty(), "a text");
        for t in &p.totals {
            self.expr(&t.value, (Some(t.on.event), None));
            self.guard(t.on.guard.as_ref(), (Some(t.on.event), None));
        }
    }

    fn contiguous(&mut self, i: usize) {
        let v = &self.program.versions;
        let Some(next) = v.get(i + 1) else { return };
        if let (Some(end), DateValue::Fixed(begin)) = (v[i].through, &next.from) {
            self.check(end.tomorrow().is_ok_and(|d| d == *begin), "versions follow each other");
        }
    }

    fn norm(&mut self, n: &Norm, repairs: Option<Option<EventId>>, seen: &mut BTreeSet<NormId>) {
        let name = self.program.symbols.clause_name(n.id.clause);
        self.at = format!("{name}.{}.{}", n.id.part, n.id.sub);
        self.check(seen.insert(n.id), "one norm an id");
        self.check(n.id.clause.ix() < self.program.symbols.clauses.len(), "a known clause");
        let nothing = (None, None);
        if let Some(c) = &n.term.holds_while {
            self.guard(Some(c), nothing);
        }
        for (a, b) in &n.term.until_reaches {
            self.expr(a, nothing);
            self.expr(b, nothing);
        }
        for t in &n.term.until {
            self.guard(t.guard.as_ref(), (Some(t.event), None));
        }
        let hand = hand(n, repairs);
        self.exceptions(&n.exceptions, hand);
        match &n.body {
            Body::Rule(r) => {
                self.guard(r.guard.as_ref(), hand);
                if let Some(t) = &r.before {
                    self.guard(t.guard.as_ref(), (Some(t.event), None));
                    let (own, other) = (self.fields(r.event), self.fields(t.event));
                    let fits = t.same.iter().all(|(a, b)| a.ix() < own && b.ix() < other);
                    self.check(fits, "equal fields exist");
                }
                if let Some(o) = &r.otherwise {
                    self.check(!r.permits, "a permission has no breach to repair");
                    self.norm(o, Some(Some(r.event)), seen);
                }
            }
            Body::Duty(d) => {
                let trigger = match &d.opening {
                    Opening::Within { trigger, .. } => Some(trigger.event),
                    Opening::OnBreach(_) => repairs.flatten(),
                    Opening::By(_) | Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline => None,
                };
                self.check(
                    matches!(d.opening, Opening::OnBreach(_)) == repairs.is_some(),
                    "a breach opens reparations alone",
                );
                self.guard(d.guard.as_ref(), (Some(d.event), trigger));
                if let Some((q, f)) = &d.quantity {
                    self.expr(q, (trigger, trigger));
                    let n = self.fields(d.event);
                    self.check(f.ix() < n, "the counted field exists");
                }
                if let Some(o) = &d.otherwise {
                    self.norm(o, Some(trigger), seen);
                }
            }
            Body::Keep(k) => {
                self.guard(Some(&k.condition), hand);
                self.guard(k.shown_by.guard.as_ref(), hand);
                if let Some(o) = &k.otherwise {
                    self.norm(o, Some(Some(k.shown_by.event)), seen);
                }
            }
            Body::Payment(p) => self.payment(p, hand, repairs.is_some()),
            Body::Power(p) => {
                self.guard(p.exercised_by.guard.as_ref(), hand);
                self.guard(p.ground.as_ref(), hand);
            }
            Body::Relief(r) => {
                self.guard(r.cause.guard.as_ref(), hand);
                if let ReliefEffect::Extend(e) = &r.effect {
                    self.expr(e, hand);
                }
            }
            Body::License(l) => self.guard(l.exclusive_while.as_ref(), nothing),
            Body::Inert(_) => {}
        }
    }

    fn payment(&mut self, p: &crate::ir::Payment, hand: Hand, repairs: bool) {
        let by_breach = matches!(p.basis, Basis::Breach | Basis::Delay { .. });
        self.check(by_breach == repairs, "a breach is the basis of reparations alone");
        self.guard(p.guard.as_ref(), hand);
        match &p.amount {
            Amount::Expr(e) => self.money(e, p.currency, hand),
            Amount::Tiers { base, bands, .. } => {
                self.expr(base, hand);
                self.check(!bands.is_empty(), "a band");
                for b in bands {
                    self.expr(&b.lower.0, hand);
                    b.upper.iter().for_each(|(u, _)| self.expr(u, hand));
                    self.expr(&b.rate, hand);
                }
            }
        }
        for c in &p.caps {
            self.money(&c.amount, p.currency, hand);
        }
        for f in &p.floors {
            self.money(&f.amount, p.currency, (None, None));
        }
    }

    fn fields(&self, e: EventId) -> usize {
        self.program.symbols.events.get_index(e.ix()).map_or(0, |(_, i)| i.fields.len())
    }

    fn exceptions(&mut self, all: &[Exception], hand: Hand) {
        for x in all {
            self.guard(Some(&x.condition), hand);
            self.exceptions(&x.unless, hand);
        }
    }

    fn guard(&mut self, g: Option<&Expr>, hand: Hand) {
        if let Some(g) = g {
            self.check(g.ty == Type::Bool, "a guard is a condition");
            self.expr(g, hand);
        }
    }

    fn money(&mut self, e: &Expr, currency: CurrencyId, hand: Hand) {
        self.check(e.ty == Type::Money(currency, None), "an amount is money of the payment's currency");
        self.expr(e, hand);
    }

    fn expr(&mut self, e: &Expr, (at_hand, trigger): Hand) {
        let s = &self.program.symbols;
        let fields = |e: Option<EventId>| e.map_or(0, |e| self.fields(e));
        let (own, of_trigger) = (fields(at_hand), fields(trigger));
        let mut broken: Vec<&str> = Vec::new();
        each_expr(e, &mut |x| {
            let fits = match &x.kind {
                ExprKind::Field(f) => f.ix() < own,
                ExprKind::Trigger(f) => f.ix() < of_trigger,
                ExprKind::Param(p) => p.ix() < s.params.len(),
                ExprKind::Lookup { table, .. } | ExprKind::KeyColumn(table, _) => table.ix() < s.tables.len(),
                ExprKind::InRegister(_, r) => r.ix() < s.registers.len(),
                ExprKind::Sum(m, _) | ExprKind::Occurred(m) => m.ix() < self.program.measures.len(),
                _ => true,
            };
            if !fits {
                broken.push("what an expression names exists where it stands");
            }
        });
        broken.into_iter().for_each(|b| self.check(false, b));
    }
}

/// What a norm's conditions are asked over.
fn hand(n: &Norm, repairs: Option<Option<EventId>>) -> Hand {
    if let Some(trigger) = repairs {
        return (trigger, trigger);
    }
    match &n.body {
        Body::Rule(r) => (Some(r.event), None),
        Body::Duty(d) => match &d.opening {
            Opening::Within { trigger, .. } => (Some(trigger.event), Some(trigger.event)),
            Opening::By(_)
            | Opening::Each(_)
            | Opening::AfterEach(..)
            | Opening::NoDeadline
            | Opening::OnBreach(_) => (None, None),
        },
        Body::Keep(k) => (Some(k.shown_by.event), None),
        Body::Payment(p) => match &p.basis {
            Basis::Each(t) | Basis::First(t) => (Some(t.event), None),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => (None, None),
        },
        Body::Power(p) => (Some(p.exercised_by.event), None),
        Body::Relief(r) => (Some(r.cause.event), None),
        Body::License(l) => (Some(l.event), None),
        Body::Inert(_) => (None, None),
    }
}
