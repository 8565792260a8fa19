//! A document as one self-contained HTML page.

use super::{Document, Standing};
use crate::redline::Run;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fdfcf9; --soft: #6a6a72; --rule: #d9d6cc; --del: #a3262a; --ins: #1d6b35; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --paper: #17181b; --soft: #9c9aa0; --rule: #3a3b40; --del: #ff8d88; --ins: #7fd99a; } }
body { background: var(--paper); color: var(--ink); font: 1.05rem/1.6 Georgia, 'Iowan Old Style', serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin-bottom: .2rem; }
.subtitle { color: var(--soft); margin-top: 0; }
section { border-top: 1px solid var(--rule); padding-top: .8rem; margin-top: 1.4rem; }
h2 { font-size: 1.15rem; margin: 0 0 .4rem; }
h2 code { font-size: .75rem; color: var(--soft); font-weight: normal; }
pre { font: .88rem/1.5 ui-monospace, 'SF Mono', Menlo, monospace; white-space: pre-wrap; border-left: 3px solid var(--rule); padding-left: .8rem; margin: .6rem 0; }
ul { color: var(--soft); font-size: .88rem; padding-left: 1.1rem; }
del { color: var(--del); } ins { color: var(--ins); }
section.struck h2, section.struck p, section.struck pre { color: var(--del); }
.mark { font-size: .8rem; font-weight: normal; color: var(--soft); }
";

/// Renders as a page that needs nothing else.
#[must_use]
pub fn html(d: &Document) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p class=\"subtitle\">{1}</p>\n",
        escape(&d.title),
        escape(&d.subtitle)
    );
    for s in &d.sections {
        let (class, mark) = match s.standing {
            Standing::Kept => ("kept", ""),
            Standing::Inserted => ("inserted", " <span class=\"mark\">inserted</span>"),
            Standing::Struck => ("struck", " <span class=\"mark\">struck</span>"),
        };
        out.push_str(&format!(
            "<section id=\"{0}\" class=\"{class}\">\n<h2>{1} {2} <code>{0}</code>{mark}</h2>\n",
            escape(&s.id),
            line(&s.number),
            line(&s.title)
        ));
        if !s.prose.is_empty() {
            out.push_str(&format!("<p>{}</p>\n", line(&s.prose)));
        }
        for r in &s.sentences {
            out.push_str(&format!("<pre>{}</pre>\n", line(r)));
        }
        let notes: String = s.notes.iter().map(|n| format!("<li>{}</li>", escape(n))).collect();
        out.push_str(&format!("<ul>{notes}</ul>\n</section>\n"));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn escape(t: &str) -> String {
    t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn line(runs: &[Run]) -> String {
    runs.iter()
        .map(|r| match r {
            Run::Same(t) => escape(t),
            Run::Deleted(t) => format!("<del>{}</del>", escape(t)),
            Run::Inserted(t) => format!("<ins>{}</ins>", escape(t)),
        })
        .collect()
}
