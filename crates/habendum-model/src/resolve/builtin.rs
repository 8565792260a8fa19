//! Event kinds and vocabularies that every deal has: granting, using, paying.

use crate::deal::{Deal, EventInfo, FieldInfo, Symbols};
use crate::expr::Type;
use crate::value::{CurrencyId, FieldId, VocabId};
use habendum_syntax::Span;
use habendum_syntax::ast::{ClauseParts, Operation};
use indexmap::IndexMap;

/// Vocabularies that every deal has; a deal may declare their terms.
pub(super) const VOCABULARIES: [&str; 3] = ["Asset", "Territory", "Field"];

/// Adds `Grant`, `Use` and `Payment`. The vocabularies are declared by now.
pub(super) fn events(symbols: &mut Symbols) {
    let vocab = |name: &str| Type::Term(VocabId::at(symbols.vocabularies.get_index_of(name).unwrap_or(0)));
    let (asset, territory, field) = (vocab("Asset"), vocab("Territory"), vocab("Field"));
    let money = Type::Money(CurrencyId(0), None);
    let scope = [("asset", asset, false), ("territory", territory, true), ("field", field, true)];
    let mut grant = vec![("by", Type::Party, false), ("to", Type::Party, false)];
    grant.extend(scope);
    grant.extend([
        ("exclusivity", Type::Text, true),
        ("through", Type::Date, true),
        ("sublicense", Type::Bool, true),
    ]);
    let mut usage = vec![("by", Type::Party, false)];
    usage.extend(scope);
    let payment = vec![
        ("by", Type::Party, false),
        ("to", Type::Party, false),
        ("amount", money, false),
        ("for", Type::Clause, false),
    ];
    for (name, fields) in [("Grant", grant), ("Use", usage), ("Payment", payment)] {
        let fields: IndexMap<String, FieldInfo> = fields
            .into_iter()
            .map(|(n, ty, optional)| (n.to_owned(), FieldInfo { ty, optional, span: Span::default() }))
            .collect();
        let info = EventInfo { fields, actor: Some(FieldId(0)), builtin: true, span: Span::default() };
        symbols.events.insert(name.to_owned(), info);
    }
}

/// Lets a `Payment` name the instance that it pays: an optional field per key field of the deal's clauses, of the type that the
/// deal's own events give it.
pub(super) fn payment_keys(deal: &mut Deal) {
    let mut keys: Vec<String> = Vec::new();
    let mut add = |parts: &ClauseParts| {
        keys.extend(parts.key.iter().flat_map(|k| &k.node.fields).map(|n| n.node.clone()));
    };
    deal.clauses.iter().for_each(|c| add(&c.node.parts));
    for op in deal.amendments.iter().flat_map(|a| &a.ast.node.operations) {
        match &op.node {
            Operation::Insert { clause, .. } => add(&clause.parts),
            Operation::RestateAll(all) => all.iter().for_each(|c| add(&c.node.parts)),
            Operation::Replace { with, .. } | Operation::Restate { with, .. } => add(with),
            Operation::Strike { .. }
            | Operation::Vary { .. }
            | Operation::Suspend { .. }
            | Operation::Extend { .. }
            | Operation::Renumber { .. }
            | Operation::Affirm(_)
            | Operation::Set { .. }
            | Operation::Recites { .. } => {}
        }
    }
    for key in keys {
        let declared = deal.symbols.events.values().find_map(|e| e.fields.get(&key)).cloned();
        if let (Some(field), Some(payment)) = (declared, deal.symbols.events.get_mut("Payment")) {
            payment.fields.entry(key).or_insert(FieldInfo { optional: true, ..field });
        }
    }
}
