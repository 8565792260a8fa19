//! The words of closed sets, as the language spells them. One function a set; parser and printer agree by the
//! round-trip test.

use crate::ast::{
    Aspect, CompareOp, DayCount, DurationUnit, DutyEvent, ModifierKind, Period, PowerAct, RoundingMode,
    SumOf, Verdict,
};

/// `half-even`
#[must_use]
pub fn rounding_mode_word(mode: RoundingMode) -> &'static str {
    match mode {
        RoundingMode::HalfEven => "half-even",
        RoundingMode::HalfUp => "half-up",
        RoundingMode::HalfDown => "half-down",
        RoundingMode::Up => "up",
        RoundingMode::Down => "down",
    }
}

/// `actual/365`
#[must_use]
pub fn day_count_word(count: DayCount) -> &'static str {
    match count {
        DayCount::Actual360 => "actual/360",
        DayCount::Actual365 => "actual/365",
        DayCount::ActualActual => "actual/actual",
        DayCount::Thirty360 => "30/360",
    }
}

/// `business days`, or `business day` for one.
#[must_use]
pub fn duration_unit_word(unit: DurationUnit, one: bool) -> &'static str {
    match (unit, one) {
        (DurationUnit::Hours, true) => "hour",
        (DurationUnit::Hours, false) => "hours",
        (DurationUnit::Days, true) => "day",
        (DurationUnit::Days, false) => "days",
        (DurationUnit::BusinessDays, true) => "business day",
        (DurationUnit::BusinessDays, false) => "business days",
        (DurationUnit::Weeks, true) => "week",
        (DurationUnit::Weeks, false) => "weeks",
        (DurationUnit::Months, true) => "month",
        (DurationUnit::Months, false) => "months",
        (DurationUnit::Quarters, true) => "quarter",
        (DurationUnit::Quarters, false) => "quarters",
        (DurationUnit::Years, true) => "year",
        (DurationUnit::Years, false) => "years",
    }
}

/// `contract year`, `in total`, `rolling 12 months`
#[must_use]
pub fn period_words(period: Period) -> String {
    match period {
        Period::Event => "event".to_owned(),
        Period::Day => "day".to_owned(),
        Period::Week => "week".to_owned(),
        Period::Month => "month".to_owned(),
        Period::Quarter => "quarter".to_owned(),
        Period::Year => "year".to_owned(),
        Period::FiscalYear => "fiscal year".to_owned(),
        Period::ContractYear => "contract year".to_owned(),
        Period::InTotal => "in total".to_owned(),
        Period::Rolling(1) => "rolling 1 month".to_owned(),
        Period::Rolling(months) => format!("rolling {months} months"),
    }
}

/// `accrued`
#[must_use]
pub fn sum_of_word(sum: SumOf) -> &'static str {
    match sum {
        SumOf::Accrued => "accrued",
        SumOf::Due => "due",
        SumOf::Paid => "paid",
        SumOf::Overdue => "overdue",
    }
}

/// `terminate`
#[must_use]
pub fn power_word(act: PowerAct) -> &'static str {
    match act {
        PowerAct::Terminate => "terminate",
        PowerAct::Suspend => "suspend",
        PowerAct::Resume => "resume",
        PowerAct::Extend => "extend",
        PowerAct::Assign => "assign",
    }
}

/// `is at least`
#[must_use]
pub fn compare_words(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
        CompareOp::AtLeast => "is at least",
        CompareOp::MoreThan => "is more than",
        CompareOp::UpTo => "is up to",
        CompareOp::LessThan => "is less than",
    }
}

/// `without effect`
#[must_use]
pub fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Silent => "silent",
        Verdict::Permitted => "permitted",
        Verdict::Breach => "breach",
        Verdict::Unlicensed => "unlicensed",
        Verdict::WithoutEffect => "without effect",
        Verdict::Undetermined => "undetermined",
        Verdict::Conflict => "conflict",
    }
}

/// `triggered`
#[must_use]
pub fn duty_event_word(event: DutyEvent) -> &'static str {
    match event {
        DutyEvent::Triggered => "triggered",
        DutyEvent::Discharged => "discharged",
        DutyEvent::Lapsed => "lapsed",
        DutyEvent::Excused => "excused",
    }
}

/// `exclusivity`
#[must_use]
pub fn aspect_word(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Exclusivity => "exclusivity",
        Aspect::Term => "term",
        Aspect::Payment => "payment",
        Aspect::Status => "status",
        Aspect::Rule => "rule",
    }
}

/// `subject to`, as `remove` names the kind.
#[must_use]
pub fn modifier_kind_words(kind: ModifierKind) -> &'static str {
    crate::words::MODIFIER_KINDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, word)| word)
}
