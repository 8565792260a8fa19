//! The formulas of verdicts are held to the interpreter: on a first event they say exactly what it says; after a history,
//! what it says is among what they allow.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod small;

use habendum_check::encode::{History, Moment, Verdicts, verdicts};
use habendum_check::solver::{Answer, Formula, Model};
use habendum_model::value::EventId;
use habendum_norm::event::Event;
use habendum_norm::ir::{NormId, Version};
use habendum_norm::outcome::Outcome;
use habendum_syntax::ast::Verdict;
use small::Dice;
use small::world::{World, days};
use std::collections::BTreeSet;

const PERFORMS: &str = "an obligation that the event may perform";

/// Which norms decide, as far as rules and maintenance duties do.
fn ids(v: &Version, all: impl Iterator<Item = usize>) -> BTreeSet<NormId> {
    all.map(|i| v.norms[i].id).collect()
}

/// What the formulas make of the event of a model.
fn said(w: &World, version: &Version, v: &Verdicts, kind: EventId, m: &Model) -> (Verdict, BTreeSet<NormId>) {
    let left = |permits: bool| v.speaks.iter().filter(move |s| s.permits == permits && m.holds(&s.stands));
    let unmet = ids(version, v.unmet.iter().filter(|(_, f)| m.holds(f)).map(|(i, _)| *i));
    let (forbids, permits) = (left(false).count() > 0, left(true).count() > 0);
    let all = ids(version, left(true).chain(left(false)).map(|s| s.norm));
    let party = m.holds(&v.by_party);
    let bad = if party { Verdict::Breach } else { Verdict::Unlicensed };
    let actor = w.program.symbols.event_info(kind).actor.is_some();
    let by_rules = match (forbids, permits) {
        (true, true) => (Verdict::Conflict, all),
        (true, false) => (bad, all),
        (false, true) => (Verdict::Permitted, all),
        (false, false) if !actor || w.program.default_permits[kind.ix()] => (Verdict::Silent, all),
        (false, false) => (bad, all),
    };
    if unmet.is_empty() {
        return by_rules;
    }
    // What permits has no part in the breach of a maintenance duty; what forbids has.
    let with = if forbids && !permits { by_rules.1 } else { BTreeSet::new() };
    (Verdict::Breach, unmet.into_iter().chain(with).collect())
}

fn same(w: &World, v: &Verdicts, kind: EventId, said: &(Verdict, BTreeSet<NormId>), o: &Outcome) -> bool {
    let deciding: BTreeSet<NormId> = o.deciding.iter().copied().collect();
    if said.0 == o.verdict && said.1 == deciding {
        return true;
    }
    // Performing in time is permitted where nothing else speaks.
    let unruled = said.1.is_empty() && (said.0 == Verdict::Silent || !w.program.default_permits[kind.ix()]);
    v.beyond.contains(PERFORMS) && unruled && o.verdict == Verdict::Permitted
}

/// Whether the formulas speak of the whole verdict.
fn whole(v: &Verdicts) -> bool {
    v.beyond.iter().all(|b| *b == PERFORMS)
}

fn version_of<'w>(w: &'w World, e: &Event) -> &'w Version {
    let on = |v: &&Version| v.from.fixed().is_some_and(|d| d <= e.date);
    w.program.versions.iter().rfind(on).unwrap_or(&w.program.versions[0])
}

fn event(d: &mut Dice, w: &World, kinds: &[EventId], from: usize, row: u64) -> (Event, usize) {
    let kind = d.one(kinds);
    let fields = d.one(&w.kinds.iter().find(|(k, _)| *k == kind).unwrap().1);
    let day = from + d.below(days().len() - from);
    (Event { row, date: days()[day], instant: None, kind, fields }, day)
}

fn campaign(seeds: std::ops::Range<u64>, first: usize, later: usize) {
    let (mut deals, mut exact, mut sound, mut beyond, mut faults) = (0, 0, 0, 0, Vec::new());
    for seed in seeds {
        let deal = small::draw::small(&mut Dice(seed));
        let Ok(w) = World::new(&deal) else { continue };
        deals += 1;
        let mut d = Dice(seed ^ 0xABCD);
        let kinds: Vec<EventId> = w.kinds.iter().map(|(k, _)| *k).collect();
        for version in &w.program.versions {
            for kind in &kinds {
                let mut m = Moment::new(&w.program, *kind, History::Empty);
                let v = verdicts(&mut m, version);
                for _ in 0..first {
                    let (e, _) = event(&mut d, &w, &[*kind], 1, 1);
                    if version_of(&w, &e).from != version.from {
                        continue;
                    }
                    let o = w.start().step(&e).unwrap();
                    let pin = m.pinned(&e).unwrap();
                    let Answer::Sat(model) = m.solver.solve_assuming(&[v.within.clone(), pin]) else {
                        panic!("no such event: {e:?}\n{}", deal.text())
                    };
                    let said = said(&w, version, &v, *kind, &model);
                    if same(&w, &v, *kind, &said, &o) {
                        exact += 1;
                    } else if whole(&v) {
                        faults.push(format!(
                            "seed {seed}: {}\n{e:?}\nsaid {said:?}\nis {:?}",
                            deal.text(),
                            (o.verdict, &o.deciding)
                        ));
                    } else {
                        beyond += 1;
                    }
                }
            }
        }
        for _ in 0..later {
            sound += usize::from(after(&mut d, &w, &kinds, seed, &mut faults));
        }
    }
    for f in faults.iter().take(12).filter(|_| std::env::var_os("SHOW").is_some()) {
        eprintln!("{f}");
    }
    eprintln!(
        "{deals} deals: {exact} first events judged alike, {beyond} beyond the formulas; {sound} later events allowed"
    );
    assert!(
        faults.is_empty(),
        "{} faults, first:\n{}",
        faults.len(),
        faults[..faults.len().min(4)].join("\n\n")
    );
    // Grants under licenses, and powers, are beyond them.
    assert!(exact > 8 * beyond, "{beyond} of {exact}");
    assert!(deals > 0 && (later == 0 || sound > deals));
}

/// A random history, and whether the formulas allow what the interpreter says of its last event.
fn after(d: &mut Dice, w: &World, kinds: &[EventId], seed: u64, faults: &mut Vec<String>) -> bool {
    let mut run = w.start();
    let mut from = d.below(2);
    for row in 1..=1 + d.below(3) as u64 {
        let traces: Vec<EventId> = w.traces.iter().map(|(k, _)| *k).collect();
        let traces = if traces.is_empty() { kinds } else { &traces };
        let (e, day) = event(d, w, traces, from, row);
        run.step(&e).unwrap();
        from = day;
    }
    let (e, _) = event(d, w, kinds, from.max(1), 9);
    let o = run.step(&e).unwrap();
    let version = version_of(w, &e);
    let mut m = Moment::new(&w.program, e.kind, History::Any);
    let v = verdicts(&mut m, version);
    if !whole(&v) {
        return false;
    }
    let pin = m.pinned(&e).unwrap();
    let mut hold = vec![v.within.clone(), pin];
    let as_said = |f: &Formula, holds: bool| if holds { f.clone() } else { f.clone().not() };
    let named = |i: usize| o.deciding.contains(&version.norms[i].id);
    let kept = v.unmet.iter().any(|(i, _)| named(*i));
    hold.extend(v.unmet.iter().map(|(i, f)| as_said(f, named(*i))));
    if !kept {
        hold.extend(v.speaks.iter().map(|s| as_said(&s.stands, named(s.norm))));
    }
    let allowed = matches!(m.solver.solve_assuming(&hold), Answer::Sat(_));
    if !allowed {
        faults.push(format!("seed {seed}: after a history {e:?}\nis {:?}", (o.verdict, &o.deciding)));
    }
    allowed
}

#[test]
fn first_events_are_judged_alike_and_later_ones_are_allowed() {
    campaign(0..2_400, 8, 4);
}

#[test]
fn more_of_them() {
    // A long campaign, run where it is asked for.
    if std::env::var_os("HABENDUM_CAMPAIGN").is_none() {
        return;
    }
    campaign(1_000_000..1_040_000, 24, 16);
}
