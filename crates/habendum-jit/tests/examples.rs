//! The example deals with their own and with sampled events: the bits against the evaluator, the code against the tables, and the tests
//! against what the interpreter makes of whole histories.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

mod support;

use habendum::event_read::EventReader;
use habendum::pipeline::{Wants, open};
use habendum::sample::{self, Sink};
use habendum_jit::{Ask, Bits, Kernel, explain};
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, NormId, Program};
use habendum_norm::outcome::{Component, Outcome};
use habendum_norm::reads::norms_of;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::Reference;

fn deals() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(examples).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    all.sort();
    assert!(all.len() >= 7);
    all
}

/// The deal's own events, and some sampled ones.
fn streams(deal: &Path) -> Vec<Vec<Event>> {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let dir = tempfile::tempdir().unwrap();
    let sampled = dir.path().join("e.ndjson");
    let mut o = open(deal.to_str().unwrap(), &wants).unwrap();
    let choices = o.choices(&wants).unwrap_or_else(|_| panic!("{deal:?}"));
    let order = sample::Order { rows: 500, seed: 3, breach_rate: None, from: None, through: None };
    let mut sink = Sink::create(sampled.to_str()).unwrap();
    sample::sample(&o, &choices, &order, &mut sink).unwrap_or_else(|_| panic!("{deal:?}"));
    sink.finish(&mut Vec::new()).unwrap();
    let names = o.prepare(&choices).unwrap_or_else(|_| panic!("{deal:?}")).names;
    let own = deal.join("events.ndjson");
    let files = [own, sampled].into_iter().filter(|f| f.exists());
    let read = |f: PathBuf| {
        let mut names = names.clone();
        let mut r = EventReader::new(vec![f.to_str().unwrap().to_owned()], &names).unwrap();
        let mut all = Vec::new();
        while let Some(e) = r.next_event(&mut names) {
            // A bad row is the reader's to refuse.
            all.extend(e.ok());
        }
        all
    };
    files.map(read).collect()
}

#[test]
fn every_example_is_answered_as_the_evaluator_answers() {
    for deal in deals() {
        let program = support::prepared(&deal).program;
        let kernel = Kernel::compile(&program).unwrap();
        let reference = Reference::new(&program);
        for rows in streams(&deal) {
            let mut columns = kernel.columns(&program);
            rows.iter().for_each(|e| columns.push(e));
            assert!(columns.escaped().is_empty(), "{deal:?}");
            let (mut bits, mut tables) = (Bits::new(), Bits::new());
            kernel.run(&columns, &mut bits).unwrap();
            kernel.as_tables().run(&columns, &mut tables).unwrap();
            assert!(bits == tables, "{deal:?}");
            for (i, e) in rows.iter().enumerate() {
                for (t, test) in kernel.tests().iter().enumerate().filter(|(_, t)| Reference::knows(&t.ask)) {
                    match reference.holds(&test.ask, e) {
                        Ok(held) if test.is_exact() => {
                            assert_eq!(bits.get(i, t), held, "{deal:?} {test:?} {e:?}")
                        }
                        Ok(false) => {}
                        Ok(true) | Err(_) => assert!(bits.get(i, t), "{deal:?} {test:?} {e:?}"),
                    }
                }
            }
        }
    }
}

/// Whatever the interpreter finds on a row, the row's bits have asked about it; a row without bits changes nothing.
#[test]
fn no_row_is_missed_in_a_history() {
    for deal in deals() {
        let program = support::prepared(&deal).program;
        let kernel = Kernel::compile(&program).unwrap();
        let at: BTreeMap<&Ask, usize> = kernel.tests().iter().enumerate().map(|(i, t)| (&t.ask, i)).collect();
        for rows in streams(&deal) {
            let mut columns = kernel.columns(&program);
            rows.iter().for_each(|e| columns.push(e));
            let mut bits = Bits::new();
            kernel.run(&columns, &mut bits).unwrap();
            let mut interpreter = Interpreter::new(Arc::clone(&program)).unwrap();
            for (i, e) in rows.iter().enumerate() {
                let Ok(out) = interpreter.step(e) else { continue };
                let asked = |ask: Ask| at.get(&ask).is_some_and(|t| bits.get(i, *t));
                for id in &out.deciding {
                    let hit = match body(&program, *id) {
                        Some(Body::Rule(_)) => asked(Ask::Applies(*id)),
                        Some(Body::Keep(_)) => asked(Ask::Unmet(*id)),
                        Some(Body::Power(_)) => asked(Ask::Exercises(*id)),
                        Some(Body::Duty(_)) => asked(Ask::Performs(*id)),
                        Some(Body::License(_)) => asked(Ask::Grants) || asked(Ask::Sublicensed(*id)),
                        Some(Body::Payment(_) | Body::Relief(_) | Body::Inert(_)) | None => true,
                    };
                    assert!(hit, "{deal:?} {id:?} decided {e:?}");
                }
                for a in out.accruals.iter().filter(|a| a.component == Component::Principal) {
                    assert!(asked(Ask::Accrues(a.norm)), "{deal:?} {:?} accrued on {e:?}", a.norm);
                }
                let any = (0..bits.tests()).any(|t| bits.get(i, t));
                assert!(any || changes_nothing(&out), "{deal:?} {e:?} {out:?}");
            }
        }
    }
}

fn changes_nothing(o: &Outcome) -> bool {
    o.deciding.is_empty() && o.duties.is_empty() && o.accruals.is_empty() && o.effects.is_empty()
}

fn body(program: &Program, id: NormId) -> Option<&Body> {
    program.versions.iter().flat_map(norms_of).find(|n| n.id == id).map(|n| &n.body)
}

/// What state decides is said; nothing else is left to the interpreter.
#[test]
fn the_plan_names_what_is_left() {
    let mut why: BTreeMap<String, usize> = BTreeMap::new();
    for deal in deals() {
        let program = support::prepared(&deal).program;
        let kernel = Kernel::compile(&program).unwrap();
        let told = explain(kernel.tests(), &program);
        assert_eq!(told.lines().count(), kernel.tests().len());
        for t in kernel.tests() {
            t.residual.iter().for_each(|r| *why.entry(r.clone()).or_default() += 1);
        }
    }
    let known = [
        "asks for a running sum",
        "asks for the event that opened an obligation",
        "asks for the members of a register",
        "asks for the sublicensees",
        "asks for the cause of the relief",
        "persons may assign their place",
    ];
    assert!(why.keys().all(|w| known.contains(&w.as_str())), "{why:?}");
}
