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

/// What was taken out and put in at one place, and the words that follow it in both.
#[derive(Default)]
struct Change {
    deleted: String,
    inserted: String,
    then: String,
}

impl Change {
    /// How much is marked, on the longer side.
    fn size(&self) -> usize {
        let letters = |t: &str| t.trim().chars().count();
        letters(&self.deleted).max(letters(&self.inserted))
    }

    /// Takes the words between this change and the next into both sides, and the next change with them.
    fn absorb(&mut self, next: &Self) {
        let between = std::mem::take(&mut self.then);
        self.deleted.push_str(&between);
        self.deleted.push_str(&next.deleted);
        self.inserted.push_str(&between);
        self.inserted.push_str(&next.inserted);
        self.then.clone_from(&next.then);
    }
}

/// The runs from `old` to `new`, words kept whole, the deleted before the inserted.
///
/// Words that happen to stand in both texts between two changes, and are no longer than either, are marked with them, so that a
/// sentence written anew reads as one deletion and one insertion. The rule is that of Fraser's semantic clean-up of differences.
#[must_use]
pub fn runs(old: &str, new: &str) -> Vec<Run> {
    let mut out = Vec::new();
    for c in changes(old, new) {
        out.extend((!c.deleted.is_empty()).then_some(Run::Deleted(c.deleted)));
        out.extend((!c.inserted.is_empty()).then_some(Run::Inserted(c.inserted)));
        out.extend((!c.then.is_empty()).then_some(Run::Same(c.then)));
    }
    out
}

/// The changes in their order; the first may have nothing but what is the same.
fn changes(old: &str, new: &str) -> Vec<Change> {
    let diff = TextDiff::from_words(old, new);
    let mut all = vec![Change::default()];
    for c in diff.iter_all_changes() {
        if c.tag() != ChangeTag::Equal && all.last().is_some_and(|l| !l.then.is_empty()) {
            all.push(Change::default());
        }
        if let Some(last) = all.last_mut() {
            match c.tag() {
                ChangeTag::Equal => last.then.push_str(c.value()),
                ChangeTag::Delete => last.deleted.push_str(c.value()),
                ChangeTag::Insert => last.inserted.push_str(c.value()),
            }
        }
    }
    let mut joined: Vec<Change> = Vec::new();
    for mut c in all {
        // What has grown may now absorb what it could not before.
        while let Some(last) = joined.pop_if(|l| l.then.trim().chars().count() <= l.size().min(c.size())) {
            let mut grown = last;
            grown.absorb(&c);
            c = grown;
        }
        joined.push(c);
    }
    joined
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

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_word_changed_is_marked_alone() {
        assert_eq!(
            plain("pays within 30 days after each month", "pays within 45 days after each month"),
            "pays within [-30-]{+45+} days after each month"
        );
    }

    #[test]
    fn a_sentence_written_anew_is_one_deletion_and_one_insertion() {
        // "the" and "of" stand in both by chance.
        assert_eq!(
            plain("Alpha hosts the API of Beta alone.", "Alpha is the primary cloud partner of Beta."),
            "Alpha [-hosts the API of Beta alone.-]{+is the primary cloud partner of Beta.+}"
        );
    }

    #[test]
    fn one_text_has_no_marks() {
        assert_eq!(plain("", ""), "");
        assert_eq!(plain("a b", "a b"), "a b");
        assert_eq!(plain("", "a b"), "{+a b+}");
    }
}
