//! Grants: a license, the permission of its licensee, and the prohibition of everyone outside it.

use super::table::Mods;
use super::term::and;
use super::{Lowering, Place};
use crate::ir::{Body, Exclusivity, License, Norm, NormId, Rule, Sublicense, Who};
use habendum_model::expr::{Expr, ExprKind, Type, WhoMember};
use habendum_model::value::{EventId, FieldId, PartyId, TermId, Value};
use habendum_syntax::ast::{self, Head, Modifier, ModifierKind, Name};
use habendum_syntax::{Diagnostic, Span};

impl Lowering<'_> {
    /// `G grants L an X license to E A in T for F`
    pub(super) fn grants(&mut self, mods: &Mods<'_>, id: NormId, head: &Head, into: &mut Vec<Norm>) {
        let Head::Grants { licensor, licensee, exclusivity, event, assets, territories, fields } = head
        else {
            return;
        };
        let (from, to, kind) = (self.party(licensor), self.party(licensee), self.event(event));
        let exclusivity = self.exclusivity(&exclusivity.node);
        let (Some(licensor), Some(licensee), Some(event)) = (from, to, kind) else { return };
        self.acts(event, mods);
        self.check_key(event, mods.span);
        let span = mods.span;
        let assets = self.scope(event, "asset", assets, "Asset", span);
        let territories = self.scope(event, "territory", territories, "Territory", span);
        let uses = self.scope(event, "field", fields, "Field", span);
        let at = Place { event: Some(event), trigger: None };
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let mut guard = self.guard(mods, &at, false);
        for (terms, test) in [&assets, &territories, &uses] {
            let _ = terms;
            if let Some(t) = test {
                guard = and(guard, t.clone());
            }
        }
        let while_ = mods.one(|m| match m {
            Modifier::ExclusiveWhile(c) => Some(c),
            _ => None,
        });
        let exclusive_while = while_.and_then(|(c, _)| self.cond(c, &Place::default()));
        let license = License {
            licensor,
            licensee,
            exclusivity: exclusivity.clone(),
            event,
            assets: assets.0,
            territories: territories.0,
            fields: uses.0,
            sublicense: self.sublicense(mods),
            transferable: !mods.has(ModifierKind::NonTransferable),
            surviving: mods.has(ModifierKind::Surviving),
            exclusive_while: exclusive_while.clone(),
        };
        into.push(self.norm(mods, id, term.clone(), Vec::new(), Body::License(license)));
        let permit = Rule {
            permits: true,
            who: Who::Named(vec![WhoMember::Party(licensee)]),
            event,
            guard: guard.clone(),
            before: None,
            otherwise: None,
        };
        let sub = NormId { sub: 1, ..id };
        into.push(self.norm(mods, sub, term.clone(), exceptions.clone(), Body::Rule(permit)));
        let Some((spare_licensor, set)) = bars(&exclusivity) else { return };
        if !set.is_empty() {
            guard = self.outside_set(event, &set, guard, span);
        }
        let who = Who::OutsideLicense { license: id, spare_licensor };
        let forbid = Rule { permits: false, who, event, guard, before: None, otherwise: None };
        let mut term = term;
        if let Some(c) = exclusive_while {
            term.holds_while = and(term.holds_while.take(), c);
        }
        into.push(self.norm(mods, NormId { sub: 2, ..id }, term, exceptions, Body::Rule(forbid)));
    }

    fn exclusivity(&mut self, x: &ast::Exclusivity) -> Exclusivity {
        match x {
            ast::Exclusivity::Exclusive => Exclusivity::Exclusive,
            ast::Exclusivity::ExclusiveExceptGrantor => Exclusivity::ExclusiveExceptGrantor,
            ast::Exclusivity::Sole => Exclusivity::Sole,
            ast::Exclusivity::NonExclusive => Exclusivity::NonExclusive,
            ast::Exclusivity::CoExclusive(names) => {
                Exclusivity::CoExclusive(names.iter().filter_map(|n| self.party(n)).collect())
            }
        }
    }

    fn sublicense(&mut self, mods: &Mods<'_>) -> Option<Sublicense> {
        let (to, depth) = mods
            .one(|m| match m {
                Modifier::MaySublicense { to, depth } => Some((to, depth)),
                _ => None,
            })?
            .0;
        Some(Sublicense {
            to: to.iter().filter_map(|n| self.party(n)).collect(),
            depth: depth.as_ref().map(|d| d.node),
        })
    }

    /// One dimension of the scope: its terms (the root where none is named), and the test of a use.
    fn scope(
        &mut self,
        event: EventId,
        field: &str,
        names: &[Name],
        vocabulary: &str,
        span: Span,
    ) -> (Vec<TermId>, Option<Expr>) {
        let info = self.deal.symbols.event_info(event);
        let at = info.fields.get_index_of(field);
        if names.is_empty() && field != "asset" {
            // Worldwide, any field of use: nothing to test, and an absent field is within.
            let own = at.and_then(|i| match info.fields[i].ty {
                Type::Term(v) => self.deal.symbols.vocabularies.get_index(v.ix()).map(|(_, x)| x.root),
                _ => None,
            });
            let root = own.or_else(|| self.deal.symbols.vocabularies.get(vocabulary).map(|v| v.root));
            return (root.into_iter().collect(), None);
        }
        let Some(at) = at else {
            let kind = self.deal.symbols.event_name(event).to_owned();
            let message = format!(
                "event `{kind}` has no field `{field}`, so no event shows whether it is within the license"
            );
            let d = Diagnostic::error("T064", message, span, "licensed here")
                .help(format!("give `{kind}` a field `{field}` of a vocabulary"));
            self.say(d);
            return (Vec::new(), None);
        };
        let Type::Term(vocab) = info.fields[at].ty else {
            let message = format!("field `{field}` is of no vocabulary, so nothing lies above or below it");
            let d = Diagnostic::error("T064", message, info.fields[at].span, "declared here")
                .label(span, "licensed here");
            self.say(d);
            return (Vec::new(), None);
        };
        let ty = info.fields[at].ty;
        let terms: Vec<TermId> = names.iter().filter_map(|n| self.term_in(n, vocab)).collect();
        let ranges = terms.iter().map(|t| (*t, self.deal.symbols.terms[t.ix()].last)).collect();
        let value = Expr { kind: ExprKind::Field(FieldId::at(at)), ty, span };
        let test = Expr { kind: ExprKind::Under(Box::new(value), ranges), ty: Type::Bool, span };
        (terms, Some(test))
    }

    /// The guard joined with `the actor is none of these`.
    fn outside_set(
        &mut self,
        event: EventId,
        set: &[PartyId],
        guard: Option<Expr>,
        span: Span,
    ) -> Option<Expr> {
        let Some(actor) = self.deal.symbols.event_info(event).actor else { return guard };
        let value = Expr { kind: ExprKind::Field(actor), ty: Type::Party, span };
        let members = set.iter().map(|p| Value::Party(*p)).collect();
        let inside = Expr { kind: ExprKind::OneOf(Box::new(value), members), ty: Type::Bool, span };
        and(guard, super::term::not(inside))
    }
}

/// Whether a license bars use by others: whether its licensor is spared, and who else.
fn bars(x: &Exclusivity) -> Option<(bool, Vec<PartyId>)> {
    match x {
        Exclusivity::Exclusive => Some((false, Vec::new())),
        Exclusivity::ExclusiveExceptGrantor => Some((true, Vec::new())),
        Exclusivity::CoExclusive(set) => Some((true, set.clone())),
        Exclusivity::Sole | Exclusivity::NonExclusive => None,
    }
}
