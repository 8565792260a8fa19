//! C021: band tables whose bounds are computed or open. Bounds that are constants are looked at while the text is lowered.
//!
//! Data flow: two neighbouring bands -> "a value between them has no band", "a value has two" over the figures that the
//! bounds hang on -> never, always, or for some values, which are shown. Invariant: neighbours of which both bounds are
//! constants are left to the lowering.

use super::scope::{amended, finding, never};
use crate::case::Case;
use crate::encode::{Figure, Frame, History, Moment, order};
use crate::finding::{Finding, Standing, Witness};
use crate::grants::words;
use crate::merge::join;
use crate::solver::Formula;
use habendum_model::deal::as_const;
use habendum_model::value::EventId;
use habendum_norm::eval;
use habendum_norm::ir::{Amount, Band, Basis, Body, Norm, Version};
use habendum_syntax::Diagnostic;
use habendum_syntax::ast::CompareOp;

/// The code.
pub const CODE: &str = "C021";

/// Gaps and overlaps of computed bands.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        for n in &version.norms {
            let Body::Payment(p) = &n.body else { continue };
            let Amount::Tiers { bands, .. } = &p.amount else { continue };
            let event = match &p.basis {
                Basis::Each(t) | Basis::First(t) => t.event,
                Basis::On(_) | Basis::Period(..) | Basis::Breach | Basis::Delay { .. } => EventId(0),
            };
            for (a, b) in bands.iter().zip(bands.iter().skip(1)) {
                found.extend(between(case, version, n, event, (a, b)));
            }
            for b in bands {
                found.extend(backward(case, version, n, event, b));
            }
        }
    }
    join(found)
}

/// Some value of the pair of figures for which `op` holds.
fn compared(op: CompareOp, x: &Figure, y: &Figure) -> Option<Formula> {
    let mut holds = Vec::new();
    for (wx, x) in x {
        for (wy, y) in y {
            holds.push(Formula::and([wx.clone(), wy.clone(), order(op, x, y)?]));
        }
    }
    Some(Formula::or(holds))
}

fn between(
    case: &Case<'_>,
    version: &Version,
    n: &Norm,
    event: EventId,
    (a, b): (&Band, &Band),
) -> Option<Finding> {
    let (upper, upper_in) = a.upper.as_ref()?;
    let (lower, lower_in) = &b.lower;
    if as_const(upper).is_some() && as_const(lower).is_some() {
        return None;
    }
    let mut m = Moment::new(&case.program, event, History::Any);
    let at = Frame { params: &version.params, key: &[], fields: false };
    let (u, l) = (m.figure(upper, &at), m.figure(lower, &at));
    let equal = compared(CompareOp::Is, &u, &l)?;
    let none_has = Formula::and([equal.clone(), Formula::Const(!upper_in && !lower_in)]);
    let both_have = Formula::and([equal, Formula::Const(*upper_in && *lower_in)]);
    let gap = Formula::or([compared(CompareOp::LessThan, &u, &l)?, none_has]);
    let overlap = Formula::or([compared(CompareOp::MoreThan, &u, &l)?, both_have]);
    let name = words::clause(case.symbols(), n.id.clause);
    for (fault, what) in [(gap, "leaves a total without a band"), (overlap, "puts a total into two bands")] {
        if never(&mut m, &fault) {
            continue;
        }
        let always = never(&mut m, &Formula::not(fault.clone()));
        let plain = m.plain();
        let values =
            m.solver.minimise_assuming(&[fault], &plain).model().and_then(|x| m.decode(&x)).map(|x| x.1);
        let witness = values.filter(|v| !v.is_empty()).map(|values| {
            let shows = format!("the bands of {name} do not meet");
            Witness { values, shows, ..Witness::default() }
        });
        let message = if always {
            format!("a table of {name} {what}")
        } else {
            format!("for some figures a table of {name} {what}")
        };
        let make = if always { Diagnostic::error } else { Diagnostic::warning };
        let d = make(CODE, message, b.span, "this band begins elsewhere".to_owned())
            .label(a.span, "than where this one ends")
            .help("leave the lower bound out: the band then begins where the one before it ends");
        return finding(
            version,
            None,
            amended(case, d, &[n]),
            vec![n.id.clause],
            Standing::Possible,
            witness,
        );
    }
    None
}

/// A band whose end may lie below its start.
fn backward(case: &Case<'_>, version: &Version, n: &Norm, event: EventId, b: &Band) -> Option<Finding> {
    let (upper, _) = b.upper.as_ref()?;
    if as_const(upper).is_some() && as_const(&b.lower.0).is_some() {
        return None;
    }
    let mut m = Moment::new(&case.program, event, History::Any);
    let at = Frame { params: &version.params, key: &[], fields: false };
    let (l, u) = (m.figure(&b.lower.0, &at), m.figure(upper, &at));
    // What hangs on an open figure alone may be bound to anything: only what is so whatever it is.
    if !never(&mut m, &compared(CompareOp::AtLeast, &u, &l)?) {
        return None;
    }
    let s = case.symbols();
    let name = words::clause(s, n.id.clause);
    let start = as_const(&b.lower.0).map(|v| eval::show(s, v)).unwrap_or_else(|| "where it begins".into());
    let d = Diagnostic::error(CODE, format!("a band of {name} ends before {start}"), b.span, "holds nothing")
        .help("mend one of its bounds");
    finding(
        version,
        None,
        amended(case, d, &[n]),
        vec![n.id.clause],
        Standing::Disjoint("amount".into()),
        None,
    )
}
