//! Amendments: their header lines, operations and changes.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use super::modifier::modifier_kind;
use super::trap;
use crate::ast::{Amendment, Change, Clause, ClauseParts, Extension, ModifierKind, Operation, Position};
use crate::span::{Sp, Span};

impl Build<'_> {
    /// `amendment id "title" to agreement { ... }`
    pub(super) fn amendment(&self, pair: P<'_>) -> Option<Amendment> {
        let mut kids = Kids::of(pair);
        let id = self.name(kids.take(Rule::ident)?);
        let title = self.string(kids.take(Rule::string)?);
        let to = self.name(kids.take(Rule::ident)?);
        let (mut effective, mut signed, mut source, mut operations) = (None, None, None, Vec::new());
        while let Some(line) = kids.any() {
            let span = self.span(&line);
            match line.as_rule() {
                Rule::h_effective => {
                    let date = self.date_expr(line.parts().next()?)?;
                    self.once(&mut effective, (date, span), "the effective date");
                }
                Rule::h_signed => {
                    let date = self.date_expr(line.parts().next()?)?;
                    self.once(&mut signed, (date, span), "the day of signature");
                }
                Rule::source_note => {
                    let note = self.source_note(line)?;
                    self.once(&mut source, (note, span), "the source");
                }
                Rule::operation => operations.push(Sp::new(self.operation(line.parts().next()?)?, span)),
                _ => return None,
            }
        }
        let (effective, signed, source) = (effective.map(|e| e.0), signed.map(|s| s.0), source.map(|s| s.0));
        Some(Amendment { id, title, to, effective, signed, source, operations })
    }

    /// Fills a place that may be filled once.
    pub(super) fn once<T>(&self, place: &mut Option<(T, Span)>, value: (T, Span), what: &str) {
        match place {
            Some((_, first)) => self.report(trap::said_twice(what, *first, value.1)),
            None => *place = Some(value),
        }
    }

    fn operation(&self, pair: P<'_>) -> Option<Operation> {
        let rule = pair.as_rule();
        if rule == Rule::op_insert {
            return self.insert(pair);
        }
        let mut kids = Kids::of(pair);
        match rule {
            Rule::op_affirm => return Some(Operation::Affirm(self.names(kids.take(Rule::idents)?))),
            Rule::op_suspend => return self.suspend(kids),
            Rule::op_restate_all => {
                let clauses = kids.take_all(Rule::clause).into_iter().map(|p| {
                    let span = self.span(&p);
                    Some(Sp::new(self.clause(p)?, span))
                });
                return Some(Operation::RestateAll(clauses.every()?));
            }
            _ => {}
        }
        let target = self.name(kids.take(Rule::ident)?);
        Some(match rule {
            Rule::op_replace => {
                Operation::Replace { target, with: self.clause_parts(kids.take(Rule::clause_parts)?)? }
            }
            Rule::op_restate => {
                Operation::Restate { target, with: self.clause_parts(kids.take(Rule::clause_parts)?)? }
            }
            Rule::op_strike => Operation::Strike { target, saving: !kids.has(Rule::without_saving) },
            Rule::op_vary => {
                let changes = kids.take_all(Rule::change).into_iter().map(|p| {
                    let span = self.span(&p);
                    Some(Sp::new(self.change(p.parts().next()?)?, span))
                });
                Operation::Vary { target, changes: changes.every()? }
            }
            Rule::op_extend => {
                let to = match kids.take(Rule::m_through) {
                    Some(through) => Extension::Through(self.date_expr(through.parts().next()?)?),
                    None => Extension::By(self.duration(kids.take(Rule::duration)?)?),
                };
                Operation::Extend { target, to }
            }
            Rule::op_renumber => {
                Operation::Renumber { target, number: self.number(kids.take(Rule::number)?)? }
            }
            Rule::op_set => Operation::Set { name: target, value: self.expr(kids.take(Rule::expr)?)? },
            Rule::op_recites => Operation::Recites { target, text: self.string(kids.take(Rule::string)?) },
            _ => return None,
        })
    }

    fn insert(&self, pair: P<'_>) -> Option<Operation> {
        let mut kids = Kids::of(pair);
        let id = self.name(kids.take(Rule::ident)?);
        let number = match kids.take(Rule::number) {
            Some(number) => Some(self.number(number)?),
            None => None,
        };
        let position = match kids.take(Rule::position) {
            Some(position) => {
                let mut kids = Kids::of(position);
                let after = words(&kids.take(Rule::position_word)?) == "after";
                let other = self.name(kids.take(Rule::ident)?);
                Some(if after { Position::After(other) } else { Position::Before(other) })
            }
            None => None,
        };
        let title = kids.take(Rule::string).map(|p| self.string(p));
        let key = match kids.take(Rule::for_each) {
            Some(key) => Some(self.key(key)?),
            None => None,
        };
        let body = self.clause_body(kids.take(Rule::clause_body)?)?;
        let clause = Clause { id, parts: ClauseParts { number, title, key, body } };
        Some(Operation::Insert { clause, position })
    }

    fn suspend(&self, mut kids: Kids<'_>) -> Option<Operation> {
        let targets = self.names(kids.take(Rule::idents)?);
        let mut date = |rule| match kids.take(rule) {
            Some(p) => Some(Some(self.date_expr(p.parts().next()?)?)),
            None => Some(None),
        };
        let (from, through) = (date(Rule::m_from)?, date(Rule::m_through)?);
        let clocks_stop = match kids.take(Rule::m_clocks) {
            Some(clocks) => words(&clocks.parts().next()?) == "stop",
            None => false,
        };
        Some(Operation::Suspend { targets, from, through, clocks_stop })
    }

    fn change(&self, pair: P<'_>) -> Option<Change> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::c_exclusivity => Change::Exclusivity(self.exclusivity(kids.take(Rule::exclusivity)?)?),
            Rule::c_term => {
                let mut date = |rule| match kids.take(rule) {
                    Some(p) => Some(Some(self.date_expr(p.parts().next()?)?)),
                    None => Some(None),
                };
                Change::Term { from: date(Rule::m_from)?, through: date(Rule::m_through)? }
            }
            Rule::c_remove => match kids.take(Rule::modifier_kind) {
                Some(kind) => Change::Remove { kind: modifier_kind(&kind)?, label: None },
                None => {
                    let label = Some(self.name(kids.take(Rule::ident)?));
                    Change::Remove { kind: ModifierKind::Unless, label }
                }
            },
            Rule::c_amount => Change::Amount(self.amount(kids.take(Rule::amount)?)?),
            Rule::c_text => Change::Text(self.string(kids.take(Rule::string)?)),
            Rule::c_title => Change::Title(self.string(kids.take(Rule::string)?)),
            Rule::c_party => {
                let new = self.name(kids.take(Rule::ident)?);
                Change::Party { new, old: self.name(kids.take(Rule::ident)?) }
            }
            Rule::c_add => Change::Add(self.modifier(kids.take(Rule::modifier)?)?),
            Rule::c_put => Change::Put(self.modifier(kids.take(Rule::modifier)?)?),
            _ => return None,
        })
    }
}
