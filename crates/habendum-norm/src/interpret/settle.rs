//! Payments made: a `Payment` event finds what it pays.
//!
//! Data flow: event -> parts for ledgers, oldest due first -> posted by `post`. Invariant: the parts add up to the payment.

use super::account::Whose;
use super::measures::Key;
use super::payment::{at, late};
use super::view::View;
use crate::eval::fault;
use crate::event::Event;
use crate::ir::Body;
use crate::ledger::{LateTerms, Ledger};
use crate::outcome::EvalError;
use habendum_model::value::{FieldId, Value};
use jiff::civil::Date;

/// A part of a payment that goes to one account.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Index of the payment norm in the version.
    pub norm: usize,
    /// Instance.
    pub key: Key,
    /// Which of its ledgers.
    pub whose: Whose,
    /// Minor units.
    pub amount: i64,
    /// Late interest at the rate of today.
    pub late: Option<LateTerms>,
}

/// Where a sum goes among accounts in document order: to what has fallen due first, then to what has not, each by due day. Gives
/// the place and share of each account, and what is left over.
pub(crate) fn spread<'a>(
    accounts: impl Iterator<Item = Option<&'a Ledger>>,
    mut sum: i128,
) -> (Vec<(usize, i128)>, i128) {
    let mut owed: Vec<(bool, Date, usize, i128)> = Vec::new();
    for (place, held) in accounts.enumerate() {
        let Some(ledger) = held else { continue };
        owed.extend(ledger.owed().map(|(due, fallen, left)| (!fallen, due, place, left)));
    }
    owed.sort_unstable();
    let mut shares: std::collections::BTreeMap<usize, i128> = std::collections::BTreeMap::new();
    for (_, _, place, left) in owed {
        let part = left.min(sum);
        sum -= part;
        if part > 0 {
            *shares.entry(place).or_default() += part;
        }
    }
    (shares.into_iter().collect(), sum)
}

/// What a `Payment` event pays: what has fallen due first, then what has not, each by due day and then document order; the rest
/// is paid ahead to the first sentence.
///
/// # Errors
/// A payment below zero or of a fraction; a clause kept by a key that the event does not name.
pub(crate) fn parts(v: &View<'_>, e: &Event) -> Result<Vec<Part>, EvalError> {
    let symbols = &v.program.symbols;
    if symbols.event_name(e.kind) != "Payment" {
        return Ok(Vec::new());
    }
    let info = symbols.event_info(e.kind);
    let field = |name: &str| info.fields.get_index_of(name).and_then(|i| e.fields.get(FieldId::at(i).ix()));
    let (Some(Value::Clause(clause)), Some(Value::Money(amount, currency))) = (field("for"), field("amount"))
    else {
        return Ok(Vec::new());
    };
    let amount = i64::try_from(amount.numer()).ok().filter(|_| amount.is_integer()).filter(|a| *a >= 0);
    let Some(amount) = amount else {
        return Err(EvalError {
            row: Some(e.row),
            field: Some("amount".into()),
            message: "a payment is a whole number of minor units within 64 bits, and not below zero".into(),
            span: None,
        });
    };
    let mut accounts: Vec<(usize, Key, Whose, Option<&Ledger>)> = Vec::new();
    for (i, n) in v.version.norms.iter().enumerate().filter(|(_, n)| n.norm.id.clause == *clause) {
        let Body::Payment(p) = &n.norm.body else { continue };
        let of = |x: Option<&Value>, who| matches!(x, Some(Value::Party(q)) if *q == v.now(*clause, who));
        let goes = |payer, payee| of(field("by"), payer) && of(field("to"), payee);
        let replaced = v.state.clauses[clause.ix()].persons_replaced;
        if p.currency != *currency || !(goes(p.payer, p.payee) || replaced) {
            continue;
        }
        let Some(key) = v.key_of(n, e) else {
            let message = format!(
                "a payment for `{}` has to name {}, by which it is kept apart",
                symbols.clause_name(*clause),
                n.key_names.join(", ")
            );
            return Err(EvalError { row: Some(e.row), field: None, message, span: Some(n.norm.span) });
        };
        let held = v.state.norms[n.slot].pay.get(&key);
        if goes(p.payer, p.payee) {
            accounts.push((i, key.clone(), None, held.map(|s| &s.ledger)));
        }
        for (j, (between, ledger)) in held.map_or(&[][..], |s| s.former.as_slice()).iter().enumerate() {
            if goes(between.0, between.1) {
                accounts.push((i, key.clone(), Some(j), Some(ledger)));
            }
        }
    }
    let mut found: Vec<Part> = Vec::new();
    let mut put = |i: usize, key: &Key, whose: Whose, amount: i64| -> Result<(), EvalError> {
        if amount == 0 {
            return Ok(());
        }
        let n = &v.version.norms[i];
        match found.iter_mut().find(|p| p.norm == i && p.key == *key && p.whose == whose) {
            Some(p) => {
                p.amount =
                    p.amount.checked_add(amount).ok_or_else(|| fault("beyond 64 bits", n.norm.span))?;
            }
            None => found.push(Part { norm: i, key: key.clone(), whose, amount, late: late(v, n, key)? }),
        }
        Ok(())
    };
    let (shares, rest) = spread(accounts.iter().map(|(.., held)| *held), i128::from(amount));
    for (place, share) in shares {
        let (i, key, whose, _) = &accounts[place];
        put(*i, key, *whose, i64::try_from(share).unwrap_or(amount))?;
    }
    let rest = i64::try_from(rest).unwrap_or(amount);
    if let Some((i, key, whose, _)) = accounts.iter().find(|a| a.3.is_some()).or(accounts.first()) {
        put(*i, key, *whose, rest)?;
    }
    // Tried on copies, so that a payment that does not fit is refused before anything has changed.
    for p in &found {
        let n = &v.version.norms[p.norm];
        if let Some(ledger) = v.state.norms[n.slot].pay.get(&p.key).and_then(|s| s.ledger(p.whose)) {
            let mut copy = ledger.clone();
            copy.pay(e.date, p.amount, p.late).map_err(at(n.norm.span))?;
        }
    }
    Ok(found)
}
