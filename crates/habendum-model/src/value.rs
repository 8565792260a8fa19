//! Exact numbers and the values that fields, parameters and expressions take.
//!
//! Invariant: no floating point; every operation that can leave 128 bits returns [`Overflow`].

use jiff::civil::Date;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

use habendum_syntax::ast::RoundingMode;

/// A figure left 128 bits, or a division by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// Beyond 128 bits.
    TooLarge,
    /// Divided by zero.
    DivisionByZero,
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Overflow::TooLarge => "the amount is beyond 128 bits",
            Overflow::DivisionByZero => "division by zero",
        })
    }
}

impl std::error::Error for Overflow {}

/// An exact rational number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(Ratio<i128>);

impl Exact {
    /// Zero.
    pub const ZERO: Exact = Exact(Ratio::new_raw(0, 1));
    /// One.
    pub const ONE: Exact = Exact(Ratio::new_raw(1, 1));

    /// A whole number.
    #[must_use]
    pub fn int(n: i128) -> Self {
        Exact(Ratio::from_integer(n))
    }

    /// `n / d` in lowest terms.
    ///
    /// # Errors
    /// Where `d` is zero.
    pub fn ratio(n: i128, d: i128) -> Result<Self, Overflow> {
        if d == 0 { Err(Overflow::DivisionByZero) } else { Ok(Exact(Ratio::new(n, d))) }
    }

    /// Reads `-12`, `12.50`, `1_000.5`; `None` where it is no plain decimal or leaves 128 bits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, frac) = body.split_once('.').unwrap_or((body, ""));
        let dotted = body.contains('.');
        if whole.is_empty() || (dotted && frac.is_empty()) || !whole.as_bytes()[0].is_ascii_digit() {
            return None;
        }
        let mut n: i128 = 0;
        for b in whole.bytes().filter(|b| *b != b'_').chain(frac.bytes()) {
            if !b.is_ascii_digit() {
                return None;
            }
            n = n.checked_mul(10)?.checked_add(i128::from(b - b'0'))?;
        }
        let d = 10_i128.checked_pow(u32::try_from(frac.len()).ok()?)?;
        Some(Exact(Ratio::new(if negative { -n } else { n }, d)))
    }

    /// Sum.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn add(self, o: Exact) -> Result<Exact, Overflow> {
        self.0.checked_add(&o.0).map(Exact).ok_or(Overflow::TooLarge)
    }

    /// Difference.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn sub(self, o: Exact) -> Result<Exact, Overflow> {
        self.0.checked_sub(&o.0).map(Exact).ok_or(Overflow::TooLarge)
    }

    /// Product.
    ///
    /// # Errors
    /// Beyond 128 bits.
    pub fn mul(self, o: Exact) -> Result<Exact, Overflow> {
        self.0.checked_mul(&o.0).map(Exact).ok_or(Overflow::TooLarge)
    }

    /// Quotient.
    ///
    /// # Errors
    /// Division by zero, or beyond 128 bits.
    pub fn div(self, o: Exact) -> Result<Exact, Overflow> {
        if o.0.is_zero() {
            return Err(Overflow::DivisionByZero);
        }
        self.0.checked_div(&o.0).map(Exact).ok_or(Overflow::TooLarge)
    }

    /// The number with the sign turned.
    #[must_use]
    pub fn neg(self) -> Exact {
        Exact(-self.0)
    }

    /// True for a whole number.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.0.is_integer()
    }

    /// True below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_negative()
    }

    /// True at zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Numerator, with the sign.
    #[must_use]
    pub fn numer(self) -> i128 {
        *self.0.numer()
    }

    /// Denominator, above zero.
    #[must_use]
    pub fn denom(self) -> i128 {
        *self.0.denom()
    }

    /// The nearest whole number, by the named mode.
    #[must_use]
    pub fn round(self, mode: RoundingMode) -> i128 {
        let (n, d) = (*self.0.numer(), *self.0.denom());
        let (q, r) = (n / d, (n % d).unsigned_abs());
        if r == 0 {
            return q;
        }
        let away = q + if n < 0 { -1 } else { 1 };
        // Compare 2r with d without leaving 128 bits.
        let half = r.cmp(&(d.unsigned_abs() - r));
        match mode {
            RoundingMode::Up => away,
            RoundingMode::Down => q,
            RoundingMode::HalfUp => {
                if half.is_ge() {
                    away
                } else {
                    q
                }
            }
            RoundingMode::HalfDown => {
                if half.is_gt() {
                    away
                } else {
                    q
                }
            }
            RoundingMode::HalfEven => {
                if half.is_gt() || (half.is_eq() && q % 2 != 0) {
                    away
                } else {
                    q
                }
            }
        }
    }
}

impl fmt::Display for Exact {
    /// A plain decimal where the fraction ends within 18 places, else `n/d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, d) = (*self.0.numer(), *self.0.denom());
        if d == 1 {
            return write!(f, "{n}");
        }
        let mut scale: i128 = 1;
        for places in 1..=18_usize {
            scale *= 10;
            if scale % d == 0 {
                let Some(shifted) = n.checked_mul(scale / d) else { break };
                let sign = if shifted < 0 { "-" } else { "" };
                let a = shifted.unsigned_abs();
                let s = scale.unsigned_abs();
                return write!(f, "{sign}{}.{:0places$}", a / s, a % s);
            }
        }
        write!(f, "{n}/{d}")
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bad = || serde::de::Error::custom(format!("`{text}` is no exact number"));
        match text.split_once('/') {
            None => Exact::parse(&text).ok_or_else(bad),
            Some((n, d)) => match (n.parse(), d.parse()) {
                (Ok(n), Ok(d)) if d > 0 => Exact::ratio(n, d).map_err(|_| bad()),
                _ => Err(bad()),
            },
        }
    }
}

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index.
            #[must_use]
            pub fn ix(self) -> usize { self.0 as usize }
            /// From an index.
            #[must_use]
            pub fn at(i: usize) -> Self { $name(u32::try_from(i).unwrap_or(u32::MAX)) }
        }
    )* };
}

index! {
    /// A party, a known other person, or (beyond the declared ones) a stranger met in a stream.
    PartyId,
    /// A vocabulary.
    VocabId,
    /// A vocabulary term, numbered in preorder across the deal: what is below X has ids `X..=last(X)`.
    TermId,
    /// An event kind.
    EventId,
    /// A field of an event kind, or a column of a table.
    FieldId,
    /// A parameter.
    ParamId,
    /// A keyed table.
    TableId,
    /// A declared total.
    TotalId,
    /// A register.
    RegisterId,
    /// A calendar.
    CalendarId,
    /// A unit.
    UnitId,
    /// A currency of the deal, in the order of its header.
    CurrencyId,
    /// A clause, by its stable id.
    ClauseId,
    /// An amendment, in signing order.
    AmendmentId,
    /// An assumption.
    AssumptionId,
    /// A running measure (see `expr::Measure`).
    MeasureId,
}

/// A length of time with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Length {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: habendum_syntax::ast::DurationUnit,
}

impl Length {
    /// The order of two lengths; none where neither is a fixed multiple of the other's unit (a month against days).
    #[must_use]
    pub fn order(self, other: Length) -> Option<std::cmp::Ordering> {
        let ((a, x), (b, y)) = (self.in_least(), other.in_least());
        (a == b).then(|| x.cmp(&y))
    }

    /// The least unit that this one is a fixed multiple of, and how many of it.
    fn in_least(self) -> (habendum_syntax::ast::DurationUnit, u64) {
        use habendum_syntax::ast::DurationUnit as U;
        let (least, times) = match self.unit {
            U::Hours => (U::Hours, 1),
            U::Days => (U::Hours, 24),
            U::Weeks => (U::Hours, 168),
            U::BusinessDays => (U::BusinessDays, 1),
            U::Months => (U::Months, 1),
            U::Quarters => (U::Months, 3),
            U::Years => (U::Months, 12),
        };
        (least, u64::from(self.count) * times)
    }
}

/// A value. Money is in minor units of its currency (exact, so that prices may be below a cent).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Truth.
    Bool(bool),
    /// An int, decimal or percent (20 % is 1/5).
    Number(Exact),
    /// Minor units, or minor units per unit for a price.
    Money(Exact, CurrencyId),
    /// A civil date in the deal's zone.
    Date(Date),
    /// Nanoseconds since the Unix epoch.
    Instant(i128),
    /// A length of time.
    Duration(Length),
    /// Text.
    Text(Arc<str>),
    /// A person.
    Party(PartyId),
    /// A vocabulary term.
    Term(TermId),
    /// A clause.
    Clause(ClauseId),
    /// An optional field that was not given.
    Absent,
}

/// A currency: ISO code and decimals of its minor unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// Decimals: 2 for USD, 0 for JPY.
    pub exponent: u32,
}

impl Currency {
    /// The currency of an ISO code, or `None`.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let c = iso_currency::Currency::from_code(code)?;
        Some(Currency { code: code.to_owned(), exponent: c.exponent().map_or(0, u32::from) })
    }

    /// Minor units in one major unit.
    #[must_use]
    pub fn scale(&self) -> i128 {
        10_i128.pow(self.exponent)
    }

    /// Minor units as `1234.50` (no separators, for machines).
    #[must_use]
    pub fn plain(&self, minor: i128) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let (a, s) = (minor.unsigned_abs(), self.scale().unsigned_abs());
        if self.exponent == 0 {
            format!("{sign}{a}")
        } else {
            format!("{sign}{}.{:0w$}", a / s, a % s, w = self.exponent as usize)
        }
    }

    /// Minor units as `1,234.50 USD` (for people).
    #[must_use]
    pub fn show(&self, minor: i128) -> String {
        let plain = self.plain(minor);
        let (sign, body) = plain.strip_prefix('-').map_or(("", plain.as_str()), |b| ("-", b));
        let (whole, frac) = body.split_once('.').map_or((body, None), |(w, f)| (w, Some(f)));
        let mut grouped = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(c);
        }
        let frac = frac.map(|f| format!(".{f}")).unwrap_or_default();
        format!("{sign}{grouped}{frac} {}", self.code)
    }
}
