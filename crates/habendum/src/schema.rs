//! JSON Schemas of every JSON output, made from the types that are written. Invariant: what is published is what is written.

use crate::document::Summary;
use crate::findings::Findings;
use crate::record::OutcomeLine;
use crate::report::Report;
use crate::scenario::TestReport;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};

/// Names of the schemas and what each is of.
pub const SCHEMAS: [(&str, &str); 5] = [
    ("check", "habendum check --output json"),
    ("eval", "habendum eval --output json"),
    ("outcome", "each line of habendum eval --out FILE.ndjson"),
    ("summary", "habendum summary --output json"),
    ("test", "habendum test --output json"),
];

/// The schema of a name, as indented JSON.
#[must_use]
pub fn schema(name: &str) -> Option<String> {
    let text = match name {
        "check" => make::<Findings>(),
        "eval" => make::<Report>(),
        "outcome" => make::<OutcomeLine>(),
        "summary" => make::<Summary>(),
        "test" => make::<TestReport>(),
        _ => return None,
    };
    Some(text)
}

fn make<T: JsonSchema>() -> String {
    // Described as serialized: optional fields that are left out are not required.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    format!("{:#}\n", schema.to_value())
}
