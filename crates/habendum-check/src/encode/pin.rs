//! One event of which all is known, as a formula over a moment's unknowns.
//!
//! Invariant: the formula holds of exactly the rows that no sentence of the deal can tell from the event.

use super::moment::{Moment, Unknown, day_number};
use crate::solver::{Formula, IntVar};
use habendum_model::value::{FieldId, PartyId, Value};
use habendum_norm::event::Event;

impl Moment<'_> {
    /// The numbers of a person.
    pub(crate) fn person(&self, by: IntVar, p: PartyId) -> Formula {
        match self.code(&Value::Party(p)) {
            Some((n, _)) => Formula::equals(by, n),
            None => Formula::Const(false),
        }
    }

    /// A field has this value.
    pub(crate) fn at(&self, f: FieldId, v: &Value) -> Formula {
        let (Some(u), Some((n, _))) = (self.field(f), self.code(v)) else { return Formula::Const(false) };
        let is = match u.value {
            Unknown::Truth(t) => t.iff(Formula::Const(n != 0)),
            Unknown::Number(x, parts) => Formula::equals(x, n * i128::from(parts)),
            Unknown::Opaque => Formula::Const(false),
        };
        Formula::and([u.present, is])
    }

    /// The moment's event is this one; none where the solver cannot speak of some value of it.
    #[must_use]
    pub fn pinned(&self, e: &Event) -> Option<Formula> {
        let mut parts = vec![Formula::equals(self.day, day_number(e.date))];
        let mut fresh = Vec::new();
        for (u, value) in self.fields.iter().zip(&e.fields) {
            if *value == Value::Absent {
                parts.push(u.present.clone().not());
                continue;
            }
            parts.push(u.present.clone());
            parts.push(match (&u.value, value) {
                (Unknown::Truth(t), Value::Bool(true)) => t.clone(),
                (Unknown::Truth(t), Value::Bool(false)) => t.clone().not(),
                (Unknown::Number(v, _), Value::Text(t)) if self.code(value).is_none() => {
                    // Texts that the deal does not name differ among themselves alone.
                    let at = fresh.iter().position(|x| x == t).unwrap_or_else(|| {
                        fresh.push(t.clone());
                        fresh.len() - 1
                    });
                    Formula::equals(*v, self.named_texts() + at as i128)
                }
                (Unknown::Number(v, parts), value) => {
                    let (n, over) = self.code(value)?;
                    let scaled = n.checked_mul(i128::from(*parts))?;
                    (scaled % over == 0).then(|| Formula::equals(*v, scaled / over))?
                }
                (Unknown::Truth(_) | Unknown::Opaque, _) => return None,
            });
        }
        Some(Formula::and(parts))
    }
}
