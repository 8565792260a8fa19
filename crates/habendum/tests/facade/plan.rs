//! The plan of evaluation: every sentence is there, and no condition of the examples is left to the interpreter.

use crate::{deal, shown};
use habendum::pipeline::{Wants, open};
use habendum::plan::{How, Plan, plan};
use std::path::Path;

/// What state decides, whatever the row says.
const STATE: [&str; 6] = [
    "asks for a running sum",
    "asks for the event that opened an obligation",
    "asks for the members of a register",
    "asks for the sublicensees",
    "asks for the cause of the relief",
    "persons may assign their place",
];

fn plan_of(path: &str, listing: bool) -> Plan {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let mut o = open(path, &wants).unwrap();
    let choices = o.choices(&wants).map_err(shown).unwrap();
    plan(&o, &choices, listing).map_err(shown).unwrap()
}

#[test]
fn no_condition_of_the_examples_is_left_to_the_interpreter() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut deals = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let p = plan_of(path.to_str().unwrap(), false);
        assert!(p.sentences.iter().all(|s| s.questions.is_empty() == s.silent.is_some()), "{path:?}");
        for q in p.sentences.iter().flat_map(|s| &s.questions).chain(&p.others) {
            let known = q.how != How::Asks || q.why.iter().all(|w| STATE.contains(&w.as_str()));
            assert!(known && (q.how == How::Compiled) == q.why.is_empty(), "{path:?} {q:?}");
        }
        deals += 1;
    }
    assert!(deals >= 7);
}

#[test]
fn a_plan_says_who_answers_what() {
    let text =
        "agreement shop \"Shop\" { parties Baker, Shop effective from 2026-01-01 currency EUR zone \"UTC\" }
        vocabulary Bread { White Rye }
        event Deliver { by: party bread: Bread value: money }
        clause rye { Baker must not Deliver where bread is Rye }
        clause price { Shop pays Baker value on each Deliver }
        clause often { Baker must not Deliver where accrued price in total is more than 5 EUR }
        clause rent { Shop pays Baker 1 EUR each month }
        clause aim { recital \"They mean well.\" }";
    let (dir, _opened) = deal(text);
    let p = plan_of(dir.path().to_str().unwrap(), true);
    let told: Vec<(&str, Option<How>)> =
        p.sentences.iter().map(|s| (s.clause.as_str(), s.questions.first().map(|q| q.how))).collect();
    let wanted = [
        ("rye", Some(How::Compiled)),
        ("price", Some(How::Stateful)),
        ("often", Some(How::Asks)),
        ("rent", None),
        ("aim", None),
    ];
    assert_eq!(told, wanted);
    assert_eq!(p.sentences[0].questions[0].columns, ["day", "by", "bread"]);
    assert!(p.code.is_none_or(|bytes| bytes > 0));
    assert_eq!(p.listings.is_empty(), p.code.is_none());
    assert!(p.listings.iter().all(|l| l.ir.contains("function") && !l.code.is_empty()));
}
