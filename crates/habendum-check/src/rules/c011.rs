//! C011: caps and floors at odds, a cap that another makes idle, a payment on a day outside its term.
//!
//! Data flow: a payment's caps and floors, brought to one measure of time -> their order put to the solver over every value
//! of the open parameters. Invariant: what is said holds for all of them. A cap in total that does not say from when it
//! counts is found while the text is lowered.

use super::scope::{amended, finding, never};
use crate::case::Case;
use crate::encode::{Figure, Frame, History, Moment, order};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::days::{Days, days_of};
use crate::grants::words;
use crate::merge::join;
use crate::shown::history;
use crate::solver::Formula;
use habendum_model::date::{period_of, plus_days};
use habendum_model::deal::as_const;
use habendum_model::expr::Expr;
use habendum_model::value::{EventId, Exact, Value};
use habendum_norm::ir::{Basis, Body, Cap, Floor, Norm, Payment, Version};
use habendum_norm::outcome::{ClockEvent, Component, Outcome};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::{CompareOp, Period, RoundingMode};

/// The code.
pub const CODE: &str = "C011";

/// Payments at odds with themselves.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (v, version) in case.program.versions.iter().enumerate() {
        for n in &version.norms {
            let Body::Payment(p) = &n.body else { continue };
            for c in &p.caps {
                for f in &p.floors {
                    found.extend(below(case, (v, version), n, p, (c, f)));
                }
            }
            found.extend(idle(case, version, n, p));
            found.extend(late(case, v, version, n, p));
        }
    }
    join(found)
}

/// How many of a period make a year; none where it is no part of one.
fn per_year(p: Period) -> Option<i128> {
    match p {
        Period::Month => Some(12),
        Period::Quarter => Some(4),
        Period::Year => Some(1),
        Period::Event
        | Period::Day
        | Period::Week
        | Period::FiscalYear
        | Period::ContractYear
        | Period::InTotal
        | Period::Rolling(_) => None,
    }
}

/// Factors by which amounts over two periods compare; none where they do not. With `InTotal` on the cap's side one period of
/// the other is enough.
fn factors(a: Period, b: Period) -> Option<(i128, i128)> {
    if a == b && !matches!(a, Period::Rolling(_)) {
        return Some((1, 1));
    }
    // What one event is topped up to counts in every period; what one period is, in total.
    if b == Period::Event || (a == Period::InTotal && !matches!(b, Period::Rolling(_))) {
        return Some((1, 1));
    }
    Some((per_year(a)?, per_year(b)?))
}

/// A solver's view of figures over open parameters: no event is at hand.
struct Figures<'c> {
    m: Moment<'c>,
    version: &'c Version,
}

impl<'c> Figures<'c> {
    fn new(case: &'c Case<'_>, version: &'c Version, p: &Payment) -> Self {
        let event = match &p.basis {
            Basis::Each(t) | Basis::First(t) => t.event,
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => EventId(0),
        };
        Figures { m: Moment::new(&case.program, event, History::Any), version }
    }

    fn figure(&mut self, e: &Expr, times: i128) -> Option<Figure> {
        let at = Frame { params: &self.version.params, key: &[], fields: true };
        let of = self.m.figure(e, &at);
        of.into_iter().map(|(w, r)| Some((w, r.times(times)?))).collect()
    }

    /// `a op b`, for some values, and whatever they are.
    fn always(&mut self, op: CompareOp, a: (&Expr, i128), b: (&Expr, i128)) -> bool {
        if let (Some(Value::Money(x, _)), Some(Value::Money(y, _))) = (as_const(a.0), as_const(b.0))
            && let (Ok(x), Ok(y)) = (x.mul(Exact::int(a.1)), y.mul(Exact::int(b.1)))
        {
            return match op {
                CompareOp::LessThan => x < y,
                CompareOp::UpTo => x <= y,
                CompareOp::Is => x == y,
                CompareOp::IsNot => x != y,
                CompareOp::MoreThan => x > y,
                CompareOp::AtLeast => x >= y,
            };
        }
        let (Some(x), Some(y)) = (self.figure(a.0, a.1), self.figure(b.0, b.1)) else { return false };
        let mut holds = Vec::new();
        for (wx, x) in &x {
            for (wy, y) in &y {
                let Some(o) = order(op, x, y) else { return false };
                holds.push(Formula::and([wx.clone(), wy.clone(), o]));
            }
        }
        never(&mut self.m, &Formula::not(Formula::or(holds)))
    }
}

/// A cap below a floor.
fn below(
    case: &Case<'_>,
    (v, version): (usize, &Version),
    n: &Norm,
    p: &Payment,
    (c, f): (&Cap, &Floor),
) -> Option<Finding> {
    let (by_cap, by_floor) = factors(c.per, f.per)?;
    let less = Figures::new(case, version, p).always(
        CompareOp::LessThan,
        (&c.amount, by_cap),
        (&f.amount, by_floor),
    );
    if !less {
        return None;
    }
    let name = words::clause(case.symbols(), n.id.clause);
    let witness =
        if f.per == Period::Event { topped_at_once(case, n, c) } else { topped_up(case, v, n, p, (c, f)) };
    let certain = witness.is_some();
    let make = if certain { Diagnostic::error } else { Diagnostic::warning };
    let d = make(CODE, format!("the cap of {name} lies below its floor"), c.span, "at most this".to_owned())
        .label(f.span, "at least this")
        .note("what the floor tops up is more than the cap allows, so that both cannot be kept")
        .help("change one of the two figures, or the period of one");
    let standing = if certain { Standing::Conflict } else { Standing::Possible };
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], standing, witness)
}

/// Time alone, through the first whole one of the longer of two periods: what the floor tops up in it, above the cap.
fn topped_up(case: &Case<'_>, v: usize, n: &Norm, p: &Payment, (c, f): (&Cap, &Floor)) -> Option<Witness> {
    let from = days_of(case, v, n).first()?.from;
    let long = match (per_year(c.per), per_year(f.per)) {
        (Some(a), Some(b)) if a < b => c.per,
        _ => f.per,
    };
    let end = |d| period_of(d, long, &case.program.reckoning).ok().flatten().map(|(_, last)| last);
    let first = end(from)?;
    let last = end(plus_days(first, 1).ok()?)?;
    let w = Witness { clock: Some(plus_days(last, 1).ok()?), ..Witness::default() };
    let replay = case.replay(&w).ok()?;
    let within = replay.clock.iter().filter(|x| first < x.date && x.date <= last);
    let total: i128 = within
        .filter_map(|x| match &x.what {
            ClockEvent::Accrued(a) if a.norm == n.id && a.component == Component::TopUp => Some(a.amount),
            _ => None,
        })
        .map(i128::from)
        .sum();
    let most = match as_const(&c.amount) {
        Some(Value::Money(x, _)) => x.round(RoundingMode::Up),
        _ => 0,
    };
    let currency = case.symbols().agreement.currencies.get(p.currency.ix())?;
    let shows = format!("by {last} the floor has topped up to {}, above the cap", currency.show(total));
    (total > most).then_some(Witness { shows, ..w })
}

/// One event that the floor tops up to more than the cap.
fn topped_at_once(case: &Case<'_>, n: &Norm, c: &Cap) -> Option<Witness> {
    let Some(Value::Money(most, _)) = as_const(&c.amount) else { return None };
    let most = most.round(RoundingMode::Up);
    let paid = |o: &Outcome| -> i128 {
        o.accruals.iter().filter(|a| a.norm == n.id).map(|a| i128::from(a.amount)).sum()
    };
    let w = history(case, &[n.id.clause], &|o| paid(o) > most)?;
    Some(Witness { shows: "one event is topped up to more than the cap".into(), ..w })
}

/// Caps that never bind, because another of the same payment always binds first.
fn idle(case: &Case<'_>, version: &Version, n: &Norm, p: &Payment) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for (i, c) in p.caps.iter().enumerate() {
        let by = p
            .caps
            .iter()
            .enumerate()
            .find(|(j, o)| *j != i && binds_first(case, version, p, (*j, o), (i, c)));
        if let Some((_, o)) = by {
            let name = words::clause(case.symbols(), n.id.clause);
            let message = format!("a cap of {name} never binds: another is always reached first");
            let d = Diagnostic::warning(CODE, message, c.span, "never reached")
                .label(o.span, "reached first")
                .help("strike the one that does nothing, or mend its figure or its period");
            let why = Standing::Disjoint("amount".into());
            out.extend(finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None));
        }
        let starts = c.from.as_ref().and_then(|d| d.fixed());
        let ends = n.term.through.as_ref().and_then(|d| d.fixed()).filter(|_| n.term.renews.is_none());
        if let (Some(a), Some(b)) = (starts, ends)
            && b < a
        {
            let name = words::clause(case.symbols(), n.id.clause);
            let message = format!("a cap of {name} counts from {a}, and the payment ends on {b}");
            let d = Diagnostic::warning(CODE, message, c.span, "counts nothing")
                .help("let it count from a day on which the payment accrues");
            let why = Standing::Disjoint("time".into());
            out.extend(finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None));
        }
    }
    out
}

/// Whether `o` is reached whenever `c` is, or before.
fn binds_first(
    case: &Case<'_>,
    version: &Version,
    p: &Payment,
    (j, o): (usize, &Cap),
    (i, c): (usize, &Cap),
) -> bool {
    let alike = o.counting == c.counting && o.refunds_restore == c.refunds_restore && !o.refunds_restore;
    let from = o.from == c.from || o.from.is_none();
    let per_event = o.per == Period::Event && c.per == Period::Event;
    if !alike || !from {
        return false;
    }
    // Over a longer time the sum is at least as great: an equal figure there is reached no later. Over a shorter one, the
    // figure times the number of such periods in the longer.
    let by = match (o.per, c.per) {
        (a, b) if a == b && (per_event || !matches!(a, Period::Rolling(_))) => Some((1, 1)),
        (Period::InTotal, b) if !matches!(b, Period::Rolling(_)) => Some((1, 1)),
        (a, Period::Event) if per_year(a).is_some() => Some((1, 1)),
        (a, b) => match (per_year(a), per_year(b)) {
            (Some(x), Some(y)) if x < y => Some((1, 1)),
            (Some(x), Some(y)) => Some((x / y, 1)),
            _ => None,
        },
    };
    let Some((by_o, by_c)) = by else { return false };
    let mut f = Figures::new(case, version, p);
    let under = f.always(CompareOp::UpTo, (&o.amount, by_o), (&c.amount, by_c));
    // Of two that are the same, the later one is idle.
    under && (j < i || !f.always(CompareOp::UpTo, (&c.amount, by_c), (&o.amount, by_o)) || o.per != c.per)
}

/// A payment on a day on which its sentence never stands.
fn late(case: &Case<'_>, v: usize, version: &Version, n: &Norm, p: &Payment) -> Option<Finding> {
    let Basis::On(day) = &p.basis else { return None };
    let day = day.fixed()?;
    let only = Days { from: day, through: Some(day) };
    let all = case.program.versions.iter().enumerate();
    let mut same = all
        .flat_map(|(i, w)| w.norms.iter().filter(|x| x.id == n.id && x.span == n.span).map(move |x| (i, x)));
    if same.clone().next()?.0 != v
        || same.any(|(i, x)| days_of(case, i, x).iter().any(|d| d.meet(only).is_some()))
    {
        return None;
    }
    let name = words::clause(case.symbols(), n.id.clause);
    let d = Diagnostic::warning(
        CODE,
        format!("{name} pays on {day}, when it is not in force"),
        n.span,
        "never accrues",
    )
    .help("move the day into the term, or the term to the day");
    let why = Standing::Disjoint("time".into());
    finding(version, None, amended(case, d, &[n]), vec![n.id.clause], why, None)
}
