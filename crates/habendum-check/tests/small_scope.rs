//! The checker against enumeration: for random small deals, what the rules report is exactly what a walk through every
//! event, day and short history reaches. The oracle is the interpreter and the tree that the deal was drawn as.
//!
//! Here C001 to C006, C008 and C014 (rules that give way in a circle); `small_codes` has the others and says which cannot be
//! enumerated, `small_deals` holds the draw to every kind of clause, `diff_scope` is the same for `diff`. `N` says how many
//! seeds are drawn, `FROM` where they begin, `SHOW=1` prints the first disagreements of each kind.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod small;

use habendum_check::check;
use habendum_check::finding::{Finding, Standing};
use habendum_model::binding::{Choices, bind};
use habendum_model::value::ClauseId;
use habendum_norm::event::Event;
use habendum_norm::ir::{Exclusivity, License};
use small::Dice;
use small::campaign::{self, Faults};
use small::deal::Small;
use small::reached::{Couple, Reached, after, reached};
use small::world::{World, days};
use std::collections::{BTreeMap, BTreeSet};

/// What came of a campaign.
#[derive(Default)]
struct Tally {
    deals: usize,
    judged: usize,
    fired: BTreeMap<String, usize>,
    unknown: BTreeMap<String, usize>,
    beyond: BTreeMap<String, usize>,
    faults: Faults,
}

/// A deal with what was found and what was reached.
struct Held<'a> {
    w: &'a World,
    deal: &'a Small,
    seed: u64,
    found: &'a [Finding],
    reached: &'a Reached,
}

fn name(w: &World, c: ClauseId) -> &str {
    w.program.symbols.clause_name(c)
}

fn unknown(f: &Finding) -> bool {
    matches!(f.standing, Standing::Unknown(_)) || (f.standing == Standing::Possible && f.witness.is_none())
}

impl Held<'_> {
    /// Findings of some codes as couples: sure ones, and those not decided.
    fn couples(&self, codes: &[&str], ordered: bool) -> (BTreeSet<Couple>, BTreeSet<Couple>) {
        let (mut sure, mut open) = (BTreeSet::new(), BTreeSet::new());
        for f in self.found.iter().filter(|f| codes.contains(&f.diagnostic.code.as_str())) {
            let (a, b) = (f.clauses[0], *f.clauses.get(1).unwrap_or(&f.clauses[0]));
            let c = if ordered || a <= b { (a, b) } else { (b, a) };
            if unknown(f) {
                open.insert(c)
            } else {
                sure.insert(c)
            };
        }
        (sure, open)
    }

    /// Whether an example that is longer than the walk, or outside its domain, reaches the couple when it is run.
    fn outside(&self, codes: &[&str], c: Couple, depth: usize) -> bool {
        self.found.iter().any(|f| {
            let of = codes.contains(&f.diagnostic.code.as_str())
                && f.clauses.contains(&c.0)
                && f.clauses.contains(&c.1);
            let Some(w) = f.witness.as_ref().filter(|_| of) else { return false };
            let last = w.events.len() - 1;
            let known = |(i, e): (usize, &Event)| {
                let all = if i == last { &self.w.kinds } else { &self.w.traces };
                days().contains(&e.date) && all.iter().any(|(k, v)| *k == e.kind && v.contains(&e.fields))
            };
            let walked = last < depth && w.events.iter().enumerate().all(known);
            let r = after(self.w, &w.events);
            let turned = (c.1, c.0);
            let pairs = [&r.licenses, &r.grantor, &r.circles];
            let reaches = |c: &Couple| r.unranked.contains_key(c) || pairs.iter().any(|all| all.contains(c));
            !walked && (reaches(&c) || reaches(&turned))
        })
    }

    fn fault(&self, t: &mut Tally, what: &str, c: Couple) {
        let (a, b) = (name(self.w, c.0), name(self.w, c.1));
        let all = t.faults.entry(what.to_owned()).or_default();
        let of = |f: &&Finding| f.clauses.contains(&c.0) && f.clauses.contains(&c.1);
        let shown: Vec<_> =
            self.found.iter().filter(of).map(|f| (&f.diagnostic.code, &f.standing, &f.witness)).collect();
        all.push(format!("seed {}: {what} ({a}, {b})\n{}\n{shown:?}", self.seed, self.deal.text()));
    }

    fn compare(
        &self,
        t: &mut Tally,
        codes: &[&str],
        expected: &BTreeSet<Couple>,
        ordered: bool,
        depth: usize,
    ) {
        let code = codes.join("/");
        let (sure, open) = self.couples(codes, ordered);
        *t.unknown.entry(code.clone()).or_default() += open.difference(&sure).count();
        *t.fired.entry(code.clone()).or_default() += sure.intersection(expected).count();
        for c in expected.difference(&sure).filter(|c| !open.contains(c)) {
            self.fault(t, &format!("{code} missed"), *c);
        }
        for c in sure.difference(expected) {
            if self.outside(codes, *c, depth) {
                *t.beyond.entry(code.clone()).or_default() += 1;
            } else {
                self.fault(t, &format!("{code} false"), *c);
            }
        }
    }
}

fn licenses(w: &World) -> Vec<(ClauseId, &License)> {
    let all = w.program.versions.iter().flat_map(|v| &v.norms);
    all.filter_map(|n| Some((n.id.clause, n.body.license()?))).collect()
}

/// Pairs of licenses, by the codes that their pages give them. Deals with sublicenses have rules of their own.
fn of_licenses(h: &Held<'_>, t: &mut Tally, depth: usize) {
    let all = licenses(h.w);
    let one = all.first().map(|(_, l)| l.licensor);
    if all.iter().any(|(_, l)| Some(l.licensor) != one) {
        return;
    }
    let firm = |c: ClauseId| {
        let mut of =
            all.iter().filter(|(x, _)| *x == c).map(|(_, l)| l.exclusivity != Exclusivity::NonExclusive);
        let first = of.next().unwrap_or(false);
        (first, of.all(|x| x == first))
    };
    let (mut both, mut mixed, mut changing) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (a, b) in h.reached.licenses.iter().chain(&h.reached.grants) {
        let c = if a <= b { (*a, *b) } else { (*b, *a) };
        match (firm(c.0), firm(c.1)) {
            ((_, false), _) | (_, (_, false)) => changing.insert(c),
            ((true, _), (true, _)) => both.insert(c),
            ((_, true), (_, true)) => mixed.insert(c),
        };
    }
    if changing.is_empty() && all.iter().all(|(c, _)| firm(*c).1) {
        h.compare(t, &["C001"], &both, false, depth);
        h.compare(t, &["C003", "C005"], &mixed, false, depth);
        for code in ["C003", "C005"] {
            let n = h.couples(&[code], false).0.len();
            *t.fired.entry(code.into()).or_default() += n;
        }
    } else {
        let any = both.into_iter().chain(mixed).chain(changing).collect();
        h.compare(t, &["C001", "C003", "C005"], &any, false, depth);
    }
}

/// Sublicenses that no head carries: each is C002's or C006's, and nothing else is.
fn of_heads(h: &Held<'_>, t: &mut Tally) {
    let Some(heads) = small::heads::heads(h.deal) else { return };
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for f in h.found.iter().filter(|f| ["C002", "C006", "C019"].contains(&f.diagnostic.code.as_str())) {
        found.entry(&f.diagnostic.code).or_default().insert(name(h.w, f.clauses[0]).to_owned());
    }
    let of = |code: &str| found.get(code).cloned().unwrap_or_default();
    for code in ["C002", "C006"] {
        *t.fired.entry(code.into()).or_default() += of(code).len();
    }
    let fault = |t: &mut Tally, what: &str, c: &String| {
        let id = h.w.deal.symbols.clause(c).unwrap();
        h.fault(t, what, (id, id));
    };
    let found: BTreeSet<String> = of("C002").union(&of("C006")).cloned().collect();
    for c in heads.wrongful.difference(&found) {
        fault(t, "C002/C006 missed", c);
    }
    for c in of("C002").difference(&heads.wrongful).filter(|c| heads.judged.contains(*c)) {
        fault(t, "C002 false", c);
    }
    // How deep a chain of clauses goes, no single grant shows.
    let deep = h.deal.text().contains("depth");
    let judged = |c: &&String| heads.judged.contains(*c) && !heads.adrift.contains(*c);
    for c in of("C006").difference(&heads.wrongful).filter(|c| judged(c) && !deep) {
        fault(t, "C006 false", c);
    }
}

/// Days: each day of a conflict that needs no history is in the finding, and the first day of the finding is one of them.
fn conflict_days(h: &Held<'_>, t: &mut Tally) {
    for (c, days) in &h.reached.unranked {
        let of = |f: &&Finding| f.diagnostic.code == "C008" && f.clauses == [c.0, c.1];
        let spans: Vec<_> = h.found.iter().filter(of).flat_map(|f| &f.intervals).collect();
        let within =
            |d: &jiff::civil::Date| spans.iter().any(|i| i.from <= *d && i.through.is_none_or(|t| *d <= t));
        if !spans.is_empty() && !days.iter().all(within) {
            h.fault(t, "C008 days", *c);
        }
    }
}

/// Rules that give way to one another: each pair that a walk leaves in conflict is in a circle that was named.
fn circles(h: &Held<'_>, t: &mut Tally) {
    let of: Vec<_> = h
        .found
        .iter()
        .filter(|f| f.diagnostic.code == "C014" && f.diagnostic.message.contains("give way"))
        .collect();
    for c in &h.reached.circles {
        if of.iter().any(|f| f.clauses.contains(&c.0) && f.clauses.contains(&c.1)) {
            *t.fired.entry("C014".into()).or_default() += 1;
        } else {
            h.fault(t, "C014 missed", *c);
        }
    }
    for f in of.iter().filter(|f| !unknown(f)) {
        let within = |c: &&Couple| f.clauses.contains(&c.0) && f.clauses.contains(&c.1);
        if !h.reached.circles.iter().any(|c| within(&c)) {
            h.fault(t, "C014 false", (f.clauses[0], f.clauses[1]));
        }
    }
}

fn held(seed: u64, t: &mut Tally) {
    let deal = small::draw::small(&mut Dice(seed));
    let Ok(w) = World::new(&deal) else { return };
    let binding = bind(&w.deal, &Choices::default()).unwrap();
    let clock = std::time::Instant::now();
    let found = check(&w.deal, &binding).unwrap().findings;
    let took = clock.elapsed();
    let depth = if w.traces.is_empty() { 1 } else { 2 };
    let reached = reached(&w, depth);
    if std::env::var_os("CLOCK").is_some() {
        eprintln!(
            "{seed}: checked in {took:?}, {} events walked in {:?}",
            reached.judged,
            clock.elapsed() - took
        );
    }
    t.deals += 1;
    t.judged += reached.judged;
    let h = Held { w: &w, deal: &deal, seed, found: &found, reached: &reached };
    let unranked: BTreeSet<Couple> = reached.unranked.keys().copied().collect();
    h.compare(t, &["C008"], &unranked, true, depth);
    conflict_days(&h, t);
    circles(&h, t);
    let all = licenses(&w);
    let one = all.first().map(|(_, l)| l.licensor);
    if all.iter().all(|(_, l)| Some(l.licensor) == one) {
        h.compare(t, &["C004"], &reached.grantor, true, depth);
    }
    of_licenses(&h, t, depth);
    of_heads(&h, t);
}

fn walk(seeds: std::ops::Range<u64>) -> Tally {
    let mut all = Tally::default();
    for t in campaign::halves(seeds, held) {
        all.deals += t.deals;
        all.judged += t.judged;
        campaign::add(&mut all.fired, t.fired);
        campaign::add(&mut all.unknown, t.unknown);
        campaign::add(&mut all.beyond, t.beyond);
        campaign::add_faults(&mut all.faults, t.faults);
    }
    all
}

fn assert_held(t: &Tally) {
    eprintln!(
        "{} deals, {} events judged; fired {:?}; not decided {:?}; beyond the walk {:?}",
        t.deals, t.judged, t.fired, t.unknown, t.beyond
    );
    campaign::tell(&t.faults, 3);
    let (open, sure): (usize, usize) = (t.unknown.values().sum(), t.fired.values().sum());
    assert!(open * 20 <= sure, "{open} not decided, {sure} sure");
    campaign::assert_none(&t.faults);
    // A code of its own is asked to fire; the joint ones are sums.
    for (code, n) in t.fired.iter().filter(|(c, _)| !c.contains('/')) {
        assert!(*n >= 20, "{code} fired {n} times");
    }
}

#[test]
fn what_is_reported_is_what_can_happen() {
    assert_held(&walk(campaign::seeds(2_150)));
}
