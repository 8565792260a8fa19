//! `CLAUSE is independent of EVENT[.FIELD]`: a structural proof over the norms.
//!
//! Data flow: program -> what each clause reads, directly and through sums, registers, powers, relief, ranking ->
//! a search for a path to the event. Invariant: sound and not complete: where no path exists the clause cannot depend
//! on the event; where one exists nothing is proved, and the path is the reason given.

use habendum_model::expr::{DateValue, Expr, ExprKind, Measure, MeasureWhat, WhoMember};
use habendum_model::value::{ClauseId, EventId, FieldId, RegisterId};
use habendum_norm::ir::{Basis, Body, EventTest, Norm, Program, Who};
use habendum_norm::reads::{Read, each_expr, otherwise, reads};
use habendum_syntax::Span;
use std::collections::BTreeSet;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The clause.
    pub clause: ClauseId,
    /// The event kind.
    pub event: EventId,
    /// The field; the whole event where absent.
    pub field: Option<FieldId>,
    /// First and last day of the events it is about; all days where absent.
    pub from: Option<DateValue>,
    /// Last day.
    pub through: Option<DateValue>,
}

/// A step of a dependence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In contract words.
    pub text: String,
    /// The sentence.
    pub span: Span,
}

/// Searches for a dependence. `None` is a proof of independence.
#[must_use]
pub fn dependence(program: &Program, q: Question) -> Option<Vec<Step>> {
    let mut search = Search { program, q, seen: BTreeSet::new() };
    let clause = search.q.clause;
    search.clause(clause)
}

struct Search<'p> {
    program: &'p Program,
    q: Question,
    seen: BTreeSet<ClauseId>,
}

impl<'p> Search<'p> {
    /// Whether the version of an index may judge events of the days asked about.
    fn asked(&self, i: usize) -> bool {
        let versions = &self.program.versions;
        let begins_after = match (versions.get(i).map(|v| &v.from), &self.q.through) {
            (Some(DateValue::Fixed(from)), Some(DateValue::Fixed(through))) => from > through,
            _ => false,
        };
        let ends_before = match (versions.get(i + 1).map(|v| &v.from), &self.q.from) {
            (Some(DateValue::Fixed(next)), Some(DateValue::Fixed(from))) => next <= from,
            (Some(DateValue::Open { param: a, text: s }), Some(DateValue::Open { param: b, text: t })) => {
                a == b && s == t
            }
            _ => false,
        };
        !begins_after && !ends_before
    }

    /// Norms that can have a say on the days asked: those of the versions, and duties of earlier ones, whose open
    /// obligations live on.
    fn norms(&self) -> Vec<&'p Norm> {
        let program = self.program;
        let mut out = Vec::new();
        for (i, v) in program.versions.iter().enumerate() {
            let asked = self.asked(i);
            out.extend(v.norms.iter().filter(|n| asked || matches!(n.body, Body::Duty(_))));
        }
        out
    }

    fn clause(&mut self, clause: ClauseId) -> Option<Vec<Step>> {
        if !self.seen.insert(clause) {
            return None;
        }
        for norm in self.norms() {
            if norm.id.clause == clause {
                if let Some(path) = self.norm(norm) {
                    return Some(path);
                }
            } else if let Some(how) = self.bears_on(norm, clause) {
                let step =
                    self.step(norm, format!("{} {how} {}", self.name(norm.id.clause), self.name(clause)));
                // What makes a power or relief effective changes the clause; so does what changes that power.
                if let Some(path) = self.norm(norm).or_else(|| self.clause(norm.id.clause)) {
                    return Some(std::iter::once(step).chain(path).collect());
                }
            }
        }
        None
    }

    /// How a norm of another clause bears on a clause.
    fn bears_on(&self, norm: &Norm, clause: ClauseId) -> Option<&'static str> {
        match &norm.body {
            Body::Power(p) if p.targets.as_ref().is_none_or(|t| t.contains(&clause)) => {
                Some("has power over")
            }
            Body::Relief(r) if r.targets.contains(&clause) => Some("excuses"),
            Body::License(_) | Body::Rule(_) if norm.notwithstanding.contains(&clause) => {
                Some("prevails over")
            }
            _ => None,
        }
    }

    fn norm(&mut self, norm: &'p Norm) -> Option<Vec<Step>> {
        self.kinds(norm).or_else(|| self.reads(norm)).or_else(|| self.others(norm)).or_else(|| {
            let o = otherwise(norm)?;
            self.norm(o)
        })
    }

    /// The events that the norm is about.
    fn kinds(&self, norm: &Norm) -> Option<Vec<Step>> {
        let symbols = &self.program.symbols;
        let builtin = |name: &str| symbols.event(name);
        let (kinds, implicit): (Vec<EventId>, Vec<EventId>) = match &norm.body {
            Body::Rule(r) => (vec![r.event], Vec::new()),
            Body::Duty(d) => (vec![d.event], Vec::new()),
            Body::Keep(k) => (vec![k.shown_by.event], Vec::new()),
            Body::Payment(p) => (
                match &p.basis {
                    Basis::Each(t) | Basis::First(t) => vec![t.event],
                    Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => Vec::new(),
                },
                builtin("Payment").into_iter().collect(),
            ),
            Body::Power(p) => (vec![p.exercised_by.event], Vec::new()),
            Body::Relief(r) => (vec![r.cause.event], Vec::new()),
            Body::License(l) => (vec![l.event], builtin("Grant").into_iter().collect()),
            Body::Inert(_) => (Vec::new(), Vec::new()),
        };
        let event = self.q.event;
        let all_fields = implicit.contains(&event) || matches!(norm.body, Body::License(_));
        let hit = match self.q.field {
            None => kinds.contains(&event) || implicit.contains(&event),
            Some(f) => {
                (all_fields && (kinds.contains(&event) || implicit.contains(&event)))
                    || (kinds.contains(&event) && self.reads_field(norm, f))
            }
        };
        hit.then(|| {
            vec![self.step(norm, format!("{} is about {}", self.name(norm.id.clause), self.asked_for()))]
        })
    }

    /// True where a norm about the event reads its field: by an expression, as actor, as key.
    fn reads_field(&self, norm: &Norm, f: FieldId) -> bool {
        let info = self.program.symbols.event_info(self.q.event);
        let name = info.fields.get_index(f.ix()).map_or("", |(n, _)| n.as_str());
        if info.actor == Some(f) || norm.key.as_ref().is_some_and(|k| k.fields.iter().any(|n| n == name)) {
            return true;
        }
        match &norm.body {
            Body::Duty(d) if d.quantity.as_ref().is_some_and(|(_, q)| *q == f) => return true,
            Body::Power(p) if p.assignee == Some(f) => return true,
            _ => {}
        }
        reads(norm).iter().any(|r| match r {
            Read::Expr(e) => names_field(e, f),
            Read::Test(t) => {
                t.same.iter().any(|(a, b)| *a == f || *b == f)
                    || t.guard.as_ref().is_some_and(|g| names_field(g, f))
            }
            Read::Date(_) => false,
        })
    }

    /// Tests of other events, and sums and registers that expressions ask for.
    fn reads(&mut self, norm: &'p Norm) -> Option<Vec<Step>> {
        for r in reads(norm) {
            let path = match r {
                Read::Expr(e) => self.expr(norm, e),
                Read::Test(t) => self.test(norm, t),
                Read::Date(_) => None,
            };
            if path.is_some() {
                return path;
            }
        }
        None
    }

    fn test(&mut self, norm: &Norm, t: &'p EventTest) -> Option<Vec<Step>> {
        if self.test_hits(t) {
            let text = format!("{} looks at {}", self.name(norm.id.clause), self.asked_for());
            return Some(vec![self.step(norm, text)]);
        }
        t.guard.as_ref().and_then(|g| self.expr(norm, g))
    }

    fn test_hits(&self, t: &EventTest) -> bool {
        t.event == self.q.event
            && self.q.field.is_none_or(|f| {
                t.same.iter().any(|(_, b)| *b == f) || t.guard.as_ref().is_some_and(|g| names_field(g, f))
            })
    }

    fn expr(&mut self, norm: &Norm, e: &'p Expr) -> Option<Vec<Step>> {
        let (mut measures, mut registers) = (BTreeSet::new(), BTreeSet::new());
        each_expr(e, &mut |e| match &e.kind {
            ExprKind::Sum(m, _) | ExprKind::Occurred(m) => {
                measures.insert(*m);
            }
            ExprKind::InRegister(_, r) => {
                registers.insert(*r);
            }
            _ => {}
        });
        let program = self.program;
        for m in measures {
            let Some(measure) = program.measures.get(m.ix()) else { continue };
            if let Some(path) = self.measure(norm, measure) {
                return Some(path);
            }
        }
        registers.into_iter().find_map(|r| self.register(norm, r))
    }

    fn measure(&mut self, norm: &Norm, m: &'p Measure) -> Option<Vec<Step>> {
        let program = self.program;
        let through =
            |s: &Self, what: String| s.step(norm, format!("{} reads {what}", s.name(norm.id.clause)));
        match &m.what {
            MeasureWhat::Total(t) => {
                let def = program.totals.get(t.ix())?;
                let name = program.symbols.totals.get_index(t.ix()).map_or("?", |(n, _)| n.as_str());
                let keyed = def.on.event == self.q.event && !m.key.is_empty();
                let value =
                    def.on.event == self.q.event && self.q.field.is_some_and(|f| names_field(&def.value, f));
                if keyed || value || self.test_hits(&def.on) {
                    let total = format!("the total {name}, which adds up {}", self.asked_for());
                    return Some(vec![through(self, total)]);
                }
                let inner = self.expr(norm, &def.value);
                inner.or_else(|| def.on.guard.as_ref().and_then(|g| self.expr(norm, g)))
            }
            MeasureWhat::Count { event, guard } => {
                let field = self.q.field;
                let reads = field
                    .is_none_or(|f| guard.as_ref().is_some_and(|g| names_field(g, f)) || !m.key.is_empty());
                if *event == self.q.event && reads {
                    return Some(vec![through(self, format!("the count of {}", self.asked_for()))]);
                }
                guard.as_ref().and_then(|g| self.expr(norm, g))
            }
            MeasureWhat::Payment(_, c) | MeasureWhat::Breaches(c) => {
                let path = self.clause(*c)?;
                let step = through(self, format!("a sum of {}", self.name(*c)));
                Some(std::iter::once(step).chain(path).collect())
            }
        }
    }

    fn register(&mut self, norm: &Norm, id: RegisterId) -> Option<Vec<Step>> {
        let program = self.program;
        let def = program.registers.get(id.ix())?;
        let name = program.symbols.registers.get_index(id.ix()).map_or("?", |(n, _)| n.as_str());
        for (test, member) in def.adds.iter().chain(&def.removes) {
            let names_member = test.event == self.q.event && self.q.field == Some(*member);
            if names_member || self.test_hits(test) {
                let text = format!(
                    "{} asks for the register {name}, which {} changes",
                    self.name(norm.id.clause),
                    self.asked_for()
                );
                return Some(vec![self.step(norm, text)]);
            }
            if let Some(path) = test.guard.as_ref().and_then(|g| self.expr(norm, g)) {
                return Some(path);
            }
        }
        None
    }

    /// Other clauses and registers by name: ranking, credits, who.
    fn others(&mut self, norm: &'p Norm) -> Option<Vec<Step>> {
        let mut clauses: Vec<ClauseId> =
            norm.subject_to.iter().chain(&norm.notwithstanding).copied().collect();
        let mut members: Vec<WhoMember> = Vec::new();
        let mut who = |w: &Who| match w {
            Who::Named(m) | Who::AnyoneExcept(m) => members.extend(m.iter().cloned()),
            Who::OutsideLicense { license, .. } => clauses.push(license.clause),
            Who::AnyParty | Who::Anyone => {}
        };
        match &norm.body {
            Body::Rule(r) => who(&r.who),
            Body::Duty(d) => who(&d.who),
            Body::Keep(k) => who(&k.who),
            Body::Power(p) => who(&p.who),
            Body::Payment(p) => clauses.extend(p.credits.iter().map(|c| c.clause)),
            Body::Relief(_) | Body::License(_) | Body::Inert(_) => {}
        }
        for c in clauses {
            if let Some(path) = self.clause(c) {
                let text = format!("{} hangs on {}", self.name(norm.id.clause), self.name(c));
                return Some(std::iter::once(self.step(norm, text)).chain(path).collect());
            }
        }
        members.into_iter().find_map(|m| match m {
            WhoMember::Register(r) => self.register(norm, r),
            WhoMember::Party(_) => None,
        })
    }

    fn step(&self, norm: &Norm, text: String) -> Step {
        Step { text, span: norm.span }
    }

    fn name(&self, c: ClauseId) -> &'p str {
        self.program.symbols.clause_name(c)
    }

    fn asked_for(&self) -> String {
        let symbols = &self.program.symbols;
        let event = symbols.event_name(self.q.event);
        match self.q.field.and_then(|f| symbols.event_info(self.q.event).fields.get_index(f.ix())) {
            Some((field, _)) => format!("{event}.{field}"),
            None => event.to_owned(),
        }
    }
}

/// True where an expression reads a field of the event at hand or of the trigger. Ids of other kinds may coincide; that
/// can only cost a proof, never make one.
fn names_field(e: &Expr, f: FieldId) -> bool {
    let mut found = false;
    each_expr(e, &mut |e| {
        if let ExprKind::Field(g) | ExprKind::Trigger(g) = e.kind {
            found |= g == f;
        }
    });
    found
}
