//! The days of a sample. Invariant: days ascend with the rows, spread evenly over the life.

use super::Order;
use super::dice::Dice;
use crate::error::InputError;
use crate::pipeline::Prepared;
use jiff::civil::Date;
use jiff::{ToSpan, Unit};

/// Years of a deal that states no end.
const YEARS: i64 = 5;

/// First and last day.
///
/// # Errors
/// An agreement whose first day is open; a last day before the first, or a first day before the agreement.
pub(super) fn life(p: &Prepared, order: &Order) -> Result<(Date, Date), InputError> {
    let effective = p.program.effective.fixed();
    let from = match (order.from, effective) {
        (Some(f), Some(e)) if f < e => {
            return Err(InputError::new(format!("--from {f}: the agreement begins on {e}")));
        }
        (Some(f), _) | (None, Some(f)) => f,
        (None, None) => {
            let e = InputError::new("the first day of the agreement is open");
            return Err(e.help("give its value, or name a first day with --from"));
        }
    };
    let through = match order.through {
        Some(t) => t,
        None => match stated_end(p).filter(|t| *t > from) {
            Some(t) => t,
            None => from
                .checked_add(YEARS.years())
                .and_then(|d| d.yesterday())
                .map_err(|_| InputError::new(format!("five years after {from} lead out of the calendar")))?,
        },
    };
    if through < from {
        return Err(InputError::new(format!("--through {through} is before the first day, {from}")));
    }
    Ok((from, through))
}

/// The latest day through which a norm is said to run.
fn stated_end(p: &Prepared) -> Option<Date> {
    let norms = p.program.versions.iter().flat_map(|v| &v.norms);
    norms.filter_map(|n| n.term.through.as_ref()?.fixed()).max()
}

/// The day of a row: somewhere in its even share of the life.
pub(super) fn day((from, through): (Date, Date), row: u64, rows: u64, dice: &mut Dice) -> Date {
    let days = from.until((Unit::Day, through)).map_or(0, |s| s.get_days()).unsigned_abs();
    let days = u64::from(days) + 1;
    let at = (u128::from(row) * u128::from(days) + u128::from(dice.below(days))) / u128::from(rows.max(1));
    let at = i64::try_from(at).unwrap_or(0);
    from.checked_add(at.days()).unwrap_or(through).min(through)
}
