//! The agreement's header.

use crate::deal::{AgreementInfo, PartyInfo, Symbols};
use crate::value::{CalendarId, Currency};
use habendum_syntax::ast::{Agreement, Header};
use habendum_syntax::{Diagnostic, Span};
use indexmap::IndexMap;
use std::collections::BTreeMap;

use super::declare::duplicate;
use super::unknown;

/// An empty table of names with the header's facts in it.
pub(super) fn symbols((a, span): (&Agreement, Span), diags: &mut Vec<Diagnostic>) -> Symbols {
    let mut parties = IndexMap::new();
    let info = info(a, span, &mut parties, diags);
    Symbols {
        agreement: info,
        parties,
        vocabularies: IndexMap::new(),
        terms: Vec::new(),
        units: IndexMap::new(),
        events: IndexMap::new(),
        params: IndexMap::new(),
        tables: IndexMap::new(),
        defines: IndexMap::new(),
        totals: IndexMap::new(),
        registers: IndexMap::new(),
        assumptions: IndexMap::new(),
        calendars: IndexMap::new(),
        clauses: IndexMap::new(),
        paid_in: BTreeMap::new(),
    }
}

fn info(
    a: &Agreement,
    span: Span,
    parties: &mut IndexMap<String, PartyInfo>,
    diags: &mut Vec<Diagnostic>,
) -> AgreementInfo {
    let mut effective = None;
    let mut out = AgreementInfo {
        id: a.id.node.clone(),
        title: a.title.node.clone(),
        span: a.id.span,
        effective: habendum_syntax::Sp::new(
            habendum_syntax::ast::DateExpr { base: habendum_syntax::ast::DateBase::Year(1), offset: None },
            a.id.span,
        ),
        signed: None,
        currencies: Vec::new(),
        zone: "UTC".to_owned(),
        defaults: BTreeMap::new(),
        months: None,
        fiscal_year: (1, 1),
        payments_tracked: false,
        business: None,
        others_any: false,
        source: None,
    };
    let mut others = Vec::new();
    for line in &a.header {
        match &line.node {
            Header::Parties(names) => {
                for n in names {
                    if let Some(p) = parties.insert(n.node.clone(), PartyInfo { party: true, span: n.span }) {
                        diags.push(duplicate("party", n, p.span));
                    }
                }
            }
            Header::Others(names) => others.extend(names.iter().cloned()),
            Header::OthersAny => out.others_any = true,
            Header::Effective(d) => {
                if effective.replace(d.clone()).is_some() {
                    diags.push(Diagnostic::error(
                        "N004",
                        "the agreement begins twice",
                        line.span,
                        "second `effective from`",
                    ));
                }
            }
            Header::Signed(d) => out.signed = Some(d.clone()),
            Header::Currency(names) => {
                for n in names {
                    match Currency::of(&n.node) {
                        Some(c) => out.currencies.push(c),
                        None => diags.push(
                            Diagnostic::error(
                                "N005",
                                format!("`{}` is no ISO 4217 currency", n.node),
                                n.span,
                                "unknown currency",
                            )
                            .help("write the three-letter code: USD, EUR, GBP, JPY"),
                        ),
                    }
                }
            }
            Header::Zone(z) => {
                if jiff::tz::TimeZone::get(&z.node).is_err() {
                    diags.push(
                        Diagnostic::error(
                            "N006",
                            format!("`{}` is no time zone", z.node),
                            z.span,
                            "unknown zone",
                        )
                        .help("write an IANA name: \"America/Los_Angeles\", \"Europe/Berlin\", \"UTC\""),
                    );
                }
                out.zone.clone_from(&z.node);
            }
            Header::Default { .. } | Header::BusinessDays(_) => {}
            Header::Months(m) => out.months = Some(*m),
            Header::FiscalYear { month, day } => {
                if jiff::civil::Date::new(
                    2024,
                    i8::try_from(*month).unwrap_or(0),
                    i8::try_from(*day).unwrap_or(0),
                )
                .is_err()
                {
                    diags.push(Diagnostic::error("N007", "no such day of the year", line.span, "month-day"));
                } else {
                    out.fiscal_year = (*month, *day);
                }
            }
            Header::PaymentsTracked => out.payments_tracked = true,
            Header::Source(s) => out.source = Some(s.clone()),
        }
    }
    for n in others {
        if let Some(p) = parties.get(&n.node) {
            diags.push(duplicate("person", &n, p.span));
        } else {
            parties.insert(n.node.clone(), PartyInfo { party: false, span: n.span });
        }
    }
    if parties.values().filter(|p| p.party).count() == 0 {
        diags.push(Diagnostic::error("N008", "the agreement names no parties", span, "add `parties A, B`"));
    }
    match effective {
        Some(d) => out.effective = d,
        None => diags.push(
            Diagnostic::error(
                "N009",
                "the agreement does not say when it begins",
                a.id.span,
                "add `effective from DATE`",
            )
            .note("every version of the text is dated from here"),
        ),
    }
    if out.currencies.is_empty() {
        out.currencies.extend(Currency::of("USD"));
    }
    out
}

/// Defaults, once the event kinds are known.
pub(super) fn defaults(symbols: &mut Symbols, (a, _): (&Agreement, Span), diags: &mut Vec<Diagnostic>) {
    for line in &a.header {
        if let Header::Default { event, permitted } = &line.node {
            match symbols.event(&event.node) {
                Some(id) => {
                    if let Some((_, first)) = symbols.agreement.defaults.insert(id, (*permitted, line.span)) {
                        diags.push(duplicate("default for", event, first));
                    }
                }
                None => diags.push(unknown(
                    "event kind",
                    event,
                    symbols.events.keys().map(String::as_str),
                    symbols,
                )),
            }
        }
    }
}

/// The calendar of business days, once the calendars are known.
pub(super) fn business(symbols: &mut Symbols, (a, _): (&Agreement, Span), diags: &mut Vec<Diagnostic>) {
    for line in &a.header {
        if let Header::BusinessDays(name) = &line.node {
            match symbols.calendars.get_index_of(&name.node) {
                Some(i) => symbols.agreement.business = Some(CalendarId::at(i)),
                None => diags.push(unknown(
                    "calendar",
                    name,
                    symbols.calendars.keys().map(String::as_str),
                    symbols,
                )),
            }
        }
    }
}
