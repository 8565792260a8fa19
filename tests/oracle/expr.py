"""What an expression means at a moment of a history.

Data flow: a syntax tree and a [`Scope`] (the event at hand, the day, the rows and facts visible) -> a value.
Invariant: nothing is stored; every sum is added up anew from the rows and facts that the scope can see.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta, timezone
from fractions import Fraction
from typing import Any, Optional

import sums
from dates import DAY, add, units_between
from deal import day_of
from tree import Fault, variant
from values import ClauseRef, Length, Money, Person, Term, in_minor


@dataclass
class Scope:
    """What an expression can see."""

    run: Any
    day: date
    rows: int  # how many rows of the history are visible
    event: Any = None  # the event at hand
    trigger: Any = None  # the event that opened the obligation or caused the relief
    norm: Any = None  # the norm that asks (for `of the term`, its key and table)
    key: dict = field(default_factory=dict)
    since: Optional[date] = None  # first day of the period assessed, where one is

    def at(self, event, rows):
        """The scope of an earlier event, as it stood then."""
        return replace(self, event=event, day=event.date, rows=rows, trigger=None)


_SCALE = {None: 1, "Thousand": 10**3, "Million": 10**6, "Billion": 10**9}


def holds(tree, scope):
    """A condition; none holds always."""
    if tree is None:
        return True
    value = evaluate(tree, scope)
    if not isinstance(value, bool):
        raise Fault(f"not a condition: {tree}")
    return value


def evaluate(tree, scope, hint=None):
    """The value of an expression. `hint` is the value it is compared with, for names that need one."""
    kind, x = variant(tree)
    if kind in _LITERAL:
        return _LITERAL[kind](x, scope)
    if kind in _OPERATION:
        return _OPERATION[kind](x, scope)
    if kind == "Name":
        return name(x, scope, hint)
    raise Fault(f"unknown expression {kind}")


def name(n, scope, hint=None):
    """What a name denotes here."""
    deal = scope.run.deal
    if isinstance(hint, Term) and (hint.vocabulary, n) in deal.parents and not _is_field(n, scope):
        return Term(hint.vocabulary, n)
    if scope.event is not None and n in scope.event.fields:
        return scope.event.fields[n]
    if scope.trigger is not None and n in scope.trigger.fields:
        return scope.trigger.fields[n]
    if n in scope.key:
        return scope.key[n]
    if n in deal.parameters:
        return scope.run.parameter(n, scope.day)
    if n in deal.defines:
        return evaluate(deal.defines[n]["value"], scope)
    if n == "date":
        return scope.day
    vocabulary = deal.find_term(n)
    if vocabulary:
        return Term(vocabulary, n)
    if n in deal.parties or n in deal.others:
        return Person(n)
    if n in scope.run.clause_ids:
        return ClauseRef(n)
    raise Fault(f"unknown name {n}")


def _is_field(n, scope):
    return any(e is not None and n in e.fields for e in (scope.event, scope.trigger)) or n in scope.run.deal.parameters


def _money(x, scope):
    deal = scope.run.deal
    if x["per"] is None and x["currency"] in deal.units and x["currency"] not in deal.currencies:
        return Fraction(x["number"]) * _SCALE[x["scale"]]
    return Money(in_minor(Fraction(x["number"]) * _SCALE[x["scale"]], x["currency"]), x["currency"], x["per"])


def _dotted(x, scope):
    owner, column = x
    deal = scope.run.deal
    if owner in deal.tables:
        table = deal.tables[owner]
        fields = scope.norm.key_fields if scope.norm is not None else []
        key = scope.key.get(table["key"]["name"], scope.key.get(fields[0]) if fields else None)
        return sums.table_value(scope, owner, key, column)
    for e in (scope.trigger, scope.event):
        if e is not None and e.kind == owner:
            return e.fields[column]
    raise Fault(f"no {owner} at hand for {owner}.{column}")


def _lookup(x, scope):
    return sums.table_value(scope, x["table"], evaluate(x["key"], scope), x["column"])


def length_of(d, scope):
    """A length; its count may be a parameter."""
    kind, n = variant(d["count"])
    count = n if kind == "Literal" else scope.run.parameter(n, scope.day)
    return Length(int(count), d["unit"])


def date_of(dx, scope, last=False):
    """The day of a date position; `last` after `through` and `by`."""
    kind, b = variant(dx["base"])
    if kind == "Day":
        d = day_of(b)
    elif kind == "Month":
        d = date(b["year"] + b["month"] // 12, b["month"] % 12 + 1, 1) - DAY if last else date(b["year"], b["month"], 1)
    elif kind == "Year":
        d = date(b, 12, 31) if last else date(b, 1, 1)
    elif kind == "Effective":
        d = scope.run.effective
    elif kind == "Signature":
        d = scope.run.signed
    else:
        d = scope.run.parameter(b, scope.day)
    if dx["offset"] is not None:
        forward, d_len = dx["offset"]
        rounding = scope.norm.months if scope.norm is not None else None
        d = add(d, length_of(d_len, scope), scope.run.deal.reckoning, rounding, 1 if forward else -1)
    return d


def _compare(x, scope):
    op, left, right = x
    a = evaluate(left, scope)
    b = evaluate(right, scope, a)
    if isinstance(b, Term) and not isinstance(a, Term):
        a = evaluate(left, scope, b)
    if a is None or b is None:
        return False
    if op in ("Is", "IsNot"):
        return same(a, b, scope) == (op == "Is")
    a, b = _ordered(a), _ordered(b)
    if isinstance(a, Length):
        a, b = _like(a, b)
    return {"AtLeast": a >= b, "MoreThan": a > b, "UpTo": a <= b, "LessThan": a < b}[op]


def same(a, b, scope):
    """`a is b`: equal, or for terms equal or below."""
    if isinstance(a, Term) and isinstance(b, Term):
        return scope.run.deal.under(a, b)
    if isinstance(a, Money) and isinstance(b, Money):
        return a.minor == b.minor
    if isinstance(a, Length) and isinstance(b, Length):
        a, b = _like(a, b)
    return a == b


def _like(a, b):
    """Two lengths in one unit."""
    times = {"Hours": ("h", 1), "Days": ("h", 24), "Weeks": ("h", 168), "BusinessDays": ("b", 1)}
    times |= {"Months": ("m", 1), "Quarters": ("m", 3), "Years": ("m", 12)}
    (x, n), (y, m) = times[a.unit], times[b.unit]
    if x != y:
        raise Fault(f"{a} and {b} do not compare")
    return a.count * n, b.count * m


def _ordered(v):
    return v.minor if isinstance(v, Money) else v


def _one_of(x, scope):
    a = evaluate(x["value"], scope)
    if a is None:
        return False
    found = any(b is not None and same(a, b, scope) for b in (evaluate(m, scope, a) for m in x["set"]))
    return found != x["negated"]


def _in(x, scope):
    a = evaluate(x["value"], scope)
    if a is None:
        return False
    return scope.run.in_register(a, x["register"], scope) != x["negated"]


def _is_party(x, scope):
    a = evaluate(x["value"], scope)
    return a is not None and (a.name in scope.run.deal.parties) == x["party"]


def _binary(x, scope):
    op, left, right = x
    return arithmetic(op, evaluate(left, scope), evaluate(right, scope), scope)


def arithmetic(op, a, b, scope):
    """Sum, difference, product, quotient; `of` multiplies."""
    if a is None or b is None:
        raise Fault("arithmetic on an absent value")
    if op in ("Add", "Sub"):
        sign = 1 if op == "Add" else -1
        if isinstance(a, Money):
            if a.currency != b.currency and a.minor and b.minor:
                raise Fault("currencies do not mix")
            return Money(a.minor + sign * b.minor, a.currency if a.minor or not b.minor else b.currency, a.per)
        if isinstance(a, date):
            rounding = scope.norm.months if scope.norm is not None else None
            return add(a, b, scope.run.deal.reckoning, rounding, sign)
        return a + sign * b
    if op in ("Mul", "Of"):
        if isinstance(b, Money):
            a, b = b, a
        return Money(a.minor * b, a.currency, a.per) if isinstance(a, Money) else a * b
    if _ordered(b) == 0:
        raise Fault("division by zero")
    if isinstance(a, Money):
        return a.minor / b.minor if isinstance(b, Money) else Money(a.minor / b, a.currency, a.per)
    return a / b


def _negative(x, scope):
    v = evaluate(x, scope)
    return Money(-v.minor, v.currency, v.per) if isinstance(v, Money) else -v


def _between(x, scope):
    a, b = evaluate(x["from"], scope), evaluate(x["to"], scope)
    if x["unit"] == "Hours":
        a, b = a.astimezone(timezone.utc), b.astimezone(timezone.utc)
        hours = max(Fraction(0), Fraction((b - a) / timedelta(microseconds=1)) / 3_600_000_000)
        return Fraction(-(-hours // 1) if x["started"] else hours // 1)
    return Fraction(units_between(a, b, x["unit"], x["started"], scope.run.deal.reckoning))


def _date_part(x, scope):
    part, tree = x
    return Fraction(getattr(evaluate(tree, scope), part.lower()))


def _if(x, scope):
    return evaluate(x[1] if holds(x[0], scope) else x[2], scope)


def _instant(x, scope):
    from events import moment

    return moment(x, scope.run.deal.zone)


_LITERAL = {
    "Bool": lambda x, s: x,
    "Number": lambda x, s: Fraction(x),
    "Percent": lambda x, s: Fraction(x) / 100,
    "Money": _money,
    "Quantity": lambda x, s: Fraction(x["number"]) * _SCALE[x["scale"]],
    "Duration": lambda x, s: length_of(x, s),
    "Date": lambda x, s: day_of(x),
    "Instant": _instant,
    "Text": lambda x, s: x,
    "Dotted": _dotted,
    "Lookup": _lookup,
}

_OPERATION = {
    "Not": lambda x, s: not holds(x, s),
    "Neg": _negative,
    "And": lambda x, s: all(holds(p, s) for p in x),
    "Or": lambda x, s: any(holds(p, s) for p in x),
    "Compare": _compare,
    "OneOf": _one_of,
    "In": _in,
    "IsParty": _is_party,
    "Stated": lambda x, s: (evaluate(x["value"], s) is not None) != x["negated"],
    "Binary": _binary,
    "If": _if,
    "Greater": lambda x, s: max((evaluate(v, s) for v in x), key=_ordered),
    "Lesser": lambda x, s: min((evaluate(v, s) for v in x), key=_ordered),
    "Between": _between,
    "DatePart": _date_part,
    "Sum": lambda x, s: sums.total(x["what"], window(x["window"], s), s),
    "Occurred": lambda x, s: sums.count(x, (date.min, date.max), s) > 0,
}


def window(w, scope):
    """First and last day of a window, both included."""
    from dates import period_of, previous_period

    kind, x = variant(w)
    reck = scope.run.deal.reckoning
    if kind == "InTotal":
        return date.min, date.max
    if kind == "This":
        return period_of(scope.day, x, reck) or (date.min, date.max)
    if kind == "Last":
        return previous_period(scope.day, x, reck)
    if kind == "Trailing":
        rounding = (scope.norm.months if scope.norm is not None else None) or reck.months or "Down"
        return add(scope.day, length_of(x, scope), reck, rounding, -1) + timedelta(days=1), scope.day
    if kind == "OfTheTerm":
        return scope.run.term(scope.norm, scope.day).began, date.max
    return date_of(x, scope), date.max
