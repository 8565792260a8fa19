//! `habendum explain-plan`: how a deal is evaluated.

use super::{stop, wants};
use crate::args::ExplainPlan;
use crate::table::{Align, Table};
use crate::term::{self, Exit};
use habendum::pipeline;
use habendum::plan::{How, Plan, Question, plan};
use std::fmt::Write;

/// Prints the plan.
pub fn run(a: &ExplainPlan) -> Result<Exit, String> {
    let wants = wants(&a.values, true)?;
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let made = opened.choices(&wants).and_then(|c| plan(&opened, &c, a.listing));
    match made {
        Ok(p) => {
            term::result(&text(&p))?;
            Ok(Exit::Clean)
        }
        Err(e) => stop(e),
    }
}

fn text(p: &Plan) -> String {
    let mut out = format!("{}\n", p.agreement);
    let all = || p.sentences.iter().flat_map(|s| &s.questions).chain(&p.others);
    let count = |how: How| all().filter(|q| q.how == how).count();
    let by = match p.code {
        Some(bytes) => format!("{bytes} bytes of machine code"),
        None => "tables: no code can be made on this machine".to_owned(),
    };
    let _ = writeln!(
        out,
        "  {} questions to an event: {} compiled, {} stateful, {} that ask the state\n  answered by {by}\n",
        all().count(),
        count(How::Compiled),
        count(How::Stateful),
        count(How::Asks),
    );
    columns(p, &mut out);
    let mut table = Table::new(&[
        ("bit", Align::Right),
        ("question", Align::Left),
        ("of", Align::Left),
        ("answer", Align::Left),
        ("reads", Align::Left),
        ("because", Align::Left),
    ]);
    for s in &p.sentences {
        s.questions.iter().for_each(|q| table.row(row(q)));
        if let Some(why) = s.silent {
            let cells = ["", &s.clause, "", "none", "", why];
            table.row(cells.map(str::to_owned).to_vec());
        }
    }
    p.others.iter().for_each(|q| table.row(row(q)));
    for line in table.lines() {
        let _ = writeln!(out, "{line}");
    }
    for (i, l) in p.listings.iter().enumerate() {
        let _ = writeln!(
            out,
            "\nfunction {i}, as given to the compiler:\n{}\nand as machine code:\n{}",
            l.ir, l.code
        );
    }
    out
}

fn row(q: &Question) -> Vec<String> {
    let mut why = q.why.clone();
    why.extend(q.derived.iter().map(|d| format!("once per distinct value: {d}")));
    vec![
        q.bit.to_string(),
        q.words.clone(),
        q.kinds.join(", "),
        q.how.word().to_owned(),
        q.columns.join(", "),
        why.join("; "),
    ]
}

fn columns(p: &Plan, out: &mut String) {
    let bytes: usize = p.columns.iter().map(|c| c.bytes).sum();
    let _ = writeln!(out, "{} columns, {bytes} bytes a row", p.columns.len());
    let mut table = Table::new(&[("column", Align::Left), ("holds", Align::Left), ("bytes", Align::Right)]);
    for c in &p.columns {
        table.row(vec![c.name.clone(), c.holds.to_owned(), c.bytes.to_string()]);
    }
    for line in table.lines() {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
}
