//! From conditions to predicates.
//!
//! Data flow: a guard of a norm, in a version, for an event kind -> [`Tri`]. Three grounds decide how much of it the columns decide:
//! what compares with sets and sums becomes a predicate; what is stateless but more than that becomes a *derived* column; what asks
//! for state (sums, registers, the event that opened an obligation) is unknown, and the rows left are the interpreter's. Invariant: no
//! row for which the condition holds or fails is missed.

use super::pred::{ColumnId, Pred};
use super::ranges::Ranges;
use super::tri::Tri;
use super::walk::{self, Binds};
use crate::layout::{ABSENT, Class, Draft, scene};
use habendum_model::date::Reckoning;
use habendum_model::expr::{Expr, ExprKind, Type, Window};
use habendum_model::value::{EventId, FieldId, RegisterId, TermId, Value};
use habendum_norm::eval::{eval, related};
use habendum_norm::interpret::measures::Measures;
use habendum_norm::ir::Program;
use habendum_norm::outcome::EvalError;
use habendum_norm::print::Words;
use habendum_syntax::ast::CompareOp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Compiles the conditions of one norm for one event kind.
pub(crate) struct Compiler<'a, 'd> {
    pub program: &'a Program,
    pub draft: &'d mut Draft<'a>,
    pub kind: EventId,
    pub binds: Binds<'a>,
    pub words: Words<'a>,
    /// Why rows are left to the interpreter.
    pub residual: BTreeSet<String>,
    /// What derived columns decide.
    pub derived: BTreeSet<String>,
}

impl<'a> Compiler<'a, '_> {
    /// A guard, as written.
    pub(crate) fn guard(&mut self, g: Option<&Expr>) -> Tri {
        match g {
            Some(g) => {
                let g = walk::put_in(g, &self.binds);
                self.condition(&g)
            }
            None => Tri::constant(true),
        }
    }

    fn condition(&mut self, e: &Expr) -> Tri {
        match &e.kind {
            ExprKind::And(all) => {
                let all = all.iter().map(|x| self.condition(x)).collect();
                Tri::all(all)
            }
            ExprKind::Or(any) => {
                let any = any.iter().map(|x| self.condition(x)).collect();
                Tri::any(any)
            }
            ExprKind::Not(x) => self.condition(x).negated(),
            ExprKind::If(c, a, b) if e.ty == Type::Bool => {
                let (c, a, b) = (self.condition(c), self.condition(a), self.condition(b));
                Tri::choice(c, a, b)
            }
            ExprKind::Compare(op, a, b) => self.compare(e, *op, a, b),
            ExprKind::Under(x, ranges) => {
                let ranges = ranges.clone();
                self.coded(e, x, move |c| c.terms(&ranges))
            }
            ExprKind::Overlaps(x, terms) => {
                let near = self.near(terms);
                self.coded(e, x, move |c| c.terms(&near))
            }
            ExprKind::OneOf(x, set) => self.one_of(e, x, set),
            ExprKind::InRegister(x, r) => self.in_register(e, x, *r),
            ExprKind::IsParty(x) => self.coded(e, x, |c| c.parties()),
            ExprKind::Stated(x) => match &x.kind {
                ExprKind::Field(f) => self.present(*f),
                _ => self.otherwise(e),
            },
            ExprKind::Field(f) => match self.draft.field(self.kind, *f) {
                Some((c, Class::Bool)) => Tri::exact(Pred::is_in(c, Ranges::one(2))),
                Some(_) | None => self.otherwise(e),
            },
            ExprKind::Const(_)
            | ExprKind::Trigger(_)
            | ExprKind::Today
            | ExprKind::Param(_)
            | ExprKind::Lookup { .. }
            | ExprKind::KeyColumn(..)
            | ExprKind::Binary(..)
            | ExprKind::Neg(_)
            | ExprKind::If(..)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..)
            | ExprKind::Sum(..)
            | ExprKind::Occurred(_) => self.otherwise(e),
        }
    }

    /// The value of an expression that asks nothing of the row or of state.
    pub(crate) fn known(&self, e: &Expr) -> Option<Result<Value, EvalError>> {
        let asks =
            |x: &Expr| matches!(x.kind, ExprKind::Field(_) | ExprKind::Today) || self.state(x).is_some();
        if let ExprKind::Const(v) = &e.kind {
            return Some(Ok(v.clone()));
        }
        if walk::has(e, &asks) {
            return None;
        }
        let measures = Measures::new(Arc::default());
        let reckoning: &Reckoning = &self.program.reckoning;
        Some(eval(e, &scene(&self.program.symbols, reckoning, &measures, &[], Date::MIN)))
    }

    /// What state this very expression asks for, not those in it.
    fn state(&self, e: &Expr) -> Option<&'static str> {
        match &e.kind {
            ExprKind::Sum(..) | ExprKind::Occurred(_) => Some("a running sum"),
            ExprKind::Trigger(_) => Some("the event that opened an obligation"),
            ExprKind::InRegister(_, r) if self.members(*r).is_none() => Some("the members of a register"),
            ExprKind::KeyColumn(..) => Some("the row of its table that an instance names"),
            ExprKind::InRegister(..)
            | ExprKind::Const(_)
            | ExprKind::Field(_)
            | ExprKind::Today
            | ExprKind::Param(_)
            | ExprKind::Lookup { .. }
            | ExprKind::Not(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Compare(..)
            | ExprKind::Under(..)
            | ExprKind::Overlaps(..)
            | ExprKind::OneOf(..)
            | ExprKind::IsParty(_)
            | ExprKind::Stated(_)
            | ExprKind::Binary(..)
            | ExprKind::Neg(_)
            | ExprKind::If(..)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::Between { .. }
            | ExprKind::DatePart(..) => None,
        }
    }

    /// A condition that no column compare decides.
    fn otherwise(&mut self, e: &Expr) -> Tri {
        match self.known(e) {
            Some(Ok(Value::Bool(b))) => return Tri::constant(b),
            Some(Ok(Value::Absent)) => return Tri::constant(false),
            Some(Ok(_) | Err(_)) => return Tri::failing(),
            None => {}
        }
        let mut why = Vec::new();
        let mut todo = vec![e];
        while let Some(x) = todo.pop() {
            why.extend(self.state(x));
            todo.extend(x.inside());
        }
        if !why.is_empty() {
            self.residual.extend(why.into_iter().map(|w| format!("asks for {w}")));
            return Tri::unknown(walk::has(e, &|x| self.may_fail(x)));
        }
        let day = walk::has(e, &|x| matches!(x.kind, ExprKind::Today));
        // A register that never changes is put in, so that a condition needs nothing but the row.
        let fixed = self.with_members(e);
        self.derived.insert(self.words.expr(e));
        let c = self.draft.condition(self.kind, fixed, walk::fields(e), day);
        if walk::has(e, &|x| self.may_fail(x)) {
            let of = |n| Pred::is_in(c, Ranges::one(n));
            return Tri { yes: of(1), no: of(0), fails: of(2), exact: false };
        }
        Tri::exact(Pred::is_in(c, Ranges::one(1)))
    }

    /// Whether this very expression may be impossible to evaluate.
    fn may_fail(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Param(_)
            | ExprKind::Lookup { .. }
            | ExprKind::KeyColumn(..)
            | ExprKind::Binary(..)
            | ExprKind::Between { .. } => true,
            ExprKind::Sum(_, window) => !self.binds.key.is_empty() || *window != Window::InTotal,
            ExprKind::Occurred(_) => !self.binds.key.is_empty(),
            ExprKind::Const(_)
            | ExprKind::Field(_)
            | ExprKind::Trigger(_)
            | ExprKind::Today
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
            | ExprKind::Neg(_)
            | ExprKind::If(..)
            | ExprKind::Greater(_)
            | ExprKind::Lesser(_)
            | ExprKind::DatePart(..) => false,
        }
    }

    /// Whether a field of the event has a value.
    pub(crate) fn present(&mut self, f: FieldId) -> Tri {
        let info = self.program.symbols.event_info(self.kind);
        let Some((_, field)) = info.fields.get_index(f.ix()) else { return Tri::constant(false) };
        if !field.optional {
            return Tri::constant(true);
        }
        match self.draft.field(self.kind, f) {
            Some((c, class)) => Tri::exact(Pred::is_in(c, stated(class))),
            None => {
                let span = habendum_syntax::Span::default();
                let x = Expr { kind: ExprKind::Field(f), ty: field.ty, span };
                self.otherwise(&Expr { kind: ExprKind::Stated(Box::new(x)), ty: Type::Bool, span })
            }
        }
    }

    fn compare(&mut self, e: &Expr, op: CompareOp, a: &Expr, b: &Expr) -> Tri {
        if self.known(e).is_some() {
            return self.otherwise(e);
        }
        for (x, y, op) in [(a, b, op), (b, a, turned(op))] {
            match self.known(y) {
                Some(Ok(Value::Absent)) if !walk::has(x, &|x| self.may_fail(x)) => {
                    return Tri::constant(false);
                }
                Some(Ok(v)) => {
                    if let Some(t) = self.against(x, op, &v) {
                        return t;
                    }
                    if let Some(p) = self.between(x, op, y) {
                        return Tri::exact(p);
                    }
                }
                Some(Err(_)) | None => {}
            }
        }
        if let Some(t) = self.persons_or_terms(op, a, b) {
            return t;
        }
        let minus = habendum_model::value::Exact::ONE.neg();
        if let (Some(x), Some(y)) = (self.linear(a), self.linear(b))
            && let Some(sum) = x.plus(&y, minus)
            && let Some(p) = self.against_zero(&sum, op)
        {
            return Tri::exact(p);
        }
        self.otherwise(e)
    }

    /// A field of codes compared with a constant.
    fn against(&mut self, x: &Expr, op: CompareOp, v: &Value) -> Option<Tri> {
        let ExprKind::Field(f) = &x.kind else { return None };
        let (c, class) = self.draft.field(self.kind, *f)?;
        let mut coding = Coding { draft: self.draft, symbols: &self.program.symbols, column: c, class };
        let one = coding.value(v)?;
        let set = match op {
            CompareOp::Is => one,
            CompareOp::IsNot => one.complement().intersect(&stated(class)),
            CompareOp::AtLeast | CompareOp::MoreThan | CompareOp::UpTo | CompareOp::LessThan => return None,
        };
        Some(Tri::exact(Pred::is_in(c, set)))
    }

    /// Two fields of codes compared with each other.
    fn persons_or_terms(&mut self, op: CompareOp, a: &Expr, b: &Expr) -> Option<Tri> {
        let (ExprKind::Field(f), ExprKind::Field(g)) = (&a.kind, &b.kind) else { return None };
        let ((c, class), (d, other)) = (self.draft.field(self.kind, *f)?, self.draft.field(self.kind, *g)?);
        let coded = matches!(class, Class::Party | Class::Term(_) | Class::Bool);
        if class != other || !coded {
            return None;
        }
        let set = match op {
            CompareOp::Is => Ranges::one(0),
            CompareOp::IsNot => Ranges::one(0).complement(),
            CompareOp::AtLeast | CompareOp::MoreThan | CompareOp::UpTo | CompareOp::LessThan => return None,
        };
        let both = [Pred::is_in(c, stated(class)), Pred::is_in(d, stated(class))];
        if c == d {
            let same = set.contains(0);
            return Some(Tri::exact(if same { Pred::all(both) } else { Pred::False }));
        }
        self.draft.add_up(c, i64::from(u32::MAX));
        self.draft.add_up(d, i64::from(u32::MAX));
        let sum = Pred::Sum(vec![(1, c), (-1, d)], set);
        Some(Tri::exact(Pred::all(both.into_iter().chain([sum]))))
    }

    /// A set of codes asked of a field.
    fn coded(&mut self, e: &Expr, x: &Expr, set: impl FnOnce(&mut Coding<'_, '_>) -> Option<Ranges>) -> Tri {
        if let ExprKind::Field(f) = &x.kind
            && let Some((c, class)) = self.draft.field(self.kind, *f)
        {
            let mut coding = Coding { draft: self.draft, symbols: &self.program.symbols, column: c, class };
            if let Some(set) = set(&mut coding) {
                return Tri::exact(Pred::is_in(c, set));
            }
        }
        self.otherwise(e)
    }

    fn one_of(&mut self, e: &Expr, x: &Expr, set: &[Value]) -> Tri {
        let ExprKind::Field(f) = &x.kind else { return self.otherwise(e) };
        let Some((c, class)) = self.draft.field(self.kind, *f) else { return self.otherwise(e) };
        if matches!(class, Class::Number(_) | Class::Money(..) | Class::Date | Class::Instant) {
            let each = set.iter().map(|v| {
                let v = Expr { kind: ExprKind::Const(v.clone()), ty: x.ty, span: x.span };
                self.compare(e, CompareOp::Is, x, &v)
            });
            let each = each.collect();
            return Tri::any(each);
        }
        self.coded(e, x, |coding| {
            debug_assert_eq!(coding.column, c);
            let codes: Option<Vec<Ranges>> = set.iter().map(|v| coding.value(v)).collect();
            Some(codes?.iter().fold(Ranges::of(Vec::new()), |all, r| all.union(r)))
        })
    }

    fn in_register(&mut self, e: &Expr, x: &Expr, r: RegisterId) -> Tri {
        let Some(members) = self.members(r) else { return self.otherwise(e) };
        if let Some(terms) = as_terms(members) {
            let below: Vec<(TermId, TermId)> = terms
                .iter()
                .filter_map(|t| self.program.symbols.terms.get(t.ix()).map(|i| (*t, i.last)))
                .collect();
            return self.coded(e, x, move |c| c.terms(&below));
        }
        self.one_of(e, x, members)
    }

    /// The members of a register that no event changes.
    pub(crate) fn members(&self, r: RegisterId) -> Option<&'a [Value]> {
        let def = self.program.registers.get(r.ix())?;
        (def.adds.is_empty() && def.removes.is_empty()).then_some(def.initially.as_slice())
    }

    fn with_members(&self, e: &Expr) -> Expr {
        walk::replaced(e, &|x| {
            let ExprKind::InRegister(y, r) = &x.kind else { return None };
            let members = self.members(*r)?;
            Some(match as_terms(members) {
                Some(terms) => {
                    let last = |t: &TermId| self.program.symbols.terms.get(t.ix()).map(|i| (*t, i.last));
                    ExprKind::Under(y.clone(), terms.iter().filter_map(last).collect())
                }
                None => ExprKind::OneOf(y.clone(), members.to_vec()),
            })
        })
    }

    /// The terms that overlap some terms: those below them and those above.
    fn near(&self, terms: &[TermId]) -> Vec<(TermId, TermId)> {
        let symbols = &self.program.symbols;
        let all = (0..symbols.terms.len()).map(TermId::at);
        let near = all.filter(|t| terms.iter().any(|u| related(symbols, *t, *u)));
        near.map(|t| (t, t)).collect()
    }
}

/// Members that are all terms; none where there is another, or no member.
fn as_terms(members: &[Value]) -> Option<Vec<TermId>> {
    let terms = members.iter().map(|m| match m {
        Value::Term(t) => Some(*t),
        _ => None,
    });
    terms.collect::<Option<Vec<_>>>().filter(|t| !t.is_empty())
}

/// The codes of constants in a column.
struct Coding<'a, 'd> {
    draft: &'d mut Draft<'a>,
    symbols: &'d habendum_model::deal::Symbols,
    column: ColumnId,
    class: Class,
}

impl Coding<'_, '_> {
    /// The codes of one constant; none where the column has no codes or the constant is of another type.
    fn value(&mut self, v: &Value) -> Option<Ranges> {
        match (self.class, v) {
            (Class::Term(_), Value::Term(t)) => self.terms(&[(*t, *t)]),
            (Class::Party, Value::Party(p)) => Some(Ranges::one(i64::from(p.0) + 1)),
            (Class::Bool, Value::Bool(b)) => Some(Ranges::one(i64::from(*b) + 1)),
            (Class::Text, Value::Text(t)) => Some(Ranges::one(self.draft.text(self.column, t))),
            (_, Value::Absent) => Some(Ranges::of(Vec::new())),
            (
                Class::Kind
                | Class::Day
                | Class::Date
                | Class::Term(_)
                | Class::Party
                | Class::Bool
                | Class::Text
                | Class::Number(_)
                | Class::Money(..)
                | Class::Instant
                | Class::Derived,
                _,
            ) => None,
        }
    }

    /// The codes of ranges of terms.
    fn terms(&mut self, ranges: &[(TermId, TermId)]) -> Option<Ranges> {
        let Class::Term(vocab) = self.class else { return None };
        let (_, info) = self.symbols.vocabularies.get_index(vocab.ix())?;
        let last = self.symbols.terms.get(info.root.ix())?.last;
        let code = |t: TermId| i64::from(t.0) - i64::from(info.root.0) + 1;
        // Terms of other vocabularies belong to no value of this column.
        let own = ranges.iter().map(|(lo, hi)| (code((*lo).max(info.root)), code((*hi).min(last))));
        Some(Ranges::of(own.collect()))
    }

    /// The codes of the parties of the agreement.
    fn parties(&mut self) -> Option<Ranges> {
        let Class::Party = self.class else { return None };
        let all = self.symbols.parties.values().zip(1_i64..);
        Some(Ranges::of(all.filter(|(p, _)| p.party).map(|(_, n)| (n, n)).collect()))
    }
}

/// The numbers of values that are there.
pub(crate) fn stated(class: Class) -> Ranges {
    match class {
        Class::Term(_) | Class::Party | Class::Bool | Class::Text => Ranges::between(1, i64::MAX),
        Class::Kind
        | Class::Day
        | Class::Date
        | Class::Number(_)
        | Class::Money(..)
        | Class::Instant
        | Class::Derived => Ranges::between(ABSENT + 1, i64::MAX),
    }
}

/// The comparison with its sides changed.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Is | CompareOp::IsNot => op,
        CompareOp::AtLeast => CompareOp::UpTo,
        CompareOp::MoreThan => CompareOp::LessThan,
        CompareOp::UpTo => CompareOp::AtLeast,
        CompareOp::LessThan => CompareOp::MoreThan,
    }
}
