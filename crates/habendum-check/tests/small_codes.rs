//! The checker against enumeration, rule by rule, for what is wrong with one sentence, or with a few: each sentence of random
//! small deals by itself, with and without its exceptions and the words that rank it; every performance of every duty in its
//! window; every sale under a cap.
//!
//! Enumerated: C007, C009, C010, C011 (a cap below a floor), C012, C013, C018 (by the words). C001 to C006, C008 and C014 are in
//! `small_scope`. Not enumerated, for no event decides them: C015 (how a reader would rank two sentences), C016, C017, C021 and
//! C023 (faults of the text, found before anything runs), C019 but for duties (what relies on what), C020 (properties have
//! tests of their own), C022 (reasons about days that no one act shows), C024 (what a result rests on).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod small;

use habendum_check::check;
use habendum_check::finding::{Finding, Standing};
use habendum_model::binding::{Choices, bind};
use small::Dice;
use small::campaign::{self, Faults};
use small::deal::{Kind, Small};
use small::idle::{self, Fault};
use small::windows::{shut_after, windows};
use small::world::World;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Tally {
    deals: usize,
    fired: BTreeMap<&'static str, usize>,
    open: BTreeMap<&'static str, usize>,
    faults: Faults,
}

struct Held<'a> {
    w: &'a World,
    deal: &'a Small,
    seed: u64,
    found: &'a [Finding],
}

impl Held<'_> {
    /// Clauses that findings of a code name first, of those that say something.
    fn clauses(&self, code: &str, says: &str) -> BTreeSet<String> {
        let of = |f: &&Finding| f.diagnostic.code == code && f.diagnostic.message.contains(says);
        let name = |f: &Finding| self.w.program.symbols.clause_name(f.clauses[0]).to_owned();
        self.found.iter().filter(of).map(name).collect()
    }

    fn compare<T: Ord + std::fmt::Debug>(
        &self,
        t: &mut Tally,
        code: &'static str,
        is: &BTreeSet<T>,
        said: &BTreeSet<T>,
    ) {
        *t.fired.entry(code).or_default() += said.intersection(is).count();
        for (what, all) in [("missed", is.difference(said)), ("false", said.difference(is))] {
            for x in all {
                let shown: Vec<_> = self
                    .found
                    .iter()
                    .filter(|f| f.diagnostic.code == code)
                    .map(|f| (&f.diagnostic.message, &f.standing, &f.witness))
                    .collect();
                let text =
                    format!("seed {}: {code} {what} {x:?}\n{}\n{shown:?}", self.seed, self.deal.text());
                t.faults.entry(format!("{code} {what}")).or_default().push(text);
            }
        }
    }
}

fn idle(h: &Held<'_>, t: &mut Tally) {
    h.compare(t, "C012", &idle::unmet(h.deal), &h.clauses("C012", "no "));
    h.compare(t, "C012", &idle::over(h.deal), &h.clauses("C012", "is over before"));
    if let Some(dropped) = idle::dropped(h.deal) {
        h.compare(t, "C012", &dropped, &h.clauses("C012", "never has its way"));
    }
    let with = |f: Fault, says: &str| h.clauses("C013", says).into_iter().map(move |c| (c, f));
    let said = with(Fault::Idle, "never bites")
        .chain(with(Fault::Swallows, "swallows"))
        .chain(with(Fault::Swallows, "leave nothing"));
    h.compare(t, "C013", &idle::excepted(h.deal), &said.collect());
}

fn odds(h: &Held<'_>, t: &mut Tally) {
    h.compare(t, "C009", &idle::impossible(h.deal), &h.clauses("C009", "that cannot be"));
    let pair = |f: &Finding| {
        let name =
            |i: usize| h.w.program.symbols.clause_name(f.clauses[i.min(f.clauses.len() - 1)]).to_owned();
        (name(0), name(1))
    };
    let kept =
        |f: &&Finding| f.diagnostic.code == "C009" && f.diagnostic.message.contains("cannot both be kept");
    let said = h.found.iter().filter(kept).map(pair).collect();
    h.compare(t, "C009", &idle::at_odds(h.deal), &said);
    h.compare(t, "C011", &idle::above_cap(h.deal), &h.clauses("C011", "lies below its floor"));
    let bare = |s: &&idle::Standing<'_>| {
        matches!(s.sentence.kind, Kind::Duty | Kind::Keep)
            && !s.sentence.modifiers.iter().any(|m| m.text.starts_with("otherwise"))
    };
    let all = idle::standing(h.deal);
    let unfollowed = all.iter().filter(bare).map(|s| s.clause.to_owned()).collect();
    h.compare(t, "C018", &unfollowed, &h.clauses("C018", ""));
}

/// Whether a duty is opened by an event whose having happened some other sentence asks about.
fn self_made(h: &Held<'_>, clause: &str) -> bool {
    let all = idle::standing(h.deal);
    let by_mark = |s: &&idle::Standing<'_>| {
        s.clause == clause
            && s.sentence.modifiers.iter().any(|m| m.text.starts_with("within ") && m.text.contains("Mark"))
    };
    let asks = |s: &&idle::Standing<'_>| {
        let past = |t: &str| ["Mark has", "Mark where flag) has", "count of"].iter().any(|w| t.contains(w));
        let past = past(&s.sentence.head)
            || s.sentence.modifiers.iter().any(|m| past(&m.text) || m.text.starts_with("until Mark"));
        past || s.added.is_some()
    };
    all.iter().any(|s| by_mark(&s)) && all.iter().any(|s| asks(&s))
}

fn duties(h: &Held<'_>, t: &mut Tally) {
    let w = windows(h.w);
    let name = |c: &habendum_model::value::ClauseId| h.w.program.symbols.clause_name(*c).to_owned();
    let sure = |f: &&Finding| match f.standing {
        Standing::Conflict | Standing::Possible => f.witness.is_some(),
        Standing::Compatible | Standing::Disjoint(_) | Standing::Unknown(_) => false,
    };
    let of = |code: &str, any: bool| -> BTreeSet<String> {
        let all = h.found.iter().filter(|f| f.diagnostic.code == code).filter(sure);
        all.flat_map(|f| f.clauses.iter().take(if any { 9 } else { 1 }).map(name)).collect()
    };
    if !h.deal.sentences().any(|s| s.head.contains(" grants ")) {
        let (mut is, mut said) = (w.shut.clone(), BTreeSet::new());
        for f in h.found.iter().filter(|f| f.diagnostic.code == "C007") {
            let (own, e) = (f.clauses[0], f.witness.iter().flat_map(|w| &w.events).collect::<Vec<_>>());
            if sure(&f) {
                said.insert(own);
                // A longer history than the windows begin with.
                let before: Vec<_> = e[..e.len() - 1].iter().map(|e| (*e).clone()).collect();
                if !is.contains(&own) && before.len() > 1 && shut_after(h.w, &before, own) {
                    is.insert(own);
                }
            } else if f.standing == Standing::Possible {
                is.remove(&own);
                *t.open.entry("C007").or_default() += 1;
            }
        }
        // What the event that opens the duty forbids itself is not looked at.
        is.retain(|c| said.contains(c) || !self_made(h, &name(c)));
        h.compare(t, "C007", &is, &said);
    }
    // What a duty relied on and lost is C019's.
    let is: BTreeSet<String> = w.unlicensed.iter().map(name).collect();
    let lost: BTreeSet<String> = of("C019", true).intersection(&is).cloned().collect();
    h.compare(t, "C010", &is, &of("C010", false).union(&lost).cloned().collect());
}

fn held(seed: u64, t: &mut Tally) {
    let deal = small::draw::small(&mut Dice(seed));
    let Ok(w) = World::new(&deal) else { return };
    let binding = bind(&w.deal, &Choices::default()).unwrap();
    let found = check(&w.deal, &binding).unwrap().findings;
    t.deals += 1;
    let h = Held { w: &w, deal: &deal, seed, found: &found };
    idle(&h, t);
    odds(&h, t);
    duties(&h, t);
    for f in &found {
        if let (code @ ("C007" | "C009" | "C010" | "C012" | "C013"), Standing::Unknown(_)) =
            (f.diagnostic.code.as_str(), &f.standing)
        {
            let code = ["C007", "C009", "C010", "C012", "C013"].into_iter().find(|c| *c == code).unwrap();
            *t.open.entry(code).or_default() += 1;
        }
    }
}

#[test]
fn what_is_wrong_with_a_sentence_is_found() {
    let mut all = Tally::default();
    for t in campaign::halves(campaign::seeds(2_150), held) {
        all.deals += t.deals;
        campaign::add(&mut all.fired, t.fired);
        campaign::add(&mut all.open, t.open);
        campaign::add_faults(&mut all.faults, t.faults);
    }
    eprintln!("{} deals; fired {:?}; not decided {:?}", all.deals, all.fired, all.open);
    campaign::tell(&all.faults, 4);
    campaign::assert_none(&all.faults);
    for (code, n) in &all.fired {
        assert!(*n >= 20, "{code} fired {n} times");
    }
}
