//! One outcome of a row from those of all readings.
//!
//! Invariant: where the readings agree the outcome is theirs; where verdicts or amounts part it is undetermined, with who
//! says what, and never picked.

use super::ReadingRun;
use crate::ir::NormId;
use crate::outcome::{Accrual, Outcome};
use habendum_model::deal::Symbols;
use habendum_model::value::{ClauseId, CurrencyId};
use habendum_syntax::ast::Verdict;
use std::collections::{BTreeMap, BTreeSet};

/// The outcome of a row, given that of the first reading and of the others in order.
pub(super) fn merge(runs: &[ReadingRun], mut first: Outcome, rest: Vec<Outcome>) -> Outcome {
    let apart =
        |o: &Outcome| o.verdict != first.verdict || (o.accruals != first.accruals && sums(o) != sums(&first));
    let parted = rest.iter().any(apart);
    if parted && let Some(program) = runs.first().map(|r| r.interpreter.program()) {
        let s = &program.symbols;
        let views: Vec<String> = std::iter::once(&first).chain(&rest).map(|o| said(o, s)).collect();
        first.reason = Some(by_reading(runs, &views, s));
        first.verdict = Verdict::Undetermined;
        range(&mut first.accruals, &rest, s);
    }
    for o in rest {
        let more: Vec<NormId> = o.deciding.into_iter().filter(|n| !first.deciding.contains(n)).collect();
        first.deciding.extend(more);
    }
    first
}

/// What accrues under each clause, in each currency.
fn sums(o: &Outcome) -> BTreeMap<(ClauseId, CurrencyId), i128> {
    let mut all = BTreeMap::new();
    for a in &o.accruals {
        *all.entry((a.norm.clause, a.currency)).or_default() += i128::from(a.amount);
    }
    all.retain(|_, amount| *amount != 0);
    all
}

/// Says of each accrual of the first reading between what figures the readings lie.
fn range(accruals: &mut [Accrual], rest: &[Outcome], s: &Symbols) {
    for a in accruals {
        let others = rest.iter().map(|o| {
            let same = o.accruals.iter().filter(|b| b.norm.clause == a.norm.clause && b.key == a.key);
            same.map(|b| i128::from(b.amount)).sum::<i128>()
        });
        let all: BTreeSet<i128> = others.chain([i128::from(a.amount)]).collect();
        if let (Some(low), Some(high)) = (all.first(), all.last())
            && low != high
        {
            a.reason = Some(format!(
                "by reading, from {} to {}",
                money(s, *low, a.currency),
                money(s, *high, a.currency)
            ));
        }
    }
}

fn money(s: &Symbols, minor: i128, currency: CurrencyId) -> String {
    s.agreement.currencies.get(currency.ix()).map_or_else(|| minor.to_string(), |c| c.show(minor))
}

/// An outcome in a few words.
fn said(o: &Outcome, s: &Symbols) -> String {
    let mut clauses: Vec<&str> = o.deciding.iter().map(|n| s.clause_name(n.clause)).collect();
    clauses.dedup();
    let word = match o.verdict {
        Verdict::Silent => "silent",
        Verdict::Permitted => "permitted",
        Verdict::Breach => "breach",
        Verdict::Unlicensed => "unlicensed",
        Verdict::WithoutEffect => "without effect",
        Verdict::Undetermined => "undetermined",
        Verdict::Conflict => "conflict",
    };
    let mut text = word.to_owned();
    if !clauses.is_empty() {
        let join = if o.verdict == Verdict::Permitted { "by" } else { "of" };
        text.push_str(&format!(" {join} {}", clauses.join(", ")));
    }
    for ((clause, currency), amount) in sums(o) {
        text.push_str(&format!(", {} under {}", money(s, amount, currency), s.clause_name(clause)));
    }
    text
}

/// Which readings say what. A clause whose readings make no difference is not named.
fn by_reading(runs: &[ReadingRun], views: &[String], s: &Symbols) -> String {
    let mut named: BTreeMap<ClauseId, BTreeSet<&str>> = BTreeMap::new();
    for (clause, reading) in runs.iter().flat_map(|r| &r.readings) {
        named.entry(*clause).or_default().insert(reading);
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut parts = Vec::new();
    for view in views {
        if seen.contains(&view.as_str()) {
            continue;
        }
        seen.push(view);
        let who = runs.iter().zip(views).filter(|(_, v)| *v == view).map(|(r, _)| r);
        let mut under: BTreeMap<ClauseId, BTreeSet<&str>> = BTreeMap::new();
        for (clause, reading) in who.flat_map(|r| &r.readings) {
            under.entry(*clause).or_default().insert(reading);
        }
        let where_: Vec<String> = under
            .iter()
            .filter(|(clause, readings)| named.get(clause) != Some(readings))
            .map(|(clause, readings)| {
                let readings: Vec<&str> = readings.iter().copied().collect();
                format!("{} = {}", s.clause_name(*clause), readings.join(" or "))
            })
            .collect();
        parts.push(format!("{view} where {}", where_.join(", ")));
    }
    format!("the readings part: {}", parts.join("; "))
}
