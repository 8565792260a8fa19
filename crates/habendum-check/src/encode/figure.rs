//! Figures: numbers, dates, and everything that has a code, as linear sums under conditions.
//!
//! Data flow: a typed [`Expr`] in a [`Frame`] -> [`Figure`]. Invariant: as for `expr`: exact where linear, an unknown of its
//! own where not.

use super::expr::Frame;
use super::moment::{Feeds, History, Moment, Unknown, fixed};
use crate::solver::{Formula, Linear};
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::{FieldId, TableId, Value};
use habendum_syntax::ast::{BinaryOp, CompareOp, DatePart, DurationUnit};

/// A linear figure over a denominator above zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ratio {
    pub sum: Linear,
    pub over: i128,
}

impl Ratio {
    /// So many times; none beyond 128 bits.
    pub(crate) fn times(&self, n: i128) -> Option<Ratio> {
        Some(Ratio { sum: self.sum.scale(n)?, over: self.over })
    }
}

/// A figure: one of several under conditions that exclude each other; absent where none holds.
pub(crate) type Figure = Vec<(Formula, Ratio)>;

/// More branches than this make a figure opaque.
const MOST_BRANCHES: usize = 64;

impl Moment<'_> {
    /// The figure of an expression: numbers, dates, and everything that has a code.
    pub(crate) fn figure(&mut self, e: &Expr, at: &Frame<'_>) -> Figure {
        if let Some(v) = fixed(e, at.params) {
            return match self.code(v) {
                Some((n, d)) => vec![(Formula::Const(true), Ratio { sum: Linear::constant(n), over: d })],
                None if *v == Value::Absent => Vec::new(),
                None => self.open_figure(e),
            };
        }
        match &e.kind {
            ExprKind::Field(f) => match self.field(*f).filter(|_| at.fields) {
                Some(u) => self.of_unknown(&u.value, u.present, e),
                None => Vec::new(),
            },
            ExprKind::Param(p) => {
                let u = self.param(*p);
                self.of_unknown(&u, Formula::Const(true), e)
            }
            ExprKind::Today => vec![(Formula::Const(true), Ratio { sum: Linear::var(self.day), over: 1 })],
            ExprKind::Lookup { table, key, column } => self.lookup(*table, key, *column, at),
            ExprKind::KeyColumn(table, column) => self.key_column(*table, *column, at, e),
            ExprKind::Neg(x) => {
                let x = self.figure(x, at);
                self.map(x, e, |r| Some(Ratio { sum: Linear::scale(&r.sum, -1)?, over: r.over }))
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, e, at),
            ExprKind::If(c, a, b) => {
                let c = self.truth(c, at);
                let (a, b) = (self.figure(a, at), self.figure(b, at));
                let under = |c: &Formula, f: Figure| {
                    f.into_iter().map(|(w, r)| (Formula::and([c.clone(), w]), r)).collect::<Vec<_>>()
                };
                let mut out = under(&c, a);
                out.extend(under(&Formula::not(c), b));
                out
            }
            ExprKind::Greater(parts) => self.extreme(parts, true, e, at),
            ExprKind::Lesser(parts) => self.extreme(parts, false, e, at),
            ExprKind::Between { started, unit, from, to } => {
                self.between_dates(*started, *unit, from, to, e, at)
            }
            ExprKind::DatePart(part, x) => {
                let (lo, hi) = match part {
                    DatePart::Year => (1, 9_999),
                    DatePart::Month => (1, 12),
                    DatePart::Day => (1, 31),
                };
                let there = self.stated(x, at);
                let name = super::key_text(e) + &self.marked(Feeds::Figure);
                self.opaque.insert(name.clone());
                let v = self.free_number(name, lo, hi);
                vec![(there, Ratio { sum: Linear::var(v), over: 1 })]
            }
            ExprKind::Sum(m, window) => {
                if self.history == History::Empty {
                    return vec![(Formula::Const(true), Ratio { sum: Linear::constant(0), over: 1 })];
                }
                let mark = self.marked(Feeds::Measure(*m));
                let name = format!("{} {window:?}{mark}", self.measure_name(*m, at));
                let v = self.sum(name);
                vec![(Formula::Const(true), Ratio { sum: Linear::var(v), over: 1 })]
            }
            ExprKind::Trigger(_) => self.open_figure(e),
            ExprKind::Const(_)
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
            | ExprKind::Occurred(_) => {
                let t = self.truth(e, at);
                let one = |n| Ratio { sum: Linear::constant(n), over: 1 };
                vec![(t.clone(), one(1)), (Formula::not(t), one(0))]
            }
        }
    }

    /// A figure that nothing linear can say.
    pub(super) fn open_figure(&mut self, e: &Expr) -> Figure {
        let name = super::key_text(e) + &self.marked(Feeds::Figure);
        self.opaque.insert(name.clone());
        let v = self.sum(name);
        vec![(Formula::Const(true), Ratio { sum: Linear::var(v), over: 1 })]
    }

    fn of_unknown(&mut self, u: &Unknown, present: Formula, e: &Expr) -> Figure {
        match u {
            Unknown::Number(v, parts) => {
                vec![(present, Ratio { sum: Linear::var(*v), over: i128::from(*parts) })]
            }
            Unknown::Truth(t) => vec![
                (Formula::and([present.clone(), t.clone()]), Ratio { sum: Linear::constant(1), over: 1 }),
                (
                    Formula::and([present, Formula::not(t.clone())]),
                    Ratio { sum: Linear::constant(0), over: 1 },
                ),
            ],
            Unknown::Opaque => {
                let mut f = self.open_figure(e);
                for (when, _) in &mut f {
                    *when = present.clone();
                }
                f
            }
        }
    }

    fn map(&mut self, f: Figure, e: &Expr, g: impl Fn(&Ratio) -> Option<Ratio>) -> Figure {
        let mapped: Option<Figure> = f.into_iter().map(|(w, r)| Some((w, g(&r)?))).collect();
        mapped.unwrap_or_else(|| self.open_figure(e))
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, e: &Expr, at: &Frame<'_>) -> Figure {
        let moved = |x: &Expr| matches!(fixed(x, at.params), Some(Value::Duration(_)));
        if let (Some(Value::Duration(l)), false) = (fixed(b, at.params), moved(a)) {
            // Days are linear; business days, months and years are not.
            let days = match l.unit {
                DurationUnit::Days => i128::from(l.count),
                DurationUnit::Weeks => i128::from(l.count) * 7,
                DurationUnit::Hours
                | DurationUnit::BusinessDays
                | DurationUnit::Months
                | DurationUnit::Quarters
                | DurationUnit::Years => return self.open_figure(e),
            };
            let sign = if op == BinaryOp::Sub { -1 } else { 1 };
            let x = self.figure(a, at);
            return self.map(x, e, |r| {
                Some(Ratio {
                    sum: Linear::add(&r.sum, &Linear::constant(sign * days * r.over))?,
                    over: r.over,
                })
            });
        }
        let (left, right) = (self.figure(a, at), self.figure(b, at));
        if left.len() * right.len() > MOST_BRANCHES {
            return self.open_figure(e);
        }
        let mut out = Vec::new();
        for (wa, x) in &left {
            for (wb, y) in &right {
                match calculate(op, x, y) {
                    Some(r) => out.push((Formula::and([wa.clone(), wb.clone()]), r)),
                    None => return self.open_figure(e),
                }
            }
        }
        out
    }

    fn extreme(&mut self, parts: &[Expr], greatest: bool, e: &Expr, at: &Frame<'_>) -> Figure {
        let mut parts = parts.iter();
        let Some(first) = parts.next() else { return Vec::new() };
        let mut best = self.figure(first, at);
        for p in parts {
            let next = self.figure(p, at);
            if best.len() * next.len() * 2 > MOST_BRANCHES {
                return self.open_figure(e);
            }
            let mut out = Vec::new();
            for (wa, x) in &best {
                for (wb, y) in &next {
                    let op = if greatest { CompareOp::AtLeast } else { CompareOp::UpTo };
                    let Some(first_wins) = order(op, x, y) else { return self.open_figure(e) };
                    out.push((Formula::and([wa.clone(), wb.clone(), first_wins.clone()]), x.clone()));
                    out.push((Formula::and([wa.clone(), wb.clone(), Formula::not(first_wins)]), y.clone()));
                }
            }
            best = out;
        }
        best
    }

    fn between_dates(
        &mut self,
        started: bool,
        unit: DurationUnit,
        from: &Expr,
        to: &Expr,
        e: &Expr,
        at: &Frame<'_>,
    ) -> Figure {
        let per = match unit {
            DurationUnit::Days => 1,
            DurationUnit::Weeks => 7,
            DurationUnit::Hours
            | DurationUnit::BusinessDays
            | DurationUnit::Months
            | DurationUnit::Quarters
            | DurationUnit::Years => return self.open_figure(e),
        };
        let (a, b) = (self.figure(from, at), self.figure(to, at));
        let mut out = Vec::new();
        for (wa, x) in &a {
            for (wb, y) in &b {
                let Some(gap) = Linear::scale(&x.sum, -1).and_then(|n| Linear::add(&y.sum, &n)) else {
                    return self.open_figure(e);
                };
                let both = Formula::and([wa.clone(), wb.clone()]);
                let backward = at_most_zero(gap.clone());
                out.push((
                    Formula::and([both.clone(), backward.clone()]),
                    Ratio { sum: Linear::constant(0), over: 1 },
                ));
                let units = if per == 1 {
                    gap
                } else {
                    let Some(u) = self.units(&gap, per, started) else { return self.open_figure(e) };
                    u
                };
                out.push((Formula::and([both, Formula::not(backward)]), Ratio { sum: units, over: 1 }));
            }
        }
        out
    }

    /// Whole units in a number of days above zero: `q` with `per*q <= days < per*(q+1)`, or rounded up.
    fn units(&mut self, days: &Linear, per: i128, started: bool) -> Option<Linear> {
        let q = self.solver.integer(-200_000, 200_000);
        let whole = Linear::scale(&Linear::var(q), -per)?;
        let rest = days.add(&whole)?;
        let lo = if started { 1 - per } else { 0 };
        let low = Linear::add(&Linear::scale(&rest, -1)?, &Linear::constant(lo))?;
        let high = Linear::add(&rest, &Linear::constant(-(lo + per - 1)))?;
        self.solver.assert(Formula::and([at_most_zero(low), at_most_zero(high)]));
        Some(Linear::var(q))
    }

    fn lookup(&mut self, table: TableId, key: &Expr, column: FieldId, at: &Frame<'_>) -> Figure {
        let symbols = self.symbols();
        let Some((_, info)) = symbols.tables.get_index(table.ix()) else { return Vec::new() };
        let keys = self.figure(key, at);
        let mut out = Vec::new();
        for (k, row) in &info.rows {
            let (Some((n, d)), Some((v, over))) =
                (self.code(k), row.get(column.ix()).and_then(|v| self.code(v)))
            else {
                continue;
            };
            for (when, r) in &keys {
                if let Some(hit) = equal(r, n, d) {
                    out.push((Formula::and([when.clone(), hit]), Ratio { sum: Linear::constant(v), over }));
                }
            }
        }
        out
    }

    fn key_column(&mut self, table: TableId, column: FieldId, at: &Frame<'_>, e: &Expr) -> Figure {
        let symbols = self.symbols();
        let Some((_, info)) = symbols.tables.get_index(table.ix()) else { return Vec::new() };
        let fields = &symbols.event_info(self.event).fields;
        let name = at.key.iter().find(|k| **k == info.key).or(at.key.first());
        match name.and_then(|k| fields.get_full(k.as_str())) {
            Some((i, _, f)) if at.fields => {
                let key = Expr { kind: ExprKind::Field(FieldId::at(i)), ty: f.ty, span: e.span };
                self.lookup(table, &key, column, at)
            }
            Some(_) | None => self.open_figure(e),
        }
    }
}

/// `r = n/d`; none beyond 128 bits.
pub(super) fn equal(r: &Ratio, n: i128, d: i128) -> Option<Formula> {
    let left = Linear::scale(&r.sum, d)?;
    Some(zero(Linear::add(&left, &Linear::constant(n.checked_mul(r.over)?.checked_neg()?))?))
}

/// A whole number.
pub(crate) fn whole(n: i128) -> Ratio {
    Ratio { sum: Linear::constant(n), over: 1 }
}

/// `x op y`; none beyond 128 bits.
pub(crate) fn order(op: CompareOp, x: &Ratio, y: &Ratio) -> Option<Formula> {
    let (over_x, over_y) = if x.over == y.over { (1, 1) } else { (x.over, y.over) };
    // x - y, scaled by both denominators.
    let diff = Linear::add(&Linear::scale(&x.sum, over_y)?, &Linear::scale(&y.sum, over_x.checked_neg()?)?)?;
    let contrary = Linear::scale(&diff, -1)?;
    let one = Linear::constant(1);
    Some(match op {
        CompareOp::Is => zero(diff),
        CompareOp::IsNot => Formula::not(zero(diff)),
        CompareOp::UpTo => at_most_zero(diff),
        CompareOp::LessThan => at_most_zero(Linear::add(&diff, &one)?),
        CompareOp::AtLeast => at_most_zero(contrary),
        CompareOp::MoreThan => at_most_zero(Linear::add(&contrary, &one)?),
    })
}

/// `x op y` where it is linear.
fn calculate(op: BinaryOp, x: &Ratio, y: &Ratio) -> Option<Ratio> {
    let known = |r: &Ratio| r.sum.terms.is_empty().then_some(r.sum.constant);
    match op {
        BinaryOp::Add | BinaryOp::Sub => {
            let sign = if op == BinaryOp::Sub { -1 } else { 1 };
            let over = x.over.checked_mul(y.over)?;
            let sum = Linear::add(&Linear::scale(&x.sum, y.over)?, &Linear::scale(&y.sum, sign * x.over)?)?;
            Some(if x.over == y.over {
                Ratio { sum: Linear::add(&x.sum, &Linear::scale(&y.sum, sign)?)?, over: x.over }
            } else {
                Ratio { sum, over }
            })
        }
        BinaryOp::Mul | BinaryOp::Of => {
            let (k, other) = match (known(x), known(y)) {
                (Some(k), _) => (k, y),
                (None, Some(k)) => (k, x),
                (None, None) => return None,
            };
            Some(Ratio { sum: Linear::scale(&other.sum, k)?, over: x.over.checked_mul(y.over)? })
        }
        BinaryOp::Div => {
            let k = known(y).filter(|k| *k != 0)?;
            let sum = Linear::scale(&x.sum, y.over.checked_mul(k.signum())?)?;
            Some(Ratio { sum, over: x.over.checked_mul(k.checked_abs()?)? })
        }
    }
}

fn zero(sum: Linear) -> Formula {
    if sum.terms.is_empty() { Formula::Const(sum.constant == 0) } else { Formula::Zero(sum) }
}

fn at_most_zero(sum: Linear) -> Formula {
    if sum.terms.is_empty() { Formula::Const(sum.constant <= 0) } else { Formula::AtMostZero(sum) }
}
