//! One cell of a row: its text and what its format says about it.

use std::borrow::Cow;

/// What a format knows of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// A JSON `true` or `false`.
    Bool,
    /// A JSON array or object.
    Nested,
    /// A CSV cell: text that may stand for anything.
    Untyped,
}

/// A cell that is there (`null` and an empty CSV cell are not).
#[derive(Clone, Debug)]
pub(crate) struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub form: Form,
    /// Column in the line, from 1, where known.
    pub column: Option<usize>,
}

impl Cell<'_> {
    /// What the cell is, for messages.
    pub(crate) fn noun(&self) -> String {
        let shown: String = if self.text.chars().count() > 40 {
            self.text.chars().take(40).chain(['…']).collect()
        } else {
            self.text.to_string()
        };
        match self.form {
            Form::String => format!("the text \"{shown}\""),
            Form::Number => format!("the number {shown}"),
            Form::Bool => shown,
            Form::Nested => "a list or an object".to_owned(),
            Form::Untyped => format!("`{shown}`"),
        }
    }

    /// True for what may be read as text, a date, a name.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.form, Form::String | Form::Untyped)
    }

    /// True for what may be read as a number.
    pub(crate) fn may_be_number(&self) -> bool {
        matches!(self.form, Form::String | Form::Number | Form::Untyped)
    }
}
