"""Consolidation: the text in force on a day, by applying every known amendment that has taken effect, anew each time.

Data flow: clauses and amendments as written, with the days of each amendment -> the clauses of a version.
Invariant: the trees of the deal are never changed; each version is built from copies.
"""

import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Optional

from tree import Fault, modifier_kind, replace_dates, variant

# Which sentences take a modifier of a kind, for `vary` of a clause with several sentences. Others take any.
_ONLY = {
    "Pays": {"On", "PerDelay", "Cap", "Floor", "Rounded", "Due", "LateInterest", "Crediting", "Prorated", "InAdvance"},
    "Must": {"Within", "By", "NoDeadline", "Totalling"},
    "Power": {"ExercisedBy", "When", "Notice"},
    "Grants": {"MaySublicense", "NonTransferable", "ExclusiveWhile"},
}
_SPECIAL = set().union(*_ONLY.values())


@dataclass
class VersionClause:
    """A clause as it stands in a version."""

    id: str
    parts: Any
    since: date  # the day from which it stands in the text without a break
    suspensions: list = field(default_factory=list)  # (from, through or None, clocks stop)
    restarts: list = field(default_factory=list)  # (day, amendment): inserted or restated
    extended_by: list = field(default_factory=list)  # lengths by which amendments moved its last day


@dataclass
class Version:
    """The text of a day."""

    clauses: list
    struck: dict  # id -> (day, saving)
    settings: list  # (day, parameter, expression), in the order applied


def consolidate(deal, amendments, effective):
    """The version after these amendments: (tree, effective, signed), in signing order."""
    v = Version([VersionClause(c["id"], copy.deepcopy(c["parts"]), effective) for c in deal.clauses], {}, [])
    for tree, day, signed in amendments:
        for op in tree["operations"]:
            kind, x = variant(op)
            x = replace_dates(copy.deepcopy(x), day, signed)
            _OPERATIONS[kind](v, x, day)
    return v


def _find(v, cid):
    for i, c in enumerate(v.clauses):
        if c.id == cid:
            return i
    raise Fault(f"amendment of {cid}, which is not in the text")


def _put_parts(clause, parts):
    number, title = clause.parts["number"], clause.parts["title"]
    clause.parts = parts
    clause.parts["number"] = parts["number"] or number
    clause.parts["title"] = parts["title"] or title
    clause.extended_by = []


def _replace(v, x, day):
    _put_parts(v.clauses[_find(v, x["target"])], x["with"])


def _strike(v, x, day):
    del v.clauses[_find(v, x["target"])]
    v.struck[x["target"]] = (day, x["saving"])


def _insert(v, x, day):
    clause = VersionClause(x["clause"]["id"], x["clause"]["parts"], day, restarts=[day])
    at = len(v.clauses)
    if x["position"] is not None:
        where, other = variant(x["position"])
        at = _find(v, other) + (1 if where == "After" else 0)
    v.clauses.insert(at, clause)
    v.struck.pop(clause.id, None)


def _vary(v, x, day):
    clause = v.clauses[_find(v, x["target"])]
    for change in x["changes"]:
        kind, c = variant(change)
        for statement in statements(clause.parts["body"]):
            _change(statement, kind, c, clause)
        if kind in ("Text", "Title"):
            _wording(clause, kind, c)


def statements(body):
    """Every sentence of a clause, those of its readings too."""
    out = []
    for line in body:
        kind, x = variant(line)
        if kind == "Statement":
            out.append(x)
        elif kind == "Reading":
            out.extend(x["statements"])
    return out


def _takes(statement, kind):
    head = variant(statement["head"])[0]
    if kind in _SPECIAL:
        return any(kind in kinds for h, kinds in _ONLY.items() if h == head)
    return True


def _change(statement, kind, c, clause):
    mods = statement["modifiers"]
    head, h = variant(statement["head"])
    if kind == "Exclusivity" and head == "Grants":
        h["exclusivity"] = c
    elif kind == "Amount" and head == "Pays":
        h["amount"] = c
    elif kind == "Term":
        if c["from"] is not None:
            _drop(mods, {"From"})
            mods.append({"From": c["from"]})
        if c["through"] is not None:
            _drop(mods, {"Through", "BeforeDate", "Lasting"}, exact=True)
            clause.extended_by = []
            mods.append({"Through": c["through"]})
    elif kind == "Remove":
        _remove(mods, c["kind"], c["label"])
    elif kind == "Party":
        statement.update(_swap(statement, c["old"], c["new"]))
    elif kind == "Add" and _takes(statement, modifier_kind(c)):
        mods.append(c)
    elif kind == "Put" and _takes(statement, modifier_kind(c)):
        _drop(mods, {modifier_kind(c)})
        mods.append(c)


def _drop(mods, kinds, exact=False):
    mods[:] = [m for m in mods if (variant(m)[0] if exact else modifier_kind(m)) not in kinds]


def _remove(mods, kind, label):
    if label is None:
        _drop(mods, {kind})
    else:
        mods[:] = [m for m in mods if not (modifier_kind(m) == kind and variant(m)[1].get("label") == label)]


def _swap(value, old, new):
    if isinstance(value, dict):
        return {k: _swap(v, old, new) for k, v in value.items()}
    if isinstance(value, list):
        return [_swap(v, old, new) for v in value]
    return new if value == old else value


def _wording(clause, kind, text):
    if kind == "Title":
        clause.parts["title"] = text
    else:
        body = [line for line in clause.parts["body"] if variant(line)[0] != "Text"]
        clause.parts["body"] = [{"Text": text}, *body]


def _suspend(v, x, day):
    for target in x["targets"]:
        v.clauses[_find(v, target)].suspensions.append((x["from"], x["through"], x["clocks_stop"], day))


def _extend(v, x, day):
    clause = v.clauses[_find(v, x["target"])]
    kind, to = variant(x["to"])
    if kind == "By":
        clause.extended_by.append(to)
        return
    clause.extended_by = []
    for s in statements(clause.parts["body"]):
        _drop(s["modifiers"], {"Through", "BeforeDate", "Lasting"}, exact=True)
        s["modifiers"].append({"Through": to})


def _restate(v, x, day):
    target = x["target"]
    if target in v.struck:
        v.clauses.append(VersionClause(target, x["with"], day, restarts=[day]))
        del v.struck[target]
        return
    clause = v.clauses[_find(v, target)]
    _put_parts(clause, x["with"])
    clause.suspensions = []
    clause.restarts.append(day)


def _restate_all(v, x, day):
    old = {c.id: c for c in v.clauses}
    fresh = []
    for c in x:
        before = old.pop(c["id"], None)
        if before is None:
            fresh.append(VersionClause(c["id"], c["parts"], day, restarts=[day]))
            v.struck.pop(c["id"], None)
        else:
            _put_parts(before, c["parts"])
            before.suspensions = []
            before.restarts.append(day)
            fresh.append(before)
    for cid in old:
        v.struck[cid] = (day, True)
    v.clauses[:] = fresh


def _set(v, x, day):
    v.settings.append((day, x["name"], x["value"]))


def _nothing(v, x, day):
    """`affirm`, `renumber` and `recites` change nothing that is evaluated."""


_OPERATIONS = {
    "Replace": _replace,
    "Strike": _strike,
    "Insert": _insert,
    "Vary": _vary,
    "Suspend": _suspend,
    "Extend": _extend,
    "Renumber": _nothing,
    "Affirm": _nothing,
    "Restate": _restate,
    "RestateAll": _restate_all,
    "Set": _set,
    "Recites": _nothing,
}
