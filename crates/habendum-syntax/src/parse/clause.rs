//! Clauses and their lines.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _};
use crate::ast::{Clause, ClauseParts, Key, Line, Reading, Waiver};
use crate::span::Sp;

impl Build<'_> {
    /// `clause id ...`
    pub(super) fn clause(&self, pair: P<'_>) -> Option<Clause> {
        let mut kids = Kids::of(pair);
        let id = self.name(kids.take(Rule::ident)?);
        Some(Clause { id, parts: self.clause_parts(kids.take(Rule::clause_parts)?)? })
    }

    /// A clause without its id.
    pub(super) fn clause_parts(&self, pair: P<'_>) -> Option<ClauseParts> {
        let mut kids = Kids::of(pair);
        let number = match kids.take(Rule::number) {
            Some(number) => Some(self.number(number)?),
            None => None,
        };
        let title = kids.take(Rule::string).map(|p| self.string(p));
        let key = match kids.take(Rule::for_each) {
            Some(key) => Some(self.key(key)?),
            None => None,
        };
        let body = self.clause_body(kids.take(Rule::clause_body)?)?;
        Some(ClauseParts { number, title, key, body })
    }

    /// `§ 2.1`: the number alone.
    pub(super) fn number(&self, pair: P<'_>) -> Option<Sp<String>> {
        let span = self.span(&pair);
        Some(Sp::new(pair.parts().next()?.as_str().to_owned(), span))
    }

    /// `for each a, b in table`
    pub(super) fn key(&self, pair: P<'_>) -> Option<Sp<Key>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let fields = self.names(kids.take(Rule::idents)?);
        Some(Sp::new(Key { fields, table: kids.take(Rule::ident).map(|p| self.name(p)) }, span))
    }

    /// The lines between a clause's braces.
    pub(super) fn clause_body(&self, pair: P<'_>) -> Option<Vec<Sp<Line>>> {
        pair.parts()
            .map(|line| {
                let span = self.span(&line);
                Some(Sp::new(self.line(line.parts().next()?)?, span))
            })
            .every()
    }

    fn line(&self, pair: P<'_>) -> Option<Line> {
        let rule = pair.as_rule();
        match rule {
            Rule::source_note => return Some(Line::Source(self.source_note(pair)?.node)),
            Rule::statement => return Some(Line::Statement(self.statement(pair)?.node)),
            _ => {}
        }
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::l_text => Line::Text(self.string(kids.take(Rule::string)?)),
            Rule::l_rests => Line::RestsOn(self.names(kids.take(Rule::idents)?)),
            Rule::l_waive => {
                let code = self.name(kids.take(Rule::ident)?);
                let reason = self.string(kids.take(Rule::string)?);
                Line::Waive(Waiver { code, reason, expires: self.date(&kids.take(Rule::date_lit)?)? })
            }
            Rule::l_reading => {
                let name = self.name(kids.take(Rule::ident)?);
                let note = kids.take(Rule::string).map(|p| self.string(p));
                let statements = kids.take_all(Rule::statement).into_iter().map(|p| self.statement(p));
                Line::Reading(Reading { name, note, statements: statements.every()? })
            }
            _ => return None,
        })
    }
}
