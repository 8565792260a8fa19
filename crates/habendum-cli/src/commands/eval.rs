//! `habendum eval`: a stream of events judged, outcomes to files, a summary to standard output.

use super::{day, prepared_titles, stop, wants};
use crate::args::{Engine, Eval, TableFormat, Unit, UnknownFields};
use crate::output::{self, Output};
use crate::progress::Progress;
use crate::report_text;
use crate::term::{self, Exit, Style};
use habendum::evaluate::{self, BadRows, EngineKind, Evaluation, Explain, Order};
use habendum::event_read::{Format, MoneyUnit, ReadOptions, Tail};
use habendum::pipeline;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::num::NonZeroU64;
use std::sync::Arc;

/// Judges a stream.
pub fn run(a: &Eval) -> Result<Exit, String> {
    let mut opened = pipeline::open(&a.deal, &wants(&a.values, true)?).map_err(|e| e.to_string())?;
    let default = opened.loaded.config.output.format.clone();
    let outputs = output::parse(&a.output, &["human", "json"], default.as_deref())?;
    let choices = match opened.choices(&wants(&a.values, true)?) {
        Ok(c) => c,
        Err(e) => return stop(e),
    };
    let order = Order {
        events: a.events.clone(),
        reading: ReadOptions {
            ignore_unknown: a.unknown_fields == UnknownFields::Ignore,
            money: match a.money_unit {
                Unit::Major => MoneyUnit::Major,
                Unit::Minor => MoneyUnit::Minor,
            },
        },
        out: a.out.clone(),
        out_format: a.out_format.map(format),
        clock: a.clock.as_deref().map(|d| day("--clock", d)).transpose()?,
        text_as_of: a.text_as_of.as_deref().map(|d| day("--text-as-of", d)).transpose()?,
        explain: a.explain.as_deref().map(explain).transpose()?,
        bad_rows: bad_rows("--on-bad-row", &a.on_bad_row)?,
        late_rows: a.on_late.as_deref().map(|t| bad_rows("--on-late", t)).transpose()?,
        dedupe: a.dedupe.clone(),
        dedupe_window: a.dedupe_window,
        all_readings: true,
        state: a.state.clone(),
        save_every: a.save_every.map(NonZeroU64::get),
        follow: if a.follow { Some(until_interrupted()?) } else { None },
        threads: a.threads.get(),
        engine: match a.engine {
            Engine::Kernel => EngineKind::Kernel,
            Engine::Interpreter => EngineKind::Interpreter,
        },
        batch: None,
    };
    let mut progress = Progress::new(size(&a.events));
    let evaluation = match evaluate::evaluate(&opened, &choices, &order, &mut |read| progress.row(read)) {
        Ok(e) => e,
        Err(e) => {
            progress.finish();
            return stop(e);
        }
    };
    progress.finish();
    for fault in &evaluation.bad_shown {
        term::message(&format!("{} {fault}", Style::stderr().yellow("bad row:")));
    }
    for o in &outputs {
        o.write(&text(&evaluation, o, a.explain.as_deref())?)?;
    }
    Ok(Exit::Clean)
}

fn text(e: &Evaluation, o: &Output, explain: Option<&str>) -> Result<String, String> {
    if o.format == "json" {
        return serde_json::to_string_pretty(&e.report).map(|s| s + "\n").map_err(|e| e.to_string());
    }
    let style = if o.to_terminal() { Style::stdout() } else { Style::plain() };
    let mut text = String::new();
    if let Some(asked) = explain {
        match &e.explained {
            Some(x) => text.push_str(&report_text::explained(x, style)),
            None => return Err(format!("--explain {asked}: the stream has no such row")),
        }
        text.push('\n');
    }
    text.push_str(&report_text::report(&e.report, &prepared_titles(&e.prepared), style));
    Ok(text)
}

/// `7`, `2026-12-31`, `rent@2026-12-31`
fn explain(text: &str) -> Result<Explain, String> {
    if let Ok(row) = text.parse() {
        return Ok(Explain::Row(row));
    }
    match text.split_once('@') {
        Some((clause, d)) => Ok(Explain::Day(day("--explain", d)?, Some(clause.to_owned()))),
        None => text.parse().map(|d| Explain::Day(d, None)).map_err(|_| {
            format!(
                "--explain {text}: give a row, a day, or a clause on a day: 7, 2026-12-31, rent@2026-12-31"
            )
        }),
    }
}

fn format(f: TableFormat) -> Format {
    match f {
        TableFormat::Ndjson => Format::Ndjson,
        TableFormat::Csv => Format::Csv,
        TableFormat::Parquet => Format::Parquet,
        TableFormat::Arrow => Format::ArrowFile,
        TableFormat::Arrows => Format::ArrowStream,
    }
}

fn bad_rows(flag: &str, text: &str) -> Result<BadRows, String> {
    match text.split_once('=') {
        None if text == "stop" => Ok(BadRows::Stop),
        None if text == "skip" => Ok(BadRows::Skip),
        Some(("quarantine", file)) if !file.is_empty() => Ok(BadRows::Quarantine(file.to_owned())),
        _ => Err(format!("{flag} cannot be `{text}`; one of stop, skip, quarantine=FILE")),
    }
}

/// Follows until an interrupt or a request to end; a second one ends the program at once.
fn until_interrupted() -> Result<Tail, String> {
    let tail = Tail::default();
    for signal in [SIGINT, SIGTERM] {
        let refused = |e: std::io::Error| format!("signals cannot be caught: {e}");
        flag::register_conditional_shutdown(signal, 2, Arc::clone(&tail.stop)).map_err(refused)?;
        flag::register(signal, Arc::clone(&tail.stop)).map_err(refused)?;
    }
    Ok(tail)
}

/// Bytes of all files, where every one of them is a file.
fn size(files: &[String]) -> Option<u64> {
    files.iter().map(|f| std::fs::metadata(f).ok().filter(std::fs::Metadata::is_file).map(|m| m.len())).sum()
}
