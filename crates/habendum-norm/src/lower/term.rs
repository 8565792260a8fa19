//! When a sentence is in force: first and last day, what ends it, renewals; and how it ranks.

use super::months::ambiguous;
use super::table::Mods;
use super::{Lowering, Place};
use crate::ir::{Exception, Renewal, Term};
use habendum_model::date::{self, plus_days};
use habendum_model::deal::{Consolidated, VersionClause};
use habendum_model::expr::{DateValue, Expr};
use habendum_model::value::{ClauseId, Length};
use habendum_syntax::ast::{self, Modifier};
use habendum_syntax::{Diagnostic, Sp, Span};

/// The first day of a clause where its text names none: that of the agreement, or of the amendment that put it in.
pub(super) fn begins(texts: &Consolidated, c: &VersionClause) -> DateValue {
    let put_in = c.provenance.iter().rev().find(|p| matches!(p.how, "inserted" | "restated"));
    put_in
        .and_then(|p| texts.amendments.get(p.amendment.ix()))
        .map_or_else(|| texts.effective.clone(), |a| a.effective.clone())
}

/// `subject to`, `notwithstanding`, `without prejudice to`.
pub(super) type Ranks = (Vec<ClauseId>, Vec<ClauseId>, Vec<ClauseId>);

impl Lowering<'_> {
    /// The term of a sentence. With `effect`, `until` and `for` belong to what the sentence does (relief, extension),
    /// not to its term.
    pub(super) fn term(&mut self, mods: &Mods<'_>, at: &Place, effect: bool) -> Term {
        let mut term = Term::default();
        let mut lasts: Vec<(DateValue, Span)> = Vec::new();
        let mut lasting = None;
        for m in mods.all {
            match &m.node {
                Modifier::From(d) => term.from = self.date(d, false),
                Modifier::Through(d) => lasts.extend(self.date(d, true).map(|d| (d, m.span))),
                Modifier::BeforeDate(d) => {
                    let day = self.date(d, false).map(|d| day_before(&d));
                    lasts.extend(day.map(|d| (d, m.span)));
                }
                Modifier::Lasting(l) if !effect => lasting = self.length(l).map(|l| (l, m.span)),
                Modifier::Until(e) if !effect => term.until.extend(self.event_ref(e, at.event)),
                Modifier::UntilReaches { sum, level } => {
                    let both = (self.any(sum, &Place::default()), self.any(level, &Place::default()));
                    if let (Some(s), Some(l)) = both {
                        self.same_type(&s, &l);
                        term.until_reaches.push((s, l));
                    }
                }
                Modifier::While(c) => {
                    if let Some(c) = self.cond(c, &Place::default()) {
                        term.holds_while = and(term.holds_while.take(), c);
                    }
                }
                Modifier::Renews { length, times, condition } => {
                    let times = times.as_ref().map(|t| t.node);
                    let condition = condition.as_ref().and_then(|c| self.cond(c, &Place::default()));
                    if let Some(length) = self.length(length) {
                        term.renews = Some(Renewal { length, times, condition });
                    }
                }
                _ => {}
            }
        }
        if let Some((l, span)) = lasting {
            let first = term.from.clone().unwrap_or_else(|| self.begins.clone());
            lasts.extend(self.last_day(&first, l, mods.months(), span).map(|d| (d, span)));
        }
        term.through = least(lasts);
        self.check_term(&term, mods);
        term
    }

    fn check_term(&mut self, term: &Term, mods: &Mods<'_>) {
        if let (Some(DateValue::Fixed(a)), Some(DateValue::Fixed(b))) = (&term.from, &term.through)
            && b < a
        {
            let message = format!("its last day {b} is before its first day {a}");
            let d = Diagnostic::error("C012", message, mods.span, "this sentence is never in force");
            self.say(d);
        }
        if term.renews.is_some() && term.through.is_none() {
            let d = Diagnostic::error(
                "T062",
                "a renewal needs a last day to go on from",
                mods.span,
                "no last day here",
            )
            .help("say `through DATE` or `for LENGTH`");
            self.say(d);
        }
    }

    /// The last day of a length from a first day.
    fn last_day(
        &mut self,
        first: &DateValue,
        l: Length,
        months: Option<ast::MonthRounding>,
        span: Span,
    ) -> Option<DateValue> {
        match first {
            DateValue::Fixed(d) => {
                match date::add(*d, l, &self.reckoning, months).and_then(|d| plus_days(d, -1)) {
                    Ok(d) => Some(DateValue::Fixed(d)),
                    Err(e) => {
                        self.say(ambiguous(&e, *d, l, span));
                        None
                    }
                }
            }
            DateValue::Open { param, text } => Some(DateValue::Open {
                param: *param,
                text: format!("{text} plus {} {:?}", l.count, l.unit).to_lowercase(),
            }),
        }
    }

    /// The clauses that a sentence ranks itself against.
    pub(super) fn ranks(&mut self, mods: &Mods<'_>) -> Ranks {
        let mut ranks: Ranks = (Vec::new(), Vec::new(), Vec::new());
        for m in mods.all {
            match &m.node {
                Modifier::SubjectTo(names) => ranks.0.extend(names.iter().filter_map(|n| self.clause_id(n))),
                Modifier::Notwithstanding(names) => {
                    ranks.1.extend(names.iter().filter_map(|n| self.clause_id(n)));
                }
                Modifier::WithoutPrejudice(names) => {
                    ranks.2.extend(names.iter().filter_map(|n| self.clause_id(n)));
                }
                _ => {}
            }
        }
        ranks
    }

    /// The conjunction of `where` and (where asked) `only if`.
    pub(super) fn guard(&mut self, mods: &Mods<'_>, at: &Place, only_if: bool) -> Option<Expr> {
        let mut all = None;
        for m in mods.all {
            let c = match &m.node {
                Modifier::Where(c) => c,
                Modifier::OnlyIf(c) if only_if => c,
                _ => continue,
            };
            if let Some(c) = self.cond(c, at) {
                all = and(all, c);
            }
        }
        all
    }

    /// The tree of exceptions.
    pub(super) fn exceptions(&mut self, mods: &Mods<'_>, at: &Place) -> Vec<Exception> {
        let list = mods.each(|m| match m {
            Modifier::Unless(x) => Some(x),
            _ => None,
        });
        list.into_iter().filter_map(|(x, _)| self.exception(x, at)).collect()
    }

    fn exception(&mut self, x: &ast::Exception, at: &Place) -> Option<Exception> {
        let condition = self.cond(&x.condition, at);
        let unless = x.unless.iter().filter_map(|y| self.exception(y, at)).collect();
        Some(Exception { label: x.label.as_ref().map(|l| l.node.clone()), condition: condition?, unless })
    }

    /// The condition of the first `only if`, joined with the others.
    pub(super) fn only_if(&mut self, mods: &Mods<'_>, at: &Place) -> Option<Expr> {
        let list: Vec<(&Sp<ast::Expr>, Span)> = mods.each(|m| match m {
            Modifier::OnlyIf(c) => Some(c),
            _ => None,
        });
        let mut all = None;
        for (c, _) in list {
            if let Some(c) = self.cond(c, at) {
                all = and(all, c);
            }
        }
        all
    }
}

/// The day before a date; an open one stays open.
fn day_before(d: &DateValue) -> DateValue {
    match d {
        DateValue::Fixed(d) => DateValue::Fixed(plus_days(*d, -1).unwrap_or(*d)),
        DateValue::Open { param, text } => {
            DateValue::Open { param: *param, text: format!("the day before {text}") }
        }
    }
}

/// The earliest of several last days; an open one where any is open.
fn least(all: Vec<(DateValue, Span)>) -> Option<DateValue> {
    let mut best: Option<DateValue> = None;
    for (d, _) in all {
        best = Some(match (best, d) {
            (None, d) => d,
            (Some(DateValue::Fixed(a)), DateValue::Fixed(b)) => DateValue::Fixed(a.min(b)),
            (Some(open @ DateValue::Open { .. }), _) | (Some(DateValue::Fixed(_)), open) => open,
        });
    }
    best
}

/// `a and b`, where `a` may be absent.
pub(super) fn and(a: Option<Expr>, b: Expr) -> Option<Expr> {
    use habendum_model::expr::{ExprKind, Type};
    Some(match a {
        None => b,
        Some(a) => {
            let span = a.span.to(b.span);
            Expr { kind: ExprKind::And(vec![a, b]), ty: Type::Bool, span }
        }
    })
}

/// `not a`.
pub(super) fn not(a: Expr) -> Expr {
    use habendum_model::expr::{ExprKind, Type};
    let span = a.span;
    Expr { kind: ExprKind::Not(Box::new(a)), ty: Type::Bool, span }
}
