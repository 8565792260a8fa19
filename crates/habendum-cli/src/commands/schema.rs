//! `habendum schema`: the JSON Schemas of outputs.

use crate::args::Schema;
use crate::term::{self, Exit};
use habendum::schema;

/// Prints a schema, or the list of their names.
pub fn run(a: &Schema) -> Result<Exit, String> {
    let Some(name) = &a.name else {
        let list: String = schema::SCHEMAS.iter().map(|(n, what)| format!("{n:<10}  {what}\n")).collect();
        term::result(&list)?;
        return Ok(Exit::Clean);
    };
    let text = schema::schema(name).ok_or_else(|| {
        let names: Vec<&str> = schema::SCHEMAS.iter().map(|(n, _)| *n).collect();
        format!("no schema `{name}`; one of {}", names.join(", "))
    })?;
    term::result(&text)?;
    Ok(Exit::Clean)
}
