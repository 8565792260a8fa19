//! Long lines, shortened for an excerpt: what stands around the first label of a line is kept, the rest becomes `…`.
//!
//! Data flow: a text and the labelled places -> a shorter text and where each place is in it. Invariant: lines keep their numbers; a
//! line that is not long, or bears no label, is as it was.

use std::ops::Range;

/// Characters of a line that are shown whole.
const LONGEST: usize = 200;
/// Characters kept before and after the start of the first label of a long line.
const AROUND: (usize, usize) = (60, 100);

/// A text with its long labelled lines shortened.
pub(crate) struct Excerpt {
    /// The text.
    pub text: String,
    /// Per cut line: characters of the whole text that were kept, and where they begin in the shorter one.
    kept: Vec<(Range<usize>, usize)>,
    /// Ends of the kept parts' lines in the whole text, to place what lies in what was cut.
    lines: Vec<Range<usize>>,
}

/// A text shortened around labels (ranges of characters); none where no labelled line is long.
pub(crate) fn shorten(text: &str, labels: &[Range<usize>]) -> Option<Excerpt> {
    let mut made = Excerpt { text: String::new(), kept: Vec::new(), lines: Vec::new() };
    let (mut from, mut to) = (0, 0);
    for line in text.split_inclusive('\n') {
        let chars: Vec<char> = line.chars().collect();
        let whole = from..from + chars.len();
        let first = labels.iter().map(|l| l.start).filter(|s| whole.contains(s)).min();
        match first {
            Some(at) if chars.len() > LONGEST => {
                let start = (at - from).saturating_sub(AROUND.0);
                let end = (at - from + AROUND.1).min(chars.len());
                let before = if start > 0 { "… " } else { "" };
                let mut shown: String = before.to_owned();
                shown.extend(&chars[start..end]);
                if end < chars.len() {
                    shown.push_str(if line.ends_with('\n') { " …\n" } else { " …" });
                }
                made.kept.push((from + start..from + end, to + before.chars().count()));
                to += shown.chars().count();
                made.text.push_str(&shown);
            }
            _ => {
                made.kept.push((whole.clone(), to));
                to += chars.len();
                made.text.push_str(line);
            }
        }
        made.lines.push(whole.clone());
        from = whole.end;
    }
    let cut = made.kept.iter().zip(&made.lines).any(|((kept, _), line)| kept != line);
    cut.then_some(made)
}

impl Excerpt {
    /// Where a place (characters of the whole text) is in the shorter one, at least a character wide.
    pub(crate) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.at(range.start);
        start..self.at(range.end).max(start + usize::from(!range.is_empty()))
    }

    fn at(&self, char: usize) -> usize {
        let line = self.lines.partition_point(|l| l.end <= char).min(self.lines.len().saturating_sub(1));
        match self.kept.get(line) {
            Some((kept, to)) => to + char.clamp(kept.start, kept.end) - kept.start,
            None => char,
        }
    }
}
