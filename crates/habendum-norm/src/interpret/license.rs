//! Licenses: who may use by a sublicense, and how a grant is judged against the licenses and sublicenses in force.
//!
//! Data flow: [`View`] + event -> permissions and prohibitions for the ranking, and the holder that a good grant makes.

use super::plan::PlanNorm;
use super::rules::Speaking;
use super::state::{Holder, Promise, Scope};
use super::view::View;
use crate::eval::{related, truth};
use crate::event::Event;
use crate::ir::{Body, Exclusivity, License, NormId};
use crate::outcome::EvalError;
use habendum_model::value::{FieldId, PartyId, TermId, Value};
use jiff::civil::Date;

/// The judgement of the licenses on a grant.
#[derive(Debug)]
pub(crate) struct GrantJudged {
    /// The license whose norm decides: index in the version.
    pub norm: usize,
    /// Permitted by a head, or barred.
    pub permits: bool,
    /// Why it is barred.
    pub reason: Option<String>,
    /// Whom it makes a holder.
    pub holder: Option<Holder>,
}

fn field<'e>(v: &View<'_>, e: &'e Event, name: &str) -> Option<&'e Value> {
    let at = v.program.symbols.event_info(e.kind).fields.get_index_of(name)?;
    e.fields.get(FieldId::at(at).ix()).filter(|x| **x != Value::Absent)
}

fn term(v: &View<'_>, e: &Event, name: &str) -> Option<TermId> {
    match field(v, e, name) {
        Some(Value::Term(t)) => Some(*t),
        _ => None,
    }
}

/// The root of the vocabulary of some terms: what an absent territory or field of use stands for.
fn root(v: &View<'_>, terms: &[TermId]) -> Option<TermId> {
    let mut t = *terms.first()?;
    while let Some(up) = v.program.symbols.terms.get(t.ix()).and_then(|i| i.parent) {
        t = up;
    }
    Some(t)
}

/// The scope that an event names: an absent territory or field of use means everywhere, any.
fn scope_of(v: &View<'_>, e: &Event, like: &Scope) -> Scope {
    let one =
        |name: &str, terms: &[TermId]| term(v, e, name).or_else(|| root(v, terms)).into_iter().collect();
    Scope {
        assets: one("asset", &like.assets),
        territories: one("territory", &like.territories),
        fields: one("field", &like.fields),
    }
}

fn scope(l: &License) -> Scope {
    Scope { assets: l.assets.clone(), territories: l.territories.clone(), fields: l.fields.clone() }
}

fn within(v: &View<'_>, inner: &Scope, outer: &Scope) -> bool {
    let all =
        |a: &[TermId], b: &[TermId]| a.iter().all(|x| b.iter().any(|y| v.program.symbols.is_under(*x, *y)));
    all(&inner.assets, &outer.assets)
        && all(&inner.territories, &outer.territories)
        && all(&inner.fields, &outer.fields)
}

fn overlap(v: &View<'_>, a: &Scope, b: &Scope) -> bool {
    let any =
        |a: &[TermId], b: &[TermId]| a.iter().any(|x| b.iter().any(|y| related(&v.program.symbols, *x, *y)));
    any(&a.assets, &b.assets) && any(&a.territories, &b.territories) && any(&a.fields, &b.fields)
}

/// Whether a sublicense still holds: its own last day, and its head's life unless that survives.
pub(crate) fn alive(v: &View<'_>, h: &Holder) -> bool {
    if h.through.is_some_and(|d| v.today > d) {
        return false;
    }
    match v.norm_of(h.license) {
        Some(n) => match &n.norm.body {
            Body::License(l) if l.surviving => true,
            _ => v.in_force(n, &[]).unwrap_or(false),
        },
        None => false,
    }
}

impl View<'_> {
    /// Whether an actor stands outside a license: neither its licensee, nor a sublicensee, nor (where spared) its licensor.
    pub(crate) fn outside(&self, license: NormId, spare_licensor: bool, actor: PartyId) -> bool {
        let Some(n) = self.norm_of(license) else { return false };
        let Body::License(l) = &n.norm.body else { return false };
        let c = license.clause;
        let inside = self.now(c, l.licensee) == actor
            || (spare_licensor && self.now(c, l.licensor) == actor)
            || self.state.holders.iter().any(|h| h.license == license && h.person == actor && alive(self, h));
        !inside
    }
}

/// What sublicenses say about a use: the holder's permission, and the bar on one who granted exclusively.
pub(crate) fn uses(v: &View<'_>, e: &Event, actor: PartyId, speaking: &mut Vec<Speaking>) {
    if v.state.holders.is_empty() {
        return;
    }
    for &norm in &v.version.events[e.kind.ix()].licenses {
        let n = &v.version.norms[norm];
        for h in v.state.holders.iter().filter(|h| h.license == n.norm.id) {
            let here = within(v, &scope_of(v, e, &h.scope), &h.scope) && alive(v, h);
            if here && h.person == actor {
                add(speaking, Speaking { norm, permits: true });
            } else if here && h.promise.bars_use() && h.grantor == actor {
                add(speaking, Speaking { norm, permits: false });
            }
        }
    }
}

fn add(speaking: &mut Vec<Speaking>, s: Speaking) {
    if !speaking.contains(&s) {
        speaking.push(s);
    }
}

/// Whether a permission under a license gives way to the bar of an exclusive sublicense under it: who has granted its use
/// away has kept none by the same license.
pub(crate) fn granted_away(v: &View<'_>, permission: Speaking, bar: Speaking) -> bool {
    let (a, b) = (&v.version.norms[permission.norm].norm, &v.version.norms[bar.norm].norm);
    permission.permits
        && !bar.permits
        && matches!(b.body, Body::License(_))
        && (a.id.clause, a.id.part) == (b.id.clause, b.id.part)
}

/// A grant as its event states it.
struct Grant {
    by: PartyId,
    to: PartyId,
    promise: Promise,
    through: Option<Date>,
    sublicense: bool,
}

/// The judgement of the licenses on a `Grant`; none where the event is no grant or no license has to do with it.
///
/// # Errors
/// Where a condition of exclusivity cannot be evaluated.
pub(crate) fn grant(v: &View<'_>, e: &Event, actor: PartyId) -> Result<Option<GrantJudged>, EvalError> {
    if v.program.symbols.event_name(e.kind) != "Grant" {
        return Ok(None);
    }
    let Some(Value::Party(to)) = field(v, e, "to") else { return Ok(None) };
    let g = Grant {
        by: actor,
        to: *to,
        promise: promised(v, field(v, e, "exclusivity")),
        through: match field(v, e, "through") {
            Some(Value::Date(d)) => Some(*d),
            _ => None,
        },
        sublicense: field(v, e, "sublicense") == Some(&Value::Bool(true)),
    };
    let mut licenses = Vec::new();
    for (i, n) in v.version.norms.iter().enumerate() {
        if let Body::License(l) = &n.norm.body
            && !n.ghost
            && v.in_force(n, &[])?
        {
            licenses.push((i, n, l));
        }
    }
    for (i, n, l) in &licenses {
        if let Some(reason) = barred(v, e, &g, n, l)? {
            return Ok(Some(GrantJudged { norm: *i, permits: false, reason: Some(reason), holder: None }));
        }
    }
    Ok(heads(v, e, &g, &licenses))
}

/// What a grant's word of exclusivity promises. An event names no set: `co-exclusive` in it promises nothing.
fn promised(v: &View<'_>, word: Option<&Value>) -> Promise {
    let text = match word {
        Some(Value::Text(t)) => t.to_string(),
        Some(Value::Term(t)) => {
            v.program.symbols.terms.get(t.ix()).map(|t| t.name.clone()).unwrap_or_default()
        }
        Some(Value::Bool(true)) => return Promise::Exclusive,
        _ => return Promise::Nothing,
    };
    let low = text.to_lowercase().replace(['-', '_', ' '], "");
    match low.as_str() {
        "sole" => Promise::Sole,
        "exclusiveexceptgrantor" => Promise::ExceptGrantor,
        _ if low.starts_with("exclusive") => Promise::Exclusive,
        _ => Promise::Nothing,
    }
}

/// Why a license bars its licensor from a grant, if it does.
fn barred(
    v: &View<'_>,
    e: &Event,
    g: &Grant,
    n: &PlanNorm,
    l: &License,
) -> Result<Option<String>, EvalError> {
    let c = n.norm.id.clause;
    let name = v.program.symbols.clause_name(c);
    let asked = scope_of(v, e, &scope(l));
    if v.now(c, l.licensor) == g.by && overlap(v, &asked, &scope(l)) {
        let live = match &l.exclusive_while {
            Some(cond) => truth(cond, &v.scene(n, &[]))?,
            None => true,
        };
        let outsider = g.to != v.now(c, l.licensee);
        let word = match &l.exclusivity {
            Exclusivity::NonExclusive => None,
            _ if !live => None,
            Exclusivity::Exclusive | Exclusivity::ExclusiveExceptGrantor => outsider.then_some("exclusively"),
            Exclusivity::Sole => outsider.then_some("solely"),
            Exclusivity::CoExclusive(set) => {
                (outsider && !set.iter().any(|p| v.now(c, *p) == g.to)).then_some("co-exclusively")
            }
        };
        if let Some(word) = word {
            return Ok(Some(format!("{name} has {word} granted a scope that overlaps")));
        }
    }
    let taken = v.state.holders.iter().any(|h| {
        h.license == n.norm.id
            && h.promise != Promise::Nothing
            && h.grantor == g.by
            && h.person != g.to
            && alive(v, h)
            && overlap(v, &scope_of(v, e, &h.scope), &h.scope)
    });
    Ok(taken.then(|| format!("a sublicense under {name} that bars others covers a scope that overlaps")))
}

/// The right of one who holds under a license to pass it on, as a grant meets it.
struct Head<'a> {
    norm: usize,
    id: NormId,
    clause: &'a str,
    license: &'a License,
    scope: Scope,
    depth: u32,
    exclusive: bool,
    through: Option<Date>,
    /// The last day that the holder's own grant gave it; none of a licensee.
    granted_through: Option<Date>,
    may: bool,
}

fn heads(
    v: &View<'_>,
    e: &Event,
    g: &Grant,
    licenses: &[(usize, &PlanNorm, &License)],
) -> Option<GrantJudged> {
    let mut first: Option<GrantJudged> = None;
    for (i, n, l) in licenses {
        for head in heads_of(v, g, *i, n, l) {
            let asked = scope_of(v, e, &head.scope);
            if !overlap(v, &asked, &head.scope) {
                continue;
            }
            match refuses(v, g, &head, &asked) {
                None => return Some(allowed(g, &head, asked)),
                Some(reason) => {
                    first.get_or_insert(GrantJudged {
                        norm: *i,
                        permits: false,
                        reason: Some(reason),
                        holder: None,
                    });
                }
            }
        }
    }
    first
}

fn heads_of<'a>(v: &View<'a>, g: &Grant, i: usize, n: &'a PlanNorm, l: &'a License) -> Vec<Head<'a>> {
    let id = n.norm.id;
    let clause = v.program.symbols.clause_name(id.clause);
    let ends = v.state.norms[n.slot].last_day;
    let mut found = Vec::new();
    if v.now(id.clause, l.licensee) == g.by {
        let exclusive = matches!(l.exclusivity, Exclusivity::Exclusive | Exclusivity::ExclusiveExceptGrantor);
        let may = l.sublicense.is_some();
        found.push(Head {
            norm: i,
            id,
            clause,
            license: l,
            scope: scope(l),
            depth: 0,
            exclusive,
            through: ends,
            granted_through: None,
            may,
        });
    }
    for h in v.state.holders.iter().filter(|h| h.license == id && h.person == g.by && alive(v, h)) {
        let through = match (h.through, ends) {
            (Some(a), Some(b)) if !l.surviving => Some(a.min(b)),
            (Some(a), _) => Some(a),
            (None, b) => b,
        };
        found.push(Head {
            norm: i,
            id,
            clause,
            license: l,
            scope: h.scope.clone(),
            depth: h.depth,
            exclusive: h.promise.is_exclusive(),
            through,
            granted_through: h.through,
            may: h.may_sublicense,
        });
    }
    found
}

/// Why a head does not carry a grant; none where it does.
fn refuses(v: &View<'_>, g: &Grant, h: &Head<'_>, asked: &Scope) -> Option<String> {
    let name = h.clause;
    let Some(right) = h.license.sublicense.as_ref().filter(|_| h.may) else {
        return Some(format!("{name} gives no right to sublicense"));
    };
    if !right.to.is_empty() && !right.to.contains(&g.to) {
        return Some(format!(
            "{name} allows no sublicense to {}",
            crate::eval::person(&v.program.symbols, g.to)
        ));
    }
    if right.depth.is_some_and(|d| h.depth + 1 > d) {
        return Some(format!("the sublicense lies deeper than {name} allows"));
    }
    if !within(v, asked, &h.scope) {
        return Some(format!("the sublicense is wider than its head under {name}"));
    }
    if g.promise != Promise::Nothing && !h.exclusive {
        return Some(format!("the sublicense is exclusive, and its head under {name} is not"));
    }
    match (g.through, h.through) {
        (Some(asked), Some(last)) if asked > last => {
            Some(format!("the sublicense outlives its head under {name}, which ends on {last}"))
        }
        _ => None,
    }
}

fn allowed(g: &Grant, h: &Head<'_>, asked: Scope) -> GrantJudged {
    GrantJudged {
        norm: h.norm,
        permits: true,
        reason: None,
        holder: Some(Holder {
            license: h.id,
            person: g.to,
            grantor: g.by,
            depth: h.depth + 1,
            scope: asked,
            promise: g.promise,
            // No longer than the grant it comes from; the license's own life is asked by `alive`.
            through: [g.through, h.granted_through].into_iter().flatten().min(),
            may_sublicense: g.sublicense,
        }),
    }
}
