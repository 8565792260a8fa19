//! Modifiers of a sentence.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use super::header::month_rounding;
use super::literal::{duration_unit, sum_of};
use super::trap;
use crate::ast::{Cap, DayCount, Due, Exception, Floor, Modifier, ModifierKind, Period, RoundingMode, SumOf};
use crate::span::{Sp, Span};

impl Build<'_> {
    /// Any modifier.
    pub(super) fn modifier(&self, pair: P<'_>) -> Option<Sp<Modifier>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let node = match inner.as_rule() {
            Rule::m_where | Rule::m_only_if | Rule::m_while | Rule::m_when | Rule::m_exclusive_while => {
                self.condition(inner)?
            }
            Rule::m_subject | Rule::m_notwithstanding | Rule::m_without_prejudice => self.ranking(inner)?,
            Rule::m_unless => Modifier::Unless(self.exception(inner.parts().next()?)?),
            Rule::m_before | Rule::m_until | Rule::m_on_each | Rule::m_on_first | Rule::m_exercised => {
                self.of_event(inner)?
            }
            Rule::m_before_date | Rule::m_from | Rule::m_through | Rule::m_by | Rule::m_on_date => {
                self.of_date(inner)?
            }
            Rule::trap_until_date | Rule::trap_to_date | Rule::trap_within => {
                self.trapped_modifier(inner, span)?
            }
            Rule::m_cap
            | Rule::m_floor
            | Rule::m_rounded
            | Rule::m_due
            | Rule::m_late
            | Rule::m_crediting => self.of_money(inner, span)?,
            _ => self.other_modifier(inner)?,
        };
        Some(Sp::new(node, span))
    }

    fn condition(&self, pair: P<'_>) -> Option<Modifier> {
        let rule = pair.as_rule();
        let expr = self.expr(Kids::of(pair).take(Rule::expr)?)?;
        Some(match rule {
            Rule::m_where => Modifier::Where(expr),
            Rule::m_only_if => Modifier::OnlyIf(expr),
            Rule::m_while => Modifier::While(expr),
            Rule::m_when => Modifier::When(expr),
            Rule::m_exclusive_while => Modifier::ExclusiveWhile(expr),
            _ => return None,
        })
    }

    fn ranking(&self, pair: P<'_>) -> Option<Modifier> {
        let rule = pair.as_rule();
        let names = self.names(Kids::of(pair).take(Rule::idents)?);
        Some(match rule {
            Rule::m_subject => Modifier::SubjectTo(names),
            Rule::m_notwithstanding => Modifier::Notwithstanding(names),
            Rule::m_without_prejudice => Modifier::WithoutPrejudice(names),
            _ => return None,
        })
    }

    /// `unless [label:] EXPR [{ unless ... }]`
    fn exception(&self, pair: P<'_>) -> Option<Exception> {
        let mut kids = Kids::of(pair);
        let label = kids.take(Rule::ident).map(|p| self.name(p));
        let condition = self.expr(kids.take(Rule::expr)?)?;
        let unless = kids.take_all(Rule::exception).into_iter().map(|p| self.exception(p)).every()?;
        Some(Exception { label, condition, unless })
    }

    fn of_event(&self, pair: P<'_>) -> Option<Modifier> {
        let rule = pair.as_rule();
        let event = self.event_ref(Kids::of(pair).take(Rule::event_ref)?)?;
        Some(match rule {
            Rule::m_before => Modifier::Before(event),
            Rule::m_until => Modifier::Until(event),
            Rule::m_on_each => Modifier::OnEach(event),
            Rule::m_on_first => Modifier::OnFirst(event),
            Rule::m_exercised => Modifier::ExercisedBy(event),
            _ => return None,
        })
    }

    fn of_date(&self, pair: P<'_>) -> Option<Modifier> {
        let rule = pair.as_rule();
        let date = self.date_expr(Kids::of(pair).take(Rule::date_expr)?)?;
        Some(match rule {
            Rule::m_before_date => Modifier::BeforeDate(date),
            Rule::m_from => Modifier::From(date),
            Rule::m_through => Modifier::Through(date),
            Rule::m_by => Modifier::By(date),
            Rule::m_on_date => Modifier::OnDate(date),
            _ => return None,
        })
    }

    /// Reported; the node in its place satisfies whatever asks for a modifier of the kind.
    fn trapped_modifier(&self, pair: P<'_>, span: Span) -> Option<Modifier> {
        let rule = pair.as_rule();
        let text = words(&pair);
        let date = text.split_once(' ').map_or("", |(_, date)| date);
        self.report(match rule {
            Rule::trap_until_date => trap::until_date(span, date),
            Rule::trap_to_date => trap::to_date(span, date),
            _ => trap::within_of_what(span),
        });
        Some(Modifier::NoDeadline)
    }

    fn of_money(&self, pair: P<'_>, span: Span) -> Option<Modifier> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::m_cap => self.cap(kids, span)?,
            Rule::m_floor => {
                let (amount, per) = self.bounded(&mut kids, "floor")?;
                let carry = match kids.take(Rule::carrying) {
                    Some(carrying) => Some(self.duration(carrying.parts().next()?)?),
                    None => None,
                };
                Modifier::Floor(Floor { amount, per, carry })
            }
            Rule::m_rounded => {
                let mode = kids.take(Rule::rounding_mode)?;
                let place = self.span(&mode);
                let per = self.per_period(&mut kids)?.unwrap_or_else(|| {
                    self.report(trap::no_period(place, "rounding"));
                    Sp::new(Period::Event, place)
                });
                Modifier::Rounded { mode: rounding_mode(&mode)?, per }
            }
            Rule::m_due => Modifier::Due(self.due(kids.any()?)?),
            Rule::m_late => {
                let rate = self.sum(kids.take(Rule::sum)?)?;
                Modifier::LateInterest { rate, count: day_count(&kids.take(Rule::day_count)?)? }
            }
            Rule::m_crediting => {
                let what = sum_of(&kids.take(Rule::sum_of)?)?;
                let clause = self.name(kids.take(Rule::ident)?);
                let up_to = match kids.take(Rule::sum) {
                    Some(up_to) => Some(self.sum(up_to)?),
                    None => None,
                };
                Modifier::Crediting { what, clause, up_to }
            }
            _ => return None,
        })
    }

    fn cap(&self, mut kids: Kids<'_>, span: Span) -> Option<Modifier> {
        let (amount, per) = self.bounded(&mut kids, "cap")?;
        let (mut from, mut counting, mut refunds) = (None, None, None);
        while let Some(part) = kids.any() {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::counting_from => {
                    let date = self.date_expr(part.parts().next()?)?;
                    self.once(&mut from, (date, place), "what the cap counts from");
                }
                Rule::counting_sum => {
                    let sum = sum_of(&part.parts().next()?)?;
                    self.once(&mut counting, (sum, place), "what the cap counts");
                }
                Rule::refunds_restore => self.once(&mut refunds, ((), place), "`refunds restore`"),
                _ => return None,
            }
        }
        if trap::counts_for_ever(&per) && from.is_none() {
            self.report(trap::no_counting(span));
        }
        Some(Modifier::Cap(Cap {
            amount,
            per,
            from: from.map(|f| f.0),
            counting: counting.map_or(SumOf::Accrued, |c| c.0),
            refunds_restore: refunds.is_some(),
        }))
    }

    fn due(&self, pair: P<'_>) -> Option<Sp<Due>> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        let node = match rule {
            Rule::due_at_once => Due::AtOnce,
            Rule::due_after_each => {
                let length = self.duration(kids.take(Rule::duration)?)?;
                Due::AfterEach(length, self.period(kids.take(Rule::period)?)?)
            }
            Rule::due_after => Due::After(self.duration(kids.take(Rule::duration)?)?),
            Rule::due_on => Due::On(self.date_expr(kids.take(Rule::date_expr)?)?),
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    fn other_modifier(&self, pair: P<'_>) -> Option<Modifier> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::m_until_reaches => {
                let sum = kids.take(Rule::sum_expr)?;
                let span = self.span(&sum);
                let sum = Sp::new(self.sum_expr(sum)?, span);
                Modifier::UntilReaches { sum, level: self.sum(kids.take(Rule::sum)?)? }
            }
            Rule::m_lasting => Modifier::Lasting(self.duration(kids.take(Rule::duration)?)?),
            Rule::m_notice => Modifier::Notice(self.duration(kids.take(Rule::duration)?)?),
            Rule::m_renews => self.renews(kids)?,
            Rule::m_within => {
                let length = self.duration(kids.take(Rule::duration)?)?;
                Modifier::Within { length, of: self.event_ref(kids.take(Rule::event_ref)?)? }
            }
            Rule::m_within_each => {
                let length = self.duration(kids.take(Rule::duration)?)?;
                Modifier::WithinEach { length, period: self.period(kids.take(Rule::period)?)? }
            }
            Rule::m_each => Modifier::Each(self.period(kids.take(Rule::period)?)?),
            Rule::m_no_deadline => Modifier::NoDeadline,
            Rule::m_totalling => {
                let amount = self.sum(kids.take(Rule::sum)?)?;
                Modifier::Totalling { amount, field: self.name(kids.take(Rule::ident)?) }
            }
            Rule::m_otherwise => Modifier::Otherwise(Box::new(self.statement(kids.take(Rule::statement)?)?)),
            Rule::m_per_delay => {
                let started = words(&kids.take(Rule::begun)?) == "started";
                Modifier::PerDelay { started, unit: duration_unit(&kids.take(Rule::duration_unit)?)? }
            }
            Rule::m_prorated => Modifier::Prorated,
            Rule::m_advance => Modifier::InAdvance(words(&kids.take(Rule::advance)?) == "advance"),
            Rule::m_surviving => {
                let ids = kids.take(Rule::idents).map(|p| self.names(p)).unwrap_or_default();
                let lasting = match kids.take(Rule::duration) {
                    Some(d) => Some(self.duration(d)?),
                    None => None,
                };
                Modifier::Surviving { ids, lasting }
            }
            Rule::m_sublicense => {
                let to = kids.take(Rule::idents).map(|p| self.names(p)).unwrap_or_default();
                Modifier::MaySublicense { to, depth: self.count(kids.take(Rule::integer))? }
            }
            Rule::m_non_transferable => Modifier::NonTransferable,
            Rule::m_clocks => Modifier::Clocks(words(&kids.take(Rule::stop_run)?) == "stop"),
            Rule::m_month_rounding => {
                Modifier::MonthRounding(month_rounding(kids.take(Rule::month_rounding)?)?)
            }
            _ => return None,
        })
    }

    fn renews(&self, mut kids: Kids<'_>) -> Option<Modifier> {
        let length = self.duration(kids.take(Rule::duration)?)?;
        let times = match kids.take(Rule::times) {
            Some(times) => self.count(times.parts().next())?,
            None => None,
        };
        let condition = match kids.take(Rule::expr) {
            Some(condition) => Some(self.expr(condition)?),
            None => None,
        };
        Some(Modifier::Renews { length, times, condition })
    }

    /// A count that may be absent.
    fn count(&self, pair: Option<P<'_>>) -> Option<Option<Sp<u32>>> {
        match pair {
            Some(pair) => {
                let span = self.span(&pair);
                Some(Some(Sp::new(self.integer(&pair)?, span)))
            }
            None => Some(None),
        }
    }
}

fn rounding_mode(pair: &P<'_>) -> Option<RoundingMode> {
    Some(match words(pair).as_str() {
        "half-even" => RoundingMode::HalfEven,
        "half-up" => RoundingMode::HalfUp,
        "half-down" => RoundingMode::HalfDown,
        "up" => RoundingMode::Up,
        "down" => RoundingMode::Down,
        _ => return None,
    })
}

fn day_count(pair: &P<'_>) -> Option<DayCount> {
    Some(match words(pair).as_str() {
        "actual/360" => DayCount::Actual360,
        "actual/365" => DayCount::Actual365,
        "actual/actual" => DayCount::ActualActual,
        "30/360" => DayCount::Thirty360,
        _ => return None,
    })
}

/// The kind that `remove` names.
pub(super) fn modifier_kind(pair: &P<'_>) -> Option<ModifierKind> {
    use ModifierKind as K;
    let kind = words(pair);
    crate::words::MODIFIER_KINDS.iter().find(|(_, word)| *word == kind).map(|(kind, _): &(K, &str)| *kind)
}
