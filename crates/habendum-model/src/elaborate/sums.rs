//! Running sums: what the evaluator has to keep count of.

use crate::expr::{Expr, ExprKind, Measure, MeasureWhat, Type, Window};
use crate::value::{ClauseId, CurrencyId, EventId, MeasureId, TotalId};
use habendum_syntax::ast::{self, EventRef, Name, SumWhat};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::{DateRole, Scope, Typed, elaborate_date, elaborate_guard, fail, infer};

/// `net_sales this month` and kin.
pub(super) fn sum(
    scope: &Scope<'_>,
    what: &SumWhat,
    window: &Sp<ast::Window>,
    span: Span,
    expected: Option<Type>,
) -> Typed {
    if scope.measures.is_none() {
        return fail("T042", "a running sum has no meaning here", span, "nothing runs yet");
    }
    let (measure, ty) = match what {
        SumWhat::Total(n) => total(scope, n)?,
        SumWhat::Count(r) => (count(scope, r)?, Type::Int),
        SumWhat::Payment(of, n) => {
            let id = clause(scope, n)?;
            (MeasureWhat::Payment(*of, id), Type::Money(currency(scope, id, expected), None))
        }
        SumWhat::Breaches(n) => (MeasureWhat::Breaches(clause(scope, n)?), Type::Int),
    };
    let window = self::window(scope, window)?;
    let id = intern(scope, measure, span)?;
    Ok(Expr { kind: ExprKind::Sum(id, window), ty, span })
}

/// The currency of a clause's payments; where it has several, the one that is asked for.
fn currency(scope: &Scope<'_>, id: ClauseId, expected: Option<Type>) -> CurrencyId {
    let wanted = match expected {
        Some(Type::Money(c, _)) => Some(c),
        Some(_) | None => None,
    };
    match scope.symbols.paid_in.get(&id) {
        Some(known) => match wanted.filter(|c| known.contains(c)).or(known.first().copied()) {
            Some(c) => c,
            None => CurrencyId(0),
        },
        None => wanted.unwrap_or(CurrencyId(0)),
    }
}

/// `E has occurred`.
pub(super) fn occurred(scope: &Scope<'_>, r: &EventRef, span: Span) -> Typed {
    let measure = count(scope, r)?;
    let id = intern(scope, measure, span)?;
    Ok(Expr { kind: ExprKind::Occurred(id), ty: Type::Bool, span })
}

fn total(scope: &Scope<'_>, n: &Name) -> Result<(MeasureWhat, Type), Vec<Diagnostic>> {
    let s = scope.symbols;
    let Some((i, _, t)) = s.totals.get_full(&n.node) else {
        return Err(vec![crate::suggest::unknown("total", n, s.totals.keys().map(String::as_str), s)]);
    };
    let event = event(scope, &t.node.on.event)?;
    check_key(scope, event, n.span)?;
    let typed = infer(&Scope::new(s).over(event), &t.node.value, None)?;
    Ok((MeasureWhat::Total(TotalId::at(i)), typed.ty))
}

fn count(scope: &Scope<'_>, r: &EventRef) -> Result<MeasureWhat, Vec<Diagnostic>> {
    let event = event(scope, &r.event)?;
    if let Some(first) = r.same.first() {
        return fail(
            "T040",
            "a count cannot ask for equal fields",
            first.span,
            "say `for each` on the clause instead",
        );
    }
    check_key(scope, event, r.event.span)?;
    let guard = match &r.guard {
        None => None,
        Some(g) => {
            let inner = Scope { trigger: None, ..scope.over(event) };
            Some(elaborate_guard(&inner, g)?)
        }
    };
    Ok(MeasureWhat::Count { event, guard })
}

fn event(scope: &Scope<'_>, n: &Name) -> Result<EventId, Vec<Diagnostic>> {
    let s = scope.symbols;
    s.event(&n.node)
        .ok_or_else(|| vec![crate::suggest::unknown("event kind", n, s.events.keys().map(String::as_str), s)])
}

fn clause(scope: &Scope<'_>, n: &Name) -> Result<ClauseId, Vec<Diagnostic>> {
    let s = scope.symbols;
    s.clause(&n.node)
        .ok_or_else(|| vec![crate::suggest::unknown("clause", n, s.clauses.keys().map(String::as_str), s)])
}

/// A clause per key keeps its sums per key, so the summed event needs the key's fields.
fn check_key(scope: &Scope<'_>, event: EventId, span: Span) -> Result<(), Vec<Diagnostic>> {
    let Some((fields, _)) = &scope.key else { return Ok(()) };
    let info = scope.symbols.event_info(event);
    for f in fields {
        if !info.fields.contains_key(f) {
            return fail(
                "T041",
                format!(
                    "{} has no field `{f}`, by which this clause keeps its sums apart",
                    scope.symbols.event_name(event)
                ),
                span,
                "cannot be kept per key",
            );
        }
    }
    Ok(())
}

fn intern(scope: &Scope<'_>, what: MeasureWhat, span: Span) -> Result<MeasureId, Vec<Diagnostic>> {
    let Some(cell) = scope.measures else {
        return fail("T042", "a running sum has no meaning here", span, "nothing runs yet");
    };
    let key = scope.key.as_ref().map(|(f, _)| f.clone()).unwrap_or_default();
    let m = Measure { what, key };
    let mut list = cell.borrow_mut();
    if let Some(i) = list.iter().position(|k| *k == m) {
        return Ok(MeasureId::at(i));
    }
    list.push(m);
    Ok(MeasureId::at(list.len() - 1))
}

fn window(scope: &Scope<'_>, w: &Sp<ast::Window>) -> Result<Window, Vec<Diagnostic>> {
    Ok(match &w.node {
        ast::Window::This(p) => Window::This(*p),
        ast::Window::Last(p) => Window::Last(*p),
        ast::Window::Trailing(d) => match &d.count {
            ast::DurationCount::Literal(count) => {
                Window::Trailing(crate::value::Length { count: *count, unit: d.unit })
            }
            ast::DurationCount::Param(p) => match scope.dates {
                Some(dates) => Window::Trailing(super::elaborate_length(dates, &Sp::new(d.clone(), p.span))?),
                None => return fail("T020", "a length needs a number here", p.span, "write the number"),
            },
        },
        ast::Window::InTotal => Window::InTotal,
        ast::Window::OfTheTerm => Window::OfTheTerm,
        ast::Window::Since(d) => match scope.dates {
            Some(dates) => Window::Since(elaborate_date(dates, d, DateRole::First)?),
            None => return fail("T043", "a date has no meaning here", d.span, "nothing is dated here"),
        },
    })
}
