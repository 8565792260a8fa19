//! What expressions ask of fields, days and sums.
//!
//! Data flow: expressions of norms -> [`Facts`]: for each field the constants it is held against, and where a linear
//! comparison turns. Invariant: additive; asking the same twice changes nothing.

use super::linear::{At, Atom, Env, Linear, Place, constant, linear};
use habendum_model::date::day_of;
use habendum_model::expr::{DateValue, Expr, ExprKind, Window};
use habendum_model::value::{EventId, Exact, FieldId, Length, MeasureId, TermId, Value};
use habendum_norm::ir::{EventTest, Program};
use habendum_norm::reads::each_expr;
use habendum_syntax::ast::{DatePart, Period};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// More rows of a table than this are not told apart.
const MOST_ROWS: usize = 8;
/// Branches of a choice that are told apart.
const BRANCHES: usize = 3;

/// What is asked of one field.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldFacts {
    /// Values that it is held against.
    pub constants: BTreeSet<Value>,
    /// Figures at which a comparison turns; their neighbours matter too.
    pub turns: BTreeSet<Exact>,
    /// Figures that matter by themselves.
    pub exact: BTreeSet<Exact>,
    /// Days from the event's own at which a comparison turns.
    pub offsets: BTreeSet<i64>,
    /// Ranges of terms that it is tested against.
    pub ranges: BTreeSet<(TermId, TermId)>,
    /// Terms that it is tested for overlap with.
    pub related: BTreeSet<TermId>,
    /// Two values that differ matter, whatever they are: it keeps instances or matches apart.
    pub apart: bool,
}

/// What is asked of everything.
pub(super) struct Facts<'p> {
    pub program: &'p Program,
    /// Fields that something reads.
    pub fields: BTreeMap<Place, FieldFacts>,
    /// Event kinds that something asks about.
    pub kinds: BTreeSet<EventId>,
    /// Fields that are held against each other.
    pub links: BTreeSet<(Place, Place)>,
    /// Levels that sums are held against.
    pub levels: BTreeMap<MeasureId, BTreeSet<Exact>>,
    /// Days that are named.
    pub days: BTreeSet<Date>,
    /// Periods that are counted.
    pub periods: Vec<Period>,
    /// Lengths after an event at which something turns.
    pub lengths: BTreeSet<Length>,
    envs: Vec<(Vec<Option<Value>>, usize, usize)>,
}

impl<'p> Facts<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        let rows =
            program.symbols.tables.values().map(|t| t.rows.len()).max().unwrap_or(1).clamp(1, MOST_ROWS);
        let mut params: Vec<Vec<Option<Value>>> = Vec::new();
        for v in &program.versions {
            if !params.contains(&v.params) {
                params.push(v.params.clone());
            }
        }
        let mut envs = Vec::new();
        for p in &params {
            for row in 0..rows {
                envs.extend((0..BRANCHES).map(|b| (p.clone(), row, b)));
            }
        }
        Facts {
            program,
            fields: BTreeMap::new(),
            kinds: BTreeSet::new(),
            links: BTreeSet::new(),
            levels: BTreeMap::new(),
            days: BTreeSet::new(),
            periods: Vec::new(),
            lengths: BTreeSet::new(),
            envs,
        }
    }

    /// Notes that a field is read.
    pub(super) fn read(&mut self, at: Option<EventId>, f: FieldId) -> Option<&mut FieldFacts> {
        let kind = at?;
        self.program.symbols.events.get_index(kind.ix())?.1.fields.get_index(f.ix())?;
        Some(self.fields.entry((kind, f)).or_default())
    }

    /// Notes that values of a field that differ matter.
    pub(super) fn apart(&mut self, at: Option<EventId>, f: FieldId) {
        if let Some(x) = self.read(at, f) {
            x.apart = true;
        }
    }

    /// Notes who acts.
    pub(super) fn actor(&mut self, kind: EventId) {
        self.kinds.insert(kind);
        if let Some(f) = self.program.symbols.events.get_index(kind.ix()).and_then(|(_, i)| i.actor) {
            self.read(Some(kind), f);
        }
    }

    /// Notes a day.
    pub(super) fn day(&mut self, d: &DateValue) {
        self.days.extend(d.fixed());
    }

    /// Notes a period.
    pub(super) fn period(&mut self, p: Period) {
        match p {
            Period::Rolling(months) => {
                self.lengths
                    .insert(Length { count: months, unit: habendum_syntax::ast::DurationUnit::Months });
            }
            Period::Event | Period::InTotal => {}
            Period::Day
            | Period::Week
            | Period::Month
            | Period::Quarter
            | Period::Year
            | Period::FiscalYear
            | Period::ContractYear => {
                if !self.periods.contains(&p) {
                    self.periods.push(p);
                }
            }
        }
    }

    /// Notes a test: its kind, its guard, and what it compares with the event of another kind.
    pub(super) fn test(&mut self, t: &EventTest, with: Option<EventId>, trigger: Option<EventId>) {
        self.kinds.insert(t.event);
        t.guard.iter().for_each(|g| self.expr(g, At { event: Some(t.event), trigger }));
        for (a, b) in &t.same {
            self.apart(with, *a);
            self.apart(Some(t.event), *b);
            if let Some(with) = with {
                self.links.insert(((with, *a), (t.event, *b)));
            }
        }
    }

    /// Notes an expression.
    pub(super) fn expr(&mut self, e: &Expr, at: At) {
        let mut all: Vec<&Expr> = Vec::new();
        each_expr(e, &mut |x| all.push(x));
        for x in all {
            self.one(x, at);
        }
    }

    fn one(&mut self, e: &Expr, at: At) {
        match &e.kind {
            ExprKind::Field(f) => {
                self.read(at.event, *f);
            }
            ExprKind::Trigger(f) => {
                self.read(at.trigger, *f);
            }
            ExprKind::Compare(_, a, b) => self.compare(a, b, at),
            ExprKind::Under(x, ranges) => {
                if let Some(f) = self.field(x, at) {
                    f.ranges.extend(ranges.iter().copied());
                }
            }
            ExprKind::Overlaps(x, terms) => {
                if let Some(f) = self.field(x, at) {
                    f.related.extend(terms.iter().copied());
                }
            }
            ExprKind::OneOf(x, set) => {
                if let Some(f) = self.field(x, at) {
                    f.constants.extend(set.iter().cloned());
                }
            }
            ExprKind::InRegister(x, r) => {
                let members = self.program.registers.get(r.ix()).map(|d| d.initially.clone());
                if let Some(f) = self.field(x, at) {
                    f.apart = true;
                    f.constants.extend(members.unwrap_or_default());
                }
            }
            ExprKind::Lookup { table, key, .. } => {
                let info = self.program.symbols.tables.get_index(table.ix()).map(|(_, t)| t);
                if let Some(f) = self.field(key, at) {
                    f.constants.extend(info.into_iter().flat_map(|t| t.rows.keys().take(MOST_ROWS).cloned()));
                }
            }
            ExprKind::Sum(_, w) => self.window(w),
            ExprKind::Const(_)
            | ExprKind::Today
            | ExprKind::Param(_)
            | ExprKind::KeyColumn(..)
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::IsParty(_)
            | ExprKind::Stated(_)
            | ExprKind::Binary(..)
            | ExprKind::Neg(_)
            | ExprKind::If(..)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..)
            | ExprKind::Occurred(_) => {}
        }
    }

    fn window(&mut self, w: &Window) {
        match w {
            Window::This(p) | Window::Last(p) => self.period(*p),
            Window::Trailing(l) => {
                self.lengths.insert(*l);
            }
            Window::Since(d) => self.day(d),
            Window::InTotal | Window::OfTheTerm => {}
        }
    }

    /// The facts of a field, where the expression is one.
    fn field(&mut self, e: &Expr, at: At) -> Option<&mut FieldFacts> {
        let (kind, f) = place_of(e, at)?;
        self.read(Some(kind), f)
    }

    fn compare(&mut self, a: &Expr, b: &Expr, at: At) {
        if let (Some(x), Some(y)) = (place_of(a, at), place_of(b, at)) {
            self.links.insert((x, y));
            self.apart(Some(x.0), x.1);
            self.apart(Some(y.0), y.1);
        }
        for (x, y) in [(a, b), (b, a)] {
            if let ExprKind::DatePart(part, of) = &x.kind {
                self.part(*part, of, y, at);
            }
        }
        for (params, row, branch) in self.envs.clone() {
            let env = Env { program: self.program, params: &params, row, branch };
            for (x, y) in [(a, b), (b, a)] {
                if let Some(v) = constant(y, &env)
                    && let Some(f) = self.field(x, at)
                {
                    f.constants.insert(v);
                }
            }
            if let (Some(x), Some(y)) = (linear(a, at, &env), linear(b, at, &env))
                && let Some(d) = x.minus(&y)
            {
                self.turn(&d);
            }
        }
    }

    /// Notes where a form is zero.
    pub(super) fn turn(&mut self, d: &Linear) {
        let dated = d.factors.contains_key(&Atom::Today);
        let places: Vec<Place> =
            d.factors.keys().filter_map(|a| if let Atom::Field(p) = a { Some(*p) } else { None }).collect();
        for a in d.factors.keys() {
            let Some(zero) = d.zero_in(*a) else { continue };
            match a {
                Atom::Field(p) => {
                    if let Some(f) = self.read(Some(p.0), p.1) {
                        if dated {
                            f.offsets
                                .extend(i64::try_from(zero.round(habendum_syntax::ast::RoundingMode::Down)));
                        } else {
                            f.turns.insert(zero);
                        }
                    }
                    self.links.extend(places.iter().filter(|q| *q != p).map(|q| (*p, *q)));
                }
                Atom::Sum(m) => {
                    self.levels.entry(*m).or_default().insert(zero);
                }
                Atom::Today if places.is_empty() => {
                    let n = i64::try_from(zero.round(habendum_syntax::ast::RoundingMode::Down));
                    self.days.extend(n.ok().and_then(|n| day_of(n).ok()));
                }
                Atom::Today => {}
            }
        }
    }

    /// `year of date is 2027`: the days at which the part turns.
    fn part(&mut self, part: DatePart, of: &Expr, with: &Expr, at: At) {
        for (params, row, branch) in self.envs.clone() {
            let env = Env { program: self.program, params: &params, row, branch };
            let Some(Value::Number(n)) = constant(with, &env) else { continue };
            let Ok(n) = i16::try_from(n.round(habendum_syntax::ast::RoundingMode::Down)) else { continue };
            let first = self.program.effective.fixed().map_or(2026, Date::year);
            let day = match part {
                DatePart::Year => Date::new(n, 1, 1),
                DatePart::Month => Date::new(first + 1, i8::try_from(n).unwrap_or(0), 1),
                DatePart::Day => Date::new(first + 1, 1, i8::try_from(n).unwrap_or(0)),
            };
            let Ok(day) = day else { continue };
            let end = match part {
                DatePart::Year => day.last_of_year(),
                DatePart::Month => day.last_of_month(),
                DatePart::Day => day,
            };
            match place_of(of, at) {
                Some((k, f)) => {
                    if let Some(f) = self.read(Some(k), f) {
                        f.constants.extend([Value::Date(day), Value::Date(end)]);
                    }
                }
                None => self.days.extend([day, end]),
            }
        }
    }

    /// Calls a function for every choice of parameters, table rows and branches.
    pub(super) fn each_env(&mut self, mut f: impl FnMut(&mut Self, &Env<'_>)) {
        for (params, row, branch) in self.envs.clone() {
            let env = Env { program: self.program, params: &params, row, branch };
            f(self, &env);
        }
    }
}

/// The field that an expression is.
fn place_of(e: &Expr, at: At) -> Option<Place> {
    match &e.kind {
        ExprKind::Field(f) => Some((at.event?, *f)),
        ExprKind::Trigger(f) => Some((at.trigger?, *f)),
        _ => None,
    }
}
