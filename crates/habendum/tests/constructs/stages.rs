//! The cases of the project, and how far along the pipeline each of them gets.
//!
//! Data flow: test cases, examples, the book's deals -> the passes, one after the other -> stages that each case passed.
//! Invariant: a case counts for a stage only if the stage was run on it here and found nothing wrong.

use habendum::pipeline::{Opened, Wants, has_errors, open};
use habendum::scenario;
use habendum_model::show::{document, html, markdown, redline, text};
use habendum_syntax::ast::File;
use habendum_syntax::{FileId, parse_file, print};
use std::path::{Path, PathBuf};

/// A stage of the pipeline, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Parse,
    Print,
    Resolve,
    Lower,
    Interpret,
    Show,
}

pub const STAGES: [Stage; 6] =
    [Stage::Parse, Stage::Print, Stage::Resolve, Stage::Lower, Stage::Interpret, Stage::Show];

/// A source and the stages that it passed.
pub struct Case {
    /// Path from the root of the project.
    pub path: String,
    pub file: File,
    /// Bytes: of two cases that show the same, the shorter one is the better example.
    pub size: usize,
    pub stages: Vec<Stage>,
}

/// Every case of the project.
pub fn cases(root: &Path) -> Vec<Case> {
    let mut list = Vec::new();
    let mut files = Vec::new();
    find(&root.join("tests/cases"), "term", &mut files);
    for f in files {
        list.extend(deal(root, &f));
    }
    let mut deals: Vec<PathBuf> =
        std::fs::read_dir(root.join("examples")).unwrap().map(|e| e.unwrap().path()).collect();
    deals.sort();
    for d in deals.iter().filter(|d| d.is_dir()) {
        list.extend(deal(root, d));
    }
    let mut pages = Vec::new();
    find(&root.join("book/src"), "md", &mut pages);
    for p in pages {
        let shown = p.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let folder = tempfile::tempdir().unwrap();
        for (i, deal_text) in deals_of(&std::fs::read_to_string(&p).unwrap()).into_iter().enumerate() {
            let file = folder.path().join(format!("{i}.term"));
            std::fs::write(&file, &deal_text).unwrap();
            for mut c in deal(folder.path(), &file) {
                c.path.clone_from(&shown);
                list.push(c);
            }
        }
    }
    list
}

fn find(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}

/// The deals of a page: blocks of one name together, blocks that stand alone by themselves. Faulty ones are left out.
fn deals_of(page: &str) -> Vec<String> {
    let mut named: Vec<(String, String)> = Vec::new();
    let mut tags: Option<Vec<String>> = None;
    for line in page.lines() {
        match (&tags, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let list: Vec<String> = info.split(',').map(str::to_owned).collect();
                if list.iter().any(|t| t == "check") {
                    named.push((format!("alone {}", named.len()), String::new()));
                }
                tags = Some(list);
            }
            (Some(_), Some("")) => tags = None,
            (Some(list), _) if list[0] == "term" && !list.iter().any(|t| t.starts_with("fails=")) => {
                let file = list.iter().find_map(|t| t.strip_prefix("file=")?.split_once('/')).map(|(d, _)| d);
                let deal = list.iter().find_map(|t| t.strip_prefix("deal=")).or(file);
                let at = match deal {
                    Some(d) => named.iter().position(|(n, _)| n == d).unwrap_or_else(|| {
                        named.push((d.to_owned(), String::new()));
                        named.len() - 1
                    }),
                    None => named.len() - 1,
                };
                named[at].1.push_str(line);
                named[at].1.push('\n');
            }
            (Some(_), _) | (None, None) => {}
        }
    }
    named.into_iter().map(|(_, text)| text).collect()
}

/// Runs the passes on a deal; one case per file of it.
fn deal(root: &Path, path: &Path) -> Vec<Case> {
    let wants = Wants { config_schedules: true, ..Wants::default() };
    let Ok(mut opened) = open(&path.to_string_lossy(), &wants) else { return Vec::new() };
    let passed = passes(&mut opened, &wants);
    let sources = opened.loaded.sources.clone();
    let mut list = Vec::new();
    for ((_, source), file) in sources.iter().zip(&opened.files) {
        let (again, printed) = reprint(file, &source.text);
        let Some(file) = again else { continue };
        let mut stages = vec![Stage::Parse];
        stages.extend(printed.then_some(Stage::Print));
        stages.extend(&passed);
        let shown = Path::new(&source.name).strip_prefix(root).unwrap();
        list.push(Case {
            path: shown.to_string_lossy().replace('\\', "/"),
            file,
            size: source.text.len(),
            stages,
        });
    }
    list
}

/// The tree, where the text parses, and whether its print reads back equal.
fn reprint(file: &File, text: &str) -> (Option<File>, bool) {
    if has_errors(&parse_file(FileId(0), text).diagnostics) {
        return (None, false);
    }
    let back = parse_file(FileId(0), &print::print_file(file));
    (Some(file.clone()), !has_errors(&back.diagnostics) && back.value.items == file.items)
}

fn passes(opened: &mut Opened, wants: &Wants) -> Vec<Stage> {
    let mut passed = Vec::new();
    if opened.sound().is_err() {
        return passed;
    }
    let Ok(choices) = opened.choices(wants) else { return passed };
    let Ok(prepared) = opened.prepare(&choices) else { return passed };
    passed.extend([Stage::Resolve, Stage::Lower]);
    let Some(deal) = opened.deal.clone() else { return passed };
    let texts = &prepared.texts;
    let shown = (0..texts.versions.len()).all(|v| {
        let d = document(&deal, texts, &prepared.binding, v);
        let r = redline(&deal, texts, &prepared.binding, 0, v);
        let complete = |out: &str| d.sections.iter().all(|s| s.title.is_empty() || out.contains(&d.title));
        complete(&text(&d, false))
            && complete(&markdown(&d))
            && complete(&html(&d))
            && !text(&r, false).is_empty()
    });
    passed.extend(shown.then_some(Stage::Show));
    if let Ok(tested) = scenario::test(opened, wants, None)
        && !tested.scenarios.is_empty()
        && tested.scenarios.iter().all(|s| s.mismatches.is_empty())
    {
        passed.push(Stage::Interpret);
    }
    passed
}
