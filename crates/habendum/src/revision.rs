//! A deal at a git revision: `git:REF:PATH`.
//!
//! Data flow: `git ls-tree` and `git show` -> the same [`Loaded`] as from disk. Invariant: nothing is checked out; the
//! working tree and the index stay as they are.

use crate::config::{self, Config};
use crate::error::InputError;
use crate::load::{CONFIG, Loaded, empty, text};
use habendum_syntax::Sources;
use std::process::Command;

/// Reads a deal at a revision. `at` is `REF:PATH`, the path from the current folder.
///
/// # Errors
/// No git, no such revision or path; otherwise as [`crate::load::load`].
pub(crate) fn load(name: &str, at: &str) -> Result<Loaded, InputError> {
    let Some((reference, path)) = at.split_once(':') else {
        return Err(InputError::at(name, "wanted git:REF:PATH, such as git:main:contracts/lease"));
    };
    if reference.is_empty() || reference.starts_with('-') {
        return Err(InputError::at(name, "wanted a revision between the colons: git:REF:PATH"));
    }
    let path = if path.is_empty() { "." } else { path.trim_end_matches('/') };
    let listed = git(name, &["ls-tree", "-r", "-z", "--name-only", reference, "--", path])?;
    let listed = text(name, listed)?;
    let mut files: Vec<&str> = listed.split('\0').filter(|f| f.ends_with(".term") && !hidden(f)).collect();
    files.sort_unstable();
    if files.is_empty() {
        return Err(InputError::at(name, "no `.term` file there at that revision"));
    }
    let mut sources = Sources::default();
    for f in &files {
        let bytes = git(name, &["show", &format!("{reference}:./{f}")])?;
        let shown = format!("{reference}:{f}");
        sources.add(shown.clone(), text(&shown, bytes)?);
    }
    let mut config = Config::default();
    let toml = format!("{path}/{CONFIG}");
    if listed.split('\0').any(|f| f == toml || format!("./{f}") == toml) {
        let bytes = git(name, &["show", &format!("{reference}:./{toml}")])?;
        config = config::parse(&format!("{reference}:{toml}"), &text(&toml, bytes)?)?;
    }
    if sources.iter().all(|(_, s)| s.text.trim().is_empty()) {
        return Err(empty(name));
    }
    Ok(Loaded { name: name.to_owned(), sources, config })
}

fn hidden(file: &str) -> bool {
    file.split('/').any(|part| part.starts_with('.') && part != "." && part != "..")
}

fn git(name: &str, args: &[&str]) -> Result<Vec<u8>, InputError> {
    let out = Command::new("git")
        .args(args)
        .output()
        .map_err(|e| InputError::at(name, format!("git cannot be run: {e}")))?;
    if out.status.success() {
        return Ok(out.stdout);
    }
    let said = String::from_utf8_lossy(&out.stderr);
    let first = said.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ").to_owned();
    Err(InputError::at(name, first))
}
