//! The clauses that matter to some of them: everything that those refer to, and everything that bears on those.
//!
//! Invariant: closed. A clause outside the slice can change no verdict, obligation or amount of one inside, but by standing
//! beside it on one event (a permission against a prohibition): whoever asks about such a pair names both.

use habendum_model::expr::{Expr, ExprKind, MeasureWhat, WhoMember};
use habendum_model::value::{ClauseId, MeasureId, RegisterId};
use habendum_norm::ir::{Body, Norm, Program, Who};
use habendum_norm::reads::{Read, each_expr, guard_of, otherwise, reads};
use std::collections::BTreeSet;

/// The clauses, measures and registers that matter to some clauses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// Clauses.
    pub clauses: BTreeSet<ClauseId>,
    /// Running sums that they ask for.
    pub measures: BTreeSet<MeasureId>,
    /// Registers that they ask for.
    pub registers: BTreeSet<RegisterId>,
}

impl Slice {
    /// Everything that bears on some clauses.
    #[must_use]
    pub fn of(program: &Program, asked: &BTreeSet<ClauseId>) -> Self {
        let mut slice = Slice::default();
        let mut left: Vec<ClauseId> = asked.iter().copied().collect();
        while let Some(clause) = left.pop() {
            if !slice.clauses.insert(clause) {
                continue;
            }
            for norm in program.versions.iter().flat_map(|v| &v.norms) {
                if norm.id.clause == clause {
                    slice.norm(program, norm, &mut left);
                } else if bears_on(norm, clause) {
                    left.push(norm.id.clause);
                }
            }
        }
        slice
    }

    /// Every clause of a program.
    #[must_use]
    pub fn whole(program: &Program) -> Self {
        let all = program.versions.iter().flat_map(|v| &v.norms).map(|n| n.id.clause).collect();
        Slice::of(program, &all)
    }

    fn norm(&mut self, program: &Program, norm: &Norm, left: &mut Vec<ClauseId>) {
        left.extend(norm.subject_to.iter().chain(&norm.notwithstanding).copied());
        for read in reads(norm) {
            match read {
                Read::Expr(e) => self.expr(program, e, left),
                Read::Test(t) => t.guard.iter().for_each(|g| self.expr(program, g, left)),
                Read::Date(_) => {}
            }
        }
        let mut at = Some(norm);
        while let Some(n) = at {
            self.others(program, n, left);
            at = otherwise(n);
        }
    }

    /// What a norm names beside its expressions.
    fn others(&mut self, program: &Program, norm: &Norm, left: &mut Vec<ClauseId>) {
        match &norm.body {
            Body::Rule(r) => self.who(program, &r.who, left),
            Body::Duty(d) => self.who(program, &d.who, left),
            Body::Keep(k) => self.who(program, &k.who, left),
            Body::Power(p) => self.who(program, &p.who, left),
            Body::Payment(p) => left.extend(p.credits.iter().map(|c| c.clause)),
            Body::Relief(_) | Body::License(_) | Body::Inert(_) => {}
        }
    }

    fn who(&mut self, program: &Program, who: &Who, left: &mut Vec<ClauseId>) {
        match who {
            Who::Named(members) | Who::AnyoneExcept(members) => {
                for m in members {
                    match m {
                        WhoMember::Register(r) => self.register(program, *r, left),
                        WhoMember::Party(_) => {}
                    }
                }
            }
            Who::OutsideLicense { license, .. } => left.push(license.clause),
            Who::AnyParty | Who::Anyone => {}
        }
    }

    fn expr(&mut self, program: &Program, e: &Expr, left: &mut Vec<ClauseId>) {
        let (mut measures, mut registers) = (Vec::new(), Vec::new());
        each_expr(e, &mut |x| match &x.kind {
            ExprKind::Sum(m, _) | ExprKind::Occurred(m) => measures.push(*m),
            ExprKind::InRegister(_, r) => registers.push(*r),
            _ => {}
        });
        for m in measures {
            self.measure(program, m, left);
        }
        for r in registers {
            self.register(program, r, left);
        }
    }

    fn measure(&mut self, program: &Program, id: MeasureId, left: &mut Vec<ClauseId>) {
        let Some(m) = program.measures.get(id.ix()).filter(|_| self.measures.insert(id)) else { return };
        match &m.what {
            MeasureWhat::Total(t) => {
                let Some(def) = program.totals.get(t.ix()) else { return };
                def.on.guard.iter().for_each(|g| self.expr(program, g, left));
                self.expr(program, &def.value, left);
            }
            MeasureWhat::Count { .. } => guard_of(m).into_iter().for_each(|g| self.expr(program, g, left)),
            MeasureWhat::Payment(_, c) | MeasureWhat::Breaches(c) => left.push(*c),
        }
    }

    fn register(&mut self, program: &Program, id: RegisterId, left: &mut Vec<ClauseId>) {
        let Some(def) = program.registers.get(id.ix()).filter(|_| self.registers.insert(id)) else { return };
        for (test, _) in def.adds.iter().chain(&def.removes) {
            test.guard.iter().for_each(|g| self.expr(program, g, left));
        }
    }
}

/// Whether a norm of another clause bears on a clause: by a power, by relief, by prevailing over it.
fn bears_on(norm: &Norm, clause: ClauseId) -> bool {
    match &norm.body {
        Body::Power(p) => p.targets.as_ref().is_none_or(|t| t.contains(&clause)),
        Body::Relief(r) => r.targets.contains(&clause),
        Body::Rule(_) | Body::License(_) => norm.notwithstanding.contains(&clause),
        Body::Duty(_) | Body::Keep(_) | Body::Payment(_) | Body::Inert(_) => false,
    }
}
