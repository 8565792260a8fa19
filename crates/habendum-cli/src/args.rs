//! The arguments of every command. Invariant: what a flag means is said here once; help, completions and man pages come
//! from the same text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Contracts that can be checked and computed.
#[derive(Debug, Parser)]
#[command(
    name = "habendum",
    version,
    about = "Contracts that can be checked and computed",
    after_help = "Exit codes: 0 clean, 1 findings, 2 usage, configuration or input, 3 inconclusive.\n\
                  A DEAL is a folder of .term files, one .term file, or - for standard input.",
    propagate_version = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find faults: syntax, names, types, amendments, scenarios, properties.
    Check(Check),
    /// Judge a stream of events: outcomes, breaches, amounts.
    Eval(Eval),
    /// Run the scenarios and properties of a deal.
    Test(Test),
    /// Make a deal to start from.
    New(New),
    /// Explain a code such as C003.
    Explain(Explain),
    /// Print the syntax trees of a deal, for tools.
    #[command(hide = true)]
    Dump(Dump),
    /// Print the JSON Schemas of outputs.
    Schema(Schema),
    /// Print completions for a shell.
    Completions(Completions),
    /// Print the manual page.
    Man(Man),
}

/// Values for a deal's open parameters.
#[derive(Clone, Debug, Default, Args)]
pub struct Values {
    /// Apply a schedule of the deal (or a .term file that holds one); repeatable, later ones win.
    #[arg(long = "schedule", value_name = "ID|FILE")]
    pub schedules: Vec<String>,
    /// Bind a parameter: `--set share_cap="100 USD"`; repeatable, wins over schedules.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Choose a reading: `--reading azure-first=parties`; repeatable.
    #[arg(long = "reading", value_name = "CLAUSE=NAME")]
    pub readings: Vec<String>,
    /// Leave out amendments signed after this day.
    #[arg(long, value_name = "DATE")]
    pub known_as_of: Option<String>,
}

/// `habendum check`
#[derive(Debug, Args)]
pub struct Check {
    /// The deal.
    pub deal: String,
    /// Format, and file: human, concise, json, sarif, junit, github; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
    #[command(flatten)]
    pub values: Values,
    /// Least severity that makes the exit code 1 [default: warning].
    #[arg(long, value_name = "LEVEL")]
    pub fail_level: Option<FailLevel>,
    /// Do not run scenarios and properties.
    #[arg(long)]
    pub no_scenarios: bool,
    /// The day by which waivers expire [default: today].
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// A severity that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailLevel {
    /// Anything at all.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors alone.
    Error,
}

/// `habendum eval`
#[derive(Debug, Args)]
pub struct Eval {
    /// The deal.
    pub deal: String,
    /// Event files, NDJSON or CSV, in order of time; `-` for standard input.
    #[arg(required = true, value_name = "EVENTS")]
    pub events: Vec<String>,
    /// Write what came of each event to a file that ends in .ndjson or .csv; repeatable.
    #[arg(long, value_name = "FILE")]
    pub out: Vec<String>,
    #[command(flatten)]
    pub values: Values,
    /// Let time run through this day, past the last event.
    #[arg(long, value_name = "DATE")]
    pub clock: Option<String>,
    /// Judge every event by the text in force on this day.
    #[arg(long, value_name = "DATE")]
    pub text_as_of: Option<String>,
    /// Say why a row came out as it did: clauses, exceptions, amounts step by step.
    #[arg(long, value_name = "ROW")]
    pub explain: Option<u64>,
    /// What to do with a row that cannot be taken: stop, skip, or quarantine=FILE.
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub on_bad_row: String,
    /// Format of the summary, and file: human, json; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
}

/// `habendum test`
#[derive(Debug, Args)]
pub struct Test {
    /// The deal.
    pub deal: String,
    #[command(flatten)]
    pub values: Values,
    /// Run only scenarios and properties whose title contains this.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Format, and file: human, junit, json; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
    /// Show which clauses, exceptions and bands no scenario reaches.
    #[arg(long)]
    pub coverage: bool,
}

/// `habendum new`
#[derive(Debug, Args)]
pub struct New {
    /// The folder to make; its last part names the deal.
    pub name: String,
}

/// `habendum explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The code; a list of all of them where absent.
    pub code: Option<String>,
}

/// `habendum dump`
#[derive(Debug, Args)]
pub struct Dump {
    /// The deal.
    pub deal: String,
    /// Values.
    #[command(flatten)]
    pub values: Values,
}

/// `habendum schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Which output; a list of their names where absent.
    pub name: Option<String>,
}

/// `habendum completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// `habendum man`
#[derive(Debug, Args)]
pub struct Man {
    /// The command; the page of habendum itself where absent.
    pub command: Option<String>,
}
