//! The shortest histories: on small deals whose shortest history is plain by hand, and on the reference deal.
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

mod support;

use habendum_check::explore::{Budget, Pair, search, search_pair};
use habendum_model::value::ClauseId;
use habendum_norm::outcome::ClockEvent;
use habendum_syntax::ast::Verdict;
use std::collections::BTreeSet;
use support::*;

const HEAD: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    others    any
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
vocabulary Place { Home Abroad { North South } }
event Sale { by: party  amount: money  place: Place  item: text }
event Report { by: party }
event Notice { by: party }
event Strike { length: int }
"#;

fn named(case: &habendum_check::case::Case<'_>, names: &[&str]) -> BTreeSet<ClauseId> {
    names.iter().map(|n| case.symbols().clause(n).unwrap()).collect()
}

#[test]
fn one_event_breaches_a_prohibition() {
    let d = deal(&format!("{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad }}"));
    let case = plain(&d);
    let found =
        search(&case, None, &mut |rows, _| last_is(&case, rows, Verdict::Breach, "far"), Budget::default());
    let w = found.witness.unwrap();
    assert_eq!(shape(&case, &w), "2026-01-01 Sale");
}

#[test]
fn a_sale_at_home_frees_the_same_item_abroad() {
    let d = deal(&format!(
        "{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad before Sale of the same item where place is Home }}"
    ));
    let case = plain(&d);
    let abroad = case.symbols().terms.iter().position(|t| t.name == "North").unwrap();
    let kind = case.symbols().event("Sale").unwrap();
    let place = case.symbols().event_info(kind).fields.get_index_of("place").unwrap();
    // The goal needs the last row's place, which outcomes do not say: the pool is narrowed to it for the last event by
    // asking for a silent row after a breach of the same item.
    let mut goal = |rows: &[habendum_norm::outcome::Outcome], _: &[_]| {
        rows.len() >= 2 && last_is(&case, rows, Verdict::Breach, "far") && rows[0].verdict == Verdict::Silent
    };
    let found = search(&case, None, &mut goal, Budget::default());
    let w = found.witness.unwrap();
    assert_eq!(w.events.len(), 2);
    assert_eq!(
        w.events[1].fields[place],
        habendum_model::value::Value::Term(habendum_model::value::TermId::at(abroad))
    );
    // Sold at home before: only another item still breaches.
    assert_ne!(w.events[0].fields[3], w.events[1].fields[3]);
}

#[test]
fn a_missed_deadline_needs_the_clock() {
    let d = deal(&format!("{HEAD} clause tell § 1 {{ Shop must Report within 30 days of Sale }}"));
    let case = plain(&d);
    let found = search(&case, None, &mut |_, clock| lapses(&case, clock, "tell"), Budget::default());
    let w = found.witness.unwrap();
    // 1 January + 30 days = 31 January.
    assert_eq!(shape(&case, &w), "2026-01-01 Sale; clock 2026-01-31");
    // Performed late: a sale, then a report after the deadline.
    let id = case.symbols().clause("tell").unwrap();
    let late = search(
        &case,
        None,
        &mut |rows, clock| {
            lapses(&case, clock, "tell")
                && rows.last().is_some_and(|o| {
                    o.duties
                        .iter()
                        .any(|x| x.norm.clause == id && x.what == habendum_syntax::ast::DutyEvent::Excused)
                })
        },
        Budget::default(),
    );
    assert_eq!(shape(&case, &late.witness.unwrap()), "2026-01-01 Sale; 2026-02-01 Report");
}

#[test]
fn a_duty_by_a_day_needs_no_event() {
    let d = deal(&format!("{HEAD} clause tell § 1 {{ Shop must Report by 2026-06-30 }}"));
    let case = plain(&d);
    let found = search(&case, None, &mut |_, clock| lapses(&case, clock, "tell"), Budget::default());
    assert_eq!(shape(&case, &found.witness.unwrap()), "clock 2026-06-30");
}

#[test]
fn a_cap_is_exhausted_by_two_sales() {
    let d = deal(&format!(
        "{HEAD} clause share § 1 {{ Shop pays Owner 20% of amount on each Sale cap 50 EUR in total counting from effective rounded half-even per event due at once }}"
    ));
    let case = plain(&d);
    let exhausted = |o: &habendum_norm::outcome::Outcome| {
        o.accruals.iter().any(|a| a.reason.as_deref().is_some_and(|r| r.contains("cap exhausted")))
    };
    let found = search(&case, None, &mut |rows, _| rows.last().is_some_and(exhausted), Budget::default());
    let w = found.witness.unwrap();
    assert_eq!(shape(&case, &w), "2026-01-01 Sale; 2026-01-01 Sale");
    // 20 % of 250 EUR is 50 EUR: the pool holds the amount at which the cap is reached.
    let pool = habendum_check::pool::Pool::of(case.start(&Default::default()).unwrap().program(), None);
    let amounts = &pool.kind(case.symbols().event("Sale").unwrap()).unwrap().fields[1];
    let cents = |n: i128| {
        habendum_check::pool::Slot::Value(habendum_model::value::Value::Money(
            habendum_model::value::Exact::int(n),
            habendum_model::value::CurrencyId(0),
        ))
    };
    for n in [24_999, 25_000, 25_001] {
        assert!(amounts.contains(&cents(n)), "{n}: {amounts:?}");
    }
}

#[test]
fn a_power_ends_a_clause_after_a_notice() {
    let d = deal(&format!(
        "{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad }}
         clause out § 2 {{ Owner may terminate far by notice of 30 days exercised by Notice }}"
    ));
    let case = plain(&d);
    let slice = named(&case, &["far"]);
    let far = case.symbols().clause("far").unwrap();
    let ended = |c: &habendum_norm::outcome::ClockOutcome| matches!(&c.what, ClockEvent::Effect(e) if e.text.contains("far"));
    let found = search(&case, Some(&slice), &mut |_, clock| clock.iter().any(ended), Budget::default());
    let w = found.witness.unwrap();
    // The notice of 1 January takes effect at the end of 31 January.
    assert_eq!(shape(&case, &w), "2026-01-01 Notice; clock 2026-01-31");
    let replay = case.replay(&w).unwrap();
    assert_eq!(replay.rows[0].verdict, Verdict::Permitted);
    let mut run = case.start(&w.values).unwrap();
    run.step(&w.events[0]).unwrap();
    run.close(w.clock.unwrap()).unwrap();
    assert!(!run.is_in_force(far, w.clock.unwrap().tomorrow().unwrap()));
}

#[test]
fn what_cannot_happen_is_searched_through() {
    let d = deal(&format!(
        "{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad and place is Home }}"
    ));
    let case = plain(&d);
    let budget = Budget { depth: 2, ..Budget::default() };
    let found = search(&case, None, &mut |rows, _| last_is(&case, rows, Verdict::Breach, "far"), budget);
    assert!(found.witness.is_none());
    assert!(found.searched.exhaustive);
    assert_eq!(found.searched.depth, 2);
    // A budget too small is admitted.
    let small = Budget { steps: 3, ..budget };
    let found = search(&case, None, &mut |rows, _| last_is(&case, rows, Verdict::Breach, "far"), small);
    assert!(found.witness.is_none() && !found.searched.exhaustive);
}

#[test]
fn two_deals_differ_on_the_day_between_their_terms() {
    let with = |day: &str| {
        deal(&format!("{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad through {day} }}"))
    };
    let (a, b) = (with("2026-06-30"), with("2026-07-01"));
    let (x, y) = (plain(&a), plain(&b));
    let pair = Pair::new(&x, &y).unwrap();
    let mut differs = |l: &habendum_check::explore::Log, r: &habendum_check::explore::Log| {
        l.rows.last().zip(r.rows.last()).is_some_and(|(l, r)| l.verdict != r.verdict)
    };
    let found = search_pair(&pair, (None, None), &mut differs, Budget::default());
    assert_eq!(shape(&x, &found.witness.unwrap()), "2026-07-01 Sale");
    let same = Pair::new(&x, &x).unwrap();
    let found = search_pair(&same, (None, None), &mut differs, Budget { depth: 2, ..Budget::default() });
    assert!(found.witness.is_none() && found.searched.exhaustive);
}

#[test]
fn two_deals_with_other_ids_are_told_apart_by_name() {
    let a = deal(&format!("{HEAD} clause far § 1 {{ Shop must not Sale where place is North }}"));
    // The same words in another order, and one more party and term: every id differs.
    let b = deal(
        r#"agreement shop "Shop" {
    parties   Agent, Owner, Shop
    others    any
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
vocabulary Place { Sea Abroad { South North } Home }
event Strike { length: int }
event Notice { by: party }
event Report { by: party }
event Sale { item: text  place: Place  amount: money  by: party }
clause near § 2 { Owner must Report by 2026-02-01 }
clause far § 1 { Shop must not Sale where place is Abroad }"#,
    );
    let (x, y) = (plain(&a), plain(&b));
    let pair = Pair::new(&x, &y).unwrap();
    let found = search_pair(
        &pair,
        (None, None),
        &mut |l, r| l.rows.last().zip(r.rows.last()).is_some_and(|(l, r)| l.verdict != r.verdict),
        Budget::default(),
    );
    let w = found.witness.unwrap();
    assert_eq!(shape(&x, &w), "2026-01-01 Sale");
    let south = x.symbols().terms.iter().position(|t| t.name == "South").unwrap();
    assert_eq!(
        w.events[0].fields[2],
        habendum_model::value::Value::Term(habendum_model::value::TermId::at(south))
    );
    assert_eq!(w.events[0].fields[0], habendum_model::value::Value::Party(habendum_model::value::PartyId(0)));
}

#[test]
fn the_reference_deal_is_breached_by_one_launch() {
    let d = example("microsoft-openai");
    let case = plain(&d);
    let slice = named(&case, &["azure-first"]);
    let found = search(
        &case,
        Some(&slice),
        &mut |rows, _| last_is(&case, rows, Verdict::Breach, "azure-first"),
        Budget::default(),
    );
    let w = found.witness.unwrap();
    assert_eq!(w.events.len(), 1);
    // An earlier launch of the same product on Azure frees it.
    let cloud = 4;
    let mut prior = w.events[0].clone();
    let azure = case.symbols().terms.iter().position(|t| t.name == "Azure").unwrap();
    prior.fields[cloud] = habendum_model::value::Value::Term(habendum_model::value::TermId::at(azure));
    let both = habendum_check::finding::Witness {
        events: vec![prior, habendum_norm::event::Event { row: 2, ..w.events[0].clone() }],
        ..w.clone()
    };
    let replay = case.replay(&both).unwrap();
    assert!(!last_is(&case, &replay.rows, Verdict::Breach, "azure-first"));
    // The search finds two such launches by itself: any-cloud and other-products then permit without azure-first.
    let slice = named(&case, &["azure-first", "other-products"]);
    let azure_first = case.symbols().clause("azure-first").unwrap();
    let mut goal = |rows: &[habendum_norm::outcome::Outcome], _: &[_]| {
        rows.len() == 2
            && last_is(&case, rows, Verdict::Permitted, "other-products")
            && rows[1].deciding.iter().all(|n| n.clause != azure_first)
    };
    assert!(search(&case, Some(&slice), &mut goal, Budget::default()).witness.is_some());
}

/// How fast the search is: `HABENDUM_FIGURES=1 cargo test --release -p habendum-check --test explore -- --nocapture`.
#[test]
fn speed() {
    if std::env::var_os("HABENDUM_FIGURES").is_none() {
        return;
    }
    for (name, d) in [
        (
            "small",
            deal(&format!(
                "{HEAD} clause far § 1 {{ Shop must not Sale where place is Abroad before Sale of the same item where place is Home }} clause tell § 2 {{ Shop must Report within 30 days of Sale }}"
            )),
        ),
        ("reference", example("microsoft-openai")),
    ] {
        let case = plain(&d);
        let slice = if name == "small" {
            named(&case, &["far", "tell"])
        } else {
            named(&case, &["azure-first", "azure-api"])
        };
        let start = std::time::Instant::now();
        let found = search(&case, Some(&slice), &mut |_, _| false, Budget::default());
        let took = start.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss, clippy::print_stdout, reason = "a figure for people")]
        {
            println!("{name}: {:?}, {:.0} steps/s", found.searched, found.searched.steps as f64 / took);
        }
    }
}
