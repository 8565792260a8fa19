//! Scenarios and properties.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use super::literal::sum_of;
use crate::ast::{DutyEvent, Expectation, Expr, Outcome, Property, Prove, Scenario, Step, Verdict};
use crate::span::Sp;

impl Build<'_> {
    /// `scenario "title" { steps }`
    pub(super) fn scenario(&self, pair: P<'_>) -> Option<Scenario> {
        let mut kids = Kids::of(pair);
        let title = self.string(kids.take(Rule::string)?);
        let steps = kids.take_all(Rule::step).into_iter().map(|p| {
            let span = self.span(&p);
            Some(Sp::new(self.step(p.parts().next()?)?, span))
        });
        Some(Scenario { title, steps: steps.every()? })
    }

    fn step(&self, pair: P<'_>) -> Option<Step> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::st_schedule => Step::Schedule(self.name(kids.take(Rule::ident)?)),
            Rule::st_set => {
                let name = self.name(kids.take(Rule::ident)?);
                Step::Set(name, self.expr(kids.take(Rule::expr)?)?)
            }
            Rule::st_reading => {
                let clause = self.name(kids.take(Rule::ident)?);
                Step::Reading(clause, self.name(kids.take(Rule::ident)?))
            }
            Rule::st_known => Step::KnownAsOf(self.date(&kids.take(Rule::date_lit)?)?),
            Rule::st_clock => Step::Clock(self.date(&kids.take(Rule::date_lit)?)?),
            Rule::st_expect => {
                let expectation = kids.take(Rule::expectation)?.parts().next()?;
                Step::Expect(self.expectation(expectation)?)
            }
            Rule::st_event => self.event_step(kids)?,
            _ => return None,
        })
    }

    fn event_step(&self, mut kids: Kids<'_>) -> Option<Step> {
        let at = kids.any()?;
        let node = match at.as_rule() {
            Rule::instant_lit => Expr::Instant(self.instant(&at)?),
            _ => Expr::Date(self.date(&at)?.node),
        };
        let at = self.at(&at, node);
        let kind = self.name(kids.take(Rule::ident)?);
        let fields = kids.take_all(Rule::event_field).into_iter().map(|p| {
            let mut kids = Kids::of(p);
            let name = self.name(kids.take(Rule::ident)?);
            Some((name, self.expr(kids.take(Rule::expr)?)?))
        });
        Some(Step::Event { at, kind, fields: fields.every()? })
    }

    fn expectation(&self, pair: P<'_>) -> Option<Expectation> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::e_interest => {
                let clause = self.name(kids.take(Rule::ident)?);
                Expectation::Interest(clause, self.sum(kids.take(Rule::sum)?)?)
            }
            Rule::e_accrues => {
                let amount = self.sum(kids.take(Rule::sum)?)?;
                Expectation::Accrues(amount, self.name(kids.take(Rule::ident)?))
            }
            Rule::e_sum => {
                let state = sum_of(&kids.take(Rule::sum_of)?)?;
                let clause = self.name(kids.take(Rule::ident)?);
                Expectation::Sum(state, clause, self.sum(kids.take(Rule::sum)?)?)
            }
            Rule::e_in_force => {
                let yes = !kids.has(Rule::kw_not);
                Expectation::InForce(yes, self.name(kids.take(Rule::ident)?))
            }
            Rule::e_open => {
                let yes = !kids.has(Rule::kw_no);
                Expectation::Open(yes, self.name(kids.take(Rule::ident)?))
            }
            Rule::e_duty => {
                let duty = match words(&kids.take(Rule::duty_event)?).as_str() {
                    "triggered" => DutyEvent::Triggered,
                    "discharged" => DutyEvent::Discharged,
                    "lapsed" => DutyEvent::Lapsed,
                    _ => DutyEvent::Excused,
                };
                Expectation::Duty(duty, self.name(kids.take(Rule::ident)?))
            }
            Rule::e_verdict => {
                let verdict = verdict(&kids.take(Rule::verdict)?)?;
                let clauses = kids.take_all(Rule::ident).into_iter().map(|p| self.name(p)).collect();
                Expectation::Verdict { verdict, clauses }
            }
            _ => return None,
        })
    }

    /// `prove "title" { ... }`
    pub(super) fn prove(&self, pair: P<'_>) -> Option<Prove> {
        let mut kids = Kids::of(pair);
        let title = self.string(kids.take(Rule::string)?);
        let mut date = |rule| match kids.take(rule) {
            Some(p) => Some(Some(self.date_expr(p.parts().next()?)?)),
            None => Some(None),
        };
        let (from, through) = (date(Rule::m_from)?, date(Rule::m_through)?);
        let property = kids.take(Rule::property)?;
        let span = self.span(&property);
        let property = Sp::new(self.property(property.parts().next()?)?, span);
        Some(Prove { title, from, through, property })
    }

    fn property(&self, pair: P<'_>) -> Option<Property> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::p_never => Property::Never(self.outcome(kids.take(Rule::outcome)?)?),
            Rule::p_always => Property::Always(self.outcome(kids.take(Rule::outcome)?)?),
            Rule::p_implies => {
                let first = self.outcome(kids.take(Rule::outcome)?)?;
                Property::Implies(first, self.outcome(kids.take(Rule::outcome)?)?)
            }
            Rule::p_independent => {
                let clause = self.name(kids.take(Rule::ident)?);
                if let Some(dotted) = kids.take(Rule::dotted) {
                    let mut kids = Kids::of(dotted);
                    let event = self.name(kids.take(Rule::ident)?);
                    return Some(Property::Independent {
                        clause,
                        event,
                        field: Some(self.name(kids.take(Rule::ident)?)),
                    });
                }
                Property::Independent { clause, event: self.name(kids.take(Rule::ident)?), field: None }
            }
            Rule::p_equivalent => {
                let first = self.name(kids.take(Rule::ident)?);
                Property::Equivalent(first, self.name(kids.take(Rule::ident)?))
            }
            Rule::p_at_most => {
                let amount = self.sum(kids.take(Rule::sum)?)?;
                let payer = self.name(kids.take(Rule::owed_by)?.parts().next()?);
                let payee = kids.take(Rule::owed_to).and_then(|p| p.parts().next()).map(|p| self.name(p));
                let clause = kids.take(Rule::owed_under).and_then(|p| p.parts().next()).map(|p| self.name(p));
                Property::AtMost { amount, payer, payee, clause, per: self.per_period(&mut kids)? }
            }
            _ => return None,
        })
    }

    fn outcome(&self, pair: P<'_>) -> Option<Outcome> {
        let mut kids = Kids::of(pair);
        let verdict = verdict(&kids.take(Rule::verdict)?)?;
        let clause = kids.take(Rule::ident).map(|p| self.name(p));
        let on = match kids.take(Rule::event_ref) {
            Some(on) => Some(self.event_ref(on)?),
            None => None,
        };
        Some(Outcome { verdict, clause, on })
    }
}

fn verdict(pair: &P<'_>) -> Option<Verdict> {
    Some(match words(pair).as_str() {
        "silent" => Verdict::Silent,
        "permitted" => Verdict::Permitted,
        "breach" => Verdict::Breach,
        "unlicensed" => Verdict::Unlicensed,
        "without effect" => Verdict::WithoutEffect,
        "undetermined" => Verdict::Undetermined,
        "conflict" => Verdict::Conflict,
        _ => return None,
    })
}
