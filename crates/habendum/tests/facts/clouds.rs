//! K1 to K3: where OpenAI hosts, ships and serves.

use crate::{FREELY, checked, edited, effect, examples, folder, small, told, wants};
use habendum::pipeline::Wants;

/// K1 in the reference deal: before the amendment nothing opposes the rest of the old exclusivity, since new capacity is
/// its exception; from the amendment on the freedom to host overrides it.
#[test]
fn k1_older_capacity_is_ranked() {
    let c = checked(&folder(), &wants(&FREELY));
    let hosting: Vec<String> = told(&c).into_iter().filter(|l| l.contains("azure-capacity")).collect();
    assert_eq!(hosting, ["C012 azure-capacity hosting-choice: disjoint, 2026-04-27.."]);
}

/// K1 by itself: the exclusivity of 2023 against own capacity, resolved from 21 January 2025 for new capacity only.
#[test]
fn k1_is_resolved_for_new_capacity_only() {
    let text = |day: &str| {
        format!(
            r#"
agreement clouds "Clouds" {{ parties Microsoft, OpenAI  effective from 2023-01-23  currency USD  zone "UTC" }}
vocabulary Cloud {{ Azure Own }}
event Host {{ by: party  cloud: Cloud  contracted: date }}
clause exclusive-cloud {{ OpenAI must not Host where cloud is not Azure }}
clause own-new {{ OpenAI may Host where cloud is Own and contracted is at least {day} }}
clause own-old {{ OpenAI may Host where cloud is Own and contracted is less than {day} }}
amendment a2025 "January 2025" to clouds {{
    effective from 2025-01-21
    vary exclusive-cloud {{ unless new-capacity: contracted is at least 2025-01-21 }}
}}
"#
        )
    };
    let c = checked(small(&text("2025-01-21")).path(), &Wants::default());
    assert_eq!(
        told(&c),
        [
            "C008 own-new exclusive-cloud: conflict, 2023-01-23..2025-01-20",
            "C008 own-old exclusive-cloud: conflict, 2023-01-23..",
        ]
    );
    let (creates, cures) = effect(&c, "a2025");
    assert_eq!((creates, cures), (vec![], vec!["C008 own-new exclusive-cloud".to_owned()]));
    // Were own capacity new a day earlier, that day's contracts would stay in conflict.
    let c = checked(small(&text("2025-01-20")).path(), &Wants::default());
    let last = examples(&c, "C008", "own-new");
    assert!(
        told(&c).contains(&"C008 own-new exclusive-cloud: conflict, 2023-01-23..".to_owned()),
        "{last:?}"
    );
}

/// K2: an exception of the same date is no conflict. Nothing tells against the deal before the amendment at all, and no
/// example is of national security.
#[test]
fn k2_an_exception_is_no_conflict() {
    let before = Wants { known_as_of: Some(habendum::Date::constant(2026, 4, 26)), ..Wants::default() };
    assert_eq!(told(&checked(&folder(), &before)), Vec::<String>::new());
    let c = checked(&folder(), &wants(&FREELY));
    let rows: Vec<String> =
        ["any-cloud", "other-products"].iter().flat_map(|n| examples(&c, "C008", n)).collect();
    assert!(!rows.is_empty() && rows.iter().all(|r| !r.contains("NationalSecurity")), "{rows:?}");
}

/// K2 said in a clause of its own instead would be one, from the first day on.
#[test]
fn k2_a_permission_beside_the_rule_is_one() {
    let exception = "\n        unless national-security: customer is NationalSecurity";
    let dir = edited(
        &[
            ("agreement.term", exception, ""),
            (
                "statement-2026.term",
                "\n            unless national-security: customer is NationalSecurity",
                "",
            ),
        ],
        "",
    );
    let agreement = dir.path().join("agreement.term");
    let text = std::fs::read_to_string(&agreement).unwrap();
    let beside = "clause security § 2.9 { OpenAI may Serve where customer is NationalSecurity }\n\n// ---- 3";
    std::fs::write(&agreement, text.replace("// ---- 3", beside)).unwrap();
    let before = Wants { known_as_of: Some(habendum::Date::constant(2026, 4, 26)), ..Wants::default() };
    let c = checked(dir.path(), &before);
    assert_eq!(
        told(&c),
        [
            "C008 security azure-api: conflict, 2025-10-28..",
            "C008 security stateless-api: conflict, 2026-02-27.."
        ]
    );
    assert!(examples(&c, "C008", "security")[0].starts_with("2025-10-28 Serve"));
    assert!(examples(&c, "C008", "security")[0].contains("NationalSecurity"));
    assert_eq!(effect(&c, "statement2026").0, ["C008 security stateless-api"]);
}

/// K3: the announcement does not say whether any cloud overrides the exclusivity of the API, so the pairs are unranked, from
/// the amendment on and not a day earlier; the amendment creates them.
#[test]
fn k3_is_an_unranked_pair_from_the_amendment_on() {
    let c = checked(&folder(), &wants(&FREELY));
    let pairs: Vec<String> = told(&c).into_iter().filter(|l| l.starts_with("C008")).collect();
    assert_eq!(
        pairs,
        [
            "C008 any-cloud azure-api: conflict, 2026-04-27..",
            "C008 any-cloud azure-api: conflict, 2026-04-27..",
            "C008 any-cloud stateless-api: conflict, 2026-04-27..",
        ]
    );
    let rows = examples(&c, "C008", "any-cloud");
    assert!(rows.iter().all(|r| r.starts_with("2026-04-27 ") && r.contains("cloud AWS")), "{rows:?}");
    assert!(rows[2].contains("stateless true") && rows[2].contains("third_party_work true"), "{}", rows[2]);
    let f = &c.findings.findings[0];
    assert!(f.message.ends_with("nothing says which prevails"), "{}", f.message);
    assert!(f.labels.iter().any(|l| l.message == "inserted by amendment2026"), "{:?}", f.labels);
    let (creates, cures) = effect(&c, "amendment2026");
    assert_eq!(
        creates,
        [
            "C008 any-cloud azure-api",
            "C008 any-cloud azure-api",
            "C008 any-cloud stateless-api",
            "C012 azure-capacity hosting-choice",
        ]
    );
    assert_eq!(cures, Vec::<String>::new());
    assert_eq!(effect(&c, "statement2026"), (vec![], vec![]));
}

/// A `notwithstanding` on both sentences cures K3; on one it cures that one alone.
#[test]
fn k3_is_cured_by_a_notwithstanding() {
    let launch = (
        "OpenAI may Launch on any Cloud subject to azure-first\n",
        "OpenAI may Launch on any Cloud subject to azure-first notwithstanding azure-api, stateless-api\n",
    );
    let serve = (
        "            OpenAI may Serve on any Cloud\n        }\n        reading when-needed",
        "            OpenAI may Serve on any Cloud notwithstanding azure-api, stateless-api\n        }\n        reading when-needed",
    );
    let edit = |e: (&'static str, &'static str)| ("amendment-2026.term", e.0, e.1);
    let pairs = |edits: &[(&str, &str, &str)]| -> Vec<String> {
        let c = checked(edited(edits, "").path(), &wants(&FREELY));
        told(&c).into_iter().filter(|l| l.starts_with("C008")).collect()
    };
    assert_eq!(
        pairs(&[edit(launch)]),
        [
            "C008 any-cloud azure-api: conflict, 2026-04-27..",
            "C008 any-cloud stateless-api: conflict, 2026-04-27..",
        ]
    );
    assert_eq!(pairs(&[edit(launch), edit(serve)]), Vec::<String>::new());
    // Or the other way: the permission yields.
    let yields = (
        "amendment-2026.term",
        "subject to azure-first\n            OpenAI may Serve on any Cloud\n",
        "subject to azure-first, azure-api\n            OpenAI may Serve on any Cloud subject to azure-api, stateless-api\n",
    );
    assert_eq!(pairs(&[yields]), Vec::<String>::new());
}
