//! Lowering: from the consolidated deal to norms, one program for one binding.
//!
//! Data flow: versions of clauses -> chosen readings -> statements, their modifiers checked (`table`) -> norms (`rule`,
//! `grant`, `duty`, `payment`, `power`), with names and types by the model's elaboration (`names`).
//! Invariant: nothing downstream knows the surface syntax, and nothing of it is lost here without a diagnostic.

mod bands;
mod chain;
mod duty;
mod grant;
mod months;
mod names;
mod payment;
mod power;
mod rule;
mod table;
mod term;
mod texts;
mod unbound;

use crate::ir::{Body, Inert, KeySpec, Norm, NormId, Program, RegisterDef, TotalDef, Version};
pub(crate) use crate::reads::each_expr;
use habendum_model::date::Reckoning;
use habendum_model::deal::{Binding, Bound, Consolidated, Deal, VersionClause};
use habendum_model::expr::{DateValue, Measure};
use habendum_model::value::{AssumptionId, ClauseId, EventId, ParamId, TableId, Value};
use habendum_syntax::ast::{self, Head, Line, Statement};
use habendum_syntax::{Checked, Diagnostic, Severity, Sp, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use table::Mods;
pub use table::{goes_with, word as modifier_word};
pub use unbound::unbound;

/// Where an expression stands: which event's fields it may name.
#[derive(Clone, Debug, Default)]
struct Place {
    /// The event at hand.
    pub event: Option<EventId>,
    /// The event that opened the obligation or caused the relief.
    pub trigger: Option<EventId>,
}

/// The state of a lowering.
struct Lowering<'a> {
    deal: &'a Deal,
    texts: &'a Consolidated,
    reckoning: Reckoning,
    /// Parameter values of the version at hand.
    params: Vec<Option<Value>>,
    measures: Vec<Measure>,
    diagnostics: Vec<Diagnostic>,
    said: BTreeSet<(Span, String)>,
    /// Key of the clause at hand.
    key: Option<KeySpec>,
    /// The clause at hand.
    clause: ClauseId,
    /// Day of signature of the agreement.
    signature: DateValue,
    /// Rounding of month arithmetic that the sentence at hand names.
    rounding: Option<ast::MonthRounding>,
    /// First day of the clause at hand, where its text names none.
    begins: DateValue,
}

/// Lowers every version of a deal's texts. The program is absent where an error stands in the way.
#[must_use]
pub fn lower(deal: &Deal, texts: &Consolidated, binding: &Binding) -> Checked<Option<Program>> {
    let mut low = Lowering {
        deal,
        texts,
        reckoning: names::reckoning(deal, texts),
        params: Vec::new(),
        measures: Vec::new(),
        diagnostics: Vec::new(),
        said: BTreeSet::new(),
        key: None,
        clause: ClauseId(0),
        signature: texts.effective.clone(),
        rounding: None,
        begins: texts.effective.clone(),
    };
    let bound = bind(deal, binding);
    low.params = low.values(&BTreeMap::new(), &bound);
    if let Some(signed) = &deal.symbols.agreement.signed {
        low.signature = low.date(signed, false).unwrap_or_else(|| texts.effective.clone());
    }
    let mut versions = Vec::new();
    for v in &texts.versions {
        low.params = low.values(&v.set, &bound);
        let mut norms = Vec::new();
        for c in &v.clauses {
            low.clause(c, binding, &mut norms);
        }
        chain::spare_sublicensees(&deal.symbols, &mut norms);
        versions.push(Version {
            from: v.from.clone(),
            through: v.through,
            amendments: v.amendments.clone(),
            norms,
            params: low.params.clone(),
            forfeited: v.struck.iter().filter(|(_, s)| !s.saving).map(|(c, _)| *c).collect(),
        });
    }
    low.key = None;
    let totals = low.totals();
    let registers = low.registers();
    program(low.finish(), versions, totals, registers, bound, deal, texts)
}

/// Declared values under those of the binding.
fn bind(deal: &Deal, binding: &Binding) -> BTreeMap<ParamId, Bound> {
    let mut all = BTreeMap::new();
    for (i, p) in deal.symbols.params.values().enumerate() {
        if let Some(value) = &p.value {
            let source = p.ast.node.source.as_ref().map(|s| s.node.clone());
            let bound = Bound { value: value.clone(), origin: "declaration".into(), source };
            all.insert(ParamId::at(i), bound);
        }
    }
    all.extend(binding.values.iter().map(|(p, b)| (*p, b.clone())));
    all
}

/// What a lowering leaves behind.
struct Finished {
    measures: Vec<Measure>,
    reckoning: Reckoning,
    diagnostics: Vec<Diagnostic>,
}

fn program(
    done: Finished,
    versions: Vec<Version>,
    totals: Vec<TotalDef>,
    registers: Vec<RegisterDef>,
    bound: BTreeMap<ParamId, Bound>,
    deal: &Deal,
    texts: &Consolidated,
) -> Checked<Option<Program>> {
    let symbols = &deal.symbols;
    let default_permits = (0..symbols.events.len())
        .map(|i| symbols.agreement.defaults.get(&EventId::at(i)).is_none_or(|(p, _)| *p))
        .collect();
    let failed = done.diagnostics.iter().any(|d| d.severity == Severity::Error);
    let value = (!failed).then(|| Program {
        constants: texts::texts(symbols, &versions),
        symbols: Arc::new(symbols.clone()),
        effective: texts.effective.clone(),
        versions,
        measures: done.measures,
        totals,
        registers,
        default_permits,
        reckoning: done.reckoning,
        zone: symbols.agreement.zone.clone(),
        payments_tracked: symbols.agreement.payments_tracked,
        bound,
        amendments: texts.amendments.clone(),
    });
    Checked { value, diagnostics: done.diagnostics }
}

/// The clauses that declare alternative readings, in document order, with the names of these readings.
#[must_use]
pub fn readings(deal: &Deal, texts: &Consolidated) -> Vec<(ClauseId, Vec<String>)> {
    let _ = deal;
    let mut found: Vec<(ClauseId, Vec<String>)> = Vec::new();
    for c in texts.versions.iter().flat_map(|v| &v.clauses) {
        let names: Vec<String> = readings_of(c).map(|r| r.name.node.clone()).collect();
        if names.is_empty() {
            continue;
        }
        match found.iter_mut().find(|(id, _)| *id == c.id) {
            Some((_, all)) => {
                let more: Vec<String> = names.into_iter().filter(|n| !all.contains(n)).collect();
                all.extend(more);
            }
            None => found.push((c.id, names)),
        }
    }
    found
}

fn readings_of(c: &VersionClause) -> impl Iterator<Item = &ast::Reading> {
    c.clause.node.parts.body.iter().filter_map(|l| match &l.node {
        Line::Reading(r) => Some(r),
        Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) | Line::Statement(_) => None,
    })
}

impl<'a> Lowering<'a> {
    /// Says a diagnostic once, however many versions it shows in.
    fn say(&mut self, d: Diagnostic) {
        if self.said.insert((d.span(), d.message.clone())) {
            self.diagnostics.push(d);
        }
    }

    /// Parameter values of a version: what amendments set, over what is bound.
    fn values(&self, set: &BTreeMap<ParamId, Value>, bound: &BTreeMap<ParamId, Bound>) -> Vec<Option<Value>> {
        (0..self.deal.symbols.params.len())
            .map(ParamId::at)
            .map(|p| set.get(&p).cloned().or_else(|| bound.get(&p).map(|b| b.value.clone())))
            .collect()
    }

    fn finish(self) -> Finished {
        Finished { measures: self.measures, reckoning: self.reckoning, diagnostics: self.diagnostics }
    }

    fn clause(&mut self, c: &'a VersionClause, binding: &Binding, into: &mut Vec<Norm>) {
        self.clause = c.id;
        self.begins = term::begins(self.texts, c);
        self.key = c.clause.node.parts.key.as_ref().and_then(|k| self.key_spec(k));
        let body = &c.clause.node.parts.body;
        let chosen = self.chosen(c, binding);
        let mut source = None;
        let mut rests_on: Vec<AssumptionId> = Vec::new();
        let mut wrapped: Vec<(&'a Statement, Span)> = Vec::new();
        for line in body {
            match &line.node {
                Line::Text(_) | Line::Waive(_) => {}
                Line::Source(s) => source = Some(s.clone()),
                Line::RestsOn(names) => {
                    rests_on.extend(names.iter().filter_map(|n| self.assumption(n)));
                }
                Line::Reading(r) => {
                    if chosen.as_deref() == Some(r.name.node.as_str()) {
                        wrapped.extend(r.statements.iter().map(|s| (&s.node, s.span)));
                    }
                }
                Line::Statement(s) => wrapped.push((s, line.span)),
            }
        }
        for (part, (s, span)) in wrapped.into_iter().enumerate() {
            let part = u16::try_from(part).unwrap_or(u16::MAX);
            let statement = Sp::new(s.clone(), span);
            let id = NormId { clause: c.id, part, sub: 0 };
            let from = into.len();
            self.statement(&statement, id, into);
            for n in &mut into[from..] {
                dress(n, c, source.as_ref(), &rests_on);
            }
        }
    }

    /// The reading that holds: the one bound, else the first. A name that the clause lacks is an error.
    fn chosen(&mut self, c: &VersionClause, binding: &Binding) -> Option<String> {
        let first = readings_of(c).next()?.name.node.clone();
        let Some(wanted) = binding.readings.get(&c.id) else { return Some(first) };
        if readings_of(c).any(|r| r.name.node == *wanted) {
            return Some(wanted.clone());
        }
        // Another version of the clause may declare it: then this one keeps its first.
        let known = readings(self.deal, self.texts);
        if !known.iter().any(|(id, names)| *id == c.id && names.contains(wanted)) {
            let name = self.deal.symbols.clause_name(c.id).to_owned();
            let message = format!("clause `{name}` has no reading `{wanted}`");
            let list: Vec<&str> = readings_of(c).map(|r| r.name.node.as_str()).collect();
            let d = Diagnostic::error("T067", message, c.clause.span, "this clause")
                .help(format!("its readings: {}", list.join(", ")));
            self.say(d);
        }
        Some(first)
    }

    fn key_spec(&mut self, k: &Sp<ast::Key>) -> Option<KeySpec> {
        let fields: Vec<String> = k.node.fields.iter().map(|n| n.node.clone()).collect();
        if let (Some(name), [first, _, ..]) = (&k.node.table, fields.as_slice()) {
            let (t, all) = (&name.node, fields.join(", "));
            let key = self.deal.symbols.tables.get(t).map(|info| &info.key);
            let first = key.filter(|k| fields.contains(k)).unwrap_or(first);
            let message = format!("the rows of `{t}` are kept by one field, this clause by several");
            let d = Diagnostic::error("T068", message, k.span, "which instances there are is not said")
                .help(format!("`for each {first} in {t}` makes every row an instance"))
                .help(format!("`for each {all}` begins an instance with the first event that names it; a figure of the table is then named with its row: `{t}[{first}].COLUMN`"));
            self.say(d);
        }
        let table = match &k.node.table {
            Some(name) => match self.deal.symbols.tables.get_index_of(&name.node) {
                Some(i) => Some(TableId::at(i)),
                None => {
                    let s = &self.deal.symbols;
                    let known = s.tables.keys().map(String::as_str);
                    self.say(habendum_model::suggest::unknown("table", name, known, s));
                    None
                }
            },
            None => None,
        };
        Some(KeySpec { fields, table })
    }

    fn statement(&mut self, s: &Sp<Statement>, id: NormId, into: &mut Vec<Norm>) {
        let mods = Mods::check(self, s);
        self.rounding = mods.months();
        match &s.node.head {
            Head::May { who, event, over } => self.may(&mods, id, who, event, over.as_ref(), into),
            Head::MustNot { who, event } => self.must_not(&mods, id, who, event, into),
            Head::Must { who, event } => self.must(&mods, id, who, event, None, into),
            Head::Keep { who, condition, on } => self.keep(&mods, id, who, condition, on, into),
            Head::Power { who, act, targets } => self.power(&mods, id, who, *act, targets, into),
            Head::Excuses { cause, targets } => self.excuses(&mods, id, cause, targets, into),
            Head::ExtendsTime { cause, targets, by } => self.extends(&mods, id, cause, targets, by, into),
            Head::Grants { .. } => self.grants(&mods, id, &s.node.head, into),
            Head::Pays { payer, payee, amount } => {
                self.pays(&mods, id, (payer, payee), amount, None, into);
            }
            Head::Recital(text) => self.inert(&mods, id, Inert::Recital(text.node.clone()), into),
            Head::Undertaking { who, text, status } => {
                let _ = self.who(who);
                let status = status.as_ref().map(|s| s.node.clone());
                self.inert(&mods, id, Inert::Undertaking(text.node.clone(), status), into);
            }
            Head::Holding { holder, in_, as_, share } => {
                let _ = (self.party(holder), self.party(in_));
                let share = share.as_ref().and_then(|e| self.any(e, &Place::default()));
                let _ = share;
                self.inert(&mods, id, Inert::Holding(as_.node.clone()), into);
            }
        }
    }

    fn inert(&mut self, mods: &Mods<'_>, id: NormId, what: Inert, into: &mut Vec<Norm>) {
        let term = self.term(mods, &Place::default(), false);
        into.push(self.norm(mods, id, term, Vec::new(), Body::Inert(what)));
    }

    /// A norm in the clause at hand. What comes from the clause's lines is put on afterwards.
    fn norm(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        term: crate::ir::Term,
        exceptions: Vec<crate::ir::Exception>,
        body: Body,
    ) -> Norm {
        let (subject_to, notwithstanding, without_prejudice) = self.ranks(mods);
        Norm {
            id,
            span: mods.span,
            provenance: Vec::new(),
            key: self.key.clone(),
            term,
            exceptions,
            subject_to,
            notwithstanding,
            without_prejudice,
            rests_on: Vec::new(),
            source: None,
            body,
        }
    }
}

/// Puts on a norm, and on the reparations in it, what its clause's lines and history say.
fn dress(n: &mut Norm, c: &VersionClause, source: Option<&ast::SourceNote>, rests_on: &[AssumptionId]) {
    n.provenance = c.provenance.clone();
    n.term.suspensions = c.suspensions.clone();
    n.source = source.cloned();
    n.rests_on = rests_on.to_vec();
    let inner = match &mut n.body {
        Body::Duty(d) => d.otherwise.as_mut(),
        Body::Keep(k) => k.otherwise.as_mut(),
        Body::Rule(r) => r.otherwise.as_mut(),
        Body::Payment(_) | Body::Power(_) | Body::Relief(_) | Body::License(_) | Body::Inert(_) => None,
    };
    if let Some(n) = inner {
        dress(n, c, source, rests_on);
    }
}
