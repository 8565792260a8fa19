//! Payments of common forms over the rows of blocks: accounts in arrays, by the code of the instance, posted to the state machine
//! when it needs them.
//!
//! Data flow: row + [`Meter`]s -> amounts; accounts and what has accrued since they were last posted -> [`Dense::post`]. Invariant: nothing
//! is judged by the state machine while amounts that bear on it wait here; accounts are opened anew after it has moved.

use super::rows::Numbers;
use habendum_jit::layout::Rows as _;
use habendum_model::value::{ClauseId, EventId, FieldId, Value};
use habendum_norm::Interpreter;
use habendum_norm::accrual::Reason;
use habendum_norm::interpret::meter::{Account, Meter, Windows};
use habendum_norm::ir::{NormId, Program};
use habendum_norm::outcome::EvalError;
use habendum_stream::read::Block;
use jiff::civil::Date;
use std::collections::HashMap;

/// Fields of a key, at most.
const KEY: usize = 3;
/// Fields that an amount reads, at most.
const FIELDS: usize = 8;
/// Keys of one small number are found by it.
const DIRECT: usize = 1 << 20;
/// No account.
const NONE: u32 = u32::MAX;

/// An instance.
struct Held {
    account: Account,
    key: Vec<Value>,
    /// Of the lane, when it was opened.
    epoch: u32,
    /// Its last waiting amount; `NONE` where none waits.
    waits: u32,
    /// The day of its last amount.
    last: Date,
}

/// What has accrued for an instance and a due day since it was last posted.
struct Waiting {
    lane: usize,
    held: u32,
    due: Date,
    amount: i128,
}

/// One payment.
struct Lane {
    meter: Meter,
    kind: EventId,
    inputs: Vec<String>,
    key: Vec<(String, FieldId)>,
    /// Places of inputs and key among the cells of the block; none where the block lacks one.
    places: Option<(Vec<usize>, Vec<usize>)>,
    direct: Vec<u32>,
    others: HashMap<[i64; KEY], u32>,
    accounts: Vec<Held>,
    epoch: u32,
    day: Option<(Date, Windows, Date)>,
}

/// An amount of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub minor: i64,
    pub reason: Option<Reason>,
    lane: usize,
    held: u32,
    after: Account,
    due: Date,
}

/// The payments that are reckoned here.
#[derive(Default)]
pub(super) struct Dense {
    lanes: Vec<Lane>,
    waiting: Vec<Waiting>,
    /// Of the row at hand.
    pub amounts: Vec<Amount>,
}

impl Dense {
    /// The lane of a payment; none where its form is not one of those that are reckoned here.
    pub(super) fn lane(&mut self, i: &Interpreter, norm: NormId, kind: EventId) -> Option<usize> {
        if let Some(known) = self.lanes.iter().position(|l| l.meter.norm == norm && l.kind == kind) {
            return Some(known);
        }
        let program = i.program();
        let meter = i.meter(norm)?;
        let key = key_of(program, norm, kind)?;
        let fields = &program.symbols.event_info(kind).fields;
        let name = |f: &FieldId| fields.get_index(f.ix()).map(|(n, _)| n.clone());
        let inputs: Vec<String> = meter.fields().iter().map(name).collect::<Option<_>>()?;
        if key.len() > KEY || inputs.len() > FIELDS {
            return None;
        }
        self.lanes.push(Lane {
            meter,
            kind,
            inputs,
            key,
            places: None,
            direct: Vec::new(),
            others: HashMap::new(),
            accounts: Vec::new(),
            epoch: 0,
            day: None,
        });
        Some(self.lanes.len() - 1)
    }

    /// Takes the next block.
    pub(super) fn take(&mut self, block: &Block) {
        for l in &mut self.lanes {
            l.take(block);
        }
    }

    /// The clauses of what waits and falls due before a day.
    pub(super) fn due_before(&self, day: Date) -> impl Iterator<Item = ClauseId> {
        let due = self.waiting.iter().filter(move |w| w.due < day);
        due.filter_map(|w| self.lanes.get(w.lane)).map(|l| l.meter.norm.clause)
    }

    /// Whether nothing waits.
    pub(super) fn is_posted(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Reckons the amounts of a row, in order, into `amounts`. False where one of them is for the state machine to say; nothing has
    /// changed then.
    pub(super) fn reckon(
        &mut self,
        i: &Interpreter,
        lanes: impl Iterator<Item = usize>,
        rows: &mut Numbers<'_>,
        row: usize,
        date: Date,
    ) -> bool {
        self.amounts.clear();
        for at in lanes {
            let Some(l) = self.lanes.get_mut(at) else { return false };
            if l.places.is_none() {
                l.take(rows.block);
            }
            let Some(amount) = l.reckon(i, rows, row, date, at) else { return false };
            self.amounts.push(amount);
        }
        true
    }

    /// Keeps the amounts of the row at hand.
    pub(super) fn keep(&mut self, date: Date) {
        for a in &self.amounts {
            let Some(held) = self.lanes.get_mut(a.lane).and_then(|l| l.accounts.get_mut(a.held as usize))
            else {
                continue;
            };
            (held.account, held.last) = (a.after, date);
            let minor = i128::from(a.minor);
            match self.waiting.get_mut(held.waits as usize) {
                Some(w) if w.due == a.due => w.amount += minor,
                Some(_) | None => {
                    held.waits = u32::try_from(self.waiting.len()).unwrap_or(NONE);
                    self.waiting.push(Waiting { lane: a.lane, held: a.held, due: a.due, amount: minor });
                }
            }
        }
    }

    /// Posts what waits, in the order in which it came; with `of`, of these clauses alone. What was opened of them is opened anew.
    ///
    /// # Errors
    /// Totals beyond 128 bits.
    pub(super) fn post(&mut self, i: &mut Interpreter, of: Option<&[ClauseId]>) -> Result<(), EvalError> {
        let wanted = |l: &Lane| of.is_none_or(|of| of.contains(&l.meter.norm.clause));
        let mut left: Vec<Waiting> = Vec::new();
        for w in self.waiting.drain(..) {
            let Some(l) = self.lanes.get_mut(w.lane) else { continue };
            let posts = wanted(l);
            let Some(held) = l.accounts.get_mut(w.held as usize) else { continue };
            if posts {
                i.post_metered(&l.meter, &held.key, w.due, w.amount)?;
                if held.waits != NONE {
                    i.close_account(&l.meter, &held.key, &held.account, held.last);
                    held.waits = NONE;
                }
            } else {
                held.waits = u32::try_from(left.len()).unwrap_or(NONE);
                left.push(w);
            }
        }
        self.waiting = left;
        for l in self.lanes.iter_mut().filter(|l| wanted(l)) {
            l.epoch = l.epoch.wrapping_add(1);
        }
        Ok(())
    }

    /// Forgets every payment: another text may be in force. Everything has been posted.
    pub(super) fn forget(&mut self) {
        self.lanes.clear();
        self.waiting.clear();
    }
}

/// The key fields of a payment in an event kind, where their numbers tell instances apart.
fn key_of(program: &Program, norm: NormId, kind: EventId) -> Option<Vec<(String, FieldId)>> {
    use habendum_model::expr::Type;
    let n = program.versions.iter().flat_map(|v| &v.norms).find(|n| n.id == norm)?;
    let names = n.key.as_ref().map_or(&[][..], |k| k.fields.as_slice());
    let fields = &program.symbols.event_info(kind).fields;
    let one = |name: &String| {
        let (i, _, f) = fields.get_full(name)?;
        let told = match f.ty {
            Type::Int | Type::Party | Type::Term(_) | Type::Date | Type::Bool => true,
            Type::Decimal(_)
            | Type::Percent
            | Type::Money(..)
            | Type::Instant
            | Type::Duration
            | Type::Text
            | Type::Clause => false,
        };
        told.then(|| (name.clone(), FieldId::at(i)))
    };
    names.iter().map(one).collect()
}

impl Lane {
    fn take(&mut self, block: &Block) {
        let place = |name: &String| block.scan.cells.iter().position(|c| c.name == *name && c.ty.is_some());
        let inputs: Option<Vec<usize>> = self.inputs.iter().map(place).collect();
        let key: Option<Vec<usize>> = self.key.iter().map(|(n, _)| place(n)).collect();
        self.places = inputs.zip(key);
    }

    fn reckon(
        &mut self,
        i: &Interpreter,
        rows: &mut Numbers<'_>,
        row: usize,
        date: Date,
        lane: usize,
    ) -> Option<Amount> {
        let (inputs, keys) = self.places.as_ref()?;
        let number = |at: &usize| rows.block.scan.cells.get(*at)?.numbers.get(row).copied();
        let mut numbers = [0; FIELDS];
        for (n, at) in numbers.iter_mut().zip(inputs) {
            *n = number(at)?;
        }
        let mut key = [0; KEY];
        for (n, at) in key.iter_mut().zip(keys) {
            *n = number(at)?;
        }
        let (fields, known) = (inputs.len(), self.find(key));
        let at = match known {
            NONE => self.meet(rows, row, key)?,
            at => at,
        };
        if self.day.is_none_or(|d| d.0 != date) {
            let (windows, due) = i.day_of(&self.meter)?;
            self.day = Some((date, windows, due));
        }
        let (_, windows, due) = self.day?;
        let held = self.accounts.get_mut(at as usize)?;
        if held.epoch != self.epoch {
            held.account = i.open_account(&self.meter, &held.key)?;
            held.epoch = self.epoch;
        }
        let (minor, after, reason) = self.meter.assess(&held.account, numbers.get(..fields)?, &windows)?;
        Some(Amount { minor, reason, lane, held: at, after, due })
    }

    /// The account of a key.
    fn find(&self, key: [i64; KEY]) -> u32 {
        if self.key.len() <= 1
            && let Ok(k) = usize::try_from(key[0])
            && k < DIRECT
        {
            return self.direct.get(k).copied().unwrap_or(NONE);
        }
        self.others.get(&key).copied().unwrap_or(NONE)
    }

    /// An account for a key that is met for the first time.
    fn meet(&mut self, rows: &mut Numbers<'_>, row: usize, key: [i64; KEY]) -> Option<u32> {
        let e = rows.event(row)?;
        let values: Vec<Value> =
            self.key.iter().map(|(_, f)| e.fields.get(f.ix()).cloned()).collect::<Option<_>>()?;
        let at = u32::try_from(self.accounts.len()).ok().filter(|n| *n != NONE)?;
        self.accounts.push(Held {
            account: Account::default(),
            key: values,
            epoch: self.epoch.wrapping_sub(1),
            waits: NONE,
            last: Date::MIN,
        });
        match usize::try_from(key[0]) {
            Ok(k) if self.key.len() <= 1 && k < DIRECT => {
                if self.direct.len() <= k {
                    self.direct.resize(k + 1, NONE);
                }
                self.direct[k] = at;
            }
            _ => {
                self.others.insert(key, at);
            }
        }
        Some(at)
    }
}

impl Dense {
    /// The key of the instance that an amount is for.
    pub(super) fn key(&self, a: &Amount) -> &[Value] {
        let held = self.lanes.get(a.lane).and_then(|l| l.accounts.get(a.held as usize));
        held.map_or(&[], |h| h.key.as_slice())
    }
}
