//! Header lines of an agreement or amendment.

use super::Rule;
use super::build::{Build, Every as _, Kids, P, Parts as _, words};
use crate::ast::{Agreement, Header, MonthRounding};
use crate::span::Sp;

impl Build<'_> {
    /// `agreement id "title" { header }`
    pub(super) fn agreement(&self, pair: P<'_>) -> Option<Agreement> {
        let mut kids = Kids::of(pair);
        let id = self.name(kids.take(Rule::ident)?);
        let title = self.string(kids.take(Rule::string)?);
        let header = kids
            .take_all(Rule::header)
            .into_iter()
            .map(|p| {
                let span = self.span(&p);
                Some(Sp::new(self.header(p.parts().next()?)?, span))
            })
            .every()?;
        Some(Agreement { id, title, header })
    }

    fn header(&self, pair: P<'_>) -> Option<Header> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        Some(match rule {
            Rule::h_parties => Header::Parties(self.names(kids.take(Rule::idents)?)),
            Rule::h_others_any => Header::OthersAny,
            Rule::h_others => Header::Others(self.names(kids.take(Rule::idents)?)),
            Rule::h_effective => Header::Effective(self.date_expr(kids.take(Rule::date_expr)?)?),
            Rule::h_signed => Header::Signed(self.date_expr(kids.take(Rule::date_expr)?)?),
            Rule::h_currency => Header::Currency(self.names(kids.take(Rule::idents)?)),
            Rule::h_zone => Header::Zone(self.string(kids.take(Rule::string)?)),
            Rule::h_default => Header::Default {
                event: self.name(kids.take(Rule::ident)?),
                permitted: words(&kids.take(Rule::permitted)?) == "permitted",
            },
            Rule::h_months => Header::Months(month_rounding(kids.take(Rule::month_rounding)?)?),
            Rule::h_fiscal => {
                let (month, day) = self.month_day(&kids.take(Rule::month_day)?)?;
                Header::FiscalYear { month, day }
            }
            Rule::h_tracked => Header::PaymentsTracked,
            Rule::h_business => Header::BusinessDays(self.name(kids.take(Rule::ident)?)),
            Rule::h_source => Header::Source(self.source_note(kids.take(Rule::source_note)?)?.node),
            _ => return None,
        })
    }
}

/// `rounding up|down`
pub(super) fn month_rounding(pair: P<'_>) -> Option<MonthRounding> {
    Some(match words(&pair.parts().next()?).as_str() {
        "up" => MonthRounding::Up,
        _ => MonthRounding::Down,
    })
}
