//! Printing and re-parsing any tree gives an equal tree. Trees are made from random bytes: fewer bytes, smaller tree,
//! so that a failure shrinks to a small one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod expr;
mod item;
mod modifier;

use habendum_syntax::ast::{File, Name};
use habendum_syntax::print::{format_source, print_file};
use habendum_syntax::{FileId, Sp, parse_file};
use proptest::prelude::*;

/// Choices read from bytes; when they run out, always the first choice.
pub struct Gen<'a> {
    bytes: std::slice::Iter<'a, u8>,
    depth: u32,
}

impl Gen<'_> {
    /// One of `n` choices; the last ones are also reached by the largest bytes, the first when bytes run out.
    pub fn pick(&mut self, n: usize) -> usize {
        usize::from(*self.bytes.next().unwrap_or(&0)) % n
    }

    pub fn flag(&mut self) -> bool {
        self.pick(2) == 1
    }

    pub fn one<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.pick(all.len())].clone()
    }

    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.flag() { Some(make(self)) } else { None }
    }

    pub fn many<T>(&mut self, least: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = least + self.pick(3);
        (0..n).map(|_| make(self)).collect()
    }

    /// Goes one level down; past the bound only `leaf` is made.
    pub fn deeper<T>(&mut self, make: impl FnOnce(&mut Self, bool) -> T) -> T {
        self.depth += 1;
        let out = make(self, self.depth > 5);
        self.depth -= 1;
        out
    }

    pub fn name(&mut self) -> Name {
        let names = [
            "alpha",
            "Beta",
            "share-to-microsoft",
            "net_revenue",
            "X1",
            "by",
            "of",
            "amount",
            "cap",
            "Azure",
        ];
        sp(self.one(&names).to_owned())
    }

    /// Names that can stand before a unit of time or begin a sentence.
    pub fn plain_name(&mut self) -> Name {
        let names = ["alpha", "Beta", "share-to-microsoft", "net_revenue", "X1", "Azure"];
        sp(self.one(&names).to_owned())
    }

    pub fn names(&mut self, least: usize) -> Vec<Name> {
        self.many(least, Gen::plain_name)
    }

    pub fn text(&mut self) -> Sp<String> {
        let texts =
            ["a text", "", "with \"marks\" and \\ and\na line", "§ 2 – “quoted” // no comment", "{ ( }"];
        sp(self.one(&texts).to_owned())
    }
}

pub fn sp<T>(node: T) -> Sp<T> {
    Sp::bare(node)
}

pub fn file(bytes: &[u8]) -> File {
    let mut g = Gen { bytes: bytes.iter(), depth: 0 };
    let items = g.many(1, item::item).into_iter().map(sp).collect();
    File { items, comments: Vec::new() }
}

/// Reads a printed file, which must have no error.
fn read(text: &str) -> File {
    let parsed = parse_file(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:#?}\n{text}", parsed.diagnostics);
    parsed.value
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn printed_tree_reads_back_equal(bytes in prop::collection::vec(any::<u8>(), 0..1200)) {
        let tree = file(&bytes);
        let text = print_file(&tree);
        let back = read(&text);
        prop_assert_eq!(&back, &tree, "{}", text);
        prop_assert_eq!(print_file(&back), text);
    }
}

#[test]
fn everything_survives_the_formatter_with_its_comments() {
    let source = include_str!("../../../../tests/cases/syntax/everything.term");
    let before = read(source);
    let formatted = format_source(FileId(0), source).value.expect("no errors");
    let after = read(&formatted);
    assert_eq!(before.items, after.items);
    let texts = |f: &File| f.comments.iter().map(|c| c.node.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&before), texts(&after));
    assert_eq!(
        format_source(FileId(0), &formatted).value.expect("no errors"),
        formatted,
        "formatting is idempotent"
    );
}

#[test]
fn a_comment_keeps_its_place() {
    let source = "// head\nunit kg // the weight\n\n/* two\n   lines */\nclause a {\n  // own\n  P may E // why\n  where x // because\n  // last\n}\n// end\n";
    let expected = "// head\nunit kg  // the weight\n\n/* two\n   lines */\nclause a {\n    // own\n    P may E  // why\n        where x  // because\n    // last\n}\n// end\n";
    assert_eq!(format_source(FileId(0), source).value.as_deref(), Some(expected));
}
