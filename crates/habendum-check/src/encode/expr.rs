//! Expressions of guards as formulas over a moment's unknowns.
//!
//! Data flow: a typed [`Expr`] in a [`Frame`] -> [`Formula`]. Invariant: agrees with `habendum_norm::eval` on every event
//! where nothing opaque is asked; what is opaque is an unknown of its own, named in [`Moment::opaque`], and may take any
//! value: so a formula without a model is a proof, and a model with opaque parts is a proposal that a replay decides.

use super::figure::{equal, order};
use super::moment::{Feeds, History, Moment, Unknown, fixed};
use crate::solver::{Formula, IntVar};
use habendum_model::expr::{Expr, ExprKind, MeasureWhat};
use habendum_model::value::{MeasureId, RegisterId, TermId, Value};
use habendum_syntax::ast::CompareOp;

/// Where an expression is asked.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'v> {
    /// Parameter values of the version.
    pub params: &'v [Option<Value>],
    /// Names of the fields that make the instance key.
    pub key: &'v [String],
    /// The event's fields are at hand.
    pub fields: bool,
}

impl Moment<'_> {
    /// Whether a condition holds.
    pub fn truth(&mut self, e: &Expr, at: &Frame<'_>) -> Formula {
        match &e.kind {
            ExprKind::And(parts) => Formula::and(parts.iter().map(|p| self.truth(p, at)).collect::<Vec<_>>()),
            ExprKind::Or(parts) => Formula::or(parts.iter().map(|p| self.truth(p, at)).collect::<Vec<_>>()),
            ExprKind::Not(x) => Formula::not(self.truth(x, at)),
            ExprKind::Const(Value::Bool(b)) => Formula::Const(*b),
            ExprKind::Const(_) => Formula::Const(false),
            ExprKind::Field(f) => match self.field(*f).filter(|_| at.fields) {
                Some(u) => match u.value {
                    Unknown::Truth(t) => Formula::and([u.present, t]),
                    Unknown::Number(..) | Unknown::Opaque => Formula::Const(false),
                },
                None => Formula::Const(false),
            },
            ExprKind::Param(p) => match fixed(e, at.params) {
                Some(v) => Formula::Const(*v == Value::Bool(true)),
                None => match self.param(*p) {
                    Unknown::Truth(t) => t,
                    Unknown::Number(..) | Unknown::Opaque => Formula::Const(false),
                },
            },
            ExprKind::If(c, a, b) => {
                let (c, a, b) = (self.truth(c, at), self.truth(a, at), self.truth(b, at));
                Formula::or([Formula::and([c.clone(), a]), Formula::and([Formula::not(c), b])])
            }
            ExprKind::Compare(op, a, b) => self.compare(*op, a, b, at),
            ExprKind::Under(x, ranges) => {
                let numbers: Vec<(i128, i128)> =
                    ranges.iter().flat_map(|(lo, hi)| self.terms(*lo, *hi)).collect();
                let hit =
                    |v: IntVar| Formula::or(numbers.iter().map(|(lo, hi)| Formula::in_range(v, *lo, *hi)));
                self.with(
                    x,
                    at,
                    |v| ranges.iter().any(|(lo, hi)| matches!(v, Value::Term(t) if lo <= t && t <= hi)),
                    hit,
                )
            }
            ExprKind::Overlaps(x, terms) => self.overlaps(x, terms, at),
            ExprKind::OneOf(x, set) => {
                let codes: Vec<(i128, i128)> = set.iter().filter_map(|v| self.code(v)).collect();
                let figure = self.figure(x, at);
                Formula::or(figure.into_iter().map(|(when, r)| {
                    Formula::and([
                        when,
                        Formula::or(codes.iter().filter_map(|(n, d)| equal(&r, *n, *d)).collect::<Vec<_>>()),
                    ])
                }))
            }
            ExprKind::InRegister(x, r) => self.in_register(x, *r, at),
            ExprKind::IsParty(x) => {
                let parties: Vec<i128> = (0..self.symbols().parties.len())
                    .filter(|i| self.symbols().is_party(habendum_model::value::PartyId::at(*i)))
                    .filter_map(|i| Some(self.code(&Value::Party(habendum_model::value::PartyId::at(i)))?.0))
                    .collect();
                let symbols = self.symbols();
                self.with(
                    x,
                    at,
                    |v| matches!(v, Value::Party(p) if symbols.is_party(*p)),
                    |v| Formula::or(parties.iter().map(|p| Formula::equals(v, *p))),
                )
            }
            ExprKind::Stated(x) => self.stated(x, at),
            ExprKind::Occurred(m) => {
                let mark = self.marked(Feeds::Measure(*m));
                let name = format!("{} occurred{mark}", self.measure_name(*m, at));
                self.state(name)
            }
            ExprKind::Trigger(_)
            | ExprKind::Today
            | ExprKind::Lookup { .. }
            | ExprKind::KeyColumn(..)
            | ExprKind::Binary(..)
            | ExprKind::Neg(_)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..)
            | ExprKind::Sum(..) => {
                let figure = self.figure(e, at);
                Formula::or(
                    figure.into_iter().map(|(when, r)| {
                        Formula::and([when, equal(&r, 1, 1).unwrap_or(Formula::Const(false))])
                    }),
                )
            }
        }
    }

    /// A test of a value that is a constant or one unknown.
    fn with(
        &mut self,
        x: &Expr,
        at: &Frame<'_>,
        known: impl Fn(&Value) -> bool,
        test: impl Fn(IntVar) -> Formula,
    ) -> Formula {
        if let Some(v) = fixed(x, at.params) {
            return Formula::Const(known(v));
        }
        let figure = self.figure(x, at);
        Formula::or(figure.into_iter().map(|(when, r)| match r.sum.terms.as_slice() {
            [(v, 1)] if r.over == 1 && r.sum.constant == 0 => Formula::and([when, test(*v)]),
            [] => {
                let code = i64::try_from(r.sum.constant).unwrap_or(i64::MAX);
                let v = self.solver.integer(code, code);
                Formula::and([when, test(v)])
            }
            _ => Formula::Const(false),
        }))
    }

    fn overlaps(&mut self, x: &Expr, terms: &[TermId], at: &Frame<'_>) -> Formula {
        let symbols = self.symbols();
        let related: Vec<(i128, i128)> = terms
            .iter()
            .flat_map(|t| {
                let mut out = self.terms(*t, symbols.terms[t.ix()].last);
                let mut up = symbols.terms[t.ix()].parent;
                while let Some(p) = up {
                    out.extend(self.terms(p, p));
                    up = symbols.terms[p.ix()].parent;
                }
                out
            })
            .collect();
        self.with(
            x,
            at,
            |v| {
                matches!(v, Value::Term(t) if terms.iter().any(|u| habendum_norm::eval::related(symbols, *t, *u)))
            },
            |v| Formula::or(related.iter().map(|(lo, hi)| Formula::in_range(v, *lo, *hi))),
        )
    }

    fn in_register(&mut self, x: &Expr, r: RegisterId, at: &Frame<'_>) -> Formula {
        let symbols = self.symbols();
        let initially = self.program.registers.get(r.ix()).map(|d| d.initially.clone()).unwrap_or_default();
        let members: Vec<(i128, i128)> = initially
            .iter()
            .flat_map(|v| match v {
                Value::Term(t) => self.terms(*t, symbols.terms[t.ix()].last),
                v => self.code(v).map(|(n, _)| (n, n)).into_iter().collect(),
            })
            .collect();
        let first = self.with(
            x,
            at,
            |v| initially.contains(v),
            |v| Formula::or(members.iter().map(|(lo, hi)| Formula::in_range(v, *lo, *hi))),
        );
        let fixed_register =
            self.program.registers.get(r.ix()).is_none_or(|d| d.adds.is_empty() && d.removes.is_empty());
        if self.history == History::Empty || fixed_register {
            return first;
        }
        let name = symbols.registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str());
        let mark = self.marked(Feeds::Register(r));
        let actor = symbols.event_info(self.event).actor;
        // What is asked of the actor here and what a sentence asks of whom it binds is one and the same.
        let what = match &x.kind {
            ExprKind::Field(f) if at.fields && actor == Some(*f) => format!("the actor is in {name}{mark}"),
            _ => format!("{} in {name}{mark}", crate::encode::key_text(x)),
        };
        // Membership after some history: free, but only of what is there at all.
        let there = self.stated(x, at);
        let free = self.free(what);
        Formula::and([there, free])
    }

    pub(super) fn stated(&mut self, x: &Expr, at: &Frame<'_>) -> Formula {
        if let ExprKind::Field(f) = &x.kind {
            return self.field(*f).filter(|_| at.fields).map_or(Formula::Const(false), |u| u.present);
        }
        if let Some(v) = fixed(x, at.params) {
            return Formula::Const(*v != Value::Absent);
        }
        Formula::or(self.figure(x, at).into_iter().map(|(when, _)| when))
    }

    fn compare(&mut self, op: CompareOp, a: &Expr, b: &Expr, at: &Frame<'_>) -> Formula {
        if let (Some(x), Some(y)) = (self.boolean(a, at), self.boolean(b, at)) {
            let ((there_a, x), (there_b, y)) = (x, y);
            let equal = x.clone().iff(y.clone());
            let holds = match op {
                CompareOp::Is => equal,
                CompareOp::IsNot => Formula::not(equal),
                CompareOp::AtLeast => Formula::or([x, Formula::not(y)]),
                CompareOp::MoreThan => Formula::and([x, Formula::not(y)]),
                CompareOp::UpTo => Formula::or([Formula::not(x), y]),
                CompareOp::LessThan => Formula::and([Formula::not(x), y]),
            };
            return Formula::and([there_a, there_b, holds]);
        }
        let (left, right) = (self.figure(a, at), self.figure(b, at));
        let mut out = Vec::new();
        for (when_a, x) in &left {
            for (when_b, y) in &right {
                let holds = order(op, x, y).unwrap_or_else(|| {
                    let name = format!("{} against {}", super::key_text(a), super::key_text(b));
                    self.open(name)
                });
                out.push(Formula::and([when_a.clone(), when_b.clone(), holds]));
            }
        }
        Formula::or(out)
    }

    /// A truth that nothing linear can say.
    fn open(&mut self, name: String) -> Formula {
        let name = name + &self.marked(Feeds::Figure);
        self.opaque.insert(name.clone());
        self.free(name)
    }

    /// A value of type bool: whether it is there, and what it is.
    fn boolean(&mut self, e: &Expr, at: &Frame<'_>) -> Option<(Formula, Formula)> {
        if e.ty != habendum_model::expr::Type::Bool {
            return None;
        }
        Some((self.stated_bool(e, at), self.truth(e, at)))
    }

    fn stated_bool(&mut self, e: &Expr, at: &Frame<'_>) -> Formula {
        match &e.kind {
            ExprKind::Field(f) => {
                self.field(*f).filter(|_| at.fields).map_or(Formula::Const(false), |u| u.present)
            }
            ExprKind::Const(v) => Formula::Const(*v != Value::Absent),
            _ => Formula::Const(true),
        }
    }

    /// A name for a running sum, the same for the same sum of another text.
    pub(crate) fn measure_name(&self, m: MeasureId, at: &Frame<'_>) -> String {
        let Some(measure) = self.program.measures.get(m.ix()) else { return "?".into() };
        let key = at.key.join(",");
        let s = self.symbols();
        match &measure.what {
            MeasureWhat::Total(t) => {
                let name = s.totals.get_index(t.ix()).map_or("?", |(n, _)| n.as_str());
                format!("total {name} by {key}")
            }
            MeasureWhat::Count { event, guard } => {
                let guard = guard.as_ref().map(super::key_text).unwrap_or_default();
                format!("count of {} where {guard} by {key}", s.event_name(*event))
            }
            MeasureWhat::Payment(of, c) => format!("{of:?} of {} by {key}", s.clause_name(*c)),
            MeasureWhat::Breaches(c) => format!("breaches of {} by {key}", s.clause_name(*c)),
        }
    }
}
