//! Lines on their way to text, with the comments of the source put back. Data flow: a printer calls [`Out::line`] with
//! the place a line came from; comments that stood before that place are emitted first. Invariant: every comment is
//! emitted once, in order.

use crate::span::{Sp, Span};

/// Columns within which a block stays on one line.
pub(super) const WIDTH: usize = 100;

/// The text so far.
pub(super) struct Out<'a> {
    text: String,
    indent: usize,
    comments: &'a [Sp<String>],
    next: usize,
    source: Option<&'a str>,
    one_line: bool,
}

impl<'a> Out<'a> {
    /// Without comments.
    pub(super) fn plain() -> Self {
        Self::with_comments(&[], None)
    }

    /// With comments; the source tells which of them stood at the end of a line.
    pub(super) fn with_comments(comments: &'a [Sp<String>], source: Option<&'a str>) -> Self {
        Out { text: String::new(), indent: 0, comments, next: 0, source, one_line: false }
    }

    /// A line that came from `span`.
    pub(super) fn line(&mut self, span: Span, line: &str) {
        self.comments_before(span.start);
        self.push(line);
    }

    /// A line that begins a block.
    pub(super) fn open(&mut self, span: Span, line: &str) {
        self.line(span, line);
        self.indent += 1;
    }

    /// The line that ends the block that came from `span`.
    pub(super) fn close(&mut self, span: Span, line: &str) {
        self.comments_before(span.end);
        self.indent = self.indent.saturating_sub(1);
        self.push(line);
    }

    /// One level further in.
    pub(super) fn indented(&mut self, write: impl FnOnce(&mut Self)) {
        self.indent += 1;
        write(self);
        self.indent -= 1;
    }

    /// `head { content }` on one line, where that fits and no comment stands inside; tells whether it did.
    pub(super) fn inline(&mut self, span: Span, line: &str) -> bool {
        let holds_comment = self
            .comments
            .get(self.next..)
            .unwrap_or_default()
            .iter()
            .any(|c| c.span.start > span.start && c.span.start < span.end);
        let fits = !line.contains('\n') && self.indent * 4 + line.chars().count() <= WIDTH;
        if fits && !holds_comment {
            self.line(span, line);
        }
        fits && !holds_comment
    }

    /// A blank line.
    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Emits the comments that trail the last line, before what follows at `start`.
    pub(super) fn trailing(&mut self, start: u32) {
        while let Some(comment) = self.comments.get(self.next) {
            if comment.span.start >= start || !self.trails(comment) || !self.attach(&comment.node) {
                break;
            }
            self.next += 1;
        }
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.text.matches('\n').count()
    }

    /// Notes whether the item that began after `lines` lines took one line.
    pub(super) fn mark_item(&mut self, lines: usize) {
        self.one_line = self.lines() == lines + 1;
    }

    /// True where the last item took one line.
    pub(super) fn ends_with_one_line(&self) -> bool {
        self.one_line
    }

    /// The whole text; what comments remain are at its end.
    pub(super) fn finish(mut self) -> String {
        self.comments_before(u32::MAX);
        self.text
    }

    fn push(&mut self, line: &str) {
        for part in line.split('\n') {
            if !part.is_empty() {
                self.text.push_str(&"    ".repeat(self.indent));
                self.text.push_str(part);
            }
            self.text.push('\n');
        }
    }

    fn comments_before(&mut self, start: u32) {
        while let Some(comment) = self.comments.get(self.next) {
            if comment.span.start >= start {
                break;
            }
            self.next += 1;
            if !(self.trails(comment) && self.attach(&comment.node)) {
                self.own_line(&comment.node);
            }
        }
    }

    /// A comment on lines of its own; those inside a block comment keep their form.
    fn own_line(&mut self, comment: &str) {
        self.text.push_str(&"    ".repeat(self.indent));
        self.text.push_str(comment);
        self.text.push('\n');
    }

    /// True where something stands before the comment on its line of the source.
    fn trails(&self, comment: &Sp<String>) -> bool {
        self.source
            .and_then(|source| source.get(..comment.span.start as usize))
            .is_some_and(|before| !before.rsplit('\n').next().unwrap_or("").trim().is_empty())
    }

    /// Sets a comment at the end of the last line, where that line ends with none.
    fn attach(&mut self, comment: &str) -> bool {
        let Some(body) = self.text.strip_suffix('\n') else { return false };
        let last = body.rsplit('\n').next().unwrap_or("");
        if last.trim().is_empty() || ends_with_comment(last) || comment.contains('\n') {
            return false;
        }
        self.text.pop();
        self.text.push_str("  ");
        self.text.push_str(comment);
        self.text.push('\n');
        true
    }
}

/// True where a line holds a comment (outside of texts).
fn ends_with_comment(line: &str) -> bool {
    crate::token::tokens(line).iter().any(|t| t.is_comment())
}
