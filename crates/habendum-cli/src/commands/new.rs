//! `habendum new`: a deal to start from.

use crate::args::New;
use crate::term::{self, Exit};
use habendum::template;

/// Makes the folder.
pub fn run(a: &New) -> Result<Exit, String> {
    let files = template::create(&a.name).map_err(|e| e.to_string())?;
    let mut text = format!("made {}\n", a.name);
    for f in files {
        text.push_str(&format!("  {f}\n"));
    }
    let shown = &a.name;
    text.push_str(&format!(
        "\nnext:\n  habendum check {shown}\n  habendum test {shown}\n  habendum eval {shown} {shown}/events.ndjson\n"
    ));
    term::result(&text)?;
    Ok(Exit::Clean)
}
