//! The terminal: where results and messages go, colours, tables.
//!
//! Invariant: results on standard output, everything else on standard error; a reader that closes the pipe ends the
//! program quietly; colours only where a terminal shows them and NO_COLOR is not set.

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

/// The most characters that a line of a table takes.
pub const WIDEST: usize = 120;
const NARROWEST: usize = 80;

/// Characters in a line of standard output, from 80 to 120: those of the terminal, else of `COLUMNS`, else 120.
#[must_use]
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let terminal = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    terminal.or(columns).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to find fault with.
    Clean,
    /// Findings.
    Findings,
    /// Usage, configuration or input.
    Usage,
    /// A property that could be neither proved nor disproved.
    Inconclusive,
}

impl From<Exit> for ExitCode {
    fn from(e: Exit) -> ExitCode {
        ExitCode::from(match e {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Inconclusive => 3,
        })
    }
}

/// Writes a result to standard output.
///
/// # Errors
/// Where standard output cannot be written; a closed pipe is no error.
pub fn result(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(format!("standard output: {e}")),
    }
}

/// Writes a message to standard error. That nobody reads it is no reason to fail.
pub fn message(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes an error to standard error.
pub fn error(text: &str) {
    let style = Style::stderr();
    message(&format!("{} {text}", style.red("error:")));
}

/// Whether and how to colour.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// For standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Style { colour: wanted() && std::io::stdout().is_terminal() }
    }

    /// For standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Style { colour: wanted() && std::io::stderr().is_terminal() }
    }

    /// Without colours, for files.
    #[must_use]
    pub fn plain() -> Self {
        Style { colour: false }
    }

    /// True where colours are on.
    #[must_use]
    pub fn is_coloured(self) -> bool {
        self.colour
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Bold.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Dim.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Red and bold.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// Yellow.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Green.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}
