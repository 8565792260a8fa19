//! From a path to sources: a deal folder, one file, or standard input.
//!
//! Data flow: path -> sorted `.term` files -> [`Loaded`]. Invariant: files stand in sorted order of their paths, so
//! that every later pass is deterministic; this is the one place of the facade that reads a deal from disk.

use crate::config::{self, Config};
use crate::error::InputError;
use habendum_syntax::Sources;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name of the configuration in a deal folder.
pub const CONFIG: &str = "habendum.toml";

/// The sources of a deal as read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The path as asked for.
    pub name: String,
    /// Texts, with names as shown to people.
    pub sources: Sources,
    /// The configuration; the default where the deal has none.
    pub config: Config,
}

/// Reads a deal: a folder, a `.term` file, `git:REF:PATH` for either at a revision, or `-` for standard input.
///
/// # Errors
/// A path that is missing or unreadable, a folder without `.term` files, a text that is empty or not UTF-8, a faulty
/// `habendum.toml`.
pub fn load(path: &str) -> Result<Loaded, InputError> {
    let mut sources = Sources::default();
    if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| InputError::at("<stdin>", format!("cannot be read: {e}")))?;
        sources.add("<stdin>", text("<stdin>", bytes)?);
        return Ok(Loaded { name: "-".to_owned(), sources, config: Config::default() });
    }
    if let Some(at) = path.strip_prefix("git:") {
        return crate::revision::load(path, at);
    }
    let root = Path::new(path);
    let meta = std::fs::metadata(root).map_err(|e| missing(path, &e))?;
    let mut config = Config::default();
    if meta.is_dir() {
        let mut files = Vec::new();
        discover(root, &mut files)?;
        if files.is_empty() {
            return Err(InputError::at(path, "no `.term` file in this folder or below it")
                .help("a deal is a folder of .term files; `habendum new NAME` makes one"));
        }
        for file in &files {
            let name = shown(file);
            sources.add(name.clone(), text(&name, read(file)?)?);
        }
        let toml = root.join(CONFIG);
        if toml.is_file() {
            let name = shown(&toml);
            config = config::parse(&name, &utf8(&name, read(&toml)?)?)?;
        }
    } else {
        sources.add(shown(root), text(path, read(root)?)?);
    }
    if sources.iter().all(|(_, s)| s.text.trim().is_empty()) {
        return Err(empty(path));
    }
    Ok(Loaded { name: path.to_owned(), sources, config })
}

pub(crate) fn empty(path: &str) -> InputError {
    InputError::at(path, "the file is empty: a deal has at least an `agreement`")
        .help("`habendum new NAME` makes a deal to start from")
}

fn missing(path: &str, e: &std::io::Error) -> InputError {
    if e.kind() == std::io::ErrorKind::NotFound {
        InputError::at(path, "no such file or folder")
            .help("name a deal folder, a .term file, or - for standard input")
    } else {
        InputError::at(path, format!("cannot be read: {e}"))
    }
}

/// The path with `/` between its parts on every system, so that outputs compare equal.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Every `.term` file below a folder, in sorted order; hidden folders and links to folders are left out.
fn discover(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), InputError> {
    let entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| InputError::at(shown(folder), format!("cannot be read: {e}")))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            discover(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "term") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, InputError> {
    std::fs::read(path).map_err(|e| missing(&shown(path), &e))
}

/// The text of a source: UTF-8, without a byte-order mark, within the 4 GiB that spans can point into.
pub(crate) fn text(name: &str, bytes: Vec<u8>) -> Result<String, InputError> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(InputError::at(name, "the file is larger than 4 GiB"));
    }
    let text = utf8(name, bytes)?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Bytes as UTF-8.
///
/// # Errors
/// With the line and the offset of the first byte that is not.
fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, InputError> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let byte = e.as_bytes().get(at).copied().unwrap_or(0);
        InputError::at(format!("{name}:{line}"), format!("not UTF-8: byte 0x{byte:02X} at offset {at}"))
            .help("save the file as UTF-8")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]
    use super::*;

    #[test]
    fn finds_files_below_in_sorted_order() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        for f in ["c.term", "a.term", "b/z.term", ".git/x.term", "notes.md"] {
            std::fs::write(dir.path().join(f), "unit MWh").unwrap();
        }
        let l = load(dir.path().to_str().unwrap()).unwrap();
        let names: Vec<_> =
            l.sources.iter().map(|(_, s)| s.name.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.term", "z.term", "c.term"]);
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let f = dir.path().join("x.term");
        std::fs::write(&f, b"unit MWh\nunit \xFF").unwrap();
        let e = load(f.to_str().unwrap()).unwrap_err();
        assert!(e.place.unwrap().ends_with("x.term:2"), "line 2");
        assert!(e.message.contains("0xFF at offset 14"), "{}", e.message);
    }

    #[test]
    fn empty_and_missing_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_str().unwrap().to_owned();
        assert!(load(&path).unwrap_err().message.contains("no `.term` file"));
        let f = dir.path().join("x.term");
        std::fs::write(&f, " \n").unwrap();
        assert!(load(f.to_str().unwrap()).unwrap_err().message.contains("empty"));
        assert!(load(&format!("{path}/none")).unwrap_err().message.contains("no such file"));
    }
}
