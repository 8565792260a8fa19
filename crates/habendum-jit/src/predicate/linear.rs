//! Figures as weighted sums of columns: what can be compared without dividing or rounding.
//!
//! Data flow: typed expression -> [`Linear`] (exact fractions) -> weights and a set of whole numbers. Invariant: a sum of columns
//! within their limits stays within 62 bits; where that cannot be had, there is no linear form.

use super::compile::Compiler;
use super::pred::{ColumnId, Pred};
use super::ranges::Ranges;
use super::walk;
use crate::layout::{ABSENT, Class, DATE_LIMIT, Layout};
use habendum_model::date::day_number;
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::{Exact, Length, Value};
use habendum_syntax::ast::{BinaryOp, CompareOp, DurationUnit, RoundingMode};
use num_integer::Integer;
use std::collections::BTreeMap;

/// The least limit that is worth a column of figures.
const LEAST_LIMIT: i64 = 1 << 40;
/// Figures written in a deal that go into sums: beyond this the interpreter's own 128 bits might not do.
const WRITTEN: i128 = 1_000_000_000_000_000;

/// A constant and weighted columns, each in parts of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linear {
    terms: BTreeMap<ColumnId, Exact>,
    constant: Option<Exact>,
    /// Columns that must hold a value, even where their weight is zero.
    needs: Vec<ColumnId>,
}

impl Linear {
    fn of(n: Exact) -> Option<Linear> {
        let fits = n.numer().unsigned_abs() < WRITTEN.unsigned_abs() && n.denom() < WRITTEN;
        fits.then(|| Linear { constant: Some(n), ..Linear::default() })
    }

    fn column(c: ColumnId, scale: i64) -> Option<Linear> {
        let weight = Exact::ratio(1, i128::from(scale)).ok()?;
        Some(Linear { terms: BTreeMap::from([(c, weight)]), constant: None, needs: vec![c] })
    }

    fn constant(&self) -> Exact {
        self.constant.unwrap_or(Exact::ZERO)
    }

    fn is_constant(&self) -> bool {
        self.needs.is_empty()
    }

    pub(crate) fn plus(mut self, other: &Linear, by: Exact) -> Option<Linear> {
        for (c, w) in &other.terms {
            let sum = self.terms.get(c).copied().unwrap_or(Exact::ZERO).add(w.mul(by).ok()?).ok()?;
            self.terms.insert(*c, sum);
        }
        self.constant = Some(self.constant().add(other.constant().mul(by).ok()?).ok()?);
        self.needs.extend(&other.needs);
        Some(self)
    }

    fn times(self, by: Exact) -> Option<Linear> {
        let needs = self.needs.clone();
        let mut out = Linear::default().plus(&self, by)?;
        out.needs = needs;
        let small = |w: &Exact| w.numer().unsigned_abs() < WRITTEN.unsigned_abs() && w.denom() < WRITTEN;
        out.terms.values().all(small).then_some(out)
    }
}

impl Compiler<'_, '_> {
    /// A figure or a date as a weighted sum.
    pub(crate) fn linear(&mut self, e: &Expr) -> Option<Linear> {
        if let Some(known) = self.known(e) {
            return match known.ok()? {
                Value::Number(n) | Value::Money(n, _) => Linear::of(n),
                Value::Date(d) => Linear::of(Exact::int(i128::from(day_number(d)))),
                Value::Instant(n) => Some(Linear { constant: Some(Exact::int(n)), ..Linear::default() }),
                Value::Bool(_)
                | Value::Duration(_)
                | Value::Text(_)
                | Value::Party(_)
                | Value::Term(_)
                | Value::Clause(_)
                | Value::Absent => None,
            };
        }
        match &e.kind {
            ExprKind::Field(f) => match self.draft.field(self.kind, *f)? {
                (c, Class::Number(s) | Class::Money(_, s)) => Linear::column(c, s),
                (c, Class::Date | Class::Instant) => Linear::column(c, 1),
                (
                    _,
                    Class::Kind
                    | Class::Day
                    | Class::Term(_)
                    | Class::Party
                    | Class::Bool
                    | Class::Text
                    | Class::Derived,
                ) => None,
            },
            ExprKind::Today => Linear::column(Layout::DAY, 1),
            ExprKind::Neg(x) => self.linear(x)?.times(Exact::ONE.neg()),
            ExprKind::Binary(op, a, b) => self.linear_binary(*op, a, b),
            ExprKind::Const(_)
            | ExprKind::Trigger(_)
            | ExprKind::Param(_)
            | ExprKind::Lookup { .. }
            | ExprKind::KeyColumn(..)
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Compare(..)
            | ExprKind::Under(..)
            | ExprKind::Overlaps(..)
            | ExprKind::OneOf(..)
            | ExprKind::InRegister(..)
            | ExprKind::IsParty(_)
            | ExprKind::Stated(_)
            | ExprKind::If(..)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..)
            | ExprKind::Sum(..)
            | ExprKind::Occurred(_) => None,
        }
    }

    fn linear_binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr) -> Option<Linear> {
        let sign = |op| if op == BinaryOp::Sub { Exact::ONE.neg() } else { Exact::ONE };
        if let Some(Ok(Value::Duration(l))) = self.known(b) {
            let days = match (op, l) {
                (BinaryOp::Add | BinaryOp::Sub, Length { count, unit: DurationUnit::Days }) => {
                    i128::from(count)
                }
                (BinaryOp::Add | BinaryOp::Sub, Length { count, unit: DurationUnit::Weeks }) => {
                    i128::from(count) * 7
                }
                _ => return None,
            };
            return self.shifted(a, &Linear::of(Exact::int(days))?, sign(op));
        }
        let dated = is_date(a) || is_date(b);
        match op {
            BinaryOp::Add | BinaryOp::Sub if dated => {
                // A day less or plus so many days: a whole number of them, or the interpreter has to say what is wrong.
                let (day, days) = if is_date(a) { (a, b) } else { (b, a) };
                let days = self.linear(days).filter(|n| n.is_constant() && n.constant().is_integer())?;
                self.shifted(day, &days, sign(op))
            }
            BinaryOp::Add | BinaryOp::Sub => {
                let (x, y) = (self.linear(a)?, self.linear(b)?);
                x.plus(&y, sign(op))
            }
            BinaryOp::Mul | BinaryOp::Of => {
                let (x, y) = (self.linear(a)?, self.linear(b)?);
                if x.is_constant() {
                    y.times(x.constant())
                } else if y.is_constant() {
                    x.times(y.constant())
                } else {
                    None
                }
            }
            BinaryOp::Div => {
                let (x, y) = (self.linear(a)?, self.linear(b)?);
                let by = y.is_constant().then(|| Exact::ONE.div(y.constant()).ok())??;
                x.times(by)
            }
        }
    }

    /// A day and a few days: few enough that no day within the limit leaves the calendar.
    fn shifted(&mut self, day: &Expr, days: &Linear, sign: Exact) -> Option<Linear> {
        let few = days.constant().numer().unsigned_abs() < 100_000;
        let day = self.linear(day).filter(|_| few)?;
        for c in &day.needs {
            self.draft.add_up(*c, DATE_LIMIT);
        }
        day.plus(days, sign)
    }

    /// A comparison of a weighted sum with zero. None where it does not fit.
    pub(crate) fn against_zero(&mut self, sum: &Linear, op: CompareOp) -> Option<Pred> {
        self.within(sum, |bound| compared(op, bound))
    }

    /// The rows whose weighted sum, without its constant, lies in the set that `wanted` makes of minus that constant, both put into
    /// the whole numbers of the columns.
    fn within(&mut self, sum: &Linear, wanted: impl Fn(Exact) -> Ranges) -> Option<Pred> {
        let needs = sum.needs.iter().map(|c| present(*c));
        let needs = Pred::all(needs.collect::<Vec<_>>());
        let terms: Vec<(ColumnId, Exact)> =
            sum.terms.iter().filter(|(_, w)| !w.is_zero()).map(|(c, w)| (*c, *w)).collect();
        let scale =
            terms.iter().try_fold(1_i128, |l, (_, w)| Some(l.lcm(&w.denom())).filter(|l| *l < WRITTEN))?;
        let mut weights = Vec::with_capacity(terms.len());
        for (c, w) in &terms {
            weights.push((w.mul(Exact::int(scale)).ok()?.numer(), *c));
        }
        let common = weights.iter().fold(0_i128, |g, (w, _)| g.gcd(w)).max(1);
        let bound = sum.constant().neg().mul(Exact::ratio(scale, common).ok()?).ok()?;
        let set = wanted(bound);
        if weights.is_empty() {
            return Some(if set.contains(0) { needs } else { Pred::False });
        }
        let mut whole = Vec::with_capacity(weights.len());
        for (w, c) in weights {
            whole.push((i64::try_from(w / common).ok()?, c));
        }
        if let [(w, c)] = whole[..]
            && w.abs() == 1
        {
            let own = if w == 1 {
                set
            } else {
                set.map(|(lo, hi)| Some((hi.saturating_neg(), lo.saturating_neg())))
            };
            return Some(Pred::all([
                needs,
                Pred::is_in(c, own.intersect(&Ranges::between(ABSENT + 1, i64::MAX))),
            ]));
        }
        let weight: u64 = whole.iter().map(|(w, _)| w.unsigned_abs()).fold(0, u64::saturating_add);
        let limit = i64::try_from((1_u64 << 62) / weight.max(1)).ok().filter(|l| *l >= LEAST_LIMIT)?;
        for (_, c) in &whole {
            self.draft.add_up(*c, limit);
        }
        Some(if set.is_empty() { Pred::False } else { Pred::all([needs, Pred::Sum(whole, set)]) })
    }

    /// Days or weeks between two dates, compared with a figure.
    pub(crate) fn between(&mut self, e: &Expr, op: CompareOp, figure: &Expr) -> Option<Pred> {
        let ExprKind::Between { started, unit, from, to } = &e.kind else { return None };
        let per = match unit {
            DurationUnit::Days => 1,
            DurationUnit::Weeks => 7,
            DurationUnit::Hours
            | DurationUnit::BusinessDays
            | DurationUnit::Months
            | DurationUnit::Quarters
            | DurationUnit::Years => return None,
        };
        let figure = self.linear(figure).filter(Linear::is_constant)?.constant();
        let (from, to) = (self.linear(from)?, self.linear(to)?);
        let days = to.plus(&from, Exact::ONE.neg())?;
        // None below zero: a count of zero stands for every day up to none.
        let counts = compared(op, figure).intersect(&Ranges::between(0, i64::MAX));
        let wide = |n: i64| n.saturating_mul(per);
        let spans = counts.map(|(lo, hi)| {
            let first = match lo {
                0 => i64::MIN,
                n if *started => wide(n - 1).saturating_add(1),
                n => wide(*n),
            };
            let last =
                if *hi == i64::MAX || *started { wide(*hi) } else { wide(*hi).saturating_add(per - 1) };
            Some((first, last))
        });
        self.within(&days, |bound| {
            // A shift by the constant of the days themselves.
            let by = i64::try_from(bound.round(RoundingMode::Down)).unwrap_or(0);
            let move_by = |n: i64| if n == i64::MIN || n == i64::MAX { n } else { n.saturating_add(by) };
            spans.map(|(lo, hi)| Some((move_by(*lo), move_by(*hi))))
        })
    }
}

fn is_date(e: &Expr) -> bool {
    matches!(e.ty, habendum_model::expr::Type::Date)
        && !walk::has(e, &|x| matches!(x.kind, ExprKind::Sum(..)))
}

/// Whether a column holds a value. Codes are absent at 0, figures and days at the least number.
fn present(c: ColumnId) -> Pred {
    if c == Layout::DAY { Pred::True } else { Pred::is_in(c, Ranges::between(ABSENT + 1, i64::MAX)) }
}

/// The whole numbers that compare so with a bound.
fn compared(op: CompareOp, bound: Exact) -> Ranges {
    let clamp = |n: i128| i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX });
    let floor = clamp(bound.numer().div_euclid(bound.denom()));
    let whole = bound.is_integer();
    let (min, max) = (i64::MIN, i64::MAX);
    if floor == min || floor == max {
        // Beyond every sum of columns.
        let above = floor == max;
        return match op {
            CompareOp::Is => Ranges::of(Vec::new()),
            CompareOp::IsNot => Ranges::between(min, max),
            CompareOp::AtLeast | CompareOp::MoreThan => {
                Ranges::of(if above { vec![] } else { vec![(min, max)] })
            }
            CompareOp::UpTo | CompareOp::LessThan => {
                Ranges::of(if above { vec![(min, max)] } else { vec![] })
            }
        };
    }
    match op {
        CompareOp::Is if whole => Ranges::one(floor),
        CompareOp::Is => Ranges::of(Vec::new()),
        CompareOp::IsNot if whole => Ranges::one(floor).complement(),
        CompareOp::IsNot => Ranges::between(min, max),
        CompareOp::AtLeast => Ranges::between(if whole { floor } else { floor + 1 }, max),
        CompareOp::MoreThan => Ranges::between(floor + 1, max),
        CompareOp::UpTo => Ranges::between(min, floor),
        CompareOp::LessThan => Ranges::between(min, if whole { floor - 1 } else { floor }),
    }
}
