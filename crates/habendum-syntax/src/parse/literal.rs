//! Literals that more than one construct uses: dates, durations, periods, exclusivity, event references.

use super::Rule;
use super::build::{Build, Kids, P, Parts as _, words};
use super::trap;
use crate::ast::{
    Date, DateBase, DateExpr, Duration, DurationCount, DurationUnit, EventRef, Exclusivity, Period,
    SourceNote, SourceStatus, SumOf, Who,
};
use crate::diagnostic::Diagnostic;
use crate::span::{Sp, Span};

/// Days of a month, by the Gregorian rules.
fn days_in(year: i16, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

impl Build<'_> {
    /// `2026-06-01`, which must exist.
    pub(super) fn date(&self, pair: &P<'_>) -> Option<Sp<Date>> {
        let span = self.span(pair);
        Some(Sp::new(self.civil(pair.as_str(), span)?, span))
    }

    /// Checks a date written as year, month and day; the first ten bytes count.
    pub(super) fn civil(&self, text: &str, span: Span) -> Option<Date> {
        let number = |range| text.get(range).and_then(|t: &str| t.parse::<i16>().ok());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        self.check_year(year, span)?;
        let month = self.check_month(month, span)?;
        let last = days_in(year, month);
        match u8::try_from(day) {
            Ok(day) if (1..=last).contains(&day) => Some(Date { year, month, day }),
            _ => self.fail(
                Diagnostic::error("S009", format!("there is no {text}"), span, "no such day")
                    .help(format!("the last day of that month is {year:04}-{month:02}-{last:02}")),
            ),
        }
    }

    fn check_year(&self, year: i16, span: Span) -> Option<i16> {
        if year >= 1 {
            return Some(year);
        }
        self.fail(
            Diagnostic::error("S009", "there is no year 0", span, "no such year")
                .help("years run from 0001 to 9999"),
        )
    }

    fn check_month(&self, month: i16, span: Span) -> Option<u8> {
        match u8::try_from(month) {
            Ok(month) if (1..=12).contains(&month) => Some(month),
            _ => self.fail(
                Diagnostic::error("S009", format!("there is no month {month:02}"), span, "no such month")
                    .help("a date is written year-month-day: 2026-06-01 is the first of June"),
            ),
        }
    }

    /// `07-01`: a day that some year has.
    pub(super) fn month_day(&self, pair: &P<'_>) -> Option<(u8, u8)> {
        let (span, text) = (self.span(pair), pair.as_str());
        let month = self.check_month(text.get(0..2)?.parse().ok()?, span)?;
        let day: u8 = text.get(3..5)?.parse().ok()?;
        if day == 0 || day > days_in(2001, month) {
            return self.fail(
                Diagnostic::error(
                    "S009",
                    format!("a year cannot start on {text}"),
                    span,
                    "not a day of every year",
                )
                .help("write month-day: 07-01 is the first of July"),
            );
        }
        Some((month, day))
    }

    /// A day or instant as an expression's text, checked.
    pub(super) fn instant(&self, pair: &P<'_>) -> Option<String> {
        let (span, text) = (self.span(pair), pair.as_str());
        self.civil(text.get(..10)?, span)?;
        let field = |range| text.get(range).and_then(|t: &str| t.parse::<u8>().ok());
        let seconds = if text.get(16..17) == Some(":") { field(17..19)? } else { 0 };
        if field(11..13)? > 23 || field(14..16)? > 59 || seconds > 59 {
            return self.fail(
                Diagnostic::error("S009", "there is no such time of day", span, "not a time")
                    .help("hours run from 00 to 23, minutes and seconds from 00 to 59"),
            );
        }
        let zone = text.get(16..)?.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
        if zone.len() == 6
            && (zone.get(1..3)?.parse::<u8>().ok()? > 23 || zone.get(4..6)?.parse::<u8>().ok()? > 59)
        {
            return self.fail(
                Diagnostic::error("S009", "there is no such offset", span, "not an offset from UTC")
                    .help("write Z, or an offset such as -08:00"),
            );
        }
        Some(text.to_owned())
    }

    /// A date position.
    pub(super) fn date_expr(&self, pair: P<'_>) -> Option<Sp<DateExpr>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let base = self.date_base(kids.take(Rule::date_base)?)?;
        let offset = match kids.take(Rule::date_sign) {
            Some(sign) => Some((words(&sign) == "plus", self.duration(kids.take(Rule::duration)?)?)),
            None => None,
        };
        Some(Sp::new(DateExpr { base, offset }, span))
    }

    fn date_base(&self, pair: P<'_>) -> Option<DateBase> {
        let inner = pair.parts().next()?;
        let (span, text) = (self.span(&inner), inner.as_str());
        match inner.as_rule() {
            Rule::date_lit => Some(DateBase::Day(self.date(&inner)?.node)),
            Rule::month_lit => {
                let year = self.check_year(text.get(0..4)?.parse().ok()?, span)?;
                let month = self.check_month(text.get(5..7)?.parse().ok()?, span)?;
                Some(DateBase::Month { year, month })
            }
            Rule::year_lit => Some(DateBase::Year(self.check_year(text.parse().ok()?, span)?)),
            Rule::kw_effective => Some(DateBase::Effective),
            Rule::kw_signature => Some(DateBase::Signature),
            Rule::ident => Some(DateBase::Param(self.name(inner))),
            _ => None,
        }
    }

    /// A length of time.
    pub(super) fn duration(&self, pair: P<'_>) -> Option<Sp<Duration>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let count = kids.any()?;
        let count = match count.as_rule() {
            Rule::integer => DurationCount::Literal(self.integer(&count)?),
            Rule::ident => DurationCount::Param(self.name(count)),
            _ => return None,
        };
        let unit = duration_unit(&kids.take(Rule::duration_unit)?)?;
        Some(Sp::new(Duration { count, unit }, span))
    }

    /// A whole number that fits a count.
    pub(super) fn integer(&self, pair: &P<'_>) -> Option<u32> {
        let digits: String = pair.as_str().chars().filter(|c| *c != '_').collect();
        match digits.parse() {
            Ok(number) => Some(number),
            Err(_) => self.fail(
                Diagnostic::error(
                    "S019",
                    format!("{digits} is too large a count"),
                    self.span(pair),
                    "too large",
                )
                .help(format!("counts go up to {}", u32::MAX)),
            ),
        }
    }

    /// A period; `in total` and `rolling N months` included.
    pub(super) fn period(&self, pair: P<'_>) -> Option<Sp<Period>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let node = match inner.as_rule() {
            Rule::in_total => Period::InTotal,
            Rule::rolling => Period::Rolling(self.integer(&inner.parts().next()?)?),
            Rule::period_word => period_word(&inner)?,
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    /// `per PERIOD` or `in total`, where it stands next.
    pub(super) fn per_period(&self, kids: &mut Kids<'_>) -> Option<Option<Sp<Period>>> {
        if let Some(total) = kids.take(Rule::in_total_period) {
            return Some(Some(self.at(&total, Period::InTotal)));
        }
        match kids.take(Rule::period) {
            Some(period) => Some(Some(self.period(period)?)),
            None => Some(None),
        }
    }

    /// `E [of the same a, b] [where ...]`
    pub(super) fn event_ref(&self, pair: P<'_>) -> Option<EventRef> {
        let mut kids = Kids::of(pair);
        let event = self.name(kids.take(Rule::ident)?);
        let same = match kids.take(Rule::same) {
            Some(same) => self.names(same.parts().next()?),
            None => Vec::new(),
        };
        let guard = match kids.take(Rule::expr) {
            Some(guard) => Some(Box::new(self.expr(guard)?)),
            None => None,
        };
        Some(EventRef { event, same, guard })
    }

    /// Who bears a norm.
    pub(super) fn who(&self, pair: P<'_>) -> Option<Sp<Who>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let node = match inner.as_rule() {
            Rule::anyone_except => Who::AnyoneExcept(self.names(inner.parts().next()?)),
            Rule::anyone => Who::Anyone,
            Rule::any_party => Who::AnyParty,
            Rule::idents => Who::Named(self.names(inner)),
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    /// Exclusivity of a grant.
    pub(super) fn exclusivity(&self, pair: P<'_>) -> Option<Sp<Exclusivity>> {
        let span = self.span(&pair);
        let inner = pair.parts().next()?;
        let node = match inner.as_rule() {
            Rule::trap_sole_and_exclusive => {
                self.report(trap::sole_and_exclusive(self.span(&inner)));
                Exclusivity::Exclusive
            }
            Rule::x_except => Exclusivity::ExclusiveExceptGrantor,
            Rule::x_co => Exclusivity::CoExclusive(self.names(inner.parts().next()?)),
            Rule::x_exclusive => Exclusivity::Exclusive,
            Rule::x_sole => Exclusivity::Sole,
            Rule::x_non => Exclusivity::NonExclusive,
            _ => return None,
        };
        Some(Sp::new(node, span))
    }

    /// `source own "..."`
    pub(super) fn source_note(&self, pair: P<'_>) -> Option<Sp<SourceNote>> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let status = match words(&kids.take(Rule::source_status)?).as_str() {
            "own" => SourceStatus::Own,
            "reported" => SourceStatus::Reported,
            "other" => SourceStatus::Other,
            _ => return None,
        };
        let citation = self.string(kids.take(Rule::string)?).node;
        Some(Sp::new(SourceNote { status, citation }, span))
    }
}

/// The unit of a duration.
pub(super) fn duration_unit(pair: &P<'_>) -> Option<DurationUnit> {
    Some(match words(pair).as_str() {
        "hour" | "hours" => DurationUnit::Hours,
        "day" | "days" => DurationUnit::Days,
        "business day" | "business days" => DurationUnit::BusinessDays,
        "week" | "weeks" => DurationUnit::Weeks,
        "month" | "months" => DurationUnit::Months,
        "quarter" | "quarters" => DurationUnit::Quarters,
        "year" | "years" => DurationUnit::Years,
        _ => return None,
    })
}

/// A named period.
pub(super) fn period_word(pair: &P<'_>) -> Option<Period> {
    Some(match words(pair).as_str() {
        "event" => Period::Event,
        "day" => Period::Day,
        "week" => Period::Week,
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        "fiscal year" => Period::FiscalYear,
        "contract year" => Period::ContractYear,
        _ => return None,
    })
}

/// Which state of a payment is summed.
pub(super) fn sum_of(pair: &P<'_>) -> Option<SumOf> {
    Some(match words(pair).as_str() {
        "accrued" => SumOf::Accrued,
        "due" => SumOf::Due,
        "paid" => SumOf::Paid,
        "overdue" => SumOf::Overdue,
        _ => return None,
    })
}
