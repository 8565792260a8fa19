//! Two deals, or two texts of one, laid side by side under the same readings and open dates.
//!
//! Invariant: ids of the base are those of the witnesses; the head is asked by name.

use super::scope::{Said, said};
use crate::case::{Case, Replay, split};
use crate::encode::Feeds;
use crate::explore::Translation;
use crate::finding::Witness;
use crate::fingerprint::Prints;
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Deal, Symbols};
use habendum_model::show::version_on;
use habendum_model::value::{ParamId, Value};
use habendum_norm::ir::Version;
use habendum_syntax::Diagnostic;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side<'d> {
    /// The deal.
    pub deal: &'d Deal,
    /// Values and readings.
    pub binding: Binding,
    /// The text in force on this day, as if it had always been the only one.
    pub text_as_of: Option<Date>,
}

/// Two cases with the words of each in those of the other.
pub struct Pairing<'d> {
    /// The base.
    pub base: Case<'d>,
    /// The head.
    pub head: Case<'d>,
    /// From the base's words to the head's.
    pub there: Arc<Translation>,
    /// From the head's words to the base's.
    pub back: Arc<Translation>,
    /// Both have the same event kinds, terms and persons under the same ids, so that states can be shared.
    pub alike: bool,
    /// What each clause says, on the base side and on the head's.
    pub(super) said: (Said, Said),
}

/// The pairs to compare, and whether some were left out.
///
/// # Errors
/// Faults of either side.
pub fn pairs<'d>(
    base: &Side<'d>,
    head: &Side<'d>,
    most: usize,
) -> Result<(Vec<Pairing<'d>>, bool), Vec<Diagnostic>> {
    let (left, right) = (cases(base)?, cases(head)?);
    let mut out = Vec::new();
    let mut more = left.1 || right.1;
    for a in &left.0 {
        let mates = right.0.iter().filter(|b| agrees(a, b));
        for b in mates {
            if out.len() == most {
                more = true;
                break;
            }
            out.push(Pairing::new(a.clone(), b.clone()));
        }
    }
    Ok((out, more))
}

fn cases<'d>(side: &Side<'d>) -> Result<(Vec<Case<'d>>, bool), Vec<Diagnostic>> {
    let (cases, partial) = split(side.deal, &side.binding)?;
    let Some(day) = side.text_as_of else { return Ok((cases, partial)) };
    let texts = consolidate(side.deal, &side.binding);
    if version_on(&texts.value, day).is_none() && cases.iter().all(|c| c.text_of(day).is_none()) {
        let message = format!("no text is in force on {day}: the agreement begins later");
        let span = side.deal.symbols.agreement.span;
        return Err(vec![Diagnostic::error("C027", message, span, "this agreement")]);
    }
    Ok((cases.iter().filter_map(|c| c.text_of(day)).collect(), partial))
}

/// The same open dates and the same readings, as far as both have them.
fn agrees(a: &Case<'_>, b: &Case<'_>) -> bool {
    let name = |s: &Symbols, p: ParamId| s.params.get_index(p.ix()).map(|(n, _)| n.clone());
    let dates = |c: &Case<'_>| -> BTreeMap<String, Date> {
        c.assumed.iter().filter_map(|(p, d)| Some((name(c.symbols(), *p)?, *d))).collect()
    };
    let readings = |c: &Case<'_>| -> BTreeMap<String, String> {
        c.binding.readings.iter().map(|(k, r)| (c.symbols().clause_name(*k).to_owned(), r.clone())).collect()
    };
    let clash = |x: &BTreeMap<String, String>, y: &BTreeMap<String, String>| {
        x.iter().any(|(k, v)| y.get(k).is_some_and(|w| w != v))
    };
    let (da, db) = (dates(a), dates(b));
    let apart = da.iter().any(|(k, v)| db.get(k).is_some_and(|w| w != v));
    !apart && !clash(&readings(a), &readings(b))
}

impl<'d> Pairing<'d> {
    fn new(base: Case<'d>, head: Case<'d>) -> Self {
        let there = Arc::new(Translation::new(base.symbols(), head.symbols()));
        let back = Arc::new(Translation::new(head.symbols(), base.symbols()));
        let alike = alike(base.symbols(), head.symbols());
        let said = (said(&base), said(&head));
        Pairing { base, head, there, back, alike, said }
    }

    /// Versions of both that share days.
    #[must_use]
    pub fn versions(&self) -> Vec<(&Version, &Version)> {
        let mut out = Vec::new();
        for a in &self.base.program.versions {
            for b in &self.head.program.versions {
                let late = |x: &Version, y: &Version| match (x.from.fixed(), y.through) {
                    (Some(from), Some(through)) => from > through,
                    _ => false,
                };
                if !late(a, b) && !late(b, a) {
                    out.push((a, b));
                }
            }
        }
        out
    }

    /// Replays a history on both sides; none where one of them refuses it.
    #[must_use]
    pub fn replay(&self, w: &Witness) -> Option<(Replay, Replay)> {
        let events: Option<Vec<_>> = w.events.iter().map(|e| self.there.event(e)).collect();
        let mut values = BTreeMap::new();
        for (p, v) in &w.values {
            let (name, _) = self.base.symbols().params.get_index(p.ix())?;
            if let Some(q) = self.head.symbols().params.get_index_of(name) {
                values.insert(ParamId::at(q), self.there.value(v)?);
            }
        }
        let there = Witness { events: events?, values, ..w.clone() };
        Some((self.base.replay(w).ok()?, self.head.replay(&there).ok()?))
    }

    /// Names of states of one side: shared where what feeds them says the same on both.
    pub fn marks<'a>(&'a self, side: char, prints: Prints<'a>) -> impl Fn(Feeds<'_>) -> String + 'a {
        let alike = self.alike;
        move |by| {
            if !alike {
                return format!(" of {side}");
            }
            match by {
                Feeds::Clause(c) => prints.clause(c),
                Feeds::Acts(c) => prints.acts(c),
                Feeds::Register(r) => prints.register(r),
                Feeds::Measure(m) => prints.measure(m),
                Feeds::Test(t) => prints.test(t),
                Feeds::Figure => String::new(),
            }
        }
    }

    /// What a value is called on the base side, for `values` of a witness.
    #[must_use]
    pub fn assumed(&self) -> BTreeMap<ParamId, Value> {
        self.base.assumed.iter().map(|(p, d)| (*p, Value::Date(*d))).collect()
    }
}

/// Whether ids of kinds, fields, terms, persons and currencies mean the same in both.
fn alike(a: &Symbols, b: &Symbols) -> bool {
    let kinds = |s: &Symbols| -> Vec<(String, String)> {
        let said = |n: &String, f: &habendum_model::deal::FieldInfo| format!("{n} {:?} {}", f.ty, f.optional);
        let fields = |e: &habendum_model::deal::EventInfo| {
            e.fields.iter().map(|(n, f)| said(n, f)).collect::<Vec<_>>().join(", ")
        };
        s.events.iter().map(|(n, e)| (n.clone(), fields(e))).collect()
    };
    let terms = |s: &Symbols| -> Vec<_> {
        s.terms.iter().map(|t| (t.name.clone(), t.vocab, t.parent, t.last)).collect()
    };
    let persons = |s: &Symbols| -> Vec<_> { s.parties.iter().map(|(n, p)| (n.clone(), p.party)).collect() };
    kinds(a) == kinds(b)
        && terms(a) == terms(b)
        && persons(a) == persons(b)
        && a.agreement.currencies == b.agreement.currencies
        && a.agreement.others_any == b.agreement.others_any
        && a.params.keys().eq(b.params.keys())
}
