//! Gathers outcomes into a report, one by one.

use super::{
    Amounts, CapReport, ClauseReport, KeyAmounts, LISTED, LeftOut, Notable, ObligationReport, Pair,
    ReadingReport, Report, Rows, Sums, rests,
};
use crate::names::Names;
use crate::norms::NormIndex;
use crate::receipt::Receipt;
use crate::record::{SCHEMA_VERSION, clause_names, duty_word, verdict_word};
use crate::titles::Titles;
use habendum_model::value::{ClauseId, CurrencyId, Exact, PartyId, Value};
use habendum_norm::Interpreter;
use habendum_norm::interpret::KeySums;
use habendum_norm::ir::NormId;
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome, Outcome};
use habendum_norm::run::{ReadingRun, Runner};
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Gathers outcomes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Collector {
    judged: u64,
    first: Option<Date>,
    last: Option<Date>,
    verdicts: BTreeMap<String, u64>,
    notable: Vec<Notable>,
    notable_counts: BTreeMap<String, u64>,
    clauses: BTreeMap<ClauseId, ClauseReport>,
    used: BTreeSet<NormId>,
}

impl Collector {
    /// Takes what came of an event.
    pub fn event(&mut self, o: &Outcome, names: &Names) {
        self.on(o.date);
        self.tally(o, 1);
        if is_notable(o.verdict) {
            let verdict = verdict_word(o.verdict);
            self.note(verdict, || Notable {
                date: o.date.to_string(),
                verdict: verdict.to_owned(),
                what: "event".to_owned(),
                row: Some(o.row),
                kind: Some(names.symbols.event_name(o.kind).to_owned()),
                clauses: clause_names(names, &o.deciding),
                key: Vec::new(),
                reason: o.reason.clone(),
            });
        }
    }

    /// An event of this day has been judged.
    pub fn on(&mut self, date: Date) {
        self.first.get_or_insert(date);
        self.last = Some(date);
    }

    /// Whether no more is listed of what calls for a look, so that it need only be counted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.notable.len() >= LISTED
    }

    /// Takes what came of some events alike, of days that have been told; none of them is to be listed any more.
    pub fn counted(&mut self, o: &Outcome, events: u64) {
        self.tally(o, events);
        if is_notable(o.verdict) {
            count(&mut self.notable_counts, verdict_word(o.verdict), events);
        }
    }

    fn tally(&mut self, o: &Outcome, events: u64) {
        self.judged += events;
        let verdict = verdict_word(o.verdict);
        count(&mut self.verdicts, verdict, events);
        for (i, n) in o.deciding.iter().enumerate() {
            self.used.insert(*n);
            if !o.deciding.iter().take(i).any(|before| before.clause == n.clause) {
                count(&mut self.clauses.entry(n.clause).or_default().verdicts, verdict, events);
            }
        }
        for d in &o.duties {
            self.used.insert(d.norm);
            // An event excuses nothing by itself: it performs late what has lapsed.
            let word = if d.what == DutyEvent::Excused { "performed late" } else { duty_word(d.what) };
            count(&mut self.clauses.entry(d.norm.clause).or_default().duties, word, events);
        }
        for a in &o.accruals {
            self.used.insert(a.norm);
            self.clauses.entry(a.norm.clause).or_default().accruals += events;
        }
    }

    /// Takes what came of time passing.
    pub fn clock(&mut self, c: &ClockOutcome, names: &Names, norms: &NormIndex) {
        self.used.insert(c.norm);
        let clause = names.symbols.clause_name(c.norm.clause).to_owned();
        let breach = |what: &str, row, reason| Notable {
            date: c.date.to_string(),
            verdict: "breach".to_owned(),
            what: what.to_owned(),
            row,
            kind: None,
            clauses: vec![clause.clone()],
            key: c.key.iter().map(|v| names.value(v)).collect(),
            reason,
        };
        let report = self.clauses.entry(c.norm.clause).or_default();
        match &c.what {
            ClockEvent::Lapsed { excused_by: Some(_), .. } => count(&mut report.duties, "excused", 1),
            ClockEvent::Lapsed { opened_by, excused_by: None, .. } => {
                count(&mut report.duties, "lapsed", 1);
                self.note("breach", || breach("deadline", *opened_by, None));
            }
            ClockEvent::Opened { .. } => count(&mut report.duties, "triggered", 1),
            // What runs on is told with the amounts; it has not accrued.
            ClockEvent::Accrued(a) if a.reason.as_deref() == Some("provisional") => {}
            ClockEvent::Accrued(_) => report.accruals += 1,
            ClockEvent::Unpaid { amount } => {
                report.unpaid += 1;
                let shown = match norms.currency(c.norm) {
                    Some(k) => names.money(*amount, k),
                    None => amount.to_string(),
                };
                self.note("breach", || breach("unpaid", None, Some(format!("{shown} due and not paid"))));
            }
            ClockEvent::FellDue { .. } | ClockEvent::Effect(_) => {}
        }
    }

    fn note(&mut self, verdict: &str, make: impl FnOnce() -> Notable) {
        count(&mut self.notable_counts, verdict, 1);
        if self.notable.len() < LISTED {
            self.notable.push(make());
        }
    }

    /// The report at the end of a run.
    #[must_use]
    pub fn finish(
        self,
        runner: &Runner,
        names: &Names,
        norms: &NormIndex,
        titles: &Titles,
        receipt: Receipt,
        left_out: LeftOut,
    ) -> Report {
        let rests_on = rests::rests_on(&self.used, runner, names, norms);
        let mut notable = self.notable;
        // A clock outcome is known only with the next row, so the list is put in the order of days here.
        notable.sort_by(|a, b| a.date.cmp(&b.date));
        Report {
            schema_version: SCHEMA_VERSION,
            agreement: names.symbols.agreement.title.clone(),
            rows: Rows {
                judged: self.judged,
                bad: left_out.bad,
                late: left_out.late,
                duplicates: left_out.duplicates,
                first: self.first.map(|d| d.to_string()),
                last: self.last.map(|d| d.to_string()),
            },
            verdicts: self.verdicts,
            notable,
            notable_counts: self.notable_counts,
            clauses: clauses(self.clauses, names, titles),
            readings: runner.readings().iter().map(|r| reading(r, names, norms, titles)).collect(),
            rests_on,
            receipt,
        }
    }
}

fn count(map: &mut BTreeMap<String, u64>, word: &str, more: u64) {
    match map.get_mut(word) {
        Some(n) => *n += more,
        None => {
            map.insert(word.to_owned(), more);
        }
    }
}

/// Whether a verdict calls for a look.
#[must_use]
pub fn is_notable(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Silent | Verdict::Permitted => false,
        Verdict::Breach
        | Verdict::Unlicensed
        | Verdict::WithoutEffect
        | Verdict::Undetermined
        | Verdict::Conflict => true,
    }
}

fn clauses(mut found: BTreeMap<ClauseId, ClauseReport>, names: &Names, titles: &Titles) -> Vec<ClauseReport> {
    let touched =
        |r: &ClauseReport| !r.verdicts.is_empty() || !r.duties.is_empty() || r.accruals > 0 || r.unpaid > 0;
    let mut out = Vec::new();
    for id in titles.order(&names.symbols) {
        if let Some(mut r) = found.remove(&id).filter(touched) {
            r.clause = names.symbols.clause_name(id).to_owned();
            let title = titles.get(id);
            r.number = title.and_then(|t| t.number.clone());
            r.title = title.and_then(|t| t.title.clone());
            out.push(r);
        }
    }
    out
}

fn reading(run: &ReadingRun, names: &Names, norms: &NormIndex, titles: &Titles) -> ReadingReport {
    let i = &run.interpreter;
    let sums: Vec<(ClauseId, KeySums)> = titles
        .order(&names.symbols)
        .into_iter()
        .flat_map(|c| run.sums(c).into_iter().map(move |s| (c, s)))
        .collect();
    let running = run.running_damages();
    ReadingReport {
        readings: run
            .readings
            .iter()
            .map(|(c, r)| (names.symbols.clause_name(*c).to_owned(), r.clone()))
            .collect(),
        amounts: amounts(&sums, &running, names),
        pairs: pairs(&sums, &running, names),
        caps: caps(i, names, norms),
        obligations: obligations(i, names),
    }
}

type Flow = (ClauseId, PartyId, PartyId, CurrencyId);

/// Sums per clause and flow, with the instances of keyed clauses.
fn amounts(sums: &[(ClauseId, KeySums)], running: &[Accrual], names: &Names) -> Vec<Amounts> {
    let mut order: Vec<Flow> = Vec::new();
    let mut by_flow: BTreeMap<Flow, (Total, BTreeMap<Vec<Value>, Total>)> = BTreeMap::new();
    for (clause, s) in sums {
        let flow = (*clause, s.payer, s.payee, s.currency);
        if !by_flow.contains_key(&flow) {
            order.push(flow);
        }
        let (total, keys) = by_flow.entry(flow).or_default();
        total.add(s);
        if !s.key.is_empty() {
            keys.entry(s.key.clone()).or_default().add(s);
        }
    }
    for a in running {
        let flow = (a.norm.clause, a.payer, a.payee, a.currency);
        if !by_flow.contains_key(&flow) {
            order.push(flow);
        }
        let (total, keys) = by_flow.entry(flow).or_default();
        total.run_on(a);
        if !a.key.is_empty() {
            keys.entry(a.key.clone()).or_default().run_on(a);
        }
    }
    order
        .iter()
        .filter_map(|flow| by_flow.remove(flow).map(|v| (*flow, v)))
        .filter(|(_, (total, _))| !total.is_zero())
        .map(|((clause, payer, payee, currency), (total, keys))| Amounts {
            clause: names.symbols.clause_name(clause).to_owned(),
            payer: names.party(payer).to_owned(),
            payee: names.party(payee).to_owned(),
            currency: names.currency(currency).to_owned(),
            sums: total.shown(names, currency),
            keys: keys
                .into_iter()
                .map(|(key, t)| KeyAmounts {
                    key: key.iter().map(|v| names.value(v)).collect(),
                    sums: t.shown(names, currency),
                })
                .collect(),
        })
        .collect()
}

fn pairs(sums: &[(ClauseId, KeySums)], running: &[Accrual], names: &Names) -> Vec<Pair> {
    let mut by_pair: BTreeMap<(PartyId, PartyId, CurrencyId), Total> = BTreeMap::new();
    for (_, s) in sums {
        by_pair.entry((s.payer, s.payee, s.currency)).or_default().add(s);
    }
    for a in running {
        by_pair.entry((a.payer, a.payee, a.currency)).or_default().run_on(a);
    }
    by_pair
        .into_iter()
        .filter(|(_, t)| !t.is_zero())
        .map(|((payer, payee, currency), t)| Pair {
            payer: names.party(payer).to_owned(),
            payee: names.party(payee).to_owned(),
            currency: names.currency(currency).to_owned(),
            sums: t.shown(names, currency),
        })
        .collect()
}

fn caps(i: &Interpreter, names: &Names, norms: &NormIndex) -> Vec<CapReport> {
    let shown = |e: Exact, c: Option<CurrencyId>| match c {
        Some(c) => {
            names.exact_money(e, c).rsplit_once(' ').map_or_else(String::new, |(n, _)| n.replace(',', ""))
        }
        None => e.to_string(),
    };
    i.cap_rooms()
        .into_iter()
        .map(|r| {
            let currency = norms.currency(r.norm);
            CapReport {
                clause: names.symbols.clause_name(r.norm.clause).to_owned(),
                key: r.key.iter().map(|v| names.value(v)).collect(),
                period: r.period,
                cap: r.cap.map(|e| shown(e, currency)),
                used: shown(r.used, currency),
                left: r.left.map(|e| shown(e, currency)),
                currency: currency.map_or_else(String::new, |c| names.currency(c).to_owned()),
            }
        })
        .collect()
}

fn obligations(i: &Interpreter, names: &Names) -> Vec<ObligationReport> {
    i.open_obligations()
        .into_iter()
        .map(|o| ObligationReport {
            clause: names.symbols.clause_name(o.norm.clause).to_owned(),
            key: o.key.iter().map(|v| names.value(v)).collect(),
            obligation: o.obligation,
            state: if o.lapsed { "lapsed" } else { "open" }.to_owned(),
            opened_by: o.opened_by,
            opened: o.opened.to_string(),
            deadline: o.deadline.map(|d| d.to_string()),
            left: o.left.map(|e| e.to_string()),
        })
        .collect()
}

/// Sums in minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    accrued: i128,
    due: i128,
    paid: i128,
    overdue: i128,
    interest: i128,
    provisional: i128,
}

impl Total {
    /// Adds damages that run on.
    fn run_on(&mut self, a: &Accrual) {
        self.provisional = self.provisional.saturating_add(i128::from(a.amount));
    }

    /// Adds an instance. Totals of totals stay far within 128 bits: each part has been checked by the interpreter.
    fn add(&mut self, s: &KeySums) {
        self.accrued = self.accrued.saturating_add(s.accrued);
        self.due = self.due.saturating_add(s.due);
        self.paid = self.paid.saturating_add(s.paid);
        self.overdue = self.overdue.saturating_add(s.overdue);
        self.interest = self.interest.saturating_add(s.interest);
    }

    fn is_zero(&self) -> bool {
        [self.accrued, self.due, self.paid, self.overdue, self.interest, self.provisional]
            .iter()
            .all(|n| *n == 0)
    }

    fn shown(&self, names: &Names, currency: CurrencyId) -> Sums {
        let show = |n| names.plain_money(n, currency);
        Sums {
            accrued: show(self.accrued),
            due: show(self.due),
            paid: show(self.paid),
            overdue: show(self.overdue),
            interest: show(self.interest),
            provisional: (self.provisional != 0).then(|| show(self.provisional)),
        }
    }
}
