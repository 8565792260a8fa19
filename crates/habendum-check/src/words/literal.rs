//! Values as literals of the language.
//!
//! Invariant: a literal reads back to the same value of its type; what the language cannot write is none.

use super::{date, here, name};
use habendum_model::deal::Symbols;
use habendum_model::expr::Type;
use habendum_model::value::{Currency, CurrencyId, Exact, PartyId, UnitId, Value};
use habendum_syntax::ast::{Duration, DurationCount, Expr, Name};
use std::collections::BTreeSet;

/// Names for persons whom the deal does not name, in the order in which they are met: a reader of the scenario gives them
/// ids in that order.
pub(super) struct Strangers {
    taken: bool,
    known: BTreeSet<String>,
    met: Vec<PartyId>,
}

impl Strangers {
    pub(super) fn new(s: &Symbols) -> Self {
        let known = s.parties.keys().chain(s.params.keys()).chain(s.defines.keys()).cloned().collect();
        Strangers { taken: s.agreement.others_any, known, met: Vec::new() }
    }

    /// None where the deal takes no strangers.
    fn name(&mut self, p: PartyId) -> Option<String> {
        let i = match self.met.iter().position(|q| *q == p) {
            Some(i) => i,
            None => {
                self.met.push(p);
                self.met.len() - 1
            }
        };
        let mut free = (1..).map(|n| if n == 1 { "Stranger".to_owned() } else { format!("Stranger{n}") });
        self.taken.then(|| free.by_ref().filter(|n| !self.known.contains(n)).nth(i))?
    }
}

/// A value as a literal of its type.
pub(super) fn literal(s: &Symbols, v: &Value, ty: Type, strangers: &mut Strangers) -> Option<Expr> {
    Some(match v {
        Value::Bool(b) => Expr::Bool(*b),
        Value::Number(n) => number(s, *n, ty)?,
        Value::Money(n, c) => money(s, *n, *c, if let Type::Money(_, unit) = ty { unit } else { None })?,
        Value::Date(d) => Expr::Date(date(*d)),
        Value::Instant(n) => {
            let t = jiff::Timestamp::from_nanosecond(*n).ok().filter(|t| t.subsec_nanosecond() == 0)?;
            Expr::Instant(t.to_string())
        }
        Value::Duration(l) => {
            Expr::Duration(Duration { count: DurationCount::Literal(l.count), unit: l.unit })
        }
        Value::Text(t) => Expr::Text(t.to_string()),
        Value::Party(p) => match s.party_name(*p) {
            Some(known) => Expr::Name(known.to_owned()),
            None => Expr::Name(strangers.name(*p)?),
        },
        Value::Term(t) => Expr::Name(s.terms.get(t.ix())?.name.clone()),
        Value::Clause(c) => Expr::Name(s.clauses.get_index(c.ix())?.0.clone()),
        Value::Absent => return None,
    })
}

/// A plain decimal; none where the fraction does not end.
fn digits(n: Exact) -> Option<String> {
    Some(n.to_string()).filter(|t| !t.contains('/'))
}

fn signed(n: Exact, make: impl FnOnce(String) -> Expr) -> Option<Expr> {
    if n.is_negative() {
        return Some(Expr::Neg(Box::new(here(make(digits(n.neg())?)))));
    }
    Some(make(digits(n)?))
}

fn unit_name(s: &Symbols, unit: UnitId) -> Option<Name> {
    s.units.get_index(unit.ix()).map(|(n, _)| name(n))
}

fn number(s: &Symbols, n: Exact, ty: Type) -> Option<Expr> {
    match ty {
        Type::Percent => signed(n.mul(Exact::int(100)).ok()?, Expr::Percent),
        Type::Decimal(Some(u)) => {
            let unit = unit_name(s, u)?;
            signed(n, |number| Expr::Quantity { number, scale: None, unit })
        }
        Type::Decimal(None)
        | Type::Int
        | Type::Bool
        | Type::Money(..)
        | Type::Date
        | Type::Instant
        | Type::Duration
        | Type::Text
        | Type::Party
        | Type::Clause
        | Type::Term(_) => signed(n, Expr::Number),
    }
}

/// Minor units as money.
pub(super) fn money(s: &Symbols, n: Exact, c: CurrencyId, unit: Option<UnitId>) -> Option<Expr> {
    let currency: &Currency = s.agreement.currencies.get(c.ix())?;
    let per = match unit {
        Some(u) => Some(unit_name(s, u)?),
        None => None,
    };
    let code = currency.code.clone();
    let major = n.div(Exact::int(currency.scale())).ok()?;
    signed(major, |number| Expr::Money { number, scale: None, currency: code, per })
}
