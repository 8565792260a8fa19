//! Independence: proved where nothing that the clause reads, at first or at second hand, reads the event or its field.

use crate::{deal, shown};
use habendum::pipeline::Wants;
use habendum::scenario::{self, Proof};

const DEAL: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
event Sale { by: party  amount: money  count: int  note: text }
event Return { by: party  amount: money }
event Milestone { by: party }
event Notice { by: party }
event Storm { length: int }
event Join { by: party }
event Report { by: party }

total returned = amount on Return

register Members of party {
    initially Shop
    add by on Join
}

clause fee § 1 { Shop pays Owner 5% of amount on each Sale where count is more than 0 }
clause bonus § 2 { Owner pays Shop 1% of amount on each Sale where returned in total is less than 100 EUR }
clause share § 3 { Shop pays Owner 2% of amount on each Sale until Milestone }
clause net § 4 { Shop pays Owner 3% of amount on each Sale crediting accrued bonus }
clause ending § 5 { Owner may terminate fee exercised by Notice }
clause reports § 6 { Shop must Report within 30 days of Sale }
clause weather § 7 { Storm excuses reports until Milestone }
clause club § 8 { Members may Return }
clause rule § 9 { Shop must not Return where amount is more than 50 EUR subject to club }

amendment later "Later" to shop {
    effective from 2027-01-01
    signed 2026-12-01
    vary share { remove until }
}
"#;

/// Whether a property is proved; the path of dependence where it is not.
fn decide(property: &str) -> Result<(), Vec<String>> {
    let (_dir, mut opened) = deal(&format!("{DEAL}\nprove \"it\" {{ {property} }}\n"));
    let tested = scenario::test(&mut opened, &Wants::default(), None).map_err(shown).unwrap();
    match &tested.properties[0].proof {
        Proof::Proved => Ok(()),
        Proof::Inconclusive(d) | Proof::Refuted(d) => {
            assert!(d.code == "C027" || d.code == "C020");
            Err(d.labels.iter().skip(1).map(|l| l.message.clone()).collect())
        }
    }
}

#[track_caller]
fn proved(property: &str) {
    assert_eq!(decide(property), Ok(()), "{property}");
}

#[track_caller]
fn depends(property: &str, last: &str) {
    let path = decide(property).expect_err(property);
    let end = path.last().unwrap();
    assert!(end.contains(last), "wanted `{last}` at the end of {path:?}");
}

#[test]
fn what_a_clause_does_not_read_it_does_not_depend_on() {
    proved("fee is independent of Milestone");
    proved("fee is independent of Return");
    proved("fee is independent of Sale.note");
    proved("bonus is independent of Milestone");
    proved("reports is independent of Sale.amount");
    proved("club is independent of Sale");
}

#[test]
fn what_it_reads_itself() {
    depends("fee is independent of Sale", "fee is about Sale");
    depends("fee is independent of Sale.count", "fee is about Sale.count");
    depends("fee is independent of Sale.amount", "fee is about Sale.amount");
    depends("share is independent of Milestone", "share looks at Milestone");
    depends("reports is independent of Sale", "reports looks at Sale");
}

#[test]
fn what_it_reads_through_others() {
    depends("bonus is independent of Return", "the total returned, which adds up Return");
    depends("bonus is independent of Return.amount", "the total returned, which adds up Return.amount");
    proved("bonus is independent of Return.by");
    depends("net is independent of Return", "the total returned");
    depends("fee is independent of Notice", "ending is about Notice");
    depends("reports is independent of Storm", "weather is about Storm");
    proved("reports is independent of Storm.length");
    depends("reports is independent of Milestone", "weather looks at Milestone");
    depends("club is independent of Join", "the register Members, which Join changes");
    depends("rule is independent of Join", "the register Members, which Join changes");
}

#[test]
fn only_the_days_asked_about_count() {
    let (from, until) = ("from 2027-01-01", "through 2026-12-31");
    let dated = |bound: &str| {
        let (_dir, mut opened) =
            deal(&format!("{DEAL}\nprove \"it\" {{ {bound} share is independent of Milestone }}\n"));
        let tested = scenario::test(&mut opened, &Wants::default(), None).map_err(shown).unwrap();
        matches!(tested.properties[0].proof, Proof::Proved)
    };
    assert!(dated(from), "the amendment frees the share of the milestone");
    assert!(!dated(until));
    assert!(!dated(""));
}

#[test]
fn what_needs_the_solver_is_undecided() {
    for property in ["never breach of rule", "always permitted on Sale", "fee equivalent to share"] {
        assert!(decide(property).is_err(), "{property}");
    }
}
