//! Comparisons and memberships.

use crate::expr::{Expr, ExprKind, Type};
use crate::value::{RegisterId, TermId, Value};
use habendum_syntax::ast::{self, CompareOp, Name};
use habendum_syntax::{Diagnostic, Sp, Span};

use super::{Scope, Typed, elaborate_expr, infer, show_type, types};

/// `a is b` and kin.
pub(super) fn compare(
    scope: &Scope<'_>,
    op: CompareOp,
    a: &Sp<ast::Expr>,
    b: &Sp<ast::Expr>,
    span: Span,
) -> Typed {
    let (ta, tb) = if lends_none(a) {
        // A sum of payments takes the currency of what it is compared with.
        let tb = infer(scope, b, None)?;
        (infer(scope, a, Some(tb.ty))?, tb)
    } else {
        let ta = infer(scope, a, None)?;
        let tb = infer(scope, b, Some(ta.ty))?;
        (ta, tb)
    };
    if types::join(ta.ty, tb.ty).is_none() {
        let (sa, sb) = (show_type(scope.symbols, ta.ty), show_type(scope.symbols, tb.ty));
        let mut d = Diagnostic::error(
            "T014",
            format!("{sa} cannot be compared with {sb}"),
            span,
            "these must be alike",
        )
        .label(ta.span, sa)
        .label(tb.span, sb);
        if let (Type::Money(x, _), Type::Money(y, _)) = (ta.ty, tb.ty)
            && x != y
        {
            d = d.note("currencies never mix: convert by a rate that the contract names, as a parameter");
        }
        return Err(types::money_help(vec![d], b, ta.ty, scope));
    }
    match op {
        CompareOp::Is | CompareOp::IsNot => {
            if let (Type::Term(_), ExprKind::Const(Value::Term(t))) = (ta.ty, &tb.kind) {
                let under = under(scope, ta.clone(), &[*t], span);
                return negate_if(op == CompareOp::IsNot, ta, under, scope);
            }
        }
        CompareOp::AtLeast | CompareOp::MoreThan | CompareOp::UpTo | CompareOp::LessThan => {
            if !types::is_ordered(ta.ty) {
                return super::fail(
                    "T013",
                    format!("{} has no more and less", show_type(scope.symbols, ta.ty)),
                    span,
                    "cannot be ordered",
                );
            }
        }
    }
    Ok(Expr { kind: ExprKind::Compare(op, Box::new(ta), Box::new(tb)), ty: Type::Bool, span })
}

fn lends_none(e: &Sp<ast::Expr>) -> bool {
    matches!(&e.node, ast::Expr::Sum { what: ast::SumWhat::Payment(..), .. })
}

fn under(scope: &Scope<'_>, value: Expr, terms: &[TermId], span: Span) -> Expr {
    let ranges = terms.iter().map(|t| (*t, scope.symbols.terms[t.ix()].last)).collect();
    Expr { kind: ExprKind::Under(Box::new(value), ranges), ty: Type::Bool, span }
}

/// `x is one of A, B`.
pub(super) fn one_of(
    scope: &Scope<'_>,
    value: &Sp<ast::Expr>,
    set: &[Sp<ast::Expr>],
    negated: bool,
    span: Span,
) -> Typed {
    let v = infer(scope, value, None)?;
    let mut values = Vec::new();
    for x in set {
        let t = elaborate_expr(scope, x, Some(v.ty))?;
        match super::fold(&t) {
            Some(c) => values.push(c),
            None => {
                return super::fail(
                    "T026",
                    "a set holds constants",
                    x.span,
                    "hangs on the event or a parameter",
                );
            }
        }
    }
    let terms: Vec<TermId> =
        values.iter().filter_map(|v| if let Value::Term(t) = v { Some(*t) } else { None }).collect();
    let member = if terms.len() == values.len() {
        under(scope, v.clone(), &terms, span)
    } else {
        Expr { kind: ExprKind::OneOf(Box::new(v.clone()), values), ty: Type::Bool, span }
    };
    negate_if(negated, v, member, scope)
}

/// `x is in Register`.
pub(super) fn in_register(
    scope: &Scope<'_>,
    value: &Sp<ast::Expr>,
    register: &Name,
    negated: bool,
    span: Span,
) -> Typed {
    let s = scope.symbols;
    let Some((i, _, r)) = s.registers.get_full(&register.node) else {
        return Err(vec![crate::suggest::unknown(
            "register",
            register,
            s.registers.keys().map(String::as_str),
            s,
        )]);
    };
    let ty = match &r.node.of.node {
        ast::TypeName::Named(n) => {
            s.vocabularies.get_index_of(&n.node).map(|v| Type::Term(crate::value::VocabId::at(v)))
        }
        ast::TypeName::Party => Some(Type::Party),
        ast::TypeName::Bool
        | ast::TypeName::Int
        | ast::TypeName::Decimal(_)
        | ast::TypeName::Percent
        | ast::TypeName::Money { .. }
        | ast::TypeName::Date
        | ast::TypeName::Instant
        | ast::TypeName::Duration
        | ast::TypeName::Text
        | ast::TypeName::Clause => None,
    };
    let v = elaborate_expr(scope, value, ty)?;
    let member =
        Expr { kind: ExprKind::InRegister(Box::new(v.clone()), RegisterId::at(i)), ty: Type::Bool, span };
    negate_if(negated, v, member, scope)
}

/// A test, or its negation where the value is stated: an absent value satisfies neither.
pub(super) fn negate_if(negated: bool, value: Expr, test: Expr, scope: &Scope<'_>) -> Typed {
    if !negated {
        return Ok(test);
    }
    let span = test.span;
    let not = Expr { kind: ExprKind::Not(Box::new(test)), ty: Type::Bool, span };
    if !may_be_absent(&value, scope) {
        return Ok(not);
    }
    let stated = Expr { kind: ExprKind::Stated(Box::new(value)), ty: Type::Bool, span };
    Ok(Expr { kind: ExprKind::And(vec![stated, not]), ty: Type::Bool, span })
}

fn may_be_absent(e: &Expr, scope: &Scope<'_>) -> bool {
    let field = match (&e.kind, scope.event, scope.trigger) {
        (ExprKind::Field(f), Some(event), _) | (ExprKind::Trigger(f), _, Some(event)) => {
            scope.symbols.event_info(event).fields.get_index(f.ix())
        }
        (ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Today, _, _) => None,
        _ => return true,
    };
    field.is_some_and(|(_, f)| f.optional)
}
