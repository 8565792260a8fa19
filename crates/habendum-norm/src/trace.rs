//! Explanations: why an event got its verdict and its amounts, clause by clause.
//!
//! Data flow: [`View`] before the row + what the row was decided to change -> [`TraceStep`]s. Invariant: reads the same state
//! by the same functions as the judgement, so that what is told is what was asked; a step with the place of an exception or a
//! band says that it applied.

use crate::eval::{Scene, eval, person, show, truth};
use crate::event::Event;
use crate::interpret::changes::Changes;
use crate::interpret::duty::DutyMove;
use crate::interpret::measures::Key;
use crate::interpret::payment::PayChange;
use crate::interpret::plan::PlanNorm;
use crate::interpret::rules::{Speaking, satisfied};
use crate::interpret::view::View;
use crate::ir::{Amount, Body, Exception, Who};
use crate::lower::each_expr;
use crate::outcome::{EvalError, TraceStep};
use crate::print::{Words, body_word};
use habendum_model::expr::{Expr, ExprKind, Type};
use habendum_model::value::{EventId, Exact, Value};
use habendum_syntax::Span;
use habendum_syntax::ast::Verdict;

/// Explains a row. What cannot be evaluated, and the judgement had no need of, is told as such.
pub(crate) fn explain(v: &View<'_>, e: &Event, c: &Changes) -> Vec<TraceStep> {
    let mut t = Trace { v, e, steps: Vec::new() };
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
        t.payment(p);
    }
    t.steps
}

struct Trace<'a, 'v> {
    v: &'a View<'v>,
    e: &'a Event,
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
        let info = s.event_info(self.e.kind);
        let fields: Vec<String> =
            info.fields.keys().zip(&self.e.fields).map(|(n, x)| format!("{n} {}", show(s, x))).collect();
        let text = format!("{} {}: {}", self.e.date, s.event_name(self.e.kind), fields.join(", "));
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
        let Some(key) = self.v.key_of(n, self.e) else {
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
        } else if !self.v.in_force_at(n, key, self.e)? {
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
        let scene = Scene { trigger: &self.e.fields, ..self.v.at(n, key, self.e) };
        let event = Some(self.e.kind);
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
                if let crate::ir::Basis::Each(t) | crate::ir::Basis::First(t) = &p.basis {
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
        let Some(actor) = self.v.actor(self.e) else { return true };
        let among = self.v.among(who, n.norm.id.clause, actor);
        let is = if among { "is" } else { "is not" };
        let name = person(&self.v.program.symbols, actor);
        self.say(1, format!("{name} {is} among those it speaks of"), None);
        among
    }

    fn before(&mut self, test: usize) -> bool {
        let found = satisfied(self.v, test, self.e);
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
            let text =
                format!("{label}{}: {holds}{}", self.words(event).expr(p), self.values(p, event, scene));
            self.say(1, text, None);
        }
        Ok(all)
    }

    fn words(&self, event: Option<EventId>) -> Words<'_> {
        Words { program: self.v.program, event, trigger: event }
    }

    /// The values that an expression turns on: fields, parameters, running sums.
    fn values(&self, e: &Expr, event: Option<EventId>, scene: &Scene<'_>) -> String {
        let mut found: Vec<String> = Vec::new();
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
            if let (true, Ok(value)) = (names, eval(x, scene)) {
                let shown = show(&self.v.program.symbols, &value);
                let text = format!("{} = {shown}", self.words(event).expr(x));
                if !found.contains(&text) {
                    found.push(text);
                }
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
            let text = format!("unless {label}{}: {holds}{values}", self.words(event).expr(&x.condition));
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

    /// The steps of an amount.
    fn payment(&mut self, p: &PayChange) {
        let n = &self.v.version.norms[p.norm];
        let Body::Payment(pay) = &n.norm.body else { return };
        let currency = pay.currency;
        let money = |n: Exact| show(&self.v.program.symbols, &Value::Money(n, currency));
        let amount = money(Exact::int(i128::from(p.amount) + i128::from(p.top_up)));
        let head = format!("{} accrues {amount}, due on {}", self.name(n), p.due);
        let lines: Vec<String> = p
            .steps
            .iter()
            .map(|s| {
                let bare = matches!(&pay.amount, Amount::Tiers { base, .. } if !matches!(base.ty, Type::Money(..)))
                    && matches!(s.label, "base" | "prorated by days");
                let shown = if bare { s.amount.to_string() } else { money(s.amount) };
                let which = if s.which > 0 { format!(" {}", s.which + 1) } else { String::new() };
                format!("{}{which}: {shown}", s.label)
            })
            .collect();
        let why = p.reason.clone();
        self.say(0, head, Some(n.norm.span));
        let by_event = matches!(pay.basis, crate::ir::Basis::Each(_) | crate::ir::Basis::First(_));
        if let (Amount::Expr(e), true) = (&pay.amount, by_event) {
            let scene = self.v.at(n, &p.key, self.e);
            let text = format!(
                "{}{}",
                self.words(Some(self.e.kind)).expr(e),
                self.values(e, Some(self.e.kind), &scene)
            );
            self.say(1, text, Some(e.span));
        }
        for line in lines {
            self.say(1, line, None);
        }
        if by_event {
            // The bands have been evaluated by the assessment: they cannot fail here.
            let _ = self.bands(n, pay, p);
        }
        if let Some(why) = why {
            self.say(1, why, None);
        }
    }

    /// The bands that the event's part of the running base lies in.
    fn bands(&mut self, n: &PlanNorm, pay: &crate::ir::Payment, p: &PayChange) -> Result<(), EvalError> {
        let (Amount::Tiers { bands, .. }, Some(plan)) = (&pay.amount, &n.pay) else { return Ok(()) };
        let Some((_, count)) = plan.tiers else { return Ok(()) };
        let r = &self.v.program.reckoning;
        let sum = |s: &crate::accrual::PaymentState| {
            s.tiers.get(count).and_then(|t| t.sum(self.v.today, r).ok()).unwrap_or(Exact::ZERO)
        };
        let before = self.v.state.norms[n.slot].pay.get(&p.key).map_or(Exact::ZERO, |s| sum(&s.counts));
        let after = sum(&p.counts);
        let (low, high) = (before.min(after), before.max(after));
        let scene = self.v.at(n, &p.key, self.e);
        for b in bands {
            let from = crate::eval::figure(&b.lower.0, &scene)?;
            let to = b.upper.as_ref().map(|(u, _)| crate::eval::figure(u, &scene)).transpose()?;
            if from < high && to.is_none_or(|t| low < t) {
                let text = format!("in the band at {}", self.words(Some(self.e.kind)).expr(&b.rate));
                self.say(1, text, Some(b.span));
            }
        }
        Ok(())
    }
}
