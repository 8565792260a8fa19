//! Walks over expressions: what they contain, and what can be put in their place before anything is compiled.
//!
//! Invariant: `put_in` changes no value: parameters become what the version binds them to, a column of the clause's own table
//! becomes a lookup by the event's key field, fields of a trigger that is the event at hand become its fields.

use habendum_model::deal::Symbols;
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::{EventId, FieldId, Value};

/// Whether a predicate holds of the expression or of anything in it.
pub(crate) fn has(e: &Expr, f: &impl Fn(&Expr) -> bool) -> bool {
    f(e) || e.inside().into_iter().any(|x| has(x, f))
}

/// Fields of the event at hand, each once, in order.
pub(crate) fn fields(e: &Expr) -> Vec<FieldId> {
    let mut found = Vec::new();
    let mut todo = vec![e];
    while let Some(x) = todo.pop() {
        if let ExprKind::Field(f) = &x.kind {
            found.push(*f);
        }
        todo.extend(x.inside());
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What stands for names while an expression is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binds<'a> {
    /// Names and tables.
    pub symbols: &'a Symbols,
    /// Parameter values of the version.
    pub params: &'a [Option<Value>],
    /// The kind of the event at hand.
    pub kind: EventId,
    /// Names of the norm's key fields.
    pub key: &'a [String],
    /// The trigger is the event at hand.
    pub own_trigger: bool,
}

/// Puts in what stands for names.
pub(crate) fn put_in(e: &Expr, b: &Binds<'_>) -> Expr {
    let mut e = e.clone();
    put_into(&mut e, b);
    e
}

fn put_into(e: &mut Expr, b: &Binds<'_>) {
    let new = match &e.kind {
        ExprKind::Param(p) => b.params.get(p.ix()).cloned().flatten().map(ExprKind::Const),
        ExprKind::Trigger(f) if b.own_trigger => Some(ExprKind::Field(*f)),
        ExprKind::KeyColumn(table, column) => key_field(*table, b).map(|(f, ty)| ExprKind::Lookup {
            table: *table,
            key: Box::new(Expr { kind: ExprKind::Field(f), ty, span: e.span }),
            column: *column,
        }),
        ExprKind::Const(_)
        | ExprKind::Field(_)
        | ExprKind::Trigger(_)
        | ExprKind::Today
        | ExprKind::Lookup { .. }
        | ExprKind::Not(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(..)
        | ExprKind::Under(..)
        | ExprKind::Overlaps(..)
        | ExprKind::OneOf(..)
        | ExprKind::InRegister(..)
        | ExprKind::IsParty(_)
        | ExprKind::Stated(_)
        | ExprKind::Binary(..)
        | ExprKind::Neg(_)
        | ExprKind::If(..)
        | ExprKind::Greater(_)
        | ExprKind::Lesser(_)
        | ExprKind::Between { .. }
        | ExprKind::DatePart(..)
        | ExprKind::Sum(..)
        | ExprKind::Occurred(_) => None,
    };
    if let Some(kind) = new {
        e.kind = kind;
    }
    e.inside_mut().into_iter().for_each(|x| put_into(x, b));
}

/// The event's field that names the row of a clause's own table: the one of the table's key, else the clause's first.
fn key_field(
    table: habendum_model::value::TableId,
    b: &Binds<'_>,
) -> Option<(FieldId, habendum_model::expr::Type)> {
    let (_, info) = b.symbols.tables.get_index(table.ix())?;
    let name = b.key.iter().find(|k| **k == info.key).or(b.key.first())?;
    let (at, _, field) = b.symbols.event_info(b.kind).fields.get_full(name)?;
    Some((FieldId::at(at), field.ty))
}

/// The expression with some of what is in it replaced.
pub(crate) fn replaced(e: &Expr, f: &impl Fn(&Expr) -> Option<ExprKind>) -> Expr {
    let mut e = e.clone();
    replace(&mut e, f);
    e
}

fn replace(e: &mut Expr, f: &impl Fn(&Expr) -> Option<ExprKind>) {
    e.inside_mut().into_iter().for_each(|x| replace(x, f));
    if let Some(kind) = f(e) {
        e.kind = kind;
    }
}
