//! `habendum verify-receipt`: a result made again from its receipt.

use super::stop;
use crate::args::VerifyReceipt;
use crate::progress::Progress;
use crate::term::{self, Exit, Style};
use habendum::verify;

/// Makes the result again. Exit code 1 where it differs.
pub fn run(a: &VerifyReceipt) -> Result<Exit, String> {
    let mut progress = Progress::new(None);
    let verified = verify::verify(&a.result, &mut |read| progress.row(read));
    progress.finish();
    let v = match verified {
        Ok(v) => v,
        Err(e) => return stop(e),
    };
    let style = Style::stdout();
    let mut text = String::new();
    for note in &v.notes {
        text.push_str(&format!("{} {note}\n", style.yellow("note:")));
    }
    if v.differences.is_empty() {
        let files = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        text.push_str(&format!(
            "verified: the run of {} over {} gives the same summary and {}\n",
            files(v.receipt.sources.len(), "source"),
            files(v.receipt.inputs.len(), "input"),
            files(v.receipt.outcomes.len(), "outcome file"),
        ));
        term::result(&text)?;
        return Ok(Exit::Clean);
    }
    for d in &v.differences {
        text.push_str(&format!("differs: {d}\n"));
    }
    term::result(&text)?;
    Ok(Exit::Findings)
}
