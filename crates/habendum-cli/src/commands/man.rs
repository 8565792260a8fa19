//! `habendum man`: the manual, in roff.

use crate::args::{Cli, Man};
use crate::term::{self, Exit};
use clap::CommandFactory;

/// Prints the page of the program or of one command.
pub fn run(a: &Man) -> Result<Exit, String> {
    let mut root = Cli::command();
    root.build();
    let command = match &a.command {
        None => root,
        Some(name) => root
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| format!("no command `{name}`; `habendum --help` lists them"))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).map_err(|e| e.to_string())?;
    term::result(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}
