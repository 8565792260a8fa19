//! The part of JSON Schema that the published schemas use. Stricter than the standard in one thing: a field that is written and
//! not listed is a fault.

use serde_json::Value;

/// Holds a value to a schema.
#[track_caller]
pub fn holds(schema: &Value, value: &Value) {
    if let Err(e) = valid(schema, schema, value, "$", &[]) {
        panic!("{e}");
    }
}

/// `beside` are fields listed next to the reference that led here: both apply, so both list.
fn valid(root: &Value, schema: &Value, value: &Value, at: &str, beside: &[&str]) -> Result<(), String> {
    let Some(s) = schema.as_object() else {
        return if schema == &Value::Bool(true) {
            Ok(())
        } else {
            Err(format!("{at}: nothing is allowed here"))
        };
    };
    for (word, rule) in s {
        match word.as_str() {
            "$ref" => {
                let path = rule.as_str().unwrap().strip_prefix('#').unwrap();
                let target = root.pointer(path).ok_or_else(|| format!("{at}: no {path}"))?;
                let listed = s.get("properties").and_then(Value::as_object);
                let names: Vec<&str> =
                    listed.into_iter().flat_map(|l| l.keys()).map(String::as_str).collect();
                valid(root, target, value, at, &[beside, &names].concat())?;
            }
            "type" => {
                let names: Vec<&str> = match rule {
                    Value::Array(a) => a.iter().map(|n| n.as_str().unwrap()).collect(),
                    one => vec![one.as_str().unwrap()],
                };
                if !names.iter().any(|n| is(n, value)) {
                    return Err(format!("{at}: {value} is not of type {rule}"));
                }
            }
            "const" if rule != value => return Err(format!("{at}: {value} is not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                return Err(format!("{at}: {value} is none of {rule}"));
            }
            "minimum" if value.as_i64().is_some_and(|n| n < rule.as_i64().unwrap()) => {
                return Err(format!("{at}: {value} is below {rule}"));
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        return Err(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, inner) in rule.as_object().unwrap() {
                    if let Some(v) = value.get(name) {
                        valid(root, inner, v, &format!("{at}.{name}"), &[])?;
                    }
                }
                let closed = s.get("additionalProperties").is_none();
                let combined = s.contains_key("$ref") || s.contains_key("allOf");
                // Schemas made from types list every field: one that is written and not listed was forgotten.
                if closed && !combined && !s.contains_key("oneOf") {
                    for name in value.as_object().into_iter().flatten().map(|(n, _)| n) {
                        if !rule.as_object().unwrap().contains_key(name) && !beside.contains(&name.as_str()) {
                            return Err(format!("{at}: {name} is not in the schema"));
                        }
                    }
                }
            }
            "additionalProperties" => {
                let listed = s.get("properties").and_then(Value::as_object);
                for (name, v) in value.as_object().into_iter().flatten() {
                    if listed.is_none_or(|l| !l.contains_key(name)) {
                        valid(root, rule, v, &format!("{at}.{name}"), &[])?;
                    }
                }
            }
            "items" => {
                for (i, v) in value.as_array().into_iter().flatten().enumerate() {
                    valid(root, rule, v, &format!("{at}[{i}]"), &[])?;
                }
            }
            "anyOf" | "oneOf" => {
                let tried: Vec<_> =
                    rule.as_array().unwrap().iter().map(|r| valid(root, r, value, at, beside)).collect();
                let ok = tried.iter().filter(|t| t.is_ok()).count();
                if ok == 0 || (word == "oneOf" && ok > 1) {
                    return Err(format!("{at}: {ok} alternatives hold: {tried:?}"));
                }
            }
            "const" | "enum" | "minimum" | "$schema" | "$defs" | "title" | "description" | "format"
            | "default" => {}
            other => return Err(format!("{at}: the test does not know `{other}`")),
        }
    }
    Ok(())
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
