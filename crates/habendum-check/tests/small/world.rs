//! What can happen under a small deal: every event of a tiny domain on each day at which anything turns, and after every
//! short history of events that leave a trace; judged by the interpreter alone.

use super::deal::{Kind, Small};
use habendum_model::binding::{Choices, bind};
use habendum_model::consolidate::consolidate;
use habendum_model::deal::Deal;
use habendum_model::expr::Type;
use habendum_model::resolve::resolve;
use habendum_model::value::{EventId, Exact, PartyId, TermId, Value};
use habendum_norm::event::Event;
use habendum_norm::ir::Program;
use habendum_norm::outcome::Outcome;
use habendum_norm::{Interpreter, lower};
use habendum_syntax::parse_file;
use habendum_syntax::{Sources, render::render_concise};
use jiff::civil::{Date, date};
use std::sync::Arc;

/// Days at which anything can turn in a small deal, the days between, and the eve of the first.
pub fn days() -> [Date; 7] {
    [
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 1, 3),
        date(2026, 1, 4),
        date(2026, 2, 1),
        date(2026, 2, 2),
    ]
}

/// A deal and what runs it.
pub struct World {
    /// The deal.
    pub deal: Deal,
    /// Its norms.
    pub program: Arc<Program>,
    start: Interpreter,
    /// Event kinds that the deal speaks of, with their tiny domains.
    pub kinds: Vec<(EventId, Vec<Vec<Value>>)>,
    /// Those of them that leave a trace on what comes after, with the events that do.
    pub traces: Vec<(EventId, Vec<Vec<Value>>)>,
}

/// The deal of a text, or what is wrong with it.
pub fn read(text: &str) -> Result<Deal, String> {
    let mut sources = Sources::default();
    let id = sources.add("small.term", text);
    let parsed = parse_file(id, text);
    if parsed.has_errors() {
        return Err(render_concise(&parsed.diagnostics, &sources));
    }
    let resolved = resolve(&[parsed.value]);
    if resolved.has_errors() {
        return Err(render_concise(&resolved.diagnostics, &sources));
    }
    let deal = resolved.value.unwrap();
    program(&deal).map_err(|d| render_concise(&d, &sources))?;
    Ok(deal)
}

fn program(deal: &Deal) -> Result<Arc<Program>, Vec<habendum_syntax::Diagnostic>> {
    let binding = bind(deal, &Choices::default())?;
    let texts = consolidate(deal, &binding);
    if texts.has_errors() {
        return Err(texts.diagnostics);
    }
    let lowered = lower(deal, &texts.value, &binding);
    if lowered.has_errors() {
        return Err(lowered.diagnostics);
    }
    Ok(Arc::new(lowered.value.unwrap()))
}

impl World {
    /// The world of a deal.
    pub fn new(small: &Small) -> Result<World, String> {
        World::with(small, false)
    }

    /// The world of a deal; where running sums count, payments leave a trace too.
    pub fn with(small: &Small, sums: bool) -> Result<World, String> {
        let text = small.text();
        let deal = read(&text)?;
        let program = program(&deal).unwrap();
        let start = Interpreter::new(Arc::clone(&program)).map_err(|e| e.message)?;
        let said: String = text.split_once("event Leave").unwrap().1.to_owned();
        let spoken = |name: &str| {
            let club = said.contains("Club") && ["Join", "Leave"].contains(&name);
            said.contains(name) || club || (name == "Grant" && said.contains(" license "))
        };
        let kind = |name: &str| deal.symbols.event(name).unwrap();
        let names: Vec<&str> = ["Act", "Sale", "Mark", "Join", "Leave", "Use", "Grant"]
            .into_iter()
            .filter(|n| spoken(n))
            .collect();
        let held = small.kinds();
        let kept = held.contains(&Kind::Before) || held.contains(&Kind::Duty);
        let running = sums && [Kind::Cap, Kind::Floor, Kind::Tiers].iter().any(|k| held.contains(k));
        let traces = names
            .iter()
            .filter(|n| match **n {
                "Mark" | "Join" | "Leave" => true,
                "Grant" => said.contains("may sublicense"),
                "Act" => kept,
                "Sale" => kept || running,
                _ => false,
            })
            .map(|n| (kind(n), traced(&deal, n, domain(&deal, kind(n)))))
            .collect();
        let kinds = names.iter().map(|n| (kind(n), domain(&deal, kind(n)))).collect();
        Ok(World { program, start, kinds, traces, deal })
    }

    /// An interpreter at the first day.
    pub fn start(&self) -> Interpreter {
        self.start.clone()
    }

    /// Every first event, and every one after up to `depth - 1` events that leave a trace. The visitor has the history
    /// before it.
    pub fn walk(&self, depth: usize, visit: &mut dyn FnMut(&[Event], &Event, &Outcome)) {
        self.from(&self.start, depth, &mut Vec::new(), visit);
    }

    fn from(
        &self,
        at: &Interpreter,
        depth: usize,
        before: &mut Vec<Event>,
        visit: &mut dyn FnMut(&[Event], &Event, &Outcome),
    ) {
        let row = before.len() as u64 + 1;
        for (i, day) in days().into_iter().enumerate() {
            if before.last().is_some_and(|e| day < e.date) {
                continue;
            }
            let mut here = at.clone();
            here.advance(day).unwrap();
            let event = |kind: EventId, fields: &[Value]| Event {
                row,
                date: day,
                instant: None,
                kind,
                fields: fields.to_vec(),
            };
            // A run is used again after what leaves nothing behind.
            let mut run = here.clone();
            for (kind, values) in &self.kinds {
                // A second grant says nothing of uses.
                if !before.is_empty() && self.program.symbols.event_name(*kind) == "Grant" {
                    continue;
                }
                for fields in values {
                    let e = event(*kind, fields);
                    let outcome = run.step(&e).unwrap();
                    visit(before, &e, &outcome);
                    if !run.is_unmoved_from(&here) {
                        run = here.clone();
                    }
                }
            }
            if depth == 1 || i > 3 {
                continue;
            }
            for (kind, values) in &self.traces {
                for fields in values {
                    let e = event(*kind, fields);
                    let mut next = here.clone();
                    next.step(&e).unwrap();
                    if next.is_unmoved_from(&here) {
                        continue;
                    }
                    before.push(e);
                    self.from(&next, depth - 1, before, visit);
                    before.pop();
                }
            }
        }
    }
}

/// The events of a domain that stand for all in what they leave behind.
fn traced(deal: &Deal, name: &str, all: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let party = |n: u32| Value::Party(PartyId(n));
    let term = |v: &Value, of: &str| matches!(v, Value::Term(t) if &*deal.symbols.terms[t.ix()].name == of);
    match name {
        "Grant" => all
            .into_iter()
            .filter(|f| (f[0] == party(1) || f[0] == party(2)) && f[0] != f[1])
            .filter(|f| term(&f[2], "Film") && term(&f[3], "France") && term(&f[4], "Print"))
            .collect(),
        "Act" | "Sale" => all.into_iter().filter(|f| f[0] == party(0) || f[0] == party(1)).collect(),
        _ => all,
    }
}

/// The values that a field of the tiny domain takes.
fn values(deal: &Deal, kind: &str, name: &str, ty: Type) -> Vec<Value> {
    let text = |t: &str| Value::Text(t.into());
    match ty {
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Party => (0..4).map(|i| Value::Party(PartyId(i))).collect(),
        Type::Money(c, _) => [50, 100, 125, 150, 175, 200, 250]
            .map(|n| Value::Money(Exact::int(n * 100), c))
            .into_iter()
            .collect(),
        Type::Text if name == "exclusivity" => vec![text("exclusive"), text("non-exclusive")],
        Type::Text => vec![text("x"), text("y")],
        Type::Term(v) => {
            let root = deal.symbols.vocabularies.get_index(v.ix()).unwrap().1.root;
            let last = deal.symbols.terms[root.ix()].last;
            // Grants have many fields: the root asset is left to uses.
            let first = if kind == "Grant" && name == "asset" { root.0 + 1 } else { root.0 };
            (first..=last.0).map(|t| Value::Term(TermId(t))).collect()
        }
        Type::Date => Vec::new(),
        Type::Int | Type::Decimal(_) | Type::Percent | Type::Instant | Type::Duration | Type::Clause => {
            panic!("not in small deals")
        }
    }
}

fn domain(deal: &Deal, kind: EventId) -> Vec<Vec<Value>> {
    let name = deal.symbols.event_name(kind);
    let mut all: Vec<Vec<Value>> = vec![Vec::new()];
    for (field, info) in &deal.symbols.event_info(kind).fields {
        let mut one = values(deal, name, field, info.ty);
        if name == "Grant" && field == "sublicense" {
            one.clear();
        }
        if info.optional && (name != "Grant" || one.is_empty()) {
            one.push(Value::Absent);
        }
        all = all
            .into_iter()
            .flat_map(|so_far| {
                one.iter().map(move |v| so_far.iter().cloned().chain([v.clone()]).collect::<Vec<_>>())
            })
            .collect();
    }
    if name == "Grant" {
        // Of strangers, one is as good as another; and nobody grants to itself.
        let stranger = Value::Party(PartyId(3));
        all.retain(|f| f[0] != f[1] && f[0] != stranger && f[1] != stranger);
    }
    all
}
