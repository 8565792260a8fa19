//! Rendering: every label across files, byte places in texts with wide characters, no color where none is wanted.
#![allow(missing_docs, reason = "tests")]

use habendum_syntax::render::{render, render_concise};
use habendum_syntax::{Diagnostic, FileId, Sources, Span};

fn span(file: FileId, start: u32, end: u32) -> Span {
    Span { file, start, end }
}

fn sample(sources: &mut Sources) -> Diagnostic {
    let base = sources.add("base.term", "// é – wide\nclause a { }\n");
    let amendment = sources.add("amendment.term", "strike a\nstrike a\n");
    // `// é – wide` takes 14 bytes: é is 2, the dash 3.
    Diagnostic::error("C016", "struck twice", span(amendment, 16, 17), "again here")
        .label(span(amendment, 7, 8), "first here")
        .label(span(base, 22, 23), "the clause")
        .note("a struck clause is gone")
        .help("restate it")
}

#[test]
fn every_label_stands_under_its_own_line() {
    let mut sources = Sources::default();
    let text = render(&[sample(&mut sources)], &sources, false);
    let expected = "\
[C016] error: struck twice
   ╭─[ amendment.term:2:8 ]
   │
 1 │ strike a
   │        ┬
   │        ╰── first here
 2 │ strike a
   │        ┬
   │        ╰── again here
   │
   ├─[ base.term:2:8 ]
   │
 2 │ clause a { }
   │        ┬
   │        ╰── the clause
───╯
  why: a struck clause is gone
  help: restate it
  see `habendum explain C016`

";
    assert_eq!(text, expected);
}

#[test]
fn color_only_where_wanted() {
    let mut sources = Sources::default();
    let diagnostic = sample(&mut sources);
    assert!(render(std::slice::from_ref(&diagnostic), &sources, true).contains('\u{1b}'));
    assert!(!render(&[diagnostic], &sources, false).contains('\u{1b}'));
}

#[test]
fn concise_is_one_line_each() {
    let mut sources = Sources::default();
    let diagnostic = sample(&mut sources);
    assert_eq!(render_concise(&[diagnostic], &sources), "amendment.term:2:8: error[C016]: struck twice\n");
}

#[test]
fn a_place_outside_of_every_source_does_no_harm() {
    let mut sources = Sources::default();
    sources.add("a.term", "unit kg");
    let nowhere = Diagnostic::warning("N001", "odd", span(FileId(7), 3, 5), "here");
    let beyond = Diagnostic::warning("N001", "odd", span(FileId(0), 300, 500), "here");
    for diagnostic in [nowhere, beyond] {
        assert!(
            render(std::slice::from_ref(&diagnostic), &sources, false).starts_with("[N001] warning: odd")
        );
        assert_eq!(render_concise(&[diagnostic], &sources), "(no source): warning[N001]: odd\n");
    }
    let at_end = Diagnostic::warning("N001", "odd", span(FileId(0), 7, 7), "here");
    assert!(render(&[at_end], &sources, false).contains("a.term:1:8"));
    let mut empty = Sources::default();
    let id = empty.add("empty.term", "");
    assert!(
        render(&[Diagnostic::error("S008", "empty", span(id, 0, 0), "here")], &empty, false)
            .contains("empty")
    );
}

#[test]
fn a_long_line_is_shortened_around_its_label() {
    let mut sources = Sources::default();
    let file = sources.add("long.term", format!("{}here{}\n", "a".repeat(9_000), "b".repeat(9_000)));
    let d = Diagnostic::error("S001", "wrong", span(file, 9_000, 9_004), "this");
    let text = render(&[d], &sources, false);
    assert!(text.lines().all(|l| l.chars().count() < 220), "{text}");
    assert!(text.contains("long.term:1:9001 ]"), "{text}");
    assert!(text.contains(&format!("… {}here{} …", "a".repeat(60), "b".repeat(96))), "{text}");
    // The mark stands under the label: four wide, below `here`.
    let shown = text.lines().find(|l| l.contains("here")).unwrap_or("");
    let mark = text.lines().find(|l| l.contains('┬')).unwrap_or("");
    let column = |l: &str, c: char| l.chars().position(|x| x == c).unwrap_or(0);
    let here = shown.chars().take_while(|c| *c != 'h').count();
    assert!((here..here + 4).contains(&column(mark, '┬')), "{text}");
}
