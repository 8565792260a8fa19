//! Date arithmetic against an independent calendar: a day counter that knows nothing but the lengths of months.
#![allow(clippy::unwrap_used, reason = "tests")]

use habendum_model::date::{
    Business, DateError, Reckoning, add, days_between, period_of, sub, units_between, year_fraction,
};
use habendum_model::value::Length;
use habendum_syntax::ast::{DayCount, DurationUnit, MonthRounding, Period};
use jiff::civil::{Date, date};

/// The independent calendar: (year, month, day) stepped one day at a time.
fn leap(y: i32) -> bool {
    (y % 4 == 0 && y % 100 != 0) || y % 400 == 0
}

fn month_length(y: i32, m: i32) -> i32 {
    match m {
        2 => 28 + i32::from(leap(y)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn next((y, m, d): (i32, i32, i32)) -> (i32, i32, i32) {
    if d < month_length(y, m) {
        (y, m, d + 1)
    } else if m < 12 {
        (y, m + 1, 1)
    } else {
        (y + 1, 1, 1)
    }
}

fn as_date((y, m, d): (i32, i32, i32)) -> Date {
    date(i16::try_from(y).unwrap(), i8::try_from(m).unwrap(), i8::try_from(d).unwrap())
}

fn reckoning() -> Reckoning {
    Reckoning { months: None, business: None, fiscal_year: (7, 1), effective: date(2024, 2, 29) }
}

fn months(count: u32) -> Length {
    Length { count, unit: DurationUnit::Months }
}

/// Every day of eight years, which hold two leap years, by 0 to 26 months, each way and in each rounding.
#[test]
fn month_arithmetic_is_the_table() {
    let r = reckoning();
    let mut day = (2023, 1, 1);
    while day.0 < 2031 {
        for n in 0..=26 {
            let total = day.0 * 12 + day.1 - 1 + n;
            let (y, m) = (total / 12, total % 12 + 1);
            let length = month_length(y, m);
            let from = as_date(day);
            let l = months(u32::try_from(n).unwrap());
            let got = |rounding| add(from, l, &r, rounding);
            if day.2 <= length {
                let want = as_date((y, m, day.2));
                assert_eq!(got(None), Ok(want));
                assert_eq!(got(Some(MonthRounding::Up)), Ok(want));
                assert_eq!(got(Some(MonthRounding::Down)), Ok(want));
            } else {
                assert_eq!(got(None), Err(DateError::Ambiguous { from, length: l }));
                assert_eq!(got(Some(MonthRounding::Down)), Ok(as_date((y, m, length))));
                assert_eq!(got(Some(MonthRounding::Up)), Ok(as_date(next((y, m, length)))));
            }
            let back = day.0 * 12 + day.1 - 1 - n;
            let (y, m) = (back.div_euclid(12), back.rem_euclid(12) + 1);
            let want = as_date((y, m, day.2.min(month_length(y, m))));
            assert_eq!(sub(from, l, &r, Some(MonthRounding::Down)), Ok(want));
        }
        day = next(day);
    }
}

/// Days, weeks and periods against stepping.
#[test]
fn periods_hold_their_days() {
    let r = reckoning();
    let (mut day, mut count) = ((2023, 1, 1), 0_i64);
    while day.0 < 2029 {
        let d = as_date(day);
        assert_eq!(days_between(date(2023, 1, 1), d), count);
        let bounds = |p| period_of(d, p, &r).unwrap().unwrap();
        let month = (as_date((day.0, day.1, 1)), as_date((day.0, day.1, month_length(day.0, day.1))));
        assert_eq!(bounds(Period::Month), month);
        assert_eq!(bounds(Period::Year), (as_date((day.0, 1, 1)), as_date((day.0, 12, 31))));
        let q = (day.1 - 1) / 3 * 3 + 1;
        assert_eq!(
            bounds(Period::Quarter),
            (as_date((day.0, q, 1)), as_date((day.0, q + 2, month_length(day.0, q + 2))))
        );
        let fiscal = if day.1 >= 7 { day.0 } else { day.0 - 1 };
        assert_eq!(bounds(Period::FiscalYear), (as_date((fiscal, 7, 1)), as_date((fiscal + 1, 6, 30))));
        // Contract years begin on 29 February, on 1 March in common years.
        let start = |y: i32| if leap(y) { (y, 2, 29) } else { (y, 3, 1) };
        let y = if day >= start(day.0) { day.0 } else { day.0 - 1 };
        let (from, through) = bounds(Period::ContractYear);
        assert_eq!(from, as_date(start(y)));
        assert_eq!(through.tomorrow().unwrap(), as_date(start(y + 1)));
        let (monday, sunday) = bounds(Period::Week);
        assert!(monday <= d && d <= sunday && days_between(monday, sunday) == 6);
        // 2023-01-02 was a Monday.
        assert_eq!(days_between(date(2023, 1, 2), monday).rem_euclid(7), 0);
        day = next(day);
        count += 1;
    }
}

/// Started and completed units by counting.
#[test]
fn started_and_completed_units() {
    let r = reckoning();
    let n = |a, b, unit, started| units_between(a, b, unit, started, &r).unwrap();
    let a = date(2026, 1, 31);
    // 31 January to 28 February is one full month: February lacks the 31st.
    assert_eq!(n(a, date(2026, 2, 28), DurationUnit::Months, false), 1);
    assert_eq!(n(a, date(2026, 2, 28), DurationUnit::Months, true), 1);
    assert_eq!(n(a, date(2026, 3, 1), DurationUnit::Months, true), 2);
    assert_eq!(n(a, date(2026, 3, 30), DurationUnit::Months, false), 1);
    assert_eq!(n(a, date(2026, 3, 31), DurationUnit::Months, false), 2);
    assert_eq!(n(a, date(2026, 2, 7), DurationUnit::Weeks, false), 1);
    assert_eq!(n(a, date(2026, 2, 8), DurationUnit::Weeks, true), 2);
    assert_eq!(n(a, a, DurationUnit::Days, true), 0);
    assert_eq!(n(date(2026, 2, 1), a, DurationUnit::Days, true), 0);
    assert_eq!(n(a, date(2027, 1, 30), DurationUnit::Years, false), 0);
    assert_eq!(n(a, date(2027, 1, 31), DurationUnit::Years, false), 1);
}

#[test]
fn business_days_need_their_calendar() {
    let open = Business {
        weekend: [6, 7].into(),
        holidays: [date(2026, 1, 1)].into(),
        covers: Some((date(2025, 12, 1), date(2026, 1, 31))),
    };
    let r = Reckoning { business: Some(open), ..reckoning() };
    let l = Length { count: 3, unit: DurationUnit::BusinessDays };
    // From Tuesday 30 December 2025: Wed 31, (Thu 1 holiday), Fri 2, (Sat, Sun), Mon 5.
    assert_eq!(add(date(2025, 12, 30), l, &r, None), Ok(date(2026, 1, 5)));
    assert_eq!(sub(date(2026, 1, 5), l, &r, None), Ok(date(2025, 12, 30)));
    assert_eq!(add(date(2026, 1, 29), l, &r, None), Err(DateError::NoCalendar(date(2026, 2, 1))));
    assert_eq!(add(date(2026, 1, 29), l, &reckoning(), None), Err(DateError::NoCalendar(date(2026, 1, 30))));
}

/// Figures by hand.
#[test]
fn day_counts() {
    let f = |a, b, c| year_fraction(a, b, c);
    // 2024-11-01 to 2025-03-01: Nov 30 + Dec 31 + Jan 31 + Feb 28 = 120 days.
    let (a, b) = (date(2024, 11, 1), date(2025, 3, 1));
    assert_eq!(f(a, b, DayCount::Actual360), vec![(120, 360)]);
    assert_eq!(f(a, b, DayCount::Actual365), vec![(120, 365)]);
    // 61 days of the leap year 2024, 59 of 2025.
    assert_eq!(f(a, b, DayCount::ActualActual), vec![(61, 366), (59, 365)]);
    // 30/360: four months of 30 days.
    assert_eq!(f(a, b, DayCount::Thirty360), vec![(120, 360)]);
    // The 31st counts as the 30th: 31 January to 31 March is 60 days.
    assert_eq!(f(date(2025, 1, 31), date(2025, 3, 31), DayCount::Thirty360), vec![(60, 360)]);
    // From the 28th of February the 31st stays: 28 February to 31 March is 33 days.
    assert_eq!(f(date(2025, 2, 28), date(2025, 3, 31), DayCount::Thirty360), vec![(33, 360)]);
    assert_eq!(f(b, a, DayCount::Actual365), vec![(0, 1)]);
}

#[test]
fn lengths_compare_where_one_is_a_fixed_multiple_of_the_other() {
    use habendum_model::value::Length;
    use habendum_syntax::ast::DurationUnit as U;
    use std::cmp::Ordering as O;
    let order = |a, x, b, y| Length { count: a, unit: x }.order(Length { count: b, unit: y });
    assert_eq!(order(72, U::Hours, 3, U::Days), Some(O::Equal));
    assert_eq!(order(1, U::Weeks, 72, U::Hours), Some(O::Greater));
    assert_eq!(order(13, U::Days, 2, U::Weeks), Some(O::Less));
    assert_eq!(order(4, U::Quarters, 1, U::Years), Some(O::Equal));
    assert_eq!(order(11, U::Months, 1, U::Years), Some(O::Less));
    assert_eq!(order(5, U::BusinessDays, 4, U::BusinessDays), Some(O::Greater));
    assert_eq!(order(1, U::Months, 30, U::Days), None);
    assert_eq!(order(5, U::BusinessDays, 1, U::Weeks), None);
}
