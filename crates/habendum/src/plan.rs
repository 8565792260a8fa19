//! How a deal is evaluated: for each sentence what the kernel asks of an event, over which columns, and who has the last word.
//!
//! Data flow: [`Prepared`] -> kernel -> [`Plan`] (data; the command line renders it). Invariant: every sentence of every text is there,
//! with its questions or with the reason why it has none.

use crate::pipeline::{Error, Opened, Prepared};
use habendum_jit::layout::class_word;
use habendum_jit::{Bearing, Kernel, KernelError, Options, Test, bearings};
pub use habendum_jit::{Listing, layout::Repr};
use habendum_model::binding::Choices;
use habendum_norm::ir::{Basis, Body, NormId, Program};
use habendum_norm::reads::norms_of;
use std::collections::BTreeSet;

/// Who answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Compiled code alone.
    Compiled,
    /// Compiled code says on which rows; the state machine says what comes of it.
    Stateful,
    /// Compiled code says on which rows it may be so; the rest is asked of the state.
    Asks,
}

impl How {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            How::Compiled => "compiled",
            How::Stateful => "stateful",
            How::Asks => "asks state",
        }
    }
}

/// A question that is asked of every event.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its bit.
    pub bit: usize,
    /// In words.
    pub words: String,
    /// Kinds of events that can answer yes.
    pub kinds: Vec<String>,
    /// Columns that it reads, beside the kind.
    pub columns: Vec<String>,
    /// Who answers.
    pub how: How,
    /// Why state has a say.
    pub why: Vec<String>,
    /// Conditions that are evaluated once per distinct value, when columns are made.
    pub derived: Vec<String>,
}

/// A sentence.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// Its clause.
    pub clause: String,
    /// Its questions.
    pub questions: Vec<Question>,
    /// Why it has none.
    pub silent: Option<&'static str>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct PlanColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: &'static str,
    /// Bytes a row.
    pub bytes: usize,
}

/// How a deal is evaluated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Title of the agreement.
    pub agreement: String,
    /// Sentences in document order.
    pub sentences: Vec<Sentence>,
    /// Questions that belong to no sentence.
    pub others: Vec<Question>,
    /// Columns.
    pub columns: Vec<PlanColumn>,
    /// Bytes of machine code; none where tables answer.
    pub code: Option<usize>,
    /// What was given to the compiler and what came of it, where it was asked for.
    pub listings: Vec<Listing>,
}

/// Makes the plan of a deal under the chosen figures and readings.
///
/// # Errors
/// Faults of the deal; figures without a value.
pub fn plan(opened: &Opened, choices: &Choices, listing: bool) -> Result<Plan, Error> {
    let deal = opened.sound()?;
    let prepared = opened.prepare(choices)?;
    prepared.need_values(deal)?;
    let program = &prepared.program;
    let options = Options { listing, ..Options::default() };
    let kernel = Kernel::compile_with(program, &options).or_else(|e| match e {
        KernelError::Code(_) => Kernel::tables(program),
        KernelError::Open | KernelError::Layout => Err(e),
    });
    let kernel = kernel.map_err(|e| crate::error::InputError::new(e.to_string()))?;
    Ok(Plan {
        agreement: program.symbols.agreement.title.clone(),
        sentences: sentences(&prepared, &kernel),
        others: questions(&kernel, program, None),
        columns: columns(&kernel),
        code: kernel.is_code().then(|| kernel.code_bytes()),
        listings: kernel.listings().to_vec(),
    })
}

fn columns(kernel: &Kernel) -> Vec<PlanColumn> {
    let of = |c: &habendum_jit::layout::Column| PlanColumn {
        name: c.name.clone(),
        holds: class_word(c.class),
        bytes: c.repr.bytes(),
    };
    kernel.layout().columns.iter().map(of).collect()
}

fn sentences(prepared: &Prepared, kernel: &Kernel) -> Vec<Sentence> {
    let program = &prepared.program;
    let mut seen: BTreeSet<NormId> = BTreeSet::new();
    let mut out = Vec::new();
    for clause in prepared.titles.order(&program.symbols) {
        for n in program.versions.iter().flat_map(norms_of).filter(|n| n.id.clause == clause) {
            if !seen.insert(n.id) {
                continue;
            }
            let questions = questions(kernel, program, Some(n.id));
            let silent = questions.is_empty().then(|| without_question(&n.body));
            let clause = program.symbols.clause_name(clause).to_owned();
            out.push(Sentence { clause, questions, silent });
        }
    }
    out
}

/// Why no event is asked for a sentence.
fn without_question(body: &Body) -> &'static str {
    match body {
        Body::Inert(_) => "carried, and not evaluated",
        Body::Payment(p) => match p.basis {
            Basis::On(_) | Basis::Period(..) => "time alone",
            Basis::Breach | Basis::Delay { .. } => "what it repairs asks",
            Basis::Each(_) | Basis::First(_) => "no event can",
        },
        Body::License(_) => "asked by its permission and its bar",
        Body::Rule(_) | Body::Keep(_) | Body::Duty(_) | Body::Power(_) | Body::Relief(_) => "no event can",
    }
}

fn questions(kernel: &Kernel, program: &Program, of: Option<NormId>) -> Vec<Question> {
    let bearings = bearings(kernel.tests(), program);
    let tests = kernel.tests().iter().zip(bearings).enumerate();
    tests
        .filter(|(_, (t, _))| t.ask.norm() == of)
        .map(|(i, (t, b))| question(i, t, b, kernel, program))
        .collect()
}

fn question(bit: usize, t: &Test, bearing: Bearing, kernel: &Kernel, program: &Program) -> Question {
    let (how, why) = match bearing {
        Bearing::Alike => (How::Compiled, Vec::new()),
        Bearing::State(why) => (How::Stateful, vec![why.to_owned()]),
        Bearing::Asks => (How::Asks, t.residual.clone()),
    };
    let columns = t.pred.columns().into_iter().filter(|c| *c != habendum_jit::Layout::KIND);
    Question {
        bit,
        words: t.ask.words(program),
        kinds: t.kinds.iter().map(|k| program.symbols.event_name(*k).to_owned()).collect(),
        columns: columns.map(|c| kernel.layout().column(c).name.clone()).collect(),
        how,
        why,
        derived: t.derived.clone(),
    }
}
