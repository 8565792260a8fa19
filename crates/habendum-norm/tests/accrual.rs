//! The steps of an assessment, one rule at a time, against amounts worked out by hand. Amounts are cents.
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

mod support;

use habendum_model::value::{ClauseId, Exact};
use habendum_norm::accrual::{
    AccrualError, BandFault, BandFigure, Base, CapFigure, CreditFigure, CreditLimit, Figures, Layout, Rate,
    Reason, check_bands, close_floor, share_of_days, tier_total,
};
use habendum_norm::ir::Payment;
use habendum_syntax::ast::{Period, RoundingMode, SumOf};
use jiff::civil::date;
use support::{Desk, cap, cap_from, credit_of, floor, int, months, payment, plain, ratio, reckoning, tiered};

/// 10 % to 1,000.00, 5 % above to 3,000.00, 1 % above.
fn bands() -> Vec<BandFigure> {
    let up_to = |n: i128| Some((int(n), true));
    vec![
        BandFigure { lower: (int(0), true), upper: up_to(100_000), rate: Rate::Times(ratio(1, 10)) },
        BandFigure { lower: (int(100_000), false), upper: up_to(300_000), rate: Rate::Times(ratio(1, 20)) },
        BandFigure { lower: (int(300_000), false), upper: None, rate: Rate::Times(ratio(1, 100)) },
    ]
}

#[test]
fn marginal_tiers_sum_each_band() {
    // 10 % of 1,000 + 5 % of 2,000 + 1 % of 500 = 100 + 100 + 5 = 205.00
    assert_eq!(tier_total(true, &bands(), int(350_000)), Ok(int(20_500)));
    assert_eq!(tier_total(true, &bands(), int(100_000)), Ok(int(10_000)));
    // No part of a negative total lies in a band.
    assert_eq!(tier_total(true, &bands(), int(-5)), Ok(Exact::ZERO));
}

#[test]
fn whole_tiers_take_the_rate_of_the_band_that_holds_the_total() {
    // The bound belongs to the lower band: 10 % of 1,000.00. One cent more: 5 % of 1,000.01 = 50.0005.
    assert_eq!(tier_total(false, &bands(), int(100_000)), Ok(int(10_000)));
    assert_eq!(tier_total(false, &bands(), int(100_001)), Ok(ratio(100_001, 20)));
    let fixed = [
        BandFigure { lower: (int(0), true), upper: Some((int(10), false)), rate: Rate::Fixed(int(700)) },
        BandFigure { lower: (int(10), true), upper: None, rate: Rate::Fixed(int(900)) },
    ];
    assert_eq!(tier_total(false, &fixed, Exact::ZERO), Ok(Exact::ZERO));
    assert_eq!(tier_total(false, &fixed, ratio(19, 2)), Ok(int(700)));
    assert_eq!(tier_total(false, &fixed, int(10)), Ok(int(900)));
    assert_eq!(tier_total(true, &fixed, int(10)), Err(AccrualError::Bands(BandFault::FixedInMarginal)));
}

#[test]
fn whole_tiers_may_take_back() {
    // 10 % of 1,000 = 100.00 accrued; the next 500 moves the whole 1,500 to 5 % = 75.00: -25.00.
    let mut desk = Desk::new(&tiered(false, Period::Month));
    let bands = bands();
    let mut sale = |day, cents: i128| {
        let base = Base::Tiers { base: int(cents), bands: &bands };
        desk.assess(date(2026, 1, day), &Figures { base, ..plain(Exact::ZERO) }).unwrap().amount
    };
    assert_eq!(sale(3, 100_000), 10_000);
    assert_eq!(sale(4, 50_000), -2_500);
}

#[test]
fn tiers_begin_anew_with_each_period() {
    let mut desk = Desk::new(&tiered(true, Period::Month));
    let bands = bands();
    let mut sale = |day, cents: i128| {
        let base = Base::Tiers { base: int(cents), bands: &bands };
        desk.assess(day, &Figures { base, ..plain(Exact::ZERO) }).unwrap().amount
    };
    // 800 at 10 % = 80; then 200 at 10 % and 200 at 5 % = 20 + 10 = 30; February: 400 at 10 % = 40.
    assert_eq!(sale(date(2026, 1, 30), 80_000), 8_000);
    assert_eq!(sale(date(2026, 1, 31), 40_000), 3_000);
    assert_eq!(sale(date(2026, 2, 1), 40_000), 4_000);
}

#[test]
fn bands_that_do_not_meet_are_named() {
    let band = |a: i128, ai, b: i128, bi| BandFigure {
        lower: (int(a), ai),
        upper: Some((int(b), bi)),
        rate: Rate::Times(Exact::ONE),
    };
    let check = |marginal, bands: &[BandFigure], total| check_bands(marginal, bands, int(total));
    let point = [band(0, true, 5, false), band(5, false, 9, true)];
    assert_eq!(check(false, &point, 5), Err(BandFault::Gap(int(5))));
    assert_eq!(check(false, &point, 4), Ok(()));
    // A single point carries nothing in marginal tiers.
    assert_eq!(check(true, &point, 9), Ok(()));
    let gap = [band(0, true, 5, true), band(7, true, 9, true)];
    assert_eq!(check(false, &gap, 6), Err(BandFault::Gap(int(6))));
    assert_eq!(check(false, &gap, 8), Ok(()));
    assert_eq!(check(true, &gap, 5), Ok(()));
    assert_eq!(check(true, &gap, 8), Err(BandFault::Gap(int(5))));
    // Below the first and above the last there is no band, and nothing is owed.
    assert_eq!((check(false, &gap, -1), check(false, &gap, 10)), (Ok(()), Ok(())));
    let both = [band(0, true, 5, true), band(5, true, 9, true)];
    assert_eq!(check(false, &both, 5), Err(BandFault::Overlap(int(5))));
    let overlap = [band(0, true, 5, true), band(4, true, 9, true)];
    assert_eq!(check(false, &overlap, 3), Ok(()));
    assert_eq!(check(true, &overlap, 4), Ok(()));
    assert_eq!(check(true, &overlap, 5), Err(BandFault::Overlap(int(4))));
    let reversed = [band(7, true, 5, true), band(5, true, 9, true)];
    assert_eq!(check(true, &reversed, 6), Err(BandFault::Overlap(int(5))));
    assert_eq!(check(false, &[band(0, true, 5, true), band(5, false, 9, true)], 5), Ok(()));
}

#[test]
fn the_crossing_event_is_split_and_the_next_accrues_nothing() {
    let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Year)], ..payment() });
    let first = desk.capped(date(2026, 2, 1), int(700), &[1_000]);
    assert_eq!((first.amount, first.reasons), (700, vec![]));
    // Room 300 of 500.
    let second = desk.capped(date(2026, 3, 1), int(500), &[1_000]);
    assert_eq!((second.amount, second.reasons), (300, vec![Reason::SplitByCap]));
    let third = desk.capped(date(2026, 12, 31), int(1), &[1_000]);
    assert_eq!((third.amount, third.reasons), (0, vec![Reason::CapExhausted]));
    // The next year has its own room.
    assert_eq!(desk.capped(date(2027, 1, 1), int(400), &[1_000]).amount, 400);
    // A cap lowered below what is counted leaves no room, and takes nothing back.
    assert_eq!(desk.capped(date(2027, 1, 2), int(50), &[100]).amount, 0);
}

#[test]
fn periods_of_a_cap() {
    // (period, last day of one, first day of the next); the agreement begins on 15 March, the fiscal year on 1 April.
    let edges = [
        (Period::Day, date(2026, 5, 4), date(2026, 5, 5)),
        (Period::Week, date(2026, 5, 3), date(2026, 5, 4)),
        (Period::Month, date(2026, 2, 28), date(2026, 3, 1)),
        (Period::Quarter, date(2026, 3, 31), date(2026, 4, 1)),
        (Period::Year, date(2026, 12, 31), date(2027, 1, 1)),
        (Period::FiscalYear, date(2026, 3, 31), date(2026, 4, 1)),
        (Period::ContractYear, date(2026, 3, 14), date(2026, 3, 15)),
    ];
    for (per, last, next) in edges {
        let mut desk = Desk::new(&Payment { caps: vec![cap(per)], ..payment() });
        assert_eq!(desk.capped(last, int(90), &[100]).amount, 90, "{per:?}");
        assert_eq!(desk.capped(last, int(90), &[100]).amount, 10, "{per:?}");
        assert_eq!(desk.capped(next, int(90), &[100]).amount, 90, "{per:?}");
    }
    let mut desk = Desk::new(&Payment { caps: vec![cap(Period::InTotal)], ..payment() });
    assert_eq!(desk.capped(date(2026, 1, 1), int(90), &[100]).amount, 90);
    assert_eq!(desk.capped(date(2036, 1, 1), int(90), &[100]).amount, 10);
    let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Event)], ..payment() });
    assert_eq!(desk.capped(date(2026, 1, 1), int(130), &[100]).amount, 100);
    assert_eq!(desk.capped(date(2026, 1, 1), int(130), &[100]).amount, 100);
}

#[test]
fn a_rolling_cap_forgets_what_is_older_than_its_window() {
    let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Rolling(12))], ..payment() });
    assert_eq!(desk.capped(date(2026, 1, 31), int(60), &[100]).amount, 60);
    assert_eq!(desk.capped(date(2026, 6, 1), int(60), &[100]).amount, 40);
    // On 30 January 2027 the window is 31 January 2026 to that day: both count.
    assert_eq!(desk.capped(date(2027, 1, 30), int(10), &[100]).amount, 0);
    // On the 31st it begins on 1 February: 40 counted, 60 room.
    assert_eq!(desk.capped(date(2027, 1, 31), int(70), &[100]).amount, 60);
    assert_eq!(desk.capped(date(2027, 5, 31), int(70), &[100]).amount, 0);
    // 1 June 2027: the 40 of 1 June 2026 are out.
    assert_eq!(desk.capped(date(2027, 6, 1), int(70), &[100]).amount, 40);
}

#[test]
fn refunds_restore_room_only_where_the_text_says_so() {
    let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Year)], ..payment() });
    assert_eq!(desk.capped(date(2026, 1, 1), int(100), &[100]).amount, 100);
    assert_eq!(desk.capped(date(2026, 1, 2), int(-30), &[100]).amount, -30);
    assert_eq!(desk.capped(date(2026, 1, 3), int(50), &[100]).amount, 0);
    let mut restoring = cap(Period::Year);
    restoring.refunds_restore = true;
    let mut desk = Desk::new(&Payment { caps: vec![restoring], ..payment() });
    assert_eq!(desk.capped(date(2026, 1, 1), int(100), &[100]).amount, 100);
    assert_eq!(desk.capped(date(2026, 1, 2), int(-30), &[100]).amount, -30);
    assert_eq!(desk.capped(date(2026, 1, 3), int(50), &[100]).amount, 30);
}

#[test]
fn a_cap_counts_from_its_day() {
    let from = date(2026, 4, 1);
    let mut desk = Desk::new(&Payment { caps: vec![cap_from(Period::InTotal, from)], ..payment() });
    assert_eq!(desk.capped(date(2026, 3, 31), int(500), &[100]).amount, 500);
    assert_eq!(desk.capped(from, int(80), &[100]).amount, 80);
    assert_eq!(desk.capped(date(2026, 4, 2), int(80), &[100]).amount, 20);
}

#[test]
fn several_caps_count_what_all_of_them_accept() {
    // 100 a year, 30 a month: January gives 30 and no more; so the year has 70 left.
    let p = Payment { caps: vec![cap(Period::Year), cap(Period::Month)], ..payment() };
    let mut desk = Desk::new(&p);
    let january = desk.capped(date(2026, 1, 5), int(200), &[100, 30]);
    assert_eq!((january.amount, january.reasons), (30, vec![Reason::SplitByCap, Reason::SplitByCap]));
    for (month, expected) in [(2, 30), (3, 30), (4, 10), (5, 0)] {
        assert_eq!(desk.capped(date(2026, month, 5), int(50), &[100, 30]).amount, expected);
    }
}

#[test]
fn a_cap_may_count_what_is_due_or_paid() {
    let mut by_paid = cap(Period::Year);
    by_paid.counting = SumOf::Paid;
    let mut desk = Desk::new(&Payment { caps: vec![by_paid], ..payment() });
    let mut with = |paid: Option<i128>| {
        let caps = [CapFigure { limit: int(100), counted: paid.map(int) }];
        desk.assess(date(2026, 1, 1), &Figures { caps: &caps, ..plain(int(80)) })
    };
    assert_eq!(with(Some(0)).unwrap().amount, 80);
    // Nothing paid yet: all of it again. 90 paid: room 10.
    assert_eq!(with(Some(0)).unwrap().amount, 80);
    assert_eq!(with(Some(90)).unwrap().amount, 10);
    assert_eq!(with(None), Err(AccrualError::MissingFigure));
}

#[test]
fn a_cap_that_an_amendment_adds_has_counted_from_the_start() {
    let mut layout = Layout::default();
    let before = layout.plan(&payment()).unwrap();
    let after = layout.plan(&Payment { caps: vec![cap(Period::InTotal)], ..payment() }).unwrap();
    let state = layout.fresh();
    let mut desk = Desk { plan: before, state, r: reckoning() };
    assert_eq!(desk.capped(date(2026, 1, 1), int(70), &[]).amount, 70);
    desk.plan = after;
    assert_eq!(desk.capped(date(2026, 2, 1), int(70), &[100]).amount, 30);
}

#[test]
fn credits_use_up_the_credited_sum() {
    let mut desk = Desk::new(&Payment { credits: vec![credit_of(7)], ..payment() });
    let of = |sum: i128, limit| [CreditFigure { sum: int(sum), limit }];
    let day = date(2026, 1, 1);
    // An advance of 100: 60 recouped, then 40 of the next 60.
    let first = desk.credited(day, int(60), &of(100, CreditLimit::Whole));
    assert_eq!((first.amount, first.reasons), (0, vec![Reason::CreditedAgainst(ClauseId(7))]));
    assert_eq!(desk.credited(day, int(60), &of(100, CreditLimit::Whole)).amount, 20);
    assert_eq!(desk.credited(day, int(60), &of(100, CreditLimit::Whole)).amount, 60);
    // 200 more: half of 60; then at most 10 of 60; a refund takes no credit.
    assert_eq!(desk.credited(day, int(60), &of(300, CreditLimit::Share(ratio(1, 2)))).amount, 30);
    assert_eq!(desk.credited(day, int(60), &of(300, CreditLimit::Money(int(10)))).amount, 50);
    assert_eq!(desk.credited(day, int(-60), &of(300, CreditLimit::Whole)).amount, -60);
    // A sum that shrank below what was used has nothing left.
    assert_eq!(desk.credited(day, int(60), &of(50, CreditLimit::Whole)).amount, 60);
}

#[test]
fn two_credits_of_one_sum_share_it() {
    let mut desk = Desk::new(&Payment { credits: vec![credit_of(7), credit_of(7)], ..payment() });
    let figure = CreditFigure { sum: int(50), limit: CreditLimit::Money(int(30)) };
    // 30 by the first, 20 of the 30 by the second: 100 - 50.
    assert_eq!(desk.credited(date(2026, 1, 1), int(100), &[figure, figure]).amount, 50);
    assert_eq!(desk.credited(date(2026, 1, 2), int(100), &[figure, figure]).amount, 100);
}

#[test]
fn rounding_modes() {
    use RoundingMode::{Down, HalfDown, HalfEven, HalfUp, Up};
    // 2.5, 3.5, -2.5, 2.4, 2.6, -2.1
    let cases = [(5, 2), (7, 2), (-5, 2), (12, 5), (13, 5), (-21, 10)];
    let expected = [
        (HalfEven, [2, 4, -2, 2, 3, -2]),
        (HalfUp, [3, 4, -3, 2, 3, -2]),
        (HalfDown, [2, 3, -2, 2, 3, -2]),
        (Up, [3, 4, -3, 3, 3, -3]),
        (Down, [2, 3, -2, 2, 2, -2]),
    ];
    for (mode, amounts) in expected {
        let mut desk = Desk::new(&Payment { rounding: (mode, Period::Event), ..payment() });
        for ((n, d), cents) in cases.iter().zip(amounts) {
            assert_eq!(desk.capped(date(2026, 1, 1), ratio(*n, *d), &[]).amount, cents, "{mode:?} {n}/{d}");
        }
    }
}

#[test]
fn cumulative_rounding_gives_the_rounded_sum() {
    // Three times 0.4: totals 0.4, 0.8, 1.2 round to 0, 1, 1; so 0, 1, 0. February begins anew: 0.4 rounds to 0.
    let mut desk = Desk::new(&Payment { rounding: (RoundingMode::HalfUp, Period::Month), ..payment() });
    let mut event = |month| desk.capped(date(2026, month, 3), ratio(2, 5), &[]).amount;
    assert_eq!([event(1), event(1), event(1), event(2)], [0, 1, 0, 0]);
}

#[test]
fn a_floor_tops_up_at_the_period_end() {
    let mut desk = Desk::new(&Payment { floors: vec![floor(Period::Quarter, None)], ..payment() });
    desk.capped(date(2026, 2, 1), int(300), &[]);
    let close = |desk: &mut Desk, day, least: i128| {
        close_floor(&desk.plan, &mut desk.state, 0, day, int(least), &reckoning()).unwrap()
    };
    assert_eq!(close(&mut desk, date(2026, 3, 31), 1_000), 700);
    // Asked again, nothing is missing; a quarter without events is short of the whole; one above it of nothing.
    assert_eq!(close(&mut desk, date(2026, 3, 31), 1_000), 0);
    assert_eq!(close(&mut desk, date(2026, 6, 30), 1_000), 1_000);
    desk.capped(date(2026, 7, 1), int(1_500), &[]);
    assert_eq!(close(&mut desk, date(2026, 9, 30), 1_000), 0);
}

#[test]
fn a_floor_per_event_tops_up_the_event() {
    let mut desk = Desk::new(&Payment { floors: vec![floor(Period::Event, None)], ..payment() });
    let low = desk.floored(date(2026, 1, 1), int(30), 50);
    assert_eq!((low.amount, low.top_up), (30, 20));
    let high = desk.floored(date(2026, 1, 1), int(70), 50);
    assert_eq!((high.amount, high.top_up), (70, 0));
}

#[test]
fn a_years_floor_counts_the_quarters_top_ups() {
    let p = Payment { floors: vec![floor(Period::Quarter, None), floor(Period::Year, None)], ..payment() };
    let mut desk = Desk::new(&p);
    let mut close = |which, month, day, least: i128| {
        let r = reckoning();
        close_floor(&desk.plan, &mut desk.state, which, date(2026, month, day), int(least), &r).unwrap()
    };
    // Four empty quarters of 100 each; the year wants 450: 50 more.
    for (month, day) in [(3, 31), (6, 30), (9, 30), (12, 31)] {
        assert_eq!(close(0, month, day, 100), 100);
    }
    assert_eq!(close(1, 12, 31, 450), 50);
}

#[test]
fn carried_shortfalls_are_recouped_from_later_excess_oldest_first() {
    let p = Payment { floors: vec![floor(Period::Month, Some(months(2)))], ..payment() };
    let mut desk = Desk::new(&p);
    let r = reckoning();
    let close = |desk: &mut Desk, day| {
        close_floor(&desk.plan, &mut desk.state, 0, day, int(100), &reckoning()).unwrap()
    };
    // January accrues 70, February 40: top-ups of 30 (recouped through March) and 60 (through April).
    desk.floored(date(2026, 1, 10), int(70), 100);
    assert_eq!(close(&mut desk, date(2026, 1, 31)), 30);
    assert_eq!(desk.floored(date(2026, 2, 10), int(40), 100).amount, 40);
    assert_eq!(close(&mut desk, date(2026, 2, 28)), 60);
    // March: 90 leaves no excess; 50 more makes 140, excess 40: reduced by 40 of the 90 carried.
    assert_eq!(desk.floored(date(2026, 3, 5), int(90), 100).amount, 90);
    let event = desk.floored(date(2026, 3, 6), int(50), 100);
    assert_eq!((event.amount, event.reasons), (10, vec![Reason::ShortfallRecouped]));
    // A refund of 25 makes 115, excess 15: 25 of the reduction is undone, so the refund is nil.
    assert_eq!(desk.floored(date(2026, 3, 7), int(-25), 100).amount, 0);
    // 25 again: back to an excess of 40.
    assert_eq!(desk.floored(date(2026, 3, 8), int(25), 100).amount, 0);
    assert_eq!(close(&mut desk, date(2026, 3, 31)), 0);
    // The 40 came from January's 30 and 10 of February's 60: 50 left for April.
    let left: Vec<_> =
        desk.state.floors[0].carried_on(date(2026, 4, 1), &r).unwrap().iter().map(|c| c.left).collect();
    assert_eq!(left, [int(50)]);
    // April: 170, excess 70, reduced by 50. May: nothing is left.
    assert_eq!(desk.floored(date(2026, 4, 5), int(170), 100).amount, 120);
    assert_eq!(desk.floored(date(2026, 5, 5), int(170), 100).amount, 170);
}

#[test]
fn a_carried_shortfall_expires() {
    let p = Payment { floors: vec![floor(Period::Month, Some(months(12)))], ..payment() };
    let with_shortfall_of_february = || {
        let mut desk = Desk::new(&p);
        let day = date(2027, 2, 28);
        assert_eq!(close_floor(&desk.plan, &mut desk.state, 0, day, int(100), &desk.r), Ok(100));
        desk
    };
    // Twelve months from 1 March 2027 end on 29 February 2028: that month still recoups, March does not.
    assert_eq!(with_shortfall_of_february().floored(date(2028, 2, 29), int(150), 100).amount, 100);
    assert_eq!(with_shortfall_of_february().floored(date(2028, 3, 1), int(150), 100).amount, 150);
}

#[test]
fn proration_counts_both_ends() {
    let january = (date(2026, 1, 1), date(2026, 1, 31));
    // From the 17th: 15 of 31 days. Through the 10th: 10. One day of one. A term that never meets the month: none.
    assert_eq!(share_of_days(january, (date(2026, 1, 17), None)), Ok(ratio(15, 31)));
    assert_eq!(share_of_days(january, (date(2025, 1, 1), Some(date(2026, 1, 10)))), Ok(ratio(10, 31)));
    assert_eq!(share_of_days(january, (date(2025, 1, 1), None)), Ok(Exact::ONE));
    assert_eq!(share_of_days(january, (date(2026, 1, 5), Some(date(2026, 1, 5)))), Ok(ratio(1, 31)));
    assert_eq!(share_of_days(january, (date(2026, 3, 1), None)), Ok(Exact::ZERO));
    let mut desk = Desk::new(&payment());
    // 3,100.00 for January, 15 days: 1,500.00.
    let figures = Figures { prorated: Some(ratio(15, 31)), ..plain(int(310_000)) };
    assert_eq!(desk.assess(date(2026, 1, 31), &figures).unwrap().amount, 150_000);
}

#[test]
fn the_steps_come_in_the_order_of_the_book() {
    // Base 1,000.00; tiers 10 % = 100.00; cap 80.00; credit 50.00 of it; rounded 30.00.
    let p =
        Payment { caps: vec![cap(Period::Year)], credits: vec![credit_of(3)], ..tiered(true, Period::Month) };
    let mut desk = Desk::new(&p);
    let bands = bands();
    let done = desk
        .assess(
            date(2026, 1, 1),
            &Figures {
                base: Base::Tiers { base: int(100_000), bands: &bands },
                prorated: None,
                caps: &[CapFigure { limit: int(8_000), counted: None }],
                credits: &[CreditFigure { sum: int(5_000), limit: CreditLimit::Whole }],
                floors: &[],
            },
        )
        .unwrap();
    let steps: Vec<_> = done.steps.iter().map(|s| (s.label, s.amount)).collect();
    let expected = [
        ("base", int(100_000)),
        ("marginal tiers", int(10_000)),
        ("cap", int(8_000)),
        ("credit", int(3_000)),
        ("rounded", int(3_000)),
    ];
    assert_eq!(steps, expected);
    assert_eq!(done.reasons, [Reason::SplitByCap, Reason::CreditedAgainst(ClauseId(3))]);
}

#[test]
fn an_error_leaves_the_state_as_it_was() {
    let p = Payment {
        caps: vec![cap(Period::Year)],
        floors: vec![floor(Period::Month, Some(months(3)))],
        rounding: (RoundingMode::Up, Period::Month),
        ..payment()
    };
    let mut desk = Desk::new(&p);
    let caps = [CapFigure { limit: int(i128::MAX), counted: None }];
    let ok = Figures { caps: &caps, ..plain(int(5)) };
    desk.assess(date(2026, 1, 1), &ok).unwrap();
    let before = desk.state.clone();
    let too_much = Figures { caps: &caps, ..plain(int(i128::from(i64::MAX) + 1)) };
    assert_eq!(desk.assess(date(2026, 2, 1), &too_much), Err(AccrualError::Beyond64));
    let enormous = Figures { caps: &caps, ..plain(int(i128::MAX)) };
    assert!(desk.assess(date(2026, 1, 2), &enormous).is_err());
    assert_eq!(desk.state, before);
}
