//! Random sentences and modifiers.

use crate::expr::{calendar_period, date_expr, duration, event_ref, expr, period, sum_expr, sum_of, unit};
use crate::{Gen, sp};
use habendum_syntax::Sp;
use habendum_syntax::ast::{
    Amount, Band, Cap, DateBase, DayCount, Due, Exception, Exclusivity, Expr, Floor, Head, Modifier,
    ModifierKind, MonthRounding, Period, PowerAct, RoundingMode, Statement, Targets, Tiers, Who,
};

pub fn kind(g: &mut Gen<'_>) -> ModifierKind {
    use ModifierKind as K;
    g.one(&[
        K::Where,
        K::Unless,
        K::OnlyIf,
        K::While,
        K::SubjectTo,
        K::Notwithstanding,
        K::WithoutPrejudice,
        K::Before,
        K::Until,
        K::From,
        K::Through,
        K::Lasting,
        K::Renews,
        K::Within,
        K::By,
        K::Each,
        K::NoDeadline,
        K::Totalling,
        K::Otherwise,
        K::On,
        K::PerDelay,
        K::Cap,
        K::Floor,
        K::Rounded,
        K::Due,
        K::LateInterest,
        K::Crediting,
        K::Prorated,
        K::InAdvance,
        K::ExercisedBy,
        K::When,
        K::Notice,
        K::Surviving,
        K::MaySublicense,
        K::NonTransferable,
        K::ExclusiveWhile,
        K::Clocks,
        K::MonthRounding,
    ])
}

pub fn who(g: &mut Gen<'_>) -> Sp<Who> {
    sp(match g.pick(4) {
        0 => Who::Named(g.names(1)),
        1 => Who::AnyParty,
        2 => Who::Anyone,
        _ => Who::AnyoneExcept(g.names(1)),
    })
}

pub fn exclusivity(g: &mut Gen<'_>) -> Sp<Exclusivity> {
    sp(match g.pick(5) {
        0 => Exclusivity::Exclusive,
        1 => Exclusivity::ExclusiveExceptGrantor,
        2 => Exclusivity::Sole,
        3 => Exclusivity::NonExclusive,
        _ => Exclusivity::CoExclusive(g.names(1)),
    })
}

pub fn amount(g: &mut Gen<'_>) -> Sp<Amount> {
    if g.pick(3) < 2 {
        return sp(Amount::Expr(expr(g).node));
    }
    let bands = g.many(1, |g| {
        let lower = g.maybe(|g| (expr(g), g.flag()));
        // A band without bounds is a trap.
        let upper = if lower.is_none() || g.flag() { Some((expr(g), g.flag())) } else { None };
        sp(Band { lower, upper, rate: expr(g) })
    });
    sp(Amount::Tiers(Tiers { marginal: g.flag(), base: Box::new(expr(g)), per: period(g), bands }))
}

fn head(g: &mut Gen<'_>) -> Head {
    use PowerAct as P;
    match g.pick(12) {
        0 => Head::May { who: who(g), event: g.plain_name(), over: g.maybe(Gen::plain_name) },
        1 => Head::MustNot { who: who(g), event: g.plain_name() },
        2 => Head::Must { who: who(g), event: g.plain_name() },
        3 => Head::Keep { who: who(g), condition: expr(g), on: event_ref(g) },
        4 => {
            let act = g.one(&[P::Terminate, P::Suspend, P::Resume, P::Extend, P::Assign]);
            let targets = if g.flag() { Targets::Clauses(g.names(1)) } else { Targets::Agreement };
            Head::Power { who: who(g), act, targets }
        }
        5 => Head::Excuses { cause: event_ref(g), targets: g.names(1) },
        6 => Head::ExtendsTime { cause: event_ref(g), targets: g.names(1), by: expr(g) },
        7 => Head::Grants {
            licensor: g.plain_name(),
            licensee: g.plain_name(),
            exclusivity: exclusivity(g),
            event: g.plain_name(),
            assets: g.names(1),
            territories: g.names(0),
            fields: g.names(0),
        },
        8 => Head::Pays { payer: g.plain_name(), payee: g.plain_name(), amount: amount(g) },
        9 => Head::Recital(g.text()),
        10 => Head::Undertaking { who: who(g), text: g.text(), status: g.maybe(Gen::plain_name) },
        _ => Head::Holding {
            holder: g.plain_name(),
            in_: g.plain_name(),
            as_: g.text(),
            share: g.maybe(|_| sp(Expr::Percent("27".to_owned()))),
        },
    }
}

pub fn statement(g: &mut Gen<'_>) -> Sp<Statement> {
    g.deeper(|g, deep| {
        let head = head(g);
        let mut modifiers = if deep { Vec::new() } else { g.many(0, modifier) };
        if matches!(head, Head::Must { .. }) {
            modifiers.insert(0, sp(Modifier::NoDeadline));
        }
        sp(Statement { head, modifiers })
    })
}

fn exception(g: &mut Gen<'_>) -> Exception {
    g.deeper(|g, deep| Exception {
        label: g.maybe(Gen::plain_name),
        condition: expr(g),
        unless: if deep || g.flag() { Vec::new() } else { g.many(0, exception) },
    })
}

pub fn modifier(g: &mut Gen<'_>) -> Sp<Modifier> {
    sp(match g.pick(4) {
        0 => conditions(g),
        1 => times(g),
        2 => money(g),
        _ => others(g),
    })
}

fn conditions(g: &mut Gen<'_>) -> Modifier {
    match g.pick(10) {
        0 => Modifier::Where(expr(g)),
        1 => Modifier::Unless(exception(g)),
        2 => Modifier::OnlyIf(expr(g)),
        3 => Modifier::While(expr(g)),
        4 => Modifier::SubjectTo(g.names(1)),
        5 => Modifier::Notwithstanding(g.names(1)),
        6 => Modifier::WithoutPrejudice(g.names(1)),
        7 => Modifier::When(expr(g)),
        8 => Modifier::ExclusiveWhile(expr(g)),
        _ => Modifier::Otherwise(Box::new(statement(g))),
    }
}

fn times(g: &mut Gen<'_>) -> Modifier {
    match g.pick(15) {
        0 => Modifier::Before(event_ref(g)),
        1 => {
            // `before NAME` alone is an event or a date by its declaration: the tree has it as `Before`.
            let mut date = date_expr(g);
            if matches!(date.node.base, DateBase::Param(_)) && date.node.offset.is_none() {
                date.node.base = DateBase::Effective;
            }
            Modifier::BeforeDate(date)
        }
        2 => Modifier::Until(event_ref(g)),
        3 => Modifier::UntilReaches { sum: sp(sum_expr(g)), level: expr(g) },
        4 => Modifier::From(date_expr(g)),
        5 => Modifier::Through(date_expr(g)),
        6 => Modifier::Lasting(sp(duration(g))),
        7 => Modifier::Renews {
            length: sp(duration(g)),
            times: g.maybe(|g| sp(g.one(&[1, 3]))),
            condition: g.maybe(expr),
        },
        8 => Modifier::Within { length: sp(duration(g)), of: event_ref(g) },
        9 => Modifier::By(date_expr(g)),
        10 => Modifier::Each(period(g)),
        11 => Modifier::OnEach(event_ref(g)),
        12 => Modifier::OnFirst(event_ref(g)),
        13 => Modifier::WithinEach { length: sp(duration(g)), period: period(g) },
        _ => Modifier::OnDate(date_expr(g)),
    }
}

fn money(g: &mut Gen<'_>) -> Modifier {
    use RoundingMode as R;
    match g.pick(10) {
        0 | 1 => {
            let per = period(g);
            let from = if per.node == Period::InTotal || g.flag() { Some(date_expr(g)) } else { None };
            let (counting, refunds_restore) = (sum_of(g), g.flag());
            Modifier::Cap(Cap { amount: expr(g), per, from, counting, refunds_restore })
        }
        2 => Modifier::Floor(Floor { amount: expr(g), per: period(g), carry: g.maybe(|g| sp(duration(g))) }),
        3 => Modifier::Rounded {
            mode: g.one(&[R::HalfEven, R::HalfUp, R::HalfDown, R::Up, R::Down]),
            per: period(g),
        },
        4 => Modifier::Due(sp(match g.pick(4) {
            0 => Due::AtOnce,
            1 => Due::AfterEach(sp(duration(g)), sp(calendar_period(g))),
            2 => Due::After(sp(duration(g))),
            _ => Due::On(date_expr(g)),
        })),
        5 => Modifier::LateInterest {
            rate: expr(g),
            count: g.one(&[
                DayCount::Actual360,
                DayCount::Actual365,
                DayCount::ActualActual,
                DayCount::Thirty360,
            ]),
        },
        6 => Modifier::Crediting { what: sum_of(g), clause: g.plain_name(), up_to: g.maybe(expr) },
        7 => Modifier::Prorated,
        8 => Modifier::PerDelay { started: g.flag(), unit: unit(g) },
        _ => Modifier::InAdvance(g.flag()),
    }
}

fn others(g: &mut Gen<'_>) -> Modifier {
    match g.pick(9) {
        0 => Modifier::NoDeadline,
        1 => Modifier::Totalling { amount: expr(g), field: g.name() },
        2 => Modifier::ExercisedBy(event_ref(g)),
        3 => Modifier::Notice(sp(duration(g))),
        4 => {
            let ids = g.names(0);
            let lasting = if ids.is_empty() { None } else { g.maybe(|g| sp(duration(g))) };
            Modifier::Surviving { ids, lasting }
        }
        5 => Modifier::MaySublicense { to: g.names(0), depth: g.maybe(|_| sp(2)) },
        6 => Modifier::NonTransferable,
        7 => Modifier::Clocks(g.flag()),
        _ => Modifier::MonthRounding(g.one(&[MonthRounding::Up, MonthRounding::Down])),
    }
}
