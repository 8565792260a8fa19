//! Sentences that never come to bear, exceptions that do nothing or too much, duties that cannot be: each sentence of a deal
//! by itself, and the deal with and without the words that rank.

use super::alone::{Domain, Trail, bare, deal_of, domain, ever, exceptions, trail, unless, walk};
use super::deal::{Clause, Kind, Operation, Sentence, Small};
use super::reached::version_on;
use super::world::World;
use habendum_norm::ir::{Body, NormId};
use std::collections::BTreeSet;

/// A sentence as it stands in some text of a deal, with the clause's name and what an amendment adds to its exceptions.
pub struct Standing<'s> {
    pub clause: &'s str,
    pub sentence: &'s Sentence,
    pub added: Option<String>,
    /// The day on which an amendment brings it in.
    pub comes: Option<&'s str>,
}

/// The last day that a sentence names, as it is written; days compare as texts. `for` counts from the day on which a text
/// puts the clause in.
fn last_day(s: &Sentence, put_in: &str) -> Option<String> {
    let from = s.modifiers.iter().find_map(|m| m.text.strip_prefix("from ")).unwrap_or(put_in);
    let on = |d: &str, n: i64| d.parse::<jiff::civil::Date>().unwrap().checked_add(jiff::Span::new().days(n));
    s.modifiers.iter().find_map(|m| {
        let before = m.text.strip_prefix("before 20").map(|t| on(&format!("20{t}"), -1).unwrap().to_string());
        let two = (m.text == "for 2 days").then(|| on(from, 1).unwrap().to_string());
        m.text.strip_prefix("through ").map(str::to_owned).or(before).or(two)
    })
}

const FIRST: &str = "2026-01-01";

impl Standing<'_> {
    /// It had run out before its text came.
    fn ran_out(&self, d: &Small) -> bool {
        (self.comes.is_some() || self.added.is_some()) && self.spent(d)
    }

    /// It stands on no day: it had run out before its text came, or its text goes before it begins.
    fn spent(&self, d: &Small) -> bool {
        let Some((day, all)) = &d.amendment else { return false };
        let old = |name: &str, i: usize| d.clauses.iter().find(|c| c.name == name)?.sentences.get(i);
        let ended = |s: &Sentence| last_day(s, FIRST).is_some_and(|l| l.as_str() < *day);
        let begins =
            |s: &Sentence| s.modifiers.iter().find_map(|m| m.text.strip_prefix("from ").map(str::to_owned));
        all.iter().any(|o| match o {
            Operation::Replace(c) if c.name == self.clause && self.comes.is_some() => {
                let at = c.sentences.iter().position(|s| std::ptr::eq(s, self.sentence));
                at.and_then(|i| old(&c.name, i)).is_some_and(ended) || ended(self.sentence)
            }
            Operation::Insert(c) if c.name == self.clause => {
                last_day(self.sentence, day).is_some_and(|l| l.as_str() < *day)
            }
            Operation::Replace(Clause { name, .. }) | Operation::Strike(name) => {
                name == self.clause && begins(self.sentence).is_some_and(|b| b.as_str() >= *day)
            }
            Operation::Vary(name, _) => name == self.clause && self.added.is_some() && ended(self.sentence),
            Operation::Insert(_) => false,
        })
    }
}

/// Every sentence of a deal in every text of it.
pub fn standing(d: &Small) -> Vec<Standing<'_>> {
    let of = |c: &Clause| c.sentences.len();
    let mut out = Vec::new();
    let texts = d.amendment.iter().flat_map(|(day, all)| all.iter().map(move |o| (*day, o)));
    for c in &d.clauses {
        (0..of(c)).for_each(|i| {
            out.push(Standing { clause: &c.name, sentence: &c.sentences[i], added: None, comes: None })
        });
    }
    for (day, o) in texts {
        match o {
            Operation::Strike(_) => {}
            Operation::Insert(c) | Operation::Replace(c) => {
                out.extend(c.sentences.iter().map(|s| Standing {
                    clause: &c.name,
                    sentence: s,
                    added: None,
                    comes: Some(day),
                }))
            }
            Operation::Vary(name, changes) => {
                let added = changes.iter().find_map(|x| x.strip_prefix("add unless ")).map(str::to_owned);
                let c = d.clauses.iter().filter(|c| c.name == *name && added.is_some());
                out.extend(c.flat_map(|c| &c.sentences).map(|s| Standing {
                    clause: name,
                    sentence: s,
                    added: added.clone(),
                    comes: None,
                }));
            }
        }
    }
    out
}

/// Whether a sentence is of those whose effect on one event can be seen.
fn seen(s: &Sentence) -> bool {
    matches!(
        s.kind,
        Kind::Permission | Kind::Prohibition | Kind::Before | Kind::Keep | Kind::Share | Kind::Tiers
    )
}

fn never(t: &Trail) -> bool {
    t.iter().all(|x| !x)
}

fn with(s: &Standing<'_>) -> Option<(Sentence, Domain)> {
    let plain = bare(s.sentence);
    let mut all = vec![plain.clone()];
    for (x, y) in exceptions(s.sentence) {
        all.push(unless(&plain, &[x]));
        all.extend(y.map(|y| unless(&plain, &[y])));
    }
    all.extend(s.added.iter().map(|x| unless(&plain, std::slice::from_ref(x))));
    let d = domain(s.sentence.about.unwrap_or("Sale"), &all)?;
    Some((plain, d))
}

/// Clauses with a sentence that no event brings to bear.
pub fn unmet(d: &Small) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for s in standing(d).iter().filter(|s| seen(s.sentence) && !s.spent(d)) {
        if let Some((plain, domain)) = with(s)
            && !ever(&plain, &domain)
        {
            out.insert(s.clause.to_owned());
        }
    }
    out
}

/// Clauses with a sentence that is over before the text that brings it begins.
pub fn over(d: &Small) -> BTreeSet<String> {
    let inserted = |name: &str| {
        d.amendment
            .iter()
            .flat_map(|(_, all)| all)
            .any(|o| matches!(o, Operation::Insert(c) if c.name == name))
    };
    let brought = |s: &&Standing<'_>| {
        s.comes.is_some_and(|day| {
            let put_in = if inserted(s.clause) { day } else { FIRST };
            last_day(s.sentence, put_in).is_some_and(|l| l.as_str() < day)
        })
    };
    let plain = |s: &&Standing<'_>| !s.sentence.head.contains(" grants ");
    standing(d).iter().filter(plain).filter(brought).map(|s| s.clause.to_owned()).collect()
}

/// What is wrong with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It takes nothing away.
    Idle,
    /// It, or all of them together, leave nothing.
    Swallows,
}

/// Clauses with exceptions that do nothing, or too much.
pub fn excepted(d: &Small) -> BTreeSet<(String, Fault)> {
    let mut out = BTreeSet::new();
    let all = standing(d);
    let asked =
        |s: &&Standing<'_>| seen(s.sentence) && (s.added.is_some() || !exceptions(s.sentence).is_empty());
    for s in all.iter().filter(asked).filter(|s| !s.ran_out(d)) {
        let Some((plain, domain)) = with(s) else { continue };
        let trail = |with: &[String]| trail(&unless(&plain, with), &domain).unwrap();
        let base = trail(&[]);
        if never(&base) {
            continue;
        }
        let mut list = exceptions(s.sentence);
        list.extend(s.added.iter().map(|x| (x.clone(), None)));
        let mut found = BTreeSet::new();
        let mut texts = Vec::new();
        for (x, y) in &list {
            let alone = trail(std::slice::from_ref(x));
            texts.push(y.as_ref().map_or(x.clone(), |y| format!("{x} {{ unless {y} }}")));
            if alone == base {
                found.insert(Fault::Idle);
                continue;
            }
            if let Some(y) = y {
                // Where the exception bites by itself, and where an exception to it gives back.
                let both = trail(&[format!("{x} {{ unless {y} }}")]);
                if both == alone {
                    found.insert(Fault::Idle);
                } else if both == base {
                    found.insert(Fault::Swallows);
                }
                if never(&both) {
                    found.insert(Fault::Swallows);
                }
            } else if never(&alone) {
                found.insert(Fault::Swallows);
            }
        }
        if list.len() > 1 && found.is_empty() && never(&trail(&texts)) {
            found.insert(Fault::Swallows);
        }
        out.extend(found.into_iter().map(|f| (s.clause.to_owned(), f)));
    }
    out
}

/// Clauses with a duty that no act performs.
pub fn impossible(d: &Small) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for s in standing(d).iter().filter(|s| s.sentence.kind == Kind::Duty) {
        let mut act = s.sentence.clone();
        act.kind = Kind::Permission;
        act.head = act.head.replacen(" must ", " may ", 1);
        act.modifiers.retain(|m| m.text.starts_with("where "));
        let about = act.about.unwrap_or("Sale");
        if let Some(domain) = domain(about, &[act.clone()])
            && !ever(&act, &domain)
        {
            out.insert(s.clause.to_owned());
        }
    }
    out
}

/// Pairs of maintenance duties that every event which shows both breaks one of, though each can be kept.
pub fn at_odds(d: &Small) -> BTreeSet<(String, String)> {
    let all = standing(d);
    let keeps: Vec<&Standing<'_>> = all.iter().filter(|s| s.sentence.kind == Kind::Keep).collect();
    let replaced = |name: &str| {
        d.amendment
            .iter()
            .flat_map(|(_, all)| all)
            .any(|o| matches!(o, Operation::Replace(c) if c.name == name))
    };
    let mut out = BTreeSet::new();
    for (i, a) in keeps.iter().enumerate() {
        for b in &keeps[i + 1..] {
            // Both texts of one clause never stand together, nor what is struck with what comes.
            let apart = (a.comes.is_some() != b.comes.is_some())
                && [a, b].iter().any(|s| s.comes.is_none() && (replaced(s.clause) || struck(d, s.clause)));
            let same = a.clause == b.clause && a.added != b.added;
            if apart || same || a.sentence.about != b.sentence.about {
                continue;
            }
            if opposed(a, b) {
                out.insert((a.clause.to_owned(), b.clause.to_owned()));
            }
        }
    }
    out
}

fn struck(d: &Small, name: &str) -> bool {
    d.amendment.iter().flat_map(|(_, all)| all).any(|o| matches!(o, Operation::Strike(c) if c == name))
}

fn opposed(a: &Standing<'_>, b: &Standing<'_>) -> bool {
    let texts = |s: &Standing<'_>| {
        let mut given: Vec<String> = s
            .sentence
            .modifiers
            .iter()
            .filter_map(|m| m.text.strip_prefix("unless ").map(str::to_owned))
            .collect();
        given.extend(s.added.clone());
        let shown = unless(&bare(s.sentence), &given);
        let mut broken = shown.clone();
        broken.head = s.sentence.head.clone();
        (shown, broken)
    };
    let ((sa, ba), (sb, bb)) = (texts(a), texts(b));
    let all = [sa.clone(), ba.clone(), sb.clone(), bb.clone()];
    let Some(domain) = domain(a.sentence.about.unwrap_or("Act"), &all) else { return false };
    let [shown_a, broken_a, shown_b, broken_b] = [sa, ba, sb, bb].map(|s| trail(&s, &domain).unwrap());
    let (mut first, mut second) = (false, false);
    for (i, _) in shown_a.iter().zip(&shown_b).enumerate().filter(|(_, (a, b))| **a && **b) {
        let (kept, met) = (!broken_a[i], !broken_b[i]);
        if kept && met {
            return false;
        }
        first |= kept;
        second |= met;
    }
    first && second
}

/// Clauses with a rule that comes to bear and never has its way, for the words that rank. None where a maintenance duty or
/// sublicenses hide which rules are left.
pub fn dropped(d: &Small) -> Option<BTreeSet<String>> {
    let hidden =
        |s: &Sentence| s.kind == Kind::Keep || s.modifiers.iter().any(|m| m.text.starts_with("may sub"));
    if d.sentences().any(hidden) {
        return None;
    }
    let ranks = |t: &str| t.starts_with("subject to") || t.starts_with("notwithstanding");
    let mut out = BTreeSet::new();
    if !d.sentences().flat_map(|s| &s.modifiers).any(|m| ranks(&m.text)) {
        return Some(out);
    }
    let mut free = d.clone();
    let loose = |s: &mut Sentence| s.modifiers.retain(|m| !ranks(&m.text));
    free.clauses.iter_mut().flat_map(|c| &mut c.sentences).for_each(loose);
    for o in free.amendment.iter_mut().flat_map(|(_, all)| all) {
        if let Operation::Insert(c) | Operation::Replace(c) = o {
            c.sentences.iter_mut().for_each(loose);
        }
    }
    let (w, free) = (World::new(d).ok()?, World::new(&free).ok()?);
    let (left, all) = (decide(&w, 2, false), decide(&free, 2, false));
    let mut idle: BTreeSet<_> = all.difference(&left).copied().collect();
    if !idle.is_empty() {
        let more = decide(&w, 2, true);
        idle.retain(|x| !more.contains(x));
    }
    out.extend(idle.iter().map(|(_, id)| w.program.symbols.clause_name(id.clause).to_owned()));
    Some(out)
}

/// Rules that decide anything, by version.
fn decide(w: &World, depth: usize, longer: bool) -> BTreeSet<(usize, NormId)> {
    let mut out = BTreeSet::new();
    let mut visit = |e: &habendum_norm::event::Event, o: &habendum_norm::outcome::Outcome| {
        let v = version_on(w, e.date);
        let at = w.program.versions.iter().position(|x| std::ptr::eq(x, v)).unwrap();
        let rule = |id: &&NormId| {
            id.sub == 0 && v.norms.iter().any(|n| n.id == **id && matches!(n.body, Body::Rule(_)))
        };
        out.extend(o.deciding.iter().filter(rule).map(|id| (at, *id)));
    };
    if longer {
        for (kind, _) in &w.kinds {
            let about = w.deal.symbols.event_name(*kind);
            if ["Act", "Sale", "Use"].contains(&about) {
                let d = Domain::of(w, *kind);
                walk(w, &d, &mut |e, o| {
                    visit(e, o);
                    true
                });
            }
        }
    } else {
        w.walk(depth, &mut |_, e, o| visit(e, o));
    }
    out
}

/// Clauses whose floor, by one sale in the first month, comes to more than their cap.
pub fn above_cap(d: &Small) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let pays = |s: &&Standing<'_>| matches!(s.sentence.kind, Kind::Share | Kind::Tiers);
    for s in standing(d).iter().filter(pays) {
        let figure = |word: &str| {
            let m = s.sentence.modifiers.iter().find(|m| m.text.starts_with(word))?;
            m.text.split(' ').nth(1)?.parse::<i64>().ok()
        };
        let (Some(cap), Some(_)) = (figure("cap"), figure("floor")) else { continue };
        // Whatever has to have happened first.
        let mut free = s.sentence.clone();
        free.modifiers.retain(|m| ["on each", "cap", "floor"].iter().any(|w| m.text.starts_with(w)));
        let Ok(w) = World::new(&deal_of(&free)) else { continue };
        if highest(&w) > cap * 100 {
            out.insert(s.clause.to_owned());
        }
    }
    out
}

/// The most that accrues through the first month, of no sale or one.
fn highest(w: &World) -> i64 {
    let month = super::world::days()[5];
    let total = |mut run: habendum_norm::Interpreter, so_far: i64| {
        run.advance(month).unwrap();
        let clock = run.take_clock();
        so_far
            + clock
                .iter()
                .filter(|c| c.date < month)
                .filter_map(|c| c.what.accrued().map(|a| a.amount))
                .sum::<i64>()
    };
    let mut most = total(w.start(), 0);
    w.walk(1, &mut |_, e, _| {
        if e.date < month && w.deal.symbols.event_name(e.kind) == "Sale" {
            let mut run = w.start();
            run.advance(e.date).unwrap();
            let paid: i64 = run.take_clock().iter().filter_map(|c| c.what.accrued().map(|a| a.amount)).sum();
            let o = run.step(e).unwrap();
            let now = paid + o.accruals.iter().map(|a| a.amount).sum::<i64>();
            most = most.max(total(run, now));
        }
    });
    most
}
