//! Obligations, maintenance duties, and what repairs their breach.

use super::table::Mods;
use super::term::not;
use super::{Lowering, Place};
use crate::ir::{Body, Duty, Exception, Keep, Norm, NormId, Opening, Relief, ReliefEffect};
use habendum_model::expr::{Expr, Type};
use habendum_model::value::{EventId, FieldId};
use habendum_syntax::ast::{self, EventRef, Head, Modifier, ModifierKind as K, Name, Period, Statement};
use habendum_syntax::{Diagnostic, Sp, Span};

/// What a reparation repairs: the event that opened the obligation, and whether it has a deadline to be late for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repairs {
    /// The trigger whose fields are at hand.
    pub trigger: Option<EventId>,
    /// An obligation, so that there can be delay.
    pub duty: bool,
}

impl Lowering<'_> {
    /// `P must E ...`; as a reparation where `repairs` is given.
    pub(super) fn must(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        who: &Sp<ast::Who>,
        event: &Name,
        repairs: Option<Repairs>,
        into: &mut Vec<Norm>,
    ) {
        let (bearer, kind) = (self.who(who), self.event(event));
        let (Some(who), Some(event)) = (bearer, kind) else { return };
        self.check_key(event, mods.span);
        let Some((opening, trigger)) = self.opening(mods, event, repairs) else { return };
        let at = Place { event: Some(event), trigger };
        // What opens it is asked when it opens: over the trigger's fields, where an event opens it.
        let opens = Place { event: trigger.filter(|_| repairs.is_none()), trigger };
        let term = self.term(mods, &opens, false);
        let mut exceptions = self.exceptions(mods, &opens);
        if let Some(c) = self.only_if(mods, &opens) {
            exceptions.push(Exception { label: None, condition: not(c), unless: Vec::new() });
        }
        let duty = Duty {
            who,
            event,
            guard: self.guard(mods, &at, false),
            opening,
            quantity: self.quantity(mods, event, &opens),
            otherwise: self.otherwise(mods, id, Repairs { trigger, duty: true }),
            months: mods.months(),
        };
        into.push(self.norm(mods, id, term, exceptions, Body::Duty(Box::new(duty))));
    }

    fn opening(
        &mut self,
        mods: &Mods<'_>,
        event: EventId,
        repairs: Option<Repairs>,
    ) -> Option<(Opening, Option<EventId>)> {
        let mut found: Vec<(K, Span)> = Vec::new();
        let mut opening = None;
        for m in mods.all {
            let made = match &m.node {
                // A reparation's window runs from the breach, which is no event kind.
                Modifier::Within { length, of } if repairs.is_some() && of.event.node == "breach" => {
                    found.push((K::Within, m.span));
                    let months = mods.months();
                    let length = self.length(length).inspect(|l| self.check_months(*l, months, m.span));
                    length.map(|l| (Opening::OnBreach(Some(l)), None))
                }
                Modifier::Within { length, of } => {
                    found.push((K::Within, m.span));
                    self.within(length, of, event, mods.months())
                }
                Modifier::WithinEach { length, period } => {
                    found.push((K::Within, m.span));
                    let months = mods.months();
                    let length = self.length(length).inspect(|l| self.check_months(*l, months, m.span));
                    let period = self.recurring(period);
                    period.zip(length).map(|(p, l)| (Opening::AfterEach(p, l), None))
                }
                Modifier::By(d) => {
                    found.push((K::By, m.span));
                    self.date(d, true).map(|d| (Opening::By(d), None))
                }
                Modifier::Each(p) => {
                    found.push((K::Each, m.span));
                    self.recurring(p).map(|p| (Opening::Each(p), None))
                }
                Modifier::NoDeadline => {
                    found.push((K::NoDeadline, m.span));
                    Some((Opening::NoDeadline, None))
                }
                _ => continue,
            };
            opening = opening.or(made);
        }
        if let Some(r) = repairs {
            return self.repair_opening(mods, r, &found, opening);
        }
        match found.as_slice() {
            [] => {
                let d = Diagnostic::error(
                    "T062",
                    "an obligation needs a deadline",
                    mods.span,
                    "by when is not said",
                )
                .help("say `within 30 days of E`, `by DATE`, `each month`, `within 15 days after each month`, or `no deadline`");
                self.say(d);
                None
            }
            [_] => opening,
            [(_, first), (_, second), ..] => {
                let d = Diagnostic::error("T068", "an obligation has one deadline", *second, "a second one")
                    .label(*first, "the first one");
                self.say(d);
                opening
            }
        }
    }

    /// A reparation is opened by the breach alone: `within 10 days of breach`, or `no deadline`.
    fn repair_opening(
        &mut self,
        mods: &Mods<'_>,
        repairs: Repairs,
        found: &[(K, Span)],
        opening: Option<(Opening, Option<EventId>)>,
    ) -> Option<(Opening, Option<EventId>)> {
        let trigger = repairs.trigger;
        match (found, opening) {
            ([_], Some((Opening::OnBreach(length), _))) => Some((Opening::OnBreach(length), trigger)),
            ([(K::NoDeadline, _)], _) => Some((Opening::OnBreach(None), trigger)),
            ([], _) => {
                let d = Diagnostic::error(
                    "T062",
                    "an obligation needs a deadline",
                    mods.span,
                    "by when is not said",
                )
                .help("say `within 10 days of breach`, or `no deadline`");
                self.say(d);
                None
            }
            ([(_, span), ..], _) => {
                let message = "a reparation is opened by the breach that it repairs";
                let d = Diagnostic::error("T068", message, *span, "this would open it at another time")
                    .help("say `within 10 days of breach`, or `no deadline`");
                self.say(d);
                None
            }
        }
    }

    fn within(
        &mut self,
        length: &Sp<ast::Duration>,
        of: &EventRef,
        event: EventId,
        months: Option<ast::MonthRounding>,
    ) -> Option<(Opening, Option<EventId>)> {
        let trigger = self.event_ref(of, Some(event));
        let span = length.span;
        let length = self.length(length)?;
        self.check_months(length, months, span);
        let trigger = trigger?;
        self.check_key(trigger.event, span);
        let kind = trigger.event;
        Some((Opening::Within { trigger, length }, Some(kind)))
    }

    fn recurring(&mut self, p: &Sp<Period>) -> Option<Period> {
        match p.node {
            Period::Event | Period::InTotal | Period::Rolling(_) => {
                let d = Diagnostic::error(
                    "T066",
                    "this period never ends, so nothing recurs with it",
                    p.span,
                    "named here",
                )
                .help("say `each day`, `week`, `month`, `quarter`, `year`, `fiscal year` or `contract year`");
                self.say(d);
                None
            }
            Period::Day
            | Period::Week
            | Period::Month
            | Period::Quarter
            | Period::Year
            | Period::FiscalYear
            | Period::ContractYear => Some(p.node),
        }
    }

    fn quantity(&mut self, mods: &Mods<'_>, event: EventId, opens: &Place) -> Option<(Expr, FieldId)> {
        let (amount, field) = mods
            .one(|m| match m {
                Modifier::Totalling { amount, field } => Some((amount, field)),
                _ => None,
            })?
            .0;
        let need = self.any(amount, opens);
        let info = self.deal.symbols.event_info(event);
        let Some((at, _, f)) = info.fields.get_full(&field.node) else {
            self.no_field(event, field);
            return None;
        };
        let need = need?;
        let fits = match (need.ty, f.ty) {
            (Type::Money(a, None), Type::Money(b, None)) => a == b,
            (Type::Int | Type::Decimal(_), Type::Int | Type::Decimal(_)) => true,
            _ => false,
        };
        if !fits {
            let message = format!("`{}` does not add up to what is to be done", field.node);
            let d = Diagnostic::error("T065", message, field.span, "counted by this field")
                .label(amount.span, "to be done");
            self.say(d);
        }
        Some((need, FieldId::at(at)))
    }

    /// `otherwise STATEMENT`: a payment or an obligation, numbered on from what it repairs.
    pub(super) fn otherwise(&mut self, mods: &Mods<'_>, id: NormId, repairs: Repairs) -> Option<Box<Norm>> {
        let (s, _): (&Sp<Statement>, Span) = mods.one(|m| match m {
            Modifier::Otherwise(s) => Some(&**s),
            _ => None,
        })?;
        let inner = Mods::check(self, s);
        let id = NormId { sub: id.sub + 1, ..id };
        let mut made = Vec::new();
        match &s.node.head {
            Head::Must { who, event } => self.must(&inner, id, who, event, Some(repairs), &mut made),
            Head::Pays { payer, payee, amount } => {
                self.pays(&inner, id, (payer, payee), amount, Some(repairs), &mut made);
            }
            Head::May { .. }
            | Head::MustNot { .. }
            | Head::Keep { .. }
            | Head::Power { .. }
            | Head::Excuses { .. }
            | Head::ExtendsTime { .. }
            | Head::Grants { .. }
            | Head::Recital(_)
            | Head::Undertaking { .. }
            | Head::Holding { .. } => {
                let d = Diagnostic::error(
                    "T069",
                    "what follows on breach is a payment or an obligation",
                    s.span,
                    "neither",
                )
                .help("say `otherwise P pays Q ...` or `otherwise P must E ...`");
                self.say(d);
            }
        }
        made.pop().map(Box::new)
    }

    /// `P must keep C on each E`
    pub(super) fn keep(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        who: &Sp<ast::Who>,
        condition: &Sp<ast::Expr>,
        on: &EventRef,
        into: &mut Vec<Norm>,
    ) {
        let bearer = self.who(who);
        let shown = self.event_ref(on, None);
        let (Some(who), Some(mut shown_by)) = (bearer, shown) else { return };
        self.check_key(shown_by.event, mods.span);
        let at = Place { event: Some(shown_by.event), trigger: None };
        if let Some(g) = self.guard(mods, &at, true) {
            shown_by.guard = super::term::and(shown_by.guard.take(), g);
        }
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let otherwise = self.otherwise(mods, id, Repairs { trigger: Some(shown_by.event), duty: false });
        let Some(condition) = self.cond(condition, &at) else { return };
        let keep = Keep { who, condition, shown_by, otherwise };
        into.push(self.norm(mods, id, term, exceptions, Body::Keep(keep)));
    }

    /// `E excuses X`
    pub(super) fn excuses(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        cause: &EventRef,
        targets: &[Name],
        into: &mut Vec<Norm>,
    ) {
        let Some((cause, targets, at)) = self.cause(mods, cause, targets) else { return };
        let mut until = Vec::new();
        let mut lasting = None;
        let mut clocks_stop = false;
        for m in mods.all {
            match &m.node {
                Modifier::Until(e) => until.extend(self.event_ref(e, Some(cause.event))),
                Modifier::Lasting(l) => {
                    let span = l.span;
                    lasting = self.length(l);
                    if let Some(l) = lasting {
                        self.check_months(l, mods.months(), span);
                    }
                }
                Modifier::Clocks(stop) => clocks_stop = *stop,
                Modifier::UntilReaches { .. } => {
                    let message = "relief ends with an event or after a length of time";
                    self.say(Diagnostic::error("T060", message, m.span, "a running sum does not end it"));
                }
                _ => {}
            }
        }
        let term = self.term(mods, &at, true);
        let exceptions = self.exceptions(mods, &at);
        let effect = ReliefEffect::Excuse { until, lasting, clocks_stop };
        into.push(self.norm(mods, id, term, exceptions, Body::Relief(Relief { cause, targets, effect })));
    }

    /// `E extends X by L`
    pub(super) fn extends(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        cause: &EventRef,
        targets: &[Name],
        by: &Sp<ast::Expr>,
        into: &mut Vec<Norm>,
    ) {
        let Some((cause, targets, at)) = self.cause(mods, cause, targets) else { return };
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let Some(by) = self.any(by, &at) else { return };
        if !matches!(by.ty, Type::Duration | Type::Int | Type::Decimal(None)) {
            let d = Diagnostic::error(
                "T065",
                "time is extended by a length or a number of days",
                by.span,
                "neither",
            );
            self.say(d);
            return;
        }
        let effect = ReliefEffect::Extend(by);
        into.push(self.norm(mods, id, term, exceptions, Body::Relief(Relief { cause, targets, effect })));
    }

    fn cause(
        &mut self,
        mods: &Mods<'_>,
        cause: &EventRef,
        targets: &[Name],
    ) -> Option<(crate::ir::EventTest, Vec<habendum_model::value::ClauseId>, Place)> {
        let ids: Vec<_> = targets.iter().filter_map(|n| self.clause_id(n)).collect();
        let facts = self.facts_of(&ids, !cause.same.is_empty(), mods.span);
        let mut test = self.event_ref(cause, facts)?;
        let at = Place { event: Some(test.event), trigger: None };
        if let Some(g) = self.guard(mods, &at, true) {
            test.guard = super::term::and(test.guard.take(), g);
        }
        Some((test, ids, at))
    }
}
