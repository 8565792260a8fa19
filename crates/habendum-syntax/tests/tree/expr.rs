//! Random expressions and literals.

use crate::{Gen, sp};
use habendum_syntax::Sp;
use habendum_syntax::ast::{
    BinaryOp, CompareOp, Date, DateBase, DateExpr, DatePart, Duration, DurationCount, DurationUnit, EventRef,
    Expr, Name, Period, Scale, SumOf, SumWhat, Window,
};

pub fn date(g: &mut Gen<'_>) -> Date {
    let day = g.one(&[1, 28, 31, 29]);
    Date { year: g.one(&[2024, 1, 9999]), month: if day > 28 { 1 } else { g.one(&[2, 12]) }, day }
}

pub fn unit(g: &mut Gen<'_>) -> DurationUnit {
    use DurationUnit as U;
    g.one(&[U::Hours, U::Days, U::BusinessDays, U::Weeks, U::Months, U::Quarters, U::Years])
}

pub fn duration(g: &mut Gen<'_>) -> Duration {
    let count = if g.pick(4) == 3 {
        DurationCount::Param(g.plain_name())
    } else {
        DurationCount::Literal(g.one(&[0, 1, 30]))
    };
    Duration { count, unit: unit(g) }
}

pub fn date_expr(g: &mut Gen<'_>) -> Sp<DateExpr> {
    let base = match g.pick(6) {
        0 => DateBase::Day(date(g)),
        1 => DateBase::Month { year: 2030, month: g.one(&[1, 12]) },
        2 => DateBase::Year(2030),
        3 => DateBase::Effective,
        4 => DateBase::Signature,
        _ => DateBase::Param(g.plain_name()),
    };
    let offset = g.maybe(|g| (g.flag(), sp(duration(g))));
    sp(DateExpr { base, offset })
}

pub fn sum_of(g: &mut Gen<'_>) -> SumOf {
    g.one(&[SumOf::Accrued, SumOf::Due, SumOf::Paid, SumOf::Overdue])
}

/// Periods that a window can name.
pub fn calendar_period(g: &mut Gen<'_>) -> Period {
    use Period as P;
    g.one(&[P::Event, P::Day, P::Week, P::Month, P::Quarter, P::Year, P::FiscalYear, P::ContractYear])
}

pub fn period(g: &mut Gen<'_>) -> Sp<Period> {
    sp(match g.pick(3) {
        0 => calendar_period(g),
        1 => Period::InTotal,
        _ => Period::Rolling(g.one(&[1, 12])),
    })
}

pub fn event_ref(g: &mut Gen<'_>) -> EventRef {
    let event = g.plain_name();
    let same = if g.pick(3) == 2 { g.names(1) } else { Vec::new() };
    let guard = if g.pick(3) == 2 { Some(Box::new(expr(g))) } else { None };
    EventRef { event, same, guard }
}

fn number(g: &mut Gen<'_>) -> String {
    g.one(&["0", "5", "1000", "2.50"]).to_owned()
}

fn scale(g: &mut Gen<'_>) -> Option<Scale> {
    g.one(&[None, Some(Scale::Thousand), Some(Scale::Million), Some(Scale::Billion)])
}

fn unit_name(g: &mut Gen<'_>) -> Name {
    sp(g.one(&["MWh", "kg"]).to_owned())
}

fn window(g: &mut Gen<'_>) -> Window {
    match g.pick(6) {
        0 => Window::This(calendar_period(g)),
        1 => Window::Last(calendar_period(g)),
        2 => Window::Trailing(duration(g)),
        3 => Window::InTotal,
        4 => Window::OfTheTerm,
        _ => Window::Since(date_expr(g)),
    }
}

pub fn sum_expr(g: &mut Gen<'_>) -> Expr {
    let what = match g.pick(4) {
        0 => SumWhat::Total(g.plain_name()),
        1 => SumWhat::Count(event_ref(g)),
        2 => SumWhat::Payment(sum_of(g), g.plain_name()),
        _ => SumWhat::Breaches(g.plain_name()),
    };
    Expr::Sum { what, window: Box::new(sp(window(g))) }
}

fn leaf(g: &mut Gen<'_>) -> Expr {
    match g.pick(13) {
        0 => Expr::Name(g.plain_name().node),
        1 => Expr::Bool(g.flag()),
        2 => Expr::Number(number(g)),
        3 => Expr::Percent(number(g)),
        4 => {
            let per = if g.flag() { Some(unit_name(g)) } else { None };
            Expr::Money { number: number(g), scale: scale(g), currency: "USD".to_owned(), per }
        }
        5 => Expr::Quantity { number: number(g), scale: scale(g), unit: unit_name(g) },
        6 => Expr::Duration(Duration { count: DurationCount::Literal(g.one(&[1, 30])), unit: unit(g) }),
        7 => Expr::Date(date(g)),
        8 => Expr::Instant(
            g.one(&["2026-06-01T09:00", "2026-06-01T09:00:30Z", "2026-06-01T23:59-08:00"]).to_owned(),
        ),
        9 => Expr::Text(g.text().node),
        10 => Expr::Dotted(g.plain_name(), g.name()),
        11 => sum_expr(g),
        _ => Expr::Name(g.one(&["year", "month", "by", "of", "cap", "per", "sole"]).to_owned()),
    }
}

fn boxed(g: &mut Gen<'_>) -> Box<Sp<Expr>> {
    Box::new(expr(g))
}

pub fn expr(g: &mut Gen<'_>) -> Sp<Expr> {
    g.deeper(|g, deep| if deep || g.flag() { sp(leaf(g)) } else { sp(node(g)) })
}

fn node(g: &mut Gen<'_>) -> Expr {
    use CompareOp as C;
    match g.pick(16) {
        0 => Expr::Not(boxed(g)),
        1 => Expr::Neg(boxed(g)),
        2 => Expr::And(g.many(2, expr)),
        3 => Expr::Or(g.many(2, expr)),
        4 | 5 => {
            let op = g.one(&[C::Is, C::IsNot, C::AtLeast, C::MoreThan, C::UpTo, C::LessThan]);
            Expr::Compare(op, boxed(g), boxed(g))
        }
        6 => Expr::OneOf { value: boxed(g), set: g.many(1, expr), negated: g.flag() },
        7 => Expr::In { value: boxed(g), register: g.plain_name(), negated: g.flag() },
        8 => Expr::IsParty { value: boxed(g), party: g.flag() },
        9 => Expr::Stated { value: boxed(g), negated: g.flag() },
        10 => {
            use BinaryOp as B;
            Expr::Binary(g.one(&[B::Add, B::Sub, B::Mul, B::Div, B::Of]), boxed(g), boxed(g))
        }
        11 => Expr::If(boxed(g), boxed(g), boxed(g)),
        12 if g.flag() => Expr::Greater(g.many(2, expr)),
        12 => Expr::Lesser(g.many(2, expr)),
        13 => Expr::Between { started: g.flag(), unit: unit(g), from: boxed(g), to: boxed(g) },
        14 => Expr::DatePart(g.one(&[DatePart::Year, DatePart::Month, DatePart::Day]), boxed(g)),
        _ if g.flag() => Expr::Occurred(event_ref(g)),
        _ => Expr::Lookup { table: g.plain_name(), key: boxed(g), column: g.maybe(Gen::name) },
    }
}
