//! `habendum sample`: a stream to try things with.

use super::{day, stop, wants};
use crate::args::Sample;
use crate::term::{self, Exit, Style};
use habendum::pipeline;
use habendum::sample::{self, Order, Sink};

/// Writes a stream.
pub fn run(a: &Sample) -> Result<Exit, String> {
    let wants = wants(&a.values, true)?;
    let order = Order {
        rows: a.rows,
        seed: a.seed,
        breach_rate: match &a.breach_rate {
            Some(p) => Some(sample::rate(p).map_err(|e| format!("--breach-rate {e}"))?),
            None => None,
        },
        from: a.from.as_deref().map(|d| day("--from", d)).transpose()?,
        through: a.through.as_deref().map(|d| day("--through", d)).transpose()?,
    };
    let mut opened = pipeline::open(&a.deal, &wants).map_err(|e| e.to_string())?;
    let mut sink = Sink::create(a.out.as_deref()).map_err(|e| e.to_string())?;
    let made = opened.choices(&wants).and_then(|c| sample::sample(&opened, &c, &order, &mut sink));
    let s = match made {
        Ok(s) => s,
        Err(e) => return stop(e),
    };
    sink.finish(&mut std::io::stdout().lock()).map_err(|e| e.to_string())?;
    let (from, through) = s.life;
    if let Some(asked) =
        order.breach_rate.and_then(|p| sample::breaches(p, s.rows)).filter(|n| *n > s.breaches)
    {
        term::message(&format!(
            "{} {asked} breaches asked for; no candidate was one where the others were due",
            Style::stderr().yellow("note:")
        ));
    }
    term::message(&format!("{} rows from {from} through {through}, {} of them breaches", s.rows, s.breaches));
    Ok(Exit::Clean)
}
