//! Which files a list of names and patterns means. Invariant: a pattern that matches nothing is an error, and what it
//! matches comes in the order of names.

use crate::error::InputError;

/// The files that names and patterns (`*`, `?`, `[...]`, `**`) mean. A file that exists by its very name is no pattern.
///
/// # Errors
/// A pattern that matches nothing, or that is none.
pub fn files(given: &[String]) -> Result<Vec<String>, InputError> {
    let mut found = Vec::with_capacity(given.len());
    for name in given {
        if name == "-" || !name.contains(['*', '?', '[']) || std::path::Path::new(name).exists() {
            found.push(name.clone());
            continue;
        }
        let matches = glob::glob(name).map_err(|e| InputError::at(name, format!("no pattern: {}", e.msg)))?;
        let before = found.len();
        for m in matches {
            let path = m.map_err(|e| InputError::at(e.path().display().to_string(), e.to_string()))?;
            if path.is_file() {
                found.push(path.display().to_string());
            }
        }
        if found.len() == before {
            return Err(InputError::at(name, "no file has a name of this pattern"));
        }
        found[before..].sort();
    }
    if found.iter().filter(|f| *f == "-").count() > 1 {
        return Err(InputError::new("standard input can be read once: `-` stands twice"));
    }
    Ok(found)
}
