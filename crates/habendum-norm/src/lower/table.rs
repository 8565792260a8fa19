//! Which modifier goes with which sentence. The one table behind every "does not go with" diagnostic.
//!
//! Data flow: a statement's modifiers -> [`Mods`], sorted by kind. Invariant: a modifier that a sentence does not take, or
//! takes once and gets twice, is an error; none is ever passed over.

use super::Lowering;
use habendum_syntax::ast::{self, Head, Modifier, ModifierKind as K, Statement};
use habendum_syntax::{Diagnostic, Sp, Span};

/// The kinds of sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    May,
    MustNot,
    Must,
    Keep,
    Power,
    Excuses,
    ExtendsTime,
    Grant,
    Payment,
    Recital,
    Undertaking,
    Holding,
}

impl Sentence {
    /// The kind of a head.
    pub(super) fn of(head: &Head) -> Self {
        match head {
            Head::May { .. } => Sentence::May,
            Head::MustNot { .. } => Sentence::MustNot,
            Head::Must { .. } => Sentence::Must,
            Head::Keep { .. } => Sentence::Keep,
            Head::Power { .. } => Sentence::Power,
            Head::Excuses { .. } => Sentence::Excuses,
            Head::ExtendsTime { .. } => Sentence::ExtendsTime,
            Head::Grants { .. } => Sentence::Grant,
            Head::Pays { .. } => Sentence::Payment,
            Head::Recital(_) => Sentence::Recital,
            Head::Undertaking { .. } => Sentence::Undertaking,
            Head::Holding { .. } => Sentence::Holding,
        }
    }

    /// For people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Sentence::May => "a permission (`may`)",
            Sentence::MustNot => "a prohibition (`must not`)",
            Sentence::Must => "an obligation (`must`)",
            Sentence::Keep => "a maintenance duty (`must keep`)",
            Sentence::Power => "a power",
            Sentence::Excuses => "relief (`excuses`)",
            Sentence::ExtendsTime => "an extension of time (`extends`)",
            Sentence::Grant => "a grant",
            Sentence::Payment => "a payment (`pays`)",
            Sentence::Recital => "a recital",
            Sentence::Undertaking => "an undertaking",
            Sentence::Holding => "a holding",
        }
    }

    /// Whether it takes a modifier.
    pub(super) fn takes(self, k: K) -> bool {
        let term = matches!(
            k,
            K::From | K::Through | K::Lasting | K::Until | K::Renews | K::While | K::MonthRounding
        );
        let rank = matches!(k, K::SubjectTo | K::Notwithstanding | K::WithoutPrejudice);
        match self {
            Sentence::May => term || rank || matches!(k, K::Where | K::Unless | K::OnlyIf),
            Sentence::MustNot => {
                term || rank || matches!(k, K::Where | K::Unless | K::OnlyIf | K::Before | K::Otherwise)
            }
            Sentence::Must => {
                term || rank
                    || matches!(k, K::Where | K::Unless | K::OnlyIf | K::Within | K::By | K::Each)
                    || matches!(k, K::NoDeadline | K::Totalling | K::Otherwise)
            }
            Sentence::Keep => term || rank || matches!(k, K::Where | K::Unless | K::OnlyIf | K::Otherwise),
            Sentence::Power => {
                term || rank
                    || matches!(k, K::Unless | K::OnlyIf | K::ExercisedBy | K::When | K::Notice)
                    || matches!(k, K::Surviving | K::Clocks)
            }
            Sentence::Excuses => {
                matches!(k, K::From | K::Through | K::While | K::MonthRounding)
                    || matches!(k, K::Until | K::Lasting | K::Clocks | K::Unless | K::OnlyIf | K::Where)
            }
            Sentence::ExtendsTime => {
                matches!(k, K::From | K::Through | K::Lasting | K::Until | K::While | K::MonthRounding)
                    || matches!(k, K::Unless | K::OnlyIf | K::Where)
            }
            Sentence::Grant => {
                term || rank
                    || matches!(k, K::Where | K::Unless | K::MaySublicense | K::NonTransferable)
                    || matches!(k, K::Surviving | K::ExclusiveWhile)
            }
            Sentence::Payment => {
                term || matches!(k, K::WithoutPrejudice | K::Where | K::Unless | K::OnlyIf | K::On | K::Each)
                    || matches!(k, K::PerDelay | K::Cap | K::Floor | K::Rounded | K::Due)
                    || matches!(k, K::LateInterest | K::Crediting | K::Prorated | K::InAdvance)
            }
            Sentence::Undertaking | Sentence::Holding => {
                matches!(k, K::From | K::Through | K::Lasting | K::Until | K::MonthRounding)
            }
            Sentence::Recital => false,
        }
    }
}

/// The kind of a modifier.
pub(super) fn kind(m: &Modifier) -> K {
    match m {
        Modifier::Where(_) => K::Where,
        Modifier::Unless(_) => K::Unless,
        Modifier::OnlyIf(_) => K::OnlyIf,
        Modifier::While(_) => K::While,
        Modifier::SubjectTo(_) => K::SubjectTo,
        Modifier::Notwithstanding(_) => K::Notwithstanding,
        Modifier::WithoutPrejudice(_) => K::WithoutPrejudice,
        Modifier::Before(_) => K::Before,
        Modifier::BeforeDate(_) | Modifier::Through(_) => K::Through,
        Modifier::Until(_) | Modifier::UntilReaches { .. } => K::Until,
        Modifier::From(_) => K::From,
        Modifier::Lasting(_) => K::Lasting,
        Modifier::Renews { .. } => K::Renews,
        Modifier::Within { .. } | Modifier::WithinEach { .. } => K::Within,
        Modifier::By(_) => K::By,
        Modifier::Each(_) => K::Each,
        Modifier::NoDeadline => K::NoDeadline,
        Modifier::Totalling { .. } => K::Totalling,
        Modifier::Otherwise(_) => K::Otherwise,
        Modifier::OnEach(_) | Modifier::OnFirst(_) | Modifier::OnDate(_) => K::On,
        Modifier::PerDelay { .. } => K::PerDelay,
        Modifier::Cap(_) => K::Cap,
        Modifier::Floor(_) => K::Floor,
        Modifier::Rounded { .. } => K::Rounded,
        Modifier::Due(_) => K::Due,
        Modifier::LateInterest { .. } => K::LateInterest,
        Modifier::Crediting { .. } => K::Crediting,
        Modifier::Prorated => K::Prorated,
        Modifier::InAdvance(_) => K::InAdvance,
        Modifier::ExercisedBy(_) => K::ExercisedBy,
        Modifier::When(_) => K::When,
        Modifier::Notice(_) => K::Notice,
        Modifier::Surviving { .. } => K::Surviving,
        Modifier::MaySublicense { .. } => K::MaySublicense,
        Modifier::NonTransferable => K::NonTransferable,
        Modifier::ExclusiveWhile(_) => K::ExclusiveWhile,
        Modifier::Clocks(_) => K::Clocks,
        Modifier::MonthRounding(_) => K::MonthRounding,
    }
}

/// Whether a sentence takes a kind of modifier.
#[must_use]
pub fn goes_with(head: &Head, k: K) -> bool {
    Sentence::of(head).takes(k)
}

/// A modifier as it is written, for messages.
#[must_use]
pub fn word(k: K) -> &'static str {
    match k {
        K::Where => "where",
        K::Unless => "unless",
        K::OnlyIf => "only if",
        K::While => "while",
        K::SubjectTo => "subject to",
        K::Notwithstanding => "notwithstanding",
        K::WithoutPrejudice => "without prejudice to",
        K::Before => "before",
        K::Until => "until",
        K::From => "from",
        K::Through => "through",
        K::Lasting => "for",
        K::Renews => "renews",
        K::Within => "within",
        K::By => "by",
        K::Each => "each",
        K::NoDeadline => "no deadline",
        K::Totalling => "totalling",
        K::Otherwise => "otherwise",
        K::On => "on",
        K::PerDelay => "per unit of delay",
        K::Cap => "cap",
        K::Floor => "floor",
        K::Rounded => "rounded",
        K::Due => "due",
        K::LateInterest => "late interest",
        K::Crediting => "crediting",
        K::Prorated => "prorated",
        K::InAdvance => "in advance",
        K::ExercisedBy => "exercised by",
        K::When => "when",
        K::Notice => "by notice of",
        K::Surviving => "surviving",
        K::MaySublicense => "may sublicense",
        K::NonTransferable => "non-transferable",
        K::ExclusiveWhile => "exclusive while",
        K::Clocks => "clocks",
        K::MonthRounding => "rounding up|down",
    }
}

/// Kinds that may be said more than once; `through` and `before DATE` bound together.
fn repeats(k: K) -> bool {
    matches!(
        k,
        K::Where
            | K::Unless
            | K::OnlyIf
            | K::While
            | K::SubjectTo
            | K::Notwithstanding
            | K::WithoutPrejudice
            | K::Until
            | K::Cap
            | K::Floor
            | K::Crediting
            | K::Surviving
    )
}

/// The modifiers of a statement, checked against its kind.
pub(super) struct Mods<'a> {
    /// The statement's place.
    pub span: Span,
    /// All, in source order.
    pub all: &'a [Sp<Modifier>],
}

impl<'a> Mods<'a> {
    /// Checks a statement's modifiers.
    pub(super) fn check(low: &mut Lowering<'_>, s: &'a Sp<Statement>) -> Self {
        let sentence = Sentence::of(&s.node.head);
        let mut met: Vec<(K, Span)> = Vec::new();
        for m in &s.node.modifiers {
            let k = kind(&m.node);
            if !sentence.takes(k) {
                let message = format!("`{}` does not go with {}", word(k), sentence.name());
                let d = Diagnostic::error("T060", message, m.span, format!("`{}` stands here", word(k)))
                    .label(s.span, format!("this is {}", sentence.name()));
                low.say(d);
            } else if let Some((_, first)) = met.iter().find(|(x, _)| *x == k && !repeats(k)) {
                let message = format!("`{}` is said twice in one sentence", word(k));
                let d = Diagnostic::error("T061", message, m.span, "said again here")
                    .label(*first, "said first here")
                    .help("keep the one that is meant, or write two sentences");
                low.say(d);
            }
            met.push((k, m.span));
        }
        Mods { span: s.span, all: &s.node.modifiers }
    }

    /// What a choice finds in each modifier.
    pub(super) fn each<T>(&self, choose: impl Fn(&'a Modifier) -> Option<T>) -> Vec<(T, Span)> {
        self.all.iter().filter_map(|m| choose(&m.node).map(|t| (t, m.span))).collect()
    }

    /// What a choice finds first.
    pub(super) fn one<T>(&self, choose: impl Fn(&'a Modifier) -> Option<T>) -> Option<(T, Span)> {
        self.all.iter().find_map(|m| choose(&m.node).map(|t| (t, m.span)))
    }

    /// The rounding of month arithmetic that the sentence names.
    pub(super) fn months(&self) -> Option<ast::MonthRounding> {
        self.one(|m| match m {
            Modifier::MonthRounding(r) => Some(*r),
            _ => None,
        })
        .map(|(r, _)| r)
    }

    /// Whether a bare modifier stands.
    pub(super) fn has(&self, want: K) -> bool {
        self.all.iter().any(|m| kind(&m.node) == want)
    }
}
