//! Guessing what a writer meant by a misspelt word. Pure functions over words.

/// The candidate nearest to `word`, where it is near enough to be a slip of the pen.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = match word.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    candidates
        .filter(|c| *c != word)
        .map(|c| (distance(word, c), c))
        .filter(|(d, _)| *d <= most)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Edit distance where swapping neighbours counts once (optimal string alignment), case aside.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().take(64).collect();
    let b: Vec<char> = b.to_lowercase().chars().take(64).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

use crate::ast::ModifierKind;

/// How `remove` names each kind of modifier; parser and printer share it.
pub(crate) const MODIFIER_KINDS: [(ModifierKind, &str); 38] = [
    (ModifierKind::Where, "where"),
    (ModifierKind::Unless, "unless"),
    (ModifierKind::OnlyIf, "only if"),
    (ModifierKind::While, "while"),
    (ModifierKind::SubjectTo, "subject to"),
    (ModifierKind::Notwithstanding, "notwithstanding"),
    (ModifierKind::WithoutPrejudice, "without prejudice"),
    (ModifierKind::Before, "before"),
    (ModifierKind::Until, "until"),
    (ModifierKind::From, "from"),
    (ModifierKind::Through, "through"),
    (ModifierKind::Lasting, "for"),
    (ModifierKind::Renews, "renews"),
    (ModifierKind::Within, "within"),
    (ModifierKind::By, "by"),
    (ModifierKind::Each, "each"),
    (ModifierKind::NoDeadline, "no deadline"),
    (ModifierKind::Totalling, "totalling"),
    (ModifierKind::Otherwise, "otherwise"),
    (ModifierKind::On, "on"),
    (ModifierKind::PerDelay, "per delay"),
    (ModifierKind::Cap, "cap"),
    (ModifierKind::Floor, "floor"),
    (ModifierKind::Rounded, "rounded"),
    (ModifierKind::Due, "due"),
    (ModifierKind::LateInterest, "late interest"),
    (ModifierKind::Crediting, "crediting"),
    (ModifierKind::Prorated, "prorated"),
    (ModifierKind::InAdvance, "advance"),
    (ModifierKind::ExercisedBy, "exercised"),
    (ModifierKind::When, "when"),
    (ModifierKind::Notice, "notice"),
    (ModifierKind::Surviving, "surviving"),
    (ModifierKind::MaySublicense, "sublicense"),
    (ModifierKind::NonTransferable, "non-transferable"),
    (ModifierKind::ExclusiveWhile, "exclusive while"),
    (ModifierKind::Clocks, "clocks"),
    (ModifierKind::MonthRounding, "rounding"),
];
