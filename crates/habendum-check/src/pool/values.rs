//! The values of a field that stand for all others: those at which something turns, and those beside them.
//!
//! Invariant: never empty, no value twice, the simplest first. A field that nothing reads has one value.

use super::Slot;
use super::facts::FieldFacts;
use habendum_model::date::{day_of, plus_days};
use habendum_model::deal::{FieldInfo, Symbols};
use habendum_model::expr::Type;
use habendum_model::value::{CurrencyId, Exact, Length, PartyId, TermId, Value, VocabId};
use habendum_syntax::ast::{DurationUnit, RoundingMode};
use std::collections::{BTreeMap, BTreeSet};

/// Fresh texts.
const FRESH: [&str; 2] = ["A", "B"];
/// More persons outside the agreement than this are not told apart.
const OTHERS: usize = 2;
/// Decimals beyond which a figure is cut.
const PLACES: i128 = 10_000;

/// The values of a field; `facts` is none where nothing reads it.
pub(super) fn values(s: &Symbols, info: &FieldInfo, facts: Option<&FieldFacts>) -> Vec<Slot> {
    let mut out: Vec<Slot> = Vec::new();
    if info.optional {
        out.push(Slot::Value(Value::Absent));
        if facts.is_none() {
            return out;
        }
    }
    let nothing = FieldFacts::default();
    let (read, f) = (facts.is_some(), facts.unwrap_or(&nothing));
    out.extend(typed(s, info.ty, read, f));
    if !read {
        out.truncate(1);
    }
    let mut seen = BTreeSet::new();
    out.retain(|v| seen.insert(v.clone()));
    out
}

fn typed(s: &Symbols, ty: Type, read: bool, f: &FieldFacts) -> Vec<Slot> {
    let fixed = |all: Vec<Value>| all.into_iter().map(Slot::Value).collect();
    match ty {
        Type::Bool => fixed(vec![Value::Bool(false), Value::Bool(true)]),
        Type::Int => fixed(numbers(f, Exact::ONE, Exact::ONE, true, Value::Number)),
        Type::Decimal(_) => fixed(numbers(f, Exact::ONE, Exact::ONE, false, Value::Number)),
        Type::Percent => fixed(numbers(f, ratio(1, 10), ratio(1, 100), false, Value::Number)),
        Type::Money(c, unit) => {
            let usual = Exact::int(100 * scale(s, c));
            fixed(numbers(f, usual, Exact::ONE, unit.is_none(), |n| Value::Money(n, c)))
        }
        Type::Date => dates(f),
        Type::Instant => std::iter::once(Slot::Noon).chain(instants(f)).collect(),
        Type::Duration => fixed(durations(f)),
        Type::Text => fixed(texts(f)),
        Type::Party => fixed(persons(s, f)),
        Type::Clause => {
            let named = f.constants.iter().filter(|v| matches!(v, Value::Clause(_))).cloned();
            let mut all: Vec<Value> = named.collect();
            if all.is_empty() {
                all.push(Value::Clause(habendum_model::value::ClauseId(0)));
            }
            fixed(all)
        }
        Type::Term(v) => fixed(terms(s, v, read, f)),
    }
}

fn scale(s: &Symbols, c: CurrencyId) -> i128 {
    s.agreement.currencies.get(c.ix()).map_or(1, habendum_model::value::Currency::scale)
}

fn ratio(n: i128, d: i128) -> Exact {
    Exact::ratio(n, d).unwrap_or(Exact::ZERO)
}

/// The usual figure; each figure at which something turns, with its neighbours a step away; figures named by themselves.
fn numbers(
    f: &FieldFacts,
    usual: Exact,
    step: Exact,
    whole: bool,
    of: impl Fn(Exact) -> Value,
) -> Vec<Value> {
    let mut all = BTreeSet::new();
    for t in &f.turns {
        let low = cut(*t, whole);
        let up = if low == *t {
            step
        } else if whole {
            Exact::ONE
        } else {
            ratio(1, PLACES)
        };
        all.insert(low);
        all.extend(low.add(up));
        if low == *t {
            all.extend(low.sub(step));
        }
    }
    all.extend(f.exact.iter().map(|x| cut(*x, whole)));
    all.extend(f.constants.iter().filter_map(|v| match v {
        Value::Number(n) | Value::Money(n, _) => Some(*n),
        _ => None,
    }));
    if f.apart {
        all.extend(usual.add(usual));
    }
    all.remove(&usual);
    let mut all: Vec<Exact> = all.into_iter().collect();
    all.sort_by_key(|n| (roundness(*n), n.is_negative(), if n.is_negative() { n.neg() } else { *n }));
    std::iter::once(usual).chain(all).map(of).collect()
}

/// The greatest figure not above one that the field can hold: a whole one, or one of few decimals.
fn cut(n: Exact, whole: bool) -> Exact {
    let unit = if whole { 1 } else { PLACES };
    let Ok(scaled) = n.mul(Exact::int(unit)) else { return Exact::ZERO };
    if !whole && PLACES % n.denom() == 0 {
        return n;
    }
    let down = scaled.round(RoundingMode::Down);
    let down = if scaled.is_negative() && !scaled.is_integer() { down - 1 } else { down };
    ratio(down, unit)
}

/// How many digits it takes to write a figure, less the noughts at its end.
pub(crate) fn roundness(n: Exact) -> usize {
    let text = n.to_string();
    let digits = text.trim_start_matches('-');
    let short = if digits.contains('.') { digits } else { digits.trim_end_matches('0') };
    short.len()
}

fn dates(f: &FieldFacts) -> Vec<Slot> {
    let mut off: BTreeSet<i64> = f.offsets.iter().flat_map(|o| [o - 1, *o, o + 1]).collect();
    if f.apart {
        off.extend([-1, 1]);
    }
    off.remove(&0);
    let mut off: Vec<i64> = off.into_iter().collect();
    off.sort_by_key(|o| (o.abs(), *o < 0));
    let mut days = BTreeSet::new();
    for v in &f.constants {
        if let Value::Date(d) = v {
            days.extend([-1, 0, 1].iter().filter_map(|n| plus_days(*d, *n).ok()));
        }
    }
    for t in &f.turns {
        if let Ok(n) = i64::try_from(t.round(RoundingMode::Down)) {
            days.extend([-1, 0, 1].iter().filter_map(|k| day_of(n + k).ok()));
        }
    }
    std::iter::once(Slot::DaysOff(0))
        .chain(off.into_iter().map(Slot::DaysOff))
        .chain(days.into_iter().map(|d| Slot::Value(Value::Date(d))))
        .collect()
}

fn instants(f: &FieldFacts) -> Vec<Slot> {
    const SECOND: i128 = 1_000_000_000;
    let named = f.constants.iter().filter_map(|v| if let Value::Instant(n) = v { Some(*n) } else { None });
    let all: BTreeSet<i128> = named.flat_map(|n| [n - SECOND, n, n + SECOND]).collect();
    all.into_iter().map(|n| Slot::Value(Value::Instant(n))).collect()
}

fn durations(f: &FieldFacts) -> Vec<Value> {
    let mut all = vec![Length { count: 30, unit: DurationUnit::Days }];
    for v in &f.constants {
        if let Value::Duration(l) = v {
            all.extend(
                [l.count, l.count.saturating_sub(1), l.count.saturating_add(1)]
                    .map(|count| Length { count, ..*l }),
            );
        }
    }
    all.into_iter().map(Value::Duration).collect()
}

fn texts(f: &FieldFacts) -> Vec<Value> {
    let named: Vec<Value> = f.constants.iter().filter(|v| matches!(v, Value::Text(_))).cloned().collect();
    let fresh = FRESH.iter().map(|t| Value::Text((*t).into())).filter(|t| !named.contains(t));
    let wanted = if f.apart || named.is_empty() { 2 } else { 1 };
    // A fresh text is the simplest: it says nothing.
    let mut all: Vec<Value> = fresh.take(wanted).collect();
    all.extend(named);
    all
}

/// Every party, known others that are named and a few that are not, a stranger where the deal takes strangers.
fn persons(s: &Symbols, f: &FieldFacts) -> Vec<Value> {
    let all = || (0..s.parties.len()).map(PartyId::at);
    let mut out: Vec<PartyId> = all().filter(|p| s.is_party(*p)).collect();
    let named = |p: &PartyId| f.constants.contains(&Value::Party(*p));
    out.extend(all().filter(|p| !s.is_party(*p) && named(p)));
    out.extend(all().filter(|p| !s.is_party(*p) && !named(p)).take(OTHERS));
    if s.agreement.others_any {
        let strangers = if f.apart { 2 } else { 1 };
        out.extend((0..strangers).map(|i| PartyId::at(s.parties.len() + i)));
    }
    out.into_iter().map(Value::Party).collect()
}

/// One term, a leaf if there is one, for each way in which terms answer the tests.
fn terms(s: &Symbols, v: VocabId, read: bool, f: &FieldFacts) -> Vec<Value> {
    let Some((_, vocab)) = s.vocabularies.get_index(v.ix()) else { return Vec::new() };
    let Some(last) = s.terms.get(vocab.root.ix()).map(|t| t.last) else { return Vec::new() };
    let all: Vec<TermId> = (vocab.root.ix()..=last.ix()).map(TermId::at).collect();
    let leaf = |t: TermId| s.terms.get(t.ix()).is_some_and(|i| i.last == t);
    let mut ranges: BTreeSet<(TermId, TermId)> = f.ranges.clone();
    for c in &f.constants {
        if let Value::Term(t) = c
            && let Some(info) = s.terms.get(t.ix())
        {
            ranges.extend([(*t, info.last), (*t, *t)]);
        }
    }
    let signature = |t: TermId| -> Vec<bool> {
        let under = ranges.iter().map(|(lo, hi)| *lo <= t && t <= *hi);
        let near = f.related.iter().map(|u| s.is_under(t, *u) || s.is_under(*u, t));
        let below = f.related.iter().map(|u| s.is_under(t, *u));
        under.chain(near).chain(below).collect()
    };
    let mut classes: BTreeMap<Vec<bool>, Vec<TermId>> = BTreeMap::new();
    for t in all {
        classes.entry(signature(t)).or_default().push(t);
    }
    let many = if f.apart && read { 2 } else { 1 };
    let mut out: Vec<TermId> = Vec::new();
    for members in classes.values() {
        let leaves = members.iter().filter(|t| leaf(**t));
        let rest = members.iter().filter(|t| !leaf(**t));
        out.extend(leaves.chain(rest).take(many));
    }
    out.sort_by_key(|t| (!leaf(*t), *t));
    out.into_iter().map(Value::Term).collect()
}
