//! K5: the milestone and the share.

use crate::{FREELY, checked, edited, folder, wants};
use habendum::compare::{self, ChangeKind, compare};
use habendum::pipeline::{Wants, open};
use habendum::scenario::{self, Proof};

fn proof(wants: &Wants) -> Proof {
    let mut o = open(folder().to_str().unwrap(), wants).unwrap();
    let tested = scenario::test(&mut o, wants, None).ok().unwrap();
    tested.properties[0].proof.clone()
}

/// The share does not depend on the milestone under the amendment, and does without it.
#[test]
fn k5_the_property_is_proved_with_the_amendment_alone() {
    let wants = wants(&FREELY);
    let Proof::Proved = proof(&Wants { config_schedules: true, ..wants.clone() }) else {
        unreachable!("not proved")
    };
    let before =
        Wants { config_schedules: true, known_as_of: Some(habendum::Date::constant(2026, 4, 26)), ..wants };
    let Proof::Refuted(d) = proof(&before) else { unreachable!("not refuted") };
    assert_eq!(d.code, "C020");
    let said = format!("{} {}", d.message, d.notes.join(" "));
    assert!(said.contains("MilestoneVerified"), "{said}");
}

/// Between the text of March 2026 and that of the amendment: after a verification more is owed under the share, and the
/// history shows a verification and then revenue.
#[test]
fn k5_revenue_after_a_verification_is_shared_under_the_amendment_alone() {
    let wants = wants(&FREELY);
    let (mut a, mut b) = (
        open(folder().to_str().unwrap(), &wants).unwrap(),
        open(folder().to_str().unwrap(), &wants).unwrap(),
    );
    let order = compare::Order {
        from: Some(habendum::Date::constant(2026, 3, 15)),
        to: Some(habendum::Date::constant(2026, 4, 28)),
        deny: None,
        today: habendum::Date::constant(2026, 6, 1),
    };
    let c = compare((&mut a, &wants), (&mut b, &wants), &order).ok().unwrap().comparison;
    let word = ChangeKind::OwedMore.word();
    let more = c.changes.iter().find(|c| c.kind == word && c.about == "share-to-microsoft");
    let rows = more.unwrap().example.events.join("; ");
    assert!(rows.contains("MilestoneVerified") && rows.contains("Revenue"), "{rows}");
    assert!(rows.find("MilestoneVerified") < rows.find("Revenue"), "{rows}");
}

/// Both ends of the share stated at once, the milestone and the year, would still end at the milestone: nothing tells
/// against that, and no finding names the share before the amendment either.
#[test]
fn k5_is_no_conflict_of_clauses() {
    for edits in [vec![], vec![("amendment-2026.term", "        remove until\n", "")]] {
        let c = checked(edited(&edits, "").path(), &wants(&FREELY));
        let named = |f: &&habendum::findings::Finding| {
            f.severity != "info" && f.message.contains("share-to-microsoft")
        };
        assert_eq!(c.findings.findings.iter().filter(named).count(), 0);
    }
}
