//! Linear forms: what an amount or a date comes to, as fields and sums times exact factors.
//!
//! Invariant: exact over numbers, money, dates and lengths in days; a length in months counts 30 days to the month, so a
//! boundary found through one is near, not exact, and so is one found through a product. What else is not linear has no form.

use habendum_model::date::day_number;
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::{EventId, Exact, FieldId, Length, MeasureId, TableId, Value};
use habendum_norm::ir::Program;
use habendum_syntax::ast::{BinaryOp, DurationUnit};
use std::collections::BTreeMap;

/// A field of an event kind.
pub(super) type Place = (EventId, FieldId);

/// What a form hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// A field.
    Field(Place),
    /// The day at hand.
    Today,
    /// A running sum.
    Sum(MeasureId),
}

/// A linear form.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Linear {
    /// Factors, none of them zero.
    pub factors: BTreeMap<Atom, Exact>,
    /// What stands alone.
    pub constant: Exact,
}

/// Whose fields an expression reads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At {
    /// The event at hand.
    pub event: Option<EventId>,
    /// The event that opened or caused.
    pub trigger: Option<EventId>,
}

/// One choice of everything that is no atom: parameter values of a version, a row for each table, a branch for each choice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Env<'p> {
    pub program: &'p Program,
    pub params: &'p [Option<Value>],
    pub row: usize,
    pub branch: usize,
}

impl Linear {
    pub(super) fn constant(n: Exact) -> Self {
        Linear { factors: BTreeMap::new(), constant: n }
    }

    fn atom(a: Atom) -> Self {
        Linear { factors: BTreeMap::from([(a, Exact::ONE)]), constant: Exact::ZERO }
    }

    fn scaled(mut self, by: Exact) -> Option<Self> {
        for f in self.factors.values_mut() {
            *f = f.mul(by).ok()?;
        }
        self.factors.retain(|_, f| !f.is_zero());
        self.constant = self.constant.mul(by).ok()?;
        Some(self)
    }

    fn plus(mut self, o: &Linear) -> Option<Self> {
        for (a, f) in &o.factors {
            let sum = self.factors.get(a).copied().unwrap_or(Exact::ZERO).add(*f).ok()?;
            self.factors.insert(*a, sum);
        }
        self.factors.retain(|_, f| !f.is_zero());
        self.constant = self.constant.add(o.constant).ok()?;
        Some(self)
    }

    /// This form less another.
    pub(super) fn minus(self, o: &Linear) -> Option<Self> {
        self.plus(&o.clone().scaled(Exact::int(-1))?)
    }

    /// Where the form is zero in one atom, all others being zero.
    pub(super) fn zero_in(&self, a: Atom) -> Option<Exact> {
        self.constant.neg().div(*self.factors.get(&a)?).ok()
    }
}

/// The form of an amount, number or date.
pub(super) fn linear(e: &Expr, at: At, env: &Env<'_>) -> Option<Linear> {
    let field = |k: Option<EventId>, f: FieldId| k.map(|k| Linear::atom(Atom::Field((k, f))));
    match &e.kind {
        ExprKind::Const(v) => figure(v).map(Linear::constant),
        ExprKind::Field(f) => field(at.event, *f),
        ExprKind::Trigger(f) => field(at.trigger, *f),
        ExprKind::Today => Some(Linear::atom(Atom::Today)),
        ExprKind::Param(p) => figure(env.params.get(p.ix())?.as_ref()?).map(Linear::constant),
        ExprKind::Lookup { table, column, .. } | ExprKind::KeyColumn(table, column) => {
            figure(cell(env, *table, *column)?).map(Linear::constant)
        }
        ExprKind::Neg(x) => linear(x, at, env)?.scaled(Exact::int(-1)),
        ExprKind::Binary(op, a, b) => binary(*op, &linear(a, at, env)?, &linear(b, at, env)?),
        ExprKind::If(_, a, b) => linear(if env.branch == 0 { a } else { b }, at, env),
        ExprKind::Greater(all) | ExprKind::Lesser(all) => {
            linear(all.get(env.branch.min(all.len().saturating_sub(1)))?, at, env)
        }
        ExprKind::Between { unit, from, to, .. } => {
            let days = linear(to, at, env)?.minus(&linear(from, at, env)?)?;
            days.scaled(Exact::ratio(1, i128::from(days_of(*unit))).ok()?)
        }
        ExprKind::Sum(m, _) => Some(Linear::atom(Atom::Sum(*m))),
        ExprKind::Not(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(..)
        | ExprKind::Under(..)
        | ExprKind::Overlaps(..)
        | ExprKind::OneOf(..)
        | ExprKind::InRegister(..)
        | ExprKind::IsParty(_)
        | ExprKind::Stated(_)
        | ExprKind::DatePart(..)
        | ExprKind::Occurred(_) => None,
    }
}

fn binary(op: BinaryOp, a: &Linear, b: &Linear) -> Option<Linear> {
    match op {
        BinaryOp::Add => a.clone().plus(b),
        BinaryOp::Sub => a.clone().minus(b),
        BinaryOp::Mul | BinaryOp::Of if a.factors.is_empty() => b.clone().scaled(a.constant),
        BinaryOp::Mul | BinaryOp::Of if b.factors.is_empty() => a.clone().scaled(b.constant),
        BinaryOp::Div if b.factors.is_empty() => a.clone().scaled(Exact::ONE.div(b.constant).ok()?),
        // A product of fields, near where all but one of them are at their simplest: `price * (1 - discount)` at no discount.
        BinaryOp::Mul | BinaryOp::Of if b.constant.is_zero() => {
            b.clone().scaled(if a.constant.is_zero() { Exact::ONE } else { a.constant })
        }
        BinaryOp::Mul | BinaryOp::Of => a.clone().scaled(b.constant),
        BinaryOp::Div => None,
    }
}

/// The value of a table's column in the row of the choice.
fn cell<'p>(env: &Env<'p>, table: TableId, column: FieldId) -> Option<&'p Value> {
    let (_, info) = env.program.symbols.tables.get_index(table.ix())?;
    let at = env.row.min(info.rows.len().saturating_sub(1));
    info.rows.values().nth(at)?.get(column.ix())
}

/// The constant that an expression comes to, whatever its type.
pub(super) fn constant(e: &Expr, env: &Env<'_>) -> Option<Value> {
    match &e.kind {
        ExprKind::Const(v) => Some(v.clone()),
        ExprKind::Param(p) => env.params.get(p.ix())?.clone(),
        ExprKind::Lookup { table, column, .. } | ExprKind::KeyColumn(table, column) => {
            cell(env, *table, *column).cloned()
        }
        ExprKind::If(_, a, b) => constant(if env.branch == 0 { a } else { b }, env),
        _ => habendum_model::elaborate::fold(e),
    }
}

/// A value as a number: minor units; days since the origin; days of a length.
fn figure(v: &Value) -> Option<Exact> {
    match v {
        Value::Number(n) | Value::Money(n, _) => Some(*n),
        Value::Date(d) => Some(Exact::int(i128::from(day_number(*d)))),
        Value::Duration(l) => Some(Exact::int(length_in_days(*l))),
        Value::Bool(_)
        | Value::Instant(_)
        | Value::Text(_)
        | Value::Party(_)
        | Value::Term(_)
        | Value::Clause(_)
        | Value::Absent => None,
    }
}

/// About how many days a length takes.
pub(super) fn length_in_days(l: Length) -> i128 {
    i128::from(l.count) * i128::from(days_of(l.unit))
}

fn days_of(unit: DurationUnit) -> i64 {
    match unit {
        DurationUnit::Hours | DurationUnit::Days | DurationUnit::BusinessDays => 1,
        DurationUnit::Weeks => 7,
        DurationUnit::Months => 30,
        DurationUnit::Quarters => 91,
        DurationUnit::Years => 365,
    }
}
