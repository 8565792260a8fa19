//! Sample streams: valid, deterministic rows of a deal's events, for trying and benching.
//!
//! Data flow: seed -> [`values`] (candidate rows by the declared types) -> the interpreter (refuses, or judges) -> a file.
//! Invariant: the same deal, values, order and version give the same bytes; every row is one that `eval` accepts, because
//! every row has been through the interpreter; all figures are drawn as integers.

mod dice;
mod life;
mod values;
mod write;

pub use write::Sink;

use crate::error::InputError;
use crate::pipeline::{Error, Opened, Prepared};
use dice::Dice;
use habendum_model::binding::Choices;
use habendum_model::deal::Deal;
use habendum_model::value::Exact;
use habendum_norm::event::Event;
use habendum_norm::outcome::EvalError;
use habendum_norm::run::{Choices as RunChoices, RunError, Runner};
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;
use values::Maker;

/// How many candidates are weighed for one row before the best of them is kept.
const TRIES: u32 = 64;
/// Rows of the trial run that finds the days through which time can run.
const TRIAL: u64 = 500;
/// How often the life is cut short because time cannot run on (a calendar that ends).
const CUTS: u32 = 40;

/// What to sample.
#[derive(Clone, Debug)]
pub struct Order {
    /// How many rows.
    pub rows: u64,
    /// Seed.
    pub seed: u64,
    /// The part of the rows that are to be breaches, from 0 to 1; left to chance where absent.
    pub breach_rate: Option<Exact>,
    /// First day; that of the agreement where absent.
    pub from: Option<Date>,
    /// Last day; the latest end that the deal states where absent, else five years on.
    pub through: Option<Date>,
}

/// What was sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// Rows written.
    pub rows: u64,
    /// Those that are breaches.
    pub breaches: u64,
    /// First and last day of the life that was sampled.
    pub life: (Date, Date),
}

/// Why a stream ended early.
enum Stop {
    /// Time cannot run through this day, or no row of it is taken.
    Day(Date, EvalError),
    /// The file cannot be written.
    Sink(InputError),
}

/// A number from 0 to 1, as written: `0.05`, `1/20` is not.
///
/// # Errors
/// No plain decimal, or beyond 0 to 1.
pub fn rate(text: &str) -> Result<Exact, String> {
    match Exact::parse(text) {
        Some(p) if !p.is_negative() && p <= Exact::ONE => Ok(p),
        _ => Err(format!("{text}: wanted a number from 0 to 1, such as 0.05")),
    }
}

/// Writes a stream.
///
/// # Errors
/// Faults of the deal, parameters without a value, a deal without events, a life of no day, a file that cannot be written.
pub fn sample(opened: &Opened, choices: &Choices, order: &Order, sink: &mut Sink) -> Result<Sampled, Error> {
    let deal = opened.sound()?;
    let prepared = opened.prepare(choices)?;
    prepared.need_values(deal)?;
    let (from, mut through) = life::life(&prepared, order)?;
    let trial = Order { rows: order.rows.min(TRIAL), ..order.clone() };
    for cut in 0..CUTS {
        let short = if cut == 0 || order.rows > TRIAL { Some(&trial) } else { None };
        // A short run first: cutting a long one again and again would take too long.
        let stopped = match short.map(|t| run(opened, deal, &prepared, t, (from, through), &mut Sink::none()))
        {
            Some(Err(stop)) => Err(stop),
            Some(Ok(_)) | None => {
                sink.clear()?;
                run(opened, deal, &prepared, order, (from, through), sink)
            }
        };
        match stopped {
            Ok(sampled) => return Ok(sampled),
            Err(Failed::Stop(Stop::Sink(e))) => return Err(e.into()),
            Err(Failed::Other(e)) => return Err(e),
            Err(Failed::Stop(Stop::Day(day, e))) => {
                let day = day.min(through);
                through = match day.yesterday() {
                    Ok(eve) if eve >= from => eve,
                    _ => return Err(InputError::new(format!("no stream can be made: {e}")).into()),
                };
            }
        }
    }
    Err(InputError::new("no stream can be made: time cannot run through the days of the deal")
        .help("name the days with --from and --through")
        .into())
}

enum Failed {
    Stop(Stop),
    Other(Error),
}

impl From<Stop> for Failed {
    fn from(s: Stop) -> Self {
        Failed::Stop(s)
    }
}

/// One run over a life.
fn run(
    opened: &Opened,
    deal: &Deal,
    prepared: &Prepared,
    order: &Order,
    life: (Date, Date),
    sink: &mut Sink,
) -> Result<Sampled, Failed> {
    let readings = RunChoices { all_readings: true, text_as_of: None };
    let mut runner = Runner::new(deal, &prepared.binding, &readings).map_err(|e| {
        Failed::Other(match e {
            RunError::Faults(d) => opened.faults(d),
            RunError::Eval(e) => InputError::new(e.to_string()).into(),
        })
    })?;
    let mut maker =
        Maker::new(&prepared.program, prepared.names.clone()).map_err(|e| Failed::Other(e.into()))?;
    let mut dice = Dice::new(order.seed);
    let mut sampled = Sampled { rows: 0, breaches: 0, life };
    sink.begin(maker.names()).map_err(|e| Failed::Other(e.into()))?;
    for i in 0..order.rows {
        let date = life::day(life, i, order.rows, &mut dice);
        let wanted = order.breach_rate.map(|p| wants_breach(p, i, sampled.breaches));
        let (event, verdict) =
            row(&mut runner, &mut maker, &mut dice, (i + 1, date), wanted).map_err(|e| Stop::Day(date, e))?;
        // What time brings is of no interest here; it is let go, so that memory stays flat.
        drop(runner.take_clock());
        sink.event(&event, maker.names()).map_err(Stop::Sink)?;
        sampled.rows += 1;
        sampled.breaches += u64::from(verdict == Verdict::Breach);
    }
    runner.finish(None).map_err(|e| Stop::Day(life.1, e))?;
    sink.end(maker.names()).map_err(Stop::Sink)?;
    Ok(sampled)
}

/// How many of some rows are to be breaches: `rows * p`, rounded down; none beyond 64 bits.
#[must_use]
pub fn breaches(p: Exact, rows: u64) -> Option<u64> {
    let n = i128::from(rows).checked_mul(p.numer())? / p.denom();
    u64::try_from(n).ok()
}

/// True where the next row has to be a breach, so that they are spread evenly wherever that can be had.
fn wants_breach(p: Exact, row: u64, so_far: u64) -> bool {
    breaches(p, row + 1).is_some_and(|n| so_far < n)
}

/// A row that is taken. Of those weighed the first that is (or is not) a breach, as wanted; where there is none, the last.
fn row(
    runner: &mut Runner,
    maker: &mut Maker,
    dice: &mut Dice,
    (row, date): (u64, Date),
    wanted: Option<bool>,
) -> Result<(Event, Verdict), EvalError> {
    let mut fallback: Option<Event> = None;
    let mut refused: Option<EvalError> = None;
    for _ in 0..TRIES {
        let event = maker.event(row, date, dice);
        match runner.weigh(&event) {
            Err(e) => refused = Some(e),
            Ok(w) if wanted.is_none_or(|b| (w.verdict() == Some(Verdict::Breach)) == b) => {
                let outcome = runner.apply(&event, w)?;
                return Ok((event, outcome.verdict));
            }
            Ok(_) => fallback = Some(event),
        }
    }
    match (fallback, refused) {
        (Some(event), _) => runner.push(&event).map(|o| (event, o.verdict)),
        (None, Some(e)) => Err(e),
        (None, None) => Err(EvalError { row: Some(row), field: None, message: "no row".into(), span: None }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]
    use super::*;

    #[test]
    fn a_rate_is_exact() {
        assert_eq!(rate("0.05").unwrap(), Exact::ratio(1, 20).unwrap());
        assert!(rate("1.01").is_err());
        assert!(rate("-0.1").is_err());
        assert!(rate("a tenth").is_err());
    }

    #[test]
    fn breaches_are_spread_evenly() {
        // One in four of eight rows: the fourth and the eighth.
        let p = rate("0.25").unwrap();
        let mut so_far = 0;
        let rows: Vec<u64> = (0..8)
            .filter(|i| {
                let b = wants_breach(p, *i, so_far);
                so_far += u64::from(b);
                b
            })
            .collect();
        assert_eq!(rows, [3, 7]);
    }
}
