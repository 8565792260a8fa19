"""The expected figures of the examples, worked out apart from the product.

Each script beside this one writes `events.*` and `expected.ndjson` of one deal. It knows nothing of the language: the
verdicts are marks made by hand, the amounts are sums in exact fractions written from the clause's text. Nothing here
reads what the product printed.

    python3 tests/oracle/worked/franchise.py

`expected.ndjson` has a line per event: row, verdict, the clauses that decided, what accrued under which clause; and a last
line with the totals: accrued per clause, time's accruals included, and late interest where a clause bears any.
"""

import json
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3] / "examples"


def cents(text):
    """Minor units of an amount written as 1_234.50."""
    whole, _, rest = text.replace("_", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 100 + int((rest + "00")[:2]))


def money(minor):
    """An amount as 1234.50."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def half_even(x):
    """The nearest whole number, ties to even (what Python's round does with a fraction)."""
    return round(Fraction(x))


class Deal:
    """Rows and totals of one deal as they are written down."""

    def __init__(self, folder, clauses):
        self.folder = ROOT / folder
        self.rows, self.expected = [], []
        self.totals = {c: 0 for c in clauses}
        self.interest = {}

    def event(self, date, kind, verdict="silent", by=(), accrues=None, **fields):
        """An event, what is to come of it, and what accrues (minor units by clause)."""
        assert not self.rows or self.rows[-1]["date"] <= date, date
        self.rows.append({"date": date, "kind": kind, **{k.rstrip("_"): v for k, v in fields.items()}})
        accrues = {c: a for c, a in (accrues or {}).items() if a}
        for clause, amount in accrues.items():
            self.totals[clause] += amount
        self.expected.append(
            {
                "row": len(self.rows),
                "verdict": verdict,
                "by": None if by is None else list(by),
                "accrues": {c: money(a) for c, a in accrues.items()},
            }
        )

    def time(self, clause, amount):
        """What accrues without an event of that day: a period's payment, a top-up, damages, an adjustment."""
        self.totals[clause] += amount

    def write(self, events="events.ndjson"):
        with open(self.folder / events, "w") as f:
            if events.endswith(".csv"):
                names = list(self.rows[0])
                f.write(",".join(names) + "\n")
                f.writelines(",".join(str(row[n]) for n in names) + "\n" for row in self.rows)
            else:
                f.writelines(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in self.rows)
        totals = {"accrued": {c: money(a) for c, a in self.totals.items()}}
        if self.interest:
            totals["interest"] = {c: money(a) for c, a in self.interest.items()}
        with open(self.folder / "expected.ndjson", "w") as f:
            f.writelines(json.dumps(line) + "\n" for line in self.expected)
            f.write(json.dumps(totals) + "\n")
        print(self.folder.name, len(self.rows), "events", totals)
