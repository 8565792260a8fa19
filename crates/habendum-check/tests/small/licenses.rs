//! Licenses of every exclusivity, sublicenses, and what is said of use beside them.

use super::Dice;
use super::deal::{Clause, Kind, Modifier, Sentence};
use super::draw::{dress_term, plain};

/// A clause about licenses.
pub fn clause(d: &mut Dice, name: &str, at: usize, names: &[String]) -> Clause {
    let mut s = if at < 2 || d.chance(60) { grant(d, at) } else { use_of(d) };
    let others: Vec<String> = names.iter().filter(|n| *n != name).cloned().collect();
    if s.kind != Kind::Duty && d.chance(8) {
        s.modifiers
            .push(Modifier { kind: Some(Kind::SubjectTo), text: format!("subject to {}", d.one(&others)) });
    }
    if s.kind != Kind::Duty && d.chance(8) {
        let text = format!("notwithstanding {}", d.one(&others));
        s.modifiers.push(Modifier { kind: Some(Kind::Notwithstanding), text });
    }
    Clause { name: name.to_owned(), sentences: vec![s] }
}

fn grant(d: &mut Dice, at: usize) -> Sentence {
    let (from, to) = if at == 0 {
        ("A", d.one(&["B", "C"]))
    } else if at == 1 && d.chance(30) {
        d.one(&[("B", "C"), ("C", "B")])
    } else {
        d.one(&[("A", "C"), ("A", "B"), ("B", "C"), ("C", "B"), ("A", "C")])
    };
    // An open license that an exclusive one comes upon later.
    let elder = at == 0 && d.chance(30);
    let (kind, word) = match if elder { 7 } else { d.below(8) } {
        0..3 => (Kind::Exclusive, "an exclusive".to_owned()),
        3 => (Kind::ExceptGrantor, "an exclusive except grantor".to_owned()),
        4 => (Kind::Sole, "a sole".to_owned()),
        5 => (Kind::CoExclusive, format!("a co-exclusive with {}", d.one(&["B", "C"]))),
        _ => (Kind::NonExclusive, "a non-exclusive".to_owned()),
    };
    let (asset, place) =
        (d.one(&["Works", "Film", "Works"]), d.one(&["worldwide", "in Europe", "in France"]));
    let field = d.one(&["any field", "for Print"]);
    let mut s = Sentence {
        kind,
        head: format!("{from} grants {to} {word} license to Use {asset} {place}, {field}"),
        about: Some("Use"),
        modifiers: Vec::new(),
    };
    if d.chance(40) {
        let to = d.one(&["", "", " to C", " depth 1"]);
        s.modifiers.push(plain(format!("may sublicense{to}")));
    }
    if at > 0 && kind != Kind::NonExclusive && d.chance(30) {
        s.modifiers.push(plain("from 2026-01-02".to_owned()));
    } else if !elder {
        dress_term(d, &mut s);
    }
    s
}

/// A permission, a prohibition or a duty to use.
fn use_of(d: &mut Dice) -> Sentence {
    let who = d.one(&["A", "A", "B", "C"]);
    let (kind, verb) = d.one(&[
        (Kind::Permission, "may"),
        (Kind::Permission, "may"),
        (Kind::Prohibition, "must not"),
        (Kind::Duty, "must"),
    ]);
    let who = if kind == Kind::Prohibition { d.one(&["anyone", "C", "either party"]) } else { who };
    let mut s =
        Sentence { kind, head: format!("{who} {verb} Use"), about: Some("Use"), modifiers: Vec::new() };
    if d.chance(60) {
        let guard =
            d.one(&["asset is Film", "territory is France", "asset is Works and territory is Europe"]);
        s.modifiers.push(plain(format!("where {guard}")));
    }
    if kind == Kind::Duty {
        s.modifiers.push(plain(d.one(&["by 2026-01-02", "within 1 day of Mark", "each month"]).to_owned()));
    } else {
        dress_term(d, &mut s);
    }
    s
}
