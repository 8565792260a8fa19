//! The parser that pest derives from `grammar/term.pest`. Invariant: nothing but the grammar is here.
#![allow(missing_docs, reason = "one variant a rule of grammar/term.pest, documented there")]

#[derive(pest_derive::Parser)]
#[grammar = "../../../grammar/term.pest"]
pub(super) struct Grammar;
