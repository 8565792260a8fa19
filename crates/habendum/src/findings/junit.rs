//! JUnit XML: what test runners of continuous integration read.

use super::{Findings, xml};
use std::fmt::Write;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Not as expected: what was found.
    Failed(String),
    /// Neither: why.
    Skipped(String),
}

/// A case of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Name.
    pub name: String,
    /// Class: the file.
    pub class: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Findings as a suite: one failed case a finding; a single passed case where there are none.
#[must_use]
pub fn junit(f: &Findings) -> String {
    let mut cases: Vec<Case> = f
        .findings
        .iter()
        .map(|x| {
            let mut text = format!("{}: {}", x.place(), x.message);
            for l in x.labels.iter().skip(1) {
                let _ = write!(text, "\n{}:{}:{}: {}", l.file, l.line, l.column, l.message);
            }
            for n in x.notes.iter().chain(&x.help) {
                let _ = write!(text, "\n{n}");
            }
            Case {
                name: format!("{} {}", x.code, x.message),
                class: x.labels.first().map_or_else(String::new, |l| l.file.clone()),
                outcome: Outcome::Failed(text),
            }
        })
        .collect();
    for w in &f.waived {
        cases.push(Case {
            name: format!("{} {}", w.finding.code, w.finding.message),
            class: w.finding.labels.first().map_or_else(String::new, |l| l.file.clone()),
            outcome: Outcome::Skipped(format!("waived until {}: {}", w.expires, w.reason)),
        });
    }
    if cases.is_empty() {
        cases.push(Case { name: "check".to_owned(), class: f.deal.clone(), outcome: Outcome::Passed });
    }
    suites("habendum check", &cases)
}

/// Cases as one suite.
#[must_use]
pub fn suites(name: &str, cases: &[Case]) -> String {
    let count = |f: fn(&Outcome) -> bool| cases.iter().filter(|c| f(&c.outcome)).count();
    let failed = count(|o| matches!(o, Outcome::Failed(_)));
    let skipped = count(|o| matches!(o, Outcome::Skipped(_)));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let head = format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\"", cases.len());
    // Writing to a string cannot fail.
    let _ = writeln!(out, "<testsuites {head}>");
    let _ = writeln!(out, "  <testsuite name=\"{}\" {head}>", xml(name));
    for c in cases {
        let open = format!("    <testcase name=\"{}\" classname=\"{}\"", xml(&c.name), xml(&c.class));
        let _ = match &c.outcome {
            Outcome::Passed => writeln!(out, "{open}/>"),
            Outcome::Failed(text) => writeln!(
                out,
                "{open}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                xml(text.lines().next().unwrap_or("")),
                xml(text)
            ),
            Outcome::Skipped(text) => {
                writeln!(out, "{open}>\n      <skipped message=\"{}\"/>\n    </testcase>", xml(text))
            }
        };
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}
