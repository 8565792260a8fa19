//! What can be asked about money between rows: sums, room under caps, and what is still running at the clock. Posts nothing.

use super::Interpreter;
use super::account::{Between, PayState, Whose};
use super::measures::Key;
use super::payment::{self, at};
use super::plan::PlanNorm;
use super::report::{CapRoom, KeySums};
use crate::accrual::CapFigure;
use crate::eval::{fault, figure};
use crate::ir::Body;
use crate::ledger::Ledger;
use crate::outcome::{Accrual, ClockEvent, Component, EvalError};
use habendum_model::value::{ClauseId, Exact};
use jiff::civil::Date;
use std::sync::Arc;

impl Interpreter {
    /// What is still running at the clock: damages for delay, late interest. Told, not posted.
    pub(super) fn provisional(&mut self, day: Date) -> Result<(), EvalError> {
        let plan = Arc::clone(&self.plan);
        let Some(version) = self.state.version.and_then(|v| plan.versions.get(v)) else { return Ok(()) };
        let mut told = Vec::new();
        let v = self.view(version);
        for n in &version.norms {
            for (key, all) in &self.state.norms[n.slot].duties {
                for o in all.iter().filter(|o| o.lapsed) {
                    if let Some(c) = payment::delay(&v, n, key, o, day, None, &[])? {
                        let rn = &version.norms[c.norm];
                        told.push((rn, c.key, c.amount, Component::Damages, super::account::of_text(rn)));
                    }
                }
            }
            let Some(text) = super::account::of_text(n) else { continue };
            for (key, s) in &self.state.norms[n.slot].pay {
                for (whose, ledger) in s.ledgers() {
                    let interest = self.running(&v, n, key, ledger)?;
                    if interest != 0 {
                        let fits =
                            i64::try_from(interest).map_err(|_| fault("beyond 64 bits", n.norm.span))?;
                        let between = Some(s.between(whose, text));
                        told.push((n, key.clone(), fits, Component::Interest, between));
                    }
                }
            }
        }
        for (n, key, amount, component, between) in told {
            let (Body::Payment(p), Some(between)) = (&n.norm.body, between) else { continue };
            let a = self.accrual(n, p, &key, amount, component, Some("provisional".into()));
            let a = self.between(n, a, between);
            self.outcome(day, n.norm.id, key, ClockEvent::Accrued(a));
        }
        Ok(())
    }

    /// Damages for delay that run on at the day at hand: provisional, and not accrued.
    #[must_use]
    pub fn running_damages(&self) -> Vec<Accrual> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut all = Vec::new();
        for n in &version.norms {
            for (key, duties) in &self.state.norms[n.slot].duties {
                for o in duties.iter().filter(|o| o.lapsed) {
                    let Ok(Some(c)) = payment::delay(&v, n, key, o, v.today, None, &[]) else { continue };
                    let rn = &version.norms[c.norm];
                    if let Body::Payment(p) = &rn.norm.body {
                        let why = Some("provisional".to_owned());
                        all.push(self.accrual(rn, p, &c.key, c.amount, Component::Damages, why));
                    }
                }
            }
        }
        all
    }

    /// Late interest that runs on at the day at hand.
    fn running(
        &self,
        v: &super::view::View<'_>,
        n: &PlanNorm,
        key: &Key,
        ledger: &Ledger,
    ) -> Result<i128, EvalError> {
        let Some(late) = payment::late(v, n, key)? else { return Ok(0) };
        let parts = ledger.running_interest(v.today, late).map_err(at(n.norm.span))?;
        Ok(parts.iter().map(|p| i128::from(p.interest)).sum())
    }

    /// Sums per payment norm of a clause and instance key. Interest includes what runs on where the day at hand is over.
    #[must_use]
    pub fn sums(&self, clause: ClauseId) -> Vec<KeySums> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut all = Vec::new();
        for n in version.norms.iter().filter(|n| n.norm.id.clause == clause) {
            let Body::Payment(p) = &n.norm.body else { continue };
            let text: Between = (p.payer, p.payee);
            let held = self.state.norms[n.slot].pay.iter();
            let each = held.flat_map(|(k, s)| s.ledgers().map(move |(w, l)| (k, s, w, l)));
            // Persons newly put in place owe nothing yet, and have no line beside the former ones.
            let told = |s: &PayState, w: Whose, l: &Ledger| {
                w.is_some() || s.former.is_empty() || *l != Ledger::default()
            };
            for (key, s, whose, ledger) in each.filter(|(_, s, w, l)| told(s, *w, l)) {
                let (payer, payee) = self.persons_now(n, s.between(whose, text));
                let running = if self.over { self.running(&v, n, key, ledger).unwrap_or(0) } else { 0 };
                all.push(KeySums {
                    norm: n.norm.id,
                    key: key.clone(),
                    payer,
                    payee,
                    currency: p.currency,
                    accrued: ledger.accrued(),
                    due: ledger.due(),
                    paid: ledger.paid(),
                    overdue: ledger.overdue(),
                    interest: ledger.interest() + running,
                });
            }
        }
        all
    }

    /// The room under every cap of the version in force, in the period of the day at hand.
    #[must_use]
    pub fn cap_rooms(&self) -> Vec<CapRoom> {
        let Some(version) = self.version() else { return Vec::new() };
        let v = self.view(version);
        let mut all = Vec::new();
        for n in version.norms.iter().filter(|n| !n.ghost) {
            let (Body::Payment(p), Some(plan)) = (&n.norm.body, &n.pay) else { continue };
            let mut keys: Vec<Key> = self.state.norms[n.slot].pay.keys().cloned().collect();
            if keys.is_empty() && n.key_names.is_empty() {
                keys.push(Vec::new());
            }
            for key in keys {
                let held = self.state.norms[n.slot].pay.get(&key);
                let fresh = held.is_none().then(|| self.plan.fresh(n.slot));
                let Some(counts) = held.map(|s| &s.counts).or(fresh.as_ref()) else { continue };
                for (i, c) in p.caps.iter().enumerate() {
                    let cap = figure(&c.amount, &v.scene(n, &key)).ok();
                    let counted = payment::counted(&v, c, held).unwrap_or(None);
                    let known = CapFigure { limit: cap.unwrap_or(Exact::ZERO), counted };
                    let r = &self.program.reckoning;
                    let used = counts.counted(plan, i, known, v.today, r).unwrap_or(Exact::ZERO);
                    let left = cap.and_then(|c| c.sub(used).ok()).map(|l| l.max(Exact::ZERO));
                    let period = crate::print::period(c.per);
                    all.push(CapRoom { norm: n.norm.id, key: key.clone(), period, cap, used, left });
                }
            }
        }
        all
    }
}
