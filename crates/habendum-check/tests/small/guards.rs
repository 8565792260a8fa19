//! Conditions over the fields of an event, and over what has happened.

use super::Dice;

/// Whom a sentence binds.
pub fn who(d: &mut Dice) -> String {
    d.one(&["A", "A", "A", "B", "B", "A, B", "either party", "anyone", "anyone", "anyone except A", "Club"])
        .to_owned()
}

fn atom(d: &mut Dice, about: &str) -> String {
    let place =
        ["place is East", "place is not West", "place is one of North, West", "far", "place is North"];
    let choices: &[&str] = match about {
        "Act" => &["flag", "not flag", "by is in Club", "by is a party", "by is B"],
        "Sale" => &[
            "amount is at least 100 USD",
            "amount is up to 200 USD",
            "big",
            "code is \"x\"",
            "code is not \"x\"",
            "code is stated",
            "2 * amount is less than 300 USD",
            "amount + 50 USD is more than 200 USD",
            "if code is \"x\" then amount is at least 200 USD else big",
            "by is not in Club",
        ],
        "Mark" => &["flag", "not flag"],
        _ => &["by is A", "by is a stranger", "by is in Club"],
    };
    if about == "Act" && d.chance(60) { d.one(&place).to_owned() } else { d.one(choices).to_owned() }
}

/// A condition over an event's fields.
pub fn guard(d: &mut Dice, about: &str) -> String {
    match d.below(10) {
        0 => format!("{} and {}", atom(d, about), atom(d, about)),
        1 => format!("{} or {}", atom(d, about), atom(d, about)),
        2 => format!("not ({} or {})", atom(d, about), atom(d, about)),
        3 => format!("({}) and {}", past(d), atom(d, about)),
        4 if d.chance(12) => {
            let x = atom(d, about);
            format!("({x}) and {} and not ({x})", atom(d, about))
        }
        _ => atom(d, about),
    }
}

/// A condition over what has happened.
pub fn past(d: &mut Dice) -> String {
    d.one(&[
        "Mark has occurred",
        "not (Mark where flag) has occurred",
        "count of Mark in total is at least 1",
        "count of (Mark where flag) in total is less than 1",
        "count of Mark in total is up to 1",
    ])
    .to_owned()
}

/// Days that small deals name.
pub const DAYS: [&str; 3] = ["2026-01-02", "2026-01-03", "2026-02-01"];

/// A term.
pub fn term(d: &mut Dice) -> Vec<String> {
    let day = |d: &mut Dice| d.one(&DAYS);
    match d.below(5) {
        0 => vec![format!("from {}", day(d))],
        1 => vec![format!("through {}", day(d))],
        2 => vec![format!("before {}", day(d))],
        3 => vec!["from 2026-01-02".into(), "through 2026-01-02".into()],
        _ => vec!["for 2 days".into()],
    }
}
