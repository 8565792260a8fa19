//! What `diff` says of a mutant, and what a stream says of it.
//!
//! Data flow: events sampled from the deal -> one interpreter a side -> what each row and each day came to, as texts ->
//! the first that differs. Invariant: nothing of the checker is in the judgement of the stream.

use crate::plant::{Base, Folder};
use habendum::event_read::EventReader;
use habendum::names::Names;
use habendum::pipeline::Prepared;
use habendum::sample::{self, Sink, sample};
use habendum_check::diff::{Diff, Side, first};
use habendum_check::finding::Witness;
use habendum_model::binding::bind;
use habendum_model::deal::Symbols;
use habendum_model::value::{ClauseId, PartyId};
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use habendum_norm::outcome::{ClockEvent, Outcome};
use habendum_syntax::ast::Verdict;
use std::collections::BTreeMap;
use std::path::Path;

/// Rows of the stream.
pub const ROWS: u64 = 10_000;

/// What `diff` says, as far as to the first change.
pub fn compared(base: &Base, a: &mut Folder, b: &mut Folder) -> Diff {
    let choices = [a.opened.choices(&base.wants).ok().unwrap(), b.opened.choices(&base.wants).ok().unwrap()];
    let deals = [a.opened.deal.as_ref().unwrap(), b.opened.deal.as_ref().unwrap()];
    let side =
        |i: usize| Side { deal: deals[i], binding: bind(deals[i], &choices[i]).unwrap(), text_as_of: None };
    first(&side(0), &side(1)).unwrap()
}

fn prepared(base: &Base, side: &mut Folder) -> Prepared {
    let choices = side.opened.choices(&base.wants).ok().unwrap();
    side.opened.prepare(&choices).ok().unwrap()
}

/// Whether a history comes out otherwise under two deals.
pub fn shows(base: &Base, a: &mut Folder, b: &mut Folder, w: &Witness) -> bool {
    let told = |side: &mut Folder| {
        let prepared = prepared(base, side);
        let mut run = Interpreter::new(prepared.program.clone()).unwrap();
        let mut out = Vec::new();
        for e in &w.events {
            let text = step(&prepared.names, &mut run, e);
            out.push(text);
        }
        if let Some(day) = w.clock {
            run.close(day).unwrap();
            out.push(days(&prepared.names, &mut run));
        }
        out
    };
    told(a) != told(b)
}

/// Writes a stream of the deal.
pub fn stream(base: &Base, a: &mut Folder, file: &Path) {
    let choices = a.opened.choices(&base.wants).ok().unwrap();
    let order = sample::Order { rows: ROWS, seed: 11, breach_rate: None, from: None, through: None };
    let mut sink = Sink::create(file.to_str()).unwrap();
    let sampled = sample(&a.opened, &choices, &order, &mut sink).ok().unwrap();
    assert_eq!(sampled.rows, ROWS);
    sink.finish(&mut Vec::new()).unwrap();
}

/// What a stream comes to under a deal: a text for each row and for the days before it.
pub fn judged(base: &Base, side: &mut Folder, file: &Path) -> Vec<String> {
    let prepared = prepared(base, side);
    let mut names = prepared.names.clone();
    let mut run = Interpreter::new(prepared.program.clone()).unwrap();
    let mut reader = EventReader::new(vec![file.to_str().unwrap().to_owned()], &names).unwrap();
    let mut out = Vec::new();
    while let Some(e) = reader.next_event(&mut names) {
        let e: Event = e.ok().unwrap();
        out.push(step(&names, &mut run, &e));
    }
    let last = run.today();
    let ended = run.finish(Some(last)).map(|_| ()).map_err(|e| e.message);
    out.push(format!("{}{ended:?}", days(&names, &mut run)));
    out
}

/// A row, and what time brought before it.
fn step(names: &Names, run: &mut Interpreter, e: &Event) -> String {
    let text = match run.step(e) {
        Ok(o) => row(names, &o),
        Err(e) => format!("refused: {}", e.message),
    };
    format!("{}{} {text}", days(names, run), e.date)
}

fn clause(s: &Symbols, c: ClauseId) -> &str {
    s.clause_name(c)
}

fn person(names: &Names, p: PartyId) -> String {
    names.symbols.party_name(p).unwrap_or("a stranger").to_owned()
}

/// A row: right or wrong, what accrued, what became of obligations.
fn row(names: &Names, o: &Outcome) -> String {
    let s = &names.symbols;
    let class = match o.verdict {
        Verdict::Breach | Verdict::Unlicensed => "wrong",
        Verdict::Conflict => "conflict",
        Verdict::Silent | Verdict::Permitted | Verdict::WithoutEffect | Verdict::Undetermined => "right",
    };
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    for a in &o.accruals {
        let key =
            format!("{} {} {}", clause(s, a.norm.clause), person(names, a.payer), person(names, a.payee));
        *sums.entry(key).or_default() += i128::from(a.amount);
    }
    sums.retain(|_, n| *n != 0);
    let duties: Vec<String> =
        o.duties.iter().map(|d| format!("{} {:?}", clause(s, d.norm.clause), d.what)).collect();
    format!("{class} {sums:?} {duties:?}")
}

/// What time brought.
fn days(names: &Names, run: &mut Interpreter) -> String {
    let s = &names.symbols;
    let mut lines: Vec<String> = run
        .take_clock()
        .into_iter()
        .filter_map(|c| {
            let what = match c.what {
                ClockEvent::Opened { .. } => "opened".to_owned(),
                ClockEvent::Lapsed { excused_by, .. } => {
                    if excused_by.is_some() {
                        "excused".to_owned()
                    } else {
                        "lapsed".to_owned()
                    }
                }
                ClockEvent::Accrued(a) if a.amount == 0 => return None,
                ClockEvent::Accrued(a) => {
                    format!("{} {} {}", a.amount, person(names, a.payer), person(names, a.payee))
                }
                ClockEvent::FellDue { amount } => format!("{amount} due"),
                ClockEvent::Unpaid { amount } => format!("{amount} unpaid"),
                ClockEvent::Effect(_) => return None,
            };
            Some(format!("{} {} {what}; ", c.date, clause(s, c.norm.clause)))
        })
        .collect();
    // On one day the order of clauses tells nothing.
    lines.sort();
    lines.concat()
}
