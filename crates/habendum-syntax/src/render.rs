//! Diagnostics to text. Data flow: diagnostics and sources -> ariadne (every label, across files) -> text.
//! Invariant: the same diagnostics give the same text; nothing here judges.

use crate::diagnostic::{Diagnostic, Severity};
use crate::excerpt::Excerpt;
use crate::span::{FileId, Sources, Span};
use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Diagnostics in full: source lines with every label, reasons, ways out, and where to read more.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let mut cache = Files::new(sources);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&one(diagnostic, &mut cache, color));
        out.push('\n');
    }
    out
}

/// One line a diagnostic: `file:line:column: error[CODE]: message`.
#[must_use]
pub fn render_concise(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = if known(sources, diagnostic.span()) {
            sources.place(diagnostic.span())
        } else {
            "(no source)".to_owned()
        };
        let word = word(diagnostic.severity);
        out.push_str(&format!("{place}: {word}[{}]: {}\n", diagnostic.code, diagnostic.message));
    }
    out
}

/// The word for a weight.
#[must_use]
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A place as ariadne wants it.
type Place = (FileId, std::ops::Range<usize>);

fn one(diagnostic: &Diagnostic, cache: &mut Files<'_>, color: bool) -> String {
    let mut labels: Vec<(usize, Place, &str)> = diagnostic
        .labels
        .iter()
        .enumerate()
        .filter(|(_, l)| known(cache.sources, l.span))
        .map(|(i, l)| (i, cache.place(l.span), l.message.as_str()))
        .collect();
    let (kind, main) = match diagnostic.severity {
        Severity::Info => (ReportKind::Custom("info", Color::Blue), Color::Blue),
        Severity::Warning => (ReportKind::Custom("warning", Color::Yellow), Color::Yellow),
        Severity::Error => (ReportKind::Custom("error", Color::Red), Color::Red),
    };
    cache.shorten(labels.iter_mut().map(|(_, place, _)| place).collect());
    let Some((_, first, _)) = labels.first() else { return without_place(diagnostic) };
    let first = first.clone();
    // Labels of one file in the order of their lines share one excerpt; the main file comes first.
    labels.sort_by_key(|(_, (file, bytes), _)| (*file != first.0, *file, bytes.start));
    let config = Config::default().with_color(color).with_index_type(IndexType::Char);
    let mut report = Report::build(kind, first)
        .with_config(config)
        .with_code(&diagnostic.code)
        .with_message(&diagnostic.message);
    for (order, (i, place, message)) in labels.iter().enumerate() {
        let shade = if *i == 0 { main } else { Color::Cyan };
        let order = i32::try_from(order).unwrap_or(i32::MAX);
        report = report
            .with_label(Label::new(place.clone()).with_message(message).with_color(shade).with_order(order));
    }
    let mut bytes = Vec::new();
    // Writing to memory fails only where a source is missing; the message is then still said.
    if report.finish().write(&mut *cache, &mut bytes).is_err() {
        return without_place(diagnostic);
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = if color { text.into_owned() } else { uncolored(&text) };
    let text = cache.with_true_columns(text, diagnostic);
    let mut out = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    out.push('\n');
    out.push_str(&remarks(diagnostic));
    out
}

/// Without escape sequences: ariadne colors the word for the weight whatever it is told.
fn uncolored(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    out
}

/// Why, what to do, and where to read more.
fn remarks(diagnostic: &Diagnostic) -> String {
    let mut out = String::new();
    for note in &diagnostic.notes {
        out.push_str(&format!("  why: {note}\n"));
    }
    for help in &diagnostic.help {
        out.push_str(&format!("  help: {help}\n"));
    }
    out.push_str(&format!("  see `habendum explain {}`\n", diagnostic.code));
    out
}

fn without_place(diagnostic: &Diagnostic) -> String {
    let head = format!("[{}] {}: {}\n", diagnostic.code, word(diagnostic.severity), diagnostic.message);
    head + &remarks(diagnostic)
}

fn known(sources: &Sources, span: Span) -> bool {
    sources.iter().nth(span.file.0 as usize).is_some_and(|(_, s)| span.start as usize <= s.text.len())
}

/// The sources, each split into lines when first shown.
struct Files<'s> {
    sources: &'s Sources,
    split: Vec<Option<Source<Cow<'s, str>>>>,
    /// Files whose long lines are shortened for the diagnostic at hand.
    short: BTreeMap<FileId, (Excerpt, Source<Cow<'s, str>>)>,
}

impl<'s> Files<'s> {
    fn new(sources: &'s Sources) -> Self {
        Files { sources, split: sources.iter().map(|_| None).collect(), short: BTreeMap::new() }
    }

    /// Shortens the long lines that bear the labels of a diagnostic, and moves these with them.
    fn shorten(&mut self, mut places: Vec<&mut Place>) {
        self.short.clear();
        for (file, source) in self.sources.iter() {
            let own: Vec<_> = places.iter().filter(|p| p.0 == file).map(|p| p.1.clone()).collect();
            let Some(short) = crate::excerpt::shorten(&source.text, &own).filter(|_| !own.is_empty()) else {
                continue;
            };
            for place in places.iter_mut().filter(|p| p.0 == file) {
                place.1 = short.place(&place.1);
            }
            let shown = Source::from(Cow::Owned(short.text.clone()));
            self.short.insert(file, (short, shown));
        }
    }

    /// The heading of an excerpt with the column that the label has in the file, not in the shortened line.
    fn with_true_columns(&self, text: String, diagnostic: &Diagnostic) -> String {
        let mut out = text;
        for l in diagnostic.labels.iter().filter(|l| self.short.contains_key(&l.span.file)) {
            let Some((short, _)) = self.short.get(&l.span.file) else { continue };
            let (line, column) = self.sources.line_col(l.span);
            let place = short.place(&self.place(l.span).1);
            let upto: String = short.text.chars().take(place.start).collect();
            let shown = upto.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            let name = &self.sources.get(l.span.file).name;
            out = out.replacen(&format!("{name}:{line}:{shown} ]"), &format!("{name}:{line}:{column} ]"), 1);
        }
        out
    }

    /// The characters of a span, kept inside the text; never none where text is left. Spans count bytes; ariadne takes
    /// bytes too, but then misplaces the heading of an excerpt from a second file.
    fn place(&self, span: Span) -> Place {
        let text = &self.sources.get(span.file).text;
        let start = text.floor_char_boundary((span.start as usize).min(text.len()));
        let end = text.ceil_char_boundary((span.end as usize).clamp(start, text.len()));
        let count = |bytes: std::ops::Range<usize>| text.get(bytes).map_or(0, |t| t.chars().count());
        let (first, length) = (count(0..start), count(start..end));
        let least = usize::from(start < text.len());
        (span.file, first..first + length.max(least))
    }
}

impl<'s> Cache<FileId> for &mut Files<'s> {
    type Storage = Cow<'s, str>;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<Cow<'s, str>>, impl fmt::Debug> {
        if let Some((_, shown)) = self.short.get(id) {
            return Ok(shown);
        }
        let Some(slot) = self.split.get_mut(id.0 as usize) else { return Err("no such source") };
        Ok(slot.get_or_insert_with(|| Source::from(Cow::Borrowed(self.sources.get(*id).text.as_str()))))
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl fmt::Display + 'a> {
        self.sources.iter().nth(id.0 as usize).map(|(_, s)| s.name.clone())
    }
}
