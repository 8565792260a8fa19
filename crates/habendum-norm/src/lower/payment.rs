//! Payments: basis, amount, caps, floors, rounding, due days, interest, credits.

use super::duty::Repairs;
use super::table::Mods;
use super::{Lowering, Place};
use crate::ir::{Amount, Basis, Body, Cap, Credit, Due, Floor, Norm, NormId, Payment};
use habendum_model::expr::{Expr, Type};
use habendum_model::value::{CurrencyId, EventId};
use habendum_syntax::ast::{self, DurationUnit, Modifier, ModifierKind as K, Name, Period, RoundingMode};
use habendum_syntax::{Diagnostic, Sp, Span};

impl Lowering<'_> {
    /// `P pays Q AMOUNT ...`; as a reparation where `repairs` is given.
    pub(super) fn pays(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        (payer, payee): (&Name, &Name),
        amount: &Sp<ast::Amount>,
        repairs: Option<Repairs>,
        into: &mut Vec<Norm>,
    ) {
        let (from, to) = (self.party(payer), self.party(payee));
        let Some((basis, event)) = self.basis(mods, repairs) else { return };
        if let Some(e) = event {
            self.check_key(e, mods.span);
        }
        // A reparation has the trigger's fields at hand, by their own names too.
        let trigger = repairs.and_then(|r| r.trigger);
        let at = Place { event: event.or(trigger.filter(|_| repairs.is_some())), trigger };
        let made = self.amount(amount, &at);
        let months = mods.months();
        let term = self.term(mods, &at, false);
        let exceptions = self.exceptions(mods, &at);
        let guard = self.guard(mods, &at, true);
        let (Some(payer), Some(payee), Some((amount, currency))) = (from, to, made) else { return };
        if payer == payee {
            let d = Diagnostic::error("T065", "a payment needs two persons", mods.span, "paid to oneself");
            self.say(d);
        }
        let mut p = Payment {
            payer,
            payee,
            currency,
            basis,
            guard,
            amount,
            caps: Vec::new(),
            floors: Vec::new(),
            rounding: (RoundingMode::HalfEven, Period::Event),
            due: None,
            late: None,
            credits: Vec::new(),
            prorated: mods.has(K::Prorated),
            months,
        };
        self.parts(mods, &at, &mut p);
        self.consistent(mods, &p);
        into.push(self.norm(mods, id, term, exceptions, Body::Payment(Box::new(p))));
    }

    fn basis(&mut self, mods: &Mods<'_>, repairs: Option<Repairs>) -> Option<(Basis, Option<EventId>)> {
        let mut found: Vec<(Basis, Option<EventId>, Span)> = Vec::new();
        let mut stated = false;
        let advance = mods.one(|m| match m {
            Modifier::InAdvance(a) => Some(*a),
            _ => None,
        });
        for m in mods.all {
            match &m.node {
                Modifier::OnEach(e) => {
                    stated = true;
                    let test = self.event_ref(e, None);
                    found.extend(test.map(|t| (Basis::Each(t.clone()), Some(t.event), m.span)));
                }
                Modifier::OnFirst(e) => {
                    stated = true;
                    let test = self.event_ref(e, None);
                    found.extend(test.map(|t| (Basis::First(t.clone()), Some(t.event), m.span)));
                }
                Modifier::OnDate(d) => {
                    stated = true;
                    found.extend(self.date(d, true).map(|d| (Basis::On(d), None, m.span)));
                }
                Modifier::Each(p) => {
                    stated = true;
                    let p = self.ends(p);
                    found
                        .extend(p.map(|p| (Basis::Period(p, advance.is_some_and(|(a, _)| a)), None, m.span)));
                }
                Modifier::PerDelay { started, unit } => {
                    stated = true;
                    if *unit == DurationUnit::Hours {
                        let message = "delay counts from the end of a day, so not in hours";
                        let d = Diagnostic::error("T050", message, m.span, "a deadline has no hour")
                            .help("say `per started day of delay`");
                        self.say(d);
                    }
                    found.push((Basis::Delay { started: *started, unit: *unit }, None, m.span));
                }
                _ => {}
            }
        }
        if let Some((_, span)) = advance
            && !found.iter().any(|(b, _, _)| matches!(b, Basis::Period(..)))
        {
            let message = "`in advance` and `in arrears` go with `each PERIOD`";
            self.say(Diagnostic::error("T060", message, span, "no period here"));
        }
        self.one_basis(mods, found, stated, repairs)
    }

    fn one_basis(
        &mut self,
        mods: &Mods<'_>,
        mut found: Vec<(Basis, Option<EventId>, Span)>,
        stated: bool,
        repairs: Option<Repairs>,
    ) -> Option<(Basis, Option<EventId>)> {
        if found.len() > 1 {
            let d =
                Diagnostic::error("T068", "a payment is assessed on one thing", found[1].2, "a second one")
                    .label(found[0].2, "the first one");
            self.say(d);
        }
        match (found.pop(), repairs) {
            (Some((Basis::Delay { .. }, _, span)), None) => {
                let message = "delay is of an obligation: this payment repairs none";
                let d = Diagnostic::error("T060", message, span, "no `otherwise` here")
                    .help("write the payment after `otherwise` of the obligation");
                self.say(d);
                None
            }
            (Some((b @ Basis::Delay { .. }, e, span)), Some(r)) => {
                if !r.duty {
                    let message = "delay is of an obligation with a deadline; a maintenance duty has none";
                    self.say(Diagnostic::error("T060", message, span, "repairs a maintenance duty"));
                    return None;
                }
                Some((b, e))
            }
            (Some((_, _, span)), Some(_)) => {
                let message = "a reparation accrues with the breach, not on something else";
                let d = Diagnostic::error("T060", message, span, "assessed on this")
                    .help("leave it out, or say `per started day of delay`");
                self.say(d);
                None
            }
            (Some((b, e, _)), None) => Some((b, e)),
            (None, Some(_)) => Some((Basis::Breach, None)),
            (None, None) => {
                if !stated {
                    let d = Diagnostic::error(
                        "T062",
                        "a payment needs an occasion",
                        mods.span,
                        "on what is not said",
                    )
                    .help("say `on each E`, `on the first E`, `on DATE` or `each month`");
                    self.say(d);
                }
                None
            }
        }
    }

    /// A period with a last day.
    fn ends(&mut self, p: &Sp<Period>) -> Option<Period> {
        match p.node {
            Period::Event | Period::InTotal | Period::Rolling(_) => {
                let message = "this period has no last day on which to assess";
                self.say(Diagnostic::error("T066", message, p.span, "named here"));
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

    fn amount(&mut self, a: &Sp<ast::Amount>, at: &Place) -> Option<(Amount, CurrencyId)> {
        match &a.node {
            ast::Amount::Expr(e) => {
                let e = self.money(&Sp::new(e.clone(), a.span), at)?;
                let Type::Money(c, _) = e.ty else { return None };
                Some((Amount::Expr(e), c))
            }
            ast::Amount::Tiers(t) => self.tiers(t, at, a.span),
        }
    }

    fn parts(&mut self, mods: &Mods<'_>, at: &Place, p: &mut Payment) {
        for m in mods.all {
            match &m.node {
                Modifier::Cap(c) => p.caps.extend(self.cap(c, at, p.currency, m.span)),
                Modifier::Floor(f) => p.floors.extend(self.floor(f, p.currency, m.span)),
                Modifier::Rounded { mode, per } => {
                    p.rounding = (*mode, per.node);
                    if let Period::Rolling(_) = per.node {
                        let message = "a rolling period never ends, so nothing is rounded over it";
                        self.say(Diagnostic::error("T066", message, per.span, "named here"));
                    }
                }
                Modifier::Due(d) => p.due = self.due(&d.node, p.months, m.span),
                Modifier::LateInterest { rate, count } => {
                    p.late = self.number(rate, &Place::default()).map(|r| (r, *count));
                }
                Modifier::Crediting { what, clause, up_to } => {
                    let id = self.clause_id(clause);
                    let up_to = up_to.as_ref().and_then(|e| self.share_or_money(e, at, p.currency));
                    p.credits.extend(id.map(|clause| Credit { what: *what, clause, up_to, span: m.span }));
                }
                _ => {}
            }
        }
    }

    fn cap(&mut self, c: &ast::Cap, at: &Place, currency: CurrencyId, span: Span) -> Option<Cap> {
        let amount = self.share_of_money(&c.amount, at, currency);
        let from = c.from.as_ref().and_then(|d| self.date(d, false));
        // A cap in total that does not say from when it counts is reported where it is parsed (S013).
        Some(Cap {
            amount: amount?,
            per: c.per.node,
            from,
            counting: c.counting,
            refunds_restore: c.refunds_restore,
            span,
        })
    }

    fn floor(&mut self, f: &ast::Floor, currency: CurrencyId, span: Span) -> Option<Floor> {
        // A floor is asked at a period's end, where no event is at hand.
        let amount = self.share_of_money(&f.amount, &Place::default(), currency);
        if let Period::Rolling(_) = f.per.node {
            let message = "a rolling period never ends, so no shortfall is due at its end";
            self.say(Diagnostic::error("T066", message, f.per.span, "named here"));
        }
        let carry = f.carry.as_ref().and_then(|d| self.length(d));
        Some(Floor { amount: amount?, per: f.per.node, carry, span })
    }

    fn due(&mut self, d: &ast::Due, months: Option<ast::MonthRounding>, span: Span) -> Option<Due> {
        Some(match d {
            ast::Due::AtOnce => Due::AtOnce,
            ast::Due::AfterEach(l, p) => {
                let l = self.length(l)?;
                self.check_months(l, months, span);
                if !matches!(p.node, Period::Event) {
                    self.ends(p)?;
                }
                Due::AfterEach(l, p.node)
            }
            ast::Due::After(l) => {
                let l = self.length(l)?;
                self.check_months(l, months, span);
                Due::After(l)
            }
            ast::Due::On(d) => Due::On(self.date(d, true)?),
        })
    }

    /// What single parts cannot see.
    fn consistent(&mut self, mods: &Mods<'_>, p: &Payment) {
        if p.prorated && !matches!(p.basis, Basis::Period(..)) {
            let message = "only a period's payment is prorated by days";
            self.say(Diagnostic::error("T060", message, mods.span, "not assessed on a period"));
        }
        if let (Amount::Tiers { per: Period::Event, .. }, true) = (&p.amount, p.prorated) {
            let message = "bands over a prorated base are not defined";
            self.say(Diagnostic::error("T060", message, mods.span, "prorated here"));
        }
    }

    /// A money amount in the payment's own currency.
    fn share_of_money(&mut self, e: &Sp<ast::Expr>, at: &Place, currency: CurrencyId) -> Option<Expr> {
        let made = self.money(e, at)?;
        self.same_currency(&made, currency);
        Some(made)
    }

    /// A money amount, or a percent.
    fn share_or_money(&mut self, e: &Sp<ast::Expr>, at: &Place, currency: CurrencyId) -> Option<Expr> {
        let made = self.any(e, at)?;
        match made.ty {
            Type::Percent => {}
            Type::Money(..) => self.same_currency(&made, currency),
            _ => {
                let d = Diagnostic::error(
                    "T065",
                    "a credit is bounded by a percent or a sum of money",
                    e.span,
                    "neither",
                );
                self.say(d);
                return None;
            }
        }
        Some(made)
    }

    fn same_currency(&mut self, e: &Expr, currency: CurrencyId) {
        if let Type::Money(c, _) = e.ty
            && c != currency
        {
            let code = |c: CurrencyId| {
                let all = &self.deal.symbols.agreement.currencies;
                all.get(c.ix()).map_or("?", |x| x.code.as_str()).to_owned()
            };
            let message = format!("{} beside a payment in {}: currencies never mix", code(c), code(currency));
            self.say(Diagnostic::error("T065", message, e.span, "in another currency"));
        }
    }
}
