"""Rows from files, typed by the deal's declarations."""

import csv
import json
from datetime import date, datetime, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from history import Event
from tree import Fault, variant
from values import ClauseRef, Length, Money, Person, Term, in_minor


def read_rows(deal, path, paid_in=None):
    """The rows of an NDJSON or CSV file. `paid_in` tells the currency of a clause, in which a `Payment` for it is."""
    out = []
    with open(path, encoding="utf-8", newline="") as f:
        if path.endswith(".csv"):
            records = [{k: v for k, v in r.items() if v != ""} for r in csv.DictReader(f)]
        else:
            records = [json.loads(line, parse_float=Decimal) for line in f if line.strip()]
    for i, record in enumerate(records):
        out.append(row(deal, i + 1, record, paid_in))
    return out


def row(deal, number, record, paid_in=None):
    """One row."""
    kind = record["kind"]
    declared = deal.events[kind]
    if "at" in record:
        at = moment(record["at"], deal.zone)
        day = at.astimezone(ZoneInfo(deal.zone)).date()
    else:
        day = date.fromisoformat(record["date"])
    fields = {}
    if kind == "Payment":
        declared = {**{n: (ty_of(deal, n), True) for n in record if n not in ("kind", "date", "at")}, **declared}
    for name, (ty, _) in declared.items():
        raw = record.get(name)
        if kind == "Payment" and name == "amount" and paid_in is not None:
            ty = {"Money": {"currency": code_in(raw) or paid_in(record["for"]), "per": None}}
        fields[name] = None if raw is None else typed(deal, ty, raw)
    return Event(number, day, kind, fields)


def ty_of(deal, name):
    """The type of a key field, from any event kind that has it: a payment may name the instance it is for."""
    return next((f[name][0] for f in deal.events.values() if name in f), "Text")


def code_in(raw):
    """The currency that a cell names, or None."""
    return next((w for w in str(raw).split() if len(w) == 3 and w.isalpha()), None)


def moment(text, zone):
    """An instant; without an offset, in the deal's zone."""
    t = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return t if t.tzinfo else t.replace(tzinfo=ZoneInfo(zone))


_UNITS = {"hour": "Hours", "day": "Days", "business day": "BusinessDays", "week": "Weeks", "month": "Months"}
_UNITS |= {"quarter": "Quarters", "year": "Years"}


def typed(deal, ty, raw):
    """A cell as a value."""
    kind, x = variant(ty)
    if kind == "Bool":
        return raw if isinstance(raw, bool) else str(raw) == "true"
    if kind in ("Int", "Decimal"):
        return Fraction(str(raw))
    if kind == "Percent":
        text = str(raw)
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    if kind == "Money":
        currency = x["currency"] or deal.currency
        digits = [w for w in str(raw).split() if not w.isalpha()]
        return Money(in_minor(Fraction(digits[0]), currency), currency, x["per"])
    if kind == "Date":
        return date.fromisoformat(raw)
    if kind == "Instant":
        return moment(raw, deal.zone).astimezone(timezone.utc)
    if kind == "Duration":
        count, unit = raw.split(" ", 1)
        return Length(int(count), _UNITS[unit.rstrip("s")])
    if kind == "Text":
        return raw
    if kind == "Party":
        return Person(raw)
    if kind == "Clause":
        return ClauseRef(raw)
    if kind == "Named":
        return Term(x, raw)
    raise Fault(f"unknown type {kind}")
