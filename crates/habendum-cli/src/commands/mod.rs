//! One file a command: arguments in, exit code out.

pub mod check;
pub mod completions;
pub mod diff;
pub mod dump;
pub mod eval;
pub mod explain;
pub mod explain_plan;
pub mod man;
pub mod new;
pub mod sample;
pub mod schema;
pub mod show;
pub mod summary;
pub mod test;
pub mod verify_receipt;

use crate::args::{Figures, Values};
use crate::term::{self, Exit, Style};
use habendum::Date;
use habendum::pipeline::{Error, Prepared, Wants};
use std::collections::BTreeMap;

/// A day given on the command line.
pub(crate) fn day(flag: &str, text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{flag} {text}: not a date; write year-month-day, such as 2026-06-01"))
}

/// The values that a user gave, in the facade's terms.
pub(crate) fn wants(v: &Values, config_schedules: bool) -> Result<Wants, String> {
    Ok(Wants { readings: v.readings.clone(), config_schedules, ..figures(&v.figures)? })
}

/// The figures that a user gave over the schedules of the deal's configuration, in the facade's terms.
pub(crate) fn figures(f: &Figures) -> Result<Wants, String> {
    Ok(Wants {
        schedules: f.schedules.clone(),
        set: f.set.clone(),
        readings: Vec::new(),
        known_as_of: f.known_as_of.as_deref().map(|d| day("--known-as-of", d)).transpose()?,
        config_schedules: true,
    })
}

/// Ends a command that cannot go on: faults of the deal are shown in full, then the exit code is 2.
pub(crate) fn stop(e: Error) -> Result<Exit, String> {
    match e {
        Error::Input(e) => Err(e.to_string()),
        Error::Faults(f) => {
            let style = Style::stderr();
            term::message(habendum::render(&f.diagnostics, &f.sources, style.is_coloured()).trim_end());
            let n = f.diagnostics.len();
            Err(format!("the deal has {n} error{}", if n == 1 { "" } else { "s" }))
        }
    }
}

/// `§ 3.1 License to OpenAI IP` for each clause of a deal, by id.
pub(crate) fn prepared_titles(p: &Prepared) -> BTreeMap<String, String> {
    let symbols = &p.names.symbols;
    p.titles
        .order(symbols)
        .into_iter()
        .filter_map(|id| p.titles.get(id).map(|t| (id, t)))
        .map(|(id, t)| {
            let number = t.number.as_ref().map(|n| format!("§ {n}"));
            let parts: Vec<String> = number.into_iter().chain(t.title.clone()).collect();
            (symbols.clause_name(id).to_owned(), parts.join(" "))
        })
        .collect()
}
