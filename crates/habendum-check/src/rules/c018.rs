//! C018: an obligation whose breach nothing follows, an undertaking that no event can show, a payment that never falls due
//! where payments are tracked. Information: the text may be meant so.
//!
//! Invariant: what any sentence of the version asks about a clause's breaches counts as a consequence.

use super::scope::{amended, finding};
use crate::case::Case;
use crate::finding::{Finding, Standing};
use crate::grants::words;
use crate::merge::join;
use habendum_model::expr::{ExprKind, MeasureWhat};
use habendum_model::value::ClauseId;
use habendum_norm::ir::{Basis, Body, Inert, Norm, Opening, Program, Version};
use habendum_norm::reads::{Read, each_expr, reads};
use habendum_syntax::Diagnostic;
use std::collections::BTreeSet;

/// The code.
pub const CODE: &str = "C018";

/// What can be read and not enforced.
#[must_use]
pub fn find(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for version in &case.program.versions {
        let asked = consequences(&case.program, version);
        for n in &version.norms {
            let followed = asked.contains(&n.id.clause);
            if let Some(d) = said(case, n, followed) {
                let d = amended(case, d, &[n]);
                found.extend(finding(version, None, d, vec![n.id.clause], Standing::Compatible, None));
            }
        }
    }
    join(found)
}

/// The clauses about whose breaches, or unpaid sums, some sentence asks.
fn consequences(program: &Program, version: &Version) -> BTreeSet<ClauseId> {
    let mut out = BTreeSet::new();
    for n in &version.norms {
        for r in reads(n) {
            let e = match r {
                Read::Expr(e) => Some(e),
                Read::Test(t) => t.guard.as_ref(),
                Read::Date(_) => None,
            };
            let Some(e) = e else { continue };
            each_expr(e, &mut |x| {
                let m = match &x.kind {
                    ExprKind::Sum(m, _) | ExprKind::Occurred(m) => program.measures.get(m.ix()),
                    _ => None,
                };
                if let Some(MeasureWhat::Breaches(c)) = m.map(|m| &m.what) {
                    out.insert(*c);
                }
            });
        }
    }
    out
}

fn said(case: &Case<'_>, n: &Norm, followed: bool) -> Option<Diagnostic> {
    let name = words::clause(case.symbols(), n.id.clause);
    let bare = |message: String| {
        Diagnostic::info(CODE, message, n.span, "nothing follows")
            .help("say what follows (`otherwise ...`), or leave it to the law, knowing that it is left")
    };
    match &n.body {
        Body::Duty(d) if d.otherwise.is_none() && !followed => Some(match d.opening {
            Opening::NoDeadline => bare(format!("{name} has no deadline, so nothing ever breaches it")),
            Opening::OnBreach(_) => return None,
            Opening::Within { .. } | Opening::By(_) | Opening::Each(_) | Opening::AfterEach(..) => {
                bare(format!("nothing follows on a breach of {name}"))
            }
        }),
        Body::Keep(k) if k.otherwise.is_none() && !followed => {
            Some(bare(format!("nothing follows on a breach of {name}")))
        }
        Body::Inert(Inert::Undertaking(..)) => Some(
            Diagnostic::info(
                CODE,
                format!("no event can show whether {name} is kept"),
                n.span,
                "carried, never judged",
            )
            .help("say it as a duty or a prohibition over an event, if it is to be judged"),
        ),
        Body::Payment(p)
            if case.program.payments_tracked
                && p.due.is_none()
                && !matches!(p.basis, Basis::Breach | Basis::Delay { .. }) =>
        {
            Some(
                Diagnostic::info(
                    CODE,
                    format!("{name} never falls due, so it is never late"),
                    n.span,
                    "no `due`",
                )
                .help("say when it is due (`due within 30 days after each month`)"),
            )
        }
        Body::Rule(_)
        | Body::Duty(_)
        | Body::Keep(_)
        | Body::Payment(_)
        | Body::Power(_)
        | Body::Relief(_)
        | Body::License(_)
        | Body::Inert(_) => None,
    }
}
