//! Every scenario under `tests/cases/pay` and `tests/cases/eval` holds. Amounts, days and verdicts were worked out by hand, in
//! the comments beside them.

#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use habendum::pipeline::{Error, Wants, open};
use habendum::{render, scenario};
use std::path::{Path, PathBuf};

fn shown(e: Error) -> String {
    match e {
        Error::Input(e) => e.to_string(),
        Error::Faults(f) => render(&f.diagnostics, &f.sources, false),
    }
}

#[test]
fn every_payment_scenario_holds() {
    hold("pay");
}

#[test]
fn every_scenario_of_rules_and_duties_holds() {
    hold("eval");
}

fn hold(stage: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(stage);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "term"));
    files.sort();
    assert!(files.len() > 10);
    let mut faults = String::new();
    for file in files {
        let wants = Wants::default();
        let mut opened = open(file.to_str().unwrap(), &wants).unwrap();
        match scenario::test(&mut opened, &wants, None) {
            Err(e) => faults.push_str(&shown(e)),
            Ok(tested) => {
                assert!(!tested.scenarios.is_empty(), "{} has no scenario", file.display());
                let found: Vec<_> = tested.scenarios.iter().flat_map(|s| s.mismatches.clone()).collect();
                faults.push_str(&render(&found, &opened.loaded.sources, false));
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
