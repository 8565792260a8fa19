//! Random streams over every evaluation and payment case: nothing panics, a refused row leaves no trace, time runs forward,
//! what is explained is what is judged, and the printed program is stable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop at the first fault")]

use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Deal, Symbols};
use habendum_model::expr::Type;
use habendum_model::resolve::resolve;
use habendum_model::value::{ClauseId, EventId, Exact, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::Program;
use habendum_norm::{Interpreter, lower, print, verify};
use habendum_syntax::FileId;
use habendum_syntax::parse::parse_file;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::path::Path;
use std::sync::{Arc, OnceLock};

fn deal(path: &Path) -> Deal {
    let text = std::fs::read_to_string(path).unwrap();
    let parsed = parse_file(FileId(0), &text);
    assert!(!parsed.has_errors(), "{}: {:?}", path.display(), parsed.diagnostics);
    let resolved = resolve(&[parsed.value]);
    assert!(!resolved.has_errors(), "{}: {:?}", path.display(), resolved.diagnostics);
    resolved.value.unwrap()
}

/// A case that is amended, with its program as amended and as known before: the pair, and the first day of an amendment.
type Pair = (String, Arc<Program>, Arc<Program>, Date);

/// The cases with amendments of known days, none of them retroactive.
fn amended() -> &'static [Pair] {
    static ALL: OnceLock<Vec<Pair>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for f in case_files() {
            let deal = deal(&f);
            let texts = consolidate(&deal, &Binding::default());
            let days: Option<Vec<(Date, Date)>> = texts
                .value
                .amendments
                .iter()
                .map(|a| Some((a.signed.fixed()?, a.effective.fixed()?)).filter(|(s, e)| s <= e))
                .collect();
            let Some(days) = days.filter(|d| !d.is_empty()) else { continue };
            let eve = days.iter().map(|d| d.0).min().unwrap().yesterday().unwrap();
            let first = days.iter().map(|d| d.1).min().unwrap();
            let known = Binding { known_as_of: Some(eve), ..Binding::default() };
            let before = lower(&deal, &consolidate(&deal, &known).value, &known).value;
            let after = lower(&deal, &texts.value, &Binding::default()).value;
            if let (Some(before), Some(after)) = (before, after)
                && habendum_norm::unbound(&after).is_empty()
            {
                all.push((f.display().to_string(), Arc::new(before), Arc::new(after), first));
            }
        }
        assert!(all.len() > 1, "only {} amended cases", all.len());
        all
    })
}

fn case_files() -> Vec<std::path::PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut files: Vec<_> = ["eval", "pay"]
        .iter()
        .flat_map(|stage| std::fs::read_dir(cases.join(stage)).unwrap())
        .map(|f| f.unwrap().path())
        .filter(|f| f.extension().is_some_and(|e| e == "term"))
        .collect();
    files.sort();
    files
}

/// The programs of every case, by name. Cases whose parameters only a scenario binds are left out.
fn programs() -> &'static [(String, Arc<Program>)] {
    static ALL: OnceLock<Vec<(String, Arc<Program>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        for f in case_files() {
            let deal = deal(&f);
            let texts = consolidate(&deal, &Binding::default());
            let lowered = lower(&deal, &texts.value, &Binding::default());
            let program =
                lowered.value.unwrap_or_else(|| panic!("{}: {:?}", f.display(), lowered.diagnostics));
            if habendum_norm::unbound(&program).is_empty() {
                all.push((f.display().to_string(), Arc::new(program)));
            }
        }
        assert!(all.len() > 20, "only {} cases", all.len());
        all
    })
}

/// A value of a type, out of a number. Now and then one that no sum can hold.
fn value(s: &Symbols, ty: Type, n: u64) -> Value {
    let pick = |len: usize| usize::try_from(n).unwrap_or(0) % len.max(1);
    let small = i128::from(n % 120);
    match ty {
        Type::Bool => Value::Bool(n.is_multiple_of(2)),
        Type::Int => Value::Number(Exact::int(small)),
        Type::Decimal(_) => Value::Number(Exact::ratio(small, 4).unwrap()),
        Type::Percent => Value::Number(Exact::ratio(small, 100).unwrap()),
        Type::Money(c, _) if n.is_multiple_of(37) => Value::Money(Exact::int(i128::from(i64::MAX)), c),
        Type::Money(c, _) => Value::Money(Exact::int(small * 100 - 500), c),
        Type::Date => Value::Date(day(n)),
        Type::Instant => Value::Instant(i128::from(n)),
        Type::Duration => Value::Duration(habendum_model::value::Length {
            count: u32::try_from(n % 40).unwrap_or(1),
            unit: habendum_syntax::ast::DurationUnit::Days,
        }),
        Type::Text => Value::Text(["a", "b", "cup", "z", "plan"][pick(5)].into()),
        // One beyond the declared persons: a stranger.
        Type::Party => Value::Party(PartyId::at(pick(s.parties.len() + 1))),
        Type::Clause => Value::Clause(ClauseId::at(pick(s.clauses.len()))),
        Type::Term(v) => {
            let (_, info) = s.vocabularies.get_index(v.ix()).unwrap();
            let (lo, hi) = (info.root.ix(), s.terms[info.root.ix()].last.ix());
            Value::Term(TermId::at(lo + pick(hi - lo + 1)))
        }
    }
}

fn day(n: u64) -> Date {
    date(2025, 12, 20).checked_add(i64::try_from(n % 500).unwrap_or(0).days()).unwrap()
}

fn event(p: &Program, row: u64, on: Date, seed: &[u64]) -> Event {
    let s = &p.symbols;
    let kind = usize::try_from(seed[0]).unwrap_or(0) % s.events.len();
    let info = s.events.get_index(kind).unwrap().1;
    let fields = info
        .fields
        .values()
        .enumerate()
        .map(|(i, f)| {
            let n = seed[1 + i % (seed.len() - 1)].rotate_left(u32::try_from(i).unwrap_or(0));
            if f.optional && n.is_multiple_of(3) { Value::Absent } else { value(s, f.ty, n) }
        })
        .collect();
    Event { row, date: on, instant: None, kind: EventId::at(kind), fields }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn streams_never_panic_and_refused_rows_leave_no_trace(
        which in any::<usize>(),
        rows in prop::collection::vec((0_u64..12, prop::collection::vec(any::<u64>(), 6)), 1..60),
    ) {
        let all = programs();
        let (name, program) = &all[which % all.len()];
        let mut run = Interpreter::new(Arc::clone(program)).unwrap();
        let mut on = day(0);
        for (i, (gap, seed)) in rows.iter().enumerate() {
            on = on.checked_add(i64::try_from(*gap).unwrap_or(0).days()).unwrap();
            // Now and then a row of the past, which has to be refused.
            let dated = if seed[1].is_multiple_of(11) { on.checked_sub(3.days()).unwrap() } else { on };
            let e = event(program, i as u64 + 1, dated, seed);
            if dated >= run.today() && run.advance(dated).is_err() {
                break;
            }
            let before = run.clone();
            let mut explained = run.clone();
            explained.explain_next();
            let told = explained.step(&e);
            match run.step(&e) {
                Ok(outcome) => {
                    prop_assert_eq!(Ok(&outcome), told.as_ref(), "{}", name);
                    prop_assert!(!explained.take_trace().is_empty());
                    prop_assert!(run.stands_like(&explained), "{name}: an explanation changed the state");
                }
                Err(fault) => {
                    prop_assert_eq!(fault.row, Some(e.row));
                    prop_assert!(run.stands_like(&before), "{name}: a refused row left a trace: {fault}");
                }
            }
            let clock = run.take_clock();
            prop_assert!(clock.windows(2).all(|w| w[0].date <= w[1].date), "{name}: time ran back");
        }
        let sums = |r: &Interpreter| {
            (0..program.symbols.clauses.len()).flat_map(|c| r.sums(ClauseId::at(c))).collect::<Vec<_>>()
        };
        for s in sums(&run) {
            prop_assert_eq!(s.overdue.signum().max(0), s.overdue.signum(), "{}: overdue below zero", name);
        }
        let _ = run.finish(Some(on.checked_add(400.days()).unwrap()));
    }

    #[test]
    fn before_an_amendment_its_text_changes_nothing(
        which in any::<usize>(),
        rows in prop::collection::vec((0_u64..12, prop::collection::vec(any::<u64>(), 6)), 1..60),
    ) {
        let all = amended();
        let (name, before, after, first) = &all[which % all.len()];
        let mut old = Interpreter::new(Arc::clone(before)).unwrap();
        let mut new = Interpreter::new(Arc::clone(after)).unwrap();
        let mut on = day(0);
        for (i, (gap, seed)) in rows.iter().enumerate() {
            on = on.checked_add(i64::try_from(*gap).unwrap_or(0).days()).unwrap();
            if on >= *first {
                break;
            }
            let e = event(after, i as u64 + 1, on, seed);
            prop_assert_eq!(old.step(&e), new.step(&e), "{}", name);
            prop_assert_eq!(old.take_clock(), new.take_clock(), "{}", name);
        }
        prop_assert_eq!(old.open_obligations(), new.open_obligations(), "{}", name);
        for c in 0..after.symbols.clauses.len() {
            prop_assert_eq!(old.sums(ClauseId::at(c)), new.sums(ClauseId::at(c)), "{}", name);
        }
    }

    #[test]
    fn a_run_cut_in_days_is_the_same_run(
        which in any::<usize>(),
        rows in prop::collection::vec((0_u64..9, prop::collection::vec(any::<u64>(), 6)), 1..30),
    ) {
        let all = programs();
        let (name, program) = &all[which % all.len()];
        let mut whole = Interpreter::new(Arc::clone(program)).unwrap();
        let mut daily = whole.clone();
        let mut on = day(0);
        for (i, (gap, seed)) in rows.iter().enumerate() {
            let next = on.checked_add(i64::try_from(*gap).unwrap_or(0).days()).unwrap();
            let e = event(program, i as u64 + 1, next, seed);
            let mut d = on;
            let mut stuck = false;
            while d < next && !stuck {
                d = d.tomorrow().unwrap();
                stuck = daily.advance(d).is_err();
            }
            on = next;
            let (a, b) = (whole.step(&e), daily.step(&e));
            if stuck || a.is_err() {
                break;
            }
            prop_assert_eq!(a, b, "{}", name);
        }
        prop_assert!(whole.stands_like(&daily) || whole.advance(on).is_err(), "{name}: letting days pass one by one changed the run");
    }
}

#[test]
fn every_case_is_sound_and_prints_alike_twice() {
    for (name, program) in programs() {
        assert_eq!(verify(program), Vec::<String>::new(), "{name}");
        let text = print(program);
        assert_eq!(text, print(program), "{name}");
        for (i, v) in program.versions.iter().enumerate() {
            for n in &v.norms {
                let head = format!("{}.{}.{}", program.symbols.clause_name(n.id.clause), n.id.part, n.id.sub);
                assert!(text.contains(&head), "{name}: version {i} does not print {head}");
            }
        }
    }
}
