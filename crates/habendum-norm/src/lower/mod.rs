//! Lowering: from the consolidated deal to norms, one program for one binding.

use crate::ir::Program;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::value::{ClauseId, ParamId};
use habendum_syntax::Checked;

/// Lowers every version of a deal's texts. The program is absent where an error stands in the way.
#[must_use]
pub fn lower(_deal: &Deal, _texts: &Consolidated, _binding: &Binding) -> Checked<Option<Program>> {
    Checked { value: None, diagnostics: Vec::new() }
}

/// The clauses that declare alternative readings, in document order, with the names of these readings.
#[must_use]
pub fn readings(_deal: &Deal, _texts: &Consolidated) -> Vec<(ClauseId, Vec<String>)> {
    Vec::new()
}

/// The parameters without a value that the program needs to be evaluated, in order of declaration.
#[must_use]
pub fn unbound(_program: &Program) -> Vec<ParamId> {
    Vec::new()
}
