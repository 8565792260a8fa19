//! Sentences and their modifiers: which modifier bears on which head.
//!
//! Invariant: the table [`fits`] is the only place that says so; `vary` and the lowering both ask it.

use habendum_syntax::ast::{Head, Modifier, ModifierKind};

/// The kind of a modifier.
#[must_use]
pub fn kind_of(m: &Modifier) -> ModifierKind {
    use ModifierKind as K;
    match m {
        Modifier::Where(_) => K::Where,
        Modifier::Unless(_) => K::Unless,
        Modifier::OnlyIf(_) => K::OnlyIf,
        Modifier::While(_) => K::While,
        Modifier::SubjectTo(_) => K::SubjectTo,
        Modifier::Notwithstanding(_) => K::Notwithstanding,
        Modifier::WithoutPrejudice(_) => K::WithoutPrejudice,
        Modifier::Before(_) | Modifier::BeforeDate(_) => K::Before,
        Modifier::Until(_) | Modifier::UntilReaches { .. } => K::Until,
        Modifier::From(_) => K::From,
        Modifier::Through(_) => K::Through,
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

/// True where a modifier of a kind has a meaning on a sentence with this head.
#[must_use]
pub fn fits(head: &Head, kind: ModifierKind) -> bool {
    use ModifierKind as K;
    let inert = matches!(head, Head::Recital(_) | Head::Undertaking { .. } | Head::Holding { .. });
    let rule = matches!(head, Head::May { .. } | Head::MustNot { .. });
    let duty = matches!(head, Head::Must { .. });
    let keep = matches!(head, Head::Keep { .. });
    let power = matches!(head, Head::Power { .. });
    let relief = matches!(head, Head::Excuses { .. } | Head::ExtendsTime { .. });
    let grant = matches!(head, Head::Grants { .. });
    let pays = matches!(head, Head::Pays { .. });
    match kind {
        K::From | K::Through | K::Lasting | K::Until | K::Renews => true,
        K::While | K::Unless | K::OnlyIf => !inert,
        // A precedence in time is a rule's; a date ends any term.
        K::Before => true,
        K::Where => rule || duty || pays,
        K::SubjectTo | K::Notwithstanding | K::WithoutPrejudice => rule || grant || power,
        K::Within | K::By | K::NoDeadline | K::Totalling => duty,
        K::Each => duty || pays,
        K::Otherwise => duty || keep || matches!(head, Head::MustNot { .. }),
        K::On
        | K::PerDelay
        | K::Cap
        | K::Floor
        | K::Rounded
        | K::Due
        | K::LateInterest
        | K::Crediting
        | K::Prorated
        | K::InAdvance => pays,
        K::ExercisedBy | K::When | K::Notice => power,
        K::Surviving => power || grant,
        K::MaySublicense | K::NonTransferable | K::ExclusiveWhile => grant,
        K::Clocks => relief || power,
        K::MonthRounding => !inert,
    }
}

/// The word that a kind of modifier is written with.
#[must_use]
pub fn word(kind: ModifierKind) -> &'static str {
    use ModifierKind as K;
    match kind {
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
        K::PerDelay => "per ... of delay",
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
        K::MonthRounding => "rounding",
    }
}

/// The kind of a sentence, in contract words.
#[must_use]
pub fn head_word(head: &Head) -> &'static str {
    match head {
        Head::May { .. } => "a permission",
        Head::MustNot { .. } => "a prohibition",
        Head::Must { .. } => "an obligation",
        Head::Keep { .. } => "a maintenance duty",
        Head::Power { .. } => "a power",
        Head::Excuses { .. } | Head::ExtendsTime { .. } => "a relief",
        Head::Grants { .. } => "a grant",
        Head::Pays { .. } => "a payment",
        Head::Recital(_) => "a recital",
        Head::Undertaking { .. } => "an undertaking",
        Head::Holding { .. } => "a holding",
    }
}
