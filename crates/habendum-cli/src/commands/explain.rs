//! `habendum explain`: the page of a code.

use crate::args::Explain;
use crate::term::{self, Exit};
use habendum::error::nearest;
use habendum::explain;

/// Prints the page, or the list of codes.
pub fn run(a: &Explain) -> Result<Exit, String> {
    let Some(code) = &a.code else {
        let list: String = explain::pages().map(|p| format!("{}  {}\n", p.code, p.title)).collect();
        term::result(&list)?;
        return Ok(Exit::Clean);
    };
    match explain::page(code) {
        Some(p) => {
            term::result(p.text)?;
            Ok(Exit::Clean)
        }
        None => {
            let near = nearest(code, explain::pages().map(|p| p.code))
                .map(|n| format!("; did you mean {n}?"))
                .unwrap_or_default();
            Err(format!("no code `{code}`{near} (`habendum explain` lists all of them)"))
        }
    }
}
