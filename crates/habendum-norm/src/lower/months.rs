//! Month arithmetic that a text leaves open: diagnosed, with both readings.

use super::Lowering;
use habendum_model::date::DateError;
use habendum_model::value::Length;
use habendum_syntax::ast::{DurationUnit, MonthRounding};
use habendum_syntax::{Diagnostic, Span};
use jiff::civil::Date;

/// A date that could not be reckoned from a known day.
pub(super) fn ambiguous(e: &DateError, from: Date, l: Length, span: Span) -> Diagnostic {
    let d = Diagnostic::error("T050", format!("{e}"), span, "reckoned here");
    match e {
        DateError::Ambiguous { .. } => readings(d, from, l),
        DateError::OutOfRange | DateError::NoCalendar(_) | DateError::Hours => d,
    }
}

fn readings(d: Diagnostic, from: Date, l: Length) -> Diagnostic {
    let of = |r| {
        let reckoning = habendum_model::date::Reckoning {
            months: None,
            business: None,
            fiscal_year: (1, 1),
            effective: from,
        };
        habendum_model::date::add(from, l, &reckoning, Some(r)).map_or_else(|_| "?".into(), |d| d.to_string())
    };
    d.help(format!("`rounding down`: the last day of the month, {}", of(MonthRounding::Down)))
        .help(format!("`rounding up`: the first day of the next month, {}", of(MonthRounding::Up)))
}

impl Lowering<'_> {
    /// A length in months or years from a day that only events will tell: ambiguous unless the text says how to round.
    /// Hours lead to no day, so they are refused where a day is reckoned.
    pub(super) fn check_months(&mut self, l: Length, said: Option<MonthRounding>, span: Span) {
        if l.unit == DurationUnit::Hours {
            let d = Diagnostic::error("T050", format!("{}", DateError::Hours), span, "a day is needed here")
                .note("deadlines, notices and due days are days")
                .help("count in days, or compare a duration field: `lead is less than 36 hours`");
            self.say(d);
            return;
        }
        let months = match l.unit {
            DurationUnit::Months | DurationUnit::Quarters | DurationUnit::Years => true,
            DurationUnit::Hours | DurationUnit::Days | DurationUnit::BusinessDays | DurationUnit::Weeks => {
                false
            }
        };
        if !months || said.or(self.reckoning.months).is_some() || l.count == 0 {
            return;
        }
        let (day, what) = match l.unit {
            DurationUnit::Years => (jiff::civil::date(2028, 2, 29), "a year from 29 February"),
            _ => (jiff::civil::date(2026, 8, 31), "months from the 31st"),
        };
        let message = format!("{what} may lead to a day that the month lacks");
        let d = Diagnostic::error("T050", message, span, "which day is meant is not said")
            .note(format!("for example from {day}"))
            .help(
                "write it in the sentence, or for the whole deal as `months rounding up|down` in the header",
            );
        let d = readings(d, day, Length { count: 1, ..l });
        self.say(d);
    }
}
