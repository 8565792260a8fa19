//! Expectations: what a step should have brought, beside what it brought.
//!
//! Invariant: a mismatch says both, in the words of the contract, at the place of the expectation.

use super::run::failure;
use crate::names::Names;
use crate::record::{clause_names, duty_word, verdict_word};
use habendum_model::deal::Deal;
use habendum_model::elaborate::const_value;
use habendum_model::expr::Type;
use habendum_model::value::{ClauseId, CurrencyId, Exact, Value};
use habendum_norm::interpret::KeySums;
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome, Component, EvalError, Outcome};
use habendum_norm::run::{ReadingRun, Runner};
use habendum_syntax::ast::{DutyEvent, Expectation, Expr, Name, SumOf, Verdict};
use habendum_syntax::{Diagnostic, Sp, Span};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The last step that brought something.
pub(super) struct Last {
    /// Its place.
    pub span: Span,
    /// Its day.
    pub date: Date,
    /// What came of its event; none for a clock step.
    pub outcome: Option<Outcome>,
    /// What time brought up to it.
    pub clock: Vec<ClockOutcome>,
}

struct Check<'a> {
    deal: &'a Deal,
    names: &'a Names,
    last: &'a Last,
    span: Span,
}

/// Compares an expectation; returns the mismatches.
pub(super) fn check(
    deal: &Deal,
    names: &Names,
    runner: &Runner,
    last: Option<&Last>,
    expected: &Expectation,
    span: Span,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let Some(last) = last else {
        let e = EvalError {
            row: None,
            field: None,
            message: "an expectation stands before any event or clock step".to_owned(),
            span: None,
        };
        return Err(vec![failure(&e, span)]);
    };
    let c = Check { deal, names, last, span };
    let mut out = Vec::new();
    match expected {
        Expectation::Verdict { verdict, clauses } => out.extend(c.verdict(*verdict, clauses)?),
        Expectation::Accrues(amount, clause) => out.extend(c.accrues(amount, clause)?),
        Expectation::Sum(of, clause, amount) => {
            for run in runner.readings() {
                out.extend(c.sum(run, sum_word(*of), |s| sum_of(s, *of), clause, amount)?);
            }
        }
        Expectation::Interest(clause, amount) => {
            for run in runner.readings() {
                out.extend(c.sum(run, "interest", |s| s.interest, clause, amount)?);
            }
        }
        Expectation::Duty(what, clause) => out.extend(c.duty(*what, clause)?),
        Expectation::Open(open, clause) => {
            let id = c.clause(clause)?;
            for run in runner.readings() {
                let n = run
                    .interpreter
                    .open_obligations()
                    .iter()
                    .filter(|o| o.norm.clause == id && !o.lapsed)
                    .count();
                if (n > 0) != *open {
                    let wanted = if *open { "an open obligation" } else { "no open obligation" };
                    out.push(c.mismatch(&format!("{wanted} of {}", clause.node), &format!("{n} open"), run));
                }
            }
        }
        Expectation::InForce(in_force, clause) => {
            let id = c.clause(clause)?;
            for run in runner.readings() {
                if run.interpreter.is_in_force(id, last.date) != *in_force {
                    let (wanted, found) = if *in_force { ("in", "not in") } else { ("not in", "in") };
                    out.push(c.mismatch(
                        &format!("{} {wanted} force on {}", clause.node, last.date),
                        &format!("{found} force"),
                        run,
                    ));
                }
            }
        }
    }
    Ok(out)
}

/// The words of a sum.
fn sum_word(of: SumOf) -> &'static str {
    match of {
        SumOf::Accrued => "accrued",
        SumOf::Due => "due",
        SumOf::Paid => "paid",
        SumOf::Overdue => "overdue",
    }
}

fn sum_of(s: &KeySums, of: SumOf) -> i128 {
    match of {
        SumOf::Accrued => s.accrued,
        SumOf::Due => s.due,
        SumOf::Paid => s.paid,
        SumOf::Overdue => s.overdue,
    }
}

impl Check<'_> {
    fn clause(&self, name: &Name) -> Result<ClauseId, Vec<Diagnostic>> {
        self.deal.symbols.clause(&name.node).ok_or_else(|| {
            let message = format!("no clause is named `{}`", name.node);
            vec![Diagnostic::error("N010", message, name.span, "unknown")]
        })
    }

    fn fault(&self, wanted: &str, found: &str) -> Diagnostic {
        Diagnostic::error(
            "C020",
            format!("expected {wanted}, found {found}"),
            self.span,
            format!("found {found}"),
        )
        .label(self.last.span, "after this step")
    }

    fn mismatch(&self, wanted: &str, found: &str, run: &ReadingRun) -> Diagnostic {
        let d = self.fault(wanted, found);
        if run.readings.is_empty() {
            return d;
        }
        let named: Vec<String> = run
            .readings
            .iter()
            .map(|(c, r)| format!("{} = {r}", self.deal.symbols.clause_name(*c)))
            .collect();
        d.note(format!("under the reading {}", named.join(", ")))
    }

    /// The verdict of the event, or a breach that time brought.
    fn verdict(&self, wanted: Verdict, clauses: &[Name]) -> Result<Option<Diagnostic>, Vec<Diagnostic>> {
        let mut ids = BTreeSet::new();
        for c in clauses {
            ids.insert(self.clause(c)?);
        }
        let of = |names: &[String]| {
            if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) }
        };
        let asked: Vec<String> = clauses.iter().map(|c| c.node.clone()).collect();
        let wants = format!("{}{}", verdict_word(wanted).replace('-', " "), of(&asked));
        let Some(o) = &self.last.outcome else {
            return Ok(self.clock_verdict(wanted, &ids, &wants));
        };
        let deciding: BTreeSet<ClauseId> = o.deciding.iter().map(|n| n.clause).collect();
        if o.verdict == wanted && (ids.is_empty() || ids == deciding) {
            return Ok(None);
        }
        let found = format!(
            "{}{}",
            verdict_word(o.verdict).replace('-', " "),
            of(&clause_names(self.names, &o.deciding))
        );
        let mut d = self.fault(&wants, &found);
        if let Some(r) = &o.reason {
            d = d.note(r.clone());
        }
        Ok(Some(d))
    }

    fn clock_verdict(&self, wanted: Verdict, ids: &BTreeSet<ClauseId>, wants: &str) -> Option<Diagnostic> {
        let broken: BTreeSet<ClauseId> = self
            .last
            .clock
            .iter()
            .filter(|c| match &c.what {
                ClockEvent::Lapsed { excused_by, .. } => excused_by.is_none(),
                ClockEvent::Unpaid { .. } => true,
                ClockEvent::Opened { .. }
                | ClockEvent::Accrued(_)
                | ClockEvent::FellDue { .. }
                | ClockEvent::Effect(_) => false,
            })
            .map(|c| c.norm.clause)
            .collect();
        let holds = match wanted {
            Verdict::Breach => !broken.is_empty() && ids.is_subset(&broken),
            Verdict::Silent => broken.is_empty(),
            Verdict::Permitted
            | Verdict::Unlicensed
            | Verdict::WithoutEffect
            | Verdict::Undetermined
            | Verdict::Conflict => false,
        };
        if holds {
            return None;
        }
        let names: Vec<&str> = broken.iter().map(|c| self.deal.symbols.clause_name(*c)).collect();
        let found = if names.is_empty() {
            "no breach by the passing of time".to_owned()
        } else {
            format!("breach of {} by the passing of time", names.join(", "))
        };
        Some(self.fault(wants, &found))
    }

    fn accrues(&self, amount: &Sp<Expr>, clause: &Name) -> Result<Option<Diagnostic>, Vec<Diagnostic>> {
        let id = self.clause(clause)?;
        let (wanted, currency) = self.amount(amount)?;
        let accruals: Vec<&Accrual> = match &self.last.outcome {
            Some(o) => o.accruals.iter().collect(),
            None => self.last.clock.iter().filter_map(|c| c.what.accrued()).collect(),
        };
        // Late interest has an expectation of its own.
        let mine: Vec<&&Accrual> = accruals
            .iter()
            .filter(|a| a.norm.clause == id && a.currency == currency && a.component != Component::Interest)
            .collect();
        let total: i128 = mine.iter().map(|a| i128::from(a.amount)).sum();
        if wanted == Exact::int(total) {
            return Ok(None);
        }
        let mut d = self.fault(
            &format!("{} under {}", self.names.exact_money(wanted, currency), clause.node),
            &self.names.money(total, currency),
        );
        for a in mine {
            if let Some(r) = &a.reason {
                d = d.note(r.clone());
            }
        }
        Ok(Some(d))
    }

    fn sum(
        &self,
        run: &ReadingRun,
        word: &str,
        of: impl Fn(&KeySums) -> i128,
        clause: &Name,
        amount: &Sp<Expr>,
    ) -> Result<Option<Diagnostic>, Vec<Diagnostic>> {
        let id = self.clause(clause)?;
        let (wanted, currency) = self.amount(amount)?;
        let sums = run.sums(id);
        let total: i128 = sums.iter().filter(|s| s.currency == currency).map(of).sum();
        if wanted == Exact::int(total) {
            return Ok(None);
        }
        Ok(Some(self.mismatch(
            &format!("{} {word} under {}", self.names.exact_money(wanted, currency), clause.node),
            &self.names.money(total, currency),
            run,
        )))
    }

    /// An amount in one of the deal's currencies.
    fn amount(&self, e: &Sp<Expr>) -> Result<(Exact, CurrencyId), Vec<Diagnostic>> {
        let mut first = None;
        for i in 0..self.deal.symbols.agreement.currencies.len() {
            match const_value(&self.deal.symbols, e, Type::Money(CurrencyId::at(i), None)) {
                Ok(Value::Money(m, c)) => return Ok((m, c)),
                Ok(_) => {}
                Err(d) => {
                    first.get_or_insert(d);
                }
            }
        }
        Err(first.unwrap_or_else(|| {
            vec![Diagnostic::error("T010", "expected an amount of money", e.span, "not an amount")]
        }))
    }

    fn duty(&self, wanted: DutyEvent, clause: &Name) -> Result<Option<Diagnostic>, Vec<Diagnostic>> {
        let id = self.clause(clause)?;
        let mut found: Vec<DutyEvent> = Vec::new();
        if let Some(o) = &self.last.outcome {
            found.extend(o.duties.iter().filter(|d| d.norm.clause == id).map(|d| d.what));
        }
        for c in self.last.clock.iter().filter(|c| c.norm.clause == id) {
            match &c.what {
                ClockEvent::Opened { .. } => found.push(DutyEvent::Triggered),
                ClockEvent::Lapsed { excused_by: Some(_), .. } => found.push(DutyEvent::Excused),
                ClockEvent::Lapsed { excused_by: None, .. } => found.push(DutyEvent::Lapsed),
                ClockEvent::Accrued(_)
                | ClockEvent::FellDue { .. }
                | ClockEvent::Unpaid { .. }
                | ClockEvent::Effect(_) => {}
            }
        }
        if found.contains(&wanted) {
            return Ok(None);
        }
        let words: Vec<&str> = found.iter().map(|d| duty_word(*d)).collect();
        let found = if words.is_empty() { "nothing of it".to_owned() } else { words.join(", ") };
        Ok(Some(self.fault(&format!("{} {}", clause.node, duty_word(wanted)), &found)))
    }
}
