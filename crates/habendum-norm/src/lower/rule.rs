//! Permissions and prohibitions.

use super::duty::Repairs;
use super::table::Mods;
use super::term::{and, not};
use super::{Lowering, Place};
use crate::ir::{Body, Norm, NormId, Rule};
use habendum_syntax::Sp;
use habendum_syntax::ast::{self, Modifier, Name};

impl Lowering<'_> {
    /// `P may E`; with `only if C` also the prohibition where C does not hold.
    pub(super) fn may(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        who: &Sp<ast::Who>,
        event: &Name,
        over: Option<&Name>,
        into: &mut Vec<Norm>,
    ) {
        let (bearer, kind) = (self.who(who), self.event(event));
        if let Some(v) = over
            && !self.deal.symbols.vocabularies.contains_key(&v.node)
        {
            let s = &self.deal.symbols;
            let known = s.vocabularies.keys().map(String::as_str);
            self.say(habendum_model::suggest::unknown("vocabulary", v, known, s));
        }
        let (Some(who), Some(event)) = (bearer, kind) else { return };
        self.acts(event, mods);
        self.check_key(event, mods.span);
        let at = Place { event: Some(event), trigger: None };
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let guard = self.guard(mods, &at, false);
        let only = self.only_if(mods, &at);
        let permit_guard = match &only {
            Some(c) => and(guard.clone(), c.clone()),
            None => guard.clone(),
        };
        let rule = Rule {
            permits: true,
            who: who.clone(),
            event,
            guard: permit_guard,
            before: None,
            otherwise: None,
        };
        into.push(self.norm(mods, id, term.clone(), exceptions.clone(), Body::Rule(rule)));
        if let Some(c) = only {
            let guard = and(guard, not(c));
            let rule = Rule { permits: false, who, event, guard, before: None, otherwise: None };
            into.push(self.norm(mods, NormId { sub: 1, ..id }, term, exceptions, Body::Rule(rule)));
        }
    }

    /// `P must not E [before E2 ...]`
    pub(super) fn must_not(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        who: &Sp<ast::Who>,
        event: &Name,
        into: &mut Vec<Norm>,
    ) {
        let (bearer, kind) = (self.who(who), self.event(event));
        let (Some(who), Some(event)) = (bearer, kind) else { return };
        self.acts(event, mods);
        self.check_key(event, mods.span);
        let at = Place { event: Some(event), trigger: None };
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let guard = self.guard(mods, &at, true);
        let before = mods.one(|m| match m {
            Modifier::Before(e) => Some(e),
            _ => None,
        });
        let before = before.and_then(|(e, _)| self.event_ref(e, Some(event)));
        let otherwise = self.otherwise(mods, id, Repairs { trigger: Some(event), duty: false });
        let rule = Rule { permits: false, who, event, guard, before, otherwise };
        into.push(self.norm(mods, id, term, exceptions, Body::Rule(rule)));
    }
}
