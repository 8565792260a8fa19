//! What outputs need to know of a program's norms: their currency, their place, what their results rest on.
//!
//! Data flow: [`Program`] -> [`NormIndex`]. Invariant: reparations are indexed like the norms they hang on; of several
//! versions of one norm the last speaks.

use habendum_model::value::{AssumptionId, ClauseId, CurrencyId, ParamId, PartyId};
use habendum_norm::ir::{Body, Norm, NormId, Program};
use habendum_syntax::Span;
use habendum_syntax::ast::{SourceNote, SourceStatus};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a norm.
#[derive(Clone, Debug, Default)]
pub struct NormFacts {
    /// Its sentence.
    pub span: Span,
    /// Currency of a payment.
    pub currency: Option<CurrencyId>,
    /// Payer and payee as written.
    pub flow: Option<(PartyId, PartyId)>,
    /// Assumptions it rests on.
    pub assumptions: BTreeSet<AssumptionId>,
    /// Parameters it reads.
    pub params: BTreeSet<ParamId>,
    /// Sources of its clause that are not the parties' own, where it has any.
    pub source: Option<SourceNote>,
}

/// Facts of every norm of a program.
#[derive(Clone, Debug, Default)]
pub struct NormIndex {
    facts: BTreeMap<NormId, NormFacts>,
}

impl NormIndex {
    /// The index of a program.
    #[must_use]
    pub fn of(program: &Program) -> Self {
        let mut index = NormIndex::default();
        for norm in program.versions.iter().flat_map(|v| &v.norms) {
            index.add(norm, program);
        }
        index
    }

    fn add(&mut self, norm: &Norm, program: &Program) {
        let facts = self.facts.entry(norm.id).or_default();
        facts.span = norm.span;
        facts.assumptions.extend(norm.rests_on.iter().copied());
        facts.params.extend(habendum_norm::reads::params(norm, program));
        if let Some(s) = &norm.source
            && s.status == SourceStatus::Reported
        {
            facts.source = Some(s.clone());
        }
        if let Body::Payment(p) = &norm.body {
            facts.currency = Some(p.currency);
            facts.flow = Some((p.payer, p.payee));
        }
        if let Some(o) = habendum_norm::reads::otherwise(norm) {
            self.add(o, program);
        }
    }

    /// The facts of a norm.
    #[must_use]
    pub fn get(&self, id: NormId) -> Option<&NormFacts> {
        self.facts.get(&id)
    }

    /// The currency of a payment.
    #[must_use]
    pub fn currency(&self, id: NormId) -> Option<CurrencyId> {
        self.facts.get(&id).and_then(|f| f.currency)
    }

    /// Every norm of a clause.
    pub fn of_clause(&self, clause: ClauseId) -> impl Iterator<Item = (&NormId, &NormFacts)> {
        self.facts.iter().filter(move |(id, _)| id.clause == clause)
    }
}
