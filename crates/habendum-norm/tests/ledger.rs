//! The ledger and late interest, against amounts worked out by hand. Amounts are cents.
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

mod support;

use habendum_model::date::{Business, DateError, Reckoning, days_between, year_fraction};
use habendum_model::expr::DateValue;
use habendum_model::value::{Exact, Length};
use habendum_norm::accrual::AccrualError;
use habendum_norm::ir::Due;
use habendum_norm::ledger::{Allocation, LateTerms, Ledger, due_day, late_interest};
use habendum_syntax::ast::{DayCount, DurationUnit, MonthRounding, Period};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use support::{ratio, reckoning};

const MARCH_31: Date = date(2026, 3, 31);

fn late(percent: i128, count: DayCount) -> Option<LateTerms> {
    Some(LateTerms { rate: ratio(percent, 100), count })
}

fn sums(l: &Ledger) -> [i128; 4] {
    [l.accrued(), l.due(), l.paid(), l.overdue()]
}

#[test]
fn due_days() {
    let r = reckoning();
    let day = date(2026, 2, 10);
    let within = |count, unit| Length { count, unit };
    let days = |count| within(count, DurationUnit::Days);
    assert_eq!(due_day(None, day, None, &r), Ok(day));
    assert_eq!(due_day(Some(&Due::AtOnce), day, None, &r), Ok(day));
    assert_eq!(due_day(Some(&Due::After(days(30))), day, None, &r), Ok(date(2026, 3, 12)));
    // 31 March and 45 days: 30 to the end of April, 15 in May.
    let quarter = Due::AfterEach(days(45), Period::Quarter);
    assert_eq!(due_day(Some(&quarter), day, None, &r), Ok(date(2026, 5, 15)));
    // The fiscal year of the test deal ends on 31 March, the contract year on 14 March.
    let fiscal = Due::AfterEach(days(1), Period::FiscalYear);
    assert_eq!(due_day(Some(&fiscal), day, None, &r), Ok(date(2026, 4, 1)));
    let contract = Due::AfterEach(days(1), Period::ContractYear);
    assert_eq!(due_day(Some(&contract), day, None, &r), Ok(date(2026, 3, 15)));
    let month = Due::AfterEach(within(1, DurationUnit::Months), Period::Quarter);
    assert!(matches!(
        due_day(Some(&month), day, None, &r),
        Err(AccrualError::Date(DateError::Ambiguous { .. }))
    ));
    assert_eq!(due_day(Some(&month), day, Some(MonthRounding::Down), &r), Ok(date(2026, 4, 30)));
    assert_eq!(due_day(Some(&month), day, Some(MonthRounding::Up), &r), Ok(date(2026, 5, 1)));
    let on = Due::On(DateValue::Fixed(MARCH_31));
    assert_eq!(due_day(Some(&on), day, None, &r), Ok(MARCH_31));
    assert_eq!(due_day(Some(&on), date(2026, 4, 2), None, &r), Ok(date(2026, 4, 2)));
    let total = Due::AfterEach(days(1), Period::InTotal);
    assert_eq!(due_day(Some(&total), day, None, &r), Err(AccrualError::NoPeriodEnd));
}

#[test]
fn business_days_skip_weekends_and_holidays() {
    let business = Business {
        weekend: [6, 7].into(),
        holidays: [date(2026, 4, 3), date(2026, 4, 6)].into(),
        covers: Some((date(2026, 1, 1), date(2026, 12, 31))),
    };
    let r = Reckoning { business: Some(business), ..reckoning() };
    let five = Due::After(Length { count: 5, unit: DurationUnit::BusinessDays });
    // Wednesday 1 April; Thu 2, (Fri 3 and Mon 6 are holidays), Tue 7, Wed 8, Thu 9, Fri 10.
    assert_eq!(due_day(Some(&five), date(2026, 4, 1), None, &r), Ok(date(2026, 4, 10)));
    assert!(due_day(Some(&five), date(2026, 12, 30), None, &r).is_err());
}

#[test]
fn payments_settle_the_oldest_due_first() {
    let mut l = Ledger::default();
    l.accrue(100, date(2026, 1, 31)).unwrap();
    l.accrue(50, date(2026, 2, 28)).unwrap();
    l.accrue(70, MARCH_31).unwrap();
    assert_eq!(l.fall_due(date(2026, 1, 31), None).unwrap().amount, 100);
    assert_eq!(l.unpaid_of(date(2026, 1, 31)), 100);
    assert_eq!(l.fall_due(date(2026, 2, 28), None).unwrap().amount, 50);
    assert_eq!(sums(&l), [220, 150, 0, 150]);
    // 180: 100 of January, 50 of February, 30 of March ahead of its day.
    let paid = l.pay(date(2026, 3, 1), 180, None).unwrap();
    let went: Vec<_> = paid.allocations.iter().map(|a| (a.due, a.amount)).collect();
    assert_eq!(went, [(date(2026, 1, 31), 100), (date(2026, 2, 28), 50), (MARCH_31, 30)]);
    assert_eq!(l.fall_due(MARCH_31, None).unwrap().amount, 70);
    assert_eq!((sums(&l), l.unpaid_of(MARCH_31)), ([220, 220, 180, 40], 40));
    assert_eq!(l.due_between(date(2026, 2, 1), MARCH_31), 120);
    assert_eq!(l.paid_between(date(2026, 1, 1), date(2026, 2, 28)), 0);
    assert_eq!(l.paid_between(date(2026, 3, 1), MARCH_31), 180);
}

#[test]
fn what_is_paid_ahead_settles_what_accrues_next() {
    let mut l = Ledger::default();
    l.accrue(100, MARCH_31).unwrap();
    assert_eq!(l.pay(date(2026, 2, 1), 150, None).unwrap().ahead, 50);
    l.accrue(80, MARCH_31).unwrap();
    assert_eq!(l.ahead(), 0);
    l.fall_due(MARCH_31, None).unwrap();
    // 180 due, 150 paid.
    assert_eq!(sums(&l), [180, 180, 150, 30]);
}

#[test]
fn a_negative_due_amount_is_set_off() {
    let mut l = Ledger::default();
    l.accrue(100, date(2026, 1, 31)).unwrap();
    l.fall_due(date(2026, 1, 31), None).unwrap();
    l.accrue(-130, date(2026, 2, 28)).unwrap();
    let fell = l.fall_due(date(2026, 2, 28), late(12, DayCount::Actual360)).unwrap();
    assert_eq!((fell.amount, fell.set_off.ahead), (-130, 30));
    // 100 at 12 % for 28 days of 360: 0.93 cents, rounded 1.
    assert_eq!(fell.set_off.interest, 1);
    assert_eq!((sums(&l), l.ahead()), ([-30, -30, 0, 0], 30));
    l.accrue(50, MARCH_31).unwrap();
    l.fall_due(MARCH_31, None).unwrap();
    assert_eq!(l.overdue(), 20);
}

#[test]
fn an_accrual_posted_for_a_day_that_has_passed_is_due_at_the_next_close() {
    let mut l = Ledger::default();
    l.accrue(100, date(2026, 1, 31)).unwrap();
    l.fall_due(date(2026, 1, 31), None).unwrap();
    l.accrue(40, date(2026, 1, 31)).unwrap();
    assert_eq!(l.pay(date(2026, 2, 1), 120, None).unwrap().allocations.len(), 2);
    l.fall_due(date(2026, 2, 1), None).unwrap();
    assert_eq!(sums(&l), [140, 140, 120, 20]);
}

#[test]
fn what_has_not_fallen_due_can_be_taken_back() {
    let mut l = Ledger::default();
    l.accrue(100, date(2026, 1, 31)).unwrap();
    l.accrue(60, MARCH_31).unwrap();
    l.fall_due(date(2026, 1, 31), None).unwrap();
    l.pay(date(2026, 2, 1), 110, None).unwrap();
    assert_eq!(l.reverse_undue(), Ok(60));
    assert_eq!((sums(&l), l.ahead()), ([100, 100, 110, 0], 10));
    assert_eq!(l.fall_due(MARCH_31, None).unwrap().amount, 0);
}

#[test]
fn interest_by_each_day_count() {
    // 1,000,000.00 at 6 % from 15 November 2027 to 1 March 2028 (a leap year): 47 days in 2027, 60 in 2028, 107 in all.
    let interest = |count| {
        let terms = late(6, count).unwrap();
        late_interest(100_000_000, date(2027, 11, 15), date(2028, 3, 1), terms).unwrap()
    };
    // 60,000 x 107/360 = 17,833.333
    assert_eq!(interest(DayCount::Actual360), 1_783_333);
    // 60,000 x 107/365 = 17,589.041
    assert_eq!(interest(DayCount::Actual365), 1_758_904);
    // 60,000 x (47/365 + 60/366) = 7,726.0274 + 9,836.0656 = 17,562.0930
    assert_eq!(interest(DayCount::ActualActual), 1_756_209);
    // 3 months and 16 days: 106/360 of 60,000 = 17,666.667
    assert_eq!(interest(DayCount::Thirty360), 1_766_667);
}

#[test]
fn thirty_360_ends_of_months() {
    let days = |a, b| year_fraction(a, b, DayCount::Thirty360);
    // The 31st counts as the 30th at the start, and at the end where the start is the 30th or 31st.
    assert_eq!(days(date(2026, 1, 31), date(2026, 3, 31)), [(60, 360)]);
    assert_eq!(days(date(2026, 1, 15), date(2026, 3, 31)), [(76, 360)]);
    assert_eq!(days(date(2026, 1, 30), date(2026, 2, 28)), [(28, 360)]);
    assert_eq!(days(date(2026, 2, 28), date(2026, 3, 31)), [(33, 360)]);
}

#[test]
fn interest_runs_per_due_amount_and_payment() {
    let mut l = Ledger::default();
    let terms = late(10, DayCount::Actual365);
    l.accrue(36_500, date(2026, 1, 1)).unwrap();
    l.fall_due(date(2026, 1, 1), terms).unwrap();
    // 365.00 at 10 % a year is 10 cents a day. 100.00 paid after 10 days: 100 x 10 % x 10/365 = 0.27397 -> 27 cents.
    let paid = l.pay(date(2026, 1, 11), 10_000, terms).unwrap();
    let due = date(2026, 1, 1);
    assert_eq!(paid.allocations, [Allocation { due, amount: 10_000, interest: 27 }]);
    // 265.00 run on: after 20 days 265 x 10 % x 20/365 = 1.45205 -> 1.45, provisionally.
    let running = l.running_interest(date(2026, 1, 21), terms.unwrap()).unwrap();
    assert_eq!(running, [Allocation { due, amount: 26_500, interest: 145 }]);
    assert_eq!(l.interest(), 27);
    assert_eq!(l.pay(date(2026, 1, 21), 26_500, terms).unwrap().interest, 145);
    assert_eq!((l.interest(), l.overdue()), (172, 0));
    // Paid on the due day or before: none.
    l.accrue(500, date(2026, 2, 1)).unwrap();
    assert_eq!(l.pay(date(2026, 1, 25), 500, terms).unwrap().interest, 0);
}

#[test]
fn a_refused_payment_leaves_the_ledger_as_it_was() {
    let mut l = Ledger::default();
    l.accrue(i64::MAX, date(2026, 1, 1)).unwrap();
    l.fall_due(date(2026, 1, 1), None).unwrap();
    let before = l.clone();
    assert_eq!(l.pay(date(2026, 1, 2), -1, None), Err(AccrualError::NegativePayment));
    // 400 years at 100 %: interest beyond 64 bits.
    let terms = late(100, DayCount::Actual365);
    assert_eq!(l.pay(date(2426, 1, 2), i64::MAX, terms), Err(AccrualError::Beyond64));
    assert_eq!(l, before);
    // So too where a set-off would bear it.
    l.accrue(-i64::MAX, date(2426, 1, 2)).unwrap();
    let before = l.clone();
    assert_eq!(l.fall_due(date(2426, 1, 2), terms), Err(AccrualError::Beyond64));
    assert_eq!(l, before);
}

#[derive(Clone, Debug)]
enum Act {
    Accrue(i64, i64),
    Pay(i64),
    FallDue,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (-500_i64..1_000, 0_i64..60).prop_map(|(amount, days)| Act::Accrue(amount, days)),
        (0_i64..1_500).prop_map(Act::Pay),
        Just(Act::FallDue),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    #[test]
    fn nothing_is_lost_between_accrual_and_payment(acts in acts()) {
        let mut l = Ledger::default();
        let (mut accrued, mut paid) = (0_i128, 0_i128);
        for (i, act) in acts.into_iter().enumerate() {
            let today = date(2026, 1, 1).checked_add((i as i64).days()).unwrap();
            match act {
                Act::Accrue(amount, days) => {
                    l.accrue(amount, today.checked_add(days.days()).unwrap()).unwrap();
                    accrued += i128::from(amount);
                }
                Act::Pay(amount) => {
                    let done = l.pay(today, amount, None).unwrap();
                    let went: i128 = done.allocations.iter().map(|a| a.amount).sum();
                    prop_assert_eq!(went + done.ahead, i128::from(amount));
                    paid += i128::from(amount);
                }
                Act::FallDue => {
                    l.fall_due(today, None).unwrap();
                }
            }
            prop_assert_eq!((l.accrued(), l.paid()), (accrued, paid));
            prop_assert!(l.overdue() >= 0 && l.ahead() >= 0);
        }
        l.fall_due(date(2027, 1, 1), None).unwrap();
        prop_assert_eq!(l.due(), accrued);
        prop_assert_eq!(l.overdue() - l.ahead(), accrued - paid);
    }

    #[test]
    fn day_counts_agree_with_counting_day_by_day(start in 0_i64..3_000, length in 0_i64..1_200) {
        let a = date(2020, 1, 1).checked_add(start.days()).unwrap();
        let b = a.checked_add(length.days()).unwrap();
        let (mut d, mut n, mut years) = (a, 0_i64, Exact::ZERO);
        while d < b {
            n += 1;
            years = years.add(ratio(1, if d.in_leap_year() { 366 } else { 365 })).unwrap();
            d = d.tomorrow().unwrap();
        }
        let fraction = |count| {
            year_fraction(a, b, count)
                .iter()
                .fold(Exact::ZERO, |s, (n, d)| s.add(ratio(i128::from(*n), i128::from(*d))).unwrap())
        };
        prop_assert_eq!(days_between(a, b), n);
        prop_assert_eq!(fraction(DayCount::Actual360), ratio(i128::from(n), 360));
        prop_assert_eq!(fraction(DayCount::Actual365), ratio(i128::from(n), 365));
        prop_assert_eq!(fraction(DayCount::ActualActual), years);
        // 30/360 is within three days of the truth for each year begun.
        let thirty = fraction(DayCount::Thirty360).sub(ratio(i128::from(n), 365)).unwrap();
        let bound = ratio(4 * (i128::from(n) / 365 + 1), 360);
        prop_assert!(thirty <= bound && thirty.neg() <= bound);
    }
}
