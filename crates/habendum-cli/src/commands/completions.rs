//! `habendum completions`: what a shell needs to complete arguments.

use crate::args::{Cli, Completions};
use crate::term::{self, Exit};
use clap::CommandFactory;

/// Prints the completions of a shell.
pub fn run(a: &Completions) -> Result<Exit, String> {
    let mut text = Vec::new();
    clap_complete::generate(a.shell, &mut Cli::command(), "habendum", &mut text);
    term::result(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}
