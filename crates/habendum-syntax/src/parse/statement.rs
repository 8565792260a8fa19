//! Sentences: heads, amounts and bands. Modifiers are in `modifier`.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use super::trap;
use crate::ast::{
    Amount, Band, Expr, Head, Modifier, Period, PowerAct, Statement, SumWhat, Targets, Tiers, Window,
};
use crate::span::{Sp, Span};

impl Build<'_> {
    /// A head and its modifiers.
    pub(super) fn statement(&self, pair: P<'_>) -> Option<Sp<Statement>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let head = kids.take(Rule::head)?;
        let place = self.span(&head);
        let head = self.head(head.parts().next()?)?;
        let modifiers = kids.take_all(Rule::modifier).into_iter().map(|p| self.modifier(p)).every()?;
        if matches!(head, Head::Must { .. }) && !modifiers.iter().any(|m| sets_deadline(&m.node)) {
            self.report(trap::no_deadline(place));
        }
        Some(Sp::new(Statement { head, modifiers }, span))
    }

    fn head(&self, pair: P<'_>) -> Option<Head> {
        let rule = pair.as_rule();
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::recital => Head::Recital(self.string(kids.take(Rule::string)?)),
            Rule::undertaking => {
                let who = self.who(kids.take(Rule::who)?)?;
                let text = self.string(kids.take(Rule::string)?);
                Head::Undertaking { who, text, status: kids.take(Rule::ident).map(|p| self.name(p)) }
            }
            Rule::holding => {
                let holder = self.name(kids.take(Rule::ident)?);
                let in_ = self.name(kids.take(Rule::ident)?);
                let as_ = self.string(kids.take(Rule::string)?);
                let share = kids.take(Rule::percent).map(|p| {
                    let number = p.as_str().trim_end_matches('%').replace('_', "");
                    self.at(&p, Expr::Percent(number))
                });
                Head::Holding { holder, in_, as_, share }
            }
            Rule::trap_shall | Rule::trap_may_not => self.trapped(rule, span, kids)?,
            Rule::may | Rule::must_not | Rule::must | Rule::keep | Rule::power => {
                self.bearer_head(rule, kids)?
            }
            Rule::grants => self.grants(kids)?,
            Rule::pays => {
                let payer = self.name(kids.take(Rule::ident)?);
                let payee = self.name(kids.take(Rule::ident)?);
                Head::Pays { payer, payee, amount: self.amount(kids.take(Rule::amount)?)? }
            }
            Rule::excuses => {
                let cause = self.event_ref(kids.take(Rule::event_ref)?)?;
                Head::Excuses { cause, targets: self.names(kids.take(Rule::idents)?) }
            }
            Rule::extends_time => {
                let cause = self.event_ref(kids.take(Rule::event_ref)?)?;
                let targets = self.names(kids.take(Rule::idents)?);
                Head::ExtendsTime { cause, targets, by: self.sum(kids.take(Rule::sum)?)? }
            }
            _ => return None,
        })
    }

    /// `P shall E` and `P may not E`: reported, and read as the prohibition so that the rest is read too.
    fn trapped(&self, rule: Rule, span: Span, mut kids: Kids<'_>) -> Option<Head> {
        let who = self.who(kids.take(Rule::who)?)?;
        let word = kids.any()?;
        let place = self.span(&word);
        let event = self.name(kids.take(Rule::ident)?);
        if rule == Rule::trap_may_not {
            self.report(trap::may_not(place));
        } else {
            // Between the word and the event stands nothing but `not`.
            let gap = event.span.start.saturating_sub(place.end);
            self.report(trap::shall(place, gap >= 3 && span.end >= event.span.start));
        }
        Some(Head::MustNot { who, event })
    }

    fn bearer_head(&self, rule: Rule, mut kids: Kids<'_>) -> Option<Head> {
        let who = self.who(kids.take(Rule::who)?)?;
        Some(match rule {
            Rule::may => {
                let event = self.name(kids.take(Rule::ident)?);
                Head::May { who, event, over: kids.take(Rule::ident).map(|p| self.name(p)) }
            }
            Rule::must_not => Head::MustNot { who, event: self.name(kids.take(Rule::ident)?) },
            Rule::must => Head::Must { who, event: self.name(kids.take(Rule::ident)?) },
            Rule::keep => {
                let condition = self.expr(kids.take(Rule::expr)?)?;
                Head::Keep { who, condition, on: self.event_ref(kids.take(Rule::event_ref)?)? }
            }
            Rule::power => {
                let act = match words(&kids.take(Rule::power_act)?).as_str() {
                    "terminate" => PowerAct::Terminate,
                    "suspend" => PowerAct::Suspend,
                    "resume" => PowerAct::Resume,
                    "extend" => PowerAct::Extend,
                    _ => PowerAct::Assign,
                };
                let targets = kids.take(Rule::targets)?.parts().next()?;
                let targets = match targets.as_rule() {
                    Rule::the_agreement => Targets::Agreement,
                    _ => Targets::Clauses(self.names(targets)),
                };
                Head::Power { who, act, targets }
            }
            _ => return None,
        })
    }

    fn grants(&self, mut kids: Kids<'_>) -> Option<Head> {
        let licensor = self.name(kids.take(Rule::ident)?);
        let licensee = self.name(kids.take(Rule::ident)?);
        let exclusivity = self.exclusivity(kids.take(Rule::exclusivity)?)?;
        let event = self.name(kids.take(Rule::ident)?);
        let assets = self.names(kids.take(Rule::assets)?);
        let territories = match kids.take(Rule::territories) {
            Some(names) => self.names(names),
            None => {
                kids.take(Rule::worldwide)?;
                Vec::new()
            }
        };
        let fields = match kids.take(Rule::fields_of_use) {
            Some(fields) => self.names(fields.parts().next()?),
            None => Vec::new(),
        };
        Some(Head::Grants { licensor, licensee, exclusivity, event, assets, territories, fields })
    }

    /// An amount of a payment.
    pub(super) fn amount(&self, pair: P<'_>) -> Option<Sp<Amount>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        if inner.as_rule() != Rule::tiers {
            return Some(Sp::new(Amount::Expr(self.sum(inner)?.node), span));
        }
        let mut kids = Kids::of(inner);
        let kind = kids.take(Rule::tier_kind)?;
        let marginal = words(&kind) == "marginal";
        let (base, per) = self.bounded(&mut kids, "tier table")?;
        let bands = kids.take_all(Rule::band).into_iter().map(|p| self.band(p)).every()?;
        Some(Sp::new(Amount::Tiers(Tiers { marginal, base: Box::new(base), per, bands }), span))
    }

    /// A sum and its `per PERIOD` or `in total`. `NAME in total` alone is a sum over all time in an expression;
    /// where nothing follows that says per what, `in total` is the bound's own.
    pub(super) fn bounded(&self, kids: &mut Kids<'_>, what: &str) -> Option<(Sp<Expr>, Sp<Period>)> {
        let mut amount = self.sum(kids.take(Rule::sum)?)?;
        let per = match self.per_period(kids)? {
            Some(per) => Some(per),
            None => give_back_total(&mut amount),
        };
        let per = per.unwrap_or_else(|| {
            self.report(trap::no_period(amount.span, what));
            Sp::new(Period::Event, amount.span)
        });
        Some((amount, per))
    }

    fn band(&self, pair: P<'_>) -> Option<Sp<Band>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let lower = match kids.take(Rule::lower) {
            Some(lower) => {
                let mut kids = Kids::of(lower);
                let included = kids.any()?.as_rule() == Rule::lower_from;
                Some((self.sum(kids.take(Rule::sum)?)?, included))
            }
            None => None,
        };
        let upper = match kids.take(Rule::upper) {
            Some(upper) => {
                let mut kids = Kids::of(upper);
                let included = kids.any()?.as_rule() == Rule::upper_to;
                Some((self.sum(kids.take(Rule::sum)?)?, included))
            }
            None => None,
        };
        let rate = self.sum(kids.take(Rule::sum)?)?;
        if lower.is_none() && upper.is_none() {
            self.report(trap::no_bounds(span));
        }
        Some(Sp::new(Band { lower, upper, rate }, span))
    }
}

/// Turns a trailing `NAME in total` of an expression into the name, and yields `in total`.
fn give_back_total(expr: &mut Sp<Expr>) -> Option<Sp<Period>> {
    let whole = expr.span;
    let given = match &mut expr.node {
        Expr::Sum { what: SumWhat::Total(name), window } if window.node == Window::InTotal => {
            let (name, period) = (name.clone(), Sp::new(Period::InTotal, window.span));
            *expr = Sp::new(Expr::Name(name.node), name.span);
            return Some(period);
        }
        Expr::Binary(_, _, right) => give_back_total(right),
        Expr::Neg(inner) | Expr::DatePart(_, inner) => give_back_total(inner),
        Expr::If(_, _, otherwise) => give_back_total(otherwise),
        Expr::Between { to, .. } => give_back_total(to),
        _ => None,
    }?;
    // A bracketed tail ends with its bracket: its `in total` was meant inside.
    (given.span.end == whole.end).then_some(given)
}

/// True where a duty's modifier says by when.
fn sets_deadline(modifier: &Modifier) -> bool {
    matches!(
        modifier,
        Modifier::Within { .. }
            | Modifier::WithinEach { .. }
            | Modifier::By(_)
            | Modifier::Each(_)
            | Modifier::NoDeadline
    )
}
