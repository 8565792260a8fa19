//! Ten million rows in the kernel's own columns.

use super::rules::{CLOUDS, FIRST_DAY, KINDS, PERSONS, PLACES, PRODUCTS};
use habendum_jit::{Buffer, Layout};

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below another.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number below another; small ones come more often.
    fn skewed(&mut self, n: u64) -> u64 {
        let u = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (u * u * n as f64) as u64
    }
}

/// The columns. Codes are as the layout makes them: 0 is absent; the root of a vocabulary is 1.
#[derive(Default)]
pub struct Rows {
    /// Kinds.
    pub kind: Vec<u8>,
    /// Days.
    pub day: Vec<u16>,
    /// Actors.
    pub by: Vec<u8>,
    /// The others.
    pub to: Vec<u8>,
    /// Products.
    pub product: Vec<u16>,
    /// Clouds.
    pub cloud: Vec<u8>,
    /// Places.
    pub place: Vec<u8>,
    /// First flags.
    pub first: Vec<u8>,
    /// Second flags.
    pub second: Vec<u8>,
    /// Amounts.
    pub amount: Vec<i64>,
}

/// The day that is number 0 of the day column; the bench checks that the layout says the same.
pub const BASE: i64 = FIRST_DAY + 8 - 4;

impl Rows {
    /// Random rows; dense ones hit far more often.
    pub fn new(n: usize, dense: bool) -> Rows {
        let mut d = Dice(42);
        let mut r = Rows::default();
        for _ in 0..n {
            r.kind.push(d.below(KINDS) as u8);
            let day = FIRST_DAY + d.below(1827) as i64;
            r.day.push((day - BASE).max(1) as u16);
            r.by.push(1 + if dense { d.below(10) } else { d.skewed(PERSONS) } as u8);
            r.to.push(1 + d.skewed(PERSONS) as u8);
            r.product.push(2 + d.skewed(PRODUCTS) as u16);
            r.cloud.push(2 + d.below(CLOUDS) as u8);
            r.place.push(2 + d.below(PLACES) as u8);
            r.first.push(1 + d.below(2) as u8);
            r.second.push(1 + d.below(2) as u8);
            r.amount.push(d.below(100_000) as i64);
        }
        r
    }

    /// The columns in the order of a layout; `first_kind` is the number of the first of our kinds.
    pub fn buffers(&self, layout: &Layout, first_kind: u8) -> Result<Vec<Buffer>, String> {
        let of = |name: &str| {
            Ok(match name {
                "kind" => Buffer::U8(self.kind.iter().map(|k| k + first_kind).collect()),
                "day" => Buffer::U16(self.day.clone()),
                "by" => Buffer::U8(self.by.clone()),
                "to" => Buffer::U8(self.to.clone()),
                "product" => Buffer::U16(self.product.clone()),
                "cloud" => Buffer::U8(self.cloud.clone()),
                "place" => Buffer::U8(self.place.clone()),
                "first" => Buffer::U8(self.first.clone()),
                "second" => Buffer::U8(self.second.clone()),
                "amount" => Buffer::I64(self.amount.clone()),
                other => return Err(format!("no data for column {other}")),
            })
        };
        layout.columns.iter().map(|c| of(&c.name)).collect()
    }
}
