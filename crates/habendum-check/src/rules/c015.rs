//! C015: crossed specificity. A permission and a prohibition that nothing ranks, each of them narrower than the other on a
//! different axis, so that not even "the special rule prevails" would settle them. Information beside the C008 that names
//! the conflict.
//!
//! Data flow: the pairs of C008 -> for each axis (person, field), what either side leaves of it, solved value by value
//! -> the axes on which one is narrower. Invariant: an axis is named only where the other side takes a value that this one
//! never takes.

use super::scope::{amended, can, finding, of_license};
use crate::case::Case;
use crate::encode::{History, Moment, Speaks, verdicts};
use crate::finding::{Finding, Standing};
use crate::grants::ranked;
use crate::grants::words;
use crate::merge::join;
use crate::solver::{Answer, Formula};
use habendum_model::expr::{ExprKind, Type};
use habendum_model::value::{EventId, FieldId, PartyId, TermId, Value};
use habendum_norm::ir::{Body, Norm, Version, Who};
use habendum_norm::reads::{Read, each_expr, reads};
use habendum_syntax::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// The code.
pub const CODE: &str = "C015";

/// More values of an axis than this are not tried one by one: the axis counts by who asks about it.
const MOST: usize = 48;

/// Crossed pairs.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        let kinds: BTreeSet<EventId> = version.norms.iter().filter_map(|n| rule(n).map(|(e, _)| e)).collect();
        for k in kinds {
            found.extend(of_kind(case, version, k));
        }
    }
    join(found)
}

/// Kind and whether it permits, of a rule that no license stands behind.
fn rule(n: &Norm) -> Option<(EventId, bool)> {
    match &n.body {
        Body::Rule(r) if !matches!(r.who, Who::OutsideLicense { .. }) => Some((r.event, r.permits)),
        _ => None,
    }
}

fn of_kind(case: &Case<'_>, version: &Version, event: EventId) -> Vec<Finding> {
    let both = |permits| version.norms.iter().any(|n| rule(n) == Some((event, permits)));
    if !both(true) || !both(false) {
        return Vec::new();
    }
    let mut m = Moment::new(&case.program, event, History::Any);
    let v = verdicts(&mut m, version);
    m.solver.assert(v.within.clone());
    let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut sides = BTreeMap::new();
    let mut out = Vec::new();
    // As C008: the pairs of a model are looked at and blocked, until none is left.
    while let Answer::Sat(model) = m.solver.solve_assuming(&[v.conflict()]) {
        let stand: Vec<&Speaks> = v.speaks.iter().filter(|s| model.holds(&s.stands)).collect();
        for p in stand.iter().filter(|s| s.permits) {
            for f in stand.iter().filter(|s| !s.permits) {
                m.solver.assert(Formula::not(Formula::and([p.stands.clone(), f.stands.clone()])));
                if seen.insert((p.norm, f.norm)) {
                    out.extend(crossed(case, version, &mut m, &mut sides, (p, f)));
                }
            }
        }
    }
    out
}

fn crossed(
    case: &Case<'_>,
    version: &Version,
    m: &mut Moment<'_>,
    sides: &mut BTreeMap<usize, Vec<Axis>>,
    (p, f): (&Speaks, &Speaks),
) -> Option<Finding> {
    let (one, other) = (&version.norms[p.norm], &version.norms[f.norm]);
    let license = |n| rule(n).is_none() || of_license(version, n);
    if one.id.clause == other.id.clause || ranked(one, other) || license(one) || license(other) {
        return None;
    }
    for (s, n) in [(p, one), (f, other)] {
        sides.entry(s.norm).or_insert_with(|| side(case, version, m.event, n));
    }
    let (mine, theirs) = narrower(m, sides.get(&p.norm)?, sides.get(&f.norm)?);
    let only = |x: &[String], y: &[String]| x.iter().find(|n| !y.contains(n)).cloned();
    told(case, version, (one, &only(&mine, &theirs)?), (other, &only(&theirs, &mine)?))
}

/// What a sentence leaves of an axis.
enum Axis {
    /// Of each of its values, whether it takes it.
    Takes(Vec<bool>),
    /// Whether it asks about it at all.
    Asks(bool),
}

/// What a sentence leaves of each field of its kind of event.
fn side(case: &Case<'_>, version: &Version, event: EventId, n: &Norm) -> Vec<Axis> {
    let mut m = Moment::new(&case.program, event, History::Any);
    let Body::Rule(r) = &n.body else { return Vec::new() };
    let applies = m.applies(version, n, r);
    let within = m.days(version.from.fixed(), version.through);
    m.solver.assert(within);
    m.solver.assert(applies);
    let asked = asked(n);
    let fields = &m.symbols().event_info(event).fields;
    let mut out = Vec::new();
    for (i, field) in fields.values().enumerate() {
        out.push(match values(&m, field.ty) {
            Some(all) => Axis::Takes(
                all.iter()
                    .map(|v| {
                        let at = m.at(FieldId::at(i), v);
                        can(&mut m, &at)
                    })
                    .collect(),
            ),
            None => Axis::Asks(asked.contains(&FieldId::at(i))),
        });
    }
    out
}

/// On which axes the first is narrower, and on which the second.
fn narrower(m: &Moment<'_>, a: &[Axis], b: &[Axis]) -> (Vec<String>, Vec<String>) {
    let info = m.symbols().event_info(m.event);
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for (i, ((x, y), name)) in a.iter().zip(b).zip(info.fields.keys()).enumerate() {
        let (less, more) = match (x, y) {
            (Axis::Takes(x), Axis::Takes(y)) => {
                let beyond = |x: &[bool], y: &[bool]| x.iter().zip(y).any(|(x, y)| !x && *y);
                (beyond(x, y), beyond(y, x))
            }
            (Axis::Asks(x), Axis::Asks(y)) => (*x && !y, !x && *y),
            (Axis::Takes(_), Axis::Asks(_)) | (Axis::Asks(_), Axis::Takes(_)) => (false, false),
        };
        let actor = info.actor == Some(FieldId::at(i));
        let name = if actor { "the person".to_owned() } else { format!("`{name}`") };
        if less {
            mine.push(name.clone());
        }
        if more {
            theirs.push(name);
        }
    }
    (mine, theirs)
}

/// The values of a type, where they are few.
fn values(m: &Moment<'_>, ty: Type) -> Option<Vec<Value>> {
    let s = m.symbols();
    let all: Vec<Value> = match ty {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Party => (0..s.parties.len()).map(|i| Value::Party(PartyId::at(i))).collect(),
        Type::Term(v) => {
            let of = |(i, t): (usize, &habendum_model::deal::TermInfo)| {
                (t.vocab == v).then(|| Value::Term(TermId::at(i)))
            };
            s.terms.iter().enumerate().filter_map(of).collect()
        }
        Type::Int
        | Type::Decimal(_)
        | Type::Percent
        | Type::Money(..)
        | Type::Date
        | Type::Instant
        | Type::Duration
        | Type::Text
        | Type::Clause => return None,
    };
    (all.len() <= MOST).then_some(all)
}

/// The fields that a sentence asks about.
fn asked(n: &Norm) -> BTreeSet<FieldId> {
    let mut out = BTreeSet::new();
    for r in reads(n) {
        if let Read::Expr(e) = r {
            each_expr(e, &mut |x| {
                if let ExprKind::Field(f) = x.kind {
                    out.insert(f);
                }
            });
        }
    }
    out
}

fn told(case: &Case<'_>, version: &Version, (p, x): (&Norm, &str), (f, y): (&Norm, &str)) -> Option<Finding> {
    let s = case.symbols();
    let (one, other) = (words::clause(s, p.id.clause), words::clause(s, f.id.clause));
    let message = format!("{one} is the narrower by {x}, {other} by {y}: neither is the special case");
    let d = Diagnostic::info(CODE, message, p.span, format!("narrower by {x}"))
        .label(f.span, format!("narrower by {y}"))
        .note("no maxim of construction that prefers the special rule would rank these two")
        .help("say which prevails where both apply (see C008)");
    let d = amended(case, d, &[p, f]);
    finding(version, None, d, vec![p.id.clause, f.id.clause], Standing::Compatible, None)
}
