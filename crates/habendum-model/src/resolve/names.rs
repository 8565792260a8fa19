//! Every name in clauses, scenarios, properties and key terms.

use crate::deal::Deal;
use habendum_syntax::Diagnostic;

/// Reports names that mean nothing.
pub(super) fn check(_deal: &Deal, _diags: &mut Vec<Diagnostic>) {}
