//! Payments: shares, sums, tiers, caps, floors; and the rules beside them.

use super::Dice;
use super::deal::{Clause, Kind, Modifier, Sentence};
use super::draw::{dress_term, plain, sentence};
use super::guards::guard;

/// A clause about money.
pub fn clause(d: &mut Dice, name: &str, at: usize, names: &[String]) -> Clause {
    let s = if at == 0 || d.chance(60) { payment(d) } else { sentence(d, name, names, "Sale") };
    Clause { name: name.to_owned(), sentences: vec![s] }
}

fn payment(d: &mut Dice) -> Sentence {
    let pays = d.one(&["A pays B", "B pays A"]);
    let (kind, amount) = match d.below(4) {
        0 => {
            let kind = d.one(&["marginal", "whole"]);
            let bands = "{ up to 100 USD: 10%  more than 100 USD: 20% }";
            (Kind::Tiers, format!("{kind} tiers of amount per month {bands}"))
        }
        1 => (Kind::Share, "5 USD".to_owned()),
        _ => (Kind::Share, format!("{} of amount", d.one(&["10%", "25%", "50%", "60%"]))),
    };
    let guard = if d.chance(60) { format!(" where {}", guard(d, "Sale")) } else { String::new() };
    let mut s = Sentence {
        kind,
        head: format!("{pays} {amount}"),
        about: None,
        modifiers: vec![plain(format!("on each (Sale{guard})"))],
    };
    let period = d.one(&["per month", "in total"]);
    if d.chance(35) {
        let counting = if period == "in total" { " counting from effective" } else { "" };
        let text = format!("cap {} {period}{counting}", d.one(&["20 USD", "30 USD"]));
        s.modifiers.push(Modifier { kind: Some(Kind::Cap), text });
    }
    if d.chance(35) {
        let text = format!(
            "floor {} {}",
            d.one(&["5 USD", "15 USD", "25 USD", "40 USD"]),
            d.one(&["per month", "per event"])
        );
        s.modifiers.push(Modifier { kind: Some(Kind::Floor), text });
    }
    if d.chance(30) {
        s.modifiers.push(plain("due within 10 days".to_owned()));
    }
    dress_term(d, &mut s);
    s
}
