//! Who is meant: persons as codes of the acting field.
//!
//! Invariant: where an assignment may put another in someone's place, or a register or a sublicense decides, nobody is left out.

use super::compile::{Compiler, stated};
use super::pred::Pred;
use super::ranges::Ranges;
use super::tri::Tri;
use crate::layout::Class;
use habendum_model::expr::WhoMember;
use habendum_model::value::{ClauseId, PartyId, Value};
use habendum_norm::ir::{Body, Norm, NormId, Program, Who};
use habendum_syntax::ast::PowerAct;
use std::collections::BTreeSet;

/// What powers of the deal can do to the words of its clauses.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Clauses whose persons may be replaced; all of them where none is named.
    assigns: Vec<Option<Vec<ClauseId>>>,
    /// Clauses whose last day may move.
    extends: Vec<Option<Vec<ClauseId>>>,
    /// Licenses that may come to have sublicensees.
    sublicensed: BTreeSet<NormId>,
}

impl Reach {
    /// Of all versions of a program.
    pub(crate) fn of(program: &Program) -> Self {
        let mut reach = Reach::default();
        for n in program.versions.iter().flat_map(|v| &v.norms) {
            match &n.body {
                Body::Power(p) => match p.act {
                    PowerAct::Assign => reach.assigns.push(p.targets.clone()),
                    PowerAct::Extend => reach.extends.push(p.targets.clone()),
                    PowerAct::Terminate | PowerAct::Suspend | PowerAct::Resume => {}
                },
                Body::License(l) if l.sublicense.is_some() => {
                    reach.sublicensed.insert(n.id);
                }
                Body::Rule(_)
                | Body::Duty(_)
                | Body::Keep(_)
                | Body::Payment(_)
                | Body::Relief(_)
                | Body::License(_)
                | Body::Inert(_) => {}
            }
        }
        reach
    }

    fn bears(list: &[Option<Vec<ClauseId>>], clause: ClauseId) -> bool {
        list.iter().any(|t| t.as_ref().is_none_or(|t| t.contains(&clause)))
    }

    /// Whether someone may come to stand for a person of a clause.
    pub(crate) fn assigned(&self, clause: ClauseId) -> bool {
        Self::bears(&self.assigns, clause)
    }

    /// Whether the last day of a norm may move.
    pub(crate) fn prolonged(&self, n: &Norm) -> bool {
        n.term.renews.is_some() || Self::bears(&self.extends, n.id.clause)
    }

    /// Whether a license may come to have sublicensees.
    pub(crate) fn sublicensed(&self, license: NormId) -> bool {
        self.sublicensed.contains(&license)
    }
}

impl Compiler<'_, '_> {
    /// The event has an actor, and it is one of these.
    pub(crate) fn acts(&mut self, who: &Who, clause: ClauseId, reach: &Reach, norms: &[Norm]) -> Tri {
        let Some(by) = self.program.symbols.event_info(self.kind).actor else { return Tri::constant(false) };
        let present = self.present(by);
        let Some((column, Class::Party)) = self.draft.field(self.kind, by) else {
            return Tri::unknown(false);
        };
        let there = stated(Class::Party);
        let codes = |ids: &[PartyId]| {
            Ranges::of(ids.iter().map(|p| (i64::from(p.0) + 1, i64::from(p.0) + 1)).collect())
        };
        let is = |set: Ranges| Tri::exact(Pred::is_in(column, set));
        let moved = reach.assigned(clause);
        if moved && !matches!(who, Who::Anyone) {
            self.residual.insert("persons may assign their place".into());
            return Tri::all(vec![present, Tri::unknown(false)]);
        }
        let among = match who {
            Who::Anyone => Tri::constant(true),
            Who::AnyParty => {
                let parties = self.program.symbols.parties.values().zip(1_i64..);
                is(Ranges::of(parties.filter(|(p, _)| p.party).map(|(_, n)| (n, n)).collect()))
            }
            Who::Named(members) | Who::AnyoneExcept(members) => {
                let named = match self.listed(members) {
                    Some(ids) => is(codes(&ids)),
                    None => {
                        self.residual.insert("asks for the members of a register".into());
                        Tri::unknown(false)
                    }
                };
                let except = matches!(who, Who::AnyoneExcept(_));
                if except { named.negated() } else { named }
            }
            Who::OutsideLicense { license, spare_licensor } => {
                let Some(Body::License(l)) = norms.iter().find(|n| n.id == *license).map(|n| &n.body) else {
                    self.residual.insert("asks for a license of an earlier text".into());
                    return Tri::all(vec![present, Tri::unknown(false)]);
                };
                let mut inside = vec![l.licensee];
                if *spare_licensor {
                    inside.push(l.licensor);
                }
                let outside = is(codes(&inside).complement().intersect(&there));
                if reach.sublicensed(*license) {
                    self.residual.insert("asks for the sublicensees".into());
                    Tri::all(vec![outside, Tri::unknown(false)])
                } else {
                    outside
                }
            }
        };
        Tri::all(vec![present, among])
    }

    /// The event has no actor, or one of these acts.
    pub(crate) fn acts_or_nobody(
        &mut self,
        who: &Who,
        clause: ClauseId,
        reach: &Reach,
        norms: &[Norm],
    ) -> Tri {
        let Some(by) = self.program.symbols.event_info(self.kind).actor else { return Tri::constant(true) };
        let nobody = self.present(by).negated();
        let acts = self.acts(who, clause, reach, norms);
        Tri::any(vec![nobody, acts])
    }

    fn listed(&self, members: &[WhoMember]) -> Option<Vec<PartyId>> {
        let mut ids = Vec::new();
        for m in members {
            match m {
                WhoMember::Party(p) => ids.push(*p),
                WhoMember::Register(r) => ids.extend(self.members(*r)?.iter().filter_map(|v| match v {
                    Value::Party(p) => Some(*p),
                    _ => None,
                })),
            }
        }
        Some(ids)
    }
}
