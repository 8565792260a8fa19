//! No text makes the parser panic or overflow the stack, and tokens and grammar agree.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use habendum_syntax::print::format_source;
use habendum_syntax::token::{TokenKind, tokens};
use habendum_syntax::{FileId, parse_expr, parse_file};
use proptest::prelude::*;

const EVERYTHING: &str = include_str!("../../../tests/cases/syntax/everything.term");

/// Parses a text, checks what must always hold, and tells whether it had errors.
fn check(text: &str) -> bool {
    let all = tokens(text);
    assert_eq!(
        all.iter().map(|t| t.text(text)).collect::<String>(),
        text,
        "tokens concatenate to the source"
    );
    let parsed = parse_file(FileId(0), text);
    for diagnostic in &parsed.diagnostics {
        for label in &diagnostic.labels {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(text.get(start..end).is_some(), "{diagnostic:?} stands outside of the text");
        }
        assert_ne!(diagnostic.code, "S099", "{diagnostic:?}\n{text}");
    }
    if !parsed.has_errors() {
        assert!(!all.iter().any(|t| t.is_error()), "what the grammar accepts has no unknown token");
        let formatted = format_source(FileId(0), text).value.unwrap();
        assert_eq!(parse_file(FileId(0), &formatted).value.items, parsed.value.items, "{formatted}");
    }
    parsed.has_errors()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words_of_the_language(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..80)) {
        let all: Vec<&str> = tokens(EVERYTHING).iter().map(|t| t.text(EVERYTHING)).collect();
        let text = picks.iter().map(|i| *i.get(&all)).collect::<Vec<_>>().join(" ");
        check(&text);
    }

    #[test]
    fn a_valid_file_with_tokens_taken_out_doubled_or_swapped(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8), 1..4),
    ) {
        let mut all: Vec<&str> = tokens(EVERYTHING).iter().map(|t| t.text(EVERYTHING)).collect();
        for (at, other, edit) in edits {
            let (at, other) = (at.index(all.len()), other.index(all.len()));
            match edit {
                0 => { all.remove(at); }
                1 => all.insert(at, all[other]),
                2 => all.swap(at, other),
                _ => all[at] = "🜁",
            }
        }
        check(&all.concat());
    }

    #[test]
    fn a_valid_file_cut_short(at in any::<prop::sample::Index>()) {
        let at = EVERYTHING.floor_char_boundary(at.index(EVERYTHING.len()));
        check(&EVERYTHING[..at]);
    }
}

/// Each of these nests, or chains, as deep as it is long.
#[test]
fn a_deep_nest_is_a_diagnostic() {
    let n = 10_000;
    let inside = |body: String| format!("clause a {{\n    P may E\n        where {body}\n}}\n");
    let deep = [
        inside("(".repeat(n)),
        inside(format!("{}x{}", "(".repeat(n), ")".repeat(n))),
        inside(format!("{}x{}", "a[".repeat(n), "]".repeat(n))),
        inside(format!("{}x", "not ".repeat(n))),
        inside(format!("{}x", "- ".repeat(n))),
        inside(format!("x{}", " + x".repeat(n))),
        inside(format!("x{}", " of x".repeat(n))),
        inside(format!("{}x", "year of ".repeat(n))),
        inside(format!("{}x", "started days from ".repeat(n))),
        inside(format!("{}x", "if x then x else ".repeat(n))),
        inside(format!("{}x", "if x is one of A, ".repeat(n))),
        inside(format!("{}x", "count of (E where ".repeat(n))),
        inside(format!("{}x", "greater of (1, ".repeat(n))),
        inside(format!("x{}", " unless x {".repeat(n))),
        inside(format!("x{}{}", " unless x { unless x".repeat(n), "}".repeat(n))),
        inside(format!("x{}", " otherwise P must E no deadline".repeat(n))),
        format!("vocabulary V {}{}", "{ a ".repeat(n), "}".repeat(n)),
        "{".repeat(n),
        "}".repeat(n),
        "clause a {".repeat(n),
        "clause a {\n".repeat(n),
        "/*".repeat(n),
        "\"".repeat(n + 1),
        "clause a { reading b {".repeat(n),
    ];
    for text in &deep {
        assert!(check(text), "{}", &text[..60.min(text.len())]);
    }
    assert!(parse_expr(FileId(0), &"(".repeat(n)).has_errors());
}

/// What stands just within the bound parses, prints and is dropped on a small stack.
#[test]
fn the_deepest_allowed_nest_fits_a_small_stack() {
    let n = 60;
    let work = move || {
        let texts = [
            format!("define d = {}x{}", "(1 + ".repeat(n), ")".repeat(n)),
            format!("define d = {}x", "if x then x else ".repeat(n)),
            format!("define d = {}x", "not ".repeat(250)),
            format!("define d = x{}", " + x".repeat(250)),
            format!("define d = {}x{}", "a[".repeat(n), "]".repeat(n)),
            format!("define d = {}x{}", "count of (E where ".repeat(n), ") in total".repeat(n)),
            format!("clause a {{ P may E {}unless y{}}}", "unless x { ".repeat(n), " }".repeat(n)),
            format!("vocabulary V {}{}", "{ a ".repeat(n), "}".repeat(n)),
        ];
        for text in &texts {
            assert!(!check(text), "{text}");
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

/// A fault of grammar that backtracks would show as a hang here.
#[test]
fn nested_failures_cost_no_more_than_their_length() {
    let started = std::time::Instant::now();
    for opener in [
        "count of (E where ",
        "(E where ",
        "a[",
        "greater of (x, ",
        "if (",
        "(not (",
        "x is one of (",
        "((E where ",
        "year of (",
        "the lesser of (",
        "x is not (",
        "- (",
        "if x then (",
    ] {
        let body = opener.repeat(30);
        assert!(check(&format!("define d = {body}")));
    }
    assert!(started.elapsed().as_secs() < 5, "took {:?}", started.elapsed());
}

#[test]
fn empty_texts_are_empty_files() {
    for text in ["", " \n\t\r\n", "// nothing\n", "/* nothing */"] {
        let parsed = parse_file(FileId(0), text);
        assert!(parsed.diagnostics.is_empty() && parsed.value.items.is_empty(), "{text:?}");
    }
}

#[test]
fn carriage_returns_are_blanks() {
    assert!(!check(&EVERYTHING.replace('\n', "\r\n")));
}

#[test]
fn no_token_of_a_valid_file_is_an_error() {
    assert!(tokens(EVERYTHING).iter().all(|t| !matches!(t.kind, TokenKind::Unknown | TokenKind::OpenText)));
    assert!(!check(EVERYTHING));
}

#[test]
fn an_expression_alone_is_read() {
    let parsed = parse_expr(FileId(0), "38 billion USD");
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(habendum_syntax::print::print_expr(&parsed.value.unwrap().node), "38 billion USD");
    assert!(parse_expr(FileId(0), "38 billion USD extra").has_errors());
    assert!(parse_expr(FileId(0), "").has_errors());
}
