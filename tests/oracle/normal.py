"""The form in which the oracle's reports and the binary's outcome file are compared.

Invariant: amounts of zero, amounts still provisional, and remarks meant for people are left out on both sides.
"""

import json
from fractions import Fraction

from values import decimals, plain


def of_oracle(outcomes, clock):
    """The oracle's reports in normal form: (rows, dated)."""
    rows = {}
    for o in outcomes:
        rows[o["row"]] = dict(
            date=o["date"].isoformat(),
            kind=o["kind"],
            verdict=o["verdict"],
            clauses=sorted(o["clauses"]),
            duties=sorted(_duty(d["clause"], d["key"], d["what"], d["deadline"] and d["deadline"].isoformat()) for d in o["duties"]),
            accruals=_accruals(o["accruals"]),
        )
    dated = {}
    for c in clock:
        if c["what"] == "provisional":
            continue
        where = (c["date"].isoformat(), c["what"], c["clause"], tuple(c["key"]))
        if "accrual" in c:
            a = c["accrual"]
            where += (a["payer"], a["payee"], a["component"], a["currency"])
            _add(dated, where, a["amount"])
        else:
            _add(dated, where, c.get("amount", 1))
    return rows, {k: v for k, v in dated.items() if v}


def _add(sums, where, amount):
    sums[where] = sums.get(where, 0) + amount


def _duty(clause, key, what, deadline):
    return (clause, tuple(key), what, deadline or "")


def _accruals(accruals):
    sums = {}
    for a in accruals:
        _add(sums, (a["clause"], tuple(a["key"]), a["payer"], a["payee"], a["component"], a["currency"]), a["amount"])
    return sorted((k, v) for k, v in sums.items() if v)


def _minor(text, currency):
    return int(Fraction(text) * 10 ** decimals(currency))


def _record(a):
    return dict(
        clause=a["clause"],
        key=tuple(a.get("key", ())),
        payer=a["payer"],
        payee=a["payee"],
        component=a["component"],
        currency=a["currency"],
        amount=_minor(a["amount"], a["currency"]),
    )


def of_binary(path):
    """An outcome file in normal form: (rows, dated)."""
    rows, dated = {}, {}
    with open(path, encoding="utf-8") as f:
        records = [json.loads(line) for line in f]
    for r in records:
        if r["record"] == "event":
            rows[r["row"]] = dict(
                date=r["date"],
                kind=r["kind"],
                verdict=r["verdict"],
                clauses=sorted(r["clauses"]),
                duties=sorted(_duty(d["clause"], d.get("key", ()), d["what"], d.get("deadline")) for d in r.get("duties", [])),
                accruals=_accruals([_record(a) for a in r.get("accruals", [])]),
            )
        elif r["record"] == "clock" and r["what"] != "effect":
            where = (r["date"], r["what"], r["clause"], tuple(r.get("key", ())))
            if "accrual" in r:
                a = _record(r["accrual"])
                if "provisional" in (r["accrual"].get("reason") or ""):
                    continue
                where += (a["payer"], a["payee"], a["component"], a["currency"])
                _add(dated, where, a["amount"])
            else:
                _add(dated, where, _minor(r["amount"], r["currency"]) if "amount" in r else 1)
    return rows, {k: v for k, v in dated.items() if v}


def differences(oracle, binary):
    """What the two sides say differently, in the order of rows and of time."""
    out = []
    for row in sorted(set(oracle[0]) | set(binary[0])):
        a, b = oracle[0].get(row), binary[0].get(row)
        if a is None or b is None:
            out.append(f"row {row}: only the {'binary' if a is None else 'oracle'} has it")
            continue
        for k in a:
            if a[k] != b[k]:
                out.append(f"row {row} ({a['date']} {a['kind']}): {k}: oracle {show(a[k])}, binary {show(b[k])}")
    for where in sorted(set(oracle[1]) | set(binary[1])):
        a, b = oracle[1].get(where, 0), binary[1].get(where, 0)
        if a != b:
            out.append(f"clock {' '.join(str(w) for w in where)}: oracle {_money(a, where)}, binary {_money(b, where)}")
    return out


def show(value):
    return "nothing" if value == [] else str(value)


def _money(amount, where):
    return f"{plain(amount, where[-1])} {where[-1]}" if len(where) == 8 else str(amount)
