//! Powers.

use super::table::Mods;
use super::{Lowering, Place};
use crate::ir::{Body, Norm, NormId, Power};
use habendum_model::expr::Type;
use habendum_model::value::FieldId;
use habendum_syntax::ast::{self, Modifier, PowerAct, Targets};
use habendum_syntax::{Diagnostic, Sp, Span};

impl Lowering<'_> {
    /// `P may terminate|suspend|resume|extend|assign TARGETS`
    pub(super) fn power(
        &mut self,
        mods: &Mods<'_>,
        id: NormId,
        who: &Sp<ast::Who>,
        act: PowerAct,
        targets: &Targets,
        into: &mut Vec<Norm>,
    ) {
        let bearer = self.who(who);
        let targets = match targets {
            Targets::Agreement => None,
            Targets::Clauses(names) => Some(names.iter().filter_map(|n| self.clause_id(n)).collect()),
        };
        let exercised = mods.one(|m| match m {
            Modifier::ExercisedBy(e) => Some(e),
            _ => None,
        });
        let Some((exercised, _)) = exercised else {
            let d = Diagnostic::error(
                "T062",
                "a power needs the event that exercises it",
                mods.span,
                "no event here",
            )
            .help("say `exercised by E`, with the event kind that shows it in the stream");
            self.say(d);
            return;
        };
        let (Some(who), Some(exercised_by)) = (bearer, self.event_ref(exercised, None)) else { return };
        let at = Place { event: Some(exercised_by.event), trigger: None };
        self.check_key(exercised_by.event, mods.span);
        // `for L` is what an extension gives; on any other power it bounds the power's own term.
        let term = self.term(mods, &at, act == PowerAct::Extend);
        let exceptions = self.exceptions(mods, &at);
        let mut power = Power {
            who,
            act,
            targets,
            ground: self.only_if(mods, &at),
            notice: None,
            surviving: Vec::new(),
            lasting: None,
            assignee: self.assignee(act, exercised_by.event, mods.span),
            exercised_by,
            clocks_stop: false,
            months: mods.months(),
        };
        self.power_parts(mods, &at, &mut power);
        into.push(self.norm(mods, id, term, exceptions, Body::Power(power)));
    }

    fn power_parts(&mut self, mods: &Mods<'_>, at: &Place, power: &mut Power) {
        let act = power.act;
        for m in mods.all {
            match &m.node {
                Modifier::When(c) => {
                    if let Some(c) = self.cond(c, at) {
                        power.ground = super::term::and(power.ground.take(), c);
                    }
                }
                Modifier::Notice(l) => {
                    power.notice = self.length(l);
                    if let Some(l) = power.notice {
                        self.check_months(l, mods.months(), m.span);
                    }
                }
                Modifier::Surviving { ids, lasting } if act == PowerAct::Terminate => {
                    let lasting = lasting.as_ref().and_then(|l| self.length(l));
                    if let Some(l) = lasting {
                        self.check_months(l, mods.months(), m.span);
                    }
                    let ids = ids.iter().filter_map(|n| self.clause_id(n));
                    power.surviving.extend(ids.map(|c| (c, lasting)).collect::<Vec<_>>());
                }
                Modifier::Surviving { .. } => self.misplaced("surviving", "terminate", m.span),
                Modifier::Clocks(stop) if act == PowerAct::Suspend => power.clocks_stop = *stop,
                Modifier::Clocks(_) => self.misplaced("clocks", "suspend", m.span),
                Modifier::Lasting(l) if act == PowerAct::Extend => {
                    power.lasting = self.length(l);
                    if let Some(l) = power.lasting {
                        self.check_months(l, mods.months(), m.span);
                    }
                }
                _ => {}
            }
        }
        if act == PowerAct::Extend && power.lasting.is_none() {
            let d = Diagnostic::error(
                "T062",
                "a power to extend needs a length",
                mods.span,
                "by how long is not said",
            )
            .help("say `for 2 years`");
            self.say(d);
        }
    }

    fn misplaced(&mut self, what: &str, act: &str, span: Span) {
        let message = format!("`{what}` goes with a power to {act}");
        self.say(Diagnostic::error("T060", message, span, "stands here"));
    }

    /// The field `to` of the exercising event, which an assignment needs.
    fn assignee(
        &mut self,
        act: PowerAct,
        event: habendum_model::value::EventId,
        span: Span,
    ) -> Option<FieldId> {
        if act != PowerAct::Assign {
            return None;
        }
        let info = self.deal.symbols.event_info(event);
        match info.fields.get_full("to") {
            Some((i, _, f)) if f.ty == Type::Party => Some(FieldId::at(i)),
            _ => {
                let kind = self.deal.symbols.event_name(event);
                let message = format!("event `{kind}` has no field `to: party`, so no assignee is named");
                self.say(Diagnostic::error("T064", message, span, "assigned here"));
                None
            }
        }
    }
}
