//! Pages of the book that are made from what the tool prints: the command line from `--help`, the codes from `explain`.
//!
//! Data flow: the binary's output -> Markdown -> compared with `book/src`; `UPDATE=1` rewrites the pages.
#![allow(clippy::unwrap_used, reason = "a test stops where a result is missing")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

fn habendum(args: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_habendum"))
        .args(args)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(out.status.success(), "habendum {}", args.join(" "));
    String::from_utf8(out.stdout).unwrap()
}

fn compare(page: &str, text: &str) {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src").join(page);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&at, text).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&at).unwrap_or_default();
    let first = old.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(old == text, "{page} is not up to date (UPDATE=1 rewrites it): {first:?}");
}

/// The commands that a help names, in its order.
fn commands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .take_while(|l| !l.trim().is_empty())
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next())
        .filter(|c| *c != "help")
        .collect()
}

#[test]
fn the_page_of_the_command_line() {
    let help = habendum(&["--help"]);
    let mut page = String::from(
        "# The command line\n\nThis page is made from what `habendum --help` and `habendum COMMAND --help` print.\n\n\
         Results go to standard output; findings about what was given, progress and errors go to standard error. Colour is left out where\n\
         `NO_COLOR` is set or the output is no terminal.\n\n",
    );
    let _ = write!(page, "```text\n{}\n```\n", help.trim_end());
    let list = commands(&help);
    assert!(list.len() > 5, "{help}");
    for c in list {
        let _ = write!(page, "\n## habendum {c}\n\n```text\n{}\n```\n", habendum(&[c, "--help"]).trim_end());
    }
    compare("cli.md", &page);
}

/// The families of codes, by first letter.
const FAMILIES: [(char, &str, &str); 5] = [
    ('S', "Syntax", "The text cannot be read, or a word has two readings."),
    ('N', "Names", "A name is unknown, declared twice, or the agreement lacks something."),
    ('T', "Types and sentences", "Values or modifiers that do not go together."),
    ('C', "Contract", "The text is well formed, and something is wrong with the contract."),
    ('D', "Changes", "What `habendum diff` finds that a change of a contract changes."),
];

#[test]
fn the_page_of_codes() {
    let mut page = String::from(
        "# Codes\n\nEvery finding has a code that never changes its meaning. `habendum explain CODE` prints the page of one; these are the same pages.\n",
    );
    let mut seen = 0;
    for (letter, title, about) in FAMILIES {
        let _ = write!(page, "\n## {title}\n\n{about}\n\n");
        let family = || habendum::explain::pages().filter(|p| p.code.starts_with(letter));
        for p in family() {
            seen += 1;
            let _ = writeln!(page, "- [{}](#{}): {}", p.code, p.code.to_lowercase(), p.title);
        }
        for p in family() {
            let _ = write!(page, "\n### <a id=\"{}\"></a>{}: {}\n", p.code.to_lowercase(), p.code, p.title);
            for line in p.text.lines().skip(1) {
                // Headings of a page stand below the page's own; its examples are tried by the tests of the codes.
                let line = line.strip_prefix("## ").map_or_else(|| line.to_owned(), |h| format!("**{h}**"));
                page.push_str(&line.replace("```term", "```text"));
                page.push('\n');
            }
        }
    }
    assert_eq!(seen, habendum::explain::pages().count(), "a code of another family");
    compare("codes.md", &page);
}
