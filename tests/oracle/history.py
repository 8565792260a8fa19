"""A history: the rows so far, the facts they and time have made, and what is in force by them.

Data flow: `clock` and `judge` append facts; every question scans rows and facts from the beginning.
Invariant: rows and facts are only ever appended.
"""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import amend
import expr
import norms as norms_module
import sums
from dates import DAY, add
from tree import Fault, variant


@dataclass
class Event:
    """A row."""

    row: int
    date: date
    kind: str
    fields: dict


@dataclass
class Span:
    """The term of a norm."""

    first: date
    last: date
    began: date  # first day of the current term: of the last renewal, where there is one


class History:
    """Everything known at a moment, for one choice of readings and one set of known amendments."""

    def __init__(self, deal, values, readings, known=None):
        self.deal, self.values, self.readings = deal, values, readings
        self.rows, self.facts = [], []
        self.today = None
        self._memo = {}
        empty = expr.Scope(self, date(2000, 1, 1), 0)
        self.effective = date.min
        self.effective = expr.date_of(deal.effective_expr, empty)
        deal.reckoning.effective = self.effective
        self.signed = expr.date_of(deal.signed_expr, empty) if deal.signed_expr else self.effective
        self.amendments = self._dated(deal.amendments, known)
        self.clause_ids = {c["id"] for c in deal.clauses} | self._inserted()

    def _dated(self, trees, known):
        scope = expr.Scope(self, self.effective, 0)
        dated = []
        for t in trees:
            eff = expr.date_of(t["effective"], scope) if t["effective"] else None
            signed = expr.date_of(t["signed"], scope) if t["signed"] else eff
            if eff is None:
                eff = signed
            if eff is None:
                raise Fault(f"amendment {t['id']} has no date")
            dated.append((t, eff, signed))
        dated.sort(key=lambda a: a[2])
        return [a for a in dated if known is None or a[2] <= known]

    def _inserted(self):
        out = set()
        for t, _, _ in self.amendments:
            for op in t["operations"]:
                kind, x = variant(op)
                if kind == "Insert":
                    out.add(x["clause"]["id"])
                if kind == "RestateAll":
                    out.update(c["id"] for c in x)
        return out

    # ------------------------------------------------------------------ texts

    def version(self, day):
        """The text of a day."""
        taken = tuple(i for i, a in enumerate(self.amendments) if a[1] <= day)
        if taken not in self._memo:
            v = amend.consolidate(self.deal, [self.amendments[i] for i in taken], self.effective)
            self._memo[taken] = (v, norms_module.norms_of(v, self.readings))
        return self._memo[taken][0]

    def norms(self, day):
        """The sentences of a day, in document order; none before the agreement's first day."""
        if day < self.effective:
            return []
        self.version(day)
        return self._memo[tuple(i for i, a in enumerate(self.amendments) if a[1] <= day)][1]

    def text_of(self, norm, day):
        """A sentence as it stands on a day, or as it last stood."""
        for back in [day, *sorted((a[1] - DAY for a in self.amendments if a[1] <= day), reverse=True)]:
            for n in self.norms(back):
                while n is not None and n.id[:2] == norm.id[:2]:
                    if n.depth == norm.depth and n.kind == norm.kind:
                        return n
                    n = n.reparation
        return norm

    def norm(self, day, nid):
        """The sentence of an id in the text of a day, or None."""
        return next((n for n in self.norms(day) if n.id == nid), None)

    def parameter(self, name, day):
        """The value of a parameter on a day."""
        tree, p = None, self.deal.parameters.get(name)
        if p is None:
            raise Fault(f"unknown parameter {name}")
        tree = self.values.get(name, p["value"])
        if self.effective > date.min and getattr(self, "amendments", None):
            for since, n, value in self.version(day).settings:
                if n == name and since <= day:
                    tree = value
        if tree is None:
            raise Fault(f"parameter {name} has no value")
        return expr.evaluate(tree, expr.Scope(self, day, 0))

    def table_rows(self, name):
        """Keys and values of a table."""
        if ("table", name) not in self._memo:
            scope = expr.Scope(self, self.effective, 0)
            rows = []
            for k, vs in self.deal.tables[name]["rows"]:
                key = self._typed_key(self.deal.tables[name]["key"]["ty"], k, scope)
                rows.append((key, [expr.evaluate(v, scope) for v in vs]))
            self._memo[("table", name)] = rows
        return self._memo[("table", name)]

    def _typed_key(self, ty, tree, scope):
        kind, x = variant(ty)
        if kind == "Named" and variant(tree)[0] == "Name":
            return expr.Term(x, variant(tree)[1])
        if kind == "Party":
            return expr.Person(variant(tree)[1])
        return expr.evaluate(tree, scope)

    def in_register(self, value, name, scope):
        """Whether a value is a member, by the rows that the scope can see."""
        for m in self.members(name, scope.rows):
            if m == value or (isinstance(m, expr.Term) and isinstance(value, expr.Term) and self.deal.under(value, m)):
                return True
        return False

    def members(self, name, rows):
        """The members of a register after so many rows."""
        memo = ("members", name, rows)
        if memo not in self._memo:
            r = self.deal.registers[name]
            if rows == 0:
                found = [self._member(r["of"], n) for n in r["initially"]]
            else:
                found = list(self.members(name, rows - 1))
                e = self.rows[rows - 1]
                scope = expr.Scope(self, e.date, rows - 1, event=e)
                for change in r["removes"]:
                    if sums.matches(change["on"], e, scope):
                        found = [m for m in found if m != e.fields[change["field"]]]
                for change in r["adds"]:
                    if sums.matches(change["on"], e, scope) and e.fields[change["field"]] not in found:
                        found.append(e.fields[change["field"]])
            self._memo[memo] = found
        return self._memo[memo]

    def _member(self, ty, name):
        kind, x = variant(ty)
        return expr.Term(x, name) if kind == "Named" else expr.Person(name)

    # ------------------------------------------------------------------ facts

    def fact(self, kind, day, clause, **more):
        """Appends a fact."""
        f = SimpleNamespace(id=len(self.facts), kind=kind, date=day, clause=clause, **more)
        if not hasattr(f, "key"):
            f.key = ()
        self.facts.append(f)
        return f

    def visible(self, clause):
        """The facts of a clause since it last began anew."""
        out = []
        for f in self.facts:
            if f.clause == clause:
                out = [] if f.kind == "anew" else [*out, f]
        return out

    def currency_of(self, clause):
        """The currency in which a clause pays: of the first payment of the clause that has stood in any text."""
        days = [self.today or self.effective, self.effective, *(a[1] for a in self.amendments)]
        for day in days:
            for n in self.norms(day):
                while n is not None and n.cid == clause:
                    if n.is_payment:
                        from payments import currency_of_norm

                        return currency_of_norm(self, n)
                    n = n.reparation
        return self.deal.currency

    # ------------------------------------------------------------------ in force

    def since(self, clause):
        """The day from which a clause stands in the text without a break."""
        anew = [f.date for f in self.facts if f.clause == clause.id and f.kind == "anew"]
        return max([clause.since, *anew])

    def term(self, norm, day):
        """First and last day of a norm, and the first day of its current term."""
        while norm.repairs is not None:
            norm = norm.repairs
        scope = expr.Scope(self, day, len(self.rows), norm=norm)
        named = expr.date_of(norm.mod("From"), scope) if norm.has("From") else self.since(norm.clause)
        first = max(named, self.since(norm.clause))
        lasts = [expr.date_of(x, scope, last=True) for x in norm.mods("Through")]
        lasts += [expr.date_of(x, scope) - DAY for x in norm.mods("BeforeDate")]
        lasts += [
            self.parameter(x["event"], day) - DAY for x in norm.mods("Before") if x["event"] in self.deal.parameters
        ]
        reck = self.deal.reckoning
        if norm.has("Lasting") and norm.kind != "Excuses" and not self._extends(norm):
            # A text that is stated anew speaks from its own day.
            spoken = named if norm.has("From") else max([first, *norm.clause.restarts])
            lasts.append(add(spoken, expr.length_of(norm.mod("Lasting"), scope), reck, norm.months) - DAY)
        last, began = min(lasts, default=date.max), first
        for x in norm.clause.extended_by:
            if last < date.max:
                last = add(last, expr.length_of(x, scope), reck, norm.months)
        for f in self.visible(norm.cid):
            if f.kind == "renewed" and f.part == norm.part:
                began, last = f.began, max(last, f.last)
            elif f.kind == "extended" and last < date.max:
                last = add(last, f.length, reck, norm.months)
        last = min([last, *(f.last for f in self.visible(norm.cid) if f.kind == "outlasts")])
        return Span(first, last, began)

    def _extends(self, norm):
        return norm.kind == "Power" and norm.head[1]["act"] == "Extend"

    def ended(self, norm, key=(), event=None):
        """The fact that ended a norm, or None: for an instance, or for what an event shares with an ending one."""
        for f in self.visible(norm.cid):
            if f.kind == "ended" and f.part in (None, norm.part) and (not f.key or f.key == key):
                same = getattr(f, "same", {})
                if not same or (event is not None and all(event.fields.get(k) == v for k, v in same.items())):
                    return f
        return None

    def suspended(self, norm, day):
        """Whether a suspension holds on a day."""
        scope = expr.Scope(self, day, len(self.rows), norm=norm)
        for start, end, _, made in norm.clause.suspensions:
            start = expr.date_of(start, scope) if start else made
            if start <= day and (end is None or day <= expr.date_of(end, scope, last=True)):
                return True
        state = False
        for f in self.visible(norm.cid):
            if f.kind in ("suspended", "resumed"):
                state = f.kind == "suspended"
        return state

    def in_force(self, norm, day, key=(), event=None):
        """Whether a norm is in force on a day, by the rows and facts so far."""
        t = self.term(norm, day)
        if not t.first <= day <= t.last or self.ended(norm, key, event) or self.suspended(norm, day):
            return False
        scope = expr.Scope(self, day, len(self.rows), event=event, norm=norm, key=dict(key))
        return all(expr.holds(c, scope) for c in norm.mods("While"))

    def exception_applies(self, ex, scope):
        """An exception applies where its condition holds and none of its own exceptions applies."""
        return expr.holds(ex["condition"], scope) and not any(self.exception_applies(e, scope) for e in ex["unless"])

    def excepted(self, norm, scope):
        return any(self.exception_applies(ex, scope) for ex in norm.mods("Unless"))

    # ------------------------------------------------------------------ persons and keys

    def stands_for(self, clause, name):
        """The person who stands in the place of one named in a clause, by the assignments so far."""
        for f in self.visible(clause):
            if f.kind == "assigned" and f.old == name:
                name = f.new
        return name

    def is_who(self, who, person, norm, scope):
        """Whether a person is among those that a sentence names."""
        kind, x = variant(who)
        if kind == "Anyone":
            return True
        if kind == "AnyParty":
            return person.name in [self.stands_for(norm.cid, p) for p in self.deal.parties]
        named = any(
            self.in_register(person, n, scope)
            if n in self.deal.registers
            else self.stands_for(norm.cid, n) == person.name
            for n in x
        )
        return named == (kind == "Named")

    def key_of(self, norm, event):
        """The instance of a norm that an event belongs to, or None where it names none."""
        if any(f not in event.fields or event.fields[f] is None for f in norm.key_fields):
            return None
        return tuple((f, event.fields[f]) for f in norm.key_fields)

    def keys(self, norm):
        """The instances of a norm that time alone reaches: the rows of its table, else the keys that events named."""
        if not norm.key_fields:
            return [()]
        if norm.table:
            return [((norm.key_fields[0], k),) for k, _ in self.table_rows(norm.table)]
        since = max(self.since(norm.clause), self._kept_since(norm))
        found = {self.key_of(norm, e) for e in self.rows if e.date >= since} - {None}
        return sorted(found, key=lambda k: [repr(v) for _, v in k])

    def _kept_since(self, norm):
        """The day since which every text of a clause keeps it apart by the same fields."""
        since = self.effective
        for day in sorted(a[1] for a in self.amendments if a[1] <= self.today):
            before = [n for n in self.norms(day - DAY) if n.id == norm.id]
            after = [n for n in self.norms(day) if n.id == norm.id]
            if before and after and before[0].key_fields != after[0].key_fields:
                since = day
        return since

    def instance_began(self, norm, key):
        """The day of the event that began an instance; of one that stands from the start, the first of days."""
        if not norm.key_fields or norm.table:
            return date.min
        since = max(self.since(norm.clause), self._kept_since(norm))
        return min((e.date for e in self.rows if e.date >= since and self.key_of(norm, e) == key), default=date.min)

    def excused(self, clause, event):
        """The clause whose relief excuses a breach of a clause by an event, or None."""
        for f in self.facts:
            if f.kind == "relief" and clause in f.targets and not f.stops and self.relief_runs(f, event.date):
                if all(event.fields.get(k) == f.event.fields.get(k) for k in f.same):
                    return f.clause
        return None

    def relief_runs(self, f, day):
        """Whether a relief has begun and not ended."""
        if f.through is not None and day > f.through:
            return False
        return not any(g.kind == "relief-ended" and g.relief == f.id for g in self.facts)
