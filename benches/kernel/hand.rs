//! What a programmer would write for these twenty clauses and no others: with AVX2 intrinsics, and as a plain loop that the compiler
//! turns into AVX2.
//!
//! Invariant: the same columns, the same checks; each is as fast as its author could make it.
#![allow(
    unsafe_code,
    reason = "intrinsics, and loads at any alignment; indices stay below the length that all columns share"
)]

use super::rows::{BASE, Rows};
use super::rules::{FIRST_DAY, Form, RULES};
use std::arch::x86_64::*;

macro_rules! each_rule {
    ($go:ident) => {
        $go!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)
    };
}

const fn day(n: u16) -> u16 {
    (n as i64 + FIRST_DAY - BASE) as u16
}

const fn span(i: usize) -> u16 {
    RULES[i].days.1 - RULES[i].days.0
}

/// A mask a row, by a plain loop over the columns.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub fn plain(r: &Rows, out: &mut [u32]) {
    let n = out.len();
    let (kind, day_, by, to) = (&r.kind[..n], &r.day[..n], &r.by[..n], &r.to[..n]);
    let (product, cloud, place) = (&r.product[..n], &r.cloud[..n], &r.place[..n]);
    let (first, second, amount) = (&r.first[..n], &r.second[..n], &r.amount[..n]);
    for i in 0..n {
        let mut m = 0_u32;
        macro_rules! go {
            ($($i:literal)*) => { $( {
                const R: super::rules::Rule = RULES[$i];
                let base = (kind[i] == R.kind) & (by[i] == R.by + 1) & (day_[i].wrapping_sub(day(R.days.0)) <= span($i));
                let towards = match R.not_to { Some(q) => to[i] != q + 1, None => true };
                let rest = match R.form {
                    Form::Product(p, c) => !((product[i] == p + 2) & (cloud[i] == c + 2)),
                    Form::Place(p) => (second[i] == 2) & (place[i] != p + 2),
                    Form::Cloud(c) => !((first[i] == 2) & (cloud[i] == c + 2)),
                    Form::Amount(a) => amount[i] >= a,
                };
                m |= u32::from(base & towards & rest) << $i;
            } )* };
        }
        each_rule!(go);
        out[i] = m;
    }
}

/// Thirty-two bytes of a column.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn bytes(p: *const u8) -> __m256i {
    unsafe { _mm256_loadu_si256(p.cast()) }
}

/// Thirty-two 16-bit numbers, in the order in which `packs` puts them back.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn words(p: *const u16) -> (__m256i, __m256i) {
    unsafe {
        (
            _mm256_loadu2_m128i(p.add(16).cast(), p.cast()),
            _mm256_loadu2_m128i(p.add(24).cast(), p.add(8).cast()),
        )
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn is8(v: __m256i, k: u8) -> __m256i {
    _mm256_cmpeq_epi8(v, _mm256_set1_epi8(k as i8))
}

#[inline]
#[target_feature(enable = "avx2")]
fn is16(v: (__m256i, __m256i), k: u16) -> __m256i {
    let k = _mm256_set1_epi16(k as i16);
    _mm256_packs_epi16(_mm256_cmpeq_epi16(v.0, k), _mm256_cmpeq_epi16(v.1, k))
}

#[inline]
#[target_feature(enable = "avx2")]
fn within(v: (__m256i, __m256i), lo: u16, span: u16) -> __m256i {
    let (lo, span) = (_mm256_set1_epi16(lo as i16), _mm256_set1_epi16(span as i16));
    let one = |v| {
        let moved = _mm256_sub_epi16(v, lo);
        _mm256_cmpeq_epi16(moved, _mm256_min_epu16(moved, span))
    };
    _mm256_packs_epi16(one(v.0), one(v.1))
}

/// The rows whose amount is less.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn less(p: *const i64, k: i64) -> __m256i {
    let k = _mm256_set1_epi64x(k);
    // The order of lanes follows from `shuffle` and `packs`: see `words`.
    let four = |at: usize| unsafe {
        let v = _mm256_loadu2_m128i(p.add(at + 16).cast(), p.add(at).cast());
        _mm256_castsi256_ps(_mm256_cmpgt_epi64(k, v))
    };
    let eight = |at: usize| {
        let a = _mm256_castps_si256(_mm256_shuffle_ps::<0x88>(four(at), four(at + 2)));
        let b = _mm256_castps_si256(_mm256_shuffle_ps::<0x88>(four(at + 4), four(at + 6)));
        _mm256_packs_epi32(a, b)
    };
    _mm256_packs_epi16(eight(0), eight(8))
}

/// What a clause asks beside kind, person and days, of 32 rows.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn rest<const I: usize>(r: &Rows, i: usize, m: __m256i) -> __m256i {
    let rule = const { RULES[I] };
    unsafe {
        let m = match rule.not_to {
            Some(q) => _mm256_andnot_si256(is8(bytes(r.to.as_ptr().add(i)), q + 1), m),
            None => m,
        };
        let cloud = |c: u8| is8(bytes(r.cloud.as_ptr().add(i)), c + 2);
        match rule.form {
            Form::Product(p, c) => {
                let x = _mm256_and_si256(is16(words(r.product.as_ptr().add(i)), p + 2), cloud(c));
                _mm256_andnot_si256(x, m)
            }
            Form::Place(p) => {
                let m = _mm256_and_si256(m, is8(bytes(r.second.as_ptr().add(i)), 2));
                _mm256_andnot_si256(is8(bytes(r.place.as_ptr().add(i)), p + 2), m)
            }
            Form::Cloud(c) => {
                let x = _mm256_and_si256(is8(bytes(r.first.as_ptr().add(i)), 2), cloud(c));
                _mm256_andnot_si256(x, m)
            }
            Form::Amount(a) => _mm256_andnot_si256(less(r.amount.as_ptr().add(i), a), m),
        }
    }
}

/// A mask a row: every check of every row, without branches. The number of rows is a multiple of 32.
#[target_feature(enable = "avx2")]
pub fn masks(r: &Rows, out: &mut [u32]) {
    let zero = _mm256_setzero_si256();
    let mut i = 0;
    while i < out.len() {
        // SAFETY: `i + 32` is at most the number of rows, and each column has that many.
        unsafe {
            let (kind, by) = (bytes(r.kind.as_ptr().add(i)), bytes(r.by.as_ptr().add(i)));
            let days = words(r.day.as_ptr().add(i));
            let mut planes = [zero; 3];
            macro_rules! go {
                ($($i:literal)*) => { $( {
                    const R: super::rules::Rule = RULES[$i];
                    let m = _mm256_and_si256(is8(kind, R.kind), is8(by, R.by + 1));
                    let m = _mm256_and_si256(m, within(days, day(R.days.0), span($i)));
                    let m = rest::<$i>(r, i, m);
                    planes[$i / 8] = _mm256_or_si256(planes[$i / 8], _mm256_and_si256(m, _mm256_set1_epi8(1_u8.wrapping_shl($i % 8) as i8)));
                } )* };
            }
            each_rule!(go);
            let (al, ah) =
                (_mm256_unpacklo_epi8(planes[0], planes[1]), _mm256_unpackhi_epi8(planes[0], planes[1]));
            let (bl, bh) = (_mm256_unpacklo_epi8(planes[2], zero), _mm256_unpackhi_epi8(planes[2], zero));
            let all = [
                _mm256_unpacklo_epi16(al, bl),
                _mm256_unpackhi_epi16(al, bl),
                _mm256_unpacklo_epi16(ah, bh),
                _mm256_unpackhi_epi16(ah, bh),
            ];
            for (j, v) in all.into_iter().enumerate() {
                let o = out.as_mut_ptr().add(i + j * 4);
                _mm_storeu_si128(o.cast(), _mm256_castsi256_si128(v));
                _mm_storeu_si128(o.add(16).cast(), _mm256_extracti128_si256::<1>(v));
            }
        }
        i += 32;
    }
}

/// Bits in blocks of 64 rows, as the kernel writes them: kind and person first, the rest only where one of 32 rows is left.
#[target_feature(enable = "avx2")]
pub fn skipping(r: &Rows, out: &mut [u64]) {
    out.fill(0);
    let rows = r.kind.len();
    let mut i = 0;
    while i < rows {
        // SAFETY: `i + 32` is at most the number of rows, and each column has that many; `out` has twenty words for each 64 rows.
        unsafe {
            let (kind, by) = (bytes(r.kind.as_ptr().add(i)), bytes(r.by.as_ptr().add(i)));
            let place = out.as_mut_ptr().add(i / 64 * RULES.len()).cast::<u32>().add(i / 32 % 2);
            macro_rules! go {
                ($($i:literal)*) => { $( {
                    const R: super::rules::Rule = RULES[$i];
                    let m = _mm256_and_si256(is8(kind, R.kind), is8(by, R.by + 1));
                    if _mm256_testz_si256(m, m) == 0 {
                        let days = words(r.day.as_ptr().add(i));
                        let m = _mm256_and_si256(m, within(days, day(R.days.0), span($i)));
                        let m = rest::<$i>(r, i, m);
                        place.add($i * 2).write_unaligned(_mm256_movemask_epi8(m) as u32);
                    }
                } )* };
            }
            each_rule!(go);
        }
        i += 32;
    }
}

/// Adds every column up: what reading them costs.
#[target_feature(enable = "avx2")]
pub fn read(r: &Rows) -> u64 {
    fn sum<T>(v: &[T]) -> u64 {
        // SAFETY: any bytes are a number.
        let (_, whole, _) = unsafe { v.align_to::<u64>() };
        whole.iter().fold(0, |a, b| a.wrapping_add(*b))
    }
    [&r.kind, &r.by, &r.to, &r.cloud, &r.place, &r.first, &r.second]
        .iter()
        .map(|c| sum(c))
        .fold(0, u64::wrapping_add)
        ^ sum(&r.day)
        ^ sum(&r.product)
        ^ sum(&r.amount)
}
