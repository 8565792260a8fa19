//! Events that may show a fault, and what the interpreter makes of them.
//!
//! Data flow: a point, a person, a day -> an event -> its variations by the constants of the guards at hand -> the first
//! whose replay is as asked. Invariant: a witness leaves here only after its replay.

use super::Point;
use super::words;
use crate::case::{Case, Replay};
use crate::finding::Witness;
use habendum_model::deal::{FieldInfo, Symbols};
use habendum_model::expr::{Expr, ExprKind, Type, WhoMember};
use habendum_model::value::{EventId, Exact, FieldId, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Duty, EventTest, Exclusivity, Norm, Opening, Who};
use habendum_norm::outcome::Outcome;
use habendum_norm::reads::{Read, each_expr, reads};
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// No more variations of one event than this are replayed.
const MOST: usize = 256;

/// A grant as an event states it.
pub(crate) struct Granting<'a> {
    /// Who grants.
    pub by: PartyId,
    /// To whom.
    pub to: PartyId,
    /// What.
    pub point: Point,
    /// How exclusive.
    pub exclusivity: &'a Exclusivity,
    /// Through when.
    pub through: Option<Date>,
    /// With the right to pass it on.
    pub sublicense: bool,
}

/// A value of a type that says as little as can be said.
pub(crate) fn plain(s: &Symbols, ty: Type, by: PartyId, day: Date) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int | Type::Decimal(_) => Value::Number(Exact::ONE),
        Type::Percent => Value::Number(Exact::ratio(1, 10).unwrap_or(Exact::ONE)),
        Type::Money(c, _) => {
            let scale = s.agreement.currencies.get(c.ix()).map_or(1, |x| x.scale());
            Value::Money(Exact::int(scale), c)
        }
        Type::Date => Value::Date(day),
        Type::Instant => Value::Instant(0),
        Type::Duration => Value::Duration(habendum_model::value::Length {
            count: 1,
            unit: habendum_syntax::ast::DurationUnit::Days,
        }),
        Type::Text => Value::Text("it".into()),
        Type::Party => Value::Party(by),
        Type::Clause => Value::Clause(habendum_model::value::ClauseId(0)),
        Type::Term(v) => {
            let root = s.vocabularies.get_index(v.ix()).map_or(TermId(0), |(_, x)| x.root);
            Value::Term(leaf(s, root))
        }
    }
}

/// The first leaf below a term.
fn leaf(s: &Symbols, t: TermId) -> TermId {
    let mut at = t;
    while s.terms.get(at.ix()).is_some_and(|x| x.last > at) {
        at = TermId(at.0 + 1);
    }
    at
}

/// An act of a kind at a point: optional fields left out, where the whole is meant the place and the use too.
pub(crate) fn act(s: &Symbols, kind: EventId, by: PartyId, at: Point, day: Date) -> Event {
    let info = s.event_info(kind);
    let mut fields = Vec::with_capacity(info.fields.len());
    for (i, (name, f)) in info.fields.iter().enumerate() {
        let here = match name.as_str() {
            "asset" => Some(at.asset),
            "territory" => Some(at.territory),
            "field" => Some(at.field),
            _ => None,
        };
        let own = |t: &TermId| s.terms.get(t.ix()).is_some_and(|x| Type::Term(x.vocab) == f.ty);
        let value = match here.filter(own) {
            Some(t) if f.optional && s.terms[t.ix()].parent.is_none() => Value::Absent,
            Some(t) => Value::Term(t),
            None if info.actor == Some(FieldId::at(i)) => Value::Party(by),
            None if f.optional => Value::Absent,
            None => plain(s, f.ty, by, day),
        };
        fields.push(value);
    }
    Event { row: 1, date: day, instant: None, kind, fields }
}

/// A `Grant`; none where the scope is not of the vocabularies that a `Grant` names.
pub(crate) fn granting(s: &Symbols, g: &Granting<'_>, day: Date) -> Option<Event> {
    let kind = s.event("Grant")?;
    let mut e = act(s, kind, g.by, g.point, day);
    let info = s.event_info(kind);
    let asset = info.fields.get_index_of("asset")?;
    if e.fields.get(asset) != Some(&Value::Term(g.point.asset)) {
        return None;
    }
    let mut set = |name: &str, v: Value| {
        if let Some(i) = info.fields.get_index_of(name) {
            e.fields[i] = v;
        }
    };
    set("to", Value::Party(g.to));
    if *g.exclusivity != Exclusivity::NonExclusive {
        set("exclusivity", Value::Text(words::degree_word(g.exclusivity).into()));
    }
    if let Some(d) = g.through {
        set("through", Value::Date(d));
    }
    if g.sublicense {
        set("sublicense", Value::Bool(true));
    }
    Some(e)
}

/// An event of a kind that says as little as it can.
pub(crate) fn bare(s: &Symbols, kind: EventId, by: PartyId, day: Date) -> Event {
    let info = s.event_info(kind);
    let value = |i: usize, f: &FieldInfo| match f.optional {
        _ if info.actor == Some(FieldId::at(i)) => Value::Party(by),
        true => Value::Absent,
        false => plain(s, f.ty, by, day),
    };
    let fields = info.fields.values().enumerate().map(|(i, f)| value(i, f)).collect();
    Event { row: 1, date: day, instant: None, kind, fields }
}

/// Whether a person may be among those whom a sentence binds or entitles.
pub(crate) fn may_be(case: &Case<'_>, who: &Who, p: PartyId) -> bool {
    let listed = |all: &[WhoMember]| {
        all.iter().any(|m| match m {
            WhoMember::Party(q) => *q == p,
            WhoMember::Register(r) => {
                case.program.registers.get(r.ix()).is_some_and(|r| r.initially.contains(&Value::Party(p)))
            }
        })
    };
    match who {
        Who::Named(all) => listed(all),
        Who::AnyParty => case.symbols().is_party(p),
        Who::Anyone => true,
        Who::AnyoneExcept(all) => !listed(all),
        Who::OutsideLicense { .. } => false,
    }
}

/// Rows that may open an obligation on a day: none where time alone opens it.
pub(crate) fn openings(case: &Case<'_>, d: &Duty, day: Date) -> Vec<Vec<Event>> {
    match &d.opening {
        Opening::Within { trigger, .. } => {
            triggers(case, trigger, day).into_iter().map(|e| vec![e]).collect()
        }
        Opening::By(_) | Opening::Each(_) | Opening::AfterEach(..) | Opening::NoDeadline => vec![Vec::new()],
        Opening::OnBreach(_) => Vec::new(),
    }
}

/// Events that may satisfy a test: every person as actor, and the constants of its guard.
pub(crate) fn triggers(case: &Case<'_>, t: &EventTest, day: Date) -> Vec<Event> {
    let s = case.symbols();
    let mut choices = BTreeMap::new();
    if let Some(g) = &t.guard {
        each_expr(g, &mut |x| note(s, t.event, x, &mut choices));
    }
    let people = s.event_info(t.event).actor.map_or(1, |_| s.parties.len().min(4));
    let mut out = Vec::new();
    for p in (0..people).map(PartyId::at) {
        out.extend(vary(s, &bare(s, t.event, p, day), choices.clone(), &[]).into_iter().take(16));
    }
    out
}

/// The event, and what it becomes with the constants that sentences compare its fields with, nearest first.
pub(crate) fn variations(s: &Symbols, base: &Event, norms: &[&Norm], fixed: &[&str]) -> Vec<Event> {
    let mut choices: BTreeMap<FieldId, BTreeSet<Value>> = BTreeMap::new();
    for n in norms {
        for r in reads(n) {
            if let Read::Expr(e) = r {
                each_expr(e, &mut |x| note(s, base.kind, x, &mut choices));
            }
        }
    }
    vary(s, base, choices, fixed)
}

fn vary(
    s: &Symbols,
    base: &Event,
    choices: BTreeMap<FieldId, BTreeSet<Value>>,
    fixed: &[&str],
) -> Vec<Event> {
    let info = s.event_info(base.kind);
    let mut out = vec![base.clone()];
    for (f, values) in choices {
        let Some((name, field)) = info.fields.get_index(f.ix()) else { continue };
        if info.actor == Some(f) || fixed.contains(&name.as_str()) {
            continue;
        }
        let mut values = values;
        if field.optional {
            values.insert(Value::Absent);
        }
        let mut next = out.clone();
        for v in values {
            for e in &out {
                if e.fields.get(f.ix()) != Some(&v) && fits(s, &v, field.ty) {
                    let mut with = e.clone();
                    with.fields[f.ix()] = v.clone();
                    next.push(with);
                }
            }
        }
        next.truncate(MOST);
        out = next;
    }
    out
}

fn fits(s: &Symbols, v: &Value, ty: Type) -> bool {
    match (v, ty) {
        (Value::Term(t), Type::Term(vocab)) => s.terms.get(t.ix()).is_some_and(|x| x.vocab == vocab),
        (Value::Term(_), _) => false,
        _ => true,
    }
}

/// Values worth trying in the fields that a comparison asks about.
fn note(s: &Symbols, kind: EventId, x: &Expr, into: &mut BTreeMap<FieldId, BTreeSet<Value>>) {
    let field = |e: &Expr| match &e.kind {
        ExprKind::Field(f) => Some(*f),
        _ => None,
    };
    match &x.kind {
        ExprKind::Compare(_, a, b) => {
            for (f, c) in [(field(a), b), (field(b), a)] {
                if let (Some(f), ExprKind::Const(v)) = (f, &c.kind) {
                    into.entry(f).or_default().extend(around(v));
                }
            }
        }
        ExprKind::Under(v, ranges) => {
            let Some(f) = field(v) else { return };
            let set = into.entry(f).or_default();
            set.extend(ranges.iter().map(|(t, _)| Value::Term(*t)));
            if let Some((_, info)) = s.event_info(kind).fields.get_index(f.ix())
                && let Type::Term(vocab) = info.ty
            {
                let leaves =
                    s.terms.iter().enumerate().filter(|(i, t)| t.vocab == vocab && t.last.ix() == *i);
                set.extend(leaves.take(12).map(|(i, _)| Value::Term(TermId::at(i))));
            }
        }
        ExprKind::OneOf(v, all) => {
            if let Some(f) = field(v) {
                into.entry(f).or_default().extend(all.iter().cloned());
            }
        }
        ExprKind::Stated(v) => {
            let info = field(v).and_then(|f| Some((f, s.event_info(kind).fields.get_index(f.ix())?.1)));
            if let Some((f, info)) = info {
                into.entry(f).or_default().insert(plain(s, info.ty, PartyId(0), Date::constant(2026, 1, 1)));
            }
        }
        ExprKind::Field(f) if x.ty == Type::Bool => {
            into.entry(*f).or_default().extend([Value::Bool(false), Value::Bool(true)]);
        }
        _ => {}
    }
}

fn around(v: &Value) -> Vec<Value> {
    let near = |n: &Exact| [n.sub(Exact::ONE), Ok(*n), n.add(Exact::ONE)].into_iter().flatten();
    match v {
        Value::Number(n) => near(n).map(Value::Number).collect(),
        Value::Money(n, c) => near(n).map(|x| Value::Money(x, *c)).collect(),
        Value::Text(_) => vec![v.clone(), Value::Text("it".into())],
        Value::Date(d) => {
            let day = |n| habendum_model::date::plus_days(*d, n).ok().map(Value::Date);
            [day(-1), day(0), day(1)].into_iter().flatten().collect()
        }
        Value::Bool(_) => vec![Value::Bool(false), Value::Bool(true)],
        Value::Instant(_) | Value::Duration(_) | Value::Party(_) | Value::Term(_) | Value::Clause(_) => {
            vec![v.clone()]
        }
        Value::Absent => Vec::new(),
    }
}

/// The first history whose replay is as asked: the given rows, then one of the variations.
pub(crate) fn shown(
    case: &Case<'_>,
    before: &[Event],
    tries: &[Event],
    shows: &str,
    test: impl Fn(&Replay) -> bool,
) -> Option<Witness> {
    tries.iter().find_map(|e| {
        let mut events = before.to_vec();
        events.push(e.clone());
        witness(case, events, shows, &test)
    })
}

/// A history, where its replay is as asked.
pub(crate) fn witness(
    case: &Case<'_>,
    mut events: Vec<Event>,
    shows: &str,
    test: impl Fn(&Replay) -> bool,
) -> Option<Witness> {
    for (row, e) in (1..).zip(&mut events) {
        e.row = row;
    }
    let w = Witness { events, clock: None, values: BTreeMap::new(), shows: shows.to_owned() };
    case.replay(&w).ok().filter(&test).map(|_| w)
}

/// The last row's outcome is a conflict of these sentences' clauses.
pub(crate) fn is_conflict(r: &Replay, of: &[&Norm]) -> bool {
    r.rows.last().is_some_and(|o| o.verdict == Verdict::Conflict && of.iter().all(|n| decides(o, n)))
}

/// The last row is a wrong under this sentence's clause.
pub(crate) fn is_wrong(r: &Replay, under: &Norm) -> bool {
    r.rows.last().is_some_and(|o| wrong(o) && decides(o, under))
}

/// A breach, or a stranger's wrong.
pub(crate) fn wrong(o: &Outcome) -> bool {
    matches!(o.verdict, Verdict::Breach | Verdict::Unlicensed)
}

/// Whether a sentence of the norm's clause is among what decided.
pub(crate) fn decides(o: &Outcome, n: &Norm) -> bool {
    o.deciding.iter().any(|d| d.clause == n.id.clause)
}
