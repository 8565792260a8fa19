//! Drawing small deals: two to four clauses about rules, licenses or money, and an amendment in a third of them.

use super::deal::{Clause, Kind, Modifier, Operation, Sentence, Small};
use super::guards::{DAYS, guard, past, term, who};
use super::{Dice, licenses, money};

/// A small deal.
pub fn small(d: &mut Dice) -> Small {
    let theme = d.below(100);
    let n = 2 + d.below(3);
    let names: Vec<String> = ["one", "two", "three", "four"][..n].iter().map(|s| (*s).to_owned()).collect();
    let about = d.one(&["Act", "Act", "Sale"]);
    let mut clauses = Vec::new();
    for (i, name) in names.iter().enumerate() {
        clauses.push(match theme {
            0..4 => Clause { name: name.clone(), sentences: vec![keep(d, about)] },
            4..45 => clause(d, name, &names, about),
            45..80 => licenses::clause(d, name, i, &names),
            _ => money::clause(d, name, i, &names),
        });
    }
    if d.chance(12) {
        let i = d.below(n);
        let said = recital();
        clauses[i].sentences.insert(0, said);
    }
    let amendment = d.chance(36).then(|| amendment(d, theme, &names, &clauses, about));
    let forbidden = ["Act", "Sale", "Use", "Grant"];
    let forbidden = forbidden.into_iter().filter(|k| d.chance(if *k == "Use" { 80 } else { 20 })).collect();
    Small { forbidden, clauses, amendment }
}

fn recital() -> Sentence {
    let head = "recital \"The parties have worked together.\"".to_owned();
    Sentence { kind: Kind::Recital, head, about: None, modifiers: Vec::new() }
}

fn clause(d: &mut Dice, name: &str, names: &[String], about: &'static str) -> Clause {
    let mut sentences = vec![sentence(d, name, names, about)];
    if d.chance(12) {
        sentences.push(sentence(d, name, names, about));
    }
    Clause { name: name.to_owned(), sentences }
}

/// A sentence about what may, must and must not be done.
pub fn sentence(d: &mut Dice, name: &str, names: &[String], about: &'static str) -> Sentence {
    let other = |d: &mut Dice| d.one(&names.iter().filter(|n| *n != name).cloned().collect::<Vec<_>>());
    match d.below(100) {
        0..34 => rule(d, name, names, about, Kind::Permission),
        34..60 => rule(d, name, names, about, Kind::Prohibition),
        60..68 => rule(d, name, names, about, Kind::Before),
        68..78 => duty(d, about),
        78..86 => keep(d, about),
        n => {
            let target = other(d);
            if n < 93 { power(d, &target) } else { relief(d, &target) }
        }
    }
}

fn rule(d: &mut Dice, name: &str, names: &[String], about: &'static str, kind: Kind) -> Sentence {
    let who = who(d);
    let verb = if kind == Kind::Permission { "may" } else { "must not" };
    let mut s =
        Sentence { kind, head: format!("{who} {verb} {about}"), about: Some(about), modifiers: vec![] };
    if d.chance(65) {
        s.modifiers.push(plain(format!("where {}", guard(d, about))));
    }
    if kind == Kind::Before {
        let same = if about == "Act" { "place" } else { "code" };
        let of = d.one(&["", " of the same KEY"]).replace("KEY", same);
        s.modifiers.push(plain(format!("before {about}{of} where {}", guard(d, about))));
    }
    dress(d, &mut s, name, names);
    s
}

/// A modifier that is not counted.
pub fn plain(text: String) -> Modifier {
    Modifier { kind: None, text }
}

fn of(kind: Kind, text: String) -> Modifier {
    Modifier { kind: Some(kind), text }
}

/// Adds modifiers that any rule can have.
pub fn dress(d: &mut Dice, s: &mut Sentence, name: &str, names: &[String]) {
    let about = s.about.unwrap_or("Mark");
    if d.chance(22) {
        let own = s.modifiers.iter().find_map(|m| m.text.strip_prefix("where ")).map(str::to_owned);
        let mut x = match own {
            // What the sentence itself asks for, or the contrary of it.
            Some(g) if d.chance(16) => {
                format!("unless {}", if d.chance(50) { g } else { format!("not ({g})") })
            }
            _ => format!("unless {}", guard(d, about)),
        };
        if d.chance(30) {
            x = format!("{x} {{ unless {} }}", guard(d, about));
        }
        s.modifiers.push(of(Kind::Exception, x));
    }
    if d.chance(12) {
        s.modifiers.push(of(Kind::OnlyIf, format!("only if {}", guard(d, about))));
    }
    dress_term(d, s);
    let others: Vec<String> = names.iter().filter(|n| *n != name).cloned().collect();
    if d.chance(14) {
        let other = d.one(&others);
        if d.chance(15) {
            s.modifiers.push(of(Kind::Notwithstanding, format!("notwithstanding {other}")));
        }
        s.modifiers.push(of(Kind::SubjectTo, format!("subject to {other}")));
    }
    if d.chance(12) {
        s.modifiers.push(of(Kind::Notwithstanding, format!("notwithstanding {}", d.one(&others))));
    }
}

/// Adds what bounds it in time.
pub fn dress_term(d: &mut Dice, s: &mut Sentence) {
    if d.chance(10) {
        let until = d.one(&["Mark where flag", "Mark", "Join where by is A"]);
        s.modifiers.push(of(Kind::Until, format!("until {until}")));
    }
    if d.chance(8) {
        s.modifiers.push(of(Kind::While, format!("while {}", past(d))));
    }
    if d.chance(30) {
        s.modifiers.extend(term(d).into_iter().map(plain));
    }
}

fn duty(d: &mut Dice, about: &'static str) -> Sentence {
    let who = d.one(&["A", "B"]);
    let mut s = Sentence {
        kind: Kind::Duty,
        head: format!("{who} must {about}"),
        about: Some(about),
        modifiers: Vec::new(),
    };
    if d.chance(70) {
        s.modifiers.push(plain(format!("where {}", guard(d, about))));
    }
    let when = d.one(&[
        "within 1 day of Mark",
        "within 2 days of Mark where flag",
        "by 2026-01-02",
        "by 2026-01-03",
        "each month",
        "no deadline",
    ]);
    s.modifiers.push(plain(when.to_owned()));
    if d.chance(25) {
        s.modifiers.push(plain("otherwise A pays B 10 USD".to_owned()));
    }
    s
}

fn keep(d: &mut Dice, about: &'static str) -> Sentence {
    let who = d.one(&["A", "B", "either party"]);
    let head = format!("{who} must keep ({}) on each ({about} where {})", guard(d, about), guard(d, about));
    let mut s = Sentence { kind: Kind::Keep, head, about: Some(about), modifiers: Vec::new() };
    if d.chance(20) {
        s.modifiers.push(of(Kind::Exception, format!("unless {}", guard(d, about))));
    }
    dress_term(d, &mut s);
    s
}

fn power(d: &mut Dice, target: &str) -> Sentence {
    let (who, act) = (d.one(&["A", "B", "either party"]), d.one(&["terminate", "suspend", "terminate"]));
    let target = if act == "terminate" && d.chance(15) { "the agreement" } else { target };
    let event = d.one(&["Join", "Leave"]);
    let mut s = Sentence {
        kind: Kind::Power,
        head: format!("{who} may {act} {target}"),
        about: None,
        modifiers: vec![plain(format!("exercised by {event}"))],
    };
    if d.chance(40) {
        s.modifiers.push(plain(format!("when {}", past(d))));
    }
    if d.chance(25) {
        s.modifiers.push(plain("by notice of 1 day".to_owned()));
    }
    s
}

fn relief(d: &mut Dice, target: &str) -> Sentence {
    let head =
        d.one(&["Mark excuses TARGET", "(Mark where flag) excuses TARGET", "Join extends TARGET by 1 day"]);
    let mut s = Sentence {
        kind: Kind::Relief,
        head: head.replace("TARGET", target),
        about: None,
        modifiers: Vec::new(),
    };
    if head.contains("excuses") {
        s.modifiers.push(plain(d.one(&["until Mark where not flag", "for 1 day", "until Join"]).to_owned()));
    }
    s
}

fn amendment(
    d: &mut Dice,
    theme: usize,
    names: &[String],
    clauses: &[Clause],
    about: &'static str,
) -> (&'static str, Vec<Operation>) {
    let day = d.one(&DAYS);
    let i = d.below(names.len());
    let make = |d: &mut Dice, name: &str, i: usize| match theme {
        0..45 => clause(d, name, names, about),
        45..80 => licenses::clause(d, name, i, names),
        _ => money::clause(d, name, i, names),
    };
    let op = match d.below(4) {
        0 => Operation::Strike(names[i].clone()),
        1 => Operation::Insert(make(d, "added", i)),
        2 => Operation::Replace(make(d, &names[i], i)),
        _ => {
            let licensed = clauses[i].sentences.iter().any(|s| s.head.contains(" grants "));
            let change = match d.below(3) {
                0 if licensed => format!("exclusivity {}", d.one(&["exclusive", "sole", "non-exclusive"])),
                1 => "add unless (Mark has occurred)".to_owned(),
                _ => "term through 2026-02-01".to_owned(),
            };
            Operation::Vary(names[i].clone(), vec![change])
        }
    };
    (day, vec![op])
}
