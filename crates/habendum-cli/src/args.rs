//! The arguments of every command. Invariant: what a flag means is said here once; help, completions and man pages come
//! from the same text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::num::{NonZeroU64, NonZeroUsize};

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
    /// Make a result again from its receipt, and compare.
    VerifyReceipt(VerifyReceipt),
    /// Run the scenarios and properties of a deal.
    Test(Test),
    /// Tell what a change of a contract really changes: outcomes and amounts, each with an example.
    Diff(Diff),
    /// Show the consolidated text, or a redline.
    Show(Show),
    /// Show the table of key terms: now, before, changed by.
    Summary(Summary),
    /// Make a valid stream of the deal's events, the same for the same seed.
    Sample(Sample),
    /// Make a deal to start from.
    New(New),
    /// Explain a code such as C003.
    Explain(Explain),
    /// Say how a deal is evaluated: what is compiled, what state has a say in, and why.
    ExplainPlan(ExplainPlan),
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

/// Figures for a deal's open parameters, and what is known of its amendments.
#[derive(Clone, Debug, Default, Args)]
pub struct Figures {
    /// Apply a schedule of the deal (or a .term file that holds one); repeatable, later ones win.
    #[arg(long = "schedule", value_name = "ID|FILE")]
    pub schedules: Vec<String>,
    /// Bind a parameter: `--set share_cap="100 USD"`; repeatable, wins over schedules.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Leave out amendments signed after this day.
    #[arg(long, value_name = "DATE")]
    pub known_as_of: Option<String>,
}

/// Values for a run: figures, and readings.
#[derive(Clone, Debug, Default, Args)]
pub struct Values {
    #[command(flatten)]
    pub figures: Figures,
    /// Choose a reading: `--reading azure-first=parties`; repeatable.
    #[arg(long = "reading", value_name = "CLAUSE=NAME")]
    pub readings: Vec<String>,
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
    /// Do not look for conflicts between clauses.
    #[arg(long)]
    pub no_conflicts: bool,
    /// Write each conflict's example to this folder, as a scenario that fails until the conflict is resolved.
    #[arg(long, value_name = "DIR")]
    pub emit_scenarios: Option<String>,
    /// The day by which waivers expire [default: today].
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// `habendum diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The deal before: a folder, a file, or git:REF:PATH.
    pub base: String,
    /// The deal after. Without it, two days of the one deal are compared.
    pub head: Option<String>,
    /// The base's text in force on this day, as if it were the only one.
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The head's text in force on this day, as if it were the only one.
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Run these events under both sides too, and tell which rows and sums differ; repeatable.
    #[arg(long, value_name = "EVENTS")]
    pub replay: Vec<String>,
    /// Kinds of change that fail the run, comma-separated [default: any]; `none` for none.
    #[arg(long, value_name = "KINDS")]
    pub deny: Vec<String>,
    /// Format, and file: human, json, sarif, markdown, github; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
    #[command(flatten)]
    pub values: Values,
    /// Apply the schedules that `habendum.toml` names; otherwise open parameters stay open.
    #[arg(long)]
    pub config_schedules: bool,
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
    /// Event files or patterns, in order of time; `-` for standard input. NDJSON, CSV, Parquet or Arrow IPC, plain or
    /// compressed with gzip or zstd.
    #[arg(required = true, value_name = "EVENTS")]
    pub events: Vec<String>,
    /// Write what came of each event to a file that ends in .ndjson, .csv, .parquet, .arrow or .arrows; repeatable.
    #[arg(long, value_name = "FILE")]
    pub out: Vec<String>,
    /// The format of --out, whatever the names end in.
    #[arg(long, value_name = "FORMAT")]
    pub out_format: Option<TableFormat>,
    /// What to do with a field that the kind of its row does not have.
    #[arg(long, value_name = "WHAT", default_value = "error")]
    pub unknown_fields: UnknownFields,
    /// What whole numbers in Parquet and Arrow columns of money count.
    #[arg(long, value_name = "UNIT", default_value = "major")]
    pub money_unit: Unit,
    #[command(flatten)]
    pub values: Values,
    /// Let time run through this day, past the last event.
    #[arg(long, value_name = "DATE")]
    pub clock: Option<String>,
    /// Judge every event by the text in force on this day.
    #[arg(long, value_name = "DATE")]
    pub text_as_of: Option<String>,
    /// Say why a row came out as it did, or what a day brought: clauses, exceptions, amounts step by step.
    #[arg(long, value_name = "ROW|[CLAUSE@]DATE")]
    pub explain: Option<String>,
    /// What to do with a row that cannot be taken: stop, skip, or quarantine=FILE.
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub on_bad_row: String,
    /// What to do with a row that comes after one of a later day: stop, skip, or quarantine=FILE [default: as --on-bad-row].
    #[arg(long, value_name = "WHAT")]
    pub on_late: Option<String>,
    /// Leave out a row whose kind and fields of these names are those of an earlier one: `--dedupe order_id`.
    #[arg(long, value_name = "FIELD[,FIELD]")]
    pub dedupe: Option<String>,
    /// How many of the last distinct rows --dedupe remembers [default: 1000000].
    #[arg(long, value_name = "N", requires = "dedupe")]
    pub dedupe_window: Option<usize>,
    /// Keep the state in this file: a run that is cut off, or that ends, goes on from there with the next.
    #[arg(long, value_name = "FILE")]
    pub state: Option<String>,
    /// Save the state after every so many rows [default: every five seconds].
    #[arg(long, value_name = "ROWS", requires = "state")]
    pub save_every: Option<NonZeroU64>,
    /// Wait for more at the end of the last file, or of standard input, until interrupted; outcomes are seen at once.
    #[arg(long)]
    pub follow: bool,
    /// With 2, rows are read on a thread of their own; the results are the same.
    #[arg(long, value_name = "N", default_value = "1")]
    pub threads: NonZeroUsize,
    /// What judges rows: kernel (compiled code, and the state machine where state has a say), or interpreter (the state machine
    /// alone); the results are the same.
    #[arg(long, value_name = "ENGINE", default_value = "kernel", hide = true)]
    pub engine: Engine,
    /// Format of the summary, and file: human, json; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
}

/// What judges rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Compiled code, and the state machine where state has a say.
    Kernel,
    /// The state machine alone.
    Interpreter,
}

/// `habendum verify-receipt`
#[derive(Debug, Args)]
pub struct VerifyReceipt {
    /// The summary of a run, as `habendum eval --output json=FILE` writes it. Files are sought where the run sought them.
    pub result: String,
}

/// A format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// One JSON object a line.
    Ndjson,
    /// A header, then a record a line.
    Csv,
    /// Parquet.
    Parquet,
    /// Arrow IPC, as a file.
    Arrow,
    /// Arrow IPC, as a stream.
    Arrows,
}

/// What to do with a field that is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnknownFields {
    /// The row, or the file's header, is at fault.
    Error,
    /// It is left unread.
    Ignore,
}

/// What a whole number of money counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// 12 is 12.00, as in NDJSON and CSV.
    Major,
    /// 1200 is 12.00.
    Minor,
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

/// `habendum show`
#[derive(Debug, Args)]
pub struct Show {
    /// The deal.
    pub deal: String,
    /// The text in force on this day [default: the last version, even where its first day is open].
    #[arg(long, value_name = "DATE", conflicts_with = "redline")]
    pub text_as_of: Option<String>,
    /// What changed from the text of one day to that of another; `base` and `last` name the first and the last text.
    #[arg(long, value_name = "FROM..TO")]
    pub redline: Option<String>,
    #[command(flatten)]
    pub figures: Figures,
    /// Format, and file: human, markdown, html; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
}

/// `habendum explain-plan`
#[derive(Debug, Args)]
pub struct ExplainPlan {
    /// The deal.
    pub deal: String,
    #[command(flatten)]
    pub values: Values,
    /// Print the intermediate code given to the compiler, and the instructions that came of it.
    #[arg(long)]
    pub listing: bool,
}

/// `habendum summary`
#[derive(Debug, Args)]
pub struct Summary {
    /// The deal.
    pub deal: String,
    /// The earlier text: that of this day [default: the agreement as it began].
    #[arg(long, value_name = "DATE")]
    pub before: Option<String>,
    /// The later text: that of this day [default: the last version, even where its first day is open].
    #[arg(long, value_name = "DATE")]
    pub text_as_of: Option<String>,
    #[command(flatten)]
    pub figures: Figures,
    /// Format, and file: human, json, markdown; repeatable.
    #[arg(long = "output", value_name = "FORMAT[=FILE]")]
    pub output: Vec<String>,
}

/// `habendum sample`
#[derive(Debug, Args)]
pub struct Sample {
    /// The deal.
    pub deal: String,
    /// How many rows.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub rows: u64,
    /// The same seed gives the same stream.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The part of the rows that are to be breaches, from 0 to 1, such as 0.05 [default: left to chance].
    #[arg(long, value_name = "P")]
    pub breach_rate: Option<String>,
    /// First day [default: that of the agreement].
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day [default: the latest end that the deal states, else five years on].
    #[arg(long, value_name = "DATE")]
    pub through: Option<String>,
    /// Write to this file, which ends in .ndjson, .csv, .parquet, .arrow or .arrows [default: standard output, as NDJSON].
    #[arg(long, value_name = "FILE")]
    pub out: Option<String>,
    #[command(flatten)]
    pub values: Values,
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
