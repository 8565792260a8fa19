//! The commands that the GitHub action runs, on a repository of their own: a deal, a change of it, annotations, the summary.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use std::path::Path;
use std::process::{Command, Output};

const BEFORE: &str = r#"agreement supply "Supply" {
    parties   Maker, Shop
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
event Order { by: party  amount: money }
clause limit § 1 { Shop must not Order where amount is more than 10_000 EUR }
"#;

fn git(folder: &Path, args: &[&str]) {
    let out = Command::new("git")
        .args(["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A repository with a deal as committed, and another text in its working tree.
fn repository(now: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deal = folder.path().join("supply");
    std::fs::create_dir(&deal).unwrap();
    std::fs::write(deal.join("deal.term"), BEFORE).unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "Deal"]);
    std::fs::write(deal.join("deal.term"), now).unwrap();
    folder
}

fn action(folder: &Path, deny: &str) -> (Output, String) {
    let summary = folder.join("summary.md");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/action.sh");
    let out = Command::new("bash")
        .arg(script)
        .current_dir(folder)
        .env("HABENDUM", env!("CARGO_BIN_EXE_habendum"))
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("DEAL", "supply")
        .env("BASE", "HEAD")
        .env("DENY", deny)
        .env("FAIL_LEVEL", "warning")
        .output()
        .unwrap();
    (out, std::fs::read_to_string(summary).unwrap())
}

#[test]
fn a_denied_change_is_annotated_summed_up_and_fails() {
    let folder = repository(&BEFORE.replace("10_000", "8_000"));
    let (out, summary) = action(folder.path(), "newly-breached");
    let text = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(text.contains("::error file=supply/deal.term"), "{text}");
    assert!(summary.contains("### Contract check") && summary.contains("newly-breached"), "{summary}");
}

#[test]
fn a_change_that_is_not_denied_passes() {
    let folder = repository(&BEFORE.replace("10_000", "8_000"));
    let (out, summary) = action(folder.path(), "owed-more");
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    assert!(summary.contains("newly-breached"), "{summary}");
}

#[test]
fn another_wording_is_equivalent() {
    let folder = repository(
        &BEFORE.replace("where amount is more than 10_000 EUR", "where 10_000 EUR is less than amount"),
    );
    let (out, summary) = action(folder.path(), "");
    assert_eq!(out.status.code(), Some(0), "{}{summary}", String::from_utf8_lossy(&out.stdout));
    assert!(summary.contains("equivalent, proved"), "{summary}");
}

#[test]
fn a_fault_of_the_deal_fails_with_its_place() {
    let folder = repository(&BEFORE.replace("Shop must not", "Shp must not"));
    let (out, _) = action(folder.path(), "none");
    let text = String::from_utf8(out.stdout).unwrap();
    assert_ne!(out.status.code(), Some(0));
    assert!(text.contains("supply/deal.term"), "{text}");
}
