//! Who may do what, as formulas: which rules of a version apply to the event, which are left by the ranking, and the verdict.
//!
//! Data flow: [`Moment`] + version -> [`Verdicts`]. Invariant: as `habendum_norm::interpret::rules`, step by step; what this
//! does not speak of (judging a `Grant` against heads, powers exercised, obligations performed) is named in `beyond`.

use super::expr::Frame;
use super::moment::{Feeds, History, Moment, Unknown, day_number};
use super::past::{Past, past};
use crate::solver::{Formula, IntVar};
use habendum_model::expr::WhoMember;
use habendum_model::value::{ClauseId, PartyId, RegisterId, Value};
use habendum_norm::ir::{Body, Exception, Norm, NormId, Power, Program, Rule, Version, Who};
use habendum_syntax::ast::PowerAct;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A rule that may speak of the event.
#[derive(Clone, Debug)]
pub struct Speaks {
    /// Its index among the version's norms.
    pub norm: usize,
    /// It permits.
    pub permits: bool,
    /// It applies to the event.
    pub applies: Formula,
    /// It applies, and nothing that prevails over it stands.
    pub stands: Formula,
}

/// The verdicts on an event under one version.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// The event is of this version's days.
    pub within: Formula,
    /// The rules of the kind, in document order.
    pub speaks: Vec<Speaks>,
    /// A maintenance duty is shown unmet: index and formula.
    pub unmet: Vec<(usize, Formula)>,
    /// The actor is a party of the agreement.
    pub by_party: Formula,
    /// What the verdict may hang on besides.
    pub beyond: BTreeSet<&'static str>,
}

impl Verdicts {
    /// A prohibition is left.
    #[must_use]
    pub fn forbidden(&self) -> Formula {
        Formula::or(self.speaks.iter().filter(|s| !s.permits).map(|s| s.stands.clone()))
    }

    /// A permission is left.
    #[must_use]
    pub fn permitted(&self) -> Formula {
        Formula::or(self.speaks.iter().filter(|s| s.permits).map(|s| s.stands.clone()))
    }

    /// Both are left: the text contradicts itself.
    #[must_use]
    pub fn conflict(&self) -> Formula {
        Formula::and([self.forbidden(), self.permitted()])
    }

    /// A maintenance duty is shown unmet.
    #[must_use]
    pub fn unkept(&self) -> Formula {
        Formula::or(self.unmet.iter().map(|(_, f)| f.clone()))
    }
}

/// The verdicts of a version on the moment's event.
pub fn verdicts(m: &mut Moment<'_>, version: &Version) -> Verdicts {
    let within = m.days(version.from.fixed(), version.through);
    let mut speaks = Vec::new();
    let mut unmet = Vec::new();
    let mut beyond = BTreeSet::new();
    for (i, n) in version.norms.iter().enumerate() {
        match &n.body {
            Body::Rule(r) if r.event == m.event => {
                let applies = m.applies(version, n, r);
                speaks.push(Speaks { norm: i, permits: r.permits, applies, stands: Formula::Const(true) });
            }
            Body::Keep(k) if k.shown_by.event == m.event => {
                let frame = frame(version, n);
                let shown = k.shown_by.guard.as_ref().map_or(Formula::Const(true), |g| m.truth(g, &frame));
                let kept = m.truth(&k.condition, &frame);
                // Whoever acts: the event shows the state, and the breach is of whom the duty binds.
                let excepted = m.excepted(&n.exceptions, &frame);
                let excused = m.excused(version, n.id.clause);
                let force = m.in_force(version, n);
                let spared = Formula::or([kept, excepted, excused]);
                unmet.push((i, Formula::and([force, shown, Formula::not(spared)])));
            }
            Body::Duty(d) if d.event == m.event => {
                beyond.insert("an obligation that the event may perform");
            }
            Body::Power(p) if p.exercised_by.event == m.event => {
                beyond.insert("a power that the event may exercise");
            }
            Body::License(l) if l.event == m.event => {
                if l.sublicense.is_some() {
                    beyond.insert("sublicenses");
                }
            }
            Body::License(_) if m.symbols().event_name(m.event) == "Grant" => {
                beyond.insert("the licenses that bear on a grant");
            }
            Body::Rule(_)
            | Body::Keep(_)
            | Body::Duty(_)
            | Body::Payment(_)
            | Body::Power(_)
            | Body::Relief(_)
            | Body::License(_)
            | Body::Inert(_) => {}
        }
    }
    rank(m, version, &mut speaks);
    let by_party = m.by_party();
    Verdicts { within, speaks, unmet, by_party, beyond }
}

/// Fills in which rules stand: one stands unless an opposite one that prevails over it applies and itself stands. What is
/// never decided, since rules give way to one another in a circle, stands.
fn rank(m: &mut Moment<'_>, version: &Version, speaks: &mut [Speaks]) {
    let yields = |a: usize, b: usize| {
        let (a, b): (&Norm, &Norm) = (&version.norms[a], &version.norms[b]);
        a.subject_to.contains(&b.id.clause) || b.notwithstanding.contains(&a.id.clause)
    };
    let over: Vec<Vec<usize>> = (0..speaks.len())
        .map(|i| {
            (0..speaks.len())
                .filter(|j| {
                    speaks[*j].permits != speaks[i].permits && yields(speaks[i].norm, speaks[*j].norm)
                })
                .collect()
        })
        .collect();
    let mut done: Vec<Option<Formula>> = vec![None; speaks.len()];
    for _ in 0..=speaks.len() {
        let mut moved = false;
        for i in 0..speaks.len() {
            if done[i].is_some() || !over[i].iter().all(|j| done[*j].is_some()) {
                continue;
            }
            let dropped = Formula::or(over[i].iter().filter_map(|j| done[*j].clone()).collect::<Vec<_>>());
            done[i] = Some(Formula::and([speaks[i].applies.clone(), Formula::not(dropped)]));
            moved = true;
        }
        if !moved {
            break;
        }
    }
    if done.iter().any(Option::is_none) {
        in_circles(m, speaks, &over, &mut done);
    }
    for (s, f) in speaks.iter_mut().zip(done) {
        s.stands = f.unwrap_or_else(|| s.applies.clone());
    }
}

/// The fate of rules in circles, and of those that hang on them: round by round, a rule that applies falls to one that is
/// known to stand, and is known to stand when all that could drop it have fallen or do not apply. Where some of a circle
/// do not apply, the others may well be decided. What no round decides stands.
fn in_circles(m: &mut Moment<'_>, speaks: &[Speaks], over: &[Vec<usize>], done: &mut [Option<Formula>]) {
    let open: Vec<usize> = (0..speaks.len()).filter(|i| done[*i].is_none()).collect();
    let known = |f: &Option<Formula>| f.clone().unwrap_or(Formula::Const(false));
    let mut stand: Vec<Formula> = done.iter().map(known).collect();
    let mut fall: Vec<Formula> = (0..speaks.len())
        .map(|i| match &done[i] {
            Some(f) => Formula::and([speaks[i].applies.clone(), f.clone().not()]),
            None => Formula::Const(false),
        })
        .collect();
    for _ in 0..=open.len() {
        let (mut next_stand, mut next_fall) = (stand.clone(), fall.clone());
        for i in open.iter().copied() {
            let applies = &speaks[i].applies;
            let hit = Formula::or(over[i].iter().map(|j| stand[*j].clone()).collect::<Vec<_>>());
            let free =
                over[i].iter().map(|j| Formula::or([speaks[*j].applies.clone().not(), fall[*j].clone()]));
            let free = Formula::and(free.collect::<Vec<_>>());
            // A name for each step keeps the formulas from growing with the rounds.
            next_fall[i] = m.named(Formula::and([applies.clone(), hit]));
            next_stand[i] = m.named(Formula::and([applies.clone(), free]));
        }
        (stand, fall) = (next_stand, next_fall);
    }
    for i in open {
        done[i] = Some(Formula::and([speaks[i].applies.clone(), fall[i].clone().not()]));
    }
}

/// The frame of a norm's own expressions.
pub(crate) fn frame<'v>(version: &'v Version, n: &'v Norm) -> Frame<'v> {
    let key = n.key.as_ref().map_or(&[][..], |k| k.fields.as_slice());
    Frame { params: &version.params, key, fields: true }
}

impl Moment<'_> {
    /// A name for a formula.
    pub(crate) fn named(&mut self, f: Formula) -> Formula {
        if matches!(f, Formula::Const(_) | Formula::Bool(_)) {
            return f;
        }
        let name = Formula::Bool(self.solver.boolean());
        self.solver.assert(name.clone().iff(f));
        name
    }

    /// The event's day is in these, ends included.
    pub(crate) fn days(&self, from: Option<Date>, through: Option<Date>) -> Formula {
        let after = from.map_or(Formula::Const(true), |d| Formula::at_least(self.day, day_number(d)));
        let before = through.map_or(Formula::Const(true), |d| Formula::at_most(self.day, day_number(d)));
        Formula::and([after, before])
    }

    /// The unknown of the acting person.
    pub(crate) fn actor(&self) -> Option<IntVar> {
        let field = self.symbols().event_info(self.event).actor?;
        match self.field(field)?.value {
            Unknown::Number(v, _) => Some(v),
            Unknown::Truth(_) | Unknown::Opaque => None,
        }
    }

    fn by_party(&self) -> Formula {
        let s = self.symbols();
        let parties = (0..s.parties.len()).filter(|i| s.is_party(PartyId::at(*i)));
        self.actor()
            .map_or(Formula::Const(false), |by| Formula::or(parties.map(|i| Formula::equals(by, i as i128))))
    }

    /// A rule applies to the event.
    pub fn applies(&mut self, version: &Version, n: &Norm, rule: &Rule) -> Formula {
        let Some(by) = self.actor() else { return Formula::Const(false) };
        let frame = frame(version, n);
        let who = self.among(version, &rule.who, n.id.clause, by);
        let guard = rule.guard.as_ref().map_or(Formula::Const(true), |g| self.truth(g, &frame));
        let before = match &rule.before {
            Some(test) => {
                let mark = self.marked(Feeds::Test(test));
                let seen = self.state(format!("seen before {}{mark}", test_text(self.program, test, n.id)));
                Formula::not(seen)
            }
            None => Formula::Const(true),
        };
        let excepted = self.excepted(&n.exceptions, &frame);
        let force = self.in_force(version, n);
        let excused = if rule.permits { Formula::Const(false) } else { self.excused(version, n.id.clause) };
        Formula::and([force, who, guard, before, Formula::not(excepted), Formula::not(excused)])
    }

    /// Some exception of the tree applies.
    pub fn excepted(&mut self, list: &[Exception], at: &Frame<'_>) -> Formula {
        let parts: Vec<Formula> = list
            .iter()
            .map(|x| {
                let holds = self.truth(&x.condition, at);
                let but = self.excepted(&x.unless, at);
                Formula::and([holds, Formula::not(but)])
            })
            .collect();
        Formula::or(parts)
    }

    /// A norm is in force on the event's day, for its instance.
    pub fn in_force(&mut self, version: &Version, n: &Norm) -> Formula {
        let name = self.symbols().clause_name(n.id.clause).to_owned();
        let (own, acts) = (self.marked(Feeds::Clause(n.id.clause)), self.marked(Feeds::Acts(n.id.clause)));
        let mut parts = vec![self.days(n.term.from.as_ref().and_then(|d| d.fixed()), None)];
        match past(self.program, version, n) {
            Past::Running => {}
            Past::Over => return Formula::Const(false),
            Past::Perhaps => {
                let over = self.free(format!("{name} had run out{own}{acts}"));
                parts.push(over.not());
            }
        }
        let ends = n.term.through.as_ref().and_then(|d| d.fixed());
        if let Some(last) = ends {
            let in_time = Formula::at_most(self.day, day_number(last));
            let longer = match (&n.term.renews, self.may(n.id.clause, |p| p.act == PowerAct::Extend)) {
                (None, false) => Formula::Const(false),
                (None, true) => self.state(format!("{name} extended{acts}")),
                // Renewal comes with time alone, so an empty history may have it too.
                (Some(_), _) => self.free(format!("{name} renewed{own}{acts}")),
            };
            parts.push(Formula::or([in_time, longer]));
        }
        for s in &n.term.suspensions {
            let held = self.days(s.from.fixed(), s.through.as_ref().and_then(|d| d.fixed()));
            parts.push(Formula::not(held));
        }
        if !n.term.until.is_empty() || !n.term.until_reaches.is_empty() {
            let why: Vec<String> = n.term.until.iter().map(|t| test_text(self.program, t, n.id)).collect();
            let sums: Vec<String> =
                n.term.until_reaches.iter().map(|(a, b)| super::key_text(a) + &super::key_text(b)).collect();
            let tests: String = n.term.until.iter().map(|t| self.marked(Feeds::Test(t))).collect();
            let tests = if n.term.until_reaches.is_empty() { tests } else { tests + &own };
            let ended = self.state(format!("ended by {why:?} {sums:?} since {:?}{tests}", n.term.from));
            parts.push(Formula::not(ended));
        }
        let stops = |p: &Power| matches!(p.act, PowerAct::Terminate | PowerAct::Suspend);
        if self.may(n.id.clause, stops) {
            let stopped = self.state(format!("{name} terminated or suspended{acts}"));
            parts.push(Formula::not(stopped));
        }
        if let Some(c) = &n.term.holds_while {
            let at = Frame { fields: false, ..frame(version, n) };
            parts.push(self.truth(c, &at));
        }
        for k in n.key.iter().flat_map(|k| &k.fields) {
            let info = self.symbols().event_info(self.event);
            let there = info.fields.get_index_of(k.as_str()).and_then(|i| self.fields.get(i));
            parts.push(there.map_or(Formula::Const(false), |f| f.present.clone()));
        }
        Formula::and(parts)
    }

    /// Some power of any text may act so on a clause.
    fn may(&self, clause: ClauseId, acts: impl Fn(&Power) -> bool) -> bool {
        self.powers.iter().any(|p| acts(p) && p.targets.as_ref().is_none_or(|t| t.contains(&clause)))
    }

    /// A breach of the clause is excused by relief.
    fn excused(&mut self, version: &Version, clause: ClauseId) -> Formula {
        let by_relief = version.norms.iter().any(|n| match &n.body {
            Body::Relief(r) => r.targets.contains(&clause),
            _ => false,
        });
        if !by_relief {
            return Formula::Const(false);
        }
        let name = self.symbols().clause_name(clause).to_owned();
        {
            let mark = self.marked(Feeds::Acts(clause));
            self.state(format!("{name} excused{mark}"))
        }
    }

    /// A person is among those whom a norm binds or entitles.
    pub(crate) fn among(&mut self, version: &Version, who: &Who, clause: ClauseId, by: IntVar) -> Formula {
        if self.history == History::Any && self.may(clause, |p| p.act == PowerAct::Assign) {
            let name = self.symbols().clause_name(clause).to_owned();
            let mark = self.marked(Feeds::Acts(clause));
            return self.free(format!("{name} binds the actor after assignments{mark}"));
        }
        match who {
            Who::Named(members) => self.listed(members, by),
            Who::AnyParty => self.by_party(),
            Who::Anyone => Formula::Const(true),
            Who::AnyoneExcept(members) => Formula::not(self.listed(members, by)),
            Who::OutsideLicense { license, spare_licensor } => {
                self.outside(version, *license, *spare_licensor, by)
            }
        }
    }

    fn outside(&mut self, version: &Version, license: NormId, spare: bool, by: IntVar) -> Formula {
        let found = version.norms.iter().find(|n| n.id == license);
        let Some(Body::License(l)) = found.map(|n| &n.body) else { return Formula::Const(false) };
        let mut inside = vec![self.person(by, l.licensee)];
        if spare {
            inside.push(self.person(by, l.licensor));
        }
        if l.sublicense.is_some() {
            let name = self.symbols().clause_name(license.clause).to_owned();
            let mark = self.marked(Feeds::Clause(license.clause));
            inside.push(self.state(format!("the actor holds a sublicense under {name}{mark}")));
        }
        Formula::not(Formula::or(inside))
    }

    fn listed(&mut self, members: &[WhoMember], by: IntVar) -> Formula {
        let parts: Vec<Formula> = members
            .iter()
            .map(|w| match w {
                WhoMember::Party(p) => self.person(by, *p),
                WhoMember::Register(r) => self.member(*r, by),
            })
            .collect();
        Formula::or(parts)
    }

    fn member(&mut self, r: RegisterId, by: IntVar) -> Formula {
        let Some(def) = self.program.registers.get(r.ix()) else { return Formula::Const(false) };
        let first = Formula::or(def.initially.iter().filter_map(|v| match v {
            Value::Party(p) => Some(self.person(by, *p)),
            _ => None,
        }));
        if self.history == History::Empty || (def.adds.is_empty() && def.removes.is_empty()) {
            return first;
        }
        let name = self.symbols().registers.get_index(r.ix()).map_or("?", |(n, _)| n.as_str()).to_owned();
        {
            let mark = self.marked(Feeds::Register(r));
            self.free(format!("the actor is in {name}{mark}"))
        }
    }
}

/// A name for a test of an earlier event, the same for the same test of another text.
pub(crate) fn test_text(program: &Program, t: &habendum_norm::ir::EventTest, of: NormId) -> String {
    let guard = t.guard.as_ref().map(super::key_text).unwrap_or_default();
    let clause = program.symbols.clause_name(of.clause);
    format!("{} where {guard} of the same {:?} for {clause}", program.symbols.event_name(t.event), t.same)
}
