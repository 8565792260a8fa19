//! Masks of sixteen rows, and how they are made and joined with 128-bit instructions.
//!
//! A mask lies at the width of the column that it was made from: one vector of 8-bit lanes, two of 16, four of 32, eight of 64; each lane
//! is all ones or all zeros. Masks of one width are joined at that width, and narrowed once. Invariant: a mask whose sense is
//! turned says so instead of being inverted, so that `and` becomes `and not`.

use crate::layout::{Layout, Repr};
use crate::predicate::{ColumnId, Pred, Ranges};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32X4, I64, I64X2};
use cranelift_codegen::ir::{ConstantData, Endianness, InstBuilder, MemFlagsData, Type, Value};
use cranelift_frontend::FunctionBuilder;
use std::collections::HashMap;

/// A mask of sixteen rows.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    /// Bytes of a lane.
    width: usize,
    /// The vectors.
    of: Vec<Value>,
    /// The lanes are turned: zero where it holds.
    turned: bool,
}

/// Makes masks in the body of a loop over sixteen rows.
pub(super) struct Masks<'a, 'f> {
    pub b: &'a mut FunctionBuilder<'f>,
    pub layout: &'a Layout,
    /// Where each column begins.
    pub starts: &'a HashMap<ColumnId, Value>,
    /// The first of the sixteen rows.
    pub row: Value,
    /// Vectors loaded in this block or one that every path to it passes.
    pub loaded: HashMap<ColumnId, Vec<Value>>,
}

/// Reads and writes cannot trap; nothing is said about alignment.
pub(super) fn plain() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

fn lanes(repr: Repr) -> Type {
    match repr {
        Repr::U8 => I8X16,
        Repr::U16 => I16X8,
        Repr::U32 | Repr::I32 => I32X4,
        Repr::I64 => I64X2,
    }
}

impl Masks<'_, '_> {
    /// A mask of what a predicate says.
    pub(super) fn of(&mut self, p: &Pred) -> Mask {
        match p {
            Pred::True => self.always(true),
            Pred::False => self.always(false),
            Pred::In(c, set) => self.column(*c, set),
            Pred::Sum(terms, set) => self.sum(terms, set),
            Pred::All(parts) => {
                let parts = parts.iter().map(|p| self.of(p)).collect();
                self.all(parts)
            }
            Pred::Any(parts) => {
                let parts: Vec<Mask> = parts.iter().map(|p| turn(self.of(p))).collect();
                turn(self.all(parts))
            }
        }
    }

    fn always(&mut self, holds: bool) -> Mask {
        Mask { width: 1, of: vec![self.splat(I8X16, 0)], turned: holds }
    }

    /// All of some masks: those of one width first, the widest narrowed as far as needed.
    pub(super) fn all(&mut self, parts: Vec<Mask>) -> Mask {
        let mut joined: Option<Mask> = None;
        for width in [8, 4, 2, 1] {
            if let Some(wide) = joined.take() {
                joined = Some(self.narrowed(wide, width));
            }
            for m in parts.iter().filter(|m| m.width == width) {
                joined = Some(match joined.take() {
                    Some(had) => self.and(had, m),
                    None => m.clone(),
                });
            }
        }
        joined.unwrap_or_else(|| self.always(true))
    }

    fn and(&mut self, a: Mask, b: &Mask) -> Mask {
        let turned = a.turned && b.turned;
        let pairs = a.of.iter().zip(&b.of);
        let of = pairs.map(|(x, y)| match (a.turned, b.turned) {
            (false, false) => self.b.ins().band(*x, *y),
            (false, true) => self.b.ins().band_not(*x, *y),
            (true, false) => self.b.ins().band_not(*y, *x),
            (true, true) => self.b.ins().bor(*x, *y),
        });
        Mask { width: a.width, of: of.collect(), turned }
    }

    fn narrowed(&mut self, mut m: Mask, width: usize) -> Mask {
        while m.width > width {
            let pairs: Vec<(Value, Value)> = m.of.chunks_exact(2).map(|p| (p[0], p[1])).collect();
            m.of = pairs.into_iter().map(|(lo, hi)| self.half(m.width, lo, hi)).collect();
            m.width /= 2;
        }
        m
    }

    /// Two vectors of lanes as one of half as wide lanes.
    fn half(&mut self, width: usize, lo: Value, hi: Value) -> Value {
        if width == 8 {
            // The low halves of 64-bit lanes; no instruction narrows these with saturation.
            let low = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
            let (lo, hi) = (self.cast(I8X16, lo), self.cast(I8X16, hi));
            let picked = self.b.func.dfg.immediates.push(ConstantData::from(&low[..]));
            let v = self.b.ins().shuffle(lo, hi, picked);
            return self.cast(I32X4, v);
        }
        self.b.ins().snarrow(lo, hi)
    }

    /// The mask as sixteen bits, the first row lowest.
    pub(super) fn bits(&mut self, m: Mask) -> Value {
        use cranelift_codegen::ir::types::I32;
        let m = self.narrowed(m, 1);
        let bits = self.b.ins().vhigh_bits(I32, m.of[0]);
        if m.turned {
            let all = self.b.ins().iconst(I32, 0xffff);
            return self.b.ins().bxor(bits, all);
        }
        bits
    }

    /// As lanes of bytes, whatever it was made from.
    pub(super) fn byte_lanes(&mut self, m: Mask) -> Mask {
        self.narrowed(m, 1)
    }

    fn cast(&mut self, to: Type, v: Value) -> Value {
        self.b.ins().bitcast(to, MemFlagsData::new().with_endianness(Endianness::Little), v)
    }

    /// A vector with one number in every lane.
    fn splat(&mut self, ty: Type, n: i64) -> Value {
        let bytes = ty.lane_type().bytes() as usize;
        let lane = &n.to_le_bytes()[..bytes];
        let data: Vec<u8> = lane.iter().copied().cycle().take(16).collect();
        let c = self.b.func.dfg.constants.insert(ConstantData::from(data));
        self.b.ins().vconst(ty, c)
    }

    /// Where the sixteen rows of a column begin.
    fn place(&mut self, c: ColumnId) -> Value {
        let shift = self.layout.column(c).repr.bytes().trailing_zeros();
        let start = self.starts[&c];
        let by = if shift == 0 {
            self.row
        } else {
            let shift = self.b.ins().iconst(I64, i64::from(shift));
            self.b.ins().ishl(self.row, shift)
        };
        self.b.ins().iadd(start, by)
    }

    fn load(&mut self, c: ColumnId) -> Vec<Value> {
        if let Some(v) = self.loaded.get(&c) {
            return v.clone();
        }
        let repr = self.layout.column(c).repr;
        let place = self.place(c);
        let all: Vec<Value> = (0..repr.bytes())
            .map(|i| self.b.ins().load(lanes(repr), plain(), place, i32::try_from(i * 16).unwrap_or(0)))
            .collect();
        self.loaded.insert(c, all.clone());
        all
    }

    /// The rows whose number in a column is in a set.
    fn column(&mut self, c: ColumnId, set: &Ranges) -> Mask {
        let repr = self.layout.column(c).repr;
        let domain = repr.span();
        let rest = set.complement().intersect(&Ranges::between(domain.0, domain.1));
        let turned = steps(&rest, domain) < steps(set, domain);
        let asked = if turned { rest } else { set.clone() };
        let of = self.load(c);
        let of = of.into_iter().map(|v| self.in_ranges(v, lanes(repr), domain, &asked)).collect();
        Mask { width: repr.bytes(), of, turned }
    }

    /// The rows whose weighted sum is in a set.
    fn sum(&mut self, terms: &[(i64, ColumnId)], set: &Ranges) -> Mask {
        let domain = Repr::I64.span();
        let turned = steps(&set.complement(), domain) < steps(set, domain);
        let asked = if turned { set.complement() } else { set.clone() };
        let places: Vec<(i64, ColumnId, Value)> =
            terms.iter().map(|(w, c)| (*w, *c, self.place(*c))).collect();
        let of = (0..8).map(|pair| {
            let mut total: Option<Value> = None;
            for (w, c, place) in &places {
                let v = self.wide(*c, *place, pair);
                let weighted = if w.abs() == 1 {
                    v
                } else {
                    let by = self.splat(I64X2, w.saturating_abs());
                    self.b.ins().imul(v, by)
                };
                total = Some(match total {
                    None if *w > 0 => weighted,
                    None => {
                        let zero = self.splat(I64X2, 0);
                        self.b.ins().isub(zero, weighted)
                    }
                    Some(t) if *w > 0 => self.b.ins().iadd(t, weighted),
                    Some(t) => self.b.ins().isub(t, weighted),
                });
            }
            let total = total.unwrap_or_else(|| self.splat(I64X2, 0));
            self.in_ranges(total, I64X2, domain, &asked)
        });
        Mask { width: 8, of: of.collect(), turned }
    }

    /// Two rows of a column in 64 bits.
    fn wide(&mut self, c: ColumnId, place: Value, pair: i32) -> Value {
        match self.layout.column(c).repr {
            Repr::I64 => self.b.ins().load(I64X2, plain(), place, pair * 16),
            Repr::I32 => self.b.ins().sload32x2(plain(), place, pair * 8),
            Repr::U32 => self.b.ins().uload32x2(plain(), place, pair * 8),
            // Columns that are added up have 32 bits at least.
            Repr::U8 | Repr::U16 => self.splat(I64X2, 0),
        }
    }

    fn in_ranges(&mut self, v: Value, ty: Type, domain: (i64, i64), set: &Ranges) -> Value {
        let mut any: Option<Value> = None;
        for (lo, hi) in set.as_slice() {
            let one = self.in_range(v, ty, domain, *lo, *hi);
            any = Some(match any {
                Some(a) => self.b.ins().bor(a, one),
                None => one,
            });
        }
        any.unwrap_or_else(|| self.splat(ty, 0))
    }

    fn in_range(&mut self, v: Value, ty: Type, domain: (i64, i64), lo: i64, hi: i64) -> Value {
        let signed = domain.0 < 0;
        if lo == hi {
            let k = self.splat(ty, lo);
            return self.b.ins().icmp(IntCC::Equal, v, k);
        }
        let (from, to) = (lo > domain.0, hi < domain.1);
        if signed {
            let above = from.then(|| {
                let k = self.splat(ty, lo - 1);
                self.b.ins().icmp(IntCC::SignedGreaterThan, v, k)
            });
            let below = to.then(|| {
                let k = self.splat(ty, hi + 1);
                self.b.ins().icmp(IntCC::SignedLessThan, v, k)
            });
            return match (above, below) {
                (Some(a), Some(b)) => self.b.ins().band(a, b),
                (Some(a), None) | (None, Some(a)) => a,
                (None, None) => self.splat(ty, -1),
            };
        }
        match (from, to) {
            (true, true) => {
                // `lo <= v <= hi` in one unsigned compare.
                let (k, span) = (self.splat(ty, lo), self.splat(ty, hi - lo));
                let moved = self.b.ins().isub(v, k);
                self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, moved, span)
            }
            (true, false) => {
                let k = self.splat(ty, lo);
                self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, v, k)
            }
            (false, true) => {
                let k = self.splat(ty, hi);
                self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, v, k)
            }
            (false, false) => self.splat(ty, -1),
        }
    }
}

fn turn(m: Mask) -> Mask {
    Mask { turned: !m.turned, ..m }
}

/// How many instructions a set takes, about.
pub(super) fn steps(set: &Ranges, domain: (i64, i64)) -> usize {
    let one = |(lo, hi): &(i64, i64)| {
        if lo == hi {
            1
        } else if *lo <= domain.0 || *hi >= domain.1 {
            2
        } else {
            3
        }
    };
    set.as_slice().iter().map(one).sum()
}
