//! The days on which every act that would perform a duty is forbidden.
//!
//! Data flow: a duty + the versions -> runs of days between which nothing begins or ends -> for each, "it is performed, and
//! nothing forbids it" put to the solver -> [`Run`]s in order. Invariant: a run that is `certain` is a proof over every
//! history, figure and performance of its days; one that is not holds while nothing has happened yet.

use super::scope::{among, can, never};
use crate::case::Case;
use crate::encode::{Frame, History, Moment, Verdicts, day_number, frame, verdicts};
use crate::grants::days::{Days, of_version};
use crate::grants::ranked;
use crate::solver::{Answer, Formula, Model};
use habendum_model::date::plus_days;
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::{EventId, Value};
use habendum_norm::ir::{Body, Duty, Norm, NormId, Version, Who};
use habendum_norm::reads::{Read, each_expr, reads};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Days on which no performance is free.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// The days.
    pub days: Days,
    /// What forbids them.
    pub by: BTreeSet<NormId>,
    /// Whatever has happened before.
    pub certain: bool,
}

/// A duty with what it repairs, if anything.
#[derive(Clone, Copy)]
pub(super) struct Bidden<'c> {
    /// The sentence.
    pub norm: &'c Norm,
    /// What it bids.
    pub duty: &'c Duty,
    /// The sentence whose breach it repairs.
    pub repairs: Option<NormId>,
}

/// A version's verdicts on a kind of event, shared by the duties that ask for it.
struct Board<'c> {
    version: &'c Version,
    whole: Days,
    /// Nothing has happened yet, and anything may have.
    empty: (Moment<'c>, Verdicts),
    any: (Moment<'c>, Verdicts),
}

/// Verdicts by kind, made once.
pub(super) struct Boards<'c> {
    case: &'c Case<'c>,
    made: BTreeMap<EventId, Vec<Board<'c>>>,
}

impl<'c> Boards<'c> {
    /// None yet.
    pub(super) fn new(case: &'c Case<'_>) -> Self {
        Boards { case, made: BTreeMap::new() }
    }

    /// The runs of days on which a duty cannot be performed without a wrong.
    pub(super) fn runs(&mut self, b: Bidden<'_>) -> Vec<Run> {
        let event = b.duty.event;
        let case = self.case;
        if !case.program.versions.iter().any(|v| v.norms.iter().any(|n| forbids(n, b))) {
            return Vec::new();
        }
        let boards = self.made.entry(event).or_insert_with(|| {
            let of = |version: &'c Version| {
                let side = |history| {
                    let mut m = Moment::new(&case.program, event, history);
                    let v = verdicts(&mut m, version);
                    (m, v)
                };
                let (empty, any) = (side(History::Empty), side(History::Any));
                Some(Board { version, whole: of_version(version)?, empty, any })
            };
            case.program.versions.iter().filter_map(of).collect()
        });
        let mut out = Vec::new();
        for board in boards.iter_mut().filter(|x| x.version.norms.iter().any(|n| forbids(n, b))) {
            of_board(board, b, &mut out);
        }
        out.sort_by_key(|r: &Run| r.days.from);
        let mut all = merged(out.clone());
        // Days shut for sure and days that may be opened, one after the other: shut as long as nothing happens.
        let long = merged(out.into_iter().map(|r| Run { certain: false, ..r }).collect());
        let holds = |r: &Run, x: &Run| x.days.meet(r.days) == Some(x.days) && x.days != r.days;
        all.extend(
            long.into_iter().filter(|r| all.iter().any(|x| x.certain && holds(r, x))).collect::<Vec<_>>(),
        );
        all
    }
}

fn of_board(board: &mut Board<'_>, b: Bidden<'_>, out: &mut Vec<Run>) {
    let version = board.version;
    let (m, v) = &mut board.empty;
    let does = performs(m, version, b);
    let bars: Vec<Formula> = standing(v, version, b, false).into_iter().map(|(_, f)| f).collect();
    let free = Formula::and([does.clone(), Formula::not(Formula::or(bars))]);
    // What was free on one day mostly is on the next: a performance once found is tried first.
    let mut known: Vec<Model> = Vec::new();
    for days in cells(board.whole, version, b) {
        let (m, v) = &mut board.empty;
        let moved = known.iter().any(|x| x.with(m.day, day_number(days.from)).holds(&free));
        if moved {
            continue;
        }
        let on = m.days(Some(days.from), days.through);
        if let Answer::Sat(model) = m.solver.solve_assuming(&[on, free.clone()]) {
            known.push(model);
            continue;
        }
        let first = shut(m, v, version, b, &does, days, false);
        let (m, v) = &mut board.any;
        let does = performs(m, version, b);
        let certain = shut(m, v, version, b, &does, days, true);
        let run = certain.map(|by| (by, true)).or(first.map(|by| (by, false)));
        out.extend(run.map(|(by, certain)| Run { days, by, certain }));
    }
}

/// A prohibition or a maintenance duty that may stand in the way: licenses have codes of their own, what words rank with
/// the duty is settled, and a reparation never conflicts with what it repairs.
fn forbids(n: &Norm, b: Bidden<'_>) -> bool {
    let of_kind = match &n.body {
        Body::Rule(r) => {
            !r.permits && r.event == b.duty.event && !matches!(r.who, Who::OutsideLicense { .. })
        }
        Body::Keep(k) => k.shown_by.event == b.duty.event,
        Body::Duty(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => false,
    };
    of_kind && !ranked(n, b.norm) && b.repairs != Some(n.id)
}

/// The event performs the duty.
pub(super) fn performs(m: &mut Moment<'_>, version: &Version, b: Bidden<'_>) -> Formula {
    let who = among(m, version, b.norm, &b.duty.who);
    let at: Frame<'_> = frame(version, b.norm);
    let guard = b.duty.guard.as_ref().map_or(Formula::Const(true), |g| m.truth(g, &at));
    Formula::and([who, guard])
}

/// The bars to a duty: where each stands.
fn standing(v: &Verdicts, version: &Version, b: Bidden<'_>, certain: bool) -> Vec<(usize, Formula)> {
    let rules = v.speaks.iter().filter(|s| !s.permits).map(|s| (s.norm, s.stands.clone()));
    rules
        .chain(v.unmet.iter().cloned())
        .filter(|(i, _)| {
            let n = &version.norms[*i];
            // Doing first what must come first is in the bearer's hands, so it is no certain bar and none at the start.
            let waits = matches!(&n.body, Body::Rule(r) if r.before.is_some());
            forbids(n, b) && (certain || !waits)
        })
        .collect()
}

/// What forbids every performance on these days; none where one is free.
fn shut(
    m: &mut Moment<'_>,
    v: &Verdicts,
    version: &Version,
    b: Bidden<'_>,
    does: &Formula,
    days: Days,
    certain: bool,
) -> Option<BTreeSet<NormId>> {
    let on = Formula::and([m.days(Some(days.from), days.through), does.clone()]);
    let bars = standing(v, version, b, certain);
    let none = Formula::not(Formula::or(bars.iter().map(|(_, f)| f.clone())));
    if bars.is_empty() || !never(m, &Formula::and([on.clone(), none])) || !can(m, &on) {
        return None;
    }
    let alone = bars.iter().find(|(_, f)| never(m, &Formula::and([on.clone(), Formula::not(f.clone())])));
    let by = match alone {
        Some((i, _)) => vec![*i],
        None => bars
            .iter()
            .filter(|(_, f)| can(m, &Formula::and([on.clone(), f.clone()])))
            .map(|(i, _)| *i)
            .collect(),
    };
    Some(by.into_iter().map(|i| version.norms[i].id).collect())
}

/// A version's days, cut where a sentence of the kind begins or ends, and at every date that one asks about.
fn cells(whole: Days, version: &Version, b: Bidden<'_>) -> Vec<Days> {
    let mut cuts: BTreeSet<Date> = BTreeSet::new();
    let after = |d: Date| plus_days(d, 1).ok();
    let same = |n: &&Norm| match &n.body {
        Body::Rule(r) => r.event == b.duty.event,
        Body::Keep(k) => k.shown_by.event == b.duty.event,
        Body::Duty(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => n.id == b.norm.id,
    };
    for n in version.norms.iter().filter(same) {
        cuts.extend(n.term.from.as_ref().and_then(|d| d.fixed()));
        cuts.extend(n.term.through.as_ref().and_then(|d| d.fixed()).and_then(after));
        for s in &n.term.suspensions {
            cuts.extend(s.from.fixed());
            cuts.extend(s.through.as_ref().and_then(|d| d.fixed()).and_then(after));
        }
        for r in reads(n) {
            let e = match r {
                Read::Expr(e) => Some(e),
                Read::Test(t) => t.guard.as_ref(),
                Read::Date(_) => None,
            };
            e.into_iter().for_each(|e| each_expr(e, &mut |x| cuts.extend(around(x))));
        }
    }
    let mut out = Vec::new();
    let mut from = whole.from;
    for cut in cuts.into_iter().filter(|c| *c > whole.from && whole.through.is_none_or(|t| *c <= t)) {
        out.push(Days { from, through: cut.yesterday().ok() });
        from = cut;
    }
    out.push(Days { from, through: whole.through });
    out
}

fn around(e: &Expr) -> Vec<Date> {
    match &e.kind {
        ExprKind::Const(Value::Date(d)) => [Ok(*d), plus_days(*d, 1)].into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// Runs that touch, as one.
fn merged(all: Vec<Run>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    for r in all {
        match out.last_mut() {
            Some(last)
                if last.certain == r.certain
                    && last.days.through.and_then(|t| plus_days(t, 1).ok()) == Some(r.days.from) =>
            {
                last.days.through = r.days.through;
                last.by.extend(r.by);
            }
            _ => out.push(r),
        }
    }
    out
}
