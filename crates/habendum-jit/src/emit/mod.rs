//! Machine code for tests, by Cranelift.
//!
//! Data flow: tests in chunks -> `plan` (which parts come first) -> `mask` (vectors) -> `chunk` (a function) -> [`Native`], which runs the
//! functions over the rows. Invariant: compile time is linear, since a function has few tests; the code calls nothing and imports
//! nothing; its memory is given back when the last owner drops it.

mod chunk;
mod mask;
mod plan;

use crate::bits::{BLOCK, Bits};
use crate::layout::{Columns, Layout};
use crate::predicate::{Pred, Test};
use chunk::{Chunk, STEP};
use cranelift_codegen::ir::AbiParam;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::settings::{self, Configurable, Flags};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};
use std::fmt::Display;
use std::sync::Mutex;

/// How code is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Leave a test at once where none of sixteen rows passes its first parts. Faster where hits are rare.
    pub skip: bool,
    /// Tests a function.
    pub tests: usize,
    /// Keep the intermediate code and the instructions, to be printed.
    pub listing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { skip: true, tests: 24, listing: false }
    }
}

/// What was given to the compiler and what came of it, of one function.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Cranelift's intermediate code.
    pub ir: String,
    /// The instructions of the machine.
    pub code: String,
}

type Function = unsafe extern "C" fn(*const *const u8, *mut u8, usize, usize);

/// Compiled tests.
pub(crate) struct Native {
    functions: Vec<Function>,
    tests: usize,
    /// What was made, where it was asked for.
    pub listings: Vec<Listing>,
    /// Bytes of machine code.
    pub bytes: usize,
    /// Owns the memory of the code; none only while it is being dropped.
    module: Mutex<Option<JITModule>>,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Native {{ {} functions, {} bytes }}", self.functions.len(), self.bytes)
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let held =
            self.module.get_mut().map(Option::take).unwrap_or_else(|broken| broken.into_inner().take());
        if let Some(module) = held {
            // SAFETY: the functions live in this struct alone and are called only through a borrow of it, so nothing runs in the memory
            // or can run in it later.
            #[allow(unsafe_code, reason = "the memory of the code is given back")]
            unsafe {
                module.free_memory();
            }
        }
    }
}

/// A target for this machine, with what its processor can do.
fn module() -> Result<JITModule, String> {
    let mut flags = settings::builder();
    // Straight code of vector instructions: optimizing it costs compile time and gains nothing.
    for (name, value) in [
        ("opt_level", "none"),
        ("regalloc_algorithm", "backtracking"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
    ] {
        flags.set(name, value).map_err(text)?;
    }
    let isa = cranelift_native::builder()?.finish(Flags::new(flags)).map_err(text)?;
    if isa.endianness() != cranelift_codegen::ir::Endianness::Little || isa.pointer_bits() != 64 {
        return Err("code is made for 64-bit little-endian machines".to_owned());
    }
    Ok(JITModule::new(JITBuilder::with_isa(isa, default_libcall_names())))
}

fn text(e: impl Display) -> String {
    e.to_string()
}

impl Native {
    /// Compiles tests.
    ///
    /// # Errors
    /// Where no code can be made on this machine.
    pub(crate) fn new(tests: &[Test], layout: &Layout, options: &Options) -> Result<Native, String> {
        let mut m = module()?;
        let mut native = Native {
            functions: Vec::new(),
            tests: tests.len(),
            listings: Vec::new(),
            bytes: 0,
            module: Mutex::new(None),
        };
        let preds: Vec<(usize, &Pred)> = tests.iter().map(|t| &t.pred).enumerate().collect();
        let made: Result<Vec<FuncId>, String> = preds
            .chunks(options.tests.max(1))
            .map(|tests| {
                define(
                    &mut m,
                    &Chunk { layout, tests, all: preds.len(), skip: options.skip },
                    options,
                    &mut native,
                )
            })
            .collect();
        let made = made.and_then(|ids| m.finalize_definitions().map_err(text).map(|()| ids));
        if let Ok(ids) = &made {
            for id in ids {
                let code = m.get_finalized_function(*id);
                // SAFETY: the function was defined with this very signature, in the calling convention of the platform's C, and lives until
                // the module is freed.
                #[allow(unsafe_code, reason = "an address of compiled code becomes a function")]
                native.functions.push(unsafe { std::mem::transmute::<*const u8, Function>(code) });
            }
        }
        native.module = Mutex::new(Some(m));
        made.map(|_| native)
    }

    /// Which tests hold of each row. Rows that escape are the caller's.
    pub(crate) fn run(&self, columns: &Columns, out: &mut Bits) {
        let rows = columns.rows();
        out.reset(self.tests, rows);
        let starts: Vec<*const u8> = columns.buffers().iter().map(crate::layout::Buffer::start).collect();
        let step = STEP as usize;
        let whole = rows / step * step;
        let mut from = 0;
        while from < whole {
            let to = whole.min(from + SLICE);
            self.call(&starts, out, from, to);
            from = to;
        }
        if whole < rows {
            self.tail(columns, out, whole);
        }
    }

    fn call(&self, starts: &[*const u8], out: &mut Bits, from: usize, to: usize) {
        let words = out.words_mut().as_mut_ptr().cast();
        for f in &self.functions {
            // SAFETY: every column has at least `to` rows in memory (`Columns` gives all its buffers one number of rows; the tail has a
            // copy of sixteen), `out` has a word for each test and 64 rows, and `from` and `to` are multiples of sixteen.
            #[allow(unsafe_code, reason = "compiled code is called")]
            unsafe {
                f(starts.as_ptr(), words, from, to);
            }
        }
    }

    /// Fewer than sixteen rows: copied into sixteen, and the bits beyond them cleared.
    fn tail(&self, columns: &Columns, out: &mut Bits, from: usize) {
        let step = STEP as usize;
        let copies: Vec<[u64; 16]> = columns.buffers().iter().map(|b| b.sixteen(from)).collect();
        // The code reckons from the first row of the batch; no byte before the copy is read.
        let starts: Vec<*const u8> = copies
            .iter()
            .zip(columns.buffers())
            .map(|(c, b)| c.as_ptr().cast::<u8>().wrapping_sub(from * b.repr().bytes()))
            .collect();
        self.call(&starts, out, from, from + step);
        let rows = columns.rows();
        let last = rows / BLOCK * self.tests;
        let keep = (1_u64 << (rows % BLOCK)) - 1;
        if let Some(words) = out.words_mut().get_mut(last..) {
            words.iter_mut().for_each(|w| *w &= keep);
        }
    }
}

/// Rows over which all functions run before they go on, so that columns are read from memory once.
const SLICE: usize = 8192;

fn define(
    m: &mut JITModule,
    chunk: &Chunk<'_>,
    options: &Options,
    native: &mut Native,
) -> Result<FuncId, String> {
    let mut context = m.make_context();
    let mut builder = FunctionBuilderContext::new();
    context.func.signature.params = vec![AbiParam::new(I64); 4];
    let config = m.target_config();
    chunk::build(FunctionBuilder::new(&mut context.func, &mut builder), chunk, config);
    let ir = if options.listing { context.func.display().to_string() } else { String::new() };
    context.want_disasm = options.listing;
    let first = chunk.tests.first().map_or(0, |(t, _)| *t);
    let id = m
        .declare_function(&format!("tests_from_{first}"), Linkage::Export, &context.func.signature)
        .map_err(text)?;
    m.define_function(id, &mut context).map_err(|e| format!("{e:?}"))?;
    if let Some(code) = context.compiled_code() {
        native.bytes += code.code_buffer().len();
        if options.listing {
            native.listings.push(Listing { ir, code: code.vcode.clone().unwrap_or_default() });
        }
    }
    Ok(id)
}
