//! Small changes of small deals, and both sides walked in step.

use super::Dice;
use super::deal::{Modifier, Operation, Sentence, Small};
use super::guards::{guard, term};
use super::world::{World, days};
use habendum_model::value::{ClauseId, EventId, Value};
use habendum_norm::Interpreter;
use habendum_norm::event::Event;
use habendum_norm::outcome::{Accrual, ClockEvent, ClockOutcome, Outcome};
use habendum_syntax::ast::{DutyEvent, Verdict};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A deal changed in one place, or nowhere but in its words.
pub fn changed(d: &mut Dice, from: &Small) -> Small {
    let mut to = from.clone();
    let i = d.below(to.clauses.len());
    let n = to.clauses[i].sentences.len();
    let j = d.below(n);
    match d.below(12) {
        0 if to.amendment.is_some() => to.amendment = None,
        1 if to.clauses.len() > 2 => drop(to.clauses.pop()),
        2 => flip(&mut to, d.one(&["Act", "Sale", "Use"])),
        3 => sentence_twice(d, &mut to.clauses[i].sentences[j]),
        4 => to.clauses.reverse(),
        5..8 => head(d, &mut to.clauses[i].sentences[j]),
        _ => modifier(d, &mut to.clauses[i].sentences[j]),
    }
    to
}

fn flip(to: &mut Small, kind: &'static str) {
    match to.forbidden.iter().position(|k| *k == kind) {
        Some(i) => drop(to.forbidden.remove(i)),
        None => to.forbidden.push(kind),
    }
}

/// The same guard, said twice: other words alone.
fn sentence_twice(d: &mut Dice, s: &mut Sentence) {
    for m in &mut s.modifiers {
        if let Some(g) = m.text.strip_prefix("where ") {
            m.text =
                if d.chance(50) { format!("where ({g}) and ({g})") } else { format!("where not not ({g})") };
        }
    }
}

const SWAPS: [(&str, &str); 16] = [
    ("A grants", "B grants"),
    ("an exclusive license", "a non-exclusive license"),
    ("a non-exclusive license", "an exclusive license"),
    ("a sole license", "an exclusive except grantor license"),
    ("worldwide", "in Europe"),
    ("in Europe", "in France"),
    ("Works", "Film"),
    ("must not", "may"),
    (" may ", " must not "),
    ("A pays B", "B pays A"),
    ("10%", "25%"),
    ("50%", "25%"),
    ("5 USD", "6 USD"),
    ("either party", "A"),
    ("anyone", "either party"),
    ("B ", "A "),
];

fn head(d: &mut Dice, s: &mut Sentence) {
    let able: Vec<(&str, &str)> = SWAPS.into_iter().filter(|(a, _)| s.head.contains(a)).collect();
    if !able.is_empty() {
        let (a, b) = d.one(&able);
        s.head = s.head.replacen(a, b, 1);
    }
}

const TURNS: [(&str, &str); 12] = [
    ("2026-01-02", "2026-01-03"),
    ("2026-01-03", "2026-01-02"),
    ("2026-02-01", "2026-01-03"),
    ("East", "West"),
    ("at least 100", "more than 100"),
    ("up to 200", "less than 200"),
    ("not flag", "flag"),
    ("where flag", "where not flag"),
    ("20 USD", "30 USD"),
    ("15 USD", "5 USD"),
    ("1 day", "2 days"),
    (" and ", " or "),
];

fn modifier(d: &mut Dice, s: &mut Sentence) {
    let about = s.about.unwrap_or("Sale");
    if s.modifiers.is_empty() || d.chance(15) {
        let plain = |text: String| Modifier { kind: None, text };
        if s.about.is_some() && !s.head.contains("must keep") && d.chance(60) {
            s.modifiers.push(plain(format!("unless {}", guard(d, about))));
        } else {
            s.modifiers.extend(term(d).into_iter().map(plain));
        }
        return;
    }
    let i = d.below(s.modifiers.len());
    let able: Vec<(&str, &str)> =
        TURNS.into_iter().filter(|(a, _)| s.modifiers[i].text.contains(a)).collect();
    if able.is_empty() || d.chance(35) {
        s.modifiers.remove(i);
    } else {
        let (a, b) = d.one(&able);
        s.modifiers[i].text = s.modifiers[i].text.replacen(a, b, 1);
    }
}

/// Whether an amendment of the deal touches a clause in a way that hides its text.
pub fn amends(small: &Small) -> bool {
    small.amendment.iter().flat_map(|(_, all)| all).any(|o| !matches!(o, Operation::Insert(_)))
}

/// How a verdict stands: nothing wrong, wrong, or contradictory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Free,
    Bad,
    Conflict,
}

/// How a verdict stands.
pub fn class(v: Verdict) -> Class {
    match v {
        Verdict::Breach | Verdict::Unlicensed => Class::Bad,
        Verdict::Conflict => Class::Conflict,
        Verdict::Silent | Verdict::Permitted | Verdict::WithoutEffect | Verdict::Undetermined => Class::Free,
    }
}

/// What the two sides do otherwise.
#[derive(Debug, Default)]
pub struct Differences {
    /// Event kinds judged otherwise, from and to.
    pub verdicts: BTreeSet<(String, Class, Class)>,
    /// The same, of first events.
    pub first: BTreeSet<(String, Class, Class)>,
    /// Clauses that have accrued more (true) or less at some moment.
    pub sums: BTreeSet<(String, bool)>,
    /// Clauses that oblige more (true) or less at some moment: deadlines passed, then obligations open.
    pub duties: BTreeSet<(String, bool)>,
}

impl Differences {
    /// Nothing differs.
    pub fn none(&self) -> bool {
        self.verdicts.is_empty() && self.sums.is_empty() && self.duties.is_empty()
    }
}

#[derive(Clone, Default, PartialEq)]
struct Account {
    accrued: BTreeMap<String, i128>,
    /// Deadlines passed, obligations open.
    duties: BTreeMap<String, (usize, i64)>,
}

impl Account {
    fn row(&mut self, w: &World, o: &Outcome) {
        o.accruals.iter().for_each(|a| self.sum(w, a));
        for d in &o.duties {
            let of = self.duty(w, d.norm.clause);
            match d.what {
                DutyEvent::Triggered => of.1 += 1,
                DutyEvent::Discharged => of.1 -= 1,
                DutyEvent::Lapsed | DutyEvent::Excused => {}
            }
        }
    }

    fn time(&mut self, w: &World, clock: &[ClockOutcome]) {
        for c in clock {
            match &c.what {
                ClockEvent::Accrued(a) => self.sum(w, a),
                ClockEvent::Lapsed { excused_by: None, .. } => self.duty(w, c.norm.clause).0 += 1,
                ClockEvent::Opened { .. } => self.duty(w, c.norm.clause).1 += 1,
                ClockEvent::Lapsed { .. }
                | ClockEvent::FellDue { .. }
                | ClockEvent::Unpaid { .. }
                | ClockEvent::Effect(_) => {}
            }
        }
    }

    fn sum(&mut self, w: &World, a: &Accrual) {
        let name = w.program.symbols.clause_name(a.norm.clause).to_owned();
        *self.accrued.entry(name).or_default() += i128::from(a.amount);
    }

    fn duty(&mut self, w: &World, c: ClauseId) -> &mut (usize, i64) {
        self.duties.entry(w.program.symbols.clause_name(c).to_owned()).or_default()
    }
}

/// One side of a walk.
#[derive(Clone)]
struct Leg {
    run: Interpreter,
    account: Account,
}

impl Leg {
    /// Whether what comes after is the same.
    fn like(&self, o: &Leg) -> bool {
        self.run.is_unmoved_from(&o.run) && self.account == o.account
    }
}

fn event(kind: EventId, fields: &[Value], date: Date, before: &[Event]) -> Event {
    Event { row: before.len() as u64 + 1, date, instant: None, kind, fields: fields.to_vec() }
}

/// Both worlds in step: every first event of either's domain, and every one after another that leaves a trace.
pub struct Both<'a> {
    pub base: &'a World,
    pub head: &'a World,
    pub found: Differences,
}

impl Both<'_> {
    /// Walks both.
    pub fn walk(&mut self, depth: usize) {
        let leg = |w: &World| Leg { run: w.start(), account: Account::default() };
        let legs = (leg(self.base), leg(self.head));
        self.from(&legs, depth, &mut Vec::new());
    }

    fn from(&mut self, legs: &(Leg, Leg), depth: usize, before: &mut Vec<Event>) {
        let mut kinds: BTreeMap<EventId, Vec<Vec<Value>>> = BTreeMap::new();
        kinds.extend(self.base.kinds.iter().chain(&self.head.kinds).cloned());
        let mut traces: BTreeMap<EventId, Vec<Vec<Value>>> = BTreeMap::new();
        traces.extend(self.base.traces.iter().chain(&self.head.traces).cloned());
        for (i, day) in days().into_iter().enumerate() {
            if before.last().is_some_and(|e| day < e.date) {
                continue;
            }
            let here = (self.to(self.base, &legs.0, day), self.to(self.head, &legs.1, day));
            self.compare(&here);
            let mut runs = (here.0.run.clone(), here.1.run.clone());
            for (kind, values) in &kinds {
                if !before.is_empty() && self.base.program.symbols.event_name(*kind) == "Grant" {
                    continue;
                }
                for fields in values {
                    self.look(&here, &mut runs, event(*kind, fields, day, before), before.is_empty());
                }
            }
            // Of histories that leave the two alike, one is followed.
            let mut nexts: Vec<(Leg, Leg)> = vec![here.clone()];
            for (kind, values) in traces.iter().filter(|_| depth > 1 && i <= 3) {
                for fields in values {
                    let e = event(*kind, fields, day, before);
                    let next = self.step(&here, &e);
                    if nexts.iter().any(|n| next.0.like(&n.0) && next.1.like(&n.1)) {
                        continue;
                    }
                    before.push(e);
                    self.from(&next, depth - 1, before);
                    before.pop();
                    nexts.push(next);
                }
            }
        }
    }

    fn to(&self, w: &World, leg: &Leg, day: Date) -> Leg {
        let mut leg = leg.clone();
        leg.run.advance(day).unwrap();
        let clock = leg.run.take_clock();
        leg.account.time(w, &clock);
        leg
    }

    /// An event after which nothing is asked: the runs are used again where it leaves nothing behind.
    fn look(&mut self, here: &(Leg, Leg), runs: &mut (Interpreter, Interpreter), e: Event, first: bool) {
        let (x, y) = (runs.0.step(&e).unwrap(), runs.1.step(&e).unwrap());
        self.judged(&e, (&x, &y), first);
        let still = |o: &Outcome| o.accruals.is_empty() && o.duties.is_empty();
        if !(still(&x) && still(&y)) {
            let mut next = here.clone();
            next.0.account.row(self.base, &x);
            next.1.account.row(self.head, &y);
            self.compare(&next);
        }
        if !runs.0.is_unmoved_from(&here.0.run) {
            runs.0 = here.0.run.clone();
        }
        if !runs.1.is_unmoved_from(&here.1.run) {
            runs.1 = here.1.run.clone();
        }
    }

    fn step(&mut self, legs: &(Leg, Leg), e: &Event) -> (Leg, Leg) {
        let mut next = legs.clone();
        let (x, y) = (next.0.run.step(e).unwrap(), next.1.run.step(e).unwrap());
        next.0.account.row(self.base, &x);
        next.1.account.row(self.head, &y);
        self.judged(e, (&x, &y), e.row == 1);
        self.compare(&next);
        next
    }

    fn judged(&mut self, e: &Event, (x, y): (&Outcome, &Outcome), first: bool) {
        let (a, b) = (class(x.verdict), class(y.verdict));
        if a != b {
            let name = self.base.program.symbols.event_name(e.kind).to_owned();
            if first {
                self.found.first.insert((name.clone(), a, b));
            }
            self.found.verdicts.insert((name, a, b));
        }
    }

    fn compare(&mut self, legs: &(Leg, Leg)) {
        let (a, b) = (&legs.0.account, &legs.1.account);
        for c in a.accrued.keys().chain(b.accrued.keys()) {
            let (x, y) = (a.accrued.get(c).unwrap_or(&0), b.accrued.get(c).unwrap_or(&0));
            if x != y {
                self.found.sums.insert((c.clone(), y > x));
            }
        }
        for c in a.duties.keys().chain(b.duties.keys()) {
            let (x, y) = (a.duties.get(c).unwrap_or(&(0, 0)), b.duties.get(c).unwrap_or(&(0, 0)));
            if x != y {
                self.found.duties.insert((c.clone(), y > x));
            }
        }
    }
}

/// What the two sides do otherwise at the end of one history: of its last event, or of the day to which time runs.
pub fn ended(base: &World, head: &World, events: &[Event], clock: Option<Date>) -> Differences {
    let leg = |w: &World| Leg { run: w.start(), account: Account::default() };
    let mut both = Both { base, head, found: Differences::default() };
    let mut legs = (leg(base), leg(head));
    for (i, e) in events.iter().enumerate() {
        both.found = Differences::default();
        legs = (both.to(base, &legs.0, e.date), both.to(head, &legs.1, e.date));
        legs = both.step(&legs, &event(e.kind, &e.fields, e.date, &events[..i]));
    }
    if let Some(day) = clock {
        both.found.sums.clear();
        both.found.duties.clear();
        for (w, l) in [(base, &mut legs.0), (head, &mut legs.1)] {
            l.run.close(day).unwrap();
            let clock = l.run.take_clock();
            l.account.time(w, &clock);
        }
        both.compare(&legs);
    }
    both.found
}
