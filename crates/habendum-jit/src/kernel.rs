//! The kernel of a program: its tests, their columns, and the code or the tables that answer them.
//!
//! Data flow: [`Program`] -> [`Kernel`] -> for each batch of [`Columns`], [`Bits`]. Invariant: code and tables give the same bits; a row
//! that escapes has every bit of its kind set.

use crate::bits::Bits;
use crate::emit::{Listing, Native, Options};
use crate::layout::{Columns, Layout};
use crate::lut::Lut;
use crate::predicate::{Test, questions};
use habendum_model::value::EventId;
use habendum_norm::ir::Program;
use std::fmt;
use std::sync::Arc;

/// Why no kernel can be made, or a batch not be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelError {
    /// A date of the program hangs on a parameter without a value.
    Open,
    /// No code can be made on this machine; the tables can be used.
    Code(String),
    /// The columns are of another layout.
    Layout,
}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KernelError::Open => f.write_str("a date hangs on a parameter without a value"),
            KernelError::Code(e) => write!(f, "no code can be made: {e}"),
            KernelError::Layout => f.write_str("the columns were made for another deal"),
        }
    }
}

impl std::error::Error for KernelError {}

/// What answers the tests.
#[derive(Clone, Debug)]
enum Tier {
    Tables(Arc<Lut>),
    Code(Arc<Native>),
}

/// The tests of a program, ready to be answered for rows. Clones share the code.
#[derive(Clone, Debug)]
pub struct Kernel {
    tests: Arc<Vec<Test>>,
    layout: Arc<Layout>,
    tier: Tier,
}

impl Kernel {
    /// Compiles a program to machine code.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn compile(program: &Program) -> Result<Kernel, KernelError> {
        Kernel::compile_with(program, &Options::default())
    }

    /// Compiles a program to machine code, as told.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn compile_with(program: &Program, options: &Options) -> Result<Kernel, KernelError> {
        let (tests, layout) = ask(program)?;
        let native = Native::new(&tests, &layout, options).map_err(KernelError::Code)?;
        Ok(Kernel { tests: Arc::new(tests), layout: Arc::new(layout), tier: Tier::Code(Arc::new(native)) })
    }

    /// A program as tables, without machine code.
    ///
    /// # Errors
    /// A date that hangs on a parameter without a value.
    pub fn tables(program: &Program) -> Result<Kernel, KernelError> {
        let (tests, layout) = ask(program)?;
        let lut = Lut::new(&tests, &layout);
        Ok(Kernel { tests: Arc::new(tests), layout: Arc::new(layout), tier: Tier::Tables(Arc::new(lut)) })
    }

    /// The same tests answered by tables.
    #[must_use]
    pub fn as_tables(&self) -> Kernel {
        Kernel { tier: Tier::Tables(Arc::new(Lut::new(&self.tests, &self.layout))), ..self.clone() }
    }

    /// The tests; a bit's number is the place of its test.
    #[must_use]
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// The columns.
    #[must_use]
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Whether machine code answers.
    #[must_use]
    pub fn is_code(&self) -> bool {
        matches!(self.tier, Tier::Code(_))
    }

    /// Bytes of machine code.
    #[must_use]
    pub fn code_bytes(&self) -> usize {
        match &self.tier {
            Tier::Code(n) => n.bytes,
            Tier::Tables(_) => 0,
        }
    }

    /// Intermediate code and instructions, where the options asked to keep them.
    #[must_use]
    pub fn listings(&self) -> &[Listing] {
        match &self.tier {
            Tier::Code(n) => &n.listings,
            Tier::Tables(_) => &[],
        }
    }

    /// No rows yet, in this kernel's columns.
    #[must_use]
    pub fn columns(&self, program: &Program) -> Columns {
        Columns::new(Arc::clone(&self.layout), program)
    }

    /// Which tests hold of each row.
    ///
    /// # Errors
    /// Columns that were made for another kernel.
    pub fn run(&self, columns: &Columns, out: &mut Bits) -> Result<(), KernelError> {
        if !Arc::ptr_eq(&self.layout, columns.layout()) {
            return Err(KernelError::Layout);
        }
        match &self.tier {
            Tier::Tables(lut) => lut.run(columns, out),
            Tier::Code(native) => native.run(columns, out),
        }
        for row in columns.escaped() {
            let kind = columns.buffer(Layout::KIND).get(*row);
            let kind = EventId(u32::try_from(kind).unwrap_or(u32::MAX));
            for (t, test) in self.tests.iter().enumerate() {
                if test.kinds.contains(&kind) {
                    out.set(*row, t);
                }
            }
        }
        Ok(())
    }
}

fn ask(program: &Program) -> Result<(Vec<Test>, Layout), KernelError> {
    if program.versions.iter().any(|v| v.from.fixed().is_none()) {
        return Err(KernelError::Open);
    }
    let q = questions(program);
    Ok((q.tests, q.layout))
}
