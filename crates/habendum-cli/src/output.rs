//! `--output FORMAT[=FILE]`, repeatable: which formats go where. Invariant: at most one goes to standard output, so that
//! what is printed can be parsed.

use crate::term;
use habendum::outcome_write::AtomicFile;
use std::io::Write;

/// One asked-for output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its format.
    pub format: String,
    /// Its file; standard output where absent.
    pub file: Option<String>,
}

/// The outputs asked for, or the default alone.
///
/// # Errors
/// An unknown format; two that would go to standard output.
pub fn parse(asked: &[String], known: &[&str], default: Option<&str>) -> Result<Vec<Output>, String> {
    let fallback = default.filter(|d| known.contains(d)).unwrap_or("human");
    let mut out: Vec<Output> = Vec::new();
    for a in asked {
        let (format, file) = match a.split_once('=') {
            Some((f, "")) => return Err(format!("--output {f}= names no file")),
            Some((f, file)) => (f, Some(file.to_owned())),
            None => (a.as_str(), None),
        };
        if !known.contains(&format) {
            return Err(format!("--output cannot be `{format}`; one of {}", known.join(", ")));
        }
        if file.is_none() && out.iter().any(|o| o.file.is_none()) {
            return Err(
                "two outputs go to standard output; give one of them a file: --output json=FILE".to_owned()
            );
        }
        out.push(Output { format: format.to_owned(), file });
    }
    if out.is_empty() {
        out.push(Output { format: fallback.to_owned(), file: None });
    }
    Ok(out)
}

impl Output {
    /// True where it goes to standard output.
    #[must_use]
    pub fn to_terminal(&self) -> bool {
        self.file.is_none()
    }

    /// Writes the text to where it goes.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), String> {
        match &self.file {
            None => term::result(text),
            Some(path) => {
                let mut f = AtomicFile::create(path).map_err(|e| e.to_string())?;
                f.write_all(text.as_bytes()).map_err(|e| format!("{path}: cannot be written: {e}"))?;
                f.commit().map_err(|e| e.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]
    use super::*;

    #[test]
    fn formats_and_files() {
        let asked = ["json=a.json".to_owned(), "human".to_owned()];
        let o = parse(&asked, &["human", "json"], None).unwrap();
        assert_eq!(o[0].file.as_deref(), Some("a.json"));
        assert!(o[1].to_terminal());
        assert!(parse(&["xml".to_owned()], &["human"], None).is_err());
        assert!(parse(&["json".to_owned(), "human".to_owned()], &["human", "json"], None).is_err());
        assert_eq!(parse(&[], &["human", "json"], Some("json")).unwrap()[0].format, "json");
    }
}
