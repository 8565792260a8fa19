//! Civil-date arithmetic: lengths, periods, business days.
//!
//! Invariant: dates outside years 1 to 9999 are errors; month arithmetic that lacks a day asks for a rounding.

use crate::value::Length;
use habendum_syntax::ast::{DayCount, DurationUnit, MonthRounding, Period};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// Why a date could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The target month lacks the day, and no rounding is named.
    Ambiguous {
        /// The day counted from.
        from: Date,
        /// The length added.
        length: Length,
    },
    /// Beyond the years 1 to 9999.
    OutOfRange,
    /// A business day outside what the calendar covers, or no calendar.
    NoCalendar(Date),
    /// Hours on a civil date.
    Hours,
}

impl std::fmt::Display for DateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DateError::Ambiguous { from, length } => write!(
                f,
                "{from} and {} more months has no such day: say `rounding up` or `rounding down`",
                length.count
            ),
            DateError::OutOfRange => f.write_str("the date lies outside the years 1 to 9999"),
            DateError::NoCalendar(d) => write!(f, "no calendar says whether {d} is a business day"),
            DateError::Hours => f.write_str("hours count from an instant, not from a date"),
        }
    }
}

impl std::error::Error for DateError {}

/// The days on which business is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Business {
    /// Weekday numbers (Monday 1) that are no business days.
    pub weekend: BTreeSet<i8>,
    /// Holidays.
    pub holidays: BTreeSet<Date>,
    /// First and last day covered.
    pub covers: Option<(Date, Date)>,
}

impl Business {
    /// True on a business day.
    ///
    /// # Errors
    /// Outside what the calendar covers.
    pub fn is_open(&self, d: Date) -> Result<bool, DateError> {
        match self.covers {
            Some((a, b)) if a <= d && d <= b => {
                Ok(!self.weekend.contains(&d.weekday().to_monday_one_offset()) && !self.holidays.contains(&d))
            }
            _ => Err(DateError::NoCalendar(d)),
        }
    }
}

/// How a deal reckons: everything date arithmetic hangs on beyond the dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Reckoning {
    /// Rounding of month arithmetic.
    pub months: Option<MonthRounding>,
    /// Calendar of business days.
    pub business: Option<Business>,
    /// First month and day of the fiscal year.
    pub fiscal_year: (u8, u8),
    /// First day of the first contract year.
    pub effective: Date,
}

/// `from` plus a length. Months keep the day of the month; where the month lacks it, the rounding decides.
///
/// # Errors
/// See [`DateError`].
pub fn add(
    from: Date,
    length: Length,
    r: &Reckoning,
    rounding: Option<MonthRounding>,
) -> Result<Date, DateError> {
    let n = i64::from(length.count);
    match length.unit {
        DurationUnit::Hours => Err(DateError::Hours),
        DurationUnit::Days => plus_days(from, n),
        DurationUnit::Weeks => plus_days(from, n * 7),
        DurationUnit::BusinessDays => add_business(from, length.count, r),
        DurationUnit::Months => add_months(from, n, length, rounding.or(r.months)),
        DurationUnit::Quarters => add_months(from, n * 3, length, rounding.or(r.months)),
        DurationUnit::Years => add_months(from, n * 12, length, rounding.or(r.months)),
    }
}

/// `from` minus a length, by the same rules.
///
/// # Errors
/// See [`DateError`].
pub fn sub(
    from: Date,
    length: Length,
    r: &Reckoning,
    rounding: Option<MonthRounding>,
) -> Result<Date, DateError> {
    let n = i64::from(length.count);
    match length.unit {
        DurationUnit::Hours => Err(DateError::Hours),
        DurationUnit::Days => plus_days(from, -n),
        DurationUnit::Weeks => plus_days(from, -n * 7),
        DurationUnit::BusinessDays => {
            let (mut d, mut left) = (from, length.count);
            while left > 0 {
                d = plus_days(d, -1)?;
                if r.business.as_ref().ok_or(DateError::NoCalendar(d))?.is_open(d)? {
                    left -= 1;
                }
            }
            Ok(d)
        }
        DurationUnit::Months => add_months(from, -n, length, rounding.or(r.months)),
        DurationUnit::Quarters => add_months(from, -n * 3, length, rounding.or(r.months)),
        DurationUnit::Years => add_months(from, -n * 12, length, rounding.or(r.months)),
    }
}

/// `from` plus a number of days, which may be negative.
///
/// # Errors
/// Beyond the years 1 to 9999.
pub fn plus_days(from: Date, n: i64) -> Result<Date, DateError> {
    let d = from.checked_add(n.days()).map_err(|_| DateError::OutOfRange)?;
    if d.year() < 1 { Err(DateError::OutOfRange) } else { Ok(d) }
}

fn add_business(from: Date, count: u32, r: &Reckoning) -> Result<Date, DateError> {
    let (mut d, mut left) = (from, count);
    while left > 0 {
        d = plus_days(d, 1)?;
        if r.business.as_ref().ok_or(DateError::NoCalendar(d))?.is_open(d)? {
            left -= 1;
        }
    }
    Ok(d)
}

fn add_months(
    from: Date,
    n: i64,
    length: Length,
    rounding: Option<MonthRounding>,
) -> Result<Date, DateError> {
    let zero_based = i64::from(from.year()) * 12 + i64::from(from.month()) - 1 + n;
    let (y, m) = (zero_based.div_euclid(12), zero_based.rem_euclid(12) + 1);
    if !(1..=9999).contains(&y) {
        return Err(DateError::OutOfRange);
    }
    let first = date(i16::try_from(y).map_err(|_| DateError::OutOfRange)?, i8::try_from(m).unwrap_or(1), 1);
    if from.day() <= first.days_in_month() {
        return Ok(date(first.year(), first.month(), from.day()));
    }
    match rounding {
        Some(MonthRounding::Down) => Ok(first.last_of_month()),
        Some(MonthRounding::Up) => plus_days(first.last_of_month(), 1),
        None => Err(DateError::Ambiguous { from, length }),
    }
}

/// First and last day of the period that holds a day. `InTotal`, `Event` and `Rolling` have no calendar bounds.
///
/// # Errors
/// Beyond the years 1 to 9999.
pub fn period_of(d: Date, period: Period, r: &Reckoning) -> Result<Option<(Date, Date)>, DateError> {
    let span = match period {
        Period::Event | Period::InTotal | Period::Rolling(_) => return Ok(None),
        Period::Day => (d, d),
        Period::Week => {
            let first = plus_days(d, -i64::from(d.weekday().to_monday_zero_offset()))?;
            (first, plus_days(first, 6)?)
        }
        Period::Month => (d.first_of_month(), d.last_of_month()),
        Period::Quarter => {
            let m = (d.month() - 1) / 3 * 3 + 1;
            (date(d.year(), m, 1), date(d.year(), m + 2, 1).last_of_month())
        }
        Period::Year => (date(d.year(), 1, 1), date(d.year(), 12, 31)),
        Period::FiscalYear => anniversary_year(d, r.fiscal_year.0, r.fiscal_year.1)?,
        Period::ContractYear => {
            anniversary_year(d, r.effective.month().unsigned_abs(), r.effective.day().unsigned_abs())?
        }
    };
    Ok(Some(span))
}

/// The year that begins on each anniversary of month and day (29 February: on 1 March in common years).
fn anniversary_year(d: Date, month: u8, day: u8) -> Result<(Date, Date), DateError> {
    let start = |y: i16| -> Result<Date, DateError> {
        if !(1..=9999).contains(&y) {
            return Err(DateError::OutOfRange);
        }
        let m = i8::try_from(month).unwrap_or(1);
        let first = Date::new(y, m, 1).map_err(|_| DateError::OutOfRange)?;
        let day = i8::try_from(day).unwrap_or(1);
        if day <= first.days_in_month() {
            Date::new(y, m, day).map_err(|_| DateError::OutOfRange)
        } else {
            plus_days(first.last_of_month(), 1)
        }
    };
    let mut from = start(d.year())?;
    if d < from {
        from = start(d.year() - 1)?;
    }
    let next = start(from.year() + 1)?;
    Ok((from, plus_days(next, -1)?))
}

/// Units from `a` to `b`: completed ones, or started ones (any begun unit counts). Zero where `b` is not after `a`.
///
/// # Errors
/// Business days without a calendar; hours.
pub fn units_between(
    a: Date,
    b: Date,
    unit: DurationUnit,
    started: bool,
    r: &Reckoning,
) -> Result<i64, DateError> {
    if b <= a {
        return Ok(0);
    }
    let days = days_between(a, b);
    let ceil = |n: i64, d: i64| if started { (n + d - 1) / d } else { n / d };
    match unit {
        DurationUnit::Hours => Err(DateError::Hours),
        DurationUnit::Days => Ok(days),
        DurationUnit::Weeks => Ok(ceil(days, 7)),
        DurationUnit::BusinessDays => {
            let (mut d, mut n) = (a, 0);
            while d < b {
                d = plus_days(d, 1)?;
                if r.business.as_ref().ok_or(DateError::NoCalendar(d))?.is_open(d)? {
                    n += 1;
                }
            }
            Ok(n)
        }
        DurationUnit::Months => months_between(a, b, 1, started),
        DurationUnit::Quarters => months_between(a, b, 3, started),
        DurationUnit::Years => months_between(a, b, 12, started),
    }
}

/// Hours from one instant to another (nanoseconds since the epoch): completed ones, or started ones. Zero where `b` is not after `a`.
#[must_use]
pub fn hours_between(a: i128, b: i128, started: bool) -> i128 {
    const HOUR: i128 = 3_600_000_000_000;
    let span = b.saturating_sub(a).max(0);
    let whole = span / HOUR;
    if started && span % HOUR != 0 { whole + 1 } else { whole }
}

/// A month is completed on the same day of the month, or on the last day of a month that lacks it.
fn months_between(a: Date, b: Date, size: i64, started: bool) -> Result<i64, DateError> {
    let reach = |n: i64| {
        add_months(a, n * size, Length { count: 0, unit: DurationUnit::Months }, Some(MonthRounding::Down))
    };
    let gross =
        (i64::from(b.year()) - i64::from(a.year())) * 12 + i64::from(b.month()) - i64::from(a.month());
    let mut n = gross / size;
    while n > 0 && reach(n)? > b {
        n -= 1;
    }
    Ok(if started && reach(n)? < b { n + 1 } else { n })
}

/// Days from `a` to `b`; negative where `b` is earlier.
#[must_use]
pub fn days_between(a: Date, b: Date) -> i64 {
    // Dates of jiff lie within 20,000 years, so the difference always exists.
    a.until(b).map(|s| i64::from(s.get_days())).unwrap_or(0)
}

/// The day from which days are numbered.
const FIRST: Date = Date::constant(1970, 1, 1);

/// The number of a day: days since 1970-01-01.
#[must_use]
pub fn day_number(d: Date) -> i64 {
    days_between(FIRST, d)
}

/// The day that has a number.
///
/// # Errors
/// Where the calendar has no such day.
pub fn day_of(number: i64) -> Result<Date, DateError> {
    plus_days(FIRST, number)
}

/// The year fraction from `a` (included) to `b` (excluded) as a ratio, by a day-count convention.
/// Sources: ISDA 2006 Definitions, section 4.16 (b) actual/actual, (d) actual/365 fixed, (e) actual/360, (f) 30/360.
#[must_use]
pub fn year_fraction(a: Date, b: Date, count: DayCount) -> Vec<(i64, i64)> {
    if b <= a {
        return vec![(0, 1)];
    }
    match count {
        DayCount::Actual360 => vec![(days_between(a, b), 360)],
        DayCount::Actual365 => vec![(days_between(a, b), 365)],
        DayCount::ActualActual => {
            let mut parts = Vec::new();
            let mut from = a;
            while from < b {
                let next = date(from.year(), 12, 31).checked_add(1.days()).unwrap_or(b).min(b);
                parts.push((days_between(from, next), i64::from(from.days_in_year())));
                from = next;
            }
            parts
        }
        DayCount::Thirty360 => {
            let d1 = i64::from(a.day()).min(30);
            let d2 = if d1 == 30 { i64::from(b.day()).min(30) } else { i64::from(b.day()) };
            let y = i64::from(b.year()) - i64::from(a.year());
            let m = i64::from(b.month()) - i64::from(a.month());
            vec![(360 * y + 30 * m + d2 - d1, 360)]
        }
    }
}
