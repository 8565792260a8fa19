//! The printer of the norm IR: readable text, one norm a paragraph, stable from run to run.
//!
//! Data flow: [`Program`] -> `norm` (heads, terms, bodies) -> `expr` (expressions in words). Invariant: two programs that print
//! alike mean the same; what a norm holds by default is not printed.

mod expr;
mod norm;

use crate::ir::Program;
pub use expr::{Words, compare, date, length, sum_of, unit};
use habendum_syntax::ast::Period;
pub use norm::body_word;
use std::fmt::Write;

/// The program as text.
#[must_use]
pub fn print(program: &Program) -> String {
    let mut out = String::new();
    let words = Words { program, event: None, trigger: None };
    let _ = writeln!(out, "from {}  zone {}", date(&program.effective), program.zone);
    for (i, t) in program.totals.iter().enumerate() {
        let name = program.symbols.totals.get_index(i).map_or("?", |(n, _)| n.as_str());
        let own = Words { event: Some(t.on.event), ..words };
        let _ = writeln!(out, "total {name} = {} on {}", own.expr(&t.value), norm::test(&words, &t.on));
    }
    for (i, r) in program.registers.iter().enumerate() {
        let name = program.symbols.registers.get_index(i).map_or("?", |(n, _)| n.as_str());
        let first: Vec<String> = r.initially.iter().map(|v| crate::eval::show(&program.symbols, v)).collect();
        let _ = writeln!(out, "register {name} initially {}", first.join(", "));
        for (verb, list) in [("add", &r.adds), ("remove", &r.removes)] {
            for (t, f) in list {
                let field = program.symbols.event_info(t.event).fields.get_index(f.ix());
                let field = field.map_or("?", |(n, _)| n.as_str());
                let _ = writeln!(out, "  {verb} {field} on {}", norm::test(&words, t));
            }
        }
    }
    for v in &program.versions {
        let through = v.through.map(|d| format!(" through {d}")).unwrap_or_default();
        let _ = writeln!(out, "\nversion from {}{through}", date(&v.from));
        for n in &v.norms {
            norm::norm(&words, n, 1, &mut out);
        }
        for c in &v.forfeited {
            let _ = writeln!(out, "  {} struck without saving", program.symbols.clause_name(*c));
        }
    }
    out
}

/// A period as it is written.
#[must_use]
pub fn period(p: Period) -> String {
    match p {
        Period::Event => "event".into(),
        Period::Day => "day".into(),
        Period::Week => "week".into(),
        Period::Month => "month".into(),
        Period::Quarter => "quarter".into(),
        Period::Year => "year".into(),
        Period::FiscalYear => "fiscal year".into(),
        Period::ContractYear => "contract year".into(),
        Period::InTotal => "in total".into(),
        Period::Rolling(n) => format!("rolling {n} months"),
    }
}
