//! The text constants that a program speaks of: the only texts, beside fresh ones, that its guards can tell apart.

use crate::ir::Version;
use crate::reads::{Read, each_expr, reads};
use habendum_model::deal::Symbols;
use habendum_model::expr::ExprKind;
use habendum_model::value::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every text constant of the program, sorted.
pub(super) fn texts(symbols: &Symbols, versions: &[Version]) -> Vec<Arc<str>> {
    let mut found = BTreeSet::new();
    {
        let mut note = |v: &Value| {
            if let Value::Text(t) = v {
                found.insert(Arc::clone(t));
            }
        };
        for t in symbols.tables.values() {
            for (k, row) in &t.rows {
                note(k);
                row.iter().for_each(&mut note);
            }
        }
        for v in versions {
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
