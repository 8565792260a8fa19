//! SARIF 2.1.0: one run, a rule per code, a result per finding. Notes and help stand in the message; waived findings are
//! suppressed results with their justification.

use super::{Finding, FindingLabel, Findings};
use crate::explain;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Findings as SARIF.
#[must_use]
pub fn sarif(f: &Findings) -> String {
    let all = f.findings.iter().chain(f.waived.iter().map(|w| &w.finding));
    let codes: BTreeSet<&str> = all.map(|x| x.code.as_str()).collect();
    let rules: Vec<Value> = codes.iter().map(|c| rule(c)).collect();
    let mut results: Vec<Value> = f.findings.iter().map(result).collect();
    for w in &f.waived {
        let mut r = result(&w.finding);
        r["suppressions"] = json!([{
            "kind": "inSource",
            "justification": format!("{} (until {})", w.reason, w.expires),
        }]);
        results.push(r);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "habendum",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/habendum/habendum",
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &str) -> Value {
    match explain::page(code) {
        Some(p) => json!({
            "id": code,
            "shortDescription": { "text": p.title },
            "help": { "text": p.text, "markdown": p.text },
        }),
        None => json!({ "id": code }),
    }
}

fn result(x: &Finding) -> Value {
    let mut text = x.message.clone();
    for n in &x.notes {
        text.push('\n');
        text.push_str(n);
    }
    for h in &x.help {
        text.push_str("\nhelp: ");
        text.push_str(h);
    }
    let related: Vec<Value> = x
        .labels
        .iter()
        .enumerate()
        .skip(1)
        .map(|(i, l)| {
            let mut v = location(l);
            v["id"] = json!(i);
            v["message"] = json!({ "text": l.message });
            v
        })
        .collect();
    let level = match x.severity.as_str() {
        "error" => "error",
        "warning" => "warning",
        _ => "note",
    };
    let mut v = json!({
        "ruleId": x.code,
        "level": level,
        "message": { "text": text },
        "locations": x.labels.first().map(location).into_iter().collect::<Vec<_>>(),
    });
    if !related.is_empty() {
        v["relatedLocations"] = json!(related);
    }
    v
}

fn location(l: &FindingLabel) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&l.file) },
        "region": {
            "startLine": l.line,
            "startColumn": l.column,
            "endLine": l.end_line,
            "endColumn": l.end_column,
        },
    }})
}

/// A path as a relative URI reference: everything but unreserved characters and `/` is escaped.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
