//! K4, K6, K8, K10: licenses, their scope, their term and what stands above them.

use crate::{FREELY, checked, edited, effect, examples, folder, small, told, wants};
use habendum::pipeline::Wants;

const ANCHOR: &str = "clause open-weights §";

/// A clause more in the agreement.
fn with(clause: &str) -> tempfile::TempDir {
    edited(&[("agreement.term", ANCHOR, &format!("{clause}\n\n{ANCHOR}"))], "")
}

fn about<'a>(lines: &'a [String], clause: &str) -> Vec<&'a str> {
    lines.iter().filter(|l| l.split([' ', ':']).any(|w| w == clause)).map(String::as_str).collect()
}

/// K4: dates decide. A license of the same IP to another conflicts until the amendment takes effect, which cures it.
#[test]
fn k4_another_license_conflicts_until_the_amendment() {
    let clause = "clause northgate § 3.9 { OpenAI grants Northgate a non-exclusive license to Use Weights worldwide, any field through 2032 }";
    let dir = with(clause);
    let c = checked(dir.path(), &wants(&FREELY));
    let lines = told(&c);
    assert_eq!(about(&lines, "northgate"), ["C003 northgate ip-license: conflict, 2025-10-28..2026-04-26"]);
    let (creates, cures) = effect(&c, "amendment2026");
    assert_eq!(cures, ["C003 northgate ip-license"]);
    assert!(!creates.iter().any(|x| x.contains("northgate")));
}

/// K4: put in by an amendment of its own, the same license conflicts before the day of effect and not from it on.
#[test]
fn k4_the_day_of_the_license_decides() {
    let put_in = |day: &str| {
        format!(
            r#"amendment later "A license to Northgate" to partnership {{
    effective from {day}
    signed 2026-04-28
    insert northgate § 3.9 after open-weights {{ OpenAI grants Northgate a non-exclusive license to Use Weights worldwide, any field through 2032 }}
}}
"#
        )
    };
    let on = |day: &str| {
        let c = checked(edited(&[], &put_in(day)).path(), &wants(&FREELY));
        let lines = told(&c);
        let found: Vec<String> = about(&lines, "northgate").into_iter().map(str::to_owned).collect();
        (found, effect(&c, "later").0)
    };
    let (found, creates) = on("2026-03-01");
    assert_eq!(found, ["C003 northgate ip-license: conflict, 2026-03-01..2026-04-26"]);
    assert_eq!(creates, ["C003 northgate ip-license"]);
    assert_eq!(on("2026-04-27").0, Vec::<String>::new());
    assert_eq!(on("2026-05-01").0, Vec::<String>::new());
}

/// What Microsoft gives on: an exclusive sublicense under what the amendment made non-exclusive, with both clauses, the
/// amendment and the grant that shows it.
#[test]
fn an_exclusive_sublicense_under_the_head_that_the_amendment_loosened() {
    let sub = "clause resale § 3.9 { Microsoft grants Northgate an exclusive license to Use Weights worldwide, any field through 2032 notwithstanding ip-license }";
    let may = ("agreement.term", "through 2032\n}", "through 2032\n        may sublicense\n}");
    let more = format!("{sub}\n\n{ANCHOR}");
    let dir = edited(&[may, ("agreement.term", ANCHOR, &more)], "");
    let c = checked(dir.path(), &wants(&FREELY));
    let found: Vec<_> = c.findings.findings.iter().filter(|f| f.code == "C002").collect();
    assert_eq!(found.len(), 1, "{:?}", told(&c));
    let detail = found[0].conflict.as_ref().unwrap();
    assert_eq!(detail.clauses, ["resale", "ip-license"]);
    assert_eq!(detail.intervals[0].from, "2026-04-27");
    assert_eq!(detail.intervals[0].amendments, ["statement2026", "amendment2026"]);
    let w = detail.witness.as_ref().unwrap();
    assert!(w.events[0].starts_with("2026-04-27 Grant") && w.events[0].contains("to Northgate"), "{w:?}");
    let places: Vec<(&str, &str)> =
        found[0].labels.iter().map(|l| (l.file.rsplit('/').next().unwrap(), l.message.as_str())).collect();
    let both = places.iter().filter(|(f, _)| *f == "agreement.term").count();
    assert_eq!(both, 2, "{places:?}");
    let amendment = ("amendment-2026.term", "`ip-license` made non-exclusive by the 2026 amendment");
    assert!(places.contains(&amendment), "{places:?}");
    assert!(effect(&c, "amendment2026").0.contains(&"C002 resale ip-license".to_owned()));
}

const OLDER: &str = r#"
agreement ip "Licenses of 2023" {
    parties   Microsoft, OpenAI
    effective from 2023-01-23
    currency  USD
    zone      "UTC"
    default   Use is forbidden
    default   Grant is permitted
}
vocabulary Asset { OpenAiIp { Models { ReleasedModels PostAgiModels Weights } Research { Methods InternalModels } } }
clause apart § 1 { Microsoft must not Use where asset is PostAgiModels }
clause license § 2 { OpenAI grants Microsoft a non-exclusive license to Use ReleasedModels, Weights worldwide, any field through 2032 }
"#;

/// K6: before October 2025 the milestone's models lay outside the license; then its scope was widened. Left beside the
/// older clause the wider license contradicts it from that day on; where the amendment strikes that clause it does not.
#[test]
fn k6_the_scope_widened_in_october_2025() {
    let amended = |strike: &str| {
        format!(
            r#"{OLDER}
amendment october "October 2025" to ip {{
    effective from 2025-10-28
    {strike}
    replace license with {{ OpenAI grants Microsoft a non-exclusive license to Use Models worldwide, any field through 2032 }}
}}
"#
        )
    };
    let c = checked(small(&amended("")).path(), &Wants::default());
    assert_eq!(told(&c), ["C008 license apart: conflict, 2025-10-28..2032-12-31"]);
    assert!(examples(&c, "C008", "license")[0].contains("asset PostAgiModels"));
    assert_eq!(effect(&c, "october").0, ["C008 license apart"]);
    assert_eq!(
        told(&checked(small(&amended("strike apart")).path(), &Wants::default())),
        Vec::<String>::new()
    );
    assert_eq!(told(&checked(small(OLDER).path(), &Wants::default())), Vec::<String>::new());
}

/// K8 in the reference deal: models for internal use lie under research, weights under models, so the two licenses, of
/// which one ends in 2030 or at the milestone and the other in 2032, have nothing in common.
#[test]
fn k8_research_and_weights_are_apart() {
    let c = checked(&folder(), &wants(&FREELY));
    let lines = told(&c);
    assert_eq!(about(&lines, "research-license"), Vec::<&str>::new());
    assert_eq!(about(&lines, "ip-license"), Vec::<&str>::new());
}

/// K8 where they overlap: what bars models for internal use after 2030 meets a license of them through 2032, in the two
/// years between.
#[test]
fn k8_an_overlap_shows_between_the_two_ends() {
    let text = |scope: &str| {
        format!(
            r#"{OLDER}
clause research § 3 {{ OpenAI grants Microsoft a non-exclusive license to Use Research worldwide, any field through 2030 }}
clause after § 4 {{ Microsoft must not Use where asset is Research from 2031-01-01 }}
amendment october "October 2025" to ip {{
    effective from 2025-10-28
    replace license with {{ OpenAI grants Microsoft a non-exclusive license to Use {scope} worldwide, any field through 2032 }}
}}
"#
        )
    };
    let c = checked(small(&text("Weights, InternalModels")).path(), &Wants::default());
    assert_eq!(told(&c), ["C008 license after: conflict, 2031-01-01..2032-12-31"]);
    assert!(examples(&c, "C008", "license")[0].contains("asset InternalModels"));
    assert_eq!(effect(&c, "october").0, ["C008 license after"]);
    assert_eq!(told(&checked(small(&text("Weights")).path(), &Wants::default())), Vec::<String>::new());
}

/// K10: "decade-long" is a description, and no conflict with the date of the term; a clause that made it one would meet the
/// amendment of the same day.
#[test]
fn k10_a_description_against_a_date() {
    let c = checked(&folder(), &wants(&FREELY));
    assert!(
        c.findings
            .findings
            .iter()
            .all(|f| f.conflict.iter().all(|d| !d.clauses.contains(&"decade".to_owned())))
    );
    let decade = r#"amendment decade2026 "A decade" to partnership {
    effective from 2026-04-27
    signed 2026-04-27
    vary ip-license { term through 2036-04-26 }
}
"#;
    let c = checked(edited(&[], decade).path(), &wants(&FREELY));
    assert!(
        c.findings.findings.iter().any(|f| f.code == "C016" && f.message.contains("ip-license")),
        "{:?}",
        told(&c)
    );
}
