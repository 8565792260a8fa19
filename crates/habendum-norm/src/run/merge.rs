//! Readings: one outcome from those of every combination.
//!
//! Invariant: where the combinations agree, the outcome is theirs; where they do not, it is undetermined and says how they differ.

use super::ReadingRun;
use crate::ir::Program;
use crate::outcome::{Accrual, Outcome};
use habendum_model::value::ClauseId;
use habendum_syntax::ast::Verdict;
use habendum_syntax::print::verdict_words;
use std::collections::{BTreeMap, BTreeSet};

/// `azure-first as parties, any-cloud as freely`.
pub(super) fn name(readings: &[(ClauseId, String)], program: &Program) -> String {
    let all: Vec<String> =
        readings.iter().map(|(c, r)| format!("{} as {r}", program.symbols.clause_name(*c))).collect();
    all.join(", ")
}

/// Merges the outcomes of one row, in the order of the runs.
pub(super) fn merge(mut outcomes: Vec<Outcome>, runs: &[ReadingRun]) -> Outcome {
    let differs = outcomes.windows(2).any(|w| w[0].verdict != w[1].verdict || w[0].accruals != w[1].accruals);
    if !differs || outcomes.is_empty() {
        return outcomes.swap_remove(0);
    }
    let (_, program) = (&runs[0].readings, runs[0].interpreter.program());
    let verdicts = by_reading(&outcomes, runs, |o| verdict_words(o.verdict).to_owned());
    let mut words = Vec::new();
    if verdicts.len() > 1 {
        for (verdict, list) in verdicts {
            words.push(format!("{verdict} with {}", telling(&list, runs, program)));
        }
    }
    let mut merged = outcomes[0].clone();
    merged.deciding =
        outcomes.iter().flat_map(|o| o.deciding.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let clauses: BTreeSet<ClauseId> =
        outcomes.iter().flat_map(|o| &o.accruals).map(|a| a.norm.clause).collect();
    for clause in clauses {
        let of = |o: &Outcome| -> Vec<Accrual> {
            o.accruals.iter().filter(|a| a.norm.clause == clause).cloned().collect()
        };
        let sums: Vec<i128> =
            outcomes.iter().map(|o| of(o).iter().map(|a| i128::from(a.amount)).sum()).collect();
        if outcomes.windows(2).all(|w| of(&w[0]) == of(&w[1])) {
            continue;
        }
        merged.accruals.retain(|a| a.norm.clause != clause);
        let currency = outcomes
            .iter()
            .flat_map(|o| &o.accruals)
            .find(|a| a.norm.clause == clause)
            .and_then(|a| program.symbols.agreement.currencies.get(a.currency.ix()));
        let show = |n: Option<&i128>| match (n, currency) {
            (Some(n), Some(c)) => c.show(*n),
            (Some(n), None) => n.to_string(),
            (None, _) => String::new(),
        };
        words.push(format!(
            "{} accrues from {} to {} by the reading",
            program.symbols.clause_name(clause),
            show(sums.iter().min()),
            show(sums.iter().max())
        ));
    }
    merged.verdict = Verdict::Undetermined;
    merged.reason = Some(words.join("; "));
    merged
}

/// The runs by what a function says of their outcomes, in the order of the first that says it.
fn by_reading(
    outcomes: &[Outcome],
    runs: &[ReadingRun],
    f: impl Fn(&Outcome) -> String,
) -> Vec<(String, Vec<usize>)> {
    let mut out: Vec<(String, Vec<usize>)> = Vec::new();
    for (i, o) in outcomes.iter().enumerate().take(runs.len()) {
        let said = f(o);
        match out.iter_mut().find(|(s, _)| *s == said) {
            Some((_, list)) => list.push(i),
            None => out.push((said, vec![i])),
        }
    }
    out
}

/// The readings that these runs share and that tell them from the rest; every combination by name where no single reading does.
fn telling(list: &[usize], runs: &[ReadingRun], program: &Program) -> String {
    let mut shared: BTreeMap<ClauseId, BTreeSet<&str>> = BTreeMap::new();
    for i in list {
        for (c, r) in &runs[*i].readings {
            shared.entry(*c).or_default().insert(r);
        }
    }
    let fixed: Vec<(ClauseId, String)> = shared
        .iter()
        .filter(|(_, rs)| rs.len() == 1)
        .flat_map(|(c, rs)| rs.iter().map(|r| (*c, (*r).to_owned())))
        .filter(|(c, r)| runs.iter().any(|run| run.readings.iter().any(|(d, s)| d == c && s != r)))
        .collect();
    let exact = runs
        .iter()
        .enumerate()
        .all(|(i, run)| list.contains(&i) || !fixed.iter().all(|f| run.readings.contains(f)));
    if !fixed.is_empty() && exact {
        return name(&fixed, program);
    }
    let all: Vec<String> = list.iter().map(|i| format!("({})", name(&runs[*i].readings, program))).collect();
    all.join(" or ")
}
