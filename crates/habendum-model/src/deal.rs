//! The deal as data: its names, its base text, its amendments, and the versions they make.
//!
//! Data flow: `resolve` makes a [`Deal`] from files; `consolidate` makes [`Consolidated`] from a deal and a binding.
//! Invariant: ids index the tables of [`Symbols`]; clauses keep their syntax, so that amendments can operate on it.

use crate::expr::{DateValue, Expr, Type};
use crate::value::*;
use habendum_syntax::ast;
use habendum_syntax::{Sp, Span};
use indexmap::IndexMap;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A deal with its names resolved.
#[derive(Clone, Debug)]
pub struct Deal {
    /// Every name.
    pub symbols: Symbols,
    /// Clauses of the agreement, in document order.
    pub clauses: Vec<Sp<ast::Clause>>,
    /// Amendments in the signing order that the files spell out; where a day hangs on a parameter, `consolidate` orders them.
    pub amendments: Vec<Amendment>,
    /// Schedules by id.
    pub schedules: IndexMap<String, Sp<ast::Schedule>>,
    /// Scenarios in file order.
    pub scenarios: Vec<Sp<ast::Scenario>>,
    /// Properties in file order.
    pub proves: Vec<Sp<ast::Prove>>,
    /// Rows of the summary.
    pub key_terms: Vec<Sp<ast::KeyTerm>>,
}

/// An amendment, resolved as far as its header.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// Position in the deal's list.
    pub id: AmendmentId,
    /// The syntax.
    pub ast: Sp<ast::Amendment>,
}

/// Every name of a deal.
#[derive(Clone, Debug)]
pub struct Symbols {
    /// The agreement's header.
    pub agreement: AgreementInfo,
    /// Parties first, then known others, in header order. Index is [`PartyId`].
    pub parties: IndexMap<String, PartyInfo>,
    /// Vocabularies. Index is [`VocabId`]. `Asset`, `Territory` and `Field` exist in every deal.
    pub vocabularies: IndexMap<String, VocabInfo>,
    /// Terms in preorder. Index is [`TermId`]. Each vocabulary's root is a term of its name.
    pub terms: Vec<TermInfo>,
    /// Units. Index is [`UnitId`].
    pub units: IndexMap<String, Span>,
    /// Event kinds. Index is [`EventId`]. `Grant`, `Use`, `Payment` exist in every deal.
    pub events: IndexMap<String, EventInfo>,
    /// Parameters. Index is [`ParamId`].
    pub params: IndexMap<String, ParamInfo>,
    /// Tables. Index is [`TableId`].
    pub tables: IndexMap<String, TableInfo>,
    /// Definitions, inlined on use.
    pub defines: IndexMap<String, Sp<ast::Define>>,
    /// Totals. Index is [`TotalId`].
    pub totals: IndexMap<String, Sp<ast::Total>>,
    /// Registers. Index is [`RegisterId`].
    pub registers: IndexMap<String, Sp<ast::Register>>,
    /// Assumptions. Index is [`AssumptionId`].
    pub assumptions: IndexMap<String, Sp<ast::Assumption>>,
    /// Calendars. Index is [`CalendarId`].
    pub calendars: IndexMap<String, Sp<ast::Calendar>>,
    /// Every clause id that the agreement or an amendment declares. Index is [`ClauseId`].
    pub clauses: IndexMap<String, Span>,
    /// The currencies in which the payments of a clause, in any of its texts, are reckoned.
    pub paid_in: BTreeMap<ClauseId, BTreeSet<CurrencyId>>,
}

/// The header of the agreement.
#[derive(Clone, Debug)]
pub struct AgreementInfo {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Place.
    pub span: Span,
    /// First day.
    pub effective: Sp<ast::DateExpr>,
    /// Day of signature; its first day where absent.
    pub signed: Option<Sp<ast::DateExpr>>,
    /// Currencies; the first is the deal's own. Index is [`CurrencyId`].
    pub currencies: Vec<Currency>,
    /// IANA name of the zone in which an instant becomes a date.
    pub zone: String,
    /// Defaults per event kind; absent means permitted.
    pub defaults: BTreeMap<EventId, (bool, Span)>,
    /// Rounding of month arithmetic, where the deal names one.
    pub months: Option<ast::MonthRounding>,
    /// First month and day of the fiscal year; 1 January where absent.
    pub fiscal_year: (u8, u8),
    /// The stream carries payments.
    pub payments_tracked: bool,
    /// Calendar of business days.
    pub business: Option<CalendarId>,
    /// Undeclared names in events are strangers.
    pub others_any: bool,
    /// Source of the agreement.
    pub source: Option<ast::SourceNote>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct PartyInfo {
    /// True for a party, false for a known other.
    pub party: bool,
    /// Declaration.
    pub span: Span,
}

/// A vocabulary.
#[derive(Clone, Debug)]
pub struct VocabInfo {
    /// Its root term; the last term below it is `terms[root].last`.
    pub root: TermId,
    /// Declaration.
    pub span: Span,
}

/// A term.
#[derive(Clone, Debug)]
pub struct TermInfo {
    /// Name.
    pub name: String,
    /// Vocabulary.
    pub vocab: VocabId,
    /// The term above; none for a root.
    pub parent: Option<TermId>,
    /// The last term below it in preorder (itself for a leaf).
    pub last: TermId,
    /// Declaration.
    pub span: Span,
}

/// An event kind.
#[derive(Clone, Debug)]
pub struct EventInfo {
    /// Fields. Index is [`FieldId`].
    pub fields: IndexMap<String, FieldInfo>,
    /// The field `by` of type party: who acts.
    pub actor: Option<FieldId>,
    /// One of the kinds every deal has.
    pub builtin: bool,
    /// Declaration.
    pub span: Span,
}

/// A field or column.
#[derive(Clone, Debug)]
pub struct FieldInfo {
    /// Type.
    pub ty: Type,
    /// May be absent.
    pub optional: bool,
    /// Declaration.
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct ParamInfo {
    /// Type.
    pub ty: Type,
    /// The syntax, with note and source.
    pub ast: Sp<ast::Parameter>,
    /// Its own value, where the declaration gives one.
    pub value: Option<Value>,
}

/// A keyed table, its rows checked.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// Name of the key column.
    pub key: String,
    /// Type of the key.
    pub key_ty: Type,
    /// Value columns. Index is [`FieldId`].
    pub columns: IndexMap<String, FieldInfo>,
    /// Rows by key.
    pub rows: BTreeMap<Value, Vec<Value>>,
    /// Declaration.
    pub span: Span,
}

/// Values chosen for a run.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    /// Parameter values, beyond those of their declarations.
    pub values: BTreeMap<ParamId, Bound>,
    /// Chosen readings by clause; the first of a clause where absent.
    pub readings: BTreeMap<ClauseId, String>,
    /// Amendments signed after this day are not known.
    pub known_as_of: Option<Date>,
}

/// A bound value and where it comes from.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Value.
    pub value: Value,
    /// `schedule reported`, `--set`, `scenario`, `declaration`.
    pub origin: String,
    /// Status of the figure.
    pub source: Option<ast::SourceNote>,
}

/// A deal's texts through time.
#[derive(Clone, Debug)]
pub struct Consolidated {
    /// First day of the agreement.
    pub effective: DateValue,
    /// One version per interval between effective dates, in order of time.
    pub versions: Vec<Version>,
    /// When each amendment was signed and takes effect. Index is [`AmendmentId`].
    pub amendments: Vec<AmendmentDates>,
}

/// The dates of an amendment.
#[derive(Clone, Debug)]
pub struct AmendmentDates {
    /// Day of signature.
    pub signed: DateValue,
    /// First day of its effect.
    pub effective: DateValue,
    /// Effective before signature, both known.
    pub retroactive: bool,
    /// False where `known_as_of` leaves it out.
    pub known: bool,
}

/// The text in force over an interval.
#[derive(Clone, Debug)]
pub struct Version {
    /// First day.
    pub from: DateValue,
    /// Last day; none for the last version, or where the next begins on an open date.
    pub through: Option<Date>,
    /// The amendments that shaped it, in the order applied.
    pub amendments: Vec<AmendmentId>,
    /// Clauses in document order.
    pub clauses: Vec<VersionClause>,
    /// Clauses struck, with what struck them.
    pub struck: BTreeMap<ClauseId, Struck>,
    /// Parameters set by amendments, later ones win.
    pub set: BTreeMap<ParamId, Value>,
    /// What set each of them.
    pub set_by: BTreeMap<ParamId, Provenance>,
}

/// A clause of a version.
#[derive(Clone, Debug)]
pub struct VersionClause {
    /// Stable id.
    pub id: ClauseId,
    /// Its syntax as it stands in this version; `effective` of an amendment is already replaced.
    pub clause: Sp<ast::Clause>,
    /// What made it so, oldest first; empty for an untouched clause of the agreement.
    pub provenance: Vec<Provenance>,
    /// When it is out of force.
    pub suspensions: Vec<Suspension>,
}

/// One touch of an amendment.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// By which amendment.
    pub amendment: AmendmentId,
    /// `replaced`, `inserted`, `varied`, `extended`, `suspended`, `renumbered`, `affirmed`, `restated`; of a parameter `set`.
    pub how: &'static str,
    /// The operation.
    pub span: Span,
}

/// What struck a clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Struck {
    /// By which amendment.
    pub amendment: AmendmentId,
    /// What has accrued and opened survives.
    pub saving: bool,
    /// The operation.
    pub span: Span,
    /// The clause as it last stood.
    pub clause: Sp<ast::Clause>,
    /// The clause that it stood after; none where it was the first.
    pub after: Option<ClauseId>,
}

/// A suspension by an amendment.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspension {
    /// First day.
    pub from: DateValue,
    /// Last day; open where absent.
    pub through: Option<DateValue>,
    /// Deadlines do not run meanwhile.
    pub clocks_stop: bool,
    /// By which amendment.
    pub amendment: AmendmentId,
}

impl Symbols {
    /// The name of a party, other person; `None` for a stranger met in a stream.
    #[must_use]
    pub fn party_name(&self, id: PartyId) -> Option<&str> {
        self.parties.get_index(id.ix()).map(|(n, _)| n.as_str())
    }

    /// True for a party of the agreement.
    #[must_use]
    pub fn is_party(&self, id: PartyId) -> bool {
        self.parties.get_index(id.ix()).is_some_and(|(_, p)| p.party)
    }

    /// The id of a clause.
    #[must_use]
    pub fn clause(&self, name: &str) -> Option<ClauseId> {
        self.clauses.get_index_of(name).map(ClauseId::at)
    }

    /// The currencies that an amount of an event of a kind may be in, where the declared one does not decide: a `Payment`
    /// is in what the clause that it is for pays in.
    #[must_use]
    pub fn owed_in(&self, kind: EventId, clause: Option<ClauseId>) -> Option<&BTreeSet<CurrencyId>> {
        let paying = self.event_info(kind).builtin && self.event_name(kind) == "Payment";
        clause.filter(|_| paying).and_then(|c| self.paid_in.get(&c)).filter(|known| !known.is_empty())
    }

    /// The name of a clause; `?` where the id is not of this deal.
    #[must_use]
    pub fn clause_name(&self, id: ClauseId) -> &str {
        self.clauses.get_index(id.ix()).map_or("?", |(n, _)| n.as_str())
    }

    /// The event kind of a name.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<EventId> {
        self.events.get_index_of(name).map(EventId::at)
    }

    /// Name and fields of an event kind.
    ///
    /// # Panics
    /// Where the id is not of this deal: ids are made by this deal's `resolve` alone.
    #[must_use]
    pub fn event_info(&self, id: EventId) -> &EventInfo {
        &self.events[id.ix()]
    }

    /// The name of an event kind; `?` where the id is not of this deal.
    #[must_use]
    pub fn event_name(&self, id: EventId) -> &str {
        self.events.get_index(id.ix()).map_or("?", |(n, _)| n.as_str())
    }

    /// True where `term` is `above` or below it.
    #[must_use]
    pub fn is_under(&self, term: TermId, above: TermId) -> bool {
        above <= term && term <= self.terms[above.ix()].last
    }
}

/// An expression that is a constant, for lookups at resolve time.
#[must_use]
pub fn as_const(e: &Expr) -> Option<&Value> {
    match &e.kind {
        crate::expr::ExprKind::Const(v) => Some(v),
        _ => None,
    }
}
