//! Every deal under `examples/` checks clean, passes its scenarios, and evaluates to its expected outcomes.
//!
//! `expected.ndjson` was worked out apart from the product (`tests/oracle/worked`): a line per event, then the totals.

#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use habendum::check::{self, check};
use habendum::evaluate::{BadRows, Order, evaluate};
use habendum::pipeline::{Error, Opened, Wants, open};
use habendum::{render, scenario};
use habendum_model::summary::summary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn folder(deal: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(deal)
}

fn wants() -> Wants {
    Wants { config_schedules: true, ..Wants::default() }
}

fn opened(deal: &str) -> Opened {
    open(folder(deal).to_str().unwrap(), &wants()).unwrap()
}

fn shown(e: Error) -> String {
    match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    }
}

/// Codes that tell something of a clause and say nothing against it: a window that is squeezed, crossed clauses beside their
/// conflict, what nothing follows on, what a result rests on.
const INFORMATION: [&str; 4] = ["C007", "C015", "C018", "C024"];

/// As `habendum check`: no schedule applied, scenarios and properties run; nothing to find but the conflicts that the
/// example is known to hold, and information.
fn checks(deal: &str, known: &[(&str, &[&str])]) {
    let mut o = opened(deal);
    let order =
        check::Order { today: habendum::Date::constant(2026, 6, 1), scenarios: true, conflicts: true };
    let c = check(&mut o, &Wants::default(), &order).map_err(shown).unwrap();
    let found: std::collections::BTreeSet<(&str, Vec<&str>)> = c
        .findings
        .findings
        .iter()
        .filter(|f| f.severity != "info" || !INFORMATION.contains(&f.code.as_str()))
        .map(|f| {
            let clauses = f.conflict.iter().flat_map(|d| d.clauses.iter().map(String::as_str));
            (f.code.as_str(), clauses.collect())
        })
        .collect();
    let known = known.iter().map(|(code, clauses)| (*code, clauses.to_vec())).collect();
    assert_eq!(found, known, "{}", render(&c.diagnostics, &c.sources, false));
    assert!(c.ran.unwrap().0 > 0, "{deal} has no scenario");
}

/// Scenarios pass, and every clause that can be evaluated is reached by one.
fn passes_its_scenarios(deal: &str) {
    let mut o = opened(deal);
    let tested = scenario::test(&mut o, &wants(), None).map_err(shown).unwrap();
    let failed: Vec<_> = tested.scenarios.iter().flat_map(|s| s.mismatches.iter().cloned()).collect();
    assert!(failed.is_empty(), "{}", render(&failed, &o.loaded.sources, false));
    let unreached: Vec<_> = tested.coverage.unreached.iter().map(|u| (u.what, &u.clause)).collect();
    assert!(unreached.is_empty(), "no scenario of {deal} reaches {unreached:?}");
}

/// Minor units of `1234.50`: every currency of the examples has two decimals.
fn minor(text: &str) -> i128 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let n: i128 = digits.parse().unwrap();
    if text.starts_with('-') { -n } else { n }
}

/// Adds an accrual to the sum of its clause; interest apart.
fn add(sums: &mut BTreeMap<String, i128>, accrual: &Value) {
    let clause = accrual["clause"].as_str().unwrap();
    let name =
        if accrual["component"] == "interest" { format!("interest of {clause}") } else { clause.to_owned() };
    *sums.entry(name).or_default() += minor(accrual["amount"].as_str().unwrap());
}

fn amounts(v: &Value, prefix: &str) -> BTreeMap<String, i128> {
    let named = v.as_object().into_iter().flatten();
    named.map(|(c, a)| (format!("{prefix}{c}"), minor(a.as_str().unwrap()))).collect()
}

fn nonzero(mut sums: BTreeMap<String, i128>) -> BTreeMap<String, i128> {
    sums.retain(|_, a| *a != 0);
    sums
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The lines that `habendum eval DEAL EVENTS --out FILE` writes.
fn outcomes(deal: &str, events: &str) -> Vec<Value> {
    let mut o = opened(deal);
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.ndjson");
    let order = Order {
        events: vec![folder(deal).join(events).to_str().unwrap().to_owned()],
        out: vec![out.to_str().unwrap().to_owned()],
        clock: None,
        text_as_of: None,
        explain: None,
        bad_rows: BadRows::Stop,
        all_readings: true,
        ..Order::default()
    };
    evaluate(&o, &choices, &order, &mut |_| {}).map_err(shown).unwrap();
    lines(&out)
}

fn evaluates_as_expected(deal: &str, events: &str) {
    let outcomes = outcomes(deal, events);
    let mut expected = lines(&folder(deal).join("expected.ndjson"));
    let totals = expected.pop().unwrap();
    let rows: Vec<&Value> = outcomes.iter().filter(|o| o["record"] == "event").collect();
    assert_eq!(rows.len(), expected.len(), "number of events");
    let (mut sums, mut wrong) = (BTreeMap::new(), Vec::new());
    for (found, wanted) in rows.iter().zip(&expected) {
        let mut accrued = BTreeMap::new();
        for a in found["accruals"].as_array().into_iter().flatten() {
            add(&mut accrued, a);
            add(&mut sums, a);
        }
        accrued.retain(|name, _| !name.starts_with("interest of "));
        // Where readings part no clause decides alone: the mark is then null.
        let same = found["row"] == wanted["row"]
            && found["verdict"] == wanted["verdict"]
            && (wanted["by"].is_null() || found["clauses"] == wanted["by"])
            && nonzero(accrued) == amounts(&wanted["accrues"], "");
        if !same {
            wrong.push(format!("wanted {wanted}\n found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows of {deal}:\n{}", wrong.len(), wrong.join("\n"));
    for c in outcomes.iter().filter(|o| o["record"] == "clock" && o["accrual"].is_object()) {
        add(&mut sums, &c["accrual"]);
    }
    let mut wanted = amounts(&totals["accrued"], "");
    wanted.extend(amounts(&totals["interest"], "interest of "));
    assert_eq!(nonzero(sums), nonzero(wanted), "totals of {deal}");
}

/// The conflicts that an example is known to hold, each with its reason.
fn known(deal: &str) -> Vec<(&'static str, &'static [&'static str])> {
    match deal {
        // K3: the announcement frees every product for any cloud and does not say what becomes of the older clauses that
        // keep the API, and stateless calls of third-party work, on Azure.
        // K9: under its second reading `any-cloud` needs a need, which the replaced text of `other-products` does not ask.
        "microsoft-openai" => vec![
            ("C008", &["any-cloud", "azure-api"]),
            ("C008", &["any-cloud", "stateless-api"]),
            ("C008", &["other-products", "any-cloud"]),
            // What is left of the exclusivity of 2023 stands in the text, and `hosting-choice` overrides all of it.
            ("C012", &["azure-capacity", "hosting-choice"]),
        ],
        // The royalty's monthly minimum has no end of its own; the license that it is paid for ends with 2028 at the latest,
        // after two renewals.
        "franchise" => vec![("C019", &["royalty", "territory"])],
        _ => Vec::new(),
    }
}

macro_rules! deals {
    ($($name:ident: $folder:literal, $events:literal;)*) => { $(
        mod $name {
            #[test]
            fn checks() {
                super::checks($folder, &super::known($folder));
            }
            #[test]
            fn passes_its_scenarios() {
                super::passes_its_scenarios($folder);
            }
            #[test]
            fn evaluates_as_expected() {
                super::evaluates_as_expected($folder, $events);
            }
        }
    )* };
}

deals! {
    microsoft_openai: "microsoft-openai", "events.ndjson";
    franchise: "franchise", "events.ndjson";
    power_purchase: "power-purchase", "events.ndjson";
    building_contract: "building-contract", "events.ndjson";
    film_distribution: "film-distribution", "events.ndjson";
    tpch_revenue_share: "tpch-revenue-share", "events.csv";
    loan: "loan", "events.ndjson";
}

/// The table of key terms of the reference deal, before and after the amendment: facts A1 to A9.
#[test]
fn the_reference_deal_summarises_the_amendment() {
    let mut o = opened("microsoft-openai");
    let choices = o.choices(&wants()).map_err(shown).unwrap();
    let p = o.prepare(&choices).map_err(shown).unwrap();
    let rows = summary(o.sound().map_err(shown).unwrap(), &p.texts, &p.binding, 1, 2);
    let wanted = [
        ("Primary Cloud Partner", "primary cloud partner", "exclusive api host"),
        ("Cloud Flexibility", "on any cloud", "Azure alone"),
        ("IP Licensing Period", "through 2032", "through 2032"),
        ("License Type", "non-exclusive", "exclusive"),
        ("Revenue Share (Microsoft to OpenAI)", "none", "Microsoft pays OpenAI reseller_rate"),
        (
            "Revenue Share (OpenAI to Microsoft)",
            "through 2030, at most share_cap in total",
            "until MilestoneVerified",
        ),
        ("Ownership", "major shareholder", "major shareholder"),
    ];
    assert_eq!(rows.len(), wanted.len());
    for (row, (feature, now, before)) in rows.iter().zip(wanted) {
        assert_eq!(row.feature, feature);
        assert!(row.now.contains(now), "{feature} now: {}", row.now);
        assert!(row.before.contains(before), "{feature} before: {}", row.before);
        let changed = feature != "Ownership" && feature != "IP Licensing Period";
        assert_eq!(row.changed_by.contains(&"2026 amendment".to_owned()), changed, "{feature}");
    }
    assert!(!rows[3].now.starts_with("exclusive") && !rows[5].now.contains("MilestoneVerified"));
}

/// No folder of `examples/` is left out above.
#[test]
fn every_deal_is_tested() {
    let here = include_str!("examples.rs");
    let folders = std::fs::read_dir(folder("")).unwrap().map(|e| e.unwrap().path());
    for path in folders.filter(|p| p.is_dir()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(here.contains(&format!("\"{name}\"")), "{name} is not tested");
    }
}
