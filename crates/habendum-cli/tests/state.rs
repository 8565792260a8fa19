//! Runs that are killed, followed, cut short of disk, and made again: the command itself, as a process.
//!
//! `HABENDUM_KILLS=200` makes the campaign of kills longer than the build needs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where a result is missing"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DEAL: &str = r#"agreement shop "Shop" {
    parties   Shop, Owner
    effective from 2026-01-01
    currency  EUR
    zone      "UTC"
}
event Sale { by: party  amount: money  number: int }
event Report { by: party }
clause fee § 1 "Fee" { Shop pays Owner 5% of amount on each Sale cap 900 EUR per month }
clause report § 2 "Report" { Shop must Report within 3 days of Sale otherwise Shop pays Owner 1 EUR }
"#;

struct Place(TempDir);

impl Place {
    /// A deal, and a stream of so many rows.
    fn new(rows: u64) -> Self {
        let p = Place(TempDir::new().unwrap());
        fs::write(p.at("deal.term"), DEAL).unwrap();
        fs::write(p.at("events.ndjson"), stream(0, rows)).unwrap();
        p
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn eval(&self, more: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_habendum"));
        c.current_dir(self.0.path()).args(["eval", "deal.term"]).args(more).env("NO_COLOR", "1");
        c
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap()
    }

    /// A summary without the names of its files of outcomes.
    fn summary(&self, name: &str) -> serde_json::Value {
        let mut v: serde_json::Value = serde_json::from_slice(&self.read(name)).unwrap();
        v["receipt"].as_object_mut().unwrap().remove("outcomes").unwrap();
        v
    }
}

/// Rows, ten a day: nine sales and a report of every other day.
fn stream(from: u64, to: u64) -> String {
    (from..to)
        .map(|i| {
            let day = i / 10;
            let date = format!("2026-{:02}-{:02}", 1 + (day / 28) % 12, 1 + day % 28);
            if i % 20 == 9 {
                format!("{{\"kind\":\"Report\",\"date\":\"{date}\",\"by\":\"Shop\"}}\n")
            } else {
                format!(
                    "{{\"kind\":\"Sale\",\"date\":\"{date}\",\"by\":\"Shop\",\"amount\":\"{}.{:02}\",\"number\":{i}}}\n",
                    i * 7 % 400,
                    i % 100
                )
            }
        })
        .collect()
}

fn ran(c: &mut Command) -> (i32, String) {
    let out = c.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(!text.contains("panicked"), "{text}");
    (out.status.code().unwrap_or(-1), text)
}

#[test]
fn kills_lose_nothing_and_repeat_nothing() {
    let wanted: u64 = std::env::var("HABENDUM_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let p = Place::new(3300);
    let began = Instant::now();
    let whole = ["events.ndjson", "--out", "whole.ndjson", "--output", "json=whole.json"];
    assert_eq!(ran(&mut p.eval(&whole)).0, 0);
    let took = u64::try_from(began.elapsed().as_micros()).unwrap();
    let args = [
        "events.ndjson",
        "--out",
        "killed.ndjson",
        "--output",
        "json=killed.json",
        "--state",
        "state",
        "--save-every",
        "40",
        "--threads",
        "2",
    ];
    let (mut kills, mut dice, mut ended) = (0, 1_u64, 0);
    while kills < wanted {
        let _ = fs::remove_file(p.at("state"));
        loop {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut child = p.eval(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_micros((dice >> 33) % took.max(1)));
            child.kill().unwrap();
            let status = child.wait().unwrap();
            if status.success() {
                break;
            }
            kills += 1;
        }
        assert!(p.read("killed.ndjson") == p.read("whole.ndjson"), "after {kills} kills");
        assert_eq!(p.summary("killed.json"), p.summary("whole.json"), "after {kills} kills");
        ended += 1;
    }
    eprintln!("{kills} kills over {ended} runs");
    // No temporary file is left by a run that ended; a killed one may leave those of its last save.
    assert_eq!(ran(&mut p.eval(&args)).0, 0);
    assert!(p.read("killed.ndjson") == p.read("whole.ndjson"));
}

/// Waits until a file holds some words, at most so long.
fn soon(file: &str, words: &str, most: Duration) -> Duration {
    let began = Instant::now();
    loop {
        if fs::read_to_string(file).is_ok_and(|t| t.contains(words)) {
            return began.elapsed();
        }
        assert!(began.elapsed() < most, "{words} did not come within {most:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(unix)]
#[test]
fn a_growing_file_is_followed_until_an_interrupt() {
    let p = Place::new(0);
    let args =
        ["events.ndjson", "--follow", "--out", "out.ndjson", "--state", "state", "--output", "json=sum.json"];
    let child = p.eval(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = fs::OpenOptions::new().append(true).open(p.at("events.ndjson")).unwrap();
    soon(&p.at("out.ndjson"), "\"record\":\"run\"", Duration::from_secs(60));
    for n in [10, 40, 60] {
        events.write_all(stream(n, n + 9).as_bytes()).unwrap();
        let last = format!("\"date\":\"2026-01-{:02}\"", 1 + n / 10);
        let took = soon(&p.at("out.ndjson"), &last, Duration::from_secs(20));
        eprintln!("seen after {took:?}");
    }
    // Half a row is not yet a row.
    let row = stream(75, 76);
    events.write_all(&row.as_bytes()[..20]).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    events.write_all(&row.as_bytes()[20..]).unwrap();
    soon(&p.at("out.ndjson"), "\"date\":\"2026-01-08\"", Duration::from_secs(20));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let whole = ["events.ndjson", "--out", "whole.ndjson", "--output", "json=whole.json"];
    assert_eq!(ran(&mut p.eval(&whole)).0, 0);
    assert!(p.read("out.ndjson") == p.read("whole.ndjson"));
    assert_eq!(p.summary("sum.json"), p.summary("whole.json"));
}

#[test]
fn standard_input_is_followed_to_its_end() {
    let p = Place::new(0);
    let args = ["-", "--follow", "--out", "out.ndjson", "--output", "json=sum.json"];
    let mut child = p.eval(&args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    to.write_all(stream(10, 12).as_bytes()).unwrap();
    to.flush().unwrap();
    soon(&p.at("out.ndjson"), "\"row\":2", Duration::from_secs(60));
    drop(to);
    assert!(child.wait().unwrap().success());
    assert_eq!(p.summary("sum.json")["rows"]["judged"], 2);
}

/// The state as it stood, whatever the disk says: with a limit on the size of files, as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_state_intact() {
    let p = Place::new(1000);
    let short = fs::read_to_string(p.at("events.ndjson")).unwrap();
    let short: String = short.lines().take(100).map(|l| format!("{l}\n")).collect();
    let whole = p.read("events.ndjson");
    fs::write(p.at("events.ndjson"), &short).unwrap();
    let args = ["events.ndjson", "--out", "out.ndjson", "--state", "state", "--save-every", "10"];
    assert_eq!(ran(&mut p.eval(&args)).0, 0);
    let state = p.read("state");
    fs::write(p.at("events.ndjson"), &whole).unwrap();
    let blocks = p.read("out.ndjson").len() / 1024 + 2;
    // Ignored, the signal of the limit becomes an error of writing, which is what a full disk gives.
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {} eval deal.term {}",
        env!("CARGO_BIN_EXE_habendum"),
        args.join(" ")
    );
    let (code, said) = ran(Command::new("bash").args(["-c", &script]).current_dir(p.0.path()));
    assert!(code == 2 && said.contains("cannot be written"), "{code}: {said}");
    // It may have been saved with rows that fitted; what it says is true all the same.
    assert!(p.read("state").starts_with(b"HABSTATE") && !state.is_empty());
    assert_eq!(ran(&mut p.eval(&args)).0, 0);
    assert_eq!(ran(&mut p.eval(&["events.ndjson", "--out", "whole.ndjson"])).0, 0);
    assert!(p.read("out.ndjson") == p.read("whole.ndjson"));
    let nowhere = ["events.ndjson", "--state", "no/such/state"];
    let (code, said) = ran(&mut p.eval(&nowhere));
    assert!(code == 2 && said.contains("no/such/state"), "{said}");
}

fn verify(p: &Place, result: &str) -> (i32, String) {
    let mut c = Command::new(env!("CARGO_BIN_EXE_habendum"));
    ran(c.current_dir(p.0.path()).args(["verify-receipt", result]).env("NO_COLOR", "1"))
}

#[test]
fn receipts_are_verified() {
    let p = Place::new(200);
    let text =
        DEAL.replace("cap 900 EUR", "cap limit").replace("event Sale", "parameter limit: money\nevent Sale");
    fs::write(p.at("deal.term"), text).unwrap();
    let bad = "{\"kind\":\"Nothing\",\"date\":\"2027-01-01\"}\n";
    let mut rows = fs::read_to_string(p.at("events.ndjson")).unwrap();
    rows.push_str(bad);
    fs::write(p.at("events.ndjson"), &rows).unwrap();
    let args = [
        "events.ndjson",
        "--set",
        "limit=1234.50 EUR",
        "--clock",
        "2027-01-31",
        "--on-bad-row",
        "skip",
        "--dedupe",
        "number",
        "--out",
        "o.ndjson",
        "--out",
        "o.parquet",
        "--output",
        "json=sum.json",
    ];
    assert_eq!(ran(&mut p.eval(&args)).0, 0);
    let (code, said) = verify(&p, "sum.json");
    assert!(code == 0 && said.contains("verified") && said.contains("2 outcome files"), "{said}");
    // A summary that was touched.
    let own = fs::read_to_string(p.at("sum.json")).unwrap();
    let touched = own.replacen("\"accrued\": \"", "\"accrued\": \"9", 1);
    assert_ne!(own, touched);
    fs::write(p.at("touched.json"), touched).unwrap();
    let (code, said) = verify(&p, "touched.json");
    assert!(code == 1 && said.contains("differs: /readings/0/amounts/0/accrued: was \"9"), "{said}");
    // An input, then a source, that was touched; then one that is gone.
    fs::write(p.at("events.ndjson"), rows.replace("\"number\":7", "\"number\":8")).unwrap();
    let (code, said) = verify(&p, "sum.json");
    assert!(code == 1 && said.contains("differs: input events.ndjson"), "{said}");
    fs::write(p.at("events.ndjson"), &rows).unwrap();
    let deal = fs::read_to_string(p.at("deal.term")).unwrap();
    fs::write(p.at("deal.term"), deal.replace("5%", "6%")).unwrap();
    let (code, said) = verify(&p, "sum.json");
    assert!(code == 1 && said.contains("differs: source deal.term"), "{said}");
    fs::write(p.at("deal.term"), deal).unwrap();
    fs::remove_file(p.at("events.ndjson")).unwrap();
    let (code, said) = verify(&p, "sum.json");
    assert!(code == 2 && said.contains("events.ndjson"), "{said}");
    let (code, said) = verify(&p, "o.ndjson");
    assert!(code == 2 && said.contains("no summary"), "{said}");
    assert!(Path::new(&p.at("sum.json")).exists());
}
