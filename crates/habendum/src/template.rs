//! A deal to start from: small, complete, with a scenario and a stream, so that the first thing a newcomer runs works.
//!
//! Invariant: what is made checks clean, tests green and evaluates; a test holds it to that.

use crate::error::InputError;
use std::path::Path;

const DEAL: &str = include_str!("template/deal.term");
const SCENARIOS: &str = include_str!("template/scenarios.term");
const EVENTS: &str = include_str!("template/events.ndjson");
const README: &str = include_str!("template/README.md");

/// Makes a folder with a deal named after it; returns the files made.
///
/// # Errors
/// A folder that exists and is not empty; a name that no identifier can be made of; a disk that refuses.
pub fn create(folder: &str) -> Result<Vec<String>, InputError> {
    let path = Path::new(folder);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let id = identifier(&name).ok_or_else(|| {
        InputError::new(format!("no deal can be named `{name}`"))
            .help("use letters, digits and hyphens: my-deal")
    })?;
    let taken = std::fs::read_dir(path).is_ok_and(|mut d| d.next().is_some());
    if taken || path.is_file() {
        return Err(InputError::at(folder, "already exists and is not empty"));
    }
    let fail = |e: std::io::Error| InputError::at(folder, format!("cannot be made: {e}"));
    std::fs::create_dir_all(path).map_err(fail)?;
    let mut made = Vec::new();
    for (file, text) in
        [("deal.term", DEAL), ("scenarios.term", SCENARIOS), ("events.ndjson", EVENTS), ("README.md", README)]
    {
        let target = path.join(file);
        std::fs::write(&target, text.replace("DEAL_ID", &id).replace("DEAL_NAME", &name)).map_err(fail)?;
        made.push(target.to_string_lossy().replace('\\', "/"));
    }
    Ok(made)
}

/// Lower-case letters, digits and hyphens, beginning with a letter.
fn identifier(name: &str) -> Option<String> {
    let mut id = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.ends_with('-') && !id.is_empty() {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-').to_owned();
    id.starts_with(|c: char| c.is_ascii_lowercase()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn identifiers() {
        assert_eq!(identifier("My Deal 2").as_deref(), Some("my-deal-2"));
        assert_eq!(identifier("2-deal"), None);
        assert_eq!(identifier("--"), None);
    }
}
