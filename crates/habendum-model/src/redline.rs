//! Redlines: what changed between two texts, word by word.

use similar::{ChangeTag, TextDiff};

/// A run of words of one standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// In both.
    Same(String),
    /// In the old text alone.
    Deleted(String),
    /// In the new text alone.
    Inserted(String),
}

/// The runs from `old` to `new`, words kept whole; neighbours of one standing are joined.
#[must_use]
pub fn runs(old: &str, new: &str) -> Vec<Run> {
    let diff = TextDiff::from_words(old, new);
    let mut out: Vec<Run> = Vec::new();
    for c in diff.iter_all_changes() {
        let text = c.value();
        match (c.tag(), out.last_mut()) {
            (ChangeTag::Equal, Some(Run::Same(t)))
            | (ChangeTag::Delete, Some(Run::Deleted(t)))
            | (ChangeTag::Insert, Some(Run::Inserted(t))) => t.push_str(text),
            (ChangeTag::Equal, _) => out.push(Run::Same(text.to_owned())),
            (ChangeTag::Delete, _) => out.push(Run::Deleted(text.to_owned())),
            (ChangeTag::Insert, _) => out.push(Run::Inserted(text.to_owned())),
        }
    }
    out
}

/// A redline in plain characters: `[-deleted-]`, `{+inserted+}`.
#[must_use]
pub fn plain(old: &str, new: &str) -> String {
    runs(old, new)
        .into_iter()
        .map(|r| match r {
            Run::Same(t) => t,
            Run::Deleted(t) => format!("[-{}-]{}", t.trim(), trailing(&t)),
            Run::Inserted(t) => format!("{{+{}+}}{}", t.trim(), trailing(&t)),
        })
        .collect()
}

/// The white space at the end of a run, kept outside its marks.
#[must_use]
pub fn trailing(t: &str) -> &str {
    &t[t.trim_end().len()..]
}
