//! The verdict on an event: what applies, what gives way, what is left.
//!
//! Data flow: [`View`] + event -> [`Judged`]. Invariant: reads the state before the row and changes nothing; no rule wins by
//! its place, its number or its narrowness.

use super::license;
use super::measures::Key;
use super::power;
use super::relief;
use super::view::View;
use crate::event::Event;
use crate::ir::{Body, NormId, Rule};
use crate::outcome::EvalError;
use habendum_model::value::{PartyId, Value};
use habendum_syntax::ast::Verdict;

/// A norm that speaks about the event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Speaking {
    /// Its index in the version.
    pub norm: usize,
    /// It permits.
    pub permits: bool,
}

/// The verdict and what it rests on.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The verdict.
    pub verdict: Option<Verdict>,
    /// The norms that decided: indices in the version.
    pub deciding: Vec<NormId>,
    /// Why, where a word is needed.
    pub reason: Option<String>,
    /// Breached norms with the instance: indices in the version.
    pub breached: Vec<(usize, Key)>,
    /// It was no party that broke the rules among them: nothing repairs that.
    pub by_stranger: bool,
    /// Powers exercised with ground.
    pub exercised: Vec<usize>,
    /// What spoke, where it is to be explained.
    pub spoke: Vec<Speaking>,
    /// What of it was left by the ranking.
    pub left: Vec<Speaking>,
    /// The sublicense that the event makes.
    pub holder: Option<super::state::Holder>,
}

/// Judges an event. `performs` names the obligations that it performs in time.
///
/// # Errors
/// Where a guard cannot be evaluated.
pub(crate) fn judge(v: &View<'_>, e: &Event, performs: &[NormId]) -> Result<Judged, EvalError> {
    let mut out = Judged::default();
    if v.state.version.is_none() {
        out.verdict = Some(Verdict::Silent);
        out.reason = Some("the agreement is not yet in force".into());
        return Ok(out);
    }
    let actor = v.actor(e);
    let kept = keeps(v, e, &mut out)?;
    let shown = out.deciding.len();
    let mut speaking = Vec::new();
    let mut groundless = Vec::new();
    let powers = power::exercised(v, e, actor)?;
    for (norm, grounded) in powers {
        if grounded {
            out.exercised.push(norm);
            speaking.push(Speaking { norm, permits: true });
        } else {
            groundless.push(v.version.norms[norm].norm.id);
        }
    }
    let Some(actor) = actor else {
        // Without an actor only maintenance duties are judged; powers still take effect.
        finish(v, &mut out, kept, Verdict::Silent);
        return Ok(out);
    };
    for &norm in &v.version.events[e.kind.ix()].rules {
        if let Body::Rule(rule) = &v.version.norms[norm].norm.body
            && applies(v, norm, rule, e, actor)?
        {
            let excuse = if rule.permits { None } else { relief::excuses(v, norm, e)? };
            match excuse {
                Some(by) => out.reason = Some(excused(v, norm, by)),
                None => speaking.push(Speaking { norm, permits: rule.permits }),
            }
        }
    }
    license::uses(v, e, actor, &mut speaking);
    let grant = license::grant(v, e, actor)?;
    if let Some(g) = &grant {
        speaking.push(Speaking { norm: g.norm, permits: g.permits });
    }
    let left = rank(v, &speaking);
    if v.explain {
        out.spoke.clone_from(&speaking);
        out.left.clone_from(&left);
    }
    let wrongful = |g: &license::GrantJudged| !g.permits && left.iter().any(|s| s.norm == g.norm);
    let beside = Unruled {
        groundless: &groundless,
        grounded: !out.exercised.is_empty(),
        performs,
        wrongful_grant: grant.as_ref().is_some_and(wrongful),
    };
    let verdict = decide(v, e, actor, &left, &beside, &mut out)?;
    if kept && !matches!(verdict, Verdict::Breach | Verdict::Unlicensed) {
        // What permits the event, or is unranked, has no part in the breach.
        out.deciding.truncate(shown);
    }
    if let Some(g) = grant {
        let stands = !matches!(verdict, Verdict::Breach | Verdict::Unlicensed);
        if left.iter().any(|s| s.norm == g.norm && s.permits == g.permits) && g.reason.is_some() {
            out.reason = g.reason;
        }
        out.holder = g.holder.filter(|_| stands && !kept);
    }
    finish(v, &mut out, kept, verdict);
    Ok(out)
}

fn excused(v: &View<'_>, norm: usize, by: NormId) -> String {
    let name = |id: NormId| v.program.symbols.clause_name(id.clause);
    format!("the breach of {} is excused by {}", name(v.version.norms[norm].norm.id), name(by))
}

/// A maintenance duty shown unmet outweighs everything that permits the event.
fn finish(v: &View<'_>, out: &mut Judged, kept: bool, verdict: Verdict) {
    out.verdict = Some(if kept { Verdict::Breach } else { verdict });
    out.deciding.sort_by_key(|id| v.norm_of(*id).map_or(usize::MAX, |n| n.slot));
    out.deciding.dedup();
}

/// Maintenance duties that the event shows unmet.
fn keeps(v: &View<'_>, e: &Event, out: &mut Judged) -> Result<bool, EvalError> {
    let mut any = false;
    for &i in &v.version.events[e.kind.ix()].keeps {
        let n = &v.version.norms[i];
        let Body::Keep(k) = &n.norm.body else { continue };
        let Some(key) = v.key_of(n, e) else { continue };
        let scene = v.at(n, &key, e);
        if !v.guard(k.shown_by.guard.as_ref(), &scene)?
            || v.excepted(&n.norm.exceptions, &scene)?
            || crate::eval::truth(&k.condition, &scene)?
            || !v.in_force_at(n, &key, e)?
        {
            continue;
        }
        if let Some(by) = relief::excuses(v, i, e)? {
            out.reason = Some(excused(v, i, by));
            continue;
        }
        any = true;
        out.deciding.push(n.norm.id);
        out.breached.push((i, key));
    }
    Ok(any)
}

/// Whether a rule applies to an event.
///
/// # Errors
/// Where a guard cannot be evaluated.
pub(crate) fn applies(
    v: &View<'_>,
    i: usize,
    rule: &Rule,
    e: &Event,
    actor: PartyId,
) -> Result<bool, EvalError> {
    let n = &v.version.norms[i];
    let Some(key) = v.key_of(n, e) else { return Ok(false) };
    let scene = v.at(n, &key, e);
    // Cheap tests first; all of them are pure, so their order shows nowhere.
    if !v.stands(n, &key, v.today)
        || !v.among(&rule.who, n.norm.id.clause, actor)
        || !v.guard(rule.guard.as_ref(), &scene)?
    {
        return Ok(false);
    }
    if let Some(test) = n.before
        && satisfied(v, test, e)
    {
        return Ok(false);
    }
    Ok(!v.excepted(&n.norm.exceptions, &scene)? && v.in_force_at(n, &key, e)?)
}

/// Whether an earlier row has satisfied a `before` with the event's key.
pub(crate) fn satisfied(v: &View<'_>, test: usize, e: &Event) -> bool {
    let same = &v.plan.tests[test].test.same;
    let seen = &v.state.seen[test];
    if same.is_empty() {
        return !seen.is_empty();
    }
    let key: Vec<Value> = same.iter().filter_map(|(f, _)| e.fields.get(f.ix())).cloned().collect();
    !key.contains(&Value::Absent) && seen.contains(&key)
}

/// Drops what gives way: a rule falls to an opposite one that prevails over it and stands itself. What is left in a circle
/// of rules that all give way to each other is unranked.
pub(crate) fn rank(v: &View<'_>, speaking: &[Speaking]) -> Vec<Speaking> {
    if speaking.iter().all(|s| s.permits) || speaking.iter().all(|s| !s.permits) {
        return speaking.to_vec();
    }
    // None: undecided; true: stands; false: dropped.
    let mut fate: Vec<Option<bool>> = vec![None; speaking.len()];
    loop {
        let mut moved = false;
        for i in 0..speaking.len() {
            if fate[i].is_some() {
                continue;
            }
            let over: Vec<usize> = (0..speaking.len())
                .filter(|j| {
                    speaking[*j].permits != speaking[i].permits && yields(v, speaking[i], speaking[*j])
                })
                .collect();
            if over.iter().any(|j| fate[*j] == Some(true)) {
                fate[i] = Some(false);
                moved = true;
            } else if over.iter().all(|j| fate[*j] == Some(false)) {
                fate[i] = Some(true);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    speaking.iter().zip(fate).filter(|(_, f)| *f != Some(false)).map(|(s, _)| *s).collect()
}

/// Whether `a` gives way to `b` by the words of either, or because its use has been granted away.
fn yields(v: &View<'_>, a: Speaking, b: Speaking) -> bool {
    if license::granted_away(v, a, b) {
        return true;
    }
    let (a, b) = (&v.version.norms[a.norm].norm, &v.version.norms[b.norm].norm);
    a.subject_to.contains(&b.id.clause) || b.notwithstanding.contains(&a.id.clause)
}

/// What an event does beside the rules.
struct Unruled<'a> {
    /// Powers exercised without ground.
    groundless: &'a [NormId],
    /// A power is exercised with ground.
    grounded: bool,
    /// Obligations performed in time.
    performs: &'a [NormId],
    /// It grants what its licensor, or a holder, may not: a breach, whoever grants.
    wrongful_grant: bool,
}

fn decide(
    v: &View<'_>,
    e: &Event,
    actor: PartyId,
    left: &[Speaking],
    beside: &Unruled<'_>,
    out: &mut Judged,
) -> Result<Verdict, EvalError> {
    let forbidden = left.iter().any(|s| !s.permits);
    let permitted = left.iter().any(|s| s.permits);
    let party = v.program.symbols.is_party(actor);
    let ids = left.iter().map(|s| v.version.norms[s.norm].norm.id);
    if forbidden {
        out.deciding.extend(ids);
        if permitted {
            return Ok(Verdict::Conflict);
        }
        for s in left {
            let n = &v.version.norms[s.norm];
            out.breached.push((s.norm, v.key_of(n, e).unwrap_or_default()));
        }
        out.by_stranger = !party && !beside.wrongful_grant;
        return Ok(if out.by_stranger { Verdict::Unlicensed } else { Verdict::Breach });
    }
    if !beside.groundless.is_empty() && !beside.grounded {
        out.deciding.extend(beside.groundless);
        return Ok(Verdict::WithoutEffect);
    }
    if permitted {
        out.deciding.extend(ids);
        return Ok(Verdict::Permitted);
    }
    if !beside.performs.is_empty() {
        out.deciding.extend(beside.performs);
        return Ok(Verdict::Permitted);
    }
    if v.program.default_permits[e.kind.ix()] {
        return Ok(Verdict::Silent);
    }
    let kind = v.program.symbols.event_name(e.kind);
    out.reason.get_or_insert_with(|| format!("{kind} is forbidden unless a clause permits it"));
    Ok(if party { Verdict::Breach } else { Verdict::Unlicensed })
}
