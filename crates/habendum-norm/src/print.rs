//! The printer of the norm IR: readable text, one norm a paragraph, stable from run to run.

use crate::ir::Program;

/// The program as text.
#[must_use]
pub fn print(_program: &Program) -> String {
    String::new()
}

/// A period as it is written.
#[must_use]
pub fn period(p: habendum_syntax::ast::Period) -> String {
    use habendum_syntax::ast::Period;
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
