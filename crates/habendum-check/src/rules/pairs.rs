//! Two licenses to different persons that cannot both be kept: what C001, C003 and C005 sort by degree and age.
//!
//! Data flow: each version's licenses -> pairs of one scope on one day that nothing ranks -> a replayed witness. A license
//! under another of the pair is judged by C002 and C006; what follows from a pair higher up a chain is not said again.

use crate::case::Case;
use crate::encode::{History, Moment, verdicts};
use crate::finding::{Standing, Witness};
use crate::grants::act::{self, Granting};
use crate::grants::days::{Days, common};
use crate::grants::lineage::{above, of_one_line};
use crate::grants::{Grant, Point, grants, history, ranked, shared, words};
use crate::shown::{Shown, history as past, holds, row};
use crate::solver::{Answer, Formula};
use habendum_model::expr::ExprKind;
use habendum_model::value::{EventId, PartyId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::{Body, Exclusivity, Norm};
use habendum_norm::outcome::Outcome;
use habendum_norm::reads::{Read, each_expr, reads};
use habendum_syntax::ast::Verdict;
use jiff::civil::Date;

/// Two licenses that oppose one another, the elder first.
pub(super) struct Clash<'c> {
    /// The one that has stood longer, or comes first.
    pub elder: Grant<'c>,
    /// The other.
    pub younger: Grant<'c>,
    /// Days on which both stand.
    pub days: Vec<Days>,
    /// What both cover.
    pub point: Point,
    /// What shows it.
    pub witness: Option<Witness>,
    /// How sure.
    pub standing: Standing,
}

/// Every clash of a case, by version.
pub(super) fn clashes<'c>(
    case: &'c Case<'_>,
    wanted: impl Fn(&Grant<'_>, &Grant<'_>) -> bool,
) -> Vec<Clash<'c>> {
    let mut out = Vec::new();
    for version in 0..case.program.versions.len() {
        let all = grants(case, version);
        for (i, a) in all.iter().enumerate() {
            for b in &all[i + 1..] {
                if wanted(a, b) && opposed(case, a, b, &all) && !follows(case, a, b, &all) {
                    out.extend(clash(case, a, b));
                }
            }
        }
    }
    out
}

/// Since when a license has kept others out, or stood at all where it keeps out no one.
pub(super) fn age(case: &Case<'_>, g: &Grant<'_>) -> Option<Date> {
    let firm = g.keeps_others_out();
    history::since(case, g.version, g.id(), |l| firm == (l.exclusivity != Exclusivity::NonExclusive))
}

/// Whether two licenses cannot both be kept, as far as persons, scopes, days and ranking tell.
fn opposed(case: &Case<'_>, a: &Grant<'_>, b: &Grant<'_>, all: &[Grant<'_>]) -> bool {
    let (la, lb) = (a.license, b.license);
    let back = la.licensor == lb.licensee && lb.licensor == la.licensee;
    (a.keeps_others_out() || b.keeps_others_out())
        && la.event == lb.event
        && la.licensee != lb.licensee
        && !back
        && against(a, b)
        && !ranked(a.norm, b.norm)
        && !common(&a.days, &b.days).is_empty()
        && !shared(case.symbols(), la, lb).is_empty()
        && !of_one_line(case, a, b, all)
}

fn against(a: &Grant<'_>, b: &Grant<'_>) -> bool {
    let one = |x: &Grant<'_>, y: &Grant<'_>| {
        x.bars_use(y.license.licensee) || x.bars_grant(y.license.licensor, y.license.licensee)
    };
    one(a, b) || one(b, a)
}

/// Whether the pair only repeats what one of the two and a head of the other already say.
fn follows(case: &Case<'_>, a: &Grant<'_>, b: &Grant<'_>, all: &[Grant<'_>]) -> bool {
    above(case, a, all).iter().any(|h| opposed(case, h, b, all))
        || above(case, b, all).iter().any(|h| opposed(case, a, h, all))
}

fn clash<'c>(case: &'c Case<'_>, a: &Grant<'c>, b: &Grant<'c>) -> Option<Clash<'c>> {
    let points = shared(case.symbols(), a.license, b.license);
    let days = common(&a.days, &b.days);
    let swap = age(case, b) < age(case, a);
    let (elder, younger) = if swap { (b, a) } else { (a, b) };
    let sentences = said_with(case, &[elder, younger]);
    let shown = days.iter().find_map(|d| {
        points.iter().find_map(|p| Some((*p, shows(case, elder, younger, *p, d.from, &sentences)?)))
    });
    let open = !(a.sure && b.sure) || sentences.iter().any(|n| is_open(case, a.version, n));
    let (point, witness, standing) = match shown {
        Some((p, w)) if open => (p, Some(w), Standing::Possible),
        Some((p, w)) => (p, Some(w), Standing::Conflict),
        None => {
            let (standing, w) = solved(case, a.version, &[elder, younger], &sentences)?;
            (*points.first()?, w, standing)
        }
    };
    Some(Clash { elder: elder.clone(), younger: younger.clone(), days, point, witness, standing })
}

/// What the solver says of a permission and a bar among these sentences that no plain row shows; none where it proves that
/// they never meet.
fn solved(
    case: &Case<'_>,
    version: usize,
    of: &[&Grant<'_>],
    said: &[&Norm],
) -> Option<(Standing, Option<Witness>)> {
    let event = of.first()?.license.event;
    let mut open = None;
    for (p, f) in said.iter().flat_map(|p| said.iter().map(move |f| (*p, *f))) {
        let opposed = p.id.clause != f.id.clause && permits(p) == Some(true) && permits(f) == Some(false);
        if !opposed {
            continue;
        }
        match meet(case, version, event, p, f) {
            Met::Never => {}
            Met::Row(w) => return Some((Standing::Possible, Some(*w))),
            Met::Open(why) => open = Some(why),
        }
    }
    open.map(|_| (Standing::Possible, None))
}

/// Whether a permission and a bar can both be left for one event.
pub(super) enum Met {
    /// Proved not to.
    Never,
    /// Shown.
    Row(Box<Witness>),
    /// It hangs on what happened before, or on what is opaque.
    Open(String),
}

/// Asks the solver for an event that one sentence permits and the other forbids, first without, then with a past.
pub(super) fn meet(case: &Case<'_>, version: usize, event: EventId, permit: &Norm, forbid: &Norm) -> Met {
    let Some(v) = case.program.versions.get(version) else { return Met::Never };
    let named =
        |o: &Outcome| act::decides(o, permit) && act::decides(o, forbid) && o.verdict == Verdict::Conflict;
    for history in [History::Empty, History::Any] {
        let mut m = Moment::new(&case.program, event, history);
        let all = verdicts(&mut m, v);
        m.solver.assert(all.within.clone());
        let of = |n: &Norm| {
            let stands = all.speaks.iter().filter(|s| v.norms.get(s.norm).is_some_and(|x| x.id == n.id));
            Formula::or(stands.map(|s| s.stands.clone()))
        };
        let hold = [of(permit), of(forbid)];
        let met = if history == History::Empty {
            row(case, &mut m, &hold, &named)
        } else {
            match m.solver.solve_assuming(&hold) {
                Answer::Unsat => Shown::Never,
                Answer::Sat(_) => match past(case, &[permit.id.clause, forbid.id.clause], &named) {
                    Some(w) => Shown::Row(Box::new(w)),
                    None => Shown::Open("it hangs on what happened before".into()),
                },
                Answer::Unknown(why) => Shown::Open(why),
            }
        };
        match met {
            Shown::Never => {}
            Shown::Row(w) => return Met::Row(w),
            Shown::Open(why) => return Met::Open(why),
        }
    }
    Met::Never
}

/// Whether a rule permits; none where the sentence is no rule.
fn permits(n: &Norm) -> Option<bool> {
    n.body.rule().map(|r| r.permits)
}

/// The permissions and bars that licenses bring with them.
pub(super) fn said_with<'c>(case: &'c Case<'_>, of: &[&Grant<'c>]) -> Vec<&'c Norm> {
    let same = |n: &Norm| {
        of.iter().any(|g| n.id.clause == g.id().clause && n.id.part == g.id().part)
            && matches!(n.body, Body::Rule(_))
    };
    let version = of.first().map_or(0, |g| g.version);
    case.program.versions.get(version).into_iter().flat_map(|v| &v.norms).filter(|n| same(n)).collect()
}

/// Whether a sentence asks about figures that are open or about what has happened before.
pub(super) fn is_open(case: &Case<'_>, version: usize, n: &Norm) -> bool {
    let Some(v) = case.program.versions.get(version) else { return true };
    let mut open = !n.term.until.is_empty();
    for r in reads(n) {
        let Read::Expr(e) = r else { continue };
        each_expr(e, &mut |x| {
            open |= match &x.kind {
                ExprKind::Param(p) => v.params.get(p.ix()).is_none_or(Option::is_none),
                ExprKind::Sum(..) | ExprKind::Occurred(_) | ExprKind::InRegister(..) => true,
                _ => false,
            };
        });
    }
    open
}

/// A use by whom the other license keeps out, or else the grant that the other forbids.
fn shows(
    case: &Case<'_>,
    elder: &Grant<'_>,
    younger: &Grant<'_>,
    at: Point,
    day: Date,
    said: &[&Norm],
) -> Option<Witness> {
    let s = case.symbols();
    let of = [elder.norm, younger.norm];
    let using = |by: PartyId| -> Vec<Event> {
        act::variations(
            s,
            &act::act(s, elder.license.event, by, at, day),
            said,
            &["asset", "territory", "field"],
        )
    };
    for (holder, barring) in [(younger, elder), (elder, younger)] {
        let by = holder.license.licensee;
        if !barring.bars_use(by) {
            continue;
        }
        let shows = format!(
            "{} permits what {} forbids {}",
            words::clause(s, holder.id().clause),
            words::clause(s, barring.id().clause),
            words::person(s, by)
        );
        let w = act::shown(case, &[], &using(by), &shows, |r| act::is_conflict(r, &of));
        if w.is_some() {
            return w;
        }
    }
    for (granted, barring) in [(younger, elder), (elder, younger)] {
        let l = granted.license;
        // Where a license bars use, use decides: a `Grant` states no more than its scope, and conditions may part the two.
        if barring.bars_use(l.licensee)
            || !barring.bars_grant(l.licensor, l.licensee)
            || !permits_its(case, granted, barring, at, day, said)
        {
            continue;
        }
        let g = Granting {
            by: l.licensor,
            to: l.licensee,
            point: at,
            exclusivity: &l.exclusivity,
            through: None,
            sublicense: false,
        };
        let shows = format!(
            "{} forbids the very grant that {} makes",
            words::clause(s, barring.id().clause),
            words::clause(s, granted.id().clause)
        );
        let event = act::granting(s, &g, day);
        let w = event.and_then(|e| act::witness(case, vec![e], &shows, |r| act::is_wrong(r, barring.norm)));
        if w.is_some() {
            return w;
        }
    }
    None
}

/// Whether a license lets its licensee do an act that the other license speaks of too, for its own licensee: it may be that
/// a third clause keeps that one from it.
fn permits_its(
    case: &Case<'_>,
    g: &Grant<'_>,
    other: &Grant<'_>,
    at: Point,
    day: Date,
    said: &[&Norm],
) -> bool {
    let s = case.symbols();
    let Some(actor) = s.event_info(g.license.event).actor else { return false };
    let act = act::act(s, g.license.event, g.license.licensee, at, day);
    let of = |n: &&&Norm| n.id.clause == other.id().clause && permits(n) == Some(true);
    let speaks = |e: &Event| {
        let mut theirs = e.clone();
        if let Some(v) = theirs.fields.get_mut(actor.ix()) {
            *v = Value::Party(other.license.licensee);
        }
        said.iter().filter(of).any(|n| match &n.body {
            Body::Rule(r) => r.guard.as_ref().is_none_or(|g| holds(case, g, &theirs)),
            _ => false,
        })
    };
    act::variations(s, &act, said, &["asset", "territory", "field"]).into_iter().any(|e| {
        speaks(&e)
            && act::witness(case, vec![e], "", |r| r.rows.last().is_some_and(|o| act::decides(o, g.norm)))
                .is_some()
    })
}
