//! What `check` says beyond the passes: waivers used, unmatched and expired; properties that nothing here can decide.
#![allow(clippy::unwrap_used, reason = "tests")]

use habendum::check::{Order, check};
use habendum::pipeline::{Error, Wants, open};
use jiff::civil::{Date, date};

const DEAL: &str = r#"
agreement deal "A deal" { parties Alpha, Beta  effective from 2026-01-01  currency USD  zone "UTC" }
event Sale { by: party  amount: money }
clause ban { Alpha must not Sale }
clause leave {
    waive C017 because "the ban was struck on purpose" until 2027-01-01
    Alpha may Sale where amount is more than 5 USD notwithstanding ban
}
clause other {
    waive C008 because "nothing of the kind" until 2027-01-01
    Beta must not Sale
}
amendment first "First amendment" to deal { effective from 2026-06-01  strike ban }
prove "bounded" { never undetermined }
"#;

/// Codes found on a day, and codes waived.
fn codes(today: Date) -> (Vec<String>, usize) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("deal.term"), DEAL).unwrap();
    let wants = Wants {
        schedules: Vec::new(),
        set: Vec::new(),
        readings: Vec::new(),
        known_as_of: None,
        config_schedules: false,
    };
    let mut opened = open(&dir.path().display().to_string(), &wants).unwrap();
    let c = check(&mut opened, &wants, &Order { today, scenarios: true, conflicts: true }).unwrap();
    let mut found: Vec<String> = c.diagnostics.iter().map(|d| d.code.clone()).collect();
    found.sort();
    (found, c.findings.waived.len())
}

#[test]
fn a_waiver_silences_what_it_names_until_its_day() {
    // C017 is waived; the waiver of C008 matches nothing (C025); the property is left open (C027).
    assert_eq!(codes(date(2026, 12, 31)), (vec!["C025".to_owned(), "C027".to_owned()], 1));
    // On its day it has expired (C026), and so has the other.
    let (found, waived) = codes(date(2027, 1, 1));
    assert_eq!(found, ["C017", "C026", "C026", "C027"]);
    assert_eq!(waived, 0);
}

#[test]
fn a_reading_that_the_clause_lacks_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"
agreement deal "A deal" { parties Alpha, Beta  effective from 2026-01-01  currency USD  zone "UTC" }
event Sale { by: party  amount: money }
clause ban { reading broad { Alpha must not Sale }  reading narrow { Alpha must not Sale where amount is more than 5 USD } }
"#;
    std::fs::write(dir.path().join("deal.term"), text).unwrap();
    let wants = Wants {
        schedules: Vec::new(),
        set: Vec::new(),
        readings: vec!["ban=wide".to_owned()],
        known_as_of: None,
        config_schedules: false,
    };
    let mut opened = open(&dir.path().display().to_string(), &wants).unwrap();
    let choices = opened.choices(&wants).unwrap();
    let Err(Error::Faults(f)) = opened.prepare(&choices) else { unreachable!("a wrong reading was taken") };
    assert_eq!(f.diagnostics[0].code, "T067");
    assert!(
        f.diagnostics[0].help.iter().any(|h| h.contains("broad") && h.contains("narrow")),
        "{:?}",
        f.diagnostics[0]
    );
}
