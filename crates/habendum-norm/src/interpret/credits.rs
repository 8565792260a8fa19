//! Credits: what is left of another clause's sum.
//!
//! Data flow: [`View`] + norm + instance, and what the same row has accrued -> [`CreditFigure`]s. Invariant: what one sentence or
//! instance has used of a clause's money, no other can use.

use super::measures::{Key, project};
use super::payment::PayChange;
use super::plan::PlanNorm;
use super::view::View;
use crate::accrual::{CreditFigure, CreditLimit};
use crate::eval::{Scene, eval, fault};
use crate::ir::{Credit, Payment};
use crate::ledger::Ledger;
use crate::outcome::EvalError;
use habendum_model::value::{ClauseId, Exact, Overflow, Value};
use habendum_syntax::ast::SumOf;

/// The credited sums of a payment, less what others have used of them.
///
/// # Errors
/// Where a limit cannot be evaluated, or a sum is beyond 128 bits.
pub(super) fn credits(
    v: &View<'_>,
    n: &PlanNorm,
    p: &Payment,
    key: &Key,
    scene: &Scene<'_>,
    pending: &[PayChange],
) -> Result<Vec<CreditFigure>, EvalError> {
    let mut all = Vec::with_capacity(p.credits.len());
    for c in &p.credits {
        let limit = match &c.up_to {
            None => CreditLimit::Whole,
            Some(e) => match eval(e, scene)? {
                Value::Money(m, _) => CreditLimit::Money(m),
                Value::Number(share) => CreditLimit::Share(share),
                other => return Err(fault(format!("{other:?} bounds no credit"), e.span)),
            },
        };
        let whole = |x: Overflow| fault(x.to_string(), c.span);
        let used = used_elsewhere(v, n, c.clause, key, pending).map_err(whole)?;
        all.push(CreditFigure { sum: credited(v, n, c, key)?.sub(used).map_err(whole)?, limit });
    }
    Ok(all)
}

/// The sum of another clause that is credited: of the same key, where that clause is kept by it.
fn credited(v: &View<'_>, n: &PlanNorm, c: &Credit, key: &Key) -> Result<Exact, EvalError> {
    let mut sum: i128 = 0;
    for other in v.version.norms.iter().filter(|o| o.norm.id.clause == c.clause) {
        let shared: Vec<String> =
            other.key_names.iter().filter(|k| n.key_names.contains(k)).cloned().collect();
        let mine = project(&shared, &n.key_names, key);
        for (their_key, s) in &v.state.norms[other.slot].pay {
            if project(&shared, &other.key_names, their_key) != mine {
                continue;
            }
            let part = match c.what {
                SumOf::Accrued => s.sum(Ledger::accrued),
                SumOf::Due => s.sum(Ledger::due),
                SumOf::Paid => s.sum(Ledger::paid),
                SumOf::Overdue => s.sum(Ledger::overdue),
            };
            sum = sum.checked_add(part).ok_or_else(|| fault("the sum is beyond 128 bits", c.span))?;
        }
    }
    Ok(Exact::int(sum))
}

/// What other sentences, and other instances of this one, have used of a credited clause's money: it is credited once. Instances
/// that differ in a field by which the credited clause is kept apart have money of their own.
fn used_elsewhere(
    v: &View<'_>,
    n: &PlanNorm,
    credited: ClauseId,
    key: &Key,
    pending: &[PayChange],
) -> Result<Exact, Overflow> {
    let theirs = v.version.norms.iter().find(|o| o.norm.id.clause == credited);
    let names: Vec<String> = theirs.map(|o| &o.key_names).into_iter().flatten().cloned().collect();
    let mut used = Exact::ZERO;
    for (i, m) in v.version.norms.iter().enumerate() {
        let Some(count) = v.plan.layouts[m.slot].credit_of(credited) else { continue };
        let both = |k: &&String| m.key_names.contains(k) && n.key_names.contains(k);
        let shared: Vec<String> = names.iter().filter(both).cloned().collect();
        let mine = project(&shared, &n.key_names, key);
        let alike = |k: &Key| (m.slot, k) != (n.slot, key) && project(&shared, &m.key_names, k) == mine;
        let now = |k: &Key| pending.iter().rev().find(|c| c.norm == i && c.key == *k).map(|c| &c.counts);
        let held = &v.state.norms[m.slot].pay;
        for (k, s) in held.iter().filter(|(k, _)| alike(k)) {
            let counts = now(k).unwrap_or(&s.counts);
            used = used.add(counts.credits.get(count).copied().unwrap_or(Exact::ZERO))?;
        }
        // What began with this very row is not held yet.
        let mut new: Vec<&Key> = pending.iter().filter(|c| c.norm == i).map(|c| &c.key).collect();
        new.sort();
        new.dedup();
        for k in new.into_iter().filter(|k| alike(k) && !held.contains_key(*k)) {
            let part = now(k).and_then(|counts| counts.credits.get(count).copied());
            used = used.add(part.unwrap_or(Exact::ZERO))?;
        }
    }
    Ok(used)
}
