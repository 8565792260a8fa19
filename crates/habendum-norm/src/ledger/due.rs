//! When an accrual falls due.

use crate::accrual::AccrualError;
use crate::ir::Due;
use habendum_model::date::{Reckoning, add, period_of};
use habendum_model::expr::DateValue;
use habendum_syntax::ast::{MonthRounding, Period};
use jiff::civil::Date;

/// The due day of what accrued on a day. No `due`: at once. `due on D` for what accrues after D: at once.
///
/// # Errors
/// A day that cannot be reckoned; a period without a last day; an open date.
pub fn due_day(
    due: Option<&Due>,
    accrued: Date,
    months: Option<MonthRounding>,
    r: &Reckoning,
) -> Result<Date, AccrualError> {
    match due {
        None | Some(Due::AtOnce) => Ok(accrued),
        Some(Due::After(length)) => Ok(add(accrued, *length, r, months)?),
        Some(Due::AfterEach(length, Period::Event)) => Ok(add(accrued, *length, r, months)?),
        Some(Due::AfterEach(length, per)) => {
            let (_, last) = period_of(accrued, *per, r)?.ok_or(AccrualError::NoPeriodEnd)?;
            Ok(add(last, *length, r, months)?)
        }
        Some(Due::On(DateValue::Fixed(day))) => Ok((*day).max(accrued)),
        Some(Due::On(DateValue::Open { .. })) => Err(AccrualError::MissingFigure),
    }
}
