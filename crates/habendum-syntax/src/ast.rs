//! The syntax tree: what a `.term` file says, before names mean anything.
//!
//! Data flow: `parse` makes it, `print` writes it, `habendum-model` amends and resolves it.
//! Invariant: printing a tree and parsing the text gives an equal tree (spans aside).

use crate::span::{Sp, Span};
use serde::{Deserialize, Serialize};

/// An identifier as written.
pub type Name = Sp<String>;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Items in order.
    pub items: Vec<Sp<Item>>,
    /// Comments in order, `//` or `/* */` included in the text.
    pub comments: Vec<Sp<String>>,
}

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// `agreement id "title" { header }`
    Agreement(Agreement),
    /// `amendment id "title" to agreement { header, operations }`
    Amendment(Amendment),
    /// `schedule id "title" { source? name = value ... table ... }`
    Schedule(Schedule),
    /// `vocabulary Name { A  B { C D } }`
    Vocabulary(Vocabulary),
    /// `unit MWh`
    Unit(Name),
    /// `event Name { field: type ... }`
    Event(Event),
    /// `parameter name: type = value "note" source ...`
    Parameter(Parameter),
    /// `table name by column: type { column: type ... } { key: v, v ... }`
    Table(Table),
    /// `define name = expr`
    Define(Define),
    /// `total name = expr on Event where ...`
    Total(Total),
    /// `register Name of party { ... }`
    Register(Register),
    /// `assumption name "text"`
    Assumption(Assumption),
    /// `calendar Name { ... }`
    Calendar(Calendar),
    /// `clause id § 1.2 "title" for each key { ... }`
    Clause(Clause),
    /// `key "Feature" shows aspect of clause, ...`
    KeyTerm(KeyTerm),
    /// `scenario "title" { ... }`
    Scenario(Scenario),
    /// `prove "title" { ... }`
    Prove(Prove),
}

/// Where a text or a figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceNote {
    /// `own`, `reported` or `other`.
    pub status: SourceStatus,
    /// The citation.
    pub citation: String,
}

/// Who vouches for a text or a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceStatus {
    /// The parties themselves.
    Own,
    /// The press or another third party; confirmed by neither party.
    Reported,
    /// Anything else (an article, a model form, an invention of the author).
    Other,
}

/// `agreement`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Sp<String>,
    /// Header lines in order.
    pub header: Vec<Sp<Header>>,
}

/// A header line of an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Header {
    /// `parties A, B`
    Parties(Vec<Name>),
    /// `others X, Y`: known persons outside the agreement (strangers).
    Others(Vec<Name>),
    /// `others any`: every undeclared name in an event is a stranger.
    OthersAny,
    /// `effective from DATE`
    Effective(Sp<DateExpr>),
    /// `signed DATE`
    Signed(Sp<DateExpr>),
    /// `currency USD, EUR`: the first is the deal's own.
    Currency(Vec<Name>),
    /// `zone "America/Los_Angeles"`
    Zone(Sp<String>),
    /// `default Launch is permitted`
    Default {
        /// Event kind.
        event: Name,
        /// True for `permitted`.
        permitted: bool,
    },
    /// `months rounding up|down`: what 31 January + 1 month is.
    Months(MonthRounding),
    /// `fiscal year starts 07-01`
    FiscalYear {
        /// Month, 1 to 12.
        month: u8,
        /// Day of the month.
        day: u8,
    },
    /// `payments tracked`: the stream carries `Payment` events, so what is unpaid when due is a breach.
    PaymentsTracked,
    /// `business days by CalendarName`
    BusinessDays(Name),
    /// `source own "..."`
    Source(SourceNote),
}

/// Rounding of a day that the target month lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonthRounding {
    /// First day of the month after.
    Up,
    /// Last day of the month.
    Down,
}

/// `amendment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Sp<String>,
    /// Id of the agreement.
    pub to: Name,
    /// `effective from DATE`.
    pub effective: Option<Sp<DateExpr>>,
    /// `signed DATE`; absent means signed on its effective date.
    pub signed: Option<Sp<DateExpr>>,
    /// `source ...`
    pub source: Option<Sp<SourceNote>>,
    /// Operations in order.
    pub operations: Vec<Sp<Operation>>,
}

/// An operation of an amendment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// `replace id with § 1 "title" { body }`
    Replace {
        /// Target clause.
        target: Name,
        /// The clause that stands in its place; keeps the id, number and title where it gives none.
        with: ClauseParts,
    },
    /// `strike id` (`without saving`: what has accrued is lost too).
    Strike {
        /// Target clause.
        target: Name,
        /// False with `without saving`.
        saving: bool,
    },
    /// `insert id § 2.2 after other "title" { body }`
    Insert {
        /// The new clause.
        clause: Clause,
        /// `after id` / `before id`; at the end where absent.
        position: Option<Position>,
    },
    /// `vary id { changes }`
    Vary {
        /// Target clause.
        target: Name,
        /// Changes in order.
        changes: Vec<Sp<Change>>,
    },
    /// `suspend id from D through D [clocks stop|run]`
    Suspend {
        /// Target clauses.
        targets: Vec<Name>,
        /// First day; the amendment's effective date where absent.
        from: Option<Sp<DateExpr>>,
        /// Last day; open where absent.
        through: Option<Sp<DateExpr>>,
        /// True for `clocks stop`.
        clocks_stop: bool,
    },
    /// `extend id through D` / `extend id by 2 years`
    Extend {
        /// Target clause.
        target: Name,
        /// The new end.
        to: Extension,
    },
    /// `renumber id as § 2.4`
    Renumber {
        /// Target clause.
        target: Name,
        /// New display number.
        number: Sp<String>,
    },
    /// `affirm id, id`
    Affirm(Vec<Name>),
    /// `restate id § 1 "title" { body }`: as `replace`, and starts anew a clause that has ended or was struck.
    Restate {
        /// Target clause.
        target: Name,
        /// Its text from now on.
        with: ClauseParts,
    },
    /// `restate agreement { clause ... }`: every clause not restated is struck, with saving.
    RestateAll(Vec<Sp<Clause>>),
    /// `set name = value`: a parameter from the effective date on.
    Set {
        /// Parameter.
        name: Name,
        /// New value.
        value: Sp<Expr>,
    },
    /// `recites id "text"`: the text the amendment believes in force.
    Recites {
        /// Clause.
        target: Name,
        /// Its text as recited.
        text: Sp<String>,
    },
}

/// Where an inserted clause stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Position {
    /// After a clause.
    After(Name),
    /// Before a clause.
    Before(Name),
}

/// A new end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Extension {
    /// `through D`
    Through(Sp<DateExpr>),
    /// `by 2 years`
    By(Sp<Duration>),
}

/// A change inside `vary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// `exclusivity non-exclusive`
    Exclusivity(Sp<Exclusivity>),
    /// `term [from D] through D`
    Term {
        /// New first day.
        from: Option<Sp<DateExpr>>,
        /// New last day.
        through: Option<Sp<DateExpr>>,
    },
    /// `remove until`, `remove cap`, `remove unless national-security`
    Remove {
        /// What kind of modifier goes.
        kind: ModifierKind,
        /// The label of the exception that goes; all of the kind where absent.
        label: Option<Name>,
    },
    /// `amount EXPR` or `amount marginal tiers ...`: the payment's amount from now on.
    Amount(Sp<Amount>),
    /// `text "..."`
    Text(Sp<String>),
    /// `title "..."`
    Title(Sp<String>),
    /// `party A instead of B`
    Party {
        /// Who steps in.
        new: Name,
        /// Who steps out.
        old: Name,
    },
    /// `add MODIFIER`: one more of its kind (an exception, a cap).
    Add(Sp<Modifier>),
    /// A modifier: takes the place of those of its kind.
    Put(Sp<Modifier>),
}

/// `schedule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Stable id.
    pub id: Name,
    /// Title.
    pub title: Option<Sp<String>>,
    /// Status of every figure in it.
    pub source: Option<Sp<SourceNote>>,
    /// `name = value`
    pub values: Vec<(Name, Sp<Expr>)>,
}

/// `vocabulary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Name, also the name of its root.
    pub name: Name,
    /// Top terms.
    pub terms: Vec<Term>,
}

/// A term and those below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Name.
    pub name: Name,
    /// Narrower terms.
    pub children: Vec<Term>,
}

/// `event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Kind.
    pub name: Name,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// A field of an event or column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: Sp<TypeName>,
    /// `optional`: may be absent; a guard over an absent value is false.
    pub optional: bool,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TypeName {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`, or `decimal MWh`
    Decimal(Option<Name>),
    /// `percent`
    Percent,
    /// `money`, `money EUR`, `money per MWh`
    Money {
        /// Currency where it is not the deal's own.
        currency: Option<Name>,
        /// Unit of a price.
        per: Option<Name>,
    },
    /// `date`
    Date,
    /// `instant`
    Instant,
    /// `duration`
    Duration,
    /// `text`
    Text,
    /// `party`
    Party,
    /// `clause`: the id of a clause.
    Clause,
    /// A vocabulary.
    Named(Name),
}

/// `parameter`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name.
    pub name: Name,
    /// Type.
    pub ty: Sp<TypeName>,
    /// Value, where it is known.
    pub value: Option<Sp<Expr>>,
    /// A remark ("not public").
    pub note: Option<Sp<String>>,
    /// Source.
    pub source: Option<Sp<SourceNote>>,
}

/// `table`: values by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Name.
    pub name: Name,
    /// Key column.
    pub key: Field,
    /// Value columns.
    pub columns: Vec<Field>,
    /// Rows: key and one value a column.
    pub rows: Vec<(Sp<Expr>, Vec<Sp<Expr>>)>,
}

/// `define`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Define {
    /// Name.
    pub name: Name,
    /// Meaning, wherever the name stands.
    pub value: Sp<Expr>,
}

/// `total`: a running sum over events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Name.
    pub name: Name,
    /// What each event adds.
    pub value: Sp<Expr>,
    /// Which events.
    pub on: EventRef,
}

/// An event kind with a condition: `Launch of the same product where cloud is Azure`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRef {
    /// Kind.
    pub event: Name,
    /// `of the same a, b`: fields equal to those of the event at hand.
    pub same: Vec<Name>,
    /// `where ...`, over the fields of this event.
    pub guard: Option<Box<Sp<Expr>>>,
}

/// `register`: a named set that changes in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Name.
    pub name: Name,
    /// `party` or a vocabulary.
    pub of: Sp<TypeName>,
    /// `initially A, B`
    pub initially: Vec<Name>,
    /// `add FIELD on Event where ...`
    pub adds: Vec<RegisterChange>,
    /// `remove FIELD on Event where ...`
    pub removes: Vec<RegisterChange>,
}

/// How an event changes a register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegisterChange {
    /// The field that names the member.
    pub field: Name,
    /// Which events.
    pub on: EventRef,
}

/// `assumption`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// Name.
    pub name: Name,
    /// What is taken for granted.
    pub text: Sp<String>,
}

/// `calendar`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Name.
    pub name: Name,
    /// `weekend saturday, sunday` (lower-case English names).
    pub weekend: Vec<Name>,
    /// `holidays D, D`
    pub holidays: Vec<Sp<Date>>,
    /// `covers D through D`: a business day outside is an error, never a guess.
    pub covers: Option<(Sp<Date>, Sp<Date>)>,
}

/// `clause`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Stable id.
    pub id: Name,
    /// The rest.
    pub parts: ClauseParts,
}

/// A clause without its id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClauseParts {
    /// Display number, without the section sign.
    pub number: Option<Sp<String>>,
    /// Title.
    pub title: Option<Sp<String>>,
    /// `for each supplier in rates`
    pub key: Option<Sp<Key>>,
    /// Lines in order.
    pub body: Vec<Sp<Line>>,
}

/// `for each FIELD [, FIELD] [in table]`: one instance per value, state kept per value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Event fields that name the instance.
    pub fields: Vec<Name>,
    /// Table whose columns are that instance's parameters.
    pub table: Option<Name>,
}

/// A line of a clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// `text "..."`: the prose.
    Text(Sp<String>),
    /// `source own "..."`
    Source(SourceNote),
    /// `rests on assumption, ...`
    RestsOn(Vec<Name>),
    /// `waive C008 because "..." until 2027-01-01`
    Waive(Waiver),
    /// `reading name "note" { statements }`: exactly one reading of a clause holds.
    Reading(Reading),
    /// A sentence with effect.
    Statement(Statement),
}

/// A finding accepted by its authors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// Code.
    pub code: Name,
    /// Why.
    pub reason: Sp<String>,
    /// Day on which it stops to count.
    pub expires: Sp<Date>,
}

/// One way to read a clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Name, unique in the clause.
    pub name: Name,
    /// Whose reading, or why.
    pub note: Option<Sp<String>>,
    /// What it says.
    pub statements: Vec<Sp<Statement>>,
}

/// A sentence: a head and its modifiers, in source order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// What is said.
    pub head: Head,
    /// How it is bounded.
    pub modifiers: Vec<Sp<Modifier>>,
}

/// The head of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Head {
    /// `P may E`
    May {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
        /// `on any Cloud`, kept as written for reading aloud; no meaning beyond the vocabulary's existence.
        over: Option<Name>,
    },
    /// `P must not E`
    MustNot {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
    },
    /// `P must E`
    Must {
        /// Who.
        who: Sp<Who>,
        /// Event kind.
        event: Name,
    },
    /// `P must keep CONDITION on each E`
    Keep {
        /// Who.
        who: Sp<Who>,
        /// What must hold.
        condition: Sp<Expr>,
        /// Events that show it.
        on: EventRef,
    },
    /// `P may terminate|suspend|resume|extend|assign TARGETS`
    Power {
        /// Who.
        who: Sp<Who>,
        /// What it does.
        act: PowerAct,
        /// On what.
        targets: Targets,
    },
    /// `E where ... excuses CLAUSES`
    Excuses {
        /// The cause.
        cause: EventRef,
        /// What is excused.
        targets: Vec<Name>,
    },
    /// `E where ... extends CLAUSES by DURATION`
    ExtendsTime {
        /// The cause.
        cause: EventRef,
        /// Whose time is extended.
        targets: Vec<Name>,
        /// By how much: a duration, or an expression of the cause's fields.
        by: Sp<Expr>,
    },
    /// `G grants L an exclusive license to Use A, B in T for F`
    Grants {
        /// Licensor.
        licensor: Name,
        /// Licensee.
        licensee: Name,
        /// Exclusivity.
        exclusivity: Sp<Exclusivity>,
        /// Event kind that is licensed.
        event: Name,
        /// Assets.
        assets: Vec<Name>,
        /// Territories; empty is `worldwide`.
        territories: Vec<Name>,
        /// Fields of use; empty is `any field`.
        fields: Vec<Name>,
    },
    /// `P pays Q AMOUNT`
    Pays {
        /// Payer.
        payer: Name,
        /// Payee.
        payee: Name,
        /// How much.
        amount: Sp<Amount>,
    },
    /// `recital "..."`
    Recital(Sp<String>),
    /// `undertaking P to "..." [status primary-partner]`
    Undertaking {
        /// Who.
        who: Sp<Who>,
        /// To do what.
        text: Sp<String>,
        /// A status taken on ("primary").
        status: Option<Name>,
    },
    /// `holding P in Q as "major shareholder" [27%]`
    Holding {
        /// Holder.
        holder: Name,
        /// In whom.
        in_: Name,
        /// As what.
        as_: Sp<String>,
        /// Share, where stated.
        share: Option<Sp<Expr>>,
    },
}

/// The bearer of a norm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Who {
    /// `A`, or `A or B` written `A, B`: any of the named parties or members of named registers.
    Named(Vec<Name>),
    /// `either party` / `each party`: any party of the agreement.
    AnyParty,
    /// `anyone`, strangers included.
    Anyone,
    /// `anyone except A, B`
    AnyoneExcept(Vec<Name>),
}

/// What a power does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerAct {
    /// Ends the targets.
    Terminate,
    /// Takes the targets out of force until resumed.
    Suspend,
    /// Ends a suspension.
    Resume,
    /// Moves the last day; needs `for DURATION` among the modifiers.
    Extend,
    /// Puts the party named by the exercising event's field `to` in the bearer's place.
    Assign,
}

/// What a power bears on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Targets {
    /// `the agreement`
    Agreement,
    /// Clause ids.
    Clauses(Vec<Name>),
}

/// Exclusivity of a grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Exclusivity {
    /// `exclusive`: bars everyone else, the grantor included.
    Exclusive,
    /// `exclusive except grantor`: bars everyone else but the grantor.
    ExclusiveExceptGrantor,
    /// `sole`: bars other licensees, not the grantor.
    Sole,
    /// `non-exclusive`
    NonExclusive,
    /// `co-exclusive with A, B`: bars all outside the set.
    CoExclusive(Vec<Name>),
}

/// An amount of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Amount {
    /// Any money expression: `20% of amount`, `500 USD`, `price * quantity`.
    Expr(Expr),
    /// Bands over a base.
    Tiers(Tiers),
}

/// `marginal|whole tiers of BASE [per PERIOD] { bands }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiers {
    /// True for `marginal`: each band's rate on the part inside it; false for `whole`: one rate on all.
    pub marginal: bool,
    /// What is measured and rated.
    pub base: Box<Sp<Expr>>,
    /// Over what the base adds up.
    pub per: Sp<Period>,
    /// Bands in order.
    pub bands: Vec<Sp<Band>>,
}

/// `[from L | more than L] [up to U | less than U]: rate`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Lower bound and whether it belongs to the band; zero included where absent in the first band.
    pub lower: Option<(Sp<Expr>, bool)>,
    /// Upper bound and whether it belongs to the band; none where absent.
    pub upper: Option<(Sp<Expr>, bool)>,
    /// Percent, price per unit, or a fixed sum (whole tiers only).
    pub rate: Sp<Expr>,
}

/// Over what something adds up or recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Period {
    /// Each event by itself.
    Event,
    /// Calendar day.
    Day,
    /// Calendar week, from Monday.
    Week,
    /// Calendar month.
    Month,
    /// Calendar quarter.
    Quarter,
    /// Calendar year.
    Year,
    /// Year from the header's `fiscal year starts`.
    FiscalYear,
    /// Year from the agreement's effective date.
    ContractYear,
    /// The whole life of the clause.
    InTotal,
    /// The last N months, the event's day included.
    Rolling(u32),
}

/// A bound or addition to a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Modifier {
    /// `where EXPR`
    Where(Sp<Expr>),
    /// `unless [label:] EXPR [{ unless ... }]`
    Unless(Exception),
    /// `only if EXPR`: condition precedent.
    OnlyIf(Sp<Expr>),
    /// `while EXPR`: in force only while it holds.
    While(Sp<Expr>),
    /// `subject to ids`
    SubjectTo(Vec<Name>),
    /// `notwithstanding ids`
    Notwithstanding(Vec<Name>),
    /// `without prejudice to ids`
    WithoutPrejudice(Vec<Name>),
    /// `before E [of the same ...] [where ...]` (needs an earlier such event) or `before PARAMETER` (a date).
    Before(EventRef),
    /// `before DATE`: in force up to the day before.
    BeforeDate(Sp<DateExpr>),
    /// `until E [where ...]`: ends with the event.
    Until(EventRef),
    /// `until SUM reaches EXPR`: ends when the running total gets there.
    UntilReaches {
        /// A running sum.
        sum: Sp<Expr>,
        /// The level.
        level: Sp<Expr>,
    },
    /// `from DATE`
    From(Sp<DateExpr>),
    /// `through DATE`
    Through(Sp<DateExpr>),
    /// `for 5 years`: from its first day.
    Lasting(Sp<Duration>),
    /// `renews for 1 year [up to 3 times] [if EXPR]`
    Renews {
        /// By how long.
        length: Sp<Duration>,
        /// At most how often.
        times: Option<Sp<u32>>,
        /// On what condition, asked on the last day.
        condition: Option<Sp<Expr>>,
    },
    /// `within 30 days of E [of the same ...] [where ...]`
    Within {
        /// Length of the window.
        length: Sp<Duration>,
        /// What opens it.
        of: EventRef,
    },
    /// `by DATE`: a single deadline.
    By(Sp<DateExpr>),
    /// `each month`: recurs (duties), or is assessed on the period (payments).
    Each(Sp<Period>),
    /// `no deadline`
    NoDeadline,
    /// `totalling EXPR by FIELD`: how much must be done; partial performance counts.
    Totalling {
        /// How much.
        amount: Sp<Expr>,
        /// The field of the performing event that counts.
        field: Name,
    },
    /// `otherwise STATEMENT`: what follows on breach.
    Otherwise(Box<Sp<Statement>>),
    /// `on each E [where ...]`: payments per event.
    OnEach(EventRef),
    /// `on the first E [where ...]`: once.
    OnFirst(EventRef),
    /// `on DATE`: a fixed day.
    OnDate(Sp<DateExpr>),
    /// `per started day of delay` (in a reparation): once per day of lateness.
    PerDelay {
        /// True for `started`, false for `completed`.
        started: bool,
        /// The unit.
        unit: DurationUnit,
    },
    /// `cap EXPR per PERIOD | in total [counting from DATE] [counting accrued|due|paid] [refunds restore]`
    Cap(Cap),
    /// `floor EXPR per PERIOD [carrying shortfall for 3 years]`
    Floor(Floor),
    /// `rounded half-even per event`
    Rounded {
        /// How.
        mode: RoundingMode,
        /// On what total.
        per: Sp<Period>,
    },
    /// `due within 45 days after each quarter`
    Due(Sp<Due>),
    /// `late interest 8% per year actual/365`
    LateInterest {
        /// Rate a year.
        rate: Sp<Expr>,
        /// Day count.
        count: DayCount,
    },
    /// `crediting paid advance [up to 50%]`
    Crediting {
        /// Which sum of the other clause.
        what: SumOf,
        /// The clause.
        clause: Name,
        /// At most this much of each accrual.
        up_to: Option<Sp<Expr>>,
    },
    /// `prorated by days`
    Prorated,
    /// `in advance` (at the period's first day) / `in arrears` (after its last).
    InAdvance(bool),
    /// `exercised by E [where ...]`
    ExercisedBy(EventRef),
    /// `when EXPR`: the ground of a power.
    When(Sp<Expr>),
    /// `by notice of 30 days`
    Notice(Sp<Duration>),
    /// `surviving ids`: not ended by the termination; on a grant, bare: survives it.
    Surviving(Vec<Name>),
    /// `may sublicense [to A, B] [depth 2]`
    MaySublicense {
        /// To whom; anyone where empty.
        to: Vec<Name>,
        /// Links below the licensee; no bound where absent.
        depth: Option<Sp<u32>>,
    },
    /// `non-transferable`
    NonTransferable,
    /// `exclusive while EXPR`: non-exclusive when it does not hold.
    ExclusiveWhile(Sp<Expr>),
    /// `clocks stop` / `clocks run`, on relief and suspension.
    Clocks(bool),
    /// `rounding up|down`, of ambiguous month arithmetic.
    MonthRounding(MonthRounding),
}

/// The kind of a modifier, for `remove` and for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the modifier of the same name")]
pub enum ModifierKind {
    Where,
    Unless,
    OnlyIf,
    While,
    SubjectTo,
    Notwithstanding,
    WithoutPrejudice,
    Before,
    Until,
    From,
    Through,
    Lasting,
    Renews,
    Within,
    By,
    Each,
    NoDeadline,
    Totalling,
    Otherwise,
    On,
    PerDelay,
    Cap,
    Floor,
    Rounded,
    Due,
    LateInterest,
    Crediting,
    Prorated,
    InAdvance,
    ExercisedBy,
    When,
    Notice,
    Surviving,
    MaySublicense,
    NonTransferable,
    ExclusiveWhile,
    Clocks,
    MonthRounding,
}

/// An exception, which may have exceptions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// Label, for `remove unless label` and for explanations.
    pub label: Option<Name>,
    /// When it applies.
    pub condition: Sp<Expr>,
    /// Exceptions to it.
    pub unless: Vec<Exception>,
}

/// `cap`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cap {
    /// The most.
    pub amount: Sp<Expr>,
    /// Over what.
    pub per: Sp<Period>,
    /// `counting from D`; required with `in total`.
    pub from: Option<Sp<DateExpr>>,
    /// `counting accrued|due|paid`; accrued where absent.
    pub counting: SumOf,
    /// `refunds restore`: negative accruals give room back.
    pub refunds_restore: bool,
}

/// `floor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// The least.
    pub amount: Sp<Expr>,
    /// Over what.
    pub per: Sp<Period>,
    /// `carrying shortfall for 3 years`: a top-up is recouped from later excess for so long.
    pub carry: Option<Sp<Duration>>,
}

/// Which state of a payment clause is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SumOf {
    /// Earned.
    Accrued,
    /// Fallen due.
    Due,
    /// Paid.
    Paid,
    /// Due and not paid.
    Overdue,
}

/// How a figure is rounded to minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoundingMode {
    /// To nearest, ties to even.
    HalfEven,
    /// To nearest, ties away from zero.
    HalfUp,
    /// To nearest, ties towards zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// When an accrual falls due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Due {
    /// `due at once`
    AtOnce,
    /// `due within 45 days after each quarter`
    AfterEach(Sp<Duration>, Sp<Period>),
    /// `due within 30 days`: of the accrual.
    After(Sp<Duration>),
    /// `due on DATE`
    On(Sp<DateExpr>),
}

/// Day-count convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayCount {
    /// Actual days over 360.
    Actual360,
    /// Actual days over 365.
    Actual365,
    /// Actual days over the days of each year.
    ActualActual,
    /// 30/360 (bond basis).
    Thirty360,
}

/// A unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the unit of the same name")]
pub enum DurationUnit {
    Hours,
    Days,
    BusinessDays,
    Weeks,
    Months,
    Quarters,
    Years,
}

/// A length of time: a count, or a parameter, of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    /// How many.
    pub count: DurationCount,
    /// Of what.
    pub unit: DurationUnit,
}

/// The count of a duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DurationCount {
    /// A number.
    Literal(u32),
    /// An integer parameter.
    Param(Name),
}

/// A civil date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
}

/// A date position. `2030` and `2030-06` name a year or month: its first day after `from`, its last after `through`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DateExpr {
    /// Where it counts from.
    pub base: DateBase,
    /// `plus 5 years` (true) or `minus` (false).
    pub offset: Option<(bool, Sp<Duration>)>,
}

/// The base of a date position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DateBase {
    /// `2030-06-01`
    Day(Date),
    /// `2030-06`
    Month {
        /// Year.
        year: i16,
        /// Month.
        month: u8,
    },
    /// `2030`
    Year(i16),
    /// `effective`: of the agreement, or of the amendment it stands in.
    Effective,
    /// `signature`
    Signature,
    /// A date parameter.
    Param(Name),
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// `true`, `false`
    Bool(bool),
    /// A number as written, underscores removed.
    Number(String),
    /// `20%`: the digits before the sign.
    Percent(String),
    /// `38 billion USD`, `30.50 EUR`, `30 USD per MWh`
    Money {
        /// Digits.
        number: String,
        /// Scale word.
        scale: Option<Scale>,
        /// Currency code.
        currency: String,
        /// Unit of a price.
        per: Option<Name>,
    },
    /// `100 MWh`
    Quantity {
        /// Digits.
        number: String,
        /// Scale word.
        scale: Option<Scale>,
        /// Unit.
        unit: Name,
    },
    /// `30 days`
    Duration(Duration),
    /// `2026-06-01`
    Date(Date),
    /// `2026-06-01T09:00`, seconds and offset optional.
    Instant(String),
    /// `"text"`
    Text(String),
    /// A field, parameter, define, total, term, party, or clause.
    Name(String),
    /// `Order.quantity` (a field of the triggering event) or `rates.cap` (the row of this instance's key).
    Dotted(Name, Name),
    /// `cpi[year of date]`, `rates[supplier].cap`
    Lookup {
        /// Table.
        table: Name,
        /// Key.
        key: Box<Sp<Expr>>,
        /// Column, where the table has several.
        column: Option<Name>,
    },
    /// `not x`
    Not(Box<Sp<Expr>>),
    /// `-x`
    Neg(Box<Sp<Expr>>),
    /// Two or more operands of `and`.
    And(Vec<Sp<Expr>>),
    /// Two or more operands of `or`.
    Or(Vec<Sp<Expr>>),
    /// `a is at least b` and kin.
    Compare(CompareOp, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `x is [not] one of A, B`
    OneOf {
        /// What.
        value: Box<Sp<Expr>>,
        /// Members.
        set: Vec<Sp<Expr>>,
        /// `is not one of`
        negated: bool,
    },
    /// `x is [not] in Register`
    In {
        /// What.
        value: Box<Sp<Expr>>,
        /// Register.
        register: Name,
        /// `is not in`
        negated: bool,
    },
    /// `x is [not] a party` / `x is [not] a stranger`
    IsParty {
        /// What.
        value: Box<Sp<Expr>>,
        /// True for `a party`, false for `a stranger`.
        party: bool,
    },
    /// `x is [not] stated`: an optional field has a value.
    Stated {
        /// Field.
        value: Box<Sp<Expr>>,
        /// `is not stated`
        negated: bool,
    },
    /// `a + b`, `a - b`, `a * b`, `a / b`, `r of b`
    Binary(BinaryOp, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `if c then a else b`
    If(Box<Sp<Expr>>, Box<Sp<Expr>>, Box<Sp<Expr>>),
    /// `greater of (a, b)`
    Greater(Vec<Sp<Expr>>),
    /// `lesser of (a, b)`
    Lesser(Vec<Sp<Expr>>),
    /// `started days from a to b`
    Between {
        /// True for `started` (any begun unit counts), false for `completed`.
        started: bool,
        /// Unit.
        unit: DurationUnit,
        /// From.
        from: Box<Sp<Expr>>,
        /// To.
        to: Box<Sp<Expr>>,
    },
    /// `year of d`, `month of d`
    DatePart(DatePart, Box<Sp<Expr>>),
    /// `net_sales this month`, `accrued royalties in total`, `count of Sale where (...) in the last 12 months`
    Sum {
        /// What adds up.
        what: SumWhat,
        /// Over which time.
        window: Box<Sp<Window>>,
    },
    /// `MilestoneVerified has occurred`
    Occurred(EventRef),
}

/// What a sum adds up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SumWhat {
    /// A declared `total`.
    Total(Name),
    /// `count of E [where (...)]`
    Count(EventRef),
    /// `accrued|due|paid|overdue CLAUSE`
    Payment(SumOf, Name),
    /// `breaches of CLAUSE`
    Breaches(Name),
}

/// Over which time a sum runs; the event's own row never counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Window {
    /// `this month`: the period that holds the day at hand (for a period's assessment, that period).
    This(Period),
    /// `last month`: the period before.
    Last(Period),
    /// `in the last 12 months`
    Trailing(Duration),
    /// `in total`
    InTotal,
    /// `of the term`: since the clause's current term began (a renewal begins a new one).
    OfTheTerm,
    /// `since DATE`
    Since(Sp<DateExpr>),
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the part of the same name")]
pub enum DatePart {
    Year,
    Month,
    Day,
}

/// A scale word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the word of the same name")]
pub enum Scale {
    Thousand,
    Million,
    Billion,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CompareOp {
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is at least`
    AtLeast,
    /// `is more than`
    MoreThan,
    /// `is up to`
    UpTo,
    /// `is less than`
    LessThan,
}

/// An operator of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the operator of the same name")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Of,
}

/// `key "License Type" shows exclusivity of ip-license`: a row of `habendum summary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyTerm {
    /// Feature.
    pub feature: Sp<String>,
    /// Which aspect.
    pub aspect: Sp<Aspect>,
    /// Of which clauses; the first that is in force speaks.
    pub clauses: Vec<Name>,
}

/// An aspect of a clause that the summary computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aspect {
    /// `exclusivity`: of a grant.
    Exclusivity,
    /// `term`: from when through when, or until what.
    Term,
    /// `payment`: who pays whom what, with caps and end, or none.
    Payment,
    /// `status`: of an undertaking or holding.
    Status,
    /// `rule`: the sentence itself.
    Rule,
}

/// `scenario`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Title.
    pub title: Sp<String>,
    /// Steps in order.
    pub steps: Vec<Sp<Step>>,
}

/// A step of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// `schedule reported`
    Schedule(Name),
    /// `set share_cap = 100 USD`
    Set(Name, Sp<Expr>),
    /// `reading azure-first = seed`
    Reading(Name, Name),
    /// `known as of D`
    KnownAsOf(Sp<Date>),
    /// `2026-06-01 Launch { by OpenAI, product "Atlas 2" }`
    Event {
        /// Day or instant as written.
        at: Sp<Expr>,
        /// Kind.
        kind: Name,
        /// Fields.
        fields: Vec<(Name, Sp<Expr>)>,
    },
    /// `clock D`: time passes.
    Clock(Sp<Date>),
    /// `expect ...`, about the last event or clock step.
    Expect(Expectation),
}

/// What a scenario expects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expectation {
    /// `expect breach of a, b`; the verdict of the last event, or a clock breach in the last clock step.
    Verdict {
        /// Verdict.
        verdict: Verdict,
        /// Clauses that decided; any where empty.
        clauses: Vec<Name>,
    },
    /// `expect accrues 20 USD under share`: of the last step.
    Accrues(Sp<Expr>, Name),
    /// `expect accrued share is 20 USD`: so far.
    Sum(SumOf, Name, Sp<Expr>),
    /// `expect interest share is 1.20 USD`: late interest so far.
    Interest(Name, Sp<Expr>),
    /// `expect triggered|discharged|lapsed|excused CLAUSE`: in the last step.
    Duty(DutyEvent, Name),
    /// `expect open CLAUSE` / `expect no open CLAUSE`: obligations now open.
    Open(bool, Name),
    /// `expect in force CLAUSE` / `expect not in force CLAUSE`: on the day of the last step.
    InForce(bool, Name),
}

/// The verdict on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No norm speaks, and the default permits.
    Silent,
    /// A norm permits.
    Permitted,
    /// A norm is broken by a party.
    Breach,
    /// A stranger's act that nothing licenses.
    Unlicensed,
    /// A power exercised without its ground, or a duty's performance out of its window.
    WithoutEffect,
    /// Readings, discretion or unknown text leave it open.
    Undetermined,
    /// Two norms that nothing ranks.
    Conflict,
}

/// What happened to an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyEvent {
    /// It arose.
    Triggered,
    /// It was performed in time.
    Discharged,
    /// Its deadline passed.
    Lapsed,
    /// Its breach was excused, or it was performed late after one.
    Excused,
}

/// `prove`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prove {
    /// Title.
    pub title: Sp<String>,
    /// `from D` / `through D`: the dates it is about.
    pub from: Option<Sp<DateExpr>>,
    /// Last day.
    pub through: Option<Sp<DateExpr>>,
    /// What.
    pub property: Sp<Property>,
}

/// A property to prove.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Property {
    /// `never VERDICT [of CLAUSE] [on E [where ...]]`
    Never(Outcome),
    /// `always VERDICT [of CLAUSE] on E [where ...]`
    Always(Outcome),
    /// `CLAUSE is independent of E` or `... of E.field`
    Independent {
        /// Clause.
        clause: Name,
        /// Event kind.
        event: Name,
        /// Field.
        field: Option<Name>,
    },
    /// `OUTCOME implies OUTCOME`
    Implies(Outcome, Outcome),
    /// `CLAUSE equivalent to CLAUSE`
    Equivalent(Name, Name),
    /// `at most MONEY owed by P [to Q] [under CLAUSE] [per PERIOD]`
    AtMost {
        /// The bound.
        amount: Sp<Expr>,
        /// Payer.
        payer: Name,
        /// Payee.
        payee: Option<Name>,
        /// Clause.
        clause: Option<Name>,
        /// Over what.
        per: Option<Sp<Period>>,
    },
}

/// An outcome named in a property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Verdict.
    pub verdict: Verdict,
    /// Deciding clause.
    pub clause: Option<Name>,
    /// On which events.
    pub on: Option<EventRef>,
}

/// The place of anything that has one.
pub trait Spanned {
    /// Its place.
    fn span(&self) -> Span;
}

impl<T> Spanned for Sp<T> {
    fn span(&self) -> Span {
        self.span
    }
}
