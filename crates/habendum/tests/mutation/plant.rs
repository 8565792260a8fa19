//! Mutants of the example deals: each operator at as many clauses as there is room for, those that do not hold together
//! left out.

use crate::faults::{World, faults};
use crate::neutral::neutrals;
use crate::scan::{Edit, Kind, Scan, edited};
use habendum::pipeline::{Opened, Wants, open};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The deals.
pub const DEALS: [&str; 7] = [
    "building-contract",
    "film-distribution",
    "franchise",
    "loan",
    "microsoft-openai",
    "power-purchase",
    "tpch-revenue-share",
];

/// So many mutants of one operator and deal at most, faults and neutral changes.
const ROOM: (usize, usize) = (2, 1);

/// A change of one place of a deal.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub operator: &'static str,
    pub kind: Kind,
    /// File and clause.
    pub place: (String, String),
    /// Meant to change nothing.
    pub neutral: bool,
    /// What stands there instead.
    pub words: String,
    pub text: String,
}

/// A deal's files without scenarios and without the rows of its summary.
pub struct Base {
    pub files: BTreeMap<String, String>,
    pub wants: Wants,
}

/// A folder and what is in it.
pub struct Folder {
    _dir: tempfile::TempDir,
    pub opened: Opened,
}

impl Base {
    pub fn of(deal: &str) -> Self {
        let dir: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(deal);
        let mut files = BTreeMap::new();
        for e in std::fs::read_dir(dir).unwrap() {
            let path = e.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let wanted = name == "habendum.toml" || (name.ends_with(".term") && name != "scenarios.term");
            if wanted {
                let text = std::fs::read_to_string(&path).unwrap();
                let lines = text.lines().filter(|l| !l.starts_with("key "));
                files.insert(name, lines.fold(String::new(), |all, l| all + l + "\n"));
            }
        }
        let readings = match deal {
            "microsoft-openai" => vec!["any-cloud=when-needed".to_owned(), "azure-first=parties".to_owned()],
            _ => Vec::new(),
        };
        Base { files, wants: Wants { config_schedules: true, readings, ..Wants::default() } }
    }

    /// The deal with one file's text replaced; none where it does not hold together.
    pub fn with(&self, file: Option<(&str, &str)>) -> Option<Folder> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            let text = file.filter(|(f, _)| f == name).map_or(text.as_str(), |(_, t)| t);
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let mut opened = open(dir.path().to_str().unwrap(), &self.wants).ok()?;
        let choices = opened.choices(&self.wants).ok()?;
        opened.prepare(&choices).ok()?;
        Some(Folder { _dir: dir, opened })
    }
}

fn world(opened: &Opened) -> World {
    let s = &opened.deal.as_ref().unwrap().symbols;
    let parties = s.parties.iter().filter(|(_, i)| i.party).map(|(n, _)| n.clone()).collect();
    let mut terms = Vec::new();
    for t in s.terms.iter() {
        let Some(above) = t.parent.and_then(|p| s.terms.get(p.ix())) else { continue };
        let beside = s.terms.iter().find(|u| u.parent == t.parent && u.name != t.name);
        terms.push((t.name.clone(), above.name.clone(), beside.map(|u| u.name.clone())));
    }
    World { parties, terms }
}

/// The mutants of a deal.
pub fn mutants(base: &Base) -> Vec<Mutant> {
    let plain = base.with(None).unwrap();
    let world = world(&plain.opened);
    let mut all: BTreeMap<(bool, &'static str), Vec<Mutant>> = BTreeMap::new();
    for (file, text) in base.files.iter().filter(|(n, _)| n.ends_with(".term")) {
        let scan = Scan::new(text);
        for (at, region) in scan.regions.iter().enumerate() {
            let planted = faults(&scan, region, &world).into_iter().map(|f| (false, f));
            let meaningless = neutrals(&scan, at).into_iter().map(|f| (true, f));
            for (neutral, (operator, edits)) in planted.chain(meaningless) {
                let m = Mutant {
                    operator,
                    kind: region.kind,
                    place: (file.clone(), region.name.clone()),
                    neutral,
                    words: said(text, &edits),
                    text: edited(text, &edits),
                };
                all.entry((neutral, operator)).or_default().push(m);
            }
        }
    }
    let mut out = Vec::new();
    for ((neutral, _), list) in all {
        out.extend(chosen(base, list, if neutral { ROOM.1 } else { ROOM.0 }));
    }
    out
}

fn said(text: &str, edits: &[Edit]) -> String {
    let each = edits.iter().map(|e| format!("`{}` -> `{}`", &text[e.start..e.end], e.with));
    each.collect::<Vec<_>>().join(", ").replace('\n', " ")
}

/// Of one operator's mutants as many as there is room for, each of another clause as long as there are some.
fn chosen(base: &Base, list: Vec<Mutant>, room: usize) -> Vec<Mutant> {
    let mut out: Vec<Mutant> = Vec::new();
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    let mut rest = Vec::new();
    let mut texts = BTreeSet::new();
    for m in list {
        if out.len() == room {
            return out;
        }
        if used.contains(&m.place) {
            rest.push(m);
        } else if texts.insert(m.text.clone()) && base.with(Some((&m.place.0, &m.text))).is_some() {
            used.insert(m.place.clone());
            out.push(m);
        }
    }
    for m in rest {
        if out.len() < room
            && texts.insert(m.text.clone())
            && base.with(Some((&m.place.0, &m.text))).is_some()
        {
            out.push(m);
        }
    }
    out
}
