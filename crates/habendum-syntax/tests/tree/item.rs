//! Random items.

use crate::expr::{date, date_expr, duration, event_ref, expr, sum_of};
use crate::modifier::{amount, exclusivity, kind, modifier, statement};
use crate::{Gen, sp};
use habendum_syntax::Sp;
use habendum_syntax::ast::{
    Agreement, Amendment, Aspect, Assumption, Calendar, Change, Clause, ClauseParts, Define, DutyEvent,
    Event, Expectation, Expr, Extension, Field, Header, Item, Key, KeyTerm, Line, Modifier, ModifierKind,
    MonthRounding, Operation, Outcome, Parameter, Position, Property, Prove, Reading, Register,
    RegisterChange, Scenario, Schedule, SourceNote, SourceStatus, Step, Table, Term, Total, TypeName,
    Verdict, Vocabulary, Waiver,
};

pub fn item(g: &mut Gen<'_>) -> Item {
    match g.pick(20) {
        0 => Item::Unit(g.plain_name()),
        1 => Item::Agreement(Agreement { id: g.name(), title: g.text(), header: g.many(0, header) }),
        2 | 17 => Item::Amendment(Amendment {
            id: g.name(),
            title: g.text(),
            to: g.name(),
            effective: g.maybe(date_expr),
            signed: g.maybe(date_expr),
            source: g.maybe(|g| sp(source(g))),
            operations: g.many(0, |g| sp(operation(g))),
        }),
        3 => Item::Schedule(Schedule {
            id: g.plain_name(),
            title: g.maybe(Gen::text),
            source: g.maybe(|g| sp(source(g))),
            values: g.many(0, |g| (g.plain_name(), expr(g))),
        }),
        4 => Item::Vocabulary(Vocabulary { name: g.plain_name(), terms: g.many(0, term) }),
        5 => Item::Event(Event { name: g.plain_name(), fields: g.many(0, field) }),
        6 => Item::Parameter(Parameter {
            name: g.name(),
            ty: ty(g),
            value: g.maybe(expr),
            note: g.maybe(Gen::text),
            source: g.maybe(|g| sp(source(g))),
        }),
        7 => Item::Table(Table {
            name: g.plain_name(),
            key: field(g),
            columns: g.many(0, field),
            rows: g.many(0, |g| (expr(g), g.many(1, expr))),
        }),
        8 => Item::Define(Define { name: g.plain_name(), value: expr(g) }),
        9 => Item::Total(Total { name: g.plain_name(), value: expr(g), on: event_ref(g) }),
        10 => Item::Register(Register {
            name: g.plain_name(),
            of: ty(g),
            initially: g.names(0),
            adds: g.many(0, |g| RegisterChange { field: g.name(), on: event_ref(g) }),
            removes: g.many(0, |g| RegisterChange { field: g.name(), on: event_ref(g) }),
        }),
        11 => Item::Assumption(Assumption { name: g.plain_name(), text: g.text() }),
        12 => Item::Calendar(Calendar {
            name: g.plain_name(),
            weekend: g.names(0),
            holidays: g.many(0, |g| sp(date(g))),
            covers: g.maybe(|g| (sp(date(g)), sp(date(g)))),
        }),
        13 => Item::KeyTerm(KeyTerm {
            feature: g.text(),
            aspect: sp(g.one(&[
                Aspect::Exclusivity,
                Aspect::Term,
                Aspect::Payment,
                Aspect::Status,
                Aspect::Rule,
            ])),
            clauses: g.names(1),
        }),
        14 => Item::Scenario(Scenario { title: g.text(), steps: g.many(0, |g| sp(step(g))) }),
        15 => Item::Prove(Prove {
            title: g.text(),
            from: g.maybe(date_expr),
            through: g.maybe(date_expr),
            property: sp(property(g)),
        }),
        _ => Item::Clause(clause(g)),
    }
}

fn source(g: &mut Gen<'_>) -> SourceNote {
    let status = g.one(&[SourceStatus::Own, SourceStatus::Reported, SourceStatus::Other]);
    SourceNote { status, citation: g.text().node }
}

fn header(g: &mut Gen<'_>) -> Sp<Header> {
    sp(match g.pick(13) {
        0 => Header::Parties(g.names(1)),
        1 => Header::Others(g.names(1)),
        2 => Header::OthersAny,
        3 => Header::Effective(date_expr(g)),
        4 => Header::Signed(date_expr(g)),
        5 => Header::Currency(g.names(1)),
        6 => Header::Zone(g.text()),
        7 => Header::Default { event: g.plain_name(), permitted: g.flag() },
        8 => Header::Months(g.one(&[MonthRounding::Up, MonthRounding::Down])),
        9 => Header::FiscalYear { month: g.one(&[2, 7]), day: g.one(&[1, 28]) },
        10 => Header::PaymentsTracked,
        11 => Header::BusinessDays(g.plain_name()),
        _ => Header::Source(source(g)),
    })
}

fn term(g: &mut Gen<'_>) -> Term {
    g.deeper(|g, deep| Term {
        name: g.plain_name(),
        children: if deep || g.flag() { Vec::new() } else { g.many(0, term) },
    })
}

fn ty(g: &mut Gen<'_>) -> Sp<TypeName> {
    let unit = |_: &mut Gen<'_>| sp("MWh".to_owned());
    sp(match g.pick(13) {
        0 => TypeName::Bool,
        1 => TypeName::Int,
        2 => TypeName::Decimal(g.maybe(unit)),
        3 => TypeName::Percent,
        4 => TypeName::Money { currency: g.maybe(|_| sp("EUR".to_owned())), per: g.maybe(unit) },
        5 => TypeName::Date,
        6 => TypeName::Instant,
        7 => TypeName::Duration,
        8 => TypeName::Text,
        9 => TypeName::Party,
        10 => TypeName::Clause,
        _ => TypeName::Named(g.plain_name()),
    })
}

fn field(g: &mut Gen<'_>) -> Field {
    Field { name: g.name(), ty: ty(g), optional: g.flag() }
}

fn number(g: &mut Gen<'_>) -> Sp<String> {
    sp(g.one(&["2.1", "4(b)", "IV-a"]).to_owned())
}

fn parts(g: &mut Gen<'_>) -> ClauseParts {
    ClauseParts {
        number: g.maybe(number),
        title: g.maybe(Gen::text),
        key: g.maybe(|g| sp(Key { fields: g.names(1), table: g.maybe(Gen::plain_name) })),
        body: g.many(0, line),
    }
}

fn clause(g: &mut Gen<'_>) -> Clause {
    Clause { id: g.plain_name(), parts: parts(g) }
}

fn line(g: &mut Gen<'_>) -> Sp<Line> {
    sp(match g.pick(10) {
        0 => Line::Text(g.text()),
        1 => Line::Source(source(g)),
        2 => Line::RestsOn(g.names(1)),
        3 => Line::Waive(Waiver { code: sp("C008".to_owned()), reason: g.text(), expires: sp(date(g)) }),
        4 => Line::Reading(Reading {
            name: g.plain_name(),
            note: g.maybe(Gen::text),
            statements: g.many(0, statement),
        }),
        _ => Line::Statement(statement(g).node),
    })
}

fn operation(g: &mut Gen<'_>) -> Operation {
    match g.pick(14) {
        0 => Operation::Replace { target: g.plain_name(), with: parts(g) },
        1 => Operation::Strike { target: g.plain_name(), saving: g.flag() },
        2 => {
            let position = match g.pick(3) {
                0 => None,
                1 => Some(Position::After(g.plain_name())),
                _ => Some(Position::Before(g.plain_name())),
            };
            Operation::Insert { clause: clause(g), position }
        }
        3 => Operation::Suspend {
            targets: g.names(1),
            from: g.maybe(date_expr),
            through: g.maybe(date_expr),
            clocks_stop: g.flag(),
        },
        4 => Operation::Extend { target: g.plain_name(), to: Extension::Through(date_expr(g)) },
        5 => Operation::Extend { target: g.plain_name(), to: Extension::By(sp(duration(g))) },
        6 => Operation::Renumber { target: g.plain_name(), number: number(g) },
        7 => Operation::Affirm(g.names(1)),
        8 => Operation::Restate { target: g.plain_name(), with: parts(g) },
        9 => Operation::RestateAll(g.many(0, |g| sp(clause(g)))),
        10 => Operation::Set { name: g.plain_name(), value: expr(g) },
        11 => Operation::Recites { target: g.plain_name(), text: g.text() },
        _ => Operation::Vary { target: g.plain_name(), changes: changes(g) },
    }
}

/// No text says `term from D` and then `through D` as two changes: it is one.
fn changes(g: &mut Gen<'_>) -> Vec<Sp<Change>> {
    let mut all = g.many(1, |g| sp(change(g)));
    let mut open = false;
    all.retain(|c| {
        let again = open && matches!(&c.node, Change::Put(put) if matches!(put.node, Modifier::Through(_)));
        open = matches!(c.node, Change::Term { through: None, .. });
        !again
    });
    all
}

fn change(g: &mut Gen<'_>) -> Change {
    match g.pick(10) {
        0 => Change::Exclusivity(exclusivity(g)),
        1 => Change::Term { from: Some(date_expr(g)), through: g.maybe(date_expr) },
        2 => Change::Term { from: None, through: Some(date_expr(g)) },
        3 => Change::Remove { kind: ModifierKind::Unless, label: g.maybe(Gen::plain_name) },
        4 => Change::Remove { kind: kind(g), label: None },
        5 => Change::Amount(amount(g)),
        6 => Change::Text(g.text()),
        7 => Change::Title(g.text()),
        8 => Change::Party { new: g.plain_name(), old: g.plain_name() },
        _ if g.flag() => Change::Add(modifier(g)),
        _ => Change::Put(modifier(g)),
    }
}

fn verdict(g: &mut Gen<'_>) -> Verdict {
    use Verdict as V;
    g.one(&[
        V::Silent,
        V::Permitted,
        V::Breach,
        V::Unlicensed,
        V::WithoutEffect,
        V::Undetermined,
        V::Conflict,
    ])
}

fn step(g: &mut Gen<'_>) -> Step {
    match g.pick(8) {
        0 => Step::Schedule(g.plain_name()),
        1 => Step::Set(g.plain_name(), expr(g)),
        2 => Step::Reading(g.plain_name(), g.plain_name()),
        3 => Step::KnownAsOf(sp(date(g))),
        4 => Step::Clock(sp(date(g))),
        5 => {
            let at =
                if g.flag() { Expr::Instant("2026-06-01T09:00Z".to_owned()) } else { Expr::Date(date(g)) };
            Step::Event { at: sp(at), kind: g.plain_name(), fields: g.many(0, |g| (g.name(), expr(g))) }
        }
        _ => Step::Expect(expectation(g)),
    }
}

fn expectation(g: &mut Gen<'_>) -> Expectation {
    use DutyEvent as D;
    match g.pick(7) {
        0 => Expectation::Verdict { verdict: verdict(g), clauses: g.names(0) },
        1 => Expectation::Accrues(expr(g), g.plain_name()),
        2 => Expectation::Sum(sum_of(g), g.plain_name(), expr(g)),
        3 => Expectation::Interest(g.plain_name(), expr(g)),
        4 => Expectation::Duty(g.one(&[D::Triggered, D::Discharged, D::Lapsed, D::Excused]), g.plain_name()),
        5 => Expectation::Open(g.flag(), g.plain_name()),
        _ => Expectation::InForce(g.flag(), g.plain_name()),
    }
}

fn outcome(g: &mut Gen<'_>) -> Outcome {
    Outcome { verdict: verdict(g), clause: g.maybe(Gen::plain_name), on: g.maybe(event_ref) }
}

fn property(g: &mut Gen<'_>) -> Property {
    match g.pick(6) {
        0 => Property::Never(outcome(g)),
        1 => Property::Always(outcome(g)),
        2 => Property::Independent {
            clause: g.plain_name(),
            event: g.plain_name(),
            field: g.maybe(Gen::plain_name),
        },
        3 => Property::Implies(outcome(g), outcome(g)),
        4 => Property::Equivalent(g.plain_name(), g.plain_name()),
        _ => Property::AtMost {
            amount: expr(g),
            payer: g.plain_name(),
            payee: g.maybe(Gen::plain_name),
            clause: g.maybe(Gen::plain_name),
            per: g.maybe(crate::expr::period),
        },
    }
}
