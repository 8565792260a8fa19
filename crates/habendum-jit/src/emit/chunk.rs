//! One function for some tests: a loop over sixteen rows at a time that writes sixteen bits a test.
//!
//! `fn(columns: *const *const u8, out: *mut u8, from: usize, to: usize)`, with `from` and `to` multiples of sixteen. Invariant: the function
//! reads rows `from..to` of the columns that its tests ask, writes the bits of its tests for those rows where any is set, and calls nothing.

use super::mask::{Mask, Masks, plain};
use super::plan::{Split, split};
use crate::bits::BLOCK;
use crate::layout::Layout;
use crate::predicate::{ColumnId, Pred};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{Block, InstBuilder, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::FunctionBuilder;
use std::collections::{BTreeSet, HashMap};

/// The tests of a function, each with its number, and how many tests there are in all.
pub(super) struct Chunk<'a> {
    pub layout: &'a Layout,
    pub tests: &'a [(usize, &'a Pred)],
    pub all: usize,
    pub skip: bool,
}

/// Rows of one round of the loop.
pub(super) const STEP: i64 = 16;

pub(super) fn build(mut b: FunctionBuilder<'_>, chunk: &Chunk<'_>, target: TargetFrontendConfig) {
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let params = b.block_params(entry).to_vec();
    let (columns, out, from, to) = (params[0], params[1], params[2], params[3]);
    let read: BTreeSet<ColumnId> = chunk.tests.iter().flat_map(|(_, p)| p.columns()).collect();
    let mut starts = HashMap::new();
    for c in read {
        let at = i32::try_from(c.ix() * 8).unwrap_or(0);
        starts.insert(c, b.ins().load(I64, plain(), columns, at));
    }
    let (body, exit) = (b.create_block(), b.create_block());
    let row = b.append_block_param(body, I64);
    let some = b.ins().icmp(IntCC::UnsignedLessThan, from, to);
    b.ins().brif(some, body, &[from.into()], exit, &[]);
    b.switch_to_block(body);
    let place = place(&mut b, out, row, chunk.all);
    let mut known: HashMap<Pred, Mask> = HashMap::new();
    let mut loaded = HashMap::new();
    for (test, p) in chunk.tests {
        let parts = split(p, chunk.layout, chunk.skip);
        let mut masks = Masks { b: &mut b, layout: chunk.layout, starts: &starts, row, loaded };
        let first = first(&mut masks, &parts, &mut known);
        loaded = std::mem::take(&mut masks.loaded);
        let at = i32::try_from(test * 8).unwrap_or(0);
        one(&mut b, chunk, &starts, &parts, (first, row, place, at));
    }
    let step = b.ins().iconst(I64, STEP);
    let next = b.ins().iadd(row, step);
    let more = b.ins().icmp(IntCC::UnsignedLessThan, next, to);
    b.ins().brif(more, body, &[next.into()], exit, &[]);
    b.switch_to_block(exit);
    b.ins().return_(&[]);
    b.seal_all_blocks();
    b.finalize(target);
}

/// Where the bits of the sixteen rows lie in the word of test 0.
fn place(b: &mut FunctionBuilder<'_>, out: Value, row: Value, tests: usize) -> Value {
    let k = |b: &mut FunctionBuilder<'_>, n: usize| b.ins().iconst(I64, i64::try_from(n).unwrap_or(0));
    let (block, three) = (k(b, BLOCK.trailing_zeros() as usize), k(b, 3));
    let (stride, six) = (k(b, tests * 8), k(b, BLOCK / 8 - 2));
    let block = b.ins().ushr(row, block);
    let block = b.ins().imul(block, stride);
    let byte = b.ins().ushr(row, three);
    let byte = b.ins().band(byte, six);
    let at = b.ins().iadd(out, block);
    b.ins().iadd(at, byte)
}

/// The mask of the parts that every row is asked; parts that tests share are asked once.
fn first(m: &mut Masks<'_, '_>, parts: &Split, known: &mut HashMap<Pred, Mask>) -> Mask {
    let mut all = Vec::new();
    for p in &parts.first {
        let mask = match known.get(p) {
            Some(mask) => mask.clone(),
            None => {
                let mask = m.of(p);
                let mask = m.byte_lanes(mask);
                known.insert(p.clone(), mask.clone());
                mask
            }
        };
        all.push(mask);
    }
    m.all(all)
}

fn one(
    b: &mut FunctionBuilder<'_>,
    chunk: &Chunk<'_>,
    starts: &HashMap<ColumnId, Value>,
    parts: &Split,
    (first, row, place, at): (Mask, Value, Value, i32),
) {
    let mut m = Masks { b, layout: chunk.layout, starts, row, loaded: HashMap::new() };
    let bits = m.bits(first.clone());
    if !chunk.skip {
        b.ins().istore16(plain(), bits, place, at);
        return;
    }
    let (slow, next): (Block, Block) = (b.create_block(), b.create_block());
    b.ins().brif(bits, slow, &[], next, &[]);
    b.switch_to_block(slow);
    let bits = if parts.rest.is_empty() {
        bits
    } else {
        let mut m = Masks { b, layout: chunk.layout, starts, row, loaded: HashMap::new() };
        let mut all: Vec<Mask> = parts.rest.iter().map(|p| m.of(p)).collect();
        all.push(first);
        let all = m.all(all);
        m.bits(all)
    };
    b.ins().istore16(plain(), bits, place, at);
    b.ins().jump(next, &[]);
    b.switch_to_block(next);
}
