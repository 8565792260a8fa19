//! A payment built by hand, and its assessment with plain figures.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "tests stop at the first fault")]

use habendum_model::date::Reckoning;
use habendum_model::expr::{DateValue, Expr, ExprKind, Type};
use habendum_model::value::{ClauseId, CurrencyId, EventId, Exact, Length, PartyId, Value};
use habendum_norm::accrual::{
    AccrualError, Assessed, Base, CapFigure, CreditFigure, Figures, Layout, PaymentState, Plan, assess,
};
use habendum_norm::ir::{Amount, Basis, Cap, Credit, EventTest, Floor, Payment};
use habendum_syntax::Span;
use habendum_syntax::ast::{DurationUnit, MonthRounding, Period, RoundingMode, SumOf};
use jiff::civil::{Date, date};

pub fn reckoning() -> Reckoning {
    Reckoning { months: None, business: None, fiscal_year: (4, 1), effective: date(2025, 3, 15) }
}

pub fn months(count: u32) -> Length {
    Length { count, unit: DurationUnit::Months }
}

pub fn ratio(n: i128, d: i128) -> Exact {
    Exact::ratio(n, d).unwrap()
}

pub fn int(n: i128) -> Exact {
    Exact::int(n)
}

fn nothing() -> Expr {
    Expr { kind: ExprKind::Const(Value::Bool(true)), ty: Type::Bool, span: Span::default() }
}

pub fn payment() -> Payment {
    Payment {
        payer: PartyId(0),
        payee: PartyId(1),
        currency: CurrencyId(0),
        basis: Basis::Each(EventTest { event: EventId(0), guard: None, same: Vec::new() }),
        guard: None,
        amount: Amount::Expr(nothing()),
        caps: Vec::new(),
        floors: Vec::new(),
        rounding: (RoundingMode::HalfEven, Period::Event),
        due: None,
        late: None,
        credits: Vec::new(),
        prorated: false,
        months: Some(MonthRounding::Down),
    }
}

pub fn tiered(marginal: bool, per: Period) -> Payment {
    Payment { amount: Amount::Tiers { marginal, base: nothing(), per, bands: Vec::new() }, ..payment() }
}

pub fn cap(per: Period) -> Cap {
    Cap {
        amount: nothing(),
        per,
        from: None,
        counting: SumOf::Accrued,
        refunds_restore: false,
        span: Span::default(),
    }
}

pub fn cap_from(per: Period, from: Date) -> Cap {
    Cap { from: Some(DateValue::Fixed(from)), ..cap(per) }
}

pub fn floor(per: Period, carry: Option<Length>) -> Floor {
    Floor { amount: nothing(), per, carry, span: Span::default() }
}

pub fn credit_of(clause: u32) -> Credit {
    Credit { what: SumOf::Accrued, clause: ClauseId(clause), up_to: None, span: Span::default() }
}

/// A plan with its state.
pub struct Desk {
    pub plan: Plan,
    pub state: PaymentState,
    pub r: Reckoning,
}

impl Desk {
    pub fn new(p: &Payment) -> Desk {
        let mut layout = Layout::default();
        let plan = layout.plan(p).unwrap();
        let state = layout.fresh();
        Desk { plan, state, r: reckoning() }
    }

    pub fn assess(&mut self, on: Date, figures: &Figures<'_>) -> Result<Assessed, AccrualError> {
        assess(&self.plan, &mut self.state, on, figures, &self.r, true)
    }

    /// An amount under caps of these limits.
    pub fn capped(&mut self, on: Date, amount: Exact, limits: &[i128]) -> Assessed {
        let caps: Vec<_> = limits.iter().map(|l| CapFigure { limit: int(*l), counted: None }).collect();
        self.assess(on, &Figures { caps: &caps, ..plain(amount) }).unwrap()
    }

    pub fn credited(&mut self, on: Date, amount: Exact, credits: &[CreditFigure]) -> Assessed {
        self.assess(on, &Figures { credits, ..plain(amount) }).unwrap()
    }

    pub fn floored(&mut self, on: Date, amount: Exact, least: i128) -> Assessed {
        self.assess(on, &Figures { floors: &[Some(int(least))], ..plain(amount) }).unwrap()
    }
}

pub fn plain<'a>(amount: Exact) -> Figures<'a> {
    Figures { base: Base::Amount(amount), prorated: None, caps: &[], credits: &[], floors: &[] }
}
