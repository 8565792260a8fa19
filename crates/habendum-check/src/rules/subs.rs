//! Sublicenses by clause against their heads: what C002 and C006 say of them.
//!
//! Data flow: each version's licenses -> those whose licensor holds under another -> what no head carries. Invariant: a
//! sublicense that some head carries whole is not judged further; each point of its scope has to lie in one head.

use crate::case::Case;
use crate::finding::Witness;
use crate::grants::act::{self, Granting};
use crate::grants::days::{Days, common};
use crate::grants::lineage::{above, links, passes_on};
use crate::grants::{Grant, Point, covers, grants, points, shared, words};
use habendum_model::deal::Symbols;
use habendum_model::value::Value;
use habendum_norm::event::Event;
use habendum_norm::ir::{Exclusivity, License};
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;

/// In what a sublicense goes beyond its head.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Beyond {
    /// There is no right to sublicense.
    Right,
    /// There is none to this person.
    Person,
    /// It lies deeper than a license above allows.
    Depth,
    /// It gives a right to sublicense that a license above does not.
    PassingOn,
    /// It covers a point that no head covers.
    Scope(Point),
    /// It keeps others out, and the head keeps out no one.
    NonExclusiveHead,
    /// It keeps out more than the head does.
    WeakerHead,
}

/// A sublicense that no head carries.
pub(super) struct Sub<'c> {
    /// It.
    pub sub: Grant<'c>,
    /// The head that comes nearest.
    pub head: Grant<'c>,
    /// Days on which both stand.
    pub days: Vec<Days>,
    /// In what it goes beyond, with words.
    pub beyond: Vec<(Beyond, String)>,
}

/// Every sublicense by clause that no head carries, by version.
pub(super) fn subs<'c>(case: &'c Case<'_>) -> Vec<Sub<'c>> {
    let mut out = Vec::new();
    for version in 0..case.program.versions.len() {
        let all = grants(case, version);
        for sub in &all {
            let heads: Vec<&Grant<'_>> = all
                .iter()
                .filter(|h| passes_on(case, sub, h) && !common(&sub.days, &h.days).is_empty())
                .collect();
            let nearest = beyond(case, sub, &heads, &all).into_iter().min_by_key(|(_, b)| b.len());
            if let Some((head, beyond)) = nearest.filter(|(_, b)| !b.is_empty()) {
                let days = common(&sub.days, &head.days);
                out.push(Sub { sub: sub.clone(), head: head.clone(), days, beyond });
            }
        }
    }
    out
}

/// In what a sublicense goes beyond each of its heads. Each point that it names has to lie in one head that allows it: an act
/// at a term is an act in all of it, which several heads of its parts do not permit.
fn beyond<'h, 'c>(
    case: &Case<'_>,
    sub: &Grant<'_>,
    heads: &[&'h Grant<'c>],
    all: &[Grant<'_>],
) -> Vec<(&'h Grant<'c>, Vec<(Beyond, String)>)> {
    let s = case.symbols();
    let mut out: Vec<_> = heads.iter().map(|h| (*h, terms(case, sub, h, all))).collect();
    let whole: Vec<&License> = heads.iter().map(|h| h.license).collect();
    let able: Vec<&License> = out.iter().filter(|(_, b)| b.is_empty()).map(|(h, _)| h.license).collect();
    for (head, found) in &mut out {
        let by = if found.is_empty() { &able } else { &whole };
        if let Some(p) = points(sub.license).into_iter().find(|p| !by.iter().any(|l| covers(s, l, *p))) {
            let (where_, name) = (words::point(s, p), words::clause(s, head.id().clause));
            found.push((Beyond::Scope(p), format!("it covers {where_}, and {name} does not")));
        }
    }
    out
}

/// In what it goes beyond one head, scope aside.
fn terms(case: &Case<'_>, sub: &Grant<'_>, head: &Grant<'_>, all: &[Grant<'_>]) -> Vec<(Beyond, String)> {
    let s = case.symbols();
    let name = words::clause(s, head.id().clause);
    let mut out = Vec::new();
    match &head.license.sublicense {
        None => out.push((Beyond::Right, format!("{name} gives no right to sublicense"))),
        Some(right) => {
            let to = sub.license.licensee;
            if !right.to.is_empty() && !right.to.contains(&to) {
                let who = words::person(s, to);
                out.push((Beyond::Person, format!("{name} allows no sublicense to {who}")));
            }
        }
    }
    out.extend(depth(case, sub, all));
    let own = words::degree_word(&sub.license.exclusivity);
    if sub.keeps_others_out() {
        let weaker = words::degree_word(&head.license.exclusivity);
        match head.license.exclusivity {
            Exclusivity::NonExclusive => {
                out.push((Beyond::NonExclusiveHead, format!("it is {own}, and {name} is non-exclusive")));
            }
            Exclusivity::Sole | Exclusivity::CoExclusive(_) => {
                if sub.license.exclusivity != head.license.exclusivity {
                    out.push((Beyond::WeakerHead, format!("it is {own}, and {name} is {weaker}")));
                }
            }
            Exclusivity::Exclusive | Exclusivity::ExclusiveExceptGrantor => {}
        }
    }
    out
}

/// Whether a license above allows fewer links than there are, or gives no right that this one passes on.
fn depth(case: &Case<'_>, sub: &Grant<'_>, all: &[Grant<'_>]) -> Option<(Beyond, String)> {
    let s = case.symbols();
    for root in above(case, sub, all) {
        let Some(right) = &root.license.sublicense else { continue };
        let (Some(most), Some(n)) = (right.depth, links(case, sub, root, all)) else { continue };
        let name = words::clause(s, root.id().clause);
        if n > most {
            let text = format!("it lies {n} deep below {name}, which allows {most}");
            return Some((Beyond::Depth, text));
        }
        let own = sub.license.sublicense.as_ref();
        let passes = own.map(|own| own.depth.map(|d| n.saturating_add(d)));
        if let Some(reach) = passes
            && reach.is_none_or(|r| r > most)
        {
            let text =
                format!("its own right to sublicense reaches deeper than {name} allows, which is {most}");
            return Some((Beyond::PassingOn, text));
        }
    }
    None
}

impl Sub<'_> {
    /// The version in which it stands.
    pub(super) fn version(&self) -> usize {
        self.sub.version
    }

    /// The words for some of what it goes beyond in.
    pub(super) fn said(&self, of: impl Fn(&Beyond) -> bool) -> Vec<String> {
        self.beyond.iter().filter(|(b, _)| of(b)).map(|(_, t)| t.clone()).collect()
    }

    /// The first day on which both stand.
    pub(super) fn first_day(&self) -> Option<Date> {
        self.days.first().map(|d| d.from)
    }

    /// The grant that the clause makes, as an event: a wrong under the head, with its reason.
    pub(super) fn as_event(&self, case: &Case<'_>, exclusive: bool, at: Option<Point>) -> Option<Witness> {
        let l = self.sub.license;
        let s = case.symbols();
        let day = self.first_day()?;
        let meeting = shared(s, l, self.head.license);
        // The sublicense's own words first where they are too wide, then what both scopes hold.
        let wide = points(l).into_iter().filter(|p| at.is_some_and(|q| under(s, q, *p)));
        let plain = if at.is_none() { meeting } else { Vec::new() };
        wide.chain(plain).find_map(|point| {
            let g = Granting {
                by: l.licensor,
                to: l.licensee,
                point,
                exclusivity: if exclusive { &l.exclusivity } else { &Exclusivity::NonExclusive },
                through: None,
                sublicense: false,
            };
            wrongful(case, &self.head, act::granting(s, &g, day)?)
        })
    }
}

fn under(s: &Symbols, q: Point, p: Point) -> bool {
    s.is_under(q.asset, p.asset) && s.is_under(q.territory, p.territory) && s.is_under(q.field, p.field)
}

/// A grant whose replay is a wrong under a head, and the interpreter's reason.
pub(super) fn wrongful(case: &Case<'_>, head: &Grant<'_>, event: Event) -> Option<Witness> {
    let mut w = act::witness(case, vec![event], "", |r| act::is_wrong(r, head.norm))?;
    let outcome = case.replay(&w).ok()?.rows.pop()?;
    w.shows = outcome.reason.unwrap_or_else(|| "the grant is wrongful".to_owned());
    Some(w)
}

/// The licensor may not use any more (or yet), and its licensee may.
pub(super) fn unsupported(case: &Case<'_>, sub: &Grant<'_>, at: Point, day: Date) -> Option<Witness> {
    unsupported_after(case, sub, at, day, &[])
}

/// The same, after other rows.
pub(super) fn unsupported_after(
    case: &Case<'_>,
    sub: &Grant<'_>,
    at: Point,
    day: Date,
    rows: &[Event],
) -> Option<Witness> {
    let s = case.symbols();
    let l = sub.license;
    let said = super::pairs::said_with(case, &[sub]);
    let (a, b) = (words::person(s, l.licensor), words::person(s, l.licensee));
    let shows = format!("{a} itself may not, and {} lets {b}", words::clause(s, sub.id().clause));
    let fixed = ["asset", "territory", "field"];
    let tries = act::variations(s, &act::act(s, l.event, l.licensee, at, day), &said, &fixed);
    tries.into_iter().find_map(|its| {
        let mut own = its.clone();
        let actor = s.event_info(l.event).actor?;
        *own.fields.get_mut(actor.ix())? = Value::Party(l.licensor);
        let all = [rows, &[own, its]].concat();
        act::witness(case, all, &shows, |r| match r.rows.as_slice() {
            [.., first, second] => {
                act::wrong(first) && second.verdict == Verdict::Permitted && act::decides(second, sub.norm)
            }
            _ => false,
        })
    })
}
