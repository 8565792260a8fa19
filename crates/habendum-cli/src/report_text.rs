//! The summary of a run for people: what came of the events, who owes what, what is open, and what it all rests on.

use crate::table::{Align, Table, group_digits, grouped, wrap};
use crate::term::Style;
use habendum::evaluate::Explained;
use habendum::receipt::Receipt;
use habendum::report::{Amounts, ClauseReport, Notable, ReadingReport, Report, RestsOn, Sums};
use std::collections::BTreeMap;

/// How many rows of one verdict are listed before the rest are only counted.
const SHOWN: usize = 25;
const WIDTH: usize = 100;

/// Number and title of each clause, by id.
pub type Titles = BTreeMap<String, String>;

/// The summary as text.
#[must_use]
pub fn report(r: &Report, titles: &Titles, style: Style) -> String {
    let mut out = Lines { lines: Vec::new(), style };
    out.lines.push(style.bold(&r.agreement));
    out.lines.push(format!("  {}", span_of(r)));
    verdicts(r, &mut out);
    notable(r, titles, &mut out);
    by_reading(r, titles, &mut out);
    clauses(&r.clauses, &mut out);
    rests_on(&r.rests_on, titles, &mut out);
    receipt(&r.receipt, &mut out);
    out.lines.push(String::new());
    out.lines.join("\n")
}

/// Amounts and obligations: once where every reading gives the same, else once for each group of readings that agree.
fn by_reading(r: &Report, titles: &Titles, out: &mut Lines) {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for reading in &r.readings {
        let mut own = Lines { lines: Vec::new(), style: out.style };
        money(reading, titles, &mut own);
        obligations(reading, titles, &mut own);
        let named: Vec<String> = reading.readings.iter().map(|(c, n)| format!("{c} as {n}")).collect();
        match groups.iter_mut().find(|(_, lines)| *lines == own.lines) {
            Some((names, _)) => names.push(named.join(", ")),
            None => groups.push((vec![named.join(", ")], own.lines)),
        }
    }
    let several = groups.len() > 1;
    for (names, lines) in groups {
        if several {
            out.heading("Read with");
            for n in &names {
                out.lines.push(format!("  {n}"));
            }
        }
        out.lines.extend(lines);
    }
    if r.readings.len() > 1 && !several {
        out.lines.push(String::new());
        out.lines.push("  The amounts are the same under every reading.".to_owned());
    }
}

struct Lines {
    lines: Vec<String>,
    style: Style,
}

impl Lines {
    fn heading(&mut self, text: &str) {
        self.lines.push(String::new());
        self.lines.push(self.style.bold(text));
    }

    fn table(&mut self, t: &Table) {
        let mut lines = t.lines().into_iter();
        if let Some(header) = lines.next() {
            self.lines.push(self.style.dim(&header));
        }
        self.lines.extend(lines);
    }

    fn wrapped(&mut self, first: &str, text: &str) {
        let indent = " ".repeat(first.chars().count());
        for (i, l) in wrap(text, WIDTH.saturating_sub(indent.len()).max(30)).into_iter().enumerate() {
            self.lines.push(format!("{}{l}", if i == 0 { first } else { &indent }));
        }
    }
}

fn span_of(r: &Report) -> String {
    let mut text = format!("{} event{}", grouped(r.rows.judged), if r.rows.judged == 1 { "" } else { "s" });
    if let (Some(a), Some(b)) = (&r.rows.first, &r.rows.last) {
        text.push_str(&format!(", {a} through {b}"));
    }
    if let Some(clock) = &r.receipt.clock {
        text.push_str(&format!("; time ran through {clock}"));
    }
    if let Some(d) = &r.receipt.known_as_of {
        text.push_str(&format!("; amendments known as of {d}"));
    }
    let left_out = [("bad row", r.rows.bad), ("late row", r.rows.late), ("duplicate", r.rows.duplicates)];
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(what, n)| format!("{} {what}{}", grouped(*n), if *n == 1 { "" } else { "s" }))
        .collect();
    if !left_out.is_empty() {
        text.push_str(&format!("; {} left out", left_out.join(", ")));
    }
    text
}

/// The verdicts in one line, best first.
fn verdicts(r: &Report, out: &mut Lines) {
    const ORDER: [&str; 7] =
        ["permitted", "silent", "breach", "unlicensed", "without-effect", "undetermined", "conflict"];
    let parts: Vec<String> = ORDER
        .iter()
        .filter_map(|v| r.verdicts.get(*v).map(|n| (*v, *n)))
        .map(|(v, n)| {
            let text = format!("{} {}", grouped(n), v.replace('-', " "));
            match v {
                "breach" | "conflict" => out.style.red(&text),
                "unlicensed" | "undetermined" | "without-effect" => out.style.yellow(&text),
                _ => text,
            }
        })
        .collect();
    if !parts.is_empty() {
        out.lines.push(format!("  {}", parts.join(", ")));
    }
}

/// What calls for a look, grouped by verdict.
fn notable(r: &Report, titles: &Titles, out: &mut Lines) {
    const GROUPS: [(&str, &str); 5] = [
        ("breach", "Breaches"),
        ("conflict", "Conflicts: clauses that nothing ranks"),
        ("undetermined", "Undetermined: the text leaves it open"),
        ("unlicensed", "Unlicensed acts of strangers"),
        ("without-effect", "Without effect"),
    ];
    for (verdict, heading) in GROUPS {
        let rows: Vec<&Notable> = r.notable.iter().filter(|n| n.verdict == verdict).collect();
        let Some(total) = r.notable_counts.get(verdict) else { continue };
        out.heading(&format!("{heading} ({})", grouped(*total)));
        let mut t = Table::new(&[
            ("date", Align::Left),
            ("row", Align::Right),
            ("what", Align::Left),
            ("clause", Align::Left),
        ]);
        let mut reasons = Vec::new();
        for n in rows.iter().take(SHOWN) {
            let what = match (n.what.as_str(), &n.kind) {
                ("deadline", _) => "deadline passed".to_owned(),
                ("unpaid", _) => "not paid".to_owned(),
                (_, Some(kind)) => kind.clone(),
                (other, None) => other.to_owned(),
            };
            let clauses: Vec<String> = n.clauses.iter().map(|c| called(c, titles)).collect();
            let key = if n.key.is_empty() { String::new() } else { format!(" [{}]", n.key.join(", ")) };
            let mut names = clauses.into_iter();
            let first = names.next().unwrap_or_else(|| "the default of its kind".to_owned());
            t.row(vec![
                n.date.clone(),
                n.row.map(|r| r.to_string()).unwrap_or_default(),
                what,
                format!("{first}{key}"),
            ]);
            let mut more: Vec<String> = names.collect();
            more.extend(n.reason.iter().map(|r| format!("— {r}")));
            reasons.push(more);
        }
        interleave(&t, &reasons, out);
        let listed = rows.len().min(SHOWN) as u64;
        if *total > listed {
            out.lines.push(format!("  and {} more: write them all with --out FILE", grouped(total - listed)));
        }
    }
}

/// The lines of a table, each followed by further lines under its last column.
fn interleave(t: &Table, more: &[Vec<String>], out: &mut Lines) {
    let lines = t.lines();
    let indent = lines.first().and_then(|h| h.find("clause").map(|b| h[..b].chars().count())).unwrap_or(4);
    for (i, line) in lines.iter().enumerate() {
        if i == 0 {
            out.lines.push(out.style.dim(line));
            continue;
        }
        out.lines.push(line.clone());
        for text in more.get(i - 1).into_iter().flatten() {
            out.wrapped(&" ".repeat(indent), text);
        }
    }
}

/// `§ 3.1 License to OpenAI IP (ip-license)`
fn called(clause: &str, titles: &Titles) -> String {
    match titles.get(clause) {
        Some(t) if !t.is_empty() => format!("{t} ({clause})"),
        _ => clause.to_owned(),
    }
}

fn figure(amount: &str, currency: &str) -> String {
    format!("{} {currency}", group_digits(amount))
}

/// A figure, or nothing where it is zero.
fn unless_zero(amount: &str, currency: &str) -> String {
    if amount.bytes().all(|b| matches!(b, b'0' | b'.' | b'-')) {
        String::new()
    } else {
        figure(amount, currency)
    }
}

const SUM_COLUMNS: [(&str, Align); 6] = [
    ("accrued", Align::Right),
    ("due", Align::Right),
    ("paid", Align::Right),
    ("due, unpaid", Align::Right),
    ("interest", Align::Right),
    ("provisional", Align::Right),
];

fn sums(s: &Sums, currency: &str) -> Vec<String> {
    vec![
        figure(&s.accrued, currency),
        unless_zero(&s.due, currency),
        unless_zero(&s.paid, currency),
        unless_zero(&s.overdue, currency),
        unless_zero(&s.interest, currency),
        s.provisional.as_deref().map_or_else(String::new, |p| unless_zero(p, currency)),
    ]
}

fn money(r: &ReadingReport, titles: &Titles, out: &mut Lines) {
    if !r.amounts.is_empty() {
        out.heading("Amounts");
        let mut columns = vec![("clause", Align::Left), ("payer", Align::Left), ("payee", Align::Left)];
        columns.extend(SUM_COLUMNS);
        let mut t = Table::new(&columns);
        for a in &r.amounts {
            amounts(a, titles, &mut t);
        }
        out.table(&t);
    }
    if r.pairs.len() > 1 || (r.pairs.len() == 1 && r.amounts.len() > 1) {
        out.heading("Between the parties");
        let mut columns = vec![("payer", Align::Left), ("payee", Align::Left)];
        columns.extend(SUM_COLUMNS);
        let mut t = Table::new(&columns);
        for p in &r.pairs {
            let mut cells = vec![p.payer.clone(), p.payee.clone()];
            cells.extend(sums(&p.sums, &p.currency));
            t.row(cells);
        }
        out.table(&t);
    }
    if !r.caps.is_empty() {
        out.heading("Caps");
        let mut t = Table::new(&[
            ("clause", Align::Left),
            ("per", Align::Left),
            ("cap", Align::Right),
            ("used", Align::Right),
            ("left", Align::Right),
        ]);
        for c in r.caps.iter().take(SHOWN) {
            let key = if c.key.is_empty() { String::new() } else { format!(" [{}]", c.key.join(", ")) };
            let open = |a: &Option<String>| {
                a.as_ref().map_or_else(|| "by the event".to_owned(), |a| figure(a, &c.currency))
            };
            t.row(vec![
                format!("{}{key}", called(&c.clause, titles)),
                c.period.clone(),
                open(&c.cap),
                figure(&c.used, &c.currency),
                open(&c.left),
            ]);
        }
        out.table(&t);
        more(r.caps.len(), out);
    }
}

fn amounts(a: &Amounts, titles: &Titles, t: &mut Table) {
    let mut cells = vec![called(&a.clause, titles), a.payer.clone(), a.payee.clone()];
    cells.extend(sums(&a.sums, &a.currency));
    t.row(cells);
    for k in a.keys.iter().take(SHOWN) {
        let mut cells = vec![format!("  [{}]", k.key.join(", ")), String::new(), String::new()];
        cells.extend(sums(&k.sums, &a.currency));
        t.row(cells);
    }
    if a.keys.len() > SHOWN {
        t.row(vec![format!("  and {} more keys: see --output json", a.keys.len() - SHOWN)]);
    }
}

fn more(n: usize, out: &mut Lines) {
    if n > SHOWN {
        out.lines.push(format!("  and {} more: see --output json", n - SHOWN));
    }
}

fn obligations(r: &ReadingReport, titles: &Titles, out: &mut Lines) {
    if r.obligations.is_empty() {
        return;
    }
    out.heading("Obligations not performed");
    let mut t = Table::new(&[
        ("state", Align::Left),
        ("clause", Align::Left),
        ("since", Align::Left),
        ("row", Align::Right),
        ("deadline", Align::Left),
        ("left to do", Align::Right),
    ]);
    for o in r.obligations.iter().take(SHOWN) {
        let key = if o.key.is_empty() { String::new() } else { format!(" [{}]", o.key.join(", ")) };
        t.row(vec![
            o.state.clone(),
            format!("{}{key}", called(&o.clause, titles)),
            o.opened.clone(),
            o.opened_by.map(|r| r.to_string()).unwrap_or_default(),
            o.deadline.clone().unwrap_or_else(|| "none".to_owned()),
            o.left.as_ref().map(|l| group_digits(l)).unwrap_or_default(),
        ]);
    }
    out.table(&t);
    more(r.obligations.len(), out);
}

/// Per clause, what it decided.
fn clauses(all: &[ClauseReport], out: &mut Lines) {
    if all.is_empty() {
        return;
    }
    out.heading("By clause");
    let mut t = Table::new(&[("", Align::Left), ("clause", Align::Left), ("came into play", Align::Left)]);
    for c in all {
        let mut parts: Vec<String> = c
            .verdicts
            .iter()
            .chain(&c.duties)
            .map(|(v, n)| format!("{} {}", grouped(*n), v.replace('-', " ")))
            .collect();
        if c.accruals > 0 {
            parts.push(format!("{} accrual{}", grouped(c.accruals), if c.accruals == 1 { "" } else { "s" }));
        }
        if c.unpaid > 0 {
            parts.push(format!("{} unpaid", grouped(c.unpaid)));
        }
        let number = c.number.as_ref().map(|n| format!("§ {n}")).unwrap_or_default();
        let name = match &c.title {
            Some(t) => format!("{t} ({})", c.clause),
            None => c.clause.clone(),
        };
        t.row(vec![number, name, parts.join(", ")]);
    }
    out.table(&t);
}

fn rests_on(r: &RestsOn, titles: &Titles, out: &mut Lines) {
    if r.is_empty() {
        return;
    }
    out.heading("These results rest on");
    for p in &r.reported_figures {
        let by = p.citation.as_ref().map(|c| format!(": {c}")).unwrap_or_default();
        let text = format!("{} = {} is a reported figure ({}){by}", p.name, shown(&p.value), p.origin);
        out.wrapped("  - ", &text);
    }
    for (c, citation) in &r.reported_clauses {
        out.wrapped("  - ", &format!("the text of {} is reported: {citation}", called(c, titles)));
    }
    for (name, text) in &r.assumptions {
        out.wrapped("  - ", &format!("assumption {name}: {text}"));
    }
    for (clause, readings) in &r.readings {
        let text = match readings.as_slice() {
            [one] => format!("{} read as {one}", called(clause, titles)),
            several => format!("{} read as each of: {}", called(clause, titles), several.join(", ")),
        };
        out.wrapped("  - ", &text);
    }
}

/// The value of a figure; amounts come grouped already.
fn shown(value: &str) -> &str {
    value
}

fn receipt(r: &Receipt, out: &mut Lines) {
    out.heading("Receipt");
    let short = |h: &str| h.chars().take(16).collect::<String>();
    let mut t = Table::new(&[("", Align::Left), ("", Align::Left)]);
    t.row(vec!["compiler".to_owned(), r.compiler.clone()]);
    t.row(vec![
        "sources".to_owned(),
        format!(
            "{} file{}, sha256 {}",
            r.sources.len(),
            if r.sources.len() == 1 { "" } else { "s" },
            short(&r.sources_sha256)
        ),
    ]);
    for i in &r.inputs {
        t.row(vec!["events".to_owned(), format!("{}, sha256 {}", i.name, short(&i.sha256))]);
    }
    for a in &r.amendments {
        let effective = a.effective.as_ref().map(|d| format!(", effective from {d}")).unwrap_or_default();
        t.row(vec!["amendment".to_owned(), format!("{}{effective}", a.id)]);
    }
    for p in &r.parameters {
        t.row(vec!["parameter".to_owned(), format!("{} = {} ({})", p.name, p.value, p.origin)]);
    }
    out.lines.extend(t.lines().into_iter().skip(1));
}

/// Why a row came out as it did.
#[must_use]
pub fn explained(x: &Explained, style: Style) -> String {
    let mut out = Lines { lines: Vec::new(), style };
    if let Some(o) = &x.outcome {
        out.lines.push(style.bold(&format!("Row {}: {} on {}", o.row, o.kind, o.date)));
        let by = if o.clauses.is_empty() { String::new() } else { format!(" by {}", o.clauses.join(", ")) };
        out.lines.push(format!("  {}{by}", o.verdict.replace('-', " ")));
        out.lines.extend(o.reason.iter().map(|r| format!("  {r}")));
    } else {
        out.lines.push(style.bold("Payments that time brought"));
        if x.steps.is_empty() {
            out.lines.push("  none that day".to_owned());
        }
    }
    for s in &x.steps {
        let indent = "  ".repeat(usize::from(s.depth) + 1);
        out.wrapped(&format!("{indent}- "), &s.text);
        if let Some((place, words)) = &s.place {
            out.lines.push(style.dim(&format!("{indent}    {place}: {words}")));
        }
    }
    out.lines.push(String::new());
    out.lines.join("\n")
}
