//! C006: a sublicense goes beyond its head: wider, longer, deeper, or without the right to grant it.

use super::reliance::{Lapse, Outlasts, lapses, outlasting};
use super::subs::{Beyond, Sub, subs, unsupported};
use crate::case::Case;
use crate::finding::{Finding, Standing, Witness};
use crate::grants::act::{self, Granting};
use crate::grants::report::{Fault, diagnostic, join, label, severity, touched, with_touches};
use crate::grants::{Grant, history, points, words};
use habendum_model::value::PartyId;
use habendum_norm::ir::Exclusivity;
use habendum_syntax::ast::Verdict;

/// The code.
pub const CODE: &str = "C006";

/// Sublicenses that no head carries, and days on which one stands without any head.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let wide = subs(case).into_iter().filter(|x| x.beyond.iter().any(|(b, _)| is_it(b)));
    let mut faults: Vec<Fault> = wide.map(|x| beyond(case, &x)).collect();
    faults.extend(lapses(case).into_iter().filter(|l| !l.resumes()).map(|l| adrift(case, &l)));
    faults.extend(outlasting(case).into_iter().map(|o| outlasts(case, o)));
    join(case, faults)
}

/// A sublicense that an event leaves without its head: possible, for the event may never come.
fn outlasts(case: &Case<'_>, o: Outlasts<'_>) -> Fault {
    let s = case.symbols();
    let (own, above) = (words::clause(s, o.sub.id().clause), words::clause(s, o.head.id().clause));
    let event = s.event_name(o.event);
    let message = format!("{event} ends {above}, and {own}, granted under it, goes on");
    let mut d = diagnostic(CODE, severity(&Standing::Possible), message, &o.sub, label(case, &o.sub))
        .label(o.head.norm.span, label(case, &o.head));
    d = with_touches(case, d, o.sub.version, &[&o.head, &o.sub]);
    let giver = words::person(s, o.sub.license.licensor);
    let d = d
        .note(format!("after the {event} {giver} holds nothing that it could pass on"))
        .help(format!("`until {event}` on {own} ends it with its head"));
    Fault {
        clauses: vec![o.sub.id().clause, o.head.id().clause],
        version: o.sub.version,
        days: o.days,
        diagnostic: d,
        standing: Standing::Possible,
        witness: Some(o.witness),
    }
}

/// What C002 says is not said again.
fn is_it(b: &Beyond) -> bool {
    *b != Beyond::NonExclusiveHead
}

fn beyond(case: &Case<'_>, x: &Sub<'_>) -> Fault {
    let s = case.symbols();
    let (sub, head) = (&x.sub, &x.head);
    let (own, above) = (words::clause(s, sub.id().clause), words::clause(s, head.id().clause));
    let said = words::list(&x.said(is_it));
    let message = format!("{own} is a sublicense that {above} does not carry: {said}");
    let witness = x.beyond.iter().filter(|(b, _)| is_it(b)).find_map(|(b, _)| shows(case, x, b));
    let standing =
        if sub.sure && head.sure && witness.is_some() { Standing::Conflict } else { Standing::Possible };
    let mut d = diagnostic(CODE, severity(&standing), message, sub, label(case, sub))
        .label(head.norm.span, label(case, head));
    d = with_touches(case, d, sub.version, &[head, sub]);
    d = d.note(format!("{} cannot give more than it holds", words::person(s, sub.license.licensor)));
    for (b, _) in x.beyond.iter().filter(|(b, _)| is_it(b)) {
        d = d.help(cure(case, x, b));
    }
    Fault {
        clauses: vec![sub.id().clause, head.id().clause],
        version: sub.version,
        days: x.days.clone(),
        diagnostic: d,
        standing,
        witness,
    }
}

fn cure(case: &Case<'_>, x: &Sub<'_>, b: &Beyond) -> String {
    let s = case.symbols();
    let (own, above) = (words::clause(s, x.sub.id().clause), words::clause(s, x.head.id().clause));
    let taker = words::person(s, x.sub.license.licensee);
    match b {
        Beyond::Right => format!("`may sublicense to {taker}` in {above} gives the right"),
        Beyond::Person => format!("name {taker} in `may sublicense to` of {above}"),
        Beyond::Depth => format!("allow more depth above, or strike {own}"),
        Beyond::PassingOn => format!("give {own} a `depth` within what is left, or no right to sublicense"),
        Beyond::Scope(p) => format!("take {} out of {own}, or put it into {above}", words::point(s, *p)),
        Beyond::WeakerHead | Beyond::NonExclusiveHead => {
            format!("make {own} {}", words::degree_word(&x.head.license.exclusivity))
        }
    }
}

fn shows(case: &Case<'_>, x: &Sub<'_>, b: &Beyond) -> Option<Witness> {
    match b {
        Beyond::Right | Beyond::Person => x.as_event(case, false, None),
        Beyond::WeakerHead | Beyond::NonExclusiveHead => x.as_event(case, true, None),
        Beyond::Scope(p) => {
            x.as_event(case, false, Some(*p)).or_else(|| unsupported(case, &x.sub, *p, x.first_day()?))
        }
        Beyond::Depth => {
            x.as_event(case, false, None).or_else(|| passed(case, x, x.sub.license.licensor, &x.head))
        }
        Beyond::PassingOn => passed(case, x, x.sub.license.licensee, &x.sub),
    }
}

/// A grant further down that the clause at hand permits, though a license above does not reach so deep.
fn passed(case: &Case<'_>, x: &Sub<'_>, by: PartyId, under: &Grant<'_>) -> Option<Witness> {
    let s = case.symbols();
    let day = x.first_day()?;
    let right = under.license.sublicense.as_ref()?;
    let others = (0..s.parties.len()).map(PartyId::at).filter(|p| {
        *p != by
            && *p != under.license.licensor
            && *p != x.head.license.licensor
            && (right.to.is_empty() || right.to.contains(p))
    });
    let to: Vec<PartyId> =
        if by == x.sub.license.licensor { vec![x.sub.license.licensee] } else { others.collect() };
    let name = words::clause(s, under.id().clause);
    to.into_iter().find_map(|to| {
        points(x.sub.license).into_iter().find_map(|point| {
            let g = Granting {
                by,
                to,
                point,
                exclusivity: &Exclusivity::NonExclusive,
                through: None,
                sublicense: false,
            };
            let shows = format!("{name} permits a sublicense that lies too deep");
            act::witness(case, vec![act::granting(s, &g, day)?], &shows, |r| {
                r.rows.last().is_some_and(|o| o.verdict == Verdict::Permitted && act::decides(o, under.norm))
            })
        })
    })
}

/// A sublicense on days on which no head stands: after the last one has ended, or before the first begins.
fn adrift(case: &Case<'_>, l: &Lapse<'_>) -> Fault {
    let s = case.symbols();
    let (sub, head) = (&l.sub, &l.head);
    let (own, above) = (words::clause(s, sub.id().clause), words::clause(s, head.id().clause));
    let message = if l.before {
        format!("{own} begins before {above}, under which it was granted")
    } else {
        format!("{own} goes on after {above} has ended, under which it was granted")
    };
    let standing = if sub.sure && l.witness.is_some() { Standing::Conflict } else { Standing::Possible };
    let mut d = diagnostic(CODE, severity(&standing), message, sub, label(case, sub))
        .label(head.norm.span, label(case, head));
    d = with_touches(case, d, head.version, &[head]);
    for t in history::touches(case, sub.version, sub.id()).iter().filter(|t| !t.inserted) {
        d = touched(case, d, sub, t);
    }
    if let Some((span, by)) = history::struck(case, sub.version, head.id().clause) {
        d = d.label(span, format!("{above} struck by {}", words::amendment(case, by)));
    }
    let giver = words::person(s, sub.license.licensor);
    let d = d.note(format!("on these days {giver} holds nothing that it could pass on")).help(if l.before {
        format!("let {own} begin with {above}")
    } else {
        format!("end {own} with {above}, or let the owner take it over by a grant of its own")
    });
    Fault {
        clauses: vec![sub.id().clause, head.id().clause],
        version: sub.version,
        days: vec![l.days],
        diagnostic: d,
        standing,
        witness: l.witness.clone(),
    }
}
