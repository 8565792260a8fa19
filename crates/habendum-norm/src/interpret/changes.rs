//! What an event will change: decided on the state before the row, as data, so that a refused row leaves no trace.

use super::duty::{self, DutyMove};
use super::measures::Key;
use super::payment::{self, PayChange};
use super::power::{self, Exercise};
use super::relief::{self, ReliefChange};
use super::rules::{self, Judged};
use super::settle::{self, Part};
use super::view::{View, key_from};
use crate::eval::{eval, fault};
use crate::event::Event;
use crate::ir::{Body, NormId};
use crate::outcome::EvalError;
use habendum_model::expr::MeasureWhat;
use habendum_model::value::{Exact, MeasureId, RegisterId, Value};

/// Everything that an event changes.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The verdict and what comes with it.
    pub judged: Judged,
    /// Obligations.
    pub duties: Vec<DutyMove>,
    /// Relief.
    pub reliefs: Vec<ReliefChange>,
    /// Matches of tests: test, key, and (for `until`) the instance that it ends, if it names one.
    pub seen: Vec<(usize, Key, Option<Key>)>,
    /// Members that join (true) or leave.
    pub members: Vec<(RegisterId, bool, Value)>,
    /// Additions to sums.
    pub sums: Vec<(MeasureId, Key, Exact)>,
    /// Powers exercised with ground.
    pub powers: Vec<Exercise>,
    /// What accrues.
    pub payments: Vec<PayChange>,
    /// What is paid.
    pub paid: Vec<Part>,
    /// Instances that begin: index of the norm, key.
    pub instances: Vec<(usize, Key)>,
    /// Instances of sentences that a sum may end, which the event is the first to name.
    pub named: Vec<super::reach::Named>,
}

/// Decides what an event changes.
///
/// # Errors
/// Where an expression cannot be evaluated or a sum would leave 128 bits.
pub(crate) fn decide(v: &View<'_>, e: &Event) -> Result<Changes, EvalError> {
    let mut c = Changes::default();
    duty::performances(v, e, &mut c.duties)?;
    let in_time: Vec<NormId> = c
        .duties
        .iter()
        .filter_map(|d| match d {
            DutyMove::Performs { norm, .. } => Some(v.version.norms[*norm].norm.id),
            DutyMove::Opens { .. } | DutyMove::Late { .. } => None,
        })
        .collect();
    c.judged = rules::judge(v, e, &in_time)?;
    for i in c.judged.exercised.clone() {
        c.powers.push(power::exercise(v, e, i)?);
    }
    duty::openings(v, e, &mut c.duties)?;
    relief::changes(v, e, &mut c.reliefs)?;
    payment::on_event(v, e, &mut c.payments)?;
    payment::on_late(v, &c.duties, e.date, &mut c.payments)?;
    reparations(v, e, &mut c)?;
    c.paid = settle::parts(v, e)?;
    tests(v, e, &mut c)?;
    registers(v, e, &mut c)?;
    sums(v, e, &mut c)?;
    // Before the first day of the agreement an event names no instance: there is no text to keep it under.
    let texts = v.state.version.is_some();
    for &i in v.version.events[e.kind.ix()].instances.iter().filter(|_| texts) {
        let n = &v.version.norms[i];
        if let Some(key) = v.key_of(n, e)
            && !v.state.norms[n.slot].instances.contains_key(&key)
        {
            c.instances.push((i, key));
        }
    }
    Ok(c)
}

/// What repairs the prohibitions that the event has broken, and the maintenance duties that it has shown unmet.
fn reparations(v: &View<'_>, e: &Event, c: &mut Changes) -> Result<(), EvalError> {
    for (i, key) in &c.judged.breached {
        let Some(repair) = v.version.norms[*i].otherwise.and_then(|s| v.version.by_slot[s]) else { continue };
        if c.judged.by_stranger && matches!(v.version.norms[*i].norm.body, Body::Rule(_)) {
            continue;
        }
        payment::on_breach(v, repair, key, e, &mut c.payments)?;
        let n = &v.version.norms[repair];
        if let Some(obligation) = duty::repair(v, n, key, &e.fields, e.date, Some(e.row))? {
            c.duties.push(DutyMove::Opens { norm: repair, key: key.clone(), obligation });
        }
    }
    Ok(())
}

fn tests(v: &View<'_>, e: &Event, c: &mut Changes) -> Result<(), EvalError> {
    for &id in &v.plan.tests_of[e.kind.ix()] {
        let t = &v.plan.tests[id];
        if t.until && v.state.norms[t.slot].since.is_none_or(|d| d > e.date) {
            continue;
        }
        if !v.guard(t.test.guard.as_ref(), &v.bare(e))? {
            continue;
        }
        let same: Vec<_> = t.test.same.iter().map(|(_, f)| *f).collect();
        let Some(key) = key_from(&same, e) else { continue };
        let ends = t.key.as_ref().filter(|k| !k.is_empty()).and_then(|k| key_from(k, e));
        if t.until || !v.state.seen[id].contains(&key) {
            c.seen.push((id, key, ends));
        }
    }
    Ok(())
}

fn registers(v: &View<'_>, e: &Event, c: &mut Changes) -> Result<(), EvalError> {
    for &(r, adds, i) in &v.plan.registers_of[e.kind.ix()] {
        let def = &v.program.registers[r.ix()];
        let list = if adds { &def.adds } else { &def.removes };
        let Some((test, field)) = list.get(i) else { continue };
        if v.guard(test.guard.as_ref(), &v.bare(e))?
            && let Some(member) = e.fields.get(field.ix())
            && *member != Value::Absent
        {
            c.members.push((r, adds, member.clone()));
        }
    }
    Ok(())
}

fn sums(v: &View<'_>, e: &Event, c: &mut Changes) -> Result<(), EvalError> {
    for &m in &v.plan.feeds[e.kind.ix()] {
        let scene = v.bare(e);
        let n = match &v.program.measures[m.ix()].what {
            MeasureWhat::Total(t) => {
                let def = &v.program.totals[t.ix()];
                if !v.guard(def.on.guard.as_ref(), &scene)? {
                    continue;
                }
                match eval(&def.value, &scene)? {
                    Value::Number(n) | Value::Money(n, _) => n,
                    _ => continue,
                }
            }
            MeasureWhat::Count { guard, .. } => {
                if !v.guard(guard.as_ref(), &scene)? {
                    continue;
                }
                Exact::ONE
            }
            MeasureWhat::Payment(..) | MeasureWhat::Breaches(_) => continue,
        };
        let fields = v.plan.shapes[m.ix()].fields.as_slice();
        let Some(key) = key_from(fields, e) else { continue };
        let whole =
            |o: habendum_model::value::Overflow| fault(o.to_string(), habendum_syntax::Span::default());
        v.state.measures.probe(m, &key, n).map_err(whole)?;
        c.sums.push((m, key, n));
    }
    Ok(())
}
