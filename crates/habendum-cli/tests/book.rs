//! Runs the book: every `term` block means something, every `console` block shows what the command prints.
//!
//! Data flow: a page -> its fenced blocks, in order -> files in a folder of the page's own -> commands run there.
//! Invariant: no `term` or `console` block of the book is left out; one without a known tag is a failure.
//!
//! | tag | meaning |
//! |---|---|
//! | `term,check` | a complete deal: it must check clean |
//! | `term,deal=NAME` | a part of the deal NAME, which must check clean at the end of the page |
//! | `term,fails=CODE` | a complete deal that must be found to have CODE; with `file=PATH` it is kept there |
//! | `term,deal=NAME,conflicts` | as `deal=NAME`; conflicts between its clauses are meant, and shown elsewhere |
//! | `term,deal=NAME,fails=CODE` | added to what the page has of the deal NAME so far, it gives CODE; it is not kept |
//! | `KIND,file=PATH` | a file, written there; under a deal's folder it belongs to the deal |
//! | `console` | `$ habendum ...` lines, each with its output; `UPDATE=1` rewrites the outputs |
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A fenced block of a page.
struct Block {
    /// Words after the fence, cut at commas.
    tags: Vec<String>,
    /// Line of the opening fence, from 0.
    line: usize,
    /// Text between the fences.
    text: String,
}

impl Block {
    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t == tag)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.tags.iter().find_map(|t| t.strip_prefix(key)?.strip_prefix('='))
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (line, text) in page.lines().enumerate() {
        match (&mut open, text.strip_prefix("```")) {
            (None, Some(info)) => {
                let tags = info.split([',', ' ']).map(str::to_owned).collect();
                open = Some(Block { tags, line, text: String::new() });
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some(b), _) => {
                b.text.push_str(text);
                b.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is left open");
    found
}

/// What one page needs while it is run.
struct Run {
    folder: tempfile::TempDir,
    deals: BTreeMap<String, String>,
    /// Deals whose conflicts are meant.
    conflicts: Vec<String>,
    faults: Vec<String>,
}

impl Run {
    fn new() -> Self {
        Run {
            folder: tempfile::tempdir().unwrap(),
            deals: BTreeMap::new(),
            conflicts: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn write(&self, path: &str, text: &str) {
        let at = self.folder.path().join(path);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    }

    /// Runs the tool in the page's folder; its output and exit code.
    fn habendum(&self, args: &[String], input: Option<&str>) -> (String, i32) {
        let stdin = match input {
            Some(file) => Stdio::from(std::fs::File::open(self.folder.path().join(file)).unwrap()),
            None => Stdio::null(),
        };
        let out = Command::new(env!("CARGO_BIN_EXE_habendum"))
            .args(args)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .stdin(stdin)
            .output()
            .unwrap();
        let text = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
        (text, out.status.code().unwrap_or(-1))
    }

    fn check(&mut self, deal: &str, line: usize) {
        let (text, code) = {
            let meant = self.conflicts.iter().any(|d| d == deal);
            let flag = if meant { " --no-conflicts" } else { "" };
            self.habendum(&words(&format!("check {deal} --output human{flag}")), None)
        };
        if code != 0 {
            self.faults
                .push(format!("line {}: `{deal}` does not check clean (exit code {code})\n{text}", line + 1));
        }
    }

    fn fails(&mut self, deal: &str, code: &str, line: usize) {
        let (text, exit) = self.habendum(&words(&format!("check {deal} --output concise")), None);
        if exit != 1 || !text.contains(code) {
            self.faults.push(format!("line {}: wanted {code}, got (exit code {exit})\n{text}", line + 1));
        }
    }

    fn term(&mut self, b: &Block) {
        let alone = format!("line-{}", b.line + 1);
        match (b.value("deal"), b.value("fails"), b.value("file"), b.has("check")) {
            (None, Some(code), file, false) => {
                let file = file.map_or_else(|| format!("{alone}.term"), str::to_owned);
                self.write(&file, &b.text);
                self.fails(&file, code, b.line);
            }
            (Some(deal), Some(code), None, false) => {
                let text = self.deals.get(deal).cloned().unwrap_or_default() + &b.text;
                self.write(&format!("{alone}.term"), &text);
                self.fails(&format!("{alone}.term"), code, b.line);
            }
            (None, None, None, true) => {
                self.write(&format!("{alone}.term"), &b.text);
                self.check(&format!("{alone}.term"), b.line);
            }
            (Some(deal), None, None, false) => {
                let text = self.deals.entry(deal.to_owned()).or_default();
                text.push_str(&b.text);
                text.push('\n');
                let text = text.clone();
                self.write(&format!("{deal}/deal.term"), &text);
            }
            (None, None, Some(path), false) => {
                if let Some((deal, _)) = path.split_once('/') {
                    self.deals.entry(deal.to_owned()).or_default();
                }
                self.write(path, &b.text);
            }
            _ => self.faults.push(format!("line {}: which test is `{}`?", b.line + 1, b.tags.join(","))),
        }
    }

    /// A console block as it should be.
    fn console(&mut self, b: &Block) -> String {
        let mut text = String::new();
        for line in b.text.lines() {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let _ = writeln!(text, "{line}");
            let Some(args) = command.strip_prefix("habendum ") else {
                self.faults.push(format!("line {}: `{command}` is not run by the tests", b.line + 1));
                continue;
            };
            let (args, input) = args.split_once(" < ").map_or((args, None), |(a, i)| (a, Some(i.trim())));
            let (out, code) = self.habendum(&words(args), input);
            text.push_str(out.trim_end_matches('\n'));
            if !out.is_empty() {
                text.push('\n');
            }
            if code != 0 {
                let _ = writeln!(text, "(exit code {code})");
            }
        }
        text
    }
}

/// Words of a command line; quotation marks hold a word together.
fn words(line: &str) -> Vec<String> {
    let (mut list, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, ' ') => {
                if begun {
                    list.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (_, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        list.push(word);
    }
    list
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    found.sort();
}

/// Runs a page; its faults, and its text with the outputs as they are.
fn run(page: &str) -> (Vec<String>, String) {
    let mut run = Run::new();
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut shift = 0_isize;
    let mut last = 0;
    for b in blocks(page) {
        last = b.line;
        if b.has("term") {
            if b.has("conflicts") {
                run.conflicts.extend(b.value("deal").map(str::to_owned));
            }
            run.term(&b);
        } else if b.has("console") {
            let now = run.console(&b);
            if now != b.text {
                run.faults.push(format!("line {}: the output is now\n{now}", b.line + 1));
                let from = b.line.checked_add_signed(shift).unwrap() + 1;
                let old = b.text.lines().count();
                let new: Vec<String> = now.lines().map(str::to_owned).collect();
                shift += isize::try_from(new.len()).unwrap() - isize::try_from(old).unwrap();
                lines.splice(from..from + old, new);
            }
        } else if let Some(path) = b.value("file") {
            run.write(path, &b.text);
        }
    }
    for deal in run.deals.keys().cloned().collect::<Vec<_>>() {
        run.check(&deal, last);
    }
    (run.faults, lines.join("\n") + "\n")
}

#[test]
fn every_example_of_the_book_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src");
    let update = std::env::var_os("UPDATE").is_some();
    let only = std::env::var("PAGE").unwrap_or_default();
    let mut list = Vec::new();
    pages(&root, &mut list);
    assert!(list.len() > 10, "the book is missing");
    let mut report = String::new();
    for path in list {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        if !name.contains(&only) {
            continue;
        }
        let page = std::fs::read_to_string(&path).unwrap();
        let (faults, text) = run(&page);
        if update && text != page {
            std::fs::write(&path, text).unwrap();
        }
        for f in faults {
            if !(update && f.contains("the output is now")) {
                let _ = writeln!(report, "---- {name}, {f}");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn words_of_a_command_line() {
    assert_eq!(words("a 'b c'  \"d\" e=\"f g\""), ["a", "b c", "d", "e=f g"]);
}
