//! Faults of amending: C016 (what is amended), C023 (what is recited).

use crate::deal::VersionClause;
use crate::elaborate::{DateRole, elaborate_date};
use habendum_syntax::ast::{Line, Modifier, Name, Statement};
use habendum_syntax::{Diagnostic, Span};
use jiff::civil::Date;

use super::{Ctx, Text};

/// The clause to amend, by index; C016 where it is missing, struck or ended.
pub(super) fn live(text: &Text, ctx: &mut Ctx<'_>, target: &Name) -> Option<usize> {
    let i = present(text, ctx, target)?;
    if let Some((end, span)) = ended(&text.clauses[i], ctx) {
        ctx.diags.push(
            Diagnostic::error(
                "C016",
                format!(
                    "clause `{}` had ended on {end}, before the {} takes effect",
                    target.node,
                    ctx.title()
                ),
                target.span,
                "amended here",
            )
            .label(span, "ended here")
            .note("a clause that has ended is not revived by varying it")
            .help(format!("start it anew: `restate {} {{ ... }}`", target.node)),
        );
        return None;
    }
    Some(i)
}

/// The clause, ended or not; C016 where it is missing or struck.
pub(super) fn present(text: &Text, ctx: &mut Ctx<'_>, target: &Name) -> Option<usize> {
    let id = ctx.deal.symbols.clause(&target.node);
    if let Some(i) = id.and_then(|id| text.clauses.iter().position(|c| c.id == id)) {
        return Some(i);
    }
    let d = if let Some(s) = id.and_then(|id| text.struck.get(&id)) {
        let by = &ctx.deal.amendments[s.amendment.ix()].ast.node.title.node;
        Diagnostic::error(
            "C016",
            format!("clause `{}` was struck by the {by}", target.node),
            target.span,
            "amended here",
        )
        .label(s.span, "struck here")
        .label(s.clause.node.id.span, "the clause")
        .help(format!("start it anew: `restate {} {{ ... }}`", target.node))
    } else if let Some(place) = ctx.deal.symbols.clauses.get(&target.node) {
        Diagnostic::error(
            "C016",
            format!("clause `{}` is not in the text that the {} amends", target.node, ctx.title()),
            target.span,
            "amended here",
        )
        .label(*place, "comes in here, later or by an amendment that is not yet in effect")
    } else {
        let known: Vec<&str> = text.clauses.iter().map(|c| ctx.deal.symbols.clause_name(c.id)).collect();
        let mut d = Diagnostic::error(
            "C016",
            format!("there is no clause `{}` to amend", target.node),
            target.span,
            "missing",
        );
        if let Some(near) = crate::suggest::nearest(&target.node, known.into_iter()) {
            d = d.help(format!("did you mean `{near}`?"));
        }
        d
    };
    ctx.diags.push(d);
    None
}

/// The last day of a clause whose sentences have all ended before the amendment's first day.
fn ended(c: &VersionClause, ctx: &Ctx<'_>) -> Option<(Date, Span)> {
    let start = ctx.effective.fixed()?;
    let mut last: Option<(Date, Span)> = None;
    let mut any = false;
    for s in statements(&c.clause.node.parts.body) {
        any = true;
        let (end, span) = end_of(s, ctx)?;
        if end >= start {
            return None;
        }
        if last.is_none_or(|(d, _)| d < end) {
            last = Some((end, span));
        }
    }
    if any { last } else { None }
}

/// The sentences of a clause, readings included.
pub(crate) fn statements(body: &[habendum_syntax::Sp<Line>]) -> impl Iterator<Item = &Statement> {
    body.iter().flat_map(|l| match &l.node {
        Line::Statement(s) => vec![s],
        Line::Reading(r) => r.statements.iter().map(|s| &s.node).collect(),
        Line::Text(_) | Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) => Vec::new(),
    })
}

fn end_of(s: &Statement, ctx: &Ctx<'_>) -> Option<(Date, Span)> {
    if s.modifiers.iter().any(|m| matches!(m.node, Modifier::Renews { .. })) {
        return None;
    }
    s.modifiers.iter().find_map(|m| match &m.node {
        Modifier::Through(d) => {
            elaborate_date(ctx.dates, d, DateRole::Last).ok().and_then(|v| v.fixed()).map(|d| (d, m.span))
        }
        Modifier::BeforeDate(d) => elaborate_date(ctx.dates, d, DateRole::First)
            .ok()
            .and_then(|v| v.fixed())
            .and_then(|d| d.yesterday().ok())
            .map(|d| (d, m.span)),
        Modifier::Where(_)
        | Modifier::Unless(_)
        | Modifier::OnlyIf(_)
        | Modifier::While(_)
        | Modifier::SubjectTo(_)
        | Modifier::Notwithstanding(_)
        | Modifier::WithoutPrejudice(_)
        | Modifier::Before(_)
        | Modifier::Until(_)
        | Modifier::UntilReaches { .. }
        | Modifier::From(_)
        | Modifier::Lasting(_)
        | Modifier::Renews { .. }
        | Modifier::Within { .. }
        | Modifier::WithinEach { .. }
        | Modifier::By(_)
        | Modifier::Each(_)
        | Modifier::NoDeadline
        | Modifier::Totalling { .. }
        | Modifier::Otherwise(_)
        | Modifier::OnEach(_)
        | Modifier::OnFirst(_)
        | Modifier::OnDate(_)
        | Modifier::PerDelay { .. }
        | Modifier::Cap(_)
        | Modifier::Floor(_)
        | Modifier::Rounded { .. }
        | Modifier::Due(_)
        | Modifier::LateInterest { .. }
        | Modifier::Crediting { .. }
        | Modifier::Prorated
        | Modifier::InAdvance(_)
        | Modifier::ExercisedBy(_)
        | Modifier::When(_)
        | Modifier::Notice(_)
        | Modifier::Surviving { .. }
        | Modifier::MaySublicense { .. }
        | Modifier::NonTransferable
        | Modifier::ExclusiveWhile(_)
        | Modifier::Clocks(_)
        | Modifier::MonthRounding(_) => None,
    })
}

/// A recital of a text that is not the one in force.
pub(super) fn recital(text: &Text, ctx: &mut Ctx<'_>, i: usize, target: &Name, recited: &str, at: Span) {
    let c = &text.clauses[i];
    let own: Option<(&str, Span)> = c.clause.node.parts.body.iter().find_map(|l| match &l.node {
        Line::Text(t) => Some((t.node.as_str(), t.span)),
        Line::Source(_) | Line::RestsOn(_) | Line::Waive(_) | Line::Reading(_) | Line::Statement(_) => None,
    });
    let words = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let (now, place) = own.unwrap_or(("", c.clause.node.id.span));
    if words(now) == words(recited) {
        return;
    }
    let mut d = Diagnostic::error(
        "C023",
        format!("the {} recites a text of `{}` that is not the one in force", ctx.title(), target.node),
        at,
        "as recited",
    )
    .label(place, "as in force")
    .note(crate::redline::plain(&words(now), &words(recited)));
    let earlier: Vec<_> = c.provenance.iter().filter(|p| p.amendment != ctx.id).collect();
    if let Some(p) = earlier.last() {
        let by = &ctx.deal.amendments[p.amendment.ix()].ast.node.title.node;
        d = d.label(p.span, format!("{} by the {by}, which the recital passes over", p.how));
    }
    ctx.diags.push(d);
}
