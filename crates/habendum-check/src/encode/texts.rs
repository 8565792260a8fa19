//! The text constants that a program speaks of: the only texts, beside fresh ones, that its guards can tell apart.

use habendum_model::expr::ExprKind;
use habendum_model::value::Value;
use habendum_norm::ir::Program;
use habendum_norm::reads::{Read, each_expr, reads};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every text constant of the program, sorted.
pub(super) fn texts(program: &Program) -> Vec<Arc<str>> {
    let mut found = BTreeSet::new();
    {
        let mut note = |v: &Value| {
            if let Value::Text(t) = v {
                found.insert(Arc::clone(t));
            }
        };
        for t in program.symbols.tables.values() {
            for (k, row) in &t.rows {
                note(k);
                row.iter().for_each(&mut note);
            }
        }
        for v in &program.versions {
            v.params.iter().flatten().for_each(&mut note);
            for n in &v.norms {
                for r in reads(n) {
                    let e = match r {
                        Read::Expr(e) => Some(e),
                        Read::Test(t) => t.guard.as_ref(),
                        Read::Date(_) => None,
                    };
                    e.into_iter().for_each(|e| {
                        each_expr(e, &mut |e| match &e.kind {
                            ExprKind::Const(v) => note(v),
                            ExprKind::OneOf(_, set) => set.iter().for_each(&mut note),
                            _ => {}
                        });
                    });
                }
            }
        }
    }
    found.into_iter().collect()
}
