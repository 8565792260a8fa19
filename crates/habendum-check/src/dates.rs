//! The orders that open dates can stand in among the dates that a deal names.
//!
//! Data flow: a program with open dates -> the dates it names -> one day for each open date per gap between them, and every
//! order of open dates within one gap. Invariant: with no open date there is one order, the empty one.

use habendum_model::date::plus_days;
use habendum_model::expr::DateValue;
use habendum_model::value::ParamId;
use habendum_norm::ir::{Basis, Body, Due, Norm, Opening, Program};
use habendum_norm::reads::otherwise;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// More orders than this are thinned out.
const MOST_ORDERS: usize = 48;

/// Days far enough apart that no length counted from one date reaches the next by chance alone.
const BEYOND: i64 = 400;

/// The orders of open dates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// A day for each open date, per order.
    pub all: Vec<BTreeMap<ParamId, Date>>,
    /// Some were left out.
    pub partial: bool,
}

/// The orders of a program's open dates.
#[must_use]
pub fn orders(program: &Program) -> Orders {
    let (open, named) = dates(program);
    if open.is_empty() {
        return Orders { all: vec![BTreeMap::new()], partial: false };
    }
    let texts: BTreeSet<Date> = program.versions.iter().filter_map(|v| v.from.fixed()).collect();
    let days = candidates(&named, &texts);
    let mut all: Vec<BTreeMap<ParamId, Date>> = vec![BTreeMap::new()];
    let mut partial = false;
    for p in &open {
        let mut next = Vec::new();
        for so_far in &all {
            for d in places(&days, so_far) {
                let mut with = so_far.clone();
                with.insert(*p, d);
                next.push(with);
            }
        }
        if next.len() > MOST_ORDERS {
            partial = true;
            let step = next.len().div_ceil(MOST_ORDERS);
            next = next.into_iter().step_by(step).collect();
        }
        all = next;
    }
    Orders { all, partial }
}

/// Days in every gap between the named ones, and those on which a text begins.
fn candidates(named: &BTreeSet<Date>, texts: &BTreeSet<Date>) -> Vec<Date> {
    let all: Vec<Date> = named.iter().copied().collect();
    let mut out = Vec::new();
    if let Some(first) = all.first() {
        out.extend(plus_days(*first, -BEYOND));
    }
    for pair in all.windows(2) {
        let gap = habendum_model::date::days_between(pair[0], pair[1]);
        out.extend(texts.get(&pair[0]));
        if gap >= 2 {
            out.extend(plus_days(pair[0], gap / 2));
        }
    }
    if let Some(last) = all.last() {
        out.extend(texts.get(last));
        out.extend(plus_days(*last, BEYOND));
    }
    out
}

/// The candidates, and for each day already taken the days beside it.
fn places(days: &[Date], taken: &BTreeMap<ParamId, Date>) -> BTreeSet<Date> {
    let mut out: BTreeSet<Date> = days.iter().copied().collect();
    for d in taken.values() {
        out.insert(*d);
        out.extend(plus_days(*d, 1));
        out.extend(plus_days(*d, -1));
    }
    out
}

/// Open dates, and named ones.
pub(crate) fn dates(program: &Program) -> (BTreeSet<ParamId>, BTreeSet<Date>) {
    let (mut open, mut named) = (BTreeSet::new(), BTreeSet::new());
    let mut note = |d: &DateValue| match d {
        DateValue::Fixed(d) => {
            named.insert(*d);
        }
        DateValue::Open { param, .. } => {
            open.insert(*param);
        }
    };
    note(&program.effective);
    for v in &program.versions {
        note(&v.from);
        for n in &v.norms {
            of_norm(n, &mut note);
        }
    }
    (open, named)
}

fn of_norm(n: &Norm, note: &mut dyn FnMut(&DateValue)) {
    n.term.from.iter().chain(&n.term.through).for_each(&mut *note);
    for s in &n.term.suspensions {
        note(&s.from);
        s.through.iter().for_each(&mut *note);
    }
    match &n.body {
        Body::Duty(d) => {
            if let Opening::By(day) = &d.opening {
                note(day);
            }
        }
        Body::Payment(p) => {
            if let Basis::On(day) = &p.basis {
                note(day);
            }
            if let Some(Due::On(day)) = &p.due {
                note(day);
            }
        }
        Body::Rule(_)
        | Body::Keep(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => {}
    }
    otherwise(n).into_iter().for_each(|o| of_norm(o, note));
}
