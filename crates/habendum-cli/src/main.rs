//! The command `habendum`: arguments, files, terminal.
//!
//! Data flow: arguments -> one file per command under `commands` -> the facade -> text on standard output.
//! Invariant: no pass is written here; this crate reads arguments, renders data and picks exit codes.

mod args;
mod commands;
mod output;
mod progress;
mod report_text;
mod table;
mod term;

use args::{Cli, Command};
use clap::Parser;
use clap::error::ErrorKind;
use std::process::ExitCode;
use term::Exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let asked = matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // A reader that closed the pipe has seen enough.
            let _ = e.print();
            return if asked { Exit::Clean } else { Exit::Usage }.into();
        }
    };
    match run(cli.command) {
        Ok(exit) => exit.into(),
        Err(e) => {
            term::error(&e);
            Exit::Usage.into()
        }
    }
}

/// Runs a command. An error is one of usage, configuration or input.
fn run(command: Command) -> Result<Exit, String> {
    match command {
        Command::Check(a) => commands::check::run(&a),
        Command::Eval(a) => commands::eval::run(&a),
        Command::VerifyReceipt(a) => commands::verify_receipt::run(&a),
        Command::Test(a) => commands::test::run(&a),
        Command::Show(a) => commands::show::run(&a),
        Command::Summary(a) => commands::summary::run(&a),
        Command::Sample(a) => commands::sample::run(&a),
        Command::New(a) => commands::new::run(&a),
        Command::Explain(a) => commands::explain::run(&a),
        Command::ExplainPlan(a) => commands::explain_plan::run(&a),
        Command::Diff(a) => commands::diff::run(&a),
        Command::Dump(a) => commands::dump::run(&a),
        Command::Schema(a) => commands::schema::run(&a),
        Command::Completions(a) => commands::completions::run(&a),
        Command::Man(a) => commands::man::run(&a),
    }
}
