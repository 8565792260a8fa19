//! The solver against Z3: more than ten thousand random questions of deals, and not one disagreement.
//!
//! Runs where `HABENDUM_Z3` names a `z3` binary (the PyPI wheel `z3-solver` holds one). The questions are printed as
//! SMT-LIB from the formulas themselves; nothing of the solver's encoding is used. One process answers all of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop, and says whether it was skipped"
)]

mod queries;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use habendum_check::solver::{Answer, Formula, IntVar, Linear, Objective};
use queries::{Query, query};

/// Of these, Z3 must settle at least [`ANSWERED`]; where it gives up within its time nothing can be compared.
const QUERIES: u64 = 10_500;
const ANSWERED: u64 = 10_000;

struct Z3 {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Z3 {
    fn start(binary: &str) -> Z3 {
        let mut child = Command::new(binary)
            .args(["-in", "-smt2"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Z3 { child, input, output }
    }

    /// The answer to one script that ends in one `check-sat`.
    fn ask(&mut self, script: &str) -> String {
        self.input.write_all(script.as_bytes()).unwrap();
        self.input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Z3 {
    fn drop(&mut self) {
        let _ = self.input.write_all(b"(exit)\n");
        let _ = self.child.wait();
    }
}

fn number(value: i128) -> String {
    if value < 0 { format!("(- {})", value.unsigned_abs()) } else { value.to_string() }
}

fn linear(sum: &Linear) -> String {
    let mut text = format!("(+ 0 {}", number(sum.constant));
    for (unknown, factor) in &sum.terms {
        write!(text, " (* {} x{})", number(*factor), unknown.0).unwrap();
    }
    text + ")"
}

fn smt(formula: &Formula) -> String {
    match formula {
        Formula::Const(value) => value.to_string(),
        Formula::Bool(unknown) => format!("b{}", unknown.0),
        Formula::AtMostZero(sum) => format!("(<= {} 0)", linear(sum)),
        Formula::Zero(sum) => format!("(= {} 0)", linear(sum)),
        Formula::Not(inner) => format!("(not {})", smt(inner)),
        Formula::And(parts) => format!("(and true {})", parts.iter().map(smt).collect::<Vec<_>>().join(" ")),
        Formula::Or(parts) => format!("(or false {})", parts.iter().map(smt).collect::<Vec<_>>().join(" ")),
    }
}

fn script(query: &Query, more: &str) -> String {
    let mut text = String::from("(reset)\n(set-option :timeout 500)\n(set-logic QF_LIA)\n");
    for place in 0..query.booleans {
        writeln!(text, "(declare-const b{place} Bool)").unwrap();
    }
    for (place, (low, high)) in query.ranges.iter().enumerate() {
        let (low, high) = (number(i128::from(*low)), number(i128::from(*high)));
        writeln!(text, "(declare-const x{place} Int)\n(assert (<= {low} x{place} {high}))").unwrap();
    }
    for part in &query.parts {
        writeln!(text, "(assert {})", smt(part)).unwrap();
    }
    text + more + "(check-sat)\n"
}

#[test]
fn ten_thousand_questions_without_a_disagreement() {
    let Ok(binary) = std::env::var("HABENDUM_Z3") else {
        println!("skipped: HABENDUM_Z3 names no z3 binary");
        return;
    };
    let mut z3 = Z3::start(&binary);
    let (mut sat, mut unsat, mut silent, mut minima) = (0_u64, 0_u64, 0_u64, 0_u64);
    for number in 0..QUERIES {
        let query = query(number);
        let mut solver = query.declare();
        query.parts.iter().for_each(|part| solver.assert(part.clone()));
        let ours = match solver.solve() {
            Answer::Sat(_) => "sat",
            Answer::Unsat => "unsat",
            Answer::Unknown(why) => format!("question {number} is unknown: {why}").leak(),
        };
        let theirs = z3.ask(&script(&query, ""));
        match theirs.as_str() {
            "unknown" | "timeout" => silent += 1,
            verdict => assert_eq!(ours, verdict, "question {number}: {}", script(&query, "")),
        }
        match ours {
            "sat" => sat += 1,
            _ => unsat += 1,
        }
        // Of some, the minimum too: Z3 agrees that nothing less is possible.
        if ours == "sat" && number % 10 == 3 {
            let unknown = IntVar((query.ranges.len() - 1) as u32);
            let model = solver.minimise(&[Objective::Int(unknown)]).model().unwrap();
            assert!(model.is_minimal(), "question {number}");
            let least = self::number(i128::from(model.int(unknown)));
            let less = format!("(assert (< x{} {least}))\n", unknown.0);
            let theirs = z3.ask(&script(&query, &less));
            assert!(
                theirs == "unsat" || theirs == "unknown",
                "question {number}: less than {least} is {theirs}"
            );
            minima += u64::from(theirs == "unsat");
        }
    }
    println!("{sat} sat, {unsat} unsat, {silent} not settled by z3; {minima} minima confirmed");
    assert!(sat + unsat - silent >= ANSWERED);
    // A set of questions with one answer would compare nothing.
    assert!(sat * 5 > QUERIES && unsat * 5 > QUERIES && minima > 100);
}
