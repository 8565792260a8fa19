//! The plan: a program indexed for evaluation, so that a row meets only the norms that ask about its kind.
//!
//! Data flow: [`Program`] -> slots (one per sentence over all versions), tests, and per version an index by event kind.
//! Invariant: a sentence keeps its slot through every version, and slots are in document order; a version lists, after
//! its own norms, the *ghosts* of earlier sentences, whose open obligations and accruals survive them.

use super::measures::{self, Shape};
use crate::accrual::{Layout, PaymentState};
use crate::ir::{Basis, Body, EventTest, Norm, NormId, Opening, Program, ReliefEffect};
use crate::reads::{lives_by_time, norms_of, otherwise};
use habendum_model::date::plus_days;
use habendum_model::expr::{DateValue, MeasureWhat};
use habendum_model::value::{ClauseId, EventId, FieldId, MeasureId, RegisterId, Value};
use habendum_syntax::ast::SumOf;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A program indexed for evaluation.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Sentences over all versions, in document order. Index is the slot.
    pub slots: Vec<NormId>,
    /// Event tests whose past matches count (`before`, `until`). Index is the test id.
    pub tests: Vec<Test>,
    /// Tests by event kind.
    pub tests_of: Vec<Vec<usize>>,
    /// Keyed sentences whose instances live by time in some version. Index is the slot.
    pub lives: Vec<bool>,
    /// Keyed sentences that a running sum may end in some version. Index is the slot.
    pub spendable: Vec<bool>,
    /// What each payment counts, over all versions. Index is the slot.
    pub layouts: Vec<Layout>,
    /// Versions in order.
    pub versions: Vec<VersionPlan>,
    /// How each measure is kept apart.
    pub shapes: Arc<Vec<Shape>>,
    /// Totals and counts by event kind.
    pub feeds: Vec<Vec<MeasureId>>,
    /// Measures of a clause's payments: accrued, due, paid, overdue.
    pub payment_feeds: BTreeMap<ClauseId, Vec<(SumOf, MeasureId)>>,
    /// Measures of a clause's breaches.
    pub breach_feeds: BTreeMap<ClauseId, Vec<MeasureId>>,
    /// Register changes by event kind: register, index among its adds (true) or removes.
    pub registers_of: Vec<Vec<(RegisterId, bool, usize)>>,
}

/// A test whose past matches count.
#[derive(Debug)]
pub(crate) struct Test {
    /// The sentence that asks.
    pub slot: usize,
    /// What it asks.
    pub test: EventTest,
    /// True for `until`: counts only while the clause stands in the text.
    pub until: bool,
    /// The key fields of the clause in the tested kind, where it has them all.
    pub key: Option<Vec<FieldId>>,
}

/// One version, indexed.
#[derive(Debug)]
pub(crate) struct VersionPlan {
    /// First day.
    pub from: Date,
    /// Norms of this version and ghosts of earlier ones, reparations after the duty they repair.
    pub norms: Vec<PlanNorm>,
    /// Index into `norms` by slot.
    pub by_slot: Vec<Option<usize>>,
    /// Indices into `norms` by clause, ghosts left out.
    pub by_clause: BTreeMap<ClauseId, Vec<usize>>,
    /// Norms that a running sum may end (`until ... reaches`).
    pub reaches: Vec<usize>,
    /// Keyed norms that a running sum may end in some version: a row may be the first to name an instance.
    pub names: Vec<usize>,
    /// By norm: the other payments of its clause from the same payer to the same payee, in document order. What one of them has
    /// too much, settles another.
    pub beside: Vec<Vec<usize>>,
    /// What asks about each event kind.
    pub events: Vec<EventPlan>,
    /// Parameter values.
    pub params: Vec<Option<Value>>,
}

/// A norm in a version.
#[derive(Clone, Debug)]
pub(crate) struct PlanNorm {
    /// The norm.
    pub norm: Norm,
    /// Its slot.
    pub slot: usize,
    /// No longer in the text: only what is open and accrued lives on.
    pub ghost: bool,
    /// The slot of its reparation.
    pub otherwise: Option<usize>,
    /// Names of its key fields.
    pub key_names: Vec<String>,
    /// Its key fields by event kind; none where the kind lacks one.
    pub key_fields: Vec<Option<Vec<FieldId>>>,
    /// The way through the steps of a payment.
    pub pay: Option<crate::accrual::Plan>,
    /// Test of `before`.
    pub before: Option<usize>,
    /// Tests of `until`.
    pub until: Vec<usize>,
    /// First and last day as written.
    pub first_day: Option<Date>,
    /// Last day as written.
    pub last_day: Option<Date>,
    /// The day before an amendment takes the sentence out of the text.
    pub struck_after: Option<Date>,
}

/// What asks about an event kind. All are indices into the version's norms.
#[derive(Debug, Default)]
pub(crate) struct EventPlan {
    /// Permissions and prohibitions.
    pub rules: Vec<usize>,
    /// Maintenance duties.
    pub keeps: Vec<usize>,
    /// Duties that it opens.
    pub opens: Vec<usize>,
    /// Duties that it performs.
    pub performs: Vec<usize>,
    /// Payments assessed on it.
    pub payments: Vec<usize>,
    /// Powers that it exercises.
    pub powers: Vec<usize>,
    /// Relief that it causes.
    pub reliefs: Vec<usize>,
    /// Relief that it ends.
    pub relief_ends: Vec<usize>,
    /// Licenses to do it.
    pub licenses: Vec<usize>,
    /// Keyed norms with a life of their own, whose instances its key may begin.
    pub instances: Vec<usize>,
}

impl Plan {
    /// The counts of a payment that has accrued nothing.
    pub(crate) fn fresh(&self, slot: usize) -> PaymentState {
        self.layouts.get(slot).map_or_else(|| Layout::default().fresh(), Layout::fresh)
    }
}

/// Makes the plan. Open dates are left out: a program with them cannot be run.
pub(crate) fn plan(program: &Program) -> Plan {
    let kinds = program.symbols.events.len();
    let (slots, slot_of) = number(program);
    let mut plan = Plan {
        slots,
        tests: Vec::new(),
        tests_of: vec![Vec::new(); kinds],
        lives: Vec::new(),
        spendable: Vec::new(),
        layouts: Vec::new(),
        versions: Vec::new(),
        shapes: Arc::new(measures::shapes(program, &clause_keys(program))),
        feeds: vec![Vec::new(); kinds],
        payment_feeds: BTreeMap::new(),
        breach_feeds: BTreeMap::new(),
        registers_of: registers(program, kinds),
    };
    feeds(program, &mut plan);
    plan.layouts.resize_with(plan.slots.len(), Layout::default);
    let mut tests = HashMap::new();
    plan.lives = keyed(program, &slot_of, lives_by_time);
    plan.spendable = keyed(program, &slot_of, |n| !n.term.until_reaches.is_empty());
    for v in 0..program.versions.len() {
        let made = version(program, v, &slot_of, &mut plan, &mut tests);
        plan.versions.push(made);
    }
    strikes(&mut plan.versions);
    plan
}

/// Notes in each version what the next one no longer holds.
fn strikes(versions: &mut [VersionPlan]) {
    for i in 1..versions.len() {
        let (earlier, later) = versions.split_at_mut(i);
        let (Some(before), Some(after)) = (earlier.last_mut(), later.first()) else { return };
        let Ok(eve) = plus_days(after.from, -1) else { continue };
        for n in &mut before.norms {
            let ghost = after.by_slot[n.slot].is_none_or(|j| after.norms[j].ghost);
            n.struck_after = (ghost && !n.ghost).then_some(eve);
        }
    }
}

/// Slots in document order: a sentence new in a version comes after the one that it follows there.
fn number(program: &Program) -> (Vec<NormId>, BTreeMap<NormId, usize>) {
    let mut order: Vec<NormId> = Vec::new();
    for v in &program.versions {
        let mut at = 0;
        for n in norms_of(v) {
            match order.iter().position(|o| *o == n.id) {
                Some(i) => at = i + 1,
                None => {
                    order.insert(at, n.id);
                    at += 1;
                }
            }
        }
    }
    let of = order.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    (order, of)
}

fn clause_keys(program: &Program) -> BTreeMap<ClauseId, Vec<String>> {
    let mut keys = BTreeMap::new();
    for n in program.versions.iter().flat_map(|v| &v.norms) {
        if let Some(k) = &n.key {
            keys.entry(n.id.clause).or_insert_with(|| k.fields.clone());
        }
    }
    keys
}

fn feeds(program: &Program, plan: &mut Plan) {
    for (i, m) in program.measures.iter().enumerate() {
        let id = MeasureId::at(i);
        match &m.what {
            MeasureWhat::Total(_) | MeasureWhat::Count { .. } => {
                if let Some(e) = plan.shapes.get(i).and_then(|s| s.event) {
                    plan.feeds[e.ix()].push(id);
                }
            }
            MeasureWhat::Payment(what, clause) => {
                plan.payment_feeds.entry(*clause).or_default().push((*what, id));
            }
            MeasureWhat::Breaches(clause) => plan.breach_feeds.entry(*clause).or_default().push(id),
        }
    }
}

fn registers(program: &Program, kinds: usize) -> Vec<Vec<(RegisterId, bool, usize)>> {
    let mut of = vec![Vec::new(); kinds];
    for (r, def) in program.registers.iter().enumerate() {
        for (adds, list) in [(true, &def.adds), (false, &def.removes)] {
            for (i, (test, _)) in list.iter().enumerate() {
                of[test.event.ix()].push((RegisterId::at(r), adds, i));
            }
        }
    }
    of
}

fn version(
    program: &Program,
    index: usize,
    slot_of: &BTreeMap<NormId, usize>,
    plan: &mut Plan,
    tests: &mut HashMap<String, usize>,
) -> VersionPlan {
    let source = &program.versions[index];
    let mut norms = Vec::new();
    for n in &source.norms {
        flatten(program, n, slot_of, plan, tests, &mut norms);
    }
    if let Some(earlier) = plan.versions.last() {
        let here: Vec<usize> = norms.iter().map(|n| n.slot).collect();
        let gone = earlier.norms.iter().filter(|n| !here.contains(&n.slot));
        let ghosts: Vec<PlanNorm> = gone.map(|n| PlanNorm { ghost: true, ..n.clone() }).collect();
        norms.extend(ghosts);
    }
    let mut by_slot = vec![None; plan.slots.len()];
    let mut by_clause: BTreeMap<ClauseId, Vec<usize>> = BTreeMap::new();
    let mut events: Vec<EventPlan> = Vec::new();
    events.resize_with(program.symbols.events.len(), EventPlan::default);
    for (i, n) in norms.iter().enumerate() {
        by_slot[n.slot] = Some(i);
        if !n.ghost {
            by_clause.entry(n.norm.id.clause).or_default().push(i);
        }
        index_norm(n, i, plan.lives.get(n.slot) == Some(&true), &mut events);
    }
    let reaching =
        |(i, n): (usize, &PlanNorm)| (!n.ghost && !n.norm.term.until_reaches.is_empty()).then_some(i);
    let reaches = norms.iter().enumerate().filter_map(reaching).collect();
    let naming = |(i, n): (usize, &PlanNorm)| {
        (!n.ghost && !n.key_names.is_empty() && plan.spendable.get(n.slot) == Some(&true)).then_some(i)
    };
    let names = norms.iter().enumerate().filter_map(naming).collect();
    let from = source.from.fixed().unwrap_or(Date::MAX);
    let beside = beside(&norms);
    let params = source.params.clone();
    VersionPlan { from, norms, by_slot, by_clause, reaches, names, beside, events, params }
}

/// The payments beside each norm: of its clause, payer, payee and currency.
fn beside(norms: &[PlanNorm]) -> Vec<Vec<usize>> {
    let mut flows: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let flow = |n: &PlanNorm| match &n.norm.body {
        Body::Payment(p) => Some((n.norm.id.clause, p.payer, p.payee, p.currency)),
        _ => None,
    };
    for (i, n) in norms.iter().enumerate() {
        if let Some(f) = flow(n) {
            flows.entry(f).or_default().push(i);
        }
    }
    for all in flows.values_mut() {
        all.sort_by_key(|i| norms[*i].slot);
    }
    let others = |(i, n): (usize, &PlanNorm)| {
        let all = flow(n).and_then(|f| flows.get(&f)).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|j| *j != i).collect()
    };
    norms.iter().enumerate().map(others).collect()
}

fn flatten(
    program: &Program,
    norm: &Norm,
    slot_of: &BTreeMap<NormId, usize>,
    plan: &mut Plan,
    tests: &mut HashMap<String, usize>,
    into: &mut Vec<PlanNorm>,
) {
    let slot = slot_of.get(&norm.id).copied().unwrap_or(0);
    let key_names = norm.key.as_ref().map(|k| k.fields.clone()).unwrap_or_default();
    let key_fields: Vec<Option<Vec<FieldId>>> = program
        .symbols
        .events
        .values()
        .map(|info| key_names.iter().map(|n| info.fields.get_index_of(n).map(FieldId::at)).collect())
        .collect();
    let mut intern = |test: &EventTest, until: bool| {
        *tests.entry(format!("{slot} {until} {test:?}")).or_insert_with(|| {
            let id = plan.tests.len();
            plan.tests_of[test.event.ix()].push(id);
            let key = key_fields[test.event.ix()].clone();
            plan.tests.push(Test { slot, test: test.clone(), until, key });
            id
        })
    };
    let before = match &norm.body {
        Body::Rule(r) => r.before.as_ref().map(|t| intern(t, false)),
        _ => None,
    };
    let until = norm.term.until.iter().map(|t| intern(t, true)).collect();
    let pay = match &norm.body {
        Body::Payment(p) => plan.layouts.get_mut(slot).and_then(|l| l.plan(p).ok()),
        _ => None,
    };
    into.push(PlanNorm {
        norm: norm.clone(),
        pay,
        slot,
        ghost: false,
        otherwise: otherwise(norm).and_then(|n| slot_of.get(&n.id).copied()),
        key_names,
        key_fields,
        before,
        until,
        first_day: norm.term.from.as_ref().and_then(DateValue::fixed),
        last_day: norm.term.through.as_ref().and_then(DateValue::fixed),
        struck_after: None,
    });
    if let Some(n) = otherwise(norm) {
        flatten(program, n, slot_of, plan, tests, into);
    }
}

fn index_norm(n: &PlanNorm, i: usize, lives: bool, events: &mut [EventPlan]) {
    let mut at = |e: EventId, f: fn(&mut EventPlan) -> &mut Vec<usize>| {
        if let Some(plan) = events.get_mut(e.ix()) {
            let list = f(plan);
            if !list.contains(&i) {
                list.push(i);
            }
        }
    };
    if let Body::Duty(d) = &n.norm.body {
        at(d.event, |p| &mut p.performs);
    }
    // Relief goes on after its clause has left the text only through what it excused before.
    if n.ghost {
        return;
    }
    match &n.norm.body {
        Body::Rule(r) => at(r.event, |p| &mut p.rules),
        Body::Duty(d) => {
            if let Opening::Within { trigger, .. } = &d.opening {
                at(trigger.event, |p| &mut p.opens);
            }
        }
        Body::Keep(k) => at(k.shown_by.event, |p| &mut p.keeps),
        Body::Payment(p) => match &p.basis {
            Basis::Each(t) | Basis::First(t) => at(t.event, |p| &mut p.payments),
            Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => {}
        },
        Body::Power(p) => at(p.exercised_by.event, |p| &mut p.powers),
        Body::Relief(r) => {
            at(r.cause.event, |p| &mut p.reliefs);
            if let ReliefEffect::Excuse { until, .. } = &r.effect {
                until.iter().for_each(|t| at(t.event, |p| &mut p.relief_ends));
            }
        }
        Body::License(l) => at(l.event, |p| &mut p.licenses),
        Body::Inert(_) => {}
    }
    if lives {
        for (e, fields) in n.key_fields.iter().enumerate() {
            if fields.is_some() {
                at(EventId::at(e), |p| &mut p.instances);
            }
        }
    }
}

/// The keyed sentences of which something holds in some version, by slot.
fn keyed(program: &Program, slot_of: &BTreeMap<NormId, usize>, holds: impl Fn(&Norm) -> bool) -> Vec<bool> {
    let mut found = vec![false; slot_of.len()];
    for n in program.versions.iter().flat_map(norms_of).filter(|n| n.key.is_some() && holds(n)) {
        if let Some(l) = slot_of.get(&n.id).and_then(|s| found.get_mut(*s)) {
            *l = true;
        }
    }
    found
}
