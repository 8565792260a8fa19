//! Money never gains or loses a cent: properties of tiers, caps, roundings, floors and credits over any stream.
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

mod support;

use habendum_model::value::Exact;
use habendum_norm::accrual::{
    BandFigure, Base, CreditFigure, CreditLimit, Figures, Rate, close_floor, tier_total,
};
use habendum_norm::ir::Payment;
use habendum_syntax::ast::{Period, RoundingMode};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use support::{Desk, cap, credit_of, floor, int, months, payment, plain, ratio, reckoning, tiered};

/// Fractions of cents, positive and negative.
fn amount() -> impl Strategy<Value = Exact> {
    (-1_000_000_i128..1_000_000, 1_i128..13).prop_map(|(n, d)| ratio(n, d))
}

fn positive() -> impl Strategy<Value = Exact> {
    (0_i128..1_000_000, 1_i128..13).prop_map(|(n, d)| ratio(n, d))
}

fn mode() -> impl Strategy<Value = RoundingMode> {
    prop_oneof![
        Just(RoundingMode::HalfEven),
        Just(RoundingMode::HalfUp),
        Just(RoundingMode::HalfDown),
        Just(RoundingMode::Up),
        Just(RoundingMode::Down),
    ]
}

/// Contiguous bands from zero, with rates from 0 to 40 %.
fn bands() -> impl Strategy<Value = Vec<BandFigure>> {
    (prop::collection::btree_set(1_i128..500_000, 1..5), prop::collection::vec(0_i128..40, 6), any::<bool>())
        .prop_map(|(bounds, rates, bound_below)| {
            let mut lower = (int(0), true);
            let mut bands = Vec::new();
            for (bound, rate) in bounds.iter().zip(&rates) {
                let upper = Some((int(*bound), bound_below));
                bands.push(BandFigure { lower, upper, rate: Rate::Times(ratio(*rate, 100)) });
                lower = (int(*bound), !bound_below);
            }
            bands.push(BandFigure { lower, upper: None, rate: Rate::Times(ratio(rates[5], 100)) });
            bands
        })
}

/// Amounts on days of one year, in order.
fn stream(of: impl Strategy<Value = Exact>) -> impl Strategy<Value = Vec<(Date, Exact)>> {
    prop::collection::vec((0_i64..365, of), 1..40).prop_map(|mut events| {
        events.sort_by_key(|(day, _)| *day);
        events.into_iter().map(|(day, a)| (date(2026, 1, 1).checked_add(day.days()).unwrap(), a)).collect()
    })
}

fn total(amounts: impl IntoIterator<Item = Exact>) -> Exact {
    amounts.into_iter().fold(Exact::ZERO, |a, b| a.add(b).unwrap())
}

proptest! {
    #[test]
    fn tiers_add_up_to_the_rounded_function_of_the_total(
        events in stream(amount()), bands in bands(), marginal: bool, mode in mode(),
    ) {
        let rounding = (mode, Period::Year);
        let mut desk = Desk::new(&Payment { rounding, ..tiered(marginal, Period::Year) });
        let mut accrued = 0;
        for (day, amount) in &events {
            let base = Base::Tiers { base: *amount, bands: &bands };
            accrued += i128::from(desk.assess(*day, &Figures { base, ..plain(Exact::ZERO) }).unwrap().amount);
        }
        let all = total(events.iter().map(|(_, a)| *a));
        prop_assert_eq!(accrued, tier_total(marginal, &bands, all).unwrap().round(mode));
    }

    #[test]
    fn splitting_an_events_base_changes_nothing_under_periodic_rounding(
        events in stream(amount()), bands in bands(), marginal: bool, mode in mode(), cut in 0_i128..=10,
    ) {
        let p = Payment { rounding: (mode, Period::Month), ..tiered(marginal, Period::Quarter) };
        let (mut whole, mut split) = (Desk::new(&p), Desk::new(&p));
        for (day, amount) in events {
            let part = amount.mul(ratio(cut, 10)).unwrap();
            let give = |desk: &mut Desk, a| {
                let base = Base::Tiers { base: a, bands: &bands };
                desk.assess(day, &Figures { base, ..plain(Exact::ZERO) }).unwrap().amount
            };
            let once = give(&mut whole, amount);
            let twice = give(&mut split, part) + give(&mut split, amount.sub(part).unwrap());
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn a_capped_total_is_the_lesser_of_cap_and_total(
        events in stream(positive()), limit in 0_i128..5_000_000, mode in mode(),
    ) {
        let rounding = (mode, Period::InTotal);
        let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Year)], rounding, ..payment() });
        let accrued: i128 =
            events.iter().map(|(day, a)| i128::from(desk.capped(*day, *a, &[limit]).amount)).sum();
        let all = total(events.iter().map(|(_, a)| *a));
        prop_assert_eq!(accrued, all.min(int(limit)).round(mode));
    }

    #[test]
    fn with_refunds_restoring_no_moment_is_above_the_cap(
        events in stream(amount()), limit in 0_i128..500_000,
    ) {
        let mut restoring = cap(Period::InTotal);
        restoring.refunds_restore = true;
        let rounding = (RoundingMode::Down, Period::InTotal);
        let mut desk = Desk::new(&Payment { caps: vec![restoring], rounding, ..payment() });
        let mut accrued = 0;
        for (day, amount) in events {
            accrued += i128::from(desk.capped(day, amount, &[limit]).amount);
            prop_assert!(accrued <= limit);
        }
    }

    #[test]
    fn a_rolling_cap_holds_in_every_window(events in stream(positive()), limit in 0_i128..3_000_000) {
        let rounding = (RoundingMode::Down, Period::Event);
        let mut desk = Desk::new(&Payment { caps: vec![cap(Period::Rolling(3))], rounding, ..payment() });
        let mut given: Vec<(Date, i128)> = Vec::new();
        for (day, amount) in events {
            given.push((day, i128::from(desk.capped(day, amount, &[limit]).amount)));
            // The naive window: every pair of days, three calendar months back, by the calendar library.
            let after = day.checked_sub(3.months()).unwrap();
            let window: i128 = given.iter().filter(|(d, _)| *d > after).map(|(_, a)| a).sum();
            prop_assert!(window <= limit);
        }
    }

    #[test]
    fn the_period_sum_is_the_rounded_sum(events in stream(amount()), mode in mode()) {
        let mut desk = Desk::new(&Payment { rounding: (mode, Period::Month), ..payment() });
        let mut by_month = std::collections::BTreeMap::new();
        for (day, amount) in events {
            let cents = desk.capped(day, amount, &[]).amount;
            let entry: &mut (i64, Exact) = by_month.entry(day.month()).or_insert((0, Exact::ZERO));
            entry.0 += cents;
            entry.1 = entry.1.add(amount).unwrap();
        }
        for (cents, exact) in by_month.values() {
            prop_assert_eq!(i128::from(*cents), exact.round(mode));
        }
    }

    #[test]
    fn a_top_up_makes_the_total_exactly_the_floor(
        events in stream(amount()), least in 0_i128..3_000_000, mode in mode(),
    ) {
        let rounding = (mode, Period::Event);
        let mut desk = Desk::new(&Payment { floors: vec![floor(Period::Year, None)], rounding, ..payment() });
        let accrued: i128 =
            events.iter().map(|(day, a)| i128::from(desk.capped(*day, *a, &[]).amount)).sum();
        let end = date(2026, 12, 31);
        let r = reckoning();
        let top_up = close_floor(&desk.plan, &mut desk.state, 0, end, int(least), &r).unwrap();
        prop_assert_eq!(accrued + i128::from(top_up), accrued.max(least));
    }

    #[test]
    fn a_carried_shortfall_is_recouped_at_most_once(
        events in stream((0_i128..300).prop_map(int)), least in 0_i128..400, length in 1_u32..6,
    ) {
        let p = Payment { floors: vec![floor(Period::Month, Some(months(length)))], ..payment() };
        let mut desk = Desk::new(&p);
        // Gross of each month, the naive way: top-ups, and recoupment oldest first from months no older than `length`.
        let mut gross = [0_i128; 13];
        let mut accrued = [0_i128; 13];
        let mut top_ups = [0_i128; 13];
        for month in 1_i8..=12 {
            let m = usize::from(month.unsigned_abs());
            for (day, amount) in events.iter().filter(|(d, _)| d.month() == month) {
                gross[m] += amount.numer();
                accrued[m] += i128::from(desk.floored(*day, *amount, least).amount);
            }
            let end = date(2026, month, 1).last_of_month();
            let r = reckoning();
            let top_up = close_floor(&desk.plan, &mut desk.state, 0, end, int(least), &r).unwrap();
            top_ups[m] = i128::from(top_up);
            accrued[m] += top_ups[m];
        }
        let mut left = [0_i128; 13];
        for m in 1..=12 {
            let mut excess = (gross[m] - least).max(0);
            let oldest = m.saturating_sub(length as usize).max(1);
            for shortfall in &mut left[oldest..m] {
                let part = excess.min(*shortfall);
                *shortfall -= part;
                excess -= part;
            }
            left[m] = (least - gross[m]).max(0);
            let expected = if gross[m] < least { least } else { excess + least };
            prop_assert_eq!(accrued[m], expected, "month {}", m);
            prop_assert_eq!(top_ups[m], left[m]);
        }
    }

    #[test]
    fn credits_never_take_more_than_there_is(
        events in stream(amount()), sum in 0_i128..2_000_000, share in 0_i128..=100,
    ) {
        let p = Payment {
            credits: vec![credit_of(1)],
            rounding: (RoundingMode::HalfEven, Period::InTotal),
            ..payment()
        };
        let mut desk = Desk::new(&p);
        let figure = [CreditFigure { sum: int(sum), limit: CreditLimit::Share(ratio(share, 100)) }];
        let accrued: i128 =
            events.iter().map(|(day, a)| i128::from(desk.credited(*day, *a, &figure).amount)).sum();
        let most = total(events.iter().map(|(_, a)| a.max(&Exact::ZERO).mul(ratio(share, 100)).unwrap()));
        let all = total(events.iter().map(|(_, a)| *a));
        prop_assert_eq!(accrued, all.sub(most.min(int(sum))).unwrap().round(RoundingMode::HalfEven));
    }
}
