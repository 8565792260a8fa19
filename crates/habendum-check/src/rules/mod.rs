//! The rules, one a file.

pub mod c008;
