"""The committed sample of lineitem: bands and a cap per supplier and year. Reads `events.csv`, which benches/tpch-gen wrote."""

import csv
import json
from fractions import Fraction

from common import ROOT, cents, half_even, money

HALF, CAP = cents("500_000"), cents("900_000")
FOLDER = ROOT / "tpch-revenue-share"


def banded(total):
    """70 percent up to half a million, 75 up to a million, 80 above."""
    first, second = min(total, HALF), max(Fraction(0), min(total, 2 * HALF) - HALF)
    return Fraction(70, 100) * first + Fraction(75, 100) * second + Fraction(80, 100) * max(Fraction(0), total - 2 * HALF)


base, counted, totals, lines = {}, {}, {"share-of-supplier": 0, "handling": 0, "air": 0}, []
with open(FOLDER / "events.csv") as f:
    for row, r in enumerate(csv.DictReader(f), 1):
        key = (r["supplier"], r["date"][:4])
        net = Fraction(cents(r["price"])) * (100 - int(r["discount"].rstrip("%"))) / 100
        accrues = {}
        if r["flag"] == "Returned":
            accrues["handling"] = half_even(max(Fraction(500), min(Fraction(40000), net / 50)))
        else:
            before = base.get(key, Fraction(0))
            base[key] = before + net
            amount = min(banded(before + net) - banded(before), CAP - counted.get(key, Fraction(0)))
            so_far = counted.get(key, Fraction(0))
            counted[key] = so_far + amount
            # Rounded on the total of the year: a row gets the difference.
            accrues["share-of-supplier"] = half_even(counted[key]) - half_even(so_far)
        if r["mode"] in ("AIR", "REG-AIR") and int(r["quantity"]) < 10:
            accrues["air"] = 40 * int(r["quantity"])
        for clause, a in accrues.items():
            totals[clause] += a
        lines.append({"row": row, "verdict": "silent", "by": [], "accrues": {c: money(a) for c, a in accrues.items() if a}})
with open(FOLDER / "expected.ndjson", "w") as f:
    f.writelines(json.dumps(line) + "\n" for line in lines)
    f.write(json.dumps({"accrued": {c: money(a) for c, a in totals.items()}}) + "\n")
full = sum(1 for c in counted.values() if c == CAP)
print("tpch-revenue-share", len(lines), "events", {c: money(a) for c, a in totals.items()}, full, "caps met")
