"""Sums over a history: each is added up anew from the rows and facts that the scope can see.

Invariant: a row never counts for itself; a keyed clause sees the rows and facts of its own key.
"""

from fractions import Fraction

import expr
import ledger
from tree import Fault, variant
from values import Money


def matches(ref, event, scope, at_hand=None):
    """True where an event is of a reference's kind, has equal `same` fields, and satisfies its guard."""
    if event.kind != ref["event"]:
        return False
    for f in ref["same"]:
        if at_hand is None or event.fields.get(f) is None or at_hand.fields.get(f) != event.fields[f]:
            return False
    return expr.holds(ref["guard"], scope)


def of_key(event, key):
    """True where an event has the key, in those of its fields that it has."""
    return all(event.fields[f] == v for f, v in key.items() if f in event.fields)


def rows_of(ref, span, scope):
    """The visible rows of a reference in a span of days, with the scope of each."""
    for i, e in enumerate(scope.run.rows[: scope.rows]):
        if e.kind == ref["event"] and span[0] <= e.date <= span[1] and of_key(e, scope.key):
            there = scope.at(e, i)
            if matches(ref, e, there, scope.event or scope.trigger):
                yield e, there


def count(ref, span, scope):
    """How many."""
    return Fraction(sum(1 for _ in rows_of(ref, span, scope)))


def total(what, span, scope):
    """The sum of a `total`, of a count, of a payment clause, or of breaches."""
    kind, x = variant(what)
    if kind == "Count":
        return count(x, span, scope)
    if kind == "Total":
        return _declared(scope.run.deal.totals[x], span, scope)
    if kind == "Breaches":
        found = [
            f
            for f in scope.run.visible(x)
            if f.kind == "breach" and span[0] <= f.date <= span[1] and fact_of_key(f, scope.key)
        ]
        return Fraction(len(found))
    which, clause = x
    return payment_sum(which, clause, span, scope)


def _declared(decl, span, scope):
    result = None
    for _, there in rows_of(decl["on"], span, scope):
        v = expr.evaluate(decl["value"], there)
        result = v if result is None else expr.arithmetic("Add", result, v, there)
    return _zero_like(decl["value"], decl["on"], scope) if result is None else result


def _zero_like(tree, on, scope):
    """Zero of the type that an expression has over an event kind."""
    money = _currency_in(tree, scope.run.deal.events.get(on["event"], {}), scope)
    return Money(Fraction(0), money) if money else Fraction(0)


def _currency_in(tree, fields, scope):
    """The currency of the first amount of money in an expression, or None."""
    if isinstance(tree, list):
        for t in tree:
            found = _currency_in(t, fields, scope)
            if found:
                return found
        return None
    if not isinstance(tree, dict):
        return None
    for k, v in tree.items():
        if k == "Money" and isinstance(v, dict) and "number" in v:
            return v["currency"]
        if k == "Name" and isinstance(v, str):
            ty = fields[v][0] if v in fields else (scope.run.deal.parameters.get(v) or {}).get("ty")
            if isinstance(ty, dict) and "Money" in ty:
                return ty["Money"]["currency"] or scope.run.deal.currency
            if v in scope.run.deal.defines:
                found = _currency_in(scope.run.deal.defines[v]["value"], fields, scope)
                if found:
                    return found
        else:
            found = _currency_in(v, fields, scope)
            if found:
                return found
    return None


def fact_of_key(fact, key):
    """True where a fact has the key, in those of its key fields that it shares."""
    own = dict(fact.key)
    return all(own[f] == v for f, v in key.items() if f in own)


def payment_sum(which, clause, span, scope):
    """Accrued, due, paid or overdue money of a clause in a span."""
    run = scope.run
    facts = [f for f in run.visible(clause) if fact_of_key(f, scope.key)]
    currency = next((f.currency for f in facts if f.kind in ("accrual", "paid")), run.currency_of(clause))
    if which == "Accrued":
        n = sum(f.amount for f in facts if f.kind == "accrual" and span[0] <= f.date <= span[1])
    elif which == "Due":
        n = sum(f.amount for f in facts if f.kind == "accrual" and f.fallen and span[0] <= f.due <= span[1])
    elif which == "Paid":
        n = sum(f.amount for f in facts if f.kind == "paid" and span[0] <= f.date <= span[1])
    else:
        n = overdue(run, clause, span, scope.key)
    return Money(Fraction(n), currency)


def overdue(run, clause, span, key):
    """What has fallen due in a span and is not paid."""
    fallen = {(f.part, f.depth, f.key, f.due) for f in run.facts if f.kind == "accrual" and f.clause == clause and f.fallen}
    return sum(
        a.left
        for a in ledger.amounts_of(run, clause)
        if (*a.sentence, a.key, a.due) in fallen and span[0] <= a.due <= span[1] and fact_of_key(a, key)
    )


def table_value(scope, name, key, column):
    """The value of a column in the row of a key."""
    table = scope.run.deal.tables[name]
    for k, values in scope.run.table_rows(name):
        if k == key:
            columns = [c["name"] for c in table["columns"]]
            if column is None and len(columns) != 1:
                raise Fault(f"which column of {name}?")
            return values[columns.index(column) if column else 0]
    raise Fault(f"table {name} has no row for {key}")
