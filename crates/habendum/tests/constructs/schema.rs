//! The constructs of the language, read from the source of the syntax tree, and found in a tree as JSON.
//!
//! Data flow: `ast/*.rs` -> [`Schema`] (fields and variants with their types) -> a walk by type over a tree -> names.
//! Invariant: a variant added to the tree is a construct from then on; nobody has to list it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A variant of an enum: one way to say something.
pub struct Variant {
    pub name: String,
    pub payload: Payload,
    /// The first line of its documentation.
    pub form: String,
}

pub enum Payload {
    Unit,
    Tuple(Vec<String>),
    Fields(Vec<(String, String)>),
}

pub struct Enum {
    pub kebab: bool,
    pub variants: Vec<Variant>,
}

#[derive(Default)]
pub struct Schema {
    pub structs: BTreeMap<String, Vec<(String, String)>>,
    pub enums: BTreeMap<String, Enum>,
    /// Enums in the order in which the tree declares them.
    pub order: Vec<String>,
}

enum Open {
    Nothing,
    Struct(String),
    Enum(String),
    Fields(String),
}

impl Schema {
    pub fn read(folder: &Path) -> Schema {
        let mut s = Schema::default();
        for file in ["mod", "item", "clause", "modifier", "expr", "amend", "scenario"] {
            s.add(&std::fs::read_to_string(folder.join(format!("{file}.rs"))).unwrap());
        }
        s
    }

    fn add(&mut self, source: &str) {
        let mut open = Open::Nothing;
        let (mut doc, mut kebab) = (String::new(), false);
        for line in source.lines() {
            let text = line.trim();
            if let Some(d) = text.strip_prefix("///") {
                if doc.is_empty() {
                    d.trim().clone_into(&mut doc);
                }
                continue;
            }
            kebab |= text.contains("rename_all = \"kebab-case\"");
            if text.starts_with('#') {
                continue;
            }
            open = self.line(open, text, &doc, kebab);
            if text.starts_with("pub enum") {
                kebab = false;
            }
            doc.clear();
        }
    }

    fn line(&mut self, open: Open, text: &str, doc: &str, kebab: bool) -> Open {
        let head = |word: &str| {
            let rest = text.strip_prefix(word)?.strip_suffix(" {")?;
            Some(rest.split('<').next().unwrap().to_owned())
        };
        match open {
            Open::Nothing => {
                if let Some(name) = head("pub struct ") {
                    self.structs.insert(name.clone(), Vec::new());
                    return Open::Struct(name);
                }
                if let Some(name) = head("pub enum ") {
                    self.enums.insert(name.clone(), Enum { kebab, variants: Vec::new() });
                    self.order.push(name.clone());
                    return Open::Enum(name);
                }
                Open::Nothing
            }
            Open::Struct(name) => {
                if text == "}" {
                    return Open::Nothing;
                }
                if let Some((field, ty)) = text.strip_prefix("pub ").and_then(|t| t.split_once(": ")) {
                    let ty = ty.trim_end_matches(',').to_owned();
                    self.structs.get_mut(&name).unwrap().push((field.to_owned(), ty));
                }
                Open::Struct(name)
            }
            Open::Enum(name) => self.variant(name, text, doc),
            Open::Fields(name) => {
                if text == "}," {
                    return Open::Enum(name);
                }
                let last = self.enums.get_mut(&name).unwrap().variants.last_mut().unwrap();
                if let (Some((field, ty)), Payload::Fields(fields)) =
                    (text.split_once(": "), &mut last.payload)
                {
                    fields.push((field.to_owned(), ty.trim_end_matches(',').to_owned()));
                }
                Open::Fields(name)
            }
        }
    }

    fn variant(&mut self, of: String, text: &str, doc: &str) -> Open {
        if text == "}" {
            return Open::Nothing;
        }
        let text = text.trim_end_matches(',');
        let (name, payload) = match (text.split_once('('), text.strip_suffix(" {")) {
            (Some((name, types)), _) => {
                (name.to_owned(), Payload::Tuple(cut(types.strip_suffix(')').unwrap())))
            }
            (None, Some(name)) => (name.to_owned(), Payload::Fields(Vec::new())),
            (None, None) => (text.to_owned(), Payload::Unit),
        };
        let fields = matches!(payload, Payload::Fields(_));
        let list = &mut self.enums.get_mut(&of).unwrap().variants;
        list.push(Variant { name, payload, form: doc.to_owned() });
        if fields { Open::Fields(of) } else { Open::Enum(of) }
    }

    /// Every construct: variants, options that may be given, flags that may be set. With its form where it has one.
    pub fn constructs(&self) -> Vec<(String, String)> {
        let mut list = Vec::new();
        for name in &self.order {
            for v in &self.enums[name].variants {
                list.push((format!("{name}::{}", v.name), v.form.clone()));
                if let Payload::Fields(fields) = &v.payload {
                    options(&format!("{name}::{}", v.name), fields, &mut list);
                }
            }
        }
        for (name, fields) in &self.structs {
            options(name, fields, &mut list);
        }
        list
    }

    /// Adds the constructs of a value of a type.
    pub fn walk(&self, value: &Value, ty: &str, found: &mut BTreeSet<String>) {
        if let Some(types) = ty.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            let parts = value.as_array().unwrap();
            cut(types).iter().zip(parts).for_each(|(t, v)| self.walk(v, t, found));
            return;
        }
        let (head, args) = ty.split_once('<').map_or((ty, ""), |(h, a)| (h, a.strip_suffix('>').unwrap()));
        match head {
            "Sp" => self.walk(&value["node"], args, found),
            "Box" => self.walk(value, args, found),
            "Name" => {}
            "Option" if value.is_null() => {}
            "Option" => self.walk(value, args, found),
            "Vec" => value.as_array().unwrap().iter().for_each(|v| self.walk(v, args, found)),
            _ => {
                if let Some(fields) = self.structs.get(ty) {
                    self.fields(value, ty, fields, found);
                } else if let Some(e) = self.enums.get(ty) {
                    self.of_enum(value, ty, e, found);
                }
            }
        }
    }

    fn fields(&self, value: &Value, of: &str, fields: &[(String, String)], found: &mut BTreeSet<String>) {
        for (field, ty) in fields {
            let v = &value[field.as_str()];
            if (ty.starts_with("Option<") && !v.is_null()) || v == &Value::Bool(true) {
                found.insert(format!("{of}.{field}"));
            }
            self.walk(v, ty, found);
        }
    }

    fn of_enum(&self, value: &Value, ty: &str, e: &Enum, found: &mut BTreeSet<String>) {
        let (tag, payload) = match value {
            Value::String(tag) => (tag.as_str(), None),
            Value::Object(o) => o.iter().next().map(|(k, v)| (k.as_str(), Some(v))).unwrap(),
            other => panic!("{ty} cannot be {other}"),
        };
        let spelled = |v: &Variant| if e.kebab { kebab(&v.name) } else { v.name.clone() };
        let v = e.variants.iter().find(|v| spelled(v) == tag).unwrap_or_else(|| panic!("{ty} has no {tag}"));
        let name = format!("{ty}::{}", v.name);
        match (&v.payload, payload) {
            (Payload::Tuple(types), Some(p)) if types.len() == 1 => self.walk(p, &types[0], found),
            (Payload::Tuple(types), Some(p)) => {
                types.iter().zip(p.as_array().unwrap()).for_each(|(t, v)| self.walk(v, t, found));
            }
            (Payload::Fields(fields), Some(p)) => self.fields(p, &name, fields, found),
            (Payload::Unit, _) | (_, None) => {}
        }
        found.insert(name);
    }
}

fn options(of: &str, fields: &[(String, String)], list: &mut Vec<(String, String)>) {
    for (field, ty) in fields {
        if ty.starts_with("Option<") || ty == "bool" {
            list.push((format!("{of}.{field}"), String::new()));
        }
    }
}

/// Types cut at commas outside brackets.
fn cut(types: &str) -> Vec<String> {
    let (mut list, mut depth, mut from) = (Vec::new(), 0, 0);
    for (i, c) in types.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ',' if depth == 0 => {
                list.push(types[from..i].trim().to_owned());
                from = i + 1;
            }
            _ => {}
        }
    }
    list.push(types[from..].trim().to_owned());
    list.retain(|t| !t.is_empty());
    list
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
