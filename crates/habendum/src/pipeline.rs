//! The pipeline, one visible line per pass: parse -> resolve -> bind -> consolidate -> lower -> verify.
//!
//! Data flow: [`Loaded`] -> [`Opened`] (names) -> [`Prepared`] (norms). Invariant: a pass runs only where those before
//! it left no error, so that one fault is reported once.

use crate::error::InputError;
use crate::load::{self, Loaded};
use crate::names::Names;
use crate::norms::NormIndex;
use crate::receipt::{Receipt, receipt};
use crate::titles::Titles;
use habendum_model::binding::{Choices, bind};
use habendum_model::consolidate::consolidate;
use habendum_model::deal::{Binding, Consolidated, Deal};
use habendum_model::resolve::resolve;
use habendum_norm::ir::Program;
use habendum_norm::{lower, unbound, verify};
use habendum_syntax::ast::{Expr, File, Item, Name};
use habendum_syntax::{Checked, Diagnostic, Severity, Sources, Sp, Span, parse_expr, parse_file};
use jiff::civil::Date;
use std::path::Path;
use std::sync::Arc;

/// The place shown for a schedule that the configuration names.
pub(crate) const CONFIGURED: &str = "habendum.toml, schedules";

/// Faults of a deal that stand in the way of going on.
#[derive(Clone, Debug)]
pub struct Faults {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
}

/// Why a command cannot go on.
#[derive(Clone, Debug)]
pub enum Error {
    /// Usage, configuration, input.
    Input(InputError),
    /// The deal has faults.
    Faults(Box<Faults>),
}

impl From<InputError> for Error {
    fn from(e: InputError) -> Self {
        Error::Input(e)
    }
}

/// A deal with its names resolved, as far as it could be.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its sources and configuration.
    pub loaded: Loaded,
    /// Its syntax trees, in the order of sources.
    pub files: Vec<File>,
    /// The deal; absent where it has no agreement, or where a file could not be parsed.
    pub deal: Option<Deal>,
    /// What parsing and resolving had to say.
    pub diagnostics: Vec<Diagnostic>,
    /// Schedules that were named by file.
    extra: Vec<Name>,
}

/// Values for a run as given by a user.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    /// Schedules by id, or by the name of a `.term` file.
    pub schedules: Vec<String>,
    /// `name=value`
    pub set: Vec<String>,
    /// `clause=reading`
    pub readings: Vec<String>,
    /// Amendments signed later are not known.
    pub known_as_of: Option<Date>,
    /// Apply the schedules that `habendum.toml` names, before those given here.
    pub config_schedules: bool,
}

/// A deal ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The texts through time.
    pub texts: Consolidated,
    /// The norms.
    pub program: Arc<Program>,
    /// Names.
    pub names: Names,
    /// What outputs need to know of the norms.
    pub norms: NormIndex,
    /// Titles of clauses.
    pub titles: Titles,
    /// Chosen values.
    pub binding: Binding,
    /// Schedules applied, in order.
    pub schedules: Vec<String>,
    /// What the passes had to say short of errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads, parses and resolves a deal. `files` are further `.term` files (schedules named by file).
///
/// # Errors
/// What cannot be read; what is wrong inside is in the result's diagnostics.
pub fn open(path: &str, wants: &Wants) -> Result<Opened, InputError> {
    let mut loaded = load::load(path)?;
    let own = loaded.sources.iter().count();
    for s in wants.schedules.iter().filter(|s| is_file(s)) {
        for (_, source) in load::load(s)?.sources.iter() {
            loaded.sources.add(source.name.clone(), source.text.clone());
        }
    }
    let parsed = parse(&loaded.sources);
    let extra = parsed.value.iter().skip(own).flat_map(schedules_of).collect();
    let mut opened =
        Opened { loaded, files: parsed.value, deal: None, diagnostics: parsed.diagnostics, extra };
    if !has_errors(&opened.diagnostics) {
        let resolved = resolve(&opened.files);
        opened.diagnostics.extend(resolved.diagnostics);
        opened.deal = resolved.value;
    }
    Ok(opened)
}

fn is_file(schedule: &str) -> bool {
    Path::new(schedule).extension().is_some_and(|e| e == "term")
}

fn schedules_of(file: &File) -> Vec<Name> {
    let mut out = Vec::new();
    for item in &file.items {
        if let Item::Schedule(s) = &item.node {
            out.push(s.id.clone());
        }
    }
    out
}

/// Parses every source.
#[must_use]
pub fn parse(sources: &Sources) -> Checked<Vec<File>> {
    let (mut value, mut diagnostics) = (Vec::new(), Vec::new());
    for (id, source) in sources.iter() {
        let parsed = parse_file(id, &source.text);
        value.push(parsed.value);
        diagnostics.extend(parsed.diagnostics);
    }
    Checked { value, diagnostics }
}

/// True where any finding is an error.
#[must_use]
pub fn has_errors(found: &[Diagnostic]) -> bool {
    found.iter().any(|d| d.severity == Severity::Error)
}

impl Opened {
    /// The deal, where nothing is wrong with it so far.
    ///
    /// # Errors
    /// The faults found so far.
    pub fn sound(&self) -> Result<&Deal, Error> {
        match &self.deal {
            Some(deal) if !has_errors(&self.diagnostics) => Ok(deal),
            _ => Err(self.faults(self.diagnostics.clone())),
        }
    }

    /// Faults with the sources they point into; errors alone.
    #[must_use]
    pub fn faults(&self, diagnostics: Vec<Diagnostic>) -> Error {
        let diagnostics = diagnostics.into_iter().filter(|d| d.severity == Severity::Error).collect();
        Error::Faults(Box::new(Faults { diagnostics, sources: self.loaded.sources.clone() }))
    }

    /// What a user chose, in the model's terms. Values given as text become sources of their own, so that a fault in
    /// one can be shown.
    ///
    /// # Errors
    /// A value that is no expression; a flag without `=`.
    pub fn choices(&mut self, wants: &Wants) -> Result<Choices, Error> {
        let mut choices = Choices { known_as_of: wants.known_as_of, ..Choices::default() };
        if wants.config_schedules {
            for s in self.loaded.config.schedules.clone() {
                let name = self.named(CONFIGURED, &s);
                choices.schedules.push(name);
            }
        }
        let mut by_file = self.extra.clone().into_iter();
        for s in &wants.schedules {
            if is_file(s) {
                choices.schedules.extend(by_file.by_ref());
            } else {
                let name = self.named("--schedule", s);
                choices.schedules.push(name);
            }
        }
        for s in &wants.set {
            let (name, value) =
                s.split_once('=').ok_or_else(|| InputError::new(format!("--set {s}: wanted NAME=VALUE")))?;
            let value = self.value(name.trim(), value.trim())?;
            let name = self.named("--set", name.trim());
            choices.sets.push((name, value, "--set".to_owned()));
        }
        for r in &wants.readings {
            let (clause, reading) = r
                .split_once('=')
                .ok_or_else(|| InputError::new(format!("--reading {r}: wanted CLAUSE=NAME")))?;
            let clause = self.named("--reading", clause.trim());
            choices.readings.push((clause, self.named("--reading", reading.trim())));
        }
        Ok(choices)
    }

    /// A name given with a flag, as a source of its own, so that a fault in it is shown there.
    fn named(&mut self, flag: &str, name: &str) -> Name {
        let file = self.loaded.sources.add(flag, name);
        let end = u32::try_from(name.len()).unwrap_or(u32::MAX);
        Sp::new(name.to_owned(), Span { file, start: 0, end })
    }

    /// A value given as text.
    fn value(&mut self, name: &str, text: &str) -> Result<Sp<Expr>, Error> {
        let file = self.loaded.sources.add(format!("--set {name}"), text);
        let parsed = parse_expr(file, text);
        match parsed.value {
            Some(e) if !has_errors(&parsed.diagnostics) => Ok(e),
            _ => Err(self.faults(parsed.diagnostics)),
        }
    }

    /// Parameters and readings bound to what a user chose.
    ///
    /// # Errors
    /// An unknown name, a value of the wrong type.
    pub(crate) fn bound(&self, deal: &Deal, choices: &Choices) -> Result<Binding, Error> {
        bind(deal, choices).map_err(|found| {
            // A name from a command line stands in no file, so it is not shown as if it stood in the first.
            let placeless = |mut d: Diagnostic| {
                d.labels.retain(|l| l.span != Span::default());
                d
            };
            self.faults(found.into_iter().map(placeless).collect())
        })
    }

    /// Binds, consolidates and lowers: from names to norms.
    ///
    /// # Errors
    /// The faults of the first pass that has any.
    pub fn prepare(&self, choices: &Choices) -> Result<Prepared, Error> {
        let deal = self.sound()?;
        let binding = self.bound(deal, choices)?;
        let texts = consolidate(deal, &binding);
        if texts.has_errors() {
            return Err(self.faults(texts.diagnostics));
        }
        let lowered = lower(deal, &texts.value, &binding);
        let (Some(program), false) = (lowered.value, has_errors(&lowered.diagnostics)) else {
            return Err(self.faults(lowered.diagnostics));
        };
        let broken = verify(&program);
        if !broken.is_empty() {
            return Err(InputError::new(format!("a fault of this program: {}", broken.join("; "))).into());
        }
        let names = Names::new(Arc::clone(&program.symbols));
        let mut diagnostics = texts.diagnostics;
        diagnostics.extend(lowered.diagnostics);
        Ok(Prepared {
            titles: Titles::of(&texts.value),
            norms: NormIndex::of(&program),
            texts: texts.value,
            program: Arc::new(program),
            names,
            binding,
            schedules: choices.schedules.iter().map(|s| s.node.clone()).collect(),
            diagnostics,
        })
    }
}

impl Prepared {
    /// The receipt of this deal, before any event.
    #[must_use]
    pub fn receipt(&self, opened: &Opened, deal: &Deal) -> Receipt {
        let mut r = receipt(&opened.loaded, deal, &self.program, &self.names, &self.schedules);
        r.known_as_of = self.binding.known_as_of.map(|d| d.to_string());
        let name = |c| self.names.symbols.clause_name(c);
        r.readings =
            self.binding.readings.iter().map(|(c, reading)| format!("{}={reading}", name(*c))).collect();
        r
    }

    /// Parameters that evaluation needs and that have no value: an error that says how to give them.
    ///
    /// # Errors
    /// Where any is missing.
    pub fn need_values(&self, deal: &Deal) -> Result<(), InputError> {
        let missing = unbound(&self.program);
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = missing
            .iter()
            .filter_map(|p| self.names.symbols.params.get_index(p.ix()).map(|(n, _)| n.as_str()))
            .collect();
        let mut e = InputError::new(format!(
            "{} no value: {}",
            if names.len() == 1 { "a parameter has" } else { "parameters have" },
            names.join(", ")
        ));
        for n in &names {
            let info = self.names.symbols.params.get(*n);
            let note = info.and_then(|p| p.ast.node.note.as_ref()).map(|n| n.node.as_str()).unwrap_or("");
            let why = if note.is_empty() { String::new() } else { format!(" ({note})") };
            e = e.help(format!("give it with --set {n}=VALUE{why}"));
        }
        if !deal.schedules.is_empty() {
            let ids: Vec<&str> = deal.schedules.keys().map(String::as_str).collect();
            e = e.help(format!("or apply a schedule of the deal: --schedule {}", ids.join(" | ")));
        }
        Err(e)
    }
}
