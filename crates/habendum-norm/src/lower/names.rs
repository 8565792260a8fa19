//! Names and types: the seam to the model's elaboration. Every diagnostic is passed on; what fails is left out.

use super::{Lowering, Place};
use crate::ir::{EventTest, RegisterDef, TotalDef, Who};
use habendum_model::date::{Business, Reckoning};
use habendum_model::deal::{Consolidated, Deal};
use habendum_model::elaborate::{
    self, DateRole, DateScope, Scope, elaborate_date, elaborate_expr, elaborate_guard, elaborate_length,
};
use habendum_model::expr::{DateValue, Expr, Type, WhoMember};
use habendum_model::suggest::unknown;
use habendum_model::value::{
    AssumptionId, ClauseId, EventId, FieldId, Length, ParamId, PartyId, RegisterId, TermId, Value, VocabId,
};
use habendum_syntax::ast::{self, Head, Line, Modifier, Name};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::{Date, date};
use std::cell::RefCell;

/// How a deal reckons. An open first day stands for no contract year that could be asked for.
pub(super) fn reckoning(deal: &Deal, texts: &Consolidated) -> Reckoning {
    let info = &deal.symbols.agreement;
    Reckoning {
        months: info.months,
        business: info.business.and_then(|c| business(deal, c.ix())),
        fiscal_year: info.fiscal_year,
        effective: texts.effective.fixed().unwrap_or_else(|| date(2000, 1, 1)),
    }
}

fn business(deal: &Deal, calendar: usize) -> Option<Business> {
    let (_, c) = deal.symbols.calendars.get_index(calendar)?;
    let civil = |d: &Sp<ast::Date>| {
        let (m, day) = (i8::try_from(d.node.month).ok()?, i8::try_from(d.node.day).ok()?);
        Date::new(d.node.year, m, day).ok()
    };
    let weekday = |n: &Name| {
        let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        names.iter().position(|w| *w == n.node).and_then(|i| i8::try_from(i + 1).ok())
    };
    Some(Business {
        weekend: c.node.weekend.iter().filter_map(weekday).collect(),
        holidays: c.node.holidays.iter().filter_map(civil).collect(),
        covers: c.node.covers.as_ref().and_then(|(a, b)| Some((civil(a)?, civil(b)?))),
    })
}

impl Lowering<'_> {
    /// Asks the model something in the scope of a place.
    fn ask<R>(
        &mut self,
        at: &Place,
        question: impl FnOnce(&Scope<'_>, &DateScope<'_>) -> Result<R, Vec<Diagnostic>>,
    ) -> Option<R> {
        let cell = RefCell::new(std::mem::take(&mut self.measures));
        let params = &self.params;
        let value = |p: ParamId| params.get(p.ix()).cloned().flatten();
        let texts = &self.texts.effective;
        let dates = DateScope {
            symbols: &self.deal.symbols,
            reckoning: &self.reckoning,
            value: &value,
            effective: Some(texts.clone()),
            signature: Some(self.signature.clone()),
            rounding: self.rounding,
        };
        let mut scope = Scope::new(&self.deal.symbols);
        scope.event = at.event;
        scope.trigger = at.trigger;
        scope.key = self.key.as_ref().map(|k| (k.fields.clone(), k.table));
        scope.measures = Some(&cell);
        scope.dates = Some(&dates);
        let answer = question(&scope, &dates);
        self.measures = cell.into_inner();
        match answer {
            Ok(r) => Some(r),
            Err(all) => {
                all.into_iter().for_each(|d| self.say(d));
                None
            }
        }
    }

    /// A condition.
    pub(super) fn cond(&mut self, e: &Sp<ast::Expr>, at: &Place) -> Option<Expr> {
        self.ask(at, |s, _| elaborate_guard(s, e))
    }

    /// An expression of any type.
    pub(super) fn any(&mut self, e: &Sp<ast::Expr>, at: &Place) -> Option<Expr> {
        self.ask(at, |s, _| elaborate_expr(s, e, None))
    }

    /// A sum of money in any of the deal's currencies.
    pub(super) fn money(&mut self, e: &Sp<ast::Expr>, at: &Place) -> Option<Expr> {
        let made = self.any(e, at)?;
        if matches!(made.ty, Type::Money(_, None)) {
            return Some(made);
        }
        let found = elaborate::show_type(&self.deal.symbols, made.ty);
        let message = format!("an amount is a sum of money, and this is {found}");
        let mut d = Diagnostic::error("T065", message, e.span, found);
        if matches!(made.ty, Type::Money(_, Some(_))) {
            d = d.help("multiply the price by a quantity of its unit");
        }
        if let (ast::Expr::Number(n), Some(own)) = (&e.node, self.deal.symbols.agreement.currencies.first()) {
            d = d.help(format!("name the currency: `{n} {}`", own.code));
        }
        self.say(d);
        None
    }

    /// A plain number.
    pub(super) fn number(&mut self, e: &Sp<ast::Expr>, at: &Place) -> Option<Expr> {
        self.ask(at, |s, _| elaborate_expr(s, e, Some(Type::Percent)))
    }

    /// A date; a year or month is its last day where `last`.
    pub(super) fn date(&mut self, d: &Sp<ast::DateExpr>, last: bool) -> Option<DateValue> {
        let role = if last { DateRole::Last } else { DateRole::First };
        self.ask(&Place::default(), |_, dates| elaborate_date(dates, d, role))
    }

    /// A length of time.
    pub(super) fn length(&mut self, d: &Sp<ast::Duration>) -> Option<Length> {
        self.ask(&Place::default(), |_, dates| elaborate_length(dates, d))
    }

    /// A clause by its id.
    pub(super) fn clause_id(&mut self, n: &Name) -> Option<ClauseId> {
        let s = &self.deal.symbols;
        let found = s.clauses.get_index_of(&n.node).map(ClauseId::at);
        if found.is_none() {
            self.say(unknown("clause", n, s.clauses.keys().map(String::as_str), s));
        }
        found
    }

    /// A person.
    pub(super) fn party(&mut self, n: &Name) -> Option<PartyId> {
        let s = &self.deal.symbols;
        let found = s.parties.get_index_of(&n.node).map(PartyId::at);
        if found.is_none() {
            self.say(unknown("party", n, s.parties.keys().map(String::as_str), s));
        }
        found
    }

    /// An event kind.
    pub(super) fn event(&mut self, n: &Name) -> Option<EventId> {
        let s = &self.deal.symbols;
        let found = s.event(&n.node);
        if found.is_none() {
            self.say(unknown("event kind", n, s.events.keys().map(String::as_str), s));
        }
        found
    }

    /// A term of a vocabulary.
    pub(super) fn term_in(&mut self, n: &Name, vocab: VocabId) -> Option<TermId> {
        let s = &self.deal.symbols;
        let found = s.terms.iter().position(|t| t.vocab == vocab && t.name == n.node).map(TermId::at);
        if found.is_none() {
            let known = s.terms.iter().filter(|t| t.vocab == vocab).map(|t| t.name.as_str());
            self.say(unknown("term", n, known, s));
        }
        found
    }

    /// An assumption.
    pub(super) fn assumption(&mut self, n: &Name) -> Option<AssumptionId> {
        let s = &self.deal.symbols;
        let found = s.assumptions.get_index_of(&n.node).map(AssumptionId::at);
        if found.is_none() {
            self.say(unknown("assumption", n, s.assumptions.keys().map(String::as_str), s));
        }
        found
    }

    /// The bearer of a norm.
    pub(super) fn who(&mut self, who: &Sp<ast::Who>) -> Option<Who> {
        Some(match &who.node {
            ast::Who::Named(names) => Who::Named(self.members(names)?),
            ast::Who::AnyParty => Who::AnyParty,
            ast::Who::Anyone => Who::Anyone,
            ast::Who::AnyoneExcept(names) => Who::AnyoneExcept(self.members(names)?),
        })
    }

    fn members(&mut self, names: &[Name]) -> Option<Vec<WhoMember>> {
        let mut all = Vec::new();
        for n in names {
            match self.deal.symbols.registers.get_full(&n.node) {
                Some((i, _, r)) => {
                    if !matches!(r.node.of.node, ast::TypeName::Party) {
                        let message = format!("register `{}` holds no persons", n.node);
                        self.say(Diagnostic::error("T065", message, n.span, "a person is needed here"));
                    }
                    all.push(WhoMember::Register(RegisterId::at(i)));
                }
                None => all.push(WhoMember::Party(self.party(n)?)),
            }
        }
        Some(all)
    }

    /// An event kind with its guard, and the fields that must equal those of another event.
    pub(super) fn event_ref(&mut self, r: &ast::EventRef, other: Option<EventId>) -> Option<EventTest> {
        let event = self.event(&r.event)?;
        let at = Place { event: Some(event), trigger: None };
        let guard = match &r.guard {
            Some(g) => Some(self.cond(g, &at)?),
            None => None,
        };
        let mut same = Vec::new();
        for n in &r.same {
            same.extend(self.pair(n, event, other));
        }
        Some(EventTest { event, guard, same })
    }

    /// A field that two events share: (of the other, of this).
    fn pair(&mut self, n: &Name, event: EventId, other: Option<EventId>) -> Option<(FieldId, FieldId)> {
        let Some(other) = other else {
            let message = format!("`of the same {}`: the same as of which event?", n.node);
            self.say(Diagnostic::error("T064", message, n.span, "no event is at hand here"));
            return None;
        };
        let s = &self.deal.symbols;
        let (a, b) =
            (s.event_info(other).fields.get_full(&n.node), s.event_info(event).fields.get_full(&n.node));
        match (a, b) {
            (Some((i, _, x)), Some((j, _, y))) if x.ty == y.ty => Some((FieldId::at(i), FieldId::at(j))),
            (Some((_, _, x)), Some((_, _, y))) => {
                let d = Diagnostic::error(
                    "T064",
                    format!("`{}` is of two types", n.node),
                    n.span,
                    "compared here",
                )
                .label(x.span, "of one type")
                .label(y.span, "of another");
                self.say(d);
                None
            }
            (Some(_), None) => {
                self.no_field(event, n);
                None
            }
            (None, _) => {
                self.no_field(other, n);
                None
            }
        }
    }

    /// Says that an event kind lacks a field.
    pub(super) fn no_field(&mut self, event: EventId, n: &Name) {
        let s = &self.deal.symbols;
        let what = format!("field of {}", s.event_name(event));
        self.say(unknown(&what, n, s.event_info(event).fields.keys().map(String::as_str), s));
    }

    /// An event kind that someone does: it needs a field that says who.
    pub(super) fn acts(&mut self, event: EventId, mods: &super::table::Mods<'_>) {
        let info = self.deal.symbols.event_info(event);
        if info.actor.is_none() {
            let kind = self.deal.symbols.event_name(event);
            let message = format!("no one is shown to do `{kind}`: it has no field `by: party`");
            let d = Diagnostic::error("T064", message, mods.span, "said of someone here")
                .label(info.span, "declared here");
            self.say(d);
        }
    }

    /// The fields of the clause's key are in an event kind that its sentences turn on.
    pub(super) fn check_key(&mut self, event: EventId, span: Span) {
        let Some(key) = &self.key else { return };
        let info = self.deal.symbols.event_info(event);
        let missing: Vec<String> =
            key.fields.iter().filter(|f| !info.fields.contains_key(*f)).cloned().collect();
        for f in missing {
            let kind = self.deal.symbols.event_name(event);
            let message = format!("event `{kind}` has no field `{f}`, by which this clause is kept apart");
            let d = Diagnostic::error("T064", message, span, "turns on that event")
                .label(info.span, "declared here");
            self.say(d);
        }
    }

    /// The event kind whose fields a relief's `of the same` compares with: the triggers of its targets.
    pub(super) fn facts_of(&mut self, targets: &[ClauseId], asked: bool, span: Span) -> Option<EventId> {
        if !asked {
            return None;
        }
        let texts = self.texts;
        let mut kinds: Vec<EventId> = Vec::new();
        for c in texts.versions.iter().flat_map(|v| &v.clauses).filter(|c| targets.contains(&c.id)) {
            for line in &c.clause.node.parts.body {
                if let Line::Statement(s) = &line.node
                    && let Some(name) = turns_on(s)
                    && let Some(e) = self.deal.symbols.event(&name.node)
                    && !kinds.contains(&e)
                {
                    kinds.push(e);
                }
            }
        }
        if kinds.len() > 1 {
            let message =
                "`of the same` has no one meaning: the clauses it bears on turn on different events";
            let d = Diagnostic::error("T068", message, span, "bears on several clauses")
                .help("write one sentence per clause");
            self.say(d);
        }
        kinds.first().copied()
    }

    /// Declared totals.
    pub(super) fn totals(&mut self) -> Vec<TotalDef> {
        let deal = self.deal;
        let mut all = Vec::new();
        for t in deal.symbols.totals.values() {
            let Some(on) = self.event_ref(&t.node.on, None) else { continue };
            let at = Place { event: Some(on.event), trigger: None };
            if let Some(value) = self.any(&t.node.value, &at) {
                all.push(TotalDef { on, value });
            }
        }
        all
    }

    /// Registers.
    pub(super) fn registers(&mut self) -> Vec<RegisterDef> {
        let deal = self.deal;
        let mut all = Vec::new();
        for r in deal.symbols.registers.values() {
            let mut def = RegisterDef { initially: Vec::new(), adds: Vec::new(), removes: Vec::new() };
            for n in &r.node.initially {
                def.initially.extend(self.member(n, &r.node.of.node));
            }
            for c in &r.node.adds {
                def.adds.extend(self.register_change(c));
            }
            for c in &r.node.removes {
                def.removes.extend(self.register_change(c));
            }
            all.push(def);
        }
        all
    }

    fn member(&mut self, n: &Name, of: &ast::TypeName) -> Option<Value> {
        if let ast::TypeName::Named(v) = of {
            let vocab = self.deal.symbols.vocabularies.get_index_of(&v.node).map(VocabId::at)?;
            return self.term_in(n, vocab).map(Value::Term);
        }
        self.party(n).map(Value::Party)
    }

    fn register_change(&mut self, c: &ast::RegisterChange) -> Option<(EventTest, FieldId)> {
        let on = self.event_ref(&c.on, None)?;
        match self.deal.symbols.event_info(on.event).fields.get_index_of(&c.field.node) {
            Some(i) => Some((on, FieldId::at(i))),
            None => {
                self.no_field(on.event, &c.field);
                None
            }
        }
    }
}

/// The event whose fields are the facts of a sentence: what opens an obligation, else what the sentence is about.
fn turns_on(s: &ast::Statement) -> Option<&Name> {
    match &s.head {
        Head::Must { .. } => s.modifiers.iter().find_map(|m| match &m.node {
            Modifier::Within { of, .. } => Some(&of.event),
            _ => None,
        }),
        Head::May { event, .. } | Head::MustNot { event, .. } | Head::Grants { event, .. } => Some(event),
        Head::Keep { on, .. } => Some(&on.event),
        Head::Power { .. }
        | Head::Excuses { .. }
        | Head::ExtendsTime { .. }
        | Head::Pays { .. }
        | Head::Recital(_)
        | Head::Undertaking { .. }
        | Head::Holding { .. } => None,
    }
}
