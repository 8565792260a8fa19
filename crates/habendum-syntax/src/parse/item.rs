//! Items other than agreement, amendment, scenario and prove.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use crate::ast::{
    Aspect, Assumption, Calendar, Define, Event, Field, Item, KeyTerm, Parameter, Register, RegisterChange,
    Schedule, Table, Term, Total, TypeName, Vocabulary,
};
use crate::span::{Sp, Span};

impl Build<'_> {
    /// Any item: rule `any_item`.
    pub(super) fn item(&self, pair: P<'_>) -> Option<Sp<Item>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let node = match inner.as_rule() {
            Rule::agreement => Item::Agreement(self.agreement(inner)?),
            Rule::amendment => Item::Amendment(self.amendment(inner)?),
            Rule::schedule => Item::Schedule(self.schedule(inner)?),
            Rule::vocabulary => {
                let mut kids = Kids::of(inner);
                let name = self.name(kids.take(Rule::ident)?);
                Item::Vocabulary(Vocabulary { name, terms: self.terms(&mut kids)? })
            }
            Rule::unit => Item::Unit(self.name(inner.parts().next()?)),
            Rule::event => {
                let mut kids = Kids::of(inner);
                let name = self.name(kids.take(Rule::ident)?);
                Item::Event(Event { name, fields: self.fields(&mut kids)? })
            }
            Rule::parameter => Item::Parameter(self.parameter(inner)?),
            Rule::table => Item::Table(self.table(inner)?),
            Rule::define => {
                let mut kids = Kids::of(inner);
                let name = self.name(kids.take(Rule::ident)?);
                Item::Define(Define { name, value: self.expr(kids.take(Rule::expr)?)? })
            }
            Rule::total => {
                let mut kids = Kids::of(inner);
                let name = self.name(kids.take(Rule::ident)?);
                let value = self.expr(kids.take(Rule::expr)?)?;
                Item::Total(Total { name, value, on: self.event_ref(kids.take(Rule::event_ref)?)? })
            }
            Rule::register => Item::Register(self.register(inner)?),
            Rule::assumption => {
                let mut kids = Kids::of(inner);
                let name = self.name(kids.take(Rule::ident)?);
                Item::Assumption(Assumption { name, text: self.string(kids.take(Rule::string)?) })
            }
            Rule::calendar => Item::Calendar(self.calendar(inner)?),
            Rule::clause => Item::Clause(self.clause(inner)?),
            Rule::key_term => Item::KeyTerm(self.key_term(inner)?),
            Rule::scenario => Item::Scenario(self.scenario(inner)?),
            Rule::prove => Item::Prove(self.prove(inner)?),
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    fn schedule(&self, pair: P<'_>) -> Option<Schedule> {
        let mut kids = Kids::of(pair);
        let id = self.name(kids.take(Rule::ident)?);
        let title = kids.take(Rule::string).map(|p| self.string(p));
        let source = self.optional_source(&mut kids)?;
        let values = kids.take_all(Rule::assignment).into_iter().map(|p| {
            let mut kids = Kids::of(p);
            let name = self.name(kids.take(Rule::ident)?);
            Some((name, self.expr(kids.take(Rule::expr)?)?))
        });
        Some(Schedule { id, title, source, values: values.every()? })
    }

    fn optional_source(&self, kids: &mut Kids<'_>) -> Option<Option<Sp<crate::ast::SourceNote>>> {
        match kids.take(Rule::source_note) {
            Some(note) => Some(Some(self.source_note(note)?)),
            None => Some(None),
        }
    }

    /// Terms of a vocabulary; depth is bounded by `nest`.
    fn terms(&self, kids: &mut Kids<'_>) -> Option<Vec<Term>> {
        kids.take_all(Rule::term)
            .into_iter()
            .map(|p| {
                let mut kids = Kids::of(p);
                let name = self.name(kids.take(Rule::ident)?);
                Some(Term { name, children: self.terms(&mut kids)? })
            })
            .every()
    }

    fn fields(&self, kids: &mut Kids<'_>) -> Option<Vec<Field>> {
        kids.take_all(Rule::field).into_iter().map(|p| self.field(p)).every()
    }

    fn field(&self, pair: P<'_>) -> Option<Field> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.take(Rule::ident)?);
        let ty = self.type_name(kids.take(Rule::type_name)?)?;
        Some(Field { name, ty, optional: kids.has(Rule::optional) })
    }

    fn type_name(&self, pair: P<'_>) -> Option<Sp<TypeName>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let rule = inner.as_rule();
        let mut kids = Kids::of(inner);
        let node = match rule {
            Rule::t_bool => TypeName::Bool,
            Rule::t_int => TypeName::Int,
            Rule::t_decimal => TypeName::Decimal(kids.take(Rule::ident).map(|p| self.name(p))),
            Rule::t_percent => TypeName::Percent,
            Rule::t_money => TypeName::Money {
                currency: kids.take(Rule::currency).map(|p| self.name(p)),
                per: kids.take(Rule::ident).map(|p| self.name(p)),
            },
            Rule::t_date => TypeName::Date,
            Rule::t_instant => TypeName::Instant,
            Rule::t_duration => TypeName::Duration,
            Rule::t_text => TypeName::Text,
            Rule::t_party => TypeName::Party,
            Rule::t_clause => TypeName::Clause,
            Rule::t_named => TypeName::Named(self.name(kids.take(Rule::ident)?)),
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    fn parameter(&self, pair: P<'_>) -> Option<Parameter> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.take(Rule::ident)?);
        let ty = self.type_name(kids.take(Rule::type_name)?)?;
        let value = match kids.take(Rule::expr) {
            Some(value) => Some(self.expr(value)?),
            None => None,
        };
        let note = kids.take(Rule::string).map(|p| self.string(p));
        let source = self.optional_source(&mut kids)?;
        Some(Parameter { name, ty, value, note, source })
    }

    fn table(&self, pair: P<'_>) -> Option<Table> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.take(Rule::ident)?);
        let mut fields = self.fields(&mut kids)?;
        if fields.is_empty() {
            return None;
        }
        let key = fields.remove(0);
        let rows = kids.take_all(Rule::row).into_iter().map(|p| {
            let mut values = p.parts().map(|p| self.expr(p)).every()?;
            if values.is_empty() {
                return None;
            }
            Some((values.remove(0), values))
        });
        Some(Table { name, key, columns: fields, rows: rows.every()? })
    }

    fn register(&self, pair: P<'_>) -> Option<Register> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.take(Rule::ident)?);
        let of = self.type_name(kids.take(Rule::type_name)?)?;
        let (mut initially, mut adds, mut removes) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(line) = kids.any() {
            let rule = line.as_rule();
            let mut kids = Kids::of(line);
            if rule == Rule::r_initially {
                initially.extend(self.names(kids.take(Rule::idents)?));
                continue;
            }
            let field = self.name(kids.take(Rule::ident)?);
            let change = RegisterChange { field, on: self.event_ref(kids.take(Rule::event_ref)?)? };
            if rule == Rule::r_add { adds.push(change) } else { removes.push(change) }
        }
        Some(Register { name, of, initially, adds, removes })
    }

    fn calendar(&self, pair: P<'_>) -> Option<Calendar> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.take(Rule::ident)?);
        let (mut weekend, mut holidays) = (Vec::new(), Vec::new());
        let mut covers: Option<((Sp<_>, Sp<_>), Span)> = None;
        while let Some(line) = kids.any() {
            let span = self.span(&line);
            let rule = line.as_rule();
            let mut kids = Kids::of(line);
            if rule == Rule::k_weekend {
                weekend.extend(self.names(kids.take(Rule::idents)?));
                continue;
            }
            let dates = kids.take_all(Rule::date_lit).iter().map(|p| self.date(p)).every()?;
            if rule == Rule::k_holidays {
                holidays.extend(dates);
            } else {
                let [first, last] = <[_; 2]>::try_from(dates).ok()?;
                self.once(&mut covers, ((first, last), span), "what the calendar covers");
            }
        }
        Some(Calendar { name, weekend, holidays, covers: covers.map(|c| c.0) })
    }

    fn key_term(&self, pair: P<'_>) -> Option<KeyTerm> {
        let mut kids = Kids::of(pair);
        let feature = self.string(kids.take(Rule::string)?);
        let aspect = kids.take(Rule::aspect)?;
        let node = match words(&aspect).as_str() {
            "exclusivity" => Aspect::Exclusivity,
            "term" => Aspect::Term,
            "payment" => Aspect::Payment,
            "status" => Aspect::Status,
            _ => Aspect::Rule,
        };
        let aspect = self.at(&aspect, node);
        Some(KeyTerm { feature, aspect, clauses: self.names(kids.take(Rule::idents)?) })
    }
}
