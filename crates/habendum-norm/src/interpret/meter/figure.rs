//! Amounts over the numbers of fields, at a fixed denominator.
//!
//! Invariant: where [`Figure::value`] gives a number, it is the exact value of the expression in parts of the denominator; where a step
//! would leave 128 bits, or a field is absent, it gives none, and the row is the interpreter's.

use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{Exact, FieldId, Value};
use habendum_syntax::ast::BinaryOp;

/// The number of an absent field.
pub const ABSENT: i64 = i64::MIN;
/// Parts of one in which decimals, percentages and prices are given.
pub const PARTS: i128 = 1_000_000;

/// A step of an amount.
#[derive(Clone, Debug)]
enum Node {
    Const(i128),
    /// The place of a field among those that are read.
    Field(usize),
    Neg(Box<Node>),
    Add(Box<Node>, Box<Node>),
    Mul(Box<Node>, Box<Node>),
    /// Times a whole number.
    Scale(Box<Node>, i128),
    /// The greatest (true) or the least.
    Pick(bool, Vec<Node>),
}

/// An amount, in parts of a denominator.
#[derive(Clone, Debug)]
pub struct Figure {
    node: Node,
    /// The denominator.
    pub denom: i128,
    /// The fields that are read.
    pub fields: Vec<FieldId>,
}

/// In how many parts of one a field of a type is given; none where its numbers are no amounts.
fn parts(ty: Type) -> Option<i128> {
    match ty {
        Type::Int | Type::Money(_, None) => Some(1),
        Type::Decimal(_) | Type::Percent | Type::Money(_, Some(_)) => Some(PARTS),
        Type::Bool
        | Type::Date
        | Type::Instant
        | Type::Duration
        | Type::Text
        | Type::Party
        | Type::Clause
        | Type::Term(_) => None,
    }
}

pub(super) fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

/// The least common multiple, where it is small enough to reckon with.
pub(super) fn lcm(a: i128, b: i128) -> Option<i128> {
    (a / gcd(a, b)).checked_mul(b).filter(|n| *n > 0 && *n < 1 << 60)
}

/// A constant in parts of a denominator, where it has no more.
pub(super) fn in_parts(n: Exact, denom: i128) -> Option<i128> {
    (denom % n.denom() == 0).then(|| n.numer().checked_mul(denom / n.denom())).flatten()
}

impl Figure {
    /// An expression as a figure; none where it is made of other things than constants, fields, sums, products, and choices of the
    /// greatest or the least.
    pub(super) fn of(e: &Expr, params: &[Option<Value>]) -> Option<Figure> {
        let mut fields = Vec::new();
        let (node, denom) = node(e, params, &mut fields)?;
        Some(Figure { node, denom, fields })
    }

    /// The value, in parts of the denominator.
    #[must_use]
    pub fn value(&self, numbers: &[i64]) -> Option<i128> {
        value(&self.node, numbers)
    }

    /// The same in finer parts.
    pub(super) fn finer(self, denom: i128) -> Option<Figure> {
        let by = (denom % self.denom == 0).then_some(denom / self.denom)?;
        Some(Figure { node: scaled(self.node, by), denom, fields: self.fields })
    }
}

/// The value of an expression without fields.
pub(super) fn constant(e: &Expr, params: &[Option<Value>]) -> Option<Exact> {
    let f = Figure::of(e, params)?;
    let n = f.fields.is_empty().then(|| f.value(&[])).flatten()?;
    Exact::ratio(n, f.denom).ok()
}

fn scaled(node: Node, by: i128) -> Node {
    if by == 1 { node } else { Node::Scale(Box::new(node), by) }
}

fn node(e: &Expr, params: &[Option<Value>], fields: &mut Vec<FieldId>) -> Option<(Node, i128)> {
    let number = |v: &Value| match v {
        Value::Number(n) | Value::Money(n, _) => {
            (n.denom() < 1 << 40).then(|| (Node::Const(n.numer()), n.denom()))
        }
        _ => None,
    };
    match &e.kind {
        ExprKind::Const(v) => number(v),
        ExprKind::Param(p) => number(params.get(p.ix())?.as_ref()?),
        ExprKind::Field(f) => {
            let denom = parts(e.ty)?;
            let at = fields.iter().position(|g| g == f).unwrap_or_else(|| {
                fields.push(*f);
                fields.len() - 1
            });
            Some((Node::Field(at), denom))
        }
        ExprKind::Neg(x) => node(x, params, fields).map(|(n, d)| (Node::Neg(Box::new(n)), d)),
        ExprKind::Binary(op, a, b) => {
            let ((a, da), (b, db)) = (node(a, params, fields)?, node(b, params, fields)?);
            let both = |a: Node, b: Node| -> Option<(Box<Node>, Box<Node>, i128)> {
                let d = lcm(da, db)?;
                Some((Box::new(scaled(a, d / da)), Box::new(scaled(b, d / db)), d))
            };
            match op {
                BinaryOp::Add => both(a, b).map(|(a, b, d)| (Node::Add(a, b), d)),
                BinaryOp::Sub => both(a, b).map(|(a, b, d)| (Node::Add(a, Box::new(Node::Neg(b))), d)),
                BinaryOp::Mul | BinaryOp::Of => {
                    let d = da.checked_mul(db).filter(|d| *d < 1 << 60)?;
                    Some((Node::Mul(Box::new(a), Box::new(b)), d))
                }
                // By a constant above zero: times its reciprocal.
                BinaryOp::Div => match b {
                    Node::Const(n) if n > 0 => {
                        Some((scaled(a, db), da.checked_mul(n).filter(|d| *d < 1 << 60)?))
                    }
                    _ => None,
                },
            }
        }
        ExprKind::Greater(all) => pick(true, all, params, fields),
        ExprKind::Lesser(all) => pick(false, all, params, fields),
        ExprKind::Trigger(_)
        | ExprKind::Today
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
        | ExprKind::Between { .. }
        | ExprKind::DatePart(..)
        | ExprKind::Sum(..)
        | ExprKind::Occurred(_) => None,
    }
}

fn pick(
    greatest: bool,
    all: &[Expr],
    params: &[Option<Value>],
    fields: &mut Vec<FieldId>,
) -> Option<(Node, i128)> {
    let parts: Vec<(Node, i128)> = all.iter().map(|e| node(e, params, fields)).collect::<Option<_>>()?;
    let d = parts.iter().try_fold(1, |d, (_, x)| lcm(d, *x))?;
    let nodes: Vec<Node> = parts.into_iter().map(|(n, x)| scaled(n, d / x)).collect();
    (!nodes.is_empty()).then_some((Node::Pick(greatest, nodes), d))
}

fn value(n: &Node, numbers: &[i64]) -> Option<i128> {
    match n {
        Node::Const(n) => Some(*n),
        Node::Field(at) => numbers.get(*at).filter(|n| **n != ABSENT).map(|n| i128::from(*n)),
        Node::Neg(x) => value(x, numbers)?.checked_neg(),
        Node::Add(a, b) => value(a, numbers)?.checked_add(value(b, numbers)?),
        Node::Mul(a, b) => product(value(a, numbers)?, value(b, numbers)?),
        Node::Scale(x, by) => product(value(x, numbers)?, *by),
        Node::Pick(greatest, all) => {
            let mut best = None;
            for x in all {
                let v = value(x, numbers)?;
                best = Some(match best {
                    Some(b) if *greatest => v.max(b),
                    Some(b) => v.min(b),
                    None => v,
                });
            }
            best
        }
    }
}

/// A product; of factors within 64 bits without the cost of a check.
pub(super) fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b),
    }
}
