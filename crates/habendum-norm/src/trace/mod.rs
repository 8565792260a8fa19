//! Explanations: why an event got its verdict and its amounts, clause by clause.
//!
//! Data flow: [`View`] before the row + what the row was decided to change -> [`TraceStep`]s. Invariant: reads the same state
//! by the same functions as the judgement, so that what is told is what was asked; a step with the place of an exception or a
//! band says that it applied.

mod money;

pub use money::TimeWanted;
pub(crate) use money::{by_time, of_duty, of_floor};

use crate::eval::{Scene, eval, person, show, truth};
use crate::event::Event;
use crate::interpret::changes::Changes;
use crate::interpret::duty::DutyMove;
use crate::interpret::license::granted_away;
use crate::interpret::measures::Key;
use crate::interpret::plan::PlanNorm;
use crate::interpret::rules::{Speaking, satisfied};
use crate::interpret::view::View;
use crate::ir::{Basis, Body, Exception, Who};
use crate::lower::each_expr;
use crate::outcome::{EvalError, TraceStep};
use crate::print::{Words, body_word};
use habendum_model::expr::{Expr, ExprKind};
use habendum_model::value::EventId;
use habendum_syntax::ast::{Define, Verdict};
use habendum_syntax::{Sp, Span};

/// Explains a row. What cannot be evaluated, and the judgement had no need of, is told as such.
pub(crate) fn explain(v: &View<'_>, e: &Event, c: &Changes) -> Vec<TraceStep> {
    let mut t = Trace { v, e: Some(e), steps: Vec::new() };
    t.event();
    t.text();
    let plan = &v.version.events[e.kind.ix()];
    let mut asked: Vec<usize> =
        [&plan.rules, &plan.keeps, &plan.opens, &plan.performs, &plan.payments, &plan.powers, &plan.reliefs]
            .into_iter()
            .flatten()
            .copied()
            .collect();
    asked.sort_by_key(|i| v.version.norms[*i].slot);
    asked.dedup();
    for i in asked {
        if let Err(fault) = t.norm(i) {
            t.say(1, format!("the rest was not asked: {}", fault.message), fault.span);
        }
    }
    t.ranks(&c.judged.spoke, &c.judged.left);
    t.verdict(c);
    t.duties(c);
    for p in &c.payments {
        let n = &v.version.norms[p.norm];
        let by_event =
            matches!(&n.norm.body, Body::Payment(x) if matches!(x.basis, Basis::Each(_) | Basis::First(_)));
        let scene = by_event.then(|| v.at(n, &p.key, e));
        t.payment(p, scene.as_ref());
    }
    t.sums(c);
    t.steps
}

struct Trace<'a, 'v> {
    v: &'a View<'v>,
    /// The event at hand; none where time alone is.
    e: Option<&'a Event>,
    steps: Vec<TraceStep>,
}

impl Trace<'_, '_> {
    fn say(&mut self, depth: u8, text: impl Into<String>, span: Option<Span>) {
        self.steps.push(TraceStep { depth, text: text.into(), span });
    }

    fn name(&self, n: &PlanNorm) -> String {
        self.v.program.symbols.clause_name(n.norm.id.clause).to_owned()
    }

    fn event(&mut self) {
        let s = &self.v.program.symbols;
        let Some(e) = self.e else { return };
        let info = s.event_info(e.kind);
        let fields: Vec<String> =
            info.fields.keys().zip(&e.fields).map(|(n, x)| format!("{n} {}", show(s, x))).collect();
        let text = format!("{} {}: {}", e.date, s.event_name(e.kind), fields.join(", "));
        self.say(0, text, None);
    }

    fn text(&mut self) {
        let Some(i) = self.v.state.version else {
            self.say(0, "no text is in force yet", None);
            return;
        };
        let amended = self.v.program.versions[i].amendments.len();
        let text = match amended {
            0 => format!("judged by the agreement as in force from {}", self.v.version.from),
            1 => format!("judged by the text in force from {}, as amended once", self.v.version.from),
            n => format!("judged by the text in force from {}, as amended {n} times", self.v.version.from),
        };
        self.say(0, text, None);
    }

    /// One norm that asks about the event.
    fn norm(&mut self, i: usize) -> Result<(), EvalError> {
        let n = &self.v.version.norms[i];
        let head = format!("{}: {}", self.name(n), body_word(&n.norm.body));
        self.say(0, head, Some(n.norm.span));
        let Some(e) = self.e else { return Ok(()) };
        let Some(key) = self.v.key_of(n, e) else {
            self.say(1, "the event names no instance of it", None);
            return Ok(());
        };
        if !key.is_empty() {
            let shown: Vec<String> = key.iter().map(|x| show(&self.v.program.symbols, x)).collect();
            self.say(1, format!("instance {}", shown.join(", ")), None);
        }
        if let Some(why) = self.out_of_force(n, &key)? {
            self.say(1, format!("not in force: {why}"), None);
            return Ok(());
        }
        if let Some(d) = self.v.state.norms[n.slot].last_day {
            self.say(1, format!("in force through {d}"), None);
        }
        self.asks(n, &key)
    }

    fn in_force(&self, n: &PlanNorm, key: &Key) -> Result<bool, EvalError> {
        self.e.map_or_else(|| self.v.in_force(n, key), |e| self.v.in_force_at(n, key, e))
    }

    fn out_of_force(&self, n: &PlanNorm, key: &Key) -> Result<Option<String>, EvalError> {
        let (ns, today) = (&self.v.state.norms[n.slot], self.v.today);
        let clause = &self.v.state.clauses[n.norm.id.clause.ix()];
        Ok(if n.ghost {
            Some("it is no longer in the text".into())
        } else if ns.ended || clause.ended || ns.ended_keys.contains(key) {
            Some("it has ended".into())
        } else if n.first_day.is_some_and(|d| today < d) {
            Some(format!("it begins on {}", n.first_day.unwrap_or(today)))
        } else if ns.last_day.is_some_and(|d| d < today) {
            Some(format!("its last day was {}", ns.last_day.unwrap_or(today)))
        } else if self.v.suspended(n, today, false) {
            Some("it is suspended".into())
        } else if !self.in_force(n, key)? {
            let words = Words { program: self.v.program, event: None, trigger: None };
            let cond = n.norm.term.holds_while.as_ref();
            Some(cond.map_or_else(
                || "an event with the same fields has ended it".into(),
                |c| format!("`while {}` does not hold", words.expr(c)),
            ))
        } else {
            None
        })
    }

    /// What a norm in force asks of the event.
    fn asks(&mut self, n: &PlanNorm, key: &Key) -> Result<(), EvalError> {
        let Some(e) = self.e else { return Ok(()) };
        let scene = Scene { trigger: &e.fields, ..self.v.at(n, key, e) };
        let event = Some(e.kind);
        let mut holds = true;
        match &n.norm.body {
            Body::Rule(r) => {
                holds &= self.who(n, &r.who);
                holds &= self.conjuncts(r.guard.as_ref(), event, &scene, "")?;
                if let Some(test) = n.before {
                    holds &= self.before(test);
                }
            }
            Body::Keep(k) => {
                holds &= self.conjuncts(k.shown_by.guard.as_ref(), event, &scene, "")?;
                holds &= !self.conjuncts(Some(&k.condition), event, &scene, "kept: ")?;
            }
            Body::Payment(p) => {
                if let Basis::Each(t) | Basis::First(t) = &p.basis {
                    holds &= self.conjuncts(t.guard.as_ref(), event, &scene, "")?;
                }
                holds &= self.conjuncts(p.guard.as_ref(), event, &scene, "")?;
            }
            Body::Power(p) => {
                holds &= self.who(n, &p.who);
                holds &= self.conjuncts(p.exercised_by.guard.as_ref(), event, &scene, "")?;
                holds &= self.conjuncts(p.ground.as_ref(), event, &scene, "ground: ")?;
            }
            Body::Relief(r) => holds &= self.conjuncts(r.cause.guard.as_ref(), event, &scene, "")?,
            // What a duty opens and closes is told with the obligations.
            Body::Duty(_) | Body::License(_) | Body::Inert(_) => return Ok(()),
        }
        if holds {
            holds = !self.exceptions(&n.norm.exceptions, event, &scene, 1)?;
        }
        self.say(1, if holds { "applies" } else { "does not apply" }, None);
        Ok(())
    }

    fn who(&mut self, n: &PlanNorm, who: &Who) -> bool {
        let Some(actor) = self.e.and_then(|e| self.v.actor(e)) else { return true };
        let among = self.v.among(who, n.norm.id.clause, actor);
        let is = if among { "is" } else { "is not" };
        let name = person(&self.v.program.symbols, actor);
        self.say(1, format!("{name} {is} among those it speaks of"), None);
        among
    }

    fn before(&mut self, test: usize) -> bool {
        let found = self.e.is_some_and(|e| satisfied(self.v, test, e));
        let kind = self.v.program.symbols.event_name(self.v.plan.tests[test].test.event);
        let text = if found {
            format!("an earlier {kind} satisfies it")
        } else {
            format!("no earlier {kind} satisfies it")
        };
        self.say(1, text, None);
        !found
    }

    /// Each part of a guard, true or false, with the values it turns on.
    fn conjuncts(
        &mut self,
        guard: Option<&Expr>,
        event: Option<EventId>,
        scene: &Scene<'_>,
        label: &str,
    ) -> Result<bool, EvalError> {
        let Some(g) = guard else { return Ok(true) };
        let parts: Vec<&Expr> = match &g.kind {
            ExprKind::And(all) => all.iter().collect(),
            _ => vec![g],
        };
        let mut all = true;
        for p in parts {
            let holds = truth(p, scene)?;
            all &= holds;
            let text = format!("{label}{}: {holds}{}", self.expr(p, event), self.values(p, event, scene));
            self.say(1, text, None);
        }
        Ok(all)
    }

    fn words(&self, event: Option<EventId>) -> Words<'_> {
        Words { program: self.v.program, event, trigger: event }
    }

    /// An expression as it is written: a definition by its name.
    fn expr(&self, e: &Expr, event: Option<EventId>) -> String {
        let words = self.words(event);
        if let Some(name) = self.definition(e) {
            return name.to_owned();
        }
        let mut text = words.expr(e);
        for (x, name) in self.definitions(e) {
            let opened = words.expr(x);
            text = text.replace(&format!("({opened})"), name).replace(&opened, name);
        }
        text
    }

    /// The definitions that an expression opens, outermost first.
    fn definitions<'e>(&self, e: &'e Expr) -> Vec<(&'e Expr, &str)> {
        let mut found = Vec::new();
        each_expr(e, &mut |x| found.extend(self.definition(x).map(|name| (x, name))));
        found
    }

    /// The definition that an expression is: it has the place of the name, and its parts that of the definition.
    fn definition(&self, e: &Expr) -> Option<&str> {
        let within = |inner: Span, outer: Span| {
            inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
        };
        let mut part = None;
        each_expr(e, &mut |x| {
            if part.is_none() && !std::ptr::eq(x, e) {
                part = Some(x.span);
            }
        });
        let part = part.filter(|p| !within(*p, e.span))?;
        let all = &self.v.program.symbols.defines;
        let length = usize::try_from(e.span.end.saturating_sub(e.span.start)).ok()?;
        let named =
            |(name, d): &(&String, &Sp<Define>)| name.len() == length && within(part, d.node.value.span);
        all.iter().find(named).map(|(name, _)| name.as_str())
    }

    /// The values that an expression turns on: definitions, fields, parameters, running sums.
    fn values(&self, e: &Expr, event: Option<EventId>, scene: &Scene<'_>) -> String {
        let mut found: Vec<String> = Vec::new();
        let show_in = |text: String, x: &Expr, found: &mut Vec<String>| {
            if let Ok(value) = eval(x, scene) {
                let text = format!("{text} = {}", show(&self.v.program.symbols, &value));
                if !found.contains(&text) {
                    found.push(text);
                }
            }
        };
        for (x, name) in self.definitions(e) {
            show_in(name.to_owned(), x, &mut found);
        }
        each_expr(e, &mut |x| {
            let names = matches!(
                x.kind,
                ExprKind::Field(_)
                    | ExprKind::Trigger(_)
                    | ExprKind::Param(_)
                    | ExprKind::Sum(..)
                    | ExprKind::KeyColumn(..)
                    | ExprKind::Lookup { .. }
            );
            if names {
                show_in(self.words(event).expr(x), x, &mut found);
            }
        });
        if found.is_empty() { String::new() } else { format!(" ({})", found.join(", ")) }
    }

    /// The exceptions tried; true where one applies.
    fn exceptions(
        &mut self,
        all: &[Exception],
        event: Option<EventId>,
        scene: &Scene<'_>,
        depth: u8,
    ) -> Result<bool, EvalError> {
        let mut any = false;
        for x in all {
            let holds = truth(&x.condition, scene)?;
            let label = x.label.as_ref().map(|l| format!("{l}: ")).unwrap_or_default();
            let values = self.values(&x.condition, event, scene);
            let text = format!("unless {label}{}: {holds}{values}", self.expr(&x.condition, event));
            let at = self.steps.len();
            self.say(depth, text, None);
            if !holds {
                continue;
            }
            if self.exceptions(&x.unless, event, scene, depth.saturating_add(1))? {
                self.say(depth, "but an exception to it applies", None);
            } else {
                any = true;
                self.steps[at].span = Some(x.condition.span);
            }
        }
        Ok(any)
    }

    /// Who gave way to whom.
    fn ranks(&mut self, spoke: &[Speaking], left: &[Speaking]) {
        for s in spoke.iter().filter(|s| !left.contains(s)) {
            let n = &self.v.version.norms[s.norm].norm;
            let name = |id: crate::ir::NormId| self.v.program.symbols.clause_name(id.clause);
            if left.iter().any(|l| granted_away(self.v, *s, *l)) {
                let text = format!("what {} permits gives way: the use has been granted away", name(n.id));
                self.say(0, text, Some(n.span));
                continue;
            }
            let over: Vec<&str> = left
                .iter()
                .map(|l| &self.v.version.norms[l.norm].norm)
                .filter(|o| n.subject_to.contains(&o.id.clause) || o.notwithstanding.contains(&n.id.clause))
                .map(|o| name(o.id))
                .collect();
            let text = format!("{} gives way to {}", name(n.id), over.join(", "));
            self.say(0, text, Some(n.span));
        }
    }

    fn verdict(&mut self, c: &Changes) {
        let verdict = match c.judged.verdict.unwrap_or(Verdict::Silent) {
            Verdict::Silent => "silent",
            Verdict::Permitted => "permitted",
            Verdict::Breach => "breach",
            Verdict::Unlicensed => "unlicensed",
            Verdict::WithoutEffect => "without effect",
            Verdict::Undetermined => "undetermined",
            Verdict::Conflict => "conflict",
        };
        let mut by: Vec<&str> =
            c.judged.deciding.iter().map(|n| self.v.program.symbols.clause_name(n.clause)).collect();
        by.dedup();
        let by = if by.is_empty() { String::new() } else { format!(", decided by {}", by.join(", ")) };
        let reason = c.judged.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
        self.say(0, format!("verdict: {verdict}{by}{reason}"), None);
    }

    fn duties(&mut self, c: &Changes) {
        for m in &c.duties {
            let (norm, text) = match m {
                DutyMove::Performs { norm, id, left, .. } => {
                    let rest = left.filter(|l| !l.is_zero());
                    let how = rest.map_or_else(
                        || "is performed in time".to_owned(),
                        |l| format!("is performed in part, {l} left"),
                    );
                    (*norm, format!("obligation {id} {how}"))
                }
                DutyMove::Late { norm, id, .. } => (*norm, format!("obligation {id} is performed late")),
                DutyMove::Opens { norm, obligation, .. } => {
                    let by = obligation.deadline.map_or_else(
                        || "without a deadline".to_owned(),
                        |d| format!("due by the end of {d}"),
                    );
                    (*norm, format!("an obligation opens, {by}"))
                }
            };
            let n = &self.v.version.norms[norm];
            let text = format!("{}: {text}", self.name(n));
            self.say(0, text, Some(n.norm.span));
        }
    }
}
